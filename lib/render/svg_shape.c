#include "render/svg_parts.h"

double
svg_along(const struct svg_picture *p, uint16_t stage)
{
	return p->start + p->flow.spot[stage].layer * p->is.step;
}

double
svg_along_end(const struct svg_picture *p)
{
	return p->start + p->flow.layers * p->is.step;
}

double
svg_lane_at(const struct svg_picture *p, int lane)
{
	return p->before + p->is.label +
	    lane * (p->is.table + p->is.label + p->is.band + p->is.behind);
}

double
svg_across(const struct svg_picture *p, uint16_t stage)
{
	return svg_lane_at(p, p->flow.spot[stage].lane);
}

/* How wide the band of so many events is. */
double
svg_width_of(const struct svg_picture *p, uint64_t n)
{
	double w = p->flow.most == 0
	    ? 0
	    : (double)n * p->is.band / (double)p->flow.most;

	return n > 0 && w < 1.5 ? 1.5 : w;
}

/* A letter of a path, and a point. */
void
svg_point(const struct svg_picture *p, const char *letter, double u, double v)
{
	buf_printf(
	    p->out, "%s%.1f %.1f", letter, p->down ? v : u, p->down ? u : v);
}

void
svg_curve(const struct svg_picture *p, const double c[6])
{
	svg_point(p, "C", c[0], c[1]);
	svg_point(p, " ", c[2], c[3]);
	svg_point(p, " ", c[4], c[5]);
}

void
svg_segment(const struct svg_picture *p, const char *class, double u1,
    double v1, double u2, double v2)
{
	buf_printf(p->out, "<path class=\"%s\" d=\"", class);
	svg_point(p, "M", u1, v1);
	svg_point(p, "L", u2, v2);
	buf_puts(p->out, "\"/>\n");
}

/* A band between two points; where it changes its lane, as late as it can. */
void
svg_put_band(
    const struct svg_picture *p, const char *class, struct svg_ends e, double w)
{
	double turn = e.u2 - e.u1 > p->is.step ? e.u2 - p->is.step : e.u1;
	double m = (turn + e.u2) / 2;

	buf_printf(p->out, "<path class=\"%s\" d=\"", class);
	svg_point(p, "M", e.u1, e.v1);
	svg_point(p, "L", turn, e.v1);
	if (e.v1 > e.v2 || e.v1 < e.v2)
		svg_curve(p, (double[]){m, e.v1, m, e.v2, e.u2, e.v2});
	else
		svg_point(p, "L", e.u2, e.v2);
	svg_point(p, "L", e.u2, e.v2 + w);
	if (e.v1 > e.v2 || e.v1 < e.v2)
		svg_curve(
		    p, (double[]){m, e.v2 + w, m, e.v1 + w, turn, e.v1 + w});
	svg_point(p, "L", e.u1, e.v1 + w);
	buf_puts(p->out, "Z\"/>\n");
}

/* What leaves the band at its far edge: a bend of width w up to v2. */
void
svg_put_bend(const struct svg_picture *p, const char *class, double u, double v,
    double w, double inner, double v2)
{
	double far = inner + w, k = 0.45;

	buf_printf(p->out, "<path class=\"%s\" d=\"", class);
	svg_point(p, "M", u, v);
	svg_curve(p,
	    (double[]){
		u + far * (1 - k), v, u + far, v + far * k, u + far, v + far});
	svg_point(p, "L", u + far, v2);
	svg_point(p, "L", u + inner, v2);
	svg_point(p, "L", u + inner, v + far);
	svg_curve(p,
	    (double[]){u + inner, v + w + inner * k, u + inner * (1 - k), v + w,
		u, v + w});
	buf_puts(p->out, "Z\"/>\n");
}

void
svg_start_text(
    const struct svg_picture *p, const char *class, double x, double y)
{
	buf_printf(
	    p->out, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">", class, x, y);
}
