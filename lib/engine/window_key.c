#include <string.h>

#include "base/clock.h"
#include "engine/window_key.h"
#include "history/rewind.h"
#include "history/view.h"
#include "value/object.h"
#include "value/string.h"

/* The number of the last record that a window's result got, or n. */
static size_t
find_window(const struct view *v, size_t n)
{
	for (size_t i = n; i > 0; i--)
		if (view_has(&v[i - 1], VIEW_WINDOW) &&
		    view_has(&v[i - 1], VIEW_OF))
			return i - 1;
	return n;
}

static void
take_time(struct arena *a, struct value window, struct match *out)
{
	struct value to;
	int64_t micros;

	if (!value_is_object(window) ||
	    !object_get(a, window, value_cstring("to"), &to) ||
	    !value_is_string(to))
		return;
	to = string_decoded(a, to);
	if (clock_parse(arena_copy(a, to.text, to.n), &micros) && micros >= 0)
		out->timestamp = micros / 1000;
}

/* The members in front of the window. */
static void
take_members(struct matching *m, struct value event, struct match *out)
{
	struct member *member;
	uint32_t i = 0;
	size_t n = 0;

	buf_clear(&m->key);
	buf_putc(&m->key, '[');
	event = object_open(&m->arena, event);
	while ((member = object_next(&m->arena, event, &i)) != NULL) {
		struct value name = string_decoded(&m->arena, member->key);

		if (name.n == 6 && memcmp(name.text, "window", 6) == 0)
			break;
		if (n++ > 0)
			buf_putc(&m->key, ',');
		value_write(&m->key, value_share(member->value));
	}
	buf_putc(&m->key, ']');
	if (member == NULL || n == 0 || buf_failed(&m->key))
		return;
	out->key = n == 1 ? m->key.p + 1 : m->key.p;
	out->key_len = n == 1 ? m->key.len - 2 : m->key.len;
}

void
window_key(struct matching *m, struct value root, struct value history,
    struct match *out)
{
	struct arena *a = &m->arena;
	struct rewind_error error;
	size_t n, i;
	struct view *v = view_history(a, history, &n);

	i = find_window(v, n);
	if (i == n)
		return;
	take_time(a, v[i].of[VIEW_WINDOW], out);
	/* Later stages may have changed it; without undos it is as it is. */
	(void)rewind_records(a, v, i + 1, n, &root, &error);
	take_members(m, root, out);
}
