/*
 * undo_property - random events and random changes: is what no change
 * touches the same byte for byte, and does the history take every change
 * back?
 *
 *     undo_property SEED COUNT
 *
 * Says which case failed, and with which texts.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "record/lineage.h"
#include "history/rewind.h"
#include "json/scan.h"
#include "value/array.h"
#include "json/layout.h"
#include "value/object.h"
#include "value/string.h"

enum {
	DEPTH = 4,    /* levels of nesting in an ordinary event */
	LARGE = 3000, /* bytes from which on values are scalars */
};

struct test {
	uint64_t random;
	struct arena arena;
	jmp_buf overflow;
	struct lineage lineage;
	struct value root; /* the event that is being changed */
	bool wide, deep;
};

/* splitmix64 */
static uint64_t
next(struct test *t)
{
	uint64_t z = t->random += 0x9E3779B97F4A7C15;

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
	z = (z ^ z >> 27) * 0x94D049BB133111EB;
	return z ^ z >> 31;
}

static size_t
below(struct test *t, size_t n)
{
	return (size_t)(next(t) % n);
}

static const char *
pick(struct test *t, const char *const *from, size_t n)
{
	return from[below(t, n)];
}

#define PICK(t, from) pick(t, from, sizeof(from) / sizeof(*(from)))

static const char *const SPACES[] = {"", "", "", " ", "\t", "  ", " \r\t"};
static const char *const KEYS[] = {"\"a\"", "\"b\"", "\"c\"", "\"\"", "\"a/b\"",
    "\"m~n\"", "\"~1\"", "\"\\u0061a\"", "\"e\\u00e9\"", "\"é\"", "\"q\\\"\"",
    "\"\\/\"", "\"\\ud800\"", "\"longer key\"", "\"n\\u0000l\"", "\"del\x7F\"",
    "\"0\"", "\"-\"", "\"x\\n\"", "\"\\ud83d\\ude00\""};
static const char *const SCALARS[] = {"null", "true", "false", "0", "-0",
    "1.10", "12345678901234567890", "1e400", "-1E-7", "\"\"", "\"text\"",
    "\"\\u0041\"", "\"\\ud800x\"", "\"a\\/b\"", "\"tab\\t\"", "\"é\"", "7",
    "\"del\x7F\""};

static void
put_space(struct test *t, struct buf *b)
{
	buf_puts(b, PICK(t, SPACES));
}

static void put_value(struct test *t, struct buf *b, size_t depth);

static void
put_members(struct test *t, struct buf *b, size_t n, size_t depth)
{
	size_t step = 1 + below(t, 3), key = below(t, 20);

	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_putc(b, ',');
		put_space(t, b);
		if (i >= 20)
			buf_printf(b, "\"k%zu\"", i);
		else if (below(t, 12) == 0)
			buf_puts(b, PICK(t, KEYS)); /* perhaps once more */
		else
			buf_puts(b, KEYS[(key + i * step) % 20]);
		put_space(t, b);
		buf_putc(b, ':');
		put_space(t, b);
		put_value(t, b, depth + 1);
		put_space(t, b);
	}
}

static void
put_elements(struct test *t, struct buf *b, size_t n, size_t depth)
{
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_putc(b, ',');
		put_space(t, b);
		put_value(t, b, depth + 1);
		put_space(t, b);
	}
}

static size_t
size_of(struct test *t)
{
	return t->wide && below(t, 4) == 0 ? below(t, 60) : below(t, 6);
}

static void
put_value(struct test *t, struct buf *b, size_t depth)
{
	size_t kind = below(t, 6);

	if (depth > (t->deep ? 4 * DEPTH : DEPTH) || b->len > LARGE)
		kind = 9;
	if (kind == 0 || (t->deep && kind == 2)) {
		buf_putc(b, '{');
		put_members(t, b, size_of(t), depth);
		put_space(t, b);
		buf_putc(b, '}');
	} else if (kind == 1) {
		buf_putc(b, '[');
		put_elements(t, b, size_of(t), depth);
		put_space(t, b);
		buf_putc(b, ']');
	} else {
		buf_puts(b, PICK(t, SCALARS));
	}
}

