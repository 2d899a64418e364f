#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "render/changes.h"
#include "render/log.h"
#include "render/made.h"
#include "history/outside.h"
#include "history/rewind.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

/* Times as they are told: the first in full, others as what has passed. */
struct times {
	struct view_clock clock;
	int64_t first, last;
	bool known;
};

/* What a record changed, as far as it can still be known. */
struct undone {
	struct change *changes;
	bool known;
	bool wrong; /* its undo doesn't apply */
};

static void
write_delta(struct show *s, int64_t micros)
{
	char text[TERMINAL_DURATION];

	terminal_duration(text, micros, !s->line.terminal->ascii);
	terminal_printf(&s->line, TERMINAL_DIM, "+%s", text);
}

static void
write_time(struct show *s, const struct view *v, struct times *times)
{
	struct value at;
	int64_t micros;

	if (view_time(s->a, &times->clock, v, &micros)) {
		if (times->known)
			write_delta(s, micros - times->last);
		else
			show_value(s, TERMINAL_DIM, v->of[VIEW_AT]);
		times->last = micros;
		times->known = true;
	} else if (view_text(s->a, v, VIEW_AT, &at)) {
		show_value(s, TERMINAL_DIM, at);
	} else {
		terminal_printf(
		    &s->line, TERMINAL_DIM, "%*s", CLOCK_STAMP, "?");
	}
}

/* A result's window, and its first and last event, on a line of their own. */
static void
write_ends(struct show *s, const struct view *v)
{
	if (made_count(s->a, v) == 0)
		return;
	terminal_start(&s->line);
	terminal_puts(&s->line, TERMINAL_PLAIN, "    ");
	made_show_ends(s, v);
	terminal_end(&s->line);
}

/* How many a result was made of, and which of its revisions it is. */
static void
write_made(struct show *s, const struct view *v)
{
	struct value n;

	if (value_is_object(v->of[VIEW_OF]) &&
	    object_get(s->a, v->of[VIEW_OF], value_cstring("n"), &n) &&
	    value_is_number(n)) {
		terminal_puts(&s->line, TERMINAL_YELLOW, "  [made of ");
		show_value(s, TERMINAL_YELLOW, n);
		terminal_puts(&s->line, TERMINAL_YELLOW, "]");
	}
	if (value_is_number(v->of[VIEW_REVERTS])) {
		terminal_puts(&s->line, TERMINAL_YELLOW, "  [took back ");
		show_value(s, TERMINAL_YELLOW, v->of[VIEW_REVERTS]);
		terminal_puts(&s->line, TERMINAL_YELLOW, "]");
	}
	if (value_is_number(v->of[VIEW_REV])) {
		terminal_puts(&s->line, TERMINAL_YELLOW, "  [revision ");
		show_value(s, TERMINAL_YELLOW, v->of[VIEW_REV]);
		terminal_puts(&s->line, TERMINAL_YELLOW, "]");
	}
}

static void
write_marks(
    struct show *s, const struct view *v, bool wrong, struct times *times)
{
	const char *fault = view_fault(s->a, &times->clock, v);
	struct value fork = v->of[VIEW_FORK], failed;

	if (value_is_array(fork)) {
		terminal_puts(&s->line, TERMINAL_YELLOW, "  [fork ");
		show_value(s, TERMINAL_YELLOW, array_get(fork, 0));
		terminal_puts(&s->line, TERMINAL_YELLOW, " of ");
		show_value(s, TERMINAL_YELLOW, array_get(fork, 1));
		terminal_puts(&s->line, TERMINAL_YELLOW, "]");
	}
	if (view_has(v, VIEW_KEPT) && v->of[VIEW_KEPT].kind == VALUE_FALSE)
		terminal_puts(&s->line, TERMINAL_YELLOW, "  [turned away]");
	write_made(s, v);
	if (view_text(s->a, v, VIEW_FAILED, &failed)) {
		terminal_puts(&s->line, TERMINAL_YELLOW, "  [failed: ");
		show_value(s, TERMINAL_YELLOW, failed);
		terminal_puts(&s->line, TERMINAL_YELLOW, "]");
	}
	if (v->of[VIEW_TRUNCATED].kind == VALUE_TRUE)
		terminal_puts(&s->line, TERMINAL_YELLOW, "  [undo truncated]");
	if (fault == NULL && wrong)
		fault = "its undo doesn't apply";
	if (fault != NULL) {
		terminal_puts(&s->line, TERMINAL_RED, "  [malformed: ");
		terminal_puts(&s->line, TERMINAL_RED, fault);
		terminal_puts(&s->line, TERMINAL_RED, "]");
	}
}

