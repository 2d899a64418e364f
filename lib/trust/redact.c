#include <stdio.h>
#include <string.h>

#include "record/rulebook.h"
#include "trust/masked.h"
#include "trust/redact.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

/* What a record has lost, by the names of its members. */
struct loss {
	struct buf *list; /* of JSON Pointers, as JSON, without brackets */
	bool first;
};

static const char *
place_of(const struct doc *d, uint32_t e)
{
	return d->text + d->at[e];
}

static void
put_value(struct buf *out, struct value v)
{
	struct mark span = marks_span(v);

	buf_put(out, span.from, (size_t)(span.to - span.from));
}

static struct buf *
new_buf(struct redact *w, struct arena_deferred **release)
{
	return buf_new(w->t->a, release);
}

/* --- keys ---------------------------------------------------------------- */

/* What stands for a key in the history: itself, mostly. */
static struct value
stand_in(struct redact *w, struct value key)
{
	char text[64];
	int n;

	if (!needles_in(&w->t->needles, key.text, key.n))
		return key;
	for (size_t i = 0; i < w->live_n; i++)
		if (string_equal(w->t->a, w->live_keys[i], key))
			return key;
	for (size_t i = 0; i < w->keys_n; i++)
		if (string_equal(w->t->a, w->keys[i].key, key))
			return w->keys[i].stand_in;
	w->keys = redact_grow(
	    w->t->a, w->keys, w->keys_n, &w->keys_cap, sizeof(*w->keys));
	n = snprintf(text, sizeof(text), "(forgotten %zu)", w->keys_n + 1);
	w->keys[w->keys_n] = (struct redact_key){
	    key, value_text(arena_copy(w->t->a, text, (size_t)n), (size_t)n)};
	return w->keys[w->keys_n++].stand_in;
}

/* A key, which is raw, as it is to be written. */
static void
put_key(struct redact *w, struct value raw)
{
	struct value key = string_decoded(w->t->a, raw);
	struct value s = stand_in(w, key);

	if (s.text == key.text)
		put_value(w->out, raw);
	else
		value_write_string(w->out, s.text, s.n);
}

/* A JSON Pointer, which is raw, with other keys where they tell too much. */
static void
put_pointer(struct redact *w, struct value raw)
{
	struct value text = string_decoded(w->t->a, raw);
	const char *p = text.text, *end = p + text.n;
	struct arena_deferred *release;
	struct buf *b;

	if (!needles_in(&w->t->needles, text.text, text.n)) {
		put_value(w->out, raw);
		return;
	}
	b = new_buf(w, &release);
	while (p < end) {
		const char *from = ++p;
		struct path_step step = {.parent = NULL};
		struct value key;

		while (p < end && *p != '/')
			p++;
		key = value_text(from, (size_t)(p - from));
		step.key = stand_in(w, key);
		if (step.key.text == from) {
			buf_putc(b, '/');
			value_write_text(b, from, key.n);
		} else {
			operation_pointer(b, &step);
		}
	}
	w->out->failed |= b->failed;
	buf_putc(w->out, '"');
	buf_put(w->out, b->p, b->len);
	buf_putc(w->out, '"');
	arena_end(w->t->a, release);
}

/* --- values of a history ------------------------------------------------- */

static void
lose(struct loss *l, const struct path_step *path)
{
	if (l == NULL)
		return;
	buf_puts(l->list, l->first ? "\"" : ",\"");
	operation_pointer(l->list, path);
	buf_putc(l->list, '"');
	l->first = false;
}

static bool
is_touched(const struct redact *w, struct mark span)
{
	return marks_in(&w->t->marks, span) || marks_in(&w->t->keys, span);
}

/* A value with null for what is marked in it, which l is told. */
static void
write_value(struct redact *w, struct value v, const struct path_step *path,
    struct loss *l)
{
	const struct doc *d = v.doc;
	bool object = v.kind == VALUE_RAW_OBJECT;
	struct mark span = marks_span(v);
	uint32_t i = 0;

