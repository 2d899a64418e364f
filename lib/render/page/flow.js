/*
 * flow.js - the pipeline as it ran, widths by amount.
 *
 * The main axis (m) is the way of the events, the cross axis (c) has the
 * amounts.  The way runs across where there is room, else down: the same
 * code with the axes swapped.  The band's upper edge is straight; losses leave
 * below, the outermost last.
 */
const losses = s => [
	['away', s.away, s.to.away ? '→ ' + s.to.away : 'kept'],
	['rejected', s.rejected, s.to.rejected ? '→ ' + s.to.rejected : 'kept'],
	['dropped', s.dropped, s.to.dropped ? '→ ' + s.to.dropped : 'kept'],
	['dropped', s.missing, data.unplaced ? 'not in these files' : 'not kept'],
].filter(l => l[1] > 0);

function did(s) {
	const passed = s.came - s.lost;
	if (s.made) return num(s.came) + ' into ' + num(s.went);
	if (s.forks) return num(passed) + ' into ' + num(s.went);
	if (s.op === 'filter') return num(passed) + ' passed';
	if (s.op === 'enrich') return s.changed ? num(s.changed) + ' got a row' : 'no row found';
	if (s.op === 'trace') return num(s.came) + ' came in';
	if (s.op === 'schema' && !s.changed) return num(passed) + ' passed';
	return s.changed ? num(s.changed) + ' changed' : 'none changed';
}

/* What a drawing needs to know: where the stages stand, how wide amounts are. */
function lay_out(box) {
	const S = data.stages, n = S.length, W = box.clientWidth;
	const f = {box, W, n, down: W < 760 || W / (n + 2) < 112, phone: W < 760, m: []};
	const tables = S.some(s => s.tables.length);
	f.H = f.down ? 64 : 92;
	f.most = Math.max(1, ...S.map(s => Math.max(s.came, s.went)));
	f.thick = k => k > 0 ? Math.max(k / f.most * f.H, 1.5) : 0;
	f.c0 = f.down ? 8 : 132 + (tables ? 30 : 0);
	f.lost = f.c0 + f.H + (f.down ? 22 : 42); /* where losses end */
	const source = f.down ? 0 : data.sources.length ? 132 : 8;
	f.step = f.down ? 0 : (W - source - 84) / n;
	f.source = source;
	let y = f.down ? 26 + 18 * Math.min(6, data.sources.length) : source + 6;
	f.top = y;
	S.forEach((s, k) => {
		const lost = losses(s), wide = lost.reduce((a, l) => a + f.thick(l[1]), 0);
		if (f.down) y += (f.phone ? 30 * s.tables.length : 0) + 66;
		f.m[k] = f.down ? y : source + 6 + k * f.step;
		if (f.down && lost.length) y += Math.max(lost.length * 22 + 8, wide + 20);
	});
	f.m[n] = f.down ? y + 44 : W - 78;
	f.at = (a, b) => (f.down ? b + ' ' + a : a + ' ' + b).replace(/(\.\d)\d+/g, '$1');
	f.place = (e, a, b, w, h) => {
		e.style.left = (f.down ? b : a) + 'px';
		e.style.top = (f.down ? a : b) + 'px';
		if (w) e.style.width = w + 'px';
		if (h) e.style.height = h + 'px';
		box.append(e);
		return e;
	};
	f.svg = svg('svg', {'aria-hidden': 'true', width: '100%', height: '100%'}, svg('defs', {},
	    svg('pattern', {id: 'hatch', width: 5, height: 5, patternUnits: 'userSpaceOnUse',
		patternTransform: 'rotate(45)'}, svg('rect', {width: 1.5, height: 5, fill: 'var(--drop-bg)'}))));
	f.shape = (cls, ...points) => f.svg.append(svg('path', {class: cls,
	    d: 'M' + points.map(p => f.at(p[0], p[1])).join('L') + 'Z'}));
	f.line = (cls, a1, b1, a2, b2) => f.svg.append(svg('path', {class: cls,
	    d: 'M' + f.at(a1, b1) + 'L' + f.at(a2, b2)}));
	return f;
}

