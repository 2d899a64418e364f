#include <string.h>

#include "base/mac.h"
#include "json/tokens.h"
#include "record/canonical.h"
#include "record/seal_parts.h"
#include "record/seal_walk.h"

enum { DIGEST = 1 }; /* a byte that no JSON text has, in front of one */

/* --- what is covered --- */

static void
put_tag(struct seal_walk *w, const unsigned char tag[SEAL_TAG])
{
	buf_putc(w->out, DIGEST);
	buf_put(w->out, (const char *)tag, SEAL_TAG);
}

/* Put what is covered as it stands, also where the record is written anew. */
static void
put(struct seal_walk *w, const char *p, size_t n)
{
	buf_put(w->out, p, n);
	if (w->text != NULL)
		buf_put(w->text, p, n);
}

static void
put_char(struct seal_walk *w, char c)
{
	put(w, &c, 1);
}

static void
put_text(struct seal_walk *w, const char *p, size_t n)
{
	if (w->text != NULL)
		buf_put(w->text, p, n);
}

/*
 * A part, at the end of the record's pointer, by its digest; left is what is
 * left of it where parts are being forgotten.
 */
static void
put_part(struct seal_walk *w, const char *value, size_t len,
    struct seal_walk_left left)
{
	const struct seal_parts *is = w->is;
	struct seal_walk_place place = {
	    is->salt, w->pointer.p, is->salt_len, w->pointer.len};
	unsigned char tag[SEAL_TAG];

	if (seal_walk_take(w, value, len, "null", tag)) {
		if (left.p != NULL)
			seal_walk_keep(w, tag);
	} else if (seal_walk_is_container(value)) {
		seal_walk_container(w, &place, value, len, &left, tag);
	} else {
		seal_walk_leaf(w, &place, value, len, tag);
		seal_walk_keep_leaf(w, value, len, &left, tag);
	}
	put_tag(w, tag);
	put_text(w, left.p, left.p == NULL ? 0 : left.len);
}

/* --- the record --- */

static void
sink(void *walk, const char *p, size_t n)
{
	put(walk, p, n);
}

static void
put_plain(struct seal_walk *w, const char *value, size_t len)
{
	if (seal_walk_is_container(value))
		canonical_text(value, len, sink, w);
	else
		put(w, value, len);
}

static void
put_key(struct seal_walk *w, const struct tokens_member *m, char before)
{
	if (before != '\0')
		put_char(w, before);
	put(w, m->key, m->key_len);
	put_char(w, ':');
}

/* What an operation says of parts of its value that are forgotten. */
static void
end_marks(struct seal_walk *w)
{
	if (w->marks.len == 3) { /* ["", and no more */
		w->marks.len = 0;
		buf_puts(&w->marks, "true");
	} else {
		buf_putc(&w->marks, ']');
	}
}

/*
 * The mark of what was forgotten since an operation was sealed stands right
 * behind its value, and says just that.
 */
static bool
take_mark(struct seal_walk *w, const char **p, const char *end)
{
	struct tokens_member m;

	return tokens_member(p, end, &m) &&
	    tokens_is(m.key, m.key_len, "\"forgotten\"") &&
	    m.value_len == w->marks.len &&
	    memcmp(m.value, w->marks.p, w->marks.len) == 0;
}

/* Is the next member a mark?  Then pass over it. */
static bool
pass_mark(const char **p, const char *end)
{
	const char *next = *p;
	struct tokens_member m;

	if (!tokens_member(&next, end, &m) ||
	    !tokens_is(m.key, m.key_len, "\"forgotten\""))
		return false;
	*p = next;
	return true;
}

/* The value of an operation, and the mark behind it, which goes up to *p. */
static void
put_value(struct seal_walk *w, const struct tokens_member *m,
    const struct seal_walk_left *left, const char **p, const char *end)
{
	size_t before = w->pointer.len;
	size_t taken = w->forgotten.taken;

	buf_puts(&w->pointer, "/value");
	w->value = w->pointer.len;
	put_part(w, m->value, m->value_len, *left);
	w->value = 0;
	w->pointer.len = before;
	if (w->marks.len == 0)
		return;
	end_marks(w);
	if (w->map == NULL) {
		w->wrong |= !take_mark(w, p, end);
		return;
	}
	/* One that was sealed with it is more than can be told anew. */
	if (pass_mark(p, end) && taken == w->forgotten.taken)
		w->wrong = true;
	put_text(w, ",\"forgotten\":", 13);
	put_text(w, w->marks.p, w->marks.len);
}

