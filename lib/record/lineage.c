/*
 * An event that stays as it is costs a few copies: its line up to where
 * the new record goes, the record, and the rest of the line.
 */
#include <string.h>

#include "json/tokens.h"
#include "record/lineage.h"
#include "record/rulebook.h"
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
lineage_seal(struct lineage *l, const struct seal_keys *keys)
{
	const char *p = l->head.p + 1, *end = l->head.p + l->head.len;
	struct tokens_member m;

	l->attest.keys = keys;
	while (tokens_member(&p, end, &m))
		if (tokens_is(m.key, m.key_len, "\"rule\""))
			seal_parts_rule(&l->attest.rule, &keys->key[0], m.value,
			    m.value_len);
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
		*history = array_none();
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
	struct attest t;
	size_t start;

	attest_unchanged(&t, &l->attest, root, history);
	if (e != 0 && history_last(d, root.n)) {
		rest = d->text + d->at[d->match[e]];
		put_span(out, line->text, rest);
		if (!raw_empty(d, e))
			buf_putc(out, ',');
		start = out->len;
		record_put(out, &l->head, r, at);
		attest_put(out, &t);
		attest_seal(out, start, &t, false);
		buf_putc(out, '}');
		put_line_end(out, line, rest);
		return;
	}
	put_members(out, line, root);
	put_open(out, l, raw_empty(d, root.n));
	if (e != 0 && put_records(out, history))
		buf_putc(out, ',');
	start = out->len;
	record_put(out, &l->head, r, at);
	attest_put(out, &t);
	attest_seal(out, start, &t, false);
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
    struct attest *t, const char *at, bool more)
{
	size_t start = out->len;
	bool whole = true;

	record_put(out, &l->head, r, at);
	if (before != NULL && l->mode <= LINEAGE_COMPACT)
		whole = record_put_undo(
		    out, a, *before, now, l->cap, l->depth, l->parts);
	attest_put(out, t);
	record_put_made(out, r);
	attest_seal(out, start, t, more);
	buf_putc(out, '}');
	return whole;
}

bool
lineage_write(struct buf *out, struct arena *a, const struct lineage *l,
    const struct line *line, struct value before, struct value now,
    struct value history, const struct record *record, const char *at)
{
	size_t start = out->len;
	struct attest t;
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
	attest_changed(&t, &l->attest, line != NULL ? &before : NULL, history,
	    out->p + start, out->len + 1 - start, out->spaced);
	put_open(out, l, empty);
	if (put_records(out, history))
		buf_putc(out, ',');
	whole = put_record(out, a, l, line != NULL ? &before : NULL, now,
	    record, &t, at, false);
	buf_puts(out, "]}\n");
	return whole;
}

/* What a step left, by the text that it would be written as. */
static void
attest_step(struct attest *t, const struct lineage_step *s, bool first,
    struct value history)
{
	const struct attest_keys *with = &s->lineage->attest;
	struct buf b = {0};

	value_write(&b, s->now);
	if (first)
		attest_changed(
		    t, with, &s->before, history, b.p, b.len, b.spaced);
	else
		attest_next(t, with, b.p, b.len, b.spaced);
	t->failed |= buf_failed(&b);
	buf_release(&b);
}

size_t
lineage_write_steps(struct buf *out, struct arena *a,
    const struct lineage_step *step, size_t n, struct value history,
    const char *at)
{
	const struct lineage *l = step[0].lineage;
	struct value now = step[n - 1].now;
	struct attest t;
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

		attest_step(&t, s, i == 0, history);
		if (more || i > 0)
			buf_putc(out, ',');
		truncated += !put_record(out, a, s->lineage, &s->before, s->now,
		    &s->record, &t, at, i + 1 < n);
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
