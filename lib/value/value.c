#include <errno.h>
#include <string.h>

#include "value/array.h"
#include "value/number.h"
#include "value/object.h"
#include "value/string.h"
#include "value/value.h"

struct value
value_cstring(const char *text)
{
	return value_text(text, strlen(text));
}

/* Newlines in well-formed JSON are white space; in an event they end it. */
static void
one_line(char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] == '\n' || text[i] == '\r')
			text[i] = ' ';
}

static void
release_scan(void *scan)
{
	scan_release(scan);
}

/* Memory is missing: the system's, or what the event may have. */
static _Noreturn void
overflow(struct arena *a)
{
	if (errno == ENOMEM)
		arena_starve(a);
	arena_exceed(a);
}

/* A scan that the arena releases, at the latest. */
static struct scan *
open_scan(struct arena *a, struct arena_deferred **release)
{
	struct scan *s = arena_alloc(a, sizeof(*s));

	if (scan_init(s, SCAN_DEPTH * 10) == -1)
		overflow(a);
	scan_charge(s, &a->account);
	*release = arena_defer(a, release_scan, s);
	return s;
}

/* The scan's doc as one that lasts. */
static struct doc *
keep_doc(struct arena *a, const struct scan *s)
{
	struct doc *d = arena_alloc(a, sizeof(*d));
	size_t n = s->n + 1;

	*d = s->doc;
	d->hidden = 0;
	d->at = memcpy(
	    arena_array(a, n, sizeof(*d->at)), s->at, n * sizeof(*d->at));
	d->match = memcpy(arena_array(a, n, sizeof(*d->match)), s->match,
	    n * sizeof(*d->match));
	return d;
}

bool
value_parse_by(struct scan *s, struct arena *a, const char *text, size_t len,
    struct value *v, struct scan_error *error)
{
	struct line line;
	enum scan_status status;
	char *copy;

	*error = (struct scan_error){0};
	copy = arena_alloc(a, len + SCAN_PADDING);
	memcpy(copy, text, len);
	memset(copy + len, '\n', SCAN_PADDING);
	status = scan_text(s, copy, len, &line);
	if (status == SCAN_OK) {
		one_line(copy, len);
		*v = value_source(keep_doc(a, s), line.root);
	} else if (status == SCAN_BLANK) {
		error->column = 1;
		strcpy(error->reason, "expected a value");
	} else if (status == SCAN_BAD) {
		*error = line.error;
	} else {
		overflow(a);
	}
	return status == SCAN_OK;
}

bool
value_parse(struct arena *a, const char *text, size_t len, struct value *v,
    struct scan_error *error)
{
	struct arena_deferred *release;
	struct scan *s = open_scan(a, &release);
	bool good = value_parse_by(s, a, text, len, v, error);

	arena_end(a, release);
	return good;
}

/* What is still raw, one level down, is opened by each event for itself. */
static struct value
freeze_part(struct arena *a, struct value v)
{
	if (v.kind == VALUE_ARRAY || v.kind == VALUE_OBJECT)
		return value_freeze(a, v);
	v.flags &= (uint8_t)~VALUE_ROOM;
	return v;
}

static struct value
freeze_array(struct arena *a, struct value v)
{
	v = array_open(a, v);
	for (uint32_t i = 0; i < v.n; i++)
		v.array->v[i] = freeze_part(a, v.array->v[i]);
	v.array->cap = v.array->used;
	v.array->front = 0;
	return v;
}

static struct value
freeze_object(struct arena *a, struct value v)
{
	struct value at;

	v = object_open(a, v);
	object_length(a, v);                      /* settles it */
	object_get(a, v, value_text("", 0), &at); /* builds its index */
	for (uint32_t i = 0; i < v.object->n; i++)
		v.object->m[i].value = freeze_part(a, v.object->m[i].value);
	return v;
}

struct value
value_freeze(struct arena *a, struct value v)
{
	if (value_is_array(v))
		v = freeze_array(a, v);
	else if (value_is_object(v))
		v = freeze_object(a, v);
	v.flags &= (uint8_t)~VALUE_ROOM;
	return value_share(v);
}

const char *
value_type(struct value v)
{
	if (v.kind == VALUE_NULL)
		return "null";
	if (v.kind <= VALUE_TRUE)
		return "boolean";
	if (v.kind <= VALUE_NUMBER)
		return "number";
	if (v.kind <= VALUE_ESCAPED)
		return "string";
	return v.kind <= VALUE_ARRAY ? "array" : "object";
}

bool
value_same(struct value x, struct value y)
{
	if (x.kind != y.kind)
		return false;
	switch (x.kind) {
	case VALUE_INT:
		return x.i == y.i;
	case VALUE_DOUBLE:
		return memcmp(&x.d, &y.d, sizeof(x.d)) == 0;
	case VALUE_NUMBER:
	case VALUE_STRING:
	case VALUE_ESCAPED:
		return x.n == y.n &&
		    (x.text == y.text || memcmp(x.text, y.text, x.n) == 0);
	case VALUE_RAW_ARRAY:
	case VALUE_RAW_OBJECT:
		return x.doc == y.doc && x.n == y.n;
	case VALUE_ARRAY:
		return x.array == y.array && x.n == y.n;
	case VALUE_OBJECT:
		return x.object == y.object;
	default:
		return true;
	}
}
