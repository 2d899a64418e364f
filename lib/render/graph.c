#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/utf8.h"
#include "render/graph.h"
#include "render/show.h"
#include "value/array.h"
#include "value/number.h"
#include "value/object.h"
#include "value/string.h"

/* --- sources --- */

static bool
is_name(const char *name, struct value text)
{
	char kept[METER_TEXT];

	show_keep(kept, sizeof(kept), text);
	return strcmp(kept, name) == 0;
}

static struct graph_source *
source_at(struct graph *g, struct arena *a, struct value name)
{
	struct graph_source *s;

	for (uint16_t i = 0; i < g->sources; i++)
		if (is_name(g->source[i]->name, name))
			return g->source[i];
	if (g->sources == GRAPH_SOURCES)
		return NULL;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		arena_starve(a);
	show_keep(s->name, sizeof(s->name), name);
	g->source[g->sources++] = s;
	return s;
}

/* Make the bits reach a line; false where memory is missing. */
static bool
reach(struct graph_source *s, uint64_t line)
{
	size_t size = s->size == 0 ? 4096 : s->size;
	unsigned char *bits;

	while (size <= line / 8)
		size *= 2;
	if (size == s->size)
		return true;
	bits = realloc(s->bits, size);
	if (bits == NULL)
		return false;
	memset(bits + s->size, 0, size - s->size);
	s->bits = bits;
	s->size = size;
	return true;
}

static void
meet_line(struct graph_source *s, struct arena *a, struct value v)
{
	uint64_t line;

	v = v.kind == VALUE_NUMBER ? value_number(v) : v;
	if (v.kind != VALUE_INT || v.i < 1 || v.i >= GRAPH_LINES) {
		s->vague = true;
		return;
	}
	line = (uint64_t)v.i;
	if (!reach(s, line))
		arena_starve(a);
	if (s->bits[line / 8] >> line % 8 & 1)
		return;
	s->bits[line / 8] |= (unsigned char)(1 << line % 8);
	s->met++;
	if (s->first == 0 || line < s->first)
		s->first = line;
	if (line > s->last)
		s->last = line;
}

static void
meet_source(struct graph *g, struct arena *a, struct value from)
{
	struct value name, line;
	struct graph_source *s;
	bool topic = object_get(a, from, value_cstring("topic"), &name);

	if (!topic && !object_get(a, from, value_cstring("source"), &name))
		return;
	if (!value_is_string(name))
		return;
	g->origin = true;
	s = source_at(g, a, string_decoded(a, name));
	if (s == NULL) {
		g->others++;
	} else if (!topic &&
	    object_get(a, from, value_cstring("line"), &line) &&
	    value_is_number(line)) {
		meet_line(s, a, line);
	} else {
		s->vague = true;
		s->met++;
	}
}

/* --- tables --- */

static struct graph_table *
table_at(struct graph *g, struct arena *a, struct value name, uint16_t stage)
{
	struct graph_table *t;

	for (uint16_t i = 0; i < g->tables; i++)
		if (g->table[i]->stage == stage &&
		    is_name(g->table[i]->name, name))
			return g->table[i];
	if (g->tables == GRAPH_TABLES)
		return NULL;
	t = calloc(1, sizeof(*t));
	if (t == NULL)
		arena_starve(a);
	t->stage = stage;
	show_keep(t->name, sizeof(t->name), name);
	g->table[g->tables++] = t;
	return t;
}

/* A row is known by its line, or by the hash of its text. */
static void
meet_row(struct graph_table *t, struct arena *a, struct value row)
{
	struct value v;

	if (!value_is_object(row) ||
	    (!object_get(a, row, value_cstring("line"), &v) &&
		!object_get(a, row, value_cstring("hash"), &v)))
		return;
	if (value_is_string(v))
		v = string_decoded(a, v);
	if (v.kind != VALUE_STRING && v.kind != VALUE_NUMBER)
		return;
	t->found++;
	if (!distinct_add(&t->rows, hash_plain(v.text, v.n)))
		arena_starve(a);
}

