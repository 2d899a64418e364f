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
	struct tokens_member next;
};

struct walk {
	const struct seal_parts *is;
	struct buf *out;
	struct forgotten forgotten;
	struct buf pointer; /* to the part in hand; where some are forgotten */
	struct buf entries; /* of open containers: steps and digests */
	struct buf frames;
	bool wrong;
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

/* Is the part in hand forgotten?  Its digest then goes to tag. */
static bool
take_forgotten(
    struct walk *w, const char *value, size_t len, unsigned char *tag)
{
	struct forgotten *f = &w->forgotten;
	const struct tokens_member *m = &f->next;

	if (!f->any || m->key_len - 2 != w->pointer.len ||
	    memcmp(m->key + 1, w->pointer.p, w->pointer.len) != 0)
		return false;
	if (!tokens_is(value, len, "null") || m->value_len != SEAL_TEXT + 2 ||
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

static void
open_container(struct walk *w, const struct place *place, const char *value,
    size_t len, size_t pointer)
{
	struct frame f = {.p = value + 1,
	    .end = value + len,
	    .entries = w->entries.len,
	    .pointer = pointer,
	    .kind = *value};
	struct mac m;

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
	w->entries.len = f->entries;
	w->frames.len -= sizeof(*f);
}

/* A child of an open container. */
struct child {
	const char *step, *value;
	size_t step_len, len;
	char number[8]; /* what the step of an element is */
};

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

	if (!w->forgotten.any)
		return before;
	if (f->kind == '[')
		buf_printf(&w->pointer, "/%zu", (size_t)f->i - 1);
	else
		point_key(&w->pointer, c->step + 1, c->step_len - 2);
	return before;
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
	if (!take_forgotten(w, c->value, c->len, tag)) {
		if (is_container(c->value)) {
			open_container(w, &place, c->value, c->len, before);
			return;
		}
		hash_leaf(w, &place, c->value, c->len, tag);
	}
	buf_put(&w->entries, (const char *)tag, SEAL_TAG);
	w->pointer.len = before;
}

static void
hash_container(struct walk *w, const struct place *place, const char *value,
    size_t len, unsigned char tag[SEAL_TAG])
{
	struct child c;

	open_container(w, place, value, len, w->pointer.len);
	while (!w->frames.failed && !w->entries.failed && w->frames.len > 0) {
		size_t pointer = top(w)->pointer;

		if (next_child(top(w), &c)) {
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

/* A part, at the end of the record's pointer, by its digest. */
static void
put_part(struct walk *w, const char *value, size_t len)
{
	const struct seal_parts *is = w->is;
	struct place place = {
	    is->salt, w->pointer.p, is->salt_len, w->pointer.len};
	unsigned char tag[SEAL_TAG];

	if (!take_forgotten(w, value, len, tag)) {
		if (is_container(value))
			hash_container(w, &place, value, len, tag);
		else
			hash_leaf(w, &place, value, len, tag);
	}
	put_tag(w, tag);
}

/* --- the record --- */

static void
sink(void *out, const char *p, size_t n)
{
	buf_put(out, p, n);
}

static void
put_plain(struct walk *w, const char *value, size_t len)
{
	if (is_container(value))
		canonical_text(value, len, sink, w->out);
	else
		buf_put(w->out, value, len);
}

static void
put_key(struct walk *w, const struct tokens_member *m, char before)
{
	if (before != '\0')
		buf_putc(w->out, before);
	buf_put(w->out, m->key, m->key_len);
	buf_putc(w->out, ':');
}

/*
 * Is a member the mark of an operation whose value was forgotten since it was
 * sealed?  Where it was marked then already, what was forgotten says so.
 */
static bool
is_mark(struct walk *w, const struct tokens_member *m, bool *marked)
{
	unsigned char tag[SEAL_TAG];
	bool before;

	if (!tokens_is(m->key, m->key_len, "\"forgotten\""))
		return false;
	*marked = tokens_is(m->value, m->value_len, "true");
	buf_puts(&w->pointer, "/forgotten");
	before = take_forgotten(w, "null", 4, tag);
	w->pointer.len -= sizeof("/forgotten") - 1;
	return !before;
}

/* An operation of the undo, whose value may be forgotten in part. */
static void
put_operation(struct walk *w, const char *text, size_t len)
{
	const char *p = text + 1, *end = text + len, *next = w->forgotten.p;
	size_t before = w->pointer.len;
	struct tokens_member m;
	bool marked = false;
	char comma = '\0';

	buf_putc(w->out, '{');
	while (tokens_member(&p, end, &m)) {
		if (w->forgotten.p != next && is_mark(w, &m, &marked))
			continue;
		put_key(w, &m, comma);
		comma = ',';
		if (!tokens_is(m.key, m.key_len, "\"value\"")) {
			put_plain(w, m.value, m.value_len);
			continue;
		}
		buf_puts(&w->pointer, "/value");
		put_part(w, m.value, m.value_len);
		w->pointer.len = before;
	}
	buf_putc(w->out, '}');
	w->wrong |= !marked && w->forgotten.p != next;
}

static void
put_undo(struct walk *w, const char *text, size_t len)
{
	const char *p = text + 1, *end = text + len, *op;
	size_t n, before = w->pointer.len;

	buf_putc(w->out, '[');
	for (size_t i = 0; tokens_element(&p, end, &op, &n); i++) {
		if (i > 0)
			buf_putc(w->out, ',');
		buf_printf(&w->pointer, "/%zu", i);
		if (*op == '{')
			put_operation(w, op, n);
		else
			put_plain(w, op, n);
		w->pointer.len = before;
	}
	buf_putc(w->out, ']');
}

static void put_from(struct walk *w, const char *text, size_t len);

static void
put_rows(struct walk *w, const char *text, size_t len)
{
	const char *p = text + 1, *end = text + len, *row;
	size_t n, before = w->pointer.len;

	buf_putc(w->out, '[');
	for (size_t i = 0; tokens_element(&p, end, &row, &n); i++) {
		if (i > 0)
			buf_putc(w->out, ',');
		buf_printf(&w->pointer, "/%zu", i);
		if (*row == '{')
			put_from(w, row, n);
		else
			put_plain(w, row, n);
		w->pointer.len = before;
	}
	buf_putc(w->out, ']');
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

	buf_putc(w->out, '{');
	while (tokens_member(&p, end, &m)) {
		put_key(w, &m, comma);
		comma = ',';
		if (tokens_is(m.key, m.key_len, "\"hash\"")) {
			buf_puts(&w->pointer, "/hash");
			put_part(w, m.value, m.value_len);
		} else if (outer && *m.value == '[' &&
		    tokens_is(m.key, m.key_len, "\"rows\"")) {
			buf_puts(&w->pointer, "/rows");
			put_rows(w, m.value, m.value_len);
		} else {
			put_plain(w, m.value, m.value_len);
		}
		w->pointer.len = before;
	}
	buf_putc(w->out, '}');
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

	if (known != NULL && known->len == len &&
	    memcmp(known->text, text, len) == 0)
		memcpy(tag, known->tag, SEAL_TAG);
	else if (!take_forgotten(w, text, len, tag))
		hash_rule(tag, w->is->key, text, len);
	put_tag(w, tag);
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
	    tokens_is(m->key, m->key_len, "\"forgotten\"") ||
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
		if (*m.value != '{') {
			w->wrong = true;
			return;
		}
		w->forgotten.p = m.value + 1;
		w->forgotten.end = m.value + m.value_len;
		forgotten_next(&w->forgotten);
		w->wrong |= !w->forgotten.any;
	}
}

bool
seal_parts_put(struct buf *out, const struct seal_parts *is, const char *record,
    size_t len)
{
	struct walk w = {.is = is, .out = out};
	const char *p = record + 1, *end = record + len;
	struct tokens_member m;
	char comma = '\0';

	find_forgotten(&w, p, end);
	buf_putc(out, '{');
	while (tokens_member(&p, end, &m)) {
		if (left_out(&w, &m))
			continue;
		put_key(&w, &m, comma);
		comma = ',';
		put_member(&w, &m);
	}
	buf_putc(out, '}');
	w.wrong |= w.forgotten.any;
	out->failed |= w.pointer.failed | w.entries.failed | w.frames.failed;
	buf_release(&w.pointer);
	buf_release(&w.entries);
	buf_release(&w.frames);
	return !w.wrong;
}
