/*
 * seal_property - sealed events, tampered with at random: does verify say no
 * to each of them, and yes to each that is as it was written?
 *
 *     seal_property KEYFILE SEED COUNT <sealed.ndjson
 *
 * One token is respelled, or one member, element or record is removed,
 * repeated, moved, added or taken from another event.  Says which case failed,
 * and with which texts.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "history/verify.h"
#include "json/scan.h"
#include "record/canonical.h"
#include "record/lineage.h"
#include "trust/key_file.h"
#include "value/array.h"

enum { LINES = 64, CHILDREN = 256 };

struct test {
	uint64_t random;
	struct arena arena;
	jmp_buf overflow;
	struct lineage lineage;
	struct verify how;
	char *line[LINES];
	size_t len[LINES], n;
};

/* A part of a text. */
struct part {
	const char *p;
	size_t n;
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

static void
put_part(struct buf *out, struct part part)
{
	buf_put(out, part.p, part.n);
}

/* --- what is done to a text --- */

/* Put a scalar's token, spelled otherwise. */
static void
put_other(struct test *t, struct buf *out, const char *p, size_t n)
{
	size_t at = *p == '"' ? 1 + below(t, n - 1) : n;

	if (*p == 't' || *p == 'f' || *p == 'n') {
		buf_puts(out, *p == 'n' ? "0" : "null");
	} else if (*p != '"') {
		buf_put(out, p, n);
		buf_puts(out, strchr("0123456789", p[n - 1]) ? "1" : "");
	} else if (p[at] >= 'a' && p[at] <= 'z' && p[at - 1] != '\\') {
		buf_put(out, p, at);
		if (below(t, 4) == 0)
			buf_printf(out, "\\u%04x", (unsigned)p[at]);
		else
			buf_putc(out, p[at] == 'a' ? 'b' : 'a');
		buf_put(out, p + at + 1, n - at - 1);
	} else {
		buf_put(out, p, n - 1);
		buf_puts(out, "x\"");
	}
}

/* The members or elements of the container at entry e. */
static size_t
children(const struct doc *d, uint32_t e, struct part part[CHILDREN])
{
	bool object = d->text[d->at[e]] == '{';
	uint32_t end = d->match[e];
	size_t n = 0;

	for (uint32_t i = e + 1; i < end && n < CHILDREN; n++) {
		uint32_t value = object ? i + 2 : i;

		part[n].p = d->text + d->at[i];
		part[n].n = (size_t)(doc_end(d, value) - part[n].p);
		i = doc_after(d, value) + 1;
	}
	return n;
}

/* A record of another event. */
static struct part
foreign(struct test *t, struct scan *s)
{
	static const struct part NONE = {"{\"op\":\"map\"}", 12};
	struct part part[CHILDREN];
	struct line line;
	size_t i = below(t, t->n), n;
	struct value history;

	if (scan_text(s, t->line[i], t->len[i], &line) != SCAN_OK ||
	    lineage_find(
		&t->lineage, &t->arena, &s->doc, line.root, &history) != NULL ||
	    history.kind != VALUE_RAW_ARRAY)
		return NONE;
	n = children(&s->doc, history.n, part);
	return n == 0 ? NONE : part[below(t, n)];
}

/* Change which children there are, and in what order. */
static size_t
rearrange(struct test *t, struct scan *s, struct part *part, size_t n, char c)
{
	static const struct part MEMBER = {"\"zz\":1", 6}, ELEMENT = {"1", 1};
	size_t i = n > 0 ? below(t, n) : 0, j = n > 0 ? below(t, n) : 0;
	struct part moved = n > 0 ? part[i] : ELEMENT;

	switch (n == 0 ? 2 : below(t, 5)) {
	case 0:
		memmove(part + i, part + i + 1, (n - i - 1) * sizeof(*part));
		return n - 1;
	case 1:
		part[n] = moved;
		return n + 1;
	case 2:
		part[n] = c == '{'             ? MEMBER
		    : n > 0 && *moved.p == '{' ? foreign(t, s)
					       : ELEMENT;
		return n + 1;
	case 3:
		if (c == '[' && *moved.p == '{') {
			part[i] = foreign(t, s);
			return n;
		}
		/* fallthrough */
	default:
		part[i] = part[j];
		part[j] = moved;
		return n;
	}
}

static void
tamper(struct test *t, const struct doc *d, uint32_t root, struct scan *other,
    struct buf *out)
{
	const char *end = doc_end(d, root), *p;
	uint32_t e = root + (uint32_t)below(t, d->match[root] - root);
	struct part part[CHILDREN + 1];
	size_t n;

