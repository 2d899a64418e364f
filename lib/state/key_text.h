/*
 * key_text - the text by which a value is a key.
 *
 * Compact JSON in which equal values are the same bytes: members are sorted
 * by code point and the last one of a name counts, strings are decoded and
 * escaped in one way, and numbers are spelled by their exact value, however
 * they came: 1, 1.0 and 1e0 are 1; 1e400 stays 1e+400.
 */
#ifndef STATE_KEY_TEXT_H
#define STATE_KEY_TEXT_H

#include "base/arena.h"
#include "base/buf.h"
#include "value/value.h"

/* Append it.  Scratch memory is the arena's.  False where it is too deep. */
bool key_text_write(struct buf *out, struct arena *a, struct value v);

#endif
