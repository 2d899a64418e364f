/*
 * variables - what the command line hands to programs: values by name
 * (--arg and its kin) and by position (--args, --jsonargs).
 *
 * Each function gives 0, or -1 after a complaint.
 */
#ifndef DRIVER_VARIABLES_H
#define DRIVER_VARIABLES_H

#include <stdbool.h>

#include "base/buf.h"
#include "driver/command.h"
#include "driver/settings.h"

enum variable_kind {
	VARIABLE_TEXT,      /* --arg: a string */
	VARIABLE_JSON,      /* --argjson: a JSON text */
	VARIABLE_SLURPFILE, /* a file's JSON texts, as an array */
	VARIABLE_RAWFILE,   /* a file's text, as a string */
};

/* As in jq, the first value given to a name is the one that counts. */
int variable_set(struct settings *set, const struct command *c,
    enum variable_kind kind, const char *name, const char *text);

/* Add to $ARGS.positional: a string, or a JSON text. */
int variable_add(
    struct settings *set, const struct command *c, const char *text, bool json);

/* When all are known: put them together for $ARGS. */
int variables_finish(struct settings *set, const struct command *c);

/* Read a whole file, and put a NUL behind it, which doesn't count. */
int variables_read_file(struct settings *set, struct buf *b, const char *path);

#endif
