/*
 * options - the command line: one table for the family, one for a command.
 *
 * A command's own options come first in --help, and win where both tables
 * have the same letter or name.
 */
#ifndef DRIVER_OPTIONS_H
#define DRIVER_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "lang/program.h"
#include "record/lineage.h"

struct option_spec {
	int id;            /* a short option's letter, or 256 to 999 */
	const char *name;  /* long name, or NULL */
	const char *value; /* what its value is called in --help, or NULL */
	const char *help;  /* one line; NULL: shown with the next option */
};

enum on_error { ON_ERROR_REJECT, ON_ERROR_PASS, ON_ERROR_STOP };

/* What the command line says, for the driver and for a command's start(). */
struct settings {
	const char *command;      /* "ms-filter" */
	const char *program_text; /* PROGRAM or the content of -f FILE */
	size_t program_len;
	const char *program_file; /* of -f, or NULL */
	const char *stage;        /* -n, or NULL */
	enum lineage_mode lineage;
	size_t lineage_cap;      /* --lineage-cap SIZE */
	const char *lineage_key; /* MS_LINEAGE_KEY or "_lineage" */
	const char *rejects;     /* FILE or NULL */
	const char *else_file;   /* set by a command that has --else */
	enum on_error on_error;
	size_t max_line;   /* bytes */
	size_t max_depth;  /* levels of nesting */
	size_t max_memory; /* bytes that one event may take */
	unsigned threads;  /* -j */
	bool raw;          /* lines are strings: set by start() */
	bool document;     /* what is written is no stream: barriers end here */
	bool count_only;   /* -c: how many passed, not the events */
	uint64_t stop_after; /* -m: events passed, 0 for no end */
	bool stats, progress;
	char **files; /* what is left of the arguments */
	size_t files_n;
	/* What the record says as rule: program_text, or set by start(). */
	const char *rule;
	size_t rule_len;
	/* --arg and its kin, for struct program_source: see variables.h. */
	struct binding *bindings;
	size_t bindings_n;
	struct value named;      /* the same, as an object */
	struct value positional; /* of --args and --jsonargs: an array */
	char *program_own;       /* what -f FILE held */
	struct arena arena;      /* for what lives as long as the settings */
	jmp_buf overflow;
};

struct command;

enum options_status {
	OPTIONS_RUN,
	OPTIONS_DONE,   /* after --help or --version */
	OPTIONS_WRONG,  /* after a complaint */
	OPTIONS_FAILED, /* after a complaint: output failed */
};

/* Read the command line and the environment. */
enum options_status options_parse(struct settings *set, const struct command *c,
    void *arg, int argc, char **argv);
void settings_release(struct settings *set);

/* Complain about the usage, with the usage line; always -1. */
int options_wrong(const struct command *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A size as "64M" has it, K M G being powers of 1024; false if it isn't. */
bool parse_size(const char *text, size_t *size);

/*
 * Compile a program with the settings' bindings.  A program that is wrong
 * is told on standard error with a caret under the place; NULL then.
 */
struct program *settings_compile(
    const struct settings *set, const char *text, size_t len, const char *file);

/* The same for one that says which events pass: no assignment can. */
struct program *settings_predicate(
    const struct settings *set, const char *text, size_t len, const char *file);

#endif
