/*
 * enricher - a join, tied to the driver: programs compiled and a source
 * opened with what goes wrong told, events in and verdicts out.
 */
#ifndef ENRICHER_H
#define ENRICHER_H

#include "driver/driver.h"
#include "driver/reload.h"
#include "driver/when.h"
#include "refresh.h"
#include "driver/setter.h"

/* What knows of the event: bits, for what goes with which. */
enum enricher_kind {
	ENRICHER_TABLE = 1,
	ENRICHER_SQL = 2,
	ENRICHER_MMDB = 4,
	ENRICHER_COPROC = 8,
};

/* What the options say comes first: up to refresh. */
struct enricher {
	unsigned kind;          /* an enum enricher_kind */
	bool from_file;         /* a key's program is the one of -f: */
	size_t file_key;        /* its number */
	const char *key_option; /* that gave the keys, as "-k" */
	struct join join;
	struct when when;
	struct refresh refresh;
	struct reload reload; /* of the key in a file */
	struct source_key keys[SOURCE_KEYS];
	const struct settings *set;
};

/*
 * Compile, open the source, and make the rule: STATUS_OK, or the status to
 * exit with after a complaint.
 */
int enricher_start(struct enricher *e, struct settings *set);

/* Free what enricher_start() made; with --stats, tell hits and misses. */
void enricher_release(struct enricher *e);

/* A thread's own part; NULL where memory is missing. */
void *enricher_local_new(struct enricher *e);
void enricher_local_free(void *local);

/* Have what a later event will need asked for: see struct command. */
bool enricher_ask(const struct enricher *e, struct event *ev);

/* After the last event: false, and why, where not all was well. */
bool enricher_end(const struct enricher *e, const char **error);

/* Join the row that the event's key finds. */
enum verdict enricher_event(const struct enricher *e, struct event *ev);

#endif
