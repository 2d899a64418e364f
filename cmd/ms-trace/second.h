/*
 * second - lines that a subcommand reads beside its input.
 *
 * What is in them is for the user to judge; blank lines and control lines are
 * passed over.
 */
#ifndef SECOND_H
#define SECOND_H

#include <stddef.h>
#include <stdint.h>

#include "driver/settings.h"
#include "io/reader.h"

enum second_status {
	SECOND_LINE,
	SECOND_LONG, /* beyond --max-line; it is passed over */
	SECOND_END,
	SECOND_FAIL, /* errno says why */
};

struct second {
	const char *path; /* "-" for standard input */
	struct reader reader;
	struct block block;
	const char *text; /* what is left of the window in hand */
	size_t len;
	uint64_t line; /* number of the last line given */
	bool open;
	bool all; /* give blank lines and control lines, too, as they are */
	bool controls; /* control lines are given too */
};

/* -1 and errno on failure. */
int second_open(struct second *s, const struct settings *set, const char *path);
void second_close(struct second *s);

/* The next line without its end, valid until the next call. */
enum second_status second_next(
    struct second *s, const char **line, size_t *len);

#endif
