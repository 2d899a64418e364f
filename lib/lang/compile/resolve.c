/*
 * At run time an environment is a list of cells, the newest first: one for
 * each variable, parameter and label in scope.  Resolving counts how many
 * cells lie between a name and what it stands for.
 */
#include <stdio.h>
#include <string.h>

#include "lang/compile/passes.h"
#include "lang/compile/nearest.h"
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
static void check_key(struct compile *c, const struct node *key);

/* Forms that the evaluator knows by themselves. */
static const struct form {
	const char *name;
	uint32_t args;
	uint8_t op;
} FORMS[] = {
    {"empty", 0, OP_EMPTY}, {"error", 0, OP_ERROR}, {"error", 1, OP_ERROR},
    {"path", 1, OP_PATH}, {"range", 2, OP_RANGE}, {"first", 1, OP_FIRST},
    {"last", 1, OP_LAST}, {"limit", 2, OP_LIMIT}, {"skip", 2, OP_SKIP},
    {"getpath", 1, OP_GETPATH}, {"setpath", 2, OP_SETPATH},
    {"delpaths", 1, OP_DELPATHS}, {"del", 1, OP_DELETE},
    {"_match", 3, OP_MATCH}, {"_sub", 3, OP_SUB_RE}, {"recurse", 0, OP_RECURSE},
    {"select", 1, OP_IF}, /* select(f): if f then . else empty end */
};

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
	struct nearest near = {n->name, n->name_len, n->n, "", 1000};
	char name[64];

	for (; s != NULL; s = s->up) {
		if (s->kind == SCOPE_VAR || s->kind == SCOPE_LABEL)
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)s->len, s->name);
		nearest_consider(
		    &near, name, s->kind == SCOPE_DEF ? s->def->params_n : 0);
	}
	for (size_t i = 0; i < sizeof(FORMS) / sizeof(*FORMS); i++)
		nearest_consider(&near, FORMS[i].name, FORMS[i].args);
	c->library->each(nearest_consider, &near);
	prelude_each(nearest_consider, &near);
	if (near.best[0] == '\0')
		source_fail(&c->source, n->at, "unknown function '%.*s/%u'",
		    (int)n->name_len, n->name, (unsigned)n->n);
	source_fail(&c->source, n->at,
	    "unknown function '%.*s/%u'; is '%s' meant?", (int)n->name_len,
	    n->name, (unsigned)n->n, near.best);
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
		n->sub = (uint8_t)i;
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
	source_fail(&c->source, n->at, "$%.*s is not defined", (int)n->name_len,
	    n->name);
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
resolve_form(struct compile *c, struct node *n)
{
	for (size_t i = 0; i < sizeof(FORMS) / sizeof(*FORMS); i++) {
		const struct form *f = &FORMS[i];

		if (f->args != n->n ||
		    !same(n->name, n->name_len, f->name,
			(uint32_t)strlen(f->name)))
			continue;
		n->op = f->op;
		n->a = n->n > 0 ? n->items[0] : NULL;
		n->b = n->n > 1 ? n->items[1] : NULL;
		n->c = n->n > 2 ? n->items[2] : NULL;
		if (n->op == OP_MATCH || n->op == OP_SUB_RE)
			n->cache = c->regexes++;
		if (n->op == OP_IF) {
			n->b = node_new(&c->source, OP_IDENTITY, NODE_NOWHERE);
			n->c = node_new(&c->source, OP_EMPTY, NODE_NOWHERE);
		}
		n->n = 0;
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
	for (size_t i = 0; i < sizeof(FORMS) / sizeof(*FORMS); i++)
		add_name(&names, FORMS[i].name, FORMS[i].args);
	c->library->each(add_name, &names);
	prelude_each(add_name, &names);
	return value_share(names.array);
}

static void
refuse(struct compile *c, const struct node *n)
{
	static const char *const MISSING[] = {"input", "inputs", "halt",
	    "halt_error", "modulemeta", "get_search_list"};

	for (size_t i = 0; i < sizeof(MISSING) / sizeof(*MISSING); i++)
		if (same(n->name, n->name_len, MISSING[i],
			(uint32_t)strlen(MISSING[i])))
			source_fail(&c->source, n->at,
			    "'%s' doesn't exist here: a "
			    "program sees one event at a time",
			    MISSING[i]);
}

/* Names that stand for constants, known when the program is compiled. */
static bool
resolve_constant(struct compile *c, struct node *n)
{
	if (n->n > 0)
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
		if (at->kind == SCOPE_PARAM && n->n == 0) {
			n->op = OP_PARAM;
			n->up = depth - at->depth - 1;
			return;
		}
		if (at->kind == SCOPE_DEF && at->def->params_n == n->n) {
			n->def = at->def;
			n->up = depth - at->depth;
			break;
		}
	}
	if (n->def == NULL && !resolve_form(c, n) && !resolve_constant(c, n)) {
		n->builtin = c->library->find(n->name, n->name_len, n->n);
		if (n->builtin != NULL)
			n->op = OP_BUILTIN;
		else if ((n->def = prelude_find(
			      c, n->name, n->name_len, n->n)) != NULL)
			n->up = depth;
		else
			refuse(c, n);
		if (n->builtin == NULL && n->def == NULL)
			unknown_function(c, n, s);
	}
	for (uint32_t i = 0; i < n->n; i++)
		resolve(c, n->items[i], s, depth);
}

