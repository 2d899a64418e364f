/*
 * policy_verify - do the histories of events keep to a policy?
 *
 * Each state that an event can be taken back to is compared with the next;
 * flows are judged by what the records say that their stages did.
 */
#ifndef TRUST_POLICY_VERIFY_H
#define TRUST_POLICY_VERIFY_H

#include <stdbool.h>

#include "base/arena.h"
#include "history/rewind.h"
#include "history/rule.h"
#include "trust/policy.h"

/*
 * False where the event or a stage of its history breaks a rule: error names
 * the record and the rule.  Rules are kept from one event to the next.
 */
bool policy_verify(const struct policy *p, struct rules *rules, struct arena *a,
    struct value event, struct value history, struct rewind_error *error);

/*
 * The same for what is to be forgotten or masked alone: is it so in each state
 * that the event can be taken back to?
 */
bool policy_gone(const struct policy *p, struct arena *a, struct value event,
    struct value history, struct rewind_error *error);

/*
 * Has the stage that the policy names masked what is to be masked?  NULL, or
 * what is wrong, in the arena.
 */
const char *policy_admits(const struct policy *p, struct arena *a,
    struct value event, struct value history);

#endif
