/*
 * ms-trace stats - a table of the stages that the events went through.
 *
 * With --every it is a meter: events pass, and a thread of its own shows
 * the table, so that it is up to date even while no event comes.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "driver/complain.h"
#include "driver/signals.h"
#include "frame.h"
#include "history/ending.h"
#include "render/meter.h"
#include "readers.h"
#include "value/array.h"

enum { JSON = 256, EVERY };

struct metering {
	struct frame frame;
	bool json;
	double every;     /* seconds; 0: at the end */
	pthread_t thread; /* shows it, where every is set */
	bool started, ended;
	pthread_mutex_t lock; /* of the rest */
	pthread_cond_t end;
	struct meter meter;
	const char *key; /* the member that is the history */
	size_t shown;    /* lines of it that stand on the terminal */
	bool in_place;   /* it is written over the last one */
};

static const struct option_spec options[] = {
    {JSON, "json", NULL, "as data: an object"},
    {EVERY, "every", "TIME", "pass events, show it so often (1s, 500ms)"},
    {0, NULL, NULL, NULL},
};

/* Seconds of "1s", "500ms", "2m" or "1"; 0 where it is none. */
static double
parse_time(const char *text)
{
	static const struct {
		const char *name;
		double seconds;
	} UNITS[] = {{"", 1}, {"s", 1}, {"ms", 1e-3}, {"m", 60}, {"h", 3600}};
	char *end;
	double n;

	if (*text < '0' || *text > '9')
		return 0;
	n = strtod(text, &end);
	for (size_t i = 0; i < sizeof(UNITS) / sizeof(*UNITS); i++) {
		double s = n * UNITS[i].seconds;

		if (strcmp(end, UNITS[i].name) == 0)
			return s >= 0.01 && s <= 86400 ? s : 0;
	}
	return 0;
}

static int
option(void *arg, int id, const char *value)
{
	struct metering *g = arg;

	if (id == JSON) {
		g->json = true;
		return 0;
	}
	g->every = parse_time(value);
	if (g->every > 0)
		return 0;
	return usage_wrong(&g->frame.command,
	    "--every: '%s' is no time such as 1s or 500ms", value);
}

/* Write it as it is now; gives the lines of the table. */
static size_t
put_meter(struct metering *g, struct buf *out)
{
	if (!g->json)
		return meter_write(&g->meter, out, &g->frame.terminal);
	meter_json(&g->meter, out);
	return 1;
}

/* Show it on standard error, on a terminal in the place of the last one. */
static void
show(struct metering *g)
{
	struct buf b = {0};
	size_t lines;

	if (g->in_place && g->shown > 0)
		buf_printf(&b, "\033[%zuA\033[J", g->shown);
	lines = put_meter(g, &b);
	if (!g->in_place && !g->json)
		buf_putc(&b, '\n');
	if (!buf_failed(&b))
		complain_raw(b.p, b.len);
	g->shown = lines;
	buf_release(&b);
}

static struct timespec
later(struct timespec t, double seconds)
{
	t.tv_sec += (time_t)seconds;
	t.tv_nsec += (long)((seconds - (double)(time_t)seconds) * 1e9);
	if (t.tv_nsec >= 1000000000) {
		t.tv_nsec -= 1000000000;
		t.tv_sec++;
	}
	return t;
}

static void *
watch(void *arg)
{
	struct metering *g = arg;
	struct timespec next;

	clock_gettime(CLOCK_MONOTONIC, &next);
	pthread_mutex_lock(&g->lock);
	while (!g->ended) {
		next = later(next, g->every);
		while (!g->ended &&
		    pthread_cond_timedwait(&g->end, &g->lock, &next) !=
			ETIMEDOUT)
			continue;
		if (!g->ended)
			show(g);
	}
	pthread_mutex_unlock(&g->lock);
	return NULL;
}

static int
start_thread(struct metering *g)
{
	pthread_condattr_t attr;
	int error = pthread_condattr_init(&attr);

	if (error == 0)
		error = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	if (error == 0)
		error = pthread_cond_init(&g->end, &attr);
	(void)pthread_condattr_destroy(&attr);
	signals_shut(); /* none is for that thread */
	if (error == 0)
		error = pthread_create(&g->thread, NULL, watch, g);
	signals_open();
	g->started = error == 0;
	return error;
}

static int
start(struct settings *set, void *arg)
{
	struct metering *g = arg;
	int fd = g->every > 0 ? STDERR_FILENO : STDOUT_FILENO;
	int error = 0;

	set->document = g->every == 0;
	g->key = set->lineage_key;
	g->frame.passes_others = g->every > 0;
	g->in_place = isatty(STDERR_FILENO) && !g->json;
	terminal_init(&g->frame.terminal, g->frame.when, fd);
	if (g->every > 0)
		error = start_thread(g);
	if (error == 0)
		return STATUS_OK;
	complain(set->command, "%s", strerror(error));
	return STATUS_IO;
}

static void
unlock(void *lock)
{
	pthread_mutex_unlock(lock);
}

/* Count the event, or that of what a line of --rejects holds. */
static void
count_event(struct metering *g, const struct event *ev)
{
	struct reject_line r;

	if (array_length(ev->history) == 0 &&
	    ending_read_reject(ev->arena, ev->root, g->key, &r))
		meter_event(&g->meter, ev->arena, NULL, r.history);
	else
		meter_event(&g->meter, ev->arena, &ev->root, ev->history);
}

static enum verdict
count(struct event *ev, void *arg)
{
	struct metering *g = arg;
	struct arena_deferred *locked;

	if (g->every <= 0) {
		count_event(g, ev);
		return VERDICT_WRITTEN;
	}
	/* An event that needs too much memory leaves by a jump. */
	pthread_mutex_lock(&g->lock);
	locked = arena_defer(ev->arena, unlock, &g->lock);
	count_event(g, ev);
	arena_end(ev->arena, locked);
	return frame_pass(ev);
}

static void
end_thread(struct metering *g)
{
	if (!g->started)
		return;
	pthread_mutex_lock(&g->lock);
	g->ended = true;
	pthread_cond_signal(&g->end);
	pthread_mutex_unlock(&g->lock);
	pthread_join(g->thread, NULL);
	pthread_cond_destroy(&g->end);
	g->started = false;
}

static void
finish(void *arg, struct buf *out)
{
	struct metering *g = arg;

	end_thread(g);
	if (g->every > 0)
		show(g);
	else
		put_meter(g, out);
}

static void
release(void *arg)
{
	struct metering *g = arg;

	end_thread(g);
	meter_release(&g->meter);
}

static const struct subcommand subcommand = {
    .name = "stats",
    .synopsis = "stats [options] [file ...]",
    .summary = "Tell counts, times and changes by stage.",
    .parts = FRAME_PICKS | FRAME_COLOUR | FRAME_WHOLE,
    .options = options,
    .option = option,
    .start = start,
    .event = count,
    .finish = finish,
    .release = release,
};

int
trace_stats(int argc, char **argv)
{
	struct metering g = {.lock = PTHREAD_MUTEX_INITIALIZER};

	return frame_main(&subcommand, &g.frame, argc, argv);
}
