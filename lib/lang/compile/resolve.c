/*
 * At run time an environment is a list of cells, the newest first: one for
 * each variable, parameter and label in scope.  Resolving counts how many
 * cells lie between a name and what it stands for.
 */
#include <stdio.h>
#include <string.h>

#include "lang/compile/name_hints.h"
#include "lang/compile/slips.h"
#include "lang/compile/traits.h"
#include "value/array.h"
#include "value/number.h"

struct scope {
	const struct scope *up;
	enum { SCOPE_VAR, SCOPE_PARAM, SCOPE_LABEL, SCOPE_DEF } kind;
	const char *name;
	uint32_t len;
	uint32_t depth; /* cells below this one's */
	struct def *def;
};

static void resolve(
    struct compile *c, struct node *n, const struct scope *s, uint32_t depth);
static void resolve_form(
    struct compile *c, struct node *n, const struct scope *s, uint32_t depth);
static void resolve_parts(
    struct compile *c, struct node *n, const struct scope *s, uint32_t depth);
static void check_key(struct compile *c, const struct node *key);

/* Forms that look like calls. */
#define CALLED(name, args, op) {name, args, OP_##op},

static const struct called {
	const char *name;
	uint32_t args;
	uint8_t op;
} CALLED_AS[] = {CALLED_FORMS(CALLED)};

/* Levels of a program below each other: all that walks it is recursive. */
enum { NESTED_MOST = 10000 };

static bool
same(const char *a, uint32_t a_len, const char *b, uint32_t b_len)
{
	return a_len == b_len && memcmp(a, b, a_len) == 0;
}

static const struct scope *
find(const struct scope *s, int kind, const char *name, uint32_t len)
{
	while (s != NULL &&
	    ((int)s->kind != kind || !same(s->name, s->len, name, len)))
		s = s->up;
	return s;
}

static _Noreturn void
unknown_function(struct compile *c, const struct node *n, const struct scope *s)
{
	struct nearest near = {.name = n->name,
	    .len = n->name_len,
	    .args = n->items_n,
	    .distance = 1000};
	char name[64];

	for (; s != NULL; s = s->up) {
		if (s->kind == SCOPE_VAR || s->kind == SCOPE_LABEL)
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)s->len, s->name);
		nearest_consider(
		    &near, name, s->kind == SCOPE_DEF ? s->def->params_n : 0);
	}
	for (size_t i = 0; i < sizeof(CALLED_AS) / sizeof(*CALLED_AS); i++)
		nearest_consider(&near, CALLED_AS[i].name, CALLED_AS[i].args);
	c->library->each(nearest_consider, &near);
	prelude_each(nearest_consider, &near);
	name_hints_unknown(c, n, &near);
}

/* --- variables --- */

static bool
resolve_context(struct node *n)
{
	static const char *const NAMES[] = {
	    [CONTEXT_LINEAGE] = "lineage",
	    [CONTEXT_STAGE] = "stage",
	    [CONTEXT_SOURCE] = "source",
	    [CONTEXT_LINE] = "line",
	};

	for (size_t i = 0; i < sizeof(NAMES) / sizeof(*NAMES); i++) {
		if (!same(n->name, n->name_len, NAMES[i],
			(uint32_t)strlen(NAMES[i])))
			continue;
		n->op = OP_CONTEXT;
		n->variant = (uint8_t)i;
		return true;
	}
	return false;
}

static bool
resolve_bound(struct compile *c, struct node *n)
{
	const struct program_source *src = c->given;

	for (size_t i = src->bindings_n; i-- > 0;) {
		const struct binding *b = &src->bindings[i];

		if (!same(n->name, n->name_len, b->name,
			(uint32_t)strlen(b->name)))
			continue;
		n->op = OP_BOUND;
		n->up = (uint32_t)i;
		return true;
	}
	return false;
}

static void
resolve_var(
    struct compile *c, struct node *n, const struct scope *s, uint32_t depth)
{
	const struct scope *var = find(s, SCOPE_VAR, n->name, n->name_len);

	if (var != NULL) {
		n->up = depth - var->depth - 1;
		return;
	}
	if (resolve_bound(c, n) || resolve_context(n))
		return;
	if (same(n->name, n->name_len, "ENV", 3)) {
		n->op = OP_LITERAL;
		n->value = compile_environment(c);
		return;
	}
	if (same(n->name, n->name_len, "ARGS", 4)) {
		n->op = OP_LITERAL;
		n->value = compile_arguments(c);
		return;
	}
	name_hints_variable(c, n);
}

