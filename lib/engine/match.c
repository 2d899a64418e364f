#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include "engine/match.h"
#include "engine/window_key.h"
#include "value/number.h"
#include "value/object.h"
#include "value/string.h"

int
match_init(struct matching *m, const char *key)
{
	*m = (struct matching){.strip = false};
	if (scan_init(&m->scan, SCAN_DEPTH) == -1)
		return -1;
	if (lineage_init(
		&m->lineage, LINEAGE_OFF, key, "kafka", NULL, NULL, 0) == -1) {
		scan_release(&m->scan);
		errno = ENOMEM;
		return -1;
	}
	arena_init(&m->arena, SIZE_MAX / 2);
	arena_init(&m->pointers, SIZE_MAX / 2);
	return 0;
}

void
match_release(struct matching *m)
{
	lineage_release(&m->lineage);
	scan_release(&m->scan);
	arena_release(&m->arena);
	arena_release(&m->pointers);
	buf_release(&m->line);
	buf_release(&m->key);
	buf_release(&m->known);
}

bool
match_path(struct matching *m, struct pointer *part, const char *path)
{
	jmp_buf overflow;

	m->pointers.overflow = &overflow;
	return setjmp(overflow) == 0 && pointer_parse(&m->pointers, part, path);
}

/* --- its place --- */

/* Is the value at an entry this string, spelled plainly? */
static bool
says(const struct doc *d, uint32_t e, const char *text)
{
	struct value v = value_source(d, e);

	return v.kind == VALUE_ESCAPED && v.n == strlen(text) &&
	    memcmp(v.text, text, v.n) == 0;
}

static bool
whole_number(const struct doc *d, uint32_t e, int64_t *n)
{
	struct value v = value_source(d, e);

	if (v.kind != VALUE_NUMBER)
		return false;
	v = value_number(v);
	*n = v.i;
	return v.kind == VALUE_INT;
}

/*
 * The entry of the place in a record that has ours, or 0.  All records say
 * their op first, and ours where they are from behind it: then no member is
 * to be looked for.
 */
static uint32_t
place_in(const struct doc *d, uint32_t e)
{
	static const char others[] = "{\"op\":\"",
			  ours[] = "{\"op\":\"kafka\",\"from\":{";
	enum { FROM = 7 }; /* entries up to there */
	const char *text = d->text + d->at[e];
	size_t len = d->at[d->match[e]] - d->at[e];
	uint32_t op, from;

	if (len >= sizeof(ours) - 1) {
		if (memcmp(text, ours, sizeof(ours) - 1) == 0)
			return e + FROM;
		if (memcmp(text, others, sizeof(others) - 1) == 0 &&
		    memcmp(text + sizeof(others) - 1, "kafka", 5) != 0 &&
		    memchr(text + sizeof(others) - 1, '\\', 5) == NULL)
			return 0;
	}
	op = object_doc_find(d, e, "op", 2);
	if (op == 0 || !says(d, op, "kafka"))
		return 0;
	from = object_doc_find(d, e, "from", 4);
	return from != 0 && d->text[d->at[from]] == '{' ? from : 0;
}

/* The entry of the place in the last record that has ours, or 0. */
static uint32_t
find_place(const struct doc *d, uint32_t history)
{
	uint32_t end = d->match[history], found = 0;

	for (uint32_t e = history + 1; e < end; e = doc_after(d, e) + 1) {
		uint32_t place = d->text[d->at[e]] == '{' ? place_in(d, e) : 0;

		if (place != 0)
			found = place;
	}
	return found;
}

/*
 * Mostly a place is spelled as the last one was, up to its offset: then only
 * that is read.
 */
static bool
as_known(const struct matching *m, uint32_t from, int64_t *offset)
{
	enum { DIGITS = 18 };
	const struct doc *d = &m->scan.doc;
	const char *p = d->text + d->at[from];
	size_t len = d->at[d->match[from]] - d->at[from];
	size_t i = m->known.len;
	int64_t n = 0;

	if (i == 0 || len <= i || memcmp(p, m->known.p, i) != 0)
		return false;
	for (;
	     i < len && i < m->known.len + DIGITS && p[i] >= '0' && p[i] <= '9';
	     i++)
		n = n * 10 + (p[i] - '0');
	*offset = n;
	return i > m->known.len && (p[i] == ',' || p[i] == '}');
}

