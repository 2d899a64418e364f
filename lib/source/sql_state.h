/*
 * sql_state - a SELECT as sql.c and sql_session.c see it.
 */
#ifndef SOURCE_SQL_STATE_H
#define SOURCE_SQL_STATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "base/database.h"
#include "source/cache.h"
#include "source/source.h"

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

/* Open the database and prepare the SELECT; false, and error. */
bool sql_prepare(const struct source_options *o, struct database *d,
    struct statement *s, struct source_error *e);

/* The place of a key among the parameters, or 0. */
int sql_find_parameter(const struct statement *s, struct source_name name);

/* Are the columns those that it had at the start? */
bool sql_same_columns(const struct sql *q, const struct statement *s);

/* sql_session.c: what a thread asks; see struct source_kind. */
const struct source *sql_view(struct source *source, const struct source *last);

#endif
