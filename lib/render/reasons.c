#include <inttypes.h>
#include <string.h>

#include "render/reasons.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

enum {
	GAP = 3,        /* columns between a value and what set it */
	LEFT_MOST = 44, /* of a value, up to which they are aligned */
	LONG = 60,      /* columns of a container's text */
};

struct writing {
	const struct reasons *r;
	struct show show;
	size_t left; /* columns in which all values stand */
};

/* A line to be written: a value, behind so many spaces and words. */
struct row {
	const struct why *why;
	size_t indent;
	const char *words;      /* "by ", "here because " */
	const struct why *gate; /* the stage that it decided in, or NULL */
};

/* --- the left side --- */

static void
put_site(struct writing *w, struct show *s, const struct why *y)
{
	struct arena_deferred *release;
	struct buf *text = buf_new(w->r->a, &release);

	site_write(text, &y->site);
	s->line.out->failed |= text->failed;
	terminal_text(&s->line, TERMINAL_PLAIN, text->p, text->len);
	arena_end(w->r->a, release);
}

static void
put_value(struct show *s, struct value v)
{
	struct terminal_line *l = &s->line;
	size_t left = l->left, room = SIZE_MAX;

	if (v.kind >= VALUE_RAW_ARRAY)
		room = LONG;
	else if (left != SIZE_MAX)
		room = left * 2 / 3;
	show_json(s, TERMINAL_PLAIN, v, room);
	if (left == SIZE_MAX)
		l->left = left;
}

static void
put_left(struct writing *w, struct show *s, const struct row *row)
{
	const struct why *y = row->why;
	struct terminal_line *l = &s->line;

	terminal_printf(l, TERMINAL_PLAIN, "%*s", (int)row->indent, "");
	terminal_puts(l, TERMINAL_DIM, row->words);
	switch (y->kind) {
	case WHY_ANYWHERE:
		terminal_puts(l, TERMINAL_YELLOW, "from anywhere in the event");
		return;
	case WHY_MORE:
		terminal_puts(l, TERMINAL_YELLOW, "...");
		return;
	case WHY_CONTEXT:
		put_site(w, s, y);
		return;
	default:
		put_site(w, s, y);
	}
	if (!y->has)
		return;
	terminal_puts(l, TERMINAL_PLAIN, " = ");
	put_value(s, y->value);
}

/* Columns of the left side. */
static size_t
measure(struct writing *w, const struct row *row)
{
	static const struct terminal wide = {.width = SIZE_MAX};
	enum { FAR = 1000000 };
	struct arena_deferred *release;
	struct show s = {{buf_new(w->r->a, &release), &wide, FAR}, w->r->a};

	put_left(w, &s, row);
	arena_end(w->r->a, release);
	return FAR - s.line.left;
}

/* --- the right side --- */

/* "price (4)" */
static void
put_stage(struct writing *w, size_t record)
{
	struct show *s = &w->show;
	const struct view *v = &w->r->v[record - 1];
	struct value text;

	if (!view_text(s->a, v, VIEW_STAGE, &text) &&
	    !view_text(s->a, v, VIEW_OP, &text))
		text = value_cstring("?");
	terminal_text(&s->line, TERMINAL_BOLD, text.text, text.n);
	terminal_printf(&s->line, TERMINAL_DIM, " (%zu)", record);
}

static void
put_rule(struct writing *w, size_t record)
{
	struct show *s = &w->show;
	struct value text;

	if (!view_text(s->a, &w->r->v[record - 1], VIEW_RULE, &text))
		return;
	terminal_puts(&s->line, TERMINAL_PLAIN, "  ");
	terminal_text(&s->line, TERMINAL_DIM, text.text, text.n);
}

/* Where the event was read. */
static void
put_origin(struct writing *w)
{
	const struct show_event *e = w->r->event;
	const struct view *origin = view_origin(w->r->a, w->r->v, w->r->n);
	struct value name;

	if (origin != NULL && show_origin(&w->show, TERMINAL_DIM, ", ", origin))
		return;
	name = string_repair(w->r->a, e->source, strlen(e->source));
	terminal_puts(&w->show.line, TERMINAL_DIM, ", ");
	show_value(&w->show, TERMINAL_DIM, name);
	terminal_printf(&w->show.line, TERMINAL_DIM, ":%" PRIu64, e->line);
}

