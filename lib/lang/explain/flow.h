/*
 * flow - where a value may come from, as far as a program's text tells.
 *
 * A site is a path into the event: its keys as far as they are constant,
 * and, where it is open, "that, or any part of it", written with a *.  A
 * shape stands for all that an expression may give.  It may be just what
 * stands at a site, or made of sites, and some of its children may be
 * others than it had there.  When in doubt a shape says more than is true,
 * never less.  Shapes aren't changed once they are made; they and their
 * sites live in the arena.
 */
#ifndef LANG_EXPLAIN_FLOW_H
#define LANG_EXPLAIN_FLOW_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "value/value.h"

enum { SITE_EVENT }; /* or 1 + enum context */

/*
 * What all of it is charged to.  Where steps are spent, analysis_spend() jumps
 * to spent: then nothing is known of the program.
 */
struct analysis {
	struct arena *arena;
	uint64_t steps; /* comparisons and copies that are left */
	jmp_buf *spent;
};

/* Take n steps, or jump. */
static inline void
analysis_spend(struct analysis *a, uint64_t n)
{
	if (a->steps < n)
		longjmp(*a->spent, 1);
	a->steps -= n;
}

struct site {
	uint8_t root;
	bool open;
	uint32_t n;
	uint32_t at; /* byte of the program that says it, from 1; 0: none */
	const struct value *keys; /* decoded strings, whole numbers from 0 */
};

/* A set; what would be too many becomes *. */
struct sites {
	uint32_t n;
	const struct site *p;
};

/* What reaches a value: by flowing into it, or by deciding about it. */
struct deps {
	struct sites from, by;
	struct sites keys; /* of both, what a computed key of it is made of */
};

struct child {
	struct value key;
	const struct shape *shape;
	const struct child *next;
};

struct shape {
	struct sites at;   /* it may be just what stands there, */
	struct sites from; /* or made of these; made: of nothing, too */
	struct sites by;
	struct sites path;  /* in path(): where it is, seen from there */
	struct sites paths; /* it is an array of keys, one of these */
	struct deps rest;   /* what may be anywhere in it, if scattered */
	bool scattered;
	bool made;
	bool gone;   /* deleted, perhaps */
	bool sure;   /* in path(): each of the paths comes out, always */
	bool object; /* certainly */
	const struct value *constant;
	const struct child *children;
	uint32_t where; /* byte of the program that put it here, or 0 */
};

/* Is it the same place, key by key, and both open or neither? */
bool site_equal(const struct site *x, const struct site *y);

/* Is all of y in x? */
bool site_covers(const struct site *x, const struct site *y);

/* As jq writes a path: .a."b c"[0].*  or  $lineage.* */
void site_write(struct buf *b, const struct site *p);

/* p[key]; open where the key isn't constant or counts from the end. */
struct site site_below(
    struct analysis *a, const struct site *p, const struct value *key);
struct site site_open(struct site p);

/*
 * s with p, in new memory.  Beyond a number of sites they become wider ones
 * that cover them.
 */
struct sites sites_add(
    struct analysis *a, struct sites s, const struct site *p);

/* All that is in x or in y. */
struct sites sites_join(struct analysis *a, struct sites x, struct sites y);

/* Do they hold the same sites? */
bool sites_equal(struct sites x, struct sites y);

/* What is covered by others left out. */
struct sites sites_least(struct analysis *a, struct sites s);

/* All that is in x or in y, each kind apart. */
struct deps deps_join(struct analysis *a, struct deps x, struct deps y);

/* All that reaches any part of the shape; no deps for NULL. */
struct deps shape_deps(struct analysis *a, const struct shape *s);

/* What stands at a site of the event: it is just that. */
const struct shape *shape_site(struct analysis *a, struct site p);

/* A value that the program says. */
const struct shape *shape_constant(struct analysis *a, struct value v);

/* A new value, of which anything may depend on d. */
const struct shape *shape_made(struct analysis *a, struct deps d);

/* Either of two; NULL stands for no output at all. */
const struct shape *shape_join(
    struct analysis *a, const struct shape *x, const struct shape *y);

/* The same, which these also decide about. */
const struct shape *shape_decided(
    struct analysis *a, const struct shape *s, struct sites by);

/* The same with a computed key in it, which d makes. */
const struct shape *shape_keyed(
    struct analysis *a, const struct shape *s, struct deps d);

/* Either of two, and these decide which. */
const struct shape *shape_choice(struct analysis *a, const struct shape *x,
    const struct shape *y, struct sites by);
bool shape_same(
    struct analysis *a, const struct shape *x, const struct shape *y);

/* What stands at a key (NULL: any), or at a path, of it. */
const struct shape *shape_get(
    struct analysis *a, const struct shape *s, const struct value *key);
const struct shape *shape_at(
    struct analysis *a, const struct shape *s, const struct site *p);

/* The same, said at a byte of the program, but where that is known. */
const struct shape *shape_said(
    struct analysis *a, const struct shape *s, uint32_t at);

/* What the shape has at a key without its children, or in them. */
const struct shape *shape_step(
    struct analysis *a, const struct shape *s, const struct value *key);

/* It with x at a path: certainly, or perhaps; NULL deletes. */
const struct shape *shape_set(struct analysis *a, const struct shape *s,
    const struct site *p, const struct shape *x, bool sure);

#endif
