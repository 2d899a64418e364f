#include <stdio.h>
#include <string.h>

#include "history/seal_check.h"
#include "json/tokens.h"
#include "trust/reseal.h"

struct text {
	const char *p;
	size_t len;
};

struct resealing {
	struct buf *out;
	struct seal_chain was, now; /* the chains up to the record in hand */
	bool anew;                  /* they differ: a seal was made anew */
};

bool
reseal_needed(const struct view *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (view_has(&v[i], VIEW_SEAL))
			return true;
	return false;
}

static bool
same(struct text x, struct text y)
{
	return x.len == y.len && memcmp(x.p, y.p, x.len) == 0;
}

static struct text
member_of(struct text record, const char *key)
{
	const char *p = record.p + 1, *end = record.p + record.len;
	size_t n = strlen(key);
	struct tokens_member m;

	while (tokens_member(&p, end, &m))
		if (m.key_len == n && memcmp(m.key, key, n) == 0)
			return (struct text){m.value, m.value_len};
	return (struct text){NULL, 0};
}

static bool
is_one_of(const struct tokens_member *m, const char *const *keys)
{
	for (; *keys != NULL; keys++)
		if (m->key_len == strlen(*keys) &&
		    memcmp(m->key, *keys, m->key_len) == 0)
			return true;
	return false;
}

/* The next member but those of some keys. */
static bool
next_but(const char **p, const char *end, const char *const *but,
    struct tokens_member *m)
{
	while (tokens_member(p, end, m))
		if (!is_one_of(m, but))
			return true;
	return false;
}

/* Are two objects the same but for members of some keys? */
static bool
same_but(struct text x, struct text y, const char *const *but)
{
	const char *p = x.p + 1, *q = y.p + 1;
	struct tokens_member m, n;

	for (;;) {
		bool more = next_but(&p, x.p + x.len, but, &m);

		if (more != next_but(&q, y.p + y.len, but, &n))
			return false;
		if (!more)
			return true;
		if (!same((struct text){m.key, m.key_len},
			(struct text){n.key, n.key_len}) ||
		    !same((struct text){m.value, m.value_len},
			(struct text){n.value, n.value_len}))
			return false;
	}
}

/* Are the operations the same but for their values? */
static bool
same_operations(struct text x, struct text y)
{
	static const char *const BUT[] = {"\"value\"", "\"forgotten\"", NULL};
	const char *p = x.p + 1, *q = y.p + 1;
	struct text v, w;

	for (;;) {
		bool more = tokens_element(&p, x.p + x.len, &v.p, &v.len);

		if (more != tokens_element(&q, y.p + y.len, &w.p, &w.len))
			return false;
		if (!more)
			return true;
		if (!same_but(v, w, BUT))
			return false;
	}
}

/*
 * What is left of a record, where no more is gone than parts that have
 * digests.
 */
static bool
find_left(struct text was, struct text now, struct seal_left *left)
{
	static const char *const PARTS[] = {"\"rule\"", "\"from\"", "\"undo\"",
	    "\"forgotten\"", "\"read\"", "\"seal\"", NULL};
	static const char *const HASH[] = {"\"hash\"", NULL};
	struct text from = member_of(was, "\"from\"");
	struct text other = member_of(now, "\"from\"");
	struct text undo = member_of(was, "\"undo\"");
	struct text less = member_of(now, "\"undo\"");
	struct text rule = member_of(now, "\"rule\"");

	left->undo = less.p;
	left->undo_len = less.len;
	left->rule_gone = !same(rule, member_of(was, "\"rule\""));
	left->no_hashes = !same(from, other);
	if (left->rule_gone && !tokens_is(rule.p, rule.len, SEAL_RULE_GONE))
		return false;
	if ((from.p == NULL) != (other.p == NULL) ||
	    (undo.p == NULL) != (less.p == NULL))
		return false;
	return same_but(was, now, PARTS) &&
	    (!left->no_hashes || same_but(from, other, HASH)) &&
	    (undo.p == NULL || (*undo.p == '[' && same_operations(undo, less)));
}

/* A record without its seal and its last brace. */
static void
put_bare(struct buf *out, struct text record)
{
	static const char *const SEAL[] = {"\"seal\"", NULL};
	const char *p = record.p + 1, *end = record.p + record.len;
	struct tokens_member m;
	char before = '{';

	while (next_but(&p, end, SEAL, &m)) {
		buf_putc(out, before);
		buf_put(out, m.key, m.key_len);
		buf_putc(out, ':');
		buf_put(out, m.value, m.value_len);
		before = ',';
	}
}

static void
put_seal(struct buf *out, const struct seal_link *link)
{
	struct seal_text e, m;

	memcpy(e.text, link->e, SEAL_TEXT);
	memcpy(m.text, link->m, SEAL_TEXT);
	seal_put_link(out, link->k, &e, &m);
	buf_putc(out, '}');
}

