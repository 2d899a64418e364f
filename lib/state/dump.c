#include <inttypes.h>

#include "base/instant.h"
#include "state/dump.h"
#include "value/number.h"
#include "value/object.h"
#include "value/string.h"

void
dump_put(struct buf *out, const char *key, size_t key_len, const char *value,
    size_t value_len, const char *at, size_t at_len)
{
	buf_puts(out, "{\"key\":");
	buf_put(out, key, key_len);
	buf_puts(out, ",\"value\":");
	buf_put(out, value, value_len);
	if (at_len > 0) {
		buf_puts(out, ",\"at\":\"");
		buf_put(out, at, at_len);
		buf_putc(out, '"');
	}
	buf_puts(out, "}\n");
}

void
dump_put_position(
    struct buf *out, const char *source, size_t len, const struct position *at)
{
	char forks[POSITION_TEXT];
	size_t n = position_forks_text(at, forks);

	buf_puts(out, "{\"source\":");
	value_write_string(out, source, len);
	buf_printf(out, ",\"number\":%" PRId64 ",\"forks\":\"%.*s\"}\n",
	    at->number, (int)n, forks);
}

void
dump_put_facts(struct buf *out, const struct dump_facts *f)
{
	char time[INSTANT_TEXT];

	if (f->has_time) {
		(void)instant_format(f->time, time);
		buf_printf(out, ",\"time\":\"%s\"", time);
	}
	if (f->order > 0)
		buf_printf(out, ",\"order\":%" PRIu64, f->order);
}

/* A member; VALUE_NULL where there is none. */
static struct value
member(struct arena *a, struct value object, const char *name)
{
	struct value v = VALUE_OF(VALUE_NULL);

	(void)object_get(a, object, value_cstring(name), &v);
	return v;
}

static bool
read_integer(struct value v, int64_t *n)
{
	if (!value_is_number(v))
		return false;
	if (v.kind == VALUE_NUMBER)
		v = value_number(v);
	*n = v.i;
	return v.kind == VALUE_INT;
}

static enum dump_status
read_position(
    struct arena *a, struct value v, struct dump_entry *e, const char **why)
{
	struct value forks = member(a, v, "forks");

	*why = "a line of a source needs its name, a number and forks";
	if (!value_is_string(e->source) || !value_is_string(forks) ||
	    !read_integer(member(a, v, "number"), &e->position.number))
		return DUMP_BAD;
	e->source = string_decoded(a, e->source);
	forks = string_decoded(a, forks);
	return position_forks_read(&e->position, forks.text, forks.n)
	    ? DUMP_POSITION
	    : DUMP_BAD;
}

static enum dump_status
read_mark(
    struct arena *a, struct value v, struct dump_entry *e, const char **why)
{
	struct value time = member(a, v, "time"), order = member(a, v, "order");
	struct value lines;
	int64_t n = 0;

	e->of = member(a, v, "of");
	e->barrier = member(a, v, "barrier");
	*why = "its n is no number";
	e->n = -1;
	if (object_get(a, v, value_cstring("n"), &lines) &&
	    (!read_integer(lines, &e->n) || e->n < 0))
		return DUMP_BAD;
	*why = "its time is not RFC 3339, or its order no number";
	if (time.kind != VALUE_NULL) {
		if (!value_is_string(time))
			return DUMP_BAD;
		time = string_decoded(a, time);
		if (!instant_parse(time.text, time.n, &e->facts.time))
			return DUMP_BAD;
		e->facts.has_time = true;
	}
	if (order.kind != VALUE_NULL) {
		if (!read_integer(order, &n) || n < 0)
			return DUMP_BAD;
		e->facts.order = (uint64_t)n;
	}
	return DUMP_MARK;
}

enum dump_status
dump_read(struct arena *a, const char *line, size_t len, struct dump_entry *e,
    const char **why)
{
	struct scan_error error;
	struct value v, stage;

	*why = "this is no line of state, an object of key and value";
	if (!value_parse(a, line, len, &v, &error) || !value_is_object(v))
		return DUMP_BAD;
	if (object_get(a, v, value_cstring("stage"), &stage))
		return read_mark(a, v, e, why);
	if (object_get(a, v, value_cstring("source"), &e->source))
		return read_position(a, v, e, why);
	e->at = member(a, v, "at");
	*why = "a line of state needs a key";
	if (!object_get(a, v, value_cstring("key"), &e->key))
		return DUMP_BAD;
	*why = "a line of state needs a value";
	return object_get(a, v, value_cstring("value"), &e->value) ? DUMP_ENTRY
								   : DUMP_BAD;
}
