/*
 * scan_agree - do all ways to scan agree?
 *
 *     scan_agree [-n ROUNDS] [-s SEED] FILE...
 *
 * Takes lines of the files and of its own, spoils some of them, and asks
 * for each window of them: does every kernel list the same entries?  Do the
 * two passes accept what scan_diagnose() accepts?  Are keys indexed where
 * they stand, whatever the line before had?  Are the same lines found
 * however the bytes are cut into windows?  And for each file of
 * JSONTestSuite (y_*.json, n_*.json) given: is the verdict the right one?
 * Exit status 1 on the first difference, which is written out.
 *
 * Build (it looks into the library, so it is linked with its sources):
 *
 *     cc -std=c17 -D_GNU_SOURCE -Ilib -g -fsanitize=address,undefined \
 *         -o scan_agree tests/fuzz/scan_agree.c lib/json/[a-z]*.c \
 *         lib/base/utf8.c
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json/kernel.h"
#include "json/layout.h"
#include "json/scan.h"

enum {
	DEPTH = 20,        /* shallow, so that the limit is met */
	LINES = 12,        /* in a window, at most */
	LONGEST = 1 << 16, /* line */
};

struct corpus {
	char **line;
	size_t n, cap;
};

struct window {
	char *text; /* malloced to the byte but for the padding */
	size_t len;
};

static uint64_t state;

static size_t
below(size_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (size_t)(state >> 11) % n;
}

static void
add(struct corpus *c, const char *text, size_t len)
{
	if (len > LONGEST)
		len = LONGEST;
	if (c->n == c->cap) {
		c->cap = c->cap * 2 + 64;
		c->line = realloc(c->line, c->cap * sizeof(*c->line));
		if (c->line == NULL)
			err(2, NULL);
	}
	c->line[c->n] = strndup(text, len);
	if (c->line[c->n++] == NULL)
		err(2, NULL);
}

#define X8(x)   x x x x x x x x
#define LONG(x) "{\"" X8(x) "\":\"" X8(X8(x)) "\"}"

static const char *const own[] = {
    "",
    " \t\r",
    "{}",
    "[]",
    "[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]",
    "[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]",
    "{\"a\":{\"a\":{\"a\":{\"a\":[{\"a\":{\"a\":{\"a\":{}}}}]}}}}",
    "{\"a\":1,\"b\":[true,false,null],\"c\":{\"d\":\"e\"}}",
    "{\"a\":1,\"b\":[true,false,null]}",
    "{\"a\":1,\"b\":[true,false,null],\"c\":{\"d\":\"e\"},\"longer_than_8\":{}"
    "}",
    "{\"a\":\"x\", \"b\": 2, \"c\" :3}",
    " { \"a\" : [ 1 , -2.5e+10 , 0 , -0 , 0.1 , 1E5 ] , \"b\" : { } } ",
    "{\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD800\":\"\\\\\\\\\\\\\"}",
    "{\"\303\251\":\"\342\202\254 \360\235\204\236 \357\277\275\"}",
    /* Two, three and four bytes a character, over many chunks. */
    LONG("\320\220"),
    LONG("\346\227\245"),
    LONG("\360\237\230\200"),
    LONG("\321\217\342\202\254 \363\240\200\201"),
    "\"only a string\"",
    "\"torn",
    "12",
    "true",
    "{\"a\":\"torn,\"b\":1}",
    "{\"a\":\"\\",
};

/* What breaks JSON more often than random bytes do. */
static const char *const spoilers[] = {"\"", "\\", "{", "}", "[", "]", ":", ",",
    "\n", "\r\n", " ", "\t", "0", "1", "-", ".", "e", "+", "true", "null",
    "fals", "\\u", "\\u12", "\\uD83D\\uDE00", "\\x", "\"\"", "\"a\":", "\303",
    "\251", "\342\202", "\342\202\254", "\360\220\200\200", "\360\217\277\277",
    "\355\240\200", "\364\220\200\200", "\300\200", "\377", "\001", "\037",
    "\177", "\f", "\032", "/", "'", "[[[[[[[[[[[[",
    "                                                                ",
    "\"                                                             \""};

static size_t
insert(char *p, size_t len, size_t cap, size_t at, const char *x, size_t n)
{
	if (len + n > cap)
		return len;
	memmove(p + at + n, p + at, len - at);
	memcpy(p + at, x, n);
	return len + n;
}

static size_t
spoil(char *p, size_t len, size_t cap)
{
	size_t at = below(len + 1), n;
	const char *s;
	char c;

	switch (below(4)) {
	case 0:
		s = spoilers[below(sizeof(spoilers) / sizeof(*spoilers))];
		return insert(p, len, cap, at, s, strlen(s));
	case 1:
		c = (char)below(256);
		return insert(p, len, cap, at, &c, 1);
	case 2:
		n = below(len - at + 1);
		n = n > 3 ? below(4) : n;
		memmove(p + at, p + at + n, len - at - n);
		return len - n;
	default:
		if (at < len)
			p[at] = (char)(p[at] ^ 1 << below(8));
		return len;
	}
}

