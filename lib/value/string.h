/*
 * string - strings, decoded only when somebody asks for their text.
 *
 * A lone surrogate escape stays as it is spelled while nobody looks into
 * its string; decoded it is U+FFFD.
 */
#ifndef VALUE_STRING_H
#define VALUE_STRING_H

#include "value/value.h"

/* VALUE_ESCAPED as VALUE_STRING, decoded into the arena. */
struct value string_decode(struct arena *a, struct value v);

/* The string as VALUE_STRING; decoded only where it isn't one. */
static inline struct value
string_decoded(struct arena *a, struct value v)
{
	return v.kind == VALUE_ESCAPED ? string_decode(a, v) : v;
}

/*
 * Undo the escapes of JSON in a text that may quote some, as programs and
 * messages do; what is none stays.  Writes n bytes at most, also in place;
 * returns how many.
 */
size_t string_unquote(char *to, const char *p, size_t n);

/* x followed by y; linear over repeated appends to the same string. */
struct value string_append(struct arena *a, struct value x, struct value y);

/* Are they the same text, however it is spelled? */
bool string_equal(struct arena *a, struct value x, struct value y);

/* A string of bytes that may not be UTF-8: bad ones become U+FFFD. */
struct value string_repair(struct arena *a, const char *p, size_t n);

#endif
