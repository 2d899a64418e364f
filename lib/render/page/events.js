/*
 * events.js - what the page was made of.
 *
 * An event is [id, source, line, ending, time, text, records, more], a record
 * [stage, time since the one before, undo, more]; an undo is a list of numbers
 * of data.texts, 0 where there is none, -1 where it is no list of operations,
 * -2 where it was left out since it was too long.
 */
const data = JSON.parse($('data').textContent);
const FATES = ['out', 'away', 'rejected', 'dropped'];
const WORDS = {out: 'out', away: 'turned away', rejected: 'rejected', dropped: 'dropped'};
const title = s => s.name || s.op || '?';

/* Stages come in the order they were met, and are shown in the pipeline's. */
const NO_STAGE = {op: 'other stages', name: '', rule: '', came: 0, went: 0, changed: 0, away: 0, rejected: 0,
	dropped: 0, missing: 0, forks: 0, made: 0, revised: 0, reads: [], writes: [], fields: [], tables: [], to: {}};
const place = new Map(data.order.map((number, i) => [number, i]));
data.stages = data.order.map(number => data.stages[number]);
if (data.others) data.stages.push(NO_STAGE);
const stage_place = number => place.has(number) ? place.get(number) : data.stages.length - 1;

/* A record; what it says beside its undo is read where it is asked for. */
class Rec {
	constructor([stage, took, undo, more]) {
		this.stage = stage_place(stage);
		this.timed = typeof took === 'number';
		this.took = took || 0;
		this.undo = undo || 0;
		this.text = more;
		this.changed = !!undo && undo.length !== 0;
		this.parsed = null;
	}
	get more() {
		return this.parsed ??= parse(this.text === undefined ? '{}' : data.texts[this.text]);
	}
}
class Ev {
	constructor([id, source, line, fate, t, text, records, more = {}], i) {
		const before = source < 0 ? '' : data.texts[source];
		this.i = i;
		this.id = id;
		this.t = t;
		this.text = text;
		this.fate = FATES[fate];
		this.source = before.slice(0, -1);
		this.from = before && before + line;
		this.error = more.error;
		this.forks = more.forks || '';
		this.outside = more.outside || [];
		this.no_json = !!more.plain;
		this.recs = records.map(r => new Rec(r));
		this.took = 0;
		for (const r of this.recs) this.took += r.took;
		/* The stage that lost an event is its last record, and changed nothing. */
		const last = fate && this.recs.length ? this.recs[this.recs.length - 1] : null;
		this.lost = last ? last.stage : -1;
		if (last) last.changed = false;
		this.n = i; /* its place in E */
		this.states = this.words = null;
	}
	get key() {
		return (this.id || this.from || 'event-' + (this.i + 1)) + (this.forks ? '~' + this.forks : '');
	}
	get changed() {
		return this.recs.filter(r => r.changed).map(r => r.stage);
	}
}
const E = data.events.map((e, i) => new Ev(e, i));
data.events = null;
const slowest = E.reduce((m, e) => Math.max(m, e.took), 1);

/*
 * What is in none of the files, and what results were made of, came by the
 * stages before, too, though no history says so.
 */
function complete_amounts() {
	let unseen = 0;
	for (const s of data.stages.toReversed()) {
		s.lost = s.away + s.rejected + s.dropped + s.missing;
		s.went += unseen;
		unseen += s.missing;
		s.came += unseen;
		if (s.made) unseen += s.came;
	}
	const last = data.stages.findLast(s => s.forks || s.made);
	data.forked = last ? data.stages.reduce((n, s) => n + s.forks, 0) : 0;
}
complete_amounts();

/*
 * A short id leaves out what all ids share at their start, and is as long as
 * it takes to tell them apart; where that is long, their ends are shorter.
 * Forks add their numbers.
 */
const ids = E.map(e => e.id).sort();
const skip = ids.length > 1 ?
	ids[0].slice(0, shared(ids[0], ids[ids.length - 1])).lastIndexOf('-') + 1 : 0;
const id_width = 1 + ids.reduce((m, id, i) => i && id !== ids[i - 1] ?
	Math.max(m, shared(id, ids[i - 1])) : m, 0) - skip;
const id_end = id_width <= 14 ? 0 : [6, 8, 10, 12].find(n =>
	new Set(ids.map(id => id.slice(-n))).size === new Set(ids).size) || 12;
const short_id = e => (!e.id ? '#' + (e.i + 1) : id_end ? '…' + e.id.slice(-id_end) :
	e.id.slice(skip, skip + Math.max(8, id_width)).replace(/-$/, '')) + (e.forks ? ' ' + e.forks : '');
const id_cells = E.reduce((m, e) => Math.max(m, short_id(e).length), 4);
document.documentElement.style.setProperty('--id', Math.min(24, id_cells));

/*
 * The first words of an event are those that set it apart: values that few
 * others have, short ones, in members that most events have and that don't
 * lie deep.  What counts up or tells the time differs everywhere, and so sets
 * nothing apart for a reader.
 */
function flat(e) {
	if (e.words) return e.words;
	const out = [];
	const walk = (n, path) => {
		if (n.raw === undefined)
			for (const [k, v] of children(n)) walk(v, n.items ?
			    path + '[' + k + ']' : path ? path + '.' + k : k);
		else out.push([path, n.raw[0] === '"' ? n.raw.slice(1, -1) : n.raw]);
	};
	if (e.no_json) out.push(['text', e.text]);
	else walk(parse(e.text), '');
	return e.words = out;
}
let habits;
function learn_habits() {
	const every = Math.max(1, Math.floor(E.length / 300));
	habits = {n: 0, paths: new Map()};
	for (let i = 0; i < E.length; i += every) {
		habits.n++;
		for (const [path, v] of flat(E[i])) {
			let p = habits.paths.get(path);
			if (!p) habits.paths.set(path, p = Object.assign(new Map(), {seen: 0}));
			p.seen++;
			p.set(v, (p.get(v) || 0) + 1);
		}
	}
}
function telling([path, v]) {
	const p = habits.paths.get(path), n = habits.n;
	if (!p || v === '' || v === '-' || v === 'null') return 0;
	const bits = Math.log2((n + 1) / ((p.get(v) || 0) + .5));
	const digits = v.replace(/\D/g, '').length, most = p.size > .9 * n;
	const serial = p.size > .8 * n && n > 8 && digits > v.length / 2;
	const depth = path.replace(/[^.[]/g, '').length, share = Math.min(1, p.seen / n);
	return bits * (serial ? .1 : most ? .8 : 1) * share / (1 + v.length / 60) / (1 + depth * .7);
}
function first_words(e, max) {
	if (!habits) learn_habits();
	const all = flat(e).map((f, i) => [telling(f), i, f]), seen = new Set();
	return all.filter(a => a[0] > 0).sort((a, b) => b[0] - a[0] || a[1] - b[1]).map(a => a[2])
	    .filter(([, v]) => !seen.has(v) && seen.add(v)).slice(0, max);
}
