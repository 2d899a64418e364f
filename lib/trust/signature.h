/*
 * signature - batches of a stream, each followed by a line that signs it.
 *
 *	{"ms.seal":{"v":1,"stream":"UUID","seq":2,"n":1000,"events":"D",
 *	  "before":"D","last":true,"k":"KID","sig":"S"}}
 *
 * events is a BLAKE2b-256 of the events since the line before, and before is
 * one of that line, from the second on: of their tokens, history included,
 * with their length in front.  sig is Ed25519 over a domain and all other
 * members.  So who has the public key finds what was omitted, repeated, moved,
 * changed, or cut off.
 */
#ifndef TRUST_SIGNATURE_H
#define TRUST_SIGNATURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/mac.h"
#include "record/uuid.h"
#include "trust/key_file.h"
#include "value/value.h"

enum { SIGNATURE_ERROR = 200, SIGNATURE_DIGEST = 32 };

/* A stream that is being signed, or checked. */
struct signature {
	const struct key *key;      /* KEY_SIGN, or KEY_PUBLIC */
	char stream[UUID_TEXT + 1]; /* "": of the first line */
	uint64_t seq;               /* of the last line, from 1 */
	uint64_t n;                 /* events since that */
	uint64_t signed_n;          /* those before it */
	struct mac events;
	unsigned char before[SIGNATURE_DIGEST];
	bool linked; /* before is a line's */
	bool last;   /* there was a line that says so */
};

/* Begin; stream is a UUID, or "" where the first line is to say it. */
void signature_begin(
    struct signature *s, const struct key *k, const char stream[UUID_TEXT + 1]);

/* Add an event, which stands in its doc. */
void signature_add(struct signature *s, struct value event);

/* Append the line that ends a batch. */
void signature_put(struct signature *s, struct buf *out, bool last);

/*
 * Check such a line, which stands in its doc.  False, and why, where it or
 * the batch before it isn't what was signed; the next batch is checked all
 * the same.
 */
bool signature_check(
    struct signature *s, struct value line, char why[SIGNATURE_ERROR]);

#endif