/* How many events a result was made of. */
static void
put_events(struct writing *w, const struct view *v)
{
	struct value n;

	if (!value_is_object(v->of[VIEW_OF]) ||
	    !object_get(w->r->a, v->of[VIEW_OF], value_cstring("n"), &n))
		return;
	terminal_puts(&w->show.line, TERMINAL_PLAIN, ", of ");
	show_value(&w->show, TERMINAL_PLAIN, n);
	terminal_puts(&w->show.line, TERMINAL_PLAIN, " events");
}

/* The row of a table, or how many there were. */
static void
put_row(struct writing *w, const struct why *y)
{
	struct terminal_line *l = &w->show.line;
	struct view one = w->r->v[y->record - 1];
	struct value from = one.of[VIEW_FROM], rows;

	if (!value_is_object(from) ||
	    !object_get(w->r->a, from, value_cstring("rows"), &rows) ||
	    !value_is_array(rows)) {
		show_origin(&w->show, TERMINAL_PLAIN, "  ", &one);
		return;
	}
	show_origin(&w->show, TERMINAL_PLAIN, "  ", &one);
	if (y->row >= array_length(rows)) {
		terminal_printf(
		    l, TERMINAL_PLAIN, ", of %zu rows", array_length(rows));
		return;
	}
	rows = array_get(rows, y->row);
	if (value_is_object(rows) &&
	    object_get(w->r->a, rows, value_cstring("line"), &rows)) {
		terminal_puts(l, TERMINAL_PLAIN, ":");
		show_value(&w->show, TERMINAL_PLAIN, rows);
	} else {
		terminal_puts(l, TERMINAL_PLAIN, " (no row)");
	}
}

/* The stage of a record, and what its kind of change has to add. */
static void
put_record(struct writing *w, const struct why *y)
{
	struct terminal_line *l = &w->show.line;
	const struct view *v = &w->r->v[y->record - 1];

	if (y->kind == WHY_REMOVED)
		terminal_puts(l, TERMINAL_YELLOW, "removed by ");
	put_stage(w, y->record);
	if (y->kind == WHY_ROW)
		put_row(w, y);
	else if (y->kind == WHY_LINE)
		show_origin(&w->show, TERMINAL_PLAIN, "  ", v);
	else if (y->kind == WHY_EVENTS)
		put_events(w, v);
	else if (y->kind == WHY_STREAM)
		terminal_puts(l, TERMINAL_PLAIN, ", of events before it, too");
	if (y->kind != WHY_ROW && y->kind != WHY_REVERTED)
		put_rule(w, y->record);
	if (y->kind != WHY_REVERTED || y->of == NULL)
		return;
	terminal_puts(l, TERMINAL_PLAIN, " took back ");
	show_value(&w->show, TERMINAL_PLAIN, v->of[VIEW_REVERTS]);
}

static void
put_right(struct writing *w, const struct why *y)
{
	struct terminal_line *l = &w->show.line;

	switch (y->kind) {
	case WHY_READ:
		terminal_puts(l, TERMINAL_DIM, "as read");
		put_origin(w);
		break;
	case WHY_ABSENT:
		terminal_puts(l, TERMINAL_DIM, "wasn't there");
		break;
	case WHY_OUTSIDE:
		terminal_printf(l, TERMINAL_YELLOW,
		    "outside after %zu, or before", y->record);
		break;
	case WHY_UNKNOWN:
		put_stage(w, y->record);
		terminal_puts(l, TERMINAL_YELLOW,
		    ", or one before: it can't be taken back");
		break;
	case WHY_ANYWHERE:
	case WHY_CONTEXT:
		break;
	case WHY_MORE:
		terminal_puts(l, TERMINAL_YELLOW, "this goes on for long");
		break;
	default:
		put_record(w, y);
	}
	if (y->again)
		terminal_puts(l, TERMINAL_DIM, "  (as above)");
}

/* --- lines --- */

