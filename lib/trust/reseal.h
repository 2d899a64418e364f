/*
 * reseal - the seals of a history of which parts are forgotten.
 *
 * Where all that is gone from a record are parts with digests of their own
 * (record/seal_parts.h), their digests take their places, and the record's
 * seal and all behind it hold as they are.  Where more of it had to change,
 * its seal and those behind it are made anew, each with its own key: so the
 * chain must be whole before.
 */
#ifndef TRUST_RESEAL_H
#define TRUST_RESEAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "history/view.h"
#include "record/seal.h"

/* Has any of n records a seal? */
bool reseal_needed(const struct view *v, size_t n);

/*
 * Append the records of a history, n of them as they were, without brackets;
 * now is what is left of them, in brackets.  NULL, or why it can't be done
 * (text of the arena, or static); where memory is missing out has failed.
 */
const char *reseal(struct arena *a, const struct seal_keys *keys,
    const struct view *v, size_t n, const char *now, size_t len,
    struct buf *out);

#endif
