#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "arguments.h"

size_t
arguments_behind(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--") == 0)
			return (size_t)(argc - i - 1);
	return SIZE_MAX;
}

size_t
arguments_take(struct settings *set, size_t behind, size_t max,
    bool (*can_be)(const char *text), const char **taken)
{
	size_t n = 0, before = SIZE_MAX;

	if (behind <= set->files_n)
		before = set->files_n - behind;
	while (n < max && n < set->files_n && n < before &&
	    can_be(set->files[n])) {
		if (before == SIZE_MAX && access(set->files[n], F_OK) == 0)
			break;
		n++;
	}
	if (before != SIZE_MAX && n < before)
		return SIZE_MAX;
	set->files_n -= n;
	for (size_t i = 0; i < n; i++)
		taken[i] = set->files[i];
	for (size_t i = 0; i <= set->files_n; i++)
		set->files[i] = set->files[i + n];
	return n;
}