static struct window
compose(const struct corpus *c)
{
	static char text[LINES * (LONGEST + 1) + 16384];
	size_t lines = below(LINES) + 1, len = 0, which = below(c->n);
	struct window w;

	for (size_t i = 0; i < lines; i++) {
		const char *line;
		size_t n;

		if (below(2)) /* else the same keys again */
			which = below(c->n);
		line = c->line[which];
		n = strlen(line);
		/* Shift what stands where in the chunks. */
		len += (size_t)sprintf(text + len, "%*s", (int)below(9), "");
		memcpy(text + len, line, n);
		for (size_t k = below(4); k > 0; k--)
			n = spoil(text + len, n, n + 200);
		len += n;
		if (i + 1 < lines || below(2))
			text[len++] = '\n';
	}
	w.len = len;
	w.text = malloc(len + SCAN_PADDING);
	if (w.text == NULL)
		err(2, NULL);
	memcpy(w.text, text, len);
	/* Padding may look like anything, or like a line of an earlier read. */
	memset(w.text + len, "{}[]\",:1 \nt"[below(11)], SCAN_PADDING);
	if (below(2)) {
		const char *line = c->line[which];

		line += *line != '\0' && below(2);
		memcpy(w.text + len, line, strnlen(line, SCAN_PADDING));
	}
	return w;
}

static void
differ(const char *what, const char *text, size_t len)
{
	fprintf(stderr, "scan_agree: %s:\n", what);
	fwrite(text, 1, len, stderr);
	fputc('\n', stderr);
	exit(1);
}

/* Every kernel lists what the plain one lists. */
static void
compare_kernels(struct scan *s, struct scan *plain, const struct window *w)
{
	const struct scan_kernel *k;

	for (size_t i = 0; (k = scan_kernel_at(i)) != NULL; i++) {
		plain->kernel = k;
		if (strcmp(k->name, "scalar") == 0)
			break;
	}
	if (scan_window(plain, w->text, w->len) < 0)
		err(2, NULL);
	for (size_t i = 0; (k = scan_kernel_at(i)) != NULL; i++) {
		if (!k->runs())
			continue;
		s->kernel = k;
		if (scan_window(s, w->text, w->len) < 0)
			err(2, NULL);
		if (s->n != plain->n ||
		    memcmp(s->at, plain->at, s->n * sizeof(*s->at)) != 0)
			differ(k->name, w->text, w->len);
	}
}

/* Joined brackets stand on their own, and doc_end() finds the line's end. */
static void
check_doc(const struct scan *s, const struct line *line)
{
	const struct doc *d = &s->doc;
	uint32_t end = doc_after(d, line->root);
	const char *last = doc_end(d, line->root);

	if (last > line->text + line->len || last <= line->text)
		differ("doc_end", line->text, line->len);
	for (uint32_t e = line->root; e < end; e++) {
		char c = d->text[d->at[e]];
		uint32_t m;

		if (c != '{' && c != '[')
			continue;
		m = d->match[e];
		if (m <= e || m >= end || d->text[d->at[m]] != c + 2)
			differ("match", line->text, line->len);
	}
}

/* The index of an object has all its keys. */
static void
check_keys(const struct scan *s, const struct line *line)
{
	const struct doc *d = &s->doc;
	const struct keys *k = d->keys;
	uint32_t root = line->root, n = 0;

	if (k == NULL)
		return;
	if (d->text[d->at[root]] != '{' || d->keys_of != root)
		differ("keys of something else", line->text, line->len);
	for (uint32_t e = root + 1; e < d->match[root];
	     e = doc_after(d, e + 2) + 1, n++) {
		const char *key = d->text + d->at[e];
		size_t len = strcspn(key + 1, "\"");

		if (n == k->n || k->entry[n] != e)
			differ("entry of a key", line->text, line->len);
		if (layout_key_tag(k, n) != layout_tag(key + 1, len))
			differ("tag of a key", line->text, line->len);
		if (k->layout != NULL &&
		    (k->layout->size[n] != len + 3 ||
			memcmp(key, k->layout->text + k->layout->at[n],
			    len + 2) != 0))
			differ("key", line->text, line->len);
	}
	if (n != k->n)
		differ("number of keys", line->text, line->len);
}

static enum scan_status
expected(const char *text, size_t len, struct scan_error *error)
{
	size_t i = 0;

	while (i < len && strchr(" \t\r\n", text[i]) && text[i] != '\0')
		i++;
	if (i == len)
		return SCAN_BLANK;
	return scan_diagnose(text, len, DEPTH, error) ? SCAN_OK : SCAN_BAD;
}

