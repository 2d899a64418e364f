#include <string.h>

#include "render/svg_parts.h"
#include "render/svg_text.h"

/* --- what it is --- */

/* How many events a stage did what it is for, in words. */
static void
put_amount(const struct svg_picture *p, const struct meter_stage *s)
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
put_label(const struct svg_picture *p, const struct meter_stage *s)
{
	double u = svg_along(p, s->number), v = svg_across(p, s->number);
	double x = p->down ? v - p->is.label + 24 : u + 10;
	double y = p->down ? u + 18 : v - 72;
	const char *name = *s->name != '\0' ? s->name : s->op;
	bool both = *s->name != '\0' && *s->op != '\0';

	svg_start_text(p, "name", x, y);
	svg_text_fit(p->out, *name == '\0' ? "?" : name,
	    p->is.text - (both ? svg_text_width(s->op, SVG_SMALL) + 5 : 0),
	    SVG_NAME);
	if (both) {
		buf_puts(p->out, " <tspan class=\"s dim\">");
		svg_text_fit(p->out, s->op, 80, SVG_SMALL);
		buf_puts(p->out, "</tspan>");
	}
	buf_puts(p->out, "</text>\n");
	svg_start_text(p, *s->rule == '\0' ? "s dim" : "mono", x, y + 18);
	if (*s->rule != '\0')
		svg_text_fit(p->out, s->rule, p->is.text, SVG_MONO);
	else if (strcmp(s->op, "trace") == 0)
		buf_puts(p->out, "id and origin");
	buf_puts(p->out, "</text>\n");
	svg_start_text(p, "s dim", x, y + 34);
	put_amount(p, s);
	buf_puts(p->out, "</text>\n");
}

static const struct graph_table *
table_of(const struct svg_picture *p, uint16_t stage, uint16_t *more)
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

/* Its name as far as there is room, and how many of its rows were found. */
static void
put_table_text(const struct svg_picture *p, const struct graph_table *t,
    uint16_t more, double room)
{
	char text[96];
	struct buf rows = BUF_FIXED(text);

	graph_rows(&rows, t);
	if (more > 0)
		buf_printf(&rows, ", and %u more", more);
	buf_putc(&rows, '\0');
	svg_text_fit(p->out, t->name,
	    room - svg_text_width(" ", SVG_SMALL) -
		svg_text_width(text, SVG_SMALL),
	    SVG_SMALL);
	buf_printf(p->out, " <tspan class=\"dim\">%s</tspan></text>\n", text);
}

/* The table that a stage reads: a box over its pole, or below its label. */
static void
put_table(const struct svg_picture *p, uint16_t stage)
{
	uint16_t more;
	const struct graph_table *t = table_of(p, stage, &more);
	double u = svg_along(p, stage), v = svg_across(p, stage);
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
		svg_segment(
		    p, "pole", u, v - p->is.label - 16, u, v - p->is.label);
	}
	buf_printf(p->out,
	    "<path class=\"grid\" d=\"M%.1f %.1fh10v9h-10zM%.1f "
	    "%.1fh10M%.1f %.1fv6\"/>",
	    x, y + 3.5, x, y + 6, x + 5, y + 6);
	svg_start_text(p, "s", x + 16, y + 12);
	put_table_text(
	    p, t, more, p->down ? p->is.label - 44 : p->is.step - 8 - 9 - 20);
}

void
svg_put_stage(const struct svg_picture *p, uint16_t stage)
{
	const struct meter_stage *s = p->g->meter.stage[stage];
	double u = svg_along(p, stage), v = svg_across(p, stage);

	buf_puts(p->out, "<g class=\"stage\"><title>");
	graph_title(p->out, s, SIZE_MAX, svg_text_char);
	if (*s->rule != '\0') {
		buf_puts(p->out, ": ");
		svg_text_lines(p->out, s->rule);
	}
	buf_puts(p->out, "</title>\n");
	svg_segment(p, "pole", u, v - p->is.label + (p->down ? 24 : 0), u,
	    v + svg_width_of(p, sankey_came(&p->flow, stage)) + 2);
	put_label(p, s);
	put_table(p, stage);
	buf_puts(p->out, "</g>\n");
}

/* --- what is lost there --- */

size_t
svg_list_losses(
    const struct svg_picture *p, uint16_t stage, struct svg_loss l[SVG_LOSSES])
{
	static const char *const CLASSES[ENDINGS] = {
	    "", "away", "rejected", "dropped"};
	const struct meter_stage *s = p->g->meter.stage[stage];
	size_t n = 0;

	for (int e = ENDING_AWAY; e < ENDINGS; e++) {
		const struct graph_file *f = &p->g->file[stage][e];

		if (s->lost[e] > 0)
			l[n++] = (struct svg_loss){CLASSES[e],
			    ending_words((enum ending)e), s->lost[e], f->name,
			    f->more};
	}
	if (p->flow.at == stage && p->flow.missing > 0)
		l[n++] = (struct svg_loss){"dropped", "dropped",
		    p->flow.missing,
		    p->flow.blamed ? "not kept" : "not in these files", false};
	return n;
}

static void
put_loss_text(
    const struct svg_picture *p, const struct svg_loss *l, double x, double *y)
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
		svg_start_text(p, "s dim", x, *y);
		*y += 18;
	}
	buf_puts(p->out, words ? "" : "→ ");
	svg_text_fit(p->out, l->file, 130, SVG_SMALL);
	buf_puts(p->out, p->down ? "</tspan></text>\n" : "</text>\n");
}

void
svg_put_losses(const struct svg_picture *p, uint16_t stage)
{
	struct svg_loss l[SVG_LOSSES];
	size_t n = svg_list_losses(p, stage, l);
	double u = svg_along(p, stage) + 2, v = svg_across(p, stage);
	double end = v + p->is.band + 44, inner = 8;
	double x = p->down ? end + 8 : u + 8;
	double y = p->down ? u + 20 : end + 18;
	double at = p->out_at[stage], width = 0;

	for (size_t i = 0; i < n; i++)
		width += svg_width_of(p, l[i].n);
	/* The nearest to the labels goes around all others. */
	for (size_t i = 0; i < n; i++) {
		double w = svg_width_of(p, l[i].n);

		width -= w;
		svg_put_bend(p, l[i].class, u, v + at, w, inner + width, end);
		at += w;
	}
	for (size_t i = 0; i < n; i++)
		put_loss_text(p, &l[i], x, &y);
}
