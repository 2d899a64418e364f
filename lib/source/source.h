/*
 * source - context: what is known by a key, wherever it is kept.
 *
 * A source is opened before the first event, asked by all threads at once,
 * and closed after the last.  Each kind (a table is one) fills in a struct
 * source_kind, and its own struct starts with a struct source.  What isn't
 * the source itself, above all where a row goes and what its record says,
 * is join.h's, for all kinds alike.
 *
 * What a row is known by later (a line, a hash) is part of the row, since
 * the next row with its key may be another version; where rows come from
 * is asked of the source, since only it knows what they have in common.
 */
#ifndef SOURCE_SOURCE_H
#define SOURCE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "value/value.h"

enum {
	SOURCE_HASH = 32, /* hexadecimal digits; no NUL behind them */
	SOURCE_NOTE = 256,
};

/* What the user says of it. */
struct source_options {
	const char *name;    /* of the file; any bytes but NUL */
	const char *key;     /* the column that rows are found by */
	const char *columns; /* a comma-separated choice, or NULL for all */
	bool strings;        /* cells of text files stay strings */
};

struct source_error {
	size_t line, column; /* in bytes, from 1; 0 where there is none */
	bool usage;          /* the file is fine, what is asked of it isn't */
	char text[SOURCE_NOTE];
};

enum source_status { SOURCE_MISS, SOURCE_FOUND };

/* What a key finds. */
struct source_row {
	struct value value; /* an object; it lives as long as the source */
	uint64_t line;      /* in the file, from 1 */
	const char *hash;   /* half of the SHA-256 of its text in the file */
};

struct source {
	const struct source_kind *kind;
	size_t origin_max;      /* bytes that origin() may write */
	char note[SOURCE_NOTE]; /* what people should know of it, or "" */
};

struct source_kind {
	/* NULL and error where it can't be had. */
	struct source *(*open)(
	    const struct source_options *o, struct source_error *error);

	/*
	 * Look a key up, which may be any value; row is set where one is
	 * found.  Scratch memory comes from the arena, which jumps where
	 * memory ends.
	 */
	enum source_status (*find)(const struct source *s, struct arena *a,
	    struct value key, struct source_row *row);

	/*
	 * The *n columns of a row, as strings that live as long as the
	 * source: the chosen ones, or all that it has.
	 */
	const struct value *(*columns)(const struct source *s, size_t *n);

	/*
	 * Write what a record's "from" says of a row: members of an object,
	 * without its braces.  Gives their bytes.
	 */
	size_t (*origin)(
	    const struct source *s, const struct source_row *row, char *out);

	void (*close)(struct source *s);
};

/* Close a source of any kind; s may be NULL. */
static inline void
source_close(struct source *s)
{
	if (s != NULL)
		s->kind->close(s);
}

#endif
