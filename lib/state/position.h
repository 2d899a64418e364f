/*
 * position - how far each source has come.
 *
 * A position is a number that grows (a line, or an offset), then the fork
 * path: which of the events it is that stages made of the one at that
 * number.  What stands at or below the position that was found at the start
 * is a repeat; below one that was met since then, its source went back.
 */
#ifndef STATE_POSITION_H
#define STATE_POSITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { POSITION_FORKS = 16 }; /* forks in a row that are told apart */

struct position {
	int64_t number;
	uint32_t forks_n;
	uint32_t forks[POSITION_FORKS];
};

/* Below, equal or above 0, as x stands before, at or behind y. */
int position_compare(const struct position *x, const struct position *y);

enum { POSITION_TEXT = POSITION_FORKS * 11 + 1 };

/* The fork path as text: "2/1"; its length.  And read again. */
size_t position_forks_text(const struct position *p, char out[POSITION_TEXT]);
bool position_forks_read(struct position *p, const char *text, size_t len);

struct positions;

/* NULL where memory is missing. */
struct positions *positions_new(void);
void positions_free(struct positions *p);

enum position_status {
	POSITION_NEW,    /* positions_note() notes it */
	POSITION_REPEAT, /* folded already, before this run */
	POSITION_BACK,   /* behind one of this run: *last */
	POSITION_NO_MEMORY,
};

/* Judge the next event of a source. */
enum position_status positions_judge(struct positions *p, const char *source,
    size_t len, const struct position *at, struct position *last);

/* The event that was judged last, and new, is folded. */
void positions_note(struct positions *p);

/* What a state says that was folded before this run; false without memory. */
bool positions_found(struct positions *p, const char *source, size_t len,
    const struct position *at);

/* The same where it was read from elsewhere: positions_changes() tells it. */
bool positions_adopt(struct positions *p, const char *source, size_t len,
    const struct position *at);

/* Call each with the sources whose position has changed since the last call. */
typedef bool positions_each(
    void *arg, const char *source, size_t len, const struct position *at);
bool positions_changes(struct positions *p, positions_each *each, void *arg);

#endif
