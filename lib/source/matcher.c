#include "source/matcher.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "source/points.h"
#include "value/decimal.h"
#include "value/number.h"
#include "value/string.h"

/* What is looked for. */
struct wanted {
	const struct matcher *m;
	struct arena *a;
	const struct value *keys; /* decoded */
	size_t n;                 /* that are compared */
	matcher_cells *cells;
	void *arg;
};

void
matcher_init(struct matcher *m, const struct source_options *o)
{
	bool period = o->valid != NULL;

	*m = (struct matcher){.options = o, .seed = hash_seed()};
	m->spanned =
	    period || o->match == SOURCE_CIDR || o->match == SOURCE_RANGE;
	m->exact = o->keys_n - (o->match != SOURCE_EXACT);
	m->ends = period && strchr(o->valid, ',') != NULL;
	m->cells = o->keys_n + (o->match == SOURCE_RANGE) + period + m->ends;
}

void
matcher_release(struct matcher *m)
{
	index_release(&m->index);
	spans_release(&m->spans);
	free(m->hash);
	free(m->lengths);
}

/* The hash of a number as it is spelled, and so of all that equal it. */
static uint64_t
hash_number(uint64_t seed, struct value v)
{
	char text[NUMBER_TEXT];

	if (v.kind == VALUE_NUMBER)
		return decimal_hash(seed, v.text, v.n);
	if (v.kind == VALUE_INT)
		return decimal_hash(seed, text, number_format_int(v.i, text));
	return decimal_hash(seed, text, number_format(v.d, text));
}

/* Add a key to a hash; false where it is no key. */
static bool
hash_key(uint64_t *hash, struct value v)
{
	enum { NUMBERS = 1, WORDS = 2 };

	switch ((enum value_kind)v.kind) {
	case VALUE_STRING:
		*hash = hash_seeded(*hash, v.text, v.n);
		return true;
	case VALUE_NUMBER:
	case VALUE_INT:
		*hash = hash_number(*hash + NUMBERS, v);
		return true;
	case VALUE_DOUBLE:
		*hash = hash_number(*hash + NUMBERS, v);
		return v.d == v.d;
	case VALUE_TRUE:
		*hash = hash_seeded(*hash + WORDS, "t", 1);
		return true;
	case VALUE_FALSE:
		*hash = hash_seeded(*hash + WORDS, "f", 1);
		return true;
	default:
		return false;
	}
}

/* The hash of n keys, never 0; 0 where one is no key. */
static uint64_t
hash_keys(const struct matcher *m, const struct value *keys, size_t n)
{
	uint64_t hash = m->seed;

	for (size_t i = 0; i < n; i++)
		if (!hash_key(&hash, keys[i]))
			return 0;
	return hash == 0 ? 1 : hash;
}

static bool
same_key(struct arena *a, struct value x, struct value y)
{
	if (x.kind == VALUE_STRING || y.kind == VALUE_STRING)
		return x.kind == y.kind && x.n == y.n &&
		    memcmp(x.text, y.text, x.n) == 0;
	return value_equal(a, x, y);
}

/* Note that there is a prefix of that length. */
static bool
note_length(struct matcher *m, size_t len)
{
	size_t words = len / 64 + 1;
	uint64_t *p;

	if (words > m->lengths_n) {
		p = reallocarray(m->lengths, words, sizeof(*p));
		if (p == NULL)
			return false;
		memset(
		    p + m->lengths_n, 0, (words - m->lengths_n) * sizeof(*p));
		m->lengths = p;
		m->lengths_n = words;
	}
	m->lengths[len / 64] |= (uint64_t)1 << len % 64;
	return true;
}

/* Keep a row's hash until all are there; 0: it is never found. */
static enum matcher_status
keep_hash(struct matcher *m, uint64_t hash)
{
	size_t cap = m->cap < 64 ? 64 : 2 * m->cap;
	uint64_t *p;

	if (m->n == m->cap) {
		p = reallocarray(m->hash, cap, sizeof(*p));
		if (p == NULL)
			return MATCHER_STARVED;
		m->hash = p;
		m->cap = cap;
	}
	m->hash[m->n++] = hash;
	return MATCHER_OK;
}

static enum matcher_status
wrong(char why[SOURCE_NOTE], struct value v, const char *what)
{
	struct buf b = {0};

	value_write(&b, v);
	snprintf(why, SOURCE_NOTE, "%.*s %s", b.len < 80 ? (int)b.len : 80,
	    b.p == NULL ? "" : b.p, what);
	buf_release(&b);
	return MATCHER_WRONG;
}

