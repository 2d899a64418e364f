/*
 * why.js - why a value is what it is: who set it, by which rule, of what, and
 * what it was before.
 */
function close_why() {
	document.querySelectorAll('.because').forEach(x => x.remove());
	document.querySelectorAll('.ln[aria-expanded=true]').forEach(x => x.setAttribute('aria-expanded', 'false'));
	chosen = null;
}
function toggle(e, k, line) {
	const was = line.getAttribute('aria-expanded') === 'true';
	close_why();
	focus_line(line);
	if (was) return;
	chosen = line.dataset.path;
	because(e, k, line);
	line.nextSibling.scrollIntoView({block: 'nearest'});
}

/* The keys that a site of a rule has in common with a path. */
const site_keys = site => site.filter(k => k !== null);
const site_pointer = site => site_keys(site).reduce(step, '');
const meets = (path, p) => path === p || path.startsWith(p + '/') || p.startsWith(path + '/') || p === '';
/* What the rule may have made a value of: [site, decides] */
function sources_of(s, path) {
	const exact = s.writes.filter(w => !w.filtered && meets(path, site_pointer(w.at)))
	    .sort((x, y) => site_pointer(y.at).length - site_pointer(x.at).length)[0];
	if (s.op === 'enrich') return s.reads.map(site => [site, false]);
	return exact ? [...exact.from.map(f => [f, false]), ...exact.by.map(f => [f, true])] : [];
}
/* One of them, with its value when the rule saw it. */
function source_line(e, n, [site, decides]) {
	if (typeof site === 'string') return el('div', el('code', site));
	const p = site_pointer(site), v = e.states[n - 1] && at(e.states[n - 1], p), by = v && set_by(v);
	const name = as_jq(site_keys(site)) + (site.includes(null) ? ' and below' : '');
	const rows = by ? rows_of(e.recs[by - 1]) : [];
	const origin = !v ? '' : by === '' ? ' set by several' : ' ' + (by ? 'set by ' : '') + setter_name(e, by) +
	    (rows.length === 1 ? ' from ' + rows[0][0] + ':' + num(rows[0][1]) : '');
	return el('div', v ? el('button.link', {title: 'Why is that so?', onclick: () => {
		chosen = p;
		go_stage(by || n - 1);
		const line = document.querySelector('.ln[aria-expanded=true]');
		if (line) focus_line(line);
	}}, el('code', name)) : el('code', name), ' ', v ? el('code.was', '= ' + cut(write(v), 120)) : el('span.dim', 'not there'),
	    el('span.dim', origin, decides && ', decides'));
}
/* The values that a path had: [first state, text, or null where it was not]. */
function past_of(e, path) {
	const past = [];
	e.states.forEach((n, i) => {
		const v = n && at(n, path), text = v ? write(v) : null;
		if (n && (!past.length || past[past.length - 1][1] !== text)) past.push([i, text]);
	});
	return past;
}
function because(e, k, line) {
	const r = line.row, path = r.path, gone = r.kind === 'del', by = gone ? k : set_by(r.na), n = by || 0;
	const dl = el('dl'), say = (dt, ...dd) => dl.append(el('dt', dt), el('dd', dd));
	const name = path === '' ? '.' : as_jq(keys_of(path).map(x => /^\d+$/.test(x) ? +x : x));
	line.setAttribute('aria-expanded', 'true');
	if ((r.na || r.nb).forgotten) say('Forgotten', 'The value was destroyed on purpose; only its place is known.');
	if (by === '') say('Set by', 'Several stages, part by part.');
	else if (!n && e.beyond) say('Set by', 'Others than the stages, after ' + e.beyond + ' ' + state_name(e, e.beyond) +
	    ', or whoever set it before: the event isn’t what that stage left.');
	else if (!n && e.stuck) say('Set by', 'Stage ' + e.stuck + ' or one before it: ' + e.stuck_why + '.');
	else if (!n) say('Set by', 'No stage. It is as it was read' + (e.from ? ' from ' + e.from : '') + '.');
	else say_stage(e, k, n, path, gone, say);
	const whole = gone ? r.b : r.a;
	if (whole.length > 40) say('In full', el('code', cut(whole, 20000)));
	const past = past_of(e, path);
	if (past.length > 1) say('Its past', past.map(([i, text]) => el('div', el('button' + (i === k ? '' : '.link'),
	    {onclick: () => go_stage(i)}, state_name(e, i)), ' ', text === null ? el('span.dim', i && past[0][0] !== i ? 'removed' : 'not there') :
	    el('code', cut(text, 200)))));
	if (n) say('Elsewhere', el('a.link', {href: '#?changed:' + quote(title(stage_of(e, n))) + ' path:' + quote(path)},
	    'Events in which ' + title(stage_of(e, n)) + ' touched ' + name));
	line.after(el('div.because', {role: 'region', 'aria-label': 'Why ' + name}, el('button.x', {'aria-label': 'Close', onclick: () =>
	    toggle(e, k, line)}, '✕'), el('strong', 'Why ', el('code', name), gone ? ' went' : ''), dl));
}
/* The stage that set it, its rule, its row, and what it was made of. */
function say_stage(e, k, n, path, gone, say) {
	const rec = e.recs[n - 1], s = stage_of(e, n), t = e.t + e.recs.slice(1, n).reduce((a, x) => a + x.took, 0);
	say(gone ? 'Removed by' : 'Set by', el('strong', title(s)), ', ' + (s.name ? s.op + ', ' : '') + 'stage ' + n +
	    (e.t === null ? '' : ', at ' + clock(t, 6)) + ' ', n !== k && el('button.link', {onclick: () => go_stage(n)}, 'Show that stage'));
	if (s.rule) say('By the rule', el('pre.rule', {tabindex: 0, 'aria-label': 'Rule'}, s.rule));
	for (const [table, row, hash] of rows_of(rec).slice(0, 8)) say('Of the row', el('a.link', {href: '#?table:' +
	    quote(table + ':' + row)}, table + ', line ' + num(row)), hash && el('span.dim', ' ', el('code', cut(hash, 19))));
	const of = made_of(rec);
	if (of) say('Of events', of);
	const from = e.states[n - 1] ? sources_of(s, path) : [];
	if (from.length && !gone) say(rows_of(rec).length ? 'Looked up by' : 'Made of', from.slice(0, 24).map(f => source_line(e, n, f)));
	else if (s.unknown && !gone && s.op !== 'fold') say('Made of', 'Anything in the event: what the rule reads can’t be told from its text.');
}
