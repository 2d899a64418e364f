#include <string.h>

#include "render/route.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

struct program *
route_compile(const char *text, size_t len, bool *failed)
{
	struct program_source source = {.text = text, .len = len};
	struct program_error error = {.starved = false};
	struct program *p = program_new(&source, &error);

	*failed |= p == NULL && error.starved;
	return p;
}

/* Does it compile?  Where memory is missing, the route has failed. */
static bool
compiles(struct route *r, const char *text, size_t len)
{
	bool failed = false;
	struct program *p = route_compile(text, len, &failed);

	r->program.failed |= failed;
	program_free(p);
	return p != NULL;
}

/* A piece of text that is taken apart. */
struct piece {
	const char *p;
	size_t n;
};

/* Cut at the first such mark: what is behind it; false where there is none. */
static bool
cut(struct piece *t, const char *mark, struct piece *behind)
{
	size_t n = strlen(mark);
	const char *at = memmem(t->p, t->n, mark, n);

	if (at == NULL)
		return false;
	*behind = (struct piece){at + n, t->n - (size_t)(at - t->p) - n};
	t->n = (size_t)(at - t->p);
	return true;
}

/* Take that text off the end; false where it doesn't stand there. */
static bool
take_end(struct piece *t, const char *end, size_t n)
{
	if (t->n < n || memcmp(t->p + t->n - n, end, n) != 0)
		return false;
	t->n -= n;
	return true;
}

/* What a rule says behind its row: " | {owner,host}", of those columns. */
static void
spell_choice(struct buf *b, struct arena *a, struct value columns)
{
	buf_puts(b, " | {");
	for (size_t i = 0; i < array_length(columns); i++) {
		struct value name = array_get(columns, i);

		if (!value_is_string(name))
			continue;
		name = string_decoded(a, name);
		buf_puts(b, i > 0 ? "," : "");
		buf_put(b, name.text, name.n);
	}
	buf_puts(b, "}");
}

/*
 * What a rule says behind the last row: a SELECT, or columns that are paths.
 * Where that isn't so, the key is cut short, and compiles no more.
 */
static void
take_choice(struct piece *t)
{
	static const char mark[] = "] | ";
	const char *end = NULL, *at;
	struct piece rest = *t;

	while ((at = memmem(rest.p, rest.n, mark, sizeof(mark) - 1)) != NULL) {
		end = at + 1;
		rest = (struct piece){end, t->n - (size_t)(end - t->p)};
	}
	if (end != NULL)
		t->n = (size_t)(end - t->p);
}

/* A member of a record's "from"; false where it isn't there. */
static bool
from_member(
    struct arena *a, const struct view *v, const char *name, struct value *out)
{
	return value_is_object(v->of[VIEW_FROM]) &&
	    object_get(a, v->of[VIEW_FROM], value_cstring(name), out);
}

/*
 * The key and the path of a join, out of its rule: PATH = TABLE[COLUMN ==
 * KEY] | {COLUMNS}.  TABLE and COLUMNS are known from the record's "from"; of
 * a database it is TABLE[NAME == KEY] | SELECT, or TABLE[KEY] | {PATHS}.
 */
static bool
read_join(struct route *r, const struct view *v, struct value columns,
    struct piece *path, struct piece *key)
{
	struct arena *a = r->a;
	struct buf *text = &r->text;
	struct value rule, table;
	struct piece column;

	if (!view_text(a, v, VIEW_RULE, &rule) ||
	    !from_member(a, v, "table", &table) || !value_is_string(table))
		return false;
	*path = (struct piece){rule.text, rule.n};
	buf_clear(text);
	spell_choice(text, a, columns);
	if (buf_failed(text))
		return false;
	if (!take_end(path, text->p, text->len))
		take_choice(path);
	buf_clear(text);
	table = string_decoded(a, table);
	buf_puts(text, "= ");
	buf_put(text, table.text, table.n);
	buf_putc(text, '[');
	buf_putc(text, '\0');
	if (buf_failed(text) || !take_end(path, "]", 1) ||
	    !cut(path, text->p, &column))
		return false;
	if (!cut(&column, " == ", key))
		*key = column;
	return true;
}

/* Each column is set, or what is at the path, by a row that the key found. */
static void
put_join(struct route *r, const struct view *v)
{
	struct arena *a = r->a;
	struct buf *b = &r->stage;
	struct value columns = VALUE_OF(VALUE_NULL);
	struct piece path, key;
	bool merged;

	if (from_member(a, v, "columns", &columns) && !value_is_array(columns))
		return;
	if (!value_is_array(columns))
		columns = array_new(a, 0);
	if (!read_join(r, v, columns, &path, &key))
		return;
	merged = take_end(&path, ". +", 3);
	for (size_t i = 0; i < (merged ? array_length(columns) : 1); i++) {
		buf_puts(b, i > 0 ? " | (" : "(");
		if (merged) {
			buf_puts(b, ".[");
			value_write(b, array_get(columns, i));
			buf_puts(b, "]");
		} else {
			buf_put(b, path.p, path.n);
		}
		buf_puts(b, ") = (if (");
		buf_put(b, key.p, key.n);
		buf_puts(b, ") then 1 else 2 end)");
	}
}

