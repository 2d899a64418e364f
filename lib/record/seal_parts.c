/*
 * Values may be nested as deeply as a line allows, so the walk through one
 * keeps its own stack.
 */
#include <endian.h>
#include <stdint.h>
#include <string.h>

#include "base/mac.h"
#include "json/tokens.h"
#include "record/canonical.h"
#include "record/seal_parts.h"

enum { DIGEST = 1 }; /* a byte that no JSON text has, in front of one */

/* What comes first in all that is hashed: two kinds are never the same. */
enum kind { LEAF = 'L', OBJECT = '{', ARRAY = '[', SALT = 'S' };

/* The members of "forgotten" that weren't met yet. */
struct forgotten {
	const char *p, *end;
	bool any; /* next is one */
	size_t taken;
	struct tokens_member next;
};

struct walk {
	const struct seal_parts *is;
	struct buf *out;
	struct forgotten forgotten;
	struct buf pointer; /* to the part in hand; where some are forgotten */
	struct buf entries; /* of open containers: steps and digests */
	struct buf frames;
	struct buf
	    marks;    /* of the operation in hand: what is forgotten in it */
	size_t value; /* length of the pointer to its value, or 0 */
	/* Where parts are being forgotten: what is left, and the digests. */
	const struct seal_left *left;
	struct buf *map, *text; /* NULL: none are */
	bool wrong;
};

/* What is left of a value; NULL: nothing that is looked at. */
struct beside {
	const char *p;
	size_t len;
};

/* Where a part stands: it is salted with it. */
struct place {
	const char *salt, *step;
	size_t salt_len, step_len;
};

/* A container that is open. */
struct frame {
	const char *p, *end;
	size_t entries, pointer; /* lengths when it was opened */
	uint64_t i;              /* of the next element */
	char kind;
	const char *left, *left_end; /* where in what is left, or NULL */
	bool gone;                   /* it is forgotten now, as a whole */
	unsigned char salt[SEAL_TAG];
};

static void
add_sized(struct mac *m, const char *p, size_t n)
{
	uint64_t size = htole64(n);

	mac_add(m, &size, sizeof(size));
	mac_add(m, p, n);
}

static void
start(struct mac *m, const struct walk *w, enum kind kind,
    const struct place *place)
{
	char k = (char)kind;

	mac_start(m, w->is->key->part, SEAL_TAG);
	mac_add(m, &k, 1);
	add_sized(m, place->salt, place->salt_len);
	add_sized(m, place->step, place->step_len);
}

static void
hash_leaf(struct walk *w, const struct place *place, const char *token,
    size_t len, unsigned char tag[SEAL_TAG])
{
	struct mac m;

	start(&m, w, LEAF, place);
	mac_add(&m, token, len);
	mac_end(&m, tag, SEAL_TAG);
}

/* --- what was forgotten --- */

static void
forgotten_next(struct forgotten *f)
{
	f->any = tokens_member(&f->p, f->end, &f->next);
}

/* A forgotten part of a value is told by its operation, too. */
static void
mark(struct walk *w)
{
	struct buf *b = &w->marks;

	if (w->value == 0)
		return;
	buf_puts(b, b->len == 0 ? "[\"" : ",\"");
	buf_put(b, w->pointer.p + w->value, w->pointer.len - w->value);
	buf_putc(b, '"');
}

/* Keep the digest of the part in hand, which is forgotten. */
static void
keep(struct walk *w, const unsigned char tag[SEAL_TAG])
{
	char text[MAC_BASE64(SEAL_TAG) + 1];

	mark(w);
	mac_base64(text, tag, SEAL_TAG);
	buf_puts(w->map, w->map->len == 0 ? "\"" : ",\"");
	buf_put(w->map, w->pointer.p, w->pointer.len);
	buf_printf(w->map, "\":\"%s\"", text);
}

/* Is the part in hand forgotten?  Its digest then goes to tag. */
static bool
take_forgotten(struct walk *w, const char *value, size_t len,
    const char *stand_in, unsigned char *tag)
{
	struct forgotten *f = &w->forgotten;
	const struct tokens_member *m = &f->next;

	if (!f->any || m->key_len - 2 != w->pointer.len ||
	    memcmp(m->key + 1, w->pointer.p, w->pointer.len) != 0)
		return false;
	f->taken++;
	if (w->map == NULL)
		mark(w);
	if (len != strlen(stand_in) || memcmp(value, stand_in, len) != 0 ||
	    m->value_len != SEAL_TEXT + 2 ||
	    !mac_base64_read(tag, SEAL_TAG, m->value + 1, SEAL_TEXT)) {
		memset(tag, 0, SEAL_TAG);
		w->wrong = true;
	}
	forgotten_next(f);
	return true;
}

