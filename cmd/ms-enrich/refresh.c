#include "refresh.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "driver/complain.h"
#include "history/forgotten.h"
#include "history/rewind.h"
#include "history/view.h"
#include "value/array.h"
#include "value/number.h"
#include "value/object.h"
#include "value/string.h"

/* The paths that the join sets. */
static void
put_paths(struct buf *b, const struct join *j)
{
	const struct value *columns;
	size_t n = 0;

	if (j->each != NULL)
		buf_printf(b, "(%s\n) | ", j->each);
	if (!j->merge) {
		join_put_place(b, j);
		return;
	}
	columns = j->source->kind->columns(j->source, &n);
	for (size_t i = 0; i < n; i++) {
		buf_puts(b, i == 0 ? "(.[" : ", .[");
		value_write_string(b, columns[i].text, columns[i].n);
		buf_putc(b, ']');
	}
	buf_puts(b, n == 0 ? "empty" : ")");
}

/* What "from" says of a repair: the number of the record that it repairs. */
static const char repairs[] = "repairs";

static const char there[] = "([getpath($p[:-1]) | has($p[-1])?] | any)";

static int
compile(const struct settings *set, struct buf *b, struct program **p)
{
	int status = STATUS_IO;

	if (buf_failed(b))
		complain(set->command, "%s", strerror(ENOMEM));
	else
		status = settings_compile(set, b->p, b->len, "--refresh", p);
	buf_release(b);
	return status;
}

int
refresh_init(
    struct refresh *r, const struct settings *set, const struct join *j)
{
	struct buf b = {0};
	int status;

	r->join = j;
	if (!r->wanted)
		return STATUS_OK;
	join_put_start(&b, j);
	r->start_len = b.len;
	buf_clear(&b);
	buf_puts(&b, "[path(");
	put_paths(&b, j);
	buf_printf(&b, ") as $p | [$p, getpath($p), %s]]", there);
	status = compile(set, &b, &r->look);
	if (status != STATUS_OK)
		return status;
	b = (struct buf){0};
	buf_puts(&b, ". as [$now, $then] | reduce ($then | path(");
	put_paths(&b, j);
	buf_printf(&b,
	    ")) as $p ($now; if $then | %s then setpath($p; $then | "
	    "getpath($p)) else delpaths([$p]) end)",
	    there);
	return compile(set, &b, &r->replace);
}

void
refresh_release(struct refresh *r)
{
	program_free(r->look);
	program_free(r->replace);
}

bool
refresh_local_init(struct refresh_local *l, const struct refresh *r)
{
	*l = (struct refresh_local){NULL, NULL};
	if (!r->wanted)
		return true;
	l->look = machine_new(r->look);
	l->replace = machine_new(r->replace);
	return l->look != NULL && l->replace != NULL;
}

void
refresh_local_release(struct refresh_local *l)
{
	machine_free(l->look);
	machine_free(l->replace);
}

static bool
take(void *arg, struct value v)
{
	*(struct value *)arg = v;
	return false;
}

/* A program's first output; false after event_fail(). */
static bool
run(struct event *ev, struct machine *m, struct value in, struct value *out)
{
	*out = VALUE_OF(VALUE_NULL);
	if (machine_run(m, ev->arena, in, &ev->context, take, out) !=
	    PROGRAM_FAILED)
		return true;
	event_fail(ev, "--refresh: %s", machine_error(m));
	return false;
}

/* Did the record join this table to this place? */
static bool
is_ours(const struct refresh *r, struct arena *a, const struct view *v)
{
	struct value rule, from = v->of[VIEW_FROM], table;
	struct value name = r->join->name;

	return view_says(a, v, VIEW_OP, "enrich") &&
	    view_text(a, v, VIEW_RULE, &rule) && rule.n >= r->start_len &&
	    memcmp(rule.text, r->join->rule.p, r->start_len) == 0 &&
	    value_is_object(from) &&
	    object_get(a, from, value_cstring("table"), &table) &&
	    value_equal(a, table, name);
}

/* What a row's part of a "from" knows it by: its hash, or that it missed. */
static struct value
mark_of(struct arena *a, struct value row)
{
	struct value v = VALUE_OF(VALUE_NULL);

	if (value_is_object(row) &&
	    !object_get(a, row, value_cstring("hash"), &v))
		(void)object_get(a, row, value_cstring("miss"), &v);
	return v;
}

/* Do two of them mean the same versions of the same rows? */
static bool
same_rows(struct arena *a, struct value x, struct value y)
{
	struct value own = value_cstring("rows"), p, q;

	if (!object_get(a, x, own, &p) || !object_get(a, y, own, &q))
		return value_equal(a, mark_of(a, x), mark_of(a, y));
	if (!value_is_array(p) || !value_is_array(q) ||
	    array_length(p) != array_length(q))
		return false;
	for (size_t i = 0; i < array_length(p); i++)
		if (!value_equal(a, mark_of(a, array_get(p, i)),
			mark_of(a, array_get(q, i))))
			return false;
	return true;
}

/*
 * The history in hand, the last record of it that is ours, and the one that
 * read the keys.
 */
struct past {
	const struct view *v;
	size_t n, ours, read;
};

