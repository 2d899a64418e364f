/*
 * A text that a pattern may match: the first branch, the first character of
 * a class, as few repetitions as there may be.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/utf8.h"
#include "schema/ecma.h"

enum { LONGEST = 1000, DEPTH = 50 };

struct sampling {
	const char *p, *end;
	struct buf *out;
	unsigned depth;
};

static void put_branches(struct sampling *s);

static void
put_code(struct sampling *s, uint32_t c)
{
	char text[UTF8_MAX];

	buf_put(s->out, text, utf8_write(c, text));
}

static uint32_t
read_hex(struct sampling *s, size_t most)
{
	uint32_t c = 0;

	for (size_t i = 0; i < most && s->p < s->end; i++) {
		const char *found = strchr("0123456789abcdef", *s->p | 0x20);

		if (*s->p == '\0' || found == NULL)
			break;
		c = c << 4 | (uint32_t)(found - "0123456789abcdef");
		s->p++;
	}
	return c;
}

static uint32_t
read_unicode(struct sampling *s)
{
	uint32_t c;

	if (s->p == s->end || *s->p != '{')
		return read_hex(s, 4);
	s->p++;
	c = read_hex(s, 6);
	s->p += s->p < s->end;
	return c;
}

/* A property: digits have one, all else is a letter. */
static uint32_t
read_property(struct sampling *s)
{
	const char *from = s->p;

	while (s->p < s->end && *s->p != '}')
		s->p++;
	s->p += s->p < s->end;
	return memmem(from, (size_t)(s->p - from), "N", 1) != NULL ||
		memmem(from, (size_t)(s->p - from), "igit", 4) != NULL
	    ? '0'
	    : memmem(from, (size_t)(s->p - from), "Ll", 2) != NULL ? 'a'
								   : 'A';
}

/* Behind a backslash; false where nothing is to be put. */
static bool
read_escape(struct sampling *s, uint32_t *c)
{
	static const char from[] = "dwsDWStnvfr", to[] = "0a x- \t\n\v\f\r";
	const char *found;
	char e = s->p < s->end ? *s->p++ : '\0';

	found = e == '\0' ? NULL : strchr(from, e);
	*c = (unsigned char)e;
	if (found != NULL)
		*c = (unsigned char)to[found - from];
	if (e == 'S')
		*c = 'x';
	if (e == 'x')
		*c = read_hex(s, 2);
	if (e == 'u')
		*c = read_unicode(s);
	if (e == 'p' || e == 'P')
		*c = e == 'p' ? read_property(s)
			      : (read_property(s), (uint32_t)'-');
	if (e == 'c' && s->p < s->end)
		*c = (unsigned char)*s->p++ & 31;
	return e != 'b' && e != 'B' && e != 'k' && !(e >= '1' && e <= '9');
}

static void
put_class(struct sampling *s)
{
	bool outside = ++s->p < s->end && *s->p == '^', put = outside;
	uint32_t c;
	size_t n;

	s->p += outside;
	if (outside)
		buf_putc(s->out, 'x');
	while (s->p < s->end && *s->p != ']') {
		if (*s->p == '\\') {
			s->p++;
			if (!read_escape(s, &c))
				c = '\b';
		} else {
			c = utf8_decode(s->p, &n);
			s->p += n;
		}
		if (!put)
			put_code(s, c);
		put = true;
	}
	s->p += s->p < s->end;
}

/* What looks around takes no room. */
static void
put_group(struct sampling *s)
{
	size_t before = s->out->len;
	bool around = false;

	s->p++;
	if (s->p < s->end && *s->p == '?') {
		s->p++;
		around = s->p < s->end && *s->p != ':';
		if (around && s->end - s->p > 2 && *s->p == '<' &&
		    s->p[1] != '=' && s->p[1] != '!') {
			around = false;
			while (s->p < s->end && *s->p != '>')
				s->p++;
		}
		s->p += s->p < s->end;
	}
	put_branches(s);
	s->p += s->p < s->end;
	if (around)
		s->out->len = before;
}

/* How often at least what stands before is there. */
static size_t
read_least(struct sampling *s)
{
	size_t least = 1;
	bool any = s->p < s->end;

	if (any && (*s->p == '*' || *s->p == '?')) {
		least = 0;
		s->p++;
	} else if (any && *s->p == '+') {
		s->p++;
	} else if (any && *s->p == '{' && s->end - s->p > 1 && s->p[1] >= '0' &&
	    s->p[1] <= '9') {
		for (least = 0, s->p++;
		     s->p < s->end && *s->p >= '0' && *s->p <= '9'; s->p++)
			if (least < LONGEST)
				least = least * 10 + (size_t)(*s->p - '0');
		while (s->p < s->end && *s->p != '}')
			s->p++;
		s->p += s->p < s->end;
	} else {
		return 1;
	}
	if (s->p < s->end && *s->p == '?')
		s->p++;
	return least;
}

static void
put_atom(struct sampling *s)
{
	uint32_t c;
	size_t n;

	switch (*s->p) {
	case '^':
	case '$':
		s->p++;
		return;
	case '.':
		s->p++;
		buf_putc(s->out, 'x');
		return;
	case '[':
		put_class(s);
		return;
	case '(':
		put_group(s);
		return;
	case '\\':
		s->p++;
		if (read_escape(s, &c))
			put_code(s, c);
		return;
	}
	c = utf8_decode(s->p, &n);
	s->p += n;
	put_code(s, c);
}

static void
repeat(struct sampling *s, size_t from, size_t least)
{
	size_t n = s->out->len - from;

	if (least == 0)
		s->out->len = from;
	for (; least > 1 && s->out->len < LONGEST; least--) {
		if (!buf_room(s->out, n))
			return;
		memcpy(s->out->p + s->out->len, s->out->p + from, n);
		s->out->len += n;
	}
}

/* Up to a closing parenthesis or the end; what the others give is cut. */
static void
put_branches(struct sampling *s)
{
	size_t first = SIZE_MAX;

	if (++s->depth > DEPTH)
		s->p = s->end;
	while (s->p < s->end && *s->p != ')') {
		size_t from = s->out->len;

		if (*s->p == '|') {
			if (first == SIZE_MAX)
				first = from;
			s->p++;
			continue;
		}
		put_atom(s);
		repeat(s, from, read_least(s));
	}
	if (first != SIZE_MAX && !buf_failed(s->out))
		s->out->len = first;
	s->depth--;
}

void
ecma_sample(const char *pattern, size_t len, struct buf *out)
{
	struct sampling s = {.p = pattern, .end = pattern + len, .out = out};

	while (s.p < s.end) {
		put_branches(&s);
		s.p += s.p < s.end;
	}
}
