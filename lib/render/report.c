#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "history/ending.h"
#include "render/made.h"
#include "render/report.h"
#include "render/report_pack.h"
#include "render/report_stage.h"
#include "value/array.h"
#include "value/number.h"
#include "value/object.h"
#include "value/string.h"

/*
 * The page, which the Makefile joins of its parts and names.  The names are
 * global, since a link-time optimizer may part them from here.
 */
__asm__(".pushsection .rodata\n"
	".globl report_page, report_page_end\n"
	".hidden report_page, report_page_end\n"
	"report_page:\n"
	".incbin \"" REPORT_PAGE "\"\n"
	"report_page_end:\n"
	".byte 0\n"
	".popsection\n");
extern const char report_page[], report_page_end[];

int
report_init(struct report *r, const char *key)
{
	r->key = key;
	r->rules = rules_new();
	if (r->rules == NULL)
		return -1;
	return lineage_init(
	    &r->lineage, LINEAGE_OFF, key, "trace", NULL, NULL, 0);
}

void
report_release(struct report *r)
{
	graph_release(&r->graph);
	lineage_release(&r->lineage);
	if (r->rules != NULL)
		rules_free(r->rules);
	texts_release(&r->texts);
	distinct_release(&r->lost);
	for (size_t i = 0; i < METER_STAGES; i++)
		free(r->stage[i].does);
	for (int e = 0; e < ENDINGS; e++) {
		buf_release(&r->kept[e].events);
		free(r->kept[e].one);
		free(r->kept[e].texts_of);
	}
}

bool
report_is_page(const char *text, size_t len)
{
	size_t n = (size_t)(report_page_end - report_page);
	const char *title = memmem(report_page, n, "<title>", 7);

	n = title != NULL ? (size_t)(title - report_page) : n;
	return len >= n && memcmp(text, report_page, n) == 0;
}

/* --- an event, or a line of rejects --- */

/* The event of a line of rejects, parsed anew so that its history hides. */
static void
reparse(struct report *r, struct arena *a, struct report_packing *p)
{
	struct arena_deferred *release;
	struct buf *b = buf_new(a, &release);
	struct scan_error error;
	struct value history;

	value_write(b, p->event);
	if (buf_failed(b))
		arena_starve(a);
	if (!value_parse(a, b->p, b->len, &p->event, &error) ||
	    lineage_find(&r->lineage, a, (struct doc *)p->event.doc, p->event.n,
		&history) != NULL)
		p->event = VALUE_OF(VALUE_NULL);
	arena_end(a, release);
}

/* "access.ndjson:17" of a line that was rejected where it was read. */
static void
locate(struct arena *a, struct report_packing *p, const struct reject_line *l)
{
	struct arena_deferred *release;
	struct buf *b = buf_new(a, &release);
	struct value source = string_decoded(a, l->source);

	buf_put(b, source.text, source.n);
	buf_putc(b, ':');
	value_write(b, l->line);
	if (buf_failed(b))
		arena_starve(a);
	p->who.origin = value_text(arena_copy(a, b->p, b->len), b->len);
	arena_end(a, release);
}

/* The history of a line of rejects, which *p is filled with; else as it is. */
static struct value
read_reject(struct report *r, struct arena *a, struct value event,
    struct value history, struct report_packing *p)
{
	struct reject_line l;

	p->event = event;
	if (array_length(history) > 0 ||
	    !ending_read_reject(a, event, r->key, &l))
		return history;
	p->event = l.event;
	if (!object_get(a, event, value_cstring("text"), &p->text))
		(void)object_get(a, event, value_cstring("base64"), &p->text);
	if (value_is_object(l.event))
		reparse(r, a, p);
	if (array_length(l.history) == 1)
		locate(a, p, &l);
	return l.history;
}

/* --- amounts --- */

