#include <stddef.h>

#include "driver/check.h"
#include "driver/make.h"
#include "driver/policed.h"
#include "driver/task.h"
#include "value/array.h"

bool
event_make(struct event *ev, struct arena *a, struct value former,
    struct value v, const struct record *record)
{
	struct task *t =
	    (struct task *)((char *)ev - offsetof(struct task, ev));
	struct value none = value_share(array_new(a, 0));
	struct line line = {.text = NULL};
	struct buf *out = &t->result->out;
	size_t from = out->len;

	if (!policed_change(t->stage->set->policed, a, ev,
		former.kind == VALUE_NULL ? NULL : &former, &v))
		return false;
	task_settle(t); /* what others add up to isn't charged to this one */
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
	return checks_line(
	    &t->stage->checks, ev, out->p + from, out->len - from - 1);
}
