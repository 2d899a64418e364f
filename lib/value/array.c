#include <string.h>

#include "value/array.h"

static struct value
array_handle(struct array *array, size_t n)
{
	struct value v = VALUE_OF(VALUE_ARRAY);

	v.flags = VALUE_OWNED;
	v.n = (uint32_t)n;
	v.array = array;
	return v;
}

/* Lengths are 32 bits; what doesn't fit is more than an arena may hold. */
static uint32_t
checked(struct arena *a, size_t n)
{
	if (n >= UINT32_MAX)
		arena_exceed(a);
	return (uint32_t)n;
}

struct value
array_new(struct arena *a, size_t cap)
{
	struct array *array = arena_alloc(a, sizeof(*array));

	*array = (struct array){.cap = checked(a, cap), .depth = 1};
	array->v = arena_array(a, cap, sizeof(*array->v));
	return array_handle(array, 0);
}

struct value
array_none(void)
{
	static const struct array NONE = {.depth = 1};
	struct value v = VALUE_OF(VALUE_ARRAY);

	v.array = (struct array *)(uintptr_t)&NONE;
	return v;
}

/* Elements of a raw array, counted by its entries. */
static uint32_t
raw_length(const struct doc *d, uint32_t e)
{
	uint32_t end = d->match[e], n = 0;

	for (e++; e < end; e = doc_after(d, e) + 1)
		n++;
	return n;
}

size_t
array_length(struct value v)
{
	return v.kind == VALUE_ARRAY ? v.n : raw_length(v.doc, v.n);
}

struct value
array_open(struct arena *a, struct value v)
{
	const struct doc *d = v.doc;
	struct array *array;
	uint32_t n, e = v.n, i = 0;

	if (v.kind == VALUE_ARRAY)
		return v;
	n = raw_length(d, e);
	v = array_new(a, n);
	array = v.array;
	array->doc = d;
	array->entry = e;
	array->slots = arena_array(a, n, sizeof(*array->slots));
	array->slots_n = array->used = n;
	for (e++; i < n; e = doc_after(d, e) + 1) {
		array->slots[i] = e;
		array->v[i++] = value_source(d, e);
	}
	v.n = n;
	return v;
}

struct value
array_get(struct value v, size_t i)
{
	const struct doc *d = v.doc;
	uint32_t e, end;

	if (v.kind == VALUE_ARRAY)
		return i < v.n ? array_at(v, i) : VALUE_OF(VALUE_NULL);
	end = d->match[v.n];
	for (e = v.n + 1; e < end; e = doc_after(d, e) + 1)
		if (i-- == 0)
			return value_source(d, e);
	return VALUE_OF(VALUE_NULL);
}

/* Copy elements; from now on both arrays hold them, so no one owns them. */
static void
copy_elements(struct value *to, struct value *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = value_take(&from[i]);
}

/* An array of its own with what the handle sees, and room for cap. */
static struct value
array_clone(struct arena *a, struct value v, size_t cap)
{
	struct array *old = v.array;
	struct value w = array_new(a, cap);

	copy_elements(w.array->v, old->v, v.n);
	w.n = w.array->used = v.n;
	w.array->depth = old->depth;
	w.array->doc = old->doc;
	w.array->entry = old->entry;
	w.array->slots = old->slots;
	w.array->slots_n = old->slots_n < v.n ? old->slots_n : v.n;
	return w;
}

static size_t
larger(size_t n)
{
	return n < 4 ? 8 : n + n / 2 + 1;
}

static void
deepen(struct array *array, struct value x)
{
	uint32_t depth = value_depth(x);

	if (depth >= array->depth)
		array->depth = depth + 1;
}

struct value
array_push(struct arena *a, struct value v, struct value x)
{
	struct array *array;

	v = ownership_given(a, array_open(a, v));
	array = v.array;
	/* Other handles see no further than their own length. */
	if (array->used != v.n || array->used == array->cap) {
		v = array_clone(a, v, larger(v.n));
		array = v.array;
	}
	array->v[array->used++] = x;
	deepen(array, x);
	v.n = checked(a, (size_t)v.n + 1);
	return v;
}

/* v, with room for n elements in front of it. */
static struct value
with_front(struct arena *a, struct value v, size_t n)
{
	struct value w = array_new(a, n + v.n);

	w.array->v += n;
	w.array->front = (uint32_t)n;
	w.array->cap = w.array->used = w.n = v.n;
	w.array->depth = v.array->depth;
	copy_elements(w.array->v, v.array->v, v.n);
	return w;
}

