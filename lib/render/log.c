#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "history/ending.h"
#include "history/outside.h"
#include "render/changes.h"
#include "render/log.h"
#include "render/log_line.h"
#include "render/made.h"
#include "value/array.h"
#include "value/object.h"

enum {
	NAME_MOST = 24, /* columns of a stage's name, as far as it is aligned */
	INDENT = 6,     /* of what stands below a stage */
	MARKS = 4,      /* of what it changed */
};

/* A record as a row of the table. */
struct row {
	const struct view *v;
	struct value name, op;
	size_t origin; /* columns of the row or schema that it read; or 0 */
	char time[TERMINAL_DURATION + 1]; /* since the one before */
	char counts[64];                  /* "+1 ~2 -1" */
	enum ending ending;
	const struct changes_of *changes;
};

/* Columns of the table. */
struct table {
	struct row *row;
	size_t n;
	size_t name, op, time, counts, rule;
	int64_t first, last;
	bool timed;
};

static size_t
columns(const struct show *s, struct value text)
{
	return terminal_columns(s->line.terminal, text.text, text.n);
}

static void
widen(size_t *width, size_t n, size_t most)
{
	if (n > *width)
		*width = n < most ? n : most;
}

static void
set_counts(struct row *r)
{
	static const char MARK[] = "+~-";
	size_t n = 0;

	for (int i = 0; i < 3; i++)
		if (r->changes->count[i] > 0)
			n += (size_t)snprintf(r->counts + n,
			    sizeof(r->counts) - n, "%s%c%zu", n > 0 ? " " : "",
			    MARK[i], r->changes->count[i]);
}

static void
set_time(
    struct show *s, struct table *t, struct row *r, struct view_clock *clock)
{
	int64_t micros;

	if (!view_time(s->a, clock, r->v, &micros))
		return;
	if (t->timed) {
		r->time[0] = micros < t->last ? '-' : '+';
		terminal_duration(
		    r->time + 1, micros - t->last, !s->line.terminal->ascii);
	} else {
		t->first = micros;
	}
	t->last = micros;
	t->timed = true;
}

/* Columns that the row of a table takes, or what else the stage read. */
static size_t
origin_columns(struct show *s, const struct view *v)
{
	static const struct terminal wide = {.width = SIZE_MAX};
	struct arena_deferred *release;
	struct show aside = {{buf_new(s->a, &release), &wide, SIZE_MAX}, s->a};
	size_t n;

	if (view_has(v, VIEW_ID) || !value_is_object(v->of[VIEW_FROM]))
		return 0;
	show_origin(&aside, TERMINAL_PLAIN, "", v);
	n = terminal_columns(
	    s->line.terminal, aside.line.out->p, aside.line.out->len);
	arena_end(s->a, release);
	return n;
}

static void
measure(struct show *s, struct table *t, const struct view *v,
    const struct changes_of *changes)
{
	struct view_clock clock = {.micros = 0};

	for (size_t i = 0; i < t->n; i++) {
		struct row *r = &t->row[i];

		*r = (struct row){.v = &v[i],
		    .name = show_stage(s, &v[i]),
		    .op = show_op(s, &v[i]),
		    .origin = origin_columns(s, &v[i]),
		    .ending = ending_of(s->a, &v[i]),
		    .changes = &changes[i]};
		set_time(s, t, r, &clock);
		set_counts(r);
		widen(&t->name, columns(s, r->name), NAME_MOST);
		widen(&t->op, columns(s, r->op), NAME_MOST);
		widen(&t->time,
		    terminal_columns(
			s->line.terminal, r->time, strlen(r->time)),
		    TERMINAL_DURATION);
		widen(&t->counts, strlen(r->counts), sizeof(r->counts));
	}
	if (t->counts < 8 && t->counts > 0)
		t->counts = 8;
	t->rule = 4 + t->name + 2 + (t->op > 0 ? t->op + 2 : 0) + t->time +
	    (t->counts > 0 ? t->counts + 2 : 0) + 2;
}

/* --- the header --- */

