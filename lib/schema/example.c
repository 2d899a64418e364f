/*
 * Counterexamples: values that one schema allows, made from what it says,
 * until the other one refuses one of them.
 *
 * What is made here need not be right: the schemas judge it.
 */
#include <stdio.h>
#include <string.h>

#include "schema/fault.h"
#include "schema/making.h"

enum { COSTLY = 2 }; /* checks that cost too much, and no more */

/* --- judging ------------------------------------------------------------ */

/* The faults that show that an issue of a rule is one; 0: any do. */
static uint64_t
kinds_of(enum compare_rule rule)
{
#define KIND(kind) ((uint64_t)1 << (kind))
	switch (rule) {
	case COMPARE_TYPE:
		return KIND(FAULT_TYPE);
	case COMPARE_NEVER:
		return KIND(FAULT_NEVER);
	case COMPARE_ENUM:
		return KIND(FAULT_ENUM) | KIND(FAULT_CONST);
	case COMPARE_MINIMUM:
		return KIND(FAULT_MINIMUM) | KIND(FAULT_ABOVE);
	case COMPARE_MAXIMUM:
		return KIND(FAULT_MAXIMUM) | KIND(FAULT_BELOW);
	case COMPARE_MULTIPLE:
		return KIND(FAULT_MULTIPLE);
	case COMPARE_MIN_LENGTH:
		return KIND(FAULT_MIN_LENGTH);
	case COMPARE_MAX_LENGTH:
		return KIND(FAULT_MAX_LENGTH);
	case COMPARE_PATTERN:
		return KIND(FAULT_PATTERN);
	case COMPARE_FORMAT:
		return KIND(FAULT_FORMAT);
	case COMPARE_MIN_ITEMS:
		return KIND(FAULT_MIN_ITEMS);
	case COMPARE_MAX_ITEMS:
		return KIND(FAULT_MAX_ITEMS);
	case COMPARE_UNIQUE:
		return KIND(FAULT_UNIQUE);
	case COMPARE_CONTAINS:
		return KIND(FAULT_FEW_CONTAINED) | KIND(FAULT_MANY_CONTAINED);
	case COMPARE_REQUIRED:
		return KIND(FAULT_REQUIRED);
	case COMPARE_MEMBERS:
		return KIND(FAULT_MIN_PROPERTIES) | KIND(FAULT_MAX_PROPERTIES);
	case COMPARE_ANY:
		return KIND(FAULT_ANY);
	case COMPARE_ONE:
		return KIND(FAULT_ONE) | KIND(FAULT_SEVERAL);
	case COMPARE_NOT:
		return KIND(FAULT_NOT);
	default:
		return 0;
	}
#undef KIND
}

static bool
shows(const struct compare_issue *issue, const struct fault *f)
{
	uint64_t kinds = issue == NULL ? 0 : kinds_of(issue->rule);

	/* Of a list of values any fault of the schema shows it. */
	if (issue != NULL && issue->rule == COMPARE_VALUES &&
	    issue->outer->logic == NULL)
		return f->node == issue->outer;

	return kinds == 0 ||
	    (f->node == issue->outer && (kinds >> f->kind & 1) != 0);
}

/* The first fault that shows the issue, in words; NULL where none does. */
static const char *
explain(struct comparison *c, const struct compare_issue *issue,
    const struct doc *d, uint32_t e, struct buf *why)
{
	struct telling t = {why, c->a, c->outer->schema, d, e};
	struct fault_list faults = {.end = &faults.first};
	const struct fault *f;

	walk_begin(c->outer, c->a, d);
	c->outer->faults = &faults;
	c->outer->all = true;
	walk(c->outer, c->outer->schema->root, e, NULL);
	c->outer->faults = NULL;
	for (f = faults.first; f != NULL && !shows(issue, f); f = f->next)
		;
	if (f == NULL)
		return NULL;
	fault_tell(&t, f);
	if (buf_failed(why))
		arena_starve(c->a);
	return arena_copy(c->a, why->p, why->len);
}

/* Checks that end for their cost are counted: the search gives up on them. */
static bool
judged(struct comparison *c, struct schema_checker *by, const struct value *v,
    enum schema_outcome wanted)
{
	enum schema_outcome outcome = schema_check(by, c->a, v->doc, v->n);

