#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "driver/pool.h"
#include "driver/signals.h"
#include "driver/spread.h"

enum { AHEAD = 4 }; /* results that may wait for their turn, a thread */

struct thread {
	pthread_t id;
	struct pool *pool;
	struct worker *worker;
	struct block block;
	struct window window;
	size_t turn; /* of the window, among all that were read */
	bool passed; /* see pass_turn() */
};

/* A window's turn in the order of the input. */
struct slot {
	struct result *result;
	uint64_t lines; /* that were worked on, or counted */
	bool first;     /* of its input */
	bool counted;
	bool done;
};

struct pool {
	struct flow flow;
	pthread_mutex_t input; /* held by the thread that reads */

	pthread_mutex_t lock; /* for what follows */
	pthread_cond_t moved; /* a slot changed, or it ended */
	struct slot *ring;
	size_t size;
	size_t in, out;      /* counts of windows, never reset */
	uint64_t before_out; /* lines of the input */
	struct result *results;
	struct result **spare; /* the last one used is taken first */
	size_t spare_n;
	bool committing;
	bool ended;     /* nothing more is read */
	bool stopped;   /* nothing more is wanted */
	size_t judging; /* the turn of the window whose events may be judged */
	bool halted;    /* no more are to be */

	struct thread *threads;
	unsigned threads_n;
	size_t stack; /* bytes, of each */
	struct spread spread;
	bool in_order; /* see settings.h */
};

static struct slot *
slot_at(struct pool *p, size_t turn)
{
	return &p->ring[turn % p->size];
}

/* A turn for the window just read; false where it isn't wanted. */
static bool
take_place(struct thread *t)
{
	struct pool *p = t->pool;
	bool taken = false;

	pthread_mutex_lock(&p->lock);
	while (!p->ended && p->in - p->out == p->size)
		pthread_cond_wait(&p->moved, &p->lock);
	if (!p->ended) {
		t->turn = p->in++;
		*slot_at(p, t->turn) = (struct slot){
		    .result = p->spare[--p->spare_n],
		    .first = t->window.first,
		};
		taken = true;
	}
	pthread_mutex_unlock(&p->lock);
	return taken;
}

static bool
has_ended(struct pool *p)
{
	bool ended;

	pthread_mutex_lock(&p->lock);
	ended = p->ended;
	pthread_mutex_unlock(&p->lock);
	return ended;
}

static void
end(struct pool *p)
{
	pthread_mutex_lock(&p->lock);
	p->ended = true;
	pthread_cond_broadcast(&p->moved);
	pthread_mutex_unlock(&p->lock);
}

/* Wait until all that was read is committed. */
static void
drain(struct pool *p)
{
	pthread_mutex_lock(&p->lock);
	while (p->out != p->in)
		pthread_cond_wait(&p->moved, &p->lock);
	pthread_mutex_unlock(&p->lock);
}

/* Take the next window; false where there is none. */
static bool
take(struct thread *t)
{
	struct pool *p = t->pool;

	while (!has_ended(p)) {
		switch (p->flow.next(p->flow.arg, &t->block, &t->window)) {
		case SUPPLY_WINDOW:
			return take_place(t);
		case SUPPLY_PAUSE:
			drain(p);
			if (!has_ended(p) && !p->flow.pause(p->flow.arg))
				end(p);
			break;
		case SUPPLY_END:
			end(p);
			break;
		}
	}
	return false;
}

/*
 * Note how many lines a turn's window has, unless that is known; with the
 * lock.  Work that stopped early says too few, and a last line without an
 * end isn't counted by ends: nothing of that input follows either.
 */
static void
note_lines(struct pool *p, size_t turn, uint64_t lines)
{
	struct slot *s = slot_at(p, turn);

	if (s->counted)
		return;
	s->lines = lines;
	s->counted = true;
	pthread_cond_broadcast(&p->moved);
}