/* A member's text behind two spaces; nothing where there is none. */
static void
write_member(struct show *s, const char *colour, const struct view *v,
    enum view_member m)
{
	struct value text;

	if (!view_text(s->a, v, m, &text))
		return;
	terminal_puts(&s->line, TERMINAL_PLAIN, "  ");
	show_value(s, colour, text);
}

/* The place of an undo's operation, as what the stage did there. */
static void
write_operation(struct show *s, struct value op)
{
	struct value name, path;
	bool add, remove;

	if (!value_is_object(op) ||
	    !object_get(s->a, op, value_cstring("op"), &name) ||
	    !object_get(s->a, op, value_cstring("path"), &path) ||
	    !value_is_string(name) || !value_is_string(path))
		return;
	add = string_equal(s->a, name, value_cstring("add"));
	remove = string_equal(s->a, name, value_cstring("remove"));
	terminal_puts(&s->line, TERMINAL_PLAIN, "  ");
	changes_path(s, !remove, !add, string_decoded(s->a, path));
}

static void
write_operations(struct show *s, const struct view *v)
{
	struct value undo = v->of[VIEW_UNDO];

	if (!value_is_array(undo) || array_length(undo) == 0)
		return;
	undo = array_open(s->a, undo);
	terminal_start(&s->line);
	terminal_puts(&s->line, TERMINAL_PLAIN, "     ");
	for (size_t i = 0; i < array_length(undo) && s->line.left > 0; i++)
		write_operation(s, array_at(undo, i));
	terminal_end(&s->line);
}

/* What a record changed, without the values. */
static void
write_paths(struct show *s, const struct change *c)
{
	if (c == NULL)
		return;
	terminal_start(&s->line);
	terminal_puts(&s->line, TERMINAL_PLAIN, "     ");
	for (; c != NULL && s->line.left > 0; c = c->next) {
		terminal_puts(&s->line, TERMINAL_PLAIN, "  ");
		changes_path(s, c->had, c->has, c->path);
	}
	terminal_end(&s->line);
}

/* Must an undo be applied to know what its stage did? */
static bool
relocates(struct arena *a, const struct view *v)
{
	struct value undo = v->of[VIEW_UNDO];

	if (!value_is_array(undo))
		return false;
	undo = array_open(a, undo);
	for (size_t i = 0; i < array_length(undo); i++)
		if (!view_tells(a, array_at(undo, i)))
			return true;
	return false;
}

static void
write_record(struct show *s, size_t number, const struct view *v,
    const struct undone *undone, bool values, struct times *times)
{
	terminal_start(&s->line);
	terminal_printf(&s->line, TERMINAL_DIM, "%4zu  ", number);
	write_time(s, v, times);
	write_member(s, TERMINAL_BOLD, v, VIEW_OP);
	write_member(s, TERMINAL_PLAIN, v, VIEW_STAGE);
	write_marks(s, v, values && undone->wrong, times);
	if (!view_has(v, VIEW_ID))
		show_origin(s, TERMINAL_PLAIN, "  from ", v);
	write_member(s, TERMINAL_PLAIN, v, VIEW_RULE);
	terminal_end(&s->line);
	write_ends(s, v);
	if (undone != NULL && undone->known && values)
		changes_write(s, undone->changes, "        ");
	else if (undone != NULL && undone->known && relocates(s->a, v))
		write_paths(s, undone->changes);
	else
		write_operations(s, v);
}

