/*
 * rulebook - the texts of rules that records tell by their hash.
 *
 * A file (MS_RULES) of NDJSON lines {"rule":"b2:...","text":...}, appended to
 * in whole lines by all stages and runs that share it, read where a hash is
 * first asked for, and further as it grows.  The texts last as long as the
 * rulebook; threads may share it.
 */
#ifndef RECORD_RULEBOOK_H
#define RECORD_RULEBOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	RULEBOOK_SHORT = 40, /* bytes of the longest rule that isn't hashed */
	RULEBOOK_HASH = 35,  /* bytes of a hash: b2: and 32 digits */
};

struct rulebook;

/* What came of reading the file. */
struct rulebook_faults {
	uint64_t wrong; /* lines that are no rule, or whose hash is wrong */
	bool full;      /* it holds more than is kept in memory */
	int error;      /* of opening or reading it, or 0 */
};

/* Nothing is opened yet; path is borrowed.  NULL where memory is missing. */
struct rulebook *rulebook_new(const char *path);
void rulebook_free(struct rulebook *b); /* may be NULL */

/* The hash of a rule and a NUL; false where memory is missing. */
bool rulebook_hash(char out[RULEBOOK_HASH + 1], const char *text, size_t len);

/* The text of a rule by its hash; false where it isn't to be had. */
bool rulebook_find(struct rulebook *b, const char *hash, size_t hash_len,
    const char **text, size_t *len);

/*
 * Append a rule that is longer than RULEBOOK_SHORT, unless the file holds it.
 * -1 and errno on failure; EINVAL where it is no regular file.
 */
int rulebook_add(struct rulebook *b, const char *text, size_t len);

/* What was wrong so far, to be told at the end. */
struct rulebook_faults rulebook_faults(struct rulebook *b);

#endif
