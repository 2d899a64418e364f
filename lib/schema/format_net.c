/*
 * Addresses of mail and of machines.
 */
#include <arpa/inet.h>
#include <string.h>

#include "base/utf8.h"
#include "schema/format.h"
#include "schema/idn.h"

enum { LABEL_MAX = 63, NAME_MAX_LENGTH = 253 };

bool
format_ipv4(const char *p, size_t n)
{
	char text[16];
	struct in_addr address;

	if (n >= sizeof(text) || memchr(p, '\0', n) != NULL)
		return false;
	memcpy(text, p, n);
	text[n] = '\0';
	return inet_pton(AF_INET, text, &address) == 1;
}

bool
format_ipv6(const char *p, size_t n)
{
	char text[46];
	struct in6_addr address;

	if (n >= sizeof(text) || memchr(p, '\0', n) != NULL)
		return false;
	memcpy(text, p, n);
	text[n] = '\0';
	return inet_pton(AF_INET6, text, &address) == 1;
}

static bool
is_letter_or_digit(char c)
{
	return (c >= '0' && c <= '9') ||
	    ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static bool
is_ascii(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)p[i] >= 0x80)
			return false;
	return true;
}

/* Letters, digits, hyphens between them; "xn--" says more (RFC 5890). */
static bool
is_ascii_label(const char *p, size_t n)
{
	if (n == 0 || n > LABEL_MAX || p[0] == '-' || p[n - 1] == '-')
		return false;
	for (size_t i = 0; i < n; i++)
		if (!is_letter_or_digit(p[i]) && p[i] != '-')
			return false;
	if (n < 4 || p[2] != '-' || p[3] != '-')
		return true;
	return (p[0] | 0x20) == 'x' && (p[1] | 0x20) == 'n' &&
	    idn_is_a_label(p, n);
}

/* The length of a dot in any of its forms (RFC 3490, 3.1), or 0. */
static size_t
dot_length(const char *p, size_t n, bool idn)
{
	if (*p == '.')
		return 1;
	if (!idn || n < 3)
		return 0;
	return memcmp(p, "\343\200\202", 3) == 0 ||
		memcmp(p, "\357\274\216", 3) == 0 ||
		memcmp(p, "\357\275\241", 3) == 0
	    ? 3
	    : 0;
}

/* Letters of scripts that are written from right to left. */
static bool
is_right_to_left(const char *p, size_t n)
{
	for (size_t i = 0, size; i < n; i += size) {
		uint32_t c = utf8_decode(p + i, &size);

		if ((c >= 0x590 && c < 0x900) || (c >= 0xFB1D && c < 0xFE00) ||
		    (c >= 0xFE70 && c < 0xFF00) ||
		    (c >= 0x10800 && c < 0x11000) ||
		    (c >= 0x1E800 && c < 0x1F000))
			return true;
	}
	return false;
}

/* A label has Arabic-Indic digits or ASCII's, not both (RFC 5893, 2). */
static bool
mixes_digits(const char *p, size_t n)
{
	bool ascii = false, arabic = false;

	for (size_t i = 0, size; i < n; i += size) {
		uint32_t c = utf8_decode(p + i, &size);

		ascii |= c >= '0' && c <= '9';
		arabic |= c >= 0x660 && c <= 0x669;
	}
	return ascii && arabic;
}

static bool
is_label(const char *p, size_t n, bool idn, bool right_to_left)
{
	if (is_ascii(p, n))
		return is_ascii_label(p, n) &&
		    !(right_to_left && *p >= '0' && *p <= '9');
	return idn && !mixes_digits(p, n) && idn_is_u_label(p, n);
}

static bool
is_name(const char *p, size_t n, bool idn)
{
	bool right_to_left = idn && is_right_to_left(p, n);
	size_t from = 0, dot;

	if (n == 0 || (is_ascii(p, n) && n > NAME_MAX_LENGTH))
		return false;
	for (size_t i = 0; i < n; i++) {
		dot = dot_length(p + i, n - i, idn);
		if (dot == 0)
			continue;
		if (!is_label(p + from, i - from, idn, right_to_left))
			return false;
		i += dot - 1;
		from = i + 1;
	}
	return is_label(p + from, n - from, idn, right_to_left);
}

bool
format_hostname(const char *p, size_t n)
{
	return is_name(p, n, false);
}

bool
format_idn_hostname(const char *p, size_t n)
{
	return is_name(p, n, true);
}

/* What a dot-string may hold (RFC 5322's atext). */
static bool
is_atom(char c)
{
	return is_letter_or_digit(c) ||
	    (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

static bool
is_dot_string(const char *p, size_t n, bool idn)
{
	bool dot = true;

	for (size_t i = 0; i < n; i++) {
		if (p[i] == '.') {
			if (dot)
				return false;
			dot = true;
			continue;
		}
		if (!is_atom(p[i]) && !(idn && (unsigned char)p[i] >= 0x80))
			return false;
		dot = false;
	}
	return !dot;
}

static bool
is_quoted(const char *p, size_t n, bool idn)
{
	if (n < 2 || p[0] != '"' || p[n - 1] != '"')
		return false;
	for (size_t i = 1; i < n - 1; i++) {
		unsigned char c = (unsigned char)p[i];

		if (c == '\\' && ++i == n - 1)
			return false;
		c = (unsigned char)p[i];
		if (c < ' ' || c == 0x7F || (c >= 0x80 && !idn) ||
		    (c == '"' && p[i - 1] != '\\'))
			return false;
	}
	return true;
}

static bool
is_address(const char *p, size_t n)
{
	if (n < 2 || p[0] != '[' || p[n - 1] != ']')
		return false;
	if (n > 7 && strncasecmp(p + 1, "IPv6:", 5) == 0)
		return format_ipv6(p + 6, n - 7);
	return format_ipv4(p + 1, n - 2);
}

static bool
is_mailbox(const char *p, size_t n, bool idn)
{
	const char *at = memrchr(p, '@', n);
	size_t local = at == NULL ? 0 : (size_t)(at - p);

	if (at == NULL || local == 0 || local > 64)
		return false;
	if (!is_dot_string(p, local, idn) && !is_quoted(p, local, idn))
		return false;
	p = at + 1;
	n -= local + 1;
	return is_address(p, n) || is_name(p, n, idn);
}

bool
format_email(const char *p, size_t n)
{
	return is_mailbox(p, n, false);
}

bool
format_idn_email(const char *p, size_t n)
{
	return is_mailbox(p, n, true);
}