	arena_recurse(w->t->a);
	if (marks_over(&w->t->marks, span) != NULL) {
		buf_puts(w->out, "null");
		lose(l, path);
		return;
	}
	if ((!object && v.kind != VALUE_RAW_ARRAY) || !is_touched(w, span)) {
		put_value(w->out, v);
		return;
	}
	buf_putc(w->out, object ? '{' : '[');
	for (uint32_t k = v.n + 1; k < d->match[v.n]; i++) {
		struct path_step step = {path, VALUE_OF(VALUE_NULL), i, 0};

		if (i > 0)
			buf_putc(w->out, ',');
		if (object) {
			step.key = stand_in(
			    w, string_decoded(w->t->a, value_source(d, k)));
			put_key(w, value_source(d, k));
			buf_putc(w->out, ':');
			k += 2;
		}
		write_value(w, value_source(d, k), &step, l);
		k = doc_after(d, k) + 1;
	}
	buf_putc(w->out, object ? '}' : ']');
}

/* --- operations ---------------------------------------------------------- */

static struct value
member_of(struct redact *w, struct value v, const char *name)
{
	struct value x;

	return object_get(w->t->a, v, value_cstring(name), &x)
	    ? x
	    : VALUE_OF(VALUE_DOUBLE); /* no raw value is that */
}

static bool
is_there(struct value v)
{
	return v.kind != VALUE_DOUBLE;
}

static void
put_before(struct redact *w, struct value op)
{
	struct value before = member_of(w, op, "before");

	if (!is_there(before) || !value_is_string(before))
		return;
	buf_puts(w->out, ",\"before\":");
	put_key(w, before);
}

/* ,"forgotten":true or ["/a","/b/0"], where something is. */
static void
put_forgotten(struct redact *w, const struct loss *l, bool all)
{
	if (all)
		buf_puts(w->out, ",\"forgotten\":true");
	else if (l->list->len > 0) {
		buf_puts(w->out, ",\"forgotten\":[");
		buf_put(w->out, l->list->p, l->list->len);
		buf_putc(w->out, ']');
	}
	w->out->failed |= l->list->failed;
}

/* The list of what was lost before. */
static void
inherit(struct redact *w, struct loss *l, struct value forgotten)
{
	struct value list;

	if (!value_is_array(forgotten))
		return;
	list = array_open(w->t->a, forgotten);
	for (size_t i = 0; i < array_length(list); i++) {
		struct value v = array_at(list, i);

		if (!value_is_string(v))
			continue;
		if (!l->first)
			buf_putc(l->list, ',');
		put_value(l->list, v);
		l->first = false;
	}
}

/* ,"value":... and what it lost. */
static void
put_lossy(struct redact *w, struct value op, struct value v)
{
	struct value before = member_of(w, op, "forgotten");
	struct arena_deferred *release;
	struct loss l = {new_buf(w, &release), true};
	bool all = marks_over(&w->t->marks, marks_span(v)) != NULL ||
	    (is_there(before) && before.kind == VALUE_TRUE);

	inherit(w, &l, before);
	buf_puts(w->out, ",\"value\":");
	write_value(w, v, NULL, &l);
	put_forgotten(w, &l, all);
	arena_end(w->t->a, release);
}

static void
open_operation(struct redact *w, const char *op, struct value path)
{
	buf_printf(w->out, "{\"op\":\"%s\",\"path\":", op);
	put_pointer(w, path);
}

/* An operation of which a part is gone, or a key has another name. */
static void
rewrite_operation(struct redact *w, struct value op)
{
	const struct doc *d = op.doc;
	bool first = true;

	buf_putc(w->out, '{');
	for (uint32_t k = op.n + 1; k < d->match[op.n];
	     k = doc_after(d, k + 2) + 1) {
		struct value key = string_decoded(w->t->a, value_source(d, k));
		struct value v = value_source(d, k + 2);

		if (string_equal(w->t->a, key, value_cstring("forgotten")))
			continue;
		if (string_equal(w->t->a, key, value_cstring("value"))) {
			put_lossy(w, op, v);
			first = false;
			continue;
		}
		if (!first)
			buf_putc(w->out, ',');
		first = false;
		put_value(w->out, value_source(d, k));
		buf_putc(w->out, ':');
		if (!value_is_string(v))
			put_value(w->out, v);
		else if (string_equal(w->t->a, key, value_cstring("before")))
			put_key(w, v);
		else
			put_pointer(w, v);
	}
	buf_putc(w->out, '}');
}

/* Is a key of a JSON Pointer, decoded, told by another name? */
static bool
is_renamed(struct redact *w, struct value pointer)
{
	const char *p = pointer.text, *end = p + pointer.n;

	while (p < end) {
		const char *from = ++p;

		while (p < end && *p != '/')
			p++;
		if (stand_in(w, value_text(from, (size_t)(p - from))).text !=
		    from)
			return true;
	}
	return false;
}

