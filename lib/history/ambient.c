#include "history/ambient.h"

enum { PLACES = 256 }; /* of an event */

/* What a value at a site comes from, or from a place that does. */
static unsigned
kinds_of(const struct ambient *o, const struct site *p)
{
	unsigned kinds = 0;

	if (p->root == 1 + CONTEXT_STAGE)
		return 0; /* the user names the stages */
	if (p->root != SITE_EVENT)
		return p->root == 1 + CONTEXT_LINEAGE ? AMBIENT_CLOCK
						      : AMBIENT_OTHER;
	for (const struct ambient_place *x = o->places; x != NULL; x = x->next)
		if (site_covers(&x->site, p) || site_covers(p, &x->site))
			kinds |= x->kinds;
	return kinds;
}

static unsigned
all_kinds(const struct ambient *o, struct sites s)
{
	unsigned kinds = 0;

	for (uint32_t i = 0; i < s.n; i++)
		kinds |= kinds_of(o, &s.p[i]);
	return kinds;
}

static size_t
length(const struct ambient *o)
{
	size_t n = 0;

	for (const struct ambient_place *x = o->places; x != NULL; x = x->next)
		n++;
	return n;
}

static void
add(struct ambient *o, const struct site *p, const struct view *by,
    unsigned kinds)
{
	struct ambient_place *x;

	for (x = o->places; x != NULL; x = x->next)
		if (site_covers(&x->site, p) && (x->kinds & kinds) == kinds)
			return;
	if (length(o) == PLACES)
		return;
	x = arena_alloc(o->a, sizeof(*x));
	*x = (struct ambient_place){
	    .next = o->places, .site = *p, .by = by, .kinds = kinds};
	o->places = x;
}

/* Where a join's key comes from outside, its row does. */
static void
add_join(struct ambient *o, const struct view *v)
{
	const struct rule_report *r = rules_explain(o->rules, o->a, v);
	unsigned kinds = r->known ? all_kinds(o, r->reads) : 0;

	for (uint32_t i = 0; kinds != 0 && i < r->program.n; i++)
		add(o, &r->program.writes[i].site, v, kinds);
}

static void
add_program(struct ambient *o, const struct view *v)
{
	const struct explain_report *e = rules_ambient(o->rules, o->a, v);

	for (uint32_t i = 0; e != NULL && i < e->n; i++) {
		const struct written *w = &e->writes[i];
		unsigned kinds = all_kinds(o, w->copied) |
		    all_kinds(o, w->from) | all_kinds(o, w->by);

		if (w->how == WRITTEN_SET && kinds != 0)
			add(o, &w->site, v, kinds);
	}
}

void
ambient_add(struct ambient *o, const struct view *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (view_says(o->a, &v[i], VIEW_OP, "map"))
			add_program(o, &v[i]);
		else if (view_says(o->a, &v[i], VIEW_OP, "enrich"))
			add_join(o, &v[i]);
	}
}
