/*
 * key - is the key at an entry this one?  Decoded only where it has
 * escapes: nearly every key says no by its length alone.
 */
#ifndef RECORD_KEY_H
#define RECORD_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "json/scan.h"

/* Is the string at entry e, decoded, this text? */
bool key_is(struct arena *a, const struct doc *d, uint32_t e, const char *key,
    size_t len);

#endif