/* Sum up the lines before a turn; false where some aren't counted yet. */
static bool
sum_lines(struct pool *p, size_t turn, uint64_t *sum)
{
	uint64_t n = p->before_out;

	for (size_t i = p->out; i != turn; i++) {
		const struct slot *s = slot_at(p, i);

		if (!s->counted)
			return false;
		n = (s->first ? 0 : n) + s->lines;
	}
	*sum = slot_at(p, turn)->first ? 0 : n;
	return true;
}

/*
 * Lines of the input before a thread's window.  Its own are counted first:
 * so whoever waits for it doesn't wait for its work.
 */
static uint64_t
lines_before(void *arg)
{
	struct thread *t = arg;
	struct pool *p = t->pool;
	struct window *w = &t->window;
	uint64_t lines = window_lines(w);

	pthread_mutex_lock(&p->lock);
	note_lines(p, t->turn, lines);
	while (!sum_lines(p, t->turn, &w->before))
		pthread_cond_wait(&p->moved, &p->lock);
	pthread_mutex_unlock(&p->lock);
	w->count = NULL; /* it is known from now on */
	return w->before;
}

/* Give out's turn back; its result goes to the spare ones. */
static void
leave(struct pool *p)
{
	struct slot *s = slot_at(p, p->out);

	p->before_out = (s->first ? 0 : p->before_out) + s->lines;
	p->spare[p->spare_n++] = s->result;
	p->out++;
}

/* Commit what a turn has so far; with the lock, which is let go meanwhile. */
static void
commit(struct pool *p, struct slot *s)
{
	bool go_on;

	p->committing = true;
	pthread_mutex_unlock(&p->lock);
	go_on = p->flow.commit(p->flow.arg, s->result);
	pthread_mutex_lock(&p->lock);
	p->committing = false;
	if (!go_on)
		p->ended = p->stopped = true;
	pthread_cond_broadcast(&p->moved);
}

/* A result has grown large: commit it in parts, once it is its turn. */
static void
spill(void *arg, struct result *r)
{
	struct thread *t = arg;
	struct pool *p = t->pool;

	pthread_mutex_lock(&p->lock);
	while (!p->stopped && (p->out != t->turn || p->committing))
		pthread_cond_wait(&p->moved, &p->lock);
	if (!p->stopped)
		commit(p, slot_at(p, t->turn));
	r->stopped = p->stopped;
	pthread_mutex_unlock(&p->lock);
}

/* Wait for the turn to judge events; false where that's not wanted. */
static bool
take_turn(void *arg)
{
	struct thread *t = arg;
	struct pool *p = t->pool;
	bool wanted;

	pthread_mutex_lock(&p->lock);
	while (p->judging != t->turn)
		pthread_cond_wait(&p->moved, &p->lock);
	wanted = !p->halted && !p->stopped;
	pthread_mutex_unlock(&p->lock);
	return wanted;
}

static void
pass_turn(void *arg, bool halt)
{
	struct thread *t = arg;
	struct pool *p = t->pool;

	t->passed = true;
	pthread_mutex_lock(&p->lock);
	p->judging = t->turn + 1;
	p->halted |= halt;
	pthread_cond_broadcast(&p->moved);
	pthread_mutex_unlock(&p->lock);
}

/* A window's work is done.  Commit in order, unless somebody is at it. */
static void
hand_in(struct thread *t, uint64_t lines)
{
	struct pool *p = t->pool;

	pthread_mutex_lock(&p->lock);
	note_lines(p, t->turn, lines);
	slot_at(p, t->turn)->done = true;
	while (!p->committing && p->out != p->in && slot_at(p, p->out)->done) {
		commit(p, slot_at(p, p->out));
		leave(p);
	}
	pthread_mutex_unlock(&p->lock);
}

static struct result *
result_of(const struct thread *t)
{
	return slot_at(t->pool, t->turn)->result;
}

/*
 * The same where events are judged in order.  A worker that has kept the turn
 * has it until its result is committed.
 */
