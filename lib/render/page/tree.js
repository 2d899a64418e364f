/*
 * tree.js - the event before and after a stage, with who set what beside it.
 */

/* Lines of a comparison: {i, key, path, kind: same|add|del|chg, a, b, na, nb} */
function compare(b, a) {
	const out = [];
	compare_at(out, {b, a, path: '', i: 0, key: null, last: true});
	return out;
}
const brace = n => n.members ? '{}' : '[]';
/* The text of a value that takes one line, else null. */
const flat_text = n => n.raw !== undefined ? n.forgotten ? 'forgotten' : n.raw :
	children(n).length ? null : brace(n);
const in_line = n => flat_text(n) ?? write(n);

function compare_at(out, c) {
	const {a, b} = c, one = a || b;
	const push = (kind, tb, ta, more) => out.push({i: c.i, key: c.key, path: c.path, kind, b: tb, a: ta, nb: b, na: a,
	    comma: c.last ? '' : ',', ...more});
	const both = a && b && (a.members && b.members || a.items && b.items);
	const opens = both ? children(a).length + children(b).length > 0 : !(a && b) && flat_text(one) === null;
	if (!opens) {
		const tb = b && in_line(b), ta = a && in_line(a);
		push(!b ? 'add' : !a ? 'del' : tb === ta ? 'same' : 'chg', tb, ta, {leaf: true});
		return;
	}
	const kind = !b ? 'add' : !a ? 'del' : 'same', [left, right] = brace(one);
	push(kind, left, left, {comma: ''});
	const pairs = one.members ? pair_members(b, a) : pair_items(b, a);
	pairs.forEach(([key, vb, va, spelled], x) => compare_at(out, {b: vb, a: va, path: step(c.path, key), i: c.i + 1,
	    key: one.members ? spelled : null, last: x === pairs.length - 1}));
	out.push({i: c.i, key: null, path: c.path, kind, b: right, a: right, nb: b, na: a, comma: c.last ? '' : ',', end: true});
}
function pair_items(b, a) {
	const ib = b ? b.items : [], ia = a ? a.items : [], pairs = [];
	for (let k = 0; k < Math.max(ia.length, ib.length); k++) pairs.push([k, ib[k], ia[k]]);
	return pairs;
}
/* Members in the order of the newer one, removed ones where they stood. */
function pair_members(b, a) {
	const mb = b ? b.members : [], ma = a ? a.members : [], pairs = [];
	const inA = new Set(ma.map(m => m[0])), inB = new Map(mb.map(m => [m[0], m[1]]));
	let p = 0;
	const removed = () => {
		for (; p < mb.length && !inA.has(mb[p][0]); p++)
			pairs.push([mb[p][0], mb[p][1], undefined, spelled(mb[p])]);
	};
	for (const m of ma) {
		removed();
		pairs.push([m[0], inB.get(m[0]), m[1], spelled(m)]);
		if (p < mb.length && mb[p][0] === m[0]) p++;
	}
	for (; p < mb.length; p++)
		if (!inA.has(mb[p][0])) pairs.push([mb[p][0], mb[p][1], undefined, spelled(mb[p])]);
	return pairs;
}
const spelled = ([key, , text]) => text || JSON.stringify(key);

/* What two spellings have in common at their ends is left plain. */
function marks(text, other, tag) {
	const most = Math.min(text.length, other.length);
	let p = shared(text, other), q = 0;
	while (q < most - p && text[text.length - 1 - q] === other[other.length - 1 - q]) q++;
	if (p + q < 4 || p + q < text.length / 4) p = q = 0;
	return [shorten(text.slice(0, p)), p + q < text.length && el(tag, shorten(text.slice(p, text.length - q), 600)),
	    shorten(text.slice(text.length - q))];
}

