/*
 * nearest - the known name that an unknown one may stand for.
 */
#ifndef LANG_COMPILE_NEAREST_H
#define LANG_COMPILE_NEAREST_H

#include <stdint.h>

struct nearest {
	const char *name; /* that was asked for */
	uint32_t len;
	uint32_t args;
	char best[64];
	unsigned distance;
};

/* Take a known name into account; arg is a struct nearest. */
void nearest_consider(void *arg, const char *name, uint32_t args);

#endif
