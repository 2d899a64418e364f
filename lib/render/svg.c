/*
 * A graph as SVG: a river of events, as wide as there are many.  Each stage
 * is a pole across it, with what it is beside; what is lost leaves to the
 * other side.  Few stages stand from left to right, many from top to bottom:
 * then the same picture has its axes swapped.
 *
 * In the code, "along" is the way that events go, "across" is across it.
 */
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "history/ending.h"
#include "render/sankey.h"
#include "render/svg_text.h"

enum {
	ACROSS_MOST = 9, /* layers that stand from left to right */
	EDGE = 24,
	RULE_LINES = 12, /* of a rule, in the list below */
	RULES_AT = 154,
	LEAST_WIDTH = 760,
	LOSSES = ENDINGS, /* ways to get lost, and missing */
};

/* Lengths of the two directions, in pixels. */
struct lengths {
	int step;   /* from pole to pole */
	int band;   /* of the most events, across */
	int label;  /* across, before the band: what a stage is */
	int behind; /* across, behind it: what is lost */
	int text;   /* room for a line of a label */
	int table;  /* across, before the label: for a table */
};

static const struct lengths WIDE = {164, 96, 104, 106, 148, 40};
static const struct lengths HIGH = {84, 64, 256, 270, 226, 0};

struct picture {
	struct sankey flow;
	const struct graph *g;
	struct buf *out;
	bool down; /* from top to bottom */
	struct lengths is;
	double start;  /* along: of the first pole */
	double before; /* across: above the labels of the first lane */
	double out_at[METER_STAGES]; /* of its band, taken so far */
	double width, height;
};

/* --- where --- */

static double
along(const struct picture *p, uint16_t stage)
{
	return p->start + p->flow.spot[stage].layer * p->is.step;
}

static double
along_end(const struct picture *p)
{
	return p->start + p->flow.layers * p->is.step;
}

static double
lane_at(const struct picture *p, int lane)
{
	return p->before + p->is.label +
	    lane * (p->is.table + p->is.label + p->is.band + p->is.behind);
}

static double
across(const struct picture *p, uint16_t stage)
{
	return lane_at(p, p->flow.spot[stage].lane);
}

/* How wide the band of so many events is. */
static double
width_of(const struct picture *p, uint64_t n)
{
	double w = p->flow.most == 0
	    ? 0
	    : (double)n * p->is.band / (double)p->flow.most;

	return n > 0 && w < 1.5 ? 1.5 : w;
}

/* --- shapes --- */

/* A letter of a path, and a point. */
static void
point(const struct picture *p, const char *letter, double u, double v)
{
	buf_printf(
	    p->out, "%s%.1f %.1f", letter, p->down ? v : u, p->down ? u : v);
}

static void
curve(const struct picture *p, const double c[6])
{
	point(p, "C", c[0], c[1]);
	point(p, " ", c[2], c[3]);
	point(p, " ", c[4], c[5]);
}

static void
segment(const struct picture *p, const char *class, double u1, double v1,
    double u2, double v2)
{
	buf_printf(p->out, "<path class=\"%s\" d=\"", class);
	point(p, "M", u1, v1);
	point(p, "L", u2, v2);
	buf_puts(p->out, "\"/>\n");
}

struct ends {
	double u1, v1, u2, v2; /* of the edge that lies nearer to the labels */
};

/* A band between two points; where it changes its lane, as late as it can. */
static void
put_band(const struct picture *p, const char *class, struct ends e, double w)
{
	double turn = e.u2 - e.u1 > p->is.step ? e.u2 - p->is.step : e.u1;
	double m = (turn + e.u2) / 2;

	buf_printf(p->out, "<path class=\"%s\" d=\"", class);
	point(p, "M", e.u1, e.v1);
	point(p, "L", turn, e.v1);
	if (e.v1 > e.v2 || e.v1 < e.v2)
		curve(p, (double[]){m, e.v1, m, e.v2, e.u2, e.v2});
	else
		point(p, "L", e.u2, e.v2);
	point(p, "L", e.u2, e.v2 + w);
	if (e.v1 > e.v2 || e.v1 < e.v2)
		curve(p, (double[]){m, e.v2 + w, m, e.v1 + w, turn, e.v1 + w});
	point(p, "L", e.u1, e.v1 + w);
	buf_puts(p->out, "Z\"/>\n");
}