/* Remember how it is spelled, if that is as held_put_place() does it. */
static void
learn(struct matching *m, uint32_t from, uint32_t at, struct value topic,
    int32_t partition)
{
	enum { OFFSET = 11 }; /* entries up to there */
	const struct doc *d = &m->scan.doc;
	const char *p = d->text + d->at[from];

	if (at != from + OFFSET)
		return;
	buf_clear(&m->known);
	buf_put(&m->known, p, d->at[at] - d->at[from]);
	m->known_topic = (size_t)(topic.text - p);
	m->known_topic_len = topic.n;
	m->known_partition = partition;
	if (buf_failed(&m->known))
		m->known.len = 0;
}

static const struct held *
find_spelled(struct matching *m, struct batch *b, uint32_t from)
{
	const struct doc *d = &m->scan.doc;
	uint32_t topic = object_doc_find(d, from, "topic", 5);
	uint32_t part = object_doc_find(d, from, "partition", 9);
	uint32_t at = object_doc_find(d, from, "offset", 6);
	int64_t partition, offset;
	struct value name;
	size_t i;

	if (topic == 0 || part == 0 || at == 0 ||
	    !whole_number(d, part, &partition) ||
	    !whole_number(d, at, &offset) || partition != (int32_t)partition)
		return NULL;
	name = value_source(d, topic);
	if (!value_is_string(name))
		return NULL;
	i = batch_find(b, name.text, name.n, (int32_t)partition, offset);
	if (i == SIZE_MAX)
		return NULL;
	if (topic < part && part < at)
		learn(m, from, at, name, (int32_t)partition);
	return &b->v[i];
}

static const struct held *
find_held(struct matching *m, struct batch *b, uint32_t from)
{
	int64_t offset;
	size_t i;

	if (!as_known(m, from, &offset))
		return find_spelled(m, b, from);
	i = batch_find(b, m->known.p + m->known_topic, m->known_topic_len,
	    m->known_partition, offset);
	return i == SIZE_MAX ? NULL : &b->v[i];
}

/* --- where it goes --- */

static void
fault(struct match *out, const char *what, const struct pointer *path)
{
	snprintf(out->error, sizeof(out->error), "%s %.120s", what, path->text);
}

static bool
is_set(struct matching *m, const struct pointer *path, struct value root,
    struct value *v)
{
	return path->text != NULL && pointer_get(&m->arena, root, path, v) &&
	    v->kind != VALUE_NULL;
}

/* A string is its own text, all else its JSON. */
static void
take_key(struct matching *m, struct value root, struct match *out)
{
	struct value v;

	out->key = NULL;
	if (!is_set(m, &m->to_key, root, &v))
		return;
	buf_clear(&m->key);
	if (value_is_string(v)) {
		v = string_decoded(&m->arena, v);
		buf_put(&m->key, v.text, v.n);
	} else {
		value_write(&m->key, v);
	}
	out->key = m->key.p == NULL ? "" : m->key.p;
	out->key_len = m->key.len;
}

static void
take_topic(struct matching *m, struct value root, struct match *out)
{
	struct value v;

	if (!is_set(m, &m->to_topic, root, &v) || !value_is_string(v)) {
		fault(out, "no topic's name is at", &m->to_topic);
		return;
	}
	v = string_decoded(&m->arena, v);
	if (v.n == 0 || v.n >= sizeof(m->topic) ||
	    memchr(v.text, '\0', v.n) != NULL) {
		fault(out, "no topic's name is at", &m->to_topic);
		return;
	}
	memcpy(m->topic, v.text, v.n);
	m->topic[v.n] = '\0';
	out->topic = m->topic;
}

static void
take_partition(struct matching *m, struct value root, struct match *out)
{
	struct value v;

	if (is_set(m, &m->to_partition, root, &v) && value_is_number(v)) {
		if (v.kind == VALUE_NUMBER)
			v = value_number(v);
		if (v.kind == VALUE_INT && v.i >= 0 && v.i <= INT32_MAX) {
			out->partition = (int32_t)v.i;
			return;
		}
	}
	fault(out, "no partition's number is at", &m->to_partition);
}

