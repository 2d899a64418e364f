#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "render/made.h"
#include "render/meter.h"
#include "render/show.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

enum {
	BEHIND = 1000, /* results stand behind what they were made of */
	AGAIN = 16,    /* times that an event may meet a stage anew */
	STAGE = 20,    /* columns of its name */
};

static uint64_t
mix(uint64_t hash, const struct view *v, enum view_member m)
{
	uint64_t h = 1;

	if (value_is_string(v->of[m]))
		h = hash_bytes(v->of[m].text, v->of[m].n);
	return (hash ^ h) * UINT64_C(0x9E3779B97F4A7C15);
}

static void
keep_text(struct arena *a, const struct view *v, enum view_member m, char *out)
{
	struct value text;

	if (view_text(a, v, m, &text)) /* else it is zero, and so empty */
		show_keep(out, METER_TEXT, text);
}

/* Its slot in the table: the stage with that hash, or a free one. */
static uint16_t *
slot_of(struct meter *m, uint64_t hash)
{
	size_t i = hash >> 32 & (METER_SLOTS - 1);

	while (m->slot[i] != 0 && m->stage[m->slot[i] - 1]->hash != hash)
		i = (i + 1) & (METER_SLOTS - 1);
	return &m->slot[i];
}

/* The rule, which may be long, in memory of its own. */
static char *
keep_rule(struct arena *a, const struct view *v)
{
	char text[METER_RULE] = "";
	struct value rule;

	if (view_text(a, v, VIEW_RULE, &rule))
		show_keep(text, sizeof(text), rule);
	return strdup(text);
}

static struct meter_stage *
add_stage(struct meter *m, struct arena *a, const struct view *v, uint64_t hash)
{
	struct meter_stage *s;

	if (m->n == METER_STAGES)
		return NULL;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		arena_starve(a);
	s->hash = hash;
	s->rule = keep_rule(a, v);
	if (s->rule == NULL) {
		free(s);
		arena_starve(a);
	}
	keep_text(a, v, VIEW_OP, s->op);
	keep_text(a, v, VIEW_STAGE, s->name);
	s->number = (uint16_t)m->n;
	m->stage[m->n++] = s;
	return s;
}

/* The stage of a record, which this event wasn't met at before. */
static struct meter_stage *
find_stage(struct meter *m, struct arena *a, const struct view *v)
{
	uint64_t hash =
	    mix(mix(mix(0, v, VIEW_OP), v, VIEW_STAGE), v, VIEW_RULE);
	struct meter_stage *s = NULL;

	for (int again = 0; again < AGAIN; again++, hash++) {
		uint16_t *slot = slot_of(m, hash);

		if (*slot == 0) {
			s = add_stage(m, a, v, hash);
			*slot = s == NULL ? 0 : (uint16_t)m->n;
			return s;
		}
		s = m->stage[*slot - 1];
		if (s->met != m->events)
			break;
	}
	return s;
}

/* A pointer with [] for what may be an index; it isn't longer by much. */
static size_t
fold(struct value path, char *out)
{
	size_t n = 0;

	for (uint32_t i = 0; i < path.n;) {
		uint32_t end = ++i;
		bool digits = true;

		for (; end < path.n && path.text[end] != '/'; end++)
			digits &=
			    path.text[end] >= '0' && path.text[end] <= '9';
		out[n++] = '/';
		if (digits && end > i) {
			out[n++] = '[';
			out[n++] = ']';
		} else {
			memcpy(out + n, path.text + i, end - i);
			n += end - i;
		}
		i = end;
	}
	return n;
}

static void
count_path(struct meter_stage *s, struct arena *a, struct value path)
{
	char *text;

	if (path.n == 0 || path.text[0] != '/') {
		frequent_add(&s->fields, "", 0);
		return;
	}
	text = arena_array(a, path.n, 2);
	frequent_add(&s->fields, text, fold(path, text));
}

