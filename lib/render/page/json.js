/*
 * json.js - JSON that keeps spelling, order and repeats.
 *
 * A value is {members: [[key, value, spelled]]}, {items: [value]} or
 * {raw: text}.  Old and new states of an event share what is the same, so no
 * value is changed once it is made, but for .by: the stage that set it.
 */
function parse(text) {
	const token = /\s*([{}\[\]:,]|"(?:[^"\\]|\\.)*"|[^\s{}\[\]:,"]+)/y;
	const next = () => token.exec(text)[1];
	const value = t => {
		if (t === '{') {
			const members = [];
			for (let k = next(); k !== '}'; k = next()) {
				if (k === ',') k = next();
				next();
				members.push([JSON.parse(k), value(next()), k]);
			}
			return {members};
		}
		if (t !== '[') return {raw: t};
		const items = [];
		for (let v = next(); v !== ']'; v = next())
			items.push(value(v === ',' ? next() : v));
		return {items};
	};
	return value(next());
}
const write = n => n.members ? '{' + n.members.map(([k, v, s]) =>
	(s || JSON.stringify(k)) + ':' + write(v)).join() + '}' :
	n.items ? '[' + n.items.map(write).join() + ']' :
	n.forgotten ? 'forgotten' : n.raw;

/* As JavaScript has it; of a number the worth, not the spelling. */
const plain = n => n === undefined ? undefined :
	n.members ? Object.fromEntries(n.members.map(([k, v]) => [k, plain(v)])) :
	n.items ? n.items.map(plain) : JSON.parse(n.raw);
const said = n => n && n.raw !== undefined && n.raw[0] === '"' ?
	JSON.parse(n.raw) : undefined;

function member(n, key) {
	const m = n && n.members && n.members.findLast(([k]) => k === key);
	return m && m[1];
}
function leaves(n, f) {
	if (n.members) n.members.forEach(m => leaves(m[1], f));
	else if (n.items) n.items.forEach(i => leaves(i, f));
	else f(n);
}
const children = n => n.members || n.items.map((v, i) => [i, v]);

/* JSON Pointers (RFC 6901). */
const keys_of = path => path === '' ? [] : path.slice(1).split('/').map(k =>
	k.replace(/~1/g, '/').replace(/~0/g, '~'));
const step = (path, key) => path + '/' +
	String(key).replace(/~/g, '~0').replace(/\//g, '~1');
const at = (n, path) => keys_of(path).reduce((m, k) => m &&
	(m.items ? m.items[+k] : member(m, k)), n);
/* The same as the language of our programs has it: .a."b c"[0] */
const as_jq = keys => keys.map(k => typeof k === 'number' ? '[' + k + ']' :
	/^[a-z_]\w*$/i.test(k) ? '.' + k : '.' + JSON.stringify(k)).join('') || '.';
