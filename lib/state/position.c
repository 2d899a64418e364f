#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "state/position.h"

struct source {
	struct source *next;
	uint64_t hash;
	struct position at;
	bool known;   /* at is set */
	bool found;   /* at is of an earlier run */
	bool changed; /* since positions_changes() */
	size_t len;
	char name[];
};

/* Sources are few: files, or partitions. */
enum { CHAINS = 256 };

struct positions {
	struct source *chains[CHAINS];
	struct source *last; /* that was judged: mostly the next as well */
	struct position judged;
};

int
position_compare(const struct position *x, const struct position *y)
{
	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	for (uint32_t i = 0; i < x->forks_n && i < y->forks_n; i++)
		if (x->forks[i] != y->forks[i])
			return x->forks[i] < y->forks[i] ? -1 : 1;
	return (x->forks_n > y->forks_n) - (x->forks_n < y->forks_n);
}

size_t
position_forks_text(const struct position *p, char out[POSITION_TEXT])
{
	size_t n = 0;

	out[0] = '\0';
	for (uint32_t i = 0; i < p->forks_n; i++)
		n += (size_t)snprintf(out + n, POSITION_TEXT - n, "%s%u",
		    i > 0 ? "/" : "", (unsigned)p->forks[i]);
	return n;
}

bool
position_forks_read(struct position *p, const char *text, size_t len)
{
	size_t i = 0;

	p->forks_n = 0;
	while (i < len) {
		uint64_t n = 0;
		size_t from = i;

		for (; i < len && text[i] >= '0' && text[i] <= '9'; i++) {
			n = n * 10 + (uint64_t)(text[i] - '0');
			if (n > UINT32_MAX)
				return false;
		}
		if (i == from || p->forks_n == POSITION_FORKS)
			return false;
		p->forks[p->forks_n++] = (uint32_t)n;
		if (i < len && (text[i++] != '/' || i == len))
			return false;
	}
	return true;
}

struct positions *
positions_new(void)
{
	return calloc(1, sizeof(struct positions));
}

void
positions_free(struct positions *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < CHAINS; i++) {
		struct source *next, *s = p->chains[i];

		for (; s != NULL; s = next) {
			next = s->next;
			free(s);
		}
	}
	free(p);
}

static bool
is_source(const struct source *s, const char *name, size_t len)
{
	return s->len == len && memcmp(s->name, name, len) == 0;
}

static struct source *
find(struct positions *p, const char *name, size_t len, uint64_t hash)
{
	struct source *s = p->chains[hash % CHAINS];

	while (s != NULL && !(s->hash == hash && is_source(s, name, len)))
		s = s->next;
	return s;
}

static struct source *
add(struct positions *p, const char *name, size_t len, uint64_t hash)
{
	struct source *s = calloc(1, sizeof(*s) + len);

	if (s == NULL)
		return NULL;
	memcpy(s->name, name, len);
	s->len = len;
	s->hash = hash;
	s->next = p->chains[hash % CHAINS];
	p->chains[hash % CHAINS] = s;
	return s;
}

static struct source *
find_or_add(struct positions *p, const char *source, size_t len)
{
	uint64_t hash;
	struct source *s = p->last;

	if (s != NULL && is_source(s, source, len))
		return s;
	hash = hash_bytes(source, len);
	s = find(p, source, len, hash);
	return s == NULL ? add(p, source, len, hash) : s;
}

enum position_status
positions_judge(struct positions *p, const char *source, size_t len,
    const struct position *at, struct position *last)
{
	struct source *s = find_or_add(p, source, len);

	p->last = s;
	if (s == NULL)
		return POSITION_NO_MEMORY;
	if (!s->known || position_compare(at, &s->at) > 0) {
		p->judged = *at;
		return POSITION_NEW;
	}
	*last = s->at;
	return s->found ? POSITION_REPEAT : POSITION_BACK;
}

void
positions_note(struct positions *p)
{
	struct source *s = p->last;

	s->at = p->judged;
	s->known = s->changed = true;
	s->found = false;
}

bool
positions_found(struct positions *p, const char *source, size_t len,
    const struct position *at)
{
	struct source *s = find_or_add(p, source, len);

	if (s == NULL)
		return false;
	s->at = *at;
	s->known = s->found = true;
	return true;
}

bool
positions_adopt(struct positions *p, const char *source, size_t len,
    const struct position *at)
{
	struct source *s;

	if (!positions_found(p, source, len, at))
		return false;
	s = find(p, source, len, hash_bytes(source, len));
	s->changed = true;
	return true;
}

bool
positions_changes(struct positions *p, positions_each *each, void *arg)
{
	for (size_t i = 0; i < CHAINS; i++) {
		struct source *s = p->chains[i];

		for (; s != NULL; s = s->next) {
			if (!s->changed)
				continue;
			if (!each(arg, s->name, s->len, &s->at))
				return false;
			s->changed = false;
		}
	}
	return true;
}
