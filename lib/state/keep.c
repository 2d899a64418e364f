#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/database.h"
#include "base/hash.h"
#include "state/keep.h"
#include "state/keep_sum.h"

#define KEEP_VERSION "1"

enum { SMALL = 2048 }; /* bytes of lines that a statement writes */

enum { PATIENCE = 1000 }; /* ms that a lock is waited for */

enum task {
	PUT,
	FORGET,
	PUT_POSITION,
	PUT_META,
	PUT_OUTPUT,
	PUT_OUTPUT_SUM,
	BEGIN,
	END,
	TASKS,
};

struct keep {
	struct database db;
	int lock;          /* of the file while somebody folds into it, or -1 */
	int log_done;      /* pages that the log had at the last checkpoint */
	size_t room;       /* of the blob that holds the last lines, or 0 */
	bool summed;       /* its rows of state and position have sums */
	bool facts_summed; /* and so have those of meta and output */
	struct buf row;    /* what one's sum is made of */
	struct statement tasks[TASKS];
};

static const char *const SQL[TASKS] = {
    [PUT] = "INSERT INTO state(key, value, at, used, sum) "
	    "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT(key) "
	    "DO UPDATE SET value = ?2, at = ?3, used = ?4, sum = ?5",
    [FORGET] = "DELETE FROM state WHERE key = ?1",
    [PUT_POSITION] =
	"INSERT INTO position(source, number, forks, sum) "
	"VALUES (?1, ?2, ?3, ?4) "
	"ON CONFLICT(source) DO UPDATE SET number = ?2, forks = ?3, sum = ?4",
    [PUT_META] =
	"INSERT OR REPLACE INTO meta(name, value, sum) VALUES (?1, ?2, ?3)",
    [PUT_OUTPUT] = "INSERT OR REPLACE INTO output(id, text) VALUES (1, ?1)",
    [PUT_OUTPUT_SUM] = "INSERT OR REPLACE INTO output(id, sum) VALUES (2, ?1)",
    [BEGIN] = "BEGIN IMMEDIATE",
    [END] = "COMMIT",
};

