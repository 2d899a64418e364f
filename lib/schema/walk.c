#include "schema/walk.h"

#include <string.h>

#include "base/utf8.h"
#include "json/layout.h"
#include "value/decimal.h"
#include "value/string.h"

static void
clear(struct schema_checker *c, struct seen *s)
{
	size_t words = s->n / 64 + 1;

	s->bits = arena_array(c->a, words, sizeof(*s->bits));
	memset(s->bits, 0, words * sizeof(*s->bits));
	s->every = false;
}

void
seen_init(struct schema_checker *c, struct seen *s, uint32_t e)
{
	struct place_members *l;

	*s = (struct seen){0};
	if (place_type(c->d, e) == '{') {
		l = arena_alloc(c->a, sizeof(*l));
		place_members(c->a, c->d, e, l);
		s->members = l;
		s->n = l->all;
	} else {
		PLACE_EACH_ITEM (c->d, e, at)
			s->n++;
	}
	clear(c, s);
}

void
seen_again(struct schema_checker *c, struct seen *again, const struct seen *s)
{
	*again = *s;
	clear(c, again);
}

void
seen_merge(struct seen *into, const struct seen *from)
{
	into->every |= from->every;
	for (uint32_t i = 0; i <= into->n / 64; i++)
		into->bits[i] |= from->bits[i];
}

static size_t
weight(enum fault_kind kind)
{
	switch (kind) {
	case FAULT_TYPE:
	case FAULT_NEVER:
		return 10000;
	case FAULT_CONST:
	case FAULT_ENUM:
		return 1000;
	default:
		return 1;
	}
}

bool
walk_fault_below(struct schema_checker *c, const struct node *n, uint32_t e,
    enum fault_kind kind, size_t i, const struct fault_list *below)
{
	struct fault_list *l = c->faults;
	struct fault *f;

	if (l == NULL)
		return false;
	f = arena_alloc(c->a, sizeof(*f));
	*f = (struct fault){.kind = kind, .node = n, .entry = e, .n = i};
	if (below != NULL)
		f->below = *below;
	*l->end = f;
	l->end = &f->next;
	l->n++;
	l->weight += weight(kind) + f->below.weight;
	return c->all;
}

bool
walk_fault(struct schema_checker *c, const struct node *n, uint32_t e,
    enum fault_kind kind, size_t i, size_t k)
{
	struct fault_list *l = c->faults;
	struct fault **end;

	if (l == NULL)
		return false;
	end = l->end;
	walk_fault_below(c, n, e, kind, i, NULL);
	(*end)->m = k;
	return c->all;
}

struct value
walk_string_at(struct schema_checker *c, uint32_t e)
{
	struct value v = value_source(c->d, e);

	if (!layout_has_escapes(v.text, v.n)) {
		v.kind = VALUE_STRING;
		return v;
	}
	return string_decoded(c->a, v);
}

bool
walk_matches(
    struct schema_checker *c, const struct pattern *p, struct value text)
{
	switch (regex_match(p->regex, c->matcher, text.text, text.n, 0)) {
	case REGEX_MATCH:
		return true;
	case REGEX_NONE:
		return false;
	case REGEX_COSTLY:
		c->failure = "a pattern takes too long on it";
		return false;
	default:
		c->failure = "memory is missing for a pattern";
		return false;
	}
}

bool
walk_small_integer(struct value v, int64_t *i)
{
	const char *p = v.text, *end = v.text + v.n;
	int64_t n = 0;

	if (v.n > 18)
		return false;
	p += *p == '-';
	for (; p < end; p++) {
		if (*p < '0' || *p > '9')
			return false;
		n = n * 10 + (*p - '0');
	}
	*i = *v.text == '-' ? -n : n;
	return true;
}

static bool
is_whole(struct value v)
{
	struct exact x;

	for (uint32_t i = 0; i < v.n; i++) {
		if (v.text[i] == '.' || (v.text[i] | 0x20) == 'e') {
			x = exact_read(v.text, v.n);
			return exact_is_whole(&x);
		}
	}
	return true;
}

