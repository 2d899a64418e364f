'use strict';
/*
 * text.js - elements and words.
 *
 * Whatever the data holds goes into the page as text, never as markup; what
 * can't be seen, or turns text around, is shown as an escape.
 */
const $ = id => document.getElementById(id);
const ODD = new RegExp('[\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e' +
    '\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ud800-\\udfff\\ufeff' +
    '\\ufff9-\\ufffb\\u{e0000}-\\u{e007f}]', 'gu');

const visible = (s, lines) => String(s).replace(ODD, c =>
	lines && (c === '\n' || c === '\t') ? c : c.codePointAt(0) > 0xffff ?
	    '\\u{' + c.codePointAt(0).toString(16) + '}' :
	    '\\u' + c.codePointAt(0).toString(16).padStart(4, '0'));

/* el('button.btn', {onclick, title}, child, 'text', [more]); '' is nothing. */
function el(spec, ...rest) {
	const [name, ...classes] = spec.split('.');
	const e = document.createElement(name || 'div');
	if (classes.length) e.className = classes.join(' ');
	if (name === 'button') e.type = 'button';
	for (const r of rest.flat(3)) {
		if (r === null || r === undefined || r === false || r === '')
			continue;
		if (r instanceof Node) e.append(r);
		else if (typeof r === 'object') set(e, r);
		else e.append(visible(r, classes.includes('rule')));
	}
	return e;
}
function set(e, attributes) {
	for (const [k, v] of Object.entries(attributes)) {
		if (k.startsWith('on')) e.addEventListener(k.slice(2), v);
		else if (k === 'style') e.style.cssText = v;
		else if (v !== undefined && v !== false)
			e.setAttribute(k, v === true ? '' : visible(v));
	}
}
function svg(name, attributes, ...children) {
	const e = document.createElementNS('http://www.w3.org/2000/svg', name);
	for (const k in attributes) e.setAttribute(k, attributes[k]);
	e.append(...children);
	return e;
}

const num = n => n.toLocaleString('en-US');
const many = (n, one) => num(n) + ' ' + one + (n === 1 ? '' : 's');
const list = names => names.length < 2 ? names.join('') :
	names.slice(0, -1).join(', ') + ' and ' + names[names.length - 1];

function share(n, of) {
	if (!of) return '';
	if (n === of) return '100%';
	if (n && n / of < .001) return '<0.1%';
	return +(100 * n / of).toFixed(n / of < .095 ? 1 : 0) + '%';
}

/* A duration in microseconds. */
function span(u) {
	if (u < 1e3) return Math.round(u) + ' µs';
	if (u < 1e6) return +(u / 1e3).toPrecision(3) + ' ms';
	if (u < 60e6) return +(u / 1e6).toPrecision(3) + ' s';
	if (u < 3600e6)
		return Math.floor(u / 60e6) + ' min ' + Math.round(u / 1e6 % 60) + ' s';
	if (u < 172800e6)
		return Math.floor(u / 3600e6) + ' h ' + Math.round(u / 60e6 % 60) + ' min';
	return Math.round(u / 86400e6) + ' days';
}

/* A time in microseconds since 1970, in UTC. */
const iso = u => new Date(Math.floor(u / 1e3)).toISOString();
const clock = (u, digits) => iso(u).slice(11, 19) + (digits ? '.' +
	String(((u % 1e6) + 1e6) % 1e6).padStart(6, '0').slice(0, digits) : '');
const day = u => new Date(u / 1e3).toLocaleDateString('en-GB', {day: 'numeric',
	month: 'long', year: 'numeric', timeZone: 'UTC'});

const cut = (s, max) => s.length <= max ? s : s.slice(0, max) + '…';
/* Both ends of a name tell something. */
const in_middle = (s, max) => s.length <= max ? s : s.slice(0, max / 2 - 1) + '…' + s.slice(-max / 2);
const shorten = (s, max = 200) => s.length <= max ? s :
	s.slice(0, max * .6) + ' … ' + num(s.length - Math.ceil(max * .8)) +
	' more … ' + s.slice(-max * .2);

/* How long the beginning is that two texts share. */
function shared(a, b) {
	let i = 0;
	while (i < a.length && a[i] === b[i]) i++;
	return i;
}
/* A value in a search. */
const quote = s => /[\s"]/.test(s) || s === '' ? '"' + s.replace(/"/g, '') + '"' : s;
