/*
 * match - a line that came back, and the record that it was made of.
 *
 * Its history says: the last record of op "kafka" has the place.  So key,
 * headers and timestamp can go out as they came, whatever the pipeline did.
 */
#ifndef ENGINE_MATCH_H
#define ENGINE_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "engine/batch.h"
#include "history/pointer.h"
#include "json/scan.h"
#include "record/lineage.h"

enum { MATCH_ERROR = 200 };

struct matching {
	struct lineage lineage; /* of the name of the history */
	struct scan scan;
	struct arena arena; /* of the line in hand */
	struct arena pointers;
	struct pointer to_key, to_topic, to_partition; /* text NULL: none */
	bool strip;      /* the history is left out of what goes out */
	struct buf line; /* without it */
	struct buf key;
	char topic[256];

	/* How the last place was spelled, up to its offset. */
	struct buf known;
	size_t known_topic, known_topic_len; /* where its name is in there */
	int32_t known_partition;
};

/* Where a line goes; borrowed from the batch, the line and the matching. */
struct match {
	const struct held *held; /* that it was made of, or NULL */
	const char *text;
	size_t len;
	const char *key; /* or NULL */
	size_t key_len;
	int64_t timestamp;       /* or -1 */
	const char *topic;       /* of to_topic, or NULL */
	int32_t partition;       /* of to_partition, or -1 */
	char error[MATCH_ERROR]; /* why it can't go anywhere, or "" */
};

/* A reject that a stage wrote; texts are the matching's. */
struct match_reject {
	const struct held *held; /* of the event that was rejected, or NULL */
	const char *error;       /* why */
	const char *stage;       /* its name, or else its op; or NULL */
	const char *rule;        /* or NULL */
};

/* key is the history's name.  -1 and errno. */
int match_init(struct matching *m, const char *key);
void match_release(struct matching *m);

/* Have a part of where lines go come from a path; false: it is none. */
bool match_path(struct matching *m, struct pointer *part, const char *path);

/* Match a line, behind which a byte is readable.  False: no memory. */
bool match_line(struct matching *m, struct batch *b, const char *text,
    size_t len, struct match *out);

/* The same for a line of a log of rejects.  What isn't known is NULL. */
bool match_reject(struct matching *m, struct batch *b, const char *text,
    size_t len, struct match_reject *out);

#endif
