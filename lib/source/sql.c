#include "source/sql.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/database.h"
#include "base/mac.h"
#include "source/cache.h"
#include "source/sql_row.h"
#include "value/string.h"

struct sql {
	struct source source;
	const struct source_options *options;
	struct arena arena;    /* for what follows */
	struct value origin;   /* "table":"users.db" */
	struct value *columns; /* their names */
	size_t columns_n;
	struct cache *cache; /* or NULL */
	atomic_uint edition; /* how often the file was replaced */

	pthread_mutex_t lock;  /* for what follows */
	struct database watch; /* tells whether others write */
	struct statement version;
	int64_t version_seen;
	struct stat seen; /* of the file that it is of */
	bool failed;      /* what replaced it can't be used: that was told */
	uint64_t failures;
};

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

/* --- the statement ------------------------------------------------------- */

static int
wait_of(const struct source_options *o)
{
	int64_t ms = o->timeout / 1000;

	return ms > INT32_MAX ? INT32_MAX : (int)ms;
}

/* The place of a key among the parameters, or 0. */
static int
find_parameter(const struct statement *s, struct source_name name)
{
	int n = statement_parameters(s);

	for (int i = 1; i <= n; i++) {
		const char *p = statement_parameter_name(s, i);

		if (p != NULL && strlen(p) == name.len + 1 &&
		    memcmp(p + 1, name.text, name.len) == 0)
			return i;
	}
	return 0;
}

static bool
fail(struct source_error *e, bool usage, const char *text)
{
	e->usage = usage;
	snprintf(e->text, sizeof(e->text), "%s", text);
	return false;
}

/* Open the database and prepare the SELECT; false, and error. */
static bool
prepare(const struct source_options *o, struct database *d, struct statement *s,
    struct source_error *e)
{
	if (!database_open(d, o->name, DATABASE_READ, wait_of(o)))
		return fail(e, false, d->error);
	if (statement_init_select(s, d, o->sql))
		return true;
	fail(e, d->misused, d->error);
	database_close(d);
	return false;
}

/* Is each parameter a key, and each key a parameter? */
static bool
check_parameters(
    const struct source_options *o, const struct statement *s, struct buf *why)
{
	int n = statement_parameters(s);

	for (size_t i = 0; i < o->keys_n; i++) {
		struct source_name name = o->keys[i].column;

		if (find_parameter(s, name) == 0) {
			buf_printf(why,
			    "--bind %.*s: the SELECT has no parameter :%.*s",
			    (int)name.len, name.text, (int)name.len, name.text);
			return false;
		}
	}
	for (int i = 1; i <= n; i++) {
		const char *name = statement_parameter_name(s, i);
		size_t key = 0;

		while (name != NULL && key < o->keys_n &&
		    find_parameter(s, o->keys[key].column) != i)
			key++;
		if (name != NULL && key < o->keys_n)
			continue;
		buf_printf(why, "the parameter %s ", name == NULL ? "?" : name);
		if (name == NULL)
			buf_puts(why, "has no name: write it as :NAME");
		else
			buf_printf(
			    why, "has no value: --bind %s=PROGRAM", name + 1);
		return false;
	}
	return true;
}

/* Do any two columns have one name? */
static const char *
repeated_column(const struct statement *s)
{
	int n = statement_columns(s);

	for (int i = 0; i < n; i++)
		for (int k = 0; k < i; k++)
			if (strcmp(statement_column_name(s, i),
				statement_column_name(s, k)) == 0)
				return statement_column_name(s, i);
	return NULL;
}

/* Are the columns those that it had at the start? */
static bool
same_columns(const struct sql *q, const struct statement *s)
{
	if ((size_t)statement_columns(s) != q->columns_n)
		return false;
	for (size_t i = 0; i < q->columns_n; i++) {
		const char *name = statement_column_name(s, (int)i);

		if (strlen(name) != q->columns[i].n ||
		    memcmp(name, q->columns[i].text, q->columns[i].n) != 0)
			return false;
	}
	return true;
}

static bool
check(const struct source_options *o, const struct statement *s,
    struct source_error *e)
{
	const char *repeated = repeated_column(s);
	char room[SOURCE_NOTE];
	struct buf why = BUF_FIXED(room);

	if (repeated != NULL)
		buf_printf(&why,
		    "two columns are called %s: AS gives one another name",
		    repeated);
	else if (check_parameters(o, s, &why))
		return true;
	snprintf(e->text, sizeof(e->text), "%.*s", (int)why.len, why.p);
	e->usage = true;
	return false;
}

/* --- what changes -------------------------------------------------------- */

/* The number that changes when others write; -1 where it can't be read. */
static int64_t
read_version(struct statement *version)
{
	int64_t n = -1;

	if (statement_step(version) == STATEMENT_ROW) {
		n = statement_integer(version, 0);
		statement_reset(version);
	}
	return n;
}

/* Watch what an opened database says of changes. */
static bool
watch(struct sql *q, struct database *d, struct source_error *e)
{
	struct statement version;
	int64_t n;

	if (!statement_init(&version, d, "PRAGMA data_version"))
		return fail(e, false, d->error);
	n = read_version(&version);
	if (n == -1) {
		fail(e, false, d->error);
		statement_release(&version);
		return false;
	}
	statement_release(&q->version);
	database_close(&q->watch);
	q->watch = *d;
	q->version = version;
	q->version.of = &q->watch;
	q->version_seen = n;
	return true;
}

/* Has anybody written since that was asked last? */
static bool
was_written(struct sql *q)
{
	int64_t before = q->version_seen;

	q->version_seen = read_version(&q->version);
	return q->version_seen == -1 || q->version_seen != before;
}

