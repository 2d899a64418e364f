/*
 * A graph as SVG.  Boxes stand in layers from top to bottom: each below
 * all that lead to it, as far as there is no circle; in a layer they stand
 * in the order of what leads to them.
 */
#include <stdio.h>
#include <string.h>

#include "render/graph.h"

enum {
	WIDTH = 260, /* of a box; in pixels, as all of these */
	HEIGHT = 62,
	ACROSS = 40, /* between boxes */
	DOWN = 64,   /* between layers */
	EDGE = 16,
};

struct spot {
	uint16_t layer;
	double order; /* in its layer: at first any number that sorts */
	int x, y;     /* of the box's left upper corner */
};

struct picture {
	const struct graph *g;
	struct spot spot[GRAPH_BOXES];
	uint16_t layers, widest;
};

static bool
feeds(const struct picture *p, const struct graph_arrow *w)
{
	return p->g->box[w->from]->kind == GRAPH_TABLE;
}

/* The longest way down; arrows of a circle stop to push in the end. */
static void
place_layers(struct picture *p)
{
	const struct graph *g = p->g;
	bool moved = true;

	for (uint16_t round = 0; moved && round < g->boxes; round++) {
		moved = false;
		for (uint16_t i = 0; i < g->arrows; i++) {
			const struct graph_arrow *w = g->arrow[i];
			uint16_t below = (uint16_t)(p->spot[w->from].layer + 1);

			if (p->spot[w->to].layer >= below ||
			    below >= g->boxes || w->to == w->from)
				continue;
			p->spot[w->to].layer = below;
			moved = true;
		}
	}
	/* A table stands right above its first stage. */
	for (uint16_t i = 0; i < g->arrows; i++)
		if (feeds(p, g->arrow[i]) && p->spot[g->arrow[i]->to].layer > 0)
			p->spot[g->arrow[i]->from].layer =
			    (uint16_t)(p->spot[g->arrow[i]->to].layer - 1);
}

/* A box's place is the mean of those that lead to it. */
static void
place_order(struct picture *p, uint16_t layer)
{
	const struct graph *g = p->g;

	for (uint16_t i = 0; i < g->boxes; i++) {
		double sum = 0, n = 0;

		if (p->spot[i].layer != layer)
			continue;
		for (uint16_t k = 0; k < g->arrows; k++) {
			const struct graph_arrow *w = g->arrow[k];

			if (w->to != i || feeds(p, w) ||
			    p->spot[w->from].layer >= layer)
				continue;
			sum += p->spot[w->from].order;
			n++;
		}
		p->spot[i].order = n > 0 ? sum / n : i;
		if (g->box[i]->kind != GRAPH_STAGE)
			p->spot[i].order += 0.5;
	}
}

static bool
stands_before(const struct picture *p, uint16_t i, uint16_t k)
{
	const struct spot *a = &p->spot[i], *b = &p->spot[k];

	return a->layer == b->layer &&
	    (a->order < b->order || (a->order <= b->order && i < k));
}

static void
arrange(struct picture *p)
{
	uint16_t column[GRAPH_BOXES] = {0}, count[GRAPH_BOXES] = {0};
	const struct graph *g = p->g;

	place_layers(p);
	for (uint16_t layer = 0; layer < g->boxes; layer++) {
		place_order(p, layer);
		for (uint16_t i = 0; i < g->boxes; i++) {
			if (p->spot[i].layer != layer)
				continue;
			count[layer]++;
			for (uint16_t k = 0; k < g->boxes; k++)
				column[i] = (uint16_t)(column[i] +
				    stands_before(p, k, i));
			p->layers = (uint16_t)(layer + 1);
		}
		for (uint16_t i = 0; i < g->boxes; i++)
			if (p->spot[i].layer == layer)
				p->spot[i].order = column[i];
		if (count[layer] > p->widest)
			p->widest = count[layer];
	}
	for (uint16_t i = 0; i < g->boxes; i++) {
		struct spot *s = &p->spot[i];
		int free = p->widest - count[s->layer];

		s->x = EDGE + column[i] * (WIDTH + ACROSS) +
		    free * (WIDTH + ACROSS) / 2;
		s->y = EDGE + s->layer * (HEIGHT + DOWN);
	}
}

static void
svg_char(struct buf *out, char c)
{
	if (strchr("<>&\"'", c) != NULL)
		buf_printf(out, "&#%d;", (int)(unsigned char)c);
	else
		buf_putc(out, c);
}

