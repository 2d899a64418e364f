#include "schema/place.h"

#include <stdlib.h>
#include <string.h>

#include "json/layout.h"
#include "value/keys.h"
#include "value/string.h"

static int
by_key(const void *x, const void *y)
{
	const struct place_member *p = *(struct place_member *const *)x;
	const struct place_member *q = *(struct place_member *const *)y;
	int c;

	if (p->tag != q->tag)
		return p->tag < q->tag ? -1 : 1;
	if (p->key.n != q->key.n)
		return p->key.n < q->key.n ? -1 : 1;
	c = memcmp(p->key.text, q->key.text, p->key.n);
	return c != 0 ? c : p->entry < q->entry ? -1 : 1;
}

static bool
same_key(const struct place_member *p, const struct place_member *q)
{
	return p->tag == q->tag && p->key.n == q->key.n &&
	    memcmp(p->key.text, q->key.text, p->key.n) == 0;
}

/* Take away those whose key comes again. */
static void
drop_shadowed(struct arena *a, struct place_members *l)
{
	struct place_member **sorted = arena_array(a, l->n, sizeof(*sorted));
	uint32_t n = 0;

	for (uint32_t i = 0; i < l->n; i++)
		sorted[i] = &l->m[i];
	qsort(sorted, l->n, sizeof(*sorted), by_key);
	for (uint32_t i = 0; i + 1 < l->n; i++)
		if (same_key(sorted[i], sorted[i + 1]))
			sorted[i]->entry = 0;
	for (uint32_t i = 0; i < l->n; i++)
		if (l->m[i].entry != 0)
			l->m[n++] = l->m[i];
	l->n = n;
}

static uint32_t
count(const struct doc *d, uint32_t e)
{
	uint32_t n = 0;

	PLACE_EACH_MEMBER (d, e, at)
		n++;
	return n;
}

void
place_members(
    struct arena *a, const struct doc *d, uint32_t e, struct place_members *l)
{
	uint32_t n = keys_differ(d, e) ? d->keys->n : count(d, e);
	uint64_t seen[2] = {0, 0};
	bool met = false;

	l->m = arena_array(a, n, sizeof(*l->m));
	l->n = l->all = 0;
	PLACE_EACH_MEMBER (d, e, at) {
		struct place_member *m = &l->m[l->n];

		l->all++;
		if (at == d->hidden)
			continue;
		m->key = value_source(d, at);
		m->key.kind = VALUE_STRING;
		if (layout_has_escapes(m->key.text, m->key.n)) {
			m->key.kind = VALUE_ESCAPED;
			m->key = string_decode(a, m->key);
		}
		m->tag = layout_tag(m->key.text, m->key.n);
		m->entry = at;
		m->ordinal = l->all - 1;
		met |= tags_meet(seen, m->tag);
		l->n++;
	}
	if (met && !keys_differ(d, e))
		drop_shadowed(a, l);
}

bool
place_member(struct arena *a, const struct doc *d, uint32_t e, struct value key,
    uint32_t *value)
{
	struct found_key found = keys_find(a, d, e, key);

	*value = found.entry + 2;
	return found.entry != 0;
}

bool
place_get(struct arena *a, const struct doc *d, uint32_t e, const char *key,
    uint32_t *value)
{
	return place_member(a, d, e, value_cstring(key), value);
}

bool
place_item(const struct doc *d, uint32_t e, size_t i, uint32_t *item)
{
	PLACE_EACH_ITEM (d, e, at) {
		if (i-- == 0) {
			*item = at;
			return true;
		}
	}
	return false;
}

/* ~1 is a slash, ~0 a tilde. */
static struct value
unescape(struct arena *a, const char *p, size_t n)
{
	char *out = arena_alloc(a, n + 1);
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		out[len] = p[i];
		if (p[i] == '~' && i + 1 < n)
			out[len] = p[++i] == '1' ? '/' : '~';
		len++;
	}
	return value_text(out, len);
}

static bool
step_item(const struct doc *d, uint32_t *e, const char *p, size_t n)
{
	size_t i = 0;

	if (n == 0 || n > 10 || (n > 1 && *p == '0'))
		return false;
	for (size_t k = 0; k < n; k++) {
		if (p[k] < '0' || p[k] > '9')
			return false;
		i = i * 10 + (size_t)(p[k] - '0');
	}
	return place_item(d, *e, i, e);
}

bool
place_follow(struct arena *a, const struct doc *d, const char *pointer,
    size_t n, uint32_t *e)
{
	const char *p = pointer, *end = pointer + n;

	while (p < end) {
		const char *from = ++p;
		char type = place_type(d, *e);

		while (p < end && *p != '/')
			p++;
		n = (size_t)(p - from);
		if (type == '[' ? !step_item(d, e, from, n)
				: type != '{' ||
			    !place_member(a, d, *e, unescape(a, from, n), e))
			return false;
	}
	return true;
}

static void
put_key(struct buf *b, struct arena *a, struct value key)
{
	key = string_decoded(a, key);
	buf_putc(b, '/');
	for (uint32_t i = 0; i < key.n; i++) {
		if (key.text[i] == '~')
			buf_puts(b, "~0");
		else if (key.text[i] == '/')
			buf_puts(b, "~1");
		else
			buf_putc(b, key.text[i]);
	}
}

/* Is the place e inside the value at entry at? */
static bool
within(const struct doc *d, uint32_t at, uint32_t e)
{
	return e >= at && e < doc_after(d, at);
}

void
place_write(struct buf *b, struct arena *a, const struct doc *d, uint32_t root,
    uint32_t e)
{
	while (root != e && doc_opens(place_type(d, root))) {
		uint32_t next = root, i = 0;

		if (place_type(d, root) == '[') {
			PLACE_EACH_ITEM (d, root, at) {
				if (within(d, at, e)) {
					next = at;
					break;
				}
				i++;
			}
			buf_printf(b, "/%u", (unsigned)i);
		} else {
			PLACE_EACH_MEMBER (d, root, at) {
				if (e == at || within(d, at + 2, e)) {
					next = e == at ? e : at + 2;
					put_key(b, a, value_source(d, at));
					break;
				}
			}
		}
		if (next == root)
			return;
		root = next;
	}
}
