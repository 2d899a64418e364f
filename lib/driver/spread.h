/*
 * spread - threads that start on processors of their own.
 *
 * A kernel may leave a new thread beside its maker until it balances the
 * load at a later tick: 2 to 4 ms were seen where HZ is 250.  So the n-th
 * thread starts on the n-th processor behind its maker's, and may be moved
 * from then on.  Where that is refused it starts as any thread does.
 */
#ifndef DRIVER_SPREAD_H
#define DRIVER_SPREAD_H

#include <pthread.h>
#include <sched.h>

struct spread {
	cpu_set_t allowed; /* processors of the process */
};

/* Note the processors that this process may use. */
void spread_init(struct spread *s);

/* pthread_create() for the n-th thread, from 1, with a stack of that size. */
int spread_create(const struct spread *s, unsigned n, size_t stack,
    pthread_t *id, void *(*run)(void *arg), void *arg);

/* The new thread's first act: from now on it may be moved. */
void spread_release(const struct spread *s);

#endif
