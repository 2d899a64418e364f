#include <string.h>

#include "state/duration.h"

#define DURATION_MOST (INT64_C(100000) * 86400 * 1000000)

static const struct unit {
	const char *name;
	int64_t micros;
} UNITS[] = {
    {"us", 1},
    {"ms", 1000},
    {"s", 1000000},
    {"m", INT64_C(60) * 1000000},
    {"h", INT64_C(3600) * 1000000},
    {"d", INT64_C(86400) * 1000000},
    {"w", INT64_C(7) * 86400 * 1000000},
};

bool
duration_parse(const char *text, size_t len, int64_t *micros)
{
	int64_t n = 0;
	size_t i = 0;

	for (; i < len && text[i] >= '0' && text[i] <= '9'; i++) {
		n = n * 10 + (text[i] - '0');
		if (n > DURATION_MOST)
			return false;
	}
	if (i == 0)
		return false;
	*micros = 0;
	if (n == 0 && i == len)
		return true;
	for (size_t u = 0; u < sizeof(UNITS) / sizeof(*UNITS); u++) {
		if (strlen(UNITS[u].name) != len - i ||
		    memcmp(UNITS[u].name, text + i, len - i) != 0)
			continue;
		if (n > DURATION_MOST / UNITS[u].micros)
			return false;
		*micros = n * UNITS[u].micros;
		return true;
	}
	return false;
}
