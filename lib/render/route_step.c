#include <stdlib.h>
#include <string.h>

#include "history/rule_text.h"
#include "lang/explain/explain.h"
#include "render/route_step.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

static void
put(struct route_step *s, struct rule_piece text)
{
	buf_put(s->out, text.p, text.n);
}

/* Is it a program alone, so that it closes no bracket that it didn't open? */
static bool
stands_alone(struct route_step *s, struct rule_piece text)
{
	struct binding names[] = {
	    {"event", VALUE_OF(VALUE_NULL)}, {"origin", VALUE_OF(VALUE_NULL)}};
	struct program_source source = {
	    .text = text.p, .len = text.n, .bindings = names, .bindings_n = 2};
	struct program_error error = {.starved = false};
	struct program *p = program_new(&source, &error);

	s->starved |= p == NULL && error.starved;
	program_free(p);
	return p != NULL;
}

/* A program in brackets of its own; a comment in it ends with its line. */
static void
put_program(struct route_step *s, struct rule_piece text)
{
	if (!stands_alone(s, text))
		s->wrong = true;
	buf_putc(s->out, '(');
	put(s, text);
	buf_puts(s->out, "\n)");
}

/* --- marks --- */

static size_t
add_mark(struct route_step *s, enum route_use use, const char *text, size_t len)
{
	struct route *r = s->route;
	size_t cap = r->marks_cap == 0 ? 8 : r->marks_cap * 2;
	struct route_mark *more;
	char *copy = malloc(len + 1);

	if (copy != NULL && r->marks == r->marks_cap) {
		more = reallocarray(r->mark, cap, sizeof(*more));
		if (more != NULL) {
			r->mark = more;
			r->marks_cap = cap;
		}
	}
	if (copy == NULL || r->marks == r->marks_cap) {
		free(copy);
		s->starved = true;
		return 0;
	}
	if (len > 0)
		memcpy(copy, text, len);
	copy[len] = '\0';
	r->mark[r->marks] = (struct route_mark){use, r->steps, copy, len};
	return r->marks++;
}

/* The mark, as the program has it. */
static void
put_mark(struct route_step *s, size_t mark)
{
	buf_printf(s->out, "$__first[\"\\u0001%zu\"]", mark);
}

/* "[(KEY), (KEY)]", behind the elements that they are keys of, if of some. */
static size_t
mark_keys(struct route_step *s, enum route_use use, struct rule_piece each,
    const struct rule_piece *key, size_t n)
{
	struct buf b = {0}, *out = s->out;
	size_t mark;

	s->out = &b;
	if (each.p != NULL) {
		put_program(s, each);
		buf_puts(&b, " | ");
	}
	buf_putc(&b, '[');
	for (size_t i = 0; i < n; i++) {
		buf_puts(&b, i > 0 ? ", " : "");
		put_program(s, key[i]);
	}
	buf_putc(&b, ']');
	s->out = out;
	s->starved |= b.failed;
	mark = add_mark(s, use, b.p, b.len);
	buf_release(&b);
	return mark;
}

/* --- joins --- */

/* A join that is being written. */
struct joining {
	struct rule_join rule;
	struct value columns; /* an array, or VALUE_NULL */
	size_t row, key;      /* marks */
};

static void
put_column(struct route_step *s, const struct joining *j, size_t i)
{
	put_mark(s, j->row);
	buf_putc(s->out, '[');
	value_write(s->out, array_get(j->columns, i));
	buf_putc(s->out, ']');
}

/* What is set: the row, or those columns of it. */
static void
put_row(struct route_step *s, const struct joining *j)
{
	buf_puts(s->out, j->rule.all ? "[" : "");
	if (value_is_array(j->columns)) {
		for (size_t i = 0; i < array_length(j->columns); i++) {
			buf_puts(s->out, i == 0 ? "{" : ", ");
			value_write(s->out, array_get(j->columns, i));
			buf_puts(s->out, ": ");
			put_column(s, j, i);
		}
		buf_puts(s->out, array_length(j->columns) > 0 ? "}" : "{}");
	} else {
		put_mark(s, j->row);
	}
	buf_puts(s->out, j->rule.all ? "]" : "");
}

/* The start of what is set where the key finds a row. */
static void
put_if(struct route_step *s, const struct joining *j)
{
	buf_puts(s->out, " = (");
	if (j->rule.keys_n == 0)
		return;
	buf_puts(s->out, "if ");
	put_mark(s, j->key);
	buf_puts(s->out, " then ");
}

static void
put_end(struct route_step *s, const struct joining *j)
{
	buf_puts(s->out, j->rule.keys_n == 0 ? ")" : " else null end)");
}

