/*
 * search.js - words, "quoted words", field:value, .path:value, -not.
 *
 * The text of the search is all the state that the list has: what is clicked
 * writes it, so that clicks teach the language.
 */
const has = (s, v) => String(s).toLowerCase().includes(v);
const stage_is = (k, v) => {
	const s = data.stages[k];
	return !!s && (title(s).toLowerCase() === v ||
	    (s.op + ' ' + s.name).toLowerCase() === v || String(k + 1) === v);
};
/*
 * All that words are looked for in is one text, an event a line: to search it
 * once is far faster than to search each event.
 */
let hay = null, lines = null;
function make_hay() {
	const texts = E.map(e => (e.text + ' ' + e.id + ' ' + e.from + ' ' + (e.error || '')).replace(/\n/g, ' '));
	lines = new Uint32Array(texts.length + 1);
	hay = texts.join('\n').toLowerCase();
	for (let i = 0, at = 0; i < texts.length; i++) {
		lines[i] = at;
		at = hay.indexOf('\n', at) + 1 || hay.length + 1;
	}
	lines[texts.length] = hay.length + 1;
}
/* Which events hold a text, by their place in E. */
const hits = new Map();
function holding(v) {
	if (hits.has(v)) return hits.get(v);
	if (!hay) make_hay();
	const is = new Uint8Array(E.length);
	for (let i = 0, at = hay.indexOf(v); at >= 0; at = hay.indexOf(v, lines[i])) {
		while (lines[i + 1] <= at) i++;
		is[i++] = 1;
		if (i >= E.length) break;
	}
	if (hits.size > 20) hits.clear();
	hits.set(v, is);
	return is;
}

/* Which of all stages, or texts, something holds for, asked once. */
const which_stages = f => Array.from(data.stages, (s, k) => f(s, k));
function which_texts(f) {
	const known = new Map();
	return n => {
		let is = known.get(n);
		if (is === undefined) known.set(n, is = f(n));
		return is;
	};
}
const pointer_of = v => v.startsWith('/') ? v : '/' +
	v.replace(/^\./, '').replace(/\[(\d+)\]/g, '.$1').replace(/\./g, '/');

/* "19:55:46", "19:55:46.25" on the day of the first event, or a whole time. */
function moment(text) {
	const m = text.match(/^(?:(\d{4}-\d\d-\d\d)t?)?(\d\d:\d\d(?::\d\d)?)?(?:\.(\d{1,6}))?z?$/);
	if (!m || !m[1] && !m[2]) return NaN;
	const base = Date.parse((m[1] || iso(data.span[0]).slice(0, 10)) + 'T' +
	    (m[2] || '00:00') + 'Z');
	return base * 1e3 + +(m[3] || '').padEnd(6, '0');
}
function within(v) {
	const [a, b] = v.split('..');
	if (b === undefined) return e => e.t !== null && iso(e.t).toLowerCase().includes(v);
	const from = a === '' ? -Infinity : moment(a), to = b === '' ? Infinity : moment(b);
	return e => e.t !== null && e.t >= from && e.t < to;
}
const UNITS = {'µs': 1, us: 1, ms: 1e3, s: 1e6, min: 60e6};
function took_so(v) {
	const m = v.match(/^([<>]?)=?([\d.]+)(µs|us|ms|s|min)$/), u = m && m[2] * UNITS[m[3]];
	return e => !!m && (m[1] === '<' ? e.took < u : e.took >= u);
}
/* The rows of tables in what a record says more: [table, line, hash]. */
const row_cache = new Map();
function rows_in(n) {
	if (row_cache.has(n)) return row_cache.get(n);
	const from = member(parse(data.texts[n]), 'from'), rows = [], table = said(member(from, 'table'));
	const add = row => {
		const line = member(row, 'line');
		if (line && line.raw) rows.push([table, plain(line), said(member(row, 'hash')) || '']);
	};
	if (table !== undefined) {
		add(from);
		((member(from, 'rows') || {}).items || []).forEach(add);
	}
	row_cache.set(n, rows);
	return rows;
}
const rows_of = r => r.text === undefined ? [] : rows_in(r.text);

/* Did a record set or remove the path, or one above or below it? */
function touched_path(path) {
	const is = which_texts(n => paths_of(n).some(p => p === path || p.startsWith(path + '/') ||
	    path.startsWith(p + '/') || p === ''));
	return e => e.recs.some(r => Array.isArray(r.undo) && r.undo.some(is));
}
const took_row = v => {
	const is = which_texts(n => has(data.texts[n], '"table"') && rows_in(n).some(([table, line]) =>
	    table.toLowerCase() === v || (table + ':' + line).toLowerCase() === v));
	return e => e.recs.some(r => r.text !== undefined && is(r.text));
};
const came_by = which => e => e.recs.some(r => which[r.stage]);
const by_name = v => which_stages((s, k) => stage_is(k, v));
function from_source(v) {
	const whole = data.sources.some(s => s.name.toLowerCase() === v);
	return e => {
		const s = e.source.toLowerCase();
		return s === v || s.startsWith(v + '[') || !whole && s.includes(v) || e.from.toLowerCase() === v;
	};
}

