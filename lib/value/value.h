/*
 * value - JSON values that stay spans of their text until they are changed.
 *
 * A value is a handle of 16 bytes, passed by value.  A scalar or container
 * that came from a doc is a span of it (VALUE_SOURCE): nothing is decoded
 * before somebody asks.  What a program makes lives in an arena; no value
 * owns memory, and all of them end with their arena or doc.
 *
 * Changing is copying, but for what only one handle can reach; the rules
 * stand in value/ownership.h.
 */
#ifndef VALUE_VALUE_H
#define VALUE_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "json/scan.h"
#include "value/ownership.h"

/* An opened array.  Handles may see fewer elements than it holds. */
struct array {
	uint32_t used;
	uint32_t cap;
	struct value *v;
	const struct doc *doc; /* that it was opened from, or NULL */
	uint32_t entry;
	uint32_t depth;   /* levels that programs opened below, and itself */
	uint32_t slots_n; /* as many leading elements still have their slot */
	uint32_t front;   /* free room before v, for array_prepend() */
	uint32_t *slots;  /* element -> entry of the old value in doc */
};

struct member {
	struct value key; /* a string; VALUE_NULL where it was deleted */
	struct value value;
	uint32_t hash; /* of the decoded key: see object.c */
	uint32_t slot; /* entry of its key in doc, or 0 */
};

/*
 * An opened object: its members in their order, deleted ones included.
 * Of members with the same key the last one counts (shadowed ones stay to
 * be written as they were, until a program sets or deletes that key).
 */
struct object {
	uint32_t n; /* members, deleted and shadowed ones included */
	uint32_t cap;
	uint32_t deleted;
	uint32_t repeats; /* members whose key came before, once settled */
	uint32_t depth;   /* as an array's */
	bool overlay;     /* m is only what differs from doc: overlay.h */
	bool settled;     /* repeats and marks are known */
	bool repeated;    /* there were repeats when it was settled */
	struct member *m;
	uint32_t *index; /* open addressing, or NULL for small objects */
	uint32_t mask;
	const struct doc *doc; /* that it was opened from, or NULL */
	uint32_t entry;
};

/* true or false. */
static inline struct value
value_bool(bool b)
{
	return VALUE_OF(b ? VALUE_TRUE : VALUE_FALSE);
}

/* A whole number. */
static inline struct value
value_int(int64_t i)
{
	struct value v = VALUE_OF(VALUE_INT);

	v.i = i;
	return v;
}

/* A double; becomes VALUE_INT where it is a whole number below 2^53. */
struct value value_double(double d);

/* A string that borrows its text, which must be well-formed UTF-8. */
static inline struct value
value_text(const char *text, size_t len)
{
	struct value v = VALUE_OF(VALUE_STRING);

	v.text = text;
	v.n = (uint32_t)len;
	return v;
}

/* A string that borrows a NUL-terminated text. */
struct value value_cstring(const char *text);

/* The value that starts at entry e of a doc. */
static inline struct value
value_source(const struct doc *d, uint32_t e)
{
	const char *from = d->text + d->at[e];
	struct value v = VALUE_OF(VALUE_NUMBER);

	v.flags = VALUE_SOURCE;
	if (*from == '{' || *from == '[') {
		v.kind = *from == '{' ? VALUE_RAW_OBJECT : VALUE_RAW_ARRAY;
		v.doc = d;
		v.n = e;
		return v;
	}
	v.text = from;
	v.n = (uint32_t)(doc_scalar_end(d, e) - from);
	if (*from == '"') {
		v.kind = VALUE_ESCAPED;
		v.text++;
		v.n -= 2;
	} else if (*from == 't') {
		v.kind = VALUE_TRUE;
	} else if (*from == 'f') {
		v.kind = VALUE_FALSE;
	} else if (*from == 'n') {
		v.kind = VALUE_NULL;
	}
	return v;
}

/*
 * Parse one JSON text of any kind into a doc of its own in the arena; the
 * text is copied.  false, and error, where it is not well-formed.
 */
