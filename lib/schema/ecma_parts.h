/*
 * ecma_parts - what the files that translate patterns share.
 *
 * What reads goes on from p, and is false after ecma_fail().
 */
#ifndef SCHEMA_ECMA_PARTS_H
#define SCHEMA_ECMA_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "schema/ecma.h"

struct translation {
	const char *p, *end;
	struct buf *out;
	const char *error; /* the first */
	const char *at;    /* of it */
	uint32_t groups;   /* in all of the pattern */
	uint32_t open;     /* parentheses */
};

/* Note what is wrong at a place, if it is the first; gives false. */
bool ecma_fail(struct translation *t, const char *at, const char *why);

/* Does the text stand at p? */
bool ecma_next_is(const struct translation *t, const char *text);

/* The worth of a hexadecimal digit, or -1. */
int ecma_hex_digit(char c);

/* Write a character by its code. */
void ecma_put_code(struct translation *t, uint32_t c);

/* \d \w \s and their opposites; false where c is none of them. */
bool ecma_put_set(struct translation *t, char c);

/* The character that an escape stands for; the backslash is behind us. */
bool ecma_read_escape(struct translation *t, uint32_t *c);

/* \p{...} or \P{...}; p stands behind the letter. */
bool ecma_read_property(struct translation *t, char letter);

/* The character at p. */
uint32_t ecma_read_character(struct translation *t);

#endif