/* Is a key that an operation names told by another name? */
static bool
tells_key(struct redact *w, struct value op)
{
	static const char *const NAMES[] = {"path", "from", "before"};

	for (size_t i = 0; i < 3; i++) {
		struct value v = member_of(w, op, NAMES[i]);

		if (!is_there(v) || !value_is_string(v))
			continue;
		v = string_decoded(w->t->a, v);
		if (!needles_in(&w->t->needles, v.text, v.n))
			continue;
		if (i == 2 ? stand_in(w, v).text != v.text : is_renamed(w, v))
			return true;
	}
	return false;
}

static void
write_operation(
    struct redact *w, struct value op, const struct track_operation *o)
{
	switch (o->fate) {
	case TRACK_DROP:
		return;
	case TRACK_REMOVE:
		open_operation(w, "remove", member_of(w, op, "from"));
		buf_putc(w->out, '}');
		return;
	case TRACK_NULL:
		open_operation(w, "add", member_of(w, op, "path"));
		buf_puts(w->out, ",\"value\":null,\"forgotten\":true");
		put_before(w, op);
		buf_putc(w->out, '}');
		return;
	case TRACK_EMPTY:
		buf_puts(w->out,
		    "{\"op\":\"replace\",\"path\":\"\",\"value\":{},"
		    "\"forgotten\":true}");
		return;
	case TRACK_SPELL:
		open_operation(w, "add", member_of(w, op, "path"));
		put_lossy(w, op, o->copy);
		put_before(w, op);
		buf_putc(w->out, '}');
		return;
	case TRACK_KEEP:
		break;
	}
	if (is_touched(w, marks_span(op)) || tells_key(w, op))
		rewrite_operation(w, op);
	else
		put_value(w->out, op);
}

static void
write_undo(struct redact *w, const struct track_record *r)
{
	bool first = true;

	buf_putc(w->out, '[');
	for (size_t i = 0; i < r->n; i++) {
		if (r->operations[i].fate == TRACK_DROP)
			continue;
		if (!first)
			buf_putc(w->out, ',');
		first = false;
		write_operation(w, array_at(r->undo, i), &r->operations[i]);
	}
	buf_putc(w->out, ']');
}

/* --- records ------------------------------------------------------------- */

/* Did what the stage of record k left hold what is gone? */
static bool
left_changed(const struct redact *w, size_t k)
{
	const struct track *t = w->t;
	bool last = k + 1 == t->n;

	if (k + 1 < t->reach || k + 1 < w->keep)
		return true;
	if (last ? w->altered : view_has(&t->v[k + 1], VIEW_READ))
		return true; /* how it was is not known */
	return last ? t->changed : t->records[k + 1].changed;
}

/* Did what it read? */
static bool
read_changed(const struct redact *w, size_t k)
{
	return k < w->t->reach || k < w->keep || w->t->records[k].changed;
}

static bool
is_text(enum view_member m)
{
	return m == VIEW_RULE || m == VIEW_FAILED;
}

/*
 * Does a text of the record hold a needle?  A rule is looked up.  Paths of what
 * was masked stay: without them that would be masked once more.
 */
static bool
text_tells(struct redact *w, const struct view *v, enum view_member m)
{
	struct value text;

	return view_has(v, m) && view_text(w->t->a, v, m, &text) &&
	    needles_in(&w->t->needles, text.text, text.n) &&
	    (m != VIEW_RULE || !masked_says_paths(w->t->a, v));
}

/* A digest lets a guess be tried. */
static bool
loses_digest(struct redact *w, size_t k, enum view_member m)
{
	if (view_has(&w->t->v[k], VIEW_SEAL))
		return false; /* its digests are keyed */
	return m == VIEW_SUM ? left_changed(w, k) : read_changed(w, k);
}

static bool
loses_rows(struct redact *w, size_t k)
{
	return left_changed(w, k) || read_changed(w, k);
}

/* Does it say which rows, by their hashes? */
static bool
names_rows(struct value from)
{
	const struct doc *d = from.doc;

	if (from.kind != VALUE_RAW_OBJECT)
		return false;
	for (uint32_t e = from.n + 1; e < d->match[from.n]; e++)
		if (*place_of(d, e + 1) == ':' &&
		    d->at[e + 1] - d->at[e] >= 6 &&
		    memcmp(place_of(d, e), "\"hash\"", 6) == 0)
			return true;
	return false;
}

