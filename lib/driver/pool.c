#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "driver/pool.h"

/* As the main thread has; memory is taken when it is touched. */
enum { STACK = 100 << 20 };

struct thread {
	pthread_t id;
	struct pool *pool;
	struct worker *worker;
	struct block block;
};

struct slot {
	struct result result;
	bool done;
};

struct pool {
	struct flow flow;
	pthread_mutex_t input; /* held by the thread that reads */

	pthread_mutex_t lock; /* for what follows */
	pthread_cond_t moved; /* a result was committed, or it ended */
	struct slot *ring;
	size_t size;
	size_t in, out; /* counts of results, never reset */
	bool committing;
	bool ended;

	struct thread *threads;
	unsigned threads_n;
};

static struct slot *
slot_at(struct pool *p, size_t i)
{
	return &p->ring[i % p->size];
}

/* A slot for the window just read; NULL where its result isn't wanted. */
static struct slot *
take_slot(struct pool *p)
{
	struct slot *s = NULL;

	pthread_mutex_lock(&p->lock);
	while (!p->ended && p->in - p->out == p->size)
		pthread_cond_wait(&p->moved, &p->lock);
	if (!p->ended)
		s = slot_at(p, p->in++);
	pthread_mutex_unlock(&p->lock);
	return s;
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

static struct slot *
take(struct thread *t, struct window *w)
{
	struct pool *p = t->pool;

	while (!has_ended(p)) {
		switch (p->flow.next(p->flow.arg, &t->block, w)) {
		case SUPPLY_WINDOW:
			return take_slot(p);
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
	return NULL;
}

/* Commit what is done, in order, unless somebody is at it. */
static void
hand_in(struct pool *p, struct slot *s)
{
	pthread_mutex_lock(&p->lock);
	s->done = true;
	while (!p->committing && p->out != p->in && slot_at(p, p->out)->done) {
		bool go_on;

		s = slot_at(p, p->out);
		p->committing = true;
		pthread_mutex_unlock(&p->lock);
		go_on = p->flow.commit(p->flow.arg, &s->result);
		pthread_mutex_lock(&p->lock);
		p->committing = false;
		s->done = false;
		p->out++;
		if (!go_on)
			p->ended = true;
		pthread_cond_broadcast(&p->moved);
	}
	pthread_mutex_unlock(&p->lock);
}

static void *
thread_run(void *arg)
{
	struct thread *t = arg;
	struct pool *p = t->pool;
	struct window w;
	struct slot *s;

	for (;;) {
		pthread_mutex_lock(&p->input);
		s = take(t, &w);
		pthread_mutex_unlock(&p->input);
		if (s == NULL)
			return NULL;
		worker_run(t->worker, &w, &s->result);
		hand_in(p, s);
	}
}

static int
thread_new(struct pool *p, const struct shared *shared)
{
	struct thread *t = &p->threads[p->threads_n];

	t->pool = p;
	t->worker = worker_new(shared, NULL, NULL);
	if (t->worker == NULL)
		return -1;
	p->threads_n++;
	return 0;
}

struct pool *
pool_new(const struct shared *shared, const struct flow *flow, unsigned n)
{
	struct pool *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->flow = *flow;
	pthread_mutex_init(&p->input, NULL);
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->moved, NULL);
	p->size = 2 * (size_t)n + 2;
	p->ring = calloc(p->size, sizeof(*p->ring));
	p->threads = calloc(n, sizeof(*p->threads));
	if (p->ring == NULL || p->threads == NULL) {
		pool_free(p);
		errno = ENOMEM;
		return NULL;
	}
	for (unsigned i = 0; i < n; i++) {
		if (thread_new(p, shared) == -1) {
			pool_free(p);
			errno = ENOMEM;
			return NULL;
		}
	}
	return p;
}

/* Start a thread; where the system has no more of them, fewer do. */
static bool
thread_start(struct thread *t)
{
	pthread_attr_t attr;
	int error;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK);
	error = pthread_create(&t->id, &attr, thread_run, t);
	pthread_attr_destroy(&attr);
	return error == 0;
}

void
pool_run(struct pool *p)
{
	unsigned n = 1;

	while (n < p->threads_n && thread_start(&p->threads[n]))
		n++;
	thread_run(&p->threads[0]);
	while (n-- > 1)
		pthread_join(p->threads[n].id, NULL);
}

void
pool_free(struct pool *p)
{
	if (p == NULL)
		return;
	for (unsigned i = 0; i < p->threads_n; i++) {
		worker_free(p->threads[i].worker);
		block_release(&p->threads[i].block);
	}
	for (size_t i = 0; p->ring != NULL && i < p->size; i++)
		result_release(&p->ring[i].result);
	free(p->ring);
	free(p->threads);
	pthread_cond_destroy(&p->moved);
	pthread_mutex_destroy(&p->lock);
	pthread_mutex_destroy(&p->input);
	free(p);
}
