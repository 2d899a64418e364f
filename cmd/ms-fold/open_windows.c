/*
 * Which window has been open longest: a line of time is passed on as its
 * start.  Nobody asks where there are no such lines, so the windows are put
 * into a queue when the first one comes.  A window that has closed since, or
 * starts earlier now, stays there until it is the first.
 */
#include <stdlib.h>
#include <string.h>

#include "windows.h"

bool
open_windows_note(
    struct fold *f, const char *key, size_t len, const struct pane *p)
{
	const struct due d = {.time = p->from, .order = p->order};

	return !f->asked_for_open || windows_add(&f->open, key, len, len, &d);
}

static bool
note(void *arg, const struct state_entry *e)
{
	struct pane pane;

	if (sessions_is_held(arg, e))
		return true;
	memcpy(&pane, e->text, sizeof(pane));
	return pane.rev > 0 ||
	    open_windows_note(arg, e->key, e->key_len, &pane);
}

/* Is it open, and does it start there? */
static bool
is_open(const struct fold *f, const struct due *d)
{
	const struct pane_key *k = d->what;
	struct state_entry e;
	struct pane pane;

	if (!state_peek(f->kept, k->text, k->len, &e))
		return false;
	memcpy(&pane, e.text, sizeof(pane));
	return pane.rev == 0 && pane.order == d->order && pane.from == d->time;
}

bool
open_windows_oldest(struct fold *f, int64_t *time)
{
	const struct due *d, *held = due_first(&f->held);

	if (!f->asked_for_open) {
		f->asked_for_open = true;
		if (!state_all(f->kept, note, f))
			return false;
	}
	while ((d = due_first(&f->open)) != NULL && !is_open(f, d)) {
		free(d->what);
		due_drop_first(&f->open);
	}
	if (d != NULL && d->time < *time)
		*time = d->time;
	if (held != NULL && held->time < *time)
		*time = held->time;
	return true;
}