/* Append so much of a header's end as fits the line, else on the next one. */
static void
start_end(struct terminal_line *l, size_t columns)
{
	terminal_puts(l, TERMINAL_PLAIN, ",");
	if (l->left != SIZE_MAX && l->left < columns + 2) {
		terminal_end(l);
		terminal_start(l);
		terminal_spaces(l, INDENT);
	} else {
		terminal_puts(l, TERMINAL_PLAIN, " ");
	}
}

/* "went out in 660 µs", "after 731 µs turned away by pages" */
static void
write_end(struct show *s, const struct table *t)
{
	struct terminal_line *l = &s->line;
	const struct row *last = &t->row[t->n - 1];
	char span[TERMINAL_DURATION], after[TERMINAL_DURATION + 8] = "";
	bool spans = t->timed && t->n > 1;
	const char *words = ending_words(last->ending);

	terminal_duration(
	    span, spans ? t->last - t->first : 0, !l->terminal->ascii);
	if (last->ending == ENDING_NONE) {
		if (!spans)
			return;
		start_end(l, 12 + strlen(span));
		terminal_printf(l, TERMINAL_PLAIN, "went out in %s", span);
		return;
	}
	if (spans)
		snprintf(after, sizeof(after), "after %s ", span);
	start_end(
	    l, strlen(after) + strlen(words) + 4 + columns(s, last->name));
	terminal_puts(l, TERMINAL_PLAIN, after);
	terminal_puts(l,
	    last->ending == ENDING_REJECTED ? TERMINAL_RED : TERMINAL_YELLOW,
	    words);
	terminal_puts(l, TERMINAL_PLAIN, " by ");
	terminal_text(l, TERMINAL_BOLD, last->name.text, last->name.n);
}

static void
write_header(struct show *s, const struct show_event *e, const struct view *v,
    const struct table *t)
{
	struct terminal_line *l = &s->line;
	struct value id, at;

	terminal_start(l);
	terminal_puts(l, TERMINAL_PLAIN, "event ");
	if (view_identity(s->a, v, t->n, &id) != NULL)
		show_value(s, TERMINAL_YELLOW, id);
	else
		terminal_puts(l, TERMINAL_PLAIN, "without an id");
	terminal_end(l);
	terminal_start(l);
	show_place(s, e, v, t->n, "  ");
	for (size_t i = 0; i < t->n; i++) {
		if (!view_text(s->a, &v[i], VIEW_AT, &at))
			continue;
		terminal_puts(l, TERMINAL_DIM, ", ");
		terminal_text(l, TERMINAL_DIM, at.text, at.n);
		break;
	}
	if (t->n > 0)
		write_end(s, t);
	terminal_end(l);
	terminal_end(l);
}

/* --- what stands below a stage --- */

/* Words about a record on one line of their own. */
struct notes {
	struct show *s;
	bool any;
};

/* Begin a note, behind those before it. */
static void
start_note(struct notes *n)
{
	if (n->any) {
		terminal_puts(&n->s->line, TERMINAL_PLAIN, ", ");
		return;
	}
	terminal_start(&n->s->line);
	terminal_spaces(&n->s->line, INDENT);
	n->any = true;
}

static void
note_number(struct notes *n, const char *words, struct value number)
{
	if (!value_is_number(number))
		return;
	start_note(n);
	terminal_puts(&n->s->line, TERMINAL_YELLOW, words);
	show_value(n->s, TERMINAL_YELLOW, number);
}

static void
note_made(struct notes *n, const struct view *v)
{
	struct value of = v->of[VIEW_OF], count;

	if (value_is_object(of) &&
	    object_get(n->s->a, of, value_cstring("n"), &count))
		note_number(n, "made of ", count);
	note_number(n, "took back ", v->of[VIEW_REVERTS]);
	note_number(n, "revision ", v->of[VIEW_REV]);
}

static void
note_fork(struct notes *n, struct value fork)
{
	if (!value_is_array(fork))
		return;
	start_note(n);
	terminal_puts(&n->s->line, TERMINAL_YELLOW, "fork ");
	show_value(n->s, TERMINAL_YELLOW, array_get(fork, 0));
	terminal_puts(&n->s->line, TERMINAL_YELLOW, " of ");
	show_value(n->s, TERMINAL_YELLOW, array_get(fork, 1));
}

