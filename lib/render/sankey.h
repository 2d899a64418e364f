/*
 * sankey - where the stages of a graph stand in a picture of it.
 *
 * A stage stands in a layer behind all that lead to it, as far as there is no
 * circle, and in the lane of what leads to it; stages that share a layer have
 * lanes of their own.
 */
#ifndef RENDER_SANKEY_H
#define RENDER_SANKEY_H

#include <stdbool.h>
#include <stdint.h>

#include "render/graph.h"

struct sankey_spot {
	uint16_t place; /* in the order of the pipeline */
	uint16_t layer, lane;
	double order;     /* the mean lane of what leads to it */
	uint64_t missing; /* of what came, what is in none of the files */
};

struct sankey {
	const struct graph *g;
	struct sankey_spot spot[METER_STAGES];
	uint16_t layers, lanes;
	uint64_t most;    /* that came to a stage */
	uint64_t missing; /* events that are in none of the files, */
	int at;           /* and the stage that they are drawn at; or -1 */
	bool blamed;      /* it is the one that must have dropped them */
};

/* Lay the graph's stages out in columns and bands. */
void sankey_arrange(struct sankey *f, const struct graph *g);

/* Does an arrow lead to the end, or back to an earlier stage? */
bool sankey_ends(const struct graph_arrow *w);
bool sankey_goes_back(const struct sankey *f, const struct graph_arrow *w);

/* Events that came to a stage, with those that are missing behind it. */
uint64_t sankey_came(const struct sankey *f, uint16_t stage);

/* Events of an arrow, with the same. */
uint64_t sankey_passed(const struct sankey *f, const struct graph_arrow *w);

#endif
