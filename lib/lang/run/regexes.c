/*
 * The forms that match patterns: test, match, capture, and what sub is
 * made of.
 *
 * Each form that matches has a slot, which remembers the regular expression
 * that it matched with last; behind that stands a list of those used lately.
 */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "lang/run/regexes.h"
#include "lang/run/run.h"
#include "value/array.h"
#include "value/number.h"
#include "value/object.h"
#include "value/string.h"

enum { KEPT = 64 };

struct cached_regex {
	char *text; /* the pattern, and the flags behind it */
	size_t len, flags_len;
	struct regex_flags flags;
	struct regex *regex;
	uint64_t compiled; /* a time of the clock: no other pattern has it */
	uint64_t used;
};

struct regex_cache {
	struct regex_matcher *matcher;
	uint64_t clock;
	uint32_t slots;
	struct cached_regex kept[KEPT];
	uint32_t at[]; /* slot -> its last entry */
};

struct regex_cache *
regex_cache_new(uint32_t slots)
{
	struct regex_cache *p =
	    calloc(1, sizeof(*p) + (size_t)slots * sizeof(p->at[0]));

	if (p == NULL)
		return NULL;
	p->slots = slots;
	p->matcher = slots > 0 ? regex_matcher_new() : NULL;
	if (slots > 0 && p->matcher == NULL) {
		free(p);
		return NULL;
	}
	return p;
}

static void
entry_release(struct cached_regex *e)
{
	if (e->regex != NULL)
		regex_free(e->regex);
	free(e->text);
	*e = (struct cached_regex){0};
}

void
regex_cache_free(struct regex_cache *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < KEPT; i++)
		entry_release(&p->kept[i]);
	if (p->matcher != NULL)
		regex_matcher_free(p->matcher);
	free(p);
}

static bool
entry_is(const struct cached_regex *e, struct value re, struct value flags)
{
	return e->regex != NULL && e->len == re.n && e->flags_len == flags.n &&
	    memcmp(e->text, re.text, re.n) == 0 &&
	    (flags.n == 0 || memcmp(e->text + re.n, flags.text, flags.n) == 0);
}

static bool
compile_entry(struct machine *m, struct cached_regex *e, struct value re,
    struct value flags)
{
	char why[256];

	entry_release(e);
	if (!regex_flags_parse(flags.text, flags.n, &e->flags))
		return machine_fail(m, "%s is not a valid modifier string",
		    machine_text(m, flags));
	e->text = malloc((size_t)re.n + flags.n + 1);
	if (e->text == NULL)
		return machine_fail(m, "no memory for a pattern");
	memcpy(e->text, re.text, re.n);
	memcpy(e->text + re.n, flags.text, flags.n);
	e->len = re.n;
	e->flags_len = flags.n;
	e->regex = regex_new(re.text, re.n, &e->flags, why, sizeof(why));
	e->compiled = ++m->regexes->clock;
	return e->regex != NULL || machine_fail(m, "Regex failure: %s", why);
}

/* The compiled pattern, from the slot's memory or the list. */
static struct cached_regex *
find_regex(
    struct machine *m, uint32_t slot, struct value re, struct value flags)
{
	struct regex_cache *p = m->regexes;
	struct cached_regex *e = &p->kept[p->at[slot]], *oldest = p->kept;

	if (entry_is(e, re, flags))
		return e;
	for (uint32_t i = 0; i < KEPT; i++) {
		e = &p->kept[i];
		if (entry_is(e, re, flags)) {
			p->at[slot] = i;
			e->used = ++p->clock;
			return e;
		}
		if (e->used < oldest->used)
			oldest = e;
	}
	if (!compile_entry(m, oldest, re, flags))
		return NULL;
	oldest->used = ++p->clock;
	p->at[slot] = (uint32_t)(oldest - p->kept);
	return oldest;
}

/* --- matches as values --- */

static size_t
points_at(struct counter *c, size_t at)
{
	if (at < c->at)
		*c = (struct counter){c->text, 0, 0};
	c->points += utf8_count(c->text + c->at, at - c->at);
	c->at = at;
	return c->points;
}

