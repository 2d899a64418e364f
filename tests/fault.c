/*
 * fault - makes read, write and close fail, for tests: LD_PRELOAD it, with
 * FAULT=CALL=HOW in the environment.
 *
 * CALL is read, write or close.  HOW is short (one byte, then two, ...),
 * eintr (every other call is interrupted), or eio:K (the K-th call fails,
 * and every one after it; K is 1 where it isn't given).  Only reads of
 * standard input and what is done to standard output fail, so that tables
 * can be read and messages still come out.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum how { HOW_NONE, HOW_SHORT, HOW_EINTR, HOW_EIO };

struct fault {
	enum how how;
	unsigned long from; /* call from which it fails */
	unsigned long calls;
	bool known;
};

static struct fault faults[3];
static const char *const names[] = {"read", "write", "close"};

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
