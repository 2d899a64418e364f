#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "driver/event.h"
#include "value/number.h"

void
event_put(struct event *ev, struct value v)
{
	if (ev->outputs_n == ev->outputs_cap) {
		size_t cap = ev->outputs_cap * 4;
		struct value *more = arena_array(ev->arena, cap, sizeof(*more));

		memcpy(more, ev->outputs, ev->outputs_n * sizeof(*more));
		ev->outputs = more;
		ev->outputs_cap = cap;
	}
	ev->outputs[ev->outputs_n++] = v;
}

enum verdict
event_fail(struct event *ev, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(ev->error, sizeof(ev->error), format, args);
	va_end(args);
	return VERDICT_REJECT;
}

enum verdict
event_reject(struct event *ev, size_t column, const char *reason)
{
	ev->reason = reason;
	ev->column = column;
	return VERDICT_REJECT;
}

void
event_put_steps(struct event *ev, const struct lineage_step *step, size_t n)
{
	event_put(ev, step[n - 1].now);
	ev->steps = step;
	ev->steps_n = n;
}

struct event_reason
event_keep_reason(const struct event *ev, struct arena *a)
{
	const char *text = ev->reason != NULL ? ev->reason : ev->error;

	return (struct event_reason){
	    arena_copy(a, text, strlen(text)), ev->column};
}

uint64_t
event_number(const struct event *ev)
{
	return window_before(ev->window) + ev->index;
}

void
event_origin(struct event *ev)
{
	size_t n = ev->origin->len;
	char *from = arena_alloc(ev->arena, n + NUMBER_TEXT + 1);

	memcpy(from, ev->origin->p, n);
	n += number_format_int((int64_t)event_number(ev), from + n);
	from[n++] = '}';
	ev->record.from = from;
	ev->record.from_len = n;
}

const char *
event_article(struct value v)
{
	const char *type = value_type(v);

	if (v.kind == VALUE_NULL)
		return "";
	return *type == 'a' || *type == 'o' ? "an " : "a ";
}