/* A character of a key that stands for a step's end or its escape. */
static char
special(const char *p, size_t n, size_t *used)
{
	static const struct {
		const char *text;
		char stands;
	} SPELLED[] = {{"~", '0'}, {"/", '1'}, {"\\/", '1'}, {"\\u007e", '0'},
	    {"\\u007E", '0'}, {"\\u002f", '1'}, {"\\u002F", '1'}};

	for (size_t i = 0; i < sizeof(SPELLED) / sizeof(*SPELLED); i++) {
		*used = strlen(SPELLED[i].text);
		if (*used <= n && memcmp(p, SPELLED[i].text, *used) == 0)
			return SPELLED[i].stands;
	}
	*used = n > 1 && *p == '\\' ? 2 : 1;
	return '\0';
}

/* A key as it is spelled, without its quotes, as a step of a pointer. */
static void
point_key(struct buf *pointer, const char *key, size_t len)
{
	size_t used;

	buf_putc(pointer, '/');
	for (size_t i = 0; i < len; i += used) {
		char stands = special(key + i, len - i, &used);

		if (stands != '\0') {
			buf_putc(pointer, '~');
			buf_putc(pointer, stands);
		} else {
			buf_put(pointer, key + i, used);
		}
	}
}

/* An index as a step of a pointer. */
static void
point_index(struct buf *pointer, size_t i)
{
	char digits[24];
	size_t at = sizeof(digits);

	do
		digits[--at] = (char)('0' + i % 10);
	while ((i /= 10) > 0);
	digits[--at] = '/';
	buf_put(pointer, digits + at, sizeof(digits) - at);
}

/* --- the digest of a value --- */

static struct frame *
top(struct walk *w)
{
	size_t n = w->frames.len - sizeof(struct frame);

	return (struct frame *)(void *)(w->frames.p + n);
}

static bool
is_container(const char *value)
{
	return *value == '{' || *value == '[';
}

/* Is a part forgotten now?  What is left of it says so. */
static bool
goes(const struct beside *left, const char *value, size_t len)
{
	return left->p != NULL && tokens_is(left->p, left->len, "null") &&
	    !tokens_is(value, len, "null");
}

static void
open_container(struct walk *w, const struct place *place, const char *value,
    size_t len, size_t pointer, const struct beside *left)
{
	struct frame f = {.p = value + 1,
	    .end = value + len,
	    .entries = w->entries.len,
	    .pointer = pointer,
	    .kind = *value,
	    .gone = goes(left, value, len)};
	struct mac m;

	if (left->p != NULL && !f.gone) {
		f.left = left->p + 1;
		f.left_end = left->p + left->len;
		w->wrong |= *left->p != *value;
	}

	start(&m, w, SALT, place);
	mac_end(&m, f.salt, SEAL_TAG);
	buf_put(&w->frames, (const char *)&f, sizeof(f));
}

static void
close_container(struct walk *w, unsigned char tag[SEAL_TAG])
{
	struct frame *f = top(w);
	struct mac m;

	mac_start(&m, w->is->key->part, SEAL_TAG);
	mac_add(&m, &f->kind, 1);
	add_sized(&m, (const char *)f->salt, SEAL_TAG);
	mac_add(&m, w->entries.p + f->entries, w->entries.len - f->entries);
	mac_end(&m, tag, SEAL_TAG);
	if (f->gone)
		keep(w, tag);
	w->entries.len = f->entries;
	w->frames.len -= sizeof(*f);
}

/* A child of an open container. */
struct child {
	const char *step, *value;
	size_t step_len, len;
	char number[8]; /* what the step of an element is */
	struct beside left;
};

/* What is left of the child beside it. */
static void
next_left(struct walk *w, struct frame *f, struct child *c)
{
	struct tokens_member m;

	c->left.p = NULL;
	if (f->left == NULL)
		return;
	if (f->kind == '[') {
		w->wrong |= !tokens_element(
		    &f->left, f->left_end, &c->left.p, &c->left.len);
		return;
	}
	if (!tokens_member(&f->left, f->left_end, &m) ||
	    m.key_len != c->step_len ||
	    memcmp(m.key, c->step, c->step_len) != 0) {
		w->wrong = true;
		return;
	}
	c->left.p = m.value;
	c->left.len = m.value_len;
}

