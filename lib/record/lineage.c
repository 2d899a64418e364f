/*
 * An event that stays as it is costs a few copies: its line up to where
 * the new record goes, the record, and the rest of the line.
 */
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "record/key.h"
#include "record/lineage.h"
#include "record/undo.h"
#include "value/array.h"
#include "value/keys.h"
#include "value/object.h"

#define DEFAULT_KEY "_lineage"

/* Append text with U+FFFD for what isn't UTF-8. */
static void
put_repaired(struct buf *b, const char *text, size_t len)
{
	char bad[UTF8_MAX];
	size_t n = utf8_encode(UTF8_REPLACEMENT, bad);

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
	put_repaired(&good, text, len);
	buf_puts(b, name);
	value_write_string(b, good.p, good.len);
	b->failed |= good.failed;
	buf_release(&good);
}

int
lineage_init(struct lineage *l, enum lineage_mode mode, const char *key,
    const char *op, const char *stage, const char *rule, size_t rule_len)
{
	*l = (struct lineage){
	    .mode = mode, .cap = LINEAGE_NO_CAP, .depth = SCAN_DEPTH};
	if (key == NULL || *key == '\0')
		key = DEFAULT_KEY;
	put_repaired(&l->name, key, strlen(key));
	l->key = l->name.p;
	l->key_len = l->name.len;
	buf_putc(&l->open, ',');
	value_write_string(&l->open, l->key, l->key_len);
	buf_puts(&l->open, ":[");
	put_text(&l->head, "{\"op\":", op, strlen(op));
	put_text(&l->head, ",\"stage\":", stage, stage ? strlen(stage) : 0);
	if (mode != LINEAGE_SLIM)
		put_text(&l->head, ",\"rule\":", rule, rule_len);
	if (l->name.failed || l->open.failed || l->head.failed) {
		lineage_release(l);
		return -1;
	}
	return 0;
}

void
lineage_release(struct lineage *l)
{
	buf_release(&l->name);
	buf_release(&l->open);
	buf_release(&l->head);
	l->key = NULL;
}

/* Is the value at entry e an array of objects? */
static bool
is_history(const struct doc *d, uint32_t e)
{
	uint32_t end;

	if (d->text[d->at[e]] != '[')
		return false;
	end = d->match[e];
	for (e++; e < end; e = doc_after(d, e) + 1)
		if (d->text[d->at[e]] != '{')
			return false;
	return true;
}

const char *
lineage_find(const struct lineage *l, struct arena *a, struct doc *d,
    uint32_t root, struct value *history)
{
	struct found_key found;

	d->hidden = 0;
	found = keys_find(a, d, root, value_text(l->key, l->key_len));
	if (found.times > 1)
		return "the event has more than one history";
	if (found.times == 0) {
		*history = array_new(a, 0);
		return NULL;
	}
	if (!is_history(d, found.entry + 2))
		return "the event's history is not an array of objects";
	d->hidden = found.entry;
	*history = value_source(d, found.entry + 2);
	return NULL;
}

static bool
nests_deeper(const char *p, size_t n, size_t levels)
{
	size_t depth = 0;
	bool inside = false;

	if (n / 2 <= levels)
		return false; /* a level takes two brackets */
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '"')
			inside = !inside;
		else if (inside && p[i] == '\\')
			i++;
		else if (inside)
			continue;
		else if (p[i] == '[' || p[i] == '{')
			depth++;
		else if (p[i] == ']' || p[i] == '}')
			depth--;
		if (depth > levels)
			return true;
	}
	return false;
}

/*
 * Append ,"undo":[…], or that it was too long (false), or nothing.  It
 * stands three levels down in the line: too deep is as bad as too long, since
 * the next filter wouldn't read the event.
 */
static bool
put_undo(struct buf *out, struct arena *a, const struct lineage *l,
    struct value before, struct value now)
{
	static const char NAME[] = ",\"undo\":";
	size_t start = out->len, name = sizeof(NAME) - 1, from = start + name;
	size_t levels = l->depth > 3 ? l->depth - 3 : 0;

	buf_put(out, NAME, name);
	if (buf_failed(out))
		return true; /* whoever sends it on asks */
	if (!undo_write(out, a, before, now, l->cap) || buf_failed(out) ||
	    nests_deeper(out->p + from, out->len - from, levels)) {
		out->len = start;
		buf_puts(out, ",\"truncated\":true");
		return false;
	}
	if (out->len == from)
		out->len = start;
	return true;
}

/* A record without its closing brace: all but undo. */
static void
put_record(struct buf *out, const struct lineage *l, const struct record *r,
    const char *at)
{
	buf_put(out, l->head.p, l->head.len);
	if (r->id != NULL) {
		buf_puts(out, ",\"id\":\"");
		buf_puts(out, r->id);
		buf_putc(out, '"');
	}
	if (r->from != NULL) {
		buf_puts(out, ",\"from\":");
		buf_put(out, r->from, r->from_len);
	}
	if (r->fork_n > 0)
		buf_printf(out, ",\"fork\":[%zu,%zu]", r->fork_i, r->fork_n);
	if (r->turned_away)
		buf_puts(out, ",\"kept\":false");
	put_text(out, ",\"failed\":", r->failed,
	    r->failed == NULL ? 0 : strlen(r->failed));
	buf_puts(out, ",\"at\":\"");
	buf_put(out, at, CLOCK_STAMP);
	buf_putc(out, '"');
}

static void
put_span(struct buf *out, const char *from, const char *to)
{
	buf_put(out, from, (size_t)(to - from));
}

