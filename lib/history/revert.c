#include <stdio.h>
#include <string.h>

#include "history/change.h"
#include "history/difference.h"
#include "history/outside.h"
#include "history/patch.h"
#include "history/pointer.h"
#include "history/revert.h"
#include "history/timeline.h"
#include "record/undo.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

/* A set of places, each up to the first array on its way. */
struct places {
	struct site *p;
	size_t n;
};

struct reverting {
	const struct revert *r;
	struct arena *a;
	struct timeline line;
	struct value before, behind; /* the event before and behind record i */
	struct value undo;           /* which takes one back to the other */
	struct places written;       /* by record i */
};

static bool
fail(struct rewind_error *error, const struct reverting *g, size_t i,
    const char *why)
{
	char name[64];

	snprintf(error->text, sizeof(error->text), "record %zu (%s) %.320s", i,
	    view_name(g->a, &g->r->v[i - 1], name, sizeof(name)), why);
	return false;
}

/* --- places --- */

/* One level down; false where nothing is there. */
static bool
step_into(struct arena *a, struct value *v, const struct pointer_step *step)
{
	return pointer_child(a, *v, step, v);
}

/*
 * The place of a pointer, up to the first array that it leads through in one
 * of both states: to change one element is to change where others are.
 */
static struct site
place_of(struct reverting *g, const struct pointer *path)
{
	struct value *keys = arena_array(g->a, path->n + 1, sizeof(*keys));
	struct site p = {.keys = keys};
	struct value x = g->before, y = g->behind;
	bool in_x = true, in_y = true;

	for (size_t i = 0; i < path->n; i++) {
		const struct pointer_step *step = &path->steps[i];

		if ((in_x && value_is_array(x)) ||
		    (in_y && value_is_array(y)) || step->key.kind == VALUE_NULL)
			break;
		keys[p.n++] = step->key;
		in_x = in_x && step_into(g->a, &x, step);
		in_y = in_y && step_into(g->a, &y, step);
	}
	return p;
}

/* The same of a site that a program reads. */
static struct site
cut_site(const struct site *p)
{
	struct site q = *p;

	for (q.n = 0; q.n < p->n && p->keys[q.n].kind == VALUE_STRING; q.n++)
		;
	return q;
}

static bool
text_member(
    struct arena *a, struct value op, const char *name, struct value *text)
{
	if (!object_get(a, op, value_cstring(name), text) ||
	    !value_is_string(*text))
		return false;
	*text = string_decoded(a, *text);
	return true;
}

static void
add_place(struct reverting *g, struct value text, struct places *to)
{
	struct pointer path;

	if (pointer_parse(g->a, &path, arena_copy(g->a, text.text, text.n)))
		to->p[to->n++] = place_of(g, &path);
}

/* Add the places that an undo names. */
static void
add_places(struct reverting *g, struct value undo, struct places *to)
{
	static const char *const NAMES[] = {"path", "from"};

	undo = array_open(g->a, undo);
	to->p = arena_array(g->a, array_length(undo) * 2, sizeof(*to->p));
	for (size_t i = 0; i < array_length(undo); i++)
		for (size_t k = 0; k < 2; k++) {
			struct value text;

			if (text_member(
				g->a, array_at(undo, i), NAMES[k], &text))
				add_place(g, text, to);
		}
}

/* Does an undo replace the whole event, since that is shorter? */
static bool
is_whole(struct arena *a, struct value undo)
{
	size_t n = array_length(undo);
	struct value path;

	undo = array_open(a, undo);
	for (size_t i = 0; i < n; i++)
		if (text_member(a, array_at(undo, i), "path", &path) &&
		    path.n == 0)
			return true;
	return false;
}

/* The places that differ between two states. */
static void
add_changes(struct reverting *g, size_t i, struct places *to)
{
	struct change_list l;
	size_t n = 0;

	change_list_init(&l);
	change_between(g->a, &l, value_cstring(""), &g->line.state[i - 1],
	    &g->line.state[i]);
	for (const struct change *c = l.first; c != NULL; c = c->next)
		n++;
	to->p = arena_array(g->a, n, sizeof(*to->p));
	for (const struct change *c = l.first; c != NULL; c = c->next)
		add_place(g, c->path, to);
}

/* The undo of record i, part by part. */
static void
find_undo(struct reverting *g, size_t i)
{
	struct arena_deferred *release;
	struct buf *text = buf_new(g->a, &release);
	struct scan_error error;

	g->undo = g->r->v[i - 1].of[VIEW_UNDO];
	if (!is_whole(g->a, g->undo))
		return;
	undo_write_parts(
	    text, g->a, difference_solid(g->a, g->before), g->behind, SIZE_MAX);
	if (text->len == 0)
		buf_puts(text, "[]");
	if (buf_failed(text))
		arena_exceed(g->a);
	value_parse(g->a, text->p, text->len, &g->undo, &error);
	arena_end(g->a, release);
}

