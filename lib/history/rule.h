/*
 * rule - what the stage of a record read and wrote, by the rule in it.
 *
 * A rule is a program, or a text that holds some: the key of a join, what
 * events are told apart by.  Explaining one takes a while, and the events of
 * a stream have the same few rules, so that they are kept by their text.
 */
#ifndef HISTORY_RULE_H
#define HISTORY_RULE_H

#include <stdbool.h>

#include "base/arena.h"
#include "history/view.h"
#include "lang/explain/explain.h"

struct rule_report {
	bool known;         /* else it may have read and written anything */
	bool writes;        /* it is a program that makes events of events */
	struct sites reads; /* that decided, where it is none */
	struct explain_report program;  /* what it does, where it is one */
	const struct program *elements; /* gives the paths that a join joins */
					/* each of; NULL: only one is */
};

/* Rules that are explained already. */
struct rules;

/* NULL where memory is missing. */
struct rules *rules_new(void);
void rules_free(struct rules *r);

/* Before an event: reports that were given may end here. */
void rules_begin(struct rules *r);

/*
 * What the rule of a record says; scratch memory is the arena's.  A name
 * that the command line had given a value ($rate) may have had any.  The
 * report lasts until rules_begin().
 */
const struct rule_report *rules_explain(
    struct rules *r, struct arena *a, const struct view *v);

/*
 * What the program of a map's record does, where what comes from the clock
 * is said to come from $lineage, and what comes from the environment, or from
 * where the event was read, from $source.  NULL where that isn't known, or
 * it is no program.
 */
const struct explain_report *rules_ambient(
    struct rules *r, struct arena *a, const struct view *v);

#endif
