/*
 * place - a record of a history, as people name it.
 *
 * A number from 1, "first", "last", or a name: a stage's, or failing that
 * an op.  Of records with the same name the first is meant.
 */
#ifndef HISTORY_PLACE_H
#define HISTORY_PLACE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "history/view.h"

enum place_kind { PLACE_NUMBER, PLACE_FIRST, PLACE_LAST, PLACE_NAME };

struct place {
	enum place_kind kind;
	size_t number;
	const char *name; /* borrowed */
};

/* False for "", a number below 0 or too large. */
bool place_parse(struct place *p, const char *text);

/*
 * The number of the record, from 1.  Number 0, and the first and last of a
 * history without records, are 0.  False where there is no such record;
 * why, of size bytes, says so.
 */
bool place_find(struct arena *a, const struct place *p, const struct view *v,
    size_t n, size_t *number, char *why, size_t size);

#endif