static void
count_field(struct meter_stage *s, struct arena *a, struct value op)
{
	struct value paths[2];
	size_t n = view_paths(a, op, paths);

	for (size_t i = 0; i < n; i++)
		count_path(s, a, paths[i]);
}

static void
count_fields(struct meter_stage *s, struct arena *a, struct value undo)
{
	const struct doc *d = undo.doc;

	if (undo.kind != VALUE_RAW_ARRAY) {
		s->changed += undo.kind == VALUE_ARRAY && undo.n > 0;
		return;
	}
	s->changed += d->match[undo.n] > undo.n + 1;
	for (uint32_t e = undo.n + 1; e < d->match[undo.n];
	     e = doc_after(d, e) + 1)
		count_field(s, a, value_source(d, e));
}

static size_t
record_length(struct value record)
{
	const struct doc *d = record.doc;

	if (record.kind != VALUE_RAW_OBJECT)
		return 0;
	return d->at[d->match[record.n]] + 1 - d->at[record.n];
}

static void
count_record(struct meter_stage *s, struct arena *a, const struct view *v)
{
	s->bytes += record_length(v->record) + 1;
	s->forks += value_is_array(v->of[VIEW_FORK]);
	s->made += made_count(a, v);
	s->revised += made_revised(v);
	if (value_is_true(v->of[VIEW_TRUNCATED]))
		s->changed++;
	else
		count_fields(s, a, v->of[VIEW_UNDO]);
}

static void
count_time(struct meter_stage *s, int64_t passed)
{
	if (passed < 0)
		s->disorder++;
	else
		histogram_add(&s->times, (uint64_t)passed);
}

static void
count_step(struct meter *m, struct arena *a, struct meter_step *step)
{
	struct meter_stage *s = find_stage(m, a, step->v);

	step->stage = s;
	step->ending = ending_of(a, step->v);
	if (s == NULL) {
		m->others++;
		return;
	}
	s->met = m->events;
	s->events++;
	s->positions += step->i + m->before;
	s->left[step->ending]++;
	count_record(s, a, step->v);
}

void
meter_event(struct meter *m, struct arena *a, struct value history)
{
	struct meter_step step = {.ending = ENDING_NONE};
	int64_t before = 0, now;
	bool known = false;

	m->events++;
	history = array_open(a, history);
	m->without += array_length(history) == 0;
	for (; step.i < array_length(history); step.i++) {
		struct view v;
		bool timed;

		view_record(a, array_at(history, step.i), &v);
		step.v = &v;
		if (step.i == 0)
			m->before = view_has(&v, VIEW_OF) ? BEHIND : 0;
		m->malformed += view_fault(a, &m->clock, &v) != NULL;
		timed = view_time(a, &m->clock, &v, &now);
		count_step(m, a, &step);
		step.micros = known && timed ? now - before : -1;
		if (known && timed && step.stage != NULL)
			count_time(step.stage, now - before);
		known = timed;
		before = now;
		if (m->step != NULL)
			m->step(m->arg, a, &step);
	}
	m->out += step.ending == ENDING_NONE;
	if (step.ending != ENDING_NONE && step.stage != NULL)
		step.stage->lost[step.ending]++;
}

void
meter_release(struct meter *m)
{
	for (size_t i = 0; i < m->n; i++) {
		free(m->stage[i]->rule);
		free(m->stage[i]);
	}
	m->n = 0;
}

uint64_t
meter_left(const struct meter_stage *s)
{
	return s->events - s->left[ENDING_NONE];
}

static double
mean_position(const struct meter_stage *s)
{
	return (double)s->positions / (double)(s->events > 0 ? s->events : 1);
}

/* In the order of the pipeline; stages at one position as they were met. */
void
meter_sort(const struct meter *m, const struct meter_stage **order)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct meter_stage *s = m->stage[i];
		size_t k = i;

		for (; k > 0 && mean_position(order[k - 1]) > mean_position(s);
		     k--)
			order[k] = order[k - 1];
		order[k] = s;
	}
}

