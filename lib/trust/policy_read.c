/*
 * A policy's text to a policy.  Whatever isn't known is refused: a rule with
 * a slip in it would allow what it is there to forbid.
 */
#include <errno.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/compile/nearest.h"
#include "trust/policy.h"

/* The text in hand. */
struct policy_text {
	struct policy *p;
	struct policy_error *error;
	json_t *labels;
	char at[128]; /* the place, as rules[1].may */
};

static bool wrong(struct policy_text *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool
wrong(struct policy_text *t, const char *format, ...)
{
	char *out = t->error->text;
	size_t size = sizeof(t->error->text), n = 0;
	va_list args;

	if (t->at[0] != '\0')
		n = (size_t)snprintf(out, size, "%s: ", t->at);
	va_start(args, format);
	vsnprintf(out + n, size - n, format, args);
	va_end(args);
	return false;
}

static const char *
type_of(const json_t *v)
{
	static const char *const NAMES[] = {
	    [JSON_OBJECT] = "an object",
	    [JSON_ARRAY] = "an array",
	    [JSON_STRING] = "a string",
	    [JSON_INTEGER] = "a number",
	    [JSON_REAL] = "a number",
	    [JSON_TRUE] = "a boolean",
	    [JSON_FALSE] = "a boolean",
	    [JSON_NULL] = "null",
	};

	return NAMES[json_typeof(v)];
}

/* Move the place to a member, or back to where it was n bytes long. */
static size_t
enter(struct policy_text *t, const char *name)
{
	size_t n = strlen(t->at);

	snprintf(
	    t->at + n, sizeof(t->at) - n, "%s%.40s", n > 0 ? "." : "", name);
	return n;
}

static size_t
enter_element(struct policy_text *t, size_t i)
{
	size_t n = strlen(t->at);

	snprintf(t->at + n, sizeof(t->at) - n, "[%zu]", i);
	return n;
}

/* No member has another name than these, which end with NULL. */
static bool
knows_all(struct policy_text *t, json_t *object, const char *const *names)
{
	const char *key;
	json_t *v;

	json_object_foreach(object, key, v)
	{
		const char *near = NULL;
		unsigned best = 3;
		size_t i = 0;

		for (; names[i] != NULL && strcmp(names[i], key) != 0; i++) {
			unsigned d = nearest_distance(
			    key, strlen(key), names[i], strlen(names[i]));

			if (d < best) {
				best = d;
				near = names[i];
			}
		}
		if (names[i] != NULL)
			continue;
		if (near != NULL)
			return wrong(t,
			    "unknown member \"%.60s\"; is \"%s\" meant?", key,
			    near);
		return wrong(t, "unknown member \"%.60s\"", key);
	}
	return true;
}

/* A string that isn't empty, copied to last; NULL after wrong(). */
static const char *
take_text(struct policy_text *t, json_t *v)
{
	const char *text = json_string_value(v);
	size_t n = json_string_length(v);

	if (text == NULL) {
		wrong(t, "a string is wanted here, and this is %s", type_of(v));
		return NULL;
	}
	if (n == 0 || strlen(text) != n) {
		wrong(t, n == 0 ? "it is empty" : "it holds a NUL");
		return NULL;
	}
	return arena_copy(&t->p->arena, text, n);
}

static bool
take_path(struct policy_text *t, json_t *v, struct pathspec *p)
{
	const char *text = take_text(t, v), *why;

	if (text == NULL)
		return false;
	why = pathspec_parse(&t->p->arena, p, text);
	return why == NULL || wrong(t, "'%.80s' is no path: %s", text, why);
}

static bool
take_paths(struct policy_text *t, json_t *v, struct pathspecs *out)
{
	size_t n = json_array_size(v), was;
	struct pathspec *p;

	if (!json_is_array(v))
		return wrong(t,
		    "an array of paths is wanted here, and this is %s",
		    type_of(v));
	if (n == 0)
		return wrong(t, "there is no path in it");
	p = arena_array(&t->p->arena, n, sizeof(*p));
	for (size_t i = 0; i < n; i++) {
		was = enter_element(t, i);
		if (!take_path(t, json_array_get(v, i), &p[i]))
			return false;
		t->at[was] = '\0';
	}
	*out = (struct pathspecs){p, n};
	return true;
}

/* The same for values that are made to vanish: not for the whole event. */
static bool
take_parts(struct policy_text *t, json_t *v, struct pathspecs *out)
{
	if (!take_paths(t, v, out))
		return false;
	for (size_t i = 0; i < out->n; i++) {
		if (out->v[i].path.n > 0)
			continue;
		enter_element(t, i);
		return wrong(t, "'.' is the whole event; name a part of it");
	}
	return true;
}

/* --- rules --- */

static bool
take_label(struct policy_text *t, json_t *v, struct policy_rule *r)
{
	const char *name = take_text(t, v);
	json_t *paths;

	if (name == NULL)
		return false;
	paths = json_object_get(t->labels, name);
	if (paths == NULL)
		return wrong(t, "no label is called \"%.60s\"", name);
	r->label = name;
	snprintf(t->at, sizeof(t->at), "labels");
	enter(t, name);
	return take_paths(t, paths, &r->paths);
}

static bool
take_deny(struct policy_text *t, json_t *rule, struct policy_rule *r)
{
	static const char *const FLOWS[] = {"direct", "indirect", "any", NULL};
	json_t *label = json_object_get(rule, "label");
	json_t *unless = json_object_get(rule, "unless");
	size_t was = enter(t, "deny");
	const char *text = take_text(t, json_object_get(rule, "deny"));
	unsigned i = 0;

	if (text == NULL)
		return false;
	while (FLOWS[i] != NULL && strcmp(FLOWS[i], text) != 0)
		i++;
	if (FLOWS[i] == NULL)
		return wrong(
		    t, "\"%.40s\" is no flow: direct, indirect or any", text);
	r->flow = i + 1;
	t->at[was] = '\0';
	if (unless != NULL) {
		was = enter(t, "unless");
		text = take_text(t, unless);
		if (text == NULL)
			return false;
		if (strcmp(text, "mask") != 0)
			return wrong(
			    t, "\"%.40s\" isn't known; \"mask\" is", text);
		r->unless_mask = true;
		t->at[was] = '\0';
	}
	if (label == NULL)
		return wrong(t, "\"deny\" goes with \"label\"");
	enter(t, "label");
	return take_label(t, label, r);
}

/* Which of the three kinds it is; NULL after wrong(). */
static const char *
kind_of(struct policy_text *t, json_t *rule, struct policy_rule *r)
{
	static const char *const KINDS[] = {
	    [POLICY_DENY] = "deny",
	    [POLICY_PROTECT] = "protect",
	    [POLICY_MAY] = "may",
	};
	const char *found = NULL;

	for (unsigned i = 0; i < 3; i++) {
		if (json_object_get(rule, KINDS[i]) == NULL)
			continue;
		if (found != NULL) {
			wrong(t, "\"%s\" and \"%s\" are rules of their own",
			    found, KINDS[i]);
			return NULL;
		}
		found = KINDS[i];
		r->kind = (enum policy_kind)i;
	}
	if (found == NULL)
		wrong(t, "a rule has \"deny\", \"protect\" or \"may\"");
	return found;
}

/* No rule before it has its id. */
static bool
is_new(struct policy_text *t, const struct policy_rule *rules, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (strcmp(rules[j].id, rules[i].id) == 0)
			return wrong(t, "rules[%zu] has the id \"%.60s\", too",
			    j, rules[i].id);
	return true;
}

static bool
take_rule(struct policy_text *t, json_t *rule, struct policy_rule *r)
{
	static const char *const DENY[] = {
	    "id", "stage", "deny", "label", "unless", NULL};
	static const char *const PROTECT[] = {"id", "stage", "protect", NULL};
	static const char *const MAY[] = {"id", "stage", "may", NULL};
	static const char *const *const MEMBERS[] = {DENY, PROTECT, MAY};
	static const char *const ALL[] = {
	    "id", "stage", "deny", "label", "unless", "protect", "may", NULL};
	json_t *stage = json_object_get(rule, "stage");
	const char *kind;
	size_t was;

	*r = (struct policy_rule){.id = NULL};
	if (!json_is_object(rule))
		return wrong(
		    t, "a rule is an object, and this is %s", type_of(rule));
	if (!knows_all(t, rule, ALL))
		return false;
	if (json_object_get(rule, "id") == NULL)
		return wrong(t, "a rule needs an \"id\", by which it is told");
	was = enter(t, "id");
	r->id = take_text(t, json_object_get(rule, "id"));
	if (r->id == NULL)
		return false;
	t->at[was] = '\0';
	if (stage != NULL) {
		enter(t, "stage");
		r->stage = take_text(t, stage);
		if (r->stage == NULL)
			return false;
		t->at[was] = '\0';
	}
	kind = kind_of(t, rule, r);
	if (kind == NULL)
		return false;
	for (size_t i = 0; ALL[i] != NULL; i++) {
		const char *const *m = MEMBERS[r->kind];

		while (*m != NULL && strcmp(*m, ALL[i]) != 0)
			m++;
		if (*m == NULL && json_object_get(rule, ALL[i]) != NULL)
			return wrong(
			    t, "\"%s\" doesn't go with \"%s\"", ALL[i], kind);
	}
	if (r->kind == POLICY_MAY && r->stage == NULL)
		return wrong(
		    t, "\"may\" goes with \"stage\", the name that -n gives");
	if (r->kind == POLICY_DENY)
		return take_deny(t, rule, r);
	enter(t, kind);
	return take_paths(t, json_object_get(rule, kind), &r->paths);
}

static bool
take_rules(struct policy_text *t, json_t *v)
{
	size_t n = json_array_size(v);
	struct policy_rule *r;

	if (!json_is_array(v))
		return wrong(t,
		    "an array of rules is wanted here, and this is %s",
		    type_of(v));
	r = arena_array(&t->p->arena, n, sizeof(*r));
	for (size_t i = 0; i < n; i++) {
		size_t was = enter_element(t, i);

		if (!take_rule(t, json_array_get(v, i), &r[i]))
			return false;
		pathset_make(&t->p->arena, &r[i].paths, &r[i].set);
		t->at[was] = '\0';
		snprintf(t->at, sizeof(t->at), "rules[%zu]", i);
		if (!is_new(t, r, i))
			return false;
		t->at[was] = '\0';
	}
	t->p->rules = r;
	t->p->rules_n = n;
	return true;
}

/* --- the rest --- */

/* All labels are looked at, used or not. */
static bool
take_labels(struct policy_text *t, json_t *v)
{
	struct pathspecs paths;
	const char *name;
	json_t *list;

	if (!json_is_object(v))
		return wrong(t,
		    "an object of arrays is wanted here, and this is %s",
		    type_of(v));
	json_object_foreach(v, name, list)
	{
		size_t was = enter(t, name);

		if (!take_paths(t, list, &paths))
			return false;
		t->at[was] = '\0';
	}
	t->labels = v;
	return true;
}

/* [PATH, ...], or {"stage": NAME, "paths": [PATH, ...]} */
static bool
take_mask(struct policy_text *t, json_t *v)
{
	static const char *const NAMES[] = {"stage", "paths", NULL};
	json_t *stage, *paths;
	size_t was;

	if (!json_is_object(v))
		return take_parts(t, v, &t->p->mask);
	if (!knows_all(t, v, NAMES))
		return false;
	stage = json_object_get(v, "stage");
	paths = json_object_get(v, "paths");
	if (stage == NULL || paths == NULL)
		return wrong(t, "it has a \"stage\" and \"paths\"");
	was = enter(t, "stage");
	t->p->mask_stage = take_text(t, stage);
	if (t->p->mask_stage == NULL)
		return false;
	t->at[was] = '\0';
	enter(t, "paths");
	return take_parts(t, paths, &t->p->mask);
}

static bool
take_lineage(struct policy_text *t, json_t *v)
{
	static const char *const MODES[] = {
	    [LINEAGE_FULL] = "full",
	    [LINEAGE_COMPACT] = "compact",
	    [LINEAGE_SLIM] = "slim",
	    [LINEAGE_OFF] = "off",
	};
	const char *text = take_text(t, v);

	if (text == NULL)
		return false;
	for (unsigned i = 0; i <= LINEAGE_OFF; i++) {
		if (strcmp(MODES[i], text) != 0)
			continue;
		t->p->lineage = (enum lineage_mode)i;
		return true;
	}
	return wrong(
	    t, "\"%.40s\" is none of full, compact, slim and off", text);
}

static bool
take_all(struct policy_text *t, json_t *root)
{
	static const struct {
		const char *name;
		bool (*take)(struct policy_text *t, json_t *v);
	} MEMBERS[] = {
	    {"labels", take_labels}, /* before the rules, which name them */
	    {"rules", take_rules},
	    {"mask", take_mask},
	    {"forget", NULL},
	    {"lineage", take_lineage},
	};
	enum { N = sizeof(MEMBERS) / sizeof(*MEMBERS) };
	const char *names[N + 1] = {NULL};

	for (size_t i = 0; i < N; i++)
		names[i] = MEMBERS[i].name;
	if (!json_is_object(root))
		return wrong(
		    t, "a policy is an object, and this is %s", type_of(root));
	if (!knows_all(t, root, names))
		return false;
	for (size_t i = 0; i < N; i++) {
		json_t *v = json_object_get(root, names[i]);

		if (v == NULL)
			continue;
		t->at[0] = '\0';
		enter(t, names[i]);
		if (MEMBERS[i].take != NULL ? !MEMBERS[i].take(t, v)
					    : !take_parts(t, v, &t->p->forget))
			return false;
	}
	return true;
}

/* False as well where memory ends. */
static bool
take_guarded(struct policy_text *t, json_t *root)
{
	jmp_buf overflow;

	if (setjmp(overflow) != 0) {
		t->at[0] = '\0';
		return wrong(t, "%s", strerror(ENOMEM));
	}
	t->p->arena.overflow = &overflow;
	if (!take_all(t, root))
		return false;
	pathset_make(&t->p->arena, &t->p->mask, &t->p->mask_set);
	pathset_make(&t->p->arena, &t->p->forget, &t->p->forget_set);
	return true;
}

bool
policy_read(struct policy *p, const char *name, const char *text, size_t len,
    struct policy_error *error)
{
	struct policy_text t = {.p = p, .error = error};
	json_error_t wrong_json;
	json_t *root =
	    json_loadb(text, len, JSON_REJECT_DUPLICATES, &wrong_json);
	bool well;

	*p = (struct policy){.name = name, .lineage = LINEAGE_OFF};
	arena_init(&p->arena, SIZE_MAX);
	if (root == NULL) {
		snprintf(t.at, sizeof(t.at), "%d:%d", wrong_json.line,
		    wrong_json.column);
		return wrong(&t, "is no JSON: %s", wrong_json.text);
	}
	well = take_guarded(&t, root);
	json_decref(root);
	p->arena.overflow = NULL;
	return well;
}

void
policy_release(struct policy *p)
{
	arena_release(&p->arena);
}

bool
policy_concerns(const struct policy_rule *r, const char *stage)
{
	return r->stage == NULL ||
	    (stage != NULL && strcmp(r->stage, stage) == 0);
}
