#include <string.h>

#include "render/svg_parts.h"
#include "render/svg_text.h"

/* --- arrows --- */

void
svg_put_time(const struct svg_picture *p, const struct graph_arrow *w)
{
	char span[TERMINAL_DURATION];
	double u, v;

	if (w->times.count == 0 || sankey_ends(w) ||
	    sankey_goes_back(&p->flow, w) ||
	    p->flow.spot[w->to].lane != p->flow.spot[w->from].lane ||
	    p->flow.spot[w->to].layer != p->flow.spot[w->from].layer + 1)
		return;
	terminal_duration(span, (int64_t)histogram_at(&w->times, 0.5), true);
	u = svg_along(p, w->to);
	v = svg_across(p, w->to);
	if (p->down)
		svg_start_text(p, "s dim end", v - 8, u - 6);
	else
		svg_start_text(p, "s dim mid", u - p->is.step / 2.0, v - 9);
	buf_printf(p->out, "%s</text>\n", span);
}

/* Once around, for what goes back to an earlier stage. */
static void
put_back(const struct svg_picture *p, const struct graph_arrow *w)
{
	double u1 = svg_along(p, w->from), u2 = svg_along(p, w->to);
	double v1 = svg_across(p, w->from) + p->is.band;
	double v2 = svg_across(p, w->to) + p->is.band;
	double far = (v1 > v2 ? v1 : v2) + 34;

	buf_puts(p->out, "<path class=\"back\" d=\"");
	svg_point(p, "M", u1, v1);
	svg_curve(p, (double[]){u1, far, u2, far, u2, v2});
	buf_puts(p->out, "\"><title>");
	graph_number(p->out, w->events);
	buf_puts(p->out, " went back</title></path>\n");
}

/* Of two that lead to one place: what comes from near is straight. */
static bool
enters_before(const struct svg_picture *p, const struct graph_arrow *x,
    const struct graph_arrow *y)
{
	const struct sankey_spot *a = &p->flow.spot[x->from],
				 *b = &p->flow.spot[y->from];

	if (a->lane != b->lane)
		return a->lane < b->lane;
	return a->layer != b->layer ? a->layer > b->layer : x < y;
}

/* The part of the band at its end that others take before it. */
static double
entered_before(const struct svg_picture *p, const struct graph_arrow *w)
{
	double v = 0;

	for (uint16_t i = 0; i < p->g->arrows; i++) {
		const struct graph_arrow *x = p->g->arrow[i];

		if (x != w && x->to == w->to &&
		    !sankey_goes_back(&p->flow, x) && enters_before(p, x, w))
			v += svg_width_of(p, sankey_passed(&p->flow, x));
	}
	return v;
}

static void
put_arrow(struct svg_picture *p, const struct graph_arrow *w)
{
	double width = svg_width_of(p, sankey_passed(&p->flow, w));
	double in = entered_before(p, w);
	double *from = &p->out_at[w->from];
	struct svg_ends e = {svg_along(p, w->from),
	    svg_across(p, w->from) + *from,
	    sankey_ends(w) ? svg_along_end(p) : svg_along(p, w->to),
	    (sankey_ends(w) ? svg_lane_at(p, 0) : svg_across(p, w->to)) + in};

	if (sankey_goes_back(&p->flow, w)) {
		put_back(p, w);
		return;
	}
	svg_put_band(
	    p, w->ending == ENDING_NONE ? "band" : "band branch", e, width);
	if (*from <= 0 && in <= 0 && e.v1 <= e.v2 && e.v1 >= e.v2)
		svg_segment(p, "top", e.u1, e.v1, e.u2, e.v2);
	*from += width;
}

/* Is x drawn before y, nearer to the labels?  Straight ones are. */
static bool
precedes(const struct svg_picture *p, const struct graph_arrow *x,
    const struct graph_arrow *y)
{
	const struct graph_arrow *w[2] = {x, y};
	unsigned key[2][3];

	for (int i = 0; i < 2; i++) {
		bool end = sankey_ends(w[i]);

		key[i][0] = w[i]->ending != ENDING_NONE;
		key[i][1] = end ? 0 : p->flow.spot[w[i]->to].lane;
		key[i][2] = end ? UINT16_MAX : p->flow.spot[w[i]->to].layer;
	}
	for (int k = 0; k < 3; k++)
		if (key[0][k] != key[1][k])
			return key[0][k] < key[1][k];
	return false;
}

