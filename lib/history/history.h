/*
 * history - records, read back.
 *
 * A history is an array of objects, which is all that is known of it: what
 * a record holds may be anything.
 */
#ifndef HISTORY_HISTORY_H
#define HISTORY_HISTORY_H

#include <stdbool.h>

#include "base/arena.h"
#include "value/value.h"

/* A record's member that is a string, decoded; false where it has none. */
bool history_text(
    struct arena *a, struct value record, const char *name, struct value *text);

/* The first record that gives the event an id; false where none does. */
bool history_identity(
    struct arena *a, struct value history, struct value *record);

#endif
