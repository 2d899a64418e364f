#include "driver/spread.h"

void
spread_init(struct spread *s)
{
	if (sched_getaffinity(0, sizeof(s->allowed), &s->allowed) == -1)
		CPU_ZERO(&s->allowed);
}

/* The n-th allowed processor behind the one that we run on, in a circle. */
static void
choose(const cpu_set_t *allowed, unsigned n, cpu_set_t *chosen)
{
	int here = sched_getcpu();
	size_t cpu;

	CPU_ZERO(chosen);
	if (here == -1 || CPU_COUNT(allowed) == 0)
		return;
	cpu = (size_t)here;
	while (n > 0) {
		cpu = (cpu + 1) % CPU_SETSIZE;
		n -= CPU_ISSET(cpu, allowed) != 0;
	}
	CPU_SET(cpu, chosen);
}

/* Where the C library can't (musl), a thread starts as any thread does. */
static void
set_processor(pthread_attr_t *attr, const cpu_set_t *cpu)
{
#ifdef __GLIBC__
	if (CPU_COUNT(cpu) > 0)
		pthread_attr_setaffinity_np(attr, sizeof(*cpu), cpu);
#else
	(void)attr;
	(void)cpu;
#endif
}

static int
create(const cpu_set_t *cpu, size_t stack, pthread_t *id,
    void *(*run)(void *arg), void *arg)
{
	pthread_attr_t attr;
	int error;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, stack);
	set_processor(&attr, cpu);
	error = pthread_create(id, &attr, run, arg);
	pthread_attr_destroy(&attr);
	return error;
}

int
spread_create(const struct spread *s, unsigned n, size_t stack, pthread_t *id,
    void *(*run)(void *arg), void *arg)
{
	cpu_set_t cpu, any;

	choose(&s->allowed, n, &cpu);
	if (create(&cpu, stack, id, run, arg) == 0)
		return 0;
	CPU_ZERO(&any);
	return create(&any, stack, id, run, arg);
}

void
spread_release(const struct spread *s)
{
	if (CPU_COUNT(&s->allowed) > 0)
		(void)sched_setaffinity(0, sizeof(s->allowed), &s->allowed);
}
