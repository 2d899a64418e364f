/*
 * proof - is all that one schema allows valid by another?
 *
 * A proof goes from place to place and takes what it can't show to hold for
 * an issue.  An issue is no incompatibility: that takes a counterexample, an
 * event that the two schemas themselves judge differently.  So what is
 * proved is compatible, what has a counterexample is not, and else nobody
 * knows.
 */
#ifndef SCHEMA_PROOF_H
#define SCHEMA_PROOF_H

#include "schema/walk.h"

/* What the proof failed at; the names are rules' ids. */
#define COMPARE_RULES(X)                                                       \
	X(TYPE, "type")                                                        \
	X(NEVER, "nothing-allowed")                                            \
	X(ENUM, "enum")                                                        \
	X(VALUES, "values")                                                    \
	X(MINIMUM, "minimum")                                                  \
	X(MAXIMUM, "maximum")                                                  \
	X(MULTIPLE, "multiple-of")                                             \
	X(MIN_LENGTH, "min-length")                                            \
	X(MAX_LENGTH, "max-length")                                            \
	X(PATTERN, "pattern")                                                  \
	X(FORMAT, "format")                                                    \
	X(MIN_ITEMS, "min-items")                                              \
	X(MAX_ITEMS, "max-items")                                              \
	X(UNIQUE, "unique-items")                                              \
	X(CONTAINS, "contains")                                                \
	X(UNEVALUATED, "unevaluated")                                          \
	X(REQUIRED, "required")                                                \
	X(MEMBERS, "members")                                                  \
	X(PATTERNS, "pattern-properties")                                      \
	X(NAMES, "property-names")                                             \
	X(DEPENDENT, "dependent")                                              \
	X(ANY, "any-of")                                                       \
	X(ONE, "one-of")                                                       \
	X(NOT, "not")                                                          \
	X(IF, "if")                                                            \
	X(DYNAMIC, "dynamic-ref")                                              \
	X(LARGE, "too-large")

enum compare_rule {
#define X(id, name) COMPARE_##id,
	COMPARE_RULES(X)
#undef X
};

enum { COMPARE_NODES = 24 }; /* that one value is held against at a time */

/* Schemas that a value is valid by, all of them. */
struct conjunction {
	uint32_t n;
	bool cut; /* there were more: it allows too much, which is safe */
	const struct node *node[COMPARE_NODES];
	uint32_t expanded; /* bits of those whose anyOf, oneOf were chosen */
};

/* The way from the event to a place. */
struct compare_step {
	const struct compare_step *parent;
	const struct conjunction *inner; /* of the place itself */
	struct value key;                /* VALUE_NULL: an item */
	uint32_t i;
};

struct compare_issue {
	enum compare_rule rule;
	const struct node *outer; /* of the schema that should allow it */
	const struct compare_step *place;
	struct compare_issue *next;
	/* Set by compare_example(). */
	const char *event; /* a counterexample, or NULL */
	size_t event_len;
	const char *reason; /* that it isn't valid */
};

struct comparison {
	struct arena *a; /* whose overflow the caller catches */
	struct schema_checker *inner, *outer; /* all of inner be in outer */
	struct compare_issue *issues, **end;
	uint32_t issues_n;
	unsigned failed; /* checks that cost too much */
	/* The proof's own. */
	unsigned quiet, depth, steps;
	const struct compare_open *open;
};

/* What messages call a rule: static text. */
const char *compare_rule_name(enum compare_rule rule);

/* Prove, or list the issues; true where all is proved. */
bool compare_prove(struct comparison *c);

/* Look for a counterexample to an issue; true where there is one. */
bool compare_example(struct comparison *c, struct compare_issue *issue);

/*
 * Is an event that is JSON text valid by the inner schema only?  With an
 * issue: and does that show it?  The reason is in words.
 */
bool compare_judge(struct comparison *c, const struct compare_issue *issue,
    const char *text, size_t len, const char **reason);

/* The schemas of a member, of an item, of the value itself. */
void compare_add(struct conjunction *into, const struct node *n);
void compare_member(struct comparison *c, const struct conjunction *of,
    struct value key, struct conjunction *member);
void compare_item(
    const struct conjunction *of, uint32_t i, struct conjunction *item);

/* The types that a value may have, as bits; a number may be whole. */
unsigned compare_types(const struct conjunction *of);

#endif
