#include <inttypes.h>
#include <signal.h>
#include <time.h>

#include "client.h"
#include "consumer.h"
#include "lag.h"
#include "driver/complain.h"
#include "metrics.h"
#include "metrics_file.h"
#include "value/value.h"

enum {
	MINUTE = 60 * 1000,
	WRITE_EVERY = 5 * 1000,
	LOOK_EVERY = 50, /* milliseconds; it may be asked in a loop */
};

static int64_t
wall_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void
metrics_init(struct metrics *m)
{
	*m = (struct metrics){.started = client_now()};
	m->minute = m->started;
	m->write_at = m->started;
}

void
metrics_release(struct metrics *m)
{
	buf_release(&m->waiting);
}

void
metrics_note(struct metrics *m, const struct batch *b, size_t from, size_t end)
{
	for (size_t i = from; i < end; i++)
		buf_put(&m->waiting, (const char *)&b->v[i].timestamp,
		    sizeof(b->v[i].timestamp));
}

void
metrics_commit(struct metrics *m)
{
	int64_t now = wall_clock(), at;

	for (size_t i = 0; i + sizeof(at) <= m->waiting.len; i += sizeof(at)) {
		uint64_t took;

		memcpy(&at, m->waiting.p + i, sizeof(at));
		m->in++;
		if (at < 0)
			continue;
		took = now > at ? (uint64_t)(now - at) : 0;
		histogram_add(&m->latency, took);
		histogram_add(&m->lately[0], took);
		m->latency_sum += (double)took;
	}
	m->out += m->waiting_out;
	m->dead += m->waiting_dead;
	m->state += m->waiting_state;
	m->waiting_out = m->waiting_dead = m->waiting_state = 0;
	buf_clear(&m->waiting);
	m->commits++;
	m->last_commit = now;
}

void
metrics_undo(struct metrics *m)
{
	m->waiting_out = m->waiting_dead = m->waiting_state = 0;
	buf_clear(&m->waiting);
	m->aborts++;
}

/* --- the summary --- */

static double
seconds(const struct metrics *m)
{
	return (double)(client_now() - m->started) / 1000;
}

static double
rate(const struct metrics *m)
{
	double s = seconds(m);

	return (double)m->in / (s > 0 ? s : 0.001);
}

static void
put_text(struct buf *b, const struct metrics *m, const struct plan *p,
    const struct consumer *s)
{
	buf_printf(b,
	    "%s: %" PRIu64 " read, %" PRIu64 " written, %" PRIu64
	    " dead letters, %" PRIu64 " commits, %" PRIu64 " undone, %" PRIu64
	    " restarts of the pipeline in %.2f s: %.0f records/s\n",
	    plan_name, m->in, m->out, m->dead, m->commits, m->aborts,
	    m->restarts, seconds(m), rate(m));
	if (p->changelog != NULL)
		buf_printf(b,
		    "%s: state: %" PRIu64 " records read of %s, %" PRIu64
		    " written\n",
		    plan_name, m->restored, p->changelog, m->state);
	if (m->latency.count > 0)
		buf_printf(b,
		    "%s: from a record's timestamp to its commit: %" PRIu64
		    " ms (median), %" PRIu64 " ms (99 %%)\n",
		    plan_name, histogram_at(&m->latency, 0.5),
		    histogram_at(&m->latency, 0.99));
	for (size_t i = 0; i < s->parts_n; i++) {
		int64_t lag = lag_of(&s->parts[i]);

		if (lag > 0)
			buf_printf(b,
			    "%s: %s[%" PRId32 "]: %" PRId64 " records behind\n",
			    plan_name, s->parts[i].topic, s->parts[i].partition,
			    lag);
	}
}

static void
put_json(struct buf *b, const struct metrics *m, const struct plan *p,
    const struct consumer *s)
{
	bool first = true;

	buf_printf(b,
	    "{\"read\":%" PRIu64 ",\"written\":%" PRIu64 ",\"dead\":%" PRIu64
	    ",\"commits\":%" PRIu64 ",\"undone\":%" PRIu64
	    ",\"restarts\":%" PRIu64 ",\"seconds\":%.3f,\"per_second\":%.1f",
	    m->in, m->out, m->dead, m->commits, m->aborts, m->restarts,
	    seconds(m), rate(m));
	if (p->changelog != NULL)
		buf_printf(b,
		    ",\"state\":{\"read\":%" PRIu64 ",\"written\":%" PRIu64 "}",
		    m->restored, m->state);
	if (m->latency.count > 0)
		buf_printf(b,
		    ",\"latency_ms\":{\"median\":%" PRIu64 ",\"p99\":%" PRIu64
		    ",\"max\":%" PRIu64 "}",
		    histogram_at(&m->latency, 0.5),
		    histogram_at(&m->latency, 0.99), m->latency.max);
	buf_puts(b, ",\"lag\":[");
	for (size_t i = 0; i < s->parts_n; i++) {
		int64_t lag = lag_of(&s->parts[i]);

		if (lag < 0)
			continue;
		buf_puts(b, first ? "{\"topic\":" : ",{\"topic\":");
		value_write_string(
		    b, s->parts[i].topic, strlen(s->parts[i].topic));
		buf_printf(b,
		    ",\"partition\":%" PRId32 ",\"records\":%" PRId64 "}",
		    s->parts[i].partition, lag);
		first = false;
	}
	buf_puts(b, "]}\n");
}

static void
tell(const struct metrics *m, const struct plan *p, const struct consumer *s)
{
	struct buf b = {0};

	if (p->json)
		put_json(&b, m, p, s);
	else
		put_text(&b, m, p, s);
	if (!buf_failed(&b))
		complain_raw(b.p, b.len);
	buf_release(&b);
}

/* --- when --- */

/* Was SIGUSR1, which is shut out, sent? */
static bool
was_asked(void)
{
	static const struct timespec none = {0, 0};
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	return sigtimedwait(&set, NULL, &none) == SIGUSR1;
}

static void
turn_minute(struct metrics *m, int64_t now)
{
	if (now - m->minute < MINUTE)
		return;
	m->lately[1] = m->lately[0];
	m->lately[0] = (struct histogram){.count = 0};
	m->minute = now;
}

void
metrics_tick(struct metrics *m, const struct plan *p, const struct consumer *s)
{
	int64_t now = client_now();

	if (now < m->look_at)
		return;
	m->look_at = now + LOOK_EVERY;
	turn_minute(m, now);
	if (was_asked())
		tell(m, p, s);
	if (p->metrics == NULL || now < m->write_at)
		return;
	m->write_at = now + WRITE_EVERY;
	metrics_file_write(m, p, s);
}

void
metrics_end(struct metrics *m, const struct plan *p, const struct consumer *s)
{
	if (p->stats)
		tell(m, p, s);
	if (p->metrics != NULL)
		metrics_file_write(m, p, s);
}
