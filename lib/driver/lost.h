/*
 * lost - where events are given null in the place of what was destroyed.
 *
 * Whoever takes events back tells each path once, at the end.  Threads may
 * note paths at the same time.
 */
#ifndef DRIVER_LOST_H
#define DRIVER_LOST_H

#include <pthread.h>

#include "base/arena.h"
#include "history/forgotten.h"
#include "value/value.h"

struct lost {
	pthread_mutex_t lock; /* of what follows */
	struct forgotten_list list;
};

/* False where there is no memory; then nothing is to be released. */
bool lost_init(struct lost *l);
void lost_release(struct lost *l);

/* Note the paths of a value that was taken back; scratch is the arena's. */
void lost_note(struct lost *l, struct arena *a, struct value v);

/* Tell them on standard error, in the name of a command. */
void lost_tell(struct lost *l, const char *command);

#endif