static struct value
set(struct arena *a, struct value o, const char *key, struct value v)
{
	return object_set(a, o, value_cstring(key), v);
}

static struct value
group_name(struct matching *x, size_t i)
{
	const char *name = regex_group_name(x->e->regex, i);

	/* The pattern may be forgotten before the event ends. */
	return name == NULL
	    ? VALUE_OF(VALUE_NULL)
	    : value_text(
		  arena_copy(x->m->arena, name, strlen(name)), strlen(name));
}

/* Group i as offset, length, string; and name but for the whole match. */
static struct value
span_value(struct matching *x, size_t i)
{
	struct arena *a = x->m->arena;
	struct value o = object_new(a, 4), s = VALUE_OF(VALUE_NULL);
	size_t from, to;
	int64_t offset = -1, length = 0;

	if (regex_span(x->m->regexes->matcher, i, &from, &to)) {
		s = value_text(x->text.text + from, to - from);
		offset = (int64_t)points_at(&x->counter, from);
		length = (int64_t)utf8_count(s.text, s.n);
	}
	o = set(a, o, "offset", value_int(offset));
	o = set(a, o, "length", value_int(length));
	o = set(a, o, "string", s);
	return i == 0 ? o : set(a, o, "name", group_name(x, i));
}

static struct value
match_value(struct matching *x)
{
	struct arena *a = x->m->arena;
	size_t n = regex_groups(x->e->regex);
	struct value whole = span_value(x, 0), groups = array_new(a, n);

	for (size_t i = 1; i <= n; i++)
		groups = array_push(a, groups, span_value(x, i));
	return set(a, whole, "captures", groups);
}

struct value
matching_captures(struct matching *x)
{
	struct arena *a = x->m->arena;
	size_t n = regex_groups(x->e->regex), from, to;
	struct value o = object_new(a, n);

	for (size_t i = 1; i <= n; i++) {
		struct value s = VALUE_OF(VALUE_NULL), name;

		name = group_name(x, i);
		if (name.kind == VALUE_NULL)
			continue;
		if (regex_span(x->m->regexes->matcher, i, &from, &to))
			s = value_text(x->text.text + from, to - from);
		o = object_set(a, o, name, s);
	}
	return o;
}

/* --- matching --- */

enum kind {
	KIND_TEST = 't',
	KIND_MATCH = 'm',
	KIND_CAPTURE = 'c',
	KIND_SPLIT = 's',
};

/*
 * Has what ran since the last match, which may match patterns of its own,
 * pushed this one out of the list?  Then it is compiled again.  So no number
 * of matches that are going on at once needs more than the list.
 */
static bool
still_there(struct matching *x)
{
	if (x->e->compiled == x->compiled)
		return true;
	x->e = find_regex(x->m, x->slot, x->re, x->flags);
	if (x->e == NULL)
		return false;
	x->compiled = x->e->compiled;
	return true;
}

static bool
found_next(struct matching *x, size_t start, bool *found)
{
	if (!still_there(x))
		return false;
	switch (regex_match(x->e->regex, x->m->regexes->matcher, x->text.text,
	    x->text.n, start)) {
	case REGEX_MATCH:
		*found = true;
		return true;
	case REGEX_NONE:
		*found = false;
		return true;
	case REGEX_COSTLY:
		return machine_fail(
		    x->m, "pattern is too costly for this event");
	default:
		return machine_fail(x->m, "no memory to match a pattern");
	}
}

bool
matching_next(
    struct matching *x, size_t *start, bool *found, size_t *from, size_t *to)
{
	size_t len = 1;

	if (!found_next(x, *start, found) || !*found)
		return *found;
	regex_span(x->m->regexes->matcher, 0, from, to);
	*start = *to;
	if (*to > *from)
		return true;
	/* Behind an empty match the next one starts a character later. */
	if (*to < x->text.n)
		utf8_decode(x->text.text + *to, &len);
	*start += len;
	return true;
}

