#include <pthread.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "record/attest.h"
#include "record/sum.h"
#include "trust/forget.h"
#include "trust/glance.h"
#include "trust/masked.h"
#include "trust/redact.h"
#include "trust/reseal.h"
#include "value/array.h"
#include "value/string.h"

enum {
	PATHS_MEMORY = 64 * 1024 * 1024, /* bytes that all paths may take */
	TOLD = 1000,                     /* places that are told of at most */
};

struct told {
	enum forget_told what;
	char *text;
	size_t len;
};

struct forget {
	struct arena arena; /* of the paths */
	jmp_buf overflow;
	struct track_path *paths;
	struct forget_said *said; /* the same, as they were told */
	size_t paths_n, paths_cap, said_cap;
	struct glance glance;        /* the same, to be looked for */
	const struct policy *policy; /* or NULL */
	struct mask_key key;
	bool has_key;
	pthread_mutex_t lock; /* of what follows */
	struct told *told;
	size_t told_n;
};

struct forget *
forget_new(void)
{
	struct forget *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return NULL;
	f->told = calloc(TOLD, sizeof(*f->told));
	if (f->told == NULL || pthread_mutex_init(&f->lock, NULL) != 0) {
		free(f->told);
		free(f);
		return NULL;
	}
	arena_init(&f->arena, PATHS_MEMORY);
	f->arena.overflow = &f->overflow;
	f->glance.a = &f->arena;
	mac_lock(&f->key, sizeof(f->key));
	return f;
}

void
forget_free(struct forget *f)
{
	if (f == NULL)
		return;
	mac_unlock(&f->key, sizeof(f->key));
	for (size_t i = 0; i < f->told_n; i++)
		free(f->told[i].text);
	free(f->told);
	pthread_mutex_destroy(&f->lock);
	arena_release(&f->arena);
	free(f);
}

static void
add_path(struct forget *f, const struct track_path *p,
    const struct forget_said *said)
{
	size_t n = f->paths_n;

	f->paths =
	    redact_grow(&f->arena, f->paths, n, &f->paths_cap, sizeof(*p));
	f->said =
	    redact_grow(&f->arena, f->said, n, &f->said_cap, sizeof(*said));
	f->paths[n] = *p;
	f->said[n] = *said;
	glance_add(&f->glance, &p->path);
	f->paths_n++;
}

/* A policy's path as a pattern. */
static struct pointer
as_pointer(struct forget *f, const struct pathspec *spec)
{
	const struct touch_path *t = &spec->path;
	struct pointer_step *steps =
	    arena_array(&f->arena, t->n, sizeof(*steps));

	for (uint32_t i = 0; i < t->n; i++)
		steps[i] = t->keys[i].kind == VALUE_INT
		    ? (struct pointer_step){VALUE_OF(VALUE_NULL),
			  (size_t)t->keys[i].i}
		    : (struct pointer_step){t->keys[i], SIZE_MAX};
	return (struct pointer){spec->text, t->n, steps};
}

static bool
is_same(const struct forget_said *x, const struct forget_said *y)
{
	return x->mask == y->mask && pathspec_covers(&x->path, &y->path) &&
	    pathspec_covers(&y->path, &x->path);
}

/*
 * A path as records tell it, in one form: an option may have it in another, in
 * which a key passes for more than one path.
 */
static const char *
canonical(struct arena *a, const struct pathspec *p)
{
	const struct touch_path *t = &p->path;
	struct arena_deferred *release;
	struct buf *b = buf_new(a, &release);
	const char *text;

	if (!value_is_string(t->keys[0]))
		buf_putc(b, '.');
	for (uint32_t i = 0; i < t->n; i++)
		pathspec_put_step(b, &t->keys[i]);
	if (buf_failed(b))
		arena_starve(a);
	text = arena_copy(a, b->p, b->len);
	arena_end(a, release);
	return text;
}

/* Why it can't be; what is said twice counts as the policy's. */
static const char *
take_path(struct forget *f, const struct pointer *path, bool mask,
    bool by_policy, const char *history)
{
	struct track_path p = {
	    *path, mask ? MARK_MASKED : MARK_FORGOTTEN, false};
	struct forget_said said = {
	    pathspec_of(&f->arena, path), mask, by_policy};

	if (path->n == 0)
		return "is the whole event: drop it instead";
	if (path->steps[0].key.kind != VALUE_NULL &&
	    string_equal(&f->arena, path->steps[0].key, value_cstring(history)))
		return "is the event's history, of which what is forgotten "
		       "goes by itself; ms-trace strip removes all of it";
	for (size_t i = 0; i < f->paths_n; i++) {
		if (!is_same(&f->said[i], &said))
			continue;
		f->said[i].by_policy |= by_policy;
		return NULL;
	}
	p.path.text = canonical(&f->arena, &said.path);
	add_path(f, &p, &said);
	return NULL;
}

