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

/* What of the event isn't there any more when the program sees it. */
struct ruling_gone {
	const struct pathspecs *masked, *forgotten; /* not NULL */
};

/*
 * Judge a program by a rule.  Scratch memory is the arena's, and so may be
 * what the report holds.
 */
void ruling_make(struct arena *a, const struct policy_rule *r,
    const struct explain_report *e, const struct ruling_gone *gone,
    struct ruling *out);

#endif
