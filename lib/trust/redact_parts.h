/*
 * redact_parts - what the files of redact.h share, and nobody else sees.
 */
#ifndef TRUST_REDACT_PARTS_H
#define TRUST_REDACT_PARTS_H

#include "trust/redact.h"

/* What a record or an operation has lost, by JSON Pointers. */
struct redact_loss {
	struct buf *list; /* of them, as JSON, without brackets */
	bool first;
};

/* Put a value as it stands in its doc. */
void redact_put(struct buf *out, struct value v);

/* A buffer that the arena ends. */
struct buf *redact_buf(struct redact *w, struct arena_deferred **release);

/* What stands for a key in the history: itself, mostly. */
struct value redact_stand_in(struct redact *w, struct value key);

/* Does a mark, or a key that may have another name, touch a span? */
bool redact_touches(const struct redact *w, struct mark span);

/* Note that what was at a path is lost; l may be NULL. */
void redact_lose(struct redact_loss *l, const struct path_step *path);

/* The list of what was lost before. */
void redact_inherit(
    struct redact *w, struct redact_loss *l, struct value forgotten);

/* ,"forgotten":true or ["/a","/b/0"], where something is. */
void redact_put_forgotten(
    struct redact *w, const struct redact_loss *l, bool all);

/* A value with null for what is marked in it, which l is told. */
void redact_value(struct redact *w, struct value v,
    const struct path_step *path, struct redact_loss *l);

/* Is a key that an operation names told by another name? */
bool redact_tells_key(struct redact *w, struct value op);

/* The undo of a record that was followed. */
void redact_undo(struct redact *w, const struct track_record *r);

#endif
