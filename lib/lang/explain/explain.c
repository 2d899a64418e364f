/*
 * What a program's outcome says about the paths that it writes.
 */
#include <string.h>

#include "lang/explain/interpret.h"

/* Of an analysis: some tens of milliseconds. */
enum { STEPS_MOST = 2000000 };

struct listing {
	struct analysis *a;
	struct explain_report *e;
	uint32_t cap;
};

static void
list(struct listing *l, struct written w)
{
	struct explain_report *e = l->e;

	if (e->n == l->cap) {
		struct written *more;

		l->cap = l->cap == 0 ? 8 : l->cap * 2;
		more = arena_array(l->a->arena, l->cap, sizeof(*more));
		if (e->n > 0)
			memcpy(more, e->writes, e->n * sizeof(*more));
		e->writes = more;
	}
	e->writes[e->n++] = w;
}

static struct sites
without(struct analysis *a, struct sites s, struct sites others)
{
	struct sites left = {0};

	for (uint32_t i = 0; i < s.n; i++) {
		bool covered = false;

		for (uint32_t j = 0; j < others.n; j++)
			covered |= site_covers(&others.p[j], &s.p[i]);
		if (!covered)
			left = sites_add(a, left, &s.p[i]);
	}
	return left;
}

static void
list_set(struct listing *l, const struct site *p, const struct shape *s,
    enum how_written how)
{
	struct written w = {.site = *p, .how = how, .where = s->where};

	w.copied = sites_least(l->a, s->at);
	w.from = s->from;
	w.by = s->by;
	if (s->scattered && how == WRITTEN_SET) {
		w.from = sites_join(l->a, w.from, s->rest.from);
		w.by = sites_join(l->a, w.by, s->rest.by);
	}
	w.from = without(l->a, sites_least(l->a, w.from), w.copied);
	w.by = sites_least(l->a, w.by);
	w.by = without(l->a, without(l->a, w.by, w.copied), w.from);
	if (s->scattered && how == WRITTEN_SET)
		w.by = sites_least(l->a, sites_join(l->a, w.by, s->rest.keys));
	if (how == WRITTEN_FILTERED)
		w.by = sites_least(l->a, s->by);
	list(l, w);
}

static void
list_rest(struct listing *l, const struct site *p, const struct shape *s)
{
	struct written w = {.site = site_open(*p), .where = s->where};

	w.from = sites_least(l->a, s->rest.from);
	w.by = without(l->a, sites_least(l->a, s->rest.by), w.from);
	w.by = sites_least(l->a, sites_join(l->a, w.by, s->rest.keys));
	list(l, w);
}

/* Is it just what stood there? */
static bool
is_kept(const struct shape *s, const struct site *p)
{
	return s->at.n == 1 && site_equal(&s->at.p[0], p) && !s->made &&
	    !s->gone && s->from.n == 0;
}

static void compare_children(
    struct listing *l, const struct child *c, const struct site *p, bool fresh);

/* List what differs from the event at p; all, where it is fresh. */
static void
compare(
    struct listing *l, const struct shape *s, const struct site *p, bool fresh)
{
	struct shape whole = *s;
	bool kept = is_kept(s, p);

	if (kept && p->n == 0 && s->by.n > 0) {
		whole.at = (struct sites){0};
		whole.scattered = false;
		list_set(l, p, &whole, WRITTEN_FILTERED);
	} else if (!kept && s->gone && !s->made && s->at.n == 0) {
		list_set(l, p, s, WRITTEN_REMOVED);
	} else if (!kept || fresh || (p->n > 0 && s->by.n > 0)) {
		list_set(l, p, s, WRITTEN_SET);
	}
	if (s->scattered && kept && (p->n == 0 || s->by.n == 0))
		list_rest(l, p, s);
	compare_children(l, s->children, p, s->at.n == 0);
}

/* The newest child stands first, and is told last. */
static void
compare_children(
    struct listing *l, const struct child *c, const struct site *p, bool fresh)
{
	struct site q;

	if (c == NULL)
		return;
	compare_children(l, c->next, p, fresh);
	q = site_below(l->a, p, &c->key);
	compare(l, c->shape, &q, fresh);
}

/* What it writes may be made of all that there is to read. */
static void
report_unknown(struct arena *arena, struct explain_report *e)
{
	static const struct site ANY[] = {{.root = SITE_EVENT, .open = true},
	    {.root = 1 + CONTEXT_LINEAGE, .open = true},
	    {.root = 1 + CONTEXT_STAGE, .open = true},
	    {.root = 1 + CONTEXT_SOURCE, .open = true},
	    {.root = 1 + CONTEXT_LINE, .open = true}};
	const struct sites any = {sizeof(ANY) / sizeof(*ANY), ANY};
	struct written *w = arena_alloc(arena, sizeof(*w));

	*w = (struct written){
	    .site = ANY[0], .how = WRITTEN_SET, .from = any, .by = any};
	*e = (struct explain_report){true, any, 1, w, NULL};
}

static void
report(struct analysis *a, const struct program *p, bool event,
    struct explain_report *e)
{
	struct interpreter x = {.a = a};
	struct listing l = {a, e, 0};
	const struct shape *out;
	struct site root = {0};

