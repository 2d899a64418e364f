#include "schema/fault.h"

#include <string.h>

#include "value/string.h"

enum {
	SHOWN = 40,       /* bytes of a value */
	SHOWN_LIST = 120, /* bytes of a list of values */
	NESTED = 5,       /* branches within branches that are told */
};

/* n bytes, or fewer and an ellipsis, cut where a character ends. */
static void
put_cut(struct buf *out, const char *p, size_t n, size_t most)
{
	size_t keep = n <= most ? n : most;

	while (keep < n && keep > 0 && (p[keep] & 0xC0) == 0x80)
		keep--;
	buf_put(out, p, keep);
	if (keep < n)
		buf_puts(out, "\342\200\246");
}

/* Cut what was put from byte from on to that many bytes. */
static void
cut_behind(struct buf *out, size_t from, size_t most)
{
	if (out->len - from <= most)
		return;
	out->len = from + most;
	while (out->len > from && (out->p[out->len] & 0xC0) == 0x80)
		out->len--;
	buf_puts(out, "\342\200\246");
}

static void
put_spelled(struct buf *out, const struct doc *d, uint32_t e)
{
	const char *from = d->text + d->at[e], *end = doc_end(d, e);
	size_t n = (size_t)(end - from);

	put_cut(out, from, n, SHOWN);
	if (*from == '"' && n > SHOWN)
		buf_putc(out, '"');
}

/* "3", a string */
static void
put_value(const struct telling *t, uint32_t e)
{
	switch (place_type(t->d, e)) {
	case '{':
		buf_puts(t->out, "an object");
		return;
	case '[':
		buf_puts(t->out, "an array");
		return;
	case 'n':
		buf_puts(t->out, "null");
		return;
	}
	put_spelled(t->out, t->d, e);
	switch (place_type(t->d, e)) {
	case '"':
		buf_puts(t->out, ", a string");
		return;
	case 't':
	case 'f':
		return;
	default:
		buf_puts(t->out, ", a number");
	}
}

static void
put_where(const struct telling *t, uint32_t e)
{
	size_t before = t->out->len;

	place_write(t->out, t->a, t->d, t->root, e);
	if (t->out->len == before)
		buf_puts(t->out, "the event");
}

static void
put_types(struct buf *out, unsigned types)
{
	static const char *const names[] = {"null", "a boolean", "a string",
	    "an array", "an object", "an integer", "a number"};
	unsigned left = types;

	for (unsigned i = 7; i-- > 0;) {
		if ((left & 1u << i) == 0)
			continue;
		left &= ~(1u << i);
		buf_puts(out, names[i]);
		if (left != 0)
			buf_puts(out, (left & (left - 1)) == 0 ? " or " : ", ");
	}
}

static void
put_choices(struct buf *out, const struct choices *k)
{
	size_t start = out->len;

	for (uint32_t i = 0; i < k->n; i++) {
		size_t from;

		if (i > 0)
			buf_puts(out, ", ");
		if (out->len - start > SHOWN_LIST) {
			buf_puts(out, "\342\200\246");
			return;
		}
		from = out->len;
		value_write(out, k->v[i]);
		cut_behind(out, from, SHOWN);
	}
}

static void
put_name(const struct telling *t, const struct node *n, size_t i)
{
	value_write(t->out, n->object->name[i].key);
}

static void
put_bound(struct buf *out, const char *words, const struct bound *b)
{
	buf_puts(out, words);
	put_cut(out, b->spelled.text, b->spelled.n, SHOWN);
}

static void
put_count(struct buf *out, const char *words, size_t n, const char *thing)
{
	buf_printf(out, "%s%zu %s%s", words, n, thing, n == 1 ? "" : "s");
}

/* The value, and what is true of it. */
static void
tell_value(const struct telling *t, const struct fault *f)
{
	struct buf *out = t->out;

	put_where(t, f->entry);
	switch (f->kind) {
	case FAULT_MIN_ITEMS:
	case FAULT_MAX_ITEMS:
		put_count(out, " has ", f->n, "item");
		break;
	case FAULT_FEW_CONTAINED:
	case FAULT_MANY_CONTAINED:
		put_count(out, " has ", f->n, "item");
		buf_puts(out, " that it should contain");
		break;
	case FAULT_UNIQUE:
		buf_printf(out, " has equal items, %zu and %zu", f->n, f->m);
		break;
	case FAULT_MIN_PROPERTIES:
	case FAULT_MAX_PROPERTIES:
		put_count(out, " has ", f->n, "member");
		break;
	case FAULT_REQUIRED:
		buf_puts(out, " has no ");
		put_name(t, f->node, f->n);
		break;
	case FAULT_NEEDS:
		buf_puts(out, " has ");
		put_name(t, f->node, f->n);
		buf_puts(out, " and no ");
		put_name(t, f->node, f->m);
		break;
	case FAULT_MIN_LENGTH:
	case FAULT_MAX_LENGTH:
		buf_puts(out, " is ");
		put_spelled(out, t->d, f->entry);
		put_count(out, ", ", f->n, "character");
		break;
	case FAULT_NAME:
		buf_puts(out, " is a member with the key ");
		put_spelled(out, t->d, f->entry);
		break;
	default:
		buf_puts(out, " is ");
		put_value(t, f->entry);
	}
}

