#include <inttypes.h>
#include <string.h>

#include "render/report_stage.h"
#include "value/value.h"

enum {
	FIELDS = 8, /* that are told */
	SITES = 64, /* of a rule, of each kind */
	EXACT = 64, /* values of a histogram that are counted one by one */
	DOUBLINGS = 44,
};

/* --- what its rule does --- */

/* Keys from the event on, null for what is open; or the name of a context. */
static void
put_site(struct buf *out, const struct site *s)
{
	struct buf name = {0};

	if (s->root != SITE_EVENT) {
		site_write(&name, s);
		out->failed |= name.failed;
		texts_put(out, name.p, name.len);
		buf_release(&name);
		return;
	}
	buf_putc(out, '[');
	for (uint32_t i = 0; i < s->n; i++) {
		buf_puts(out, i > 0 ? "," : "");
		if (value_is_string(s->keys[i]))
			texts_put(out, s->keys[i].text, s->keys[i].n);
		else
			value_write(out, s->keys[i]);
	}
	if (s->open)
		buf_puts(out, s->n > 0 ? ",null" : "null");
	buf_putc(out, ']');
}

static const char *
put_sites(struct buf *out, const char *comma, const struct sites *s)
{
	for (uint32_t i = 0; i < s->n && i < SITES; i++, comma = ",") {
		buf_puts(out, comma);
		put_site(out, &s->p[i]);
	}
	return comma;
}

static void
put_write(struct buf *out, const struct written *w)
{
	buf_puts(out, "{\"at\":");
	put_site(out, &w->site);
	buf_puts(out, ",\"from\":[");
	put_sites(out, put_sites(out, "", &w->copied), &w->from);
	buf_puts(out, "],\"by\":[");
	put_sites(out, "", &w->by);
	buf_puts(
	    out, w->how == WRITTEN_FILTERED ? "],\"filtered\":true}" : "]}");
}

char *
report_stage_does(struct rules *rules, struct arena *a, const struct view *v)
{
	const struct rule_report *r = rules_explain(rules, a, v);
	struct buf out = {0};

	buf_puts(&out, "\"reads\":[");
	if (r->known)
		put_sites(&out, "", &r->reads);
	buf_puts(&out, "],\"writes\":[");
	for (uint32_t i = 0;
	     r->known && r->writes && i < r->program.n && i < SITES; i++) {
		buf_puts(&out, i > 0 ? "," : "");
		put_write(&out, &r->program.writes[i]);
	}
	buf_puts(
	    &out, r->known && !r->program.unknown ? "]" : "],\"unknown\":true");
	buf_putc(&out, '\0');
	if (buf_failed(&out)) {
		buf_release(&out);
		arena_starve(a);
	}
	return out.p;
}

/* --- the stage --- */

static void
put_text(struct buf *out, const char *name, const char *text)
{
	buf_printf(out, "\"%s\":", name);
	texts_put(out, text, strlen(text));
}

/* How often a time took each number of bits. */
static void
put_times(struct buf *out, const struct histogram *h)
{
	uint64_t counts[DOUBLINGS] = {0};
	size_t first = DOUBLINGS, last = 0;

	if (h->count == 0)
		return;
	for (size_t i = 0; i < HISTOGRAM_SLOTS; i++) {
		size_t bit = 6 + (i - EXACT) / HISTOGRAM_PARTS;

		if (i < EXACT)
			for (bit = 0; i >> (bit + 1) != 0;)
				bit++;
		counts[bit < DOUBLINGS ? bit : DOUBLINGS - 1] += h->slot[i];
	}
	for (size_t i = 0; i < DOUBLINGS; i++)
		if (counts[i] > 0) {
			first = i < first ? i : first;
			last = i;
		}
	buf_printf(out,
	    ",\"time\":{\"median\":%" PRIu64 ",\"p99\":%" PRIu64
	    ",\"max\":%" PRIu64 ",\"from\":%zu,\"bins\":[",
	    histogram_at(h, 0.5), histogram_at(h, 0.99), h->max, first);
	for (size_t i = first; i <= last; i++)
		buf_printf(out, "%s%" PRIu64, i > first ? "," : "", counts[i]);
	buf_puts(out, "]}");
}

