#include "source/sql.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "source/sql_state.h"
#include "value/string.h"

/* --- the statement ------------------------------------------------------- */

static int
wait_of(const struct source_options *o)
{
	int64_t ms = o->timeout / 1000;

	return ms > INT32_MAX ? INT32_MAX : (int)ms;
}

int
sql_find_parameter(const struct statement *s, struct source_name name)
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

bool
sql_prepare(const struct source_options *o, struct database *d,
    struct statement *s, struct source_error *e)
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

		if (sql_find_parameter(s, name) == 0) {
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
		    sql_find_parameter(s, o->keys[key].column) != i)
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

bool
sql_same_columns(const struct sql *q, const struct statement *s)
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
	if (!sql_prepare(q->options, &d, &s, e))
		return false;
	well = check(q->options, &s, e) &&
	    (sql_same_columns(q, &s) ||
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
	if (!sql_prepare(q->options, &d, &s, e))
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
