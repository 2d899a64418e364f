/*
 * Writing is copying: what a value still has of its doc, separators and
 * spacing included, goes out in runs as long as they come.
 */
#include <string.h>

#include "value/array.h"
#include "value/number.h"
#include "value/object.h"
#include "value/string.h"
#include "value/value.h"

static void write_value(struct buf *b, struct value v, unsigned depth);

enum { SHORT = 16 }; /* bytes of what is mostly a key */

static const char HEX[] = "0123456789abcdef";

static void
put_escape(struct buf *b, unsigned char c)
{
	static const char NAMED[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	char u[6] = {'\\', 'u', '0', '0', HEX[c >> 4], HEX[c & 15]};

	for (size_t i = 0; i + 1 < sizeof(NAMED); i += 2) {
		if ((unsigned char)NAMED[i] != c)
			continue;
		u[1] = NAMED[i + 1];
		buf_put(b, u, 2);
		return;
	}
	buf_put(b, u, sizeof(u));
}

/* Are eight bytes plain?  It may say no though they are. */
static bool
all_plain(const char *text)
{
	const uint64_t ones = 0x0101010101010101u;
	uint64_t w, quote, backslash, delete;

	memcpy(&w, text, 8);
	quote = w ^ ones * '"';
	backslash = w ^ ones * '\\';
	delete = w ^ ones * 0x7F;
	return (((w - ones * 0x20) | (quote - ones) | (backslash - ones) |
		    (delete - ones)) &
		   ~w & ones * 0x80) == 0;
}

void
value_write_text(struct buf *b, const char *text, size_t len)
{
	size_t from = 0, i = 0;

	while (i < len) {
		if (len - i >= 8 && all_plain(text + i)) {
			i += 8;
			continue;
		}
		if (value_plain_byte((unsigned char)text[i++]))
			continue;
		buf_put(b, text + from, i - 1 - from);
		put_escape(b, (unsigned char)text[i - 1]);
		from = i;
	}
	buf_put(b, text + from, len - from);
}

/* A short literal, copied while it is looked at; false where it escapes. */
static bool
write_short(struct buf *b, const char *text, size_t len)
{
	char *out = b->p + b->len;

	for (size_t i = 0; i < len; i++) {
		if (!value_plain_byte((unsigned char)text[i]))
			return false;
		out[i + 1] = text[i];
	}
	out[0] = out[len + 1] = '"';
	b->len += len + 2;
	return true;
}

void
value_write_string(struct buf *b, const char *text, size_t len)
{
	if (len <= SHORT && buf_room(b, len + 2) && write_short(b, text, len))
		return;
	buf_putc(b, '"');
	value_write_text(b, text, len);
	buf_putc(b, '"');
}

/*
 * A container that was opened from a doc, as it is being written again.
 * An item is what stands between two separators: an element, or a key
 * with its value.  from and to span the run of source bytes not yet put.
 */
struct splice {
	struct buf *b;
	const struct doc *doc; /* or NULL */
	uint32_t entry;
	uint32_t last; /* entry behind the last item that was put, or 0 */
	bool first;
	unsigned depth;
	const char *from, *to;
};

static void
splice_flush(struct splice *s)
{
	if (s->from != NULL)
		buf_put(s->b, s->from, (size_t)(s->to - s->from));
	s->from = s->to = NULL;
}

static void
splice_source(struct splice *s, const char *from, const char *to)
{
	if (s->to != from) {
		splice_flush(s);
		s->from = from;
	}
	s->to = to;
}

static void
splice_open(struct splice *s, struct buf *b, const struct doc *doc,
    uint32_t entry, char bracket)
{
	*s = (struct splice){.b = b, .doc = doc, .entry = entry, .first = true};
	if (doc == NULL) {
		buf_putc(b, bracket);
		return;
	}
	b->spaced |= doc->spaced;
	splice_source(
	    s, doc->text + doc->at[entry], doc->text + doc->at[entry] + 1);
}

static void
splice_comma(struct splice *s)
{
	splice_flush(s);
	if (!s->first)
		buf_putc(s->b, ',');
	s->first = false;
	s->last = 0;
}

/* The separator before an item that starts at entry e of the doc. */
static void
splice_lead(struct splice *s, uint32_t e)
{
	const struct doc *d = s->doc;
	const char *at = d->text + d->at[e];
	const char *before = d->text + d->at[e - 1];

	if (s->first) {
		before = d->text + d->at[s->entry] + 1;
		at = d->text + d->at[s->entry + 1];
	} else if (*before != ',') { /* it stood first in its doc */
		splice_comma(s);
		return;
	} else if (s->last == e - 1) {
		before = s->to != NULL ? s->to : doc_end(d, s->last - 1);
	}
	splice_source(s, before, at);
	s->first = false;
}

/* Put v where the doc has a value at entry e. */
static void
splice_value(struct splice *s, uint32_t e, struct value v)
{
	const struct doc *d = s->doc;
	const char *end = doc_end(d, e);

	s->last = doc_after(d, e);
	if (value_is_source(v, d, e)) {
		splice_source(s, d->text + d->at[e], end);
		return;
	}
	splice_flush(s);
	write_value(s->b, v, s->depth);
	s->to = s->from = end;
}

static void
splice_close(struct splice *s, char bracket)
{
	const struct doc *d = s->doc;
	const char *close, *p;

	if (d == NULL) {
		splice_flush(s);
		buf_putc(s->b, bracket);
		return;
	}
	close = p = d->text + d->at[d->match[s->entry]];
	while (p[-1] == ' ' || p[-1] == '\t' || p[-1] == '\n' || p[-1] == '\r')
		p--;
	splice_source(s, p, close + 1);
	splice_flush(s);
}

static void
write_array(struct buf *b, struct value v, unsigned depth)
{
	const struct array *array = v.array;
	struct splice s;

	splice_open(&s, b, array->doc, array->entry, '[');
	s.depth = depth;
	for (uint32_t i = 0; i < v.n; i++) {
		if (i < array->slots_n) {
			splice_lead(&s, array->slots[i]);
			splice_value(&s, array->slots[i], array->v[i]);
			continue;
		}
		splice_comma(&s);
		write_value(b, array->v[i], depth);
	}
	splice_close(&s, ']');
}

static void
write_member(struct splice *s, const struct member *m)
{
	const struct doc *d = s->doc;

	/* The same as below, for most members of most events. */
	if (s->to != NULL && !s->first && s->last == m->slot - 1 &&
	    value_is_source(m->value, d, m->slot + 2)) {
		s->to = doc_end(d, m->slot + 2);
		s->last = doc_after(d, m->slot + 2);
		return;
	}
	if (d != NULL && m->slot != 0) {
		splice_lead(s, m->slot);
		splice_source(
		    s, d->text + d->at[m->slot], d->text + d->at[m->slot + 2]);
		splice_value(s, m->slot + 2, m->value);
		return;
	}
	splice_comma(s);
	write_value(s->b, m->key, s->depth);
	buf_putc(s->b, ':');
	write_value(s->b, m->value, s->depth);
}

/* Members of the doc from entry e up to, not including, that at stop. */
static void
splice_run(struct splice *s, uint32_t e, uint32_t stop)
{
	const struct doc *d = s->doc;

	if (e >= stop)
		return;
	splice_lead(s, e);
	/* The last value ends before the comma, or bracket, at stop - 1. */
	splice_source(s, d->text + d->at[e], doc_scalar_end(d, stop - 2));
	s->last = stop - 1;
}

static void
write_overlay(struct splice *s, const struct object *o)
{
	const struct doc *d = s->doc;
	uint32_t e = s->entry + 1, end = d->match[s->entry] + 1, i = 0;
	uint32_t hidden = d->hidden >= e && d->hidden < end ? d->hidden : end;

	while (i < o->n && o->m[i].slot != 0) {
		const struct member *m = &o->m[i];

		if (hidden < m->slot) {
			splice_run(s, e, hidden);
			e = doc_after(d, hidden + 2) + 1;
			hidden = end;
			continue;
		}
		splice_run(s, e, m->slot);
		e = doc_after(d, m->slot + 2) + 1;
		if (m->key.kind != VALUE_NULL)
			write_member(s, m);
		i++;
	}
	if (hidden < end) {
		splice_run(s, e, hidden);
		e = doc_after(d, hidden + 2) + 1;
	}
	if (e + 1 < end) /* there is more before the closer */
		splice_run(s, e, end);
	for (; i < o->n; i++)
		write_member(s, &o->m[i]);
	splice_close(s, '}');
}

static void
write_object(struct buf *b, struct value v, unsigned depth)
{
	const struct object *o = v.object;
	struct splice s;

	splice_open(&s, b, o->doc, o->entry, '{');
	s.depth = depth;
	if (o->overlay) {
		write_overlay(&s, o);
		return;
	}
	for (uint32_t i = 0; i < o->n; i++)
		if (o->m[i].key.kind != VALUE_NULL)
			write_member(&s, &o->m[i]);
	splice_close(&s, '}');
}

/* A raw object without its hidden member. */
static void
write_hiding(struct buf *b, struct value v)
{
	const struct doc *d = v.doc;
	uint32_t end = d->match[v.n];
	struct splice s;

	splice_open(&s, b, d, v.n, '{');
	for (uint32_t e = v.n + 1; e < end; e = doc_after(d, e + 2) + 1) {
		if (e == d->hidden)
			continue;
		splice_lead(&s, e);
		splice_source(&s, d->text + d->at[e], doc_end(d, e + 2));
		s.last = doc_after(d, e + 2);
	}
	splice_close(&s, '}');
}

static void
write_raw(struct buf *b, struct value v)
{
	const struct doc *d = v.doc;
	const char *from = d->text + d->at[v.n];

	b->spaced |= d->spaced;
	if (d->hidden > v.n && d->hidden < d->match[v.n])
		write_hiding(b, v);
	else
		buf_put(b, from, (size_t)(doc_end(d, v.n) - from));
}

static void
write_number(struct buf *b, struct value v)
{
	char text[NUMBER_TEXT];

	if (v.kind == VALUE_DOUBLE) {
		buf_put(b, text, number_format(v.d, text));
		return;
	}
	buf_put(b, text, number_format_int(v.i, text));
}

static void
write_opened(struct buf *b, struct value v, unsigned depth)
{
	if (!buf_recurse(b))
		return; /* buf_fits() says so */
	if (depth >= VALUE_DEPTH)
		buf_puts(b, "\"<skipped: too deep>\"");
	else if (v.kind == VALUE_ARRAY)
		write_array(b, v, depth + 1);
	else
		write_object(b, v, depth + 1);
}

static void
write_value(struct buf *b, struct value v, unsigned depth)
{
	switch (v.kind) {
	case VALUE_NULL:
		buf_put(b, "null", 4);
		break;
	case VALUE_FALSE:
		buf_put(b, "false", 5);
		break;
	case VALUE_TRUE:
		buf_put(b, "true", 4);
		break;
	case VALUE_INT:
	case VALUE_DOUBLE:
		write_number(b, v);
		break;
	case VALUE_NUMBER:
		buf_put(b, v.text, v.n);
		break;
	case VALUE_STRING:
		if (v.flags & VALUE_SOURCE)
			buf_put(b, v.text - 1, (size_t)v.n + 2);
		else
			value_write_string(b, v.text, v.n);
		break;
	case VALUE_ESCAPED:
		buf_put(b, v.text - 1, (size_t)v.n + 2);
		break;
	case VALUE_ARRAY:
	case VALUE_OBJECT:
		write_opened(b, v, depth);
		break;
	default:
		write_raw(b, v);
	}
}

void
value_write(struct buf *b, struct value v)
{
	write_value(b, v, 0);
}

bool
value_written_same(struct value x, struct value y)
{
	struct buf b = {0};
	bool same;
	size_t n;

	value_write(&b, x);
	n = b.len;
	value_write(&b, y);
	same = !b.failed && b.len == 2 * n && memcmp(b.p, b.p + n, n) == 0;
	buf_release(&b);
	return same;
}
