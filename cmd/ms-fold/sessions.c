/*
 * Sessions can't be merged once they are folded, so with --late an event is
 * held back until stream time has come to it: then no event before it can
 * follow, and they are folded in order of time.
 *
 * What is held stands in the state, under the key's text, a NUL and a number
 * that grows: a struct held_head, the source with a NUL, and the line.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "driver/policed.h"
#include "driver/recall.h"
#include "windows.h"

bool
sessions_is_held(const struct fold *f, const struct state_entry *e)
{
	return f->plan.kind == WINDOW_SESSION &&
	    memchr(e->key, '\0', e->key_len) != NULL;
}

void
sessions_read(const struct state_entry *e, struct held_content *c)
{
	const char *source = e->text + sizeof(c->head);

	memcpy(&c->head, e->text, sizeof(c->head));
	c->line = (struct held_line){.source = source,
	    .text = source + c->head.source_len + 1,
	    .len = e->text_len - sizeof(c->head) - c->head.source_len - 1,
	    .number = c->head.number};
}

void
sessions_put(struct buf *b, const struct held_content *c)
{
	buf_put(b, (const char *)&c->head, sizeof(c->head));
	buf_put(b, c->line.source, c->head.source_len);
	buf_putc(b, '\0');
	buf_put(b, c->line.text, c->line.len);
}

bool
sessions_plan(struct fold *f, const struct state_entry *e, size_t name_len)
{
	struct held_content c;
	struct due d;

	sessions_read(e, &c);
	d = (struct due){.time = c.head.time, .order = c.head.order};
	return windows_add(&f->held, e->key, e->key_len, name_len, &d);
}

bool
sessions_hold(struct fold *f, struct event *ev, size_t name_len, int64_t time)
{
	struct fold_local *l = ev->local;
	struct held_content c = {.head = {.time = time,
				     .order = f->order++,
				     .number = event_number(ev),
				     .source_len = (uint32_t)strlen(ev->source),
				     .masks = policed_masks(f->set->policed)}};
	struct due d = {.time = time, .order = c.head.order};
	enum state_status status = STATE_NO_MEMORY;

	c.line = (struct held_line){
	    .source = ev->source, .text = ev->line.text, .len = ev->line.len};
	l->key.len = name_len;
	buf_printf(&l->key, "%c%" PRIu64, '\0', c.head.order);
	buf_clear(&l->text);
	sessions_put(&l->text, &c);
	if (!buf_failed(&l->key) && !buf_failed(&l->text))
		status = state_hold(f->kept, l->key.p, l->key.len, l->text.p,
		    l->text.len, time);
	if (!windows_tell_full(f, ev, status))
		return false;
	if (windows_add(&f->held, l->key.p, l->key.len, name_len, &d))
		return true;
	event_fail(ev, "no memory for the windows");
	return false;
}

/* Fold the event in hand, which was held. */
static enum verdict
fold_held(struct fold *f, struct event *ev, size_t name_len,
    const struct held_head *h)
{
	if (h->order < f->first_order)
		policed_recalled(f->set->policed, ev, h->masks);
	return windows_fold(f, ev, name_len, h->time);
}

static enum verdict
fold_recalled(struct fold *f, struct event *ev, size_t name_len,
    const struct held_content *c)
{
	struct fold_local *l = ev->local;
	volatile enum verdict v = VERDICT_REJECT;
	jmp_buf overflow;

	l->recalls = true;
	l->held_masks = c->head.masks;
	l->recalled.overflow = &overflow;
	if (setjmp(overflow) != 0)
		event_fail(ev, "the event needs more memory than there is");
	else if (event_recall(ev, &l->recalled, &l->recall, &c->line))
		v = fold_held(f, ev, name_len, &c->head);
	else
		event_fail(ev, "the event that was held is none");
	if (v == VERDICT_REJECT)
		event_recall_reject(ev, ev->error);
	event_recall_end(ev, &l->recall);
	l->recalls = false;
	return v;
}

bool
sessions_fold(struct fold *f, struct event *ev, const struct pane_key *k)
{
	struct fold_local *l = ev->local;
	struct state_entry e;
	struct held_content c;

	if (!state_find(f->kept, k->text, k->len, &e))
		return true;
	buf_clear(&l->text);
	buf_put(&l->text, e.text, e.text_len);
	buf_putc(&l->text, '\n');
	buf_clear(&l->key);
	buf_put(&l->key, k->text, k->name_len);
	if (buf_failed(&l->text) || buf_failed(&l->key)) {
		event_fail(ev, "no memory for the windows");
		return false;
	}
	e.text = l->text.p;
	sessions_read(&e, &c);
	state_remove(f->kept, k->text, k->len);
	arena_reset(&l->recalled);
	return fold_recalled(f, ev, k->name_len, &c) != VERDICT_ABORT;
}