static void
draw_box(struct buf *out, const struct picture *p, uint16_t i)
{
	static const char *const CLASSES[] = {[GRAPH_STAGE] = "stage",
	    [GRAPH_TABLE] = "table",
	    [GRAPH_ELSE] = "away"};
	const struct graph_box *b = p->g->box[i];
	int x = p->spot[i].x, y = p->spot[i].y;

	buf_printf(out,
	    "<g class=\"%s\"><rect x=\"%d\" y=\"%d\" width=\"%d\" "
	    "height=\"%d\" rx=\"%d\"/><text class=\"title\" x=\"%d\" "
	    "y=\"%d\">",
	    CLASSES[b->kind], x, y, WIDTH, HEIGHT,
	    b->kind == GRAPH_TABLE ? 24 : 4, x + WIDTH / 2, y + 18);
	graph_title(out, b, 24, svg_char);
	buf_printf(
	    out, "</text><text x=\"%d\" y=\"%d\">", x + WIDTH / 2, y + 35);
	graph_text(out, b->rule, 36, svg_char);
	buf_printf(
	    out, "</text><text x=\"%d\" y=\"%d\">", x + WIDTH / 2, y + 52);
	graph_events(out, b);
	buf_puts(out, "</text></g>\n");
}

struct stroke {
	int x1, y1, x2, y2;
	bool up; /* back up, around the right */
};

static struct stroke
stroke_of(const struct picture *p, const struct graph_arrow *w)
{
	const struct spot *from = &p->spot[w->from], *to = &p->spot[w->to];
	struct stroke l = {from->x + WIDTH / 2, from->y + HEIGHT,
	    to->x + WIDTH / 2, to->y, to->layer <= from->layer};

	if (l.up) {
		l.x1 = l.x2 = (from->x > to->x ? from->x : to->x) + WIDTH;
		l.y1 -= HEIGHT / 2;
		l.y2 += HEIGHT / 2;
	}
	return l;
}

static void
draw_arrow(struct buf *out, const struct picture *p, uint16_t i)
{
	const struct graph_arrow *w = p->g->arrow[i];
	struct stroke l = stroke_of(p, w);
	int right = l.up ? ACROSS : 0, down = l.up ? 0 : DOWN / 2;

	buf_printf(out, "<path%s d=\"M%d %dC%d %d %d %d %d %d\"/>\n",
	    w->away ? " class=\"away\"" : "", l.x1, l.y1, l.x1 + right,
	    l.y1 + down, l.x2 + right, l.y2 - down, l.x2, l.y2);
}

/* After all arrows, so that none strikes it through. */
static void
draw_count(struct buf *out, const struct picture *p, uint16_t i)
{
	struct stroke l = stroke_of(p, p->g->arrow[i]);

	buf_printf(out, "<text class=\"count\" x=\"%d\" y=\"%d\">",
	    (l.x1 + l.x2) / 2 + 6, (l.y1 + l.y2) / 2 + 4);
	graph_count(out, p->g->arrow[i]);
	buf_puts(out, "</text>\n");
}

void
graph_svg(struct buf *out, const struct graph *g)
{
	struct picture p = {.g = g, .widest = 1, .layers = 1};

	arrange(&p);
	buf_printf(out,
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
	    "width=\"%d\" height=\"%d\" role=\"img\">\n",
	    p.widest * (WIDTH + ACROSS) + 2 * EDGE,
	    p.layers * (HEIGHT + DOWN) + EDGE,
	    p.widest * (WIDTH + ACROSS) + 2 * EDGE,
	    p.layers * (HEIGHT + DOWN) + EDGE);
	buf_puts(out,
	    "<title>The pipeline</title><style>"
	    "svg{color:#222;background:#fff;font:12px sans-serif}"
	    "rect{fill:#f4f6f8;stroke:currentColor}"
	    ".table rect{fill:#e6f0e6}.away rect{fill:none;stroke-dasharray:4}"
	    "text{fill:currentColor;text-anchor:middle}"
	    ".title{font-weight:bold}.count{text-anchor:start;"
	    "paint-order:stroke;stroke:#fff;stroke-width:4px}"
	    "path{fill:none;stroke:currentColor;marker-end:url(#tip)}"
	    "path.away{stroke-dasharray:4}#tip path{fill:currentColor;"
	    "stroke:none}@media(prefers-color-scheme:dark){"
	    "svg{color:#ddd;background:#121212}.count{stroke:#121212}"
	    "rect{fill:#26292d}.table rect{fill:#24332a}}</style>"
	    "<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"8\" "
	    "refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" "
	    "orient=\"auto\"><path d=\"M0 0L8 4L0 8z\"/></marker></defs>\n");
	for (uint16_t i = 0; i < g->arrows; i++)
		draw_arrow(out, &p, i);
	for (uint16_t i = 0; i < g->arrows; i++)
		draw_count(out, &p, i);
	for (uint16_t i = 0; i < g->boxes; i++)
		draw_box(out, &p, i);
	buf_puts(out, "</svg>\n");
}
