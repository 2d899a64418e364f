#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/utf8.h"
#include "render/graph.h"
#include "render/made.h"
#include "render/show.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

enum { AGAIN = 16 }; /* times that an event may meet a stage anew */

static uint64_t
mix(uint64_t hash, struct value text)
{
	uint64_t h = text.n == 0 ? 1 : hash_bytes(text.text, text.n);

	return (hash ^ h) * UINT64_C(0x9E3779B97F4A7C15);
}

/* The box with that hash, or a new one; -1 where there is no room. */
static int
box_at(struct graph *g, struct arena *a, enum graph_kind kind, uint64_t hash)
{
	struct graph_box *b;

	for (uint16_t i = 0; i < g->boxes; i++)
		if (g->box[i]->hash == hash && g->box[i]->kind == kind)
			return i;
	if (g->boxes == GRAPH_BOXES)
		return -1;
	b = calloc(1, sizeof(*b));
	if (b == NULL)
		arena_starve(a);
	b->kind = kind;
	b->hash = hash;
	g->box[g->boxes] = b;
	return g->boxes++;
}

static void
add_arrow(struct graph *g, struct arena *a, int from, int to, bool away,
    int64_t micros)
{
	struct graph_arrow *w = NULL;

	if (from < 0 || to < 0) {
		g->others++;
		return;
	}
	for (uint16_t i = 0; i < g->arrows && w == NULL; i++)
		if (g->arrow[i]->from == from && g->arrow[i]->to == to &&
		    g->arrow[i]->away == away)
			w = g->arrow[i];
	if (w == NULL && g->arrows < GRAPH_ARROWS) {
		w = calloc(1, sizeof(*w));
		if (w == NULL)
			arena_starve(a);
		w->from = (uint16_t)from;
		w->to = (uint16_t)to;
		w->away = away;
		g->arrow[g->arrows++] = w;
	}
	if (w == NULL) {
		g->others++;
		return;
	}
	w->events++;
	if (micros >= 0)
		histogram_add(&w->times, (uint64_t)micros);
}

static struct value
text_of(struct arena *a, const struct view *v, enum view_member m)
{
	struct value text = value_text("", 0);

	(void)view_text(a, v, m, &text);
	return text;
}

static int
stage_of(struct graph *g, struct arena *a, const struct view *v)
{
	struct value op = text_of(a, v, VIEW_OP);
	struct value name = text_of(a, v, VIEW_STAGE);
	struct value rule = text_of(a, v, VIEW_RULE);
	uint64_t hash = mix(mix(mix(0, op), name), rule);
	struct graph_box *b;
	int i = -1;

	for (int again = 0; again < AGAIN; again++, hash++) {
		i = box_at(g, a, GRAPH_STAGE, hash);
		if (i < 0 || g->box[i]->met != g->events)
			break;
	}
	if (i < 0)
		return i;
	b = g->box[i];
	if (b->events == 0) {
		show_keep(b->op, GRAPH_TEXT, op);
		show_keep(b->name, GRAPH_TEXT, name);
		show_keep(b->rule, GRAPH_TEXT, rule);
	}
	b->met = g->events;
	b->events++;
	b->forked += value_is_array(v->of[VIEW_FORK]);
	b->away += v->of[VIEW_KEPT].kind == VALUE_FALSE;
	b->made += made_count(a, v);
	return i;
}

/* The table that a stage took a row of. */
static void
feed(struct graph *g, struct arena *a, const struct view *v, int stage)
{
	struct value table;
	int i;

	if (!value_is_object(v->of[VIEW_FROM]) ||
	    !object_get(a, v->of[VIEW_FROM], value_cstring("table"), &table) ||
	    !value_is_string(table))
		return;
	table = string_decoded(a, table);
	i = box_at(g, a, GRAPH_TABLE, mix(0, table));
	if (i >= 0) {
		show_keep(g->box[i]->name, GRAPH_TEXT, table);
		g->box[i]->events++;
	}
	add_arrow(g, a, i, stage, false, -1);
}

static void
end_away(struct graph *g, struct arena *a, int last)
{
	int i =
	    last < 0 ? -1 : box_at(g, a, GRAPH_ELSE, (uint64_t)(unsigned)last);

	if (i >= 0)
		g->box[i]->events++;
	add_arrow(g, a, last, i, true, -1);
}

void
graph_event(struct graph *g, struct arena *a, struct value history)
{
	int64_t before = 0, now;
	bool known = false, timed, away = false;
	int last = -1, i;
	size_t n;

	g->events++;
	history = array_open(a, history);
	n = array_length(history);
	g->without += n == 0;
	for (size_t k = 0; k < n; k++) {
		struct view v;

		view_record(a, array_at(history, k), &v);
		timed = view_time(a, &g->clock, &v, &now);
		i = stage_of(g, a, &v);
		g->others += k == 0 && i < 0;
		if (k > 0)
			add_arrow(g, a, last, i, away,
			    known && timed && now >= before ? now - before
							    : -1);
		feed(g, a, &v, i);
		away = v.of[VIEW_KEPT].kind == VALUE_FALSE;
		last = i;
		known = timed;
		before = timed ? now : 0;
	}
	if (away)
		end_away(g, a, last);
}

void
graph_release(struct graph *g)
{
	for (uint16_t i = 0; i < g->boxes; i++)
		free(g->box[i]);
	for (uint16_t i = 0; i < g->arrows; i++)
		free(g->arrow[i]);
	g->boxes = g->arrows = 0;
}

