#include <string.h>

#include "json/tokens.h"

enum { SHORT = 24 }; /* bytes that are looked at one by one */

const char *
tokens_string(const char *p, const char *end)
{
	const char *from = p + 1, *quote, *back;

	/* Most strings are short. */
	for (p = from; p < end && p - from < SHORT && *p != '\\'; p++)
		if (*p == '"')
			return p + 1;
	for (;;) {
		quote = memchr(from, '"', (size_t)(end - from));
		if (quote == NULL)
			return end;
		for (back = quote; back > from && back[-1] == '\\'; back--)
			;
		if ((quote - back) % 2 == 0)
			return quote + 1;
		from = quote + 1;
	}
}

/* Behind the number or name at p. */
static const char *
plain_end(const char *p, const char *end)
{
	while (p < end && *p != ',' && *p != ']' && *p != '}' &&
	    !tokens_is_space(*p))
		p++;
	return p;
}

const char *
tokens_value(const char *p, const char *end)
{
	size_t open = 0;

	do {
		if (p >= end)
			return end;
		switch (*p) {
		case '"':
			p = tokens_string(p, end);
			break;
		case '{':
		case '[':
			open++;
			p++;
			break;
		case '}':
		case ']':
			open--;
			p++;
			break;
		default:
			p = open > 0 ? p + 1 : plain_end(p, end);
		}
	} while (open > 0);
	return p;
}

/* Behind a value: past the comma, if there is one. */
static const char *
next(const char *p, const char *end)
{
	p = tokens_skip(p, end);
	return p < end && *p == ',' ? p + 1 : p;
}

/* How long the value at p is; *at goes behind it, or with enter into it. */
static size_t
take_value(const char **at, const char *p, const char *end, bool enter)
{
	const char *q;

	*at = p;
	if (enter && p < end && (*p == '{' || *p == '['))
		return 0;
	q = tokens_value(p, end);
	*at = next(q, end);
	return (size_t)(q - p);
}

static bool
take_member(
    const char **at, const char *end, struct tokens_member *m, bool enter)
{
	const char *p = tokens_skip(*at, end), *q;

	if (p >= end || *p != '"')
		return false;
	q = tokens_string(p, end);
	m->key = p;
	m->key_len = (size_t)(q - p);
	p = tokens_skip(q, end);
	if (p >= end || *p != ':')
		return false;
	m->value = tokens_skip(p + 1, end);
	m->value_len = take_value(at, m->value, end, enter);
	return true;
}

static bool
take_element(const char **at, const char *end, const char **value, size_t *len,
    bool enter)
{
	const char *p = tokens_skip(*at, end);

	if (p >= end || *p == ']')
		return false;
	*value = p;
	*len = take_value(at, p, end, enter);
	return true;
}

bool
tokens_member(const char **at, const char *end, struct tokens_member *m)
{
	return take_member(at, end, m, false);
}

bool
tokens_element(
    const char **at, const char *end, const char **value, size_t *len)
{
	return take_element(at, end, value, len, false);
}

bool
tokens_enter_member(const char **at, const char *end, struct tokens_member *m)
{
	return take_member(at, end, m, true);
}

bool
tokens_enter_element(
    const char **at, const char *end, const char **value, size_t *len)
{
	return take_element(at, end, value, len, true);
}

const char *
tokens_leave(const char *p, const char *end)
{
	p = tokens_skip(p, end);
	return next(p < end ? p + 1 : p, end);
}