/* Must the history be gone back through to be told? */
static bool
needs_retrace(struct arena *a, const struct log_style *style,
    const struct view *v, size_t n)
{
	for (size_t i = 0; i < n && !style->values; i++)
		if (relocates(a, &v[i]))
			return true;
	return style->values;
}

/* Go back through the history, and note what each record changed. */
static struct undone *
retrace(struct arena *a, struct value event, const struct view *v, size_t n)
{
	struct undone *all = arena_array(a, n, sizeof(*all));
	struct rewind_error error;
	struct draft draft;
	bool known = true;

	draft_init(&draft, a, event);
	for (size_t i = n; i-- > 0;) {
		struct changes c = {.a = a, .undo = true};
		struct patch_watch watch = changes_watch(&c);
		enum rewind_status status = REWIND_LOST;

		if (known)
			status = rewind_record(&draft, &v[i], &watch, &error);
		known = status == REWIND_OK;
		all[i] =
		    (struct undone){c.first, known, status == REWIND_WRONG};
	}
	return all;
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
	terminal_puts(&s->line, TERMINAL_PLAIN, "      ");
	terminal_text(&s->line, TERMINAL_RED, text, strlen(text));
	terminal_end(&s->line);
}

static void
write_full(struct show *s, const struct log_style *style,
    const struct show_event *e, const struct view *v, size_t n)
{
	struct times times = {.known = false};
	struct undone *all = NULL;

	if (needs_retrace(s->a, style, v, n))
		all = retrace(s->a, e->event, v, n);
	show_header(s, e, v, n);
	for (size_t i = 0; i < n; i++) {
		write_record(s, i + 1, &v[i], all == NULL ? NULL : &all[i],
		    style->values, &times);
		write_outside(s, e, v, n, i + 1);
	}
	if (n == 0)
		buf_puts(s->line.out, "      no history\n");
	terminal_end(&s->line);
}

static void
write_stage(struct show *s, const struct view *v)
{
	struct value text;

	if (view_text(s->a, v, VIEW_OP, &text))
		show_value(s, TERMINAL_PLAIN, text);
	else
		terminal_puts(&s->line, TERMINAL_RED, "?");
	if (view_text(s->a, v, VIEW_STAGE, &text)) {
		terminal_puts(&s->line, TERMINAL_PLAIN, ":");
		show_value(s, TERMINAL_PLAIN, text);
	}
	if (view_has(v, VIEW_UNDO) || view_has(v, VIEW_TRUNCATED))
		terminal_puts(&s->line, TERMINAL_YELLOW, "*");
}

/* Id, stages (* marks those that changed it), and the time from end to end. */
static void
write_line(
    struct show *s, const struct show_event *e, const struct view *v, size_t n)
{
	struct times times = {.known = false};
	int64_t micros;

	terminal_start(&s->line);
	show_identity(s, e, v, n, "-");
	for (size_t i = 0; i < n; i++) {
		terminal_puts(&s->line, TERMINAL_PLAIN, i == 0 ? "  " : " > ");
		write_stage(s, &v[i]);
		if (outside_after(s->a, e->event, v, n, i + 1))
			terminal_puts(&s->line, TERMINAL_RED, " > outside");
		if (!view_time(s->a, &times.clock, &v[i], &micros))
			continue;
		if (!times.known)
			times.first = micros;
		times.last = micros;
		times.known = true;
	}
	if (times.known) {
		terminal_puts(&s->line, TERMINAL_PLAIN, "  ");
		write_delta(s, times.last - times.first);
	}
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
		write_line(&s, e, v, n);
	else
		write_full(&s, style, e, v, n);
}
