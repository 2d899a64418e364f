#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/control.h"
#include "engine/feed.h"

int
feed_init(
    struct feed *f, enum lineage_mode mode, const char *key, const char *op)
{
	*f = (struct feed){.text = {0}};
	if (!clock_init(&f->clock)) {
		errno = EINVAL;
		return -1;
	}
	if (scan_init(&f->scan, SCAN_DEPTH) == -1)
		return -1;
	if (lineage_init(&f->lineage, mode, key, op, NULL, NULL, 0) == -1) {
		scan_release(&f->scan);
		errno = ENOMEM;
		return -1;
	}
	arena_init(&f->arena, SIZE_MAX / 2);
	return 0;
}

void
feed_release(struct feed *f)
{
	lineage_release(&f->lineage);
	scan_release(&f->scan);
	arena_release(&f->arena);
	buf_release(&f->text);
	buf_release(&f->place);
}

/* --- what is no event --- */

static bool
unfit(struct held *h, const char *why)
{
	h->kind = HELD_UNFIT;
	h->why = strdup(why);
	return h->why != NULL;
}

static bool
unfit_json(struct held *h, const char *text, size_t len)
{
	struct scan_error error;
	char why[160] = "the value is no JSON";

	if (!scan_diagnose(text, len, SCAN_DEPTH, &error))
		snprintf(why, sizeof(why), "the value is no JSON: byte %zu: %s",
		    error.column, error.reason);
	return unfit(h, why);
}

/* The value without the newline that some producers put behind it. */
static size_t
without_end(const struct held *h)
{
	size_t n = h->len;

	if (n > 0 && h->value[n - 1] == '\n')
		n--;
	if (n > 0 && n < h->len && h->value[n - 1] == '\r')
		n--;
	return n;
}

/* --- what is one --- */

static bool
write_line(struct feed *f, struct batch *b, const struct line *line)
{
	struct held *h = &b->v[b->n - 1];
	struct record record = {0};
	struct value root = value_source(&f->scan.doc, line->root);
	struct value history;
	const char *why = lineage_find(
	    &f->lineage, &f->arena, &f->scan.doc, line->root, &history);

	if (why != NULL)
		return unfit(h, why);
	if (f->lineage.mode != LINEAGE_OFF) {
		buf_clear(&f->place);
		held_put_place(&f->place, h);
		if (buf_failed(&f->place))
			return false;
		record.from = f->place.p;
		record.from_len = f->place.len;
	}
	(void)lineage_write(&b->text, &f->arena, &f->lineage, line, root, root,
	    history, &record, clock_stamp(&f->clock));
	return !buf_failed(&b->text);
}

static bool
take_event(struct feed *f, struct batch *b, const char *text, size_t len)
{
	struct held *h = &b->v[b->n - 1];
	struct line line;
	jmp_buf overflow;

	f->arena.overflow = &overflow;
	if (setjmp(overflow) != 0)
		return false;
	arena_reset(&f->arena);

	switch (scan_text(&f->scan, text, len, &line)) {
	case SCAN_OK:
		break;
	case SCAN_BLANK:
		return unfit(h, "the value is empty");
	case SCAN_END:
		return false;
	default:
		return unfit_json(h, text, len);
	}
	if (f->scan.doc.text[f->scan.doc.at[line.root]] != '{')
		return unfit(h, "the value is no JSON object");
	return write_line(f, b, &line);
}

bool
feed_line(struct feed *f, struct batch *b)
{
	struct held *h = &b->v[b->n - 1];
	size_t n = without_end(h);

	h->kind = h->value == NULL ? HELD_TOMBSTONE : HELD_EVENT;
	if (h->value == NULL)
		return true;
	if (memchr(h->value, '\n', n) != NULL)
		return unfit(h, "the value holds a raw newline");
	if (control_key(h->value, n) != NULL)
		return unfit(h, "the value is a control line");
	buf_clear(&f->text);
	buf_put(&f->text, h->value, n);
	if (!buf_room(&f->text, SCAN_PADDING))
		return false;
	memset(f->text.p + n, '\n', SCAN_PADDING);
	return take_event(f, b, f->text.p, n);
}
