#include <string.h>

#include "lang/builtins/builtins.h"

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
builtins_find_in(
    const struct builtin *table, const char *name, size_t len, uint32_t args)
{
	for (const struct builtin *b = table; b->name != NULL; b++)
		if (b->args == args && strlen(b->name) == len &&
		    memcmp(b->name, name, len) == 0)
			return b;
	return NULL;
}

static const struct builtin *
find(const char *name, size_t len, uint32_t args)
{
	const struct builtin *b = NULL;

	for (size_t t = 0; t < TABLES_N && b == NULL; t++)
		b = builtins_find_in(TABLES[t], name, len, args);
	return b;
}

static const struct builtin *
find_format(const char *name, size_t len)
{
	return builtins_find_in(BUILTINS_FORMATS, name, len, 0);
}

static void
each(void (*take)(void *arg, const char *name, uint32_t args), void *arg)
{
	for (size_t t = 0; t < TABLES_N; t++)
		for (const struct builtin *b = TABLES[t]; b->name; b++)
			take(arg, b->name, b->args);
}

const struct library BUILTINS = {find, find_format, each};