static void
note_text(
    struct notes *n, const char *colour, const char *words, struct value text)
{
	start_note(n);
	terminal_puts(&n->s->line, colour, words);
	terminal_text(&n->s->line, colour, text.text, text.n);
}

static void
write_notes(struct show *s, const struct row *r, bool values, bool last)
{
	struct notes n = {s, false};
	struct view_clock clock = {.micros = 0};
	const char *fault = view_fault(s->a, &clock, r->v);
	struct value failed, none = value_cstring("");

	note_fork(&n, r->v->of[VIEW_FORK]);
	note_made(&n, r->v);
	if (!last && r->ending != ENDING_NONE && r->ending != ENDING_REJECTED)
		note_text(&n, TERMINAL_YELLOW, ending_words(r->ending), none);
	if (view_text(s->a, r->v, VIEW_FAILED, &failed))
		note_text(&n,
		    r->ending == ENDING_AWAY ? TERMINAL_YELLOW : TERMINAL_RED,
		    r->ending == ENDING_REJECTED ? "rejected: " : "failed: ",
		    failed);
	if (r->v->of[VIEW_TRUNCATED].kind == VALUE_TRUE)
		note_text(&n, TERMINAL_YELLOW, "undo truncated", none);
	if (r->v->of[VIEW_FORGOTTEN].kind == VALUE_TRUE)
		note_text(&n, TERMINAL_YELLOW, "undo forgotten", none);
	if (fault == NULL && values && r->changes->wrong)
		fault = "its undo doesn't apply";
	if (fault != NULL)
		note_text(
		    &n, TERMINAL_RED, "malformed: ", value_cstring(fault));
	if (n.any)
		terminal_end(&s->line);
	if (made_count(s->a, r->v) == 0)
		return;
	terminal_start(&s->line);
	terminal_spaces(&s->line, INDENT - 2);
	made_show_ends(s, r->v);
	terminal_end(&s->line);
}

/* The places alone, as many on a line as there is room for. */
static void
write_paths(struct show *s, const struct change *c)
{
	struct terminal_line *l = &s->line;
	size_t n;

	terminal_start(l);
	terminal_spaces(l, MARKS);
	for (const struct change *first = c; c != NULL; c = c->next) {
		n = terminal_columns(l->terminal, c->path.text, c->path.n) + 2;
		if (c != first && l->left != SIZE_MAX && l->left < n + 3) {
			terminal_end(l);
			terminal_start(l);
			terminal_spaces(l, MARKS);
		} else if (c != first) {
			terminal_spaces(l, 2);
		}
		changes_path(s, c);
	}
	terminal_end(l);
}

/* --- rows --- */

static void
write_counts(struct show *s, const struct row *r)
{
	static const char *const COLOURS[] = {
	    TERMINAL_GREEN, TERMINAL_BLUE, TERMINAL_RED};
	static const char MARK[] = "+~-";
	bool any = false;

	for (int i = 0; i < 3; i++) {
		if (r->changes->count[i] == 0)
			continue;
		terminal_puts(&s->line, TERMINAL_PLAIN, any ? " " : "");
		terminal_printf(&s->line, COLOURS[i], "%c%zu", MARK[i],
		    r->changes->count[i]);
		any = true;
	}
}

/* Does the rule stand behind the times: has it one line, and room? */
static bool
stands_beside(const struct show *s, const struct table *t, const struct row *r,
    struct value rule)
{
	size_t width = s->line.terminal->width;
	size_t needed = t->rule + (r->origin > 0 ? r->origin + 2 : 0);

	if (rule.n == 0 || memchr(rule.text, '\n', rule.n) != NULL)
		return false;
	return width == SIZE_MAX ||
	    (needed < width && columns(s, rule) < width - needed);
}

static void
write_columns(
    struct show *s, const struct table *t, const struct row *r, size_t number)
{
	struct terminal_line *l = &s->line;
	const char *lost = r->ending == ENDING_NONE ? NULL
	    : r->ending == ENDING_REJECTED          ? TERMINAL_RED
						    : TERMINAL_YELLOW;
	const char *dim = lost == NULL ? TERMINAL_DIM : lost;
	size_t time = terminal_columns(l->terminal, r->time, strlen(r->time));

