#include <inttypes.h>
#include <stdio.h>
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
show_place(struct show *s, const struct show_event *e, const struct view *v,
    size_t n, const char *behind)
{
	struct terminal_line *l = &s->line;
	const struct view *origin = view_origin(s->a, v, n);
	const struct view *made = made_record(v, n);
	struct value name;

	if (origin != NULL) {
		terminal_puts(l, TERMINAL_PLAIN, "from");
		show_origin(s, TERMINAL_PLAIN, behind, origin);
	} else if (made != NULL && made_count(s->a, made) > 0) {
		terminal_puts(l, TERMINAL_PLAIN, "of");
		made_show(s, TERMINAL_PLAIN, behind, made);
	} else {
		name = string_repair(s->a, e->source, strlen(e->source));
		terminal_puts(l, TERMINAL_PLAIN, "at");
		terminal_puts(l, TERMINAL_PLAIN, behind);
		show_value(s, TERMINAL_PLAIN, name);
		terminal_printf(l, TERMINAL_PLAIN, ":%" PRIu64, e->line);
	}
}

void
show_header(
    struct show *s, const struct show_event *e, const struct view *v, size_t n)
{
	struct terminal_line *l = &s->line;
	struct value id;

	terminal_start(l);
	terminal_puts(l, TERMINAL_PLAIN, "event ");
	if (view_identity(s->a, v, n, &id) != NULL)
		show_value(s, TERMINAL_YELLOW, id);
	else
		terminal_puts(l, TERMINAL_PLAIN, "without an id");
	terminal_puts(l, TERMINAL_PLAIN, ", ");
	show_place(s, e, v, n, " ");
	terminal_end(l);
}

struct value
show_stage(struct show *s, const struct view *v)
{
	struct value text;

	if (!view_text(s->a, v, VIEW_STAGE, &text) &&
	    !view_text(s->a, v, VIEW_OP, &text))
		text = value_cstring("?");
	return text;
}

struct value
show_op(struct show *s, const struct view *v)
{
	struct value text;

	if (!view_has(v, VIEW_STAGE) || !view_text(s->a, v, VIEW_OP, &text))
		text = value_cstring("");
	return text;
}

void
show_column(
    struct show *s, const char *colour, struct value text, size_t columns)
{
	size_t n;

	if (s->line.terminal->width == SIZE_MAX) { /* nothing is cut */
		n = terminal_columns(s->line.terminal, text.text, text.n);
		terminal_text(&s->line, colour, text.text, text.n);
		terminal_spaces(&s->line, (n < columns ? columns - n : 0) + 2);
		return;
	}
	terminal_field(&s->line, colour, text.text, text.n, columns);
	terminal_spaces(&s->line, 2);
}

bool
show_next_line(struct value *text, struct value *line)
{
	const char *end;

	if (text->n == 0)
		return false;
	*line = *text;
	end = memchr(text->text, '\n', text->n);
	if (end == NULL) {
		*text = value_text("", 0);
	} else {
		line->n = (uint32_t)(end - line->text);
		text->text = end + 1;
		text->n -= line->n + 1;
	}
	line->n -= line->n > 0 && line->text[line->n - 1] == '\r';
	return true;
}

void
show_code(struct show *s, const char *colour, struct value line)
{
	const char *tab;

	while (line.n > 0 && (tab = memchr(line.text, '\t', line.n)) != NULL) {
		uint32_t n = (uint32_t)(tab - line.text);

		terminal_text(&s->line, colour, line.text, n);
		terminal_spaces(&s->line, 2);
		line.text = tab + 1;
		line.n -= n + 1;
	}
	terminal_text(&s->line, colour, line.text, line.n);
}

void
show_rule(struct show *s, const char *colour, struct value rule)
{
	struct terminal_line *l = &s->line;
	struct value line, rest = rule;
	char more[48] = "";
	size_t lines = 0, columns, left = l->left;

	if (!show_next_line(&rest, &line))
		return;
	for (struct value next, after = rest; show_next_line(&after, &next);)
		lines++;
	if (lines > 0)
		snprintf(more, sizeof(more), " %s %zu more line%s",
		    terminal_mark(l->terminal, "…", "..."), lines,
		    lines > 1 ? "s" : "");
	columns = terminal_columns(l->terminal, more, strlen(more));
	if (left != SIZE_MAX && left > columns * 2)
		l->left -= columns;
	show_code(s, colour, line);
	if (left != SIZE_MAX && left > columns * 2)
		l->left += columns + (l->left == 0);
	terminal_puts(l, colour, more);
}

void
show_rule_lines(
    struct show *s, const char *colour, struct value rule, size_t indent)
{
	struct value line;

	while (show_next_line(&rule, &line)) {
		terminal_start(&s->line);
		terminal_spaces(&s->line, indent);
		show_code(s, colour, line);
		terminal_end(&s->line);
	}
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
