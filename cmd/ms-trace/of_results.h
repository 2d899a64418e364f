/*
 * of_results - results, and the events that they were made of.
 *
 * First all results are added; then events are shown to them, one by one.
 * An event belongs to a result where the result's rule takes it (of_rule.h)
 * and the record's "lines" name its line, as far as either is known.  What
 * is held for a result doesn't grow with its events.
 */
#ifndef OF_RESULTS_H
#define OF_RESULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "driver/event.h"
#include "of_rule.h"
#include "state/composition.h"

/* One result, as its record has it, and what was found of it. */
struct of_result {
	char id[UUID_TEXT + 1];
	char *label;         /* its stage's name, or its op */
	char *window;        /* from and to, as the record spells them */
	struct of_window in; /* the same */
	bool has_window;     /* they can be read */
	uint32_t rev;        /* from 1 */
	size_t order;        /* in which it came */
	size_t rule;         /* its number; SIZE_MAX: it can't be run */
	uint64_t met;        /* the last event that may belong to it */
	bool listed;         /* that event's line is in its lines */
	struct composition *of, *found;
	struct composition *more; /* that the rule takes, and aren't in it */
};

/* Lines of a source that a result names. */
struct of_span {
	uint32_t source;
	int64_t from, to;
	int64_t most; /* the largest to up to here, in this source */
	size_t result;
};

struct of_results {
	struct of_result *result; /* in the order of their ids, once sealed */
	size_t n, cap;
	struct of_rule **rule;
	size_t rules;
	struct of_span *span;
	size_t spans;
	struct composition_names names;
	struct buf forks;
	uint64_t events;
	bool sealed;
};

/*
 * Add the event in hand, which is passed over where it was made of no
 * others.  VERDICT_WRITTEN, or what event_fail() gives.
 */
enum verdict of_results_add(struct of_results *r, struct event *ev);

/* No more results follow.  False where memory is missing. */
bool of_results_seal(struct of_results *r);

/* Called for each result that the event in hand is part of. */
typedef void of_results_found(void *arg, const struct of_result *r);

/* Show the event in hand to the results; false where memory is missing. */
bool of_results_event(
    struct of_results *r, struct event *ev, of_results_found *found, void *arg);

/* Are its lines all that it was made of? */
bool of_result_knows_lines(const struct of_result *r);

/* End the memory that the results take. */
void of_results_release(struct of_results *r);

#endif
