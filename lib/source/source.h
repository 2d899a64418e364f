/*
 * source - context: what is known by a key, wherever it is kept.
 *
 * A source is opened before the first event, asked by all threads at once,
 * and closed after the last.  Each kind (a table is one) fills in a struct
 * source_kind, and its own struct starts with a struct source.  What isn't
 * the source itself, above all where a row goes and what its record says,
 * is join.h's, for all kinds alike.
 *
 * What a row is known by later (a line, a hash) is part of the row, since
 * the next row with its key may be another version; where rows come from
 * is asked of the source, since only it knows what they have in common.
 */
#ifndef SOURCE_SOURCE_H
#define SOURCE_SOURCE_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "value/value.h"

enum {
	SOURCE_HASH = 32, /* hexadecimal digits; no NUL behind them */
	SOURCE_NOTE = 256,
	SOURCE_KEYS = 8, /* of a row, at most */
};

/* How the last key finds its row; those before it are compared by value. */
enum source_match {
	SOURCE_EXACT,
	SOURCE_CIDR,   /* the longest network that holds the address */
	SOURCE_PREFIX, /* the longest text that the key starts with */
	SOURCE_RANGE,  /* between two columns, both ends included */
};

/* Which of rows with the same key counts. */
enum source_repeated { SOURCE_LAST, SOURCE_FIRST, SOURCE_REFUSE };

/* A column's name, as the user says it; no NUL ends it. */
struct source_name {
	const char *text;
	size_t len;
};

/* A column that rows are found by; of a range there are two. */
struct source_key {
	struct source_name column, to;
};

/* What the user says of it; all of it outlasts the source. */
struct source_options {
	const char *name; /* of the file; any bytes but NUL */
	const struct source_key *keys;
	size_t keys_n;
	enum source_match match;
	const char *valid;   /* FROM[,TO]: columns of a row's period, or NULL */
	const char *columns; /* a comma-separated choice, or NULL for all */
	const char *types;   /* col:string,col2:number, or NULL */
	bool strings;        /* cells of text files stay strings */
	char separator;      /* of cells, or '\0' for what the name says */
	bool all;            /* find all rows of a key */
	enum source_repeated repeated;
	bool follow;       /* the file changes while it is used */
	bool mmdb;         /* it is a MaxMind database */
	const char *sql;   /* a SELECT, whose parameters the keys are */
	size_t cache;      /* so many answers are kept; 0 for none, */
	int64_t cache_ttl; /* for so many microseconds; 0 for ever */
	int64_t timeout;   /* microseconds that an answer may take */
	bool command;      /* the name is one: a coprocess's; */
	size_t processes;  /* so many of them, */
	size_t in_flight;  /* requests under way in each, */
	size_t max_line;   /* bytes of an answer */
	bool plain;        /* a key that is a string is sent without quotes */
	bool objects;      /* answers must be objects, to be merged */

	/* Called where something about a followed file should be known. */
	void (*tell)(void *tell_arg, const char *text);
	void *tell_arg;
};

struct source_error {
	size_t line, column; /* in bytes, from 1; 0 where there is none */
	bool usage;          /* the file is fine, what is asked of it isn't */
	char text[SOURCE_NOTE];
};

enum source_status {
	SOURCE_MISS,
	SOURCE_FOUND,
	SOURCE_DELETED, /* a miss: the row that would count says so */
	SOURCE_BROKEN,  /* the source can't answer: error says why */
	SOURCE_ENDED,   /* nor can it answer anything that comes */
};

enum { SOURCE_WATCHED = 2 }; /* descriptors */

/* What goes on beside while a source waits for an answer. */
struct source_wait {
	void *arg;

	/*
	 * Have the kind's ask() called for later events, until it wants no
	 * more.  False where there are no later ones any more.
	 */
	bool (*ask)(void *arg);

	/* It has to wait: let everybody see what is there. */
	void (*begin)(void *arg);

	/*
	 * poll(), of n descriptors in an array that has room for
	 * SOURCE_WATCHED more; true where something came of the first ones,
	 * or of those.  *ending: the stage was asked to end.
	 */
	bool (*poll)(void *arg, struct pollfd *p, nfds_t n, int milliseconds,
	    bool *ending);
};

/* What is asked. */
struct source_query {
	const struct value *keys; /* as many as the options have */
	int64_t time;             /* microseconds since 1970; with valid */
	uint64_t event;           /* its number, which grows */
	const struct source_wait *wait; /* of a kind that has ask() */
};

/* What a key finds. */
struct source_row {
	struct value value; /* an object; it lives as long as the event */
	uint64_t line;      /* in the file, from 1; 0 where there are none */
	const char *hash;   /* half of the SHA-256 of its text in the file */
};

/* The answer: the row that counts, or with all each of them, in order. */
struct source_rows {
	struct source_row *row; /* first, or the arena's */
	size_t n;
	struct source_row first;
	const char *error; /* where it failed */
};

struct source {
	const struct source_kind *kind;
	char note[SOURCE_NOTE]; /* what people should know of it, or "" */
};

struct source_kind {
	/*
	 * What is found is one answer, with one hash and no line; with all
	 * its value is an array.
	 */
	bool answers;

	/* NULL and error where it can't be had. */
	struct source *(*open)(
	    const struct source_options *o, struct source_error *error);

	/*
	 * What a thread asks from now on, where a source has versions: the
	 * one of now.  It gives up the last one that it got, or NULL at its
	 * first event; with last and no source it gives it up for good.  NULL
	 * for a kind that has one version.
	 */
	const struct source *(*view)(
	    struct source *s, const struct source *last);

	/*
	 * New events came: what was known before they did is to be seen by
	 * them.  May be NULL.
	 */
	void (*refresh)(struct source *s);

	/*
	 * What find() will be asked for later; false where that is enough for
	 * now.  May be NULL.
	 */
	bool (*ask)(const struct source *s, struct arena *a,
	    const struct source_query *q);

	/*
	 * Look keys up, which may be any values.  Memory comes from the
	 * arena, which jumps where memory ends.
	 */
	enum source_status (*find)(const struct source *s, struct arena *a,
	    const struct source_query *q, struct source_rows *rows);

	/*
	 * The *n columns of a row, as strings that live as long as the
	 * source: the chosen ones, or all that it has.
	 */
	const struct value *(*columns)(const struct source *s, size_t *n);

	/*
	 * What a record's "from" says of all rows: "table":"hosts.csv".  It
	 * is "table" for other sources as well: "source" is where an event
	 * itself came from.
	 */
	struct value (*origin)(const struct source *s);

	/* Append what --stats tells beside hits and misses; may be NULL. */
	void (*count)(struct source *s, struct buf *out);

	/*
	 * Nothing more will be asked, and all was well; false, and why, where
	 * it wasn't.  May be NULL.
	 */
	bool (*end)(struct source *s, const char **error);

	void (*close)(struct source *s);
};

/* Close a source of any kind; s may be NULL. */
static inline void
source_close(struct source *s)
{
	if (s != NULL)
		s->kind->close(s);
}

#endif
