#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "state/duration.h"
#include "state/window_plan.h"

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
	errno = 0;
	w->count = strtoull(text, &end, 10);
	return errno == 0 && *end == '\0' && w->count > 0;
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
window_plan_parse(struct window_plan *w, const char *text, const char **why)
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
window_plan_first(const struct window_plan *w, int64_t time)
{
	return floor_to(time - w->size, w->step) + w->step;
}
