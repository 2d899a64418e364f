#include <inttypes.h>

#include "base/base64.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "driver/rejects.h"
#include "value/value.h"

/* A string literal of any bytes: what isn't UTF-8 becomes U+FFFD. */
static void
put_string(struct buf *out, const char *p, size_t n)
{
	struct buf good = {0};
	size_t i = utf8_check(p, n);

	if (i == n) {
		value_write_string(out, p, n);
		return;
	}
	while (i < n) {
		buf_put(&good, p, i);
		buf_puts(&good, "\xEF\xBF\xBD");
		p += i + 1;
		n -= i + 1;
		i = utf8_check(p, n);
	}
	buf_put(&good, p, n);
	if (buf_failed(&good))
		out->failed = true;
	else
		value_write_string(out, good.p, good.len);
	buf_release(&good);
}

static void
put_member(struct buf *out, const char *key, const char *p, size_t n)
{
	buf_printf(out, ",\"%s\":", key);
	put_string(out, p, n);
}

void
rejects_head(struct buf *head, const char *op, const char *stage,
    const char *rule, size_t rule_len)
{
	put_member(head, "op", op, strlen(op));
	if (stage != NULL)
		put_member(head, "stage", stage, strlen(stage));
	if (rule != NULL)
		put_member(head, "rule", rule, rule_len);
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* An object with space around it would lose that as an event. */
static bool
fits_event(const struct reject *r)
{
	return r->is_object && r->len > 0 && !is_space(r->text[0]) &&
	    !is_space(r->text[r->len - 1]);
}

static void
put_line(struct buf *out, const struct reject *r)
{
	if (fits_event(r)) {
		buf_puts(out, ",\"event\":");
		buf_put(out, r->text, r->len);
	} else if (utf8_check(r->text, r->len) == r->len) {
		buf_puts(out, ",\"text\":");
		value_write_string(out, r->text, r->len);
	} else {
		buf_puts(out, ",\"base64\":\"");
		base64_put(out, r->text, r->len);
		buf_putc(out, '"');
	}
}

void
rejects_put(struct buf *out, const struct buf *head, const struct reject *r)
{
	buf_puts(out, "{\"at\":\"");
	buf_put(out, r->at, CLOCK_STAMP);
	buf_putc(out, '"');
	buf_put(out, head->p, head->len);
	put_member(out, "source", r->source, strlen(r->source));
	buf_printf(out, ",\"line\":%" PRIu64, r->line);
	if (r->column > 0)
		buf_printf(out, ",\"column\":%zu", r->column);
	put_member(out, "error", r->error, strlen(r->error));
	if (r->withheld)
		buf_puts(out, ",\"withheld\":true");
	if (r->text != NULL) {
		put_line(out, r);
		if (r->end_len != 1 || *r->end != '\n')
			put_member(out, "end", r->end, r->end_len);
	}
	buf_puts(out, "}\n");
}
