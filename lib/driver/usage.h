/*
 * usage - the tables of options, what --help shows of them, and what is said
 * to a user who got them wrong.
 *
 * There is one table for the family, one for commands that take a program,
 * and up to two of the command itself.  The command's own come first.
 */
#ifndef DRIVER_USAGE_H
#define DRIVER_USAGE_H

#include "driver/command.h"

/* Identities of the options that are not a command's own. */
enum {
	OPTION_ARG = 1000, /* these four as in enum variable_kind */
	OPTION_ARGJSON,
	OPTION_SLURPFILE,
	OPTION_RAWFILE,
	OPTION_ARGS,
	OPTION_JSONARGS,
	OPTION_LINEAGE,
	OPTION_LINEAGE_CAP,
	OPTION_SEAL_KEY,
	OPTION_REJECTS,
	OPTION_TRAIL,
	OPTION_APPEND,
	OPTION_TRUNCATE,
	OPTION_ON_ERROR,
	OPTION_NO_OUTPUT,
	OPTION_MAX_LINE,
	OPTION_MAX_DEPTH,
	OPTION_MAX_MEMORY,
	OPTION_STATS,
	OPTION_PROGRESS,
	OPTION_RELOAD,
	OPTION_POLICY,
	OPTION_KEY_FILE,
};

enum { USAGE_TABLES = 4 };

/* The tables that a command has, its own first; each ends with a zero. */
void usage_tables(
    const struct command *c, const struct option_spec *t[USAGE_TABLES]);

/* Show the help, or the version, on standard output; -1 after a complaint. */
int usage_help(const struct command *c);
int usage_version(const struct command *c);

/* Complain about the usage, with the usage line; always -1. */
int usage_wrong(const struct command *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Complain of a missing program; stage is what -n took, or NULL.  Gives -1. */
int usage_no_program(const struct command *c, const char *stage);

#endif