const char *
forget_path(struct forget *f, const char *path, bool mask, const char *history)
{
	struct pointer p;

	if (setjmp(f->overflow) != 0)
		return "is one path more than there is memory for";
	if (!pointer_parse_pattern(
		&f->arena, &p, arena_copy(&f->arena, path, strlen(path))))
		return "is no path as .a.b, .a[].b or /a/b";
	return take_path(f, &p, mask, false, history);
}

/* Those of one list. */
static const char *
take_paths(struct forget *f, const struct pathspecs *paths, bool mask,
    const char *history, const char **path)
{
	const char *why = NULL;

	for (size_t i = 0; i < paths->n && why == NULL; i++) {
		struct pointer p = as_pointer(f, &paths->v[i]);

		*path = paths->v[i].text;
		why = take_path(f, &p, mask, true, history);
	}
	return why;
}

const char *
forget_policy(struct forget *f, const struct policy *p, bool masks,
    const char *history, const char **path)
{
	const char *why;

	*path = "";
	if (setjmp(f->overflow) != 0)
		return "is one path more than there is memory for";
	f->policy = p;
	why = take_paths(f, &p->forget, false, history, path);
	if (why == NULL && masks)
		why = take_paths(f, &p->mask, true, history, path);
	return why;
}

bool
forget_said(const struct forget *f, size_t i, struct forget_said *said)
{
	if (i >= f->paths_n)
		return false;
	*said = f->said[i];
	return true;
}

void
forget_key(struct forget *f, const struct key *key)
{
	mask_key_derive(&f->key, key);
	f->has_key = true;
}

bool
forget_masks(const struct forget *f, bool policy)
{
	for (size_t i = 0; i < f->paths_n; i++)
		if (f->said[i].mask && (f->said[i].by_policy || !policy))
			return true;
	return false;
}

bool
forget_has_key(const struct forget *f)
{
	return f->has_key;
}

static bool
forgets(const struct forget *f)
{
	for (size_t i = 0; i < f->paths_n; i++)
		if (f->paths[i].kind == MARK_FORGOTTEN)
			return true;
	return false;
}

const char *
forget_op(const struct forget *f)
{
	return forgets(f) ? "forget" : "mask";
}

static void
put_paths(const struct forget *f, enum mark_kind kind, struct buf *out)
{
	bool first = true;

	for (size_t i = 0; i < f->paths_n; i++) {
		if (f->paths[i].kind != kind)
			continue;
		if (!first)
			buf_puts(out, ", ");
		first = false;
		buf_puts(out, f->paths[i].path.text);
	}
}

void
forget_rule(const struct forget *f, struct buf *out)
{
	put_paths(f, MARK_FORGOTTEN, out);
	if (forgets(f) && forget_masks(f, false))
		buf_puts(out, "; mask ");
	put_paths(f, MARK_MASKED, out);
}

static bool
begins_with(struct value *text, const char *with)
{
	size_t n = strlen(with);

	if (text->n < n || memcmp(text->text, with, n) != 0)
		return false;
	text->text += n;
	text->n -= (uint32_t)n;
	return true;
}

static bool
takes_paths(const struct forget *f, enum mark_kind kind, struct value *text)
{
	bool first = true;

	for (size_t i = 0; i < f->paths_n; i++) {
		if (f->paths[i].kind != kind)
			continue;
		if ((!first && !begins_with(text, ", ")) ||
		    !begins_with(text, f->paths[i].path.text))
			return false;
		first = false;
	}
	return true;
}

/* Is a record's rule what forget_rule() says? */
static bool
is_own_rule(const struct forget *f, struct value text)
{
	return takes_paths(f, MARK_FORGOTTEN, &text) &&
	    (!forgets(f) || !forget_masks(f, false) ||
		begins_with(&text, "; mask ")) &&
	    takes_paths(f, MARK_MASKED, &text) && text.n == 0;
}

/* --- what is told -------------------------------------------------------- */

static void
note(struct forget *f, enum forget_told what, const char *text, size_t len)
{
	struct told *t;
	size_t i = 0;

	pthread_mutex_lock(&f->lock);
	while (i < f->told_n &&
	    (f->told[i].what != what || f->told[i].len != len ||
		memcmp(f->told[i].text, text, len) != 0))
		i++;
	t = &f->told[i];
	if (i == f->told_n && i < TOLD && (t->text = malloc(len + 1)) != NULL) {
		memcpy(t->text, text, len);
		t->text[len] = '\0';
		t->len = len;
		t->what = what;
		f->told_n++;
	}
	pthread_mutex_unlock(&f->lock);
}

