/*
 * undo.js - the states of an event, taken back record by record.
 *
 * An undo is a JSON Patch (RFC 6902) with "before", the key in front of which
 * a member goes back, and "forgotten", for a value that is gone on purpose.
 */
const UNSOUND = 'its undo doesn\u2019t apply';

/* The older value, with the leaves of the newer that it has in common. */
function common(older, newer) {
	if (!newer) return older;
	if (older.raw !== undefined)
		return older.raw === newer.raw && !older.forgotten ? newer : older;
	if (older.members && newer.members)
		return {members: older.members.map(([k, v, s]) =>
		    [k, common(v, member(newer, k)), s])};
	if (older.items && newer.items)
		return {items: older.items.map((v, i) => common(v, newer.items[i]))};
	return older;
}
/* A copy, which no stage has set yet. */
const fresh = n => n.members ? {members: n.members.map(([k, v, s]) => [k, fresh(v), s])} :
	n.items ? {items: n.items.map(fresh)} : {raw: n.raw, forgotten: n.forgotten};

/* n with what holds the last key changed by f(copy of it, key). */
function change(n, [key, ...rest], f) {
	const copy = n.members ? {members: n.members.slice()} :
	    {items: n.items.slice()};
	if (!rest.length) {
		f(copy, key);
	} else if (copy.members) {
		const i = copy.members.findLastIndex(([k]) => k === key);
		const [, value, spelled] = copy.members[i];
		copy.members[i] = [key, change(value, rest, f), spelled];
	} else {
		copy.items[+key] = change(copy.items[+key], rest, f);
	}
	return copy;
}
function change_items(c, op, key) {
	const i = key === '-' ? c.items.length : +key;
	if (!(i < c.items.length + (op.kind === 'add'))) throw new Error(UNSOUND);
	if (op.kind === 'remove') c.items.splice(i, 1);
	else if (op.kind === 'add') c.items.splice(i, 0, op.value);
	else c.items[i] = common(op.value, c.items[i]);
}
function change_members(c, op, key) {
	const i = c.members.findLastIndex(([k]) => k === key);
	if (i < 0 && op.kind !== 'add') throw new Error(UNSOUND);
	if (op.kind === 'remove') {
		c.members.splice(i, 1);
	} else if (i >= 0 && !(op.before !== undefined && op.kind === 'add')) {
		c.members[i] = [key, common(op.value, c.members[i][1]), c.members[i][2]];
	} else {
		const b = op.before === undefined ? -1 :
		    c.members.findIndex(([k]) => k === op.before);
		c.members.splice(b < 0 ? c.members.length : b, 0, [key, op.value]);
	}
}
/* A move or a copy, as what it does. */
function relocate(n, op) {
	const value = at(n, op.from);
	if (value === undefined) throw new Error(UNSOUND);
	if (op.kind === 'move' && op.from === op.path && op.before === undefined)
		return n;
	if (op.kind === 'move' && op.from !== '') {
		if (op.path.startsWith(op.from + '/')) throw new Error(UNSOUND);
		n = take_back(n, {kind: 'remove', path: op.from});
	}
	return take_back(n, {...op, kind: 'add', value: fresh(value)});
}
function take_back(n, op) {
	if (op.kind === 'move' || op.kind === 'copy') return relocate(n, op);
	if (!['add', 'remove', 'replace'].includes(op.kind) ||
	    op.kind !== 'remove' && op.value === undefined)
		throw new Error(UNSOUND);
	if (op.path === '') return common(op.value, n);
	return change(n, keys_of(op.path), (c, key) =>
	    c.items ? change_items(c, op, key) : change_members(c, op, key));
}

/* Forgotten values: all of what the operation brings back, or parts of it. */
function forget(value, forgotten) {
	if (forgotten.raw === 'true') return {raw: 'null', forgotten: true};
	for (const path of (forgotten.items || []).map(said))
		leaves(path === undefined ? {items: []} : at(value, path) || {items: []}, n => { n.forgotten = true; });
	return value;
}
function read_op(number) {
	const n = parse(data.texts[number]), forgotten = member(n, 'forgotten');
	const op = {kind: said(member(n, 'op')), path: said(member(n, 'path')),
	    from: said(member(n, 'from')), before: said(member(n, 'before')),
	    value: member(n, 'value')};
	if (op.path === undefined) throw new Error(UNSOUND);
	if (forgotten && op.value) op.value = forget(op.value, forgotten);
	return op;
}
/* The paths that a record's undo touches. */
const touched = new Map();
function paths_of(number) {
	if (!touched.has(number)) {
		let n = {members: []};
		try { n = parse(data.texts[number]); } catch (x) { /* none */ }
		touched.set(number, ['path', 'from'].map(k => said(member(n, k)))
		    .filter(p => p !== undefined).map(p => p.toLowerCase()));
	}
	return touched.get(number);
}

/* Why a record can't be taken back; '' where it can. */
function silence(rec) {
	const s = data.stages[rec.stage], more = rec.more;
	if (rec.undo === -2)
		return 'its undo was too long for the history and was left out';
	if (rec.undo === -1) return UNSOUND;
	if (rec.undo) return '';
	if (member(more, 'made'))
		return 'it made the event of plain text';
	const changes = ['map', 'enrich', 'fold'].includes(s.op) ||
	    s.op === 'schema' && member(member(more, 'from'), 'was');
	if (changes && !s.rule)
		return 'it was written without an undo (--lineage slim)';
	return '';
}

/*
 * The event after each record, as far back as it can be taken: e.states.
 * Each leaf gets .by, the record that set it last.  e.stuck is the record
 * that can't be taken back, e.stuck_why says why.  What others changed after
 * record k, by 'ms-trace verify', is blamed on nobody: .by stays unset, and
 * e.beyond is k.
 */
function journey(e) {
	if (e.states) return e;
	let now = parse(e.text);
	e.states = [];
	e.states[e.recs.length] = now;
	e.stuck = 0;
	e.beyond = e.outside.length ? Math.max(...e.outside) : 0;
	for (let k = e.recs.length; k > 0; k--) {
		const rec = e.recs[k - 1];
		try {
			const lost = e.lost >= 0 && k === e.recs.length;
			const why = lost ? '' : silence(rec);
			if (why) throw new Error(why);
			let older = now;
			for (const n of rec.undo || []) older = take_back(older, read_op(n));
			if (k > e.beyond) blame(now, older, k, member(rec.more, 'of'));
			e.states[k - 1] = now = older;
		} catch (x) {
			e.stuck = k;
			e.stuck_why = x instanceof TypeError || x instanceof SyntaxError ?
			    UNSOUND : x.message;
			break;
		}
	}
	return e;
}
/* A record that made the event of others (of) set all of it. */
function blame(now, older, k, of) {
	const kept = new Set();
	if (!of) leaves(older, n => kept.add(n));
	leaves(now, n => { if (!kept.has(n) && !n.by) n.by = k; });
}
