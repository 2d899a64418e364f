#include "trust/ruling.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A site as text in the arena. */
static const char *
name_site(struct arena *a, const struct site *p)
{
	struct arena_deferred *release;
	struct buf *b;
	const char *text;

	if (p->root == SITE_EVENT && p->n == 0)
		return p->open ? "any part of the event" : "the whole event";
	b = buf_new(a, &release);
	site_write(b, p);
	if (buf_failed(b))
		arena_starve(a);
	text = arena_copy(a, b->p, b->len);
	arena_end(a, release);
	return text;
}

static void say(struct ruling *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
say(struct ruling *out, const char *format, ...)
{
	size_t n = strlen(out->text);
	va_list args;

	va_start(args, format);
	vsnprintf(out->text + n, sizeof(out->text) - n, format, args);
	va_end(args);
}

/* --- paths --- */

/* How a site that is written stands to a path that is protected. */
static void
say_written(struct arena *a, struct ruling *out, const struct touched *t,
    const struct pathspec *p)
{
	if (t->site.n < p->path.n)
		say(out, "%s is protected, and this stage replaces %s", p->text,
		    name_site(a, &t->site));
	else if (t->site.n > p->path.n)
		say(out, "%s is protected, and this stage writes %s", p->text,
		    name_site(a, &t->site));
	else
		say(out, "%s is protected, and this stage writes it", p->text);
	say(out, "; leave %s as it is", p->text);
}

static void
judge_protect(struct arena *a, const struct policy_rule *r,
    const struct explain_report *e, struct ruling *out)
{
	for (size_t i = 0; i < r->paths.n; i++) {
		const struct pathspec *p = &r->paths.v[i];
		struct touched t;

		touch_find(a, e, &p->path, &t);
		if (t.touch <= out->touch)
			continue;
		out->touch = t.touch;
		out->where = t.where;
		if (t.touch == TOUCH_WRITES)
			say_written(a, out, &t, p);
	}
}

/* .cost, .tax and .total */
static void
say_paths(struct ruling *out, const struct pathspecs *s)
{
	for (size_t i = 0; i < s->n && i < 4; i++)
		say(out, "%s%s",
		    i == 0             ? ""
			: i + 1 < s->n ? ", "
				       : " and ",
		    s->v[i].text);
	if (s->n > 4)
		say(out, " and others");
}

static void
judge_may(struct arena *a, const struct policy_rule *r,
    const struct explain_report *e, bool fresh, struct ruling *out)
{
	struct touch_path *paths = arena_array(a, r->paths.n, sizeof(*paths));
	struct touched t;

	for (size_t i = 0; i < r->paths.n; i++)
		paths[i] = r->paths.v[i].path;
	touch_outside(a, e, paths, (uint32_t)r->paths.n, fresh, &t);
	out->touch = t.touch;
	out->where = t.where;
	if (t.touch != TOUCH_WRITES)
		return;
	say(out, "stage %s may write ", r->stage);
	say_paths(out, &r->paths);
	say(out, ", and this stage ");
	if (t.site.n == 0)
		say(out, "replaces the whole event; assign the members");
	else
		say(out, "writes %s; leave %s as it is", name_site(a, &t.site),
		    name_site(a, &t.site));
}

/* --- flows --- */

struct flows {
	struct arena *a;
	const struct policy_rule *rule;
	const struct explain_report *report;
	const struct ruling_stage *stage;
	struct ruling *out;
};

/* Does a label's value that comes there stay where the label is? */
static bool
is_labelled(const struct policy_rule *r, const struct site *p)
{
	for (size_t i = 0; i < r->paths.n; i++)
		if (touch_covers(&r->paths.v[i].path, p))
			return true;
	return false;
}

/* Histories hold old values. */
static bool
meets(const struct site *p, const struct pathspec *label)
{
	return p->root == 1 + CONTEXT_LINEAGE || touch_meets(p, &label->path);
}

/* Is what a site has of it a mask? */
static bool
is_masked(
    const struct flows *f, const struct site *p, const struct pathspec *label)
{
	struct pathspecs masked = *f->stage->masked;

	if (p->root == 1 + CONTEXT_LINEAGE) {
		masked.v += f->stage->elsewhere;
		masked.n -= f->stage->elsewhere;
	}
	return pathspecs_cover(&masked, label);
}

/* The path of the label that a site may hold, if it is there at all. */
static const struct pathspec *
labelled(const struct flows *f, const struct site *p)
{
	const struct policy_rule *r = f->rule;

	for (size_t i = 0; i < r->paths.n; i++) {
		const struct pathspec *label = &r->paths.v[i];

		if (meets(p, label) &&
		    !pathspecs_cover(f->stage->forgotten, label) &&
		    !(r->unless_mask && is_masked(f, p, label)))
			return label;
	}
	return NULL;
}

static void
say_source(const struct flows *f, const struct site *source,
    const struct pathspec *label)
{
	const char *text = name_site(f->a, source);

	if (f->report->unknown)
		say(f->out,
		    "%s, which is %s: the program takes too many "
		    "steps to be followed",
		    label->text, f->rule->label);
	else if (source->root != SITE_EVENT)
		say(f->out, "%s, which may hold %s, which is %s", text,
		    label->text, f->rule->label);
	else if (source->n < label->path.n || source->open)
		say(f->out, "%s, where %s is %s", text, label->text,
		    f->rule->label);
	else
		say(f->out, "%s, which is %s", text, f->rule->label);
}

static void
refuse(const struct flows *f, const struct written *w,
    const struct site *source, const struct pathspec *label, bool direct)
{
	f->out->touch = TOUCH_WRITES;
	f->out->where = source->at != 0 ? source->at : w->where;
	if (w->how == WRITTEN_FILTERED)
		say(f->out, "which events pass");
	else
		say(f->out, "%s", name_site(f->a, &w->site));
	say(f->out, direct ? " comes from " : " is decided by ");
	say_source(f, source, label);
	say(f->out, "; %s",
	    f->rule->unless_mask ? "mask it first, or forget it"
				 : "forget it first");
}

/* What stays where it was doesn't flow. */
static void
judge_sites(
    const struct flows *f, const struct written *w, struct sites s, bool direct)
{
	for (uint32_t i = 0; i < s.n && f->out->touch != TOUCH_WRITES; i++) {
		const struct pathspec *label = labelled(f, &s.p[i]);
		bool stays = direct && site_equal(&s.p[i], &w->site) &&
		    s.p == w->copied.p;

		if (label != NULL && !stays)
			refuse(f, w, &s.p[i], label, direct);
	}
}

static void
judge_flow(const struct flows *f)
{
	const struct policy_rule *r = f->rule;

	for (uint32_t i = 0; i < f->report->n; i++) {
		const struct written *w = &f->report->writes[i];

		if (!w->site.open && w->how == WRITTEN_SET &&
		    is_labelled(r, &w->site))
			continue;
		if (r->flow & POLICY_DIRECT) {
			judge_sites(f, w, w->copied, true);
			judge_sites(f, w, w->from, true);
		}
		if (r->flow & POLICY_INDIRECT)
			judge_sites(f, w, w->by, false);
	}
}

static bool
any_meets(struct sites s, const struct pathspec *path)
{
	uint32_t i = 0;

	while (i < s.n && !meets(&s.p[i], path))
		i++;
	return i < s.n;
}

bool
ruling_draws_on(const struct explain_report *e, const struct pathspec *path)
{
	for (uint32_t i = 0; i < e->n; i++) {
		const struct written *w = &e->writes[i];

		if (any_meets(w->copied, path) || any_meets(w->from, path) ||
		    any_meets(w->by, path))
			return true;
	}
	return false;
}

void
ruling_make(struct arena *a, const struct policy_rule *r,
    const struct explain_report *e, const struct ruling_stage *stage,
    struct ruling *out)
{
	struct flows f = {a, r, e, stage, out};

	*out = (struct ruling){.touch = TOUCH_NEVER};
	switch (r->kind) {
	case POLICY_DENY:
		judge_flow(&f);
		break;
	case POLICY_PROTECT:
		/* What is new is nobody's yet. */
		if (!stage->creates)
			judge_protect(a, r, e, out);
		break;
	case POLICY_MAY:
		judge_may(a, r, e, stage->creates, out);
		break;
	}
}

void
ruling_make_taken(const struct policy_rule *r, const struct pathspec *taken,
    bool mask, struct ruling *out)
{
	const char *does = mask ? "masks" : "forgets";
	size_t i = 0;

	*out = (struct ruling){.touch = TOUCH_NEVER};
	if (r->kind == POLICY_DENY)
		return;
	if (r->kind == POLICY_PROTECT) {
		while (i < r->paths.n && !pathspec_meets(&r->paths.v[i], taken))
			i++;
		if (i == r->paths.n)
			return;
		say(out, "%s is protected", r->paths.v[i].text);
	} else {
		if (pathset_covers(&r->set, &taken->path))
			return;
		say(out, "stage %s may write ", r->stage);
		say_paths(out, &r->paths);
	}
	out->touch = TOUCH_WRITES;
	say(out, ", and this stage %s %s; leave %s as it is", does, taken->text,
	    r->kind == POLICY_PROTECT ? r->paths.v[i].text : taken->text);
}