/* Sources merge into the first stage. */
function draw_sources(f) {
	const first = data.stages[0], came = f.thick(first.came);
	const all = data.sources.reduce((a, s) => a + s.events, 0);
	const src = data.sources.slice(0, 5);
	const rest = data.sources.slice(5).reduce((a, s) => a + s.events, 0);
	if (rest) src.push({name: num(data.sources.length - 5) + ' more', events: rest, more: true});
	/* What results were made of isn't told line by line. */
	const amount = s => data.stages.some(x => x.made) ? '' : num(s.events);
	const middle = t => f.down || t.length <= 16 ? t : in_middle(t.replace(/^.*\/(?=.)/, '…/'), 16);
	const name = s => s.name === '-' ? 'standard input' : middle(s.name);
	const link = (s, ...inside) => s.more ? el('span', inside) : el('a.cut', {href: '#?source:' +
	    quote(s.name), 'data-q': 'source:' + quote(s.name), title: s.name}, inside);
	let c = f.c0, low = 0;
	for (const s of src) {
		const h = (all ? s.events / all : 1 / src.length) * came, gap = src.length > 1 ? 1 : 0;
		const a = f.down ? f.top - 8 : f.source - 18;
		f.shape('band', [a, c + gap], [f.m[0], c], [f.m[0], c + h], [a, c + h - gap]);
		if (!f.down) {
			const tag = el('div.srcl', link(s, el('span.cut', name(s) + ' '), el('span.dim', amount(s))));
			const room = Math.max(low, c + h / 2 - 16);
			f.place(tag, 0, room, f.source - 26);
			low = room + 34;
		}
		c += h;
	}
	if (f.down && src.length) f.box.append(el('div.srcl', {style: 'left:0;top:0;right:0;text-align:left;line-height:18px'},
	    src.map(s => link(s, el('span.dim', amount(s) + ' '), name(s)))));
}

/* The band from a stage to the next one; what doesn't go there runs beside. */
function draw_band(f, k) {
	const s = data.stages[k], next = data.stages[k + 1];
	const went = f.thick(s.went), on = next ? f.thick(Math.min(next.came, s.went)) : went;
	f.shape('band', [f.m[k], f.c0], [f.m[k + 1], f.c0], [f.m[k + 1], f.c0 + on], [f.m[k], f.c0 + on]);
	if (went - on > 1)
		f.shape('band aside', [f.m[k], f.c0 + on], [f.m[k + 1] - 6, f.c0 + on],
		    [f.m[k + 1] - 6, f.c0 + went], [f.m[k], f.c0 + went]);
	f.line('bandline', f.m[k], f.c0, f.m[k + 1], f.c0);
}

/* Losses bend aside. */
function draw_losses(f, k) {
	const s = data.stages[k], lost = losses(s), came = f.thick(s.came);
	if (!lost.length) return;
	const ends = el('div.endl'), turn = f.down ? 0 : 1, x = f.m[k] + 2, y = f.c0 + came + 8;
	let r = 8;
	for (const [kind, amount, to] of lost.toReversed()) {
		const R = r + f.thick(amount), arc = (n, sweep, a, b) =>
		    'A' + n + ' ' + n + ' 0 0 ' + sweep + ' ' + f.at(a, b);
		f.svg.append(svg('path', {class: 'r-' + kind, d: 'M' + f.at(x, y - R) +
		    arc(R, turn, x + R, y) + 'L' + f.at(x + R, f.lost) + 'L' + f.at(x + r, f.lost) +
		    'L' + f.at(x + r, y) + arc(r, 1 - turn, x, y - r) + 'Z'}));
		r = R + 1;
		ends.prepend(seek('lost:' + quote(title(s)) + (lost.length > 1 ? ' outcome:' + kind : ''),
		    [el('strong', num(amount) + ' ' + WORDS[kind]), el('span.cut', {title: to}, to)], '.' + kind));
	}
	const wide = r - 8;
	if (f.down) f.place(ends, f.m[k] + Math.max(6, 10 + wide / 2 - 11 * lost.length), f.lost + 8, f.W - f.lost - 8);
	else f.place(ends, f.m[k] + 8, f.lost + 6, Math.min(f.W - f.m[k] - 8, f.step *
	    (data.stages[k + 1] && losses(data.stages[k + 1]).length ? 1 : 1.6) - 12));
}

function draw_tables(f, k) {
	const S = data.stages, s = S[k], next = S[k + 1] && S[k + 1].tables.length;
	s.tables.forEach((t, j) => {
		const rows = many(t.rows, 'row');
		const chip = el('a.tbl', {href: '#?table:' + quote(t.name), 'data-q': 'table:' + quote(t.name),
		    title: t.name + ': ' + rows + ', used ' + many(t.events, 'time')},
		    el('span.cut', t.name, ' ', el('span.dim', rows)));
		if (f.phone) {
			f.place(chip, f.m[k] - 92 - 28 * (s.tables.length - 1 - j), f.lost - 8);
			chip.style.maxWidth = f.W - f.lost + 8 + 'px';
		} else if (f.down) {
			f.place(chip, f.m[k] - 54 + j * 26, 0);
			Object.assign(chip.style, {left: 'auto', right: 0, maxWidth: '190px'});
		} else {
			const room = f.step * (next ? 1 : 1.5) - 8;
			f.place(chip, f.m[k] - 1, 4 + 28 * j);
			chip.style.maxWidth = room + 'px';
			f.line('pole', f.m[k], 28, f.m[k], f.c0 - 94);
		}
	});
}

