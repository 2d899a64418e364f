/*
 * layout - the keys of an object in their order, known from one before.
 *
 * The events of a stream mostly have the same keys in the same order, or
 * one of a few orders.  So the second pass remembers some that it met twice,
 * and which came behind which.  Where it guesses right, a key and its colon
 * are checked by one comparison, and each key is found by a glance at a
 * table that was made once (value/keys.h).  The keys of any other object are
 * listed, with a tag each.
 *
 * A struct keys serves one object of one doc at a time: the last indexed.
 */
#ifndef JSON_LAYOUT_H
#define JSON_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "json/scan.h"

enum {
	LAYOUT_MOST = 128,  /* members of an object that is indexed */
	LAYOUT_TEXT = 4096, /* bytes of all its keys, quotes and colons */
	LAYOUTS = 8,
};

/* The keys of an object; none is spelled with escapes. */
struct layout {
	uint32_t n;
	uint32_t print;            /* made of the tags: see list() */
	struct layout *next;       /* that came behind it last, or NULL */
	bool different;            /* no two are equal */
	bool compact;              /* no key is longer than padding */
	uint32_t tag[LAYOUT_MOST]; /* see layout_tag() */
	uint16_t at[LAYOUT_MOST];  /* in text: "key": */
	uint16_t size[LAYOUT_MOST];
	uint8_t numbers[256]; /* by tag, each + 1, probed in turn */
	char text[LAYOUT_TEXT];
};

struct keys {
	const struct layout *layout; /* of the object, or NULL */
	uint32_t n;
	bool different; /* no two keys are equal */
	uint32_t entry[LAYOUT_MOST];
	uint32_t tag[LAYOUT_MOST]; /* where there is no layout */

	struct layout *last, *guess; /* known; what the next is tried with */
	uint32_t missed[LAYOUTS];    /* print of the last one not known */
	struct layout known[LAYOUTS];
	uint32_t learned; /* how often one of these was made */
};

/*
 * Bytes at the start of k that tell of the object: a copy of them does as long
 * as the doc, but for a layout, which holds until learned changes.
 */
static inline size_t
layout_kept(const struct keys *k)
{
	return k->layout != NULL
	    ? offsetof(struct keys, entry) + k->n * sizeof(k->entry[0])
	    : offsetof(struct keys, tag) + k->n * sizeof(k->tag[0]);
}

/* memcmp() of a few bytes, without the call. */
static inline bool
layout_same(const char *p, const char *q, size_t n)
{
	uint64_t x, y, u, v;
	uint32_t s, t, m, w;

	if (n > 16)
		return memcmp(p, q, n) == 0;
	if (n >= 8) {
		memcpy(&x, p, 8);
		memcpy(&y, q, 8);
		memcpy(&u, p + n - 8, 8);
		memcpy(&v, q + n - 8, 8);
		return ((x ^ y) | (u ^ v)) == 0;
	}
	if (n >= 4) {
		memcpy(&s, p, 4);
		memcpy(&t, q, 4);
		memcpy(&m, p + n - 4, 4);
		memcpy(&w, q + n - 4, 4);
		return ((s ^ t) | (m ^ w)) == 0;
	}
	for (size_t i = 0; i < n; i++)
		if (p[i] != q[i])
			return false;
	return true;
}

/* Is there a backslash in a key, as it stands in its text? */
static inline bool
layout_has_escapes(const char *p, size_t n)
{
	const uint64_t ones = 0x0101010101010101u;
	uint64_t w;

	for (; n >= 8; p += 8, n -= 8) {
		memcpy(&w, p, 8);
		w ^= ones * '\\';
		if (((w - ones) & ~w & ones * 0x80) != 0)
			return true;
	}
	for (; n > 0; p++, n--)
		if (*p == '\\')
			return true;
	return false;
}

/* A tag of a key, which is decoded: equal keys have equal ones. */
static inline uint32_t
layout_tag(const char *key, size_t len)
{
	const unsigned char *p = (const unsigned char *)key;
	uint32_t first = 0, last = 0;

	if (len >= 4) {
		memcpy(&first, p, 4);
		memcpy(&last, p + len - 4, 4);
	} else if (len > 0) {
		first = p[0];
		last = (uint32_t)p[len / 2] << 8 | p[len - 1];
	}
	return (first * 0x9E3779B1u ^ last * 0x85EBCA6Bu) + (uint32_t)len;
}

/* May there be two equal tags among them?  Mostly this says no. */
static inline bool
tags_meet(uint64_t seen[2], uint32_t tag)
{
	uint64_t bit = (uint64_t)1 << (tag >> 25 & 63);
	uint64_t *set = &seen[tag >> 31];
	bool met = (*set & bit) != 0;

	*set |= bit;
	return met;
}

/*
 * Index the object at entry e, whose brackets are joined.  There is no index
 * where its keys are too many, or some are spelled with escapes.
 */
void layout_index(struct keys *k, struct doc *d, uint32_t e);

/* The same where it was found to have the layout that was guessed. */
void layout_guessed(struct keys *k, struct doc *d, uint32_t e);

/* The tag of key i of an indexed object. */
static inline uint32_t
layout_key_tag(const struct keys *k, uint32_t i)
{
	return k->layout != NULL ? k->layout->tag[i] : k->tag[i];
}

#endif
