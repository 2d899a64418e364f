/*
 * version_files - the files of a directory whose names say versions.
 */
#ifndef MS_SCHEMA_VERSION_FILES_H
#define MS_SCHEMA_VERSION_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

enum { VERSION_MOST = 999999999 };

/* "1.json" has to 0, "1-2.jq" both numbers. */
struct version_file {
	uint32_t from, to;
};

struct version_files {
	uint32_t *version; /* in order */
	size_t n;
	struct version_file *program; /* in order */
	size_t programs_n;
	const char *wrong; /* a name that says no version though it should */
};

/*
 * The names in a directory, sorted, without those that begin with a dot.
 * False and errno where it can't be read.
 */
bool version_names(
    struct arena *a, const char *path, const char ***names, size_t *n);

/* What the names of a directory say. */
void version_files(struct arena *a, const char *const *names, size_t n,
    struct version_files *f);

/* A version's number of len bytes; false where it is none. */
bool version_number(const char *text, size_t len, uint32_t *number);

#endif
