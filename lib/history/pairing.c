#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/temporary.h"
#include "history/pairing.h"

enum { TABLES = 2 }; /* by id, and by origin */

struct pairing_entry {
	struct pairing_entry *next, *before; /* of its side, in their order */
	struct pairing_entry *chain[TABLES]; /* with the same hash */
	uint64_t hash[TABLES];
	uint64_t line;
	char *text; /* NULL: it stands in the file */
	uint64_t at;
	size_t len;
	void *note;
	uint32_t id_n, origin_n, forks_n;
	char names[]; /* id, origin and forks */
};

/* Entries with one hash stand in their order, the first one first. */
struct bucket {
	struct pairing_entry *first, *last;
};

struct table {
	struct bucket *buckets;
	size_t mask; /* 0: there are none */
};

struct side {
	struct pairing_entry *first, *last;
	struct table tables[TABLES];
	size_t n;
	uint64_t nameless; /* events so far that had neither id nor origin */
};

struct pairing {
	struct side sides[2];
	bool by_id; /* some were brought together by their id */
	size_t limit, held;
	int fd; /* of the temporary file, or -1 */
	uint64_t end;
};

struct pairing *
pairing_new(size_t limit)
{
	struct pairing *p = calloc(1, sizeof(*p));

	if (p != NULL) {
		p->limit = limit;
		p->fd = -1;
	}
	return p;
}

void
pairing_free(struct pairing *p)
{
	if (p == NULL)
		return;
	for (size_t s = 0; s < 2; s++) {
		struct pairing_entry *e = p->sides[s].first, *next;

		for (; e != NULL; e = next) {
			next = e->next;
			free(e->text);
			free(e);
		}
		for (size_t t = 0; t < TABLES; t++)
			free(p->sides[s].tables[t].buckets);
	}
	if (p->fd != -1)
		close(p->fd);
	free(p);
}

/* --- names --- */

static struct value
id_of(const struct pairing_entry *e)
{
	return value_text(e->names, e->id_n);
}

static struct value
origin_of(const struct pairing_entry *e)
{
	return value_text(e->names + e->id_n, e->origin_n);
}

static struct value
forks_of(const struct pairing_entry *e)
{
	return value_text(e->names + e->id_n + e->origin_n, e->forks_n);
}

static bool
same_text(struct value x, struct value y)
{
	return x.n == y.n && (x.n == 0 || memcmp(x.text, y.text, x.n) == 0);
}

/* --- tables --- */

/* Has it the name that a table is by? */
static bool
is_in(const struct pairing_entry *e, size_t t)
{
	return (t == 0 ? e->id_n : e->origin_n) > 0;
}

static void
link_in(struct table *table, struct pairing_entry *e, size_t t)
{
	struct bucket *b = &table->buckets[e->hash[t] & table->mask];

	if (!is_in(e, t))
		return;
	e->chain[t] = NULL;
	if (b->first == NULL)
		b->first = e;
	else
		b->last->chain[t] = e;
	b->last = e;
}

static bool
grow(struct side *s, size_t t)
{
	struct table *table = &s->tables[t];
	size_t n = table->mask == 0 ? 64 : (table->mask + 1) * 2;
	struct bucket *more = calloc(n, sizeof(*more));

	if (more == NULL)
		return false;
	free(table->buckets);
	table->buckets = more;
	table->mask = n - 1;
	for (struct pairing_entry *e = s->first; e != NULL; e = e->next)
		link_in(table, e, t);
	return true;
}

static bool
has_room(struct side *s)
{
	for (size_t t = 0; t < TABLES; t++)
		if (s->n >= s->tables[t].mask && !grow(s, t))
			return false;
	return true;
}

/* The oldest of that name and those forks; NULL: there is none. */
static struct pairing_entry *
find(struct side *s, size_t t, struct value name, struct value forks)
{
	struct table *table = &s->tables[t];
	uint64_t hash;
	struct pairing_entry *e;

	if (table->mask == 0 || name.n == 0)
		return NULL;
	hash = hash_bytes(name.text, name.n);
	e = table->buckets[hash & table->mask].first;
	while (e != NULL &&
	    (e->hash[t] != hash || !same_text(forks_of(e), forks) ||
		!same_text(t == 0 ? id_of(e) : origin_of(e), name)))
		e = e->chain[t];
	return e;
}

static void
unlink_from(struct table *table, struct pairing_entry *e, size_t t)
{
	struct bucket *b = &table->buckets[e->hash[t] & table->mask];
	struct pairing_entry *before = NULL, *x = b->first;

	if (!is_in(e, t))
		return;
	for (; x != e; x = x->chain[t])
		before = x;
	if (before == NULL)
		b->first = e->chain[t];
	else
		before->chain[t] = e->chain[t];
	if (b->last == e)
		b->last = before;
}

static void
take_out(struct pairing *p, struct side *s, struct pairing_entry *e)
{
	for (size_t t = 0; t < TABLES; t++)
		unlink_from(&s->tables[t], e, t);
	*(e->before == NULL ? &s->first : &e->before->next) = e->next;
	*(e->next == NULL ? &s->last : &e->next->before) = e->before;
	s->n--;
	if (e->text != NULL)
		p->held -= e->len;
	free(e->text);
	free(e);
	if (p->sides[0].n + p->sides[1].n == 0)
		p->end = 0; /* nothing in the file is wanted any more */
}

/* --- texts --- */