static void
put_event(struct test *t, struct buf *b)
{
	static const char *const HISTORIES[] = {"\"_lineage\":[]",
	    "\"_lineage\" : [ {\"op\":\"x\"} ]",
	    "\"\\u005flineage\":[{\"op\":\"x\", \"id\":\"1\"},{}]"};
	size_t n = size_of(t), where = below(t, 6);

	put_space(t, b);
	buf_putc(b, '{');
	if (where == 0) {
		put_space(t, b);
		buf_puts(b, PICK(t, HISTORIES));
		put_space(t, b);
		if (n > 0)
			buf_putc(b, ',');
	}
	put_members(t, b, n, 0);
	if (where == 1) {
		buf_puts(b, n > 0 ? " ," : "");
		buf_puts(b, PICK(t, HISTORIES));
	}
	put_space(t, b);
	buf_putc(b, '}');
	put_space(t, b);
}

static struct value
made_scalar(struct test *t)
{
	switch (below(t, 5)) {
	case 0:
		return VALUE_OF(VALUE_NULL);
	case 1:
		return value_int((int64_t)below(t, 9));
	case 2:
		return value_cstring("te\"xt");
	case 3:
		return value_cstring("del\x7F");
	default:
		return value_bool(true);
	}
}

/* Any part of the event, as it was. */
static struct value
some_part(struct test *t)
{
	struct value v = t->root;

	while (below(t, 4) != 0) {
		struct arena *a = &t->arena;
		struct member *m;
		uint32_t i = 0;

		if (value_is_array(v) && array_length(v) > 0) {
			v = array_get(v, below(t, array_length(v)));
		} else if (value_is_object(v) && object_length(a, v) > 0) {
			v = object_open(a, v);
			m = object_next(a, v, &i);
			while (m != NULL && below(t, 3) != 0) {
				struct member *other = object_next(a, v, &i);

				if (other == NULL)
					break;
				m = other;
			}
			v = value_take(&m->value);
		} else {
			break;
		}
	}
	return value_share(v);
}

static struct value
new_value(struct test *t)
{
	struct value v;

	switch (below(t, 4)) {
	case 0:
		v = array_new(&t->arena, 2);
		v = array_push(&t->arena, v, made_scalar(t));
		return array_push(&t->arena, v, some_part(t));
	case 1:
		v = object_new(&t->arena, 2);
		v = object_set(&t->arena, v, value_cstring("a"), some_part(t));
		return object_set(
		    &t->arena, v, value_cstring("z"), made_scalar(t));
	case 2:
		return some_part(t);
	default:
		return made_scalar(t);
	}
}

static struct value change(struct test *t, struct value v, size_t depth);

/* The members in another order, and not all of them. */
static struct value
rebuilt(struct test *t, struct value v)
{
	struct arena *a = &t->arena;
	size_t n, from;
	struct value *keys = object_keys(a, v, &n), w = object_new(a, n);

	from = n == 0 ? 0 : below(t, n);
	for (size_t i = 0; i < n; i++) {
		struct value x;

		if (below(t, 5) == 0 ||
		    !object_get(a, v, keys[(i + from) % n], &x))
			continue;
		w = object_set(a, w, keys[(i + from) % n], value_share(x));
	}
	return w;
}

static struct value
get(struct test *t, struct value v, struct value key)
{
	struct value x = VALUE_OF(VALUE_NULL);

	(void)object_get(&t->arena, v, key, &x);
	return value_share(x);
}

/* A new key, or one that the object may have. */
static struct value
some_key(struct test *t, const struct value *keys, size_t n)
{
	static const char *const NEW[] = {"new", "~0", "~1", "a/b", "x", "y"};

	if (n > 0 && below(t, 2) == 0)
		return keys[below(t, n)];
	return value_cstring(PICK(t, NEW));
}

/* Every member under another key: with_entries(.key |= ...). */
static struct value
renamed(struct test *t, struct value v, const struct value *keys, size_t n)
{
	struct arena *a = &t->arena;
	struct value w = object_new(a, n);
	size_t shift = 1 + below(t, 3);
	bool circle = below(t, 2) == 0;

	for (size_t i = 0; i < n; i++) {
		char text[32];
		struct value key = keys[(i + shift) % n];

		if (!circle) {
			snprintf(text, sizeof(text), "x%zu", i);
			key = value_cstring(arena_copy(a, text, strlen(text)));
		}
		w = object_set(a, w, key, get(t, v, keys[i]));
	}
	return w;
}

/* to_entries, perhaps in another order. */
static struct value
entries(struct test *t, struct value v, const struct value *keys, size_t n)
{
	struct arena *a = &t->arena;
	struct value w = array_new(a, n);
	size_t from = n == 0 ? 0 : below(t, n);

	for (size_t i = 0; i < n; i++) {
		struct value key = keys[(i + from) % n];
		struct value e = object_new(a, 2);

		e = object_set(a, e, value_cstring("key"), key);
		e = object_set(a, e, value_cstring("value"), get(t, v, key));
		w = array_push(a, w, e);
	}
	return w;
}

