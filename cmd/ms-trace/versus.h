/*
 * versus - the events of two outputs, brought together and compared.
 *
 * What it finds is written as it comes, the rest at the end.  It is used by
 * one thread.
 */
#ifndef VERSUS_H
#define VERSUS_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

#include "frame.h"
#include "history/pairing.h"
#include "render/contrast.h"

/* Starts as zero but for ignored, contrast and frame. */
struct versus {
	struct frame *frame; /* which gets the failures */
	struct divergence_ignored ignored;
	struct contrast contrast;
	struct lineage lineage; /* knows the key of histories */
	struct pairing *pairing;
	struct arena arena; /* for what isn't the driver's event */
	jmp_buf overflow;
	bool bad; /* a line was no event, which was told */

	/*
	 * Both may be NULL.  excuse() says why a difference doesn't count, or
	 * NULL; is_judged(), whether an event that is only in one of both
	 * does.
	 */
	const char *(*excuse)(void *arg, struct arena *a,
	    const struct divergence *d, const struct divergence_side *old,
	    const struct divergence_side *new);
	bool (*is_judged)(void *arg, struct arena *a, enum pairing_side side,
	    const struct divergence_side *event);
	void *arg;

	/* Fates of events; each is malloc'ed, and kept until the end. */
	struct versus_fate *fates;
	size_t fates_n;
};

/* An event as it was read. */
struct versus_event {
	const char *source; /* for messages, and where it has no origin */
	uint64_t line;
	const char *text;
	size_t len;
	struct value root, history;
};

/* Before the first event; STATUS_OK, or the status after a complaint. */
int versus_init(struct versus *v, const struct settings *set);
void versus_release(struct versus *v);

/*
 * Read a line into the arena; false after a complaint where it is no event
 * as it must be.
 */
bool versus_read(struct versus *v, struct arena *a, const char *source,
    uint64_t line, const char *text, size_t len, struct versus_event *e);

/* Give the next event of a side; what is found is written to out. */
void versus_put(struct versus *v, struct arena *a, struct buf *out,
    enum pairing_side side, const struct versus_event *e);

/* The same for a line of a second file. */
void versus_put_line(struct versus *v, struct buf *out, enum pairing_side side,
    const char *source, uint64_t line, const char *text, size_t len);

/*
 * Note what a line of another output of a side's run (--else, rejects) says
 * of events that the side lacks; name is the file's.
 */
void versus_note_line(struct versus *v, enum pairing_side side,
    const char *name, uint64_t line, const char *text, size_t len);

/* The same of a whole file. */
void versus_note_file(struct versus *v, const struct settings *set,
    enum pairing_side side, const char *path);

/* Write what has no other. */
void versus_rest(struct versus *v, struct buf *out);

#endif