/* Keep the text in memory, or in the file; false and errno on failure. */
static bool
store(struct pairing *p, struct pairing_entry *e, const struct paired *event)
{
	size_t done = 0;

	e->len = event->len;
	if (event->len <= p->limit && p->held <= p->limit - event->len) {
		e->text = malloc(event->len + 1);
		if (e->text == NULL)
			return false;
		memcpy(e->text, event->text, event->len);
		p->held += event->len;
		return true;
	}
	if (p->fd == -1)
		p->fd = temporary_file();
	if (p->fd == -1)
		return false;
	e->at = p->end;
	while (done < event->len) {
		ssize_t n = pwrite(p->fd, event->text + done, event->len - done,
		    (off_t)(p->end + done));

		if (n == -1 && errno != EINTR)
			return false;
		done += n == -1 ? 0 : (size_t)n;
	}
	p->end += event->len;
	return true;
}

bool
pairing_read(struct pairing *p, struct arena *a, const struct pairing_entry *e,
    struct paired *event)
{
	char *text = arena_alloc(a, e->len + 1);
	size_t done = 0;

	*event = (struct paired){text, e->len, e->line};
	if (e->text != NULL) {
		memcpy(text, e->text, e->len);
		return true;
	}
	while (done < e->len) {
		ssize_t n = pread(
		    p->fd, text + done, e->len - done, (off_t)(e->at + done));

		if (n == 0)
			errno = EIO;
		if (n == 0 || (n == -1 && errno != EINTR))
			return false;
		done += n == -1 ? 0 : (size_t)n;
	}
	return true;
}

/* --- events --- */

/* False and errno where memory, or the file, fails. */
static bool
hold(struct pairing *p, struct side *s, const struct identity *who,
    const struct paired *event)
{
	size_t n = (size_t)who->id.n + who->origin.n + who->forks.n;
	struct pairing_entry *e = calloc(1, sizeof(*e) + n + 1);

	if (e == NULL || !has_room(s) || !store(p, e, event)) {
		free(e);
		return false;
	}
	e->id_n = who->id.n;
	e->origin_n = who->origin.n;
	e->forks_n = who->forks.n;
	memcpy(e->names, who->id.text, e->id_n);
	memcpy(e->names + e->id_n, who->origin.text, e->origin_n);
	memcpy(e->names + e->id_n + e->origin_n, who->forks.text, e->forks_n);
	e->line = event->line;
	e->hash[0] = hash_bytes(who->id.text, who->id.n);
	e->hash[1] = hash_bytes(who->origin.text, who->origin.n);
	for (size_t t = 0; t < TABLES; t++)
		link_in(&s->tables[t], e, t);
	e->before = s->last;
	*(s->last == NULL ? &s->first : &s->last->next) = e;
	s->last = e;
	s->n++;
	return true;
}

/* An event without a name is known by how many of them came before it. */
static struct identity
named(struct arena *a, struct side *s, const struct identity *who)
{
	struct identity named = *who;
	struct buf b = {0};

	if (who->id.n > 0 || who->origin.n > 0)
		return named;
	buf_printf(&b, "#%llu", (unsigned long long)++s->nameless);
	if (buf_failed(&b))
		arena_starve(a);
	named.origin = value_text(arena_copy(a, b.p, b.len), b.len);
	buf_release(&b);
	return named;
}

/*
 * By the id.  By the origin only as long as no ids were the same in both:
 * two runs over one input give ids of their own, one input read twice
 * doesn't.
 */
static struct pairing_entry *
find_other(struct pairing *p, struct side *s, const struct identity *who)
{
	struct pairing_entry *e = find(s, 0, who->id, who->forks);

	if (e != NULL) {
		p->by_id = true;
		return e;
	}
	e = find(s, 1, who->origin, who->forks);
	if (e != NULL && p->by_id && e->id_n > 0 && who->id.n > 0)
		return NULL;
	return e;
}

enum pairing_result
pairing_put(struct pairing *p, struct arena *a, enum pairing_side side,
    const struct identity *who, const struct paired *event,
    struct paired *other)
{
	struct identity name = named(a, &p->sides[side], who);
	struct side *others = &p->sides[1 - side];
	struct pairing_entry *e = find_other(p, others, &name);

	if (e == NULL)
		return hold(p, &p->sides[side], &name, event) ? PAIRING_HELD
							      : PAIRING_FAILED;
	if (!pairing_read(p, a, e, other))
		return PAIRING_FAILED;
	take_out(p, others, e);
	return PAIRING_FOUND;
}

size_t
pairing_left(const struct pairing *p, enum pairing_side side)
{
	return p->sides[side].n;
}

struct pairing_entry *
pairing_first(struct pairing *p, enum pairing_side side)
{
	return p->sides[side].first;
}

struct pairing_entry *
pairing_next(struct pairing_entry *e)
{
	return e->next;
}

void **
pairing_note(struct pairing_entry *e)
{
	return &e->note;
}

/* How many were found in a table. */
static size_t
find_all(struct side *s, size_t t, struct value name, struct value forks,
    void (*found)(struct pairing_entry *e, void *arg), void *arg)
{
	struct table *table = &s->tables[t];
	struct pairing_entry *e;
	uint64_t hash;
	size_t n = 0;

	if (name.n == 0 || table->mask == 0)
		return 0;
	hash = hash_bytes(name.text, name.n);
	e = table->buckets[hash & table->mask].first;
	for (; e != NULL; e = e->chain[t]) {
		if (e->hash[t] != hash ||
		    !same_text(t == 0 ? id_of(e) : origin_of(e), name) ||
		    !identity_leads_to(forks, forks_of(e)))
			continue;
		found(e, arg);
		n++;
	}
	return n;
}

void
pairing_find(struct pairing *p, enum pairing_side side,
    const struct identity *who,
    void (*found)(struct pairing_entry *e, void *arg), void *arg)
{
	struct side *s = &p->sides[side];

	if (find_all(s, 0, who->id, who->forks, found, arg) == 0 &&
	    (!p->by_id || who->id.n == 0))
		find_all(s, 1, who->origin, who->forks, found, arg);
}