/* The cells of a range, a number each; null leaves that end open. */
static enum matcher_status
read_range(struct span *s, const struct value *cells, char why[SOURCE_NOTE])
{
	static const char what[] = "is no number, as the ends of a range are";

	s->from = (struct point){0, 0};
	s->to = point_last();
	if (cells[0].kind != VALUE_NULL && !point_of_number(cells[0], &s->from))
		return wrong(why, cells[0], what);
	if (cells[1].kind != VALUE_NULL && !point_of_number(cells[1], &s->to))
		return wrong(why, cells[1], what);
	if (point_compare(s->from, s->to) > 0)
		return wrong(why, cells[0], "is above the end of its range");
	return MATCHER_OK;
}

/* The cells of a period; its end is no part of it, and null where open. */
static enum matcher_status
read_period(
    struct span *s, const struct value *cells, bool ends, char why[SOURCE_NOTE])
{
	static const char what[] = "is no time: RFC 3339, a day, or seconds";
	int64_t from, to;

	s->from = (struct point){0, 0};
	s->to = point_last();
	if (cells[0].kind != VALUE_NULL) {
		if (!point_time(cells[0], &from))
			return wrong(why, cells[0], what);
		s->from = point_of_time(from);
	}
	if (!ends || cells[1].kind == VALUE_NULL)
		return MATCHER_OK;
	if (!point_time(cells[1], &to))
		return wrong(why, cells[1], what);
	s->to = point_of_time(to - 1);
	if (point_compare(s->from, point_of_time(to)) > 0)
		return wrong(why, cells[0], "is behind the end of its period");
	return MATCHER_OK;
}

static enum matcher_status
read_network(struct span *s, struct value cell, char why[SOURCE_NOTE])
{
	enum point_family family;
	const char *reason = "is no network";

	if (cell.kind != VALUE_STRING)
		return wrong(why, cell, reason);
	family = point_of_network(cell.text, cell.n, &s->from, &s->to, &reason);
	if (family == POINT_NONE)
		return wrong(why, cell, reason);
	s->group += family;
	return MATCHER_OK;
}

static enum matcher_status
add_span(struct matcher *m, uint64_t group, const struct value *cells,
    char why[SOURCE_NOTE])
{
	struct span s = {.group = group, .row = (uint32_t)m->n++};
	enum matcher_status status;

	cells += m->exact;
	if (m->options->valid != NULL)
		status = read_period(&s, cells, m->ends, why);
	else if (m->options->match == SOURCE_RANGE)
		status = read_range(&s, cells, why);
	else
		status = read_network(&s, cells[0], why);
	if (status != MATCHER_OK)
		return status;
	/* An empty period holds no time. */
	if (point_compare(s.from, s.to) > 0)
		return MATCHER_OK;
	return spans_add(&m->spans, s) ? MATCHER_OK : MATCHER_STARVED;
}

enum matcher_status
matcher_add(struct matcher *m, const struct value *cells, char why[SOURCE_NOTE])
{
	size_t hashed = m->options->keys_n;
	uint64_t hash;

	if (m->spanned)
		hashed = m->exact;
	hash = hash_keys(m, cells, hashed);
	if (m->spanned && m->options->match == SOURCE_CIDR &&
	    (cells[m->exact].kind == VALUE_NULL ||
		(cells[m->exact].kind == VALUE_STRING &&
		    cells[m->exact].n == 0)))
		hash = 0;
	m->keyless += hash == 0;
	if (!m->spanned) {
		if (hash != 0 && m->options->match == SOURCE_PREFIX &&
		    (cells[m->exact].kind != VALUE_STRING ||
			!note_length(m, cells[m->exact].n)))
			return cells[m->exact].kind != VALUE_STRING
			    ? wrong(why, cells[m->exact], "is no text")
			    : MATCHER_STARVED;
		return keep_hash(m, hash);
	}
	if (hash != 0)
		return add_span(m, hash, cells, why);
	m->n++;
	return MATCHER_OK;
}

/* Do the cells of two rows say the same key? */
struct pair {
	const struct matcher *m;
	matcher_cells *cells;
	void *arg;
	struct arena a;
};

static bool
alike(void *arg, uint32_t row, uint32_t other)
{
	struct pair *p = arg;
	size_t n = p->m->options->keys_n;
	const struct value *x = p->cells(p->arg, row);
	const struct value *y = p->cells(p->arg, other);

	for (size_t i = 0; i < n; i++)
		if (!same_key(&p->a, x[i], y[i]))
			return false;
	return true;
}