/* By layer and lane of where they start, then as precedes() has it. */
void
svg_put_arrows(struct svg_picture *p)
{
	const struct graph_arrow *list[GRAPH_ARROWS];

	for (unsigned place = 0;
	     place < (unsigned)p->flow.layers * p->flow.lanes; place++) {
		size_t n = 0, k;

		for (uint16_t i = 0; i < p->g->arrows; i++) {
			const struct graph_arrow *w = p->g->arrow[i];
			const struct sankey_spot *s = &p->flow.spot[w->from];

			if (s->layer != place / p->flow.lanes ||
			    s->lane != place % p->flow.lanes)
				continue;
			for (k = n++; k > 0 && precedes(p, w, list[k - 1]); k--)
				list[k] = list[k - 1];
			list[k] = w;
		}
		for (k = 0; k < n; k++)
			put_arrow(p, list[k]);
	}
}

/* --- sources and the end --- */

static uint64_t
lines_of(const struct svg_picture *p, const struct graph_source *s)
{
	return p->flow.missing > 0 && !s->vague ? s->last - s->first + 1
						: s->met;
}

void
svg_put_sources(struct svg_picture *p)
{
	uint16_t first = 0;
	uint64_t total = 0;
	double v, u = p->start - 20, all;

	for (uint16_t i = 0; i < p->g->meter.n; i++)
		if (p->flow.spot[i].layer == 0 &&
		    sankey_came(&p->flow, i) > sankey_came(&p->flow, first))
			first = i;
	for (uint16_t i = 0; i < p->g->sources; i++)
		total += lines_of(p, p->g->source[i]);
	all = svg_width_of(p, sankey_came(&p->flow, first));
	v = svg_across(p, first);
	for (uint16_t i = 0; i < p->g->sources && total > 0; i++) {
		const struct graph_source *s = p->g->source[i];
		double w = all * (double)lines_of(p, s) / (double)total;
		double x = p->down ? 24 : u - 8;
		double y =
		    p->down ? 34 + 18 * i : v + 10 + (w > 36 ? w / 2 - 8 : 0);

		svg_put_band(p, "band",
		    (struct svg_ends){u, v + (i == 0 ? 0 : 1), u + 20, v}, w);
		if (!p->down && y < svg_lane_at(p, 0) + 10 + 34 * i)
			y = svg_lane_at(p, 0) + 10 + 34 * i;
		v += w;
		svg_start_text(p, p->down ? "s" : "s end", x, y);
		svg_text_fit(p->out,
		    strcmp(s->name, "-") == 0 ? "standard input" : s->name,
		    p->down ? 200 : 118, SVG_SMALL);
		if (p->down)
			buf_puts(p->out, " <tspan class=\"dim\">");
		else
			buf_puts(p->out, "</text>\n");
		if (!p->down)
			svg_start_text(p, "s dim end", x, y + 16);
		graph_number(p->out, lines_of(p, s));
		buf_puts(p->out, p->down ? "</tspan></text>\n" : "</text>\n");
	}
}

void
svg_put_end(const struct svg_picture *p)
{
	double u = svg_along_end(p), v = svg_lane_at(p, 0);
	double x = p->down ? v - p->is.label + 24 : u + 10;
	double y = p->down ? u + 18 : v - 54;

	svg_segment(p, "pole", u, v - (p->down ? p->is.label - 24 : 32), u,
	    v + svg_width_of(p, p->g->meter.out) + 2);
	svg_start_text(p, "name", x, y);
	buf_puts(p->out, "OUT</text>\n");
	svg_start_text(p, "s dim", x, y + 16);
	graph_number(p->out, p->g->meter.out);
	buf_puts(p->out, "</text>\n");
}
