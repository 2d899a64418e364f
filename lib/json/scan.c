#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "json/kernel.h"
#include "json/layout.h"
#include "json/scan.h"

enum {
	BLOCK = 64 * CHUNK, /* bytes between two looks at the room left */
	SENTINELS = 4,      /* see walk() */
	ENTRY = 8,          /* bytes of one in at and match */
	KEPT = 1024 * 1024, /* entries that a short text leaves as they are */
};

int
scan_init(struct scan *s, size_t max_depth)
{
	size_t size;

	*s = (struct scan){.max_depth = max_depth};
	s->kernel = scan_kernel_choose();
	if (s->kernel == NULL) {
		errno = EINVAL;
		return -1;
	}
	if (__builtin_mul_overflow(max_depth, sizeof(*s->stack), &size) ||
	    __builtin_add_overflow(size, sizeof(*s->stack), &size)) {
		errno = ENOMEM;
		return -1;
	}
	s->stack = malloc(size);
	return s->stack != NULL ? 0 : -1;
}

void
scan_charge(struct scan *s, struct account *a)
{
	s->account = a;
}

size_t
scan_memory(const struct scan *s)
{
	return s->n * ENTRY;
}

void
scan_release(struct scan *s)
{
	if (s->account != NULL)
		account_give(s->account, s->charged * ENTRY);
	free(s->at);
	free(s->match);
	free(s->stack);
	*s = (struct scan){0};
}

void
scan_index(struct scan *s, struct keys *k)
{
	s->keys = k;
}

/* Enter room for so many entries in the account; false: it doesn't fit. */
static bool
charge(struct scan *s, size_t cap)
{
	if (s->account == NULL || cap <= s->charged)
		return true;
	if (!account_take(s->account, (cap - s->charged) * ENTRY))
		return false;
	s->charged = cap;
	return true;
}

/* Entries that the account has room for beyond so many. */
static size_t
allowed(const struct scan *s, size_t need)
{
	size_t left = (s->account->limit - s->account->held) / ENTRY;

	return left > need - s->charged ? left - (need - s->charged) : 0;
}

/* Give back what one huge line took, where the next text needs little. */
static void
shrink(struct scan *s, size_t len)
{
	if (s->cap <= KEPT || len > s->cap / 16)
		return;
	free(s->at);
	free(s->match);
	s->at = s->match = NULL;
	s->cap = 0;
	if (s->account != NULL)
		account_give(s->account, s->charged * ENTRY);
	s->charged = 0;
}

/* Room for another block's entries behind the first n. */
static int
make_room(struct scan *s, size_t n)
{
	size_t need = n + BLOCK + CHUNK + SENTINELS;
	size_t cap = s->cap + s->cap / 2;
	uint32_t *at;

	if (need <= s->cap)
		return 0;
	if (cap < need)
		cap = need;
	if (!charge(s, cap)) /* then half of what is left */
		cap = need + allowed(s, need) / 2;
	if (!charge(s, cap)) {
		errno = EDQUOT;
		return -1;
	}
	at = realloc(s->at, cap * sizeof(*at));
	if (at == NULL)
		return -1;
	s->at = at;
	/* Nothing is joined before the first pass is over. */
	free(s->match);
	s->cap = 0;
	s->match = malloc(cap * sizeof(*s->match));
	if (s->match == NULL)
		return -1;
	s->cap = cap;
	return 0;
}

/* The rest of a text, less than a chunk, as a chunk filled with spaces. */
static void
last_chunk(struct pass *pass, const struct scan_kernel *kernel, size_t offset)
{
	size_t n = pass->len - offset;
	uint64_t spaced = pass->spaced;
	char copy[CHUNK];

	memset(copy, ' ', sizeof(copy));
	memcpy(copy, pass->text + offset, n);
	pass->spaced = 0;
	kernel->chunks(pass, copy, offset, 1);
	pass->spaced &= ((uint64_t)1 << n) - 1; /* the rest is filling */
	pass->spaced |= spaced;
}

