/*
 * footprint - what a stage reads and writes, said as a jq program, so that
 * a policy can be applied before the first event.
 *
 * A command puts together programs that write at least what it writes, from
 * at least what that is made of; the users' own programs keep their places.
 */
#ifndef DRIVER_FOOTPRINT_H
#define DRIVER_FOOTPRINT_H

#include <stdbool.h>

#include "base/buf.h"
#include "driver/settings.h"

enum { FOOTPRINT_PIECES = 40 };

/* A user's program in the text. */
struct footprint_piece {
	size_t from, len; /* in the text */
	const char *name; /* "program", a file, or the option as "--by" */
};

struct footprint {
	const struct settings *set;
	struct buf text;
	struct footprint_piece piece[FOOTPRINT_PIECES];
	size_t pieces;
	bool creates; /* its events are new ones, which nobody protects */
	int status;
};

/* How a command says it; arg is its own. */
typedef void footprint_say(struct footprint *f, void *arg);

/* Append to the program. */
void footprint_put(struct footprint *f, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Append a user's program in parentheses; name is as in the piece. */
void footprint_program(
    struct footprint *f, const char *name, const char *text, size_t len);

/* The same for the settings' program. */
void footprint_main(struct footprint *f);

/* The program is whole: judge it, and begin another one. */
void footprint_judge(struct footprint *f);

/*
 * Have a command say what it does, and judge that by the settings' policy:
 * STATUS_OK, or the status to exit with after a complaint.  What can only be
 * seen at the events is noted in the policy.  Without a policy, nothing is
 * done.
 */
int footprint_check(struct settings *set, footprint_say *say, void *arg);

/*
 * The stage's program is to be another one (reload.h): false after a
 * complaint where the policy doesn't allow it.
 */
bool footprint_again(const struct settings *set, const char *text, size_t len);

#endif