/* Called with each record of the event in hand. */
static void
note_step(void *arg, struct arena *a, const struct meter_step *s)
{
	struct report *r = arg;
	struct report_step *step = &r->steps[r->steps_n++];
	struct report_stage *stage;

	step->stage = s->stage != NULL ? s->stage->number : METER_STAGES;
	step->micros = s->micros;
	if (s->stage == NULL)
		return;
	stage = &r->stage[s->stage->number];
	if (stage->does == NULL)
		stage->does = report_stage_does(r->rules, a, s->v);
}

/* Into how many its stage made one, as a record says. */
static double
forked(const struct view *v)
{
	struct value fork = v->of[VIEW_FORK], n;

	if (!value_is_array(fork) || array_length(fork) != 2)
		return 1;
	n = array_get(fork, 1);
	if (!value_is_number(n))
		return 1;
	n = value_number(n);
	return n.kind == VALUE_INT && n.i > 0 ? (double)n.i : 1;
}

/*
 * An event that is one of n by a fork was the n-th part of an event before
 * it; a result was all events that it was made of.
 */
static void
weigh(struct report *r, struct arena *a, const struct report_packing *p)
{
	double weight = 1;

	for (size_t i = p->n; i > 0; i--) {
		const struct view *v = &p->v[i - 1];
		int stage = r->steps[i - 1].stage;
		bool lost = i == p->n && p->ending != ENDING_NONE;
		uint64_t made = made_count(a, v);

		if (stage < METER_STAGES && !lost)
			r->stage[stage].went += weight;
		weight /= forked(v);
		if (made > 0)
			weight = made_revised(v) ? 0 : (double)made;
		if (stage < METER_STAGES)
			r->stage[stage].came += weight;
	}
	r->came += weight;
}

static void
tell_time(struct report *r, struct report_packing *p)
{
	static const unsigned KIND[ENDINGS] = {
	    [ENDING_AWAY] = 1, [ENDING_DROPPED] = 1, [ENDING_REJECTED] = 2};
	int64_t last = 0;

	p->timed = p->n > 0 &&
	    view_time(p->a, &r->graph.meter.clock, &p->v[0], &p->time);
	if (!p->timed)
		return;
	span_bins_add(&r->bins, p->time, KIND[p->ending]);
	last = p->time;
	for (size_t i = 1; i < p->n; i++)
		last += r->steps[i].micros > 0 ? r->steps[i].micros : 0;
	span_bins_reach(&r->bins, last);
}

/* --- which are kept --- */

static bool
make_room(struct report_kept *k, size_t texts)
{
	size_t cap = k->cap == 0 ? 256 : k->cap * 2;
	size_t texts_cap = (k->texts_n + texts) * 2;
	void *more;

	if (k->n == k->cap) {
		more = reallocarray(k->one, cap, sizeof(*k->one));
		if (more == NULL)
			return false;
		k->one = more;
		k->cap = cap;
	}
	if (k->texts_n + texts > k->texts_cap) {
		more =
		    reallocarray(k->texts_of, texts_cap, sizeof(*k->texts_of));
		if (more == NULL)
			return false;
		k->texts_of = more;
		k->texts_cap = texts_cap;
	}
	return true;
}

/* Keep the event, where there is still room for it. */
static void
keep(struct report *r, struct report_packing *p)
{
	struct report_kept *k = &r->kept[p->ending];
	size_t from = k->events.len, strings = r->texts.strings.len, grown;

	if (k->n >= r->most)
		return;
	p->out = &k->events;
	report_pack(p);
	if (buf_failed(&k->events) || r->texts.failed ||
	    !make_room(k, p->texts_n))
		arena_starve(p->a);
	grown = k->events.len - from + r->texts.strings.len - strings;
	if (grown > REPORT_BYTES - r->bytes) {
		k->events.len = from; /* texts that are left aren't written */
		r->large++;
		return;
	}
	r->bytes += grown;
	k->one[k->n++] = (struct report_one){.at = from,
	    .len = k->events.len - from,
	    .texts = k->texts_n,
	    .n = p->texts_n};
	if (p->texts_n > 0)
		memcpy(k->texts_of + k->texts_n, p->texts,
		    p->texts_n * sizeof(*p->texts));
	k->texts_n += p->texts_n;
}

