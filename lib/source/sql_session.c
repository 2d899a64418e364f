/*
 * sql_session - a thread's own connection to a database: what it asks, and
 * what it gets.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mac.h"
#include "source/sql_row.h"
#include "source/sql_state.h"

/* A thread's own. */
struct session {
	struct source source;
	struct sql *of;
	struct database database; /* closed before the first look-up */
	struct statement select;
	int place[SOURCE_KEYS]; /* of the keys among its parameters */
	unsigned edition;
	struct buf key, answer;
	char error[SOURCE_NOTE];
};

static void
session_close(struct session *s)
{
	if (s->database.handle == NULL)
		return;
	statement_release(&s->select);
	database_close(&s->database);
}

static void
session_free(struct session *s)
{
	session_close(s);
	buf_release(&s->key);
	buf_release(&s->answer);
	free(s);
}

/* Open the session's database, if it isn't open. */
static bool
session_open(struct session *s)
{
	const struct source_options *o = s->of->options;
	struct source_error e = {.text = ""};

	if (s->database.handle != NULL)
		return true;
	if (!sql_prepare(o, &s->database, &s->select, &e)) {
		snprintf(s->error, sizeof(s->error), "%s", e.text);
		return false;
	}
	database_limit(&s->database, o->timeout);
	for (size_t i = 0; i < o->keys_n; i++)
		s->place[i] = sql_find_parameter(&s->select, o->keys[i].column);
	return true;
}

static const struct source_kind session_source;

const struct source *
sql_view(struct source *source, const struct source *last)
{
	struct sql *q = (struct sql *)source;
	struct session *s = (struct session *)(uintptr_t)last;
	unsigned edition;

	if (q == NULL) {
		session_free(s);
		return NULL;
	}
	edition = atomic_load_explicit(&q->edition, memory_order_relaxed);
	if (s == NULL) {
		s = calloc(1, sizeof(*s));
		if (s == NULL)
			return NULL;
		s->source.kind = &session_source;
		s->of = q;
		s->edition = edition;
	} else if (s->edition != edition) {
		session_close(s);
		s->edition = edition;
	}
	return &s->source;
}

/* --- look-ups ------------------------------------------------------------ */

static bool
bind_keys(struct session *s, struct arena *a, const struct source_query *query)
{
	const struct source_options *o = s->of->options;
	char why[200];

	for (size_t i = 0; i < o->keys_n; i++) {
		if (sql_row_bind(&s->select, s->place[i], a, query->keys[i],
			why, sizeof(why)))
			continue;
		snprintf(s->error, sizeof(s->error), "--bind %.*s: %s",
		    (int)o->keys[i].column.len, o->keys[i].column.text, why);
		return false;
	}
	return true;
}

/* Write the row in hand; false, and the session's error. */
static bool
take_row(struct session *s, size_t n)
{
	const struct source_options *o = s->of->options;
	const char *why = "its columns aren't those that it had at the start";

	if (n > 0 && !o->all && o->repeated == SOURCE_REFUSE)
		why = "the SELECT gives more than one row: LIMIT 1 picks one, "
		      "--repeated first or last too, --all takes them";
	else if (sql_same_columns(s->of, &s->select)) {
		if (n > 0 && o->all)
			buf_putc(&s->answer, ',');
		else if (!o->all)
			buf_back(&s->answer, SOURCE_HASH);
		return sql_row_write(
		    &s->select, &s->answer, s->error, sizeof(s->error));
	}
	snprintf(s->error, sizeof(s->error), "%s", why);
	return false;
}

/*
 * Run the SELECT: its answer is a row, an array, or nothing, and its hash
 * stands before it.  The statement is reset in any case, so that it holds no
 * lock.
 */