/* One past the last byte of the last member, or of the opening brace. */
static const char *
members_end(const struct doc *d, uint32_t root)
{
	uint32_t last = d->match[root] - 1;
	const char *p = d->text + d->at[last];

	if (*p == '{' || *p == '}' || *p == ']')
		return p + 1;
	return doc_end(d, last);
}

/* Is the history the object's last member? */
static bool
history_last(const struct doc *d, uint32_t root)
{
	return d->match[d->hidden + 2] + 1 == d->match[root];
}

/*
 * The bytes that the history's member takes, with the comma that goes with
 * it: the one before it where it is the last member, else the one behind.
 */
static void
history_span(
    const struct doc *d, uint32_t root, const char **from, const char **to)
{
	uint32_t e = d->hidden;

	if (!history_last(d, root)) {
		*from = d->text + d->at[e];
		*to = d->text + d->at[doc_after(d, e + 2) + 1];
		return;
	}
	*from = d->text + d->at[e == root + 1 ? e : e - 1];
	*to = doc_end(d, e + 2);
}

/* The line up to the end of its last member, without its history. */
static void
put_members(struct buf *out, const struct line *line, struct value root)
{
	const struct doc *d = root.doc;
	const char *end = members_end(d, root.n), *from, *to;

	if (d->hidden == 0) {
		put_span(out, line->text, end);
		return;
	}
	history_span(d, root.n, &from, &to);
	put_span(out, line->text, from);
	put_span(out, to, end);
}

static void
put_line_end(struct buf *out, const struct line *line, const char *from)
{
	put_span(out, from, line->text + line->len);
	buf_putc(out, '\n');
}

void
lineage_strip(struct buf *out, const struct line *line, struct value root)
{
	put_members(out, line, root);
	put_line_end(out, line, members_end(root.doc, root.n));
}

/* The start of a history behind what is written of an object so far. */
static void
put_open(struct buf *out, const struct lineage *l, bool empty)
{
	buf_put(out, l->open.p + empty, l->open.len - empty);
}

static bool
raw_empty(const struct doc *d, uint32_t e)
{
	return d->match[e] == e + 1;
}

/* What a history holds, without its brackets; false where it is empty. */
static bool
put_records(struct buf *out, struct value history)
{
	const struct doc *d = history.doc;
	uint32_t e = history.n;

	if (history.kind == VALUE_RAW_ARRAY) {
		put_span(
		    out, d->text + d->at[e] + 1, d->text + d->at[d->match[e]]);
		return !raw_empty(d, e);
	}
	for (uint32_t i = 0; i < history.n; i++) {
		if (i > 0)
			buf_putc(out, ',');
		value_write(out, array_at(history, i));
	}
	return history.n > 0;
}

/* Write the line as it was, with one record more. */
static void
write_unchanged(struct buf *out, const struct lineage *l,
    const struct line *line, struct value root, const struct record *r,
    const char *at)
{
	const struct doc *d = root.doc;
	const char *rest = members_end(d, root.n);
	uint32_t e = d->hidden == 0 ? 0 : d->hidden + 2;

	if (e != 0 && history_last(d, root.n)) {
		rest = d->text + d->at[d->match[e]];
		put_span(out, line->text, rest);
		if (!raw_empty(d, e))
			buf_putc(out, ',');
		put_record(out, l, r, at);
		buf_putc(out, '}');
		put_line_end(out, line, rest);
		return;
	}
	put_members(out, line, root);
	put_open(out, l, raw_empty(d, root.n));
	if (e != 0 && put_records(out, value_source(d, e)))
		buf_putc(out, ',');
	put_record(out, l, r, at);
	buf_puts(out, "}]");
	put_line_end(out, line, rest);
}

/* Was the object that starts at byte start of out written without members? */
static bool
wrote_empty(const struct buf *out, size_t start)
{
	size_t i = out->len - 1;

	while (i > start + 1 && strchr(" \t\r\n", out->p[i - 1]) != NULL)
		i--;
	return i == start + 1;
}

/* The object without its closing brace; true where it has no members. */
static bool
put_object(struct buf *out, struct value now)
{
	size_t start = out->len;
	bool empty;

	value_write(out, now);
	if (out->failed)
		return true;
	empty = wrote_empty(out, start);
	out->len--;
	return empty;
}

static bool
unchanged(struct value before, struct value now)
{
	return now.kind == VALUE_RAW_OBJECT && value_same(before, now);
}

bool
lineage_write(struct buf *out, struct arena *a, const struct lineage *l,
    const struct line *line, struct value before, struct value now,
    struct value history, const struct record *record, const char *at)
{
	bool empty, whole = true;

	if (line != NULL && unchanged(before, now)) {
		if (l->mode != LINEAGE_OFF)
			write_unchanged(out, l, line, before, record, at);
		else
			put_line_end(out, line, line->text);
		return true;
	}
	if (l->mode == LINEAGE_OFF) {
		lineage_write_history(out, a, l, now, history);
		return true;
	}
	empty = put_object(out, now);
	put_open(out, l, empty);
	if (put_records(out, history))
		buf_putc(out, ',');
	put_record(out, l, record, at);
	if (line != NULL && l->mode == LINEAGE_FULL)
		whole = put_undo(out, a, l, before, now);
	buf_puts(out, "}]}\n");
	return whole;
}

void
lineage_write_history(struct buf *out, struct arena *a, const struct lineage *l,
    struct value now, struct value history)
{
	bool empty = put_object(out, now);
	size_t start = out->len;

	(void)a;
	put_open(out, l, empty);
	if (put_records(out, history))
		buf_putc(out, ']');
	else
		out->len = start;
	buf_puts(out, "}\n");
}
