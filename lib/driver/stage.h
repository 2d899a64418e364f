/*
 * stage - what all threads of a filter share, and none of them changes.
 */
#ifndef DRIVER_STAGE_H
#define DRIVER_STAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "driver/check.h"
#include "driver/command.h"
#include "driver/settings.h"
#include "record/lineage.h"

struct stage {
	const struct command *command;
	void *arg; /* of the command's functions */
	const struct settings *set;
	struct lineage lineage;
	struct lineage forgetting; /* where set->forget isn't NULL */
	struct buf rejects_head;   /* what all its rejects say */
	struct buf rejects_silent; /* the same without the rule */
	struct checks checks;
	size_t stack; /* bytes, of every thread: see stack.h */
	/* These go where the events go: among them, in the input's order. */
	bool turned_away_too, rejects_too;
};

#endif