/* A batch changes keys all over the file: its pages are to fit the cache. */
static const char PRAGMAS[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
    "PRAGMA cache_size = -32000;";

/*
 * Many batches are to fit the log, since what they change is mostly the same;
 * but who reads the file, or starts after a kill, has to read it.
 */
enum { LONG_LOG = 16000 }; /* pages */

static const char TABLES[] =
    "CREATE TABLE IF NOT EXISTS state"
    "(key TEXT PRIMARY KEY, value TEXT NOT NULL, at TEXT, used INTEGER,"
    " sum INTEGER) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS meta"
    "(name TEXT PRIMARY KEY, value, sum INTEGER) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS position(source TEXT PRIMARY KEY,"
    " number INTEGER NOT NULL, forks TEXT NOT NULL, sum INTEGER)"
    " WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS output(id INTEGER PRIMARY KEY, text TEXT,"
    " sum INTEGER);";

/* Run one that gives no rows. */
static bool
run(struct statement *s)
{
	return statement_step(s) == STATEMENT_DONE;
}

/* A fact that has no value is another one than one whose value is "". */
static struct keep_row_parts
fact_parts(const char *name, const char *value)
{
	return (struct keep_row_parts){.name = name,
	    .name_len = strlen(name),
	    .text = value,
	    .text_len = value == NULL ? 0 : strlen(value),
	    .number = value == NULL};
}

static bool
put_meta(struct keep *k, const char *name, const char *value)
{
	struct statement *s = &k->tasks[PUT_META];
	struct keep_row_parts row = fact_parts(name, value);
	int64_t sum;

	return keep_sum_make(&k->db, &k->row, &row, &sum) &&
	    statement_put_text(s, 1, name, row.name_len) &&
	    (value == NULL ? statement_put_null(s, 2)
			   : statement_put_text(s, 2, value, row.text_len)) &&
	    statement_put_integer(s, 3, sum) && run(s);
}

/* Take the value of the row in hand, whose sum is to be right. */
static bool
take_meta(
    struct keep *k, const struct statement *s, const char *name, char **value)
{
	const char *text = NULL;
	struct keep_row_parts row;
	size_t len;

	if (statement_column_type(s, 0) != COLUMN_NULL)
		text = statement_text(s, 0, &len);
	row = fact_parts(name, text);
	if (!keep_sum_check(&k->db, &k->row, &row, s, 1, "fact"))
		return false;
	if (text == NULL)
		return true;
	*value = strdup(text);
	if (*value == NULL)
		snprintf(k->db.error, sizeof(k->db.error), "out of memory");
	return *value != NULL;
}

/*
 * What meta says under a name, as text that the caller frees: NULL where it
 * says nothing.  False after an error.
 */
static bool
get_meta(struct keep *k, const char *name, char **value)
{
	struct statement s;
	bool ok = statement_init(&s, &k->db,
	    k->facts_summed ? "SELECT value, sum FROM meta WHERE name = ?1"
			    : "SELECT value, NULL FROM meta WHERE name = ?1");

	*value = NULL;
	if (!ok)
		return false;
	ok = statement_put_text(&s, 1, name, strlen(name));
	switch (ok ? statement_step(&s) : STATEMENT_FAILED) {
	case STATEMENT_FAILED:
		ok = false;
		break;
	case STATEMENT_ROW:
		ok = take_meta(k, &s, name, value);
		break;
	case STATEMENT_DONE:
		break;
	}
	statement_release(&s);
	return ok;
}

struct fact {
	const char *name, *value; /* as meta has it */
};

static bool
is_same(const char *x, const char *y)
{
	return (x == NULL) == (y == NULL) && (x == NULL || strcmp(x, y) == 0);
}

/* Does the file say the same of this fact? */
static enum keep_status
check_fact(struct keep *k, const struct fact *f, char error[KEEP_ERROR])
{
	char *found;
	bool same;

	if (!get_meta(k, f->name, &found))
		return KEEP_FAILED;
	same = is_same(found, f->value);
	if (!same)
		snprintf(error, KEEP_ERROR,
		    "the state was made with the %s %.150s, not %.150s; "
		    "--reset forgets it",
		    f->name, found == NULL ? "(none)" : found,
		    f->value == NULL ? "(none)" : f->value);
	free(found);
	return same ? KEEP_OK : KEEP_DIFFERS;
}

static bool
prepare(struct keep *k)
{
	for (size_t i = 0; i < TASKS; i++)
		if (!statement_init(&k->tasks[i], &k->db, SQL[i]))
			return false;
	return true;
}

/* How many tables the file has, and how many of them have our names. */
static bool
count_tables(struct keep *k, int64_t *all, int64_t *ours)
{
	struct statement s;
	bool ok = statement_init(&s, &k->db,
	    "SELECT count(*), count(CASE WHEN name IN "
	    "('state', 'meta', 'position', 'output') THEN 1 END) "
	    "FROM sqlite_master WHERE type = 'table'");

	if (!ok)
		return false;
	ok = statement_step(&s) == STATEMENT_ROW;
	if (ok) {
		*all = statement_integer(&s, 0);
		*ours = statement_integer(&s, 1);
	}
	statement_release(&s);
	return ok;
}

/*
 * Is the file new, or a state?  Another program's database is refused as it
 * stands, whatever the tables in it are called.
 */
static enum keep_status
look_whose(struct keep *k, bool *is_new, char error[KEEP_ERROR])
{
	char *version = NULL;
	int64_t all, ours;

	if (!count_tables(k, &all, &ours))
		return KEEP_FAILED;
	*is_new = all == 0;
	if (*is_new)
		return KEEP_OK;
	if (ours == 4 && !get_meta(k, "version", &version))
		return KEEP_FAILED;
	if (version == NULL) {
		snprintf(error, KEEP_ERROR,
		    "it is a database of something else, and holds no state; "
		    "keep the state in a file of its own");
		return KEEP_DIFFERS;
	}
	free(version);
	return KEEP_OK;
}

/* Files of before lack some columns. */
static bool
find_column(struct keep *k, const char *table, const char *name, bool *found)
{
	struct statement s;
	bool ok = statement_init(&s, &k->db,
	    "SELECT count(*) FROM pragma_table_info(?1) WHERE name = ?2");

	if (!ok)
		return false;
	ok = statement_put_text(&s, 1, table, strlen(table)) &&
	    statement_put_text(&s, 2, name, strlen(name)) &&
	    statement_step(&s) == STATEMENT_ROW;
	*found = ok && statement_integer(&s, 0) > 0;
	statement_release(&s);
	return ok;
}

static bool
have_columns(struct keep *k)
{
	static const struct {
		const char *table, *name, *add;
	} columns[] = {
	    {"state", "used", "ALTER TABLE state ADD COLUMN used INTEGER"},
	    {"state", "sum", "ALTER TABLE state ADD COLUMN sum INTEGER"},
	    {"position", "sum", "ALTER TABLE position ADD COLUMN sum INTEGER"},
	    {"meta", "sum", "ALTER TABLE meta ADD COLUMN sum INTEGER"},
	    {"output", "sum", "ALTER TABLE output ADD COLUMN sum INTEGER"},
	};
	bool found;

	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++)
		if (!find_column(
			k, columns[i].table, columns[i].name, &found) ||
		    (!found && !database_run(&k->db, columns[i].add)))
			return false;
	k->summed = true;
	k->facts_summed = true;
	return true;
}

