/*
 * Counterexamples: values that one schema allows, made from what it says,
 * until the other one refuses one of them.
 *
 * What is made here need not be right: the schemas judge it.
 */
#include <stdio.h>
#include <string.h>

#include "schema/proof.h"
#include "schema/ecma.h"
#include "schema/fault.h"

enum {
	DEPTH = 12,      /* levels that are made */
	LONGEST = 10000, /* characters or items of what is made */
};

struct making {
	struct comparison *c;
	struct buf *out;
	/* Put these in place of what is made at the end of the way. */
	const struct compare_step **way;
	unsigned way_n;
	const char *candidate;
	size_t candidate_len;
};

static void make(
    struct making *m, const struct conjunction *of, unsigned level);

static void
put_text(struct making *m, const char *text)
{
	buf_puts(m->out, text);
}

static void
put_letters(struct buf *out, size_t n)
{
	buf_putc(out, '"');
	for (size_t i = 0; i < n && i < LONGEST; i++)
		buf_putc(out, 'x');
	buf_putc(out, '"');
}

static const char *
format_sample(const char *name)
{
	static const char *const samples[][2] = {
	    {"date-time", "\"2026-11-25T12:00:00Z\""},
	    {"date", "\"2026-11-25\""}, {"time", "\"12:00:00Z\""},
	    {"duration", "\"P1D\""}, {"email", "\"a@example.com\""},
	    {"idn-email", "\"a@example.com\""}, {"hostname", "\"example.com\""},
	    {"idn-hostname", "\"example.com\""}, {"ipv4", "\"192.0.2.1\""},
	    {"ipv6", "\"2001:db8::1\""}, {"uri", "\"https://example.com/\""},
	    {"iri", "\"https://example.com/\""},
	    {"uuid", "\"01931b9e-0000-7000-8000-000000000000\""},
	    {"json-pointer", "\"/a\""}};

	for (size_t i = 0; i < sizeof(samples) / sizeof(*samples); i++)
		if (strcmp(samples[i][0], name) == 0)
			return samples[i][1];
	return "\"x\"";
}

/* A text that the pattern may match, as long as least. */
static void
put_match(struct making *m, const struct pattern *p, size_t least)
{
	struct arena_deferred *release;
	struct buf *text = buf_new(m->c->a, &release);

	ecma_sample(p->text, p->len, text);
	while (text->len > 0 && text->len < least && least < LONGEST &&
	    !buf_failed(text))
		buf_putc(text, text->p[text->len - 1]);
	if (!buf_failed(text))
		value_write_string(
		    m->out, text->len > 0 ? text->p : "", text->len);
	arena_end(m->c->a, release);
}

static void
make_string(struct making *m, const struct conjunction *of)
{
	const struct pattern *pattern = NULL;
	size_t least = 0;

	for (uint32_t i = 0; i < of->n; i++) {
		const struct string_rules *r = of->node[i]->string;

		if (r != NULL && r->pattern != NULL)
			pattern = r->pattern;
		if (r != NULL && r->format != NULL) {
			put_text(m, format_sample(r->format_name));
			return;
		}
		if (r != NULL && r->min > least)
			least = r->min;
	}
	if (pattern != NULL)
		put_match(m, pattern, least);
	else
		put_letters(m->out, least);
}

static void
put_spelled(struct buf *out, const struct bound *b)
{
	buf_put(out, b->spelled.text, b->spelled.n);
}

static void
make_number(struct making *m, const struct conjunction *of)
{
	for (uint32_t i = 0; i < of->n; i++) {
		const struct number_rules *r = of->node[i]->number;

		if (r == NULL)
			continue;
		if (r->minimum.set) {
			put_spelled(m->out, &r->minimum);
			return;
		}
		if (r->above.set && r->above.is_small) {
			buf_printf(
			    m->out, "%lld", (long long)r->above.small + 1);
			return;
		}
		if (r->maximum.set) {
			put_spelled(m->out, &r->maximum);
			return;
		}
	}
	put_text(m, "0");
}

static const struct compare_step *
way_step(const struct making *m, unsigned level)
{
	return level < m->way_n ? m->way[level] : NULL;
}

/* The level of what isn't on the way. */
static unsigned
below(unsigned level)
{
	return level < DEPTH ? DEPTH : level;
}

static void
make_array(struct making *m, const struct conjunction *of, unsigned level)
{
	const struct compare_step *s = way_step(m, level);
	size_t least = s != NULL && s->key.kind == VALUE_NULL ? s->i + 1 : 0;

	for (uint32_t i = 0; i < of->n; i++)
		if (of->node[i]->array != NULL &&
		    of->node[i]->array->min > least)
			least = of->node[i]->array->min;
	buf_putc(m->out, '[');
	for (uint32_t i = 0; i < least && i < LONGEST; i++) {
		struct conjunction item;

		buf_puts(m->out, i > 0 ? "," : "");
		compare_item(of, i, &item);
		if (s != NULL && s->key.kind == VALUE_NULL && s->i == i)
			make(m, s->inner, level + 1);
		else
			make(m, &item, below(level));
	}
	buf_putc(m->out, ']');
}

