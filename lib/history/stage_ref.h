/*
 * stage_ref - a stage of a history, as people refer to it.
 *
 * A number from 1, "first", "last", or a name: a stage's, or failing that
 * an op.  Of records with the same name the first is meant.
 */
#ifndef HISTORY_STAGE_REF_H
#define HISTORY_STAGE_REF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "history/view.h"

enum stage_ref_kind {
	STAGE_REF_NUMBER,
	STAGE_REF_FIRST,
	STAGE_REF_LAST,
	STAGE_REF_NAME,
};

struct stage_ref {
	enum stage_ref_kind kind;
	size_t number;    /* where kind is STAGE_REF_NUMBER */
	const char *name; /* where it is STAGE_REF_NAME; borrowed */
};

/*
 * Read what people wrote; r borrows text.  False for "", a number below 0
 * or too large.
 */
bool stage_ref_parse(struct stage_ref *r, const char *text);

/*
 * The number of the record, from 1, among n views.  Number 0, and the first
 * and last of a history without records, are 0.  False where there is no
 * such record; why, of size bytes, says so.
 */
bool stage_ref_find(struct arena *a, const struct stage_ref *r,
    const struct view *v, size_t n, size_t *number, char *why, size_t size);

#endif
