#include <string.h>

#include "lang/run/builtin.h"

static const struct builtin *const TABLES[] = {
    BUILTINS_CORE,
    BUILTINS_ENTRIES,
    BUILTINS_ORDER,
    BUILTINS_STRINGS,
    BUILTINS_MATH,
    BUILTINS_TIME,
};

enum { TABLES_N = sizeof(TABLES) / sizeof(TABLES[0]) };

const struct builtin *
builtin_find(const char *name, size_t len, uint32_t args)
{
	for (size_t t = 0; t < TABLES_N; t++)
		for (const struct builtin *b = TABLES[t]; b->name; b++)
			if (b->args == args && strlen(b->name) == len &&
			    memcmp(b->name, name, len) == 0)
				return b;
	return NULL;
}

void
builtin_each(
    void (*each)(void *arg, const char *name, uint32_t args), void *arg)
{
	for (size_t t = 0; t < TABLES_N; t++)
		for (const struct builtin *b = TABLES[t]; b->name; b++)
			each(arg, b->name, b->args);
}