static void
meet_table(struct graph *g, struct arena *a, struct value from,
    const struct meter_stage *stage)
{
	struct graph_table *t;
	struct value name, rows;

	if (!object_get(a, from, value_cstring("table"), &name) ||
	    !value_is_string(name) || stage == NULL)
		return;
	t = table_at(g, a, string_decoded(a, name), stage->number);
	if (t == NULL) {
		g->others++;
		return;
	}
	if (!object_get(a, from, value_cstring("rows"), &rows) ||
	    !value_is_array(rows)) {
		meet_row(t, a, from);
		return;
	}
	for (size_t i = 0; i < array_length(rows); i++)
		meet_row(t, a, array_get(rows, i));
}

/* --- arrows --- */

static struct graph_arrow *
arrow_at(struct graph *g, struct arena *a, uint16_t from, uint16_t to,
    enum ending ending)
{
	struct graph_arrow *w;

	for (uint16_t i = 0; i < g->arrows; i++)
		if (g->arrow[i]->from == from && g->arrow[i]->to == to &&
		    g->arrow[i]->ending == ending)
			return g->arrow[i];
	if (g->arrows == GRAPH_ARROWS)
		return NULL;
	w = calloc(1, sizeof(*w));
	if (w == NULL)
		arena_starve(a);
	w->from = from;
	w->to = to;
	w->ending = ending;
	g->arrow[g->arrows++] = w;
	return w;
}

static void
add_arrow(struct graph *g, struct arena *a, int from, int to, int64_t micros)
{
	struct graph_arrow *w = NULL;

	if (from >= 0 && to >= 0)
		w = arrow_at(g, a, (uint16_t)from, (uint16_t)to, g->ending);
	if (w == NULL) {
		g->others++;
		return;
	}
	w->events++;
	if (micros >= 0)
		histogram_add(&w->times, (uint64_t)micros);
}

static void
step(void *arg, struct arena *a, const struct meter_step *s)
{
	struct graph *g = arg;
	int stage = s->stage == NULL ? -1 : s->stage->number;
	struct value from = s->v->of[VIEW_FROM];

	if (s->i > 0)
		add_arrow(g, a, g->last, stage, s->micros);
	if (value_is_object(from)) {
		if (!g->origin)
			meet_source(g, a, from);
		meet_table(g, a, from, s->stage);
	}
	g->last = stage;
	g->ending = s->ending;
	if (g->step != NULL)
		g->step(g->arg, a, s);
}

/* Which file holds what was lost so; more than one is told as such. */
static void
keep_file(struct graph_file *f, struct arena *a, const char *name)
{
	if (f->more || name == NULL)
		return;
	if (f->name == NULL) {
		f->name = strdup(name);
		if (f->name == NULL)
			arena_starve(a);
	} else if (strcmp(f->name, name) != 0) {
		f->more = true;
	}
}

void
graph_event(
    struct graph *g, struct arena *a, struct value history, const char *file)
{
	g->meter.step = step;
	g->meter.arg = g;
	g->last = -1;
	g->ending = ENDING_NONE;
	g->origin = false;
	meter_event(&g->meter, a, NULL, history);
	if (g->last < 0)
		return;
	if (g->ending == ENDING_NONE)
		add_arrow(g, a, g->last, GRAPH_END, -1);
	else
		keep_file(&g->file[g->last][g->ending], a, file);
}

void
graph_release(struct graph *g)
{
	for (uint16_t i = 0; i < g->arrows; i++)
		free(g->arrow[i]);
	for (uint16_t i = 0; i < g->sources; i++) {
		free(g->source[i]->bits);
		free(g->source[i]);
	}
	for (uint16_t i = 0; i < g->tables; i++) {
		distinct_release(&g->table[i]->rows);
		free(g->table[i]);
	}
	for (size_t i = 0; i < METER_STAGES; i++)
		for (int e = 0; e < ENDINGS; e++)
			free(g->file[i][e].name);
	meter_release(&g->meter);
	g->arrows = g->sources = g->tables = 0;
}

/* --- what is in none of the files --- */

static bool
turns_away(const struct meter_stage *s)
{
	return strcmp(s->op, "filter") == 0 && s->left[ENDING_AWAY] == 0;
}

uint64_t
graph_missing(const struct graph *g, int *stage)
{
	uint64_t n = 0;

	*stage = -1;
	for (uint16_t i = 0; i < g->sources; i++) {
		const struct graph_source *s = g->source[i];

		if (!s->vague && s->met > 0)
			n += s->last - s->first + 1 - s->met;
	}
	for (size_t i = 0; i < g->meter.n; i++)
		if (g->partial || g->meter.stage[i]->made > 0)
			return 0; /* results aren't named by all their lines */
	for (size_t i = 0; i < g->meter.n; i++) {
		if (!turns_away(g->meter.stage[i]))
			continue;
		if (*stage >= 0) {
			*stage = -1;
			break;
		}
		*stage = (int)i;
	}
	return n;
}

