/*
 * Where an event came from: for $origin, for what a result was made of, and
 * for what was folded before.
 */
#include "fold.h"
#include "value/array.h"
#include "value/number.h"
#include "value/object.h"
#include "value/string.h"

static void
get(struct arena *a, struct value object, const char *name, struct value *v)
{
	(void)object_get(a, object, value_cstring(name), v);
}

void
fold_find_origin(struct event *ev, struct provenance *o)
{
	const struct fold_prepared *p = ev->prepared;

	if (p != NULL)
		*o = p->origin;
	else
		provenance_find(
		    o, ev->arena, ev->history, ev->source, event_number(ev));
}

/* {"id","source","line"} */
struct value
fold_origin_value(struct event *ev)
{
	struct arena *a = ev->arena;
	struct value v = object_new(a, 3);
	struct provenance o;

	fold_find_origin(ev, &o);
	v = object_set(a, v, value_cstring("id"), o.id);
	v = object_set(a, v, value_cstring("source"), o.source);
	return value_share(object_set(a, v, value_cstring("line"), o.line));
}

bool
fold_origin(struct fold *f, struct event *ev, struct composition_event *e)
{
	struct fold_local *l = ev->local;
	struct provenance o;

	fold_find_origin(ev, &o);
	if (composition_describe(e, ev->arena, &o, &l->forks, &f->sources))
		return true;
	event_fail(ev, "no memory");
	return false;
}

static bool
integer(struct value v, int64_t *n)
{
	if (!value_is_number(v))
		return false;
	if (v.kind == VALUE_NUMBER)
		v = value_number(v);
	*n = v.i;
	return v.kind == VALUE_INT;
}

/* A partition of a topic is a source as well: "topic/3". */
static struct value
partition(struct arena *a, struct value from)
{
	struct value topic = VALUE_OF(VALUE_NULL), part = topic;
	struct buf b = {0};
	char *text;

	get(a, from, "topic", &topic);
	get(a, from, "partition", &part);
	if (!value_is_string(topic) || !value_is_number(part))
		return VALUE_OF(VALUE_NULL);
	topic = string_decoded(a, topic);
	buf_put(&b, topic.text, topic.n);
	buf_putc(&b, '/');
	value_write(&b, part);
	if (buf_failed(&b)) {
		buf_release(&b);
		return VALUE_OF(VALUE_NULL);
	}
	text = arena_copy(a, b.p, b.len);
	topic = value_text(text, b.len);
	buf_release(&b);
	return topic;
}

static void
read_forks(struct event *ev, const struct provenance *o, struct position *at)
{
	at->forks_n = 0;
	for (size_t i = 0; i < o->n && at->forks_n < POSITION_FORKS; i++) {
		struct value fork = o->records[i].of[VIEW_FORK];
		int64_t n;

		if (!value_is_array(fork))
			continue;
		fork = array_open(ev->arena, fork);
		if (fork.n > 0 && integer(array_at(fork, 0), &n) && n > 0 &&
		    n <= UINT32_MAX)
			at->forks[at->forks_n++] = (uint32_t)n;
	}
}

bool
fold_position(struct event *ev, struct value *source, struct position *at)
{
	struct provenance o;

	fold_find_origin(ev, &o);
	*source = o.source;
	if (o.from.kind != VALUE_NULL && !value_is_string(o.source)) {
		*source = partition(ev->arena, o.from);
		get(ev->arena, o.from, "offset", &o.line);
	}
	if (!value_is_string(*source) || !integer(o.line, &at->number))
		return false;
	*source = string_decoded(ev->arena, *source);
	if (source->n == 1 && *source->text == '-')
		return false;
	read_forks(ev, &o, at);
	return true;
}
