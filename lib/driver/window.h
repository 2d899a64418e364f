/*
 * window - whole lines of an input, on their way to a worker.
 *
 * What stands in memory is the reader's.  How many lines came before is
 * known at once where one thread reads and works; else it is summed up from
 * the windows before, which may have to be waited for, once somebody asks.
 */
#ifndef DRIVER_WINDOW_H
#define DRIVER_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct window {
	const char *text; /* NULL for what is only told: see len */
	size_t len; /* with no text so many NUL bytes before the next line, */
		    /* or 0 for a line that was too long */
	const char *source; /* as data call it */
	const char *name;   /* as messages call it */
	bool first;         /* of its input */
	uint64_t turn;      /* tells it from those before */
	uint64_t before;    /* lines of the input; where count is NULL */

	/* The same, where it has to be found out. */
	uint64_t (*count)(void *count_arg);
	void *count_arg;
};

/* Lines of the input before the window; what is found out is kept in it. */
static inline uint64_t
window_before(const struct window *w)
{
	return w->count == NULL ? w->before : w->count(w->count_arg);
}

enum { WINDOW_PIECE = 64 * 1024 }; /* worked on at a time: few entries then */

/* Bytes of whole lines, a piece of them or a line that is larger. */
size_t window_piece(const char *text, size_t len);

/* Lines in the window, counted by their ends: one less without the last. */
uint64_t window_lines(const struct window *w);

#endif
