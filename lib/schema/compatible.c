#include "schema/compatible.h"

#include "schema/proof.h"

struct sample {
	const struct compare_event *event;
	size_t n;
};

/* Give each issue an event of the sample that shows it. */
static void
look_in_sample(const struct sample *s, struct comparison *c)
{
	for (struct compare_issue *k = c->issues; k != NULL; k = k->next) {
		for (size_t i = 0; i < s->n && k->event == NULL; i++) {
			const struct compare_event *e = &s->event[i];

			if (!compare_judge(c, k, e->text, e->len, &k->reason))
				continue;
			k->event = e->text;
			k->event_len = e->len;
		}
	}
}

/* An event that no issue explains still shows that they differ. */
static bool
shows_more(const struct sample *g, struct comparison *c, const char **reason,
    size_t *which)
{
	for (size_t i = 0; i < g->n; i++) {
		*which = i;
		if (compare_judge(
			c, NULL, g->event[i].text, g->event[i].len, reason))
			return true;
	}
	return false;
}

static void
put_place(struct buf *out, struct arena *a, const struct node *n)
{
	if (n == NULL) {
		buf_puts(out, "nothing said");
		return;
	}
	buf_puts(out, n->document->name);
	if (n->entry == n->document->root)
		return;
	buf_putc(out, ' ');
	place_write(out, a, n->document->doc, n->document->root, n->entry);
}

static void
put_shown(struct buf *out, const char *reason, const char *event, size_t len)
{
	buf_printf(out, "    %s\n    ", reason);
	buf_put(out, event, len);
	buf_putc(out, '\n');
}

static void
put_issue(struct buf *out, struct comparison *c, const struct compare_issue *i)
{
	const struct conjunction *inner = i->place->inner;

	buf_printf(out,
	    "  %s: %s: ", i->event != NULL ? "incompatible" : "unknown",
	    compare_rule_name(i->rule));
	put_place(out, c->a, i->outer);
	buf_puts(out, "; ");
	put_place(out, c->a, inner->n > 0 ? inner->node[0] : NULL);
	buf_putc(out, '\n');
	if (i->event != NULL)
		put_shown(out, i->reason, i->event, i->event_len);
}

/* The incompatible ones come first. */
static void
put_issues(struct buf *out, struct comparison *c)
{
	for (struct compare_issue *i = c->issues; i != NULL; i = i->next)
		if (i->event != NULL)
			put_issue(out, c, i);
	for (struct compare_issue *i = c->issues; i != NULL; i = i->next)
		if (i->event == NULL)
			put_issue(out, c, i);
}

enum compare_answer
compare_schemas(struct schema_checker *inner, struct schema_checker *outer,
    struct arena *a, const struct compare_event *event, size_t n,
    struct buf *out)
{
	const struct sample sample = {event, n};
	struct comparison c = {.a = a, .inner = inner, .outer = outer};
	bool proved = compare_prove(&c), shown = false;
	const char *reason;
	size_t which;

	look_in_sample(&sample, &c);
	for (struct compare_issue *i = c.issues; i != NULL; i = i->next)
		if (i->event != NULL || compare_example(&c, i))
			shown = true;
	if (!shown && shows_more(&sample, &c, &reason, &which)) {
		buf_puts(out, "  incompatible: sample\n");
		put_shown(out, reason, event[which].text, event[which].len);
		shown = true;
	}
	put_issues(out, &c);
	return shown ? COMPARE_REFUTED
	    : proved ? COMPARE_PROVED
		     : COMPARE_UNKNOWN;
}
