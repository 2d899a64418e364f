/*
 * returns - what comes back from a pipeline: lines, up to a barrier's.
 *
 *	returns_expect(&r, name);
 *	while (returns_room(&r) && (n = read(fd, …)) > 0
 *	    && returns_take(&r, n) == RETURNS_MORE)
 *		;
 *
 * Lines stay valid until the next returns_expect(), which keeps what came
 * behind the barrier.  A line that says the time, {"ms.time":"…"}, speaks to
 * filters alone: it is counted with the barrier and ends here.
 */
#ifndef ENGINE_RETURNS_H
#define ENGINE_RETURNS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum { RETURNS_ERROR = 200, RETURNS_NAME = 64 };

struct returns_span {
	size_t at, len; /* in the text, without the line's end */
};

struct returns {
	struct buf text;
	size_t scanned;   /* bytes of it that were looked at */
	size_t begun;     /* where the line in hand starts */
	struct buf lines; /* where each line stands, as returns_span */
	size_t times;     /* lines that say the time, and aren't in there */
	char name[RETURNS_NAME];
	bool back; /* the barrier is */
	char error[RETURNS_ERROR];
};

enum returns_status {
	RETURNS_MORE, /* the barrier isn't back yet */
	RETURNS_BACK,
	RETURNS_WRONG, /* error says why */
	RETURNS_STARVED,
};

/* Begin anew: lines, then a barrier of that name. */
void returns_expect(struct returns *r, const char *name);

/* Forget what is there: another pipeline comes. */
void returns_drop(struct returns *r);
void returns_release(struct returns *r);

/* Make room for reading behind the text; false: no memory. */
bool returns_room(struct returns *r);

/* n bytes more stand behind the text. */
enum returns_status returns_take(struct returns *r, size_t n);

/* There will be no more: is all of it whole lines? */
bool returns_whole(const struct returns *r);

/* How many lines came before the barrier, and one of them. */
size_t returns_count(const struct returns *r);
const char *returns_line(const struct returns *r, size_t i, size_t *len);

/* The line of a barrier before which so many lines were sent. */
void returns_put_barrier(struct buf *out, const char *name, size_t n);

#endif