/* Take what stands in the place of the file; false, and error. */
static bool
reopen(struct sql *q, struct source_error *e)
{
	struct database d;
	struct statement s;
	bool well;

	*e = (struct source_error){.text = ""};
	if (!prepare(q->options, &d, &s, e))
		return false;
	well = check(q->options, &s, e) &&
	    (same_columns(q, &s) ||
		fail(e, true, "the SELECT's columns are others now"));
	statement_release(&s);
	if (well && watch(q, &d, e))
		return true;
	database_close(&d);
	return false;
}

/* Another file has its name: use that; else tell once that it can't be. */
static void
replace(struct sql *q)
{
	const struct source_options *o = q->options;
	struct source_error e;
	char text[SOURCE_NOTE + 64];

	if (reopen(q, &e)) {
		q->failed = false;
		q->edition++;
		return;
	}
	q->failures++;
	if (q->failed || o->tell == NULL)
		return;
	q->failed = true;
	snprintf(text, sizeof(text), "%s; what was known before stays", e.text);
	o->tell(o->tell_arg, text);
}

static void
sql_refresh(struct source *source)
{
	struct sql *q = (struct sql *)source;
	struct stat st;
	bool changed = false;

	pthread_mutex_lock(&q->lock);
	if (stat(q->options->name, &st) == 0 &&
	    (st.st_dev != q->seen.st_dev || st.st_ino != q->seen.st_ino)) {
		q->seen = st;
		replace(q);
		changed = true;
	}
	if (q->cache != NULL && (was_written(q) || changed))
		cache_drop(q->cache);
	pthread_mutex_unlock(&q->lock);
}

/* --- a thread's session -------------------------------------------------- */

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
	if (!prepare(o, &s->database, &s->select, &e)) {
		snprintf(s->error, sizeof(s->error), "%s", e.text);
		return false;
	}
	database_limit(&s->database, o->timeout);
	for (size_t i = 0; i < o->keys_n; i++)
		s->place[i] = find_parameter(&s->select, o->keys[i].column);
	return true;
}

static const struct source_kind session_source;

static const struct source *
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
	else if (same_columns(s->of, &s->select)) {
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

/* --- the source ---------------------------------------------------------- */

static const struct value *
sql_columns(const struct source *source, size_t *n)
{
	const struct sql *q = (const struct sql *)source;

	*n = q->columns_n;
	return q->columns;
}

static struct value
sql_origin(const struct source *source)
{
	return ((const struct sql *)source)->origin;
}

static void
sql_count(struct source *source, struct buf *out)
{
	struct sql *q = (struct sql *)source;

	if (q->cache != NULL)
		buf_printf(
		    out, ", %" PRIu64 " cache hits", cache_hits(q->cache));
	buf_printf(out, ", %u reloads, %" PRIu64 " failures",
	    atomic_load(&q->edition), q->failures);
}

static void
sql_close(struct source *source)
{
	struct sql *q = (struct sql *)source;

	statement_release(&q->version);
	database_close(&q->watch);
	cache_free(q->cache);
	arena_release(&q->arena);
	pthread_mutex_destroy(&q->lock);
	free(q);
}

/* Keep what records say of it. */
static bool
describe(struct sql *q, const struct statement *s)
{
	struct arena *a = &q->arena;
	const char *file = q->options->name;
	struct value name;
	struct buf b = {0};
	jmp_buf overflow;

	a->overflow = &overflow;
	if (setjmp(overflow) != 0)
		return false;
	q->columns_n = (size_t)statement_columns(s);
	q->columns = arena_array(a, q->columns_n, sizeof(*q->columns));
	for (size_t i = 0; i < q->columns_n; i++) {
		const char *text = statement_column_name(s, (int)i);

		q->columns[i] =
		    value_text(arena_copy(a, text, strlen(text)), strlen(text));
	}
	name = string_repair(a, file, strlen(file));
	buf_puts(&b, "\"table\":");
	value_write_string(&b, name.text, name.n);
	if (!buf_failed(&b))
		q->origin = value_text(arena_copy(a, b.p, b.len), b.len);
	a->overflow = NULL;
	buf_release(&b);
	return q->origin.n > 0;
}

static bool
start(struct sql *q, struct source_error *e)
{
	struct database d;
	struct statement s;
	bool well;

	(void)stat(q->options->name, &q->seen);
	if (!prepare(q->options, &d, &s, e))
		return false;
	well = check(q->options, &s, e) &&
	    (describe(q, &s) || fail(e, false, "out of memory"));
	statement_release(&s);
	if (well && watch(q, &d, e))
		return true;
	database_close(&d);
	return false;
}

static struct source *
sql_open(const struct source_options *o, struct source_error *error)
{
	struct sql *q = calloc(1, sizeof(*q));

	*error = (struct source_error){.text = "out of memory"};
	if (q == NULL)
		return NULL;
	q->source.kind = &sql_source;
	q->options = o;
	pthread_mutex_init(&q->lock, NULL);
	arena_init(&q->arena, SIZE_MAX / 2);
	if (o->cache > 0)
		q->cache = cache_new(o->cache, o->cache_ttl);
	if ((o->cache == 0 || q->cache != NULL) && start(q, error))
		return &q->source;
	sql_close(&q->source);
	return NULL;
}

const struct source_kind sql_source = {
    .answers = true,
    .open = sql_open,
    .view = sql_view,
    .refresh = sql_refresh,
    .columns = sql_columns,
    .origin = sql_origin,
    .count = sql_count,
    .close = sql_close,
};
