/*
 * walk - a value held against a node, and what the files that do it share.
 *
 * A walk either only says whether the value is valid, which is quick, or
 * also lists its faults.  Where it costs too much it stops: failure says so,
 * and what it returned means nothing.
 */
#ifndef SCHEMA_WALK_H
#define SCHEMA_WALK_H

#include "schema/node.h"

enum {
	WALK_STACK = 256 * 1024, /* bytes that are left to whoever is called */
	WALK_STEPS = 10000000,
};

enum fault_kind {
	FAULT_TYPE,
	FAULT_NEVER,
	FAULT_ENUM,
	FAULT_CONST,
	FAULT_MINIMUM,
	FAULT_ABOVE,
	FAULT_MAXIMUM,
	FAULT_BELOW,
	FAULT_MULTIPLE,
	FAULT_MIN_LENGTH, /* n: the length */
	FAULT_MAX_LENGTH,
	FAULT_PATTERN,
	FAULT_FORMAT,
	FAULT_MIN_ITEMS, /* n: how many */
	FAULT_MAX_ITEMS,
	FAULT_UNIQUE,        /* n, m: indexes */
	FAULT_FEW_CONTAINED, /* n: how many */
	FAULT_MANY_CONTAINED,
	FAULT_MIN_PROPERTIES, /* n: how many */
	FAULT_MAX_PROPERTIES,
	FAULT_REQUIRED, /* n: number of the name */
	FAULT_NEEDS,    /* n: of the name, m: of what it needs */
	FAULT_NAME,     /* below: of the key, which is at entry */
	FAULT_NOT,
	FAULT_ANY, /* n: the nearest branch; below: its faults */
	FAULT_ONE,
	FAULT_SEVERAL, /* n, m: branches that fit */
};

struct fault_list {
	struct fault *first, **end;
	size_t n;
	size_t weight; /* how far the value is from being valid */
};

struct fault {
	enum fault_kind kind;
	const struct node *node;
	uint32_t entry;
	size_t n, m;
	struct fault_list below;
	struct fault *next;
};

/* Resources that were entered on the way, the last first. */
struct scope {
	const struct scope *outer;
	uint32_t resource;
};

/* Which members or items were looked at: see unevaluatedProperties. */
struct seen {
	uint64_t *bits;
	uint32_t n;
	bool every;
	const struct place_members *members; /* of an object, listed once */
};

struct schema_checker {
	const struct schema *schema;
	struct regex_matcher *matcher;
	uint8_t *hints; /* by name: its place in the layout met last */
	struct arena *a;
	const struct doc *d;
	uint64_t steps, limit;
	const char *stack; /* which must not grow beyond; NULL: not known */
	const char *failure;
	const struct scope *scope;
	struct fault_list *faults; /* NULL: only tell whether it is valid */
	bool all;                  /* faults, not only the first */
};

/* Make ready for walks over values in a doc. */
void walk_begin(struct schema_checker *c, struct arena *a, const struct doc *d);

/*
 * Is the value at entry e valid?  What was looked at is marked in seen,
 * which may be NULL.
 */
bool walk(struct schema_checker *c, const struct node *n, uint32_t e,
    struct seen *seen);

/* The same without listing faults. */
bool walk_quietly(struct schema_checker *c, const struct node *n, uint32_t e,
    struct seen *seen);

/* Note a fault; true where the walk should go on all the same. */
bool walk_fault(struct schema_checker *c, const struct node *n, uint32_t e,
    enum fault_kind kind, size_t i, size_t k);
bool walk_fault_below(struct schema_checker *c, const struct node *n,
    uint32_t e, enum fault_kind kind, size_t i, const struct fault_list *below);

/* The parts, by type; each ends at its first fault where that is enough. */
bool walk_object(struct schema_checker *c, const struct node *n, uint32_t e,
    struct seen *seen);
bool walk_array(struct schema_checker *c, const struct node *n, uint32_t e,
    struct seen *seen);
bool walk_number(struct schema_checker *c, const struct node *n, uint32_t e);
bool walk_string(struct schema_checker *c, const struct node *n, uint32_t e);
bool walk_logic(struct schema_checker *c, const struct node *n, uint32_t e,
    struct seen *seen);
bool walk_unevaluated_members(struct schema_checker *c, const struct node *n,
    uint32_t e, struct seen *seen);
bool walk_unevaluated_items(struct schema_checker *c, const struct node *n,
    uint32_t e, struct seen *seen);

/* The string at entry e, decoded. */
struct value walk_string_at(struct schema_checker *c, uint32_t e);

/* A match that costs too much is a failure. */
bool walk_matches(
    struct schema_checker *c, const struct pattern *p, struct value text);

/* Start with nothing seen of the object or array at entry e. */
void seen_init(struct schema_checker *c, struct seen *s, uint32_t e);
/* The same for another look at the value that s is of. */
void seen_again(
    struct schema_checker *c, struct seen *again, const struct seen *s);
void seen_merge(struct seen *into, const struct seen *from);

/* Mark the member or element i as evaluated. */
static inline void
seen_mark(struct seen *s, uint32_t i)
{
	s->bits[i / 64] |= (uint64_t)1 << i % 64;
}

/* Is the member or element i evaluated? */
static inline bool
seen_has(const struct seen *s, uint32_t i)
{
	return s->every || (s->bits[i / 64] >> i % 64 & 1) != 0;
}

/* The text of a number without a fraction that fits; false for others. */
bool walk_small_integer(struct value v, int64_t *i);

#endif
