#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "json/levels.h"
#include "record/record.h"
#include "record/undo.h"

void
record_put_repaired(struct buf *b, const char *text, size_t len)
{
	char bad[UTF8_MAX];
	size_t n = utf8_write(UTF8_REPLACEMENT, bad);

	for (;;) {
		size_t good = utf8_check(text, len);

		buf_put(b, text, good);
		if (good == len)
			return;
		buf_put(b, bad, n);
		text += good + 1;
		len -= good + 1;
	}
}

/* Append ,"name":"text" where there is a text. */
static void
put_text(struct buf *b, const char *name, const char *text, size_t len)
{
	struct buf good = {0};

	if (text == NULL)
		return;
	record_put_repaired(&good, text, len);
	buf_puts(b, name);
	value_write_string(b, good.p, good.len);
	b->failed |= good.failed;
	buf_release(&good);
}

void
record_put_head(struct buf *b, const char *op, const char *stage,
    const char *rule, size_t rule_len)
{
	put_text(b, "{\"op\":", op, strlen(op));
	put_text(b, ",\"stage\":", stage, stage != NULL ? strlen(stage) : 0);
	put_text(b, ",\"rule\":", rule, rule_len);
}

/* What few records say. */
static void
put_special(struct buf *out, const struct record *r)
{
	if (r->fork_n > 0)
		buf_printf(out, ",\"fork\":[%zu,%zu]", r->fork_i, r->fork_n);
	if (r->turned_away)
		buf_puts(out, ",\"kept\":false");
	if (r->sample != NULL) {
		buf_puts(out, ",\"sample\":");
		buf_puts(out, r->sample);
	}
	put_text(out, ",\"failed\":", r->failed,
	    r->failed == NULL ? 0 : strlen(r->failed));
}

static inline void
put_time(struct buf *out, const char *at)
{
	enum { NAME = 7 };
	char *p;

	if (!buf_room(out, NAME + CLOCK_STAMP + 1))
		return;
	p = out->p + out->len;
	memcpy(p, ",\"at\":\"", NAME);
	memcpy(p + NAME, at, CLOCK_STAMP);
	p[NAME + CLOCK_STAMP] = '"';
	out->len += NAME + CLOCK_STAMP + 1;
}

void
record_put(struct buf *out, const struct buf *head, const struct record *r,
    const char *at)
{
	buf_put(out, head->p, head->len);
	if (r->reverts > 0)
		buf_printf(out, ",\"reverts\":%zu", r->reverts);
	if (r->id != NULL) {
		buf_puts(out, ",\"id\":\"");
		buf_puts(out, r->id);
		buf_putc(out, '"');
	}
	if (r->from != NULL) {
		buf_puts(out, ",\"from\":");
		buf_put(out, r->from, r->from_len);
	}
	if (r->fork_n > 0 || r->turned_away || r->sample || r->failed)
		put_special(out, r);
	put_time(out, at);
}

bool
record_put_undo(struct buf *out, struct arena *a, struct value before,
    struct value now, size_t cap, size_t depth, bool parts)
{
	static const char NAME[] = ",\"undo\":";
	size_t start = out->len, name = sizeof(NAME) - 1, from = start + name;
	size_t levels = depth > 3 ? depth - 3 : 0;

	buf_put(out, NAME, name);
	if (buf_failed(out))
		return true; /* whoever sends it on asks */
	if (!(parts ? undo_write_parts : undo_write)(
		out, a, before, now, cap) ||
	    buf_failed(out) ||
	    levels_exceed(out->p + from, out->len - from, levels)) {
		out->len = start;
		buf_puts(out, ",\"truncated\":true");
		return false;
	}
	if (out->len == from)
		out->len = start;
	return true;
}

void
record_put_made(struct buf *out, const struct record *r)
{
	const struct record_made *made = r->made;

	if (made == NULL)
		return;
	buf_puts(out, ",\"window\":");
	buf_put(out, made->window, made->window_len);
	buf_puts(out, ",\"of\":");
	buf_put(out, made->of, made->of_len);
	if (made->rev > 1)
		buf_printf(out, ",\"rev\":%u", (unsigned)made->rev);
}