/* Does one of them lie at, above or below the place? */
static bool
touches(const struct places *places, const struct site *p)
{
	for (size_t i = 0; i < places->n; i++)
		if (site_covers(&places->p[i], p) ||
		    site_covers(p, &places->p[i]))
			return true;
	return false;
}

static const char *
name_place(struct arena *a, const struct site *p)
{
	struct arena_deferred *release;
	struct buf *b = buf_new(a, &release);
	const char *name;

	site_write(b, p);
	if (buf_failed(b))
		arena_exceed(a);
	name = arena_copy(a, b->p, b->len < 200 ? b->len : 200);
	arena_end(a, release);
	return name;
}

/* --- records in the way --- */

static bool
in_the_way(struct rewind_error *error, const struct reverting *g, size_t i,
    const char *did, const struct site *p)
{
	char why[300];

	snprintf(why, sizeof(why), "is in the way: it %s %s", did,
	    name_place(g->a, p));
	return fail(error, g, i, why);
}

/* Did record i change what is to be taken back? */
static bool
check_changes(struct reverting *g, size_t i, struct rewind_error *error)
{
	const struct view *v = &g->r->v[i - 1];
	struct places wrote = {NULL, 0};

	if (!view_has(v, VIEW_UNDO))
		return true;
	if (is_whole(g->a, v->of[VIEW_UNDO]))
		add_changes(g, i, &wrote);
	else
		add_places(g, v->of[VIEW_UNDO], &wrote);
	for (size_t k = 0; k < wrote.n; k++)
		if (touches(&g->written, &wrote.p[k]))
			return in_the_way(error, g, i, "wrote", &wrote.p[k]);
	return true;
}

/* An op that reads nothing of the event. */
static bool
reads_nothing(struct arena *a, const struct view *v)
{
	return view_says(a, v, VIEW_OP, "trace") ||
	    view_says(a, v, VIEW_OP, "revert") ||
	    view_says(a, v, VIEW_OP, "kafka");
}

static bool
check_reads(struct reverting *g, size_t i, struct sites reads,
    struct rewind_error *error)
{
	for (uint32_t k = 0; k < reads.n; k++) {
		struct site p = cut_site(&reads.p[k]);

		if (p.root == SITE_EVENT && touches(&g->written, &p))
			return in_the_way(error, g, i, "read", &reads.p[k]);
	}
	return true;
}

/* It may write what it left as it was: there it would have changed it. */
static bool
check_writes(struct reverting *g, size_t i, const struct explain_report *e,
    struct rewind_error *error)
{
	for (uint32_t k = 0; k < e->n; k++) {
		const struct written *w = &e->writes[k];
		struct site p = cut_site(&w->site);

		if (w->how == WRITTEN_FILTERED)
			continue;
		if (p.n == 0)
			return fail(error, g, i,
			    "is in the way: it makes the whole event anew");
		if (touches(&g->written, &p))
			return in_the_way(error, g, i, "writes", &w->site);
	}
	return true;
}

static bool
check_rule(struct reverting *g, size_t i, struct rewind_error *error)
{
	const struct view *v = &g->r->v[i - 1];
	const struct rule_report *r;

	if (reads_nothing(g->a, v))
		return true;
	r = rules_explain(g->r->rules, g->a, v);
	if (!r->known)
		return fail(
		    error, g, i, "is in the way: what it read isn't known");
	if (!r->writes)
		return check_reads(g, i, r->reads, error);
	return check_reads(g, i, r->program.reads, error) &&
	    check_writes(g, i, &r->program, error);
}

/* Why a later record can't stay where one before it goes; NULL: it can. */
static const char *
obstacle(struct arena *a, const struct view *v)
{
	if (view_has(v, VIEW_OF))
		return "is in the way: it made the event of others";
	if (view_made_event(a, v))
		return "is in the way: it made the event of text";
	return NULL;
}

/* The states from record i on; every record behind it must have its undo. */
static bool
go_back(struct reverting *g, size_t i, struct value event,
    struct rewind_error *error)
{
	const struct revert *r = g->r;
	struct rewind_error why;
	struct draft draft;
	char text[450];

