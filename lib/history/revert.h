/*
 * revert - one stage taken back, while the later ones stay.
 *
 * That is possible where no later record wrote or read what the stage wrote,
 * something above or below it, or another part of the same array: then its
 * undo holds for the event as it is now.  What a record wrote, its undo says;
 * what it read, its rule.
 */
#ifndef HISTORY_REVERT_H
#define HISTORY_REVERT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "history/rewind.h"
#include "history/rule.h"
#include "history/view.h"
#include "value/value.h"

struct revert {
	struct arena *a;
	struct rules *rules;
	const struct view *v; /* of the n records of the event */
	size_t n;
};

/*
 * Take record i, from 1, of an event back.  False where that can't be done:
 * error says why, and names the record that is in the way; *event is as it
 * was.
 */
bool revert_record(const struct revert *r, size_t i, struct value *event,
    struct rewind_error *error);

#endif
