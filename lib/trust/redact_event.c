#include <string.h>

#include "trust/redact.h"
#include "value/string.h"

void *
redact_grow(struct arena *a, void *v, size_t n, size_t *cap, size_t size)
{
	void *more;

	if (n < *cap)
		return v;
	*cap = *cap * 2 + 8;
	more = arena_array(a, *cap, size);
	if (n > 0)
		memcpy(more, v, n * size);
	return more;
}

static void
put_span(struct buf *out, const char *from, const char *to)
{
	buf_put(out, from, (size_t)(to - from));
}

static const char *
place_of(const struct doc *d, uint32_t e)
{
	return d->text + d->at[e];
}

static const struct mark *
mark_at(const struct redact *w, struct value v)
{
	return marks_over(&w->t->marks, marks_span(v));
}

static struct path_step *
step_below(struct redact *w, const struct path_step *parent, struct value key,
    uint32_t i)
{
	struct path_step *step = arena_alloc(w->t->a, sizeof(*step));

	*step = (struct path_step){
	    parent, string_decoded(w->t->a, key), i, operation_depth(parent)};
	return step;
}

static void
note_place(struct redact *w, struct redact_place place)
{
	w->places = redact_grow(w->t->a, w->places, w->places_n, &w->places_cap,
	    sizeof(*w->places));
	w->places[w->places_n++] = place;
}

/*
 * The key in front of which a member comes back: of the next one that isn't
 * the history, and has another key; 0 where there is none.
 */
static uint32_t
next_key(struct redact *w, const struct doc *d, uint32_t e)
{
	struct value key = value_source(d, e);
	uint32_t next = doc_after(d, e + 2);

	while (*place_of(d, next) == ',') {
		next++;
		if (next != d->hidden &&
		    !string_equal(w->t->a, key, value_source(d, next)))
			return next;
		next = doc_after(d, next + 2);
	}
	return 0;
}

static void write_value(struct redact *w, const struct doc *d, uint32_t e,
    const struct path_step *path);

static void
write_part(struct redact *w, const struct doc *d, uint32_t e,
    const struct path_step *step)
{
	const struct mark *m = mark_at(w, value_source(d, e));

	if (m == NULL) {
		write_value(w, d, e, step);
		return;
	}
	note_place(w, (struct redact_place){step, 0, false});
	if (m->kind == MARK_MASKED && w->mask != NULL)
		mask_write(w->out, w->t->a, w->mask, value_source(d, e));
	else
		buf_puts(w->out, "null");
}

static bool
is_taken(const struct redact *w, const struct doc *d, uint32_t key)
{
	const struct mark *m = mark_at(w, value_source(d, key + 2));

	return m != NULL && m->kind == MARK_FORGOTTEN;
}

/* What is kept of an object keeps its bytes, and those around it. */
static void
write_object(struct redact *w, const struct doc *d, uint32_t e,
    const struct path_step *path)
{
	uint32_t end = d->match[e], next;
	bool first = true;

	buf_putc(w->out, '{');
	for (uint32_t k = e + 1; k < end; k = next + 1) {
		struct path_step *step;

		next = doc_after(d, k + 2);
		if (k == d->hidden)
			continue;
		step = step_below(w, path, value_source(d, k), 0);
		if (is_taken(w, d, k)) {
			note_place(w,
			    (struct redact_place){
				step, next_key(w, d, k), true});
			continue;
		}
		if (!first)
			buf_putc(w->out, ',');
		first = false;
		put_span(w->out, place_of(d, k - 1) + 1, place_of(d, k + 2));
		write_part(w, d, k + 2, step);
		put_span(w->out, doc_end(d, k + 2), place_of(d, next));
	}
	buf_putc(w->out, '}');
}

static void
write_array(struct redact *w, const struct doc *d, uint32_t e,
    const struct path_step *path)
{
	uint32_t end = d->match[e], next, i = 0;

	buf_putc(w->out, '[');
	for (uint32_t k = e + 1; k < end; k = next + 1, i++) {
		struct path_step *step =
		    step_below(w, path, VALUE_OF(VALUE_NULL), i);

		next = doc_after(d, k);
		if (i > 0)
			buf_putc(w->out, ',');
		put_span(w->out, place_of(d, k - 1) + 1, place_of(d, k));
		write_part(w, d, k, step);
		put_span(w->out, doc_end(d, k), place_of(d, next));
	}
	buf_putc(w->out, ']');
}

/* A value that isn't marked itself; the root is always written by parts. */
static void
write_value(struct redact *w, const struct doc *d, uint32_t e,
    const struct path_step *path)
{
	struct value v = value_source(d, e);

	arena_recurse(w->t->a);
	if (path != NULL && !marks_in(&w->t->marks, marks_span(v)))
		put_span(w->out, place_of(d, e), doc_end(d, e));
	else if (v.kind == VALUE_RAW_OBJECT)
		write_object(w, d, e, path);
	else if (v.kind == VALUE_RAW_ARRAY)
		write_array(w, d, e, path);
	else
		put_span(w->out, place_of(d, e), doc_end(d, e));
}

