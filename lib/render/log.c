#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "render/changes.h"
#include "render/log.h"
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
struct step {
	struct change *changes;
	bool known;
	bool wrong; /* its undo doesn't apply */
};

static bool
member(struct pen *p, struct value v, const char *name, struct value *out)
{
	return object_get(p->a, v, value_cstring(name), out);
}

static void
pen_part(struct pen *p, const char *colour, struct value from, const char *name,
    const char *before, const char *behind)
{
	struct value x;

	if (!member(p, from, name, &x))
		return;
	pen_puts(p, colour, before);
	pen_value(p, colour, x);
	pen_puts(p, colour, behind);
}

bool
journey_origin(
    struct pen *p, const char *colour, const char *before, const struct view *v)
{
	struct value from = v->of[VIEW_FROM], name;
	bool topic;

	if (!value_is_object(from))
		return false;
	topic = member(p, from, "topic", &name);
	if (!topic && !member(p, from, "source", &name) &&
	    !member(p, from, "table", &name))
		return false;
	pen_puts(p, colour, before);
	pen_value(p, colour, name);
	if (topic) {
		pen_part(p, colour, from, "partition", "[", "]");
		pen_part(p, colour, from, "offset", "@", "");
	} else {
		pen_part(p, colour, from, "line", ":", "");
	}
	return true;
}

/* Id and origin; without an id, where the event was read. */
static void
pen_identity(struct pen *p, const struct traveller *t, const struct view *v,
    size_t n, const char *anonymous)
{
	struct value id, name;
	const struct view *origin = view_origin(p->a, v, n);

	if (view_identity(p->a, v, n, &id) != NULL) {
		pen_value(p, PEN_BOLD, id);
		if (origin != NULL)
			journey_origin(p, PEN_PLAIN, "  from ", origin);
		return;
	}
	name = string_repair(p->a, t->source, strlen(t->source));
	pen_puts(p, PEN_BOLD, anonymous);
	pen_puts(p, PEN_PLAIN, "  at ");
	pen_value(p, PEN_PLAIN, name);
	pen_printf(p, PEN_PLAIN, ":%" PRIu64, t->line);
}

void
journey_header(
    struct pen *p, const struct traveller *t, const struct view *v, size_t n)
{
	pen_start(p);
	pen_identity(p, t, v, n, "event without an id");
	pen_end(p);
}

static void
pen_time(struct pen *p, const struct view *v, struct times *times)
{
	struct value at;
	int64_t micros;

	if (view_time(p->a, &times->clock, v, &micros)) {
		if (times->known)
			pen_delta(
			    p, PEN_DIM, CLOCK_STAMP, micros - times->last);
		else
			pen_value(p, PEN_DIM, v->of[VIEW_AT]);
		times->last = micros;
		times->known = true;
	} else if (view_text(p->a, v, VIEW_AT, &at)) {
		pen_value(p, PEN_DIM, at);
	} else {
		pen_printf(p, PEN_DIM, "%*s", CLOCK_STAMP, "?");
	}
}

static void
pen_marks(struct pen *p, const struct view *v, bool wrong, struct times *times)
{
	const char *fault = view_fault(p->a, &times->clock, v);
	struct value fork = v->of[VIEW_FORK];

	if (value_is_array(fork)) {
		pen_puts(p, PEN_YELLOW, "  [fork ");
		pen_value(p, PEN_YELLOW, array_get(fork, 0));
		pen_puts(p, PEN_YELLOW, " of ");
		pen_value(p, PEN_YELLOW, array_get(fork, 1));
		pen_puts(p, PEN_YELLOW, "]");
	}
	if (view_has(v, VIEW_KEPT) && v->of[VIEW_KEPT].kind == VALUE_FALSE)
		pen_puts(p, PEN_YELLOW, "  [turned away]");
	if (v->of[VIEW_TRUNCATED].kind == VALUE_TRUE)
		pen_puts(p, PEN_YELLOW, "  [undo truncated]");
	if (fault == NULL && wrong)
		fault = "its undo doesn't apply";
	if (fault != NULL) {
		pen_puts(p, PEN_RED, "  [malformed: ");
		pen_puts(p, PEN_RED, fault);
		pen_puts(p, PEN_RED, "]");
	}
}

/* A member's text behind two spaces; nothing where there is none. */
static void
pen_member(
    struct pen *p, const char *colour, const struct view *v, enum view_member m)
{
	struct value text;

	if (!view_text(p->a, v, m, &text))
		return;
	pen_puts(p, PEN_PLAIN, "  ");
	pen_value(p, colour, text);
}