/* --- patterns --- */

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
	if (*n == 64)
		source_fail(
		    &c->source, t->at, "more than 64 variables in a pattern");
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
	struct pattern *seen[64];
	struct scope vars[64];
	const struct scope *inner = s;

	n->vars = 0;
	for (uint32_t i = 0; i < n->n; i++)
		collect(c, n->patterns[i], seen, &n->vars);
	for (uint32_t i = 0; i < n->vars; i++) {
		vars[i] = (struct scope){inner, SCOPE_VAR, seen[i]->name,
		    seen[i]->name_len, depth + i, NULL};
		inner = &vars[i];
	}
	for (uint32_t i = 0; i < n->n; i++)
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

/* The one path that leads through constant keys, as .a.b and .[0] do. */
static bool
constant_path(struct compile *c, const struct node *n, struct value *path)
{
	if (n->op == OP_IDENTITY) {
		*path = array_new(c->source.arena, 2);
		return true;
	}
	if (n->op == OP_PIPE) {
		struct value rest;

		if (!constant_path(c, n->a, path) ||
		    !constant_path(c, n->b, &rest))
			return false;
		for (uint32_t i = 0; i < rest.n; i++)
			*path = array_push(
			    c->source.arena, *path, array_at(rest, i));
		return true;
	}
	if (n->op != OP_INDEX || n->b->op != OP_LITERAL ||
	    !(value_is_string(n->b->value) || value_is_number(n->b->value)) ||
	    !constant_path(c, n->a, path))
		return false;
	*path = array_push(c->source.arena, *path, n->b->value);
	return true;
}

/* Find the constant path of the left side of a change. */
static void
settle_target(struct compile *c, struct node *n)
{
	struct value path;

	if (!constant_path(c, n, &path))
		return;
	n->path = array_push(
	    c->source.arena, array_new(c->source.arena, 1), value_share(path));
	n->path = value_share(n->path);
	value_take(n->path.array->v);
	n->traits |= TRAIT_PATH;
}

/* Keys that are constants are checked here, the others as they come. */
static void
check_key(struct compile *c, const struct node *key)
{
	if (key->op == OP_LITERAL && !value_is_string(key->value))
		source_fail(&c->source, key->at,
		    "Cannot use %s (%s) as object key", value_type(key->value),
		    compile_show(c, key->value));
}

