#include "state/key_text.h"
#include "value/array.h"
#include "value/decimal.h"
#include "value/number.h"
#include "value/object.h"
#include "value/string.h"

enum { DEPTH = 1000 };

static bool put(struct buf *out, struct arena *a, struct value v, int depth);

static bool
put_array(struct buf *out, struct arena *a, struct value v, int depth)
{
	v = array_open(a, v);
	buf_putc(out, '[');
	for (uint32_t i = 0; i < v.n; i++) {
		if (i > 0)
			buf_putc(out, ',');
		if (!put(out, a, array_at(v, i), depth))
			return false;
	}
	buf_putc(out, ']');
	return true;
}

static bool
put_object(struct buf *out, struct arena *a, struct value v, int depth)
{
	size_t n;
	struct value *keys = object_keys(a, v, &n);

	buf_putc(out, '{');
	for (size_t i = 0; i < n; i++) {
		struct value member;

		if (i > 0)
			buf_putc(out, ',');
		value_write_string(out, keys[i].text, keys[i].n);
		buf_putc(out, ':');
		if (!object_get(a, v, keys[i], &member) ||
		    !put(out, a, member, depth))
			return false;
	}
	buf_putc(out, '}');
	return true;
}

static void
put_number(struct buf *out, struct value v)
{
	char text[NUMBER_TEXT];

	if (v.kind == VALUE_NUMBER)
		decimal_write(out, v.text, v.n);
	else if (v.kind == VALUE_INT)
		buf_put(out, text, number_format_int(v.i, text));
	else
		decimal_write(out, text, number_format(v.d, text));
}

static bool
put(struct buf *out, struct arena *a, struct value v, int depth)
{
	if (depth == 0)
		return false;
	if (value_is_number(v)) {
		put_number(out, v);
	} else if (value_is_string(v)) {
		v = string_decoded(a, v);
		value_write_string(out, v.text, v.n);
	} else if (value_is_array(v)) {
		return put_array(out, a, v, depth - 1);
	} else if (value_is_object(v)) {
		return put_object(out, a, v, depth - 1);
	} else {
		buf_puts(out,
		    v.kind == VALUE_NULL       ? "null"
			: v.kind == VALUE_TRUE ? "true"
					       : "false");
	}
	return true;
}

bool
key_text_write(struct buf *out, struct arena *a, struct value v)
{
	return put(out, a, v, DEPTH);
}
