/*
 * enricher - joins a row of a table to each event.
 *
 * A string finds the row with that key by its text, a number by its worth;
 * null, arrays, objects and what isn't there find none, which is a miss.
 */
#ifndef ENRICHER_H
#define ENRICHER_H

#include "driver/driver.h"
#include "source/join.h"
#include "source/table.h"

enum miss { MISS_PASS, MISS_NULL, MISS_REJECT };

/* What the options say comes first: in join, miss and options. */
struct enricher {
	struct join join;
	enum miss miss;
	struct table_options options;
	struct table *table;
	char *column;
	struct program *key;
	struct program *setter; /* where --as is more than a name; or NULL */
	struct buf rule;
};

/*
 * Compile, open the table, and make the rule: STATUS_OK, or the status to
 * exit with after a complaint.
 */
int enricher_start(struct enricher *e, struct settings *set);
void enricher_release(struct enricher *e);

/* A thread's own; NULL where memory is missing. */
void *enricher_local_new(const struct enricher *e);
void enricher_local_free(void *local);

/* Join the row that the event's key finds. */
enum verdict enricher_event(const struct enricher *e, struct event *ev);

#endif