/* The record that set all of a value; '' where several did. */
function set_by(n) {
	if (!n) return '';
	if (n.raw !== undefined) return n.by || 0;
	const all = new Set();
	leaves(n, x => all.add(x.by || 0));
	return all.size === 1 ? [...all][0] : '';
}
/* What stands in the gutter. */
function setter_name(e, by) {
	if (by === '') return '';
	if (by) return state_name(e, by);
	if (e.beyond) return 'outside after ' + e.beyond + ', or before';
	return e.stuck ? 'stage ' + e.stuck + ' or before' : first_state(e) ? state_name(e, 1) : 'as read';
}
function tree_line(e, k, r) {
	const by = r.end ? '' : set_by(r.kind === 'del' ? r.nb : r.na), name = setter_name(e, by);
	const key = () => r.key === null ? '' : el('span.key', r.key + ': ');
	const word = {add: 'added', del: 'removed', chg: 'changed'}[r.kind];
	const cell = (cls, sign, text, other, tag) => el('div.t1.' + cls, {'data-s': sign, style: '--i:' + r.i,
	    'aria-hidden': r.kind === 'same' && cls === 'b' && 'true'}, el('span', text === undefined ? '' : [key(),
		el('span.v' + (text === 'forgotten' ? '.gone' : ''), r.kind === 'chg' ? marks(text, other, tag) : shorten(text, 240)), r.comma]));
	const line = el('div.ln.' + r.kind, el('div.g' + (by && by === k ? '.here' : ''), {title: name}, el('span.cut', name),
		word && el('span.hide', ', ' + word + ': ')),
	    cell('b', {del: '−', chg: '~'}[r.kind] || '', r.b, r.a, 'del'), cell('a', {add: '+', chg: '~'}[r.kind] || '', r.a, r.b, 'ins'));
	if (r.end || !r.leaf) return line;
	set(line, {role: 'button', tabindex: -1, 'data-path': r.path, 'aria-expanded': 'false',
	    onclick: () => { if (!String(getSelection())) toggle(e, k, line); }});
	line.classList.add('can');
	line.row = r;
	return line;
}
/* Which lines stay where long stretches without a change are folded. */
function stay(list) {
	const near = list.map((r, i) => i === 0 || i === list.length - 1 ||
	    list.slice(Math.max(0, i - 3), i + 4).some(x => x.kind !== 'same'));
	for (let i = 0, n = 0; i < near.length; i++) {
		n = near[i] ? 0 : n + 1;
		if (n && n < 5 && near[i + 1]) near.fill(true, i - n + 1, i + 1);
	}
	return near;
}
function fold_button(nodes) {
	return el('button.fold', {onclick: ev => {
		ev.target.replaceWith(...nodes);
		const can = nodes.find(n => n.classList.contains('can'));
		if (can) focus_line(can);
	}}, '⋯ ' + many(nodes.length, 'line') + ' without a change');
}
const MOST_LINES = 2000;
function tree(e, k, before, now, same) {
	const all = compare(before, now), list = all.slice(0, MOST_LINES), s = k && stage_of(e, k);
	const failed = k && k === e.recs.length && e.fate !== 'out';
	const box = el('div.tree' + (same ? '' : '.two'), {role: 'group', 'aria-label': 'The event after this stage; Enter on a value tells why'},
	    el('div.cap', {'aria-hidden': 'true'}, el('span', 'set by'), !same && el('span.b', 'before ' + title(s)),
		el('span.a', !k ? 'as read' : failed ? 'as ' + title(s) + ' received it' : 'after ' + title(s))));
	const near = stay(list), lines = list.map(r => tree_line(e, k, r));
	let who = '', folded = [];
	const fold = () => {
		if (folded.length) box.append(fold_button(folded));
		folded = [];
	};
	lines.forEach((line, i) => {
		const g = line.firstChild, name = g.firstChild.textContent;
		if (name && name === who) g.classList.add('again');
		who = name || who;
		if (!same && list.length > 24 && !near[i]) return void folded.push(line);
		fold();
		box.append(line);
	});
	fold();
	if (all.length > list.length) box.append(el('p.none', num(all.length - list.length) + ' more lines'));
	const can = [...box.querySelectorAll('.can')];
	const first = can.find(x => !x.classList.contains('same')) || can[0];
	if (first) first.tabIndex = 0;
	const picked = chosen !== null && lines.find(x => x.dataset.path === chosen);
	if (picked && picked.parentNode) because(e, k, picked);
	else chosen = null;
	return box;
}
function focus_line(line) {
	document.querySelectorAll('.ln.can[tabindex="0"]').forEach(x => { x.tabIndex = -1; });
	line.tabIndex = 0;
	line.focus();
}
function next_line(line, by) {
	const all = [...document.querySelectorAll('.ln.can')], next = all[all.indexOf(line) + by];
	if (next) focus_line(next);
}
