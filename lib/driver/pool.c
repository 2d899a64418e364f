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
};

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t work; /* a batch was put in, or the end came */
	pthread_cond_t done;
	struct batch *ring;
	size_t size;
	size_t in, taken, out; /* counts of batches, never reset */
	bool ending;
	struct thread *threads;
	unsigned threads_n;
};

static struct batch *
batch_at(struct pool *p, size_t i)
{
	return &p->ring[i % p->size];
}

static void *
thread_run(void *arg)
{
	struct thread *t = arg;
	struct pool *p = t->pool;

	pthread_mutex_lock(&p->lock);
	while (!p->ending) {
		struct batch *b;

		if (p->taken == p->in) {
			pthread_cond_wait(&p->work, &p->lock);
			continue;
		}
		b = batch_at(p, p->taken++);
		pthread_mutex_unlock(&p->lock);
		worker_run(t->worker, &b->window, &b->result);
		pthread_mutex_lock(&p->lock);
		b->done = true;
		pthread_cond_signal(&p->done);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

static int
thread_start(struct pool *p, const struct shared *shared)
{
	struct thread *t = &p->threads[p->threads_n];
	pthread_attr_t attr;
	int error;

	t->pool = p;
	t->worker = worker_new(shared, NULL, NULL);
	if (t->worker == NULL)
		return errno;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK);
	error = pthread_create(&t->id, &attr, thread_run, t);
	pthread_attr_destroy(&attr);
	if (error != 0)
		worker_free(t->worker);
	else
		p->threads_n++;
	return error;
}

struct pool *
pool_new(const struct shared *shared, unsigned n)
{
	struct pool *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->work, NULL);
	pthread_cond_init(&p->done, NULL);
	p->size = 2 * (size_t)n + 2;
	p->ring = calloc(p->size, sizeof(*p->ring));
	p->threads = calloc(n, sizeof(*p->threads));
	for (unsigned i = 0; i < n; i++) {
		int error = p->ring == NULL || p->threads == NULL
		    ? ENOMEM
		    : thread_start(p, shared);

		if (error != 0) {
			pool_free(p);
			errno = error;
			return NULL;
		}
	}
	return p;
}

void
pool_free(struct pool *p)
{
	if (p == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	p->ending = true;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
	for (unsigned i = 0; i < p->threads_n; i++) {
		pthread_join(p->threads[i].id, NULL);
		worker_free(p->threads[i].worker);
	}
	for (size_t i = 0; p->ring != NULL && i < p->size; i++) {
		free(p->ring[i].buf);
		result_release(&p->ring[i].result);
	}
	free(p->ring);
	free(p->threads);
	pthread_cond_destroy(&p->done);
	pthread_cond_destroy(&p->work);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

struct batch *
pool_batch(struct pool *p)
{
	return p->in - p->out == p->size ? NULL : batch_at(p, p->in);
}

void
pool_post(struct pool *p)
{
	batch_at(p, p->in)->done = false;
	pthread_mutex_lock(&p->lock);
	p->in++;
	pthread_cond_signal(&p->work);
	pthread_mutex_unlock(&p->lock);
}

struct result *
pool_result(struct pool *p, bool wait)
{
	struct batch *b = batch_at(p, p->out);
	bool done;

	if (p->out == p->in)
		return NULL;
	pthread_mutex_lock(&p->lock);
	while (wait && !b->done)
		pthread_cond_wait(&p->done, &p->lock);
	done = b->done;
	pthread_mutex_unlock(&p->lock);
	return done ? &b->result : NULL;
}

void
pool_next(struct pool *p)
{
	p->out++;
}