/* What is done with each line: they are measured first, then written. */
typedef void take_row(struct writing *w, const struct row *row);

static void
measure_row(struct writing *w, const struct row *row)
{
	size_t left = measure(w, row);

	if (left > w->left && left <= LEFT_MOST)
		w->left = left;
}

static void
write_row(struct writing *w, const struct row *row)
{
	struct terminal_line *l = &w->show.line;
	size_t left = measure(w, row), pad = GAP;

	terminal_start(l);
	put_left(w, &w->show, row);
	if (left < w->left)
		pad += w->left - left;
	if (row->gate != NULL || row->why->kind < WHY_ANYWHERE ||
	    row->why->kind == WHY_MORE)
		terminal_printf(l, TERMINAL_PLAIN, "%*s", (int)pad, "");
	if (row->gate != NULL) {
		put_stage(w, row->gate->record);
		put_rule(w, row->gate->record);
	} else {
		put_right(w, row->why);
	}
	terminal_end(l);
}

static void
each_row(struct writing *w, take_row *take, const struct why *list,
    size_t indent, const char *words)
{
	for (const struct why *y = list; y != NULL; y = y->next) {
		struct row row = {y, indent, words, NULL};

		take(w, &row);
		each_row(w, take, y->of, indent + 2, "");
		each_row(w, take, y->by, indent + 2, "by ");
	}
}

/* What an event's stage looked at, and how that came to be. */
static void
each_gate(struct writing *w, take_row *take, const struct why *gate)
{
	const struct view *v = &w->r->v[gate->record - 1];
	bool kept = v->of[VIEW_KEPT].kind != VALUE_FALSE;
	struct row row = {
	    .words = kept ? "here because " : "away because ", .gate = gate};

	for (const struct why *y = gate->by; y != NULL; y = y->next) {
		row.why = y;
		take(w, &row);
		row.words = "         and ";
		if (y->kind != WHY_READ && y->kind < WHY_ANYWHERE) {
			struct why one = *y;

			one.next = NULL;
			each_row(w, take, &one, 4, "");
		}
	}
}

static void
each(struct writing *w, take_row *take)
{
	for (size_t i = 0; i < w->r->values_n; i++)
		each_row(w, take, w->r->values[i], 0, "");
	for (const struct why *g = w->r->here; g != NULL; g = g->next)
		each_gate(w, take, g);
}

void
reasons_write(
    struct buf *out, const struct terminal *terminal, const struct reasons *r)
{
	struct writing w = {r, {{out, terminal, 0}, r->a}, 0};

	show_header(&w.show, r->event, r->v, r->n);
	each(&w, measure_row);
	each(&w, write_row);
	terminal_end(&w.show.line);
}

/* --- as data --- */

static void
json_pointer(struct buf *out, const struct site *p)
{
	buf_putc(out, '"');
	for (uint32_t i = 0; i < p->n; i++) {
		struct value key = p->keys[i];

		buf_putc(out, '/');
		if (key.kind == VALUE_INT) {
			buf_printf(out, "%" PRId64, key.i);
			continue;
		}
		for (uint32_t k = 0; k < key.n; k++) {
			char c = key.text[k];

			if (c == '~' || c == '/')
				buf_puts(out, c == '~' ? "~0" : "~1");
			else
				value_write_text(out, &c, 1);
		}
	}
	buf_putc(out, '"');
}

/* As in $lineage */
static void
json_name(struct buf *out, const struct site *p)
{
	struct buf text = {0};

	site_write(&text, p);
	value_write_string(out, text.p, text.len);
	out->failed |= text.failed;
	buf_release(&text);
}

static void
json_member(
    struct buf *out, const struct view *v, enum view_member m, const char *name)
{
	if (!view_has(v, m))
		return;
	buf_printf(out, ",\"%s\":", name);
	value_write(out, v->of[m]);
}

static void
json_record(struct buf *out, const struct reasons *r, size_t record)
{
	const struct view *v = &r->v[record - 1];

	json_member(out, v, VIEW_OP, "op");
	json_member(out, v, VIEW_STAGE, "stage");
	json_member(out, v, VIEW_RULE, "rule");
	json_member(out, v, VIEW_AT, "at");
	json_member(out, v, VIEW_FROM, "from");
	json_member(out, v, VIEW_OF, "events");
	json_member(out, v, VIEW_REVERTS, "reverts");
	json_member(out, v, VIEW_KEPT, "kept");
}

