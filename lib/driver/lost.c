#include "driver/lost.h"

#include <stdlib.h>
#include <string.h>

#include "driver/complain.h"

bool
lost_init(struct lost *l)
{
	*l = (struct lost){.list = {0}};
	return pthread_mutex_init(&l->lock, NULL) == 0;
}

void
lost_release(struct lost *l)
{
	forgotten_release(&l->list);
	pthread_mutex_destroy(&l->lock);
}

static void
note(void *arg, const char *path)
{
	struct lost *l = arg;

	pthread_mutex_lock(&l->lock);
	forgotten_note(&l->list, path);
	pthread_mutex_unlock(&l->lock);
}

void
lost_note(struct lost *l, struct arena *a, struct value v)
{
	forgotten_paths(a, v, note, l);
}

static int
by_path(const void *x, const void *y)
{
	const struct forgotten_path *p = x, *q = y;

	return strcmp(p->path, q->path);
}

void
lost_tell(struct lost *l, const char *command)
{
	const struct forgotten_list *list = &l->list;

	if (list->n > 0)
		qsort(list->v, list->n, sizeof(*list->v), by_path);
	for (size_t i = 0; i < list->n; i++)
		complain(command,
		    "%s was forgotten: null stands there (%zu time%s)",
		    list->v[i].path, list->v[i].times,
		    list->v[i].times == 1 ? "" : "s");
	if (list->more > 0)
		complain(command, "more paths were forgotten, %zu time%s",
		    list->more, list->more == 1 ? "" : "s");
}
