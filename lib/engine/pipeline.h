/*
 * pipeline - a user's pipeline of filters as processes beside us, and what
 * goes through it up to a barrier.
 */
#ifndef ENGINE_PIPELINE_H
#define ENGINE_PIPELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/returns.h"
#include "source/process.h"

enum { PIPELINE_ERROR = 256, PIPELINE_WORDS = 16, PIPELINE_SETS = 8 };

/* How it is run. */
struct pipeline_plan {
	char *shell[PIPELINE_WORDS + 3]; /* ends with -c, command, NULL */
	char *set[PIPELINE_SETS + 1];    /* NAME=VALUE of its own, then NULL */
};

/* What goes through. */
struct pipeline_pass {
	const char *text; /* lines; it stays until they are taken */
	size_t len;
	const char *barrier; /* behind them; NULL: the end of the input is */
	size_t barrier_len;
	int patience;             /* milliseconds until it must be back */
	bool (*hurry)(void *arg); /* is it to be given up soon? Or NULL */
	void *arg;
};

enum { PIPELINE_AHEAD = 2 }; /* passes that may be under way */

struct pipeline_sent {
	struct pipeline_pass pass;
	char name[RETURNS_NAME];
	char barrier[RETURNS_NAME + 64];
	size_t done, whole; /* bytes of text and barrier that are written */
};

struct pipeline {
	struct process process;
	struct returns returns;
	struct pipeline_sent sent[PIPELINE_AHEAD]; /* the oldest first */
	size_t sent_n;
	int exit;                   /* what it ended with; -1: by a signal */
	char error[PIPELINE_ERROR]; /* why the last pass failed */
};

enum pipeline_status {
	PIPELINE_BACK,    /* the lines are in returns */
	PIPELINE_ENDED,   /* it ended before */
	PIPELINE_LATE,    /* it didn't answer in time */
	PIPELINE_WRONG,   /* it lost lines, or made up a barrier */
	PIPELINE_HURRIED, /* we were asked to end meanwhile */
	PIPELINE_FAILED,  /* our own pipes or memory did */
};

/* The words of a shell, and its command; false: too many words. */
bool pipeline_plan_shell(
    struct pipeline_plan *plan, char *words, const char *command);

/* One that doesn't run. */
void pipeline_init(struct pipeline *p);

/* Run it; -1 and errno where the system refuses. */
int pipeline_start(struct pipeline *p, const struct pipeline_plan *plan);

/* Was it started, and not waited for yet? */
static inline bool
pipeline_runs(const struct pipeline *p)
{
	return p->process.pid != 0;
}

/*
 * Send lines and a barrier behind what is under way, where that is less than
 * PIPELINE_AHEAD passes: what has no room at once goes out while the oldest is
 * waited for.
 */
void pipeline_send(
    struct pipeline *p, const char *name, const struct pipeline_pass *pass);

/*
 * Wait for the oldest pass that is under way, as pipeline_pass().  Its
 * patience begins now.
 */
enum pipeline_status pipeline_take(struct pipeline *p);

/*
 * Send lines and a barrier through, with nothing under way.  But for
 * PIPELINE_BACK the pipeline is of no more use; error says why.  Without a
 * barrier it has ended then.
 */
enum pipeline_status pipeline_pass(
    struct pipeline *p, const char *name, const struct pipeline_pass *pass);

/* Kill it with all it started. */
void pipeline_kill(struct pipeline *p);

/*
 * End its input, and wait for its end so many milliseconds.  True where it
 * went well; else error says how it ended.
 */
bool pipeline_end(struct pipeline *p, int patience);

/* Free what an ended one holds. */
void pipeline_release(struct pipeline *p);

#endif
