/*
 * trial - a command that is run on an input, to see if it fails as it did on
 * the whole.
 */
#ifndef TRIAL_H
#define TRIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct trial {
	char *command[2];  /* one word, and NULL: see subject_exec() */
	const char *match; /* text on its standard error, or NULL */
	int64_t limit;     /* microseconds that it may run */
	int in, errors;    /* temporary files, -1 before trial_init() */
	int status;        /* of the run on the whole, as of waitpid(2) */
	uint64_t runs;
	bool stopped; /* a signal came, or the system failed: error */
	int error;
};

/* How a run ended. */
enum trial_end {
	TRIAL_PASSED,
	TRIAL_FAILED, /* as on the whole, or with that text */
	TRIAL_OTHER,  /* it failed otherwise */
	TRIAL_UNABLE, /* the command couldn't be run: 126, 127 */
	TRIAL_LATE,   /* it ran for too long */
	TRIAL_STOPPED,
};

/* False and errno on failure. */
bool trial_init(struct trial *t);
void trial_release(struct trial *t);

/*
 * Run it.  The first run is the one on the whole: it is TRIAL_FAILED where
 * the command failed at all, or the text was there.
 */
enum trial_end trial_run(struct trial *t, const char *input, size_t len);

#endif
