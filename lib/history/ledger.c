#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "history/ledger.h"

enum { FIRST = 1024 }; /* entries of a table */

#define PRIME (((uint64_t)1 << 61) - 1)

void
ledger_release(struct ledger *l)
{
	free(l->entry);
	free(l->lost);
	*l = (struct ledger){.inputs = false};
}

/* --- weights --- */

static uint64_t
times(uint64_t x, uint64_t y)
{
	__extension__ unsigned __int128 wide = x;

	return (uint64_t)(wide * y % PRIME);
}

/* Up to where part i of n reaches: from 0 to 1 of what stands before it. */
static uint64_t
reach(struct value forks, uint32_t before, uint64_t i, uint64_t n)
{
	struct hash_digest d;
	uint64_t seed[3] = {i, n, hash_plain(forks.text, before)};

	if (i == 0)
		return 0;
	if (i >= n)
		return 1;
	d = hash_digest((const char *)seed, sizeof(seed));
	return d.low % PRIME;
}

/* Read digits at *p; 0 where there are none. */
static uint64_t
number(const char **p, const char *end)
{
	uint64_t n = 0;

	for (; *p < end && **p >= '0' && **p <= '9'; ++*p)
		n = (n * 10 + (uint64_t)(**p - '0')) % PRIME;
	return n;
}

/* The weight of a part: "2/3 1/2 " is half of the second third. */
static uint64_t
weight_of(struct value forks)
{
	const char *p = forks.text, *end = p + forks.n;
	uint64_t weight = 1;

	while (p < end) {
		uint32_t before = (uint32_t)(p - forks.text);
		uint64_t i = number(&p, end), n;

		if (p == end || *p != '/') { /* a revision */
			while (p < end && *p++ != ' ')
				;
			continue;
		}
		p++;
		n = number(&p, end);
		p += p < end; /* the space */
		weight = times(weight,
		    (reach(forks, before, i, n) + PRIME -
			reach(forks, before, i - 1, n)) %
			PRIME);
	}
	return weight;
}

/* --- entries --- */

static size_t
slot_of(const struct ledger *l, uint64_t high, uint64_t low)
{
	uint64_t x = (high ^ (low * 0x9E3779B97F4A7C15u)) * 0xD6E8FEB86659FD93u;

	return (size_t)(x >> 20) & l->mask;
}

static bool
is_line(const struct ledger_entry *e)
{
	return (e->flags & LEDGER_LINE) != 0;
}

static struct ledger_entry *
find(struct ledger *l, const struct ledger_key *key)
{
	size_t i = slot_of(l, key->high, key->low);

	while (l->entry[i].flags != 0 &&
	    (l->entry[i].high != key->high || l->entry[i].low != key->low ||
		is_line(&l->entry[i]) != key->is_line))
		i = (i + 1) & l->mask;
	return &l->entry[i];
}

static bool
grow(struct ledger *l)
{
	size_t n = l->entry == NULL ? FIRST : 2 * (l->mask + 1);
	struct ledger old = *l;

	if (l->entry != NULL && l->n * 10 < (l->mask + 1) * 7)
		return true;
	l->entry = calloc(n, sizeof(*l->entry));
	if (l->entry == NULL) {
		l->entry = old.entry;
		l->failed = true;
		return false;
	}
	l->mask = n - 1;
	for (size_t i = 0; old.entry != NULL && i <= old.mask; i++) {
		const struct ledger_entry *e = &old.entry[i];
		struct ledger_key key = {e->high, e->low, is_line(e)};

		if (e->flags != 0)
			*find(l, &key) = *e;
	}
	free(old.entry);
	return true;
}

/* The entry of a key, a new one where there is none; NULL: no memory. */
static struct ledger_entry *
entry_of(struct ledger *l, const struct ledger_key *key)
{
	struct ledger_entry *e;

	if (!grow(l))
		return NULL;
	e = find(l, key);
	if (e->flags != 0)
		return e;
	*e = (struct ledger_entry){
	    .high = key->high, .low = key->low, .flags = LEDGER_USED};
	if (key->is_line)
		e->flags |= LEDGER_LINE;
	l->n++;
	return e;
}

/* Those behind it move up, so that no gap is left on the way to them. */
static void delete (struct ledger *l, struct ledger_entry *e)
{
	size_t hole = (size_t)(e - l->entry), i = hole;

	for (;;) {
		i = (i + 1) & l->mask;
		if (l->entry[i].flags == 0)
			break;
		size_t home = slot_of(l, l->entry[i].high, l->entry[i].low);

		if (((i - home) & l->mask) >= ((i - hole) & l->mask)) {
			l->entry[hole] = l->entry[i];
			hole = i;
		}
	}
	l->entry[hole].flags = 0;
	l->n--;
}

static void
count_loss(struct ledger *l, uint32_t loss)
{
	if (loss >= l->losses) {
		size_t n = (size_t)loss + 16;
		uint64_t *more = reallocarray(l->lost, n, sizeof(*more));

		if (more == NULL) {
			l->failed = true;
			return;
		}
		memset(more + l->losses, 0, (n - l->losses) * sizeof(*more));
		l->lost = more;
		l->losses = n;
	}
	l->lost[loss]++;
}

/* Count and forget the event where all of it was found. */
static void
settle(struct ledger *l, struct ledger_entry *e)
{
	if (l->inputs && (e->flags & LEDGER_ENTERED) == 0)
		return;
	if (e->weight != 1 && (e->flags & LEDGER_RESULT) == 0)
		return;
	if (e->flags & LEDGER_OUT) {
		l->out++;
		l->in_part += e->loss != 0;
	} else if (e->flags & LEDGER_RESULT) {
		l->results++;
	} else {
		count_loss(l, e->loss);
	}
	delete (l, e);
}

void
ledger_enter(struct ledger *l, const struct ledger_key *key)
{
	struct ledger_entry *e = entry_of(l, key);

	l->entered++;
	if (e == NULL)
		return;
	e->flags |= LEDGER_ENTERED;
	settle(l, e);
}

void
ledger_part(struct ledger *l, const struct ledger_key *key, struct value forks,
    uint32_t loss)
{
	struct ledger_entry *e = entry_of(l, key);

	if (e == NULL)
		return;
	e->weight = (e->weight + weight_of(forks)) % PRIME;
	e->flags |= LEDGER_FOUND;
	if (loss == 0)
		e->flags |= LEDGER_OUT;
	else if (e->loss == 0)
		e->loss = loss;
	settle(l, e);
}

void
ledger_result(struct ledger *l, const struct ledger_key *key)
{
	struct ledger_entry *e = entry_of(l, key);

	if (e == NULL || (e->flags & LEDGER_RESULT) != 0)
		return;
	e->flags |= LEDGER_RESULT;
	settle(l, e);
}

void
ledger_count(struct ledger *l, uint32_t loss)
{
	if (loss == 0)
		l->out++;
	else
		count_loss(l, loss);
}
