#include <string.h>

#include "render/sankey.h"

/*
 * Does it lead onward to another stage?  Those that go back would make a
 * circle.
 */
static bool
joins(const struct sankey *f, const struct graph_arrow *w)
{
	return !sankey_ends(w) && f->spot[w->from].place < f->spot[w->to].place;
}

bool
sankey_ends(const struct graph_arrow *w)
{
	return w->to == GRAPH_END;
}

bool
sankey_goes_back(const struct sankey *f, const struct graph_arrow *w)
{
	return !sankey_ends(w) && !joins(f, w);
}

/* A stage's layer is behind all that lead to it. */
static void
place_layers(struct sankey *f)
{
	const struct graph *g = f->g;
	const struct meter_stage *order[METER_STAGES];

	meter_sort(&g->meter, order);
	for (uint16_t i = 0; i < g->meter.n; i++)
		f->spot[order[i]->number].place = i;
	for (size_t i = 0; i < g->meter.n; i++)
		for (uint16_t k = 0; k < g->arrows; k++) {
			const struct graph_arrow *w = g->arrow[k];
			uint16_t behind =
			    (uint16_t)(f->spot[w->from].layer + 1);

			if (w->from == order[i]->number && joins(f, w) &&
			    f->spot[w->to].layer < behind)
				f->spot[w->to].layer = behind;
		}
}

/* The mean lane of what leads to a stage; branches stand beside. */
static double
order_of(const struct sankey *f, uint16_t stage)
{
	double sum = 0, n = 0;

	for (uint16_t i = 0; i < f->g->arrows; i++) {
		const struct graph_arrow *w = f->g->arrow[i];

		if (w->to != stage || !joins(f, w))
			continue;
		sum += f->spot[w->from].lane + (w->ending != ENDING_NONE) * 0.5;
		n++;
	}
	return n > 0 ? sum / n : 0;
}

/* Stages that stand in a layer, by their order. */
static size_t
list_layer(struct sankey *f, uint16_t layer, uint16_t *list)
{
	size_t n = 0, k;

	for (uint16_t i = 0; i < f->g->meter.n; i++) {
		if (f->spot[i].layer != layer)
			continue;
		f->spot[i].order = order_of(f, i);
		for (k = n++;
		     k > 0 && f->spot[list[k - 1]].order > f->spot[i].order;
		     k--)
			list[k] = list[k - 1];
		list[k] = i;
	}
	return n;
}

static void
place_lanes(struct sankey *f)
{
	uint16_t list[METER_STAGES];

	for (uint16_t layer = 0; layer < f->g->meter.n; layer++) {
		size_t n = list_layer(f, layer, list);
		uint16_t lane = 0;

		for (size_t i = 0; i < n; i++) {
			struct sankey_spot *s = &f->spot[list[i]];

			if (lane < (uint16_t)s->order)
				lane = (uint16_t)s->order;
			s->lane = lane++;
		}
		if (n > 0)
			f->layers = (uint16_t)(layer + 1);
		if (lane > f->lanes)
			f->lanes = lane;
	}
}

/* The arrow by which most of the events came to a stage, or NULL. */
static const struct graph_arrow *
widest_to(const struct sankey *f, int stage)
{
	const struct graph_arrow *widest = NULL;

	for (uint16_t i = 0; i < f->g->arrows; i++) {
		const struct graph_arrow *w = f->g->arrow[i];

		if (w->to == stage && joins(f, w) &&
		    (widest == NULL || w->events > widest->events))
			widest = w;
	}
	return widest;
}

static uint16_t
first_stage(const struct sankey *f)
{
	const struct meter_stage *order[METER_STAGES];

	meter_sort(&f->g->meter, order);
	return order[0]->number;
}

/* What is missing came as far as the stage that dropped it. */
static void
place_missing(struct sankey *f)
{
	const struct graph_arrow *w;

	f->missing = graph_missing(f->g, &f->at);
	f->blamed = f->at >= 0;
	if (f->missing == 0 || f->g->meter.n == 0) {
		f->at = -1;
		return;
	}
	if (!f->blamed)
		f->at = first_stage(f);
	for (int i = f->at; i >= 0; i = w == NULL ? -1 : w->from) {
		f->spot[i].missing = f->missing;
		w = widest_to(f, i);
	}
}

void
sankey_arrange(struct sankey *f, const struct graph *g)
{
	memset(f, 0, sizeof(*f));
	f->g = g;
	f->at = -1;
	place_layers(f);
	place_lanes(f);
	place_missing(f);
	for (uint16_t i = 0; i < g->meter.n; i++)
		if (sankey_came(f, i) > f->most)
			f->most = sankey_came(f, i);
}

uint64_t
sankey_came(const struct sankey *f, uint16_t stage)
{
	return f->g->meter.stage[stage]->events + f->spot[stage].missing;
}

uint64_t
sankey_passed(const struct sankey *f, const struct graph_arrow *w)
{
	bool way = joins(f, w) && f->spot[w->from].missing > 0 &&
	    f->spot[w->to].missing > 0 && widest_to(f, w->to) == w;

	return w->events + (way ? f->missing : 0);
}