static bool
same_key(struct value x, struct value y)
{
	return x.n == y.n && memcmp(x.text, y.text, x.n) == 0;
}

/* Was the key put before, by an earlier one of the schemas? */
static bool
is_put(const struct conjunction *of, uint32_t node, uint32_t name)
{
	struct value key = of->node[node]->object->name[name].key;

	for (uint32_t i = 0; i <= node; i++) {
		const struct object_rules *o = of->node[i]->object;

		for (uint32_t k = 0; o != NULL && k < o->names_n; k++) {
			if (i == node && k == name)
				return false;
			if (o->name[k].required &&
			    same_key(o->name[k].key, key))
				return true;
		}
	}
	return false;
}

static void
put_member(struct making *m, const struct conjunction *of, struct value key,
    unsigned level, bool *more)
{
	struct conjunction member;

	compare_member(m->c, of, key, &member);
	buf_puts(m->out, *more ? "," : "");
	value_write(m->out, key);
	buf_putc(m->out, ':');
	make(m, &member, below(level));
	*more = true;
}

/* The required members, and the one on the way. */
static void
make_object(struct making *m, const struct conjunction *of, unsigned level)
{
	const struct compare_step *s = way_step(m, level);
	bool on_way = s != NULL && s->key.kind != VALUE_NULL, more = false;

	buf_putc(m->out, '{');
	for (uint32_t i = 0; i < of->n; i++) {
		const struct object_rules *o = of->node[i]->object;

		for (uint32_t k = 0; o != NULL && k < o->names_n; k++)
			if (o->name[k].required && !is_put(of, i, k) &&
			    !(on_way && same_key(s->key, o->name[k].key)))
				put_member(m, of, o->name[k].key, level, &more);
	}
	if (on_way) {
		buf_puts(m->out, more ? "," : "");
		value_write(m->out, s->key);
		buf_putc(m->out, ':');
		make(m, s->inner, level + 1);
	}
	buf_putc(m->out, '}');
}

/* A branch of each choice that is still open. */
static void
choose_branches(struct conjunction *of)
{
	for (uint32_t i = 0; i < of->n; i++) {
		const struct logic *l = of->node[i]->logic;

		if (l == NULL || (of->expanded >> i & 1) != 0)
			continue;
		if (l->any.n > 0)
			compare_add(of, l->any.node[0]);
		if (l->one.n > 0)
			compare_add(of, l->one.node[0]);
	}
}

static bool
make_choice(struct making *m, const struct conjunction *of)
{
	for (uint32_t i = 0; i < of->n; i++) {
		const struct choices *k = of->node[i]->constant != NULL
		    ? of->node[i]->constant
		    : of->node[i]->choices;

		if (k != NULL && k->n > 0) {
			value_write(m->out, k->v[0]);
			return true;
		}
	}
	return false;
}

/* Levels beyond the way count from DEPTH on. */
static void
make(struct making *m, const struct conjunction *of, unsigned level)
{
	struct conjunction own = *of;
	const struct compare_step *s = way_step(m, level);
	unsigned types, next = level < DEPTH ? level : level + 1;

	if (level == m->way_n) {
		buf_put(m->out, m->candidate, m->candidate_len);
		return;
	}
	choose_branches(&own);
	types = compare_types(&own);
	if (level > 2 * DEPTH) {
		put_text(m, "null");
		return;
	}
	if (s == NULL && make_choice(m, &own))
		return;
	if (s != NULL ? s->key.kind != VALUE_NULL : (types & TYPE_OBJECT) != 0)
		make_object(m, &own, next);
	else if (s != NULL || types == TYPE_ARRAY)
		make_array(m, &own, next);
	else if ((types & TYPE_STRING) != 0)
		make_string(m, &own);
	else if ((types & (TYPE_INTEGER | TYPE_NUMBER)) != 0)
		make_number(m, &own);
	else if ((types & TYPE_ARRAY) != 0)
		make_array(m, &own, next);
	else
		put_text(m, (types & TYPE_NULL) != 0 ? "null" : "true");
}

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
	if (schema_check(c->inner, c->a, v.doc, v.n) != SCHEMA_VALID ||
	    schema_check(c->outer, c->a, v.doc, v.n) != SCHEMA_INVALID)
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
	if (m.way_n < DEPTH) {
		m.way = arena_array(c->a, m.way_n + 1, sizeof(*m.way));
		root = issue->place;
		for (unsigned i = m.way_n; i > 0; i--) {
			m.way[i - 1] = root;
			root = root->parent;
		}
		make(&m, root->inner, 0);
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

	if (n > LONGEST)
		return false;
	b = buf_new(c->a, &release);
	put_letters(b, n);
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
	    try_text(c, issue, format_sample(r->format_name)))
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
	for (uint32_t i = 0; i < n && i < LONGEST; i++) {
		buf_puts(b, i > 0 ? "," : "");
		compare_item(of, i, &item);
		make(&m, array ? &item : of, DEPTH);
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
	return (r->min > 0 && r->min <= LONGEST &&
		   (try_made(c, issue, of, r->min - 1, true) ||
		       try_made(c, issue, of, r->min, true))) ||
	    (r->max < LONGEST &&
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
