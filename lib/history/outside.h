/*
 * outside - what others than our stages changed between two records, or
 * behind the last one.
 *
 * Each record says by its sum how its stage left the event (record/sum.h).
 * Where the next stage read something else, its record says so by its read;
 * behind the last record the reader compares.  A record without a sum tells
 * nothing.
 */
#ifndef HISTORY_OUTSIDE_H
#define HISTORY_OUTSIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "history/view.h"
#include "record/sum.h"
#include "value/value.h"

/* The sum of an event, its history hidden; the arena is for memory's end. */
struct sum outside_sum(struct arena *a, struct value event);

/* What a member, VIEW_SUM or VIEW_READ, says; NULL where it is no sum. */
const char *outside_digits(
    struct arena *a, const struct view *v, enum view_member m);

/* Did the stages of two records leave the event the same, by what they say? */
enum outside_alike {
	OUTSIDE_ALIKE,
	OUTSIDE_DIFFERS, /* or one of them doesn't say */
	OUTSIDE_SILENT,  /* neither does, as where something was forgotten */
};
enum outside_alike outside_compare(
    struct arena *a, const struct view *x, const struct view *y);

/*
 * Did others change the event after record i, from 1 to n?  event is what it
 * is now.
 */
bool outside_after(struct arena *a, struct value event, const struct view *v,
    size_t n, size_t i);

/* The last record after which they did, or 0. */
size_t outside_last(
    struct arena *a, struct value event, const struct view *v, size_t n);

/* "changed outside, after 2 map vat" */
void outside_tell(
    struct arena *a, const struct view *v, size_t i, char *out, size_t size);

#endif
