/*
 * Values may be nested as deeply as a line allows, so the walk through one
 * keeps its own stack.
 */
#include <endian.h>
#include <stdint.h>
#include <string.h>

#include "base/mac.h"
#include "record/seal_walk.h"

/* What comes first in all that is hashed: two kinds are never the same. */
enum kind { LEAF = 'L', OBJECT = '{', ARRAY = '[', SALT = 'S' };

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
start(struct mac *m, const struct seal_walk *w, enum kind kind,
    const struct seal_walk_place *place)
{
	char k = (char)kind;

	mac_start(m, w->is->key->part, SEAL_TAG);
	mac_add(m, &k, 1);
	add_sized(m, place->salt, place->salt_len);
	add_sized(m, place->step, place->step_len);
}

void
seal_walk_leaf(struct seal_walk *w, const struct seal_walk_place *place,
    const char *token, size_t len, unsigned char tag[SEAL_TAG])
{
	struct mac m;

	start(&m, w, LEAF, place);
	mac_add(&m, token, len);
	mac_end(&m, tag, SEAL_TAG);
}

/* --- what was forgotten --- */

void
seal_walk_forgotten(struct seal_walk_forgotten *f)
{
	f->any = tokens_member(&f->p, f->end, &f->next);
}

/* A forgotten part of a value is told by its operation, too. */
static void
mark(struct seal_walk *w)
{
	struct buf *b = &w->marks;

	if (w->value == 0)
		return;
	buf_puts(b, b->len == 0 ? "[\"" : ",\"");
	buf_put(b, w->pointer.p + w->value, w->pointer.len - w->value);
	buf_putc(b, '"');
}

/* Keep the digest of the part in hand, which is forgotten. */
void
seal_walk_keep(struct seal_walk *w, const unsigned char tag[SEAL_TAG])
{
	char text[MAC_BASE64(SEAL_TAG) + 1];

	mark(w);
	mac_base64(text, tag, SEAL_TAG);
	buf_puts(w->map, w->map->len == 0 ? "\"" : ",\"");
	buf_put(w->map, w->pointer.p, w->pointer.len);
	buf_printf(w->map, "\":\"%s\"", text);
}