	c->failed += outcome == SCHEMA_FAILED;
	return outcome == wanted;
}

bool
compare_judge(struct comparison *c, const struct compare_issue *issue,
    const char *text, size_t len, const char **reason)
{
	struct arena_deferred *release;
	struct scan_error error;
	struct value v;

	if (!value_parse(c->a, text, len, &v, &error) ||
	    v.kind != VALUE_RAW_OBJECT)
		return false;
	if (c->failed == COSTLY || !judged(c, c->inner, &v, SCHEMA_VALID) ||
	    !judged(c, c->outer, &v, SCHEMA_INVALID))
		return false;
	*reason = explain(c, issue, v.doc, v.n, buf_new(c->a, &release));
	return *reason != NULL;
}

/* Is the event with a candidate at the place a counterexample? */
static bool
attempt(struct comparison *c, struct compare_issue *issue, const char *text,
    size_t len)
{
	struct arena_deferred *release;
	struct buf *out = buf_new(c->a, &release);
	struct making m = {
	    .c = c, .out = out, .candidate = text, .candidate_len = len};
	const struct compare_step *root = issue->place;
	bool found = false;

	for (; root->parent != NULL; root = root->parent)
		m.way_n++;
	if (m.way_n < MAKING_DEPTH) {
		m.way = arena_array(c->a, m.way_n + 1, sizeof(*m.way));
		root = issue->place;
		for (unsigned i = m.way_n; i > 0; i--) {
			m.way[i - 1] = root;
			root = root->parent;
		}
		making_put(&m, root->inner, 0);
		found = !buf_failed(out) &&
		    compare_judge(c, issue, out->p, out->len, &issue->reason);
	}
	if (found) {
		issue->event = arena_copy(c->a, out->p, out->len);
		issue->event_len = out->len;
	}
	arena_end(c->a, release);
	return found;
}

static bool
try_text(struct comparison *c, struct compare_issue *issue, const char *text)
{
	return attempt(c, issue, text, strlen(text));
}

/* --- candidates --------------------------------------------------------- */

static bool
try_plain(struct comparison *c, struct compare_issue *issue)
{
	static const char *const texts[] = {"null", "true", "false", "\"\"",
	    "\"x\"", "\"A\"", "0", "1", "-1", "0.5", "1000000", "[]", "{}",
	    "[null]", "[0,0]", "[\"\",\"\"]", "{\"other\":null}",
	    "{\"other\":\"x\"}", "\"2026-11-25T12:00:00Z\"",
	    "\"https://example.com/\""};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (try_text(c, issue, texts[i]))
			return true;
	return false;
}

/* A bound, and what is just beside it. */
static bool
try_bound(
    struct comparison *c, struct compare_issue *issue, const struct bound *b)
{
	static const char *const beside[] = {
	    "%lld", "%lld.5", "%lld.25", "-%lld.5"};
	char text[48];

	if (!b->set)
		return false;
	if (attempt(c, issue, b->spelled.text, b->spelled.n))
		return true;
	if (!b->is_small || b->small > INT64_MAX / 2 ||
	    b->small < INT64_MIN / 2)
		return false;
	for (int i = -1; i <= 1; i++) {
		for (size_t k = 0; k < 4; k++) {
			long long n = (long long)b->small + i;

			snprintf(text, sizeof(text), beside[k], n);
			if (try_text(c, issue, text))
				return true;
		}
	}
	return false;
}

static bool
try_numbers(struct comparison *c, struct compare_issue *issue,
    const struct number_rules *r)
{
	return r != NULL &&
	    (try_bound(c, issue, &r->minimum) ||
		try_bound(c, issue, &r->above) ||
		try_bound(c, issue, &r->maximum) ||
		try_bound(c, issue, &r->below) ||
		try_bound(c, issue, &r->multiple));
}

static bool
try_length(struct comparison *c, struct compare_issue *issue, size_t n)
{
	struct arena_deferred *release;
	struct buf *b;
	bool found;

	if (n > MAKING_LONGEST)
		return false;
	b = buf_new(c->a, &release);
	making_put_letters(b, n);
	found = !buf_failed(b) && attempt(c, issue, b->p, b->len);
	arena_end(c->a, release);
	return found;
}

