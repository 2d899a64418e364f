#include <stddef.h>

#include "driver/recall.h"
#include "driver/task.h"
#include "value/array.h"

static struct task *
task_of(struct event *ev)
{
	return (struct task *)((char *)ev - offsetof(struct task, ev));
}

static bool
read_line(struct event *ev, struct task *t)
{
	struct scan_error error;
	struct doc *d;

	if (t->stage->set->raw) {
		ev->root = value_text(ev->line.text, ev->line.len);
		ev->history = array_none();
		return true;
	}
	if (!value_parse(
		ev->arena, ev->line.text, ev->line.len, &ev->root, &error) ||
	    ev->root.kind != VALUE_RAW_OBJECT)
		return false;
	d = (struct doc *)(uintptr_t)ev->root.doc; /* made just now */
	ev->line.root = ev->root.n;
	return lineage_find(&t->stage->lineage, ev->arena, d, ev->root.n,
		   &ev->history) == NULL;
}

bool
event_recall(struct event *ev, struct arena *a, struct recall *r,
    const struct held_line *line)
{
	struct task *t = task_of(ev);
	bool good;

	r->before = *ev;
	r->window = (struct window){.text = line->text,
	    .len = line->len + 1,
	    .source = line->source,
	    .name = line->source,
	    .before = line->number - 1};
	ev->arena = a;
	ev->window = &r->window;
	ev->index = 1;
	ev->source = line->source;
	ev->context.source = value_cstring(line->source);
	ev->line = (struct line){.text = line->text, .len = line->len};
	ev->root = ev->history = VALUE_OF(VALUE_NULL);
	ev->reason = NULL;
	ev->prepared = NULL;
	ev->column = 0;
	good = read_line(ev, t);
	ev->context.lineage = ev->history;
	return good;
}

void
event_recall_end(struct event *ev, struct recall *r)
{
	char error[sizeof(ev->error)];

	/* Why it failed is wanted behind it. */
	memcpy(error, ev->error, sizeof(error));
	*ev = r->before;
	memcpy(ev->error, error, sizeof(error));
}

void
event_recall_reject(struct event *ev, const char *error)
{
	struct task *t = task_of(ev);

	t->result->counts.passed--;
	task_reject(t, &ev->line, !t->stage->set->raw, 0, error);
}
