/*
 * batch - records that go through a pipeline together, in the order in which
 * they were read.
 *
 * Each has its line in the batch's text, so that a part of the batch is a
 * part of the text.
 */
#ifndef ENGINE_BATCH_H
#define ENGINE_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "engine/held.h"

struct batch {
	struct held *v;
	size_t n, cap;
	struct buf text;    /* of all lines, one behind the other */
	size_t last;        /* what batch_find() found last */
	uint32_t *by_place; /* made when it is needed first */
	size_t placed;      /* how many are in there */
};

/* A new one at the end, zeroed, whose line starts here; NULL: no memory. */
struct held *batch_add(struct batch *b);

/* Forget all, after release() of each; keeps the memory. */
void batch_clear(struct batch *b, void (*release)(struct held *h));

/* Free the memory of an empty batch. */
void batch_release(struct batch *b);

/* The number of the one from that place, or SIZE_MAX. */
size_t batch_find(struct batch *b, const char *topic, size_t topic_len,
    int32_t partition, int64_t offset);

/*
 * The end of the part that starts at from and can go through at once: its
 * tombstones may follow everything else in it, since none has the key of an
 * event behind it.
 */
size_t batch_part(const struct batch *b, size_t from);

/* The text of a part. */
const char *batch_text(
    const struct batch *b, size_t from, size_t end, size_t *len);

/* How many of a part are events. */
size_t batch_events(const struct batch *b, size_t from, size_t end);

#endif