/* The place of an undo's operation, as what the stage did there. */
static void
pen_place(struct pen *p, struct value op)
{
	struct value name, path;
	bool add, remove;

	if (!value_is_object(op) || !member(p, op, "op", &name) ||
	    !member(p, op, "path", &path) || !value_is_string(name) ||
	    !value_is_string(path))
		return;
	add = string_equal(p->a, name, value_cstring("add"));
	remove = string_equal(p->a, name, value_cstring("remove"));
	pen_puts(p, PEN_PLAIN, "  ");
	changes_path(p, !remove, !add, string_decoded(p->a, path));
}

static void
write_places(struct pen *p, const struct view *v)
{
	struct value undo = v->of[VIEW_UNDO];

	if (!value_is_array(undo) || array_length(undo) == 0)
		return;
	undo = array_open(p->a, undo);
	pen_start(p);
	pen_puts(p, PEN_PLAIN, "     ");
	for (size_t i = 0; i < array_length(undo) && p->left > 0; i++)
		pen_place(p, array_at(undo, i));
	pen_end(p);
}

static void
write_record(struct pen *p, size_t number, const struct view *v,
    const struct step *step, struct times *times)
{
	pen_start(p);
	pen_printf(p, PEN_DIM, "%4zu  ", number);
	pen_time(p, v, times);
	pen_member(p, PEN_BOLD, v, VIEW_OP);
	pen_member(p, PEN_CYAN, v, VIEW_STAGE);
	pen_marks(p, v, step != NULL && step->wrong, times);
	if (!view_has(v, VIEW_ID))
		journey_origin(p, PEN_PLAIN, "  from ", v);
	pen_member(p, PEN_PLAIN, v, VIEW_RULE);
	pen_end(p);
	if (step != NULL && step->known)
		changes_write(p, step->changes, "        ");
	else
		write_places(p, v);
}

/* Go back through the history, and note what each record changed. */
static struct step *
retrace(struct arena *a, struct value event, const struct view *v, size_t n)
{
	struct step *steps = arena_array(a, n, sizeof(*steps));
	struct rewind_error error;
	bool known = true;

	for (size_t i = n; i-- > 0;) {
		struct changes c = {.a = a, .undo = true};
		struct patch_watch watch = changes_watch(&c);
		enum rewind_status status = REWIND_LOST;

		if (known)
			status =
			    rewind_record(a, &v[i], &watch, &event, &error);
		known = status == REWIND_OK;
		steps[i] =
		    (struct step){c.first, known, status == REWIND_WRONG};
	}
	return steps;
}

static void
write_full(struct pen *p, const struct journey *j, const struct traveller *t,
    const struct view *v, size_t n)
{
	struct times times = {.known = false};
	struct step *steps = NULL;

	if (j->values)
		steps = retrace(p->a, t->event, v, n);
	journey_header(p, t, v, n);
	for (size_t i = 0; i < n; i++)
		write_record(
		    p, i + 1, &v[i], steps == NULL ? NULL : &steps[i], &times);
	if (n == 0)
		buf_puts(p->out, "      no history\n");
	pen_end(p);
}

static void
pen_stage(struct pen *p, const struct view *v)
{
	struct value text;

	if (view_text(p->a, v, VIEW_OP, &text))
		pen_value(p, PEN_PLAIN, text);
	else
		pen_puts(p, PEN_RED, "?");
	if (view_text(p->a, v, VIEW_STAGE, &text)) {
		pen_puts(p, PEN_PLAIN, ":");
		pen_value(p, PEN_CYAN, text);
	}
	if (view_has(v, VIEW_UNDO) || view_has(v, VIEW_TRUNCATED))
		pen_puts(p, PEN_YELLOW, "*");
}

/* Id, stages (* marks those that changed it), and the time from end to end. */
static void
write_line(
    struct pen *p, const struct traveller *t, const struct view *v, size_t n)
{
	struct times times = {.known = false};
	int64_t micros;

	pen_start(p);
	pen_identity(p, t, v, n, "-");
	for (size_t i = 0; i < n; i++) {
		pen_puts(p, PEN_PLAIN, i == 0 ? "  " : " > ");
		pen_stage(p, &v[i]);
		if (!view_time(p->a, &times.clock, &v[i], &micros))
			continue;
		if (!times.known)
			times.first = micros;
		times.last = micros;
		times.known = true;
	}
	if (times.known) {
		pen_puts(p, PEN_PLAIN, "  ");
		pen_delta(p, PEN_DIM, 0, times.last - times.first);
	}
	pen_end(p);
}

void
journey_write(struct buf *out, struct arena *a, const struct journey *j,
    const struct traveller *t)
{
	struct pen p = {out, a, j->paper, 0};
	size_t n;
	struct view *v = view_history(a, t->history, &n);

	if (j->oneline)
		write_line(&p, t, v, n);
	else
		write_full(&p, j, t, v, n);
}
