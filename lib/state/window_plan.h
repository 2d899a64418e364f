/*
 * window_plan - which stretches of time an event belongs to.
 *
 * Times are microseconds since 1970, UTC.  A window holds from, and not to.
 * Tumbling and sliding windows start at multiples of their step, counted
 * from 1970, so that every run cuts the same ones.
 */
#ifndef STATE_WINDOW_PLAN_H
#define STATE_WINDOW_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct window_plan {
	enum window_kind {
		WINDOW_NONE,    /* no windows: a running value */
		WINDOW_TIME,    /* 5m, or 5m/1m */
		WINDOW_SESSION, /* session:10m */
		WINDOW_COUNT,   /* count:100 */
		WINDOW_ALL,     /* all */
	} kind;
	int64_t size; /* of WINDOW_TIME; the gap that ends a session */
	int64_t step; /* between two starts; size where it tumbles */
	uint64_t count;
};

/*
 * Read what --window says.  False, and why in words (static text), where
 * that is no plan.
 */
bool window_plan_parse(
    struct window_plan *w, const char *text, const char **why);

enum { WINDOW_MOST = 1000 }; /* windows that an event may be in */

/* Start of the first window that time is in; size/step more may follow. */
int64_t window_plan_first(const struct window_plan *w, int64_t time);

#endif
