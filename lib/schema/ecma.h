/*
 * ecma - regular expressions of ECMA-262 (with its flag u), which are those
 * of JSON Schema, in PCRE2's words.
 *
 * \d and \w are ASCII's, \s is Unicode's white space, . is no line end, $ is
 * the end and nothing before it, \p{Letter} has its long names, \cX, \u and
 * \u{X} are characters, a reference to a group that took no part matches the
 * empty string.  What PCRE2 has beyond ECMA-262 is wrong here.
 */
#ifndef SCHEMA_ECMA_H
#define SCHEMA_ECMA_H

#include <stddef.h>

#include "base/buf.h"

/*
 * Append a pattern, which is UTF-8, in PCRE2's words.  NULL where all is
 * well, or what is wrong at byte *at (static text).
 */
const char *ecma_translate(
    const char *pattern, size_t len, struct buf *out, size_t *at);

/* Append a text, as UTF-8, that a good pattern may well match. */
void ecma_sample(const char *pattern, size_t len, struct buf *out);

#endif