static bool
has_type(struct schema_checker *c, unsigned types, uint32_t e)
{
	switch (place_type(c->d, e)) {
	case '"':
		return (types & TYPE_STRING) != 0;
	case '{':
		return (types & TYPE_OBJECT) != 0;
	case '[':
		return (types & TYPE_ARRAY) != 0;
	case 't':
	case 'f':
		return (types & TYPE_BOOLEAN) != 0;
	case 'n':
		return (types & TYPE_NULL) != 0;
	default:
		return (types & TYPE_NUMBER) != 0 ||
		    ((types & TYPE_INTEGER) != 0 &&
			is_whole(value_source(c->d, e)));
	}
}

static bool
same(struct schema_checker *c, struct value x, struct value choice)
{
	if (x.kind == VALUE_STRING && choice.kind == VALUE_STRING)
		return x.n == choice.n && memcmp(x.text, choice.text, x.n) == 0;
	return value_equal(c->a, x, choice);
}

static bool
is_chosen(struct schema_checker *c, const struct choices *k, uint32_t e)
{
	struct value v = value_source(c->d, e);

	if (v.kind == VALUE_ESCAPED)
		v = walk_string_at(c, e);
	for (uint32_t i = 0; i < k->n; i++)
		if (same(c, v, k->v[i]))
			return true;
	return false;
}

static int
compare_bound(struct value v, const struct bound *b)
{
	int64_t i;

	if (b->is_small && walk_small_integer(v, &i))
		return i < b->small ? -1 : i > b->small;
	return decimal_compare(v.text, v.n, b->spelled.text, b->spelled.n);
}

static bool
is_multiple(struct value v, const struct bound *b)
{
	struct exact x;
	int64_t i;

	if (b->is_small && walk_small_integer(v, &i))
		return i % b->small == 0;
	x = exact_read(v.text, v.n);
	return exact_is_multiple(&x, &b->worth);
}

bool
walk_number(struct schema_checker *c, const struct node *n, uint32_t e)
{
	const struct number_rules *r = n->number;
	struct value v = value_source(c->d, e);
	bool good = true;

#define HOLDS(bound, test, kind)                                               \
	if (r->bound.set && !(test)) {                                         \
		good = false;                                                  \
		if (!walk_fault(c, n, e, kind, 0, 0))                          \
			return false;                                          \
	}
	HOLDS(minimum, compare_bound(v, &r->minimum) >= 0, FAULT_MINIMUM)
	HOLDS(above, compare_bound(v, &r->above) > 0, FAULT_ABOVE)
	HOLDS(maximum, compare_bound(v, &r->maximum) <= 0, FAULT_MAXIMUM)
	HOLDS(below, compare_bound(v, &r->below) < 0, FAULT_BELOW)
	HOLDS(multiple, is_multiple(v, &r->multiple), FAULT_MULTIPLE)
#undef HOLDS
	return good;
}

static bool
walk_length(struct schema_checker *c, const struct node *n, uint32_t e,
    struct value text)
{
	const struct string_rules *r = n->string;
	size_t length;

	/* A code point has one to four bytes. */
	if (text.n / 4 >= r->min && text.n <= r->max)
		return true;
	length = utf8_count(text.text, text.n);
	if (length < r->min) {
		walk_fault(c, n, e, FAULT_MIN_LENGTH, length, 0);
		return false;
	}
	if (length > r->max) {
		walk_fault(c, n, e, FAULT_MAX_LENGTH, length, 0);
		return false;
	}
	return true;
}

bool
walk_string(struct schema_checker *c, const struct node *n, uint32_t e)
{
	const struct string_rules *r = n->string;
	struct value text = walk_string_at(c, e);
	bool good = walk_length(c, n, e, text);

	if (!good && !c->all)
		return false;
	if (r->pattern != NULL && !walk_matches(c, r->pattern, text)) {
		good = false;
		if (!walk_fault(c, n, e, FAULT_PATTERN, 0, 0))
			return false;
	}
	if (r->format != NULL && !r->format(text.text, text.n)) {
		good = false;
		walk_fault(c, n, e, FAULT_FORMAT, 0, 0);
	}
	return good;
}

