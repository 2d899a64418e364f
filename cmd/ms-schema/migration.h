/*
 * migration - events taken from one version of their schema to another.
 *
 * What is shared here is read-only; a thread's machines and checkers are in
 * its migrant.
 */
#ifndef MS_SCHEMA_MIGRATION_H
#define MS_SCHEMA_MIGRATION_H

#include "history/pointer.h"
#include "versions.h"

struct migration {
	const struct command *command;
	struct versions versions;
	const char *to, *at_text, *stage; /* options, or NULL */
	struct schema_map *maps;
	struct pointer at; /* of the version in an event */
	const char *lineage_key;
	struct buf rule;
};

/* The options that all subcommands with versions have in common. */
#define MIGRATION_OPTIONS                                                      \
	{'d', "directory", "DIR", "schemas by name and version, programs"},    \
	    {MIGRATION_AT, "version-at", "PATH",                               \
		"where an event names both (.schema)"},                        \
	    {MIGRATION_NAME, "name", "NAME", "the schema of all events"},      \
	    {MIGRATION_FORMATS, "formats", NULL, "let format assert"},         \
	    {MIGRATION_MAP, "map", "URI=DIR",                                  \
		"where schemas are whose URIs begin so"},                      \
	{                                                                      \
		'n', NULL, "NAME", "name this stage in the history"            \
	}

enum {
	MIGRATION_TO = 256,
	MIGRATION_AT,
	MIGRATION_NAME,
	MIGRATION_FORMATS,
	MIGRATION_MAP
};

/* For struct command; arg is or begins with a struct migration. */
int migration_option(void *arg, int id, const char *value);

/* Load all; STATUS_OK, or the status to exit with after a complaint. */
int migration_start(struct migration *g, struct settings *set);
void migration_release(struct migration *g);

/* A thread's own. */
struct migrant {
	const struct migration *migration;
	struct machine **machine;        /* by step; NULL: none */
	struct schema_checker **checker; /* by version */
};

/* A thread's own machines and checkers; NULL and errno. */
void *migration_local_new(void *arg);
void migration_local_free(void *local);

/*
 * The version that an event says to have.  *from is NULL where the directory
 * hasn't got it, *number is told anyway; false after event_fail().
 */
bool migration_version(const struct migration *g, struct event *ev,
    const struct series **s, const struct version **from, uint32_t *number);

/* Is the event in hand valid by the step's schema?  Else event_reject(). */
bool migration_check(
    struct migrant *m, struct event *ev, const struct step *here);

/* Let it pass as it is, with a record that says so. */
enum verdict migration_stay(struct event *ev, const struct step *here);

/*
 * Run a step's program on *v, an object with a text of its own, and set the
 * version.  False after event_fail().
 */
bool migration_run(
    struct migrant *m, struct event *ev, const struct step *s, struct value *v);

/* Set the version in *v, unless it says it already, as the step's result. */
bool migration_set_version(const struct migration *g, struct event *ev,
    const struct step *s, struct value before, struct value *v);

/*
 * What a step made as an object with a text of its own, valid by the step's
 * schema; false after event_reject().
 */
bool migration_settle(struct migrant *m, struct event *ev, const struct step *s,
    struct value now, struct value *settled);

/* What the event's record says of a step. */
struct lineage_step migration_record(
    const struct step *s, struct value before, struct value now);

/* Reject the event; the reason begins with the step's name. */
enum verdict migration_fail(struct event *ev, const struct step *s,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