/* A lost event may stand in two files: beside the stage, and in the trail. */
static bool
is_again(struct report *r, const struct report_packing *p)
{
	uint64_t hash = 0;
	size_t before = r->lost.n;
	const struct value of[] = {
	    p->who.id, p->who.origin, p->who.forks, value_cstring("")};
	struct value op = of[3];

	if (p->ending == ENDING_NONE || p->who.id.n + p->who.origin.n == 0)
		return false;
	(void)view_text(p->a, &p->v[p->n - 1], VIEW_RULE, &op);
	for (size_t i = 0; i < 3; i++)
		hash = hash * 31 + hash_bytes(of[i].text, of[i].n);
	hash = hash * 31 + hash_bytes(op.text, op.n) + (uint64_t)p->ending;
	if (!distinct_add(&r->lost, hash))
		arena_starve(p->a);
	return !r->lost.more && r->lost.n == before;
}

void
report_event(struct report *r, struct arena *a, struct value event,
    struct value history, const char *file)
{
	struct report_packing p = {
	    .report = r, .a = a, .text = VALUE_OF(VALUE_NULL)};
	struct value origin;

	p.who.origin = value_cstring("");
	history = array_open(a, read_reject(r, a, event, history, &p));
	origin = p.who.origin;
	p.v = view_history(a, history, &p.n);
	identity_read(a, p.v, p.n, &p.who);
	if (p.who.origin.n == 0)
		p.who.origin = origin;
	p.ending = p.n > 0 ? ending_of(a, &p.v[p.n - 1]) : ENDING_NONE;
	if (is_again(r, &p)) {
		r->again++;
		return;
	}
	r->total++;
	r->steps = arena_array(a, p.n + 1, sizeof(*r->steps));
	r->steps_n = 0;
	r->graph.step = note_step;
	r->graph.arg = r;
	rules_begin(r->rules);
	graph_event(&r->graph, a, history, file);
	weigh(r, a, &p);
	tell_time(r, &p);
	keep(r, &p);
}

/* --- the page --- */

/*
 * How many of each ending are shown: the same number of each, and what one
 * doesn't need is the others'.
 */
static void
share_out(const struct report *r, size_t share[ENDINGS])
{
	size_t left = r->most, endings = ENDINGS;
	bool settled[ENDINGS] = {false};

	for (size_t round = 0; round < ENDINGS; round++)
		for (int e = 0; e < ENDINGS; e++) {
			if (settled[e] || r->kept[e].n > left / endings)
				continue;
			share[e] = r->kept[e].n;
			left -= share[e];
			settled[e] = true;
			endings--;
			if (endings == 0)
				return;
		}
	for (int e = 0; e < ENDINGS; e++) {
		if (settled[e])
			continue;
		share[e] = left / endings;
		left -= share[e];
		endings--;
	}
}

/* Put those events, and note which texts they need. */
static void
put_kept(struct report *r, struct writer *w, int ending, size_t n)
{
	const struct report_kept *k = &r->kept[ending];

	for (size_t i = 0; i < n; i++) {
		const struct report_one *o = &k->one[i];

		if (r->shown++ > 0)
			writer_put(w, ",", 1);
		writer_put(w, "\n", 1);
		writer_put(w, k->events.p + o->at, o->len);
		for (size_t t = 0; t < o->n; t++)
			r->texts.one[k->texts_of[o->texts + t]].used = true;
	}
}

static uint64_t
lost_so(const struct report *r, enum ending e)
{
	uint64_t n = 0;

	for (size_t i = 0; i < r->graph.meter.n; i++)
		n += r->graph.meter.stage[i]->lost[e];
	return n;
}