/* --- what the writers share --- */

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

		if (c == '\n' || c == '\t')
			c = ' ';
		if (count++ == max) {
			buf_puts(out, "…");
			return;
		}
		if (!harmful(c)) {
			for (size_t k = 0; k < n; k++)
				put(out, c == ' ' ? ' ' : text[i + k]);
			continue;
		}
		/* No backslash, which some of the languages would take. */
		snprintf(shown, sizeof(shown), "U+%04" PRIX32, c);
		buf_puts(out, shown);
	}
}

void
graph_title(struct buf *out, const struct meter_stage *s, size_t max,
    void (*put)(struct buf *out, char c))
{
	graph_text(out, s->op, 24, put);
	buf_puts(out, *s->op != '\0' && *s->name != '\0' ? " " : "");
	graph_text(out, s->name, max, put);
	if (*s->op == '\0' && *s->name == '\0')
		buf_putc(out, '?');
}

void
graph_number(struct buf *out, uint64_t n)
{
	if (n >= 1000) {
		graph_number(out, n / 1000);
		buf_printf(out, ",%03u", (unsigned)(n % 1000));
		return;
	}
	buf_printf(out, "%u", (unsigned)n);
}

void
graph_rows(struct buf *out, const struct graph_table *t)
{
	buf_puts(out, t->rows.more ? "more than " : "");
	graph_number(out, t->rows.n);
	buf_puts(out, t->rows.n == 1 ? " row" : " rows");
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

/* The kinds of box. */
enum shape { STAGE, SOURCE, TABLE, LOSS, END, SHAPES };

/* A language: how boxes and arrows are written in it. */
struct language {
	const char *start, *end, *newline;
	const char *open[SHAPES], *close[SHAPES];
	const char *solid[3], *dashed[3]; /* around the ends and the label */
	void (*put)(struct buf *out, char c);
};

static const struct language DOT = {
    .start = "digraph pipeline {\n\tnode [fontname=\"sans-serif\"];\n",
    .end = "}\n",
    .newline = "\\n",
    .open = {[STAGE] = " [shape=box, label=\"",
	[SOURCE] = " [shape=note, label=\"",
	[TABLE] = " [shape=cylinder, label=\"",
	[LOSS] = " [shape=plaintext, label=\"",
	[END] = " [shape=box, style=rounded, label=\""},
    .close = {"\"];", "\"];", "\"];", "\"];", "\"];"},
    .solid = {" -> ", " [label=\"", "\"];\n"},
    .dashed = {" -> ", " [label=\"", "\", style=dashed];\n"},
    .put = dot_char,
};

static const struct language MERMAID = {
    .start = "flowchart TD\n",
    .end = "",
    .newline = "<br>",
    .open = {[STAGE] = "[\"",
	[SOURCE] = ">\"",
	[TABLE] = "[(\"",
	[LOSS] = "([\"",
	[END] = "(\""},
    .close = {"\"]", "\"]", "\")]", "\"])", "\")"},
    .solid = {" -->|\"", "\"| ", "\n"},
    .dashed = {" -.->|\"", "\"| ", "\n"},
    .put = mermaid_char,
};

static void
put_events(struct buf *out, uint64_t n)
{
	graph_number(out, n);
	buf_puts(out, n == 1 ? " event" : " events");
}

static void
put_stage(
    struct buf *out, const struct language *l, const struct meter_stage *s)
{
	buf_printf(out, "\tb%d%s", s->number, l->open[STAGE]);
	graph_title(out, s, 32, l->put);
	if (*s->rule != '\0') {
		buf_puts(out, l->newline);
		graph_text(out, s->rule, 40, l->put);
	}
	buf_puts(out, l->newline);
	put_events(out, s->events);
	if (s->forks > 0) {
		buf_puts(out, ", ");
		graph_number(out, s->forks);
		buf_puts(out, " by forks");
	}
	if (s->made > 0) {
		buf_puts(out, ", made of ");
		graph_number(out, s->made);
	}
	buf_printf(out, "%s\n", l->close[STAGE]);
}

/* An arrow between two boxes, with a label. */
static void
put_arrow(struct buf *out, const struct language *l, const char *from,
    const char *to, const struct graph_arrow *w, uint64_t n)
{
	bool dashed = w == NULL || w->ending != ENDING_NONE;
	const char *const *part = dashed ? l->dashed : l->solid;
	char span[TERMINAL_DURATION];
	bool dot = l == &DOT;

	buf_printf(out, "\t%s%s", from, part[0]);
	if (dot)
		buf_printf(out, "%s%s", to, part[1]);
	graph_number(out, n);
	if (w != NULL && w->times.count > 0) {
		terminal_duration(
		    span, (int64_t)histogram_at(&w->times, 0.5), true);
		buf_printf(out, ", %s", span);
	}
	if (!dot)
		buf_printf(out, "%s%s", part[1], to);
	buf_puts(out, part[2]);
}

/* What was lost at a stage in one way, and the arrow to it. */
static void
put_loss(struct buf *out, const struct language *l, int stage, const char *name,
    const char *words, uint64_t n)
{
	char from[16], to[32];

	if (n == 0)
		return;
	snprintf(from, sizeof(from), "b%d", stage);
	snprintf(to, sizeof(to), "%s%d", name, stage < 0 ? 0 : stage);
	buf_printf(out, "\t%s%s%s%s", to, l->open[LOSS], words, l->newline);
	put_events(out, n);
	buf_printf(out, "%s\n", l->close[LOSS]);
	if (stage >= 0)
		put_arrow(out, l, from, to, NULL, n);
}

static void
put_losses(struct buf *out, const struct language *l, const struct graph *g)
{
	static const char *const NAMES[ENDINGS] = {
	    "", "away", "rejected", "dropped"};
	int stage;
	uint64_t missing = graph_missing(g, &stage);

	for (size_t i = 0; i < g->meter.n; i++)
		for (int e = ENDING_AWAY; e < ENDINGS; e++)
			put_loss(out, l, (int)i, NAMES[e],
			    ending_words((enum ending)e),
			    g->meter.stage[i]->lost[e]);
	put_loss(out, l, stage, "missing",
	    stage < 0 ? "not in these files" : "dropped", missing);
}

static void
put_arrows(struct buf *out, const struct language *l, const struct graph *g)
{
	char from[16], to[16];

	for (uint16_t i = 0; i < g->arrows; i++) {
		const struct graph_arrow *w = g->arrow[i];

		snprintf(from, sizeof(from), "b%d", w->from);
		snprintf(to, sizeof(to), "b%d", w->to);
		put_arrow(out, l, from, w->to == GRAPH_END ? "out" : to, w,
		    w->events);
	}
}

static void
put_tables(struct buf *out, const struct language *l, const struct graph *g)
{
	static const struct graph_arrow solid = {.ending = ENDING_NONE};
	char from[16], to[16];

	for (uint16_t i = 0; i < g->tables; i++) {
		const struct graph_table *t = g->table[i];

		snprintf(from, sizeof(from), "t%d", i);
		snprintf(to, sizeof(to), "b%d", t->stage);
		buf_printf(out, "\t%s%s", from, l->open[TABLE]);
		graph_text(out, t->name, 32, l->put);
		buf_puts(out, l->newline);
		graph_rows(out, t);
		buf_printf(out, "%s\n", l->close[TABLE]);
		put_arrow(out, l, from, to, &solid, t->found);
	}
}

static void
put_graph(struct buf *out, const struct language *l, const struct graph *g)
{
	buf_puts(out, l->start);
	for (size_t i = 0; i < g->meter.n; i++)
		put_stage(out, l, g->meter.stage[i]);
	if (g->meter.n > 0) {
		buf_printf(out, "\tout%sOUT%s", l->open[END], l->newline);
		put_events(out, g->meter.out);
		buf_printf(out, "%s\n", l->close[END]);
	}
	put_tables(out, l, g);
	put_arrows(out, l, g);
	put_losses(out, l, g);
	buf_puts(out, l->end);
}

void
graph_dot(struct buf *out, const struct graph *g)
{
	put_graph(out, &DOT, g);
}

void
graph_mermaid(struct buf *out, const struct graph *g)
{
	put_graph(out, &MERMAID, g);
}