void
redact_event(struct redact *w)
{
	write_value(w, w->t->root.doc, w->t->root.n, NULL);
}

bool
redact_places(struct redact *w, struct buf *out)
{
	struct patch_text u = {.out = out, .a = w->t->a, .start = out->len};

	/* From the last to the first: what each goes in front of is there. */
	for (size_t i = w->places_n; i-- > 0;) {
		const struct redact_place *p = &w->places[i];

		operation_open(
		    &u, p->taken ? OPERATION_ADD : OPERATION_REPLACE, p->path);
		buf_puts(out, ",\"value\":null,\"forgotten\":true");
		if (p->next != 0) {
			buf_puts(out, ",\"before\":");
			value_write(out, value_source(w->t->root.doc, p->next));
		}
		buf_putc(out, '}');
	}
	if (w->places_n > 0)
		buf_putc(out, ']');
	return w->places_n > 0;
}

/* --- what stays ---------------------------------------------------------- */

static bool
is_found(const struct redact *w, struct value v)
{
	v = string_decoded(w->t->a, v);
	return needles_in(&w->t->needles, v.text, v.n);
}

static bool
is_name(struct value key)
{
	if (key.n == 0 || (key.text[0] >= '0' && key.text[0] <= '9'))
		return false;
	for (uint32_t i = 0; i < key.n; i++) {
		char c = key.text[i];

		if (!(c == '_' || (c >= 'a' && c <= 'z') ||
			(c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')))
			return false;
	}
	return true;
}

/* A path for people, in which no key tells what is forgotten. */
static void
put_path(struct redact *w, struct buf *b, const struct path_step *path)
{
	if (path == NULL)
		return;
	put_path(w, b, path->parent);
	if (path->key.kind == VALUE_NULL) {
		buf_puts(b, path->parent == NULL ? ".[]" : "[]");
	} else if (needles_in(&w->t->needles, path->key.text, path->key.n)) {
		buf_puts(b, path->parent == NULL ? ".[]" : "[]");
	} else {
		buf_putc(b, '.');
		if (is_name(path->key))
			buf_put(b, path->key.text, path->key.n);
		else
			value_write_string(b, path->key.text, path->key.n);
	}
}

static void
tell_place(struct redact *w, const struct path_step *path)
{
	struct arena_deferred *release;
	struct buf *b = buf_new(w->t->a, &release);

	put_path(w, b, path);
	if (!b->failed && w->tell_place != NULL)
		w->tell_place(w->arg, b->p, b->len);
	arena_end(w->t->a, release);
}

static void
note_key(struct redact *w, struct value key)
{
	w->live_keys = redact_grow(w->t->a, w->live_keys, w->live_n,
	    &w->live_cap, sizeof(*w->live_keys));
	w->live_keys[w->live_n++] = key;
}

static void look(struct redact *w, const struct doc *d, uint32_t e,
    const struct path_step *path);

static void
look_in_object(struct redact *w, const struct doc *d, uint32_t e,
    const struct path_step *path)
{
	for (uint32_t k = e + 1; k < d->match[e]; k = doc_after(d, k + 2) + 1) {
		struct value key = value_source(d, k);
		struct path_step step = {.parent = path};

		if (k == d->hidden || is_taken(w, d, k))
			continue;
		step.key = string_decoded(w->t->a, key);
		if (is_found(w, key)) {
			note_key(w, step.key);
			tell_place(w, &step);
		}
		look(w, d, k + 2, &step);
	}
}

/* Look for forgotten strings in what stays of the event. */
static void
look(struct redact *w, const struct doc *d, uint32_t e,
    const struct path_step *path)
{
	struct value v = value_source(d, e);

	if (path != NULL && mark_at(w, v) != NULL)
		return;
	arena_recurse(w->t->a);
	if (v.kind == VALUE_RAW_OBJECT) {
		look_in_object(w, d, e, path);
	} else if (v.kind == VALUE_RAW_ARRAY) {
		struct path_step step = {
		    .parent = path, .key = VALUE_OF(VALUE_NULL)};

		for (uint32_t k = e + 1; k < d->match[e];
		     k = doc_after(d, k) + 1)
			look(w, d, k, &step);
	} else if (value_is_string(v) && is_found(w, v)) {
		tell_place(w, path);
	}
}

void
redact_look(struct redact *w, const struct value *keys, size_t n)
{
	if (w->t->needles.n == 0)
		return;
	for (size_t i = 0; i < n; i++)
		note_key(w, keys[i]);
	look(w, w->t->root.doc, w->t->root.n, NULL);
}
