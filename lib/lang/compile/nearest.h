/*
 * nearest - the known name that an unknown one may stand for.
 */
#ifndef LANG_COMPILE_NEAREST_H
#define LANG_COMPILE_NEAREST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nearest {
	const char *name; /* that was asked for */
	uint32_t len;
	uint32_t args;
	char best[64]; /* as in "length/0"; empty where none is near */
	unsigned distance;
	bool same;          /* best has the very name, but other arguments */
	uint32_t best_args; /* of best */
	uint64_t arities;   /* bit n: the very name takes n arguments */
};

/* Take a known name into account; arg is a struct nearest. */
void nearest_consider(void *arg, const char *name, uint32_t args);

/*
 * How far apart two names are: slips (a letter more, less, other, or two
 * that changed places), case and underscores not counted; 99 where they are
 * too long.
 */
unsigned nearest_distance(
    const char *a, size_t a_len, const char *b, size_t b_len);

#endif
