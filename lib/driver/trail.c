#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "driver/forgetting.h"
#include "driver/trail.h"
#include "value/array.h"

/* Cut a line that found no memory. */
static void
end_line(struct task *t, size_t from)
{
	struct buf *out = &t->result->trail;

	if (!buf_failed(out))
		return;
	buf_back(out, from);
	t->result->no_memory = true;
}

/* The stage's records, as they are without --lineage off. */
static struct lineage
lineage_of(const struct task *t)
{
	const struct event *ev = &t->ev;
	struct lineage l =
	    ev->lineage != NULL ? *ev->lineage : t->stage->lineage;

	if (l.mode == LINEAGE_OFF)
		l.mode = LINEAGE_SLIM;
	return l;
}

/* Where an event without a history comes from, so that it is known again. */
static void
put_origin(struct buf *b, const struct event *ev)
{
	buf_put(b, ev->origin->p, ev->origin->len);
	buf_printf(b, "%" PRIu64 "}", event_number(ev));
}

void
trail_event(struct task *t, const char *error)
{
	struct event *ev = &t->ev;
	struct record r = ev->record;
	struct lineage l = lineage_of(t);
	struct buf *out = &t->result->trail, from = {0};
	size_t start = out->len;

	r.turned_away = true;
	if (error != NULL)
		r.failed = error;
	if (r.from == NULL && array_length(ev->history) == 0) {
		put_origin(&from, ev);
		out->failed |= from.failed;
		r.from = from.p;
		r.from_len = from.len;
	}
	lineage_write(out, &t->arena, &l, &ev->line, ev->root, ev->root,
	    ev->history, &r, clock_stamp(&t->clock));
	buf_release(&from);
	if (ev->forgotten != NULL)
		forgetting_written(t->stage, ev, out, start);
	end_line(t, start);
}

void
trail_text(struct task *t)
{
	const struct event *ev = &t->ev;
	bool withheld = t->stage->set->withholds;
	struct reject r = {
	    .at = clock_stamp(&t->clock),
	    .source = ev->window->source,
	    .line = event_number(ev),
	    .error = "no event was made of this line",
	    .text = withheld ? NULL : ev->line.text,
	    .len = ev->line.len,
	    .withheld = withheld,
	    .end = "\n",
	    .end_len = 1,
	};

	trail_reject(t, &r);
}

void
trail_reject(struct task *t, const struct reject *r)
{
	struct buf *out = &t->result->trail;
	size_t from = out->len;

	if (t->found && r->is_object) {
		t->ev.record = (struct record){.failed = NULL};
		trail_event(t, r->error);
		return;
	}
	rejects_put(out, task_rejects_head(t, r->is_object), r);
	end_line(t, from);
}

void
trail_made(struct task *t, const struct reject *r)
{
	struct buf *out = &t->result->trail;
	size_t from = out->len;

	rejects_put(out, &t->stage->rejects_head, r);
	end_line(t, from);
}

static void
put_count(struct buf *out, const char *name, uint64_t n)
{
	buf_printf(out, ",\"%s\":%" PRIu64, name, n);
}

void
trail_line(struct buf *out, const struct stage *stage, const char *started,
    const struct counts *c)
{
	buf_printf(out, "{\"ms.trail\":{\"v\":1,\"started\":\"%.*s\"",
	    CLOCK_STAMP, started);
	if (getenv("MS_NOW") == NULL) /* else the line is the same each time */
		buf_printf(out, ",\"pid\":%ld", (long)getpid());
	buf_put(out, stage->rejects_head.p, stage->rejects_head.len);
	if (c != NULL) {
		put_count(out, "read", c->read);
		put_count(out, "passed", c->passed);
		put_count(out, "written", c->written);
		put_count(out, "turned_away", c->turned_away);
		put_count(out, "dropped", c->dropped);
		put_count(out, "rejected", c->rejected);
		put_count(out, "forks", c->forks);
	}
	buf_puts(out, "}}\n");
}
