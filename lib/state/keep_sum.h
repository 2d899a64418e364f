/*
 * keep_sum - sums of the rows in a state file.
 *
 * SQLite finds pages that make no sense, but not a text in which some bits
 * have changed.  So each row has a sum; who changes one by hand sets it to
 * NULL.
 */
#ifndef STATE_KEEP_SUM_H
#define STATE_KEEP_SUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/database.h"

/* What a row's sum is made of; what it doesn't have is 0. */
struct keep_row_parts {
	const char *name, *text, *at;
	size_t name_len, text_len, at_len;
	int64_t number;
};

/* scratch is used.  False where memory is missing, as db's error says then. */
bool keep_sum_make(struct database *db, struct buf *scratch,
    const struct keep_row_parts *row, int64_t *sum);

/*
 * Is the sum in that column the row's, or NULL?  Where it isn't, db's error
 * says which row of what it is.
 */
bool keep_sum_check(struct database *db, struct buf *scratch,
    const struct keep_row_parts *row, const struct statement *s, int column,
    const char *what);

#endif
