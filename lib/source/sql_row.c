#include "source/sql_row.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "base/utf8.h"
#include "value/number.h"
#include "value/string.h"

/* Is the number too large for 64 bits, or for a double? */
static bool
is_too_large(struct value spelled, struct value v)
{
	const char *p = spelled.text;

	if (v.kind == VALUE_INT)
		return false;
	if (spelled.kind != VALUE_NUMBER)
		return !isfinite(v.d);
	return !isfinite(v.d) ||
	    (fabs(v.d) >= 9223372036854775808.0 &&
		strcspn(p, ".eE") >= spelled.n);
}

static bool
bind_number(
    struct statement *s, int i, struct value spelled, char *why, size_t size)
{
	struct value v = value_number(spelled);
	struct buf b = {0};

	if (is_too_large(spelled, v)) {
		value_write(&b, spelled);
		snprintf(why, size, "%.*s is beyond SQLite's 64 bits",
		    b.len < 60 ? (int)b.len : 60, b.p == NULL ? "" : b.p);
		buf_release(&b);
		return false;
	}
	return v.kind == VALUE_INT ? statement_put_integer(s, i, v.i)
				   : statement_put_double(s, i, v.d);
}

/* As its JSON text, which SQLite's json_each() and others take. */
static bool
bind_json(struct statement *s, int i, struct arena *a, struct value v)
{
	struct arena_deferred *release;
	struct buf *b = buf_new(a, &release);

	value_write(b, v);
	if (!buf_fits(b))
		arena_exceed(a);
	return statement_put_text(s, i, b->p, b->len);
}

bool
sql_row_bind(struct statement *s, int i, struct arena *a, struct value v,
    char *why, size_t size)
{
	bool done;

	why[0] = '\0';
	if (value_is_string(v)) {
		v = string_decoded(a, v);
		done = statement_put_text(s, i, v.text, v.n);
	} else if (value_is_number(v)) {
		done = bind_number(s, i, v, why, size);
	} else if (v.kind == VALUE_NULL) {
		done = statement_put_null(s, i);
	} else if (v.kind == VALUE_TRUE || v.kind == VALUE_FALSE) {
		done = statement_put_integer(s, i, v.kind == VALUE_TRUE);
	} else {
		done = bind_json(s, i, a, v);
	}
	if (!done && why[0] == '\0')
		snprintf(why, size, "%s", s->of->error);
	return done;
}

static bool
write_text(const struct statement *s, int i, struct buf *out)
{
	size_t n;
	const char *text = statement_text(s, i, &n);

	if (utf8_check(text, n) != n)
		return false;
	value_write_string(out, text, n);
	return true;
}

static bool
write_double(const struct statement *s, int i, struct buf *out)
{
	char text[NUMBER_TEXT];
	double d = statement_double(s, i);

	if (!isfinite(d))
		return false;
	buf_put(out, text, number_format(d, text));
	return true;
}

/* NULL, or what is wrong with the column. */
static const char *
write_column(const struct statement *s, int i, struct buf *out)
{
	char text[NUMBER_TEXT];
	const char *p;
	size_t n;

	switch (statement_column_type(s, i)) {
	case COLUMN_INTEGER:
		n = number_format_int(statement_integer(s, i), text);
		buf_put(out, text, n);
		return NULL;
	case COLUMN_DOUBLE:
		return write_double(s, i, out)
		    ? NULL
		    : "is infinite, which JSON can't say";
	case COLUMN_TEXT:
		return write_text(s, i, out) ? NULL : "isn't UTF-8";
	case COLUMN_BYTES:
		p = statement_bytes(s, i, &n);
		buf_putc(out, '"');
		base64_put(out, p, n);
		buf_putc(out, '"');
		return NULL;
	case COLUMN_NULL:
		break;
	}
	buf_puts(out, "null");
	return NULL;
}

bool
sql_row_write(
    const struct statement *s, struct buf *out, char *why, size_t size)
{
	int n = statement_columns(s);

	for (int i = 0; i < n; i++) {
		const char *name = statement_column_name(s, i), *wrong;

		buf_putc(out, (char)(i == 0 ? '{' : ','));
		value_write_string(out, name, strlen(name));
		buf_putc(out, ':');
		wrong = write_column(s, i, out);
		if (wrong != NULL) {
			snprintf(why, size, "column %s %s", name, wrong);
			return false;
		}
	}
	buf_putc(out, '}');
	return true;
}