/* Each makes, of what is looked for, a test of events. */
const FIELDS = {
	id: v => e => v === '' ? e.id === '' : e.id.startsWith(v) || short_id(e).startsWith(v) || v.length > 5 && e.id.endsWith(v.replace('…', '')),
	source: from_source,
	outcome: v => e => e.fate === v || WORDS[e.fate] === v || v === 'lost' && e.fate !== 'out',
	op: v => came_by(which_stages(s => s.op === v)),
	stage: v => came_by(by_name(v)),
	passed: v => { const is = by_name(v); return e => !is[e.lost] && e.recs.some(r => is[r.stage]); },
	changed: v => {
		if (v === 'outside') return e => e.outside.length > 0;
		const is = by_name(v);
		return e => e.recs.some(r => r.changed && is[r.stage]);
	},
	lost: v => { const is = by_name(v); return e => is[e.lost] === true; },
	path: v => touched_path(pointer_of(v)),
	table: took_row,
	error: v => e => !!e.error && has(e.error, v),
	took: took_so,
	time: within,
	fork: v => e => e.forks !== '' && (v === '' || e.forks.split(' ').includes(v)),
};

/* A member of the event: its last key is in the text, and then looked at. */
function member_is(path, v) {
	const keys = path.replace(/^\./, '').replace(/\[(\d+)\]/g, '.$1').split('.'), whole = keys.join('.');
	const key = keys[keys.length - 1];
	const value_in = holding(v), key_in = holding(key);
	return e => !e.no_json && value_in[e.n] && key_in[e.n] && flat(e).some(([p, value]) => {
		const is = p.toLowerCase().replace(/\[(\d+)\]/g, '.$1');
		return (is === whole || is.startsWith(whole + '.')) && has(value, v);
	});
}
function read_term(raw) {
	const m = raw.match(/^(-?)(?:([a-z]+|\.[^\s:"]+):)?(.*)$/is);
	const field = m[2] && m[2].toLowerCase();
	const known = field && Object.hasOwn(FIELDS, field), path = field && field[0] === '.';
	const v = (known || path ? m[3] : (m[2] ? m[2] + ':' : '') + m[3])
	    .replace(/^"|"$/g, '').toLowerCase();
	const not = m[1] === '-' && (v !== '' || known);
	const is = known ? FIELDS[field](v) : path ? member_is(field, v) : (hits => e => hits[e.n] === 1)(v === '' ? [] : holding(v));
	const test = v === '' && !known ? () => true : not ? e => !is(e) : is;
	return {raw, v, not, test, field: known ? field : '', text: !known && !path,
	    unknown: m[2] && !known && !path && !/^\/\//.test(m[3]) ? m[2] : ''};
}
const read_terms = text => (text.match(/-?(?:(?:[a-z]+|\.[^\s:"]+):)?(?:"[^"]*"?|\S+)|-?[a-z]+:/gi) ||
	[]).map(read_term);
/* The cheap ones first: words, then what is looked at piece by piece. */
const select = terms => E.filter(e => terms.every(t => t.test(e)));

const BY = {
	time: (a, b) => (a.t ?? Infinity) - (b.t ?? Infinity) ||
	    (a.id < b.id ? -1 : a.id > b.id ? 1 : a.i - b.i),
	duration: (a, b) => a.took - b.took || a.i - b.i,
	outcome: (a, b) => a.fate < b.fate ? -1 : a.fate > b.fate ? 1 : BY.time(a, b),
};
/* Without a search and a click the list is in this order: sorted once. */
const in_time = E.slice().sort((a, b) => BY.time(a, b) || 0);
E.splice(0, E.length, ...in_time);
E.forEach((e, n) => { e.n = n; });

let query = [], found = E, sort = {by: 'time', down: false}, current = -1;
function find() {
	query = read_terms($('q').value);
	found = query.length ? select(query) : E.slice();
	if (sort.by !== 'time') found.sort(BY[sort.by]);
	if (sort.down) found.reverse();
}
/* The search with one field's term replaced, or left out where v is ''. */
function with_term(field, v) {
	const rest = query.filter(t => t.field !== field).map(t => t.raw);
	return [...rest, ...v ? [field + ':' + v] : []].join(' ');
}