/* The member that a pointer of one step names is set to null. */
static void
put_null(struct buf *b, struct arena *a, struct value pointer)
{
	char *name = arena_alloc(a, pointer.n + 1);
	size_t n = 0;

	for (uint32_t i = 1; i < pointer.n; i++) {
		char c = pointer.text[i];

		if (c == '~' && i + 1 < pointer.n)
			c = pointer.text[++i] == '1' ? '/' : '~';
		name[n++] = c;
	}
	buf_puts(b, ".[");
	value_write_string(b, name, n);
	buf_puts(b, "] = null");
}

/* A join that found no row set null, wherever its undo says so. */
static void
put_miss(struct route *r, const struct view *v)
{
	struct arena *a = r->a;
	struct buf *b = &r->stage;
	struct value undo = v->of[VIEW_UNDO], rule, path;
	struct piece place, row;

	if (!value_is_array(undo) || !view_text(a, v, VIEW_RULE, &rule)) {
		buf_putc(b, '.');
		return;
	}
	place = (struct piece){rule.text, rule.n};
	if (cut(&place, " = ", &row)) {
		buf_putc(b, '(');
		buf_put(b, place.p, place.n);
		buf_puts(b, ") = null");
		return;
	}
	buf_putc(b, '.');
	for (size_t i = 0; i < array_length(undo); i++) {
		struct value op = array_get(undo, i);

		if (!value_is_object(op) ||
		    !object_get(a, op, value_cstring("path"), &path) ||
		    !value_is_string(path))
			continue;
		path = string_decoded(a, path);
		buf_puts(b, " | ");
		if (path.n == 0)
			buf_puts(b, route_anything); /* a whole new event */
		else
			put_null(b, a, path);
	}
}

static void
put_enrichment(struct route *r, const struct view *v)
{
	struct value said;

	if (from_member(r->a, v, "table", &said) &&
	    !from_member(r->a, v, "miss", &said))
		put_join(r, v);
	else
		put_miss(r, v);
}

/* What a record says that was done, as a program. */
static void
put_step(struct route *r, const struct view *v)
{
	struct buf *stage = &r->stage;
	struct value rule;
	bool ruled = view_text(r->a, v, VIEW_RULE, &rule);
	/* Alone, so that no rule closes a bracket that it didn't open. */
	bool whole = ruled && compiles(r, rule.text, rule.n);

	buf_clear(stage);
	buf_puts(stage, "(");
	if (ruled && view_says(r->a, v, VIEW_OP, "enrich")) {
		put_enrichment(r, v);
	} else if (whole && view_says(r->a, v, VIEW_OP, "filter")) {
		buf_puts(stage, "select(");
		buf_put(stage, rule.text, rule.n);
		buf_puts(stage, "\n)");
	} else if (whole && view_says(r->a, v, VIEW_OP, "map")) {
		buf_put(stage, rule.text, rule.n);
	}
	buf_puts(stage, "\n)");
	r->program.failed |= stage->failed | r->text.failed;
	if (!stage->failed && compiles(r, stage->p, stage->len))
		buf_put(&r->program, stage->p, stage->len);
	else
		buf_puts(&r->program, route_anything);
}

/*
 * Steps from..to, one behind the other.  Halved again and again: a program
 * nests no deeper than the number of its steps has digits.
 */
static void
put_steps(struct route *r, const struct view *const *v, size_t from, size_t to)
{
	size_t middle = from + (to - from) / 2;

	if (to - from == 1) {
		put_step(r, v[from]);
		return;
	}
	buf_puts(&r->program, "(");
	put_steps(r, v, from, middle);
	buf_puts(&r->program, " | ");
	put_steps(r, v, middle, to);
	buf_puts(&r->program, ")");
}

/* A schema changes nothing but where it takes the event to a version. */
static bool
is_check(struct arena *a, const struct view *v)
{
	return view_says(a, v, VIEW_OP, "schema") && !view_migrated(a, v);
}

bool
route_read(struct route *r, struct arena *a, const struct view *v, size_t n)
{
	const struct view **steps = arena_array(a, n + 1, sizeof(*steps));
	size_t steps_n = 0;

	r->a = a;
	buf_clear(&r->program);
	for (size_t i = 0; i < n; i++)
		if (!view_says(a, &v[i], VIEW_OP, "trace") &&
		    !is_check(a, &v[i]) &&
		    !view_says(a, &v[i], VIEW_OP, "kafka"))
			steps[steps_n++] = &v[i];
	if (steps_n > 0)
		put_steps(r, steps, 0, steps_n);
	else
		buf_putc(&r->program, '.');
	return !buf_failed(&r->program);
}

void
route_release(struct route *r)
{
	buf_release(&r->program);
	buf_release(&r->stage);
	buf_release(&r->text);
}
