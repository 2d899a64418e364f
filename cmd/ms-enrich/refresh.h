/*
 * refresh - --refresh: events that an earlier stage enriched get the rows of
 * today.
 *
 * The last record that joined this table to this place is looked for.  Its
 * stage's input is restored, for its keys may be gone by now, and the rows
 * are looked up again (where that record is a repair itself, it names the
 * one that it repaired, whose stage read the keys).  Where their hashes are
 * those of the record, nothing is done; else what the place holds is
 * replaced, unless a later stage changed that: then who did is told.
 */
#ifndef REFRESH_H
#define REFRESH_H

#include "driver/driver.h"
#include "source/join.h"

struct refresh {
	bool wanted, check; /* --refresh, --check */
	const struct join *join;
	size_t start_len;        /* of the rule: up to the row */
	struct program *look;    /* gives what the place holds */
	struct program *replace; /* on [event, the same with other rows] */
};

/* A thread's own. */
struct refresh_local {
	struct machine *look, *replace;
};

/* Compile; after join_init().  STATUS_OK, or a status after a complaint. */
int refresh_init(
    struct refresh *r, const struct settings *set, const struct join *j);
void refresh_release(struct refresh *r);

/* False where memory is missing. */
bool refresh_local_init(struct refresh_local *l, const struct refresh *r);
void refresh_local_release(struct refresh_local *l);

/* What that will need of a later event is asked for: see join_ask(). */
bool refresh_ask(
    const struct refresh *r, struct join_local *join, struct event *ev);

/* Look an event's rows up again. */
enum verdict refresh_event(const struct refresh *r, struct refresh_local *l,
    struct join_local *join, struct event *ev);

#endif