static void
put_fields(struct buf *out, const struct frequent *f)
{
	const struct frequent_item *order[FREQUENT_ITEMS];

	frequent_sort(f, order);
	buf_puts(out, ",\"fields\":[");
	for (size_t i = 0; i < f->n && i < FIELDS; i++) {
		buf_puts(out, i > 0 ? ",[" : "[");
		texts_put(out, order[i]->text, order[i]->len);
		buf_printf(out, ",%" PRIu64 "]", order[i]->count);
	}
	buf_putc(out, ']');
}

static void
put_tables(struct buf *out, const struct graph *g, uint16_t stage)
{
	const char *comma = "";

	buf_puts(out, ",\"tables\":[");
	for (uint16_t i = 0; i < g->tables; i++) {
		const struct graph_table *t = g->table[i];

		if (t->stage != stage)
			continue;
		buf_printf(out, "%s{", comma);
		put_text(out, "name", t->name);
		buf_printf(out, ",\"rows\":%zu,\"events\":%" PRIu64 "}",
		    t->rows.n, t->found);
		comma = ",";
	}
	buf_putc(out, ']');
}

/* Which files hold what was lost there. */
static void
put_files(struct buf *out, const struct graph_file file[ENDINGS])
{
	static const char *const NAMES[ENDINGS] = {
	    "", "away", "rejected", "dropped"};
	const char *comma = "";

	buf_puts(out, ",\"to\":{");
	for (int e = ENDING_AWAY; e < ENDINGS; e++) {
		const struct graph_file *f = &file[e];

		if (f->name == NULL || f->more)
			continue;
		buf_puts(out, comma);
		put_text(out, NAMES[e], f->name);
		comma = ",";
	}
	buf_putc(out, '}');
}

static void
put_stage(struct buf *out, const struct report *r, const struct meter_stage *s,
    uint64_t missing)
{
	const struct report_stage *more = &r->stage[s->number];

	buf_puts(out, "{");
	put_text(out, "op", s->op);
	buf_putc(out, ',');
	put_text(out, "name", s->name);
	buf_putc(out, ',');
	put_text(out, "rule", s->rule);
	buf_printf(out,
	    ",\"came\":%" PRIu64 ",\"went\":%" PRIu64 ",\"changed\":%" PRIu64
	    ",\"away\":%" PRIu64 ",\"rejected\":%" PRIu64
	    ",\"dropped\":%" PRIu64 ",\"missing\":%" PRIu64
	    ",\"forks\":%" PRIu64 ",\"made\":%" PRIu64 ",\"revised\":%" PRIu64
	    ",%s",
	    (uint64_t)(more->came + 0.5), (uint64_t)(more->went + 0.5),
	    s->changed, s->lost[ENDING_AWAY], s->lost[ENDING_REJECTED],
	    s->lost[ENDING_DROPPED], missing, s->forks, s->made, s->revised,
	    more->does != NULL ? more->does : "\"reads\":[],\"writes\":[]");
	put_times(out, &s->times);
	put_fields(out, &s->fields);
	put_tables(out, &r->graph, s->number);
	put_files(out, r->graph.file[s->number]);
	buf_puts(out, "}");
}

void
report_stage_put(
    const struct report *r, struct buf *out, uint64_t missing, int stage)
{
	const struct meter *m = &r->graph.meter;
	const struct meter_stage *order[METER_STAGES];

	meter_sort(m, order);
	buf_puts(out, "\"order\":[");
	for (size_t i = 0; i < m->n; i++)
		buf_printf(out, "%s%d", i > 0 ? "," : "", order[i]->number);
	buf_printf(out, "],\"unplaced\":%s,\"others\":%s,\n\"stages\":[\n",
	    missing > 0 && stage < 0 ? "true" : "false",
	    m->others > 0 ? "true" : "false");
	for (size_t i = 0; i < m->n; i++) {
		bool blamed =
		    stage < 0 ? m->stage[i] == order[0] : (int)i == stage;

		buf_puts(out, i > 0 ? ",\n" : "");
		put_stage(out, r, m->stage[i], blamed ? missing : 0);
	}
	buf_puts(out, "],\n");
}