static bool
next_child(struct frame *f, struct child *c)
{
	struct tokens_member m;
	uint64_t number;

	if (f->kind == '[') {
		if (!tokens_element(&f->p, f->end, &c->value, &c->len))
			return false;
		number = htole64(f->i++);
		memcpy(c->number, &number, sizeof(number));
		c->step = c->number;
		c->step_len = sizeof(number);
		return true;
	}
	if (!tokens_member(&f->p, f->end, &m))
		return false;
	c->step = m.key;
	c->step_len = m.key_len;
	c->value = m.value;
	c->len = m.value_len;
	return true;
}

/* Where the child is, for "forgotten"; gives how long the pointer was. */
static size_t
point_child(struct walk *w, const struct child *c)
{
	const struct frame *f = top(w);
	size_t before = w->pointer.len;

	if (!w->forgotten.any && w->map == NULL)
		return before;
	if (f->kind == '[')
		point_index(&w->pointer, (size_t)f->i - 1);
	else
		point_key(&w->pointer, c->step + 1, c->step_len - 2);
	return before;
}

/* Is a scalar forgotten now?  Else it is left as it was. */
static void
keep_leaf(struct walk *w, const char *value, size_t len,
    const struct beside *left, const unsigned char tag[SEAL_TAG])
{
	if (goes(left, value, len)) {
		keep(w, tag);
	} else if (left->p != NULL) {
		w->wrong |=
		    left->len != len || memcmp(left->p, value, len) != 0;
	}
}

/* Add a child of the open container; may open another. */
static void
take_child(struct walk *w, const struct child *c)
{
	const struct frame *f = top(w);
	unsigned char tag[SEAL_TAG], salt[SEAL_TAG];
	struct place place = {
	    (const char *)salt, c->step, SEAL_TAG, c->step_len};
	size_t before = point_child(w, c);
	uint64_t size = htole64(c->step_len);

	memcpy(salt, f->salt, SEAL_TAG);
	if (f->kind == '{') {
		buf_put(&w->entries, (const char *)&size, sizeof(size));
		buf_put(&w->entries, c->step, c->step_len);
	}
	if (take_forgotten(w, c->value, c->len, "null", tag)) {
		if (c->left.p != NULL)
			keep(w, tag);
	} else if (is_container(c->value)) {
		open_container(w, &place, c->value, c->len, before, &c->left);
		return;
	} else {
		hash_leaf(w, &place, c->value, c->len, tag);
		keep_leaf(w, c->value, c->len, &c->left, tag);
	}
	buf_put(&w->entries, (const char *)tag, SEAL_TAG);
	w->pointer.len = before;
}

static void
hash_container(struct walk *w, const struct place *place, const char *value,
    size_t len, const struct beside *left, unsigned char tag[SEAL_TAG])
{
	struct child c;

	open_container(w, place, value, len, w->pointer.len, left);
	while (!w->frames.failed && !w->entries.failed && w->frames.len > 0) {
		size_t pointer = top(w)->pointer;

		if (next_child(top(w), &c)) {
			next_left(w, top(w), &c);
			take_child(w, &c);
			continue;
		}
		close_container(w, tag);
		w->pointer.len = pointer;
		if (w->frames.len > 0)
			buf_put(&w->entries, (const char *)tag, SEAL_TAG);
	}
}

static void
put_tag(struct walk *w, const unsigned char tag[SEAL_TAG])
{
	buf_putc(w->out, DIGEST);
	buf_put(w->out, (const char *)tag, SEAL_TAG);
}

/* Put what is covered as it stands, also where the record is written anew. */
static void
put(struct walk *w, const char *p, size_t n)
{
	buf_put(w->out, p, n);
	if (w->text != NULL)
		buf_put(w->text, p, n);
}

static void
put_char(struct walk *w, char c)
{
	put(w, &c, 1);
}

static void
put_text(struct walk *w, const char *p, size_t n)
{
	if (w->text != NULL)
		buf_put(w->text, p, n);
}

/*
 * A part, at the end of the record's pointer, by its digest; left is what is
 * left of it where parts are being forgotten.
 */