/* Lines as memchr() finds them, each judged as scan_diagnose() does. */
static void
check_lines(struct scan *s, const struct window *w)
{
	const char *p = w->text, *end = w->text + w->len;
	struct scan_error error;
	struct line line;

	for (; p < end;) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t len = (size_t)((nl != NULL ? nl : end) - p);
		size_t shown = len;
		enum scan_status status = scan_line(s, &line);

		if (nl != NULL && len > 0 && p[len - 1] == '\r')
			shown--;
		if (line.text != p || line.len != shown)
			differ("line", p, len);
		if (status != expected(p, shown, &error))
			differ("verdict", p, len);
		if (status == SCAN_BAD && error.column > shown + 1)
			differ("column", p, len);
		if (status == SCAN_OK) {
			check_doc(s, &line);
			check_keys(s, &line);
		}
		p += len + 1;
	}
	if (scan_line(s, &line) != SCAN_END)
		differ("end", w->text, w->len);
}

/* The last half of the lines, as a window, are the same lines. */
static void
check_split(struct scan *s, const struct window *w)
{
	const char *nl = memchr(w->text, '\n', w->len);
	struct window rest;

	if (nl == NULL)
		return;
	rest.text = w->text + (nl + 1 - w->text);
	rest.len = w->len - (size_t)(nl + 1 - w->text);
	if (scan_window(s, rest.text, rest.len) < 0)
		err(2, NULL);
	check_lines(s, &rest);
}

/* The same bytes as one text, where newlines are white space. */
static void
check_text(struct scan *s, const struct window *w)
{
	char *copy = malloc(w->len + 1);
	struct scan_error error;
	struct line line;

	if (copy == NULL)
		err(2, NULL);
	memcpy(copy, w->text, w->len + 1);
	if (scan_text(s, copy, w->len, &line) != expected(copy, w->len, &error))
		differ("text", copy, w->len);
	free(copy);
}

static void
run(const struct corpus *c, size_t rounds)
{
	static struct keys keys;
	struct scan s, plain;

	if (scan_init(&s, DEPTH) < 0 || scan_init(&plain, DEPTH) < 0)
		err(2, NULL);
	scan_index(&s, &keys);
	for (size_t i = 0; i < rounds; i++) {
		struct window w = compose(c);

		compare_kernels(&s, &plain, &w);
		check_lines(&s, &w);
		check_split(&s, &w);
		check_text(&s, &w);
		free(w.text);
	}
	scan_release(&s);
	scan_release(&plain);
}

/* A file of JSONTestSuite: its name says what must come out. */
static void
check_case(const char *name, const char *text, size_t len)
{
	const struct scan_kernel *k;
	struct scan s;
	struct line line;

	if (scan_init(&s, SCAN_DEPTH) < 0)
		err(2, NULL);
	for (size_t i = 0; (k = scan_kernel_at(i)) != NULL; i++) {
		enum scan_status status;

		if (!k->runs())
			continue;
		s.kernel = k;
		status = scan_text(&s, text, len, &line);
		if ((*name == 'y' && status != SCAN_OK) ||
		    (*name == 'n' && status == SCAN_OK))
			differ(name, text, len);
		if (scan_diagnose(text, len, SCAN_DEPTH, &line.error) !=
		    (status == SCAN_OK))
			differ(name, text, len);
	}
	scan_release(&s);
}

static void
take_file(struct corpus *c, const char *path)
{
	const char *name = strrchr(path, '/');
	size_t len, room = 8u << 20;
	char *text = malloc(room + 1);
	FILE *f = fopen(path, "r");

	if (f == NULL || text == NULL)
		err(2, "%s", path);
	len = fread(text, 1, room, f);
	text[len] = '\0';
	fclose(f);
	name = name != NULL ? name + 1 : path;
	if (strstr(name, ".json") != NULL && name[1] == '_')
		check_case(name, text, len);
	for (size_t at = 0; at < len;) {
		size_t n = strcspn(text + at, "\n");

		add(c, text + at, n);
		at += n + 1;
	}
	free(text);
}

int
main(int argc, char **argv)
{
	struct corpus c = {0};
	size_t rounds = 10000;
	int option;

	state = 88172645463325252u;
	while ((option = getopt(argc, argv, "n:s:")) != -1) {
		if (option == 'n')
			rounds = strtoul(optarg, NULL, 10);
		else if (option == 's')
			state += strtoul(optarg, NULL, 10) * 2654435761u;
		else
			errx(2, "usage: scan_agree [-n N] [-s N] [FILE...]");
	}
	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		add(&c, own[i], strlen(own[i]));
	for (int i = optind; i < argc; i++)
		take_file(&c, argv[i]);
	run(&c, rounds);
	for (size_t i = 0; i < c.n; i++)
		free(c.line[i]);
	free(c.line);
	printf("%zu rounds, no difference\n", rounds);
	return 0;
}
