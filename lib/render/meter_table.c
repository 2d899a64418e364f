/*
 * A meter as a table for people.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "render/meter.h"

enum {
	WIDE = 110,     /* columns of a line that has the bar and all times */
	NAME_MOST = 24, /* of a stage's name, as far as it is aligned, */
	NAME_FREE = 60, /* and where no line is cut */
	BAR = 16,       /* cells */
	FIELDS = 4,     /* that are told */
	CELL = 40,
};

/* The columns of numbers. */
enum column { CAME, LOST, CHANGED, MEDIAN, P99, MAX, BYTES, COLUMNS };

static const char *const HEADS[COLUMNS] = {
    "CAME", "LOST", "CHANGED", "MEDIAN", "P99", "MAX", "BYTES"};

struct table {
	const struct meter *m;
	struct terminal_line line;
	const struct meter_stage *order[METER_STAGES];
	size_t name, op, width[COLUMNS];
	uint64_t most; /* that came to a stage */
	bool wide;
};

static bool
shows(const struct table *t, enum column c)
{
	return t->wide || c < MAX;
}

/* What a stage is called: by its name, else by its op. */
static const char *
name_of(const struct meter_stage *s)
{
	if (*s->name != '\0')
		return s->name;
	return *s->op != '\0' ? s->op : "?";
}

static const char *
op_of(const struct meter_stage *s)
{
	return *s->name != '\0' ? s->op : "";
}

static void
number_cell(const struct table *t, char text[CELL], uint64_t n)
{
	if (n == 0)
		snprintf(text, CELL, "%s",
		    terminal_mark(t->line.terminal, "–", "-"));
	else
		terminal_number(text, n);
}

static void
time_cell(const struct table *t, char text[CELL], const struct meter_stage *s,
    double q)
{
	if (s->times.count == 0)
		number_cell(t, text, 0);
	else
		terminal_duration(text, (int64_t)histogram_at(&s->times, q),
		    !t->line.terminal->ascii);
}

static void
cell(const struct table *t, char text[CELL], const struct meter_stage *s,
    enum column c)
{
	switch (c) {
	case CAME:
		number_cell(t, text, s->events);
		break;
	case LOST:
		number_cell(t, text, meter_left(s));
		break;
	case CHANGED:
		number_cell(t, text, s->changed);
		break;
	case BYTES:
		number_cell(t, text, s->bytes);
		break;
	default:
		time_cell(t, text, s, c == MEDIAN ? 0.5 : c == P99 ? 0.99 : 1);
	}
}

static size_t
columns(const struct table *t, const char *text)
{
	return terminal_columns(t->line.terminal, text, strlen(text));
}

static void
widen(size_t *width, size_t n, size_t most)
{
	if (n > *width)
		*width = n < most ? n : most;
}

static void
measure(struct table *t)
{
	char text[CELL];
	size_t most =
	    t->line.terminal->width == SIZE_MAX ? NAME_FREE : NAME_MOST;

	meter_sort(t->m, t->order);
	t->wide = t->line.terminal->width >= WIDE;
	t->name = 5;
	t->op = 2;
	for (int c = 0; c < COLUMNS; c++)
		t->width[c] = strlen(HEADS[c]);
	for (size_t i = 0; i < t->m->n; i++) {
		const struct meter_stage *s = t->order[i];

		widen(&t->name, columns(t, name_of(s)), most);
		widen(&t->op, columns(t, op_of(s)), most);
		if (s->events > t->most)
			t->most = s->events;
		for (int c = 0; c < COLUMNS; c++) {
			cell(t, text, s, (enum column)c);
			widen(&t->width[c], columns(t, text), CELL);
		}
	}
	/* Events without a history came to no stage. */
	if (t->m->out > t->most)
		t->most = t->m->out;
	terminal_number(text, t->m->out);
	widen(&t->width[CAME], columns(t, text), CELL);
}

/* A number, or its head, to the right. */
static void
put_cell(struct table *t, const char *colour, const char *text, enum column c)
{
	size_t n = columns(t, text);

	terminal_spaces(&t->line,
	    (n < t->width[c] ? t->width[c] - n : 0) + (c > 0 ? 2U : 0U));
	terminal_puts(&t->line, colour, text);
}

