/*
 * settings - what the command line and the environment say.
 *
 * options_parse() fills them; a command's start() may change some.  They last
 * as long as the command runs.
 */
#ifndef DRIVER_SETTINGS_H
#define DRIVER_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/arena.h"
#include "lang/program.h"
#include "record/lineage.h"
#include "record/seal_key.h"

struct forget;

enum on_error { ON_ERROR_REJECT, ON_ERROR_PASS, ON_ERROR_STOP };

/* What to do with a line for which the program gives nothing. */
enum no_output { NO_OUTPUT_DEFAULT, NO_OUTPUT_DROP, NO_OUTPUT_REJECT };

struct policed;

/* A file that the command reads beside its input. */
struct settings_file {
	struct settings_file *next;
	const char *path, *what;
};

/* What the command line says, for the driver and for a command's start(). */
struct settings {
	const char *command;      /* "ms-filter" */
	struct timespec begun;    /* when the process did */
	const char *program_text; /* PROGRAM or the content of -f FILE */
	size_t program_len;
	const char *program_file; /* of -f, or NULL */
	const char *stage;        /* -n, or NULL */
	enum lineage_mode lineage;
	bool lineage_given;        /* by --lineage */
	struct rulebook *rulebook; /* MS_RULES, or NULL */
	struct forget *forget;     /* see forgetting.h; NULL: nothing is */
	bool forget_late;     /* when the command says so: forgetting_now() */
	bool makes_events;    /* the command does, with event_make() */
	bool withholds;       /* a line that is no event isn't told */
	bool takes_back;      /* the command brings former states back */
	const char *key_file; /* --key-file, or NULL: MS_KEY_FILE */
	size_t lineage_cap;   /* --lineage-cap SIZE */
	const char *lineage_key;     /* MS_LINEAGE_KEY or "_lineage" */
	struct seal_keys *seal_keys; /* --seal-key, MS_SEAL_KEY; or NULL */
	const char *rejects;         /* FILE or NULL */
	const char *trail;           /* the same; MS_TRAIL */
	const char *else_file;       /* set by a command that has --else */
	enum on_error on_error;
	enum no_output no_output; /* by default: a reject with -R */
	size_t max_line;          /* bytes */
	size_t max_depth;         /* levels of nesting */
	size_t max_memory;        /* bytes that one event may take */
	unsigned threads;         /* -j */
	bool in_order;            /* see prepare() of command.h */
	bool later;               /* with it: the same */
	bool append;              /* to else_file, which others may share */
	bool truncate; /* the rejects file, before anything is written */
	bool raw;      /* lines are strings: set by start() */
	bool document; /* what is written is no stream: barriers end here */
	const char *source; /* that events come from, in place of the input */
	/* Windows that are read while an event waits: see ahead.h; or 0. */
	size_t ahead;
	bool batches;            /* output is held: see commit() of command.h */
	const char *state_dir;   /* MS_STATE, or NULL */
	const char *policy;      /* --policy or MS_POLICY, or NULL */
	struct policed *policed; /* what is made of it; the driver's */
	bool beside;     /* state goes there: see barrier() of command.h */
	bool keep_end;   /* so at the end: MS_STATE_END, or set by start() */
	int64_t tick;    /* microseconds between lines of time, or 0 */
	bool count_only; /* -c: how many passed, not the events */
	bool quiet;      /* with count_only: not even that, but the status */
	uint64_t stop_after; /* -m: events passed, 0 for no end */
	bool input_failed;   /* some of it couldn't be read: set on the way */
	bool unsound;        /* exit with STATUS_REJECTED: set at the end */
	bool stats, progress;
	bool reload;  /* the program's file is followed: see reload.h */
	char **files; /* what is left of the arguments */
	size_t files_n;
	/* What the record says as rule: program_text, or set by start(). */
	const char *rule;
	size_t rule_len;
	/* --arg and its kin, for struct program_source: see variables.h. */
	struct binding *bindings;
	size_t bindings_n;
	struct value named;          /* the same, as an object */
	struct value positional;     /* of --args and --jsonargs: an array */
	struct settings_file *reads; /* see settings_reads() */
	const char *rules;           /* that compact histories write, or NULL */
	char *program_own;           /* what -f FILE held */
	char *rule_own;              /* the program without comments */
	bool starved;                /* there was no memory for an option */
	struct arena arena; /* for what lives as long as the settings */
	jmp_buf overflow;
};

/* The defaults of the family; command is the name for messages. */
void settings_init(struct settings *set, const char *command);
void settings_release(struct settings *set);

/*
 * Note that the command reads a file, so that no output is opened on it; what
 * says what it is, as "a table".  Both texts must last as long as the
 * settings.  -1 after a complaint.
 */
int settings_reads(struct settings *set, const char *path, const char *what);

/*
 * Prepare the records of a stage whose op and rule these are: see
 * lineage_init().  With --lineage compact the rule's text is written to
 * MS_RULES, unless it is there.  -1 after a complaint.
 */
int settings_lineage(const struct settings *set, struct lineage *l,
    const char *op, const char *rule, size_t rule_len);

/*
 * Compile a program with the settings' bindings; the caller frees it.
 * STATUS_OK, or the status to exit with after a complaint: a program that is
 * wrong is told on standard error with a caret under the place.
 */
int settings_compile(const struct settings *set, const char *text, size_t len,
    const char *file, struct program **p);

/* The same for one that says which events pass: no assignment can. */
int settings_predicate(const struct settings *set, const char *text, size_t len,
    const char *file, struct program **p);

#endif
