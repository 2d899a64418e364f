/*
 * rule_text - the rule of a fold, a join or a filter with a memory, taken
 * apart.
 *
 * Such a rule is a text that holds programs: fold by .user in 1m of .at: .n
 * += 1.  Marks count where they stand outside of brackets and strings.  The
 * pieces are parts of the text, and last as long as it does; whether they
 * compile is for the caller to see.
 */
#ifndef HISTORY_RULE_TEXT_H
#define HISTORY_RULE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rule_piece {
	const char *p; /* NULL: it isn't there */
	size_t n;
};

/*
 * Cut at the first mark outside of brackets and strings: *behind is what
 * follows it.  False, and nothing is cut, where there is none.
 */
bool rule_cut(
    struct rule_piece *t, const char *mark, struct rule_piece *behind);

enum { RULE_KEYS = 16 };

/* AS = fold by BY, BY in WINDOW of TIME as ms: PROGRAM */
struct rule_fold {
	struct rule_piece as, by[RULE_KEYS], window, time, program;
	size_t by_n;
	int64_t unit; /* what a time that is a number counts of a second */
};

/* Read it; false where the text is no such rule.  Pieces point into it. */
bool rule_fold_read(struct rule_fold *r, struct rule_piece text);

/* The member of a result that holds a key: of .a.b it is b, else "key". */
struct rule_piece rule_key_name(struct rule_piece by);

/* unique BY within 10m of TIME: PROGRAM; rate 5/s by BY; sample 1% by BY */
struct rule_memory {
	struct rule_piece by, time, program;
};

/* Read it; false where the text is no such rule.  Pieces point into it. */
bool rule_memory_read(struct rule_memory *r, struct rule_piece text);

/*
 * EACH |= (PLACE = TABLE[COLUMN == KEY, ... FROM <= TIME < TO] | {COLUMNS}
 * // INSTEAD), with ". +" as the place where columns are merged.
 */
struct rule_join {
	struct rule_piece each, place, columns, instead;
	bool merged, all;
	struct rule_piece sql;            /* what a database was asked */
	struct rule_piece key[RULE_KEYS]; /* programs; the time is the last */
	size_t keys_n;
};

/*
 * table is the name that the rule has it by; of a database, what it was asked
 * stands behind it.
 */
bool rule_join_read(
    struct rule_join *r, struct rule_piece text, struct rule_piece table);

#endif
