/*
 * ms-schema - check the shape of events, learn it, compare versions of it, and
 * take events from one to another.
 *
 * The first argument may name a subcommand; without one, events are checked.
 */
#include <string.h>

#include "subcommands.h"

static const struct {
	const char *name;
	int (*main)(int argc, char **argv);
} subcommands[] = {
    {"check", schema_check_main},
    {"infer", schema_infer_main},
    {"compare", schema_compare_main},
    {"up", schema_up_main},
    {"down", schema_down_main},
    {"test", schema_test_main},
};

int
main(int argc, char **argv)
{
	size_t n = sizeof(subcommands) / sizeof(*subcommands);

	for (size_t i = 0; i < n; i++)
		if (argc > 1 && strcmp(argv[1], subcommands[i].name) == 0)
			return subcommands[i].main(argc - 1, argv + 1);
	return schema_check_main(argc, argv);
}