/* Put digests for what is gone, if the seal then holds as it is. */
static bool
put_digests(struct resealing *r, const struct seal_of *seal, struct text was,
    struct text now)
{
	struct seal_text e, m;
	struct seal_left left;
	struct buf b = {0};
	bool good;

	if (!find_left(was, now, &left))
		return false;
	memcpy(e.text, seal->link.e, SEAL_TEXT);
	good =
	    seal_link_forget(&b, &r->was, seal->key, was.p, was.len, &e, &left);
	buf_putc(&b, '}');
	good = good && !buf_failed(&b) &&
	    seal_link_tag(&m, &r->was, seal->key, b.p, b.len, &e, NULL) &&
	    seal_same(&m, seal->link.m);
	if (good) {
		buf_put(r->out, b.p, b.len - 1);
		if (!r->anew)
			put_seal(r->out, &seal->link);
	}
	buf_release(&b);
	return good;
}

/* Seal anew the record that stands in out from a byte on, but its brace. */
static void
seal_anew(struct resealing *r, const struct seal_of *seal, size_t from)
{
	struct seal_text e;

	r->anew = true;
	memcpy(e.text, seal->link.e, SEAL_TEXT);
	seal_put(r->out, from, &r->now, seal->key, &e, NULL, false);
	buf_putc(r->out, '}');
}

static void
put_sealed(struct resealing *r, const struct seal_of *seal, struct text was,
    struct text now)
{
	size_t from = r->out->len;

	if (same(was, now) && !r->anew) {
		buf_put(r->out, now.p, now.len);
	} else if (same(was, now)) {
		put_bare(r->out, now);
		seal_anew(r, seal, from);
	} else if (!put_digests(r, seal, was, now)) {
		put_bare(r->out, now);
		seal_anew(r, seal, from);
	} else if (r->anew) {
		seal_anew(r, seal, from);
	}
}

/* The chains behind a record, as it was and as it stands in out. */
static bool
follow(struct resealing *r, const struct seal_of *seal,
    const struct seal_key *next, struct text was, size_t from)
{
	struct buf *out = r->out;
	const char *p = out->p + from;
	size_t len = out->len - from;
	struct seal_link link;

	if (out->failed)
		return false;
	if (seal->key == NULL) {
		r->anew |= !same(was, (struct text){p, len});
		return next == NULL ||
		    (seal_chain_loose(&r->was, next, was.p, was.len) &&
			seal_chain_loose(&r->now, next, p, len));
	}
	seal_chain_link(&r->was, &seal->link, was.p, was.len);
	if (seal_read(p, len, &link) != SEAL_LINK)
		return false;
	seal_chain_link(&r->now, &link, p, len);
	return true;
}

/* The key of the next record that has a seal, or NULL. */
static const struct seal_key *
next_key(const struct seal_of *seals, size_t i, size_t n)
{
	while (i < n && seals[i].key == NULL)
		i++;
	return i < n ? seals[i].key : NULL;
}

static void
put_all(struct resealing *r, const struct view *v, size_t n,
    const struct seal_of *seals, const char *p, const char *end)
{
	struct buf scratch = {0};
	struct text was, now;
	size_t from;
	bool good = true;

	for (size_t i = 0; i < n && good; i++) {
		good =
		    seal_record_text(v[i].record, &scratch, &was.p, &was.len) &&
		    tokens_element(&p, end, &now.p, &now.len);
		if (!good)
			break;
		if (i > 0)
			buf_putc(r->out, ',');
		from = r->out->len;
		if (seals[i].key != NULL)
			put_sealed(r, &seals[i], was, now);
		else
			buf_put(r->out, now.p, now.len);
		good =
		    follow(r, &seals[i], next_key(seals, i + 1, n), was, from);
	}
	buf_release(&scratch);
	r->out->failed |= !good;
}

const char *
reseal(struct arena *a, const struct seal_keys *keys, const struct view *v,
    size_t n, const char *now, size_t len, struct buf *out)
{
	struct resealing r = {.out = out};
	struct seal_finding found;
	struct seal_of *seals;
	char text[256];
	int used;

	if (keys == NULL)
		return "the event is sealed: what is to be forgotten needs "
		       "the key (--seal-key)";
	seals = arena_array(a, n, sizeof(*seals));
	seal_check(a, keys, false, v, n, seals, &found);
	if (found.fault == SEAL_SOUND) {
		put_all(&r, v, n, seals, now + 1, now + len);
		return NULL;
	}
	used = snprintf(text, sizeof(text),
	    "what is forgotten in an event whose seals don't hold would hide "
	    "that: record %zu: %s",
	    found.record + 1, found.why);
	return arena_copy(a, text, (size_t)used + 1);
}