/* What leaves the band at its far edge: a bend of width w up to v2. */
static void
put_bend(const struct picture *p, const char *class, double u, double v,
    double w, double inner, double v2)
{
	double far = inner + w, k = 0.45;

	buf_printf(p->out, "<path class=\"%s\" d=\"", class);
	point(p, "M", u, v);
	curve(p,
	    (double[]){
		u + far * (1 - k), v, u + far, v + far * k, u + far, v + far});
	point(p, "L", u + far, v2);
	point(p, "L", u + inner, v2);
	point(p, "L", u + inner, v + far);
	curve(p,
	    (double[]){u + inner, v + w + inner * k, u + inner * (1 - k), v + w,
		u, v + w});
	buf_puts(p->out, "Z\"/>\n");
}

/* --- stages --- */

/* How many events a stage did what it is for, in words. */
static void
put_amount(const struct picture *p, const struct meter_stage *s)
{
	uint64_t came = sankey_came(&p->flow, s->number), n = s->events;
	const char *words = " came";

	if (strcmp(s->op, "trace") == 0) {
		n = came;
		words = " came in";
	} else if (strcmp(s->op, "filter") == 0) {
		n = s->left[ENDING_NONE];
		if (p->flow.blamed && s->number != p->flow.at)
			n += p->flow.spot[s->number].missing;
		words = " passed";
	} else if (strcmp(s->op, "schema") == 0) {
		n = s->left[ENDING_NONE];
		words = " valid";
	} else if (strcmp(s->op, "enrich") == 0) {
		n = s->changed;
		words = " got a row";
	} else if (strcmp(s->op, "map") == 0) {
		n = s->changed;
		words = " changed";
	} else if (strcmp(s->op, "fold") == 0) {
		words = s->events == 1 ? " result" : " results";
	}
	graph_number(p->out, n);
	buf_puts(p->out, words);
	if (s->made > 0) {
		buf_puts(p->out, " of ");
		graph_number(p->out, s->made);
	} else if (s->forks > 0) {
		buf_puts(p->out, ", ");
		graph_number(p->out, s->forks);
		buf_puts(p->out, " by forks");
	}
}

static void
start_text(const struct picture *p, const char *class, double x, double y)
{
	buf_printf(
	    p->out, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">", class, x, y);
}

static void
put_label(const struct picture *p, const struct meter_stage *s)
{
	double u = along(p, s->number), v = across(p, s->number);
	double x = p->down ? v - p->is.label + 24 : u + 10;
	double y = p->down ? u + 18 : v - 72;
	const char *name = *s->name != '\0' ? s->name : s->op;
	bool both = *s->name != '\0' && *s->op != '\0';

	start_text(p, "name", x, y);
	svg_text_fit(p->out, *name == '\0' ? "?" : name,
	    p->is.text - (both ? svg_text_width(s->op, SVG_SMALL) + 5 : 0),
	    SVG_NAME);
	if (both) {
		buf_puts(p->out, " <tspan class=\"s dim\">");
		svg_text_fit(p->out, s->op, 80, SVG_SMALL);
		buf_puts(p->out, "</tspan>");
	}
	buf_puts(p->out, "</text>\n");
	start_text(p, *s->rule == '\0' ? "s dim" : "mono", x, y + 18);
	if (*s->rule != '\0')
		svg_text_fit(p->out, s->rule, p->is.text, SVG_MONO);
	else if (strcmp(s->op, "trace") == 0)
		buf_puts(p->out, "id and origin");
	buf_puts(p->out, "</text>\n");
	start_text(p, "s dim", x, y + 34);
	put_amount(p, s);
	buf_puts(p->out, "</text>\n");
}

