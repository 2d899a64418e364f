/*
 * moving - state that moves with its partition: a lane for each, which gets
 * its state from the changelog and hands each change of it back.
 *
 * What is committed is what counts: a lane whose pipeline has gone on from
 * there, and whose transaction is undone, begins anew with the state that is
 * committed.
 */
#ifndef KAFKA_MOVING_H
#define KAFKA_MOVING_H

#include <stdbool.h>

#include "instance.h"

/*
 * See that the pipeline works and keeps state: STATUS_OK, or what to exit
 * with after a complaint.
 */
int moving_try(struct instance *in);

/* See that the topic can be a changelog; the same. */
int moving_check(struct instance *in);

/* A partition comes, or goes. */
void moving_add(struct instance *in, int32_t partition);
void moving_remove(struct instance *in, int32_t partition);

/*
 * Give each lane that has no state what is committed, and start its pipeline.
 * False where the instance is to end, or to go back first.
 */
bool moving_revive(struct instance *in);

/* Write what has changed in a lane; false where the instance is to end. */
bool moving_put(struct instance *in, struct lane *l);

/*
 * A lane's pipeline failed: what is through is committed, so that the state
 * that it gets is the one before the batch.
 */
void moving_failed(struct instance *in, struct lane *l);

/*
 * Was the transaction undone since a state is too large?  That was told then,
 * and the instance is to end.
 */
bool moving_is_too_large(struct instance *in);

/* What was put is committed; or undone. */
void moving_committed(struct instance *in);
void moving_undone(struct instance *in);

/* Have lanes whose state was undone begin anew. */
void moving_go_back(struct instance *in);

#endif
