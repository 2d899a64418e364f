/*
 * program - a jq program: compiled once, run on many events.
 *
 * A program is read-only once it is made, and may be shared by threads.  A
 * machine runs it for one thread; it owns compiled patterns and match data
 * that last over events.
 */
#ifndef LANG_PROGRAM_H
#define LANG_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

#include "value/value.h"

/* A variable given from outside (--arg and the like). */
struct binding {
	const char *name;   /* without the $ */
	struct value value; /* lives as long as the program */
};

struct program_source {
	const char *text;
	size_t len;
	const char *file; /* that it was read from, or NULL */
	bool predicate;   /* what it gives says which events pass */
	const struct binding *bindings;
	size_t bindings_n;
	struct value named;      /* $__prog_named, $ARGS.named: an object */
	struct value positional; /* $ARGS.positional: an array */
};

/* Why and where a program doesn't compile. */
struct program_error {
	size_t line;   /* from 1 */
	size_t column; /* in code points, from 1 */
	size_t offset; /* in bytes, from 0 */
	char text[256];
};

/* What a program can ask about the event in hand. */
struct program_context {
	struct value lineage; /* $lineage: an array */
	struct value stage;   /* $stage: a string or null */
	struct value source;  /* $source: a string */

	/* $line; asked for only where a program wants it. */
	int64_t (*line)(void *line_arg);
	void *line_arg;
};

struct program;
struct machine;

/* Compile; NULL and error where the program is wrong or memory missing. */
struct program *program_new(
    const struct program_source *source, struct program_error *error);
void program_free(struct program *p);

/* NULL and errno where memory is missing. */
struct machine *machine_new(const struct program *p);
void machine_free(struct machine *m);

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

/*
 * Text of the last failure, as in "Cannot index number with \"a\" (at
 * program:1:9)"; no place stands behind what the program itself raised.
 */
const char *machine_error(const struct machine *m);

enum truth { TRUTH_NO, TRUTH_YES, TRUTH_FAILED };

/* Is any output neither false nor null? */
enum truth machine_test(struct machine *m, struct arena *a, struct value in,
    const struct program_context *context);

#endif
