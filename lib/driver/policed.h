/*
 * policed - a stage that a policy is applied to.
 *
 * What can be told of its programs is judged once (footprint.h); the rest is
 * looked at in each event, as it was and as it is to be written.
 */
#ifndef DRIVER_POLICED_H
#define DRIVER_POLICED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "driver/check.h"
#include "driver/footprint.h"
#include "driver/make.h"
#include "driver/settings.h"
#include "lang/explain/explain.h"
#include "trust/forget.h"
#include "trust/policy.h"
#include "trust/ruling.h"

struct policed;

/* What a policy is for. */
enum policed_use {
	POLICED_STAGE,  /* the stage keeps to it, forgets and masks */
	POLICED_JUDGES, /* histories are judged by it */
	POLICED_PASSES, /* what may not be told isn't passed on */
};

/*
 * Read the settings' policy into set->policed, and for a stage see that it
 * writes the lineage that it asks for: STATUS_OK, or the status to exit with
 * after a complaint.
 */
int policed_open(struct settings *set, enum policed_use use);
void policed_free(struct policed *p);

/* The policy that is held to, borrowed. */
const struct policy *policed_policy(const struct policed *p);

/* The rules for this stage. */
const char *policed_name(const struct policed *p);
size_t policed_rules(const struct policed *p);
const struct policy_rule *policed_rule(const struct policed *p, size_t i);

/* What the stage's options, or the policy, have masked or forgotten by then. */
void policed_gone(const struct policed *p, const struct pathspecs **masked,
    const struct pathspecs **forgotten);

/*
 * So many of those that are masked, the first ones, another stage masks: in the
 * histories that come here they may be as a stage since then wrote them.
 */
size_t policed_masked_elsewhere(const struct policed *p);

/*
 * The stage's name is settled, and whether its lines are events: have it
 * forget and mask what the policy says, once.  STATUS_OK, or the status to exit
 * with after a complaint.
 */
int policed_settle(struct settings *set);

/* Is that taken out because the policy says so? */
bool policed_takes(const struct policed *p, const struct forget_said *said);

/*
 * Choose the rules for the stage, whose name is settled by now; false where
 * memory is missing.
 */
bool policed_begin(struct policed *p);

/*
 * The stage's programs are judged now: only the rules that are watched from
 * here on are looked at in each event.  Else all are.
 */
void policed_judged(struct policed *p, footprint_say *say, void *arg);
void policed_watch(struct policed *p, size_t i);

/* Who said what the stage does; false where nobody did. */
bool policed_said(const struct policed *p, footprint_say **say, void **arg);

/*
 * Where the policy names another stage that masks: has it done so?  NULL, or
 * why the event is a reject, whose text is told nowhere.  p may be NULL.
 */
const char *policed_admits(const struct policed *p, struct event *ev);

/*
 * May a line be passed on as it is, by what does nothing to it?  Not where it,
 * or what it is taken back to, holds what the policy has forgotten or masked:
 * false after event_fail(), for VERDICT_WITHHOLD.  p may be NULL.
 */
bool policed_passes(
    const struct policed *p, struct event *ev, const char *line, size_t len);

/* What a program of the stage reads and writes, as far as it can be told. */
void policed_explained(struct policed *p, const struct explain_report *e);

/*
 * A number for what the policy has masked when the stage sees an event; 0 for
 * nothing, and where p is NULL.  It is the same in each process.
 */
uint32_t policed_masks(const struct policed *p);

/*
 * An event that an earlier run took in, and held, is gone on with; masks is
 * policed_masks() when it came.  p may be NULL.
 */
void policed_recalled(
    const struct policed *p, const struct event *ev, uint32_t masks);

/*
 * Of the policy's paths that are masked, those where a made value holds masks
 * as the events that it is made of showed them, and those from which it may
 * come though nothing is there: head is the start of a record that says so, by
 * the stage that masked.  False where there is none.  The settings say
 * makes_events.  p may be NULL; scratch memory is the arena's.
 */
bool policed_shows(const struct policed *p, struct arena *a, struct value made,
    const struct make_of *of, struct buf *head);

/* Add the check of the events, where one is needed; false: no memory. */
bool policed_add(struct policed *p, struct checks *c);

/*
 * May this be written in place of what was, NULL for nothing?  False after
 * event_fail().  p may be NULL: all may.  Scratch memory is the arena's.
 */
bool policed_change(const struct policed *p, struct arena *a, struct event *ev,
    const struct value *was, const struct value *now);

#endif