static bool
run_select(struct session *s)
{
	const struct source_options *o = s->of->options;
	static const char blank[SOURCE_HASH] = "";
	enum statement_status status;
	struct buf *b = &s->answer;
	size_t n = 0;

	buf_clear(b);
	buf_put(b, blank, SOURCE_HASH);
	if (o->all)
		buf_putc(b, '[');
	while ((status = statement_step(&s->select)) == STATEMENT_ROW) {
		if (!take_row(s, n++)) {
			statement_reset(&s->select);
			return false;
		}
		if (buf_failed(b) || (!o->all && o->repeated == SOURCE_FIRST))
			break;
	}
	if (status == STATEMENT_FAILED)
		snprintf(s->error, sizeof(s->error), "%s", s->database.error);
	else if (n == 0)
		buf_clear(b);
	else if (o->all)
		buf_putc(b, ']');
	statement_reset(&s->select);
	if (b->len > 0 && !buf_failed(b))
		mac_sha256_hex(b->p, SOURCE_HASH, b->p + SOURCE_HASH,
		    b->len - SOURCE_HASH);
	return status != STATEMENT_FAILED;
}

static void
settle(void *answer)
{
	buf_settle(answer);
}

/* Ask the database; false, and the session's error. */
static bool
ask(struct session *s, struct arena *a, const struct source_query *query)
{
	struct arena_deferred *settled;
	bool answered;

	if (!session_open(s) || !bind_keys(s, a, query))
		return false;
	buf_clear(&s->answer);
	buf_charge(&s->answer, &a->account);
	settled = arena_defer(a, settle, &s->answer);
	answered = run_select(s);
	if (!buf_fits(&s->answer) || s->answer.len > UINT32_MAX) {
		buf_release(&s->answer);
		arena_exceed(a);
	}
	arena_end(a, settled);
	return answered;
}

/* Spell the keys, as the question of the cache. */
static void
spell_keys(struct session *s, struct arena *a, const struct source_query *query)
{
	buf_clear(&s->key);
	for (size_t i = 0; i < s->of->options->keys_n; i++) {
		value_write(&s->key, query->keys[i]);
		buf_putc(&s->key, '\n');
	}
	if (buf_failed(&s->key))
		arena_starve(a);
}

/* Have the answer in the session; false: its error says why not. */
static bool
answer(struct session *s, struct arena *a, const struct source_query *query)
{
	struct cache *c = s->of->cache;
	struct buf *b = &s->answer;
	uint64_t since;
	int64_t now;

	if (c == NULL)
		return ask(s, a, query);
	now = cache_now();
	spell_keys(s, a, query);
	buf_clear(b);
	if (cache_get(c, s->key.p, s->key.len, now, b, &since)) {
		if (buf_failed(b))
			arena_starve(a);
		return true;
	}
	if (!ask(s, a, query))
		return false;
	cache_put(c, s->key.p, s->key.len, now, b->p, b->len, since);
	return true;
}

static enum source_status
broken(struct arena *a, struct source_rows *rows, const char *why)
{
	rows->error = arena_copy(a, why, strlen(why));
	return SOURCE_BROKEN;
}

static enum source_status
session_find(const struct source *source, struct arena *a,
    const struct source_query *query, struct source_rows *rows)
{
	struct session *s = (struct session *)(uintptr_t)source;
	struct scan_error error;
	struct buf *b = &s->answer;

	if (!answer(s, a, query))
		return broken(a, rows, s->error);
	if (b->len == 0)
		return SOURCE_MISS;
	rows->row = &rows->first;
	rows->n = 1;
	rows->first =
	    (struct source_row){.hash = arena_copy(a, b->p, SOURCE_HASH)};
	if (value_parse(a, b->p + SOURCE_HASH, b->len - SOURCE_HASH,
		&rows->first.value, &error))
		return SOURCE_FOUND;
	return broken(a, rows, error.reason);
}

static const struct value *
session_columns(const struct source *source, size_t *n)
{
	const struct sql *q = ((const struct session *)source)->of;

	*n = q->columns_n;
	return q->columns;
}

static struct value
session_origin(const struct source *source)
{
	return ((const struct session *)source)->of->origin;
}

static const struct source_kind session_source = {
    .answers = true,
    .find = session_find,
    .columns = session_columns,
    .origin = session_origin,
};