bool
matching_more(const struct matching *x, size_t start)
{
	return x->global && start <= x->text.n;
}

static bool
put_matches(struct matching *x, char kind, struct sink *k, struct path *path)
{
	size_t start = 0, from, to;
	bool found;

	do {
		if (!matching_next(x, &start, &found, &from, &to))
			return x->m->state == MACHINE_RUNNING;
		if (!k->put(k,
			kind == KIND_MATCH ? match_value(x)
					   : matching_captures(x),
			path))
			return false;
	} while (matching_more(x, start));
	return true;
}

/* A pattern may be an array of pattern and flags. */
static bool
unpack(struct machine *m, struct value *re, struct value *flags)
{
	if (value_is_array(*re) && flags->kind == VALUE_NULL) {
		struct value pair = *re;

		if (array_length(pair) == 0)
			return machine_fail(m,
			    "array (%s) not a string or array",
			    machine_show(m, pair));
		*re = array_get(pair, 0);
		*flags = array_get(pair, 1);
	}
	if (flags->kind == VALUE_NULL)
		*flags = value_text("", 0);
	if (!value_is_string(*re))
		return machine_fail(m,
		    "%s (%s) cannot be matched, as it is not a "
		    "string",
		    value_type(*re), machine_show(m, *re));
	if (!value_is_string(*flags))
		return machine_fail(m, "%s (%s) is not a string",
		    value_type(*flags), machine_show(m, *flags));
	*re = string_decoded(m->arena, *re);
	*flags = string_decoded(m->arena, *flags);
	return true;
}

/* What stands between the matches. */
static bool
put_pieces(struct matching *x, struct sink *k, struct path *path)
{
	size_t start = 0, done = 0, from, to;
	bool found;

	do {
		if (!matching_next(x, &start, &found, &from, &to)) {
			if (x->m->state != MACHINE_RUNNING)
				return false;
			break;
		}
		if (!k->put(
			k, value_text(x->text.text + done, from - done), path))
			return false;
		done = to;
	} while (matching_more(x, start));
	return k->put(
	    k, value_text(x->text.text + done, x->text.n - done), path);
}

struct match_product {
	struct product product;
	const struct node *n;
	struct path *path;
	struct sink *k;
};

bool
matching_init(struct matching *x, struct machine *m, uint32_t slot,
    struct value in, struct value re, struct value flags)
{
	if (!value_is_string(in))
		return machine_fail(m,
		    "%s (%s) cannot be matched, as it is not a string",
		    value_type(in), machine_show(m, in));
	if (!unpack(m, &re, &flags))
		return false;
	/* One by one: gcc zeroes the whole of a compound literal first. */
	x->m = m;
	x->slot = slot;
	x->re = re;
	x->flags = flags;
	x->text = string_decoded(m->arena, in);
	x->counter = (struct counter){x->text.text, 0, 0};
	x->e = find_regex(m, slot, re, flags);
	if (x->e == NULL)
		return false;
	x->compiled = x->e->compiled;
	x->global = x->e->flags.global;
	return true;
}

static bool
combine_match(struct product *p)
{
	struct match_product *mp = (struct match_product *)p;
	struct value kind = p->values[0];
	struct matching x;
	bool found = false;

	if (!matching_init(
		&x, p->m, mp->n->regex_slot, p->in, p->values[2], p->values[1]))
		return false;
	if (kind.text[0] == KIND_SPLIT)
		return put_pieces(&x, mp->k, mp->path);
	if (kind.text[0] != KIND_TEST)
		return put_matches(&x, kind.text[0], mp->k, mp->path);
	return found_next(&x, 0, &found) &&
	    mp->k->put(mp->k, value_bool(found), mp->path);
}

bool
eval_match(struct run *r)
{
	const struct node *n = r->n;
	const struct node *nodes[3] = {
	    n->match.kind, n->match.flags, n->match.regex};
	struct value values[3];
	struct match_product p = {
	    {r->m, r->env, value_share(r->in), 3, nodes, values, combine_match},
	    n, r->path, r->k};

	return product_run(&p.product);
}
