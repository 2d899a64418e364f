/*
 * database - SQLite, alone: a file, statements, and what they give.
 *
 * Every failure leaves its reason in the database's error, in words for
 * people.  A database and its statements belong to one thread at a time.
 */
#ifndef BASE_DATABASE_H
#define BASE_DATABASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sqlite3;
struct sqlite3_stmt;

struct database {
	struct sqlite3 *handle; /* NULL while it is closed */
	char error[256];        /* of the last call that failed */
	int64_t limit;    /* microseconds a statement may run; 0 for ever */
	int64_t deadline; /* of the one that runs, once it ran for long */
	bool misused;     /* and it was the SQL that is wrong, not the file */
	int log_pages;    /* that the log had at the last commit */
};

enum database_mode {
	DATABASE_READ,  /* the file must be there; nothing is written to it */
	DATABASE_WRITE, /* the file must be there */
	DATABASE_MAKE,  /* the file is made where there is none */
};

/*
 * Open a file.  A lock that somebody else holds is waited for, milliseconds
 * at most.  False where that isn't possible; the database is closed then.
 */
bool database_open(struct database *d, const char *path,
    enum database_mode mode, int milliseconds);

/*
 * From now on a statement that runs longer is stopped, and fails; the
 * database doesn't move any more.
 */
void database_limit(struct database *d, int64_t micros);

/* Close it; its statements have been freed before. */
void database_close(struct database *d);

/* Run statements that give no rows; false where one fails. */
bool database_run(struct database *d, const char *sql);

/*
 * Write a text and a NUL over the beginning of the blob in a row's column,
 * which has room for them: no page is freed and taken anew, as by a statement.
 */
bool database_overwrite(struct database *d, const char *table,
    const char *column, int64_t row, const char *text, size_t len);

/*
 * From now on the log of a database in WAL mode is brought into the file by
 * database_checkpoint() alone, not by commits; log_pages says how long it is.
 */
void database_keep_log(struct database *d);

/*
 * Bring it there, as far as nobody reads what it would overwrite.  A failure
 * is none of what was committed: the log still has it.
 */
void database_checkpoint(struct database *d);

/* One statement that is run many times. */
struct statement {
	struct database *of;
	struct sqlite3_stmt *handle;
};

/* False where the text is no statement, or more than one. */
bool statement_init(struct statement *s, struct database *d, const char *sql);
void statement_release(struct statement *s);

/*
 * The same for a single SELECT (WITH and VALUES are ones): what would write,
 * attach or set anything is refused.
 */
bool statement_init_select(
    struct statement *s, struct database *d, const char *sql);

/*
 * Set a parameter, the first being 1; the bytes must last until the
 * statement is reset.  False where memory or the parameter is missing.
 */
bool statement_put_text(
    struct statement *s, int i, const char *text, size_t len);
bool statement_put_integer(struct statement *s, int i, int64_t n);
bool statement_put_double(struct statement *s, int i, double d);
bool statement_put_null(struct statement *s, int i);

/* A blob of so many zeros, to be written to in place. */
bool statement_put_zeros(struct statement *s, int i, size_t n);

/* The number of the parameter :name, 0 where there is none of that name. */
int statement_parameter(const struct statement *s, const char *name);
int statement_parameters(const struct statement *s);

/* The name of a parameter with what stands before it, as ":id"; or NULL. */
const char *statement_parameter_name(const struct statement *s, int i);

enum statement_status { STATEMENT_ROW, STATEMENT_DONE, STATEMENT_FAILED };

/* The next row; after STATEMENT_DONE or STATEMENT_FAILED it is reset. */
enum statement_status statement_step(struct statement *s);

/* End the run, before its last row; it can be run again. */
void statement_reset(struct statement *s);

enum column_type {
	COLUMN_NULL,
	COLUMN_INTEGER,
	COLUMN_DOUBLE,
	COLUMN_TEXT,
	COLUMN_BYTES,
};

/* What stands in the row in hand, columns from 0; until the next step. */
int statement_columns(const struct statement *s);
const char *statement_column_name(const struct statement *s, int i);
enum column_type statement_column_type(const struct statement *s, int i);
const char *statement_text(const struct statement *s, int i, size_t *len);
const char *statement_bytes(const struct statement *s, int i, size_t *len);
int64_t statement_integer(const struct statement *s, int i);
double statement_double(const struct statement *s, int i);

#endif
