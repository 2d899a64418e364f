#include <stdlib.h>
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

static struct value
source_string(const char *from, const char *end)
{
	struct value v = VALUE_OF(VALUE_ESCAPED);

	v.flags = VALUE_SOURCE;
	v.text = from + 1;
	v.n = (uint32_t)(end - from - 2);
	return v;
}

static struct value
source_word(const char *from, const char *end)
{
	struct value v = VALUE_OF(VALUE_NUMBER);

	if (*from == 't')
		v.kind = VALUE_TRUE;
	else if (*from == 'f')
		v.kind = VALUE_FALSE;
	else if (*from == 'n')
		v.kind = VALUE_NULL;
	v.flags = VALUE_SOURCE;
	v.text = from;
	v.n = (uint32_t)(end - from);
	return v;
}

struct value
value_source(const struct doc *d, uint32_t e)
{
	const char *from = d->text + d->at[e];
	struct value v;

	if (*from == '"')
		return source_string(from, doc_end(d, e));
	if (*from != '{' && *from != '[')
		return source_word(from, doc_end(d, e));
	v = VALUE_OF(*from == '{' ? VALUE_RAW_OBJECT : VALUE_RAW_ARRAY);
	v.flags = VALUE_SOURCE;
	v.doc = d;
	v.n = e;
	return v;
}

bool
value_parse(struct arena *a, const char *text, size_t len, struct value *v,
    struct scan_error *error)
{
	struct scan s;
	struct line line;
	enum scan_status status;
	struct doc *d;
	char *copy;

	*error = (struct scan_error){0};
	copy = arena_alloc(a, len + SCAN_PADDING);
	memcpy(copy, text, len);
	memset(copy + len, '\n', SCAN_PADDING);
	if (scan_init(&s, SCAN_DEPTH * 10) == -1)
		arena_array(a, SIZE_MAX, 2); /* as any lack of memory */
	status = scan_text(&s, copy, len, &line);
	if (status == SCAN_OK) {
		d = arena_alloc(a, sizeof(*d));
		*d = s.doc;
		d->hidden = 0;
		d->at = memcpy(arena_array(a, s.n + 1, sizeof(*d->at)), s.at,
		    (s.n + 1) * sizeof(*d->at));
		d->match = memcpy(arena_array(a, s.n + 1, sizeof(*d->at)),
		    s.match, (s.n + 1) * sizeof(*d->at));
		*v = value_source(d, line.root);
	} else if (status == SCAN_BLANK) {
		error->column = 1;
		strcpy(error->reason, "expected a value");
	} else if (status == SCAN_BAD) {
		*error = line.error;
	}
	scan_release(&s);
	if (status == SCAN_END)
		arena_array(a, SIZE_MAX, 2);
	return status == SCAN_OK;
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
value_is_source(struct value v, const struct doc *d, uint32_t e)
{
	const char *from = d->text + d->at[e];

	if (!(v.flags & VALUE_SOURCE))
		return false;
	if (v.kind >= VALUE_RAW_ARRAY)
		return v.doc == d && v.n == e;
	return v.text == from + value_is_string(v);
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
