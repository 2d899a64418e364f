/*
 * ruling - what a rule says of a program, before the first event.
 */
#ifndef TRUST_RULING_H
#define TRUST_RULING_H

#include "lang/explain/touch.h"
#include "trust/policy.h"

struct ruling {
	enum touch touch; /* TOUCH_WRITES: it is broken; */
			  /* TOUCH_PERHAPS: that is seen at each event */
	uint32_t where;   /* byte of the program that breaks it, from 1; or 0 */
	char text[480];   /* what is wrong, and what to do */
};

/* What the program works on, and what it gives. */
struct ruling_stage {
	/* What isn't there any more when it sees the event; not NULL. */
	const struct pathspecs *masked, *forgotten;
	bool creates; /* its events are new ones */
	/*
	 * So many of the masked, the first ones, another stage masks: the
	 * history may tell what was written there since.
	 */
	size_t elsewhere;
};

/*
 * Judge a program by a rule.  Scratch memory is the arena's, and so may be
 * what the report holds.
 */
void ruling_make(struct arena *a, const struct policy_rule *r,
    const struct explain_report *e, const struct ruling_stage *stage,
    struct ruling *out);

/*
 * The same for a path that the stage forgets, or masks, by its own options: is
 * it broken?
 */
void ruling_make_taken(const struct policy_rule *r,
    const struct pathspec *taken, bool mask, struct ruling *out);

/* May anything that the program writes come from the path, or be decided so? */
bool ruling_draws_on(
    const struct explain_report *e, const struct pathspec *path);

#endif
