#include "trust/restate.h"

#include <string.h>

#include "history/rule_text.h"
#include "value/object.h"
#include "value/string.h"

/* A program in parentheses; it may end in a comment. */
static void
put(struct buf *out, struct rule_piece p)
{
	buf_putc(out, '(');
	buf_put(out, p.p, p.n);
	buf_puts(out, "\n)");
}

/* Programs that decide, as elements behind a first one. */
static void
put_more(struct buf *out, const struct rule_piece *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i].n == 0)
			continue;
		buf_puts(out, ", ");
		put(out, p[i]);
	}
}

/* --- filters --- */

static void
restate_filter(struct buf *out, struct rule_piece rule)
{
	struct rule_memory m;

	buf_puts(out, "if [1");
	if (rule_memory_read(&m, rule)) {
		put_more(out, &m.by, 1);
		put_more(out, &m.time, 1);
		put_more(out, &m.program, 1);
	} else {
		put_more(out, &rule, 1);
	}
	buf_puts(out, "] then . else empty end");
}

/* --- folds --- */

static void
put_state(struct buf *out, const struct rule_fold *r)
{
	buf_puts(out, "(. as $event | {} as $origin | (if [1");
	put_more(out, r->by, r->by_n);
	put_more(out, &r->time, 1);
	buf_puts(out,
	    "] then 1 else 2 end) as $__policy "
	    "| reduce range($__policy) as $__policy (null; ");
	put(out, r->program);
	buf_puts(out, "))");
}

static bool
restate_fold(struct buf *out, struct rule_piece rule, bool *creates)
{
	struct rule_fold r;

	if (!rule_fold_read(&r, rule))
		return false;
	*creates = r.window.n > 0;
	if (!*creates) {
		put(out, r.as);
		buf_puts(out, " = ");
		put_state(out, &r);
		return true;
	}
	buf_puts(out, ". as $__policy | ");
	if (r.as.n > 0) {
		buf_puts(out, "{} | ");
		put(out, r.as);
		buf_puts(out, " = ($__policy | ");
		put_state(out, &r);
		buf_putc(out, ')');
	} else {
		put_state(out, &r);
	}
	for (size_t i = 0; i < r.by_n; i++) {
		struct rule_piece name = rule_key_name(r.by[i]);

		buf_puts(out, " | .[");
		value_write_string(out, name.p, name.n);
		buf_puts(out, "] = ($__policy | ");
		put(out, r.by[i]);
		buf_putc(out, ')');
	}
	buf_puts(out, " | .window = {}");
	return true;
}

/* --- joins --- */

/* What the record's from calls the table or the command. */
static bool
table_of(struct arena *a, const struct view *v, struct rule_piece *table)
{
	struct value t;

	if (!value_is_object(v->of[VIEW_FROM]) ||
	    !object_get(a, v->of[VIEW_FROM], value_cstring("table"), &t) ||
	    !value_is_string(t))
		return false;
	t = string_decoded(a, t);
	*table = (struct rule_piece){t.text, t.n};
	return true;
}

/* EACH |= (PLACE = $(REQUEST | COMMAND)): up to the row, and the request. */
static bool
find_request(struct rule_join *r, struct rule_piece rule,
    struct rule_piece table, struct arena *a)
{
	struct rule_piece rest = rule, behind;
	char *end = arena_alloc(a, table.n + 5);

	memcpy(end, " | ", 3);
	memcpy(end + 3, table.p, table.n);
	memcpy(end + 3 + table.n, ")", 2);
	*r = (struct rule_join){.place = rule};
	if (rule_cut(&r->place, " |= (", &rest)) {
		r->each = r->place;
		r->place = rest;
	}
	if (!rule_cut(&r->place, "= $(", &rest))
		return false;
	/* ". +" for merging, or "PLACE ". */
	r->merged = r->place.n == 3 && memcmp(r->place.p, ". +", 3) == 0;
	r->key[0] = rest;
	r->keys_n = 1;
	behind.p = memmem(rest.p, rest.n, end, strlen(end));
	if (behind.p == NULL)
		return false;
	r->key[0].n = (size_t)(behind.p - rest.p);
	return true;
}

static bool
restate_join(struct buf *out, struct arena *a, const struct view *v,
    struct rule_piece rule)
{
	struct rule_piece table;
	struct rule_join r;
	bool made;

	if (!table_of(a, v, &table))
		return false;
	made = !rule_join_read(&r, rule, table);
	if (made && !find_request(&r, rule, table, a))
		return false;
	made = made || r.sql.n > 0;
	if (r.each.n > 0) {
		put(out, r.each);
		buf_puts(out, " |= (");
	}
	if (r.merged)
		buf_puts(out, ".[now | tostring]");
	else
		put(out, r.place);
	buf_puts(out, " = ([1");
	put_more(out, r.key, r.keys_n);
	buf_puts(out, made ? "] | tojson)" : "] | if . then 1 else 2 end)");
	buf_puts(out, r.each.n > 0 ? ")" : "");
	return true;
}

bool
restate_rule(
    struct buf *out, struct arena *a, const struct view *v, bool *creates)
{
	struct value text;
	struct rule_piece rule;

	*creates = view_made_event(a, v);
	if (!view_text(a, v, VIEW_RULE, &text))
		return false;
	rule = (struct rule_piece){text.text, text.n};
	if (view_says(a, v, VIEW_OP, "filter")) {
		restate_filter(out, rule);
		return true;
	}
	if (view_says(a, v, VIEW_OP, "fold"))
		return restate_fold(out, rule, creates);
	if (view_says(a, v, VIEW_OP, "enrich"))
		return restate_join(out, a, v, rule);
	if (!view_says(a, v, VIEW_OP, "map"))
		return false;
	put(out, rule);
	return true;
}
