#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "source/join.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

enum { KEY_SHOWN = 200 }; /* bytes of a key that found no row */

struct join_local {
	struct machine *key;
	struct machine *setter; /* or NULL */
	uint64_t hits, misses;
};

/* The name without folders and suffix. */
static struct value
member_name(struct value file)
{
	const char *slash = memrchr(file.text, '/', file.n), *dot;

	if (slash != NULL)
		file = value_text(
		    slash + 1, file.n - (size_t)(slash + 1 - file.text));
	dot = memrchr(file.text, '.', file.n);
	if (dot != NULL && dot > file.text)
		file.n = (uint32_t)(dot - file.text);
	return file;
}

/* Is the row set in a member of the event itself, as in .name? */
static bool
sets_member(const struct join *j)
{
	return j->as == NULL ||
	    (j->as[0] == '.' && keyspec_is_name(j->as + 1, strlen(j->as + 1)));
}

/* Where the row goes, as a path. */
static void
put_place(struct buf *b, const struct join *j)
{
	if (j->as != NULL) {
		buf_puts(b, j->as);
	} else if (keyspec_is_name(j->member.text, j->member.n)) {
		buf_putc(b, '.');
		buf_put(b, j->member.text, j->member.n);
	} else {
		buf_puts(b, ".[");
		value_write_string(b, j->member.text, j->member.n);
		buf_puts(b, "]");
	}
}

static void
put_rule(struct buf *b, const struct join *j)
{
	if (j->merge)
		buf_puts(b, ". +");
	else
		put_place(b, j);
	buf_puts(b, j->merge ? "= " : " = ");
	buf_put(b, j->name.text, j->name.n);
	buf_printf(b, "[%.*s == %.*s]", (int)j->key.column_len, j->key.column,
	    (int)j->key.path_len, j->key.path);
	if (j->columns != NULL)
		buf_printf(b, " | {%s}", j->columns);
}

static void
put_joined(struct buf *b, const struct join *j)
{
	const struct value *columns;
	size_t n;

	if (j->columns != NULL || j->merge) {
		columns = j->source->kind->columns(j->source, &n);
		buf_puts(b, ",\"columns\":[");
		for (size_t i = 0; i < n; i++) {
			buf_puts(b, i > 0 ? "," : "");
			value_write_string(b, columns[i].text, columns[i].n);
		}
		buf_putc(b, ']');
	}
	buf_putc(b, '}');
}

int
join_init(struct join *j)
{
	jmp_buf overflow;

	arena_init(&j->arena, SIZE_MAX / 2);
	j->arena.overflow = &overflow;
	if (setjmp(overflow) != 0)
		return -1;
	j->name = string_repair(&j->arena, j->file, strlen(j->file));
	j->member = j->as != NULL && sets_member(j) ? value_cstring(j->as + 1)
						    : member_name(j->name);
	put_rule(&j->rule, j);
	put_joined(&j->joined, j);
	j->arena.overflow = NULL;
	return buf_failed(&j->rule) || buf_failed(&j->joined) ? -1 : 0;
}

void
join_release(struct join *j)
{
	buf_release(&j->rule);
	buf_release(&j->joined);
	arena_release(&j->arena);
}

struct join_local *
join_local_new(const struct join *j)
{
	struct join_local *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->key = machine_new(j->key_program);
	if (j->setter != NULL)
		l->setter = machine_new(j->setter);
	if (l->key != NULL && (j->setter == NULL || l->setter != NULL))
		return l;
	machine_free(l->key);
	machine_free(l->setter);
	free(l);
	return NULL;
}

void
join_local_free(struct join *j, struct join_local *l)
{
	j->hits += l->hits;
	j->misses += l->misses;
	machine_free(l->key);
	machine_free(l->setter);
	free(l);
}

/* A program's only output; n says how many it had, as far as that matters. */
struct only {
	struct value v;
	unsigned n;
};

static bool
take_only(void *arg, struct value v)
{
	struct only *only = arg;

	only->v = v;
	return only->n++ == 0;
}

/* Run a program; false where it fails, or hasn't one output. */
static bool
run(struct machine *m, struct arena *a, struct value in,
    const struct program_context *context, struct joined *out, struct only *v)
{
	v->n = 0;
	if (machine_run(m, a, in, context, take_only, v) != PROGRAM_FAILED)
		return v->n == 1;
	snprintf(out->error, sizeof(out->error), "%s", machine_error(m));
	v->n = 1;
	return false;
}

