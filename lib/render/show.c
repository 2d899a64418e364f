#include <inttypes.h>
#include <string.h>

#include "base/utf8.h"
#include "render/made.h"
#include "render/show.h"
#include "value/object.h"
#include "value/string.h"

void
show_value(struct show *s, const char *colour, struct value v)
{
	if (value_is_string(v))
		v = string_decoded(s->a, v);
	if (v.kind == VALUE_STRING || v.kind == VALUE_NUMBER)
		terminal_text(&s->line, colour, v.text, v.n);
}

/* Does a value that was put together hold a null for what was destroyed? */
static bool
holds_lost(struct value v)
{
	if (v.kind == VALUE_ARRAY) {
		for (uint32_t i = 0; i < v.n; i++)
			if (holds_lost(v.array->v[i]))
				return true;
	} else if (v.kind == VALUE_OBJECT) {
		for (uint32_t i = 0; i < v.object->n; i++)
			if (v.object->m[i].key.kind != VALUE_NULL &&
			    holds_lost(v.object->m[i].value))
				return true;
	}
	return (v.flags & VALUE_FORGOTTEN) != 0;
}

/* A value, in which what was destroyed isn't told to be null. */
static void
write_known(struct buf *out, struct value v)
{
	bool first = true;

	if (!holds_lost(v)) {
		value_write(out, v);
	} else if (v.kind == VALUE_ARRAY) {
		for (uint32_t i = 0; i < v.n; i++) {
			buf_putc(out, i == 0 ? '[' : ',');
			write_known(out, v.array->v[i]);
		}
		buf_putc(out, ']');
	} else if (v.kind == VALUE_OBJECT) {
		for (uint32_t i = 0; i < v.object->n; i++) {
			const struct member *m = &v.object->m[i];

			if (m->key.kind == VALUE_NULL)
				continue;
			buf_putc(out, first ? '{' : ',');
			first = false;
			value_write(out, m->key);
			buf_putc(out, ':');
			write_known(out, m->value);
		}
		buf_putc(out, '}');
	} else {
		buf_puts(out, "(forgotten)");
	}
}

void
show_json(struct show *s, const char *colour, struct value v, size_t columns)
{
	struct terminal_line *l = &s->line;
	struct buf text = {0};
	size_t left = l->left;

	write_known(&text, v);
	l->out->failed |= text.failed;
	if (l->left > columns)
		l->left = columns;
	columns = l->left;
	terminal_text(l, colour, text.p, text.len);
	if (left != SIZE_MAX)
		l->left += left - columns;
	buf_release(&text);
}

static bool
member(struct show *s, struct value v, const char *name, struct value *out)
{
	return object_get(s->a, v, value_cstring(name), out);
}

static void
show_part(struct show *s, const char *colour, struct value from,
    const char *name, const char *before, const char *behind)
{
	struct value x;

	if (!member(s, from, name, &x))
		return;
	terminal_puts(&s->line, colour, before);
	show_value(s, colour, x);
	terminal_puts(&s->line, colour, behind);
}

bool
show_origin(struct show *s, const char *colour, const char *before,
    const struct view *v)
{
	struct value from = v->of[VIEW_FROM], name;
	bool topic;

	if (!value_is_object(from))
		return false;
	topic = member(s, from, "topic", &name);
	if (!topic && !member(s, from, "source", &name) &&
	    !member(s, from, "table", &name))
		return false;
	terminal_puts(&s->line, colour, before);
	show_value(s, colour, name);
	if (topic) {
		show_part(s, colour, from, "partition", "[", "]");
		show_part(s, colour, from, "offset", "@", "");
	} else {
		show_part(s, colour, from, "line", ":", "");
		if (member(s, from, "miss", &name))
			terminal_puts(&s->line, colour, " (no row)");
	}
	return true;
}

void
show_identity(struct show *s, const struct show_event *e, const struct view *v,
    size_t n, const char *anonymous)
{
	struct terminal_line *l = &s->line;
	struct value id, name;
	const struct view *origin = view_origin(s->a, v, n);
	const struct view *made = made_record(v, n);

	if (view_identity(s->a, v, n, &id) != NULL) {
		show_value(s, TERMINAL_BOLD, id);
		if (origin != NULL)
			show_origin(s, TERMINAL_PLAIN, "  from ", origin);
		else if (made != NULL)
			made_show(s, TERMINAL_PLAIN, "  of ", made);
		return;
	}
	name = string_repair(s->a, e->source, strlen(e->source));
	terminal_puts(l, TERMINAL_BOLD, anonymous);
	terminal_puts(l, TERMINAL_PLAIN, "  at ");
	show_value(s, TERMINAL_PLAIN, name);
	terminal_printf(l, TERMINAL_PLAIN, ":%" PRIu64, e->line);
}

void
show_header(
    struct show *s, const struct show_event *e, const struct view *v, size_t n)
{
	terminal_start(&s->line);
	show_identity(s, e, v, n, "event without an id");
	terminal_end(&s->line);
}

void
show_keep(char *out, size_t room, struct value text)
{
	static const char nul[] = "\357\277\275";
	size_t n = 0, len;

	for (uint32_t i = 0; i < text.n; i += (uint32_t)len) {
		const char *c = text.text + i;

		utf8_decode(c, &len);
		if (n + UTF8_MAX >= room)
			break;
		memcpy(out + n, *c == '\0' ? nul : c, *c == '\0' ? 3 : len);
		n += *c == '\0' ? 3 : len;
	}
	out[n] = '\0';
}