/* An operation of the undo, whose value may be forgotten in part. */
static void
put_operation(struct seal_walk *w, const char *text, size_t len,
    const struct seal_walk_left *left)
{
	const char *p = text + 1, *end = text + len;
	struct tokens_member m;
	char comma = '\0';

	w->marks.len = 0;
	put_char(w, '{');
	while (tokens_member(&p, end, &m)) {
		put_key(w, &m, comma);
		comma = ',';
		if (tokens_is(m.key, m.key_len, "\"value\""))
			put_value(w, &m, left, &p, end);
		else
			put_plain(w, m.value, m.value_len);
	}
	put_char(w, '}');
}

/* What is left of the value of the next operation. */
static struct seal_walk_left
left_value(struct seal_walk *w, const char **left, const char *end)
{
	struct seal_walk_left value = {.p = NULL};
	const char *op, *p;
	struct tokens_member m;
	size_t n;

	if (*left == NULL)
		return value;
	if (!tokens_element(left, end, &op, &n) || *op != '{') {
		w->wrong = true;
		return value;
	}
	for (p = op + 1; tokens_member(&p, op + n, &m);)
		if (tokens_is(m.key, m.key_len, "\"value\""))
			value = (struct seal_walk_left){
			    m.value, m.value_len, m.value + m.value_len};
	return value;
}

static void
put_undo(struct seal_walk *w, const char *text, size_t len)
{
	const char *p = text + 1, *end = text + len, *op;
	const char *left = w->map == NULL ? NULL : w->left->undo + 1;
	const char *left_end = left == NULL ? NULL : left + w->left->undo_len;
	size_t n, before = w->pointer.len;

	put_char(w, '[');
	for (size_t i = 0; tokens_element(&p, end, &op, &n); i++) {
		struct seal_walk_left value = left_value(w, &left, left_end);

		if (i > 0)
			put_char(w, ',');
		seal_walk_point_index(&w->pointer, i);
		if (*op == '{')
			put_operation(w, op, n, &value);
		else
			put_plain(w, op, n);
		w->pointer.len = before;
	}
	put_char(w, ']');
}

static void put_from(struct seal_walk *w, const char *text, size_t len);

static void
put_rows(struct seal_walk *w, const char *text, size_t len)
{
	const char *p = text + 1, *end = text + len, *row;
	size_t n, before = w->pointer.len;

	put_char(w, '[');
	for (size_t i = 0; tokens_element(&p, end, &row, &n); i++) {
		if (i > 0)
			put_char(w, ',');
		seal_walk_point_index(&w->pointer, i);
		if (*row == '{')
			put_from(w, row, n);
		else
			put_plain(w, row, n);
		w->pointer.len = before;
	}
	put_char(w, ']');
}

/* The hash of a row: all of a record go, or none. */
static void
put_hash(struct seal_walk *w, const struct tokens_member *m)
{
	static const char NONE[] = "null";
	struct seal_walk_left left = {NULL, 0, NULL};

	if (w->map != NULL && w->left->no_hashes)
		left = (struct seal_walk_left){
		    NONE, sizeof(NONE) - 1, NONE + sizeof(NONE) - 1};
	else if (w->map != NULL)
		left = (struct seal_walk_left){
		    m->value, m->value_len, m->value + m->value_len};
	buf_puts(&w->pointer, "/hash");
	put_part(w, m->value, m->value_len, left);
}

/* An origin, or a row in one that has several: but one level of them. */
static void
put_from(struct seal_walk *w, const char *text, size_t len)
{
	const char *p = text + 1, *end = text + len;
	size_t before = w->pointer.len;
	bool outer = before == sizeof("/from") - 1;
	struct tokens_member m;
	char comma = '\0';

	put_char(w, '{');
	while (tokens_member(&p, end, &m)) {
		put_key(w, &m, comma);
		comma = ',';
		if (tokens_is(m.key, m.key_len, "\"hash\"")) {
			put_hash(w, &m);
		} else if (outer && *m.value == '[' &&
		    tokens_is(m.key, m.key_len, "\"rows\"")) {
			buf_puts(&w->pointer, "/rows");
			put_rows(w, m.value, m.value_len);
		} else {
			put_plain(w, m.value, m.value_len);
		}
		w->pointer.len = before;
	}
	put_char(w, '}');
}

static void
hash_rule(unsigned char tag[SEAL_TAG], const struct seal_key *key,
    const char *text, size_t len)
{
	const struct seal_parts is = {.key = key};
	struct seal_walk w = {.is = &is};

	seal_walk_leaf(
	    &w, &(struct seal_walk_place){"", "/rule", 0, 5}, text, len, tag);
}