static void
write_number(struct terminal_line *l, uint64_t n)
{
	terminal_printf(l, TERMINAL_PLAIN, " %9" PRIu64, n);
}

static void
write_quantile(struct terminal_line *l, const struct meter_stage *s, double q)
{
	char text[TERMINAL_DURATION];

	if (s->times.count == 0) {
		terminal_printf(l, TERMINAL_DIM, " %7s", "-");
		return;
	}
	terminal_duration(
	    text, (int64_t)histogram_at(&s->times, q), !l->terminal->ascii);
	terminal_printf(l, TERMINAL_PLAIN, " %7s", text);
}

static void
write_fields(struct terminal_line *l, const struct frequent *f)
{
	const struct frequent_item *order[FREQUENT_ITEMS];

	frequent_sort(f, order);
	for (size_t i = 0; i < f->n && i < 4; i++) {
		terminal_puts(l, TERMINAL_PLAIN, "  ");
		if (order[i]->len == 0)
			terminal_puts(l, TERMINAL_YELLOW, "(everything)");
		else
			terminal_text(
			    l, TERMINAL_YELLOW, order[i]->text, order[i]->len);
		terminal_printf(l, TERMINAL_DIM, " %s%" PRIu64,
		    order[i]->over > 0 ? "<=" : "", order[i]->count);
	}
	if (f->n > 4)
		terminal_puts(l, TERMINAL_DIM, "  ...");
}

/* What results were made of stands where other stages have their fields. */
static void
write_results(struct terminal_line *l, const struct meter_stage *s)
{
	if (s->made == 0)
		return;
	terminal_printf(l, TERMINAL_PLAIN, "  made of %" PRIu64, s->made);
	if (s->revised > 0)
		terminal_printf(
		    l, TERMINAL_PLAIN, ", %" PRIu64 " revised", s->revised);
}

static void
write_stage(struct terminal_line *l, const struct meter_stage *s)
{
	size_t left;

	terminal_start(l);
	left = l->left;
	l->left = STAGE + 1;
	terminal_puts(l, TERMINAL_BOLD, *s->op == '\0' ? "?" : s->op);
	if (*s->name != '\0')
		terminal_puts(l, TERMINAL_PLAIN, " ");
	terminal_puts(l, TERMINAL_PLAIN, s->name);
	if (l->left > 0)
		terminal_printf(l, TERMINAL_PLAIN, "%*s", (int)l->left - 1, "");
	l->left = left == SIZE_MAX ? left : left > STAGE ? left - STAGE : 0;
	write_number(l, s->events);
	write_number(l, s->changed);
	write_quantile(l, s, 0.5);
	write_quantile(l, s, 0.99);
	write_quantile(l, s, 1);
	write_number(l, s->bytes);
	write_results(l, s);
	write_fields(l, &s->fields);
	terminal_end(l);
}

static size_t
write_note(struct terminal_line *l, uint64_t n, const char *what)
{
	if (n == 0)
		return 0;
	terminal_start(l);
	terminal_printf(l, TERMINAL_RED, "%" PRIu64 " %s", n, what);
	terminal_end(l);
	return 1;
}

/* What didn't pass all stages: from --else and the trail. */
static size_t
write_losses(struct terminal_line *l, const struct meter *m)
{
	uint64_t away = 0, rejected = 0;

	for (size_t i = 0; i < m->n; i++) {
		away += meter_left(m->stage[i]) -
		    m->stage[i]->left[ENDING_REJECTED];
		rejected += m->stage[i]->left[ENDING_REJECTED];
	}
	return write_note(l, away, "turned away or given no output") +
	    write_note(l, rejected, "rejected");
}

