/*
 * sql_row - values as SQLite has them: into a statement's parameters, and
 * out of its rows.
 */
#ifndef SOURCE_SQL_ROW_H
#define SOURCE_SQL_ROW_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/database.h"
#include "value/value.h"

/*
 * Set parameter i: true and false are 1 and 0, an array or object is its
 * JSON text.  What lasts as long as the statement's run comes from the
 * arena.  False, and the reason, where SQLite has no such value.
 */
bool sql_row_bind(struct statement *s, int i, struct arena *a, struct value v,
    char *why, size_t size);

/*
 * Append the row in hand as an object.  False, and the reason, where JSON
 * has no such value.
 */
bool sql_row_write(
    const struct statement *s, struct buf *out, char *why, size_t size);

#endif
