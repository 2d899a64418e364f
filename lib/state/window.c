#include <stdlib.h>
#include <string.h>

#include "state/duration.h"
#include "state/window.h"

/* Text behind a word and its colon; NULL where it starts otherwise. */
static const char *
behind(const char *text, const char *word)
{
	size_t n = strlen(word);

	return strncmp(text, word, n) == 0 ? text + n : NULL;
}

static bool
parse_count(struct window_plan *w, const char *text, const char **why)
{
	char *end;

	*why = "count:N needs a whole number above 0";
	w->kind = WINDOW_COUNT;
	if (*text < '0' || *text > '9')
		return false;
	w->count = strtoull(text, &end, 10);
	return *end == '\0' && w->count > 0;
}

static bool
parse_time(struct window_plan *w, const char *text, const char **why)
{
	const char *slash = strchr(text, '/');
	size_t n = slash == NULL ? strlen(text) : (size_t)(slash - text);

	w->kind = WINDOW_TIME;
	*why = "a window is a time as 5m, two as 5m/1m, session:10m, "
	       "count:100 or all";
	if (!duration_parse(text, n, &w->size) || w->size == 0)
		return false;
	w->step = w->size;
	if (slash == NULL)
		return true;
	if (!duration_parse(slash + 1, strlen(slash + 1), &w->step) ||
	    w->step == 0)
		return false;
	*why = "windows that slide need a step below their size";
	if (w->step > w->size)
		return false;
	*why = "an event would be in more than 1,000 windows";
	return w->size / w->step < WINDOW_MOST;
}

bool
window_parse(struct window_plan *w, const char *text, const char **why)
{
	const char *rest;

	*w = (struct window_plan){.kind = WINDOW_ALL};
	if (strcmp(text, "all") == 0)
		return true;
	if ((rest = behind(text, "count:")) != NULL)
		return parse_count(w, rest, why);
	if ((rest = behind(text, "session:")) == NULL)
		return parse_time(w, text, why);
	*why = "session:TIME needs the time that ends a session, as 10m";
	w->kind = WINDOW_SESSION;
	return duration_parse(rest, strlen(rest), &w->size) && w->size > 0;
}

/* Rounded down, for times before 1970 too. */
static int64_t
floor_to(int64_t time, int64_t step)
{
	int64_t rest = time % step;

	return time - (rest < 0 ? rest + step : rest);
}

int64_t
window_first(const struct window_plan *w, int64_t time)
{
	return floor_to(time - w->size, w->step) + w->step;
}

void
due_release(struct due_queue *q)
{
	free(q->heap);
	*q = (struct due_queue){.heap = NULL};
}

static bool
comes_before(const struct due *x, const struct due *y)
{
	return x->time != y->time ? x->time < y->time : x->order < y->order;
}

bool
due_add(struct due_queue *q, const struct due *d)
{
	size_t i = q->n;

	if (q->n == q->cap) {
		size_t cap = q->cap == 0 ? 64 : q->cap * 2;
		struct due *heap = reallocarray(q->heap, cap, sizeof(*heap));

		if (heap == NULL)
			return false;
		q->heap = heap;
		q->cap = cap;
	}
	q->n++;
	for (; i > 0 && comes_before(d, &q->heap[(i - 1) / 2]); i = (i - 1) / 2)
		q->heap[i] = q->heap[(i - 1) / 2];
	q->heap[i] = *d;
	return true;
}

const struct due *
due_first(const struct due_queue *q)
{
	return q->n == 0 ? NULL : q->heap;
}

void
due_drop_first(struct due_queue *q)
{
	struct due last = q->heap[--q->n];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < q->n) {
		if (child + 1 < q->n &&
		    comes_before(&q->heap[child + 1], &q->heap[child]))
			child++;
		if (!comes_before(&q->heap[child], &last))
			break;
		q->heap[i] = q->heap[child];
		i = child;
	}
	q->heap[i] = last;
}