/* Make the tables, or empty them, and say whose they are: all or nothing. */
static bool
begin_anew(struct keep *k, const struct fact *facts, size_t n)
{
	if (!database_run(&k->db, "BEGIN IMMEDIATE") ||
	    !database_run(&k->db, TABLES) || !have_columns(k) || !prepare(k) ||
	    !database_run(&k->db,
		"DELETE FROM state; DELETE FROM meta; "
		"DELETE FROM position; DELETE FROM output;"))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!put_meta(k, facts[i].name, facts[i].value))
			return false;
	return keep_end(k);
}

/* See how much room the blob of the last lines has. */
static bool
find_room(struct keep *k)
{
	struct statement s;
	enum statement_status status;

	if (!statement_init(&s, &k->db,
		"SELECT length(text) FROM output WHERE typeof(text) = 'blob'"))
		return false;
	status = statement_step(&s);
	if (status == STATEMENT_ROW)
		k->room = (size_t)statement_integer(&s, 0);
	statement_release(&s);
	return status != STATEMENT_FAILED;
}

/* Go on with what is there. */
static bool
take_over(struct keep *k)
{
	return have_columns(k) && prepare(k) && find_room(k);
}

static enum keep_status
claim(struct keep *k, const struct fact *facts, size_t n, bool reset,
    char error[KEEP_ERROR])
{
	bool is_new;
	enum keep_status status = look_whose(k, &is_new, error);

	/* Not before: what is damaged can still be reset. */
	if (status == KEEP_OK &&
	    !find_column(k, "meta", "sum", &k->facts_summed))
		return KEEP_FAILED;
	for (size_t i = 0; status == KEEP_OK && !is_new && !reset && i < n; i++)
		status = check_fact(k, &facts[i], error);
	if (status != KEEP_OK)
		return status;
	database_keep_log(&k->db);
	if (!database_run(&k->db, PRAGMAS) ||
	    !(is_new || reset ? begin_anew(k, facts, n) : take_over(k)))
		return KEEP_FAILED;
	return KEEP_OK;
}

static enum keep_status
give_up(struct keep *k, enum keep_status status, char error[KEEP_ERROR])
{
	if (status == KEEP_FAILED)
		snprintf(error, KEEP_ERROR, "%s", k->db.error);
	keep_close(k);
	return status;
}

static struct keep *
allocate(char error[KEEP_ERROR])
{
	struct keep *k = calloc(1, sizeof(*k));

	if (k == NULL)
		snprintf(error, KEEP_ERROR, "out of memory");
	else
		k->lock = -1;
	return k;
}

/*
 * Only one may fold into the file; others may read it meanwhile.  SQLite's
 * own locks last as long as a transaction, and this one is none of them.  It
 * is given back last: closing the file ends them too.
 */
static bool
lock(struct keep *k, const char *path, char error[KEEP_ERROR])
{
	k->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (k->lock != -1 && flock(k->lock, LOCK_EX | LOCK_NB) == 0)
		return true;
	snprintf(error, KEEP_ERROR, "%s",
	    errno == EWOULDBLOCK ? "another stage keeps its state there"
				 : strerror(errno));
	return false;
}

enum keep_status
keep_open(struct keep **made, const char *path, const struct keep_owner *owner,
    bool reset, char error[KEEP_ERROR])
{
	const struct fact facts[] = {
	    {"version", KEEP_VERSION},
	    {"program", owner->program},
	    {"key", owner->key},
	    {"window", owner->window},
	};
	struct keep *k = allocate(error);
	enum keep_status status = KEEP_FAILED;

	if (k == NULL)
		return KEEP_FAILED;
	if (!lock(k, path, error)) {
		keep_close(k);
		return KEEP_FAILED;
	}
	if (database_open(&k->db, path, DATABASE_MAKE, PATIENCE))
		status = claim(
		    k, facts, sizeof(facts) / sizeof(*facts), reset, error);
	if (status != KEEP_OK)
		return give_up(k, status, error);
	*made = k;
	return KEEP_OK;
}

