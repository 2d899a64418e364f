/*
 * list.js - the events that a search finds; only what is in sight is in the
 * page.  On a phone the list scrolls with the page, else by itself.
 */
let row_height = 34, open = null, stage_at = 0, chosen = null;
const with_page = () => innerWidth <= 640;

/* The stage that the search is about: its rule, and which events are meant. */
function banner() {
	const t = query.find(t => ['stage', 'passed', 'changed', 'lost'].includes(t.field) && !t.not);
	const s = t && data.stages.find((s, k) => stage_is(k, t.v));
	$('banner').hidden = !s;
	if (!s) return;
	const part = (field, label, n) => el('button', {'aria-pressed': String(t.field === field), onclick: () =>
	    go($('q').value.replace(t.raw, field + ':' + quote(title(s))).trim())}, label, ' ', el('span.dim', num(n)));
	$('banner').replaceChildren(el('div.about', el('strong', title(s), s.name && el('span.dim', ' ' + s.op)),
	    el('div.seg', {role: 'group', 'aria-label': 'Which events'}, part('stage', 'came by', s.came),
		s.lost > 0 && part('passed', 'passed', s.came - s.lost),
		s.changed > 0 && part('changed', 'changed', s.changed),
		s.lost > 0 && part('lost', 'lost here', s.lost)),
	    el('span.space'), el('button.link', {onclick: () => go('')}, 'Show all')),
	    s.rule ? el('pre.rule', {tabindex: 0, 'aria-label': 'Rule'}, s.rule) : '');
}
function draw_columns() {
	const by = (k, label) => el('button', {'aria-pressed': String(sort.by === k), onclick: () => {
		sort = {by: k, down: sort.by === k ? !sort.down : k === 'duration'};
		search(true);
	}}, label, sort.by === k ? (sort.down ? ' ↓' : ' ↑') : '');
	const cols = document.querySelector('.cols'), all = [...cols.querySelectorAll('button')];
	const had = all.indexOf(document.activeElement);
	cols.replaceChildren(by('time', 'Time'), el('span', 'Event'), el('span', 'From'), by('outcome', 'Outcome'),
	    el('span', 'Changed by'), el('div.right', by('duration', 'Duration')), el('span', 'First words'));
	if (had >= 0) cols.querySelectorAll('button')[had].focus();
}

/* Words of an event; where words were searched for, those around a hit. */
function words(e) {
	const out = el('span.words.cut'), hit = query.find(t => t.text && !t.not && t.v);
	let some = first_words(e, 6);
	if (e.error) out.append(el('em', e.error));
	if (hit) {
		const f = flat(e).find(([k, v]) => has(k + ' ' + v, hit.v));
		if (f) some = [f, ...some.filter(s => s[0] !== f[0])].slice(0, 6);
	}
	for (const [k, v] of some) {
		const x = hit ? v.toLowerCase().indexOf(hit.v) : -1, from = Math.max(0, x > 14 ? x - 12 : 0);
		out.append(el('span', el('b', {title: k}, k.replace(/^.*\.(?=.)/, '')), x < 0 ? cut(v, 160) : [from ? '…' : '', v.slice(from, x),
		    el('mark', v.slice(x, x + hit.v.length)), v.slice(x + hit.v.length, x + 120)]));
	}
	return out;
}
function row(e, i, tight) {
	const lost = e.lost >= 0 && !tight ? ' · ' + title(data.stages[e.lost]) : '';
	return el('div.ev.' + e.fate, {role: 'option', id: 'row' + i, 'aria-selected': String(i === current),
	    'aria-posinset': i + 1, 'aria-setsize': found.length, style: 'top:' + i * row_height + 'px',
	    onclick: () => { current = i; show(e); }},
	    el('span.t.mono.dim', e.t === null ? '–' : clock(e.t, 3)), el('span.id.mono.cut', {title: e.id || e.from}, short_id(e)),
	    el('span.src.cut.dim', {title: e.from}, e.from.length > 22 ? '…' + e.from.slice(-20) : e.from),
	    el('span.oc.cut', el('span.dot', {'aria-hidden': 'true'}), el('span.cut', WORDS[e.fate] + lost)),
	    el('span.chips.cut', e.outside.length ? el('span.chip.odd.cut', 'outside') : '',
		[...new Set(e.changed)].map(k => el('span.chip.cut', title(data.stages[k])))),
	    el('span.dur', el('i', {style: 'width:' + Math.max(1, 36 * e.took / slowest) + 'px'}),
		el('span.mono.dim', e.t === null ? '–' : span(e.took))), words(e));
}

