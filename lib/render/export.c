#include <stdarg.h>
#include <string.h>

#include "render/export.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

/* Note whether memory was missing; gives the same value. */
static json_t *
checked(struct export *x, json_t *value)
{
	x->failed |= value == NULL;
	return value;
}

json_t *
export_text(struct export *x, struct value text)
{
	return checked(x, json_stringn(text.n == 0 ? "" : text.text, text.n));
}

json_t *
export_pack(struct export *x, const char *format, ...)
{
	json_error_t error;
	json_t *value;
	va_list args;

	va_start(args, format);
	value = json_vpack_ex(&error, 0, format, args);
	va_end(args);
	return checked(x, value);
}

void
export_append(struct export *x, json_t *array, json_t *value)
{
	x->failed |= json_array_append_new(array, value) == -1;
}

void
export_set(struct export *x, json_t *object, const char *key, json_t *value)
{
	x->failed |= json_object_set_new(object, key, value) == -1;
}

json_t *
export_member(struct export *x, const struct view *v, enum view_member m)
{
	struct value text;

	return view_text(x->a, v, m, &text) ? export_text(x, text) : NULL;
}

json_t *
export_document(struct export *x)
{
	json_decref(x->document);
	x->failed = false;
	x->document = checked(x, json_object());
	return x->document;
}

static int
put_text(const char *text, size_t n, void *arg)
{
	buf_put(arg, text, n);
	return 0;
}

bool
export_line(struct export *x, struct buf *out)
{
	size_t from = out->len;

	if (!x->failed && !buf_failed(out) &&
	    json_dump_callback(x->document, put_text, out, JSON_COMPACT) == 0)
		buf_putc(out, '\n');
	else
		x->failed = true;
	x->failed |= buf_failed(out);
	if (x->failed)
		out->len = from;
	return !x->failed;
}

void
export_release(struct export *x)
{
	json_decref(x->document);
	x->document = NULL;
}

static bool
read_digits(struct value id, char digits[33])
{
	size_t n = 0;

	for (uint32_t i = 0; i < id.n; i++) {
		char c = id.text[i];

		if (c == '-')
			continue;
		if (c >= 'A' && c <= 'F')
			c = (char)(c - 'A' + 'a');
		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')) ||
		    n == 32)
			return false;
		digits[n++] = c;
	}
	digits[32] = '\0';
	return n == 32 && strspn(digits, "0") < 32;
}

bool
export_id(struct export *x, const struct view *v, size_t n, struct value *id,
    char digits[33])
{
	for (size_t i = 0; i < n; i++) {
		if (!view_text(x->a, &v[i], VIEW_ID, id))
			continue;
		if (read_digits(*id, digits))
			return true;
		x->error = "the event's id is no UUID";
		return false;
	}
	x->error = "the event has no id; ms-trace gives it one";
	return false;
}

void
export_changed(
    struct export *x, const struct view *v, json_t *paths, const char *type)
{
	struct value undo = v->of[VIEW_UNDO], path[2];

	if (!value_is_array(undo))
		return;
	undo = array_open(x->a, undo);
	for (size_t i = 0; i < array_length(undo); i++) {
		size_t n = view_paths(x->a, array_at(undo, i), path);

		for (size_t k = 0; k < n; k++) {
			json_t *text = export_text(x, path[k]);

			if (type != NULL)
				text = export_pack(x, "{s:o}", type, text);
			export_append(x, paths, text);
		}
	}
}
