/*
 * machine - runs a program on many events, for one thread.
 *
 * A machine owns what lasts over events: compiled regular expressions,
 * match data, and the text of the last error.
 */
#ifndef LANG_RUN_MACHINE_H
#define LANG_RUN_MACHINE_H

#include <stdbool.h>
#include <stddef.h>

#include "lang/compile/compiler.h"

/* What a program can ask about the event in hand. */
struct program_context {
	struct value lineage; /* $lineage: an array */
	struct value stage;   /* $stage: a string or null */
	struct value source;  /* $source: a string */

	/* $line; asked for only where a program wants it. */
	int64_t (*line)(void *line_arg);
	void *line_arg;

	/* now, in microseconds since 1970; NULL: what the clock says. */
	int64_t (*now)(void *now_arg);
	void *now_arg;
};

struct machine;

/* NULL and errno where memory is missing.  The program must outlive it. */
struct machine *machine_new(const struct program *p);
void machine_free(struct machine *m);

/*
 * Give the program's binding number i (of program_source) another value, for
 * this machine's runs from now on: it must last as long as they do.  False
 * where memory is missing.
 */
bool machine_bind(struct machine *m, size_t i, struct value v);

enum program_status {
	PROGRAM_DONE,
	PROGRAM_STOPPED, /* the receiver had enough */
	PROGRAM_FAILED,  /* machine_error() says why */
};

/* Takes an output; false to stop.  The value lives as long as the arena. */
typedef bool program_output(void *arg, struct value v);

/*
 * Run on one input.  All memory comes from the arena, whose overflow is
 * for the caller to catch.
 */
enum program_status machine_run(struct machine *m, struct arena *a,
    struct value in, const struct program_context *context,
    program_output *output, void *arg);

/* The same for its first output, as far as there is one; n counts to 2. */
enum program_status machine_only(struct machine *m, struct arena *a,
    struct value in, const struct program_context *context, struct value *v,
    unsigned *n);

/*
 * Text of the last failure, as in "Cannot index number with \"a\" (at
 * program:1:9)"; no place stands behind what the program itself raised.
 * It lasts until the next run.
 */
const char *machine_error(const struct machine *m);

enum truth { TRUTH_NO, TRUTH_YES, TRUTH_FAILED };

/* Is any output neither false nor null? */
enum truth machine_test(struct machine *m, struct arena *a, struct value in,
    const struct program_context *context);

#endif
