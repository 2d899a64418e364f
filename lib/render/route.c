#include <stdlib.h>
#include <string.h>

#include "render/route.h"
#include "render/route_step.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

static const char before[] = ". as $__first | ";

struct program *
route_compile(const char *text, size_t len, bool *failed)
{
	struct program_source source = {.text = text, .len = len};
	struct program_error error = {.starved = false};
	struct program *p = program_new(&source, &error);

	*failed |= p == NULL && error.starved;
	return p;
}

static bool
compiles(struct route_step *s, const char *text, size_t len)
{
	bool failed = false;
	struct program *p = route_compile(text, len, &failed);

	s->starved |= failed;
	program_free(p);
	return p != NULL;
}

/* --- a join that found no row --- */

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
put_miss(struct route_step *s, const struct view *v)
{
	struct arena *a = s->a;
	struct buf *b = s->out;
	struct value undo = v->of[VIEW_UNDO], rule, path;
	const char *row;
	size_t n;

	if (!value_is_array(undo) || !view_text(a, v, VIEW_RULE, &rule)) {
		buf_putc(b, '.');
		return;
	}
	row = memmem(rule.text, rule.n, " = ", 3);
	if (row != NULL) {
		buf_putc(b, '(');
		buf_put(b, rule.text, (size_t)(row - rule.text));
		buf_puts(b, ") = null");
		return;
	}
	buf_putc(b, '.');
	n = array_length(undo);
	undo = array_open(a, undo);
	for (size_t i = 0; i < n; i++) {
		struct value op = array_at(undo, i);

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

/* --- steps --- */

static bool
is_miss(struct arena *a, const struct view *v)
{
	struct value said;

	return value_is_object(v->of[VIEW_FROM]) &&
	    object_get(a, v->of[VIEW_FROM], value_cstring("miss"), &said);
}

/* What a record says that was done; false where it doesn't tell. */
static bool
put_record(struct route_step *s, const struct view *v)
{
	struct value rule;
	bool ruled = view_text(s->a, v, VIEW_RULE, &rule);
	bool filter = view_says(s->a, v, VIEW_OP, "filter");

	if (!ruled)
		return true; /* it compiles to nothing, and so is anything */
	if (view_says(s->a, v, VIEW_OP, "fold"))
		return route_step_fold(s, v);
	if (view_says(s->a, v, VIEW_OP, "enrich")) {
		if (!is_miss(s->a, v))
			return route_step_join(s, v);
		put_miss(s, v);
		return true;
	}
	if (filter && route_step_memory(s, v))
		return !s->wrong;
	/* Alone, so that no rule closes a bracket that it didn't open. */
	if ((!filter && !view_says(s->a, v, VIEW_OP, "map")) ||
	    !compiles(s, rule.text, rule.n))
		return false;
	buf_clear(s->out);
	buf_puts(s->out, filter ? "select(" : "");
	buf_put(s->out, rule.text, rule.n);
	buf_puts(s->out, filter ? "\n)" : "");
	return true;
}

/* Forget the marks of a step that is anything. */
static void
drop_marks(struct route *r, size_t n)
{
	while (r->marks > n)
		free(r->mark[--r->marks].text);
}

static bool
add_text(struct route *r, const char *text, size_t len)
{
	size_t cap = r->steps_cap == 0 ? 16 : r->steps_cap * 2;
	char **more;

	if (r->steps == r->steps_cap) {
		more = reallocarray(r->step, cap, sizeof(char *));
		if (more == NULL)
			return false;
		r->step = more;
		r->steps_cap = cap;
	}
	r->step[r->steps] = strndup(text, len);
	if (r->step[r->steps] == NULL)
		return false;
	r->steps++;
	return true;
}

/* Buffers for a step's program alone, and as it is compiled. */
struct texts {
	struct buf step, whole;
};

static void
release_texts(void *arg)
{
	struct texts *t = arg;

	buf_release(&t->step);
	buf_release(&t->whole);
}

static bool
add_step(
    struct route *r, struct arena *a, const struct view *v, struct texts *t)
{
	struct route_step s = {.a = a, .route = r, .out = &t->step};
	size_t marks = r->marks;
	bool told;

	buf_clear(&t->step);
	buf_clear(&t->whole);
	told = put_record(&s, v) && !s.wrong;
	buf_puts(&t->whole, before);
	buf_putc(&t->whole, '(');
	buf_put(&t->whole, t->step.p, t->step.len);
	buf_puts(&t->whole, "\n)");
	if (s.starved || buf_failed(&t->step) || buf_failed(&t->whole))
		return false;
	told = told && t->step.len > 0 &&
	    memchr(t->step.p, '\0', t->step.len) == NULL &&
	    compiles(&s, t->whole.p, t->whole.len);
	if (told)
		return add_text(r, t->step.p, t->step.len);
	drop_marks(r, marks);
	return !s.starved &&
	    add_text(r, route_anything, sizeof(route_anything) - 1);
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
	struct texts *t = arena_alloc(a, sizeof(*t));
	bool done = true;

	*t = (struct texts){.step = {0}};
	arena_defer(a, release_texts, t);
	for (size_t i = 0; i < n && done; i++)
		if (!view_says(a, &v[i], VIEW_OP, "trace") &&
		    !is_check(a, &v[i]) &&
		    !view_says(a, &v[i], VIEW_OP, "kafka"))
			done = add_step(r, a, &v[i], t);
	return done;
}

void
route_release(struct route *r)
{
	drop_marks(r, 0);
	for (size_t i = 0; i < r->steps; i++)
		free(r->step[i]);
	free(r->mark);
	free(r->step);
	*r = (struct route){.steps = 0};
}

/*
 * Steps from..to, one behind the other.  Halved again and again: a program
 * nests no deeper than the number of its steps has digits.
 */
static void
put_steps(struct buf *out, const struct route *r, size_t from, size_t to)
{
	size_t middle = from + (to - from) / 2;

	buf_putc(out, '(');
	if (to - from == 1) {
		buf_puts(out, r->step[from]);
		buf_putc(out, '\n');
	} else {
		put_steps(out, r, from, middle);
		buf_puts(out, " | ");
		put_steps(out, r, middle, to);
	}
	buf_putc(out, ')');
}

void
route_put(
    struct buf *out, const struct route *r, size_t steps, const char *behind)
{
	buf_puts(out, before);
	if (steps > 0)
		put_steps(out, r, 0, steps);
	else
		buf_putc(out, '.');
	if (behind == NULL)
		return;
	buf_puts(out, " | ");
	buf_puts(out, behind);
}

const struct route_mark *
route_mark_of(const struct route *r, struct value key)
{
	size_t n = 0;

	if (!value_is_string(key) || key.n < 2 || key.text[0] != '\1')
		return NULL;
	for (uint32_t i = 1; i < key.n; i++) {
		if (key.text[i] < '0' || key.text[i] > '9' || n > SIZE_MAX / 20)
			return NULL;
		n = n * 10 + (size_t)(key.text[i] - '0');
	}
	return n < r->marks ? &r->mark[n] : NULL;
}