static void json_list(struct buf *out, const struct reasons *r,
    const char *name, const struct why *list);

static void
json_why(struct buf *out, const struct reasons *r, const struct why *y)
{
	static const char *const KINDS[] = {[WHY_READ] = "read",
	    [WHY_SET] = "set",
	    [WHY_REMOVED] = "removed",
	    [WHY_ROW] = "row",
	    [WHY_LINE] = "line",
	    [WHY_EVENTS] = "events",
	    [WHY_STREAM] = "stream",
	    [WHY_REVERTED] = "reverted",
	    [WHY_ABSENT] = "absent",
	    [WHY_OUTSIDE] = "outside",
	    [WHY_UNKNOWN] = "unknown",
	    [WHY_ANYWHERE] = "anywhere",
	    [WHY_CONTEXT] = "context",
	    [WHY_MORE] = "more"};
	const struct view *origin = view_origin(r->a, r->v, r->n);

	buf_printf(out, "{\"kind\":\"%s\"", KINDS[y->kind]);
	if (y->placed) {
		buf_puts(out, ",\"path\":");
		json_pointer(out, &y->site);
		if (y->site.open)
			buf_puts(out, ",\"part\":true");
	}
	if (y->kind == WHY_CONTEXT) {
		buf_puts(out, ",\"name\":");
		json_name(out, &y->site);
	}
	if (y->has) {
		buf_puts(out, ",\"value\":");
		value_write(out, y->value);
	}
	if (y->kind < WHY_ANYWHERE)
		buf_printf(out, ",\"record\":%zu", y->record);
	if (y->row != SIZE_MAX)
		buf_printf(out, ",\"row\":%zu", y->row);
	if (y->kind < WHY_ANYWHERE && y->kind != WHY_OUTSIDE && y->record > 0)
		json_record(out, r, y->record);
	else if (y->kind == WHY_READ && origin != NULL)
		json_member(out, origin, VIEW_FROM, "from");
	if (y->again)
		buf_puts(out, ",\"again\":true");
	json_list(out, r, "of", y->of);
	json_list(out, r, "by", y->by);
	buf_putc(out, '}');
}

/* ,"name":[...]; nothing for an empty list. */
static void
json_list(struct buf *out, const struct reasons *r, const char *name,
    const struct why *list)
{
	if (list == NULL)
		return;
	buf_printf(out, ",\"%s\":[", name);
	for (const struct why *y = list; y != NULL; y = y->next) {
		json_why(out, r, y);
		buf_puts(out, y->next != NULL ? "," : "");
	}
	buf_putc(out, ']');
}

/* The newest value is the one that is asked about. */
static void
json_value(struct buf *out, const struct reasons *r, size_t i)
{
	const struct why *past = r->past[i] == NULL ? NULL : r->past[i]->next;

	json_why(out, r, r->values[i]);
	if (past == NULL || buf_failed(out))
		return;
	out->len--; /* it gets one more member */
	json_list(out, r, "past", past);
	buf_putc(out, '}');
}

void
reasons_write_json(struct buf *out, const struct reasons *r)
{
	const struct show_event *e = r->event;
	struct value id;

	buf_putc(out, '{');
	if (view_identity(r->a, r->v, r->n, &id) != NULL) {
		buf_puts(out, "\"id\":");
		value_write(out, id);
		buf_putc(out, ',');
	}
	buf_puts(out, "\"source\":");
	value_write(out, string_repair(r->a, e->source, strlen(e->source)));
	buf_printf(out, ",\"line\":%" PRIu64 ",\"values\":[", e->line);
	for (size_t i = 0; i < r->values_n; i++) {
		buf_puts(out, i > 0 ? "," : "");
		json_value(out, r, i);
	}
	buf_putc(out, ']');
	json_list(out, r, "here", r->here);
	buf_puts(out, "}\n");
}
