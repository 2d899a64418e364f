/*
 * A graph as SVG: a river of events, as wide as there are many.  Each stage
 * is a pole across it, with what it is beside; what is lost leaves to the
 * other side.  Few stages stand from left to right, many from top to bottom:
 * then the same picture has its axes swapped.
 */
#include <string.h>

#include "render/svg_parts.h"
#include "render/svg_text.h"

enum {
	ACROSS_MOST = 9, /* layers that stand from left to right */
	RULE_LINES = 12, /* of a rule, in the list below */
	RULES_AT = 154,
	LEAST_WIDTH = 760,
};

static const struct svg_lengths WIDE = {164, 96, 104, 106, 148, 40};
static const struct svg_lengths HIGH = {84, 64, 256, 270, 226, 0};

/* --- the rules --- */

/* All rules, whole as far as there is room, below the picture. */
static void
put_rules(struct svg_picture *p, double y)
{
	const struct meter_stage *order[METER_STAGES];
	int columns = (int)((p->width - RULES_AT - SVG_EDGE) / 6.95);
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
			    SVG_EDGE, y - 22, p->width - SVG_EDGE);
		first = false;
		svg_start_text(p, "s name", SVG_EDGE, y);
		svg_text_fit(p->out, *s->name != '\0' ? s->name : s->op,
		    RULES_AT - SVG_EDGE - 12, SVG_NAME);
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
put_description(struct svg_picture *p, struct buf *out)
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
far_edge(const struct svg_picture *p)
{
	double last = svg_lane_at(p, p->flow.lanes - 1) + p->is.band;
	bool bends = false;
	struct svg_loss l[SVG_LOSSES];

	for (uint16_t i = 0; i < p->g->meter.n; i++)
		bends |= svg_list_losses(p, i, l) > 0;
	return bends ? last + p->is.behind : last + 40;
}

static void
measure(struct svg_picture *p)
{
	double u, v, sources = p->g->sources * 34;

	p->down = p->flow.layers > ACROSS_MOST;
	p->is = p->down ? HIGH : WIDE;
	p->start = SVG_EDGE;
	if (p->g->sources > 0)
		p->start = p->down ? 64 + 18 * p->g->sources : 174;
	if (p->g->tables == 0)
		p->is.table = 0;
	p->before = p->down ? 0 : 16 + p->is.table;
	u = svg_along_end(p) + (p->down ? 60 : 120);
	v = far_edge(p);
	if (!p->down && p->flow.lanes == 1 && v < svg_lane_at(p, 0) + sources)
		v = svg_lane_at(p, 0) + sources;
	p->width = p->down ? v : u;
	p->height = p->down ? u : v;
	if (p->width < LEAST_WIDTH)
		p->width = LEAST_WIDTH;
}

void
graph_svg(struct buf *out, const struct graph *g)
{
	struct svg_picture p = {.g = g, .out = out};
	struct buf body = {0};

	sankey_arrange(&p.flow, g);
	measure(&p);
	p.out = &body;
	if (g->meter.n > 0) {
		svg_put_sources(&p);
		svg_put_arrows(&p);
	}
	for (uint16_t i = 0; i < g->meter.n; i++) {
		svg_put_losses(&p, i);
		svg_put_stage(&p, i);
	}
	for (uint16_t i = 0; i < g->arrows; i++)
		svg_put_time(&p, g->arrow[i]);
	if (g->meter.n > 0)
		svg_put_end(&p);
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
