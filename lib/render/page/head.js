/*
 * head.js - one sentence, five numbers, and the time strip.
 */
const known = n => n === null ? 'not known' : num(n);

function sentence() {
	const c = data.counts;
	if (!data.total) return 'No events came in.';
	const came = many(data.total, 'event') + ' came in, ';
	if (c.out === data.total)
		return came + (c.out === 1 ? 'and it went out.' : 'and all of them went out.');
	return came + num(c.out) + (c.out > data.total ? ' went out, by forks.' : ' went out.');
}
function where_and_when() {
	if (!data.total) return 'Nothing was read that has a history. Give events ' +
	    'one with ms-trace at the start of the pipeline.';
	const [t0, t1] = data.span;
	const names = data.sources.map(s => s.name === '-' ? 'standard input' : shorten(s.name, 60));
	const from = !names.length ? 'Read' : 'From ' + (names.length < 4 ? list(names) :
	    names.slice(0, 2).join(', ') + ' and ' + num(names.length - 2) + ' more sources');
	if (t0 === null) return from + '; when isn\u2019t known.';
	const when = clock(t0) === clock(t1) && t1 - t0 < 1e6 ?
	    'at ' + clock(t0, 3) + ' UTC, in ' + span(t1 - t0) :
	    clock(t0) + ' to ' + (t1 - t0 > 864e8 ? day(t1) + ', ' : '') + clock(t1) +
	    ' UTC (' + span(t1 - t0) + ')';
	return from + ', on ' + day(t0) + ', ' + when + '.';
}
/* A button that sets the search, and clears it where it is that already. */
const seek = (q, label, spec) => el('button' + (spec || ''), {'data-q': q,
	'aria-pressed': 'false', onclick: () => go($('q').value.trim() === q ? '' : q)}, label);

function tally() {
	const c = data.counts;
	const cell = (q, mark, name, n, what) => seek(q, [
	    el('span.k' + (mark && '.' + mark), mark && el('span.dot', {'aria-hidden': 'true'}), name),
	    el('span.n', n === null ? el('small', 'not known') : num(n),
		mark && n !== null && el('small', share(n, data.total))),
	    el('span.small.dim', what)]);
	const kept = c.dropped - c.missing;
	$('tally').append(
	    cell('', '', 'Came in', data.total, data.sources.length ?
		many(data.sources.length, 'source') : 'no origin is known'),
	    cell('outcome:out', 'out', 'Went out', c.out, data.forked ?
		num(data.forked) + ' parts of forks' : 'reached the end'),
	    cell('outcome:away', 'away', 'Turned away', c.away, 'by a filter, and kept'),
	    cell('outcome:rejected', 'rejected', 'Rejected', c.rejected, 'failed, with a reason'),
	    cell('outcome:dropped', 'dropped', 'Dropped', data.picked && !kept ? null : c.dropped,
		data.picked ? 'events were picked' : c.missing && kept ? num(kept) + ' of them are kept' :
		    kept ? 'given no output, and kept' : 'not kept'),
	    time_strip());
}

/*
 * The strip: amounts over time.  A part of it, by pointer or by keys, is a
 * term of the search.
 */
