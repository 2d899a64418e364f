/*
 * seal - the link of a record in a chain that only a key can forge.
 *
 *	"seal":{"k":"0f1e2d3c","e":"…","m":"…"}
 *
 * k is the key's id.  e is a keyed digest of the event as its stage left it:
 * of its canonical bytes (record/canonical.h).  m is one of the record, of e,
 * and of the m before, so that no record can be changed, moved, added, or
 * dropped before the last.  Both are 128 bits of BLAKE2b, as base64url.
 */
#ifndef RECORD_SEAL_H
#define RECORD_SEAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "record/seal_key.h"
#include "record/seal_parts.h"
#include "record/uuid.h"
#include "value/value.h"

/* A digest as it stands in a seal; no NUL behind. */
struct seal_text {
	char text[SEAL_TEXT];
};

/* What a seal says, as it stands in its record. */
struct seal_link {
	const char *k; /* SEAL_KID bytes */
	const char *e; /* SEAL_TEXT bytes, as m */
	const char *m;
};

enum seal_read {
	SEAL_NONE,
	SEAL_LINK,
	SEAL_MALFORMED, /* a member of that name, but no seal */
};

/* Is it spelled as a digest of a seal is? */
bool seal_is_digest(const char *text, size_t len);

/*
 * Find the seal in the text of a record: its last member.  What was forgotten
 * stands right before it.
 */
enum seal_read seal_read(
    const char *record, size_t len, struct seal_link *link);

/*
 * The text of a record: as it stands in its doc, or written to scratch, which
 * is the caller's.  False: no memory.
 */
bool seal_record_text(
    struct value record, struct buf *scratch, const char **text, size_t *len);

/* The e of an event: as its doc has it, its history hidden; */
void seal_event_read(
    struct seal_text *e, const struct seal_key *key, struct value raw);

/* of its JSON text without a history (spaced as with sum_text()); */
void seal_event_text(struct seal_text *e, const struct seal_key *key,
    const char *text, size_t len, bool spaced);

/* of any kind.  False: no memory. */
bool seal_event_value(
    struct seal_text *e, const struct seal_key *key, struct value v);

/* Are two digests the same?  It takes as long for any. */
bool seal_same(const struct seal_text *x, const char *y);

/*
 * The end of a history, for the record that comes next: whatever is NULL
 * isn't there.
 */
struct seal_chain {
	char k[SEAL_KID]; /* of the last record that has a seal; */
	struct seal_text e, m;
	bool linked;        /* there is one */
	bool ended;         /* the last record is that one */
	char id[UUID_TEXT]; /* of the event */
	bool known;         /* it has one */
	/* The records behind it that have no seal, by a digest of them. */
	unsigned char loose[SEAL_TAG];
	size_t loose_n;
};

/* Take a record with a seal into the chain. */
void seal_chain_link(struct seal_chain *c, const struct seal_link *link,
    const char *record, size_t len);

/*
 * Take one without a seal, by the key of the next one that has one.  False:
 * no memory, or what it says to be forgotten isn't.
 */
bool seal_chain_loose(struct seal_chain *c, const struct seal_key *key,
    const char *record, size_t len);

/* The chain of a history, whose next record gets a seal of that key. */
bool seal_chain_of(
    struct seal_chain *c, const struct seal_key *key, struct value history);

/*
 * The m of a record behind a chain, whether its seal stands in its text or
 * not.  Its rule is known where it was just written; else NULL.  False as with seal_chain_loose().
 */
bool seal_link_tag(struct seal_text *m, const struct seal_chain *c,
    const struct seal_key *key, const char *record, size_t len,
    const struct seal_text *e, const struct seal_rule *rule);

/*
 * Append ,"seal":{…} to a record that stands in out from byte start on, but
 * for its closing brace; more: and take it into the chain, for another one.
 */
void seal_put(struct buf *out, size_t start, struct seal_chain *c,
    const struct seal_key *key, const struct seal_text *e,
    const struct seal_rule *rule, bool more);

/*
 * Append a record of a chain anew, without its seal and its last brace, where
 * parts of it are forgotten: see seal_parts_forget().
 */
bool seal_link_forget(struct buf *text, const struct seal_chain *c,
    const struct seal_key *key, const char *record, size_t len,
    const struct seal_text *e, const struct seal_left *left);

/* Append ,"seal":{…}. */
void seal_put_link(struct buf *out, const char k[SEAL_KID],
    const struct seal_text *e, const struct seal_text *m);

/* Append ,"read":"…". */
void seal_put_read(struct buf *out, const struct seal_text *read);

#endif