/* Is the part in hand forgotten?  Its digest then goes to tag. */
bool
seal_walk_take(struct seal_walk *w, const char *value, size_t len,
    const char *stand_in, unsigned char *tag)
{
	struct seal_walk_forgotten *f = &w->forgotten;
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
	seal_walk_forgotten(f);
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
void
seal_walk_point_index(struct buf *pointer, size_t i)
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
top(struct seal_walk *w)
{
	size_t n = w->frames.len - sizeof(struct frame);

	return (struct frame *)(void *)(w->frames.p + n);
}

bool
seal_walk_is_container(const char *value)
{
	return *value == '{' || *value == '[';
}

/* Is a part forgotten now?  What is left of it says so. */
static bool
goes(const struct seal_walk_left *left, const char *value, size_t len)
{
	return left->p != NULL && tokens_is(left->p, left->len, "null") &&
	    !tokens_is(value, len, "null");
}

static void
open_container(struct seal_walk *w, const struct seal_walk_place *place,
    const char *value, const char *end, size_t pointer,
    const struct seal_walk_left *left)
{
	struct frame f = {.p = value + 1,
	    .end = end,
	    .entries = w->entries.len,
	    .pointer = pointer,
	    .kind = *value,
	    .gone = goes(left, value, 0)};
	struct mac m;

	if (left->p != NULL && !f.gone) {
		f.left = left->p + 1;
		f.left_end = left->end;
		w->wrong |= *left->p != *value;
	}

	start(&m, w, SALT, place);
	mac_end(&m, f.salt, SEAL_TAG);
	buf_put(&w->frames, (const char *)&f, sizeof(f));
}

/* Go on behind a child that is closed now. */
static void
pass_child(struct frame *f, const struct frame *child)
{
	f->p = tokens_leave(child->p, f->end);
	if (child->left != NULL)
		f->left = tokens_leave(child->left, f->left_end);
}

static void
close_container(struct seal_walk *w, unsigned char tag[SEAL_TAG])
{
	struct frame *f = top(w);
	struct mac m;

	mac_start(&m, w->is->key->part, SEAL_TAG);
	mac_add(&m, &f->kind, 1);
	add_sized(&m, (const char *)f->salt, SEAL_TAG);
	mac_add(&m, w->entries.p + f->entries, w->entries.len - f->entries);
	mac_end(&m, tag, SEAL_TAG);
	if (f->gone)
		seal_walk_keep(w, tag);
	w->entries.len = f->entries;
	w->frames.len -= sizeof(*f);
	if (w->frames.len > 0)
		pass_child(top(w), f);
}

/* A child of an open container. */
struct child {
	const char *step, *value;
	size_t step_len, len;
	char number[8]; /* what the step of an element is */
	struct seal_walk_left left;
};

/* What is left of the child beside it. */
static void
next_left(struct seal_walk *w, struct frame *f, struct child *c)
{
	struct tokens_member m;

	c->left.p = NULL;
	c->left.end = f->left_end;
	if (f->left == NULL)
		return;
	if (f->kind == '[') {
		w->wrong |= !tokens_enter_element(
		    &f->left, f->left_end, &c->left.p, &c->left.len);
		return;
	}
	if (!tokens_enter_member(&f->left, f->left_end, &m) ||
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
		if (!tokens_enter_element(&f->p, f->end, &c->value, &c->len))
			return false;
		number = htole64(f->i++);
		memcpy(c->number, &number, sizeof(number));
		c->step = c->number;
		c->step_len = sizeof(number);
		return true;
	}
	if (!tokens_enter_member(&f->p, f->end, &m))
		return false;
	c->step = m.key;
	c->step_len = m.key_len;
	c->value = m.value;
	c->len = m.value_len;
	return true;
}

/* Where the child is, for "forgotten"; gives how long the pointer was. */
static size_t
point_child(struct seal_walk *w, const struct child *c)
{
	const struct frame *f = top(w);
	size_t before = w->pointer.len;

	if (!w->forgotten.any && w->map == NULL)
		return before;
	if (f->kind == '[')
		seal_walk_point_index(&w->pointer, (size_t)f->i - 1);
	else
		point_key(&w->pointer, c->step + 1, c->step_len - 2);
	return before;
}

/* Is a scalar forgotten now?  Else it is left as it was. */
void
seal_walk_keep_leaf(struct seal_walk *w, const char *value, size_t len,
    const struct seal_walk_left *left, const unsigned char tag[SEAL_TAG])
{
	if (goes(left, value, len)) {
		seal_walk_keep(w, tag);
	} else if (left->p != NULL) {
		w->wrong |=
		    left->len != len || memcmp(left->p, value, len) != 0;
	}
}

/* Add a child of the open container; may open another. */
static void
take_child(struct seal_walk *w, const struct child *c)
{
	const struct frame *f = top(w);
	unsigned char tag[SEAL_TAG], salt[SEAL_TAG];
	struct seal_walk_place place = {
	    (const char *)salt, c->step, SEAL_TAG, c->step_len};
	size_t before = point_child(w, c);
	uint64_t size = htole64(c->step_len);

	memcpy(salt, f->salt, SEAL_TAG);
	if (f->kind == '{') {
		buf_put(&w->entries, (const char *)&size, sizeof(size));
		buf_put(&w->entries, c->step, c->step_len);
	}
	if (seal_walk_take(w, c->value, c->len, "null", tag)) {
		if (c->left.p != NULL)
			seal_walk_keep(w, tag);
		/* What isn't null there is wrong, and passed over. */
		if (seal_walk_is_container(c->value))
			tokens_element(&top(w)->p, top(w)->end,
			    &(const char *){NULL}, &(size_t){0});
	} else if (seal_walk_is_container(c->value)) {
		open_container(w, &place, c->value, f->end, before, &c->left);
		return;
	} else {
		seal_walk_leaf(w, &place, c->value, c->len, tag);
		seal_walk_keep_leaf(w, c->value, c->len, &c->left, tag);
	}
	buf_put(&w->entries, (const char *)tag, SEAL_TAG);
	w->pointer.len = before;
}

void
seal_walk_container(struct seal_walk *w, const struct seal_walk_place *place,
    const char *value, size_t len, const struct seal_walk_left *left,
    unsigned char tag[SEAL_TAG])
{
	struct child c;

	open_container(w, place, value, value + len, w->pointer.len, left);
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
