#include <stdlib.h>
#include <string.h>

#include "engine/batch.h"

enum { SMALLEST = 256 };

struct held *
batch_add(struct batch *b)
{
	struct held *h;

	if (b->n == b->cap) {
		size_t cap = b->cap == 0 ? SMALLEST : b->cap * 2;
		struct held *v = reallocarray(b->v, cap, sizeof(*v));

		if (v == NULL)
			return NULL;
		b->v = v;
		b->cap = cap;
	}
	h = &b->v[b->n++];
	*h = (struct held){.line = b->text.len};
	return h;
}

void
batch_clear(struct batch *b, void (*release)(struct held *h))
{
	for (size_t i = 0; i < b->n; i++) {
		free(b->v[i].why);
		release(&b->v[i]);
	}
	b->n = b->last = b->placed = 0;
	buf_clear(&b->text);
}

void
batch_release(struct batch *b)
{
	free(b->v);
	free(b->by_place);
	buf_release(&b->text);
	*b = (struct batch){.n = 0};
}

/* --- by place --- */

static int
compare(const struct held *x, const struct held *y)
{
	int order = x->topic == y->topic ? 0 : strcmp(x->topic, y->topic);

	if (order == 0)
		order = (x->partition > y->partition) -
		    (x->partition < y->partition);
	if (order == 0)
		order = (x->offset > y->offset) - (x->offset < y->offset);
	return order;
}

static int
compare_numbers(const void *x, const void *y, void *arg)
{
	const struct held *v = arg;

	return compare(&v[*(const uint32_t *)x], &v[*(const uint32_t *)y]);
}

static bool
is_from(const struct held *h, const char *topic, size_t topic_len,
    int32_t partition, int64_t offset)
{
	return h->offset == offset && h->partition == partition &&
	    strncmp(h->topic, topic, topic_len) == 0 &&
	    h->topic[topic_len] == '\0';
}

/* Below, at or above the place, as compare() orders them. */
static int
beside(const struct held *h, const char *topic, size_t topic_len,
    int32_t partition, int64_t offset)
{
	int order = strncmp(h->topic, topic, topic_len);

	if (order == 0 && h->topic[topic_len] != '\0')
		order = 1;
	if (order == 0)
		order = (h->partition > partition) - (h->partition < partition);
	if (order == 0)
		order = (h->offset > offset) - (h->offset < offset);
	return order;
}

static bool
sort_places(struct batch *b)
{
	uint32_t *all;

	if (b->placed == b->n)
		return true;
	all = reallocarray(b->by_place, b->n, sizeof(*all));
	if (all == NULL)
		return false;
	for (size_t i = 0; i < b->n; i++)
		all[i] = (uint32_t)i;
	qsort_r(all, b->n, sizeof(*all), compare_numbers, b->v);
	b->by_place = all;
	b->placed = b->n;
	return true;
}

static size_t
search(struct batch *b, const char *topic, size_t topic_len, int32_t partition,
    int64_t offset)
{
	size_t low = 0, high = b->n;

	if (!sort_places(b)) {
		for (size_t i = 0; i < b->n; i++)
			if (is_from(
				&b->v[i], topic, topic_len, partition, offset))
				return i;
		return SIZE_MAX;
	}
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		uint32_t i = b->by_place[middle];
		int order =
		    beside(&b->v[i], topic, topic_len, partition, offset);

		if (order == 0)
			return i;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return SIZE_MAX;
}

size_t
batch_find(struct batch *b, const char *topic, size_t topic_len,
    int32_t partition, int64_t offset)
{
	/* Mostly it is the same as before, or one of the next. */
	for (size_t i = b->last; i < b->n && i < b->last + 16; i++)
		if (is_from(&b->v[i], topic, topic_len, partition, offset))
			return b->last = i;
	if (b->n == 0)
		return SIZE_MAX;
	return search(b, topic, topic_len, partition, offset);
}

/* --- parts --- */

static bool
same_key(const struct held *x, const struct held *y)
{
	return x->partition == y->partition && x->key_len == y->key_len &&
	    (x->key == NULL) == (y->key == NULL) &&
	    (x->key == NULL || memcmp(x->key, y->key, x->key_len) == 0) &&
	    strcmp(x->topic, y->topic) == 0;
}

size_t
batch_part(const struct batch *b, size_t from)
{
	enum { MOST = 64 };
	size_t waiting[MOST], n = 0, i;

	for (i = from; i < b->n; i++) {
		if (b->v[i].kind == HELD_TOMBSTONE) {
			/* A part with many would be compared for ever. */
			if (n == MOST)
				return i;
			waiting[n++] = i;
			continue;
		}
		for (size_t k = 0; k < n; k++)
			if (same_key(&b->v[waiting[k]], &b->v[i]))
				return i;
	}
	return i;
}

const char *
batch_text(const struct batch *b, size_t from, size_t end, size_t *len)
{
	size_t start = from < b->n ? b->v[from].line : b->text.len;

	*len = (end < b->n ? b->v[end].line : b->text.len) - start;
	return b->text.p == NULL ? "" : b->text.p + start;
}

size_t
batch_events(const struct batch *b, size_t from, size_t end)
{
	size_t n = 0;

	for (size_t i = from; i < end; i++)
		n += b->v[i].kind == HELD_EVENT;
	return n;
}
