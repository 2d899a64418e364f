#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/database.h"

static bool
keep_error(struct database *d)
{
	int code = sqlite3_errcode(d->handle);
	const char *text = sqlite3_errmsg(d->handle);

	if (code == SQLITE_NOTADB)
		text = "it is no SQLite database";
	else if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
		text = "another program holds it locked";
	else if (code == SQLITE_INTERRUPT)
		text = "it took too long, and was stopped";
	else if (code == SQLITE_CORRUPT)
		text = "the database is corrupt";
	else if (code == SQLITE_FULL)
		text = "the disk is full";
	else if (code == SQLITE_CANTOPEN)
		text = "it can't be opened";
	else if (code == SQLITE_READONLY)
		text = "it can't be written to";
	else if (code == SQLITE_IOERR && sqlite3_system_errno(d->handle) != 0)
		text = strerror(sqlite3_system_errno(d->handle));
	snprintf(d->error, sizeof(d->error), "%s", text);
	d->misused = code == SQLITE_ERROR;
	return false;
}

bool
database_open(struct database *d, const char *path, enum database_mode mode,
    int milliseconds)
{
	static const int flags[] = {
	    [DATABASE_READ] = SQLITE_OPEN_READONLY,
	    [DATABASE_WRITE] = SQLITE_OPEN_READWRITE,
	    [DATABASE_MAKE] = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
	};

	*d = (struct database){.handle = NULL};
	if (sqlite3_open_v2(path, &d->handle, flags[mode] | SQLITE_OPEN_NOMUTEX,
		NULL) == SQLITE_OK &&
	    sqlite3_busy_timeout(d->handle, milliseconds) == SQLITE_OK)
		return true;
	if (d->handle == NULL)
		snprintf(d->error, sizeof(d->error), "out of memory");
	else
		keep_error(d);
	database_close(d);
	return false;
}