static enum matcher_status
finish_index(struct matcher *m, matcher_cells *cells, void *arg, uint32_t *row)
{
	struct pair p = {.m = m, .cells = cells, .arg = arg};
	bool built;

	arena_init(&p.a, SIZE_MAX / 2);
	built = index_build(&m->index, m->hash, m->n, m->options->all,
	    m->options->repeated, alike, &p);
	arena_release(&p.a);
	free(m->hash);
	m->hash = NULL;
	*row = m->index.twice;
	if (built)
		return MATCHER_OK;
	return *row == INDEX_NONE ? MATCHER_STARVED : MATCHER_WRONG;
}

static enum matcher_status
finish_spans(struct matcher *m, uint32_t *row)
{
	size_t place;

	if (m->options->valid != NULL && !m->ends)
		spans_chain(&m->spans);
	if (!spans_finish(&m->spans))
		return MATCHER_STARVED;
	place = spans_repeated(&m->spans);
	if (place == SPANS_NONE || m->options->repeated != SOURCE_REFUSE)
		return MATCHER_OK;
	*row = m->spans.v[place].row;
	return MATCHER_WRONG;
}

enum matcher_status
matcher_finish(
    struct matcher *m, matcher_cells *cells, void *arg, uint32_t *row)
{
	return m->spanned ? finish_spans(m, row)
			  : finish_index(m, cells, arg, row);
}

static bool
same(void *arg, uint32_t row)
{
	const struct wanted *w = arg;
	const struct value *cells = w->cells(w->arg, row);

	for (size_t i = 0; i < w->n; i++)
		if (!same_key(w->a, w->keys[i], cells[i]))
			return false;
	return true;
}

/* Rows in an array that grows. */
struct numbers {
	uint32_t *v;
	size_t n, cap;
};

static void
put_number(struct arena *a, struct numbers *l, uint32_t row)
{
	size_t cap = l->cap < 8 ? 8 : 2 * l->cap;
	uint32_t *v;

	if (l->n == l->cap) {
		v = arena_array(a, cap, sizeof(*v));
		if (l->n > 0)
			memcpy(v, l->v, l->n * sizeof(*v));
		l->v = v;
		l->cap = cap;
	}
	l->v[l->n++] = row;
}

static int
compare_numbers(const void *p, const void *q)
{
	uint32_t x = *(const uint32_t *)p, y = *(const uint32_t *)q;

	return x == y ? 0 : x < y ? -1 : 1;
}

/* Does the row take back those of its key that came before? */
static bool
takes_back(const struct wanted *w, uint32_t row)
{
	return w->m->options->follow &&
	    w->cells(w->arg, row)[w->m->cells].kind == VALUE_TRUE;
}

/* The rows of a chain, whose last one is given, in the table's order. */
static void
put_chain(const struct wanted *w, struct numbers *l, uint32_t last)
{
	size_t before = l->n;
	uint32_t row = last;

	do {
		row = w->m->index.next[row];
		if (takes_back(w, row))
			l->n = before;
		else
			put_number(w->a, l, row);
	} while (row != last);
}

/* A key's text, where a text is asked for; false where it has none. */
static bool
key_text(struct arena *a, struct value *v)
{
	struct buf *b;
	struct arena_deferred *release;

	if (v->kind == VALUE_STRING)
		return true;
	if (!value_is_number(*v))
		return false;
	b = buf_new(a, &release);
	value_write(b, *v);
	*v = value_text(arena_copy(a, b->p, b->len), b->len);
	arena_end(a, release);
	return true;
}

/* The longest prefix first. */
static uint32_t
find_prefix(struct wanted *w, struct value *keys, struct numbers *l)
{
	const struct matcher *m = w->m;
	struct value *text = &keys[m->exact];
	uint32_t found = INDEX_NONE;
	size_t len;

	if (!key_text(w->a, text))
		return INDEX_NONE;
	len = text->n;
	if (m->lengths_n == 0)
		return INDEX_NONE;
	if (len >= m->lengths_n * 64)
		len = m->lengths_n * 64 - 1;
	for (size_t n = len + 1; n-- > 0;) {
		uint64_t hash;
		uint32_t row;

		if ((m->lengths[n / 64] >> n % 64 & 1) == 0)
			continue;
		text->n = (uint32_t)n;
		hash = hash_keys(m, keys, w->n);
		row = hash == 0 ? INDEX_NONE
				: index_find(&m->index, hash, same, w);
		if (row == INDEX_NONE)
			continue;
		if (takes_back(w, row))
			continue;
		found = found == INDEX_NONE ? row : found;
		if (!m->options->all)
			break;
		put_chain(w, l, row);
	}
	return found;
}