static void
put_amounts(const struct report *r, struct buf *out, uint64_t missing)
{
	const struct span_bins *b = &r->bins;
	const char *comma = "";

	buf_printf(out,
	    "{\"total\":%" PRIu64 ",\"held\":%" PRIu64
	    ",\"picked\":%s,\n\"counts\":{\"out\":%" PRIu64 ",\"away\":%" PRIu64
	    ",\"rejected\":%" PRIu64 ",\"dropped\":%" PRIu64
	    ",\"missing\":%" PRIu64 "},\n\"span\":",
	    (uint64_t)(r->came + 0.5) + missing, r->total,
	    r->graph.partial ? "true" : "false", r->graph.meter.out,
	    lost_so(r, ENDING_AWAY), lost_so(r, ENDING_REJECTED),
	    lost_so(r, ENDING_DROPPED) + missing, missing);
	if (b->events == 0) {
		buf_puts(out, "[null,null],\"bins\":[],\n");
		return;
	}
	buf_printf(out,
	    "[%" PRId64 ",%" PRId64 "],\"bin\":%" PRId64
	    ",\"bins_from\":%" PRId64 ",\"bins\":[",
	    b->first, b->end, (int64_t)1 << b->width,
	    b->from * ((int64_t)1 << b->width));
	for (size_t i = 0;
	     i < SPAN_BINS && b->from + (int64_t)i <= b->last >> b->width;
	     i++, comma = ",")
		buf_printf(out, "%s[%" PRIu64 ",%" PRIu64 ",%" PRIu64 "]",
		    comma, b->bin[i][0], b->bin[i][1], b->bin[i][2]);
	buf_puts(out, "],\n");
}

static void
put_sources(const struct report *r, struct buf *out)
{
	buf_puts(out, "\"sources\":[");
	for (uint16_t i = 0; i < r->graph.sources; i++) {
		const struct graph_source *s = r->graph.source[i];
		uint64_t n = s->vague || s->met == 0 || r->graph.partial
		    ? s->met
		    : s->last - s->first + 1;

		buf_puts(out, i > 0 ? "," : "");
		buf_puts(out, "{\"name\":");
		texts_put(out, s->name, strlen(s->name));
		buf_printf(out, ",\"events\":%" PRIu64 "}", n);
	}
	buf_puts(out, "],\n");
}

static bool
put_buf(struct writer *w, struct buf *b)
{
	bool done = !buf_failed(b);

	if (done)
		writer_put(w, b->p, b->len);
	buf_release(b);
	return done;
}

/* Numbers and stages; then the events; then the texts that these need. */
static bool
put_data(struct report *r, struct writer *w)
{
	size_t share[ENDINGS] = {0};
	struct buf out = {0};
	int at;
	uint64_t missing = graph_missing(&r->graph, &at);

	put_amounts(r, &out, missing);
	put_sources(r, &out);
	report_stage_put(r, &out, missing, at);
	buf_puts(&out, "\"events\":[");
	if (!put_buf(w, &out))
		return false;
	share_out(r, share);
	r->shown = 0;
	for (int e = 0; e < ENDINGS; e++)
		put_kept(r, w, e, share[e]);
	out = (struct buf){0};
	buf_puts(&out, "],\n\"texts\":");
	texts_write(&r->texts, &out);
	buf_putc(&out, '}');
	return put_buf(w, &out);
}

bool
report_write(struct report *r, struct writer *w)
{
	static const char DATA[] = "<!--DATA-->";
	size_t len = (size_t)(report_page_end - report_page);
	const char *data = memmem(report_page, len, DATA, sizeof(DATA) - 1);

	if (data == NULL)
		return false;
	writer_put(w, report_page, (size_t)(data - report_page));
	if (!put_data(r, w))
		return false;
	data += sizeof(DATA) - 1;
	writer_put(w, data, (size_t)(report_page_end - data));
	return true;
}
