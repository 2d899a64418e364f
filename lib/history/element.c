#include <string.h>

#include "history/element.h"
#include "value/array.h"
#include "value/number.h"

static void
free_machine(void *m)
{
	machine_free(m);
}

struct finding {
	const struct site *site;
	size_t at;
	bool found;
};

static bool
is_key(struct value step, struct value key)
{
	if (value_is_number(step))
		step = value_number(step);
	if (step.kind == VALUE_INT)
		return key.kind == VALUE_INT && key.i == step.i;
	return step.kind == VALUE_STRING && key.kind == VALUE_STRING &&
	    key.n == step.n && memcmp(key.text, step.text, key.n) == 0;
}

static bool
look_at_element(void *arg, struct value path)
{
	struct finding *f = arg;
	size_t n = value_is_array(path) ? array_length(path) : SIZE_MAX;

	f->found = n <= f->site->n;
	for (size_t i = 0; i < n && f->found; i++)
		f->found = is_key(array_get(path, i), f->site->keys[i]);
	f->at += !f->found;
	return !f->found;
}

size_t
element_holding(struct arena *a, const struct program *paths,
    struct value event, const struct site *p)
{
	static const struct program_context none = {.line = NULL};
	struct finding f = {p, 0, false};
	struct machine *m = machine_new(paths);
	struct arena_deferred *end;

	if (m == NULL)
		return SIZE_MAX;
	end = arena_defer(a, free_machine, m);
	machine_run(m, a, event, &none, look_at_element, &f);
	arena_end(a, end);
	return f.found ? f.at : SIZE_MAX;
}