static bool
try_strings(struct comparison *c, struct compare_issue *issue,
    const struct string_rules *r)
{
	if (r == NULL)
		return false;
	if (r->format != NULL &&
	    try_text(c, issue, making_format(r->format_name)))
		return true;
	return try_length(c, issue, r->min) || try_length(c, issue, r->max) ||
	    (r->min > 0 && try_length(c, issue, r->min - 1)) ||
	    (r->max < SIZE_MAX && try_length(c, issue, r->max + 1));
}

static bool
try_choices(
    struct comparison *c, struct compare_issue *issue, const struct choices *k)
{
	for (uint32_t i = 0; k != NULL && i < k->n; i++) {
		struct arena_deferred *release;
		struct buf *b = buf_new(c->a, &release);
		bool found;

		value_write(b, k->v[i]);
		found = !buf_failed(b) && attempt(c, issue, b->p, b->len);
		arena_end(c->a, release);
		if (found)
			return true;
	}
	return false;
}

/* What the place's own schemas make, alone or in an array of n. */
static bool
try_made(struct comparison *c, struct compare_issue *issue,
    const struct conjunction *of, size_t n, bool array)
{
	struct arena_deferred *release;
	struct buf *b = buf_new(c->a, &release);
	struct making m = {.c = c, .out = b, .way_n = UINT32_MAX};
	struct conjunction item;
	bool found;

	m.way_n = 0;
	m.candidate = "";
	buf_puts(b, array ? "[" : "");
	for (uint32_t i = 0; i < n && i < MAKING_LONGEST; i++) {
		buf_puts(b, i > 0 ? "," : "");
		compare_item(of, i, &item);
		making_put(&m, array ? &item : of, MAKING_DEPTH);
	}
	buf_puts(b, array ? "]" : "");
	found = !buf_failed(b) && b->len > 0 && attempt(c, issue, b->p, b->len);
	arena_end(c->a, release);
	return found;
}

static bool
try_arrays(struct comparison *c, struct compare_issue *issue,
    const struct array_rules *r)
{
	const struct conjunction *of = issue->place->inner;

	if (r == NULL)
		return false;
	return (r->min > 0 && r->min <= MAKING_LONGEST &&
		   (try_made(c, issue, of, r->min - 1, true) ||
		       try_made(c, issue, of, r->min, true))) ||
	    (r->max < MAKING_LONGEST &&
		(try_made(c, issue, of, r->max + 1, true) ||
		    try_made(c, issue, of, r->max, true))) ||
	    try_made(c, issue, of, 1, true) || try_made(c, issue, of, 2, true);
}

static bool
try_node(
    struct comparison *c, struct compare_issue *issue, const struct node *n)
{
	return try_choices(c, issue, n->constant) ||
	    try_choices(c, issue, n->choices) ||
	    try_numbers(c, issue, n->number) ||
	    try_strings(c, issue, n->string) || try_arrays(c, issue, n->array);
}

/* The object with one member more, of those that a schema names. */
static bool
try_members(struct comparison *c, struct compare_issue *issue,
    const struct object_rules *o)
{
	const struct compare_step *at = issue->place;

	for (uint32_t i = 0; o != NULL && i < o->names_n; i++) {
		struct conjunction member;
		struct compare_step s = {at, &member, o->name[i].key, 0};
		bool found;

		compare_member(c, at->inner, s.key, &member);
		issue->place = &s;
		found = try_made(c, issue, &member, 1, false);
		issue->place = at;
		if (found)
			return true;
	}
	return false;
}

bool
compare_example(struct comparison *c, struct compare_issue *issue)
{
	const struct conjunction *of = issue->place->inner;

	if (try_made(c, issue, of, 1, false))
		return true;
	for (uint32_t i = 0; i < of->n; i++)
		if (try_node(c, issue, of->node[i]))
			return true;
	if (try_node(c, issue, issue->outer) || try_plain(c, issue))
		return true;
	for (uint32_t i = 0; i < of->n; i++)
		if (try_members(c, issue, of->node[i]->object))
			return true;
	return try_members(c, issue, issue->outer->object);
}
