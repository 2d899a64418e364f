/*
 * folder - a directory for what is only needed as long as we run.
 *
 * A lock shows that its user lives.  So what a killed one left behind is
 * removed by the next one that makes such a directory.
 */
#ifndef BASE_FOLDER_H
#define BASE_FOLDER_H

#include <stdbool.h>

struct folder {
	char *path; /* NULL: there is none */
	int lock;
};

/*
 * Make DIR/PREFIX-XXXXXX in TMPDIR or /tmp, after those of that prefix whose
 * users are gone have been removed.  False and errno on failure.
 */
bool folder_open(struct folder *f, const char *prefix);

/* Remove it with all that is in it. */
void folder_close(struct folder *f);

/* Remove a directory with all that is in it; false and errno on failure. */
bool folder_remove(const char *path);

#endif
