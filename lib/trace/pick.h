/*
 * pick - which events a reader shows: --id and --where.
 */
#ifndef TRACE_PICK_H
#define TRACE_PICK_H

#include <stdbool.h>

#include "driver/driver.h"

enum { PICK_ID = 300, PICK_WHERE };

#define PICK_OPTIONS                                                           \
	{PICK_ID, "id", "ID", "only the event whose id starts so"},            \
	{                                                                      \
		PICK_WHERE, "where", "PROGRAM",                                \
		    "only events for which it is true"                         \
	}

struct pick {
	const char *id;          /* how it starts; or NULL */
	const char *where;       /* a jq program, or NULL */
	struct program *program; /* of where */
};

/* One of the options above; false for others. */
bool pick_option(struct pick *p, int id, const char *value);

/* For a command's start(), local_new(), local_free() and release(). */
int pick_start(struct pick *p, const struct settings *set);
void *pick_local_new(const struct pick *p);
void pick_local_free(void *local);
void pick_release(struct pick *p);

/* VERDICT_PASS for an event to show; else what to return. */
enum verdict pick_event(const struct pick *p, struct event *ev);

#endif