static const struct graph_table *
table_of(const struct picture *p, uint16_t stage, uint16_t *more)
{
	const struct graph_table *first = NULL;

	*more = 0;
	for (uint16_t i = 0; i < p->g->tables; i++) {
		if (p->g->table[i]->stage != stage)
			continue;
		if (first == NULL)
			first = p->g->table[i];
		else
			++*more;
	}
	return first;
}

/* The table that a stage reads: a box over its pole, or below its label. */
static void
put_table(const struct picture *p, uint16_t stage)
{
	uint16_t more;
	const struct graph_table *t = table_of(p, stage, &more);
	double u = along(p, stage), v = across(p, stage);
	double x = p->down ? v - p->is.label + 24 : u - 1;
	double y = p->down ? u + 56 : v - p->is.label - 40;
	double w = p->is.step - 8;

	if (t == NULL)
		return;
	if (!p->down) {
		buf_printf(p->out,
		    "<rect class=\"table\" x=\"%.1f\" y=\"%.1f\" "
		    "width=\"%.1f\" height=\"24\" rx=\"4\"/>",
		    x, y, w);
		x += 9;
		y += 4;
		segment(p, "pole", u, v - p->is.label - 16, u, v - p->is.label);
	}
	buf_printf(p->out,
	    "<path class=\"grid\" d=\"M%.1f %.1fh10v9h-10zM%.1f "
	    "%.1fh10M%.1f %.1fv6\"/>",
	    x, y + 3.5, x, y + 6, x + 5, y + 6);
	start_text(p, "s", x + 16, y + 12);
	svg_text_fit(
	    p->out, t->name, p->down ? 140 : p->is.step - 100, SVG_SMALL);
	buf_puts(p->out, " <tspan class=\"dim\">");
	graph_rows(p->out, t);
	if (more > 0)
		buf_printf(p->out, ", and %u more", more);
	buf_puts(p->out, "</tspan></text>\n");
}

static void
put_stage(const struct picture *p, uint16_t stage)
{
	const struct meter_stage *s = p->g->meter.stage[stage];
	double u = along(p, stage), v = across(p, stage);

	buf_puts(p->out, "<g class=\"stage\"><title>");
	graph_title(p->out, s, SIZE_MAX, svg_text_char);
	if (*s->rule != '\0') {
		buf_puts(p->out, ": ");
		svg_text_lines(p->out, s->rule);
	}
	buf_puts(p->out, "</title>\n");
	segment(p, "pole", u, v - p->is.label + (p->down ? 24 : 0), u,
	    v + width_of(p, sankey_came(&p->flow, stage)) + 2);
	put_label(p, s);
	put_table(p, stage);
	buf_puts(p->out, "</g>\n");
}

/* --- arrows --- */

static void
put_time(const struct picture *p, const struct graph_arrow *w)
{
	char span[TERMINAL_DURATION];
	double u, v;

	if (w->times.count == 0 || sankey_ends(w) ||
	    sankey_goes_back(&p->flow, w) ||
	    p->flow.spot[w->to].lane != p->flow.spot[w->from].lane ||
	    p->flow.spot[w->to].layer != p->flow.spot[w->from].layer + 1)
		return;
	terminal_duration(span, (int64_t)histogram_at(&w->times, 0.5), true);
	u = along(p, w->to);
	v = across(p, w->to);
	if (p->down)
		start_text(p, "s dim end", v - 8, u - 6);
	else
		start_text(p, "s dim mid", u - p->is.step / 2.0, v - 9);
	buf_printf(p->out, "%s</text>\n", span);
}

