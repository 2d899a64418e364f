#include <stdlib.h>

#include "driver/result.h"

enum { KEEP = 4 * 1024 * 1024 }; /* bytes of a buffer that is used again */

/* Empty a buffer; give back what one huge event made it. */
static void
forget(struct buf *b)
{
	if (b->cap > KEEP)
		buf_release(b);
	else
		buf_clear(b);
}

void
result_clear(struct result *r)
{
	struct result empty = {0};

	empty.out = r->out;
	empty.turned_away = r->turned_away;
	empty.rejects = r->rejects;
	empty.trail = r->trail;
	empty.messages = r->messages;
	empty.failure = r->failure;
	empty.kinds = r->kinds; /* told once, whatever is committed between */
	empty.source = r->source;
	empty.marks = r->marks;
	empty.marks_cap = r->marks_cap;
	*r = empty;
	forget(&r->out);
	forget(&r->turned_away);
	forget(&r->rejects);
	forget(&r->trail);
	forget(&r->messages);
	forget(&r->failure);
}

void
result_release(struct result *r)
{
	buf_release(&r->out);
	buf_release(&r->turned_away);
	buf_release(&r->rejects);
	buf_release(&r->trail);
	buf_release(&r->messages);
	buf_release(&r->failure);
	free(r->marks);
	*r = (struct result){0};
}

struct extent
result_extent(const struct result *r)
{
	return (struct extent){
	    .out = r->out.len,
	    .turned_away = r->turned_away.len,
	    .rejects = r->rejects.len,
	    .trail = r->trail.len,
	    .messages = r->messages.len,
	};
}

/* Room for another mark. */
static bool
marks_grow(struct result *r)
{
	size_t cap = r->marks_cap == 0 ? 4 : r->marks_cap * 2;
	struct mark *more;

	if (r->marks_n < r->marks_cap)
		return true;
	more = reallocarray(r->marks, cap, sizeof(*more));
	if (more == NULL)
		return false;
	r->marks = more;
	r->marks_cap = cap;
	return true;
}

void
result_mark(
    struct result *r, const struct barrier *b, const char *text, size_t len)
{
	struct mark m = {
	    .barrier = *b,
	    .at = result_extent(r),
	    .len = len,
	    .counts = r->counts,
	    .read = r->read,
	    .written = r->written,
	};

	if (!marks_grow(r)) {
		r->no_memory = true;
		return;
	}
	r->marks[r->marks_n++] = m;
	buf_put(&r->out, text, len);
	if (buf_failed(&r->out)) {
		buf_back(&r->out, m.at.out);
		r->marks_n--;
		r->no_memory = true;
	}
	r->read = r->written = 0;
}
