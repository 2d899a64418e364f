#include <stdint.h>
#include <string.h>

#include "base/utf8.h"
#include "value/string.h"

/*
 * What stands in front of the text of a string with VALUE_ROOM.  A handle
 * that sees all that is used may append in place: the others see no
 * further than their own length.
 */
struct room {
	uint32_t used;
	uint32_t cap;
};

/*
 * A long string that is decoded again and again: a loop looks into it once
 * a round.  From the MANYth time on the result is kept, beside the text that
 * it was made of, so that it doesn't matter how long that text lasts where
 * it stands.
 */
struct string_seen {
	const char *at;
	uint32_t n;
	uint32_t times;
	const char *text; /* NULL before it is kept */
	struct value decoded;
};

enum { LONG = 1024, MANY = 4, SEEN = 8 };

struct string_cache {
	struct string_seen seen[SEEN];
};

static unsigned
hex4(const char *p)
{
	unsigned c = 0;

	for (int i = 0; i < 4; i++) {
		unsigned char h = (unsigned char)p[i];

		c = c << 4 | (h <= '9' ? h - 48u : (h | 0x20u) - 87u);
	}
	return c;
}

/* Decode the \u escape at p, with its second half if it has one. */
static uint32_t
unescape_u(const char **p, const char *end)
{
	uint32_t c = hex4(*p + 2), low;

	*p += 6;
	if (c < 0xD800 || c > 0xDBFF || end - *p < 6 || (*p)[0] != '\\' ||
	    (*p)[1] != 'u')
		return c;
	low = hex4(*p + 2);
	if (low < 0xDC00 || low > 0xDFFF)
		return c;
	*p += 6;
	return 0x10000 + ((c & 0x3FF) << 10) + (low & 0x3FF);
}

static char
unescape(char c)
{
	switch (c) {
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	default:
		return c;
	}
}

static struct value
decode(struct arena *a, struct value v)
{
	const char *p = v.text, *end = v.text + v.n;
	char *out, *to;

	/* No escape is shorter than what it stands for. */
	out = to = arena_alloc(a, v.n);
	while (p < end) {
		const char *stop = memchr(p, '\\', (size_t)(end - p));
		size_t plain = (size_t)((stop != NULL ? stop : end) - p);

		memcpy(to, p, plain);
		to += plain;
		p += plain;
		if (stop == NULL)
			break;
		if (p[1] == 'u') {
			to += utf8_write(unescape_u(&p, end), to);
		} else {
			*to++ = unescape(p[1]);
			p += 2;
		}
	}
	return value_text(out, (size_t)(to - out));
}

/* Does an escape begin at this backslash? */
static bool
is_escape(const char *p, const char *end)
{
	if (end - p < 2)
		return false;
	if (p[1] != 'u')
		return p[1] != '\0' && strchr("\"\\/bfnrt", p[1]) != NULL;
	if (end - p < 6)
		return false;
	for (int i = 2; i < 6; i++)
		if (p[i] == '\0' ||
		    strchr("0123456789abcdefABCDEF", p[i]) == NULL)
			return false;
	return true;
}

size_t
string_unquote(char *to, const char *p, size_t n)
{
	const char *end = p + n;
	char *from = to;

	while (p < end) {
		bool is = *p == '\\' && is_escape(p, end);

		if (!is) {
			*to++ = *p++;
		} else if (p[1] != 'u') {
			*to++ = unescape(p[1]);
			p += 2;
		} else {
			const char *stop =
			    end - p >= 12 && is_escape(p + 6, end) ? end
								   : p + 6;

			to += utf8_write(unescape_u(&p, stop), to);
		}
	}
	return (size_t)(to - from);
}

/* Where it is noted how often the string was decoded since the reset. */
static struct string_seen *
seen_at(struct arena *a, struct value v)
{
	uint32_t hash = (uint32_t)((uintptr_t)v.text >> 4) * 0x9E3779B1u;

	if (a->strings == NULL) {
		struct string_cache *c = arena_alloc(a, sizeof(*c));

		*c = (struct string_cache){0};
		a->strings = c;
	}
	return &a->strings->seen[hash >> 16 & (SEEN - 1)];
}

static struct value
decode_long(struct arena *a, struct value v)
{
	struct string_seen *s = seen_at(a, v);

	if (s->at != v.text || s->n != v.n)
		*s = (struct string_seen){.at = v.text, .n = v.n};
	if (s->text != NULL && memcmp(s->text, v.text, v.n) == 0)
		return s->decoded;
	if (++s->times < MANY)
		return decode(a, v);
	s->text = NULL;
	s->decoded = decode(a, v);
	s->text = arena_copy(a, v.text, v.n);
	return s->decoded;
}

struct value
string_decode(struct arena *a, struct value v)
{
	if (memchr(v.text, '\\', v.n) == NULL) {
		v.kind = VALUE_STRING;
		return v;
	}
	return v.n < LONG ? decode(a, v) : decode_long(a, v);
}

struct value
string_append(struct arena *a, struct value x, struct value y)
{
	struct room *room;
	size_t len, cap;
	char *text;

	x = string_decoded(a, x);
	y = string_decoded(a, y);
	if (y.n == 0)
		return x;
	if (x.n == 0)
		return y;
	len = (size_t)x.n + y.n;
	cap = len + len / 2 + 16;
	if (cap > UINT32_MAX)
		arena_exceed(a); /* more than an arena may hold */
	if (x.flags & VALUE_ROOM) {
		room = (struct room *)(uintptr_t)(x.text - sizeof(*room));
		if (room->used == x.n && room->cap >= len) {
			memcpy((char *)(uintptr_t)x.text + x.n, y.text, y.n);
			x.n = room->used = (uint32_t)len;
			return x;
		}
	}
	room = arena_alloc(a, sizeof(*room) + cap);
	text = (char *)(room + 1);
	*room = (struct room){(uint32_t)len, (uint32_t)cap};
	memcpy(text, x.text, x.n);
	memcpy(text + x.n, y.text, y.n);
	x = value_text(text, len);
	x.flags = VALUE_ROOM;
	return x;
}

/* An escape is up to six times as long as what it stands for. */
static bool
may_equal(struct value plain, struct value escaped)
{
	return plain.n <= escaped.n && escaped.n / 6 <= plain.n;
}

bool
string_equal(struct arena *a, struct value x, struct value y)
{
	bool alike = x.n == y.n && memcmp(x.text, y.text, x.n) == 0;

	if (x.kind == y.kind && (alike || x.kind == VALUE_STRING))
		return alike;
	if (x.kind == VALUE_STRING && !may_equal(x, y))
		return false;
	if (y.kind == VALUE_STRING && !may_equal(y, x))
		return false;
	x = string_decoded(a, x);
	y = string_decoded(a, y);
	return x.n == y.n && memcmp(x.text, y.text, x.n) == 0;
}

struct value
string_repair(struct arena *a, const char *p, size_t n)
{
	size_t good = utf8_check(p, n), i = good;
	char *out, *to;

	if (good == n)
		return value_text(arena_copy(a, p, n), n);
	to = out = arena_array(a, n, 3);
	memcpy(to, p, good);
	to += good;
	while (i < n) {
		size_t len = utf8_valid((const unsigned char *)p + i, n - i);

		if (len == 0) {
			to += utf8_write(UTF8_REPLACEMENT, to);
			i++;
			continue;
		}
		memcpy(to, p + i, len);
		to += len;
		i += len;
	}
	return value_text(out, (size_t)(to - out));
}
