/*
 * What goes on while an event waits for its answer: more is asked ahead and
 * sent, answers are read, and patience ends.
 */
#include <stdio.h>

#include "source/coproc_state.h"

enum {
	HELD = 1024 * 1024,  /* bytes, with which no more is asked or read */
	QUIET = 5 * 1000000, /* microseconds until a missing answer is told */
};

bool
coproc_wants_more(const struct coproc *c)
{
	const struct requests *q = &c->all.requests;
	size_t most = c->all.in_flight * c->channels_n;

	return q->waiting_n < most && q->stream_n < 2 * most &&
	    q->waiting_bytes < HELD && q->held < HELD;
}

size_t
coproc_under_way(const struct coproc *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->channels_n; i++)
		n += c->channel[i].under_way;
	return n;
}

/* The channel for a request: the one with the least to do, or NULL. */
static struct channel *
pick(struct coproc *c, const struct request *r, int64_t now)
{
	struct channel *best = NULL;

	for (size_t i = 0; i < c->channels_n; i++) {
		struct channel *ch = &c->channel[i];

		if (channel_takes(ch, r, now) &&
		    (best == NULL || ch->under_way < best->under_way))
			best = ch;
	}
	return best;
}

bool
coproc_is_broken(const struct coproc *c)
{
	return c->all.broken[0] != '\0';
}

/* Send what may be sent. */
static void
dispatch(struct coproc *c, int64_t now)
{
	struct requests *q = &c->all.requests;

	while (!TAILQ_EMPTY(&q->waiting) && !coproc_is_broken(c)) {
		struct channel *ch = pick(c, TAILQ_FIRST(&q->waiting), now);

		if (ch == NULL || (ch->process.pid == 0 && !channel_start(ch)))
			break;
		channel_send(ch, requests_take(q));
	}
	for (size_t i = 0; i < c->channels_n; i++)
		channel_write(&c->channel[i], now);
}

bool
coproc_top_up(struct coproc *c, const struct source_query *q)
{
	bool follows = true;

	if (coproc_wants_more(c))
		follows = q->wait->ask(q->wait->arg);
	dispatch(c, cache_now());
	return follows;
}

static bool
is_done(const struct request *r)
{
	return r->state != REQUEST_WAITING && r->state != REQUEST_SENT;
}

/* When a request's time is over. */
static int64_t
deadline(const struct coproc *c, const struct request *r)
{
	int64_t from = r->since;

	if (c->options->timeout == 0)
		return INT64_MAX;
	/* Where others are answered, it only has to wait for its turn. */
	for (size_t i = 0; i < c->channels_n; i++)
		if ((r->state == REQUEST_WAITING ||
			r->channel == &c->channel[i]) &&
		    c->channel[i].last > from)
			from = c->channel[i].last;
	return from + c->options->timeout;
}

/* Milliseconds until something is due. */
static int
patience(const struct coproc *c, const struct request *r, int64_t now)
{
	int64_t until = deadline(c, r);

	if (!c->told_quiet && r->since + QUIET < until)
		until = r->since + QUIET;
	if (c->ends != 0 && c->ends < until)
		until = c->ends;
	for (size_t i = 0; i < c->channels_n; i++) {
		const struct channel *ch = &c->channel[i];

		if (ch->process.pid == 0 && c->all.requests.waiting_n > 0 &&
		    ch->not_before < until)
			until = ch->not_before;
	}
	if (until == INT64_MAX)
		return -1;
	return until <= now ? 0 : (int)((until - now) / 1000) + 1;
}

static void
tell_quiet(struct coproc *c, const struct request *r, int64_t now)
{
	if (c->told_quiet || now - r->since < QUIET || is_done(r))
		return;
	c->told_quiet = true;
	for (size_t i = 0; i < c->channels_n; i++)
		if (now - c->channel[i].last < QUIET)
			return;
	c->options->tell(c->options->tell_arg,
	    "no answer for 5 s, and events wait for one: does it write a line "
	    "for each request, and flush it?");
}

/* Poll once, so many milliseconds; false where nothing came of it. */
static bool
poll_all(struct coproc *c, const struct source_query *q,
    const struct request *r, int milliseconds)
{
	nfds_t n = CHANNEL_POLLED * (nfds_t)c->channels_n;
	struct pollfd *p = c->polled;
	int64_t now;
	bool ending;

	for (size_t i = 0; i < c->channels_n; i++) {
		struct channel *ch = &c->channel[i];
		bool its = r->state == REQUEST_SENT && r->channel == ch;

		channel_watch(ch, p + i * CHANNEL_POLLED,
		    its || c->all.requests.held < HELD);
	}
	if (!q->wait->poll(q->wait->arg, p, n, milliseconds, &ending))
		n = 0;
	now = cache_now();
	for (size_t i = 0; n > 0 && i < c->channels_n; i++)
		channel_seen(&c->channel[i], p + i * CHANNEL_POLLED, now);
	if (ending && c->ends == 0)
		c->ends = now + COPROC_PATIENCE;
	return n > 0;
}

/*
 * All that will be asked is sent: a coprocess that holds answers back, say to
 * answer many at once, gives them at the end of its input.
 */
static void
end_inputs(struct coproc *c)
{
	if (c->all.requests.waiting_n > 0)
		return;
	for (size_t i = 0; i < c->channels_n; i++)
		channel_end_input(&c->channel[i]);
}

/* A signal asked to end, but events wait for answers that don't come. */
static void
give_up(struct coproc *c)
{
	snprintf(c->all.broken, sizeof(c->all.broken),
	    "no answer came within 5 s of the signal to end");
}

bool
coproc_await(
    struct coproc *c, const struct source_query *q, const struct request *r)
{
	bool waits = false;

	while (!is_done(r) && !coproc_is_broken(c)) {
		int64_t now = cache_now();
		bool follows;

		if (now >= deadline(c, r))
			return false;
		if (c->ends != 0 && now >= c->ends) {
			give_up(c);
			break;
		}
		follows = coproc_top_up(c, q);
		if (!follows && waits)
			end_inputs(c);
		if (coproc_is_broken(c))
			break;
		tell_quiet(c, r, now);
		if (poll_all(c, q, r, waits ? patience(c, r, now) : 0) || waits)
			continue;
		/* Now it is known that it has to wait. */
		waits = true;
		q->wait->begin(q->wait->arg);
	}
	return true;
}
