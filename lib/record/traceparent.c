#include <string.h>

#include "record/traceparent.h"

enum { LENGTH = 55 };

static bool
is_hex(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!((p[i] >= '0' && p[i] <= '9') ||
			(p[i] >= 'a' && p[i] <= 'f')))
			return false;
	return true;
}

static bool
is_zero(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != '0')
			return false;
	return true;
}

/* What is behind the flags is kept as it is, so let it be plain. */
static bool
is_tail(const char *p, size_t n)
{
	if (n > 0 && p[0] != '-')
		return false;
	for (size_t i = 0; i < n; i++)
		if (p[i] <= ' ' || p[i] == '"' || p[i] == '\\' || p[i] > '~')
			return false;
	return n < 256;
}

bool
traceparent_valid(const char *p, size_t n)
{
	if (n < LENGTH || !is_hex(p, 2) || p[2] != '-' || !is_hex(p + 3, 32) ||
	    p[35] != '-' || !is_hex(p + 36, 16) || p[52] != '-' ||
	    !is_hex(p + 53, 2))
		return false;
	if (memcmp(p, "ff", 2) == 0 || is_zero(p + 3, 32) ||
	    is_zero(p + 36, 16))
		return false;
	return memcmp(p, "00", 2) == 0 ? n == LENGTH
				       : is_tail(p + LENGTH, n - LENGTH);
}
