#include <string.h>

#include "record/rulebook.h"
#include "trust/masked.h"
#include "trust/redact_parts.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

static const char *
place_of(const struct doc *d, uint32_t e)
{
	return d->text + d->at[e];
}

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

	if (!view_has(v, m) || !view_text(w->t->a, v, m, &text))
		return false;
	if (m == VIEW_FAILED)
		return needles_in_message(&w->t->needles, text.text, text.n) ||
		    needles_in_message(&w->t->numbers, text.text, text.n);
	return needles_in(&w->t->needles, text.text, text.n) &&
	    !masked_says_paths(w->t->a, v);
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
		    redact_tells_key(w, array_at(r->undo, i)))
			return true;
	return false;
}

static bool
is_changed(struct redact *w, size_t k)
{
	const struct view *v = &w->t->v[k];
	const struct track_record *r = &w->t->records[k];

	if (r->wiped || redact_touches(w, marks_span(v->record)) ||
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
    struct redact_loss *l)
{
	const struct doc *d = v.doc;
	bool object = v.kind == VALUE_RAW_OBJECT, first = true;
	uint32_t i = 0;

	if (!object && v.kind != VALUE_RAW_ARRAY) {
		redact_value(w, v, path, l);
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
			redact_lose(l, &step);
			continue;
		}
		if (!first)
			buf_putc(w->out, ',');
		first = false;
		if (object) {
			redact_put(w->out, value_source(d, k));
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
    const char *name, struct value raw, struct redact_loss *l)
{
	struct path_step step = {NULL, value_cstring(name), 0, 0};

	put_name(w, name);
	if (!text_tells(w, v, m)) {
		redact_put(w->out, raw);
		return;
	}
	if (m == VIEW_RULE)
		tell_rule(w, raw);
	buf_puts(w->out, "\"" REDACT_TEXT "\"");
	redact_lose(l, &step);
}

/* A member of a record, raw, by what it is. */
static void
write_member(struct redact *w, size_t k, enum view_member m, const char *name,
    struct value raw, struct redact_loss *l)
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
			redact_put(w->out, raw);
		else
			redact_undo(w, r);
	} else if (m == VIEW_SUM || m == VIEW_READ) {
		if (loses_digest(w, k, m))
			return;
		put_name(w, name);
		redact_put(w->out, raw);
	} else if (m == VIEW_FROM && loses_rows(w, k)) {
		put_name(w, name);
		write_rows(w, raw, &step, l);
	} else {
		put_name(w, name);
		redact_value(w, raw, &step, l);
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
	struct redact_loss l = {redact_buf(w, &release), true};
	bool told = false;

	if (view_has(v, VIEW_FORGOTTEN))
		redact_inherit(w, &l, before);
	buf_putc(w->out, '{');
	for (uint32_t e = v->record.n + 1; e < d->match[v->record.n];
	     e = doc_after(d, e + 2) + 1) {
		struct value key = string_decoded(w->t->a, value_source(d, e));
		enum view_member m = member_named(w, key);

		if (m == VIEW_FORGOTTEN)
			continue;
		if (is_behind(m) && !told) {
			redact_put_forgotten(w, &l, all);
			told = true;
		}
		if (m < VIEW_MEMBERS) {
			write_member(w, k, m,
			    arena_copy(w->t->a, key.text, key.n),
			    value_source(d, e + 2), &l);
			continue;
		}
		put_comma(w->out);
		redact_put(w->out, value_source(d, e));
		buf_putc(w->out, ':');
		redact_value(w, value_source(d, e + 2), NULL, NULL);
	}
	if (!told)
		redact_put_forgotten(w, &l, all);
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
		if (redact_stand_in(w, key).text != key.text)
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
			if (redact_tells_key(w, array_at(r->undo, i)) ||
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
			redact_put(w->out, w->t->v[k].record);
	}
	return w->t->n > 0;
}