static void
note_place(void *arg, const char *text, size_t len)
{
	note(arg, FORGET_STAYS, text, len);
}

static void
note_rule(void *arg, const char *text, size_t len)
{
	note(arg, FORGET_RULE, text, len);
}

enum forget_told
forget_tell(struct forget *f, size_t *i, const char **text, size_t *len)
{
	const struct told *t = &f->told[*i];

	if (*i == f->told_n)
		return FORGET_NO_MORE;
	*text = t->text;
	*len = t->len;
	(*i)++;
	return t->what;
}

/* --- an event ------------------------------------------------------------ */

static void
put_open(struct buf *out, const struct lineage *l, bool empty)
{
	buf_put(out, l->open.p + empty, l->open.len - empty);
}

static bool
wrote_empty(const struct buf *out, size_t start)
{
	size_t i = out->len - 1;

	while (i > start + 1 && strchr(" \t\r\n", out->p[i - 1]) != NULL)
		i--;
	return i == start + 1;
}

/*
 * The record of what was done here.  It has its undo in a slim history, too:
 * nulls, without which the undos before it wouldn't apply, and a mask would
 * pass for what had always been there.
 */
static void
put_record(struct redact *w, const struct forget_event *e, struct attest *t)
{
	struct record r = {.id = NULL};
	struct buf *out = w->out;
	size_t from = out->len, start;

	record_put(out, &e->lineage->head, &r, e->at);
	start = out->len;
	buf_puts(out, ",\"undo\":");
	if (!redact_places(w, out))
		buf_back(out, start);
	attest_put(out, t);
	attest_seal(out, from, t, false);
	buf_putc(out, '}');
}

/* The records of the history, whose seals hold or are made anew. */
static bool
put_history(struct redact *w, const struct seal_keys *keys, const char **error)
{
	struct track *t = w->t;
	struct buf *out = w->out;
	struct arena_deferred *release;

	if (!reseal_needed(t->v, t->n))
		return redact_history(w);
	w->out = buf_new(t->a, &release);
	buf_putc(w->out, '[');
	redact_history(w);
	buf_putc(w->out, ']');
	out->failed |= w->out->failed;
	if (!out->failed)
		*error =
		    reseal(t->a, keys, t->v, t->n, w->out->p, w->out->len, out);
	arena_end(t->a, release);
	w->out = out;
	return true;
}

/* The record follows on the history as it stands in out from a byte on. */
static bool
follow(struct attest *t, const struct redact *w, const struct forget_event *e,
    const struct buf *out, size_t from)
{
	struct value history = e->history;
	struct scan_error error;
	size_t len = out->len - from;
	char *text;

	t->failed = false;
	if (e->lineage->attest.keys == NULL)
		return true;
	if (w->t->n > 0) {
		text = arena_alloc(e->a, len + 2);
		text[0] = '[';
		memcpy(text + 1, out->p + from, len);
		text[len + 1] = ']';
		if (!value_parse(e->a, text, len + 2, &history, &error))
			return false;
	}
	attest_behind(t, &e->root, history);
	return true;
}

/* Why it can't be done; NULL: it is. */
static const char *
put_line(struct redact *w, const struct forget_event *e)
{
	struct buf *out = w->out;
	size_t start = out->len, from, history;
	const char *error = NULL;
	struct attest t;
	bool empty, more, off = e->lineage->mode == LINEAGE_OFF;

	redact_event(w);
	if (out->failed)
		return NULL;
	attest_next(
	    &t, &e->lineage->attest, out->p + start, out->len - start, true);
	empty = wrote_empty(out, start);
	out->len--;
	from = out->len;
	put_open(out, e->lineage, empty);
	history = out->len;
	more = put_history(w, e->lineage->attest.keys, &error);
	if (error != NULL || out->failed)
		return error;
	if (!off) {
		out->failed = !follow(&t, w, e, out, history);
		if (more)
			buf_putc(out, ',');
		put_record(w, e, &t);
	}
	if (more || !off)
		buf_putc(out, ']');
	else
		buf_back(out, from);
	buf_puts(out, "}\n");
	return NULL;
}

/* Is the event other than its last record says? */
static bool
is_altered(struct value root, struct value history)
{
	const char *last = sum_last(history);
	struct sum sum;

	if (last == NULL)
		return false;
	sum = sum_read(root);
	return !sum_is(&sum, last);
}

