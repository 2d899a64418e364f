#include <stdlib.h>
#include <string.h>

#include "state/key_order.h"

/* How many bytes all of them begin with. */
static size_t
shared_by_all(const struct key_order *v, size_t n)
{
	size_t most = v[0].len;

	for (size_t i = 1; i < n && most > 0; i++) {
		size_t k = 0;

		most = v[i].len < most ? v[i].len : most;
		while (k < most && v[i].key[k] == v[0].key[k])
			k++;
		most = k;
	}
	return most;
}

/* The eight bytes from at on, as a number that is compared as they are. */
static uint64_t
head(const struct key_order *k, size_t at)
{
	unsigned char bytes[8] = {0};
	uint64_t number = 0;
	size_t left = k->len - at;

	if (left > 0)
		memcpy(bytes, k->key + at, left < 8 ? left : 8);
	for (size_t i = 0; i < 8; i++)
		number = number << 8 | bytes[i];
	return number;
}

static int
compare(const void *x, const void *y)
{
	const struct key_order *a = x, *b = y;
	size_t n = a->len < b->len ? a->len : b->len;
	int order;

	if (a->head != b->head)
		return a->head < b->head ? -1 : 1;
	order = n == 0 ? 0 : memcmp(a->key, b->key, n);
	return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

void
key_order(struct key_order *v, size_t n)
{
	size_t shared = n == 0 ? 0 : shared_by_all(v, n);

	for (size_t i = 0; i < n; i++)
		v[i].head = head(&v[i], shared);
	if (n > 1)
		qsort(v, n, sizeof(*v), compare);
}
