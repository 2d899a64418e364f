/*
 * run - what the files of the evaluator share: one form being evaluated,
 * and a function for each form.
 */
#ifndef LANG_RUN_RUN_H
#define LANG_RUN_RUN_H

#include "lang/run/eval.h"

/* What an eval_…() function needs; the sinks below carry it along. */
struct run {
	struct machine *m;
	const struct node *n;
	struct cell *env;
	struct value in;
	struct path *path;
	struct sink *k;
};

/* The cell that many levels up, which the resolver counted. */
static inline struct cell *
cell_at(struct cell *env, uint32_t up)
{
	while (up-- > 0)
		env = env->up;
	return env;
}

/* A cell on top of up; what it holds is owned by nobody. */
struct cell *cell_new(struct machine *m, struct cell *up, struct value v);

/* False, and an error raised, where the stack comes to its end. */
bool machine_stack_left(struct machine *m);

/* --- eval.c --- */

/* All outputs of the form r->n, one after another, into r->k. */
bool eval_many(struct run *r);

/*
 * n failed, on behalf of a place of the program: the innermost one, which
 * comes first, is where the error is said to be.  Gives false.
 */
bool eval_blame(
    struct machine *m, const struct node *n, const struct node *outer);

/*
 * --- single.c: *out becomes the only output of a form that is single; false
 * after an error ---
 */
bool single_format(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out);
/*
 * What .of[key] gives, and of what and where; it stays owned by its place, so
 * it is gone before any change, or path_index() is called with these.
 */
bool single_peek(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *of, struct value *key, struct value *out);
bool single_access(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out);
bool single_string(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out);
bool single_array(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out);
bool single_object(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out);
bool single_negate(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out);
bool single_logic(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out);
bool single_builtin(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out);
bool single_slice(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out);
bool single_operator(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out);
bool single_getpath(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out);
bool single_context(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out);
bool single_bound(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out);
bool single_last(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out);

/* --- combine.c --- */

/* A product on its way to a sink. */
struct combine {
	struct product product;
	const struct node *n;
	struct sink *k;
	struct path *path;
};

/*
 * Run nodes on r->in for each combination of their outputs; done gets the
 * struct combine that r goes along in.
 */
bool eval_product(struct run *r, const struct node *const *nodes, size_t n,
    bool (*done)(struct product *));
bool eval_operator(struct run *r);
bool eval_negate(struct run *r);
bool eval_logic(struct run *r);
bool eval_string(struct run *r);
bool eval_object(struct run *r);
bool eval_builtin(struct run *r);

/* A string of its pieces, which come last first. */
bool combine_join(struct machine *m, const struct node *n,
    const struct value *pieces, struct value *out);
bool combine_make_object(struct machine *m, const struct node *n,
    const struct value *items, struct value *out);

/* --- access.c --- */
bool eval_access(struct run *r);
bool eval_each(struct run *r);
bool eval_recurse(struct run *r);
bool eval_getpath(struct run *r);
bool eval_path(struct run *r);

/* --- choice.c --- */
/* Errors of the tried expression are caught, those of downstream not. */
struct attempt {
	struct sink sink;
	struct sink *k;
	bool below;
};

/* Put on to a->k, and note whether it was that which failed. */
bool attempt_take(struct sink *k, struct value v, struct path *path);
bool eval_pipe(struct run *r);
bool eval_if(struct run *r);
bool eval_alternative(struct run *r);
bool eval_try(struct run *r);

/* Does the step that r->n tries start from a value that is at its path? */
bool access_intact(struct run *r);
bool eval_label(struct run *r);
bool eval_break(struct run *r);
bool eval_error(struct run *r);
bool eval_counted(struct run *r);
bool eval_last(struct run *r);
bool eval_range(struct run *r);
bool eval_first(struct run *r);

/* --- assign.c: the forms that change --- */
bool eval_change(struct run *r);
bool single_change(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out);

/* --- regexes.c, substitute.c --- */
bool eval_match(struct run *r);
bool eval_substitute(struct run *r);

/* --- bind.c --- */
struct task;

struct bind {
	struct sink sink;
	struct machine *m;
	uint32_t vars;
	struct cell *env;
	struct task *tasks;
	bool (*done)(struct bind *b, struct cell *env);
	void *arg;
	struct bind *origin; /* that done and arg are for */
};

/*
 * Call done with an environment for every way in which v fits the first of
 * r->n's patterns.  An error there or in done, but for one below r->k, tries
 * the next one; until the last, done finds an r->k that tells these apart.
 */
bool bind_patterns(struct run *r, struct value v,
    bool (*done)(struct bind *, struct cell *), void *arg);
bool eval_bind(struct run *r);
bool eval_call(struct run *r);
/* Has it a parameter $name? */
bool bind_has_value_params(const struct def *d);
/* Are all arguments for such parameters single? */
bool bind_args_single(const struct node *n);

/* The environment of a call whose arguments are all called by name. */
struct cell *bind_call(
    struct machine *m, const struct node *n, struct cell *env);

/* The same, where its value arguments are single. */
bool bind_call_single(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct cell **inner);

/* --- fold.c --- */
bool eval_reduce(struct run *r);
bool eval_foreach(struct run *r);

#endif
