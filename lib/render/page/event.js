/*
 * event.js - one event: its journey as a timeline, and one stage of it.
 */
const stage_of = (e, k) => data.stages[e.recs[k - 1].stage];
/* What people call the state after record k. */
const state_name = (e, k) => k ? title(stage_of(e, k)) : 'as read';
/* Look first where it was lost, or where it was changed last. */
const first_look = e => e.lost >= 0 ? e.recs.length : e.recs.findLastIndex(r => r.changed) + 1;
/* There is no state before the record that made the event. */
const first_state = e => e.recs.length && (member(e.recs[0].more, 'of') || member(e.recs[0].more, 'made')) ? 1 : 0;

function show(e, quiet) {
	const inside = quiet && $('event').contains(document.activeElement);
	if (!e.no_json) journey(e);
	open = e;
	chosen = null;
	all_steps = false;
	stage_at = Math.max(first_state(e), first_look(e));
	$('event').hidden = false;
	$('panes').classList.add('open');
	$('work').classList.add('opened');
	draw_event();
	draw();
	write_address();
	const top = $('panes').getBoundingClientRect().top;
	if (top > innerHeight * .5 || top < -20) scrollTo({top: scrollY + top - 62});
	if (!quiet || inside) focus_step();
	if (!with_page()) reveal_beside();
}
function reveal_beside() {
	const box = $('rows'), y = current * row_height;
	if (current < 0 || y >= box.scrollTop && y + row_height <= box.scrollTop + box.clientHeight) return;
	box.scrollTop = y - box.clientHeight / 3;
	draw();
}
function focus_step() {
	const step = $('event').querySelector('.step[aria-current]');
	(step || $('event')).focus({preventScroll: true});
}
function hide_event() {
	open = null;
	$('event').hidden = true;
	$('panes').classList.remove('open');
	$('work').classList.remove('opened');
}
function close_event() {
	hide_event();
	draw();
	reveal();
	draw();
	write_address();
	$('rows').focus({preventScroll: true});
}
function go_stage(k) {
	if (!open) return;
	stage_at = Math.max(first_state(open), Math.min(open.recs.length, k));
	draw_event(true);
	write_address();
}

/* How many values a record added, changed and removed. */
function sums(e, k) {
	const out = el('span.d'), rec = k && e.recs[k - 1], n = {add: 0, del: 0, chg: 0};
	if (!rec || !rec.changed) {
		const quiet = k && ['map', 'enrich'].includes(stage_of(e, k).op) && !(e.lost >= 0 && k === e.recs.length);
		out.append(el('span.z', quiet ? 'no change' : ''));
		return out;
	}
	if (!e.states[k - 1]) {
		out.append(el('span.z', 'not known'));
		return out;
	}
	let inside = null;
	for (const r of compare(e.states[k - 1], e.states[k])) {
		if (r.kind === 'same' || r.end || inside !== null && r.path.startsWith(inside + '/')) continue;
		n[r.kind]++;
		inside = r.kind === 'chg' ? null : r.path;
	}
	for (const [cls, sign, v, word] of [['a', '+', n.add, 'added'], ['c', '~', n.chg, 'changed'], ['r', '−', n.del, 'removed']])
		if (v) out.append(el('span.' + cls, {title: v + ' ' + word}, sign + v, el('span.hide', ' ' + word)));
	return out;
}

let all_steps = false;
/* On a long journey, stages that changed nothing are folded. */
function is_folded(e, k) {
	const most = with_page() ? 6 : 12;
	return !all_steps && e.recs.length > most && k > 1 && k < e.recs.length && k !== stage_at &&
	    !e.recs[k - 1].changed && !e.outside.includes(k) && !fork_of(e.recs[k - 1]);
}
const fork_of = r => { const f = member(r.more, 'fork'); return f && f.items ? f.items.map(write) : null; };

