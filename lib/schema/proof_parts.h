/*
 * proof_parts - what the files that prove share.
 *
 * Each part is true where it is proved; else it listed an issue, unless the
 * comparison is quiet.
 */
#ifndef SCHEMA_PROOF_PARTS_H
#define SCHEMA_PROOF_PARTS_H

#include "schema/proof.h"

/* List an issue; gives false. */
bool proof_issue(struct comparison *c, enum compare_rule rule,
    const struct node *outer, const struct compare_step *at);

/* A step on the way, to the member at key, or to item i. */
const struct compare_step *proof_step(struct comparison *c,
    const struct compare_step *at, struct value key, uint32_t i,
    const struct conjunction *inner);

/* Is all that inner allows valid by outer?  And by its rules for a type? */
bool proof_includes(struct comparison *c, const struct node *outer,
    const struct conjunction *inner, const struct compare_step *at);
bool proof_number(struct comparison *c, const struct node *outer,
    const struct conjunction *inner, const struct compare_step *at);
bool proof_string(struct comparison *c, const struct node *outer,
    const struct conjunction *inner, const struct compare_step *at);
bool proof_array(struct comparison *c, const struct node *outer,
    const struct conjunction *inner, const struct compare_step *at);
bool proof_object(struct comparison *c, const struct node *outer,
    const struct conjunction *inner, const struct compare_step *at);

/* Does the schema allow everything? */
bool proof_anything(const struct node *n);

/* The types that a schema allows by itself, as bits. */
unsigned compare_node_types(const struct node *n);

/* What a schema says of a key, of item i; NULL where it says nothing. */
const struct name_rule *compare_name_rule(
    const struct object_rules *o, struct value key);
const struct node *compare_item_node(const struct array_rules *r, uint32_t i);

/* Add what one schema says of a member to what is known of it. */
void compare_add_member(struct comparison *c, const struct object_rules *o,
    struct value key, struct conjunction *member);

#endif