static void
put_merged(struct route_step *s, const struct joining *j)
{
	for (size_t i = 0; i < array_length(j->columns); i++) {
		buf_puts(s->out, i > 0 ? " | .[" : ".[");
		value_write(s->out, array_get(j->columns, i));
		buf_putc(s->out, ']');
		put_if(s, j);
		put_column(s, j, i);
		put_end(s, j);
	}
	if (array_length(j->columns) == 0)
		buf_putc(s->out, '.');
}

/* Which columns were taken is data in the record, of any rule. */
static bool
read_join(struct arena *a, struct joining *j, const struct view *v)
{
	struct value from = v->of[VIEW_FROM], table, rule;

	if (!view_text(a, v, VIEW_RULE, &rule) || !value_is_object(from) ||
	    !object_get(a, from, value_cstring("table"), &table) ||
	    !value_is_string(table))
		return false;
	table = string_decoded(a, table);
	if (!object_get(a, from, value_cstring("columns"), &j->columns) ||
	    !value_is_array(j->columns))
		j->columns = VALUE_OF(VALUE_NULL);
	return rule_join_read(&j->rule, (struct rule_piece){rule.text, rule.n},
	    (struct rule_piece){table.text, table.n});
}

bool
route_step_join(struct route_step *s, const struct view *v)
{
	struct joining j;
	struct value table;

	if (!read_join(s->a, &j, v) ||
	    (j.rule.merged && !value_is_array(j.columns)))
		return false;
	(void)object_get(
	    s->a, v->of[VIEW_FROM], value_cstring("table"), &table);
	table = string_decoded(s->a, table);
	j.row = add_mark(s, ROUTE_ROW, table.text, table.n);
	j.key =
	    mark_keys(s, ROUTE_JOIN, j.rule.each, j.rule.key, j.rule.keys_n);
	if (j.rule.each.p != NULL) {
		put_program(s, j.rule.each);
		buf_puts(s->out, " |= (");
	}
	if (j.rule.merged) {
		put_merged(s, &j);
	} else {
		put_program(s, j.rule.place);
		put_if(s, &j);
		put_row(s, &j);
		put_end(s, &j);
	}
	buf_puts(s->out, j.rule.each.p != NULL ? ")" : "");
	return true;
}

/* --- folds --- */

/* A fold that is being written. */
struct folding {
	struct rule_fold rule;
	size_t event, group, window; /* marks */
};

/*
 * The state after some events: what one leaves the next one finds, so that
 * what goes from member to member arrives.
 */
static void
put_state(struct route_step *s, const struct folding *f)
{
	buf_puts(s->out, "(");
	put_mark(s, f->event);
	buf_puts(s->out,
	    " as $event | {id: \"\", source: \"\", line: 0} as $origin | null");
	for (int i = 0; i < 3; i++) {
		buf_puts(s->out, " | ");
		put_program(s, f->rule.program);
	}
	buf_puts(s->out, ")");
}

/* Decided by the key, and by the time where windows are cut by it. */
static void
put_decided(struct route_step *s, const struct folding *f)
{
	if (f->rule.by_n == 0 && f->rule.time.p == NULL) {
		buf_puts(s->out, "(if true then ");
		return;
	}
	buf_puts(s->out, "(if [");
	if (f->rule.by_n > 0)
		put_mark(s, f->group);
	buf_puts(
	    s->out, f->rule.by_n > 0 && f->rule.time.p != NULL ? ", " : "");
	if (f->rule.time.p != NULL)
		put_mark(s, f->window);
	buf_puts(s->out, "] | length > 0 then ");
}

/* What a result has beside its state. */
static void
put_result(struct route_step *s, const struct rule_fold *r)
{
	buf_puts(s->out, "{\"window\": {");
	if (r->time.p != NULL) {
		buf_puts(s->out, "from: (");
		put_program(s, r->time);
		buf_puts(s->out, " | tostring), to: (");
		put_program(s, r->time);
		buf_puts(s->out, " | tostring)");
	} else {
		buf_puts(s->out, "from: \"\", to: \"\"");
	}
	buf_putc(s->out, '}');
	for (size_t i = 0; i < r->by_n; i++) {
		struct rule_piece name = rule_key_name(r->by[i]);

		buf_puts(s->out, ", ");
		value_write_string(s->out, name.p, name.n);
		buf_puts(s->out, ": ");
		put_program(s, r->by[i]);
	}
	buf_putc(s->out, '}');
}

/* Set the member of that name to the state's, or to the state. */
static void
put_member(struct route_step *s, const struct folding *f, struct value name,
    bool whole)
{
	buf_puts(s->out, " | .[");
	value_write(s->out, name);
	buf_puts(s->out, "] = ");
	put_decided(s, f);
	put_state(s, f);
	if (!whole) {
		buf_putc(s->out, '[');
		value_write(s->out, name);
		buf_putc(s->out, ']');
	}
	buf_puts(s->out, " else null end)");
}

