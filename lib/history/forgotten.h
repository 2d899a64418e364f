/*
 * forgotten - where an event that was taken back holds nulls in place of what
 * was destroyed on purpose.
 */
#ifndef HISTORY_FORGOTTEN_H
#define HISTORY_FORGOTTEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "value/value.h"

/* Does a value that was taken back hold such a null? */
bool forgotten_in(struct value v);

/*
 * Tell each path of one, as .a.b[], with a NUL; its memory is the arena's.
 * Gives how many there are.
 */
size_t forgotten_paths(struct arena *a, struct value v,
    void (*tell)(void *arg, const char *path), void *arg);

/* A list of such paths, each with how often it came; starts as zero. */
struct forgotten_list {
	struct forgotten_path {
		char *path;
		size_t times;
	} * v;
	size_t n, more; /* more: that found no room */
};

/* Count a path that was forgotten once more; the list's end. */
void forgotten_note(struct forgotten_list *l, const char *path);
void forgotten_release(struct forgotten_list *l);

#endif
