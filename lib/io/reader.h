/*
 * reader - an input's lines, handed out in windows of whole lines.
 *
 * Reads in large pieces into a block of memory that its user lends it, for
 * one input after the other.  A window is every whole line that the block
 * holds, so it is large where the input is fast and one line where it
 * trickles.  It stays valid until the next call with the same block, with
 * READER_PADDING readable bytes behind it; threads that read in turn each
 * bring a block of their own.
 */
#ifndef IO_READER_H
#define IO_READER_H

#include <stdbool.h>
#include <stddef.h>

enum { READER_PADDING = 64 };

struct block {
	char *p;    /* malloc's, the reader's to move */
	size_t cap; /* without the padding */
};

struct reader {
	int fd;      /* -1 where no input is open */
	bool steady; /* a regular file: reading it never waits */
	bool waited; /* READER_WAIT was given: now read */
	bool fresh;  /* nothing was handed out: a BOM may come */
	bool ended;
	bool skipping; /* within a line that is too long */
	size_t max_line;
	size_t block; /* bytes to read at a time */
	struct block *in;
	size_t start;    /* first byte that was not handed out */
	size_t padding;  /* NUL bytes before start that weren't told yet */
	size_t searched; /* no newline from start to here */
	size_t end;
};

enum reader_status {
	READER_WINDOW, /* text and len hold whole lines */
	READER_LONG,   /* the next line broke the limit and is passed over */
	READER_NULS,   /* so many NUL bytes before the next line broke it */
	READER_WAIT,   /* nothing to read yet: flush, then ask again */
	READER_END,
	READER_FAIL, /* errno says why */
};

/*
 * Lines are limited to max_line bytes, their \n not counted.  So many bytes are
 * read at a time; 0: as many as are fast.
 */
void reader_init(struct reader *r, size_t max_line, size_t block);

/* Start on path, or on standard input for NULL.  -1 and errno on failure. */
int reader_open(struct reader *r, const char *path);

/* Close the input, if one is open: what it gave stays valid. */
void reader_close(struct reader *r);

/*
 * The next window; of READER_NULS len says how many.  A line may be longer
 * than the limit where it fits the buffer: whoever cares looks at its length.
 */
enum reader_status reader_next(
    struct reader *r, const char **text, size_t *len);

/*
 * Go on in this block, which has to last as long as the reader reads; what
 * is left in the one before moves over.  -1 and errno where memory is
 * missing.
 */
int reader_use(struct reader *r, struct block *b);

/* Free what a block holds; nothing may be read in it any more. */
void reader_block_release(struct block *b);

#endif