/* Is it to be spelled, since it would be obeyed or is no character of XML? */
static bool
harmful(uint32_t c)
{
	return terminal_harmful(c) || c == 0xFFFE || c == 0xFFFF;
}

void
graph_text(struct buf *out, const char *text, size_t max,
    void (*put)(struct buf *out, char c))
{
	size_t len = strlen(text), n, count = 0;
	char shown[8 + 1];

	for (size_t i = 0; i < len; i += n) {
		uint32_t c = utf8_decode(text + i, &n);

		if (count++ == max) {
			buf_puts(out, "…");
			return;
		}
		if (!harmful(c)) {
			for (size_t k = 0; k < n; k++)
				put(out, text[i + k]);
			continue;
		}
		/* No backslash, which some of the languages would take. */
		snprintf(shown, sizeof(shown), "U+%04" PRIX32, c);
		buf_puts(out, shown);
	}
}

void
graph_title(struct buf *out, const struct graph_box *b, size_t max,
    void (*put)(struct buf *out, char c))
{
	if (b->kind == GRAPH_ELSE) {
		buf_puts(out, "turned away");
		return;
	}
	graph_text(out, b->op, 24, put);
	buf_puts(out, *b->op != '\0' && *b->name != '\0' ? " " : "");
	graph_text(out, b->name, max, put);
	if (*b->op == '\0' && *b->name == '\0')
		buf_putc(out, '?');
}

void
graph_events(struct buf *out, const struct graph_box *b)
{
	buf_printf(out, "%" PRIu64 " %s%s", b->events,
	    b->kind == GRAPH_TABLE ? "row" : "event",
	    b->events == 1 ? "" : "s");
	if (b->forked > 0)
		buf_printf(out, ", %" PRIu64 " by forks", b->forked);
	if (b->made > 0)
		buf_printf(out, ", made of %" PRIu64, b->made);
}

void
graph_count(struct buf *out, const struct graph_arrow *w)
{
	char span[TERMINAL_DURATION];

	buf_printf(out, "%" PRIu64, w->events);
	if (w->times.count == 0)
		return;
	terminal_duration(span, (int64_t)histogram_at(&w->times, 0.5));
	buf_printf(out, ", %s", span);
}

/* --- languages for graphs --- */

static void
dot_char(struct buf *out, char c)
{
	if (c == '"' || c == '\\')
		buf_putc(out, '\\');
	buf_putc(out, c);
}

static void
mermaid_char(struct buf *out, char c)
{
	if (strchr("\"<>&#;`\\[](){}|$%", c) != NULL)
		buf_printf(out, "#%d;", (int)(unsigned char)c);
	else
		buf_putc(out, c);
}

/* What is the same in every box: title, rule, and number of events. */
static void
put_label(struct buf *out, const struct graph_box *b, const char *newline,
    void (*put)(struct buf *out, char c))
{
	graph_title(out, b, 32, put);
	if (*b->rule != '\0') {
		buf_puts(out, newline);
		graph_text(out, b->rule, 40, put);
	}
	buf_puts(out, newline);
	graph_events(out, b);
}

void
graph_dot(struct buf *out, const struct graph *g)
{
	static const char *const SHAPES[] = {[GRAPH_STAGE] = "box",
	    [GRAPH_TABLE] = "cylinder",
	    [GRAPH_ELSE] = "plaintext"};

	buf_puts(
	    out, "digraph pipeline {\n\tnode [fontname=\"sans-serif\"];\n");
	for (uint16_t i = 0; i < g->boxes; i++) {
		buf_printf(out, "\tb%d [shape=%s, label=\"", i,
		    SHAPES[g->box[i]->kind]);
		put_label(out, g->box[i], "\\n", dot_char);
		buf_puts(out, "\"];\n");
	}
	for (uint16_t i = 0; i < g->arrows; i++) {
		const struct graph_arrow *w = g->arrow[i];

		buf_printf(out, "\tb%d -> b%d [label=\"", w->from, w->to);
		graph_count(out, w);
		buf_printf(out, "\"%s];\n", w->away ? ", style=dashed" : "");
	}
	buf_puts(out, "}\n");
}

void
graph_mermaid(struct buf *out, const struct graph *g)
{
	static const char *const OPEN[] = {[GRAPH_STAGE] = "[\"",
	    [GRAPH_TABLE] = "[(\"",
	    [GRAPH_ELSE] = "([\""};
	static const char *const CLOSE[] = {[GRAPH_STAGE] = "\"]",
	    [GRAPH_TABLE] = "\")]",
	    [GRAPH_ELSE] = "\"])"};

	buf_puts(out, "flowchart TD\n");
	for (uint16_t i = 0; i < g->boxes; i++) {
		const struct graph_box *b = g->box[i];

		buf_printf(out, "\tb%d%s", i, OPEN[b->kind]);
		put_label(out, b, "<br>", mermaid_char);
		buf_printf(out, "%s\n", CLOSE[b->kind]);
	}
	for (uint16_t i = 0; i < g->arrows; i++) {
		const struct graph_arrow *w = g->arrow[i];

		buf_printf(
		    out, "\tb%d %s|\"", w->from, w->away ? "-.->" : "-->");
		graph_count(out, w);
		buf_printf(out, "\"| b%d\n", w->to);
	}
}