static void
put_wanted_value(struct buf *out, const struct fault *f)
{
	const struct number_rules *r = f->node->number;

	switch (f->kind) {
	case FAULT_TYPE:
		put_types(out, f->node->types);
		break;
	case FAULT_ENUM:
		buf_puts(out, f->node->choices->n == 1 ? "" : "one of ");
		put_choices(out, f->node->choices);
		break;
	case FAULT_CONST:
		put_choices(out, f->node->constant);
		break;
	case FAULT_MINIMUM:
		put_bound(out, "at least ", &r->minimum);
		break;
	case FAULT_ABOVE:
		put_bound(out, "more than ", &r->above);
		break;
	case FAULT_MAXIMUM:
		put_bound(out, "at most ", &r->maximum);
		break;
	case FAULT_BELOW:
		put_bound(out, "less than ", &r->below);
		break;
	default:
		put_bound(out, "a multiple of ", &r->multiple);
	}
}

static void
put_wanted_size(struct buf *out, const struct fault *f)
{
	const struct node *n = f->node;

	switch (f->kind) {
	case FAULT_MIN_LENGTH:
		buf_printf(out, "at least %zu", n->string->min);
		break;
	case FAULT_MAX_LENGTH:
		buf_printf(out, "at most %zu", n->string->max);
		break;
	case FAULT_MIN_ITEMS:
		buf_printf(out, "at least %zu", n->array->min);
		break;
	case FAULT_MAX_ITEMS:
		buf_printf(out, "at most %zu", n->array->max);
		break;
	case FAULT_FEW_CONTAINED:
		buf_printf(out, "at least %zu", n->array->contains_min);
		break;
	case FAULT_MANY_CONTAINED:
		buf_printf(out, "at most %zu", n->array->contains_max);
		break;
	case FAULT_MIN_PROPERTIES:
		buf_printf(out, "at least %zu", n->object->min);
		break;
	default:
		buf_printf(out, "at most %zu", n->object->max);
	}
}

static void
put_wanted(struct buf *out, const struct fault *f)
{
	const struct string_rules *s = f->node->string;

	switch (f->kind) {
	case FAULT_TYPE:
	case FAULT_ENUM:
	case FAULT_CONST:
	case FAULT_MINIMUM:
	case FAULT_ABOVE:
	case FAULT_MAXIMUM:
	case FAULT_BELOW:
	case FAULT_MULTIPLE:
		buf_puts(out, "wants ");
		put_wanted_value(out, f);
		break;
	case FAULT_NEVER:
		buf_puts(out, "allows nothing there");
		break;
	case FAULT_PATTERN:
		buf_puts(out, "wants a match of ");
		put_cut(out, s->pattern->text, s->pattern->len, SHOWN_LIST);
		break;
	case FAULT_FORMAT:
		buf_printf(out, "wants the format %s", s->format_name);
		break;
	case FAULT_UNIQUE:
		buf_puts(out, "wants all to differ");
		break;
	case FAULT_REQUIRED:
	case FAULT_NEEDS:
		buf_puts(out, "requires it");
		break;
	case FAULT_NOT:
		buf_puts(out, "wants what its \"not\" doesn't fit");
		break;
	default:
		buf_puts(out, "wants ");
		put_wanted_size(out, f);
	}
}

/* "order.json wants ... (at /properties/qty)" */
static void
tell_wanted(const struct telling *t, const struct fault *f)
{
	const struct document *d = f->node->document;
	const struct resource *r =
	    &t->schema->store.resources[f->node->resource];
	uint32_t root = d->bundled ? r->entry : d->root;

	buf_puts(t->out, d->bundled ? r->uri : d->name);
	buf_putc(t->out, ' ');
	put_wanted(t->out, f);
	if (f->node->entry == root)
		return;
	buf_puts(t->out, " (at ");
	place_write(t->out, t->a, d->doc, root, f->node->entry);
	buf_putc(t->out, ')');
}

static void tell(const struct telling *t, const struct fault *f, int depth);

/* What is missing to the branch that is nearest. */
static void
tell_branches(const struct telling *t, const struct fault *f, int depth)
{
	bool one = f->kind == FAULT_ONE;
	const struct node_list *l =
	    one ? &f->node->logic->one : &f->node->logic->any;

	put_where(t, f->entry);
	buf_printf(t->out, " fits none of the %u branches of %s's %s",
	    (unsigned)l->n, f->node->document->name, one ? "oneOf" : "anyOf");
	if (f->below.first == NULL || depth == NESTED)
		return;
	buf_printf(t->out, "; to the nearest, /%zu, ", f->n);
	tell(t, f->below.first, depth + 1);
	if (f->below.n > 1)
		buf_printf(t->out, " and %zu more", f->below.n - 1);
}

static void
tell_several(const struct telling *t, const struct fault *f)
{
	put_where(t, f->entry);
	buf_printf(t->out, " fits several branches of oneOf, /%zu and /%zu; ",
	    f->n, f->m);
	buf_printf(t->out, "%s wants just one", f->node->document->name);
}

static void
tell(const struct telling *t, const struct fault *f, int depth)
{
	switch (f->kind) {
	case FAULT_ANY:
	case FAULT_ONE:
		tell_branches(t, f, depth);
		return;
	case FAULT_SEVERAL:
		tell_several(t, f);
		return;
	case FAULT_NAME:
		tell_value(t, f);
		buf_puts(t->out, "; ");
		if (f->below.first != NULL && f->below.first->kind < FAULT_NAME)
			tell_wanted(t, f->below.first);
		else
			buf_printf(t->out, "%s wants another key",
			    f->node->document->name);
		return;
	default:
		tell_value(t, f);
		buf_puts(t->out, "; ");
		tell_wanted(t, f);
	}
}

void
fault_tell(const struct telling *t, const struct fault *f)
{
	tell(t, f, 0);
}