size_t
meter_write(
    const struct meter *m, struct buf *out, const struct terminal *terminal)
{
	const struct meter_stage *order[METER_STAGES];
	struct terminal_line line = {out, terminal, 0};
	uint64_t disorder = 0;
	size_t lines;

	meter_sort(m, order);
	terminal_start(&line);
	terminal_printf(&line, TERMINAL_DIM,
	    "%-20s %9s %9s %7s %7s %7s %9s  %s", "STAGE", "EVENTS", "CHANGED",
	    "MEDIAN", "P99", "MAX", "BYTES", "FIELDS");
	terminal_end(&line);
	for (size_t i = 0; i < m->n; i++) {
		write_stage(&line, order[i]);
		disorder += order[i]->disorder;
	}
	lines = 1 + m->n;
	lines += write_losses(&line, m);
	lines += write_note(&line, m->without, "events without a history");
	lines += write_note(&line, m->malformed, "malformed records");
	lines +=
	    write_note(&line, disorder, "records older than the one before");
	lines += write_note(&line, m->others, "records of further stages");
	return lines;
}

static void
put_text(struct buf *out, const char *name, const char *text)
{
	if (*text == '\0')
		return;
	buf_printf(out, "\"%s\":", name);
	value_write_string(out, text, strlen(text));
	buf_putc(out, ',');
}

static void
put_fields(struct buf *out, const struct frequent *f)
{
	const struct frequent_item *order[FREQUENT_ITEMS];

	frequent_sort(f, order);
	for (size_t i = 0; i < f->n; i++) {
		buf_puts(out, i == 0 ? "{\"path\":" : ",{\"path\":");
		value_write_string(out, order[i]->text, order[i]->len);
		buf_printf(out, ",\"count\":%" PRIu64, order[i]->count);
		if (order[i]->over > 0)
			buf_printf(out, ",\"over\":%" PRIu64, order[i]->over);
		buf_putc(out, '}');
	}
}

static void
put_stage(struct buf *out, const struct meter_stage *s)
{
	const struct histogram *h = &s->times;

	buf_putc(out, '{');
	put_text(out, "op", s->op);
	put_text(out, "stage", s->name);
	put_text(out, "rule", s->rule);
	buf_printf(out,
	    "\"events\":%" PRIu64 ",\"changed\":%" PRIu64
	    ",\"turned_away\":%" PRIu64 ",\"forks\":%" PRIu64
	    ",\"bytes\":%" PRIu64,
	    s->events, s->changed, meter_left(s), s->forks, s->bytes);
	if (s->left[ENDING_REJECTED] > 0)
		buf_printf(
		    out, ",\"rejected\":%" PRIu64, s->left[ENDING_REJECTED]);
	if (s->left[ENDING_DROPPED] > 0)
		buf_printf(
		    out, ",\"dropped\":%" PRIu64, s->left[ENDING_DROPPED]);
	if (s->made > 0)
		buf_printf(out, ",\"made_of\":%" PRIu64 ",\"revised\":%" PRIu64,
		    s->made, s->revised);
	buf_printf(out,
	    ",\"micros\":{\"count\":%" PRIu64 ",\"median\":%" PRIu64
	    ",\"p99\":%" PRIu64 ",\"max\":%" PRIu64 ",\"disorder\":%" PRIu64
	    "},\"fields\":[",
	    h->count, histogram_at(h, 0.5), histogram_at(h, 0.99), h->max,
	    s->disorder);
	put_fields(out, &s->fields);
	buf_puts(out, "]}");
}

void
meter_json(const struct meter *m, struct buf *out)
{
	const struct meter_stage *order[METER_STAGES];

	meter_sort(m, order);
	buf_printf(out,
	    "{\"events\":%" PRIu64 ",\"out\":%" PRIu64 ",\"without\":%" PRIu64
	    ",\"malformed\":%" PRIu64 ",\"others\":%" PRIu64 ",\"stages\":[",
	    m->events, m->out, m->without, m->malformed, m->others);
	for (size_t i = 0; i < m->n; i++) {
		if (i > 0)
			buf_putc(out, ',');
		put_stage(out, order[i]);
	}
	buf_puts(out, "]}\n");
}
