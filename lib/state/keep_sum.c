#include <stdio.h>

#include "base/hash.h"
#include "state/keep_sum.h"

bool
keep_sum_make(struct database *db, struct buf *scratch,
    const struct keep_row_parts *row, int64_t *sum)
{
	struct buf *b = scratch;
	char bytes[8]; /* the same on every machine */

	for (int i = 0; i < 8; i++)
		bytes[i] = (char)((uint64_t)row->number >> (8 * i) & 0xff);
	buf_clear(b);
	buf_put(b, row->name, row->name_len);
	buf_putc(b, '\0');
	buf_put(b, row->text, row->text_len);
	buf_putc(b, '\0');
	buf_put(b, row->at, row->at_len);
	buf_putc(b, '\0');
	buf_put(b, bytes, sizeof(bytes));
	if (buf_failed(b)) {
		snprintf(db->error, sizeof(db->error), "out of memory");
		return false;
	}
	*sum = (int64_t)hash_plain(b->p, b->len);
	return true;
}

bool
keep_sum_check(struct database *db, struct buf *scratch,
    const struct keep_row_parts *row, const struct statement *s, int column,
    const char *what)
{
	size_t len = row->name_len < 100 ? row->name_len : 100;
	int64_t sum;

	if (statement_column_type(s, column) == COLUMN_NULL)
		return true;
	if (!keep_sum_make(db, scratch, row, &sum))
		return false;
	if (statement_integer(s, column) == sum)
		return true;
	snprintf(db->error, sizeof(db->error),
	    "the row of the %s %.*s isn't as it was written; where that was "
	    "on purpose, set its sum to NULL",
	    what, (int)len, row->name);
	return false;
}
