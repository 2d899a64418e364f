/*
 * ms-trace graph - the pipeline that the events went through, as a graph.
 */
#include <string.h>

#include "driver/complain.h"
#include "frame.h"
#include "history/ending.h"
#include "render/graph.h"
#include "readers.h"
#include "value/array.h"

struct drawing {
	struct frame frame;
	struct graph graph;
	const char *key; /* the member that is the history */
	void (*write)(struct buf *out, const struct graph *g);
};

static const struct option_spec options[] = {
    {'T', "type", "TYPE", "dot, mermaid or svg (dot)"},
    {0, NULL, NULL, NULL},
};

static int
option(void *arg, int id, const char *value)
{
	static const struct {
		const char *name;
		void (*write)(struct buf *out, const struct graph *g);
	} TYPES[] = {
	    {"dot", graph_dot}, {"mermaid", graph_mermaid}, {"svg", graph_svg}};
	struct drawing *d = arg;

	(void)id;
	for (size_t i = 0; i < sizeof(TYPES) / sizeof(*TYPES); i++) {
		if (strcmp(value, TYPES[i].name) != 0)
			continue;
		d->write = TYPES[i].write;
		return 0;
	}
	return usage_wrong(
	    &d->frame.command, "-T: '%s' is none of dot, mermaid, svg", value);
}

static int
start(struct settings *set, void *arg)
{
	struct drawing *d = arg;

	d->key = set->lineage_key;
	d->graph.partial = d->frame.id != NULL || d->frame.where != NULL;
	return STATUS_OK;
}

static enum verdict
draw(struct event *ev, void *arg)
{
	struct drawing *d = arg;
	struct value history = ev->history;
	const char *file = strcmp(ev->source, "-") == 0 ? NULL : ev->source;
	struct reject_line r;

	if (array_length(history) == 0 &&
	    ending_read_reject(ev->arena, ev->root, d->key, &r))
		history = r.history;
	graph_event(&d->graph, ev->arena, history, file);
	return VERDICT_WRITTEN;
}

static void
finish(void *arg, struct buf *out)
{
	struct drawing *d = arg;

	d->write(out, &d->graph);
	d->graph.others += d->graph.meter.others;
	if (d->graph.others > 0)
		complain("ms-trace",
		    "%llu steps are not in the graph: it has no more room",
		    (unsigned long long)d->graph.others);
}

static void
release(void *arg)
{
	struct drawing *d = arg;

	graph_release(&d->graph);
}

static const struct subcommand subcommand = {
    .name = "graph",
    .synopsis = "graph [options] [file ...]",
    .summary = "Draw the pipeline that the events went through.",
    .parts = FRAME_PICKS | FRAME_DOCUMENT | FRAME_WHOLE,
    .options = options,
    .option = option,
    .start = start,
    .event = draw,
    .finish = finish,
    .release = release,
};

int
trace_graph(int argc, char **argv)
{
	struct drawing d = {.write = graph_dot};

	return frame_main(&subcommand, &d.frame, argc, argv);
}