/* Values in circles over some members: {a: .b, b: .a}. */
static struct value
rotated_values(
    struct test *t, struct value v, const struct value *keys, size_t n)
{
	struct value w = v = value_share(v); /* v is read while w changes */
	size_t m = n < 2 ? n : 2 + below(t, n - 1), from = below(t, n + 1);

	for (size_t i = 0; i < m; i++)
		w = object_set(&t->arena, w, keys[(i + from) % n],
		    get(t, v,
			keys[(i + 1) % m == 0 ? from % n
					      : (i + 1 + from) % n]));
	return w;
}

/* Some members into a new object, or out of one of theirs. */
static struct value
nested(struct test *t, struct value v, const struct value *keys, size_t n)
{
	struct arena *a = &t->arena;
	struct value in = object_new(a, n), x;
	struct value w = v = value_share(v); /* v is read while w changes */
	struct value inside = value_cstring("in");

	for (size_t i = 0; i < n; i++) {
		x = get(t, v, keys[i]);
		if (below(t, 3) == 0)
			continue;
		if (value_is_object(x) && below(t, 2) == 0) {
			size_t k;
			struct value *inner = object_keys(a, x, &k);

			for (size_t j = 0; j < k; j++)
				w = object_set(
				    a, w, inner[j], get(t, x, inner[j]));
		}
		w = object_delete(a, w, keys[i]);
		in = object_set(a, in, keys[i], x);
	}
	return below(t, 4) == 0 ? w : object_set(a, w, inside, in);
}

/* Values that stand elsewhere then, or twice. */
static struct value
relocated(struct test *t, struct value v, const struct value *keys, size_t n)
{
	struct arena *a = &t->arena;
	struct value key = some_key(t, keys, n), to = some_key(t, keys, n), x;

	switch (below(t, 7)) {
	case 0:
		return n == 0 ? v : renamed(t, v, keys, n);
	case 1:
		return object_set(a, v, to, entries(t, v, keys, n));
	case 2:
		return n == 0 ? v : rotated_values(t, v, keys, n);
	case 3:
		return nested(t, v, keys, n);
	case 4: /* copied, and perhaps overwritten */
		x = get(t, v, key);
		v = object_set(a, v, to, x);
		return below(t, 2) == 0 ? v
					: object_set(a, v, key, made_scalar(t));
	case 5: /* into a member, or out of it */
		x = get(t, v, to);
		if (!value_is_object(x))
			return v;
		if (below(t, 2) == 0)
			return object_set(a, object_delete(a, v, to),
			    value_cstring("out"), get(t, x, key));
		x = object_set(a, x, value_cstring("moved"), get(t, v, key));
		return object_delete(a, object_set(a, v, to, x), key);
	default:
		x = get(t, v, key);
		return object_set(a, object_delete(a, v, key), to, x);
	}
}

static struct value
change_object(struct test *t, struct value v, size_t depth)
{
	struct arena *a = &t->arena;
	size_t n;
	struct value *keys = object_keys(a, v, &n), key, x;

	key = n == 0 ? value_cstring("k") : keys[below(t, n)];
	switch (below(t, 12)) {
	case 0:
		return object_delete(a, v, key);
	case 8:
	case 9:
	case 10:
		return relocated(t, v, keys, n);
	case 1:
		return object_set(a, v, value_cstring("new/1"), new_value(t));
	case 2:
		return object_set(a, v, key, new_value(t));
	case 3:
		if (!object_get(a, v, key, &x))
			return v;
		x = value_share(x);
		v = object_delete(a, v, key);
		return object_set(a, v, key, x);
	case 4:
		return depth > 0 || below(t, 3) == 0 ? rebuilt(t, v) : v;
	default:
		if (!object_get(a, v, key, &x))
			return v;
		return object_set(
		    a, v, key, change(t, value_share(x), depth + 1));
	}
}

static struct value
filtered(struct test *t, struct value v)
{
	struct value w = array_new(&t->arena, 4);

	for (size_t i = 0; i < array_length(v); i++) {
		if (below(t, 3) == 0)
			continue;
		w = array_push(&t->arena, w,
		    below(t, 4) == 0 ? new_value(t)
				     : value_share(array_get(v, i)));
	}
	return w;
}

