/*
 * explaining - a program at work on shapes; see explain.c.
 */
#ifndef LANG_EXPLAIN_EXPLAINING_H
#define LANG_EXPLAIN_EXPLAINING_H

#include "lang/explain/explain.h"

struct def;
struct node;

struct active {
	const struct def *def;
	const struct active *up;
};

struct explain {
	struct arena *a;
	const struct program *program;
	struct sites used; /* what has been looked at */
	struct sites contexts;
	const struct active *active;
	unsigned fuel, deep, seen;
};

enum {
	FUEL = 100000, /* expressions looked at */
	NESTED = 4,    /* calls of one function in each other */
	DEEP = 2000,   /* levels of this evaluator */
	ROUNDS = 6,    /* of a loop */
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
const struct shape *explain_run(
    struct explain *x, const struct program *p, bool event);

/* --- explain.c --- */
bool explain_single(const struct node *n);
struct sites explain_all_of(struct explain *x, struct deps d);
struct deps explain_use(struct explain *x, const struct shape *s);
const struct shape *explain_made(
    struct explain *x, struct deps d, const struct shape *in);
const struct shape *explain_with_path(
    struct explain *x, const struct shape *s, struct sites path, bool sure);
const struct shape *explain_unsure(struct explain *x, const struct shape *s);
const struct shape *explain_constant(
    struct explain *x, struct value v, const struct shape *in);
const struct shape *explain_path_root(
    struct explain *x, const struct shape *in);
struct sites explain_anywhere(struct explain *x);
const struct shape *explain_look(struct explain *x, const struct node *n,
    struct term *env, const struct shape *in);
struct term *explain_term_at(struct term *env, uint32_t up);
struct term *explain_new_term(
    struct explain *x, struct term *up, const struct shape *s);
const struct shape *explain_give_up(
    struct explain *x, struct term *env, const struct shape *in);

/* --- explain_paths.c --- */
const struct shape *explain_path(struct explain *x, const struct node *f,
    struct term *env, const struct shape *in);
const struct shape *explain_getpath(struct explain *x, const struct node *n,
    struct term *env, const struct shape *in);
const struct shape *explain_setpath(struct explain *x, const struct node *n,
    struct term *env, const struct shape *in);
const struct shape *explain_delete(struct explain *x, const struct node *f,
    struct term *env, const struct shape *in);
const struct shape *explain_delpaths(struct explain *x, const struct node *n,
    struct term *env, const struct shape *in);
const struct shape *explain_change(struct explain *x, const struct node *n,
    struct term *env, const struct shape *in);

/* --- explain_values.c --- */
const struct shape *explain_operate(struct explain *x, int op,
    const struct shape *a, const struct shape *b, const struct shape *in);
struct deps explain_both(
    struct explain *x, const struct shape *a, const struct shape *b);
const struct shape *explain_apart(struct explain *x, const struct node *f,
    struct term *env, const struct shape *in, struct sites *used);
const struct shape *explain_each(struct explain *x, const struct shape *s);
const struct shape *explain_operator(struct explain *x, const struct node *n,
    struct term *env, const struct shape *in);
const struct shape *explain_logic(struct explain *x, const struct node *n,
    struct term *env, const struct shape *in);
const struct shape *explain_alternative(struct explain *x, const struct node *n,
    struct term *env, const struct shape *in);
const struct shape *explain_if(struct explain *x, const struct node *n,
    struct term *env, const struct shape *in);
const struct shape *explain_try(struct explain *x, const struct node *n,
    struct term *env, const struct shape *in);
const struct shape *explain_array(struct explain *x, const struct node *n,
    struct term *env, const struct shape *in);
const struct shape *explain_object(struct explain *x, const struct node *n,
    struct term *env, const struct shape *in);
const struct shape *explain_string(struct explain *x, const struct node *n,
    struct term *env, const struct shape *in);
const struct shape *explain_index(struct explain *x, const struct node *n,
    struct term *env, const struct shape *in);
const struct shape *explain_slice(struct explain *x, const struct node *n,
    struct term *env, const struct shape *in);
const struct shape *explain_builtin(struct explain *x, const struct node *n,
    struct term *env, const struct shape *in);
const struct shape *explain_match(struct explain *x, const struct node *n,
    struct term *env, const struct shape *in);
const struct shape *explain_sub(struct explain *x, const struct node *n,
    struct term *env, const struct shape *in);

/* --- explain_scope.c --- */
const struct shape *explain_bind(struct explain *x, const struct node *n,
    struct term *env, const struct shape *in);
const struct shape *explain_fold(struct explain *x, const struct node *n,
    struct term *env, const struct shape *in);
const struct shape *explain_call(struct explain *x, const struct node *n,
    struct term *env, const struct shape *in);
const struct shape *explain_param(struct explain *x, const struct node *n,
    struct term *env, const struct shape *in);
const struct shape *explain_context(
    struct explain *x, const struct node *n, const struct shape *in);
const struct shape *explain_pipe(struct explain *x, const struct node *n,
    struct term *env, const struct shape *in);
const struct shape *explain_label(struct explain *x, const struct node *n,
    struct term *env, const struct shape *in);
const struct shape *explain_some(struct explain *x, const struct node *n,
    struct term *env, const struct shape *in);
const struct shape *explain_range(struct explain *x, const struct node *n,
    struct term *env, const struct shape *in);
const struct shape *explain_recurse(struct explain *x, const struct shape *in);

#endif
