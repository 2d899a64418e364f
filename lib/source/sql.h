/*
 * sql - a source that is a SELECT on an SQLite database.
 *
 * The database is opened read-only and the statement prepared once, by each
 * thread for itself; the keys are its parameters.  A row is an object.  An
 * INTEGER is a number of 64 bits, a REAL one as short as it can be, a TEXT a
 * string, a BLOB a string in base64.
 *
 * What others write to the database is seen by the next look-up, and kept
 * answers are dropped when new events come after it.  A file that another
 * one replaces is opened anew then.
 */
#ifndef SOURCE_SQL_H
#define SOURCE_SQL_H

#include "source/source.h"

extern const struct source_kind sql_source;

#endif
