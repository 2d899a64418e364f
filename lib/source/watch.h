/*
 * watch - tells that a file, or its place in its folder, may have changed.
 */
#ifndef SOURCE_WATCH_H
#define SOURCE_WATCH_H

#include <stdbool.h>
#include <sys/stat.h>

struct watch {
	int fd; /* to be polled; -1: only time tells */
};

/* What was seen of a file by name since the last look. */
enum watch_news {
	WATCH_CLOSED = 1, /* a writer closed it */
	WATCH_MOVED = 2,  /* another file took its name */
	WATCH_OTHER = 4,
};

/* Watch the folder of a file: without inotify there is nothing to poll. */
void watch_open(struct watch *w, const char *path);
void watch_close(struct watch *w);

/* News of the file with that name; a set of bits, 0 where there are none. */
unsigned watch_read(struct watch *w, const char *path);

#endif
