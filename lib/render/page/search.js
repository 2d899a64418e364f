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
const pointer_of = v => v.startsWith('/') ? v : '/' +
	v.replace(/^\./, '').replace(/\[(\d+)\]/g, '.$1').replace(/\./g, '/');

/* Did a record set or remove the path, or one above or below it? */
const touches = (r, path) => Array.isArray(r.undo) && r.undo.some(n =>
	paths_of(n).some(p => p === path || p.startsWith(path + '/') ||
	    path.startsWith(p + '/') || p === ''));

/* "19:55:46", "19:55:46.25" on the day of the first event, or a whole time. */
function moment(text) {
	const m = text.match(/^(?:(\d{4}-\d\d-\d\d)t?)?(\d\d:\d\d(?::\d\d)?)?(?:\.(\d{1,6}))?z?$/);
	if (!m || !m[1] && !m[2]) return NaN;
	const base = Date.parse((m[1] || iso(data.span[0]).slice(0, 10)) + 'T' +
	    (m[2] || '00:00') + 'Z');
	return base * 1e3 + +(m[3] || '').padEnd(6, '0');
}
function within(e, v) {
	const [a, b] = v.split('..');
	if (e.t === null || b === undefined) return e.t !== null && iso(e.t).toLowerCase().includes(v);
	const from = a === '' ? -Infinity : moment(a), to = b === '' ? Infinity : moment(b);
	return e.t >= from && e.t < to;
}
const UNITS = {'µs': 1, us: 1, ms: 1e3, s: 1e6, min: 60e6};
function took_so(e, v) {
	const m = v.match(/^([<>]?)=?([\d.]+)(µs|us|ms|s|min)$/);
	if (!m) return false;
	return m[1] === '<' ? e.took < m[2] * UNITS[m[3]] : e.took >= m[2] * UNITS[m[3]];
}
function is_row(r, v) {
	if (r.text === undefined || !has(data.texts[r.text], '"table"')) return false;
	return rows_of(r).some(([table, line]) => table.toLowerCase() === v ||
	    (table + ':' + line).toLowerCase() === v);
}
/* The rows of tables that a record's stage took: [table, line, hash]. */
const row_cache = new Map();
function rows_of(r) {
	if (r.text === undefined) return [];
	if (row_cache.has(r.text)) return row_cache.get(r.text);
	const from = member(r.more, 'from'), rows = [];
	const table = said(member(from, 'table'));
	const add = n => {
		const line = member(n, 'line');
		if (line && line.raw) rows.push([table, plain(line), said(member(n, 'hash')) || '']);
	};
	if (table !== undefined) {
		add(from);
		((member(from, 'rows') || {}).items || []).forEach(add);
	}
	row_cache.set(r.text, rows);
	return rows;
}

const FIELDS = {
	id: (e, v) => e.id.startsWith(v) || short_id(e).startsWith(v),
	source: (e, v) => e.source.toLowerCase() === v || e.from.toLowerCase() === v ||
	    e.source.toLowerCase().startsWith(v + '[') || has(e.source, v) && !data.sources.some(s => s.name.toLowerCase() === v),
	outcome: (e, v) => e.fate === v || WORDS[e.fate] === v || v === 'lost' && e.fate !== 'out',
	op: (e, v) => e.recs.some(r => data.stages[r.stage].op === v),
	stage: (e, v) => e.recs.some(r => stage_is(r.stage, v)),
	passed: (e, v) => e.recs.some(r => stage_is(r.stage, v)) && !stage_is(e.lost, v),
	changed: (e, v) => v === 'outside' ? e.outside.length > 0 :
	    e.changed.some(k => stage_is(k, v)),
	lost: (e, v) => stage_is(e.lost, v),
	path: (e, v) => e.recs.some(r => touches(r, pointer_of(v))),
	table: (e, v) => e.recs.some(r => is_row(r, v)),
	error: (e, v) => !!e.error && has(e.error, v),
	took: took_so,
	time: within,
	fork: (e, v) => e.forks !== '' && (v === '' || e.forks.split(' ').includes(v)),
};

/* A member of the event: found by its last key in the text, then looked at. */
function member_is(e, path, v) {
	const keys = path.replace(/^\./, '').replace(/\[(\d+)\]/g, '.$1').split('.');
	if (e.no_json || !e.hay.includes(keys[keys.length - 1]) || !e.hay.includes(v))
		return false;
	return flat(e).some(([p, value]) => {
		const is = p.toLowerCase().replace(/\[(\d+)\]/g, '.$1');
		return (is === keys.join('.') || is.startsWith(keys.join('.') + '.')) &&
		    has(value, v);
	});
}
function read_term(raw) {
	const m = raw.match(/^(-?)(?:([a-z]+|\.[^\s:"]+):)?(.*)$/is);
	const field = m[2] && m[2].toLowerCase();
	const known = field && Object.hasOwn(FIELDS, field), path = field && field[0] === '.';
	const v = (known || path ? m[3] : (m[2] ? m[2] + ':' : '') + m[3])
	    .replace(/^"|"$/g, '').toLowerCase();
	const not = m[1] === '-' && (v !== '' || known);
	const f = known ? FIELDS[field] : path ? (e, x) => member_is(e, field, x) : null;
	const test = e => v === '' && !not ? true : !!(f ? f(e, v) : e.hay.includes(v)) !== not;
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
