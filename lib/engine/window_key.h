/*
 * window_key - key and time of what a window of ms-fold gave.
 *
 * Such an event was made of many, so it has no place.  ms-fold wrote the
 * members of its key in front of the window.
 */
#ifndef ENGINE_WINDOW_KEY_H
#define ENGINE_WINDOW_KEY_H

#include "engine/match.h"

/*
 * Set key and timestamp of an event whose last record with a window says so:
 * the JSON of the key, an array where there are several, and the window's
 * end.  Leaves out as it is where no record has one.
 */
void window_key(struct matching *m, struct value root, struct value history,
    struct match *out);

#endif
