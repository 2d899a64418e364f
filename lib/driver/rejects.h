/*
 * rejects - lines that could not be worked on, as JSON objects.
 *
 * Each is one object on one line: at, op, stage, rule, source, line,
 * column, error, and the line's own bytes: as event where it is a JSON
 * object, else as text where it is UTF-8, else as base64.  None of the
 * three where the line was too long to be kept, or is withheld.  A line that
 * didn't end with a newline alone has its own end as a last member.
 */
#ifndef DRIVER_REJECTS_H
#define DRIVER_REJECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct reject {
	const char *at;     /* CLOCK_STAMP bytes */
	const char *source; /* UTF-8 */
	uint64_t line;
	size_t column; /* 0 where there is none */
	const char *error;
	const char *text; /* the line, or NULL */
	size_t len;
	const char *end; /* of the line, as it was read; where text is */
	size_t end_len;
	bool is_object; /* it is well-formed JSON */
	bool withheld;  /* its text isn't to be told */
};

/* What is the same in all of them; NULL where there is none. */
void rejects_head(struct buf *head, const char *op, const char *stage,
    const char *rule, size_t rule_len);

/*
 * Append the object of a reject, and a newline.  Where memory is missing,
 * out has failed.
 */
void rejects_put(
    struct buf *out, const struct buf *head, const struct reject *r);

#endif
