#include <string.h>

#include "driver/check.h"
#include "driver/control.h"
#include "driver/size.h"
#include "json/levels.h"
#include "value/object.h"

static bool
stays_object(const void *arg, struct event *ev, struct value *v)
{
	(void)arg;
	if (value_is_object(*v))
		return true;
	event_fail(ev, "an event must stay an object; the program gave %s%s",
	    event_article(*v), value_type(*v));
	return false;
}

static bool
leaves_history(const void *arg, struct event *ev, struct value *v)
{
	const struct settings *set = arg;
	struct value key = value_cstring(set->lineage_key), history;

	if (!object_get(ev->arena, *v, key, &history))
		return true;
	event_fail(ev, "a program can't set %s; it is the event's history",
	    set->lineage_key);
	return false;
}

static bool
is_no_control(const void *arg, struct event *ev, const char *text, size_t len)
{
	const char *key = control_key(text, len), *end;
	size_t n;

	(void)arg;
	if (key == NULL)
		return true;
	end = memchr(key + 1, '"', (size_t)(text + len - key - 1));
	n = end == NULL ? 0 : (size_t)(end - key - 1);
	event_fail(ev, "an event can't begin with %.*s", (int)(n < 80 ? n : 80),
	    key + 1);
	return false;
}

static bool
fits_line(const void *arg, struct event *ev, const char *text, size_t len)
{
	const struct settings *set = arg;
	char limit[SIZE_TEXT];

	(void)text;
	if (len <= set->max_line)
		return true;
	size_format(limit, set->max_line);
	event_fail(ev,
	    "the event and its history would be a line longer than %s", limit);
	return false;
}

/* Is the event as it was read its only output, or none given? */
static bool
is_as_read(const struct event *ev)
{
	const struct value *v = ev->outputs;

	return ev->outputs_n == 0 ||
	    (ev->outputs_n == 1 && v->kind == VALUE_RAW_OBJECT &&
		v->n == ev->root.n && v->doc == ev->root.doc);
}

/* Would the next stage, with the same limit, read levels so deep? */
static bool
fits_depth(const void *arg, struct event *ev, const char *text, size_t len)
{
	const struct settings *set = arg;

	if (is_as_read(ev) || !levels_exceed(text, len, set->max_depth))
		return true;
	event_fail(ev,
	    "the event would be nested deeper than %zu levels (--max-depth)",
	    set->max_depth);
	return false;
}

void
checks_init(struct checks *c, const struct settings *set)
{
	*c = (struct checks){.n = 0};
	(void)checks_add(c, (struct check){stays_object, is_no_control, NULL});
	(void)checks_add(c, (struct check){leaves_history, fits_line, set});
	(void)checks_add(c, (struct check){NULL, fits_depth, set});
	c->always = c->n;
	/* All that these look at; what is shorter can't be too deep. */
	c->plain = set->max_line < 2 * set->max_depth ? set->max_line
						      : 2 * set->max_depth;
}

bool
checks_add(struct checks *c, struct check check)
{
	if (c->n == CHECKS)
		return false;
	c->v[c->n++] = check;
	if (check.line != NULL)
		c->plain = 0;
	return true;
}

static bool
check_output(const struct checks *c, struct event *ev, struct value *v)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct check *k = &c->v[i];

		if (k->output != NULL && !k->output(k->arg, ev, v))
			return false;
	}
	return true;
}

bool
checks_outputs(const struct checks *c, struct event *ev)
{
	for (size_t i = 0; i < ev->outputs_n; i++) {
		if (!check_output(c, ev, &ev->outputs[i]))
			return false;
	}
	return true;
}

bool
checks_whole_line(
    const struct checks *c, struct event *ev, const char *text, size_t len)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct check *k = &c->v[i];

		if (k->line != NULL && !k->line(k->arg, ev, text, len))
			return false;
	}
	return true;
}

enum verdict
check_written(struct event *ev, size_t from)
{
	const struct buf *out = ev->out;

	if (buf_failed(out) || out->len == from)
		return VERDICT_WRITTEN; /* whoever sends it on asks */
	return checks_line(ev->checks, ev, out->p + from, out->len - from - 1)
	    ? VERDICT_WRITTEN
	    : VERDICT_REJECT;
}