/* Are the keys of an object known, and all different? */
static bool
keys_different(const struct node *n)
{
	for (uint32_t i = 0; i < n->n; i += 2) {
		struct value x = n->items[i]->value;

		if (n->n > 64 || n->items[i]->op != OP_LITERAL ||
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

static void
resolve_children(
    struct compile *c, struct node *n, const struct scope *s, uint32_t depth)
{
	if (n->a != NULL)
		resolve(c, n->a, s, depth);
	if (n->b != NULL)
		resolve(c, n->b, s, depth);
	if (n->c != NULL)
		resolve(c, n->c, s, depth);
	for (uint32_t i = 0; i < n->n; i++)
		resolve(c, n->items[i], s, depth);
	for (uint32_t i = 0; n->op == OP_OBJECT && i < n->n; i += 2)
		check_key(c, n->items[i]);
	if (n->op == OP_OBJECT && keys_different(n))
		n->sub = OBJECT_DIFFERENT;
	if ((n->op >= OP_ASSIGN && n->op <= OP_SET_ALT) || n->op == OP_DELETE)
		settle_target(c, n->a);
	if (n->op >= OP_ADD && n->op <= OP_GE) {
		settle_operand(c, n->a);
		settle_operand(c, n->b);
	}
}

static void
resolve_label(
    struct compile *c, struct node *n, const struct scope *s, uint32_t depth)
{
	struct scope label = {
	    s, SCOPE_LABEL, n->name, n->name_len, depth, NULL};

	resolve(c, n->a, &label, depth + 1);
}

static void
resolve_break(
    struct compile *c, struct node *n, const struct scope *s, uint32_t depth)
{
	const struct scope *label = find(s, SCOPE_LABEL, n->name, n->name_len);

	if (label == NULL)
		source_fail(&c->source, n->at, "$*label-%.*s is not defined",
		    (int)n->name_len, n->name);
	n->up = depth - label->depth - 1;
}

static void
resolve_format(struct compile *c, struct node *n)
{
	if (n->name == NULL)
		return;
	n->format = c->library->find_format(n->name, n->name_len);
	if (n->format == NULL)
		source_fail(&c->source, n->at, "%.*s is not a valid format",
		    (int)n->name_len, n->name);
}

static void
resolve_definition(
    struct compile *c, struct node *n, const struct scope *s, uint32_t depth)
{
	struct scope def = {
	    s, SCOPE_DEF, n->def->name, n->def->name_len, depth, n->def};

	resolve_def(c, n->def, s, depth);
	resolve(c, n->a, &def, depth);
}

static void
resolve_fold(
    struct compile *c, struct node *n, const struct scope *s, uint32_t depth)
{
	struct node *bodies[] = {n->c, n->d};

	resolve(c, n->a, s, depth);
	resolve(c, n->b, s, depth);
	resolve_patterns(c, n, bodies, 2, s, depth);
}

static void
resolve(
    struct compile *c, struct node *n, const struct scope *s, uint32_t depth)
{
	if (n->resolved)
		return;
	n->resolved = true;
	switch (n->op) {
	case OP_VAR:
		resolve_var(c, n, s, depth);
		break;
	case OP_CALL:
		resolve_call(c, n, s, depth);
		if (n->op != OP_CALL && n->op != OP_PARAM)
			resolve_children(c, n, s, depth);
		break;
	case OP_DEF:
		resolve_definition(c, n, s, depth);
		break;
	case OP_LABEL:
		resolve_label(c, n, s, depth);
		break;
	case OP_BREAK:
		resolve_break(c, n, s, depth);
		break;
	case OP_BIND:
		resolve(c, n->a, s, depth);
		resolve_patterns(c, n, &n->b, 1, s, depth);
		break;
	case OP_REDUCE:
	case OP_FOREACH:
		resolve_fold(c, n, s, depth);
		break;
	case OP_STRING:
	case OP_FORMAT:
		resolve_format(c, n);
		resolve_children(c, n, s, depth);
		break;
	default:
		resolve_children(c, n, s, depth);
	}
	n->traits |= traits_of(n);
}

void
resolve_program(struct compile *c, struct node *root)
{
	resolve(c, root, NULL, 0);
}
