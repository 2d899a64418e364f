#include <stddef.h>

#include "driver/check.h"
#include "driver/make.h"
#include "driver/policed.h"
#include "driver/task.h"
#include "value/array.h"

static struct task *
task_of(struct event *ev)
{
	return (struct task *)((char *)ev - offsetof(struct task, ev));
}

/* Reject the text that stands in the buffer, or what has none. */
static void
reject(struct task *t, const struct buf *text, bool withheld)
{
	t->result->no_memory |= buf_failed(text);
	task_reject_made(
	    t, text->p, text->len, withheld || t->stage->set->forget != NULL);
}

void
event_make_reject(struct event *ev, struct value v, size_t from)
{
	struct task *t = task_of(ev);
	struct buf text = {0};

	buf_back(&t->result->out, from);
	if (v.kind != VALUE_NULL)
		value_write(&text, v);
	reject(t, &text, false);
	buf_release(&text);
}

/*
 * What came to the value from events in which the policy's values are masked
 * is shown by a record, as it was by theirs: else the next stage would mask it
 * once more, or refuse it.  The line begins at byte from of the output.
 */
static void
show_masks(struct task *t, struct arena *a, struct value v,
    const struct make_of *of, size_t from)
{
	const struct record nothing = {.id = NULL};
	struct lineage l = t->stage->lineage;
	struct buf *out = &t->result->out;
	struct arena_deferred *release;
	struct buf *head;
	struct scan_error error;
	struct value root, history;
	struct line line;

	if (l.mode == LINEAGE_OFF)
		return;
	head = buf_new(a, &release);
	if (policed_shows(t->stage->set->policed, a, v, of, head) &&
	    value_parse(a, out->p + from, out->len - from - 1, &root, &error) &&
	    lineage_find(&l, a, (struct doc *)(uintptr_t)root.doc, root.n,
		&history) == NULL) {
		line = (struct line){.text = root.doc->text,
		    .len = root.doc->len,
		    .root = root.n};
		l.head = *head;
		buf_back(out, from);
		lineage_write(out, a, &l, &line, root, root, history, &nothing,
		    task_stamp(t));
	}
	arena_end(a, release);
}

/* Write it; false where it can't be written so. */
static bool
write_made(struct task *t, struct arena *a, struct value former, struct value v,
    const struct record *record, const struct make_of *of)
{
	struct value none = value_share(array_new(a, 0));
	struct line line = {.text = NULL};
	struct buf *out = &t->result->out;
	size_t from = out->len;

	if (former.kind == VALUE_RAW_OBJECT)
		line = (struct line){.text = former.doc->text,
		    .len = former.doc->len,
		    .root = former.n};
	if (!lineage_write(out, a, &t->stage->lineage,
		line.text == NULL ? NULL : &line, former, v, none, record,
		task_stamp(t)))
		t->result->counts.truncated++;
	if (buf_failed(out))
		arena_starve(a);
	show_masks(t, a, v, of, from);
	if (buf_failed(out))
		arena_starve(a);
	return checks_line(
	    &t->stage->checks, &t->ev, out->p + from, out->len - from - 1);
}

/* Take back the line from byte from on, and reject its event. */
static void
reject_line(struct task *t, size_t from)
{
	struct buf *out = &t->result->out, text = {0};

	buf_put(&text, out->p + from, out->len - from - 1);
	buf_back(out, from);
	reject(t, &text, false);
	buf_release(&text);
}

void
event_make(struct event *ev, struct arena *a, struct value former,
    struct value v, const struct record *record, const struct make_of *of)
{
	struct task *t = task_of(ev);
	const struct settings *set = t->stage->set;
	const struct buf nothing = {0};
	size_t from = t->result->out.len;

	task_settle(t); /* what others add up to isn't charged to this one */
	event_put_nothing(ev);
	event_put(ev, v);
	if (!policed_change(set->policed, a, ev,
		former.kind == VALUE_NULL ? NULL : &former, &v))
		reject(t, &nothing, true);
	else if (!checks_outputs(&t->stage->checks, ev))
		event_make_reject(ev, v, from);
	else if (!write_made(t, a, former, v, record, of))
		reject_line(t, from);
	event_put_nothing(ev);
}