/* What is left of the events, in eighths of a cell. */
static void
put_bar(struct table *t, uint64_t n)
{
	static const char *const EIGHTHS[] = {
	    "", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
	uint64_t part =
	    t->most == 0 ? 0 : (n * BAR * 8 + t->most / 2) / t->most;
	size_t cells;

	if (!t->wide)
		return;
	terminal_spaces(&t->line, 2);
	if (n > 0 && part == 0)
		part = 1;
	if (t->line.terminal->ascii)
		part = (part + 7) / 8 * 8;
	cells = (size_t)(part / 8);
	for (size_t i = 0; i < cells; i++)
		terminal_puts(&t->line, TERMINAL_PLAIN,
		    terminal_mark(t->line.terminal, "█", "#"));
	terminal_puts(&t->line, TERMINAL_PLAIN, EIGHTHS[part % 8]);
	terminal_spaces(&t->line, BAR - cells - (part % 8 > 0));
}

static void
put_names(struct table *t, const char *colour, const char *name, const char *op)
{
	struct terminal_line *l = &t->line;
	size_t n = columns(t, name);

	if (n > t->name && l->terminal->width == SIZE_MAX)
		terminal_puts(l, colour, name);
	else
		terminal_field(l, colour, name, strlen(name), t->name);
	terminal_spaces(l, 2);
	terminal_field(l, TERMINAL_DIM, op, strlen(op), t->op);
	terminal_spaces(l, 2);
}

static void
put_fields(struct table *t, const struct frequent *f)
{
	struct terminal_line *l = &t->line;
	const struct frequent_item *order[FREQUENT_ITEMS];
	char number[TERMINAL_NUMBER];

	frequent_sort(f, order);
	for (size_t i = 0; i < f->n && i < FIELDS; i++) {
		terminal_spaces(l, 2);
		if (order[i]->len == 0)
			terminal_puts(l, TERMINAL_PLAIN, "?");
		else
			terminal_text(
			    l, TERMINAL_PLAIN, order[i]->text, order[i]->len);
		terminal_number(number, order[i]->count);
		terminal_printf(l, TERMINAL_DIM, " %s%s",
		    order[i]->over > 0 ? terminal_mark(l->terminal, "≤", "<=")
				       : "",
		    number);
	}
	if (f->n > FIELDS)
		terminal_printf(l, TERMINAL_DIM, "  %s",
		    terminal_mark(l->terminal, "…", "..."));
}

/* What results were made of stands where other stages have their fields. */
static void
put_results(struct table *t, const struct meter_stage *s)
{
	char number[TERMINAL_NUMBER];

	if (s->made == 0)
		return;
	terminal_number(number, s->made);
	terminal_printf(&t->line, TERMINAL_PLAIN, "  made of %s", number);
	terminal_number(number, s->revised);
	if (s->revised > 0)
		terminal_printf(
		    &t->line, TERMINAL_PLAIN, ", %s revised", number);
}

static void
put_stage(struct table *t, const struct meter_stage *s)
{
	size_t from = t->line.out->len;
	char text[CELL];

	terminal_start(&t->line);
	put_names(t, TERMINAL_BOLD, name_of(s), op_of(s));
	for (int c = 0; c < COLUMNS; c++) {
		if (!shows(t, (enum column)c))
			continue;
		cell(t, text, s, (enum column)c);
		put_cell(t,
		    c == LOST && meter_left(s) > 0 ? TERMINAL_YELLOW
						   : TERMINAL_PLAIN,
		    text, (enum column)c);
		if (c == CAME)
			put_bar(t, s->events);
	}
	put_results(t, s);
	put_fields(t, &s->fields);
	terminal_trim(&t->line, from);
	terminal_end(&t->line);
}

static void
put_head(struct table *t)
{
	terminal_start(&t->line);
	put_names(t, TERMINAL_DIM, "STAGE", "OP");
	for (int c = 0; c < COLUMNS; c++) {
		if (!shows(t, (enum column)c))
			continue;
		put_cell(t, TERMINAL_DIM, HEADS[c], (enum column)c);
		if (c == CAME && t->wide)
			terminal_spaces(&t->line, BAR + 2);
	}
	terminal_puts(&t->line, TERMINAL_DIM, "  FIELDS");
	terminal_end(&t->line);
}

static void
put_out(struct table *t)
{
	size_t from = t->line.out->len;
	char text[CELL];

	terminal_start(&t->line);
	put_names(t, TERMINAL_BOLD, "OUT", "");
	terminal_number(text, t->m->out);
	put_cell(t, TERMINAL_PLAIN, text, CAME);
	put_bar(t, t->m->out);
	terminal_trim(&t->line, from);
	terminal_end(&t->line);
}

static size_t
put_note(struct table *t, const char *colour, uint64_t n, const char *what)
{
	char number[TERMINAL_NUMBER];

	if (n == 0)
		return 0;
	terminal_number(number, n);
	terminal_start(&t->line);
	terminal_printf(&t->line, colour, "%s %s", number, what);
	terminal_end(&t->line);
	return 1;
}

/* What didn't pass all stages: from --else, --rejects and the trail. */
static size_t
put_losses(struct table *t)
{
	uint64_t left[ENDINGS] = {0};
	size_t lines = 0;

	for (size_t i = 0; i < t->m->n; i++)
		for (int e = 0; e < ENDINGS; e++)
			left[e] += t->m->stage[i]->left[e];
	for (int e = ENDING_AWAY; e < ENDINGS; e++)
		lines += put_note(t,
		    e == ENDING_REJECTED ? TERMINAL_RED : TERMINAL_YELLOW,
		    left[e], ending_words((enum ending)e));
	return lines;
}

size_t
meter_write(
    const struct meter *m, struct buf *out, const struct terminal *terminal)
{
	struct table t = {.m = m, .line = {out, terminal, 0}};
	uint64_t disorder = 0;
	size_t lines = 2 + m->n;

	measure(&t);
	put_head(&t);
	for (size_t i = 0; i < m->n; i++) {
		put_stage(&t, t.order[i]);
		disorder += t.order[i]->disorder;
	}
	put_out(&t);
	lines += put_losses(&t);
	lines +=
	    put_note(&t, TERMINAL_RED, m->without, "events without a history");
	lines += put_note(&t, TERMINAL_RED, m->malformed, "malformed records");
	lines += put_note(
	    &t, TERMINAL_RED, disorder, "records older than the one before");
	lines +=
	    put_note(&t, TERMINAL_RED, m->others, "records of further stages");
	return lines;
}
