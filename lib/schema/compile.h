/*
 * compile - what the files that compile schemas share.
 */
#ifndef SCHEMA_COMPILE_H
#define SCHEMA_COMPILE_H

#include "schema/node.h"

enum { COMPILE_DEPTH = 1000 }; /* schemas within schemas for one value */

struct compiler {
	struct schema *schema;
	struct store *store;
	struct arena *a;
	bool formats;
	struct node **todo;
	size_t todo_n, todo_cap, done_n;
	unsigned depth;
	/* Of the node in hand; what isn't touched stays empty. */
	const struct dialect *dialect;
	struct number_rules number;
	struct string_rules string;
	struct array_rules array;
	struct object_rules object;
	bool has_number, has_string, has_array, has_object;
	bool exclusive_minimum, exclusive_maximum; /* of draft 4 */
	uint32_t additional_items;                 /* its entry, or 0 */
	bool items_listed;
};

/* The node of a schema, which is filled later. */
struct node *compile_node(
    struct compiler *c, struct document *d, uint32_t e, uint32_t resource);

/* The same for a subschema of n. */
struct node *compile_child(
    struct compiler *c, const struct node *n, uint32_t e);

/* The same for each of an array of subschemas. */
struct node_list compile_list(
    struct compiler *c, const struct node *n, uint32_t e);

/* References and what combines schemas; false for other keywords. */
bool compile_logic(
    struct compiler *c, struct node *n, enum keyword keyword, uint32_t e);

/* All other keywords, between the two. */
void compile_begin(
    struct compiler *c, const struct node *n, const struct dialect *dialect);
void compile_rule(
    struct compiler *c, struct node *n, enum keyword keyword, uint32_t e);
void compile_end(struct compiler *c, struct node *n);

/* A keyword for objects, or false; an index of the keys once all is read. */
bool compile_object(
    struct compiler *c, struct node *n, enum keyword keyword, uint32_t e);
void compile_names(struct compiler *c);

/* A number of things; a pattern, which is compiled once. */
size_t compile_count(struct compiler *c, const struct node *n, uint32_t e);
const struct pattern *compile_pattern(
    struct compiler *c, const struct node *n, uint32_t e);

#endif