static void
take_paths(struct matching *m, struct value root, struct match *out)
{
	if (m->to_key.text != NULL)
		take_key(m, root, out);
	if (m->to_topic.text != NULL)
		take_topic(m, root, out);
	if (m->to_partition.text != NULL && out->error[0] == '\0')
		take_partition(m, root, out);
}

/* A line that is an object, with its history hidden. */
static void
take_object(struct matching *m, struct batch *b, const struct line *line,
    struct match *out)
{
	struct doc *d = &m->scan.doc;
	struct value root = value_source(d, line->root);
	struct value history = VALUE_OF(VALUE_NULL);
	uint32_t place = 0;

	if (lineage_find(&m->lineage, &m->arena, d, line->root, &history) ==
		NULL &&
	    history.kind == VALUE_RAW_ARRAY)
		place = find_place(d, history.n);
	if (place != 0)
		out->held = find_held(m, b, place);
	if (out->held != NULL) {
		out->key = out->held->key;
		out->key_len = out->held->key_len;
		out->timestamp = out->held->timestamp;
	} else if (place == 0 && history.kind == VALUE_RAW_ARRAY) {
		window_key(m, root, history, out);
	}
	take_paths(m, root, out);
	if (!m->strip || d->hidden == 0)
		return;
	buf_clear(&m->line);
	lineage_strip(&m->line, line, root);
	out->text = m->line.p;
	out->len = m->line.len - 1;
}

bool
match_line(struct matching *m, struct batch *b, const char *text, size_t len,
    struct match *out)
{
	struct line line;
	jmp_buf overflow;

	*out = (struct match){
	    .text = text, .len = len, .timestamp = -1, .partition = -1};
	m->arena.overflow = &overflow;
	if (setjmp(overflow) != 0)
		return false;
	arena_reset(&m->arena);
	switch (scan_text(&m->scan, text, len, &line)) {
	case SCAN_OK:
		if (text[m->scan.doc.at[line.root]] == '{') {
			take_object(m, b, &line, out);
			return !buf_failed(&m->line) && !buf_failed(&m->key);
		}
		/* fallthrough */
	default:
		if (m->to_topic.text != NULL)
			fault(out, "no topic's name is at", &m->to_topic);
		return true;
	case SCAN_END:
		return false;
	}
}

/* --- rejects --- */

/* A member that is a string, as a C string; or NULL. */
static const char *
text_at(struct matching *m, const char *name)
{
	struct doc *d = &m->scan.doc;
	uint32_t e = object_doc_find(d, 0, name, strlen(name));
	struct value v;

	if (e == 0)
		return NULL;
	v = value_source(d, e);
	if (!value_is_string(v))
		return NULL;
	v = string_decoded(&m->arena, v);
	return arena_copy(&m->arena, v.text, v.n);
}

/* The record that the rejected event was made of, or NULL. */
static const struct held *
held_of(struct matching *m, struct batch *b)
{
	struct doc *d = &m->scan.doc;
	uint32_t event = object_doc_find(d, 0, "event", 5), place;
	struct value history = VALUE_OF(VALUE_NULL);

	if (event == 0 || d->text[d->at[event]] != '{' ||
	    lineage_find(&m->lineage, &m->arena, d, event, &history) != NULL ||
	    history.kind != VALUE_RAW_ARRAY)
		return NULL;
	place = find_place(d, history.n);
	return place == 0 ? NULL : find_held(m, b, place);
}

bool
match_reject(struct matching *m, struct batch *b, const char *text, size_t len,
    struct match_reject *out)
{
	struct line line;
	enum scan_status status;
	jmp_buf overflow;

	*out = (struct match_reject){.error = "a stage rejected it"};
	m->arena.overflow = &overflow;
	if (setjmp(overflow) != 0)
		return false;
	arena_reset(&m->arena);
	status = scan_text(&m->scan, text, len, &line);
	if (status != SCAN_OK || text[m->scan.doc.at[0]] != '{')
		return status != SCAN_END;
	if (text_at(m, "error") != NULL)
		out->error = text_at(m, "error");
	out->stage = text_at(m, "stage");
	if (out->stage == NULL)
		out->stage = text_at(m, "op");
	out->rule = text_at(m, "rule");
	out->held = held_of(m, b);
	return true;
}