void
seal_parts_rule(struct seal_rule *rule, const struct seal_key *key,
    const char *text, size_t len)
{
	rule->text = text;
	rule->len = len;
	hash_rule(rule->tag, key, text, len);
}

static void
put_rule(struct seal_walk *w, const char *text, size_t len)
{
	const struct seal_rule *known = w->is->rule;
	unsigned char tag[SEAL_TAG];
	bool was = seal_walk_take(w, text, len, SEAL_RULE_GONE, tag);

	if (!was && known != NULL && known->len == len &&
	    memcmp(known->text, text, len) == 0)
		memcpy(tag, known->tag, SEAL_TAG);
	else if (!was)
		hash_rule(tag, w->is->key, text, len);
	put_tag(w, tag);
	if (w->map == NULL)
		return;
	if (was || w->left->rule_gone) {
		seal_walk_keep(w, tag);
		put_text(w, SEAL_RULE_GONE, sizeof(SEAL_RULE_GONE) - 1);
	} else {
		put_text(w, text, len);
	}
}

static void
put_member(struct seal_walk *w, const struct tokens_member *m)
{
	if (tokens_is(m->key, m->key_len, "\"rule\"")) {
		buf_puts(&w->pointer, "/rule");
		put_rule(w, m->value, m->value_len);
	} else if (*m->value == '{' &&
	    tokens_is(m->key, m->key_len, "\"from\"")) {
		buf_puts(&w->pointer, "/from");
		put_from(w, m->value, m->value_len);
	} else if (*m->value == '[' &&
	    tokens_is(m->key, m->key_len, "\"undo\"")) {
		buf_puts(&w->pointer, "/undo");
		put_undo(w, m->value, m->value_len);
	} else {
		put_plain(w, m->value, m->value_len);
	}
	w->pointer.len = 0;
}

/* Is the member no part of what is covered? */
static bool
left_out(const struct seal_walk *w, const struct tokens_member *m)
{
	return tokens_is(m->key, m->key_len, "\"seal\"") ||
	    (*m->value == '{' &&
		tokens_is(m->key, m->key_len, "\"forgotten\"")) ||
	    (w->is->loose &&
		(tokens_is(m->key, m->key_len, "\"sum\"") ||
		    tokens_is(m->key, m->key_len, "\"read\"")));
}

/* Look for what the record says to be forgotten. */
static void
find_forgotten(struct seal_walk *w, const char *p, const char *end)
{
	struct tokens_member m;

	while (tokens_member(&p, end, &m)) {
		if (!tokens_is(m.key, m.key_len, "\"forgotten\""))
			continue;
		if (*m.value != '{')
			return; /* it was so when the record was sealed */
		w->forgotten.p = m.value + 1;
		w->forgotten.end = m.value + m.value_len;
		seal_walk_forgotten(&w->forgotten);
		w->wrong |= !w->forgotten.any;
	}
}

/* The record, as it is covered; and anew, where parts are forgotten. */
static bool
walk_record(struct seal_walk *w, const char *record, size_t len)
{
	const char *p = record + 1, *end = record + len;
	struct tokens_member m;
	char comma = '\0';

	if (!w->is->fresh)
		find_forgotten(w, p, end);
	put_char(w, '{');
	while (tokens_member(&p, end, &m)) {
		if (left_out(w, &m))
			continue;
		put_key(w, &m, comma);
		comma = ',';
		put_member(w, &m);
	}
	buf_putc(w->out, '}');
	w->wrong |= w->forgotten.any;
	w->out->failed |= w->pointer.failed | w->entries.failed |
	    w->frames.failed | w->marks.failed;
	buf_release(&w->pointer);
	buf_release(&w->entries);
	buf_release(&w->frames);
	buf_release(&w->marks);
	return !w->wrong;
}

bool
seal_parts_put(struct buf *out, const struct seal_parts *is, const char *record,
    size_t len)
{
	struct seal_walk w = {.is = is, .out = out};

	return walk_record(&w, record, len);
}

bool
seal_parts_forget(struct buf *text, const struct seal_parts *is,
    const char *record, size_t len, const struct seal_left *left)
{
	struct buf covered = {0}, map = {0};
	struct seal_walk w = {
	    .is = is, .out = &covered, .left = left, .map = &map, .text = text};
	bool good = walk_record(&w, record, len);

	if (good && map.len > 0) {
		buf_puts(text, ",\"forgotten\":{");
		buf_put(text, map.p, map.len);
		buf_putc(text, '}');
	}
	text->failed |= covered.failed | map.failed;
	buf_release(&covered);
	buf_release(&map);
	return good;
}
