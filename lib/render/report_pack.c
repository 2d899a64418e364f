#include <inttypes.h>
#include <string.h>

#include "history/outside.h"
#include "render/report_pack.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

/* Put the number of a text that the event needs. */
static void
put_text(struct report_packing *p, const char *text, size_t len)
{
	size_t n = texts_number(&p->report->texts, text, len);

	if (p->texts_n == p->texts_cap) {
		size_t cap = p->texts_cap == 0 ? 16 : p->texts_cap * 2;
		uint32_t *more = arena_array(p->a, cap, sizeof(*more));

		if (p->texts_n > 0)
			memcpy(more, p->texts, p->texts_n * sizeof(*more));
		p->texts = more;
		p->texts_cap = cap;
	}
	p->texts[p->texts_n++] = (uint32_t)n;
	buf_printf(p->out, "%zu", n);
}

/* The JSON text of a value, in a buffer of the arena's. */
static struct buf *
spell(struct report_packing *p, struct value v, struct arena_deferred **release)
{
	struct buf *b = buf_new(p->a, release);

	value_write(b, v);
	if (buf_failed(b))
		arena_starve(p->a);
	return b;
}

static void
put_operations(struct report_packing *p, struct value undo)
{
	size_t n = array_length(undo);

	undo = array_open(p->a, undo);
	buf_putc(p->out, '[');
	for (size_t i = 0; i < n; i++) {
		struct arena_deferred *release;
		struct buf *b = spell(p, array_at(undo, i), &release);

		buf_puts(p->out, i > 0 ? "," : "");
		put_text(p, b->p, b->len);
		arena_end(p->a, release);
	}
	buf_putc(p->out, ']');
}

static void
put_undo(struct report_packing *p, const struct view *v)
{
	struct value undo = v->of[VIEW_UNDO];

	if (value_is_true(v->of[VIEW_TRUNCATED]))
		buf_puts(p->out, "-2");
	else if (!view_has(v, VIEW_UNDO))
		buf_putc(p->out, '0');
	else if (!value_is_array(undo))
		buf_puts(p->out, "-1");
	else
		put_operations(p, undo);
}

/* Does it only say where the event came from?  That is told already. */
static bool
is_origin(struct arena *a, struct value from)
{
	struct value name;

	return value_is_object(from) &&
	    (object_get(a, from, value_cstring("source"), &name) ||
		object_get(a, from, value_cstring("topic"), &name));
}

/* What else the page needs of a record. */
static void
put_rest(struct report_packing *p, const struct view *v)
{
	static const struct {
		enum view_member m;
		const char *name;
	} REST[] = {{VIEW_FROM, "from"}, {VIEW_FORK, "fork"},
	    {VIEW_WINDOW, "window"}, {VIEW_OF, "of"}, {VIEW_REV, "rev"},
	    {VIEW_REVERTS, "reverts"}};
	struct arena_deferred *release;
	struct buf *b = buf_new(p->a, &release);

	if (view_made_event(p->a, v))
		buf_puts(b, "{\"made\":true");
	for (size_t i = 0; i < sizeof(REST) / sizeof(*REST); i++) {
		struct value member = v->of[REST[i].m];

		if (!view_has(v, REST[i].m) ||
		    (REST[i].m == VIEW_FROM && is_origin(p->a, member)))
			continue;
		buf_printf(
		    b, "%s\"%s\":", b->len > 0 ? "," : "{", REST[i].name);
		value_write(b, member);
	}
	if (b->len > 0) {
		buf_putc(b, '}');
		if (buf_failed(b))
			arena_starve(p->a);
		buf_putc(p->out, ',');
		put_text(p, b->p, b->len);
	}
	arena_end(p->a, release);
}

static void
put_record(struct report_packing *p, size_t i)
{
	const struct report_step *s = &p->report->steps[i];
	const struct view *v = &p->v[i];
	size_t from;

	buf_printf(p->out, "%s[%d,", i > 0 ? "," : "", s->stage);
	if (s->micros >= 0)
		buf_printf(p->out, "%" PRId64, s->micros);
	else
		buf_puts(p->out, "null");
	buf_putc(p->out, ',');
	put_undo(p, v);
	from = p->out->len;
	put_rest(p, v);
	if (!p->out->failed && p->out->len == from &&
	    p->out->p[from - 1] == '0' && p->out->p[from - 2] == ',')
		p->out->len = from - 2; /* no undo, nothing else */
	buf_putc(p->out, ']');
}

/* Where it came from: the text before a line's number, and that number. */
static void
put_origin(struct report_packing *p)
{
	struct value origin = p->who.origin;
	size_t n = origin.n;

	while (n > 0 && origin.text[n - 1] >= '0' && origin.text[n - 1] <= '9')
		n--;
	if (n == 0 || n == origin.n) {
		buf_puts(p->out, "-1,0");
		return;
	}
	put_text(p, origin.text, n);
	buf_putc(p->out, ',');
	/* As text: JavaScript has no number for a long one. */
	texts_put(p->out, origin.text + n, origin.n - n);
}

static void
put_event_text(struct report_packing *p)
{
	struct arena_deferred *release;
	struct buf *b;

	if (!value_is_object(p->event)) {
		struct value text = value_is_string(p->text)
		    ? string_decoded(p->a, p->text)
		    : value_cstring("");

		texts_put(p->out, text.text, text.n);
		return;
	}
	b = spell(p, p->event, &release);
	texts_put(p->out, b->p, b->len);
	arena_end(p->a, release);
}

/* A member of what is said at the end. */
static struct buf *
more(struct report_packing *p, const char **before, const char *name)
{
	buf_printf(p->out, "%s\"%s\":", *before, name);
	*before = ",";
	return p->out;
}

static void
put_outside(struct report_packing *p, const char **before)
{
	const char *comma = "[";

	for (size_t i = 1; i <= p->n; i++) {
		bool last = i == p->n && p->ending != ENDING_NONE;

		if (!value_is_object(p->event) || last ||
		    !outside_after(p->a, p->event, p->v, p->n, i))
			continue;
		if (*comma == '[')
			(void)more(p, before, "outside");
		buf_printf(p->out, "%s%zu", comma, i);
		comma = ",";
	}
	buf_puts(p->out, *comma == '[' ? "" : "]");
}

static void
put_more(struct report_packing *p)
{
	const char *before = ",{";
	struct value error, forks = p->who.forks;

	if (p->n > 0 && p->ending != ENDING_NONE &&
	    view_text(p->a, &p->v[p->n - 1], VIEW_FAILED, &error))
		texts_put(more(p, &before, "error"), error.text, error.n);
	if (forks.n > 1)
		texts_put(more(p, &before, "forks"), forks.text, forks.n - 1u);
	if (!value_is_object(p->event))
		buf_puts(more(p, &before, "plain"), "1");
	put_outside(p, &before);
	buf_puts(p->out, *before == ',' && before[1] == '\0' ? "}" : "");
}

void
report_pack(struct report_packing *p)
{
	buf_putc(p->out, '[');
	texts_put(p->out, p->who.id.text, p->who.id.n);
	buf_putc(p->out, ',');
	put_origin(p);
	buf_printf(p->out, ",%d,", (int)p->ending);
	if (p->timed)
		buf_printf(p->out, "%" PRId64 ",", p->time);
	else
		buf_puts(p->out, "null,");
	put_event_text(p);
	buf_puts(p->out, ",[");
	for (size_t i = 0; i < p->n; i++)
		put_record(p, i);
	buf_putc(p->out, ']');
	put_more(p);
	buf_putc(p->out, ']');
}
