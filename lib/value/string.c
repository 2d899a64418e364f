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

struct value
string_decode(struct arena *a, struct value v)
{
	const char *p = v.text, *end = v.text + v.n;
	char *out, *to;

	if (memchr(p, '\\', v.n) == NULL) {
		v.kind = VALUE_STRING;
		return v;
	}
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

bool
string_equal(struct arena *a, struct value x, struct value y)
{
	bool alike = x.n == y.n && memcmp(x.text, y.text, x.n) == 0;

	if (x.kind == y.kind && (alike || x.kind == VALUE_STRING))
		return alike;
	/* An escape is longer than what it stands for. */
	if (x.kind == VALUE_STRING ? x.n > y.n
				   : y.kind == VALUE_STRING && y.n > x.n)
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
