/*
 * interpret - a program at work on shapes instead of values.
 *
 * interpret_X() runs the form X of lang/syntax/forms.h: it gives one shape
 * for all outputs on the input in, with the variables of env; NULL where
 * there is none.  Shapes and terms are the arena's.
 */
#ifndef LANG_EXPLAIN_INTERPRET_H
#define LANG_EXPLAIN_INTERPRET_H

#include "lang/explain/explain.h"

struct def;
struct node;

/* Functions that are being called, the innermost first. */
struct active {
	const struct def *def;
	const struct active *up;
};

struct interpreter {
	struct analysis *a;
	const struct program *program;
	struct sites used; /* what has been looked at */
	struct sites contexts;
	struct deps keys; /* what computed keys of paths are made of */
	const struct active *active;
	unsigned steps, deep, seen;
	uint32_t place; /* of the form in hand, or of the call that led to it */
};

enum {
	STEPS = 100000, /* expressions looked at */
	NESTED = 4,     /* calls of one function in each other */
	DEEP = 2000,    /* levels of this evaluator */
	ROUNDS = 6,     /* of a loop */
};

/* A variable or parameter. */
struct term {
	struct term *up;
	const struct node *body; /* of a parameter, or NULL */
	struct term *env;
	const struct shape *shape;
	unsigned seen;
};

/*
 * What the program makes of an event, or of a line where event is false;
 * NULL: it never has an output.
 */
const struct shape *interpret_run(
    struct interpreter *x, const struct program *p, bool event);

/* --- interpret.c --- */
/* Has it one output, always? */
bool interpret_single(const struct node *n);
/* Both what flows into a value and what decides about it. */
struct sites interpret_all_of(struct interpreter *x, struct deps d);
/* In path(), where in is: a key of it is made of d. */
void interpret_keyed(
    struct interpreter *x, const struct shape *in, struct deps d);
/* All that reaches s, which has been read from now on. */
struct deps interpret_use(struct interpreter *x, const struct shape *s);
/* What is computed of d; in path() it stays where in is. */
const struct shape *interpret_made(
    struct interpreter *x, struct deps d, const struct shape *in);
/* s, said to be at that path; and the same, perhaps not there. */
const struct shape *interpret_with_path(
    struct interpreter *x, const struct shape *s, struct sites path, bool sure);
const struct shape *interpret_unsure(
    struct interpreter *x, const struct shape *s);
/* Just v, where in is. */
const struct shape *interpret_constant(
    struct interpreter *x, struct value v, const struct shape *in);
/* The input of path(): paths start here. */
const struct shape *interpret_path_root(
    struct interpreter *x, const struct shape *in);
/* Any place of the event. */
struct sites interpret_anywhere(struct interpreter *x);
/* Run an expression of any form; gives up beyond STEPS or DEEP. */
const struct shape *interpret_node(struct interpreter *x, const struct node *n,
    struct term *env, const struct shape *in);
/* The term so many above, and a new one on top of up. */
struct term *interpret_term_at(struct term *env, uint32_t up);
struct term *interpret_new_term(
    struct interpreter *x, struct term *up, const struct shape *s);
/* All that an expression could see flows into its outcome. */
const struct shape *interpret_give_up(
    struct interpreter *x, struct term *env, const struct shape *in);

/* --- interpret_paths.c --- */
const struct shape *interpret_path(struct interpreter *x, const struct node *n,
    struct term *env, const struct shape *in);
const struct shape *interpret_getpath(struct interpreter *x,
    const struct node *n, struct term *env, const struct shape *in);
const struct shape *interpret_setpath(struct interpreter *x,
    const struct node *n, struct term *env, const struct shape *in);
const struct shape *interpret_delete(struct interpreter *x,
    const struct node *n, struct term *env, const struct shape *in);
const struct shape *interpret_delpaths(struct interpreter *x,
    const struct node *n, struct term *env, const struct shape *in);
const struct shape *interpret_assign(struct interpreter *x,
    const struct node *n, struct term *env, const struct shape *in);
const struct shape *interpret_update(struct interpreter *x,
    const struct node *n, struct term *env, const struct shape *in);
const struct shape *interpret_arith(struct interpreter *x, const struct node *n,
    struct term *env, const struct shape *in);
const struct shape *interpret_set_alternative(struct interpreter *x,
    const struct node *n, struct term *env, const struct shape *in);

/* --- interpret_values.c --- */
const struct shape *interpret_operate(struct interpreter *x, int op,
    const struct shape *a, const struct shape *b, const struct shape *in);
struct deps interpret_both(
    struct interpreter *x, const struct shape *a, const struct shape *b);
const struct shape *interpret_apart(struct interpreter *x, const struct node *f,
    struct term *env, const struct shape *in, struct sites *used);
const struct shape *interpret_each(struct interpreter *x, const struct node *n,
    struct term *env, const struct shape *in);
const struct shape *interpret_operator(struct interpreter *x,
    const struct node *n, struct term *env, const struct shape *in);
const struct shape *interpret_logic(struct interpreter *x, const struct node *n,
    struct term *env, const struct shape *in);
const struct shape *interpret_alternative(struct interpreter *x,
    const struct node *n, struct term *env, const struct shape *in);
const struct shape *interpret_if(struct interpreter *x, const struct node *n,
    struct term *env, const struct shape *in);
const struct shape *interpret_try(struct interpreter *x, const struct node *n,
    struct term *env, const struct shape *in);
const struct shape *interpret_array(struct interpreter *x, const struct node *n,
    struct term *env, const struct shape *in);
const struct shape *interpret_object(struct interpreter *x,
    const struct node *n, struct term *env, const struct shape *in);
const struct shape *interpret_string(struct interpreter *x,
    const struct node *n, struct term *env, const struct shape *in);
const struct shape *interpret_index(struct interpreter *x, const struct node *n,
    struct term *env, const struct shape *in);
const struct shape *interpret_slice(struct interpreter *x, const struct node *n,
    struct term *env, const struct shape *in);
const struct shape *interpret_builtin(struct interpreter *x,
    const struct node *n, struct term *env, const struct shape *in);
const struct shape *interpret_match(struct interpreter *x, const struct node *n,
    struct term *env, const struct shape *in);
const struct shape *interpret_substitute(struct interpreter *x,
    const struct node *n, struct term *env, const struct shape *in);

/* Any element or member of s; the elements decide how many there are. */
const struct shape *interpret_elements(
    struct interpreter *x, const struct shape *s);

/* --- interpret_scope.c --- */
const struct shape *interpret_bind(struct interpreter *x, const struct node *n,
    struct term *env, const struct shape *in);
const struct shape *interpret_fold(struct interpreter *x, const struct node *n,
    struct term *env, const struct shape *in);
const struct shape *interpret_call(struct interpreter *x, const struct node *n,
    struct term *env, const struct shape *in);
const struct shape *interpret_param(struct interpreter *x, const struct node *n,
    struct term *env, const struct shape *in);
const struct shape *interpret_context(struct interpreter *x,
    const struct node *n, struct term *env, const struct shape *in);
const struct shape *interpret_pipe(struct interpreter *x, const struct node *n,
    struct term *env, const struct shape *in);
const struct shape *interpret_label(struct interpreter *x, const struct node *n,
    struct term *env, const struct shape *in);
const struct shape *interpret_some(struct interpreter *x, const struct node *n,
    struct term *env, const struct shape *in);
const struct shape *interpret_range(struct interpreter *x, const struct node *n,
    struct term *env, const struct shape *in);
const struct shape *interpret_recurse(struct interpreter *x,
    const struct node *n, struct term *env, const struct shape *in);

#endif
