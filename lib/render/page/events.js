/*
 * events.js - what the page was made of.
 *
 * An event is [id, source, line, fate, time, text, records, more], a record
 * [stage, time since the one before, undo, more]; an undo is a list of numbers
 * of data.texts, 0 where there is none, -1 where it is no list of operations,
 * -2 where it was left out since it was too long.
 */
const data = JSON.parse($('data').textContent);
const FATES = ['out', 'away', 'rejected', 'empty'];
const WORDS = {out: 'out', away: 'turned away', rejected: 'rejected',
	empty: 'no output', dropped: 'dropped'};
/* The mark of a fate; that a program gave no output is a way to be away. */
const MARK = {out: 'out', away: 'away', empty: 'away', rejected: 'rejected',
	dropped: 'dropped'};
const title = s => s.name || s.op || '?';
const is_plain = s => s.op === 'filter' || s.op === 'schema' || s.op === 'trace';

function read_record([stage, took, undo, more]) {
	return {stage, took: took || 0, timed: typeof took === 'number',
	    undo: undo || 0, text: more, changed: !!undo && undo.length !== 0,
	    /* What else its record says, read where it is asked for. */
	    get more() {
		    Object.defineProperty(this, 'more',
			{value: parse(more === undefined ? '{}' : data.texts[more])});
		    return this.more;
	    }};
}
function read_event([id, source, line, fate, t, text, records, more = {}], i) {
	const s = data.sources[source], recs = records.map(read_record);
	const from = s ? s.name + (s.mark || ':') + line : '';
	const e = {i, id, line, t, text, recs, from, fate: FATES[fate],
	    source: s ? s.name : '', error: more.error, forks: more.forks || '',
	    outside: more.outside || [], no_json: more.plain,
	    took: recs.reduce((a, r) => a + r.took, 0),
	    lost: fate && recs.length ? recs[recs.length - 1].stage : -1};
	/* The stage that lost an event is its last record, and changed nothing. */
	if (fate && recs.length) recs[recs.length - 1].changed = false;
	e.changed = recs.filter(r => r.changed).map(r => r.stage);
	e.key = (id || from || 'event-' + (i + 1)) + (e.forks ? '~' + e.forks : '');
	e.hay = (text + ' ' + id + ' ' + from + ' ' + (e.error || '')).toLowerCase();
	return e;
}
const E = data.events.map(read_event);
data.events = null;
const slowest = E.reduce((m, e) => Math.max(m, e.took), 1);

/* Amounts before a stage that dropped events, or made one of many, count them. */
function complete_amounts() {
	let behind = 0;
	for (const s of data.stages.toReversed()) {
		behind += s.dropped;
		s.came += behind;
		s.went += behind - s.dropped;
		s.lost = s.away + s.empty + s.rejected + s.dropped;
	}
}
complete_amounts();

/*
 * A short id leaves out what all ids share, and is as long as it takes to
 * tell them apart; forks add their numbers.
 */
const ids = E.map(e => e.id).sort();
const skip = ids.length > 1 ?
	ids[0].slice(0, shared(ids[0], ids[ids.length - 1])).lastIndexOf('-') + 1 : 0;
const id_width = Math.min(14, Math.max(8, 1 + ids.reduce((m, id, i) => i &&
	id !== ids[i - 1] ? Math.max(m, shared(id, ids[i - 1])) : m, 0) - skip));
const short_id = e => (e.id ? e.id.slice(skip, skip + id_width).replace(/-$/, '') :
	'#' + (e.i + 1)) + (e.forks ? ' ' + e.forks : '');
const id_cells = E.reduce((m, e) => Math.max(m, short_id(e).length), 4);
document.documentElement.style.setProperty('--id', Math.min(24, id_cells));

/*
 * The first words of an event are those that set it apart: what few others
 * have, and is short.  What counts up or tells the time differs everywhere,
 * and so sets nothing apart for a reader.
 */
function flat(e) {
	if (e.flat) return e.flat;
	const out = [];
	const walk = (n, path) => {
		if (n.raw === undefined)
			for (const [k, v] of children(n)) walk(v, n.items ?
			    path + '[' + k + ']' : path ? path + '.' + k : k);
		else out.push([path, n.raw[0] === '"' ? n.raw.slice(1, -1) : n.raw]);
	};
	if (e.no_json) out.push(['text', e.text]);
	else walk(parse(e.text), '');
	return e.flat = out;
}
let habits;
function learn_habits() {
	const every = Math.max(1, Math.floor(E.length / 300));
	habits = {n: 0, paths: new Map()};
	for (let i = 0; i < E.length; i += every) {
		habits.n++;
		for (const [path, v] of flat(E[i])) {
			let p = habits.paths.get(path);
			if (!p) habits.paths.set(path, p = new Map());
			p.set(v, (p.get(v) || 0) + 1);
		}
	}
}
function telling([path, v]) {
	const p = habits.paths.get(path), n = habits.n;
	if (v === '' || v === '-' || v === 'null') return 0;
	if (!p) return 8; /* a member that hardly any event has */
	const bits = Math.log2((n + 1) / ((p.get(v) || 0) + .5));
	const serial = p.size > .9 * n && n > 8 && /^[\d.:+TZ\/\s-]+$/i.test(v);
	return bits * (serial ? .3 : p.size > .9 * n ? .8 : 1) / (1 + v.length / 60);
}
function first_words(e, max) {
	if (!habits) learn_habits();
	const all = flat(e).map((f, i) => [telling(f), i, f]);
	return all.sort((a, b) => b[0] - a[0] || a[1] - b[1]).slice(0, max)
	    .filter(a => a[0] > 0).sort((a, b) => a[1] - b[1]).map(a => a[2]);
}
