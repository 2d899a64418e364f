/*
 * frame - what the subcommands that read histories have in common.
 *
 * A subcommand says what it is called, which parts of the frame it has, and
 * what it does with one event.  The frame makes a command for the driver of
 * it, and keeps the rest: which events are meant (--id, --where), colours
 * (--color), the arguments before the files, and what becomes of the exit
 * status.
 *
 * The argument of all functions is a struct that starts with a struct frame.
 */
#ifndef FRAME_H
#define FRAME_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/terminal.h"
#include "driver/driver.h"
#include "history/pointer.h"
#include "render/show.h"

enum frame_part {
	FRAME_PICKS = 1,    /* --id and --where */
	FRAME_COLOUR = 2,   /* --color */
	FRAME_DOCUMENT = 4, /* what is written is no stream of events */
	FRAME_WHOLE = 8,    /* one document of all events: in one thread */
	FRAME_SEALS = 16,   /* it wants the keys of MS_SEAL_KEY */
	FRAME_POLICY = 32,  /* --policy, which it judges by */
	FRAME_MASKS = 64,   /* --key-file, to mask by */
	FRAME_TAKES = 128,  /* --policy, by which it forgets and masks */
};

struct subcommand {
	const char *name;
	const char *synopsis; /* as in the man page, with the name */
	const char *summary;
	unsigned parts;
	const struct option_spec *options; /* its own; NULL: it has none */

	/* These are as in struct command; only event() must be set. */
	int (*option)(void *arg, int id, const char *value);
	int (*start)(struct settings *set, void *arg);
	/* Events that --id and --where don't pick among; NULL: none are. */
	bool (*not_picked)(const struct event *ev, const void *arg);
	enum verdict (*event)(struct event *ev, void *arg);
	enum verdict (*seal)(struct event *ev, void *arg);
	void (*finish)(void *arg, struct buf *out);
	void (*release)(void *arg);
};

/* Starts as zero. */
struct frame {
	const struct subcommand *is;
	struct command command;
	struct option_spec shared[4];
	size_t behind;     /* arguments behind --, SIZE_MAX without one */
	const char *id;    /* how it starts; or NULL */
	const char *where; /* a jq program, or NULL */
	struct program *program;
	enum terminal_colour when;
	struct terminal terminal;      /* standard output */
	const struct policed *policed; /* that those keep to; or NULL */
	bool passes_others;  /* events that aren't meant pass unchanged */
	atomic_bool met;     /* an event with that id */
	atomic_bool failed;  /* the exit status is to be STATUS_IO */
	atomic_bool differs; /* it is to be 1 */
};

/* main() of a subcommand, whose name is argv[0]: gives the exit status. */
int frame_main(
    const struct subcommand *c, struct frame *f, int argc, char **argv);

/* Complain that something failed, which the exit status will say, too. */
void frame_fail(struct frame *f, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Take up to max arguments for which can_be() holds from the files; taken
 * has room for them.  Where the command line holds --, all arguments before
 * it are meant; else they end at the first that can't be one, or names a
 * file that exists and is no directory.  Gives their number, SIZE_MAX where
 * one before -- can't be one.
 */
size_t frame_arguments(const struct frame *f, struct settings *set, size_t max,
    bool (*can_be)(const char *text), const char **taken);

/* May an argument be a path in an event?  ./log and ../log are files. */
bool frame_is_path(const char *text);

/*
 * Read a path in an event; what says which it is in a complaint.  STATUS_OK,
 * or the status to exit with after a complaint.
 */
int frame_path(const struct command *c, struct settings *set, const char *what,
    const char *text, struct pointer *path);

/* The event, as the views of lib/render have it. */
struct show_event frame_event(const struct event *ev);

/* Pass the event on as it was read; gives the verdict. */
enum verdict frame_pass(struct event *ev);

#endif
