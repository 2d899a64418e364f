#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "driver/control.h"
#include "engine/returns.h"

enum { ROOM = 256 * 1024 };

void
returns_expect(struct returns *r, const char *name)
{
	size_t rest = r->text.len - r->begun;

	if (r->begun > 0 && rest > 0)
		memmove(r->text.p, r->text.p + r->begun, rest);
	r->text.len = rest;
	r->begun = r->scanned = 0;
	r->back = false;
	r->error[0] = '\0';
	buf_clear(&r->lines);
	r->times = 0;
	snprintf(r->name, sizeof(r->name), "%s", name);
}

void
returns_drop(struct returns *r)
{
	r->begun = r->text.len;
	returns_expect(r, "");
}

void
returns_release(struct returns *r)
{
	buf_release(&r->text);
	buf_release(&r->lines);
}

bool
returns_room(struct returns *r)
{
	return buf_room(&r->text, ROOM);
}

size_t
returns_count(const struct returns *r)
{
	return r->lines.len / sizeof(struct returns_span);
}

/* Does the barrier say what was expected? */
static enum returns_status
meet(struct returns *r, const char *line, size_t len)
{
	struct barrier b;
	size_t n = strlen(r->name), got = returns_count(r) + r->times;

	if (!control_read_barrier(&b, line, len)) {
		snprintf(r->error, sizeof(r->error),
		    "a barrier that is none came back");
		return RETURNS_WRONG;
	}
	if (b.name_len != n + 2 || memcmp(line + b.name + 1, r->name, n) != 0) {
		snprintf(r->error, sizeof(r->error),
		    "a barrier came back that wasn't sent");
		return RETURNS_WRONG;
	}
	if (b.sent != got) {
		snprintf(r->error, sizeof(r->error),
		    "the barrier says that %" PRIu64
		    " lines were written, and %zu came back",
		    b.sent, got);
		return RETURNS_WRONG;
	}
	r->back = true;
	return RETURNS_BACK;
}

static bool
is_blank(const char *line, size_t len)
{
	return strspn(line, " \t\r\n") >= len;
}

/* The line in hand ends here. */
static enum returns_status
take_line(struct returns *r, size_t end)
{
	const char *line = r->text.p + r->begun;
	size_t len = end - r->begun;
	struct returns_span span;
	const char *key;

	if (is_blank(line, len + 1))
		return RETURNS_MORE; /* nobody counts it */
	key = control_key(line, len);
	if (key != NULL && r->name[0] != '\0' &&
	    control_is_barrier(key, line + len))
		return meet(r, line, len);
	if (key != NULL && control_is_time(key, line + len)) {
		r->times++;
		return RETURNS_MORE;
	}
	span = (struct returns_span){r->begun, len};
	if (len > 0 && line[len - 1] == '\r')
		span.len--;
	buf_put(&r->lines, (const char *)&span, sizeof(span));
	return buf_failed(&r->lines) ? RETURNS_STARVED : RETURNS_MORE;
}

enum returns_status
returns_take(struct returns *r, size_t n)
{
	enum returns_status status = RETURNS_MORE;
	const char *p;

	r->text.len += n;
	if (r->text.len == 0)
		return RETURNS_MORE;
	while (status == RETURNS_MORE &&
	    (p = memchr(r->text.p + r->scanned, '\n',
		 r->text.len - r->scanned)) != NULL) {
		size_t end = (size_t)(p - r->text.p);

		status = take_line(r, end);
		r->begun = r->scanned = end + 1;
	}
	if (status == RETURNS_MORE)
		r->scanned = r->text.len;
	return status;
}

bool
returns_whole(const struct returns *r)
{
	return r->begun == r->text.len;
}

const char *
returns_line(const struct returns *r, size_t i, size_t *len)
{
	struct returns_span span;

	memcpy(&span, r->lines.p + i * sizeof(span), sizeof(span));
	*len = span.len;
	return r->text.p + span.at;
}

void
returns_put_barrier(struct buf *out, const char *name, size_t n)
{
	buf_printf(out, "{\"ms.barrier\":\"%s\",\"n\":%zu}\n", name, n);
}