/* --- calls --- */

static void
resolve_def(
    struct compile *c, struct def *d, const struct scope *s, uint32_t depth)
{
	struct scope self = {s, SCOPE_DEF, d->name, d->name_len, depth, d};
	const struct scope *inner = &self;
	struct scope *params;
	uint32_t cells = depth;

	if (d->resolved)
		return;
	d->resolved = true;
	d->depth = depth;
	params = arena_array(
	    c->source.arena, (size_t)d->params_n * 2, sizeof(*params));
	for (uint32_t i = 0; i < d->params_n; i++) {
		struct param *p = &d->params[i];
		struct scope *at = &params[2 * i];

		/* $name is a variable, and a function as well. */
		at[0] = (struct scope){
		    inner, SCOPE_PARAM, p->name, p->len, cells, NULL};
		at[1] = (struct scope){
		    &at[0], SCOPE_VAR, p->name, p->len, cells, NULL};
		inner = p->value ? &at[1] : &at[0];
		cells++;
	}
	resolve(c, d->body, inner, cells);
}

static bool
find_called(struct compile *c, struct node *n)
{
	for (size_t i = 0; i < sizeof(CALLED_AS) / sizeof(*CALLED_AS); i++) {
		const struct called *f = &CALLED_AS[i];

		if (f->args != n->items_n ||
		    !same(n->name, n->name_len, f->name,
			(uint32_t)strlen(f->name)))
			continue;
		n->op = f->op;
		for (uint32_t k = 0; k < n->items_n; k++)
			n->part[k] = n->items[k];
		if (n->op == OP_MATCH || n->op == OP_SUB_RE)
			n->regex_slot = c->regexes++;
		if (n->op == OP_IF) {
			n->branch.then =
			    node_new(&c->source, OP_IDENTITY, NODE_NOWHERE);
			n->branch.otherwise =
			    node_new(&c->source, OP_EMPTY, NODE_NOWHERE);
		}
		n->items_n = 0;
		return true;
	}
	return false;
}

struct names {
	struct compile *c;
	struct value array;
};

static void
add_name(void *arg, const char *name, uint32_t args)
{
	struct names *names = arg;
	char *text = arena_alloc(names->c->source.arena, 80);

	if (name[0] == '_')
		return;
	snprintf(text, 80, "%s/%u", name, (unsigned)args);
	names->array = array_push(
	    names->c->source.arena, names->array, value_cstring(text));
}

static struct value
builtin_names(struct compile *c)
{
	struct names names = {c, array_new(c->source.arena, 256)};

	add_name(&names, "builtins", 0);
	add_name(&names, "env", 0);
	for (size_t i = 0; i < sizeof(CALLED_AS) / sizeof(*CALLED_AS); i++)
		add_name(&names, CALLED_AS[i].name, CALLED_AS[i].args);
	c->library->each(add_name, &names);
	prelude_each(add_name, &names);
	return value_freeze(c->source.arena, names.array);
}

static void
refuse(struct compile *c, const struct node *n)
{
	static const char *const MISSING[] = {"input", "inputs", "halt",
	    "halt_error", "modulemeta", "get_search_list"};

	for (size_t i = 0; i < sizeof(MISSING) / sizeof(*MISSING); i++)
		if (same(n->name, n->name_len, MISSING[i],
			(uint32_t)strlen(MISSING[i])))
			program_text_fail(&c->source, n->at,
			    "'%s' doesn't exist here: a "
			    "program sees one event at a time",
			    MISSING[i]);
}

/* Names that stand for constants, known when the program is compiled. */
static bool
resolve_constant(struct compile *c, struct node *n)
{
	if (n->items_n > 0)
		return false;
	if (same(n->name, n->name_len, "env", 3))
		n->value = compile_environment(c);
	else if (same(n->name, n->name_len, "builtins", 8))
		n->value = builtin_names(c);
	else
		return false;
	n->op = OP_LITERAL;
	return true;
}

static void
resolve_call(
    struct compile *c, struct node *n, const struct scope *s, uint32_t depth)
{
	const struct scope *at;

