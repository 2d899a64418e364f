/*
 * flow - where the stages of a graph stand in a picture of it.
 *
 * A stage stands in a layer behind all that lead to it, as far as there is no
 * circle, and in the lane of what leads to it; stages that share a layer have
 * lanes of their own.
 */
#ifndef RENDER_FLOW_H
#define RENDER_FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "render/graph.h"

struct flow_spot {
	uint16_t place; /* in the order of the pipeline */
	uint16_t layer, lane;
	double order;     /* the mean lane of what leads to it */
	uint64_t missing; /* of what came, what is in none of the files */
};

struct flow {
	const struct graph *g;
	struct flow_spot spot[METER_STAGES];
	uint16_t layers, lanes;
	uint64_t most;    /* that came to a stage */
	uint64_t missing; /* events that are in none of the files, */
	int at;           /* and the stage that they are drawn at; or -1 */
	bool blamed;      /* it is the one that must have dropped them */
};

void flow_arrange(struct flow *f, const struct graph *g);

/* Does an arrow lead to the end, or back to an earlier stage? */
bool flow_ends(const struct graph_arrow *w);
bool flow_goes_back(const struct flow *f, const struct graph_arrow *w);

/* Events that came to a stage, with those that are missing behind it. */
uint64_t flow_came(const struct flow *f, uint16_t stage);

/* Events of an arrow, with the same. */
uint64_t flow_passed(const struct flow *f, const struct graph_arrow *w);

#endif