static int
first_pass(struct scan *s, const char *text, size_t len, bool lines)
{
	struct pass pass = {.text = text, .len = len, .lines = lines};
	size_t offset = 0, n = 0;

	if (len > UINT32_MAX - SCAN_PADDING) {
		errno = EFBIG;
		return -1;
	}
	shrink(s, len);
	for (;;) {
		size_t size = len - offset < BLOCK ? len - offset : BLOCK;

		if (make_room(s, n) < 0)
			return -1;
		pass.out = s->at + n;
		s->kernel->chunks(&pass, text + offset, offset, size / CHUNK);
		offset += size / CHUNK * CHUNK;
		if (size < BLOCK)
			break;
		n = (size_t)(pass.out - s->at);
	}
	if (offset < len)
		last_chunk(&pass, s->kernel, offset);
	s->n = (size_t)(pass.out - s->at);
	for (size_t i = 0; i < SENTINELS; i++)
		s->at[s->n + i] = (uint32_t)len;
	s->next = s->start = 0;
	s->doc = (struct doc){
	    .text = text,
	    .at = s->at,
	    .match = s->match,
	    .len = len,
	    .spaced = pass.spaced != 0,
	};
	return 0;
}

int
scan_window(struct scan *s, const char *text, size_t len)
{
	return first_pass(s, text, len, true);
}

static inline bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static inline const char *
digits(const char *p, const char *end)
{
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p;
}

/* Where the number at p ends, or NULL where it is none. */
static inline const char *
number(const char *p, const char *end)
{
	const char *from;

	if (*p == '-' && ++p == end)
		return NULL;
	from = p;
	p = digits(p, end);
	if (p == from || (*from == '0' && p - from > 1))
		return NULL;
	if (p < end && *p == '.') {
		from = ++p;
		p = digits(p, end);
		if (p == from)
			return NULL;
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		p++;
		if (p < end && (*p == '+' || *p == '-'))
			p++;
		from = p;
		p = digits(p, end);
		if (p == from)
			return NULL;
	}
	return p;
}

static inline const char *
word(const char *p, const char *end, const char *text, size_t len)
{
	if ((size_t)(end - p) < len || memcmp(p, text, len) != 0)
		return NULL;
	return p + len;
}

/* Is it a number or literal, and all there is from p to the next entry? */
static inline bool
scalar_ok(const char *p, const char *end)
{
	switch (*p) {
	case 't':
		p = word(p, end, "true", 4);
		break;
	case 'f':
		p = word(p, end, "false", 5);
		break;
	case 'n':
		p = word(p, end, "null", 4);
		break;
	default:
		p = number(p, end);
		break;
	}
	/* Whatever is glued to it would have been no entry of its own. */
	return p != NULL && (p == end || is_space(*p));
}

/* A key and its colon. */
static inline bool
key_ok(const char *text, const uint32_t *at)
{
	return text[at[0]] == '"' && text[at[1]] == ':';
}

/*
 * Close what is open, down to base, for as long as closing brackets come.
 * The entry behind them, or 0 where one doesn't fit.
 */
static inline uint32_t
close_brackets(struct scan *s, uint32_t e, size_t *depth, size_t base)
{
	const char *text = s->doc.text;

	while (*depth > base) {
		uint32_t open = s->stack[*depth - 1];
		char c = text[s->at[e]];

		if (c == ',')
			return e;
		/* '[' and ']', '{' and '}' are two apart. */
		if (c != text[s->at[open]] + 2 || e >= s->n)
			return 0;
		s->match[open] = e++;
		--*depth;
	}
	return e;
}

/*
 * Second pass from the value at entry e on, within depth open brackets, to
 * where only base of them are open: the entry behind, or 0 where it isn't
 * well-formed.  What follows the last entry of the text may look
 * like anything; the sentinels there are passed at most three in a row, as
 * brackets are looked at twice.
 */
static uint32_t
walk(struct scan *s, uint32_t e, size_t depth, size_t base)
{
	const char *text = s->doc.text;
	const uint32_t *at = s->at;

	for (;;) {
		char c = text[at[e]];

		if (c == '{' || c == '[') {
			if (depth == s->max_depth || e >= s->n)
				return 0;
			s->stack[depth++] = e++;
			if (text[at[e]] != c + 2) {
				if (c == '[')
					continue;
				if (!key_ok(text, at + e))
					return 0;
				e += 2;
				continue;
			}
		} else if (c == '"' ||
		    scalar_ok(text + at[e], text + at[e + 1])) {
			e++;
		} else {
			return 0;
		}
		e = close_brackets(s, e, &depth, base);
		if (e == 0 || depth == base)
			return e;
		e++; /* the comma */
		if (text[at[s->stack[depth - 1]]] == '[')
			continue;
		if (!key_ok(text, at + e))
			return 0;
		e += 2;
	}
}

/* Second pass from the key at entry e on, within the object at root. */
static uint32_t
walk_rest(struct scan *s, uint32_t root, uint32_t e)
{
	if (!key_ok(s->doc.text, s->at + e))
		return 0;
	s->stack[0] = root;
	return walk(s, e + 2, 1, 0);
}