/* Once around, for what goes back to an earlier stage. */
static void
put_back(const struct picture *p, const struct graph_arrow *w)
{
	double u1 = along(p, w->from), u2 = along(p, w->to);
	double v1 = across(p, w->from) + p->is.band;
	double v2 = across(p, w->to) + p->is.band;
	double far = (v1 > v2 ? v1 : v2) + 34;

	buf_puts(p->out, "<path class=\"back\" d=\"");
	point(p, "M", u1, v1);
	curve(p, (double[]){u1, far, u2, far, u2, v2});
	buf_puts(p->out, "\"><title>");
	graph_number(p->out, w->events);
	buf_puts(p->out, " went back</title></path>\n");
}

/* Of two that lead to one place: what comes from near is straight. */
static bool
enters_before(const struct picture *p, const struct graph_arrow *x,
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
entered_before(const struct picture *p, const struct graph_arrow *w)
{
	double v = 0;

	for (uint16_t i = 0; i < p->g->arrows; i++) {
		const struct graph_arrow *x = p->g->arrow[i];

		if (x != w && x->to == w->to &&
		    !sankey_goes_back(&p->flow, x) && enters_before(p, x, w))
			v += width_of(p, sankey_passed(&p->flow, x));
	}
	return v;
}

static void
put_arrow(struct picture *p, const struct graph_arrow *w)
{
	double width = width_of(p, sankey_passed(&p->flow, w));
	double in = entered_before(p, w);
	double *from = &p->out_at[w->from];
	struct ends e = {along(p, w->from), across(p, w->from) + *from,
	    sankey_ends(w) ? along_end(p) : along(p, w->to),
	    (sankey_ends(w) ? lane_at(p, 0) : across(p, w->to)) + in};

	if (sankey_goes_back(&p->flow, w)) {
		put_back(p, w);
		return;
	}
	put_band(
	    p, w->ending == ENDING_NONE ? "band" : "band branch", e, width);
	if (*from <= 0 && in <= 0 && e.v1 <= e.v2 && e.v1 >= e.v2)
		segment(p, "top", e.u1, e.v1, e.u2, e.v2);
	*from += width;
}

/* Is x drawn before y, nearer to the labels?  Straight ones are. */
static bool
precedes(const struct picture *p, const struct graph_arrow *x,
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
static void
put_arrows(struct picture *p)
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

/* --- losses --- */

struct loss {
	const char *class, *words;
	uint64_t n;
	const char *file; /* or NULL */
	bool more;
};

static size_t
list_losses(const struct picture *p, uint16_t stage, struct loss l[LOSSES])
{
	static const char *const CLASSES[ENDINGS] = {
	    "", "away", "rejected", "dropped"};
	const struct meter_stage *s = p->g->meter.stage[stage];
	size_t n = 0;

	for (int e = ENDING_AWAY; e < ENDINGS; e++) {
		const struct graph_file *f = &p->g->file[stage][e];

		if (s->lost[e] > 0)
			l[n++] = (struct loss){CLASSES[e],
			    ending_words((enum ending)e), s->lost[e], f->name,
			    f->more};
	}
	if (p->flow.at == stage && p->flow.missing > 0)
		l[n++] = (struct loss){"dropped", "dropped", p->flow.missing,
		    p->flow.blamed ? "not kept" : "not in these files", false};
	return n;
}

static void
put_loss_text(
    const struct picture *p, const struct loss *l, double x, double *y)
{
	bool words = l->file != NULL && strncmp(l->file, "not ", 4) == 0;

	buf_printf(p->out, "<text class=\"s %s-t\" x=\"%.1f\" y=\"%.1f\">",
	    l->class, x, *y);
	graph_number(p->out, l->n);
	buf_printf(p->out, " %s", l->words);
	*y += 16;
	if (l->file == NULL || l->more) {
		buf_puts(p->out, "</text>\n");
		return;
	}
	if (p->down) {
		buf_puts(p->out, " <tspan class=\"dim\">");
	} else {
		buf_puts(p->out, "</text>\n");
		start_text(p, "s dim", x, *y);
		*y += 18;
	}
	buf_puts(p->out, words ? "" : "→ ");
	svg_text_fit(p->out, l->file, 130, SVG_SMALL);
	buf_puts(p->out, p->down ? "</tspan></text>\n" : "</text>\n");
}

static void
put_losses(const struct picture *p, uint16_t stage)
{
	struct loss l[LOSSES];
	size_t n = list_losses(p, stage, l);
	double u = along(p, stage) + 2, v = across(p, stage);
	double end = v + p->is.band + 44, inner = 8;
	double x = p->down ? end + 8 : u + 8;
	double y = p->down ? u + 20 : end + 18;
	double at = p->out_at[stage], width = 0;

	for (size_t i = 0; i < n; i++)
		width += width_of(p, l[i].n);
	/* The nearest to the labels goes around all others. */
	for (size_t i = 0; i < n; i++) {
		double w = width_of(p, l[i].n);

		width -= w;
		put_bend(p, l[i].class, u, v + at, w, inner + width, end);
		at += w;
	}
	for (size_t i = 0; i < n; i++)
		put_loss_text(p, &l[i], x, &y);
}

/* --- sources and the end --- */

static uint64_t
lines_of(const struct picture *p, const struct graph_source *s)
{
	return p->flow.missing > 0 && !s->vague ? s->last - s->first + 1
						: s->met;
}

static void
put_sources(struct picture *p)
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
	all = width_of(p, sankey_came(&p->flow, first));
	v = across(p, first);
	for (uint16_t i = 0; i < p->g->sources && total > 0; i++) {
		const struct graph_source *s = p->g->source[i];
		double w = all * (double)lines_of(p, s) / (double)total;
		double x = p->down ? 24 : u - 8;
		double y =
		    p->down ? 34 + 18 * i : v + 10 + (w > 36 ? w / 2 - 8 : 0);

		put_band(p, "band",
		    (struct ends){u, v + (i == 0 ? 0 : 1), u + 20, v}, w);
		if (!p->down && y < lane_at(p, 0) + 10 + 34 * i)
			y = lane_at(p, 0) + 10 + 34 * i;
		v += w;
		start_text(p, p->down ? "s" : "s end", x, y);
		svg_text_fit(p->out, s->name, p->down ? 200 : 118, SVG_SMALL);
		if (p->down)
			buf_puts(p->out, " <tspan class=\"dim\">");
		else
			buf_puts(p->out, "</text>\n");
		if (!p->down)
			start_text(p, "s dim end", x, y + 16);
		graph_number(p->out, lines_of(p, s));
		buf_puts(p->out, p->down ? "</tspan></text>\n" : "</text>\n");
	}
}

static void
put_end(const struct picture *p)
{
	double u = along_end(p), v = lane_at(p, 0);
	double x = p->down ? v - p->is.label + 24 : u + 10;
	double y = p->down ? u + 18 : v - 54;

	segment(p, "pole", u, v - (p->down ? p->is.label - 24 : 32), u,
	    v + width_of(p, p->g->meter.out) + 2);
	start_text(p, "name", x, y);
	buf_puts(p->out, "OUT</text>\n");
	start_text(p, "s dim", x, y + 16);
	graph_number(p->out, p->g->meter.out);
	buf_puts(p->out, "</text>\n");
}

/* --- the rules --- */

/* All rules, whole as far as there is room, below the picture. */
static void
put_rules(struct picture *p, double y)
{
	const struct meter_stage *order[METER_STAGES];
	int columns = (int)((p->width - RULES_AT - EDGE) / 6.95);
	bool first = true;

	meter_sort(&p->g->meter, order);
	for (size_t i = 0; i < p->g->meter.n; i++) {
		const struct meter_stage *s = order[i];
		const char *line = s->rule;

		if (*line == '\0')
			continue;
		if (first)
			buf_printf(p->out,
			    "<path class=\"rule\" d=\"M%d %.0fH%.0f\"/>\n",
			    EDGE, y - 22, p->width - EDGE);
		first = false;
		start_text(p, "s name", EDGE, y);
		svg_text_fit(p->out, *s->name != '\0' ? s->name : s->op,
		    RULES_AT - EDGE - 12, SVG_NAME);
		buf_puts(p->out, "</text>\n");
		for (int k = 0; line != NULL; k++, y += 18) {
			buf_printf(p->out,
			    "<text class=\"mono\" x=\"%d\" y=\"%.0f\" "
			    "xml:space=\"preserve\">",
			    RULES_AT, y);
			if (k == RULE_LINES) {
				buf_puts(p->out, "…</text>\n");
				line = NULL;
				continue;
			}
			line = svg_text_line(p->out, line, columns);
			buf_puts(p->out, "</text>\n");
		}
		y += 4;
	}
	p->height = y + (first ? 0 : 4);
}

/* --- all of it --- */

static void
put_style(struct buf *out)
{
	buf_puts(out,
	    "<style>.ms-flow{color-scheme:light dark;--bg:#fff;--ink:#191b1f;"
	    "--ink2:#4e525a;--ink3:#676b74;--line:#e4e3de;--edge:#c9c7c0;"
	    "--way:#c3d0df;--way-ink:#3f5873;--away:#845400;"
	    "--away-bg:#ecd3a0;--rej:#b0231a;--rej-bg:#e98b82;--drop:#676b74;"
	    "--drop-bg:#b9bbc0;font:14px system-ui,-apple-system,\"Segoe UI\","
	    "Roboto,\"DejaVu Sans\",sans-serif;"
	    "font-variant-numeric:tabular-nums}\n"
	    "@media(prefers-color-scheme:dark){.ms-flow{--bg:#181b20;"
	    "--ink:#e8e9ec;--ink2:#b3b7bf;--ink3:#949aa5;--line:#2a2e35;"
	    "--edge:#444953;--way:#34465a;--way-ink:#9db9d6;--away:#e2b155;"
	    "--away-bg:#6a4d17;--rej:#ff8f85;--rej-bg:#cf5a50;--drop:#949aa5;"
	    "--drop-bg:#4a4f59}}\n"
	    ".ms-flow .bg{fill:var(--bg)}.ms-flow text{fill:var(--ink)}"
	    ".ms-flow .s{font-size:12px}.ms-flow .dim{fill:var(--ink3)}"
	    ".ms-flow .name{font-weight:650}.ms-flow .end{text-anchor:end}"
	    ".ms-flow .mid{text-anchor:middle}.ms-flow .name .dim{"
	    "font-weight:400}.ms-flow .mono{font:11.5px ui-monospace,"
	    "\"SF Mono\",Menlo,Consolas,\"DejaVu Sans Mono\",monospace;"
	    "fill:var(--ink2)}\n");
	buf_puts(out,
	    ".ms-flow .band{fill:var(--way)}.ms-flow .branch{"
	    "fill:var(--away-bg)}.ms-flow .top{stroke:var(--way-ink);"
	    "stroke-width:1.5}.ms-flow .pole{stroke:var(--ink2);"
	    "stroke-width:1.5}.ms-flow .back{fill:none;stroke:var(--ink3);"
	    "stroke-dasharray:4 3}.ms-flow .away{fill:var(--away-bg);"
	    "stroke:var(--away);stroke-width:.75}.ms-flow .rejected{"
	    "fill:var(--rej-bg);stroke:var(--rej);stroke-width:.75}"
	    ".ms-flow .dropped{fill:url(#ms-hatch);stroke:var(--drop);"
	    "stroke-dasharray:3 3}.ms-flow .away-t{fill:var(--away);"
	    "font-weight:600}.ms-flow .rejected-t{fill:var(--rej);"
	    "font-weight:600}.ms-flow .dropped-t{fill:var(--drop);"
	    "font-weight:600}.ms-flow tspan.dim{font-weight:400}"
	    ".ms-flow .table{fill:var(--bg);stroke:var(--edge)}"
	    ".ms-flow .grid{fill:none;stroke:var(--ink3)}"
	    ".ms-flow .rule{stroke:var(--line)}</style><defs>"
	    "<pattern id=\"ms-hatch\" width=\"5\" height=\"5\" "
	    "patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">"
	    "<rect width=\"1.5\" height=\"5\" style=\"fill:var(--drop-bg)\"/>"
	    "</pattern></defs>\n");
}

static void
put_count(struct buf *out, const char *before, uint64_t n, const char *words)
{
	buf_puts(out, before);
	graph_number(out, n);
	buf_puts(out, words);
}

static void
put_description(struct picture *p, struct buf *out)
{
	uint64_t lost[ENDINGS] = {0};

	for (size_t i = 0; i < p->g->meter.n; i++)
		for (int e = 0; e < ENDINGS; e++)
			lost[e] += p->g->meter.stage[i]->lost[e];
	lost[ENDING_DROPPED] += p->flow.missing;
	put_count(out,
	    "<title id=\"ms-t\">The pipeline, as it ran</title><desc"
	    " id=\"ms-d\">",
	    p->g->meter.events + p->flow.missing, " events came in, ");
	put_count(out, "", p->g->meter.out, " went out");
	put_count(out, ", ", lost[ENDING_AWAY], " were turned away");
	put_count(out, ", ", lost[ENDING_REJECTED], " rejected");
	put_count(out, ", ", lost[ENDING_DROPPED], " dropped.</desc>");
}

/* The far edge of the last lane, with what was lost there. */
static double
far_edge(const struct picture *p)
{
	double last = lane_at(p, p->flow.lanes - 1) + p->is.band;
	bool bends = false;
	struct loss l[LOSSES];

	for (uint16_t i = 0; i < p->g->meter.n; i++)
		bends |= list_losses(p, i, l) > 0;
	return bends ? last + p->is.behind : last + 40;
}

static void
measure(struct picture *p)
{
	double u, v, sources = p->g->sources * 34;

	p->down = p->flow.layers > ACROSS_MOST;
	p->is = p->down ? HIGH : WIDE;
	p->start = EDGE;
	if (p->g->sources > 0)
		p->start = p->down ? 64 + 18 * p->g->sources : 174;
	if (p->g->tables == 0)
		p->is.table = 0;
	p->before = p->down ? 0 : 16 + p->is.table;
	u = along_end(p) + (p->down ? 60 : 120);
	v = far_edge(p);
	if (!p->down && p->flow.lanes == 1 && v < lane_at(p, 0) + sources)
		v = lane_at(p, 0) + sources;
	p->width = p->down ? v : u;
	p->height = p->down ? u : v;
	if (p->width < LEAST_WIDTH)
		p->width = LEAST_WIDTH;
}

void
graph_svg(struct buf *out, const struct graph *g)
{
	struct picture p = {.g = g, .out = out};
	struct buf body = {0};

	sankey_arrange(&p.flow, g);
	measure(&p);
	p.out = &body;
	if (g->meter.n > 0) {
		put_sources(&p);
		put_arrows(&p);
	}
	for (uint16_t i = 0; i < g->meter.n; i++) {
		put_losses(&p, i);
		put_stage(&p, i);
	}
	for (uint16_t i = 0; i < g->arrows; i++)
		put_time(&p, g->arrow[i]);
	if (g->meter.n > 0)
		put_end(&p);
	put_rules(&p, p.height + 36);
	buf_printf(out,
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"ms-flow\" "
	    "viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" height=\"%.0f\" "
	    "role=\"img\" aria-labelledby=\"ms-t ms-d\">",
	    p.width, p.height, p.width, p.height);
	put_description(&p, out);
	put_style(out);
	buf_printf(out, "<rect class=\"bg\" width=\"%.0f\" height=\"%.0f\"/>\n",
	    p.width, p.height);
	buf_put(out, body.p, body.len);
	out->failed |= body.failed;
	buf_release(&body);
	buf_puts(out, "</svg>\n");
}
