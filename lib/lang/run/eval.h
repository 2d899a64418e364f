/*
 * eval - how a program runs.
 *
 * Expressions are generators: eval() hands every output to a sink, in order,
 * and the sink says whether to go on.  Where one output is certain
 * (TRAIT_SINGLE) eval_single() returns it instead.  Nothing outlives the
 * event: cells and paths are in its arena.
 *
 * In path mode (path is not NULL) outputs come with the path that leads to
 * them.  As in jq, what is no path keeps the path of its input, and shows
 * itself when it is looked into: it isn't the value at that path.
 *
 * An input may be owned (VALUE_OWNED).  Then whoever passed it must not use
 * it afterwards, nor have let any part of it be seen elsewhere; when in
 * doubt it is passed by value_share().
 */
#ifndef LANG_RUN_EVAL_H
#define LANG_RUN_EVAL_H

#include "lang/run/builtin.h"
#include "lang/run/machine.h"

struct path {
	struct path *up; /* NULL at the root */
	struct value key;
	struct value at; /* the value that this path leads to */
};

/* A variable, a parameter, or a label. */
struct cell {
	struct cell *up;
	const struct node *body; /* of a parameter, or NULL */
	struct cell *env;        /* that body runs in */
	struct value value;
	uint64_t label;
};

struct sink {
	/* Take an output; false to stop (m->state says why). */
	bool (*put)(struct sink *k, struct value v, struct path *path);
};

enum machine_state {
	MACHINE_RUNNING,
	MACHINE_RAISED,  /* m->error */
	MACHINE_BROKEN,  /* m->label is broken out of */
	MACHINE_STOPPED, /* the receiver has enough */
};

enum { LOOKUPS = 64 };

/* A large container that was looked into: see lookup.h. */
struct lookup {
	uint64_t run;
	const struct doc *doc;
	uint32_t entry;
	uint32_t times;
	struct value opened; /* null before that */
};

struct machine {
	const struct program *program;
	struct arena *arena;
	const struct program_context *context;
	enum machine_state state;
	struct value error;
	const struct node *raised; /* what it was raised by, or NULL */
	uint64_t label;            /* that is being broken out of */
	uint64_t labels;           /* given out in this run */
	const char *stack;         /* where the stack must not grow beyond */
	struct value *bound;       /* variables from outside */
	struct value *own_bound;   /* the same once machine_bind() was called */
	struct buf message;
	struct regex_cache *regexes; /* compiled ones: see regexes.c */
	uint64_t run;                /* counts them */
	struct lookup lookups[LOOKUPS];
};

/*
 * Hand all outputs of n on in to k; false where it ended early: m->state
 * says why.
 */
bool eval(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct path *path, struct sink *k);

/* n has TRAIT_SINGLE; false when something was raised. */
bool eval_single(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out);

/* The same; what many a form has in it costs no call. */
static inline bool
eval_operand(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out)
{
	if (n->op != OP_LITERAL && n->op != OP_IDENTITY)
		return eval_single(m, n, env, value_share(in), out);
	*out = n->op == OP_LITERAL ? n->value : value_share(in);
	return true;
}

/* n has TRAIT_OPTION; *found where there is an output. */
bool eval_option(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out, bool *found);

/*
 * Run expressions on one input for every combination of their outputs, the
 * first one outermost.  values[i] is an output of nodes[i] while done runs.
 */
struct product {
	struct machine *m;
	struct cell *env;
	struct value in;
	size_t n;
	const struct node *const *nodes;
	struct value *values;
	bool (*done)(struct product *p);
};

/* Run it from the first node on; false as eval(). */
bool product_run(struct product *p);

/* Is v still the value at its path?  Else raise, naming what was tried. */
bool path_intact(struct machine *m, const struct path *path, struct value v,
    const char *tried, struct value key);

/* A path as an array of its keys. */
struct value path_value(struct machine *m, const struct path *path);

/* --- assign.c --- */

/* A change whose right side has TRAIT_OPTION; *found where it has one. */
bool assign_option(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *out, bool *found);

/* May in stay owned after v was computed from it by n? */
static inline struct value
eval_keep_owned(struct value in, const struct node *n, struct value v)
{
	return v.kind < VALUE_RAW_ARRAY || !(n->traits & TRAIT_INPUT)
	    ? in
	    : value_share(in);
}

/* --- paths.c: values at keys and paths --- */
/* What stands at a key of v; null where nothing does.  False: an error. */
bool path_index(
    struct machine *m, struct value v, struct value key, struct value *out);
/* The same along a path, an array of keys. */
bool path_get(
    struct machine *m, struct value v, struct value path, struct value *out);

/*
 * Look into a value without an end to its being owned: for handles that are
 * gone before it is changed.
 */
bool path_peek(
    struct machine *m, struct value v, struct value key, struct value *out);

/*
 * As path_get(), to be followed by a path_set() at the same path: what is
 * there is owned if v is, and all that lies between.
 */
bool path_take(
    struct machine *m, struct value v, struct value path, struct value *out);
/* v with x at the path; v is given away.  False: an error. */
bool path_set(struct machine *m, struct value v, struct value path,
    struct value x, struct value *out);
/* v without what is at paths, an array of them; v is given away. */
bool path_delete(
    struct machine *m, struct value v, struct value paths, struct value *out);
/* Raise that v has nothing that a key could be for. */
bool path_no_index(struct machine *m, struct value v, struct value key);

/* --- slices.c --- */
/* The key of .[from:to]: an object. */
struct value path_slice_key(
    struct machine *m, struct value from, struct value to);
/* The elements that key names of something with that length. */
bool path_slice_bounds(struct machine *m, struct value key, size_t length,
    size_t *from, size_t *to);
/* The slice of v that key names; v is given away. */
bool path_slice(
    struct machine *m, struct value v, struct value key, struct value *out);
/* The key that n, a slice, has for its bounds. */
bool slices_key(struct machine *m, const struct node *n, struct cell *env,
    struct value in, struct value *key);
/* As path_index() at such a key, but of is given away. */
bool slices_cut(
    struct machine *m, struct value of, struct value key, struct value *out);

/* --- arith.c: what operators do with two values --- */
/* x op y, jq's way for each pair of types; x is given away. */
bool arith_apply(struct machine *m, enum op op, struct value x, struct value y,
    struct value *out);
/* -x; an error where it is no number. */
bool arith_negate(struct machine *m, struct value x, struct value *out);

/* The parts of a decoded string between separators; characters for "". */
struct value arith_split(struct arena *a, struct value s, struct value by);

/* --- regexes.c --- */

/* For a program with so many forms that match; NULL without memory. */
struct regex_cache *regex_cache_new(uint32_t slots);
void regex_cache_free(struct regex_cache *p);

#endif