/* Does a record show that all was masked here already?  Mostly one does. */
static bool
is_done(const struct forget *f, struct arena *a, const struct view *v, size_t n)
{
	struct value rule;

	for (size_t i = 0; i < n; i++)
		if (view_says(a, &v[i], VIEW_OP, forget_op(f)) &&
		    view_text(a, &v[i], VIEW_RULE, &rule) &&
		    masked_has_say(a, &v[i], f->policy) && is_own_rule(f, rule))
			return true;
	return false;
}

/* Does an event's history show which paths an earlier stage has masked? */
static bool
may_spare(const struct forget *f, const struct forget_event *e)
{
	return forget_masks(f, true) && array_length(e->history) > 0;
}

/* The paths that were found, some of which an earlier stage may have masked. */
static struct track_path *
paths_of(const struct forget *f, const struct forget_event *e,
    const struct glance_found *found)
{
	struct track_path *paths =
	    arena_array(e->a, found->paths_n, sizeof(*paths));
	struct masked shown;
	struct view *v;
	bool done;
	size_t n;

	for (size_t i = 0; i < found->paths_n; i++)
		paths[i] = f->paths[found->paths[i]];
	if (!may_spare(f, e))
		return paths;
	v = view_history(e->a, e->history, &n);
	done = is_done(f, e->a, v, n);
	if (!done)
		masked_read(e->a, v, n, f->policy, &shown);
	for (size_t i = 0; i < found->paths_n; i++) {
		const struct forget_said *said = &f->said[found->paths[i]];

		paths[i].spares = said->mask && said->by_policy &&
		    (done || masked_shown(&shown, n, &said->path));
	}
	return paths;
}

enum forget_status
forget_event(struct forget *f, struct forget_event *e, struct buf *out)
{
	struct track t = {.a = e->a};
	struct glance_found found;
	struct redact w = {.out = out,
	    .t = &t,
	    .tell_place = note_place,
	    .tell_rule = note_rule,
	    .arg = f};

	glance_look(
	    &f->glance, e->a, e->root, array_length(e->history) > 0, &found);
	if (found.paths_n == 0)
		return FORGET_NOTHING;
	t.paths = paths_of(f, e, &found);
	t.paths_n = found.paths_n;
	if (!track_event(&t, e->root, e->history)) {
		e->error = t.error;
		return t.error == NULL ? FORGET_NOTHING : FORGET_FAILED;
	}
	w.mask = f->has_key ? &f->key : NULL;
	w.altered = is_altered(e->root, e->history);
	redact_look(&w, found.keys, found.keys_n);
	e->error = put_line(&w, e);
	e->needles = t.needles;
	return e->error == NULL ? FORGET_DONE : FORGET_FAILED;
}

/* --- once more ----------------------------------------------------------- */

/* Put the history anew into the line that begins at byte from. */
static bool
mend(struct forget *f, struct arena *a, const struct needles *needles,
    const struct lineage *l, struct value root, struct value history,
    struct buf *out, size_t from)
{
	struct track t = {.a = a, .needles = *needles};
	struct arena_deferred *release;
	struct redact w = {.t = &t, .tell_rule = note_rule, .arg = f};
	const char *error = NULL;
	bool good = true;

	if (!track_event(&t, root, history))
		return true; /* it was followed before: it can be */
	redact_look(&w, NULL, 0);
	w.out = buf_new(a, &release);
	if (redact_needed(&w, 0)) {
		redact_event(&w);
		if (!w.out->failed) {
			bool empty = wrote_empty(w.out, 0);

			w.out->len--;
			put_open(w.out, l, empty);
			put_history(&w, l->attest.keys, &error);
			buf_puts(w.out, "]}\n");
		}
		good = error == NULL && buf_fits(w.out);
		buf_back(out, from);
		if (good)
			buf_put(out, w.out->p, w.out->len);
	}
	arena_end(a, release);
	return good;
}

bool
forget_again(struct forget *f, struct arena *a, const struct needles *needles,
    const struct lineage *l, struct buf *out, size_t from)
{
	struct scan_error error;
	struct value root, history;
	const char *text;
	size_t len;

	if (buf_failed(out) || needles->n == 0)
		return !buf_failed(out);
	text = out->p + from;
	len = out->len - from - 1;
	if (memchr(text, '\\', len) == NULL &&
	    !needles_in_message(needles, text, len))
		return true;
	if (!value_parse(a, text, len, &root, &error) ||
	    lineage_find(l, a, (struct doc *)(uintptr_t)root.doc, root.n,
		&history) != NULL)
		return true; /* it isn't an event's line */
	return mend(f, a, needles, l, root, history, out, from);
}
