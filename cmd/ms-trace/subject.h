/*
 * subject - a command that lines are fed to, and whose output is read
 * meanwhile, so that neither waits for the other.
 */
#ifndef SUBJECT_H
#define SUBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"

struct subject {
	pid_t pid;      /* 0: it doesn't run */
	int in, out;    /* its standard input and output, or -1 */
	struct buf got; /* output that wasn't taken */
	size_t taken;   /* bytes of it */
	int error;      /* why its output couldn't be read, or 0 */
};

/*
 * In a new process: run the command, a list that ends with NULL.  One word
 * with spaces, or what a shell has a meaning for, is for sh -c.
 */
_Noreturn void subject_exec(char *const *command);

/* Start it; false and errno on failure. */
bool subject_start(struct subject *c, char *const *command);

/*
 * Feed it; false where it reads no more, or errno (0 if only that) says what
 * failed.
 */
bool subject_write(struct subject *c, const char *text, size_t len);

/*
 * The next whole line of what it wrote so far, without its newline, valid
 * until the next call of any; false where there is none.
 */
bool subject_line(struct subject *c, const char **line, size_t *len);

/* Close its input.  What it writes is to be read to the end. */
void subject_close(struct subject *c);

/* Wait for more of its output; false at the end of it. */
bool subject_read(struct subject *c);

/* Wait for its end: as of waitpid(2). */
int subject_wait(struct subject *c);

/* End it, if it runs still. */
void subject_release(struct subject *c);

#endif