function draw_stage(f, k) {
	const s = data.stages[k], q = 'stage:' + quote(title(s)), came = f.thick(Math.max(s.came, s.went));
	f.line('pole', f.m[k], f.down ? f.c0 - 8 : f.c0 - 94, f.m[k], f.c0 + came + (f.down ? 0 : 2));
	const flag = el('a.flag', {href: '#?' + q, 'data-q': q},
	    el('b.cut', title(s), s.name && el('span', ' ', s.op), f.down && s.time && el('i', ' +' + span(s.time.median))),
	    s.rule ? el('span.mono.cut', s.rule.replace(/\s+/g, ' ')) :
		el('span.small.dim.cut', s.op === 'trace' ? 'id and origin' : 'rule not kept'),
	    el('span.small.dim.cut', did(s)));
	const beside = s.tables.length && f.down && !f.phone ? 200 : 0;
	if (f.down) f.place(flag, f.m[k] - 62, f.lost - 14, f.W - f.lost + 6 - beside, 60);
	else f.place(flag, f.m[k] + 3, f.c0 - 96, f.step - 10, 68);
	if (s.time && !f.down && k) f.place(el('span.took', {title: 'median time from the stage before'},
	    span(s.time.median)), f.m[k - 1] + 4, f.c0 - 19, f.step - 8);
	const show = on => {
		const pop = $('pop');
		if (pop) pop.remove();
		flag.removeAttribute('aria-describedby');
		if (!on) return;
		stage_pop(s, f.down ? 0 : Math.max(0, Math.min(f.m[k] - 8, f.W - 470)),
		    f.down ? f.m[k] + 8 : f.c0 + 8, f.down ? f.W : 0);
		flag.setAttribute('aria-describedby', 'pop');
	};
	for (const [name, on] of [['mouseenter', 1], ['mouseleave', 0], ['focus', 1], ['blur', 0]])
		flag.addEventListener(name, () => show(on));
}
function draw_end(f) {
	const m = f.m[f.n], n = data.counts.out;
	f.line('pole', m, f.down ? f.c0 - 8 : f.c0 - 28, m, f.c0 + f.thick(n) + (f.down ? 0 : 2));
	const flag = el('a.flag', {href: '#?outcome:out', 'data-q': 'outcome:out'},
	    el('b', 'OUT'), el('span.small.dim', num(n)));
	if (f.down) f.place(flag, m - 46, f.lost - 14, 90, 44);
	else f.place(flag, m + 3, f.c0 - 72, 75, 44);
}
function flow() {
	if (!data.stages.length) return;
	const f = lay_out($('flow'));
	f.box.replaceChildren(f.svg);
	f.box.className = f.down ? 'down' : '';
	draw_sources(f);
	data.stages.forEach((s, k) => {
		draw_band(f, k);
		draw_stage(f, k);
		draw_tables(f, k);
		draw_losses(f, k);
	});
	draw_end(f);
	const below = Math.max(...data.stages.map(s => losses(s).length * 40), 0);
	f.box.style.height = (f.down ? f.m[f.n] + 12 : f.lost + 10 + below) + 'px';
}

/* All that is known of a stage, beside its flag. */
const stage_facts = s => [num(s.came) + ' came by', s.changed > 0 && num(s.changed) + ' changed',
	s.forks > 0 && num(s.forks) + ' events by forks', s.made > 0 && num(s.went) + ' results made of ' + num(s.came),
	s.revised > 0 && num(s.revised) + ' revised',
	...losses(s).map(([kind, n]) => num(n) + ' ' + WORDS[kind]),
	s.time && 'median ' + span(s.time.median) + ', 99% within ' + span(s.time.p99)]
	.filter(Boolean).map(t => el('span', t));
function stage_pop(s, x, y, w) {
	const pop = el('div.pop', {id: 'pop', role: 'tooltip', style: 'left:' + x + 'px;top:' + y + 'px' +
	    (w ? ';width:' + w + 'px' : '')}, el('strong', title(s)), ' ', el('span.dim', s.name && s.op),
	    el('pre.rule', s.rule || (s.op === 'trace' ? 'Gives each event an id and its origin.' :
		'What it did wasn\u2019t kept (--lineage slim).')), el('div.facts', stage_facts(s)));
	if (s.fields.length) pop.append(el('div.facts', {style: 'margin-top:4px'}, el('span.dim', 'touched most'),
	    s.fields.slice(0, 4).map(([path, n]) => el('span', el('code', path || 'all of it'), ' ' + num(n)))));
	if (s.time && s.time.bins.length > 1) {
		const top = Math.max(...s.time.bins), from = s.time.from;
		pop.append(el('div.bins', s.time.bins.map(b => el('i', {style: 'height:' + 100 * b / top + '%'}))),
		    el('div.ends.dim', el('span', span(from ? 2 ** from : 0)), el('span', 'time from the stage before'),
			el('span', span(2 ** (from + s.time.bins.length)))));
	}
	$('flow').append(pop);
}