/*
 * Second pass over a line's object.  As long as its keys are those of the
 * last layout, one comparison checks a key with its colon; *known where they
 * are to the end.
 *
 * What follows the last entry looks like one character: where that is taken
 * for a key's quote it is no comma or bracket, three sentinels later.
 */
static uint32_t
walk_object(struct scan *s, uint32_t root, bool *known)
{
	const char *text = s->doc.text;
	const uint32_t *at = s->at;
	const struct layout *l = s->keys->guess;
	uint32_t e = root + 1, i = 0;

	if (l == NULL || l->n == 0 || !l->compact)
		return walk(s, root, 0, 0);
	for (;;) {
		if (!layout_same(text + at[e], l->text + l->at[i], l->size[i]))
			return i > 0 ? walk_rest(s, root, e)
				     : walk(s, root, 0, 0);
		s->keys->entry[i++] = e;
		e += 2;
		e = text[at[e]] == '"' ? e + 1 : walk(s, e, 1, 1);
		if (e == 0)
			return 0;
		if (text[at[e]] == '}')
			break;
		if (text[at[e++]] != ',')
			return 0;
		if (i == l->n)
			return walk_rest(s, root, e);
	}
	*known = i == l->n;
	s->match[root] = e;
	return e + 1;
}

/* The same for a line, with an index of its keys where it is an object. */
static uint32_t
walk_line(struct scan *s, uint32_t e)
{
	bool known = false;
	uint32_t end;

	if (s->keys == NULL || s->doc.text[s->at[e]] != '{')
		return walk(s, e, 0, 0);
	end = walk_object(s, e, &known);
	if (known)
		layout_guessed(s->keys, &s->doc, e);
	else if (end != 0)
		layout_index(s->keys, &s->doc, e);
	return end;
}

/* Does the text at s->start end at entry e? */
static bool
ends_at(const struct scan *s, size_t e, bool lines)
{
	return e == s->n || (lines && s->doc.text[s->at[e]] == '\n');
}

/* Set the line's text, which ends at entry e, and make the next one ready. */
static void
finish_line(struct scan *s, size_t e, struct line *line)
{
	size_t end = s->at[e];

	line->text = s->doc.text + s->start;
	line->len = end - s->start;
	if (e < s->n) {
		if (line->len > 0 && line->text[line->len - 1] == '\r')
			line->len--;
		end++;
		e++;
	}
	s->start = end;
	s->next = e;
}

static size_t
line_end(const struct scan *s, size_t e)
{
	while (!ends_at(s, e, true))
		e++;
	return e;
}

/*
 * Check the value at entry e, which is all of the text.  A string alone may
 * lack its closing quote, which is no entry: its walk proves nothing.
 */
static uint32_t
value_end(struct scan *s, uint32_t e, bool lines)
{
	uint32_t end = lines ? walk_line(s, e) : walk(s, e, 0, 0);

	if (end == 0 || !ends_at(s, end, lines))
		return 0;
	return s->doc.text[s->at[e]] != '"' ? end : 0;
}

enum scan_status
scan_line(struct scan *s, struct line *line)
{
	uint32_t first = (uint32_t)s->next, end;

	if (s->start >= s->doc.len)
		return SCAN_END;
	line->root = first;
	if (ends_at(s, first, true)) {
		finish_line(s, first, line);
		return SCAN_BLANK;
	}
	s->doc.keys = NULL;
	end = value_end(s, first, true);
	if (end != 0) {
		finish_line(s, end, line);
		return SCAN_OK;
	}
	finish_line(s, line_end(s, first), line);
	if (scan_diagnose(line->text, line->len, s->max_depth, &line->error))
		return SCAN_OK;
	return SCAN_BAD;
}

enum scan_status
scan_raw_line(struct scan *s, struct line *line)
{
	if (s->start >= s->doc.len)
		return SCAN_END;
	line->root = (uint32_t)s->next;
	finish_line(s, line_end(s, s->next), line);
	return SCAN_OK;
}

enum scan_status
scan_text(struct scan *s, const char *text, size_t len, struct line *line)
{
	if (first_pass(s, text, len, false) < 0)
		return SCAN_END;
	s->start = len; /* no lines are left for scan_line() */
	line->text = text;
	line->len = len;
	line->root = 0;
	if (s->n == 0)
		return SCAN_BLANK;
	if (value_end(s, 0, false) != 0 ||
	    scan_diagnose(text, len, s->max_depth, &line->error))
		return SCAN_OK;
	return SCAN_BAD;
}
