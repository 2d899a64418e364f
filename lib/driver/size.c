#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/size.h"

bool
size_parse(const char *text, size_t *size)
{
	static const char suffixes[] = "KMG";
	unsigned long long n;
	const char *suffix;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno != 0)
		return false;
	if (*end != '\0') {
		suffix =
		    strchr(suffixes, *end >= 'a' ? *end - 'a' + 'A' : *end);
		if (suffix == NULL || end[1] != '\0')
			return false;
		for (; suffix >= suffixes; suffix--) {
			if (__builtin_mul_overflow(n, 1024ULL, &n))
				return false;
		}
	}
	*size = n;
	return true;
}

void
size_format(char *out, size_t size)
{
	static const char *const units[] = {"bytes", "KiB", "MiB", "GiB"};
	size_t i = 0;

	while (i < 3 && size >= 1024 && size % 1024 == 0) {
		size /= 1024;
		i++;
	}
	snprintf(out, SIZE_TEXT, "%zu %s", size, units[i]);
}
