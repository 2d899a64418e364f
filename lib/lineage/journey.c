#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "lineage/history.h"
#include "lineage/journey.h"
#include "value/array.h"
#include "value/number.h"
#include "value/object.h"
#include "value/string.h"

#define PLAIN  ""
#define BOLD   "1"
#define DIM    "2"
#define RED    "31"
#define GREEN  "32"
#define YELLOW "33"
#define CYAN   "36"

/* Writes one line, and knows how many columns are left of it. */
struct pen {
	struct buf *out;
	struct arena *a;
	const struct journey *journey;
	size_t left;
};

static bool
wants_colour(void)
{
	const char *no = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && (no == NULL || *no == '\0');
}

void
journey_init(struct journey *j, enum journey_colour when)
{
	struct winsize size;

	j->colour =
	    when == JOURNEY_ALWAYS || (when == JOURNEY_AUTO && wants_colour());
	j->width = SIZE_MAX;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		j->width = size.ws_col;
}

static void
pen_colour(struct pen *p, const char *colour)
{
	if (p->journey->colour && *colour != '\0')
		buf_printf(p->out, "\033[%sm", colour);
}

static void
pen_plain(struct pen *p, const char *colour)
{
	if (*colour != '\0')
		pen_colour(p, "0");
}

/* Would a terminal obey this character, or let it turn the text around? */
static bool
harmful(uint32_t c)
{
	return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x61C ||
	    c == 0x200E || c == 0x200F || (c >= 0x2028 && c <= 0x202E) ||
	    (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

/* One character; false where the line has no room for it. */
static bool
pen_char(struct pen *p, const char *text, size_t *len)
{
	uint32_t c = utf8_decode(text, len);
	/* Wide ones take two; it does no harm to count some more as wide. */
	size_t columns = harmful(c) ? 6 : c >= 0x1100 ? 2 : 1;

	if (p->left == SIZE_MAX)
		columns = 0;
	if (columns > 0 && p->left <= columns) {
		buf_puts(p->out, p->left > 0 ? "…" : "");
		p->left = 0;
		return false;
	}
	p->left -= columns;
	if (harmful(c))
		buf_printf(p->out, "\\u%04" PRIX32, c);
	else
		buf_put(p->out, text, *len);
	return true;
}

static void
pen_text(struct pen *p, const char *colour, const char *text, size_t n)
{
	size_t len;

	if (p->left == 0 || n == 0)
		return;
	pen_colour(p, colour);
	for (size_t i = 0; i < n; i += len)
		if (!pen_char(p, text + i, &len))
			break;
	pen_plain(p, colour);
}

static void
pen_puts(struct pen *p, const char *colour, const char *text)
{
	pen_text(p, colour, text, strlen(text));
}

static void __attribute__((format(printf, 3, 4)))
pen_printf(struct pen *p, const char *colour, const char *format, ...)
{
	char text[128];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	pen_puts(p, colour, text);
}

/* A string's text, or a number as it is spelled; nothing else. */
static void
pen_value(struct pen *p, const char *colour, struct value v)
{
	if (value_is_string(v))
		v = string_decoded(p->a, v);
	if (v.kind == VALUE_STRING || v.kind == VALUE_NUMBER)
		pen_text(p, colour, v.text, v.n);
}

static void
pen_start(struct pen *p)
{
	p->left = p->journey->width;
}

static void
pen_end(struct pen *p)
{
	buf_putc(p->out, '\n');
}

static bool
member(struct pen *p, struct value v, const char *name, struct value *out)
{
	return value_is_object(v) &&
	    object_get(p->a, v, value_cstring(name), out);
}

/* " from access.ndjson:17", " from topic[3]@42", " from hosts.csv:2". */
static void
pen_origin(struct pen *p, struct value record)
{
	struct value from, name, x;

	if (!member(p, record, "from", &from) || !value_is_object(from))
		return;
	if (member(p, from, "topic", &name)) {
		pen_puts(p, PLAIN, "  from ");
		pen_value(p, PLAIN, name);
		if (member(p, from, "partition", &x)) {
			pen_puts(p, PLAIN, "[");
			pen_value(p, PLAIN, x);
			pen_puts(p, PLAIN, "]");
		}
		if (member(p, from, "offset", &x)) {
			pen_puts(p, PLAIN, "@");
			pen_value(p, PLAIN, x);
		}
		return;
	}
	if (!member(p, from, "source", &name) &&
	    !member(p, from, "table", &name))
		return;
	pen_puts(p, PLAIN, "  from ");
	pen_value(p, PLAIN, name);
	if (member(p, from, "line", &x)) {
		pen_puts(p, PLAIN, ":");
		pen_value(p, PLAIN, x);
	}
}

static void
write_header(
    struct pen *p, struct value history, const char *source, uint64_t line)
{
	struct value record, id;

	pen_start(p);
	if (history_identity(p->a, history, &record)) {
		record_text(p->a, record, "id", &id);
		pen_value(p, BOLD, id);
		pen_origin(p, record);
	} else {
		struct value name = string_repair(p->a, source, strlen(source));

		pen_puts(p, BOLD, "event without an id");
		pen_puts(p, PLAIN, "  at ");
		pen_value(p, PLAIN, name);
		pen_printf(p, PLAIN, ":%" PRIu64, line);
	}
	pen_end(p);
}

/* Time between two records, in the unit that suits it. */
static void
pen_delta(struct pen *p, int64_t micros)
{
	char text[40];
	char sign = micros < 0 ? '-' : '+';
	double s = (double)micros / (micros < 0 ? -1e6 : 1e6);

	if (s < 1e-3)
		snprintf(text, sizeof(text), "%c%.0fus", sign, s * 1e6);
	else if (s < 1)
		snprintf(text, sizeof(text), "%c%.1fms", sign, s * 1e3);
	else if (s < 60)
		snprintf(text, sizeof(text), "%c%.2fs", sign, s);
	else if (s < 3600)
		snprintf(text, sizeof(text), "%c%.1fmin", sign, s / 60);
	else if (s < 86400)
		snprintf(text, sizeof(text), "%c%.1fh", sign, s / 3600);
	else
		snprintf(text, sizeof(text), "%c%.1fd", sign, s / 86400);
	pen_printf(p, DIM, "%*s", CLOCK_STAMP, text);
}

/* When: the first in full, the others as what has passed since. */
static void
pen_time(struct pen *p, struct value record, int64_t *before, bool *known)
{
	struct value at;
	int64_t micros;

	if (!record_text(p->a, record, "at", &at)) {
		pen_printf(p, DIM, "%*s", CLOCK_STAMP, "?");
		return;
	}
	if (!clock_parse(arena_copy(p->a, at.text, at.n), &micros)) {
		pen_value(p, DIM, at);
		return;
	}
	if (*known)
		pen_delta(p, micros - *before);
	else
		pen_value(p, DIM, at);
	*before = micros;
	*known = true;
}

static void
pen_marks(struct pen *p, struct value record)
{
	struct value v;

	if (member(p, record, "fork", &v) && value_is_array(v)) {
		pen_puts(p, YELLOW, "  [fork ");
		pen_value(p, YELLOW, array_get(v, 0));
		pen_puts(p, YELLOW, " of ");
		pen_value(p, YELLOW, array_get(v, 1));
		pen_puts(p, YELLOW, "]");
	}
	if (member(p, record, "kept", &v) && v.kind == VALUE_FALSE)
		pen_puts(p, YELLOW, "  [turned away]");
	if (member(p, record, "truncated", &v) && v.kind == VALUE_TRUE)
		pen_puts(p, YELLOW, "  [undo truncated]");
}

/* A member's text behind two spaces; nothing where there is none. */
static void
pen_member(
    struct pen *p, const char *colour, struct value record, const char *name)
{
	struct value v;

	if (!record_text(p->a, record, name, &v))
		return;
	pen_puts(p, PLAIN, "  ");
	pen_value(p, colour, v);
}

/* What the stage did, which is the reverse of how it is undone. */
static void
pen_change(struct pen *p, struct value op)
{
	struct value name, path;
	const char *colour = YELLOW, *sign = "~ ";

	if (!value_is_object(op) || !record_text(p->a, op, "op", &name) ||
	    !record_text(p->a, op, "path", &path))
		return;
	if (string_equal(p->a, name, value_cstring("add"))) {
		colour = RED;
		sign = "- ";
	} else if (string_equal(p->a, name, value_cstring("remove"))) {
		colour = GREEN;
		sign = "+ ";
	}
	pen_puts(p, PLAIN, "  ");
	pen_puts(p, colour, sign);
	if (path.n == 0)
		pen_puts(p, colour, "(everything)");
	else
		pen_value(p, colour, path);
}

static void
write_changes(struct pen *p, struct value record)
{
	struct value undo;

	if (!member(p, record, "undo", &undo) || !value_is_array(undo))
		return;
	undo = array_open(p->a, undo);
	if (array_length(undo) == 0)
		return;
	pen_start(p);
	pen_puts(p, PLAIN, "     ");
	for (size_t i = 0; i < array_length(undo) && p->left > 0; i++)
		pen_change(p, array_at(undo, i));
	pen_end(p);
}

static void
write_record(struct pen *p, size_t number, struct value record, int64_t *before,
    bool *known)
{
	pen_start(p);
	pen_printf(p, DIM, "%4zu  ", number);
	pen_time(p, record, before, known);
	pen_member(p, BOLD, record, "op");
	pen_member(p, CYAN, record, "stage");
	pen_marks(p, record);
	if (member(p, record, "id", &(struct value){0}) == false)
		pen_origin(p, record);
	pen_member(p, PLAIN, record, "rule");
	pen_end(p);
	write_changes(p, record);
}

void
journey_write(struct buf *out, struct arena *a, const struct journey *j,
    struct value history, const char *source, uint64_t line)
{
	struct pen p = {out, a, j, 0};
	int64_t before = 0;
	bool known = false;

	history = array_open(a, history);
	write_header(&p, history, source, line);
	for (size_t i = 0; i < array_length(history); i++)
		write_record(&p, i + 1, array_at(history, i), &before, &known);
	if (array_length(history) == 0)
		buf_puts(out, "      no history\n");
	buf_putc(out, '\n');
}