static bool
operations_changed(struct redact *w, const struct track_record *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->operations[i].fate != TRACK_KEEP ||
		    tells_key(w, array_at(r->undo, i)))
			return true;
	return false;
}

static bool
is_changed(struct redact *w, size_t k)
{
	const struct view *v = &w->t->v[k];
	const struct track_record *r = &w->t->records[k];

	if (r->wiped || is_touched(w, marks_span(v->record)) ||
	    operations_changed(w, r))
		return true;
	for (enum view_member m = 0; m < VIEW_MEMBERS; m++)
		if (is_text(m) && text_tells(w, v, m))
			return true;
	if (view_has(v, VIEW_SUM) && loses_digest(w, k, VIEW_SUM))
		return true;
	if (view_has(v, VIEW_READ) && loses_digest(w, k, VIEW_READ))
		return true;
	return view_has(v, VIEW_FROM) && names_rows(v->of[VIEW_FROM]) &&
	    loses_rows(w, k);
}

/* What a row's origin says without its hash, at any depth. */
static void
write_rows(struct redact *w, struct value v, const struct path_step *path,
    struct loss *l)
{
	const struct doc *d = v.doc;
	bool object = v.kind == VALUE_RAW_OBJECT, first = true;
	uint32_t i = 0;

	if (!object && v.kind != VALUE_RAW_ARRAY) {
		write_value(w, v, path, l);
		return;
	}
	arena_recurse(w->t->a);
	buf_putc(w->out, object ? '{' : '[');
	for (uint32_t k = v.n + 1, next; k < d->match[v.n]; k = next, i++) {
		struct path_step step = {path, VALUE_OF(VALUE_NULL), i, 0};
		uint32_t at = k;

		if (object) {
			step.key = string_decoded(w->t->a, value_source(d, k));
			at += 2;
		}
		next = doc_after(d, at) + 1;
		if (object &&
		    string_equal(w->t->a, step.key, value_cstring("hash"))) {
			lose(l, &step);
			continue;
		}
		if (!first)
			buf_putc(w->out, ',');
		first = false;
		if (object) {
			put_value(w->out, value_source(d, k));
			buf_putc(w->out, ':');
		}
		write_rows(w, value_source(d, at), &step, l);
	}
	buf_putc(w->out, object ? '}' : ']');
}

/* A comma, but behind the brace that opens the record. */
static void
put_comma(struct buf *out)
{
	if (out->len > 0 && out->p[out->len - 1] != '{')
		buf_putc(out, ',');
}

static void
put_name(struct redact *w, const char *name)
{
	put_comma(w->out);
	buf_putc(w->out, '"');
	buf_puts(w->out, name);
	buf_puts(w->out, "\":");
}

/* A rule whose text the file of MS_RULES has is told by its hash there. */
static void
tell_rule(struct redact *w, struct value raw)
{
	struct value hash = string_decoded(w->t->a, raw);

	if (hash.n == RULEBOOK_HASH && memcmp(hash.text, "b2:", 3) == 0 &&
	    w->tell_rule != NULL)
		w->tell_rule(w->arg, hash.text, hash.n);
}

static void
write_text(struct redact *w, const struct view *v, enum view_member m,
    const char *name, struct value raw, struct loss *l)
{
	struct path_step step = {NULL, value_cstring(name), 0, 0};

	put_name(w, name);
	if (!text_tells(w, v, m)) {
		put_value(w->out, raw);
		return;
	}
	if (m == VIEW_RULE)
		tell_rule(w, raw);
	buf_puts(w->out, "\"" REDACT_TEXT "\"");
	lose(l, &step);
}

/* A member of a record, raw, by what it is. */
static void
write_member(struct redact *w, size_t k, enum view_member m, const char *name,
    struct value raw, struct loss *l)
{
	const struct view *v = &w->t->v[k];
	const struct track_record *r = &w->t->records[k];
	struct path_step step = {NULL, value_cstring(name), 0, 0};

