#include "source/request.h"

#include <stdlib.h>
#include <string.h>

enum { KEPT = 4096 }; /* bytes of a buffer that a spare request keeps */

void
requests_init(struct requests *q)
{
	*q = (struct requests){0};
	TAILQ_INIT(&q->stream);
	TAILQ_INIT(&q->waiting);
	TAILQ_INIT(&q->spare);
}

static void
trim(struct buf *b)
{
	if (b->cap > KEPT)
		buf_release(b);
	buf_clear(b);
}

/* Nobody needs it any more. */
static void
spare(struct requests *q, struct request *r)
{
	trim(&r->text);
	trim(&r->answer);
	TAILQ_INSERT_HEAD(&q->spare, r, queue);
}

static void
free_list(struct request_list *list)
{
	struct request *r;

	while ((r = TAILQ_FIRST(list)) != NULL) {
		TAILQ_REMOVE(list, r, queue);
		buf_release(&r->text);
		buf_release(&r->answer);
		free(r);
	}
}

void
requests_release(struct requests *q)
{
	struct request *r;

	while ((r = TAILQ_FIRST(&q->stream)) != NULL)
		requests_forget(q, r);
	free_list(&q->waiting);
	free_list(&q->spare);
}

struct request *
requests_new(struct requests *q, uint64_t event, bool first)
{
	struct request *r = TAILQ_FIRST(&q->spare);

	if (r != NULL)
		TAILQ_REMOVE(&q->spare, r, queue);
	else
		r = calloc(1, sizeof(*r));
	if (r == NULL)
		return NULL;
	r->state = REQUEST_WAITING;
	r->wanted = true;
	r->kills = 0;
	r->event = event;
	if (first)
		TAILQ_INSERT_HEAD(&q->stream, r, stream);
	else
		TAILQ_INSERT_TAIL(&q->stream, r, stream);
	q->stream_n++;
	return r;
}

void
requests_wait(struct requests *q, struct request *r, bool first)
{
	r->state = REQUEST_WAITING;
	if (first)
		TAILQ_INSERT_HEAD(&q->waiting, r, queue);
	else
		TAILQ_INSERT_TAIL(&q->waiting, r, queue);
	q->waiting_n++;
	q->waiting_bytes += r->text.len;
}

struct request *
requests_take(struct requests *q)
{
	struct request *r = TAILQ_FIRST(&q->waiting);

	TAILQ_REMOVE(&q->waiting, r, queue);
	q->waiting_n--;
	q->waiting_bytes -= r->text.len;
	return r;
}

void
requests_forget(struct requests *q, struct request *r)
{
	TAILQ_REMOVE(&q->stream, r, stream);
	q->stream_n--;
	r->wanted = false;
	if (r->state == REQUEST_SENT)
		return; /* its answer is still to come */
	if (r->state == REQUEST_WAITING) {
		TAILQ_REMOVE(&q->waiting, r, queue);
		q->waiting_n--;
		q->waiting_bytes -= r->text.len;
	}
	q->held -= r->answer.len;
	spare(q, r);
}

void
requests_settle(struct requests *q, struct request *r, enum request_state state)
{
	r->state = state;
	if (r->wanted)
		q->held += r->answer.len;
	else
		spare(q, r);
}

static bool
is_text(const struct request *r, uint64_t hash, const struct buf *text)
{
	return r->hash == hash && r->text.len == text->len &&
	    memcmp(r->text.p, text->p, text->len) == 0;
}

struct request *
requests_find(const struct requests *q, uint64_t event, uint64_t hash,
    const struct buf *text)
{
	struct request *r;

	TAILQ_FOREACH(r, &q->stream, stream)
	{
		if (r->event != event)
			return NULL;
		if (is_text(r, hash, text))
			return r;
	}
	return NULL;
}

bool
requests_have(const struct requests *q, uint64_t hash, const struct buf *text)
{
	struct request *r;

	TAILQ_FOREACH(r, &q->stream, stream)
	{
		if (is_text(r, hash, text))
			return true;
	}
	return false;
}

void
requests_pass(struct requests *q, uint64_t event)
{
	struct request *r;

	while ((r = TAILQ_FIRST(&q->stream)) != NULL && r->event < event)
		requests_forget(q, r);
}