bool value_parse(struct arena *a, const char *text, size_t len, struct value *v,
    struct scan_error *error);

/*
 * The same with a scan of the caller's, which is charged to nobody and parses
 * one text after another: for who parses much.
 */
bool value_parse_by(struct scan *s, struct arena *a, const char *text,
    size_t len, struct value *v, struct scan_error *error);

/*
 * A constant, which threads may share and which lasts longer than an event:
 * what was made of it is opened, settled and indexed, so that nothing is left
 * to be done in place, and nothing has room to grow into.
 */
struct value value_freeze(struct arena *a, struct value v);

/* Is it a number, of whatever kind? */
static inline bool
value_is_number(struct value v)
{
	return v.kind >= VALUE_INT && v.kind <= VALUE_NUMBER;
}

/* Is it a string, decoded or not? */
static inline bool
value_is_string(struct value v)
{
	return v.kind == VALUE_STRING || v.kind == VALUE_ESCAPED;
}

/* Is it an array, opened or not? */
static inline bool
value_is_array(struct value v)
{
	return v.kind == VALUE_ARRAY || v.kind == VALUE_RAW_ARRAY;
}

/* Is it an object, opened or not? */
static inline bool
value_is_object(struct value v)
{
	return v.kind == VALUE_OBJECT || v.kind == VALUE_RAW_OBJECT;
}

/* Neither null nor false. */
static inline bool
value_is_true(struct value v)
{
	return v.kind > VALUE_FALSE;
}

/* Levels that are compared, merged and written; beyond is "too deep". */
enum { VALUE_DEPTH = 10001 };

/* Levels of what was opened or made; what is still raw counts as one. */
static inline uint32_t
value_depth(struct value v)
{
	if (v.kind == VALUE_ARRAY)
		return v.array->depth;
	if (v.kind == VALUE_OBJECT)
		return v.object->depth;
	return v.kind >= VALUE_RAW_ARRAY;
}

/* Is it nested deeper than what may be compared, merged and written? */
static inline bool
value_too_deep(struct value v)
{
	return value_depth(v) > VALUE_DEPTH;
}

/* "null", "boolean", "number", "string", "array" or "object". */
const char *value_type(struct value v);

/*
 * jq's order: null, false, true, numbers, strings, arrays, objects;
 * below, equal or above 0.  Scratch memory comes from the arena.
 */
int value_compare(struct arena *a, struct value x, struct value y);

/* Are they equal in that order? */
bool value_equal(struct arena *a, struct value x, struct value y);

/* Is it the value at entry e of that doc, unchanged? */
static inline bool
value_is_source(struct value v, const struct doc *d, uint32_t e)
{
	if (!(v.flags & VALUE_SOURCE))
		return false;
	if (v.kind >= VALUE_RAW_ARRAY)
		return v.doc == d && v.n == e;
	return v.text == d->text + d->at[e] + value_is_string(v);
}

/* Written the same, byte for byte, or the same span (no decoding). */
bool value_same(struct value x, struct value y);

/*
 * JSON text of the value; what came from a doc is copied, not respelled.
 * What is too deep becomes a string that says so, as in jq.  Sets b->spaced
 * where there may be white space between tokens; else it is as it was.
 */
void value_write(struct buf *b, struct value v);

/* Are they written alike?  False as well where memory is missing. */
bool value_written_same(struct value x, struct value y);

/* Is a byte of a string written as it is? */
static inline bool
value_plain_byte(unsigned char c)
{
	static const uint32_t escaped[256 / 32] = {
	    0xFFFFFFFF,
	    1u << ('"' - 0x20),
	    1u << ('\\' - 0x40),
	    1u << (0x7F - 0x60),
	};

	return (escaped[c / 32] >> c % 32 & 1) == 0;
}

/* A JSON string literal, with quotes, of well-formed UTF-8. */
void value_write_string(struct buf *b, const char *text, size_t len);

/* What stands between the quotes of such a literal. */
void value_write_text(struct buf *b, const char *text, size_t len);

#endif
