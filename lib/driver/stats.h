/*
 * stats - what became of the lines, told at the end, at SIGUSR1 (at once)
 * and, with --progress, once a second.
 *
 * SIGUSR1 is blocked and read from a descriptor, so that no handler has to
 * share state with the rest, and no system call is interrupted.
 */
#ifndef DRIVER_STATS_H
#define DRIVER_STATS_H

#include <stdbool.h>
#include <stdint.h>

#include "driver/signals.h"

struct counts {
	uint64_t read; /* lines that aren't blank, nor barriers */
	uint64_t passed;
	uint64_t turned_away;
	uint64_t dropped;
	uint64_t rejected;
	uint64_t failed;    /* passed unchanged: --on-error pass */
	uint64_t forks;     /* that became several events */
	uint64_t truncated; /* records whose undo was left out */
	uint64_t written;   /* lines of output */
	uint64_t bytes;     /* of input */
};

/* Add each of c's counts to to. */
void counts_add(struct counts *to, const struct counts *c);

struct stats {
	const char *command;
	int signals;   /* descriptor that tells of SIGUSR1 */
	int64_t start; /* microseconds of a clock that only goes forward */
	int64_t next;  /* when progress is due */
	bool progress;
	bool in_place; /* standard error is a terminal */
	bool shown;    /* a line of progress stands there */
};

/* Microseconds of a clock that only goes forward. */
int64_t stats_now(void);

/*
 * Begin to count the time, and to take SIGUSR1 by a descriptor.  progress:
 * tell on standard error once a second.  -1 and errno where there is none.
 */
int stats_init(struct stats *s, const char *command, bool progress);

/* Close the descriptor, and take a line of progress off the terminal. */
void stats_release(struct stats *s);

/* Tell what is due. */
void stats_tick(struct stats *s, const struct counts *c);

/*
 * Wait until fd can be read or a signal asks to end, telling meanwhile what
 * is due.  False where stats_now() has come to the deadline before; INT64_MAX
 * is none.
 */
bool stats_wait(struct stats *s, const struct counts *c, int fd,
    const struct signals *signals, int64_t deadline);

/* Tell it all. */
void stats_tell(struct stats *s, const struct counts *c);

/* Take a line of progress off the terminal, before a message. */
void stats_hide(struct stats *s);

#endif
