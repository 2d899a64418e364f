#include <string.h>

#include "driver/check.h"
#include "driver/control.h"
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

void
checks_init(struct checks *c, const struct settings *set)
{
	c->n = 0;
	(void)checks_add(c, (struct check){stays_object, NULL});
	(void)checks_add(c, (struct check){leaves_history, set});
}

bool
checks_add(struct checks *c, struct check check)
{
	if (c->n == CHECKS)
		return false;
	c->v[c->n++] = check;
	return true;
}

bool
checks_pass(const struct checks *c, struct event *ev)
{
	for (size_t i = 0; i < ev->outputs_n; i++) {
		for (size_t k = 0; k < c->n; k++) {
			const struct check *check = &c->v[k];

			if (!check->look(check->arg, ev, &ev->outputs[i]))
				return false;
		}
	}
	return true;
}