enum keep_status
keep_look(struct keep **made, const char *path, char error[KEEP_ERROR])
{
	struct keep *k = allocate(error);

	if (k == NULL)
		return KEEP_FAILED;
	if (!database_open(&k->db, path, DATABASE_READ, PATIENCE) ||
	    !find_column(k, "position", "sum", &k->summed) ||
	    !find_column(k, "meta", "sum", &k->facts_summed))
		return give_up(k, KEEP_FAILED, error);
	*made = k;
	return KEEP_OK;
}

void
keep_close(struct keep *k)
{
	if (k == NULL)
		return;
	for (size_t i = 0; i < TASKS; i++)
		statement_release(&k->tasks[i]);
	database_close(&k->db);
	buf_release(&k->row);
	if (k->lock != -1)
		(void)close(k->lock);
	free(k);
}

const char *
keep_error(const struct keep *k)
{
	return k->db.error;
}

static const char *
select_rows(const struct keep *k, bool by_use)
{
	if (by_use)
		return k->summed
		    ? "SELECT key, value, at, used, sum FROM state "
		      "ORDER BY used, at, key"
		    : "SELECT key, value, at, used, NULL FROM state "
		      "ORDER BY used, at, key";
	return k->summed
	    ? "SELECT key, value, at, used, sum FROM state ORDER BY key"
	    : "SELECT key, value, at, NULL, NULL FROM state ORDER BY key";
}

bool
keep_each(struct keep *k, bool by_use, keep_row *row, void *arg)
{
	struct statement s;
	enum statement_status status;
	bool good = true;

	if (!statement_init(&s, &k->db, select_rows(k, by_use)))
		return false;
	while ((status = statement_step(&s)) == STATEMENT_ROW) {
		size_t key_len, value_len, at_len;
		const char *key = statement_text(&s, 0, &key_len);
		const char *value = statement_text(&s, 1, &value_len);
		const char *at = statement_text(&s, 2, &at_len);
		struct keep_row_parts parts = {key, value, at, key_len,
		    value_len, at_len, statement_integer(&s, 3)};

		good = keep_sum_check(&k->db, &k->row, &parts, &s, 4, "key");
		if (!good ||
		    !row(arg, key, key_len, value, value_len, at, at_len))
			break;
	}
	statement_release(&s);
	return good && status != STATEMENT_FAILED;
}

bool
keep_each_position(struct keep *k, keep_position_row *row, void *arg)
{
	struct statement s;
	enum statement_status status;
	bool good = true;

	if (!statement_init(&s, &k->db,
		k->summed ? "SELECT source, number, forks, sum FROM position "
			    "ORDER BY source"
			  : "SELECT source, number, forks, NULL FROM position "
			    "ORDER BY source"))
		return false;
	while ((status = statement_step(&s)) == STATEMENT_ROW) {
		size_t source_len, forks_len;
		const char *source = statement_text(&s, 0, &source_len);
		const char *forks = statement_text(&s, 2, &forks_len);
		int64_t number = statement_integer(&s, 1);
		struct keep_row_parts parts = {
		    source, "", forks, source_len, 0, forks_len, number};

		good = keep_sum_check(&k->db, &k->row, &parts, &s, 3, "source");
		if (!good ||
		    !row(arg, source, source_len, number, forks, forks_len))
			break;
	}
	statement_release(&s);
	return good && status != STATEMENT_FAILED;
}

bool
keep_fact(struct keep *k, const char *name, char out[KEEP_FACT])
{
	char *text;

	if (!get_meta(k, name, &text))
		return false;
	snprintf(out, KEEP_FACT, "%s", text == NULL ? "" : text);
	free(text);
	return true;
}

/* They may be long, and aren't copied for their sum. */
static struct keep_row_parts
output_parts(const char *text, size_t len)
{
	static const char NAME[] = "output";

	return (struct keep_row_parts){.name = NAME,
	    .name_len = sizeof(NAME) - 1,
	    .number = (int64_t)hash_plain(text, len)};
}

/* The lines of the last batch, and behind them their sum. */
static const char OUTPUT[] =
    "SELECT text, (SELECT sum FROM output WHERE id = 2) "
    "FROM output WHERE id = 1";

