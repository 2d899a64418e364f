/*
 * keyspec - PATH[=COLUMN], as the user says what joins event and table.
 *
 * PATH is a jq program that gives an event's key.  The first = that is
 * outside quotes and brackets and no part of an operator ends it; what
 * follows is the column's name as it is.  Without one, the column has the
 * name that PATH ends with: ip for .ip, .client.ip and .client["ip"].  A
 * range has two columns, as in .amount=from..to.
 */
#ifndef SOURCE_KEYSPEC_H
#define SOURCE_KEYSPEC_H

#include <stdbool.h>
#include <stddef.h>

struct keyspec {
	const char *path; /* part of the text */
	size_t path_len;
	const char *column; /* part of the text; no NUL ends it */
	size_t column_len;
	const char *to; /* of a range, or NULL */
	size_t to_len;
};

/* False where no column is named and PATH doesn't end with a name. */
bool keyspec_read(struct keyspec *k, const char *text, bool range);

/* Can name stand behind a dot, as in .name? */
bool keyspec_is_name(const char *name, size_t len);

#endif