/* The elements in another order: rotated, or turned round. */
static struct value
reordered(struct test *t, struct value v)
{
	struct value w = array_new(&t->arena, 4);
	size_t n = array_length(v), from = n == 0 ? 0 : below(t, n);
	bool turned = below(t, 2) == 0;

	for (size_t i = 0; i < n; i++) {
		size_t k = (i + from) % n;

		w = array_push(&t->arena, w,
		    value_share(array_get(v, turned ? n - 1 - k : k)));
	}
	return w;
}

/* Some elements in front of it. */
static struct value
prepended(struct test *t, struct value v)
{
	struct value w = array_new(&t->arena, 4);

	for (size_t i = 1 + below(t, 3); i > 0; i--)
		w = array_push(&t->arena, w, new_value(t));
	for (size_t i = 0; i < array_length(v); i++)
		w = array_push(&t->arena, w, value_share(array_get(v, i)));
	return w;
}

static struct value
change_array(struct test *t, struct value v, size_t depth)
{
	struct arena *a = &t->arena;
	size_t n = array_length(v), i = n == 0 ? 0 : below(t, n);

	switch (below(t, 9)) {
	case 6:
		return reordered(t, v);
	case 7:
		return prepended(t, v);
	case 0:
		return array_push(a, v, new_value(t));
	case 1:
		return array_set(a, v, below(t, n + 3), new_value(t));
	case 2:
		return array_slice(a, v, i, i + below(t, n - i + 1));
	case 3:
		return filtered(t, v);
	default:
		if (n == 0)
			return v;
		return array_set(a, v, i,
		    change(t, value_share(array_get(v, i)), depth + 1));
	}
}

static struct value
change(struct test *t, struct value v, size_t depth)
{
	if (value_is_object(v))
		return change_object(t, v, depth);
	if (value_is_array(v))
		return change_array(t, v, depth);
	return new_value(t);
}

/* JSON text without the white space between its tokens. */
static void
compact(struct buf *to, const char *p, size_t n)
{
	bool string = false;

	for (size_t i = 0; i < n; i++) {
		if (!string && strchr(" \t\r\n", p[i]) != NULL)
			continue;
		buf_putc(to, p[i]);
		if (p[i] == '"')
			string = !string;
		else if (string && p[i] == '\\')
			buf_putc(to, p[++i]);
	}
}

/* A line that is scanned, with its history found. */
struct read {
	struct buf text;
	struct scan scan;
	struct line line;
	struct keys keys;
	struct value root, history;
};

static bool
read_line(struct test *t, struct read *r)
{
	buf_put(&r->text, "\n", 1);
	if (!buf_room(&r->text, SCAN_PADDING))
		return false;
	memset(r->text.p + r->text.len, '\n', SCAN_PADDING);
	if (scan_window(&r->scan, r->text.p, r->text.len) == -1 ||
	    scan_line(&r->scan, &r->line) != SCAN_OK)
		return false;
	if (lineage_find(&t->lineage, &t->arena, &r->scan.doc, r->line.root,
		&r->history) != NULL)
		return false;
	r->root = value_source(&r->scan.doc, r->line.root);
	return true;
}

static void
read_release(struct read *r)
{
	buf_release(&r->text);
	scan_release(&r->scan);
}

static bool
complain(const char *what, const struct read *x, const struct read *y,
    const char *why)
{
	printf("not ok: %s %s\n  before: %.*s  after:  %.*s", what, why,
	    (int)x->text.len, x->text.p, (int)y->text.len, y->text.p);
	return false;
}

/* Is the text of both, spacing aside, the same? */
static bool
same_text(const struct buf *x, const struct buf *y)
{
	struct buf a = {0}, b = {0};
	bool same;

	compact(&a, x->p, x->len);
	compact(&b, y->p, y->len);
	same = a.len == b.len && memcmp(a.p, b.p, a.len) == 0;
	buf_release(&a);
	buf_release(&b);
	return same;
}

/* Does the written event, taken back, give the event before? */
static bool
check_undo(struct test *t, struct read *before, struct read *after)
{
	struct buf was = {0}, back = {0};
	struct rewind r = {.stage = {.number = array_length(after->history)}};
	struct value root = after->root, history = after->history;
	struct rewind_error error = {""};
	bool ok;

	lineage_write_history(
	    &was, &t->arena, &t->lineage, before->root, before->history);
	ok = rewind_event(&t->arena, &r, &root, &history, &error);
	lineage_write_history(&back, &t->arena, &t->lineage, root, history);
	ok = ok && same_text(&was, &back);
	if (!ok) {
		complain("not taken back:", before, after, error.text);
		printf("  back:   %.*s", (int)back.len, back.p);
	}
	buf_release(&was);
	buf_release(&back);
	return ok;
}

