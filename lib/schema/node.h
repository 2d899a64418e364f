/*
 * node - what a schema was compiled to: rules by the type of the value.
 *
 * A node is a schema, or one of its subschemas.  Everything is in the
 * schema's arena and never changes once it is compiled.
 */
#ifndef SCHEMA_NODE_H
#define SCHEMA_NODE_H

#include <stdbool.h>
#include <stdint.h>

#include "regex/regex.h"
#include "schema/exact.h"
#include "schema/format.h"
#include "schema/store.h"

/* Types of values as bits; a whole number has two. */
enum type_bits {
	TYPE_NULL = 1,
	TYPE_BOOLEAN = 2,
	TYPE_STRING = 4,
	TYPE_ARRAY = 8,
	TYPE_OBJECT = 16,
	TYPE_INTEGER = 32,
	TYPE_NUMBER = 64,
};

/* enum, or const. */
struct choices {
	uint32_t n;
	bool constant;
	struct value *v;
};

struct bound {
	bool set;
	bool is_small; /* small is its worth */
	int64_t small;
	struct exact worth;
	struct value spelled;
};

struct number_rules {
	struct bound minimum, above, maximum, below, multiple;
};

/* A pattern, by number so that a checker knows what it met before. */
struct pattern {
	const char *text; /* as it is spelled in the schema */
	size_t len;
	struct regex *regex;
};

struct string_rules {
	size_t min, max; /* code points */
	const struct pattern *pattern;
	format_test *format;
	const char *format_name;
};

struct array_rules {
	const struct node **prefix;
	uint32_t prefix_n;
	const struct node *rest; /* items behind the prefix; or NULL */
	const struct node *contains;
	size_t contains_min, contains_max;
	size_t min, max;
	bool unique;
	bool marks_contained; /* they count as evaluated */
	const struct node *unevaluated;
};

/* A key that a schema names. */
struct name_rule {
	struct value key;
	uint32_t tag;
	bool required;
	const struct node *node;      /* of properties, or NULL */
	const struct node *dependent; /* a schema for the whole object */
	uint32_t *needs;              /* names that must be there with it */
	uint32_t needs_n;
};

struct pattern_rule {
	const struct pattern *pattern;
	const struct node *node;
};

struct object_rules {
	struct name_rule *name;
	uint32_t names_n, names_cap;
	uint32_t hints; /* of the names, among all of the schema */
	uint16_t *slot; /* tag -> number of a name + 1, probed in turn */
	uint32_t mask;
	struct pattern_rule *pattern;
	uint32_t patterns_n;
	const struct node *additional;
	const struct node *names; /* propertyNames */
	size_t min, max;
	bool every; /* members beyond the names matter */
	bool dependents;
	const struct node *unevaluated;
};

struct node_list {
	const struct node **node;
	uint32_t n;
};

/* Schemas for the same value. */
struct logic {
	const struct node *ref;
	const struct node *dynamic; /* where no resource around has the name */
	uint32_t dynamic_name;      /* + 1; 0: it is never sought */
	struct node_list all, any, one;
	const struct node * not, *condition, *then, *otherwise;
};

struct node {
	const struct document *document;
	uint32_t entry;
	uint32_t resource;
	uint8_t types; /* bits; 0: any */
	bool never;    /* the schema false */
	bool leaf;     /* no other node is asked for it */
	uint8_t visit; /* in a search for circles */
	const struct choices *choices, *constant;
	const struct number_rules *number;
	const struct string_rules *string;
	const struct array_rules *array;
	const struct object_rules *object;
	const struct logic *logic;
};

struct schema {
	struct arena arena;
	jmp_buf overflow;
	struct store store;
	const struct node *root;
	char hash[SCHEMA_HASH + 1];
	struct pattern **patterns; /* whose regex is to be freed */
	uint32_t patterns_n, patterns_cap;
	uint32_t hints; /* names in all objects */
	/* Dynamic anchors: names, and by name and resource a node or NULL. */
	const char **dynamic;
	uint32_t dynamic_n, dynamic_cap;
	const struct node ***dynamic_node;
};

/* Compile what the store holds; ends like its functions where that fails. */
void node_compile(struct schema *s, struct document *d, bool formats);

#endif
