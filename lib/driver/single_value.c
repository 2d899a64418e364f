#include "driver/single_value.h"

/* What a program gave: one output is wanted. */
struct single {
	size_t n;
	struct value v;
};

static bool
take_single(void *arg, struct value v)
{
	struct single *s = arg;

	s->v = v;
	return ++s->n < 2;
}

bool
single_value_of(
    struct event *ev, struct machine *m, const char *what, struct value *v)
{
	struct single s = {.n = 0};

	if (machine_run(m, ev->arena, ev->root, &ev->context, take_single,
		&s) == PROGRAM_FAILED) {
		event_fail(ev, "%s: %s", what, machine_error(m));
		return false;
	}
	*v = s.v;
	if (s.n == 1)
		return true;
	event_fail(ev, "%s gave %s, and one value is wanted", what,
	    s.n == 0 ? "nothing" : "several values");
	return false;
}
