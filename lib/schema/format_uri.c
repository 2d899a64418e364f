/*
 * URIs (RFC 3986), IRIs (RFC 3987), and templates of them (RFC 6570).
 */
#include <string.h>

#include "base/utf8.h"
#include "schema/format.h"

static bool
is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool
is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

static bool
is_unreserved(char c)
{
	return is_alpha(c) || is_digit(c) || is_one_of(c, "-._~");
}

static bool
is_escape(const char *p, const char *end)
{
	return end - p >= 3 && *p == '%' && is_hex(p[1]) && is_hex(p[2]);
}

/* ucschar, and in a query iprivate. */
static bool
is_international(uint32_t c, bool query)
{
	if (query &&
	    ((c >= 0xE000 && c <= 0xF8FF) || (c >= 0xF0000 && c <= 0x10FFFD)))
		return true;
	if (c < 0x10000)
		return (c >= 0xA0 && c <= 0xD7FF) ||
		    (c >= 0xF900 && c <= 0xFDCF) || (c >= 0xFDF0 && c < 0xFFF0);
	return c < 0xF0000 && (c & 0xFFFF) < 0xFFFE &&
	    !(c >= 0xE0000 && c < 0xE1000);
}

/* Bytes of the character at p where it may stand; 0 where it may not. */
static size_t
allowed(const char *p, const char *end, const char *set, bool iri, bool query)
{
	size_t n;

	if (is_escape(p, end))
		return 3;
	if ((unsigned char)*p < 0x80)
		return is_unreserved(*p) || is_one_of(*p, set);
	return iri && is_international(utf8_decode(p, &n), query) ? n : 0;
}

static bool
all_allowed(
    const char *p, const char *end, const char *set, bool iri, bool query)
{
	while (p < end) {
		size_t n = allowed(p, end, set, iri, query);

		if (n == 0)
			return false;
		p += n;
	}
	return true;
}

/* "v1.fe:x", or an IPv6 address, between brackets. */
static bool
is_literal(const char *p, const char *end)
{
	const char *from = p + 1;

	if (p == end || (*p | 0x20) != 'v')
		return format_ipv6(p, (size_t)(end - p));
	for (p++; p < end && is_hex(*p);)
		p++;
	if (p == from || end - p < 2 || *p != '.')
		return false;
	for (p++; p < end; p++)
		if (!is_unreserved(*p) && !is_one_of(*p, "!$&'()*+,;=:"))
			return false;
	return true;
}

static bool
is_port(const char *p, const char *end)
{
	for (; p < end; p++)
		if (!is_digit(*p))
			return false;
	return true;
}

static bool
is_authority(const char *p, const char *end, bool iri)
{
	const char *at = memrchr(p, '@', (size_t)(end - p)), *close, *colon;

	if (at != NULL) {
		if (!all_allowed(p, at, "!$&'()*+,;=:", iri, false))
			return false;
		p = at + 1;
	}
	if (p < end && *p == '[') {
		close = memchr(p, ']', (size_t)(end - p));
		return close != NULL && is_literal(p + 1, close) &&
		    (close + 1 == end ||
			(close[1] == ':' && is_port(close + 2, end)));
	}
	colon = memchr(p, ':', (size_t)(end - p));
	return all_allowed(
		   p, colon == NULL ? end : colon, "!$&'()*+,;=", iri, false) &&
	    (colon == NULL || is_port(colon + 1, end));
}

static const char *
find(const char *p, const char *end, const char *set)
{
	while (p < end && !is_one_of(*p, set))
		p++;
	return p;
}

static const char *
skip_scheme(const char *p, const char *end)
{
	const char *from = p;

	if (p == end || !is_alpha(*p))
		return from;
	while (
	    p < end && (is_alpha(*p) || is_digit(*p) || is_one_of(*p, "+-.")))
		p++;
	return p < end && *p == ':' ? p + 1 : from;
}

static bool
is_path(const char *p, const char *end, bool first, bool iri)
{
	/* "a:b" would be a scheme. */
	if (first && find(p, end, ":/") < end && *find(p, end, ":/") == ':')
		return false;
	return all_allowed(p, end, "!$&'()*+,;=:@/", iri, false);
}

static bool
is_uri(const char *p, size_t len, bool iri, bool absolute)
{
	const char *end = p + len, *from = p, *stop;

	p = skip_scheme(p, end);
	if (absolute && p == from)
		return false;
	if (end - p >= 2 && p[0] == '/' && p[1] == '/') {
		stop = find(p + 2, end, "/?#");
		if (!is_authority(p + 2, stop, iri))
			return false;
		p = from = stop;
	}
	stop = find(p, end, "?#");
	if (!is_path(p, stop, p == from && (p == end || *p != '/'), iri))
		return false;
	p = stop;
	if (p < end && *p == '?') {
		stop = find(p, end, "#");
		if (!all_allowed(p + 1, stop, "!$&'()*+,;=:@/?", iri, true))
			return false;
		p = stop;
	}
	return p == end ||
	    all_allowed(p + 1, end, "!$&'()*+,;=:@/?", iri, false);
}

bool
format_uri(const char *text, size_t len)
{
	return is_uri(text, len, false, true);
}

bool
format_uri_reference(const char *text, size_t len)
{
	return is_uri(text, len, false, false);
}

bool
format_iri(const char *text, size_t len)
{
	return is_uri(text, len, true, true);
}

bool
format_iri_reference(const char *text, size_t len)
{
	return is_uri(text, len, true, false);
}

/* A variable's name: letters, digits, _ and escapes, with dots between. */
static const char *
skip_name(const char *p, const char *end)
{
	bool dot = true;

	for (; p < end; p++) {
		if (*p == '.' && !dot) {
			dot = true;
			continue;
		}
		if (is_escape(p, end))
			p += 2;
		else if (!is_alpha(*p) && !is_digit(*p) && *p != '_')
			break;
		dot = false;
	}
	return dot ? NULL : p;
}

/* ":3" or "*" behind a name. */
static const char *
skip_modifier(const char *p, const char *end)
{
	const char *from;

	if (p < end && *p == '*')
		return p + 1;
	if (p == end || *p != ':')
		return p;
	from = ++p;
	while (p < end && is_digit(*p))
		p++;
	return p == from || *from == '0' || p - from > 4 ? NULL : p;
}

/* What stands between { and }. */
static bool
is_expression(const char *p, const char *end)
{
	if (p < end && is_one_of(*p, "+#./;?&=,!@|"))
		p++;
	for (;;) {
		p = skip_name(p, end);
		if (p != NULL)
			p = skip_modifier(p, end);
		if (p == NULL)
			return false;
		if (p == end)
			return true;
		if (*p++ != ',')
			return false;
	}
}

bool
format_uri_template(const char *p, size_t len)
{
	const char *end = p + len, *close;

	while (p < end) {
		size_t n = 1;

		if (*p == '{') {
			close = memchr(p, '}', (size_t)(end - p));
			if (close == NULL || !is_expression(p + 1, close))
				return false;
			p = close + 1;
			continue;
		}
		if (*p == '%' && !is_escape(p, end))
			return false;
		if ((unsigned char)*p >= 0x80) {
			if (!is_international(utf8_decode(p, &n), true))
				return false;
		} else if (*p <= ' ' || *p == 0x7F ||
		    is_one_of(*p, "\"<>\\^`{|}")) {
			return false;
		}
		p += n;
	}
	return true;
}
