#include <string.h>

#include "trust/needles.h"
#include "value/string.h"

enum {
	ESCAPE = 12, /* bytes of the longest, a pair of surrogates */
	DEEPEST = 4, /* a quotation in a quotation ... that is read */
};

/* A number of the first bytes of a text, which has NEEDLE_LEAST. */
static uint32_t
start_of(const char *p)
{
	uint64_t x = 0;

	memcpy(&x, p, NEEDLE_LEAST);
	return (uint32_t)((x * 0x9E3779B97F4A7C15u) >> 32);
}

static void
index_all(struct needles *s)
{
	s->mask = s->cap * 2 - 1;
	s->index = arena_array(s->a, (size_t)s->mask + 1, sizeof(*s->index));
	memset(s->index, 0, ((size_t)s->mask + 1) * sizeof(*s->index));
	for (uint32_t i = 1; i < s->n; i++) {
		uint32_t *bucket = &s->index[start_of(s->v[i].text) & s->mask];

		s->v[i].next = *bucket;
		*bucket = i;
	}
}

static void
grow(struct needles *s)
{
	struct needle *more;

	s->cap = s->cap == 0 ? 16 : s->cap * 2;
	if (s->cap > UINT32_MAX / 4)
		arena_exceed(s->a);
	more = arena_array(s->a, s->cap, sizeof(*more));
	if (s->n > 0)
		memcpy(more, s->v, s->n * sizeof(*more));
	else
		s->n = 1;
	s->v = more;
	index_all(s);
}

void
needles_add(struct needles *s, const char *text, size_t n)
{
	uint32_t *bucket;

	if (n < NEEDLE_LEAST)
		return;
	if (s->n > 0) {
		uint32_t i = s->index[start_of(text) & s->mask];

		for (; i != 0; i = s->v[i].next)
			if (s->v[i].n == n &&
			    memcmp(s->v[i].text, text, n) == 0)
				return;
	}
	if (s->n == s->cap)
		grow(s);
	bucket = &s->index[start_of(text) & s->mask];
	s->v[s->n] = (struct needle){text, n, *bucket};
	*bucket = s->n++;
}

static bool
holds(const struct needles *s, const char *text, size_t n)
{
	for (; n >= NEEDLE_LEAST; text++, n--) {
		uint32_t i = s->index[start_of(text) & s->mask];

		for (; i != 0; i = s->v[i].next)
			if (s->v[i].n <= n &&
			    memcmp(s->v[i].text, text, s->v[i].n) == 0)
				return true;
	}
	return false;
}

/* How many bytes two texts have in common at their start. */
static size_t
alike(const char *x, size_t n, const char *y, size_t m)
{
	size_t i = 0;

	while (i < n && i < m && x[i] == y[i])
		i++;
	return i;
}

/* Was something cut off here, or in the middle of an escape or character? */
static bool
is_cut(const char *text, size_t n)
{
	size_t most = n < ESCAPE + 3 ? n : ESCAPE + 3;
	const char *end = memmem(text, most, "...", 3);

	if (end == NULL && n < ESCAPE)
		end = text + n; /* by a buffer's end */
	return end == text ||
	    (end != NULL && (*text == '\\' || (unsigned char)*text >= 0x80));
}

/* Does it hold one, or show the beginning of one where something was cut? */
static bool
shows(const struct needles *s, const char *text, size_t n)
{
	for (; n >= NEEDLE_LEAST; text++, n--) {
		uint32_t i = s->index[start_of(text) & s->mask];

		for (; i != 0; i = s->v[i].next) {
			size_t m = alike(text, n, s->v[i].text, s->v[i].n);

			if (m == s->v[i].n ||
			    (m >= NEEDLE_LEAST && is_cut(text + m, n - m)))
				return true;
		}
	}
	return false;
}

/* Look at a text, at what it quotes, at what that quotes, and so on. */
static bool
look(const struct needles *s, const char *text, size_t n,
    bool found(const struct needles *, const char *, size_t))
{
	char *quoted = NULL;

	if (s->n == 0)
		return false;
	for (int depth = 0; !found(s, text, n); depth++) {
		if (depth == DEEPEST || n < NEEDLE_LEAST ||
		    memchr(text, '\\', n) == NULL)
			return false;
		if (quoted == NULL)
			quoted = arena_alloc(s->a, n);
		n = string_unquote(quoted, text, n);
		text = quoted;
	}
	return true;
}

bool
needles_in(const struct needles *s, const char *text, size_t n)
{
	return look(s, text, n, holds);
}

bool
needles_in_message(const struct needles *s, const char *text, size_t n)
{
	return look(s, text, n, shows);
}
