/*
 * page - the file that a report goes to.
 *
 * A file that is no such page is never written over.  The page is written
 * beside it and takes its place whole, or not at all; what is no regular
 * file (a FIFO, /dev/stdout) is written to as it is.
 */
#ifndef PAGE_H
#define PAGE_H

#include <stdbool.h>

#include "driver/settings.h"
#include "io/writer.h"

struct page {
	const char *path;                /* NULL: standard output */
	const char *const *beside_files; /* what else it must not replace */
	size_t beside_n;
	char *target; /* of what path links to, to be renamed to; or NULL */
	char *beside; /* the name that the page has meanwhile; or NULL */
	bool made;    /* a file of that name */
	struct writer writer;
};

/* What people call it. */
const char *page_name(const struct page *p);

/*
 * Look at the path (NULL or "-": standard output) before the first event: the
 * exit status.
 */
int page_check(struct page *p, const struct settings *set, const char *path);

/* Open, and later put in place: 0, or errno. */
int page_open(struct page *p);
int page_close(struct page *p);

/* Remove what isn't in place. */
void page_release(struct page *p);

#endif
