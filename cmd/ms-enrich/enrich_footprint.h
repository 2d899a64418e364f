/*
 * enrich_footprint - what a join reads and writes, for a policy.
 */
#ifndef ENRICH_FOOTPRINT_H
#define ENRICH_FOOTPRINT_H

#include "driver/footprint.h"

/* arg is a struct enricher, whose source may be open. */
void enrich_footprint(struct footprint *f, void *arg);

#endif
