#include "record/attest.h"

static bool
is_sealing(const struct attest *t)
{
	return t->with->keys != NULL;
}

static const struct seal_key *
own_key(const struct attest *t)
{
	return &t->with->keys->key[0];
}

/* Begin with the end of a history that a seal will follow on. */
static void
follow(struct attest *t, struct value history)
{
	t->failed = !seal_chain_of(&t->chain, own_key(t), history);
}

/*
 * The key with which the last record's seal can be compared; NULL where it
 * has none, or is another's.
 */
static const struct seal_key *
last_key(const struct attest *t)
{
	return t->chain.ended ? seal_keys_find(t->with->keys, t->chain.k)
			      : NULL;
}

/* Is what was read, an object of a doc, what the last record says? */
static void
compare(struct attest *t, struct value before)
{
	const struct seal_key *key = last_key(t);

	t->altered = t->chain.ended || t->chain.loose_n > 0;
	if (key != NULL) {
		seal_event_read(&t->read, key, before);
		t->altered = !seal_same(&t->read, t->chain.e.text);
	}
	if (t->altered && key != own_key(t))
		seal_event_read(&t->read, own_key(t), before);
}

/* The same of an event that stays as it is: its own digest says it. */
static void
compare_unchanged(struct attest *t, struct value event)
{
	if (last_key(t) != own_key(t)) {
		compare(t, event);
		return;
	}
	t->read = t->e;
	t->altered = !seal_same(&t->e, t->chain.e.text);
}

void
attest_unchanged(struct attest *t, const struct attest_keys *with,
    struct value event, struct value history)
{
	const char *last;

	t->with = with;
	t->failed = false;
	if (is_sealing(t)) {
		follow(t, history);
		seal_event_read(&t->e, own_key(t), event);
		compare_unchanged(t, event);
		return;
	}
	last = sum_last(history);
	t->now = t->was = sum_read(event);
	t->altered = last != NULL && !sum_is(&t->now, last);
}

void
attest_changed(struct attest *t, const struct attest_keys *with,
    const struct value *before, struct value history, const char *text,
    size_t len, bool spaced)
{
	attest_next(t, with, text, len, spaced);
	attest_behind(t, before, history);
}

void
attest_behind(
    struct attest *t, const struct value *before, struct value history)
{
	const char *last;

	t->failed = false;
	if (is_sealing(t)) {
		follow(t, history);
		if (before != NULL)
			compare(t, *before);
		return;
	}
	last = before == NULL ? NULL : sum_last(history);
	if (last == NULL)
		return;
	t->was = sum_read(*before);
	t->altered = !sum_is(&t->was, last);
}

void
attest_next(struct attest *t, const struct attest_keys *with, const char *text,
    size_t len, bool spaced)
{
	t->with = with;
	t->altered = false;
	if (is_sealing(t))
		seal_event_text(&t->e, own_key(t), text, len, spaced);
	else
		t->now = sum_text(text, len, spaced);
}

void
attest_put(struct buf *out, const struct attest *t)
{
	if (!is_sealing(t))
		sum_put(out, &t->now, t->altered ? &t->was : NULL);
	else if (t->altered)
		seal_put_read(out, &t->read);
}

void
attest_seal_record(struct buf *out, size_t start, struct attest *t, bool more)
{
	seal_put(
	    out, start, &t->chain, own_key(t), &t->e, &t->with->rule, more);
}