/* What is asked of the value itself, whatever its type. */
static bool
walk_self(struct schema_checker *c, const struct node *n, uint32_t e)
{
	bool good = true;

	if (n->types != 0 && !has_type(c, n->types, e)) {
		walk_fault(c, n, e, FAULT_TYPE, 0, 0);
		return false;
	}
	if (n->constant != NULL && !is_chosen(c, n->constant, e)) {
		good = false;
		if (!walk_fault(c, n, e, FAULT_CONST, 0, 0))
			return false;
	}
	if (n->choices != NULL && !is_chosen(c, n->choices, e)) {
		good = false;
		walk_fault(c, n, e, FAULT_ENUM, 0, 0);
	}
	return good;
}

/* What is asked of a value of its type. */
static bool
walk_typed(struct schema_checker *c, const struct node *n, uint32_t e,
    struct seen *seen)
{
	switch (place_type(c->d, e)) {
	case '{':
		return n->object == NULL || walk_object(c, n, e, seen);
	case '[':
		return n->array == NULL || walk_array(c, n, e, seen);
	case '"':
		return n->string == NULL || walk_string(c, n, e);
	case 't':
	case 'f':
	case 'n':
		return true;
	default:
		return n->number == NULL || walk_number(c, n, e);
	}
}

/* The node asks for no other: nothing to enter or to mark. */
static bool
walk_leaf(struct schema_checker *c, const struct node *n, uint32_t e)
{
	bool good;

	if (n->never) {
		walk_fault(c, n, e, FAULT_NEVER, 0, 0);
		return false;
	}
	good = walk_self(c, n, e);
	if ((n->string == NULL && n->number == NULL) || (!good && !c->all))
		return good;
	return walk_typed(c, n, e, NULL) && good;
}

static bool
walk_plain(struct schema_checker *c, const struct node *n, uint32_t e,
    struct seen *seen)
{
	bool good = walk_self(c, n, e);

	if (!good && !c->all)
		return false;
	good &= walk_typed(c, n, e, seen);
	if (n->logic == NULL || (!good && !c->all))
		return good;
	return walk_logic(c, n, e, seen) && good;
}

/* Something asks for what the node's other keywords didn't look at. */
static bool
walk_with_rest(struct schema_checker *c, const struct node *n, uint32_t e,
    struct seen *seen)
{
	struct seen own;
	bool good;

	seen_init(c, &own, e);
	good = walk_plain(c, n, e, &own);
	if (!good && !c->all)
		return false;
	if (place_type(c->d, e) == '{')
		good &= walk_unevaluated_members(c, n, e, &own);
	else
		good &= walk_unevaluated_items(c, n, e, &own);
	if (seen != NULL)
		seen->every = true;
	return good;
}

static bool
asks_for_rest(const struct doc *d, const struct node *n, uint32_t e)
{
	if (n->object != NULL && n->object->unevaluated != NULL)
		if (place_type(d, e) == '{')
			return true;
	return n->array != NULL && n->array->unevaluated != NULL &&
	    place_type(d, e) == '[';
}

static bool
is_too_much(struct schema_checker *c)
{
	if (c->failure != NULL)
		return true;
	if ((const char *)__builtin_frame_address(0) < c->stack)
		c->failure = "the schema goes too deep into it";
	else if (c->steps > c->limit)
		c->failure = "the schema takes too many steps over it";
	return c->failure != NULL;
}

bool
walk(struct schema_checker *c, const struct node *n, uint32_t e,
    struct seen *seen)
{
	const struct scope *outer = c->scope;
	struct scope here = {outer, n->resource};
	bool good;

	c->steps++;
	if (n->leaf)
		return walk_leaf(c, n, e);
	if (is_too_much(c))
		return false;
	if (c->schema->dynamic_n > 0 &&
	    (outer == NULL || outer->resource != n->resource))
		c->scope = &here;
	good = asks_for_rest(c->d, n, e) ? walk_with_rest(c, n, e, seen)
					 : walk_plain(c, n, e, seen);
	c->scope = outer;
	return good;
}

bool
walk_quietly(struct schema_checker *c, const struct node *n, uint32_t e,
    struct seen *seen)
{
	struct fault_list *faults = c->faults;
	bool all = c->all, good;

	c->faults = NULL;
	c->all = false;
	good = walk(c, n, e, seen);
	c->faults = faults;
	c->all = all;
	return good;
}