static void
put_part(struct walk *w, const char *value, size_t len, struct beside left)
{
	const struct seal_parts *is = w->is;
	struct place place = {
	    is->salt, w->pointer.p, is->salt_len, w->pointer.len};
	unsigned char tag[SEAL_TAG];

	if (take_forgotten(w, value, len, "null", tag)) {
		if (left.p != NULL)
			keep(w, tag);
	} else if (is_container(value)) {
		hash_container(w, &place, value, len, &left, tag);
	} else {
		hash_leaf(w, &place, value, len, tag);
		keep_leaf(w, value, len, &left, tag);
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
put_plain(struct walk *w, const char *value, size_t len)
{
	if (is_container(value))
		canonical_text(value, len, sink, w);
	else
		put(w, value, len);
}

static void
put_key(struct walk *w, const struct tokens_member *m, char before)
{
	if (before != '\0')
		put_char(w, before);
	put(w, m->key, m->key_len);
	put_char(w, ':');
}

/* What an operation says of parts of its value that are forgotten. */
static void
end_marks(struct walk *w)
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
take_mark(struct walk *w, const char **p, const char *end)
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
put_value(struct walk *w, const struct tokens_member *m,
    const struct beside *left, const char **p, const char *end)
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
put_operation(
    struct walk *w, const char *text, size_t len, const struct beside *left)
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
static struct beside
left_value(struct walk *w, const char **left, const char *end)
{
	struct beside value = {.p = NULL};
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
			value = (struct beside){m.value, m.value_len};
	return value;
}

static void
put_undo(struct walk *w, const char *text, size_t len)
{
	const char *p = text + 1, *end = text + len, *op;
	const char *left = w->map == NULL ? NULL : w->left->undo + 1;
	const char *left_end = left == NULL ? NULL : left + w->left->undo_len;
	size_t n, before = w->pointer.len;

	put_char(w, '[');
	for (size_t i = 0; tokens_element(&p, end, &op, &n); i++) {
		struct beside value = left_value(w, &left, left_end);

		if (i > 0)
			put_char(w, ',');
		point_index(&w->pointer, i);
		if (*op == '{')
			put_operation(w, op, n, &value);
		else
			put_plain(w, op, n);
		w->pointer.len = before;
	}
	put_char(w, ']');
}

static void put_from(struct walk *w, const char *text, size_t len);

static void
put_rows(struct walk *w, const char *text, size_t len)
{
	const char *p = text + 1, *end = text + len, *row;
	size_t n, before = w->pointer.len;

	put_char(w, '[');
	for (size_t i = 0; tokens_element(&p, end, &row, &n); i++) {
		if (i > 0)
			put_char(w, ',');
		point_index(&w->pointer, i);
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
put_hash(struct walk *w, const struct tokens_member *m)
{
	static const char NONE[] = "null";
	struct beside left = {NULL, 0};

	if (w->map != NULL && w->left->no_hashes)
		left = (struct beside){NONE, sizeof(NONE) - 1};
	else if (w->map != NULL)
		left = (struct beside){m->value, m->value_len};
	buf_puts(&w->pointer, "/hash");
	put_part(w, m->value, m->value_len, left);
}

/* An origin, or a row in one that has several: but one level of them. */
static void
put_from(struct walk *w, const char *text, size_t len)
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
	struct walk w = {.is = &is};

	hash_leaf(&w, &(struct place){"", "/rule", 0, 5}, text, len, tag);
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
put_rule(struct walk *w, const char *text, size_t len)
{
	const struct seal_rule *known = w->is->rule;
	unsigned char tag[SEAL_TAG];
	bool was = take_forgotten(w, text, len, SEAL_RULE_GONE, tag);

	if (!was && known != NULL && known->len == len &&
	    memcmp(known->text, text, len) == 0)
		memcpy(tag, known->tag, SEAL_TAG);
	else if (!was)
		hash_rule(tag, w->is->key, text, len);
	put_tag(w, tag);
	if (w->map == NULL)
		return;
	if (was || w->left->rule_gone) {
		keep(w, tag);
		put_text(w, SEAL_RULE_GONE, sizeof(SEAL_RULE_GONE) - 1);
	} else {
		put_text(w, text, len);
	}
}

static void
put_member(struct walk *w, const struct tokens_member *m)
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
left_out(const struct walk *w, const struct tokens_member *m)
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
find_forgotten(struct walk *w, const char *p, const char *end)
{
	struct tokens_member m;

	while (tokens_member(&p, end, &m)) {
		if (!tokens_is(m.key, m.key_len, "\"forgotten\""))
			continue;
		if (*m.value != '{')
			return; /* it was so when the record was sealed */
		w->forgotten.p = m.value + 1;
		w->forgotten.end = m.value + m.value_len;
		forgotten_next(&w->forgotten);
		w->wrong |= !w->forgotten.any;
	}
}

/* The record, as it is covered; and anew, where parts are forgotten. */
static bool
walk_record(struct walk *w, const char *record, size_t len)
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
	struct walk w = {.is = is, .out = out};

	return walk_record(&w, record, len);
}

bool
seal_parts_forget(struct buf *text, const struct seal_parts *is,
    const char *record, size_t len, const struct seal_left *left)
{
	struct buf covered = {0}, map = {0};
	struct walk w = {
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
