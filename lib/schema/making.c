#include "schema/making.h"

#include <string.h>

#include "schema/ecma.h"

static void
put_text(struct making *m, const char *text)
{
	buf_puts(m->out, text);
}

void
making_put_letters(struct buf *out, size_t n)
{
	buf_putc(out, '"');
	for (size_t i = 0; i < n && i < MAKING_LONGEST; i++)
		buf_putc(out, 'x');
	buf_putc(out, '"');
}

const char *
making_format(const char *name)
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
	while (text->len > 0 && text->len < least && least < MAKING_LONGEST &&
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
			put_text(m, making_format(r->format_name));
			return;
		}
		if (r != NULL && r->min > least)
			least = r->min;
	}
	if (pattern != NULL)
		put_match(m, pattern, least);
	else
		making_put_letters(m->out, least);
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
	return level < MAKING_DEPTH ? MAKING_DEPTH : level;
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
	for (uint32_t i = 0; i < least && i < MAKING_LONGEST; i++) {
		struct conjunction item;

		buf_puts(m->out, i > 0 ? "," : "");
		compare_item(of, i, &item);
		if (s != NULL && s->key.kind == VALUE_NULL && s->i == i)
			making_put(m, s->inner, level + 1);
		else
			making_put(m, &item, below(level));
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
	making_put(m, &member, below(level));
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
		making_put(m, s->inner, level + 1);
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

void
making_put(struct making *m, const struct conjunction *of, unsigned level)
{
	struct conjunction own = *of;
	const struct compare_step *s = way_step(m, level);
	unsigned types, next = level < MAKING_DEPTH ? level : level + 1;

	if (level == m->way_n) {
		buf_put(m->out, m->candidate, m->candidate_len);
		return;
	}
	choose_branches(&own);
	types = compare_types(&own);
	if (level > 2 * MAKING_DEPTH) {
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

bool
schema_example(struct schema_checker *k, struct arena *a, struct buf *out)
{
	struct comparison c = {.a = a, .inner = k, .outer = k};
	struct making m = {.c = &c, .out = out, .candidate = ""};
	struct conjunction of = {0};
	size_t from = out->len;
	struct scan_error error;
	struct value v;

	compare_add(&of, k->schema->root);
	making_put(&m, &of, MAKING_DEPTH);
	return !buf_failed(out) &&
	    value_parse(a, out->p + from, out->len - from, &v, &error) &&
	    schema_check(k, a, v.doc, v.n) == SCHEMA_VALID;
}
