/*
 * What is written when a window closes: the key, the window, the state; and
 * a record that says which events it was made of.
 */
#include <setjmp.h>
#include <string.h>

#include "base/instant.h"
#include "driver/complain.h"
#include "driver/make.h"
#include "history/rule_text.h"
#include "state/result_id.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"
#include "windows.h"

static const char WINDOW[] = "window";

static struct value
name_of(const char *by)
{
	struct rule_piece name =
	    rule_key_name((struct rule_piece){by, strlen(by)});

	return value_text(name.p, name.n);
}

bool
result_names(struct fold *f, const struct settings *set)
{
	for (size_t i = 0; i < f->by_n; i++) {
		struct value name = name_of(f->by[i]);

		f->names[i] = name;
		for (size_t j = 0; j < i; j++) {
			if (f->names[j].n != name.n ||
			    memcmp(f->names[j].text, name.text, name.n) != 0)
				continue;
			complain(set->command,
			    "--by: two keys of a result would be called %.*s; "
			    "make one key of them, as '[.a.id, .b.id]'",
			    (int)name.n, name.text);
			return false;
		}
		if (name.n == sizeof(WINDOW) - 1 &&
		    memcmp(name.text, WINDOW, name.n) == 0) {
			complain(set->command,
			    "--by: a result has a member window already; write "
			    "the key as '(%s)', and it is called key",
			    f->by[i]);
			return false;
		}
	}
	return true;
}

bool
result_holds(const struct fold *f, struct event *ev, struct value state)
{
	struct value v;
	const char *taken = NULL;

	if (f->as != NULL || !value_is_object(state))
		return true;
	if (object_get(ev->arena, state, value_cstring(WINDOW), &v))
		taken = WINDOW;
	for (size_t i = 0; i < f->by_n && taken == NULL; i++)
		if (object_get(ev->arena, state, f->names[i], &v))
			taken = arena_copy(
			    ev->arena, f->names[i].text, f->names[i].n);
	if (taken == NULL)
		return true;
	event_fail(ev,
	    "the state has a member %s, and so has the result; put the state "
	    "elsewhere with --as",
	    taken);
	return false;
}

/* --- the event --- */

/* A text of the state, in the arena of results. */
static struct value
parse(struct fold_local *l, const char *text, size_t len)
{
	struct value v = VALUE_OF(VALUE_NULL);
	struct scan_error error;

	(void)value_parse_by(&l->scan, &l->results, text, len, &v, &error);
	return v;
}

static void
set_keys(const struct fold *f, struct fold_local *l, struct value *o,
    const char *key, size_t len)
{
	struct arena *a = &l->results;
	struct value v;

	if (f->by_n == 0)
		return;
	v = parse(l, key, len);
	if (f->by_n == 1) {
		*o = object_set(a, *o, f->names[0], v);
		return;
	}
	v = array_open(a, v);
	for (uint32_t i = 0; i < f->by_n && i < v.n; i++)
		*o = object_set(a, *o, f->names[i], array_at(v, i));
}

static struct value
instant(struct arena *a, int64_t micros)
{
	char text[INSTANT_TEXT];
	size_t n = instant_format(micros, text);

	return value_text(arena_copy(a, text, n), n);
}

static struct value
window_of(struct arena *a, const struct pane *p)
{
	struct value w = object_new(a, 2);

	w = object_set(a, w, value_cstring("from"), instant(a, p->from));
	return object_set(a, w, value_cstring("to"), instant(a, p->to));
}

static void
set_members(struct arena *a, struct value *o, struct value state)
{
	struct member *m;
	uint32_t i = 0;

	state = object_open(a, state);
	while ((m = object_next(a, state, &i)) != NULL)
		*o = object_set(a, *o, m->key, value_share(m->value));
}

/*
 * The result; false after event_fail() where --as leads nowhere in this one,
 * which then has its state as value.
 */