static bool
find_key(const struct join *j, struct join_local *l, struct arena *a,
    struct value event, const struct program_context *context,
    struct joined *out, struct value *key)
{
	struct only only;

	if (run(l->key, a, event, context, out, &only)) {
		*key = only.v;
		return true;
	}
	if (only.n != 1)
		snprintf(out->error, sizeof(out->error),
		    "the key %.*s has %s output", (int)j->key.path_len,
		    j->key.path, only.n == 0 ? "no" : "more than one");
	return false;
}

/* The event with the columns of a row set in it. */
static struct value
merge(struct arena *a, struct value event, struct value row)
{
	struct member *m;
	uint32_t i = 0;

	row = object_open(a, row);
	while ((m = object_next(a, row, &i)) != NULL)
		event = object_set(a, event, m->key, value_take(&m->value));
	return event;
}

/* The same with null in each, but for the event's key that found no row. */
static struct value
merge_nulls(
    const struct join *j, struct arena *a, struct value event, struct value key)
{
	struct value own = value_text(j->key.column, j->key.column_len), v;
	const struct value *columns;
	size_t n;

	columns = j->source->kind->columns(j->source, &n);
	for (size_t i = 0; i < n; i++) {
		if (value_equal(a, columns[i], own) &&
		    object_get(a, event, own, &v) && value_equal(a, v, key))
			continue;
		event = object_set(a, event, columns[i], VALUE_OF(VALUE_NULL));
	}
	return event;
}

static enum join_status
set(const struct join *j, struct join_local *l, struct arena *a,
    struct value event, struct value row, const struct program_context *context,
    struct joined *out)
{
	struct only changed;
	struct value in;

	if (j->setter == NULL) {
		out->event = object_set(a, event, j->member, row);
		return JOIN_CHANGED;
	}
	in = array_push(a, array_new(a, 2), event);
	in = array_push(a, in, row);
	if (!run(l->setter, a, in, context, out, &changed))
		return JOIN_FAILED;
	out->event = changed.v;
	return JOIN_CHANGED;
}

static void
tell_miss(const struct join *j, struct value key, struct joined *out)
{
	struct buf b = {0};
	size_t n;

	value_write(&b, key);
	n = b.len < KEY_SHOWN ? b.len : KEY_SHOWN;
	while (n < b.len && ((unsigned char)b.p[n] & 0xC0) == 0x80)
		n--; /* not in the middle of a character */
	snprintf(out->error, sizeof(out->error), "no row for %.*s%s in %s",
	    (int)n, b.p != NULL ? b.p : "", n < b.len ? "..." : "", j->file);
	buf_release(&b);
}

static void
tell_origin(const struct join *j, struct arena *a, const struct source_row *row,
    struct joined *out)
{
	char *text = arena_alloc(a, 1 + j->source->origin_max + j->joined.len);
	size_t n = 1;

	text[0] = '{';
	n += j->source->kind->origin(j->source, row, text + n);
	memcpy(text + n, j->joined.p, j->joined.len);
	out->from = text;
	out->from_len = n + j->joined.len;
}

enum join_status
join_event(const struct join *j, struct join_local *l, struct arena *a,
    struct value event, const struct program_context *context,
    struct joined *out)
{
	struct source_row row;
	struct value key;

	out->from = NULL;
	out->from_len = 0;
	if (!find_key(j, l, a, event, context, out, &key))
		return JOIN_FAILED;
	if (j->source->kind->find(j->source, a, key, &row) == SOURCE_FOUND) {
		l->hits++;
		tell_origin(j, a, &row, out);
	} else {
		l->misses++;
		if (j->miss == JOIN_MISS_PASS)
			return JOIN_SAME;
		if (j->miss == JOIN_MISS_REJECT) {
			tell_miss(j, key, out);
			return JOIN_FAILED;
		}
		row.value = VALUE_OF(VALUE_NULL);
	}
	if (!j->merge)
		return set(j, l, a, event, row.value, context, out);
	out->event = row.value.kind == VALUE_NULL
	    ? merge_nulls(j, a, event, key)
	    : merge(a, event, row.value);
	return JOIN_CHANGED;
}