	*e = (struct explain_report){0};
	out = interpret_run(&x, p, event);
	e->reads = x.used;
	e->out = out;
	if (out == NULL)
		list(&l, (struct written){.how = WRITTEN_REMOVED});
	else
		compare(&l, out, &root, false);
	for (uint32_t i = 0; i < e->n; i++) {
		const struct written *w = &e->writes[i];

		e->reads = sites_join(a, e->reads, w->copied);
		e->reads = sites_join(a, e->reads, w->from);
		e->reads = sites_join(a, e->reads, w->by);
	}
	e->reads = sites_least(a, e->reads);
}

void
explain_program(struct arena *arena, const struct program *p, bool event,
    struct explain_report *e)
{
	jmp_buf spent;
	struct analysis a = {arena, STEPS_MOST, &spent};

	if (setjmp(spent) != 0) {
		report_unknown(arena, e);
		return;
	}
	report(&a, p, event, e);
}

static void
put_list(struct buf *out, struct sites s, const char *between)
{
	for (uint32_t i = 0; i < s.n; i++) {
		if (i > 0)
			buf_puts(out, between);
		site_write(out, &s.p[i]);
	}
}

static void
put_write(struct buf *out, const struct written *w, size_t width)
{
	static const char *const FIRST[] = {[WRITTEN_SET] = "",
	    [WRITTEN_REMOVED] = "removed",
	    [WRITTEN_FILTERED] = "kept or dropped"};
	size_t start = out->len + 2;
	const char *comma = "";

	buf_puts(out, "  ");
	site_write(out, &w->site);
	if (w->copied.n + w->from.n + w->by.n > 0 || w->how != WRITTEN_SET)
		while (out->len < start + width + 2 && !buf_failed(out))
			buf_putc(out, ' ');
	if (w->how != WRITTEN_SET) {
		buf_puts(out, FIRST[w->how]);
		comma = ", ";
	}
	if (w->copied.n + w->from.n > 0) {
		buf_printf(out, "%sfrom ", comma);
		put_list(out, w->copied, ", ");
		buf_puts(out, w->copied.n > 0 && w->from.n > 0 ? ", " : "");
		put_list(out, w->from, ", ");
		comma = ", ";
	}
	if (w->by.n > 0) {
		buf_printf(out, "%sdecided by ", comma);
		put_list(out, w->by, ", ");
	}
	buf_putc(out, '\n');
}

void
explain_report_write(struct buf *out, const struct explain_report *e)
{
	size_t width = 0, start;

	if (e->unknown)
		buf_puts(out,
		    "unknown: the program takes too many steps to explain\n");
	buf_puts(out, e->reads.n > 0 ? "reads\n" : "reads nothing\n");
	for (uint32_t i = 0; i < e->reads.n; i++) {
		buf_puts(out, "  ");
		site_write(out, &e->reads.p[i]);
		buf_putc(out, '\n');
	}
	for (uint32_t i = 0; i < e->n; i++) {
		start = out->len;
		site_write(out, &e->writes[i].site);
		if (out->len - start > width && out->len - start < 40)
			width = out->len - start;
		out->len = start;
	}
	buf_puts(out, e->n > 0 ? "writes\n" : "writes nothing\n");
	for (uint32_t i = 0; i < e->n; i++)
		put_write(out, &e->writes[i], width);
}

static void
json_site(struct buf *out, const struct site *p)
{
	struct buf text = {0};

	site_write(&text, p);
	if (buf_failed(&text))
		out->failed = true;
	value_write_string(out, text.p, text.len);
	buf_release(&text);
}

static void
json_reads(struct buf *out, struct sites s, const char *type,
    const char *subtype, const char **comma)
{
	for (uint32_t i = 0; i < s.n; i++) {
		buf_printf(out, "%s{\"path\":", *comma);
		json_site(out, &s.p[i]);
		buf_printf(
		    out, ",\"type\":\"%s\",\"subtype\":\"%s\"}", type, subtype);
		*comma = ",";
	}
}

static void
json_write(struct buf *out, const struct written *w)
{
	static const char *const HOW[] = {[WRITTEN_SET] = "set",
	    [WRITTEN_REMOVED] = "removed",
	    [WRITTEN_FILTERED] = "filtered"};
	const char *comma = "";

	buf_puts(out, "{\"path\":");
	json_site(out, &w->site);
	buf_printf(out, ",\"how\":\"%s\",\"from\":[", HOW[w->how]);
	json_reads(out, w->copied, "DIRECT", "IDENTITY", &comma);
	json_reads(out, w->from, "DIRECT", "TRANSFORMATION", &comma);
	json_reads(out, w->by, "INDIRECT",
	    w->how == WRITTEN_FILTERED ? "FILTER" : "CONDITIONAL", &comma);
	buf_puts(out, "]}");
}

void
explain_report_write_json(struct buf *out, const struct explain_report *e)
{
	buf_puts(
	    out, e->unknown ? "{\"unknown\":true,\"reads\":[" : "{\"reads\":[");
	for (uint32_t i = 0; i < e->reads.n; i++) {
		buf_puts(out, i > 0 ? "," : "");
		json_site(out, &e->reads.p[i]);
	}
	buf_puts(out, "],\"writes\":[");
	for (uint32_t i = 0; i < e->n; i++) {
		buf_puts(out, i > 0 ? "," : "");
		json_write(out, &e->writes[i]);
	}
	buf_puts(out, "]}\n");
}
