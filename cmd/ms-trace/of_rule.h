/*
 * of_rule - does the rule of a fold take an event into a result?
 *
 * The rule's keys and times are programs: run on an event, and with the
 * window of a result, they give the result's id where the event belongs to
 * it.  So no member of the result has to be trusted, or still be there.
 */
#ifndef OF_RULE_H
#define OF_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "driver/event.h"
#include "history/rule_text.h"
#include "history/view.h"
#include "record/uuid.h"
#include "state/composition.h"
#include "state/window_plan.h"

struct of_rule;

/*
 * Read what a record's rule says; NULL where it says it with names that the
 * command line gave values, or isn't known.  of_rule_free() frees it.
 * *starved is set where memory is missing.
 */
struct of_rule *of_rule_new(
    struct arena *a, const struct view *v, bool *starved);
void of_rule_free(struct of_rule *r);

/* Is it the rule, and the stage, of this record as well? */
bool of_rule_is(const struct of_rule *r, struct arena *a, const struct view *v);

/* How it cuts time. */
const struct window_plan *of_rule_plan(const struct of_rule *r);

/*
 * Take an event in hand: false where its key or its time can't be found, so
 * that no result is made of it.
 */
bool of_rule_event(struct of_rule *r, struct event *ev);

/* A result's window, in microseconds. */
struct of_window {
	int64_t from, to;
};

/* What a result's record says of it. */
struct of_claim {
	const char *id;
	struct of_window window;
	const struct composition *of;
	const struct composition_names *sources;
};

/* Does the event in hand belong to that result? */
bool of_rule_takes(struct of_rule *r, const struct of_claim *c);

/*
 * Called with the id of each result that it would belong to, of windows that
 * follow from the event's time alone.  False where memory is missing.
 */
typedef void of_rule_id(void *arg, const char id[UUID_TEXT + 1]);
bool of_rule_each_id(struct of_rule *r, of_rule_id *call, void *arg);

#endif