	if (is_text(m)) {
		write_text(w, v, m, name, raw, l);
	} else if (m == VIEW_UNDO) {
		if (r->wiped)
			return;
		put_name(w, name);
		if (r->undo.kind == VALUE_NULL)
			put_value(w->out, raw);
		else
			write_undo(w, r);
	} else if (m == VIEW_SUM || m == VIEW_READ) {
		if (loses_digest(w, k, m))
			return;
		put_name(w, name);
		put_value(w->out, raw);
	} else if (m == VIEW_FROM && loses_rows(w, k)) {
		put_name(w, name);
		write_rows(w, raw, &step, l);
	} else {
		put_name(w, name);
		write_value(w, raw, &step, l);
	}
}

/* The number of a member by its name; VIEW_MEMBERS where it is another. */
static enum view_member
member_named(struct redact *w, struct value key)
{
#define NAME(name, text) text,
	static const char *const NAMES[] = {RECORD_MEMBERS(NAME)};
#undef NAME
	enum view_member m = 0;

	while (m < VIEW_MEMBERS &&
	    !string_equal(w->t->a, key, value_cstring(NAMES[m])))
		m++;
	return m;
}

/* Where the members behind "forgotten" begin. */
static bool
is_behind(enum view_member m)
{
	return m > VIEW_FORGOTTEN && m < VIEW_MEMBERS;
}

static void
write_record(struct redact *w, size_t k)
{
	const struct view *v = &w->t->v[k];
	const struct doc *d = v->record.doc;
	struct value before = v->of[VIEW_FORGOTTEN];
	bool all = w->t->records[k].wiped ||
	    (view_has(v, VIEW_FORGOTTEN) && before.kind == VALUE_TRUE);
	struct arena_deferred *release;
	struct loss l = {new_buf(w, &release), true};
	bool told = false;

	if (view_has(v, VIEW_FORGOTTEN))
		inherit(w, &l, before);
	buf_putc(w->out, '{');
	for (uint32_t e = v->record.n + 1; e < d->match[v->record.n];
	     e = doc_after(d, e + 2) + 1) {
		struct value key = string_decoded(w->t->a, value_source(d, e));
		enum view_member m = member_named(w, key);

		if (m == VIEW_FORGOTTEN)
			continue;
		if (is_behind(m) && !told) {
			put_forgotten(w, &l, all);
			told = true;
		}
		if (m < VIEW_MEMBERS) {
			write_member(w, k, m,
			    arena_copy(w->t->a, key.text, key.n),
			    value_source(d, e + 2), &l);
			continue;
		}
		put_comma(w->out);
		put_value(w->out, value_source(d, e));
		buf_putc(w->out, ':');
		write_value(w, value_source(d, e + 2), NULL, NULL);
	}
	if (!told)
		put_forgotten(w, &l, all);
	buf_putc(w->out, '}');
	arena_end(w->t->a, release);
}

/* Only keys that are told by another name are of interest. */
static void
drop_kept_keys(struct redact *w)
{
	struct marks *m = &w->t->keys;
	size_t n = 0;

	for (size_t i = 0; i < m->n; i++) {
		struct value key = VALUE_OF(VALUE_ESCAPED);

		key.text = m->v[i].from + 1;
		key.n = (uint32_t)(m->v[i].to - key.text - 1);
		key = string_decoded(w->t->a, key);
		if (stand_in(w, key).text != key.text)
			m->v[n++] = m->v[i];
	}
	m->n = n;
}

/* Up to which record a key has another name in an undo. */
static void
find_keys(struct redact *w)
{
	const struct track *t = w->t;

	drop_kept_keys(w);

	w->keep = 0;
	for (size_t k = t->n; k-- > 0 && w->keep == 0;) {
		const struct track_record *r = &t->records[k];

		for (size_t i = 0; i < r->n && w->keep == 0; i++)
			if (tells_key(w, array_at(r->undo, i)) ||
			    marks_in(
				&t->keys, marks_span(array_at(r->undo, i))))
				w->keep = k + 1;
	}
}

bool
redact_needed(struct redact *w, size_t first)
{
	find_keys(w);
	for (size_t k = first; k < w->t->n; k++)
		if (is_changed(w, k))
			return true;
	return false;
}

bool
redact_history(struct redact *w)
{
	find_keys(w);
	for (size_t k = 0; k < w->t->n && !w->out->failed; k++) {
		if (k > 0)
			buf_putc(w->out, ',');
		if (is_changed(w, k))
			write_record(w, k);
		else
			put_value(w->out, w->t->v[k].record);
	}
	return w->t->n > 0;
}