let brush = null; /* [first bin, last bin] */
const bin_time = i => data.bins_from + i * data.bin;
function time_strip() {
	const n = data.bins.length, [t0, t1] = data.span;
	if (t0 === null) return el('div.span', el('span.small.dim', 'No times are known'));
	if (n < 2) return el('div.span', el('span.k', 'It took'), el('span.n', span(t1 - t0)),
	    el('span.small.dim', 'from first to last'));
	const short = t1 - t0 < 5e6 ? 3 : 0;
	const top = Math.max(1, ...data.bins.map(b => b[0] + b[1] + b[2]));
	const bars = data.bins.map((b, i) => el('i', {title: clock(bin_time(i), 3) + ': ' +
	    b[0] + ' out, ' + b[1] + ' turned away, ' + b[2] + ' rejected'}, [2, 1, 0].map(k =>
	    b[k] > 0 && el('b.s' + k, {style: 'height:' + 100 * b[k] / top + '%'}))));
	const strip = el('div.strip', {id: 'strip', role: 'slider', tabindex: 0,
	    'aria-label': 'Events over time: arrows pick a time, with Shift more of it',
	    'aria-valuemin': 0, 'aria-valuemax': n - 1, 'aria-valuenow': 0,
	    'aria-valuetext': 'all'}, bars);
	const bin_at = ev => Math.max(0, Math.min(n - 1, Math.floor((ev.clientX -
	    strip.getBoundingClientRect().left) / strip.clientWidth * n)));
	let anchor = -1;
	strip.addEventListener('pointerdown', ev => {
		if (ev.button) return;
		anchor = bin_at(ev);
		strip.setPointerCapture(ev.pointerId);
		show_brush([anchor, anchor]);
	});
	strip.addEventListener('pointermove', ev => {
		const i = bin_at(ev);
		if (anchor >= 0) show_brush([Math.min(i, anchor), Math.max(i, anchor)]);
	});
	const end = () => { if (anchor >= 0) apply_brush(brush); anchor = -1; };
	strip.addEventListener('pointerup', end);
	strip.addEventListener('pointercancel', end);
	strip.addEventListener('keydown', ev => {
		const by = {ArrowLeft: -1, ArrowRight: 1}[ev.key];
		if (!by) return;
		ev.preventDefault();
		ev.stopPropagation();
		const [a, b] = brush || (by > 0 ? [-1, -1] : [n, n]);
		const to = Math.max(0, Math.min(n - 1, b + by));
		apply_brush(ev.shiftKey && brush ? [Math.min(a, to), to] : [to, to]);
	});
	return el('div.span', el('div.ends', el('span.small.dim', 'Over time'),
	    el('button.link.small', {id: 'unbrush', hidden: true, onclick: () => apply_brush(null)},
		'All times')), strip, el('div.ends.small.dim', el('span', clock(t0, short)),
	    el('span', clock(bin_time(n), short))));
}
function show_brush(range) {
	brush = range;
	const strip = $('strip');
	if (!strip) return;
	[...strip.children].forEach((b, i) =>
	    b.classList.toggle('beside', !!range && (i < range[0] || i > range[1])));
	$('unbrush').hidden = !range;
	if (range) strip.setAttribute('aria-valuenow', range[0]);
	strip.setAttribute('aria-valuetext', range ? clock(bin_time(range[0]), 3) + ' to ' +
	    clock(bin_time(range[1] + 1), 3) : 'all');
}
function apply_brush(range) {
	const name = u => data.span[1] - data.span[0] > 864e8 ? iso(u).slice(0, 19) :
	    clock(u, data.bin < 1e6 ? 6 : 0).replace(/0+$/, m => data.bin < 1e6 ? '' : m).replace(/\.$/, '');
	show_brush(range);
	go(with_term('time', range ? name(bin_time(range[0])) + '..' +
	    name(bin_time(range[1] + 1)) : ''), true);
}
/* A search that names no time has no brush. */
function check_brush() {
	const t = query.find(t => t.field === 'time' && !t.not), [a, b] = t ? t.v.split('..') : [];
	if (!t || b === undefined) return void (brush && show_brush(null));
	const first = Math.round((moment(a) - data.bins_from) / data.bin);
	const last = Math.round((moment(b) - data.bins_from) / data.bin) - 1;
	show_brush(first >= 0 && last >= first ? [first, last] : null);
}

function tries() {
	const s = data.stages, changed = s.findLast(x => x.changed), e = E[0];
	const field = (s.find(x => x.fields.length) || {fields: []}).fields[0];
	const ideas = [data.counts.rejected && 'outcome:rejected',
	    changed && 'changed:' + quote(title(changed)), field && field[0] && !/\s|"/.test(field[0]) &&
	    'path:' + field[0].replace(/\/\[\].*/, ''),
	    e && e.from && e.from.length < 40 && 'source:' + quote(e.from),
	    slowest > 1 && 'took:>' + span(slowest / 2).replace(' ', '').replace('µ', 'u')];
	$('tries').append('Try', ...ideas.filter(t => t && !/ \d|min|h$|days/.test(t)).map(t =>
	    el('button', {onclick: () => { go(t); $('q').focus(); }}, t)),
	    ...E.length < data.held ? [el('span.held', num(E.length) + ' of ' +
		many(data.held, 'event') + ' are in this page; amounts count all.')] : []);
}
function head() {
	$('said').textContent = sentence();
	$('when').textContent = visible(where_and_when());
	if (!data.total) {
		for (const n of [$('tally'), document.querySelector('.lead'),
		    document.querySelector('.pipe'), $('work')]) n.hidden = true;
		return;
	}
	tally();
	tries();
	const notes = ['Widths are amounts.', data.stages.some(s => s.time) &&
	    'Times are medians from stage to stage.', data.counts.missing > 0 &&
	    'Dropped events are known by the lines that are missing.'];
	$('pipe-note').textContent = notes.filter(Boolean).join(' ');
}