	for (at = s; at != NULL; at = at->up) {
		if (!same(at->name, at->len, n->name, n->name_len))
			continue;
		if (at->kind == SCOPE_PARAM && n->items_n == 0) {
			n->op = OP_PARAM;
			n->up = depth - at->depth - 1;
			return;
		}
		if (at->kind == SCOPE_DEF && at->def->params_n == n->items_n) {
			n->def = at->def;
			n->up = depth - at->depth;
			break;
		}
	}
	if (n->def == NULL && !find_called(c, n) && !resolve_constant(c, n)) {
		n->builtin = c->library->find(n->name, n->name_len, n->items_n);
		if (n->builtin != NULL)
			n->op = OP_BUILTIN;
		else if ((n->def = prelude_find(
			      c, n->name, n->name_len, n->items_n)) != NULL)
			n->up = depth;
		else
			refuse(c, n);
		if (n->builtin == NULL && n->def == NULL)
			unknown_function(c, n, s);
	}
	if (n->op == OP_CALL)
		resolve_parts(c, n, s, depth);
	else
		resolve_form(c, n, s, depth);
}

/* --- patterns --- */

enum { VARIABLES = 64 }; /* that one can bind */

/* List the variables of a pattern that aren't listed yet. */
static void
collect(
    struct compile *c, struct pattern *t, struct pattern **seen, uint32_t *n)
{
	if (t == NULL)
		return;
	for (uint32_t i = 0; i < t->n; i++) {
		collect(c, t->vars[i], seen, n);
		collect(c, t->items[i], seen, n);
	}
	if (t->kind != PATTERN_VAR)
		return;
	for (uint32_t i = 0; i < *n; i++) {
		if (!same(
			seen[i]->name, seen[i]->name_len, t->name, t->name_len))
			continue;
		t->slot = i;
		return;
	}
	if (*n == VARIABLES)
		program_text_fail(&c->source, t->at,
		    "more than %d variables in a pattern", VARIABLES);
	t->slot = *n;
	seen[(*n)++] = t;
}

static void
resolve_keys(
    struct compile *c, struct pattern *t, const struct scope *s, uint32_t depth)
{
	if (t == NULL)
		return;
	for (uint32_t i = 0; i < t->n; i++) {
		if (t->keys[i] != NULL) {
			resolve(c, t->keys[i], s, depth);
			check_key(c, t->keys[i]);
		}
		resolve_keys(c, t->items[i], s, depth);
	}
}

/* Bind what n's patterns name, and resolve the bodies in that scope. */
static void
resolve_patterns(struct compile *c, struct node *n, struct node **bodies,
    size_t bodies_n, const struct scope *s, uint32_t depth)
{
	struct pattern **seen =
	    arena_array(c->source.arena, VARIABLES, sizeof(*seen));
	struct scope *vars;
	const struct scope *inner = s;

	n->vars = 0;
	for (uint32_t i = 0; i < n->patterns_n; i++)
		collect(c, n->patterns[i], seen, &n->vars);
	vars = arena_array(c->source.arena, n->vars, sizeof(*vars));
	for (uint32_t i = 0; i < n->vars; i++) {
		vars[i] = (struct scope){inner, SCOPE_VAR, seen[i]->name,
		    seen[i]->name_len, depth + i, NULL};
		inner = &vars[i];
	}
	for (uint32_t i = 0; i < n->patterns_n; i++)
		resolve_keys(c, n->patterns[i], inner, depth + n->vars);
	for (size_t i = 0; i < bodies_n; i++)
		if (bodies[i] != NULL)
			resolve(c, bodies[i], inner, depth + n->vars);
}

/* --- nodes --- */

/* A number that is computed with needs no spelling, unless it says more. */
static void
settle_operand(struct compile *c, struct node *n)
{
	struct value rounded;

	if (n->op != OP_LITERAL || n->value.kind != VALUE_NUMBER)
		return;
	rounded = value_number(n->value);
	if (value_equal(c->source.arena, n->value, rounded))
		n->value = rounded;
}

/* Keys that are constants are checked here, the others as they come. */
static void
check_key(struct compile *c, const struct node *key)
{
	if (key->op == OP_LITERAL && !value_is_string(key->value))
		program_text_fail(&c->source, key->at,
		    "Cannot use %s (%s) as object key", value_type(key->value),
		    compile_show(c, key->value));
}

/* Are the keys of an object known, and all different? */
static bool
keys_different(const struct node *n)
{
	for (uint32_t i = 0; i < n->items_n; i += 2) {
		struct value x = n->items[i]->value;

		if (n->items_n > 64 || n->items[i]->op != OP_LITERAL ||
		    x.kind != VALUE_STRING)
			return false;
		for (uint32_t j = 0; j < i; j += 2) {
			struct value y = n->items[j]->value;

			if (x.n == y.n && memcmp(x.text, y.text, x.n) == 0)
				return false;
		}
	}
	return true;
}

