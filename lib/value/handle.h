/*
 * handle - the 16 bytes that a value is passed as; see value/value.h.
 */
#ifndef VALUE_HANDLE_H
#define VALUE_HANDLE_H

#include <stdint.h>

enum value_kind {
	VALUE_NULL,
	VALUE_FALSE,
	VALUE_TRUE,
	VALUE_INT,        /* i */
	VALUE_DOUBLE,     /* d */
	VALUE_NUMBER,     /* text, n: a number as it is spelled */
	VALUE_STRING,     /* text, n: UTF-8, decoded */
	VALUE_ESCAPED,    /* text, n: between the quotes, as it is spelled */
	VALUE_RAW_ARRAY,  /* doc, n is its entry */
	VALUE_ARRAY,      /* array, n is its length */
	VALUE_RAW_OBJECT, /* doc, n is its entry */
	VALUE_OBJECT,     /* object */
};

enum value_flag {
	VALUE_SOURCE = 1,    /* stands in a doc just as it is to be written */
	VALUE_OWNED = 2,     /* the only handle to an array or object */
	VALUE_ROOM = 4,      /* a string with room behind it: see string.c */
	VALUE_FORGOTTEN = 8, /* a null in the place of what was destroyed */
};

struct value {
	uint8_t kind;
	uint8_t flags;
	uint16_t mark; /* of a key in an object: see object.c */
	uint32_t n;
	union {
		int64_t i;
		double d;
		const char *text;
		const struct doc *doc;
		struct array *array;
		struct object *object;
	};
};

#define VALUE_OF(k) ((struct value){.kind = (k)})

#endif
