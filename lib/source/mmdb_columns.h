/*
 * mmdb_columns - chosen columns of a MaxMind database, as a tree of the names
 * that their dotted paths have in common: subdivisions.0.names.en.
 */
#ifndef SOURCE_MMDB_COLUMNS_H
#define SOURCE_MMDB_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct mmdb_column {
	const char *name;
	size_t index;      /* in an array, where name is a number */
	const char **path; /* of a leaf: names, and NULL behind them */
	struct mmdb_column *part, *next;
	bool numbered; /* all its parts are numbers, from the least on */
};

/*
 * The tree of a comma-separated list, whose parts are the columns; NULL where
 * it has an empty name.  Memory comes from the arena.
 */
struct mmdb_column *mmdb_columns_read(struct arena *a, const char *list);

#endif