static bool
build(struct fold *f, struct event *ev, const char *key, size_t len,
    const struct pane *p, struct value state, struct value *o)
{
	struct fold_local *l = ev->local;
	struct arena *a = &l->results;

	*o = object_new(a, 8);
	set_keys(f, l, o, key, len);
	*o = object_set(a, *o, value_cstring(WINDOW), window_of(a, p));
	if (f->as != NULL &&
	    setter_set(&f->setter, l->setter, ev, o, value_share(state)))
		return true;
	if (f->as == NULL && value_is_object(state))
		set_members(a, o, state);
	else
		*o = object_set(a, *o, value_cstring("value"), state);
	return f->as == NULL;
}

/* --- its record --- */

static const char *
make_id(struct fold *f, struct fold_local *l, const char *key, size_t len,
    const struct pane_content *c)
{
	const struct settings *set = f->set;
	char *id = arena_alloc(&l->results, UUID_TEXT + 1);
	struct result_name name = {
	    .stage = set->stage,
	    .stage_len = set->stage == NULL ? 0 : strlen(set->stage),
	    .rule = set->rule,
	    .rule_len = set->rule_len,
	    .key = key,
	    .key_len = len,
	    .from = c->pane.from,
	    .of = f->plan.kind == WINDOW_COUNT ? &c->of : NULL,
	    .sources = &f->sources,
	};

	if (!result_id_make(id, &l->record, &name))
		arena_starve(&l->results);
	return id;
}

static void
put_instant(struct buf *b, int64_t micros)
{
	char text[INSTANT_TEXT];

	buf_put(b, text, instant_format(micros, text));
}

/* The texts of window and of, in the buffer l->state. */
static void
describe(struct fold *f, struct fold_local *l, const struct pane_content *c,
    struct record_made *made)
{
	struct buf *b = &l->record;

	buf_clear(b);
	buf_puts(b, "{\"from\":\"");
	put_instant(b, c->pane.from);
	buf_puts(b, "\",\"to\":\"");
	put_instant(b, c->pane.to);
	buf_puts(b, "\"}");
	made->window_len = b->len;
	composition_write(b, &c->of, &f->sources);
	made->of_len = b->len - made->window_len;
	made->window = b->p;
	made->of = b->p == NULL ? NULL : b->p + made->window_len;
	made->rev = c->pane.rev;
}

/* The event as it was written before, as a value with a text of its own. */
static struct value
reparsed(struct fold_local *l, struct value v)
{
	struct buf b = {0};

	value_write(&b, v);
	if (buf_failed(&b)) {
		buf_release(&b);
		arena_starve(&l->results);
	}
	v = parse(l, b.p, b.len);
	buf_release(&b);
	return v;
}

static void
write_result(struct fold *f, struct event *ev, const char *key, size_t len,
    const struct pane_content *c, const char *former, size_t former_len)
{
	struct fold_local *l = ev->local;
	struct arena *a = &l->results;
	struct record_made made;
	struct record r = {.made = &made};
	struct make_of of = {
	    .masks = c->pane.masks, .earlier = c->pane.order < f->first_order};
	struct value now, before = VALUE_OF(VALUE_NULL);

	arena_reset(a);
	if (!build(f, ev, key, len, &c->pane, parse(l, c->state, c->state_len),
		&now)) {
		event_make_reject(ev, now, ev->out->len);
		return;
	}
	/* Where it couldn't be built before, there is nothing to go back to. */
	if (former != NULL &&
	    build(f, ev, key, len, &c->pane, parse(l, former, former_len),
		&before))
		before = reparsed(l, before);
	else
		before = VALUE_OF(VALUE_NULL);
	r.id = make_id(f, l, key, len, c);
	describe(f, l, c, &made);
	if (buf_failed(&l->record))
		arena_starve(a);
	event_make(ev, a, before, now, &r, &of);
}

void
result_write(struct fold *f, struct event *ev, const char *key, size_t len,
    const struct pane_content *c, const char *former, size_t former_len)
{
	struct fold_local *l = ev->local;
	size_t from = ev->out->len;
	jmp_buf overflow;

	l->results.overflow = &overflow;
	if (setjmp(overflow) == 0) {
		write_result(f, ev, key, len, c, former, former_len);
		return;
	}
	event_fail(ev, "it takes more memory than --max-memory allows");
	event_make_reject(ev, VALUE_OF(VALUE_NULL), from);
}
