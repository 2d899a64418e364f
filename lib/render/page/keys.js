/*
 * keys.js - where we are (#id, #id/stage, #?search), the keyboard, help.
 */
let writing = false;
function write_address() {
	const q = $('q').value.trim(), pretty = s => encodeURIComponent(s).replace(/%3A/g, ':').replace(/%2F/g, '/').replace(/%7E/g, '~');
	const h = open ? '#' + pretty(open.key) + (stage_at === first_look(open) ? '' : '/' + stage_at) : q ? '#?' + pretty(q) : '';
	if (h === location.hash) return;
	writing = true;
	history.replaceState(null, '', h || location.pathname + location.search);
	writing = false;
}
function read_address() {
	let h = location.hash.slice(1);
	try { h = decodeURIComponent(h); } catch (x) { /* as it is */ }
	if (h[0] === '?') {
		if (open) close_event();
		$('q').value = h.slice(1);
		search();
		return;
	}
	const m = h.match(/^(.+?)(?:\/(\d+))?$/);
	const e = m && (E.find(e => e.key === h || e.key === m[1]) ||
	    m[1].length >= 8 && E.find(e => e.id && e.id.startsWith(m[1])));
	if (!e) return;
	if (!found.includes(e)) {
		$('q').value = '';
		search();
	}
	current = found.indexOf(e);
	show(e);
	if (m[2] && e.key !== h) go_stage(+m[2]);
}
document.addEventListener('click', ev => {
	const a = ev.target.closest('a[href^="#?"]');
	if (!a || ev.metaKey || ev.ctrlKey) return;
	ev.preventDefault();
	go(a.hasAttribute('aria-current') ? '' : a.getAttribute('href').slice(2));
	$('rows').focus({preventScroll: true});
});

function escape_key(typing) {
	const why = document.querySelector('.ln[aria-expanded=true]');
	if ($('pop')) $('pop').remove();
	if (typing && $('q').value) go('', true);
	else if (typing) $('q').blur();
	else if (why) toggle(open, stage_at, why);
	else if (open) close_event();
	else if ($('q').value) go('', true);
	else return false;
	if (typing) $('q').focus();
	return true;
}
/* What a key does where the focus is; undefined: nothing. */
function action(key, target) {
	const inTree = target.classList.contains('ln'), inSteps = target.classList.contains('step');
	const inList = target === $('rows'), nowhere = target === document.body || target === $('event');
	if (key === '/') return () => { $('q').focus(); $('q').select(); };
	if (key === '?') return help;
	if (key === 'j') return () => move(1);
	if (key === 'k') return () => move(-1);
	const by = {ArrowDown: 1, ArrowUp: -1}[key];
	if (by && inSteps) return () => { go_stage(next_step(by)); focus_step(); };
	if (by && inTree) return () => next_line(target, by);
	if (by && (inList || nowhere)) return () => move(by);
	if (open && key === 'ArrowLeft') return () => go_stage(stage_at - 1);
	if (open && key === 'ArrowRight') return () => go_stage(stage_at + 1);
	if (inTree && (key === 'Enter' || key === ' ')) return () => toggle(open, stage_at, target);
	if (key === 'Enter' && (inList || nowhere) && found[current]) return () => show(found[current]);
	const far = inList && {PageDown: 12, PageUp: -12, Home: -1e9, End: 1e9}[key];
	return far ? () => move(far) : undefined;
}
/* The stage that is next on a timeline with folded ones. */
function next_step(by) {
	for (let k = stage_at + by; k > 0 && k < open.recs.length; k += by)
		if (!is_folded(open, k)) return k;
	return stage_at + by > 0 ? open.recs.length : 0;
}
document.addEventListener('keydown', ev => {
	const target = ev.target, typing = target === $('q'), key = ev.key;
	if ($('help').open || ev.ctrlKey || ev.metaKey || ev.altKey) return;
	if (key === 'Escape') {
		if (escape_key(typing)) ev.preventDefault();
		return;
	}
	if (typing) {
		if (key !== 'Enter' && key !== 'ArrowDown') return;
		ev.preventDefault();
		$('rows').focus();
		if (current < 0) move(1);
		if (key === 'Enter' && found.length === 1) show(found[0]);
		return;
	}
	const act = target.classList && action(key, target);
	if (!act) return;
	ev.preventDefault();
	act();
});

