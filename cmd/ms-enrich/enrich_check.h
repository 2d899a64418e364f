/*
 * enrich_check - do the options go together, and what is missing?
 */
#ifndef ENRICH_CHECK_H
#define ENRICH_CHECK_H

#include "driver/driver.h"
#include "enricher.h"

struct enrich {
	struct enricher enricher;
	const char *keys[SOURCE_KEYS];
	uint64_t given; /* bits of options, by their place in the table */
};

enum {
	AS = 256,
	MERGE,
	COLUMNS,
	MISS,
	DEFAULT,
	EACH,
	ALL,
	REPEATED,
	MATCH,
	AS_OF,
	VALID,
	STRINGS,
	TYPES,
	SEPARATOR,
	FOLLOW,
	WHEN,
	REFRESH,
	CHECK,
	SQL,
	MMDB,
	BIND,
	COPROC,
	SEND,
	SEND_TEXT,
	IN_FLIGHT,
	CACHE,
	CACHE_TTL,
	TIMEOUT,
};

extern const struct command enrich_command;

/* Was an option given? */
bool enrich_was_given(const struct enrich *e, int id);

/* Read what the keys say, once all options are known; -1 after a complaint. */
int enrich_check(struct enrich *e, const struct settings *set);

#endif
