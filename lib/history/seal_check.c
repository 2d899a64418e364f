#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "history/seal_check.h"

enum { NEAR = 16 }; /* records before and behind that are tried */

struct record_text {
	const char *p;
	size_t len;
	bool sealed;
	struct seal_link link;
};

struct checking {
	struct arena *a;
	const struct seal_keys *keys;
	bool all;
	struct record_text *r;
	size_t n;
	struct seal_of *seals;
	struct seal_finding *f;
};

static bool __attribute__((format(printf, 4, 5))) fault(
    struct checking *c, enum seal_fault kind, size_t i, const char *format, ...)
{
	va_list args;

	c->f->fault = kind;
	c->f->record = i;
	va_start(args, format);
	vsnprintf(c->f->why, sizeof(c->f->why), format, args);
	va_end(args);
	return false;
}

/* The text of each record, and the seal in it. */
static void
read_records(struct checking *c, const struct view *v)
{
	struct buf scratch = {0};

	c->r = arena_array(c->a, c->n, sizeof(*c->r));
	for (size_t i = 0; i < c->n; i++) {
		struct record_text *r = &c->r[i];

		if (!seal_record_text(v[i].record, &scratch, &r->p, &r->len)) {
			buf_release(&scratch);
			arena_starve(c->a);
		}
		if (r->p == scratch.p)
			r->p = arena_copy(c->a, r->p, r->len);
		r->sealed = seal_read(r->p, r->len, &r->link) == SEAL_LINK;
	}
	buf_release(&scratch);
}

/* Does record i, made with a key, come behind that chain? */
static bool
fits(const struct checking *c, const struct seal_chain *chain, size_t i,
    const struct seal_key *key)
{
	const struct record_text *r = &c->r[i];
	struct seal_text e, m;

	memcpy(e.text, r->link.e, SEAL_TEXT);
	return seal_link_tag(&m, chain, key, r->p, r->len, &e, NULL) &&
	    seal_same(&m, r->link.m);
}

static const struct seal_key *
key_of(const struct checking *c, size_t i)
{
	return c->r[i].sealed ? seal_keys_find(c->keys, c->r[i].link.k) : NULL;
}

/* Does record i come behind that chain, where its key is known? */
static bool
follows(const struct checking *c, const struct seal_chain *chain, size_t i)
{
	const struct seal_key *key = key_of(c, i);

	return key != NULL && fits(c, chain, i, key);
}

/* The chain, with records from..to, which have no seals, behind it. */
static bool
with_loose(const struct checking *c, struct seal_chain *chain, size_t from,
    size_t to, const struct seal_key *key)
{
	for (; from < to; from++)
		if (!seal_chain_loose(chain, key, c->r[from].p, c->r[from].len))
			return false;
	return true;
}

/* The chain as a record's seal ends it. */
static struct seal_chain
ended_by(const struct checking *c, size_t i)
{
	const struct record_text *r = &c->r[i];
	struct seal_chain chain = {.linked = false};

	for (size_t j = 0; j < i && !chain.known; j++)
		seal_chain_link(&chain, &r->link, c->r[j].p, c->r[j].len);
	seal_chain_link(&chain, &r->link, r->p, r->len);
	return chain;
}

/*
 * The later record behind which record i belongs, and none that is there
 * already; or 0.
 */
static size_t
behind_which(const struct checking *c, size_t i)
{
	for (size_t j = i + 1; j < c->n && j <= i + NEAR; j++) {
		struct seal_chain chain;

		if (!c->r[j].sealed)
			continue;
		chain = ended_by(c, j);
		if (follows(c, &chain, i))
			return j + 1 < c->n && follows(c, &chain, j + 1) ? 0
									 : j;
	}
	return 0;
}

/* Record i doesn't come behind the chain, where there is no other between. */
static bool
tell_broken(struct checking *c, const struct seal_chain *chain, size_t i)
{
	size_t j = behind_which(c, i);

	if (j > 0)
		return fault(c, SEAL_BROKEN, i,
		    "it is out of order: it belongs behind record %zu", j + 1);
	if (i + 1 < c->n && follows(c, chain, i + 1))
		return fault(c, SEAL_BROKEN, i,
		    "it was added: the next one's seal comes behind the one "
		    "before");
	for (j = i + 2; j < c->n && j <= i + NEAR; j++)
		if (follows(c, chain, j))
			return fault(c, SEAL_BROKEN, i,
			    "it is out of order: record %zu belongs here",
			    j + 1);
	return fault(c, SEAL_BROKEN, i,
	    "its seal doesn't fit: it was changed, it belongs to another "
	    "history, or one before it was dropped");
}

/* Records from..i have no seals, and record i doesn't fit with them. */
static bool
tell_loose(
    struct checking *c, const struct seal_chain *chain, size_t from, size_t i)
{
	if (follows(c, chain, i))
		return fault(c, SEAL_BROKEN, from,
		    "it was added: it has no seal, and the next seal comes "
		    "behind the one before");
	if (!chain->linked)
		return fault(c, SEAL_BROKEN, from,
		    "it has no seal, and isn't what record %zu sealed: it was "
		    "changed, added, or its seal was taken away",
		    i + 1);
	return fault(c, SEAL_MISSING, from,
	    "its seal was taken away, or it was changed since");
}

/* Record i has a seal; those from..i before it have none. */
static bool
check_sealed(
    struct checking *c, struct seal_chain *chain, size_t from, size_t i)
{
	const struct seal_key *key = key_of(c, i);
	struct seal_chain behind = *chain;
	bool linked = chain->linked;

	if (key == NULL)
		return fault(c, SEAL_UNKNOWN, i,
		    "it is sealed with key %.*s, which isn't known here: "
		    "--seal-key",
		    SEAL_KID, c->r[i].link.k);
	if (!with_loose(c, &behind, from, i, key) || !fits(c, &behind, i, key))
		return from < i ? tell_loose(c, chain, from, i)
				: tell_broken(c, chain, i);
	if (from < i && (linked || c->all))
		return fault(c, SEAL_MISSING, from,
		    "it has no seal: its stage ran without --seal-key");
	*chain = behind;
	seal_chain_link(chain, &c->r[i].link, c->r[i].p, c->r[i].len);
	c->seals[i] = (struct seal_of){key, c->r[i].link};
	return true;
}

static bool
check_all(struct checking *c)
{
	struct seal_chain chain = {.linked = false};
	size_t behind = 0; /* the last record that has a seal */

	for (size_t i = 0; i < c->n; i++) {
		if (!c->r[i].sealed)
			continue;
		if (!check_sealed(c, &chain, behind, i))
			return false;
		behind = i + 1;
		c->f->sealed++;
	}
	if (c->n == 0 && c->all)
		return fault(c, SEAL_MISSING, 0, "it has no history");
	if (behind == c->n || (behind == 0 && !c->all))
		return true;
	if (behind == 0)
		return fault(c, SEAL_MISSING, 0,
		    "no record is sealed: no stage had a key, or all seals "
		    "were taken away");
	return fault(c, SEAL_MISSING, behind,
	    "it has no seal: its stage ran without --seal-key, or it was "
	    "added");
}

void
seal_check(struct arena *a, const struct seal_keys *keys, bool all,
    const struct view *v, size_t n, struct seal_of *seals,
    struct seal_finding *f)
{
	struct checking c = {
	    .a = a, .keys = keys, .all = all, .n = n, .seals = seals, .f = f};

	memset(f, 0, sizeof(*f));
	for (size_t i = 0; i < n; i++)
		seals[i].key = NULL;
	read_records(&c, v);
	check_all(&c);
}