function step_row(e, k, before, total) {
	const rec = e.recs[k - 1], s = stage_of(e, k), fork = fork_of(rec), lost = e.lost >= 0 && k === e.recs.length;
	return el('button.step' + (lost && e.error ? '.bad' : ''), {'aria-current': stage_at === k ? 'step' : undefined,
	    title: s.rule, onclick: () => go_stage(k)}, el('span.no', k),
	    el('b.cut', title(s), s.name && el('span', ' ', s.op), fork && el('span', ' fork ' + fork.join(' of '))),
	    el('span.track', rec.timed && el('i', {style: 'left:' + 100 * before / total + '%;width:' + 100 * rec.took / total + '%'})),
	    el('span.at', k === 1 ? (e.t === null ? '' : clock(e.t)) : rec.timed ? '+' + span(rec.took) : ''), sums(e, k));
}
function steps_of(e) {
	const total = Math.max(e.took, 1), rows = [];
	let t = 0, folded = 0;
	const fold = () => {
		if (folded) rows.push(el('button.fold', {onclick: () => { all_steps = true; draw_event(true); focus_step(); }},
		    '⋯ ' + many(folded, 'stage') + ' that changed nothing'));
		folded = 0;
	};
	if (!first_state(e)) rows.push(el('button.step', {'aria-current': stage_at === 0 ? 'step' : undefined,
	    onclick: () => go_stage(0)}, el('span.no', '0'), el('b.cut', 'as read'), el('span.track'), el('span.at'), el('span')));
	e.recs.forEach((rec, i) => {
		const before = t;
		t += i ? rec.took : 0;
		if (is_folded(e, i + 1)) folded++;
		else {
			fold();
			rows.push(step_row(e, i + 1, before, total));
		}
		if (e.outside.includes(i + 1)) rows.push(el('div.step.odd', el('span.no', '!'),
		    el('b.cut', 'changed outside', el('span', ' by no stage that says so')), ''));
	});
	fold();
	return rows;
}
function axis(total) {
	return el('div.step.axis', {'aria-hidden': 'true'}, el('span'), el('span'), el('span.track', [0, 1, 2, 3, 4].map(q =>
	    el('span', {style: 'left:' + q * 25 + '%'}, q ? span(Math.round(total * q / 4)) : '0'))), el('span'), el('span'));
}
/* Where it came from and what became of it, as a sentence. */
function fate_of(e) {
	const lost = e.lost >= 0 ? data.stages[e.lost] : null, to = lost && lost.to[e.fate];
	const from = e.from ? ['From ', el('a.link', {href: '#?source:' + quote(e.from)}, e.from), ', '] : '';
	const end = e.fate === 'out' ? [el('strong', 'went out'), ' after ' + many(e.recs.length, 'stage')] :
	    [el('strong', e.fate === 'dropped' ? 'given no output' : WORDS[e.fate]), lost ? ' by ' + title(lost) : '', to ? ', kept in ' + to : ''];
	return el('p.fate.' + e.fate, from, end, e.t === null ? '.' : ', ' + span(e.took) + ' from first to last.',
	    e.forks && el('span', ' Part ' + e.forks.trim().replace(/\//g, ' of ').replace(/ (?=\d+ of)/g, ', then ') + ' of a fork: ',
		e.id ? el('a.link', {href: '#?id:' + e.id}, 'all parts') : '', '.'),
	    e.outside.length > 0 && el('span.why-not', 'Others than these stages changed it, after ' +
		list(e.outside.map(k => k + ' ' + title(stage_of(e, k)))) + '. Values of then are blamed on nobody.'),
	    e.error && el('span.why-not', e.error));
}
function draw_event(keep) {
	const e = open, pos = found.indexOf(e), active = keep ? document.activeElement : null;
	const was = active && active.closest ? active.closest('.fall') ? 'fall' : active.closest('.tree') ? 'tree' : active.dataset.k : '';
	const b = (label, say, key, act, off) => el('button.btn', {onclick: act, disabled: off, 'data-k': label,
	    'aria-label': say, 'aria-keyshortcuts': key}, label);
	const lost = e.lost >= 0 ? data.stages[e.lost] : null, to = lost && lost.to[e.fate];
	const end = el('div.step.last.' + e.fate, el('span.no', el('span.dot', {'aria-hidden': 'true'})),
	    el('b.cut', e.fate === 'out' ? 'OUT' : WORDS[e.fate], to && el('span', '→ ' + to)));
	const id = e.id || e.from || 'event ' + (e.i + 1), cli = e.id ? 'ms-trace log -p --id ' + e.id : '';
	$('event').replaceChildren(el('div.evhead', el('h2', id), el('div.btns', b('↑', 'Previous event', 'k', () => move(-1), pos < 1),
		b('↓', 'Next event', 'j', () => move(1), pos < 0 || pos >= found.length - 1), b('Close', 'Close', 'Escape', close_event))),
	    fate_of(e), el('ol.fall', {'aria-label': 'Journey'}, e.took > 0 ? el('li', axis(e.took)) : '',
		steps_of(e).map(r => el('li', r)), el('li', end)),
	    ...e.no_json ? [el('pre.tree.text', {tabindex: 0, 'aria-label': 'The line as it was read'}, shorten(e.text, 1e5))] : stage_view(e),
	    cli && el('div.cli', 'In the terminal', el('code.cut', cli), el('button.link', {onclick: ev => navigator.clipboard &&
		navigator.clipboard.writeText(cli).then(() => { ev.target.textContent = 'Copied'; })}, 'Copy')));
	if (was === 'fall') focus_step();
	else if (was === 'tree') ($('event').querySelector('.ln[tabindex="0"]') || $('event')).focus({preventScroll: true});
	else if (was) {
		const x = [...$('event').querySelectorAll('[data-k]')].find(x => x.dataset.k === was);
		(x && !x.disabled ? x : $('event')).focus({preventScroll: true});
	}
}

/* What a result was made of. */
function made_of(rec) {
	const of = member(rec.more, 'of'), n = member(of, 'n'), window = member(rec.more, 'window'), rev = member(rec.more, 'rev');
	if (!n || n.raw === undefined) return '';
	const range = r => [...new Set((r.items || []).map(i => i.raw))].join('–');
	const ranges = r => (r.length === 1 && !/–/.test(r[0]) ? 'line ' : 'lines ') + r.join(', ');
	const lines = (member(of, 'lines') || {members: []}).members || [];
	const ends = ['from', 'to'].map(k => said(member(window, k))).filter(Boolean);
	return el('p.small', 'Made of ', el('strong', many(+n.raw, 'event')), lines.length ? ': ' + cut(lines.map(([k, v]) =>
	    (k === '-' ? 'standard input' : k) + ', ' + ranges((v.items || []).map(range))).join('; '), 400) : '',
	    member(of, 'more') ? ' and others' : '', ends.length === 2 ? '. Window ' + ends.join(' to ') : '',
	    rev && rev.raw ? '. Revision ' + rev.raw : '', '.');
}
function unchanged(e, k, before) {
	const s = stage_of(e, k), last = k === e.recs.length;
	if (k === first_state(e)) return 'It made the event; there was none before.';
	if (!before) return 'What it was before isn’t known: ' + e.stuck_why + '.';
	if (last && e.fate === 'rejected') return 'This is what it was given; the event went to the rejects unchanged.';
	if (last && e.fate === 'dropped') return 'This is what it was given; the program gave no output.';
	if (last && e.fate === 'away') return 'Turned away here; the event itself is unchanged.';
	if (s.op === 'filter') return 'Let through; the event itself is unchanged.';
	if (s.op === 'schema') return 'It has the shape that was asked for; the event itself is unchanged.';
	if (s.op === 'trace') return 'Got its id and origin; the event itself is unchanged.';
	return 'Nothing was changed.';
}
function stage_view(e) {
	const k = stage_at, rec = k && e.recs[k - 1], s = k && stage_of(e, k), first = first_state(e), out = [];
	const when = k ? e.t + e.recs.slice(1, k).reduce((a, r) => a + r.took, 0) : 0;
	const b = (name, to, off, key, label) => el('button.btn', {onclick: () => go_stage(to), disabled: off, 'data-k': name, 'aria-keyshortcuts': key}, label);
	const failed = k === e.recs.length && e.fate === 'rejected';
	out.push(el('div.now', el('h3', !k ? 'As it was read' : failed ? 'Where ' + title(s) + ' failed' : 'What ' + title(s) + ' did'),
	    el('span.small.dim', k ? [s.name && s.op + ' · ', 'stage ' + k + ' of ' + e.recs.length + (e.t === null ? '' : ' · ' + clock(when, 6))] : e.from),
	    el('div.btns', b('back', k - 1, k <= first, 'ArrowLeft', '← ' + (k > first ? state_name(e, k - 1) : '')),
		b('on', k + 1, k === e.recs.length, 'ArrowRight', (k < e.recs.length ? state_name(e, k + 1) : '') + ' →'))));
	if (s && s.rule) out.push(el('pre.rule', {tabindex: 0, 'aria-label': 'Rule of ' + title(s)}, s.rule));
	if (rec) out.push(...rows_of(rec).slice(0, 8).map(([table, line]) => el('p.small', 'Took ',
	    el('a.link', {href: '#?table:' + quote(table + ':' + line)}, table + ', line ' + num(line)), '.')), made_of(rec));
	const now = e.states[k], before = k ? e.states[k - 1] : undefined;
	if (!now) {
		out.push(el('p.none', 'The event can’t be taken back past stage ' + e.stuck + ', ' + state_name(e, e.stuck) + ': ' + e.stuck_why + '.'));
		return out;
	}
	const same = !k || !rec.changed || !before;
	if (k && same) out.push(el('p.small.dim', unchanged(e, k, before)));
	out.push(tree(e, k, same ? now : before, now, same), el('p.small.dim', {style: 'margin-top:8px'}, 'Pick a value to see why it is what it is.'));
	return out;
}
