#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"

static bool
continues(unsigned char c)
{
	return (c & 0xC0) == 0x80;
}

size_t
utf8_valid(const unsigned char *p, size_t n)
{
	if (n == 0)
		return 0;
	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xC2)
		return 0;
	if (p[0] < 0xE0)
		return n >= 2 && continues(p[1]) ? 2 : 0;
	if (p[0] < 0xF0) {
		if (n < 3 || !continues(p[1]) || !continues(p[2]))
			return 0;
		if (p[0] == 0xE0 && p[1] < 0xA0)
			return 0;
		return p[0] == 0xED && p[1] > 0x9F ? 0 : 3;
	}
	if (p[0] > 0xF4 || n < 4 || !continues(p[1]) || !continues(p[2]) ||
	    !continues(p[3]))
		return 0;
	if (p[0] == 0xF0 && p[1] < 0x90)
		return 0;
	return p[0] == 0xF4 && p[1] > 0x8F ? 0 : 4;
}

size_t
utf8_check(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n) {
		uint64_t w;
		size_t len;

		while (n - i >= 8) {
			memcpy(&w, p + i, 8);
			if (w & 0x8080808080808080u)
				break;
			i += 8;
		}
		if (i == n)
			break;
		len = utf8_valid((const unsigned char *)p + i, n - i);
		if (len == 0)
			return i;
		i += len;
	}
	return n;
}

uint32_t
utf8_decode(const char *p, size_t *len)
{
	const unsigned char *u = (const unsigned char *)p;

	if (u[0] < 0x80) {
		*len = 1;
		return u[0];
	}
	if (u[0] < 0xE0) {
		*len = 2;
		return (u[0] & 0x1Fu) << 6 | (u[1] & 0x3Fu);
	}
	if (u[0] < 0xF0) {
		*len = 3;
		return (u[0] & 0x0Fu) << 12 | (u[1] & 0x3Fu) << 6 |
		    (u[2] & 0x3Fu);
	}
	*len = 4;
	return (u[0] & 0x07u) << 18 | (u[1] & 0x3Fu) << 12 |
	    (u[2] & 0x3Fu) << 6 | (u[3] & 0x3Fu);
}

size_t
utf8_write(uint32_t c, char *out)
{
	if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		c = UTF8_REPLACEMENT;
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xC0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3F));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xE0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3F));
		out[2] = (char)(0x80 | (c & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3F));
	out[2] = (char)(0x80 | (c >> 6 & 0x3F));
	out[3] = (char)(0x80 | (c & 0x3F));
	return 4;
}

size_t
utf8_count(const char *p, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += !continues((unsigned char)p[i]);
	return count;
}

size_t
utf8_offset(const char *p, size_t n, size_t i)
{
	size_t at = 0;

	for (; at < n; at++) {
		if (continues((unsigned char)p[at]))
			continue;
		if (i-- == 0)
			return at;
	}
	return n;
}
