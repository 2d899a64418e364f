/*
 * process - a program beside us that reads what we write to it and writes
 * what we read.
 *
 * It is run by the shell, in a process group of its own: the terminal's
 * Ctrl-C asks us to end, not it, and what it started ends with it.  Its
 * standard error is ours.  Our ends of the pipes never block.
 */
#ifndef SOURCE_PROCESS_H
#define SOURCE_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct process {
	pid_t pid; /* 0 where none runs */
	int input; /* what it reads: written here; -1 once it was closed */
	int output;
	int watch; /* can be read once it has ended; -1 where that can't be */
};

/* Nothing runs. */
void process_init(struct process *p);

/* Run a command; -1 and errno where the system refuses. */
int process_start(struct process *p, const char *command);

/* The same for a program that is looked for in PATH, and an environment. */
int process_start_as(struct process *p, char *const argv[], char *const envp[]);

/* As write(): EPIPE, and no signal, where nobody reads any more. */
ssize_t process_write(const struct process *p, const char *text, size_t n);

/* Nothing more will be written. */
void process_end_input(struct process *p);

/*
 * Close all, and wait until it has ended, so many milliseconds; then it is
 * made to.  Gives its status, as waitpid() does; *killed: it was made to.
 */
int process_end(struct process *p, int patience, bool *killed);

/* What a status says: "status 1", "signal 9 (Killed)". */
void process_describe(char *out, size_t size, int status);

#endif
