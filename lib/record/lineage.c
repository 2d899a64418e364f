/*
 * An event that stays as it is costs a few copies: its line up to where
 * the new record goes, the record, and the rest of the line.
 */
#include <string.h>

#include "record/lineage.h"
#include "record/rulebook.h"
#include "record/sum.h"
#include "value/array.h"
#include "value/keys.h"
#include "value/object.h"

#define DEFAULT_KEY "_lineage"

/* A record's start; a long rule is told by its hash where mode says so. */
static void
put_head(struct lineage *l, const char *op, const char *stage, const char *rule,
    size_t rule_len)
{
	char hash[RULEBOOK_HASH + 1];

	if (l->mode == LINEAGE_SLIM) {
		rule = NULL;
	} else if (l->mode == LINEAGE_COMPACT && rule != NULL &&
	    rule_len > RULEBOOK_SHORT) {
		l->head.failed |= !rulebook_hash(hash, rule, rule_len);
		rule = hash;
		rule_len = RULEBOOK_HASH;
	}
	record_put_head(&l->head, op, stage, rule, rule_len);
}

int
lineage_init(struct lineage *l, enum lineage_mode mode, const char *key,
    const char *op, const char *stage, const char *rule, size_t rule_len)
{
	*l = (struct lineage){
	    .mode = mode, .cap = LINEAGE_NO_CAP, .depth = SCAN_DEPTH};
	if (key == NULL || *key == '\0')
		key = DEFAULT_KEY;
	record_put_repaired(&l->name, key, strlen(key));
	l->key = l->name.p;
	l->key_len = l->name.len;
	buf_putc(&l->open, ',');
	value_write_string(&l->open, l->key, l->key_len);
	buf_puts(&l->open, ":[");
	put_head(l, op, stage, rule, rule_len);
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

/* Why the value at entry e is no history; NULL where it is one. */
static const char *
history_fault(const struct doc *d, uint32_t e)
{
	static const char KIND[] =
	    "the event's history is not an array of objects";
	uint32_t end, n = 0;

	if (d->text[d->at[e]] != '[')
		return KIND;
	end = d->match[e];
	for (e++; e < end; e = doc_after(d, e) + 1, n++)
		if (d->text[d->at[e]] != '{')
			return KIND;
	return n > LINEAGE_RECORDS
	    ? "the event's history has more than 100000 records"
	    : NULL;
}

const char *
lineage_find(const struct lineage *l, struct arena *a, struct doc *d,
    uint32_t root, struct value *history)
{
	struct found_key found;
	const char *why;

	d->hidden = 0;
	found = keys_find(a, d, root, value_text(l->key, l->key_len));
	if (found.times > 1)
		return "the event has more than one history";
	if (found.times == 0) {
		*history = array_new(a, 0);
		return NULL;
	}
	why = history_fault(d, found.entry + 2);
	if (why != NULL)
		return why;
	d->hidden = found.entry;
	*history = value_source(d, found.entry + 2);
	return NULL;
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

/*
 * How a stage left the event; and how it read it, where that isn't how the
 * stage before says that it left it.
 */
struct sums {
	struct sum now, read;
	bool altered;
};

static void
put_sums(struct buf *out, const struct sums *s)
{
	sum_put(out, &s->now, s->altered ? &s->read : NULL);
}

/* Where the event is as it was read. */
static struct sums
sums_unchanged(struct value event, struct value history)
{
	struct sum sum = sum_read(event);
	const char *last = sum_last(history);

	return (struct sums){sum, sum, last != NULL && !sum_is(&sum, last)};
}

/* Where it became something else; before is NULL where there was no event. */
static struct sums
sums_of(const struct value *before, struct value history, struct sum now)
{
	struct sums s = {.now = now};
	const char *last = before == NULL ? NULL : sum_last(history);

	if (last == NULL)
		return s;
	s.read = sum_read(*before);
	s.altered = !sum_is(&s.read, last);
	return s;
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
	struct value history =
	    e == 0 ? VALUE_OF(VALUE_NULL) : value_source(d, e);
	struct sums sums = sums_unchanged(root, history);

	if (e != 0 && history_last(d, root.n)) {
		rest = d->text + d->at[d->match[e]];
		put_span(out, line->text, rest);
		if (!raw_empty(d, e))
			buf_putc(out, ',');
		record_put(out, &l->head, r, at);
		put_sums(out, &sums);
		buf_putc(out, '}');
		put_line_end(out, line, rest);
		return;
	}
	put_members(out, line, root);
	put_open(out, l, raw_empty(d, root.n));
	if (e != 0 && put_records(out, history))
		buf_putc(out, ',');
	record_put(out, &l->head, r, at);
	put_sums(out, &sums);
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

	out->spaced = false;
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

/* A whole record; false where its undo was left out. */
static bool
put_record(struct buf *out, struct arena *a, const struct lineage *l,
    const struct value *before, struct value now, const struct record *r,
    const struct sums *sums, const char *at)
{
	bool whole = true;

	record_put(out, &l->head, r, at);
	if (before != NULL && l->mode <= LINEAGE_COMPACT)
		whole = record_put_undo(
		    out, a, *before, now, l->cap, l->depth, l->parts);
	put_sums(out, sums);
	record_put_made(out, r);
	buf_putc(out, '}');
	return whole;
}

bool
lineage_write(struct buf *out, struct arena *a, const struct lineage *l,
    const struct line *line, struct value before, struct value now,
    struct value history, const struct record *record, const char *at)
{
	size_t start = out->len;
	struct sums sums;
	bool empty, whole;

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
	if (buf_failed(out))
		return true; /* whoever sends it on asks */
	sums = sums_of(line != NULL ? &before : NULL, history,
	    sum_text(out->p + start, out->len + 1 - start, out->spaced));
	put_open(out, l, empty);
	if (put_records(out, history))
		buf_putc(out, ',');
	whole = put_record(
	    out, a, l, line != NULL ? &before : NULL, now, record, &sums, at);
	buf_puts(out, "]}\n");
	return whole;
}

size_t
lineage_write_steps(struct buf *out, struct arena *a,
    const struct lineage_step *step, size_t n, struct value history,
    const char *at)
{
	const struct lineage *l = step[0].lineage;
	struct value now = step[n - 1].now;
	size_t truncated = 0;
	bool more;

	if (l->mode == LINEAGE_OFF) {
		lineage_write_history(out, a, l, now, history);
		return 0;
	}
	put_open(out, l, put_object(out, now));
	more = put_records(out, history);
	for (size_t i = 0; i < n; i++) {
		const struct lineage_step *s = &step[i];
		struct sums sums = {.altered = false};
		struct sum sum;

		out->failed |= !sum_value(s->now, &sum);
		if (i == 0)
			sums = sums_of(&s->before, history, sum);
		sums.now = sum;
		if (more || i > 0)
			buf_putc(out, ',');
		truncated += !put_record(out, a, s->lineage, &s->before, s->now,
		    &s->record, &sums, at);
	}
	buf_puts(out, "]}\n");
	return truncated;
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