/* The program in the buffer that gives {s: STATE}; NULL: it is none. */
static struct program *
compile_state(struct route_step *s, const struct folding *f)
{
	struct buf b = {0}, *out = s->out;
	struct program *p = NULL;

	s->out = &b;
	buf_puts(&b, ". as $__first | {s: ");
	put_state(s, f);
	buf_putc(&b, '}');
	s->out = out;
	if (!buf_failed(&b))
		p = route_compile(b.p, b.len, &s->starved);
	s->starved |= b.failed;
	buf_release(&b);
	return p;
}

static void
free_program(void *arg)
{
	program_free(arg);
}

/*
 * The members that a state has, by the text of its program: those are the
 * result's.  A state of which none is known is the result's value.
 */
static bool
put_members(struct route_step *s, const struct folding *f)
{
	struct program *p = compile_state(s, f);
	struct explain_report e;
	size_t n = 0;

	if (p == NULL)
		return false;
	arena_defer(s->a, free_program, p);
	explain_program(s->a, p, true, &e);
	for (uint32_t i = 0; i < e.n; i++) {
		const struct site *at = &e.writes[i].site;

		if (at->n != 2 || !value_is_string(at->keys[1]))
			continue;
		put_member(s, f, at->keys[1], false);
		n++;
	}
	if (n == 0)
		put_member(s, f, value_cstring("value"), true);
	return !e.unknown;
}

static bool
put_windowed(struct route_step *s, struct folding *f)
{
	struct rule_piece none = {NULL, 0};

	f->window = mark_keys(
	    s, ROUTE_WINDOW, none, &f->rule.time, f->rule.time.p != NULL);
	put_result(s, &f->rule);
	if (f->rule.as.p == NULL)
		return put_members(s, f);
	buf_puts(s->out, " | ");
	put_program(s, f->rule.as);
	buf_puts(s->out, " = ");
	put_decided(s, f);
	put_state(s, f);
	buf_puts(s->out, " else null end)");
	return true;
}

bool
route_step_fold(struct route_step *s, const struct view *v)
{
	struct rule_piece none = {NULL, 0};
	struct folding f;
	struct value rule;

	if (!view_text(s->a, v, VIEW_RULE, &rule) ||
	    !rule_fold_read(&f.rule, (struct rule_piece){rule.text, rule.n}))
		return false;
	f.event = add_mark(s, ROUTE_EVENT, NULL, 0);
	f.group = mark_keys(s, ROUTE_GROUP, none, f.rule.by, f.rule.by_n);
	if (f.rule.window.p != NULL)
		return put_windowed(s, &f);
	put_program(s, f.rule.as);
	buf_puts(s->out, " = ");
	put_decided(s, &f);
	put_state(s, &f);
	buf_puts(s->out, " else null end)");
	return true;
}

/* --- filters with a memory --- */

/* What it counted, as its undo says, is made of no field. */
static void
put_counts(struct route_step *s, const struct view *v)
{
	struct value undo = v->of[VIEW_UNDO], path;

	if (!value_is_array(undo))
		return;
	undo = array_open(s->a, undo);
	for (size_t i = 0; i < array_length(undo); i++) {
		struct value op = array_at(undo, i);

		if (!value_is_object(op) ||
		    !object_get(s->a, op, value_cstring("path"), &path) ||
		    !value_is_string(path))
			continue;
		path = string_decoded(s->a, path);
		if (path.n < 2 || memchr(path.text + 1, '/', path.n - 1) ||
		    memchr(path.text, '~', path.n))
			continue;
		buf_puts(s->out, " | .[");
		value_write_string(s->out, path.text + 1, path.n - 1);
		buf_puts(s->out, "] = 1");
	}
}

bool
route_step_memory(struct route_step *s, const struct view *v)
{
	struct rule_memory r;
	struct rule_piece parts[3];
	struct value rule;
	const char *comma = "";

	if (!view_text(s->a, v, VIEW_RULE, &rule) ||
	    !rule_memory_read(&r, (struct rule_piece){rule.text, rule.n}))
		return false;
	parts[0] = r.by;
	parts[1] = r.time;
	parts[2] = r.program;
	buf_puts(s->out, "select([");
	for (size_t i = 0; i < 3; i++) {
		if (parts[i].p == NULL)
			continue;
		buf_puts(s->out, comma);
		put_program(s, parts[i]);
		comma = ", ";
	}
	buf_puts(s->out, "] | length >= 0)");
	put_counts(s, v);
	return true;
}
