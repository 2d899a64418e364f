#include <stdint.h>
#include <string.h>

#include "trust/marks.h"

struct mark
marks_span(struct value v)
{
	size_t quote = value_is_string(v);

	if (v.kind == VALUE_RAW_ARRAY || v.kind == VALUE_RAW_OBJECT) {
		const struct doc *d = v.doc;

		return (struct mark){.from = d->text + d->at[v.n],
		    .to = d->text + d->at[d->match[v.n]] + 1};
	}
	return (struct mark){
	    .from = v.text - quote, .to = v.text + v.n + quote};
}

static bool
is_before(const char *p, const char *q)
{
	return (uintptr_t)p < (uintptr_t)q;
}

/* The first mark that ends behind p. */
static size_t
find(const struct marks *m, const char *p)
{
	size_t low = 0, high = m->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (is_before(p, m->v[mid].to))
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

static void
make_room(struct marks *m)
{
	struct mark *more;

	if (m->n < m->cap)
		return;
	m->cap = m->cap * 2 + 16;
	more = arena_array(m->a, m->cap, sizeof(*more));
	if (m->n > 0)
		memcpy(more, m->v, m->n * sizeof(*more));
	m->v = more;
}

bool
marks_add(struct marks *m, struct mark span)
{
	size_t i = find(m, span.from), k = i;

	if (i < m->n && !is_before(span.from, m->v[i].from) &&
	    !is_before(m->v[i].to, span.to)) {
		if (m->v[i].kind >= span.kind || m->v[i].from != span.from ||
		    m->v[i].to != span.to)
			return false;
		m->v[i].kind = span.kind;
		m->added++;
		return true;
	}
	while (k < m->n && is_before(m->v[k].from, span.to))
		k++; /* these lie in it */
	make_room(m);
	memmove(&m->v[i + 1], &m->v[k], (m->n - k) * sizeof(*m->v));
	m->v[i] = span;
	m->n = m->n + 1 - (k - i);
	m->added++;
	return true;
}

const struct mark *
marks_over(const struct marks *m, struct mark span)
{
	size_t i = find(m, span.from);

	if (i == m->n || is_before(span.from, m->v[i].from) ||
	    is_before(m->v[i].to, span.to))
		return NULL;
	return &m->v[i];
}

bool
marks_in(const struct marks *m, struct mark span)
{
	size_t i = find(m, span.from);

	return i < m->n && is_before(m->v[i].from, span.to);
}
