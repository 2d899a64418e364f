/*
 * coproc_state - a coprocess as the files of the source see it: coproc.c asks
 * and finds, coproc_spell.c has the texts of requests and answers, and
 * coproc_wait.c sends, and waits.
 */
#ifndef SOURCE_COPROC_STATE_H
#define SOURCE_COPROC_STATE_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "source/cache.h"
#include "source/channel.h"
#include "source/source.h"

enum {
	COPROC_PATIENCE = 5 * 1000000, /* microseconds that an end may take */
};

struct coproc {
	struct source source;
	const struct source_options *options;
	struct channels all;
	struct channel *channel;
	size_t channels_n;
	struct pollfd *polled;
	struct cache *cache;
	struct arena arena;
	struct value origin, *columns;
	size_t columns_n;
	struct buf text, answer; /* of the request in hand */
	uint64_t hash;           /* of that text */
	uint64_t timeouts;
	bool told_quiet;
	int64_t ends; /* microseconds: it was asked to; 0: it wasn't */
	char error[SOURCE_NOTE];
};

/* Nothing can be answered any more; c->all.broken says why. */
bool coproc_is_broken(const struct coproc *c);

/* Spell a request on one line, c->text; false: c->error says why it isn't. */
bool coproc_spell(
    struct coproc *c, struct arena *a, const struct source_query *q);

/* What came of a request; since is when it was looked for in the cache. */
enum source_status coproc_conclude(struct coproc *c, struct arena *a,
    const struct request *r, uint64_t since, struct source_rows *rows);

/* What an answer says. */
enum source_status coproc_read_answer(struct coproc *c, struct arena *a,
    const struct buf *answer, struct source_rows *rows);

/* May more be asked ahead? */
bool coproc_wants_more(const struct coproc *c);

/* How many requests are sent, and not answered. */
size_t coproc_under_way(const struct coproc *c);

/* Ask for more events, and send that; false where none follow. */
bool coproc_top_up(struct coproc *c, const struct source_query *q);

/* Wait until a request has come to an end; false where its time is over. */
bool coproc_await(
    struct coproc *c, const struct source_query *q, const struct request *r);

#endif