/* The room goes to the longer array, which is a view: v stays as it is. */
struct value
array_prepend(struct arena *a, struct value v, struct value x)
{
	struct array *array;
	uint32_t n;

	v = array_open(a, v);
	x = array_open(a, x);
	n = checked(a, (size_t)v.n + x.n);
	if (v.array->front < x.n)
		v = with_front(a, v, larger(n) - v.n);
	array = arena_alloc(a, sizeof(*array));
	*array = (struct array){.v = v.array->v - x.n,
	    .used = n,
	    .cap = n,
	    .front = v.array->front - x.n,
	    .depth = v.array->depth};
	v.array->front = 0;
	copy_elements(array->v, x.array->v, x.n);
	if (x.array->depth > array->depth)
		array->depth = x.array->depth;
	return value_share(array_handle(array, n));
}

struct value
array_set(struct arena *a, struct value v, size_t i, struct value x)
{
	v = ownership_given(a, array_open(a, v));
	if (!(v.flags & VALUE_OWNED))
		v = array_clone(a, v, i < v.n ? v.n : larger(i));
	if (i < v.n) {
		v.array->v[i] = x;
		deepen(v.array, x);
		return v;
	}
	checked(a, i);
	while (v.n < i)
		v = array_push(a, v, VALUE_OF(VALUE_NULL));
	return array_push(a, v, x);
}

/*
 * In place where v is owned, so that the next splice needs no copy.  What is
 * shifted has lost its slot in the doc.
 */
struct value
array_replace(
    struct arena *a, struct value v, size_t from, size_t to, struct value x)
{
	size_t tail, n;

	x = array_open(a, x);
	v = array_open(a, v);
	tail = v.n - to;
	n = from + x.n + tail;
	checked(a, n);
	if (!(v.flags & VALUE_OWNED) || v.array->used != v.n ||
	    n > v.array->cap)
		v = array_clone(a, v, n > v.n ? larger(n) : v.n);
	memmove(v.array->v + from + x.n, v.array->v + to,
	    tail * sizeof(*v.array->v));
	copy_elements(v.array->v + from, x.array->v, x.n);
	v.n = v.array->used = (uint32_t)n;
	if (x.n != to - from && v.array->slots_n > from)
		v.array->slots_n = (uint32_t)from;
	if (x.array->depth > v.array->depth)
		v.array->depth = x.array->depth;
	return v;
}

struct value
array_slice(struct arena *a, struct value v, size_t from, size_t to)
{
	struct array *view;

	v = array_open(a, v);
	if (to > v.n)
		to = v.n;
	if (from >= to)
		return array_new(a, 0);
	if (from == 0 && to == v.n)
		return value_share(v);
	view = arena_alloc(a, sizeof(*view));
	*view = (struct array){.v = v.array->v + from,
	    .used = (uint32_t)(to - from),
	    .cap = (uint32_t)(to - from),
	    .depth = v.array->depth};
	if (from == 0 && v.array->front > 0) {
		view->front = v.array->front; /* for one of them only */
		v.array->front = 0;
	}
	return value_share(array_handle(view, to - from));
}

/* What isn't as in its doc any more is written as what was made. */
static void
detach(struct array *array)
{
	array->doc = NULL;
	array->slots_n = 0;
}

struct value
array_cut(struct arena *a, struct value v, size_t from, size_t to)
{
	v = array_open(a, v);
	if (to > v.n)
		to = v.n;
	if (from > to)
		from = to;
	if (!(v.flags & VALUE_OWNED))
		return array_slice(a, v, from, to);
	v = ownership_given(a, v);
	if (from == 0 && to == v.n)
		return v;
	v.array->v += from;
	v.array->cap -= (uint32_t)from;
	v.array->front = 0;
	v.n = v.array->used = (uint32_t)(to - from);
	detach(v.array);
	return v;
}

struct value
array_remove(struct arena *a, struct value v, const struct span *gone, size_t n)
{
	size_t kept, at, next;

	v = array_open(a, v);
	if (n == 0)
		return v;
	if (n == 1 && gone->from == 0)
		return array_cut(a, v, gone->to, v.n);
	if (n == 1 && gone->to == v.n)
		return array_cut(a, v, 0, gone->from);
	v = ownership_given(a, v);
	if (!(v.flags & VALUE_OWNED))
		v = array_clone(a, v, v.n);
	kept = at = gone->from;
	for (size_t i = 0; i < n; i++) {
		next = i + 1 < n ? gone[i + 1].from : v.n;
		if (gone[i].to > at)
			at = gone[i].to;
		if (next <= at)
			continue;
		memmove(v.array->v + kept, v.array->v + at,
		    (next - at) * sizeof(*v.array->v));
		kept += next - at;
		at = next;
	}
	v.n = v.array->used = (uint32_t)kept;
	detach(v.array);
	return v;
}