const FIELDS_HELP = [['kibana 404', 'words, all of them'], ['"firefox/21.0"', 'as it is, spaces too'], ['-crawler', 'not that'],
	['.status:404', 'that member holds it'], ['outcome:rejected', 'out, away, rejected'], ['stage:price', 'came by that stage'],
	['passed:price', 'and went on'], ['changed:price', 'was changed there'], ['changed:outside', 'by no stage'], ['lost:pages', 'ended there'],
	['op:map', 'came by such a stage'], ['path:/cost', 'where that was set or removed'], ['source:access.ndjson:17', 'came from that line'],
	['table:networks.csv:3', 'took that row'], ['error:listing', 'rejected for that'], ['took:>1ms', 'slower than that'],
	['time:19:55..19:56', 'came in then'], ['fork:', 'is part of a fork'], ['id:8ddc', 'id starts with']];
const KEYS_HELP = [['/', 'search'], ['j k', 'next, previous event'], ['↓ ↑', 'in the list, stages or values'], ['Enter', 'open the event, or tell why'],
	['← →', 'step through the stages'], ['Esc', 'close, then clear'], ['Tab', 'everything, in order'], ['?', 'this help']];
const MARKS_HELP = [['out', 'went out'], ['away', 'turned away, or given no output, and kept'], ['rejected', 'failed, kept with the reason'],
	['dropped', 'turned away, not kept']];
function help() {
	const signs = [['a', '+', 'added'], ['c', '~', 'changed'], ['r', '−', 'removed']];
	$('help').replaceChildren(el('div.row', el('h2', {id: 'help-h'}, 'How to read this page'), el('button.btn', {onclick: () => $('help').close()}, 'Close')),
	    el('p', 'Each event is one JSON object that went through a pipeline of filters. Every filter appended a record of what it did, so each event can be shown as it was at any stage, and each value can say who set it. Nothing here is sent anywhere.'),
	    el('h2', 'Keys'), el('div.grid', KEYS_HELP.map(([k, what]) => el('div', el('span', k.split(' ').map((x, i) => [i ? ' ' : '', el('kbd', x)])), el('span', what)))),
	    el('h2', 'Search'), el('div.grid', {style: '--w:172px'}, FIELDS_HELP.map(([f, what]) => el('div', el('code', f), el('span.dim', what)))),
	    el('h2', 'Marks'), el('div.grid', {style: '--w:16px'}, signs.map(([c, sign, what]) => el('div', el('span.d', el('span.' + c, sign)), el('span', what))),
		MARKS_HELP.map(([mark, what]) => el('div.' + mark, el('span.dot'), el('span', what)))));
	$('help').showModal();
}
$('help-open').addEventListener('click', help);
$('help').addEventListener('click', ev => { if (ev.target === $('help')) $('help').close(); });

/* --- the page starts --- */
const soon = (ms, f) => { let timer; return () => { clearTimeout(timer); timer = setTimeout(f, ms); }; };
const next_frame = f => { let asked = false; return () => {
	if (asked) return;
	asked = true;
	requestAnimationFrame(() => { asked = false; f(); });
}; };
$('q').addEventListener('input', soon(E.length > 2000 ? 60 : 0, () => {
	/* Where there is no room for both, the list takes the event's place. */
	if (open && innerWidth <= 1000) hide_event();
	search();
	write_address();
}));
/* By the keyboard only: a click would lose the row that it began on. */
$('rows').addEventListener('focus', () => {
	if (current >= 0 || !found.length || !$('rows').matches(':focus-visible')) return;
	current = 0;
	draw();
});
$('rows').addEventListener('scroll', next_frame(draw));
addEventListener('scroll', next_frame(() => { if (with_page() && !$('rows').hidden) draw(); }));
addEventListener('resize', soon(60, () => { flow(); draw(); }));
addEventListener('hashchange', () => { if (!writing) read_address(); });
addEventListener('beforeprint', () => { printing = true; if (!open) draw(); });
addEventListener('afterprint', () => { printing = false; draw(); });
head();
if (data.total) {
	flow();
	search();
	read_address();
}
/* The first search needn't wait for what all searches need. */
setTimeout(() => { if (!hay) make_hay(); }, 100);
