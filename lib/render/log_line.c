#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "history/ending.h"
#include "history/outside.h"
#include "render/log_line.h"
#include "value/array.h"
#include "value/object.h"

enum {
	ID = 18,     /* columns: of two events, all that tells them apart */
	ORIGIN = 19, /* as far as they are aligned, as all of these */
	TIME = 7,
	ENDING = 11,
	STAGES = 20,
	WORDS_FROM = 100, /* columns of a line that has the first values */
	WORDS = 8,        /* of them at most */
};

/* Spaces up to a column, two at least; used is what was written. */
static void
pad(struct show *s, size_t used, size_t column)
{
	terminal_spaces(&s->line, (used < column ? column - used : 0) + 2);
}

/* What was put on the line since it had so many columns left. */
struct mark {
	size_t left, len;
};

static struct mark
mark(const struct show *s)
{
	return (struct mark){s->line.left, s->line.out->len};
}

/* Without a width nothing is counted: bytes are nearly columns, then. */
static size_t
since(const struct show *s, struct mark m)
{
	if (m.left == SIZE_MAX)
		return s->line.out->len - m.len;
	return m.left - s->line.left;
}

static void
put_id(struct show *s, const struct view *v, size_t n)
{
	struct value id;

	if (view_identity(s->a, v, n, &id) == NULL) {
		terminal_puts(&s->line, TERMINAL_PLAIN, "-");
		pad(s, 1, ID);
		return;
	}
	if (id.n > ID)
		id.n = ID;
	terminal_text(&s->line, TERMINAL_YELLOW, id.text, id.n);
	pad(s, id.n, ID);
}

static void
put_origin(
    struct show *s, const struct show_event *e, const struct view *v, size_t n)
{
	struct mark m = mark(s);
	const struct view *origin = view_origin(s->a, v, n);

	if (origin != NULL)
		show_origin(s, TERMINAL_PLAIN, "", origin);
	else
		show_place(s, e, v, n, " ");
	pad(s, since(s, m), ORIGIN);
}

/* A word behind those before it. */
static void
put_word(struct show *s, const char *colour, struct value word, bool *any)
{
	terminal_puts(&s->line, TERMINAL_PLAIN, *any ? " " : "");
	terminal_text(&s->line, colour, word.text, word.n);
	*any = true;
}

static void
put_fork(struct show *s, const struct view *v, bool *any)
{
	struct value fork = v->of[VIEW_FORK];

	if (!value_is_array(fork))
		return;
	put_word(s, TERMINAL_YELLOW, value_cstring("fork "), any);
	show_value(s, TERMINAL_YELLOW, array_get(fork, 0));
	terminal_puts(&s->line, TERMINAL_YELLOW, "/");
	show_value(s, TERMINAL_YELLOW, array_get(fork, 1));
}

static bool
changed(const struct view *v)
{
	return view_has(v, VIEW_UNDO) || view_has(v, VIEW_TRUNCATED) ||
	    view_has(v, VIEW_OF);
}

/* The stages that changed it, or the one that stopped it. */
static void
put_stages(struct show *s, const struct show_event *e, const struct view *v,
    size_t n, enum ending ending)
{
	bool any = false;

	if (ending != ENDING_NONE) {
		put_word(s, TERMINAL_PLAIN, value_cstring("by "), &any);
		any = false;
		put_word(s, TERMINAL_BOLD, show_stage(s, &v[n - 1]), &any);
		put_fork(s, &v[n - 1], &any);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (changed(&v[i]))
			put_word(s, TERMINAL_PLAIN, show_stage(s, &v[i]), &any);
		put_fork(s, &v[i], &any);
		if (outside_after(s->a, e->event, v, n, i + 1))
			put_word(
			    s, TERMINAL_RED, value_cstring("outside"), &any);
	}
}

/* The first values of the event, as far as they are short. */
static void
put_values(struct show *s, struct value event)
{
	struct terminal_line *l = &s->line;
	struct member *m;
	uint32_t i = 0, words = 0;

	event = object_open(s->a, event);
	while (words < WORDS && l->left > 0 &&
	    (m = object_next(s->a, event, &i)) != NULL) {
		struct value v = value_take(&m->value);

		if (value_is_object(v) || value_is_array(v))
			continue;
		terminal_puts(l, TERMINAL_PLAIN, words++ > 0 ? "  " : "");
		show_value(s, TERMINAL_DIM, m->key);
		terminal_puts(l, TERMINAL_PLAIN, " ");
		if (value_is_string(v))
			show_value(s, TERMINAL_PLAIN, v);
		else
			show_json(s, TERMINAL_PLAIN, v, SIZE_MAX);
	}
}

static void
put_time(struct show *s, const struct view *v, size_t n)
{
	struct view_clock clock = {.micros = 0};
	int64_t first = 0, last = 0, now;
	bool timed = false;
	char text[TERMINAL_DURATION] = "";
	size_t width;

	for (size_t i = 0; i < n; i++) {
		if (!view_time(s->a, &clock, &v[i], &now))
			continue;
		if (!timed)
			first = now;
		last = now;
		timed = true;
	}
	if (timed && n > 1)
		terminal_duration(text, last - first, !s->line.terminal->ascii);
	width = terminal_columns(s->line.terminal, text, strlen(text));
	terminal_spaces(&s->line, width < TIME ? TIME - width : 0);
	terminal_puts(&s->line, TERMINAL_DIM, text);
	terminal_spaces(&s->line, 2);
}

void
log_line_write(
    struct show *s, const struct show_event *e, const struct view *v, size_t n)
{
	struct terminal_line *l = &s->line;
	size_t from = l->out->len;
	enum ending ending = n == 0 ? ENDING_NONE : ending_of(s->a, &v[n - 1]);
	const char *words = n == 0  ? "no history"
	    : ending == ENDING_NONE ? "out"
				    : ending_words(ending);
	struct mark m;

	terminal_start(l);
	put_id(s, v, n);
	put_origin(s, e, v, n);
	put_time(s, v, n);
	terminal_puts(l,
	    ending == ENDING_NONE           ? TERMINAL_PLAIN
		: ending == ENDING_REJECTED ? TERMINAL_RED
					    : TERMINAL_YELLOW,
	    words);
	pad(s, strlen(words), ENDING);
	m = mark(s);
	put_stages(s, e, v, n, ending);
	if (l->terminal->width != SIZE_MAX &&
	    l->terminal->width >= WORDS_FROM) {
		pad(s, since(s, m), STAGES);
		put_values(s, e->event);
	}
	terminal_trim(l, from);
	terminal_end(l);
}
