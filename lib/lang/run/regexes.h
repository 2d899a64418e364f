/*
 * regexes - patterns at work in a program.
 */
#ifndef LANG_RUN_REGEXES_H
#define LANG_RUN_REGEXES_H

#include "lang/run/eval.h"
#include "regex/regex.h"

struct cached_regex;

/* Offsets are counted in code points, onward from the last one asked for. */
struct counter {
	const char *text;
	size_t at, points;
};

/*
 * A pattern and the text that it is matched with.  Between two matches the
 * list of patterns may have given its entry to another: see regexes.c.
 */
struct matching {
	struct machine *m;
	struct cached_regex *e;
	uint64_t compiled; /* the entry's, while it is this pattern's */
	uint32_t slot;
	bool global;
	struct value re, flags;
	struct value text;
	struct counter counter;
};

/*
 * Prepare to match in with a pattern, which may be an array of pattern and
 * flags.  slot is the node's number (cache).  False after an error.
 */
bool matching_init(struct matching *x, struct machine *m, uint32_t slot,
    struct value in, struct value re, struct value flags);

/* The next match at or after *start, which moves to where to go on. */
bool matching_next(
    struct matching *x, size_t *start, bool *found, size_t *from, size_t *to);

/* Are all matches asked for, and is there text left for one? */
bool matching_more(const struct matching *x, size_t start);

/* The named groups of the last match as an object. */
struct value matching_captures(struct matching *x);

#endif