/* Are members that a change left alone still the same bytes? */
static bool
check_untouched(
    struct test *t, struct value now, struct read *before, struct read *after)
{
	const struct doc *d = &before->scan.doc;
	struct member *m;
	uint32_t i = 0;

	now = object_open(&t->arena, now);
	while ((m = object_next(&t->arena, now, &i)) != NULL) {
		struct buf x = {0}, y = {0};
		struct value found;
		bool same;

		if (m->slot == 0 || !value_is_source(m->value, d, m->slot + 2))
			continue;
		if (!object_get(&t->arena, after->root, m->key, &found))
			return complain("lost a member:", before, after, "");
		value_write(&x, value_source(d, m->slot + 2));
		value_write(&y, found);
		same = x.len == y.len && memcmp(x.p, y.p, x.len) == 0;
		buf_release(&x);
		buf_release(&y);
		if (!same)
			return complain("touched:", before, after, "");
	}
	return true;
}

/* A record is added to, and stripped from, an event that doesn't change. */
static bool
check_unchanged(struct test *t, struct read *before, struct read *after)
{
	static const char AT[] = "2026-11-22T14:39:44.123456Z";
	struct record record = {0};
	struct buf x = {0}, y = {0};
	bool ok;

	lineage_write(&after->text, &t->arena, &t->lineage, &before->line,
	    before->root, before->root, before->history, &record, AT);
	after->text.len--;
	if (!read_line(t, after))
		return complain("not written well:", before, after, "");
	lineage_strip(&x, &before->line, before->root);
	lineage_strip(&y, &after->line, after->root);
	ok = x.len == y.len && memcmp(x.p, y.p, x.len) == 0 &&
	    array_length(after->history) == array_length(before->history) + 1;
	buf_release(&x);
	buf_release(&y);
	return ok ? check_undo(t, before, after)
		  : complain("not left alone:", before, after, "");
}

static bool
check_changed(struct test *t, struct read *before, struct read *after)
{
	static const char AT[] = "2026-11-22T14:39:44.123456Z";
	struct record record = {.turned_away = true};
	struct value now = before->root;

	t->root = before->root;
	for (size_t n = 1 + below(t, 4); n > 0; n--)
		now = change_object(t, now, 0);
	lineage_write(&after->text, &t->arena, &t->lineage, &before->line,
	    before->root, now, before->history, &record, AT);
	after->text.len--;
	if (!read_line(t, after))
		return complain("not written well:", before, after, "");
	return check_untouched(t, now, before, after) &&
	    check_undo(t, before, after);
}

static bool
run(struct test *t)
{
	struct read before = {0}, after = {0};
	volatile bool ok = false;

	if (scan_init(&before.scan, SCAN_DEPTH) == -1 ||
	    scan_init(&after.scan, SCAN_DEPTH) == -1)
		return false;
	scan_index(&before.scan, &before.keys);
	scan_index(&after.scan, &after.keys);
	t->wide = below(t, 4) == 0;
	t->deep = below(t, 8) == 0;
	t->arena.overflow = &t->overflow;
	if (setjmp(t->overflow) == 0) {
		put_event(t, &before.text);
		if (!read_line(t, &before))
			complain("can't be read:", &before, &before, "");
		else if (below(t, 4) == 0)
			ok = check_unchanged(t, &before, &after);
		else
			ok = check_changed(t, &before, &after);
	}
	read_release(&before);
	read_release(&after);
	arena_reset(&t->arena);
	return ok;
}

int
main(int argc, char **argv)
{
	struct test t = {0};
	uint64_t seed, count, failed = 0;

	if (argc != 3) {
		fprintf(stderr, "usage: undo_property SEED COUNT\n");
		return 2;
	}
	seed = strtoull(argv[1], NULL, 10);
	count = strtoull(argv[2], NULL, 10);
	arena_init(&t.arena, (size_t)1 << 28);
	if (lineage_init(&t.lineage, LINEAGE_FULL, NULL, "map", NULL, ".", 1) ==
	    -1)
		return 2;
	t.lineage.cap = 1 << 24;
	for (uint64_t i = 0; i < count && failed < 5; i++) {
		t.random = seed + i;
		if (run(&t))
			continue;
		printf("  again with: undo_property %" PRIu64 " 1\n", seed + i);
		failed++;
	}
	lineage_release(&t.lineage);
	arena_release(&t.arena);
	if (failed == 0)
		printf("ok: %" PRIu64 " events\n", count);
	return failed == 0 ? 0 : 1;
}