bool
keep_last_output(struct keep *k, struct buf *out)
{
	struct statement s;
	enum statement_status status;
	bool good = true;

	if (!statement_init(&s, &k->db, OUTPUT))
		return false;
	while (good && (status = statement_step(&s)) == STATEMENT_ROW) {
		struct keep_row_parts row;
		size_t room;
		const char *text = statement_bytes(&s, 0, &room);
		size_t len = strnlen(text, room);

		row = output_parts(text, len);
		good = keep_sum_check(&k->db, &k->row, &row, &s, 1, "table");
		buf_put(out, text, len);
	}
	statement_release(&s);
	return good && status == STATEMENT_DONE;
}

bool
keep_begin(struct keep *k)
{
	return run(&k->tasks[BEGIN]);
}

bool
keep_put(struct keep *k, const char *key, size_t key_len, const char *value,
    size_t value_len, const char *at, size_t at_len, uint64_t used)
{
	struct statement *s = &k->tasks[PUT];
	struct keep_row_parts parts = {
	    key, value, at, key_len, value_len, at_len, (int64_t)used};
	int64_t sum;

	return keep_sum_make(&k->db, &k->row, &parts, &sum) &&
	    statement_put_text(s, 1, key, key_len) &&
	    statement_put_text(s, 2, value, value_len) &&
	    (at_len == 0 ? statement_put_null(s, 3)
			 : statement_put_text(s, 3, at, at_len)) &&
	    (used == 0 ? statement_put_null(s, 4)
		       : statement_put_integer(s, 4, (int64_t)used)) &&
	    statement_put_integer(s, 5, sum) && run(s);
}

bool
keep_forget(struct keep *k, const char *key, size_t key_len)
{
	struct statement *s = &k->tasks[FORGET];

	return statement_put_text(s, 1, key, key_len) && run(s);
}

bool
keep_put_position(struct keep *k, const char *source, size_t source_len,
    int64_t number, const char *forks, size_t forks_len)
{
	struct statement *s = &k->tasks[PUT_POSITION];
	struct keep_row_parts parts = {
	    source, "", forks, source_len, 0, forks_len, number};
	int64_t sum;

	return keep_sum_make(&k->db, &k->row, &parts, &sum) &&
	    statement_put_text(s, 1, source, source_len) &&
	    statement_put_integer(s, 2, number) &&
	    statement_put_text(s, 3, forks, forks_len) &&
	    statement_put_integer(s, 4, sum) && run(s);
}

bool
keep_put_fact(struct keep *k, const char *name, const char *text)
{
	return put_meta(k, name, text);
}

/*
 * Many lines are written over those of the batch before, which is far cheaper
 * than to free their pages and to take others.  They end at a NUL.
 */
static bool
overwrite(struct keep *k, const char *text, size_t len)
{
	size_t room = k->room > SMALL ? k->room : SMALL;
	struct statement *s = &k->tasks[PUT_OUTPUT];

	while (room <= len)
		room *= 2;
	if (room > k->room) {
		k->room = 0;
		if (!statement_put_zeros(s, 1, room) || !run(s))
			return false;
		k->room = room;
	}
	return database_overwrite(&k->db, "output", "text", 1, text, len);
}

/*
 * It stands in a row of its own, since who changes one column of a row writes
 * all of it.
 */
static bool
put_output_sum(struct keep *k, const char *text, size_t len)
{
	struct statement *s = &k->tasks[PUT_OUTPUT_SUM];
	struct keep_row_parts row = output_parts(text, len);
	int64_t sum;

	return keep_sum_make(&k->db, &k->row, &row, &sum) &&
	    statement_put_integer(s, 1, sum) && run(s);
}

bool
keep_put_output(struct keep *k, const char *text, size_t len)
{
	struct statement *s = &k->tasks[PUT_OUTPUT];

	if (!put_output_sum(k, text, len))
		return false;
	if (k->room == 0 && len < SMALL)
		return statement_put_text(s, 1, text, len) && run(s);
	return overwrite(k, text, len);
}

bool
keep_end(struct keep *k)
{
	return run(&k->tasks[END]);
}

void
keep_tidy(struct keep *k)
{
	int pages = k->db.log_pages;

	/* It has begun anew. */
	if (pages < k->log_done)
		k->log_done = 0;
	if (pages - k->log_done < LONG_LOG)
		return;
	database_checkpoint(&k->db);
	k->log_done = pages;
}

void
keep_cancel(struct keep *k)
{
	char error[sizeof(k->db.error)];

	memcpy(error, k->db.error, sizeof(error));
	(void)database_run(&k->db, "ROLLBACK");
	memcpy(k->db.error, error, sizeof(error));
}