static void
work_in_order(struct thread *t)
{
	struct result *r = result_of(t);
	uint64_t lines;
	bool halt;

	t->passed = false;
	(void)lines_before(t); /* all are asked for: nobody waits for it */
	lines = worker_run(t->worker, &t->window, r);
	if (!t->passed)
		(void)take_turn(t);
	halt = r->stopped || r->no_memory;
	hand_in(t, lines);
	if (!t->passed)
		pass_turn(t, halt);
}

static void *
thread_run(void *arg)
{
	struct thread *t = arg;
	struct pool *p = t->pool;

	for (;;) {
		struct window *w = &t->window;
		bool taken;

		signals_shut(); /* whoever reads gets them */
		pthread_mutex_lock(&p->input);
		taken = take(t);
		pthread_mutex_unlock(&p->input);
		signals_open();
		if (!taken)
			return NULL;
		w->count = lines_before;
		w->count_arg = t;
		if (p->in_order)
			work_in_order(t);
		else
			hand_in(t, worker_run(t->worker, w, result_of(t)));
	}
}

static int
thread_new(struct pool *p, const struct stage *stage)
{
	struct thread *t = &p->threads[p->threads_n];
	struct worker_hooks hooks = {t, spill, take_turn, pass_turn};

	t->pool = p;
	t->worker = worker_new(stage, &hooks);
	if (t->worker == NULL)
		return -1;
	p->threads_n++;
	return 0;
}

static int
threads_new(struct pool *p, const struct stage *stage, unsigned n)
{
	p->threads = calloc(n, sizeof(*p->threads));
	if (p->threads == NULL)
		return -1;
	while (p->threads_n < n) {
		if (thread_new(p, stage) == -1)
			return -1;
	}
	return 0;
}

static int
results_new(struct pool *p, size_t n)
{
	p->size = n;
	p->ring = calloc(n, sizeof(*p->ring));
	p->results = calloc(n, sizeof(*p->results));
	p->spare = calloc(n, sizeof(*p->spare));
	if (p->ring == NULL || p->results == NULL || p->spare == NULL)
		return -1;
	while (p->spare_n < n) {
		p->spare[p->spare_n] = &p->results[p->spare_n];
		p->spare_n++;
	}
	return 0;
}

struct pool *
pool_new(const struct stage *stage, const struct flow *flow, unsigned n)
{
	struct pool *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->flow = *flow;
	p->stack = stage->stack;
	p->in_order = stage->set->in_order;
	pthread_mutex_init(&p->input, NULL);
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->moved, NULL);
	if (results_new(p, AHEAD * (size_t)n) == -1 ||
	    threads_new(p, stage, n) == -1) {
		int why = errno;

		pool_free(p);
		errno = why;
		return NULL;
	}
	return p;
}

static void *
thread_start(void *arg)
{
	struct thread *t = arg;

	spread_release(&t->pool->spread);
	return thread_run(t);
}

void
pool_run(struct pool *p)
{
	unsigned n = 1;

	spread_init(&p->spread);
	/* Where the system has no more threads, fewer do. */
	while (n < p->threads_n &&
	    spread_create(&p->spread, n, p->stack, &p->threads[n].id,
		thread_start, &p->threads[n]) == 0)
		n++;
	thread_run(&p->threads[0]);
	while (n-- > 1)
		pthread_join(p->threads[n].id, NULL);
}

void
pool_end(struct pool *p, struct result *result, bool cut)
{
	worker_end(p->threads[0].worker, result, cut);
}

void
pool_free(struct pool *p)
{
	if (p == NULL)
		return;
	for (unsigned i = 0; i < p->threads_n; i++) {
		worker_free(p->threads[i].worker);
		reader_block_release(&p->threads[i].block);
	}
	for (size_t i = 0; p->results != NULL && i < p->size; i++)
		result_release(&p->results[i]);
	free(p->results);
	free(p->spare);
	free(p->ring);
	free(p->threads);
	pthread_cond_destroy(&p->moved);
	pthread_mutex_destroy(&p->lock);
	pthread_mutex_destroy(&p->input);
	free(p);
}