/* Called now and then while a statement runs: is it to be stopped? */
static int
is_late(void *arg)
{
	struct database *d = arg;
	struct timespec t;
	int64_t now;

	clock_gettime(CLOCK_MONOTONIC, &t);
	now = (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
	if (d->deadline == 0)
		d->deadline = now + d->limit;
	return now > d->deadline;
}

void
database_limit(struct database *d, int64_t micros)
{
	enum { OFTEN = 10000 }; /* steps of SQLite's machine */

	d->limit = micros;
	sqlite3_progress_handler(d->handle, OFTEN, is_late, d);
}

void
database_close(struct database *d)
{
	(void)sqlite3_close(d->handle);
	d->handle = NULL;
}

bool
database_run(struct database *d, const char *sql)
{
	return sqlite3_exec(d->handle, sql, NULL, NULL, NULL) == SQLITE_OK ||
	    keep_error(d);
}

bool
database_overwrite(struct database *d, const char *table, const char *column,
    int64_t row, const char *text, size_t len)
{
	sqlite3_blob *blob;
	bool written;

	if (sqlite3_blob_open(
		d->handle, "main", table, column, row, 1, &blob) != SQLITE_OK)
		return keep_error(d);
	/* The room is less than what an int counts. */
	written = (sqlite3_blob_write(blob, text, (int)len, 0) == SQLITE_OK &&
		      sqlite3_blob_write(blob, "", 1, (int)len) == SQLITE_OK) ||
	    keep_error(d);
	return (sqlite3_blob_close(blob) == SQLITE_OK || keep_error(d)) &&
	    written;
}

static int
note_log(void *arg, sqlite3 *handle, const char *name, int pages)
{
	struct database *d = arg;

	(void)handle;
	(void)name;
	d->log_pages = pages;
	return SQLITE_OK;
}

void
database_keep_log(struct database *d)
{
	(void)sqlite3_wal_hook(d->handle, note_log, d);
}

void
database_checkpoint(struct database *d)
{
	(void)sqlite3_wal_checkpoint_v2(
	    d->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

bool
statement_init(struct statement *s, struct database *d, const char *sql)
{
	const char *rest;

	*s = (struct statement){.of = d};
	if (sqlite3_prepare_v3(d->handle, sql, -1, SQLITE_PREPARE_PERSISTENT,
		&s->handle, &rest) != SQLITE_OK)
		return keep_error(d);
	if (s->handle != NULL && rest[strspn(rest, " \t\r\n;")] == '\0')
		return true;
	d->misused = true;
	snprintf(d->error, sizeof(d->error), "%s",
	    s->handle == NULL ? "there is no statement"
			      : "there is more than one statement");
	statement_release(s);
	return false;
}

/* What stands behind blanks and comments. */
static const char *
first_word(const char *p)
{
	for (;;) {
		const char *end;

		p += strspn(p, " \t\r\n\f;");
		if (strncmp(p, "--", 2) == 0)
			p += strcspn(p, "\n");
		else if (strncmp(p, "/*", 2) == 0) {
			end = strstr(p + 2, "*/");
			p = end == NULL ? p + strlen(p) : end + 2;
		} else
			return p;
	}
}

/* Does the text start with the word of a statement that gives rows? */
static bool
starts_select(const char *sql)
{
	const char *p = first_word(sql);

	return *p == '\0' || strncasecmp(p, "select", 6) == 0 ||
	    strncasecmp(p, "with", 4) == 0 || strncasecmp(p, "values", 6) == 0;
}

bool
statement_init_select(struct statement *s, struct database *d, const char *sql)
{
	/* Some statements do their work while they are prepared. */
	if (starts_select(sql)) {
		if (!statement_init(s, d, sql))
			return false;
		if (sqlite3_stmt_readonly(s->handle))
			return true;
		statement_release(s);
	}
	d->misused = true;
	snprintf(d->error, sizeof(d->error),
	    "only a SELECT is taken, and this does something else");
	return false;
}

void
statement_release(struct statement *s)
{
	(void)sqlite3_finalize(s->handle);
	s->handle = NULL;
}

bool
statement_put_text(struct statement *s, int i, const char *text, size_t len)
{
	return sqlite3_bind_text64(s->handle, i, text, len, SQLITE_STATIC,
		   SQLITE_UTF8) == SQLITE_OK ||
	    keep_error(s->of);
}

bool
statement_put_integer(struct statement *s, int i, int64_t n)
{
	return sqlite3_bind_int64(s->handle, i, n) == SQLITE_OK ||
	    keep_error(s->of);
}

bool
statement_put_double(struct statement *s, int i, double d)
{
	return sqlite3_bind_double(s->handle, i, d) == SQLITE_OK ||
	    keep_error(s->of);
}

bool
statement_put_null(struct statement *s, int i)
{
	return sqlite3_bind_null(s->handle, i) == SQLITE_OK ||
	    keep_error(s->of);
}

bool
statement_put_zeros(struct statement *s, int i, size_t n)
{
	return sqlite3_bind_zeroblob64(s->handle, i, n) == SQLITE_OK ||
	    keep_error(s->of);
}

int
statement_parameter(const struct statement *s, const char *name)
{
	return sqlite3_bind_parameter_index(s->handle, name);
}

int
statement_parameters(const struct statement *s)
{
	return sqlite3_bind_parameter_count(s->handle);
}

const char *
statement_parameter_name(const struct statement *s, int i)
{
	return sqlite3_bind_parameter_name(s->handle, i);
}

enum statement_status
statement_step(struct statement *s)
{
	int code = sqlite3_step(s->handle);

	if (code == SQLITE_ROW)
		return STATEMENT_ROW;
	if (code != SQLITE_DONE)
		keep_error(s->of);
	statement_reset(s);
	return code == SQLITE_DONE ? STATEMENT_DONE : STATEMENT_FAILED;
}

void
statement_reset(struct statement *s)
{
	(void)sqlite3_reset(s->handle);
	s->of->deadline = 0;
}

int
statement_columns(const struct statement *s)
{
	return sqlite3_column_count(s->handle);
}

const char *
statement_column_name(const struct statement *s, int i)
{
	return sqlite3_column_name(s->handle, i);
}

enum column_type
statement_column_type(const struct statement *s, int i)
{
	switch (sqlite3_column_type(s->handle, i)) {
	case SQLITE_INTEGER:
		return COLUMN_INTEGER;
	case SQLITE_FLOAT:
		return COLUMN_DOUBLE;
	case SQLITE_TEXT:
		return COLUMN_TEXT;
	case SQLITE_BLOB:
		return COLUMN_BYTES;
	default:
		return COLUMN_NULL;
	}
}

const char *
statement_text(const struct statement *s, int i, size_t *len)
{
	const char *text = (const char *)sqlite3_column_text(s->handle, i);

	*len = (size_t)sqlite3_column_bytes(s->handle, i);
	return text == NULL ? "" : text;
}

const char *
statement_bytes(const struct statement *s, int i, size_t *len)
{
	const char *p = sqlite3_column_blob(s->handle, i);

	*len = (size_t)sqlite3_column_bytes(s->handle, i);
	return p == NULL ? "" : p;
}

int64_t
statement_integer(const struct statement *s, int i)
{
	return sqlite3_column_int64(s->handle, i);
}

double
statement_double(const struct statement *s, int i)
{
	return sqlite3_column_double(s->handle, i);
}
