/*
 * matcher - which rows of a table a key finds.
 *
 * One way to look a key up, whatever the match: by value and by prefix over
 * an index of hashes, by network, range and period over sorted spans.  All
 * keys but the last are compared by value in each of them.
 *
 * Values: 1, 1.0 and 1e0 are one key, "1" another; null, arrays and objects
 * are no keys, and a row or an event with one isn't found.
 */
#ifndef SOURCE_MATCHER_H
#define SOURCE_MATCHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "source/index.h"
#include "source/source.h"
#include "source/spans.h"

struct matcher {
	const struct source_options *options;
	uint64_t seed;
	size_t exact; /* keys that are compared by value */
	bool spanned; /* rows are found by spans */
	bool ends;    /* periods have a column for their end */
	size_t cells; /* of a row: see matcher_add() */
	struct index index;
	struct spans spans;
	uint64_t *hash; /* of each row, until it is finished */
	size_t n, cap;
	uint64_t *lengths; /* of prefixes, bit by bit */
	size_t lengths_n;  /* words */
	size_t keyless;    /* rows without a key */
};

#define MATCHER_DELETED (INDEX_NONE - 1)

/* Cells of a row: a callback of the table. */
typedef const struct value *matcher_cells(void *arg, uint32_t row);

enum matcher_status {
	MATCHER_OK,
	MATCHER_STARVED, /* memory is missing */
	MATCHER_WRONG,   /* why says so */
};

/* One without rows, for these options; its end. */
void matcher_init(struct matcher *m, const struct source_options *o);
void matcher_release(struct matcher *m);

/*
 * Add the next row by its cells: each key's column in turn, of a range two,
 * what --valid names, and with follow whether the row takes its key's rows
 * back.  Their texts needn't last.
 */
enum matcher_status matcher_add(
    struct matcher *m, const struct value *cells, char why[SOURCE_NOTE]);

/*
 * Make it ready.  cells() gives the cells of a row until its next call but
 * one.  MATCHER_WRONG: *row is one whose key came before.
 */
enum matcher_status matcher_finish(
    struct matcher *m, matcher_cells *cells, void *arg, uint32_t *row);

/*
 * Is the row with those keys the one that counts of them, and has it any row
 * of these keys?  Only where keys are exact.
 */
bool matcher_counts(
    const struct matcher *m, uint32_t row, const struct value *keys);
bool matcher_holds(const struct matcher *m, struct arena *a,
    const struct value *keys, matcher_cells *cells, void *arg);

/*
 * The row that a query finds, INDEX_NONE where there is none, and
 * MATCHER_DELETED where a row took it back.  With all set
 * its number isn't what counts: then *all is an array of *n of them, in the
 * table's order.  cells() may be called by several threads at once.
 */
uint32_t matcher_find(const struct matcher *m, struct arena *a,
    const struct source_query *q, matcher_cells *cells, void *arg,
    uint32_t **all, size_t *n);

#endif
