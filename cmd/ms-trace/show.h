/*
 * show - what the readers that show events one by one have in common: which
 * events (--id, --where), and on what paper (--color).
 *
 * The argument of such a command starts with a struct show, and the command
 * takes the callbacks below as they are.
 */
#ifndef SHOW_H
#define SHOW_H

#include "driver/driver.h"
#include "render/log.h"
#include "base/terminal.h"

/* A command's shared options. */
extern const struct option_spec show_options[];

struct show {
	const char *id;          /* how it starts; or NULL */
	const char *where;       /* a jq program, or NULL */
	struct program *program; /* of where */
	enum paper_colour when;
	struct paper paper;
};

/* One of these options: 0, or -1 after a complaint. */
int show_option(
    struct show *s, const struct command *c, int id, const char *value);

/* For a command's start(): STATUS_OK, or the status after a complaint. */
int show_start(struct show *s, struct settings *set);

/* A command's local_new(), local_free() and release(). */
void *show_local_new(void *arg);
void show_local_free(void *local);
void show_release(void *arg);

/* VERDICT_PASS for an event to show; else what to return. */
enum verdict show_picks(const struct show *s, struct event *ev);

/* The event as journeys have it. */
struct traveller show_traveller(const struct event *ev);

#endif