static uint32_t
find_exact(struct wanted *w, struct numbers *l)
{
	uint64_t hash = hash_keys(w->m, w->keys, w->n);
	uint32_t row;

	if (hash == 0)
		return INDEX_NONE;
	row = index_find(&w->m->index, hash, same, w);
	if (row == INDEX_NONE)
		return row;
	if (w->m->options->all)
		put_chain(w, l, row);
	return takes_back(w, row) ? MATCHER_DELETED : row;
}

/* The point that is asked for; false where it is none. */
static bool
point_of_query(
    const struct wanted *w, int64_t time, uint64_t *group, struct point *at)
{
	const struct matcher *m = w->m;
	const struct value *key = &w->keys[m->exact];
	enum point_family family;

	if (m->options->valid != NULL) {
		*at = point_of_time(time);
		return true;
	}
	if (m->options->match == SOURCE_RANGE)
		return point_of_number(*key, at);
	if (key->kind != VALUE_STRING)
		return false;
	family = point_of_address(key->text, key->n, at);
	*group += family;
	return family != POINT_NONE;
}

/* The first of spans that are alike. */
static size_t
first_alike(const struct matcher *m, size_t place)
{
	const struct span *v = m->spans.v;

	while (place > 0 && v[place - 1].group == v[place].group &&
	    point_compare(v[place - 1].from, v[place].from) == 0 &&
	    point_compare(v[place - 1].to, v[place].to) == 0)
		place--;
	return place;
}

static uint32_t
find_span(struct wanted *w, int64_t time, struct numbers *l)
{
	const struct matcher *m = w->m;
	uint64_t group = hash_keys(m, w->keys, m->exact);
	uint32_t found = INDEX_NONE, row;
	struct point at;
	size_t place;

	w->n = m->exact;
	if (group == 0 || !point_of_query(w, time, &group, &at))
		return INDEX_NONE;
	place = spans_find(&m->spans, group, at);
	for (; place != SPANS_NONE;
	     place = spans_before(&m->spans, place, group, at)) {
		if (takes_back(w, m->spans.v[place].row)) {
			place = first_alike(m, place);
			continue;
		}
		row = m->spans.v[place].row;
		if (m->options->repeated == SOURCE_FIRST)
			row = m->spans.v[first_alike(m, place)].row;
		if (!same(w, row))
			continue;
		if (!m->options->all)
			return row;
		row = m->spans.v[place].row;
		found = row;
		put_number(w->a, l, row);
	}
	return found;
}

static bool
is_row(void *arg, uint32_t row)
{
	return *(const uint32_t *)arg == row;
}

bool
matcher_counts(const struct matcher *m, uint32_t row, const struct value *keys)
{
	uint64_t hash = hash_keys(m, keys, m->options->keys_n);

	return hash != 0 &&
	    index_find(&m->index, hash, is_row, &row) != INDEX_NONE;
}

bool
matcher_holds(const struct matcher *m, struct arena *a,
    const struct value *keys, matcher_cells *cells, void *arg)
{
	struct wanted w = {m, a, keys, m->options->keys_n, cells, arg};
	uint64_t hash = hash_keys(m, keys, w.n);

	return hash != 0 && index_find(&m->index, hash, same, &w) != INDEX_NONE;
}

uint32_t
matcher_find(const struct matcher *m, struct arena *a,
    const struct source_query *q, matcher_cells *cells, void *arg,
    uint32_t **all, size_t *n)
{
	struct value keys[SOURCE_KEYS];
	struct numbers l = {0};
	struct wanted w = {m, a, keys, m->options->keys_n, cells, arg};
	uint32_t row;

	for (size_t i = 0; i < w.n; i++)
		keys[i] = string_decoded(a, q->keys[i]);
	if (m->spanned)
		row = find_span(&w, q->time, &l);
	else if (m->options->match == SOURCE_PREFIX)
		row = find_prefix(&w, keys, &l);
	else
		row = find_exact(&w, &l);
	if (l.n > 1)
		qsort(l.v, l.n, sizeof(*l.v), compare_numbers);
	*all = l.v;
	*n = l.n;
	return row;
}
