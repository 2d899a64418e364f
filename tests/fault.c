/*
 * fault - makes read, write, close and malloc fail, for tests: LD_PRELOAD
 * it, with FAULT=CALL=HOW in the environment.
 *
 * CALL is read, write or close.  HOW is short (one byte, then two, ...),
 * eintr (every other call is interrupted), or eio:K (the K-th call fails,
 * and every one after it; K is 1 where it isn't given).  Only reads of
 * standard input and what is done to standard output fail, so that tables
 * can be read and messages still come out.
 *
 * FAULT=clock=leap lets ten seconds go by between two looks at the clock that
 * only goes forward.
 *
 * FAULT=signalfd=eio lets signalfd() fail as where no descriptor is left,
 * FAULT=linkat=eio linkat() as where a file can't be given a name.
 *
 * For malloc, which stands for calloc and realloc too, HOW is only:K (the
 * K-th allocation fails), from:K (all from that one on), or count (none
 * fails, and their number is written to standard error at the end).
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum how { HOW_NONE, HOW_SHORT, HOW_EINTR, HOW_EIO };

struct fault {
	enum how how;
	unsigned long from; /* call from which it fails */
	unsigned long calls;
	bool known;
};

static struct fault faults[5];
static const char *const names[] = {
    "read", "write", "close", "signalfd", "linkat"};

static void
learn(struct fault *f, const char *name)
{
	const char *text = getenv("FAULT");
	size_t n = strlen(name);

	f->known = true;
	if (!text || strncmp(text, name, n) != 0 || text[n] != '=')
		return;
	text += n + 1;
	if (strcmp(text, "short") == 0)
		f->how = HOW_SHORT;
	else if (strcmp(text, "eintr") == 0)
		f->how = HOW_EINTR;
	else if (strncmp(text, "eio", 3) == 0)
		f->how = HOW_EIO;
	f->from = text[3] == ':' ? strtoul(text + 4, NULL, 10) : 1;
}

/* Is this call to fail?  errno is set where it is; *n gets shorter. */
static bool
hit(int which, size_t *n)
{
	struct fault *f = &faults[which];

	if (!f->known)
		learn(f, names[which]);
	f->calls++;
	if (f->how == HOW_SHORT && *n > 1 + f->calls % 7)
		*n = 1 + f->calls % 7;
	if (f->how == HOW_EINTR && f->calls % 2 == 1) {
		errno = EINTR;
		return true;
	}
	if (f->how == HOW_EIO && f->calls >= f->from) {
		errno = EIO;
		return true;
	}
	return false;
}

/* --- memory: with FAULT_MEMORY, since ASan has an allocator of its own --- */
#ifdef FAULT_MEMORY

/* glibc's own: looking them up would allocate. */
extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);

enum memory { MEMORY_NONE, MEMORY_ONLY, MEMORY_FROM, MEMORY_COUNT };

static struct {
	enum memory how;
	unsigned long at, calls;
} memory;

__attribute__((constructor)) static void
start(void)
{
	static const char *const hows[] = {"only:", "from:", "count"};
	const char *text = getenv("FAULT");

	if (text == NULL || strncmp(text, "malloc=", 7) != 0)
		return;
	text += 7;
	for (int i = 0; i < 3; i++) {
		if (strncmp(text, hows[i], 5) == 0) {
			memory.how = (enum memory)(i + 1);
			memory.at = strtoul(text + 5, NULL, 10);
		}
	}
}

__attribute__((destructor)) static void
end(void)
{
	if (memory.how == MEMORY_COUNT)
		dprintf(STDERR_FILENO, "%lu\n", memory.calls);
}

/* Is this allocation to fail? */
static bool
starve(void)
{
	unsigned long n;

	if (memory.how == MEMORY_NONE)
		return false;
	n = __atomic_add_fetch(&memory.calls, 1, __ATOMIC_RELAXED);
	if (memory.how == MEMORY_COUNT || n < memory.at ||
	    (memory.how == MEMORY_ONLY && n > memory.at))
		return false;
	errno = ENOMEM;
	return true;
}

void *
malloc(size_t n)
{
	return starve() ? NULL : __libc_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
	return starve() ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *p, size_t n)
{
	return starve() ? NULL : __libc_realloc(p, n);
}
#endif

/* --- time --- */

int
clock_gettime(clockid_t clock, struct timespec *t)
{
	static time_t leaps;
	const char *text = getenv("FAULT");
	int got = (int)syscall(SYS_clock_gettime, clock, t);

	if (clock == CLOCK_MONOTONIC && text != NULL &&
	    strcmp(text, "clock=leap") == 0)
		t->tv_sec += __atomic_add_fetch(&leaps, 10, __ATOMIC_RELAXED);
	return got;
}

/* --- input and output --- */

ssize_t
read(int fd, void *p, size_t n)
{
	static ssize_t (*real)(int, void *, size_t);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "read");
	if (fd == 0 && hit(0, &n))
		return -1;
	return real(fd, p, n);
}

ssize_t
write(int fd, const void *p, size_t n)
{
	static ssize_t (*real)(int, const void *, size_t);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "write");
	if (fd == 1 && hit(1, &n))
		return -1;
	return real(fd, p, n);
}

int
close(int fd)
{
	static int (*real)(int);
	size_t n = 0;

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "close");
	if (fd == 1 && hit(2, &n))
		return -1;
	return real(fd);
}

int
signalfd(int fd, const sigset_t *set, int flags)
{
	static int (*real)(int, const sigset_t *, int);
	size_t n = 0;

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "signalfd");
	if (!hit(3, &n))
		return real(fd, set, flags);
	errno = EMFILE;
	return -1;
}

int
linkat(int from, const char *old, int to, const char *new, int flags)
{
	static int (*real)(int, const char *, int, const char *, int);
	size_t n = 0;

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "linkat");
	return hit(4, &n) ? -1 : real(from, old, to, new, flags);
}
