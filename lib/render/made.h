/*
 * made - what a result was made of, for people and in sums.
 */
#ifndef RENDER_MADE_H
#define RENDER_MADE_H

#include <stdbool.h>
#include <stdint.h>

#include "history/view.h"
#include "render/show.h"

/* The record that says what the event was made of; NULL: none does. */
const struct view *made_record(const struct view *v, size_t n);

/* How many events a record says that it made one of; 0: it says none. */
uint64_t made_count(struct arena *a, const struct view *v);

/* Is it a revision of a result that was written before? */
bool made_revised(const struct view *v);

/*
 * Append "42 events, access.ndjson:1-40,55" behind the text before; false,
 * and nothing, where the record doesn't say it.
 */
bool made_show(struct show *s, const char *colour, const char *before,
    const struct view *v);

/* Append its window and the ids of the first and the last event. */
void made_show_ends(struct show *s, const struct view *v);

#endif