	while (strchr(",:]}", d->text[d->at[e]]) != NULL)
		e--;
	p = d->text + d->at[e];
	buf_put(out, d->text, (size_t)(p - d->text));
	if (*p != '{' && *p != '[') {
		put_other(t, out, p, (size_t)(doc_scalar_end(d, e) - p));
		p = doc_scalar_end(d, e);
	} else {
		n = rearrange(t, other, part, children(d, e, part), *p);
		buf_putc(out, *p);
		for (size_t i = 0; i < n; i++) {
			if (i > 0)
				buf_putc(out, ',');
			put_part(out, part[i]);
		}
		buf_putc(out, *p == '{' ? '}' : ']');
		p = d->text + d->at[d->match[e]] + 1;
	}
	buf_put(out, p, (size_t)(end - p));
	buf_puts(out, "\n");
}

/* --- what comes of it --- */

static void
sink(void *out, const char *p, size_t n)
{
	buf_put(out, p, n);
}

/*
 * What a text says when verified; all that counts goes to canonical.  False
 * where it is no event any more.
 */
static bool
judge(struct test *t, struct scan *s, const char *text, size_t len,
    struct buf *canonical, struct finding *f)
{
	struct value history, root;
	struct line line;

	if (scan_text(s, text, len, &line) != SCAN_OK ||
	    lineage_find(
		&t->lineage, &t->arena, &s->doc, line.root, &history) != NULL)
		return false;
	root = value_source(&s->doc, line.root);
	canonical_read(root, sink, canonical);
	if (history.kind == VALUE_RAW_ARRAY)
		canonical_text(s->doc.text + s->doc.at[history.n],
		    (size_t)(doc_end(&s->doc, history.n) - s->doc.text) -
			s->doc.at[history.n],
		    sink, canonical);
	verify_event(&t->how, &t->arena, root, history, f);
	return true;
}

static bool
fail(const char *what, const struct finding *f, const struct buf *text)
{
	printf("%s: %s\n  %.*s", what,
	    f->fault == VERIFY_SOUND ? "it is sound" : f->error.text,
	    (int)text->len, text->p);
	return false;
}

static bool
check(struct test *t, size_t i, struct scan *s, struct scan *other)
{
	struct buf was = {0}, now = {0}, text = {0};
	struct finding f = {.fault = VERIFY_SOUND};
	bool ok;

	buf_put(&text, t->line[i], t->len[i]);
	ok = judge(t, s, t->line[i], t->len[i], &was, &f) &&
	    f.fault == VERIFY_SOUND;
	if (!ok)
		fail("as it was written", &f, &text);
	buf_clear(&text);
	scan_text(s, t->line[i], t->len[i], &(struct line){0});
	tamper(t, &s->doc, 0, other, &text);
	buf_putc(&text, '\0');
	text.len--;
	if (ok && judge(t, s, text.p, text.len, &now, &f) &&
	    (f.fault == VERIFY_SOUND) !=
		(now.len == was.len && memcmp(now.p, was.p, was.len) == 0))
		ok = fail("tampered with", &f, &text);
	buf_release(&was);
	buf_release(&now);
	buf_release(&text);
	return ok;
}

static bool
run(struct test *t)
{
	struct scan s = {0}, other = {0};
	volatile bool ok = false;

	if (scan_init(&s, SCAN_DEPTH) == -1 ||
	    scan_init(&other, SCAN_DEPTH) == -1)
		return false;
	t->arena.overflow = &t->overflow;
	if (setjmp(t->overflow) == 0)
		ok = check(t, below(t, t->n), &s, &other);
	scan_release(&s);
	scan_release(&other);
	arena_reset(&t->arena);
	return ok;
}

static bool
start(struct test *t, const char *path)
{
	char error[KEY_ERROR];
	struct key *k = key_read(path, KEY_SECRET, error);
	struct seal_keys *keys = seal_keys_new();
	size_t cap;

	if (k == NULL || keys == NULL ||
	    !seal_keys_add(keys, key_id(k), key_bytes(k))) {
		key_free(k);
		seal_keys_free(keys);
		return false;
	}
	key_free(k);
	t->how = (struct verify){.keys = keys, .all_sealed = true};
	arena_init(&t->arena, (size_t)1 << 28);
	for (ssize_t n; t->n < LINES; t->n++) {
		cap = 0;
		n = getline(&t->line[t->n], &cap, stdin);
		t->len[t->n] = n > 0 ? (size_t)n - 1 : 0;
		if (n <= 0)
			break;
	}
	return t->n > 0 &&
	    lineage_init(
		&t->lineage, LINEAGE_FULL, NULL, "map", NULL, ".", 1) == 0;
}

int
main(int argc, char **argv)
{
	struct test t = {0};
	uint64_t seed, count, failed = 0;

	if (argc != 4 || !start(&t, argv[1])) {
		fprintf(stderr, "usage: seal_property KEYFILE SEED COUNT\n");
		return 2;
	}
	seed = strtoull(argv[2], NULL, 10);
	count = strtoull(argv[3], NULL, 10);
	for (uint64_t i = 0; i < count && failed < 5; i++) {
		t.random = seed + i;
		if (run(&t))
			continue;
		printf("  again with: seal_property KEY %" PRIu64 " 1\n",
		    seed + i);
		failed++;
	}
	for (size_t i = 0; i < LINES; i++)
		free(t.line[i]);
	lineage_release(&t.lineage);
	arena_release(&t.arena);
	seal_keys_free((struct seal_keys *)(uintptr_t)t.how.keys);
	if (failed == 0)
		printf("ok: %" PRIu64 " tampers\n", count);
	return failed == 0 ? 0 : 1;
}
