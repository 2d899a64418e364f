/*
 * shape - what the values at one place of all events were like, counted.
 *
 * A shape depends on the values, not on where a stream of them was cut: one
 * that is written as a schema (shape_write.c), read again (shape_read.c) and
 * added to is the one of all values.  So it only ever forgets what no later
 * value can bring back: the values where they are too many for an enum, the
 * keys where they are too many for a record.
 *
 * Shapes live in the arena of their struct shapes.
 */
#ifndef SCHEMA_SHAPE_H
#define SCHEMA_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "value/value.h"

/* In the order of the bits of schema/node.h. */
enum shape_type {
	SHAPE_NULL,
	SHAPE_BOOLEAN,
	SHAPE_STRING,
	SHAPE_ARRAY,
	SHAPE_OBJECT,
	SHAPE_INTEGER,
	SHAPE_NUMBER, /* with a fraction */
	SHAPE_TYPES,
};

extern const char *const shape_types[SHAPE_TYPES];

/* Formats that may hold for all strings, as bits. */
enum { SHAPE_FORMATS = 6 };
extern const char *const shape_formats[SHAPE_FORMATS];

/* A text in the arena. */
struct shape_text {
	const char *p; /* NULL: none yet */
	uint32_t n, cap;
};

/* A value that an enum may list, and its order among them. */
struct shape_value {
	struct shape_text text; /* decoded, or an integer as it is spelled */
	bool is_string;
};

struct shape_member;

struct shape {
	uint64_t count[SHAPE_TYPES];
	uint64_t first[SHAPE_TYPES]; /* number of an event, from 1 */
	uint8_t formats;             /* that hold so far */
	bool many_values;            /* too many to list */
	bool map;                    /* an object with too many keys */
	bool no_ranges;              /* some values weren't measured */
	struct shape_value *value;
	uint32_t values_n;
	struct shape_text low, high;    /* numbers */
	size_t length_low, length_high; /* code points */
	size_t items_low, items_high;
	struct shape *items;         /* or NULL */
	struct shape *rest;          /* of all members of a map */
	struct shape_member *member; /* in the order they were met */
	uint32_t members_n, members_cap;
	uint32_t *index; /* hash -> number of a member + 1 */
	uint32_t mask;
};

struct shape_member {
	struct value key; /* decoded */
	uint32_t tag;
	struct shape *shape;
};

struct shapes {
	struct arena arena;
	size_t values; /* that an enum may have; 0: no enums */
	size_t keys;   /* that a record may have */
	bool ranges;   /* measure numbers, strings and arrays */
	uint64_t events;
	struct shape *root;
};

/* Start with no value; limit bytes at most. */
void shapes_init(struct shapes *s, size_t limit);
void shapes_release(struct shapes *s);

/* A shape that has seen nothing; its memory is of s. */
struct shape *shape_new(struct shapes *s);

/*
 * Count the value at entry e as one of the shape's, in the event that
 * s->events says.  Scratch memory comes from a.
 */
void shape_add(struct shapes *s, struct shape *shape, struct arena *a,
    const struct doc *d, uint32_t e);

/* The member with a key, made where it isn't there. */
struct shape_member *shape_member(
    struct shapes *s, struct shape *shape, struct value key);

/* Take the members of an object together where they are too many. */
void shape_settle(struct shapes *s, struct shape *shape);

/* All values of the shape, whatever their type. */
uint64_t shape_count(const struct shape *shape);

/* List a value; none is listed any more where they become too many. */
void shape_list(
    struct shapes *s, struct shape *shape, struct value text, bool is_string);

/* A schema of all values, as JSON text; title may be NULL. */
void shape_write(struct buf *out, struct shapes *s, const char *title);

/*
 * Go on from a schema that shape_write() made, which the doc's entry e
 * holds.  NULL where all is well, or what is wrong at entry *at.
 */
const char *shape_read(
    struct shapes *s, const struct doc *d, uint32_t e, uint32_t *at);

#endif
