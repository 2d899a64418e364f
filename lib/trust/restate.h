/*
 * restate - the rule of a record as a program that reads and writes at least
 * what its stage did.
 */
#ifndef TRUST_RESTATE_H
#define TRUST_RESTATE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "history/view.h"

/*
 * Append it: of a fold, join or filter one that is made of the programs in
 * its rule, of a map the rule itself.  *creates: the stage made a new event.
 * False where the record has no rule that tells.
 */
bool restate_rule(
    struct buf *out, struct arena *a, const struct view *v, bool *creates);

#endif