	terminal_start(l);
	terminal_printf(l, dim, "%2zu", number);
	terminal_spaces(l, 2);
	show_column(s, lost == NULL ? TERMINAL_BOLD : lost, r->name, t->name);
	if (t->op > 0)
		show_column(s, dim, r->op, t->op);
	if (t->time > 0) {
		terminal_spaces(l, t->time - time);
		terminal_puts(l, dim, r->time);
	}
}

/* What a stage read, with its rule before it where there is room. */
static void
write_behind(struct show *s, const struct table *t, const struct row *r,
    struct value rule)
{
	struct terminal_line *l = &s->line;
	size_t used = strlen(r->counts);

	if (rule.n == 0 && r->origin == 0)
		return;
	if (l->terminal->width != SIZE_MAX && rule.n == 0 &&
	    t->rule + r->origin >= l->terminal->width) {
		terminal_end(l);
		terminal_start(l);
		terminal_spaces(l, INDENT);
	} else {
		terminal_spaces(l, t->counts > 0 ? t->counts - used + 2 : 2);
	}
	show_code(s, TERMINAL_DIM, rule);
	if (r->origin > 0)
		show_origin(s, TERMINAL_PLAIN, rule.n > 0 ? "  " : "", r->v);
}

static void
write_rule(struct show *s, struct value rule, bool whole)
{
	if (whole) {
		show_rule_lines(s, TERMINAL_DIM, rule, INDENT);
		return;
	}
	terminal_start(&s->line);
	terminal_spaces(&s->line, INDENT);
	show_rule(s, TERMINAL_DIM, rule);
	terminal_end(&s->line);
}

static void
write_row(struct show *s, const struct table *t, const struct row *r,
    size_t number, const struct log_style *style)
{
	struct value rule = value_cstring(""), none = rule;
	size_t from = s->line.out->len;
	bool beside;

	(void)view_text(s->a, r->v, VIEW_RULE, &rule);
	beside = stands_beside(s, t, r, rule);
	write_columns(s, t, r, number);
	if (t->counts > 0) {
		terminal_spaces(&s->line, 2);
		write_counts(s, r);
	}
	write_behind(s, t, r, beside ? rule : none);
	terminal_trim(&s->line, from);
	terminal_end(&s->line);
	write_notes(s, r, style->values, number == t->n);
	if (!beside && rule.n > 0)
		write_rule(s, rule, style->values);
	if (r->changes->first == NULL)
		return;
	if (style->values && r->changes->known)
		changes_write(s, r->changes->first, MARKS);
	else
		write_paths(s, r->changes->first);
}

/* Where others changed the event after record i. */
static void
write_outside(struct show *s, const struct show_event *e, const struct view *v,
    size_t n, size_t i)
{
	char text[160];

	if (!outside_after(s->a, e->event, v, n, i))
		return;
	outside_tell(s->a, v, i, text, sizeof(text));
	terminal_start(&s->line);
	terminal_puts(&s->line, TERMINAL_RED, " !  ");
	terminal_text(&s->line, TERMINAL_RED, text, strlen(text));
	terminal_end(&s->line);
}

static void
write_full(struct show *s, const struct log_style *style,
    const struct show_event *e, const struct view *v, size_t n)
{
	struct changes_of *changes =
	    changes_history(s->a, e->event, v, n, style->values);
	struct table t = {.row = arena_array(s->a, n, sizeof(*t.row)), .n = n};

	measure(s, &t, v, changes);
	write_header(s, e, v, &t);
	for (size_t i = 0; i < n; i++) {
		write_row(s, &t, &t.row[i], i + 1, style);
		write_outside(s, e, v, n, i + 1);
	}
	if (n == 0)
		buf_puts(s->line.out, "      no history\n");
	terminal_end(&s->line);
}

void
log_write(struct buf *out, struct arena *a, const struct log_style *style,
    const struct show_event *e)
{
	struct show s = {{out, style->terminal, 0}, a};
	size_t n;
	struct view *v = view_history(a, e->history, &n);

	if (style->oneline)
		log_line_write(&s, e, v, n);
	else
		write_full(&s, style, e, v, n);
}