/* No event was found: why, and which term is to go. */
function nothing() {
	const less = query.map(t => [t, E.filter(e => query.every(o => o === t || o.test(e))).length])
	    .filter(x => x[1]).sort((a, b) => b[1] - a[1])[0];
	const dropped = data.counts.missing > 0 && query.some(t => t.field === 'outcome' && t.v === 'dropped' ||
	    t.field === 'lost' && data.stages.some((s, k) => s.missing && stage_is(k, t.v)));
	return el('div.none', el('p', dropped ? 'Dropped events left no history: ' + many(data.counts.missing, 'line') +
	    ' came in of which no event is here. Give that filter --else FILE, or the pipeline --trail FILE, and they are kept.' :
	    'No event matches.'),
	    query.filter(t => t.unknown).map(t => el('p', el('code', t.unknown + ':'), ' is no field, so it was looked for ' +
		'as text. Fields are ' + list(Object.keys(FIELDS)) + ', and members as .path.'))
	    , less && query.length > 1 && el('p', 'Without ', el('code', less[0].raw), ' there would be ',
		el('button.link', {onclick: () => go(query.filter(t => t !== less[0]).map(t => t.raw).join(' '))},
		    many(less[1], 'event')), '.'),
	    el('p', el('button.btn', {onclick: () => go('')}, 'Show all events')));
}

/* The rows that are in sight, and some more: [first, behind the last]. */
function in_sight(box) {
	if (with_page()) {
		const above = -box.getBoundingClientRect().top;
		return [above / row_height, (above + innerHeight) / row_height];
	}
	return [box.scrollTop / row_height, (box.scrollTop + (box.clientHeight || 600)) / row_height];
}
let printing = false;
function draw() {
	const box = $('rows'), tight = !printing && box.clientWidth < 820 || with_page();
	$('listbox').classList.toggle('tight', tight);
	row_height = tight ? 58 : 34;
	box.classList.toggle('few', found.length * row_height < 320);
	box.classList.toggle('whole', with_page() || printing);
	box.hidden = !found.length;
	$('nothing').hidden = !!found.length;
	if (!found.length) return void $('nothing').replaceChildren(nothing());
	let [from, to] = in_sight(box);
	if (printing) [from, to] = [0, 500];
	/* A list that is below what is in sight shows its start all the same. */
	from = Math.max(0, Math.min(Math.floor(from) - 6, found.length - 14));
	to = Math.min(found.length, Math.max(Math.ceil(to) + 8, 14));
	const shown = printing ? to : found.length;
	const pad = el('div', {style: 'position:relative;height:' + shown * row_height + 'px', role: 'presentation'});
	for (let i = from; i < to; i++) pad.append(row(found[i], i, tight));
	box.replaceChildren(pad);
	if (current >= from && current < to) box.setAttribute('aria-activedescendant', 'row' + current);
	else box.removeAttribute('aria-activedescendant');
}
/* Let the current row be in sight. */
function reveal() {
	const box = $('rows'), y = current * row_height;
	if (current < 0 || box.hidden || !box.clientHeight) return;
	if (with_page()) {
		const top = box.getBoundingClientRect().top + y;
		if (top < 64) scrollBy(0, top - 120);
		else if (top + row_height > innerHeight) scrollBy(0, top + row_height - innerHeight + 20);
	} else if (y < box.scrollTop) {
		box.scrollTop = y;
	} else if (y + row_height > box.scrollTop + box.clientHeight) {
		box.scrollTop = y + row_height - box.clientHeight;
	}
}
function move(by) {
	if (!found.length) return;
	const from = current < 0 ? (by > 0 ? 0 : found.length - 1) : current + by;
	current = Math.max(0, Math.min(found.length - 1, from));
	if (open) show(found[current], true);
	reveal();
	draw();
}

/* Search anew; what was current stays so, if it is still found. */
function search(keep) {
	const was = keep && found[current], text = $('q').value.trim();
	find();
	current = was ? found.indexOf(was) : open ? found.indexOf(open) : -1;
	$('hits').replaceChildren(el('span', el('strong', num(found.length)), ' of ' + many(E.length, 'event')));
	document.querySelectorAll('[data-q]').forEach(b => {
		const on = b.dataset.q === text;
		if (b.hasAttribute('aria-pressed')) b.setAttribute('aria-pressed', on);
		else if (on) b.setAttribute('aria-current', 'true');
		else b.removeAttribute('aria-current');
	});
	banner();
	check_brush();
	draw_columns();
	if (!with_page()) $('rows').scrollTop = 0;
	draw();
}
/* Set the search, and go to the list, unless it is to stay where it is. */
function go(text, stay) {
	if (open) close_event();
	$('q').value = text;
	search();
	write_address();
	if (stay || $('work').getBoundingClientRect().top <= innerHeight * .55) return;
	const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
	$('work').scrollIntoView({behavior: calm ? 'auto' : 'smooth'});
}
