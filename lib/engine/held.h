/*
 * held - a record of an engine's topic, as it is held until its batch is
 * through, and its place as JSON.
 *
 * What it points to belongs to whoever read it, and lasts as long as the
 * batch.
 */
#ifndef ENGINE_HELD_H
#define ENGINE_HELD_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct held_header {
	const char *name;
	const char *value; /* or NULL */
	size_t len;
};

enum held_kind {
	HELD_EVENT,
	HELD_TOMBSTONE, /* it has no value */
	HELD_UNFIT,     /* no pipeline can take it: why says the cause */
};

struct held {
	const char *topic;
	int32_t partition;
	enum held_kind kind;
	int64_t offset;
	int64_t timestamp; /* milliseconds since 1970; -1: none */
	const char *key;   /* or NULL */
	size_t key_len;
	const char *value; /* or NULL */
	size_t len;
	const struct held_header *headers;
	size_t headers_n;
	size_t line; /* where its line starts in the batch's text */
	char *why;   /* of HELD_UNFIT; the batch frees it */
	void *owner; /* what the reader knows it by */
};

/*
 * Append the place as JSON: {"topic":…,"partition":…,"offset":…}, and the
 * timestamp, key and headers that there are.  Bytes that are no UTF-8 are
 * {"base64":…}.
 */
void held_put_place(struct buf *out, const struct held *h);

#endif