/* The parts of a form see what it sees. */
static void
resolve_parts(
    struct compile *c, struct node *n, const struct scope *s, uint32_t depth)
{
	for (size_t i = 0; i < NODE_PARTS; i++)
		if (n->part[i] != NULL)
			resolve(c, n->part[i], s, depth);
	for (uint32_t i = 0; i < n->items_n; i++)
		resolve(c, n->items[i], s, depth);
}

static void
resolve_object(
    struct compile *c, struct node *n, const struct scope *s, uint32_t depth)
{
	resolve_parts(c, n, s, depth);
	for (uint32_t i = 0; i < n->items_n; i += 2)
		check_key(c, n->items[i]);
	if (keys_different(n))
		n->variant = OBJECT_DIFFERENT;
}

static void
resolve_operator(
    struct compile *c, struct node *n, const struct scope *s, uint32_t depth)
{
	resolve_parts(c, n, s, depth);
	settle_operand(c, n->binary.left);
	settle_operand(c, n->binary.right);
}

static void
resolve_change(
    struct compile *c, struct node *n, const struct scope *s, uint32_t depth)
{
	resolve_parts(c, n, s, depth);
	targets_settle(c, n);
}

static void
resolve_label(
    struct compile *c, struct node *n, const struct scope *s, uint32_t depth)
{
	struct scope label = {
	    s, SCOPE_LABEL, n->name, n->name_len, depth, NULL};

	resolve(c, n->unary.of, &label, depth + 1);
}

static void
resolve_break(
    struct compile *c, struct node *n, const struct scope *s, uint32_t depth)
{
	const struct scope *label = find(s, SCOPE_LABEL, n->name, n->name_len);

	if (label == NULL)
		program_text_fail(&c->source, n->at,
		    "$*label-%.*s is not defined", (int)n->name_len, n->name);
	n->up = depth - label->depth - 1;
}

static void
resolve_string(
    struct compile *c, struct node *n, const struct scope *s, uint32_t depth)
{
	if (n->name != NULL)
		n->format = c->library->find_format(n->name, n->name_len);
	if (n->name != NULL && n->format == NULL)
		program_text_fail(&c->source, n->at,
		    "%.*s is not a valid format", (int)n->name_len, n->name);
	resolve_parts(c, n, s, depth);
}

static void
resolve_definition(
    struct compile *c, struct node *n, const struct scope *s, uint32_t depth)
{
	struct scope def = {
	    s, SCOPE_DEF, n->def->name, n->def->name_len, depth, n->def};

	resolve_def(c, n->def, s, depth);
	resolve(c, n->unary.of, &def, depth);
}

static void
resolve_fold(
    struct compile *c, struct node *n, const struct scope *s, uint32_t depth)
{
	struct node *bodies[] = {n->fold.update, n->fold.extract};

	resolve(c, n->fold.source, s, depth);
	resolve(c, n->fold.init, s, depth);
	resolve_patterns(c, n, bodies, 2, s, depth);
}

static void
resolve_bind(
    struct compile *c, struct node *n, const struct scope *s, uint32_t depth)
{
	resolve(c, n->bind.source, s, depth);
	resolve_patterns(c, n, &n->bind.body, 1, s, depth);
}

#define RESOLVE(op, path, resolve, ...)                                        \
	case OP_##op:                                                          \
		resolve_##resolve(c, n, s, depth);                             \
		break;

/* By its form, which a name that is resolved may change. */
static void
resolve_form(
    struct compile *c, struct node *n, const struct scope *s, uint32_t depth)
{
	switch ((enum op)n->op) {
		FORMS(RESOLVE)
	}
}

static void
resolve(
    struct compile *c, struct node *n, const struct scope *s, uint32_t depth)
{
	if (n->resolved)
		return;
	n->resolved = true;
	if (++c->nested > NESTED_MOST)
		program_text_fail(&c->source, n->at == NODE_NOWHERE ? 0 : n->at,
		    "nested too deeply");
	resolve_form(c, n, s, depth);
	traits_find(n);
	slips_check(c, n);
	c->nested--;
}

void
resolve_program(struct compile *c, struct node *root)
{
	resolve(c, root, NULL, 0);
	if (c->given->predicate && !c->source.prelude)
		slips_predicate(c, root);
}