	if (!timeline_init(&g->line, g->a, event, r->v, r->n, error))
		return false;
	draft_init(&draft, g->a, event);
	for (size_t k = r->n; k >= i && g->line.low >= i; k--) {
		if (rewind_record(&draft, &r->v[k - 1], NULL, &why) ==
		    REWIND_OK)
			continue;
		snprintf(text, sizeof(text), "%s: %s",
		    k == i ? "can't be taken back" : "is in the way", why.text);
		return fail(error, g, k, text);
	}
	if (g->line.low >= i)
		return fail(error, g, i,
		    "can't be taken back: too much was changed since");
	g->before = g->line.state[i - 1];
	g->behind = g->line.state[i];
	return true;
}

/* Would it give a null back for what was destroyed on purpose? */
static bool
has_forgotten(struct arena *a, struct value undo)
{
	struct value x;

	if (!value_is_array(undo))
		return false;
	undo = array_open(a, undo);
	for (size_t i = 0; i < array_length(undo); i++)
		if (object_get(
			a, array_at(undo, i), value_cstring("forgotten"), &x) &&
		    value_is_true(x))
			return true;
	return false;
}

static bool
check_later(struct reverting *g, size_t i, struct value event,
    struct rewind_error *error)
{
	const struct revert *r = g->r;
	size_t outside = outside_last(g->a, event, r->v, r->n);

	if (outside >= i) {
		outside_tell(
		    g->a, r->v, outside, error->text, sizeof(error->text));
		return false;
	}
	for (size_t k = i + 1; k <= r->n; k++)
		if (!check_changes(g, k, error) || !check_rule(g, k, error))
			return false;
	return true;
}

/* --- order --- */

/* The first member of an object that the one before hasn't. */
static bool
first_new(
    struct arena *a, struct value now, struct value before, struct value *key)
{
	struct value x;
	struct member *m;
	uint32_t i = 0;

	now = object_open(a, now);
	while ((m = object_next(a, now, &i)) != NULL)
		if (!object_get(a, before, m->key, &x)) {
			*key = string_decoded(a, m->key);
			return true;
		}
	return false;
}

/*
 * What goes back to the end of an object goes in front of what later stages
 * added to it, as if it had been there.
 */
static struct value
place_last(struct reverting *g, struct value op, struct value event)
{
	struct pointer path;
	struct value text, name, now, behind, key;

	if (!text_member(g->a, op, "op", &name) ||
	    !string_equal(g->a, name, value_cstring("add")) ||
	    text_member(g->a, op, "before", &name) ||
	    !text_member(g->a, op, "path", &text) ||
	    !pointer_parse(g->a, &path, arena_copy(g->a, text.text, text.n)) ||
	    path.n == 0)
		return op;
	path.n--;
	if (!pointer_get(g->a, event, &path, &now) || !value_is_object(now) ||
	    !pointer_get(g->a, g->behind, &path, &behind) ||
	    !value_is_object(behind) || !first_new(g->a, now, behind, &key))
		return op;
	return object_set(g->a, value_share(op), value_cstring("before"), key);
}

static void
place_all(struct reverting *g, struct value event)
{
	struct value undo = array_open(g->a, g->undo);
	struct value placed = array_new(g->a, array_length(undo));

	for (size_t i = 0; i < array_length(undo); i++)
		placed = array_push(
		    g->a, placed, place_last(g, array_at(undo, i), event));
	g->undo = value_share(placed);
}

/* What can't be taken back at all, whatever it changed. */
static bool
check_kinds(struct reverting *g, size_t i, struct rewind_error *error)
{
	const struct revert *r = g->r;

	for (size_t k = i; k <= r->n; k++) {
		const char *no = obstacle(r->a, &r->v[k - 1]);

		if (no != NULL)
			return fail(error, g, k, no);
	}
	if (value_is_array(r->v[i - 1].of[VIEW_FORK]))
		return fail(
		    error, g, i, "can't be taken back: it forked the event");
	return true;
}

bool
revert_record(const struct revert *r, size_t i, struct value *event,
    struct rewind_error *error)
{
	struct reverting g = {.r = r, .a = r->a};
	struct patch_error why;

	if (!check_kinds(&g, i, error) ||
	    !go_back(&g, i, value_share(*event), error))
		return false;
	if (!view_has(&r->v[i - 1], VIEW_UNDO))
		return true; /* it changed nothing */
	if (has_forgotten(r->a, r->v[i - 1].of[VIEW_UNDO]))
		return fail(error, &g, i,
		    "can't be taken back: a value in it was forgotten");
	find_undo(&g, i);
	add_places(&g, g.undo, &g.written);
	if (!check_later(&g, i, *event, error))
		return false;
	place_all(&g, value_share(*event));
	if (patch_apply(r->a, g.undo, event, NULL, &why))
		return true;
	snprintf(error->text, sizeof(error->text),
	    "record %zu: operation %zu of its undo: %s", i, why.at + 1,
	    why.text);
	return false;
}