/* The event as it was behind record number i - 1; false after event_fail(). */
static bool
state(struct event *ev, const struct past *p, size_t i, struct value *event)
{
	struct rewind_error error;

	*event = ev->root;
	if (rewind_records(ev->arena, p->v, i, p->n, event, &error)) {
		if (!forgotten_in(*event))
			return true;
		event_fail(ev,
		    "--refresh: a value that the record may have "
		    "joined by was forgotten");
		return false;
	}
	event_fail(ev, "--refresh: %s", error.text);
	return false;
}

/*
 * Does the place hold what our record left there?  False after event_fail(),
 * which names the stage that changed it.
 */
static bool
is_unchanged(struct refresh_local *l, struct event *ev, const struct past *p)
{
	struct value left, now, event;
	char name[80];

	if (!state(ev, p, p->ours + 1, &event) ||
	    !run(ev, l->look, event, &left) ||
	    !run(ev, l->look, ev->root, &now))
		return false;
	if (value_equal(ev->arena, left, now))
		return true;
	for (size_t i = p->ours + 1; i < p->n; i++) {
		if (!state(ev, p, i + 1, &event) ||
		    !run(ev, l->look, event, &now))
			return false;
		if (value_equal(ev->arena, left, now))
			continue;
		event_fail(ev,
		    "--refresh: record %zu (%s) changed what record %zu "
		    "joined",
		    i + 1, view_name(ev->arena, &p->v[i], name, sizeof(name)),
		    p->ours + 1);
		return false;
	}
	event_fail(ev,
	    "--refresh: what record %zu joined was changed outside of the "
	    "history",
	    p->ours + 1);
	return false;
}

/* The record that read the keys: ours, or the one that it repaired. */
static size_t
read_by(const struct refresh *r, struct arena *a, const struct past *p)
{
	struct value n;

	if (!object_get(
		a, p->v[p->ours].of[VIEW_FROM], value_cstring(repairs), &n) ||
	    !value_is_number(n))
		return p->ours;
	n = value_number(n);
	if (n.kind != VALUE_INT || n.i < 1 || (uint64_t)n.i > p->ours ||
	    !is_ours(r, a, &p->v[n.i - 1]))
		return p->ours;
	return (size_t)n.i - 1;
}

/* What the record says: the rows, and which record it repairs. */
static void
tell_from(struct event *ev, const struct past *p, const struct joined *joined)
{
	size_t size = joined->from_len + sizeof(repairs) + 32;
	char *text = arena_alloc(ev->arena, size);

	ev->record.from = text;
	ev->record.from_len = (size_t)snprintf(text, size, "%.*s,\"%s\":%zu}",
	    (int)joined->from_len - 1, joined->from, repairs, p->read + 1);
}

/* The event with the rows of today in the place. */
static enum verdict
replace(struct refresh_local *l, struct event *ev, const struct past *p,
    const struct joined *joined)
{
	struct value pair = array_new(ev->arena, 2), event;

	pair = array_push(ev->arena, pair, value_share(ev->root));
	pair = array_push(ev->arena, pair, value_share(joined->event));
	if (!run(ev, l->replace, pair, &event))
		return VERDICT_REJECT;
	tell_from(ev, p, joined);
	event_put(ev, event);
	return VERDICT_PASS;
}

/* Find our record; false where there is none. */
static bool
find_ours(const struct refresh *r, struct event *ev, struct past *p)
{
	p->v = view_history(ev->arena, ev->history, &p->n);
	for (p->ours = p->n; p->ours-- > 0;)
		if (is_ours(r, ev->arena, &p->v[p->ours])) {
			p->read = read_by(r, ev->arena, p);
			return true;
		}
	return false;
}

bool
refresh_ask(const struct refresh *r, struct join_local *join, struct event *ev)
{
	struct past p;
	struct value before;

	return !find_ours(r, ev, &p) || !state(ev, &p, p.read, &before) ||
	    join_ask(join, ev->arena, before, &ev->context);
}

enum verdict
refresh_event(const struct refresh *r, struct refresh_local *l,
    struct join_local *join, struct event *ev)
{
	enum verdict same = r->check ? VERDICT_DROP : VERDICT_LEAVE;
	struct past p;
	struct joined joined;
	struct value before, from;
	struct scan_error error;
	enum join_status status;

	if (!find_ours(r, ev, &p))
		return same;
	if (!state(ev, &p, p.read, &before))
		return VERDICT_REJECT;
	status = join_event(join, ev->arena, before, &ev->context, &joined);
	if (status == JOIN_FAILED || status == JOIN_ENDED) {
		event_fail(ev, "%s", joined.error);
		return status == JOIN_ENDED ? VERDICT_ABORT : VERDICT_REJECT;
	}
	if (!value_parse(
		ev->arena, joined.from, joined.from_len, &from, &error))
		return event_fail(ev, "--refresh: %s", error.reason);
	if (same_rows(ev->arena, p.v[p.ours].of[VIEW_FROM], from))
		return same;
	if (!is_unchanged(l, ev, &p))
		return VERDICT_REJECT;
	return r->check ? VERDICT_LEAVE : replace(l, ev, &p, &joined);
}
