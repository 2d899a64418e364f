/*
 * Values are never written into unless they are this patch's own, so that a
 * patch that fails in the middle leaves nothing to clean up.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "history/patch.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

enum { DEEP = 10000 }; /* steps that a path may have */

enum kind { ADD, REMOVE, REPLACE, MOVE, COPY, TEST };

struct operation {
	enum kind kind;
	struct value path; /* decoded */
	struct value from; /* decoded */
	struct value value;
	struct value before; /* decoded; VALUE_NULL where there is none */
};

struct patching {
	struct arena *a;
	const struct patch_watch *watch; /* or NULL */
	struct patch_error *error;
};

/* What is left of a JSON Pointer. */
struct pointer {
	const char *p, *end;
};

static bool __attribute__((format(printf, 2, 3)))
fail(struct patching *j, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(j->error->text, sizeof(j->error->text), format, args);
	va_end(args);
	return false;
}

/* fail() about a place, of which the message shows what has room. */
static bool
fail_at(struct patching *j, struct value place, const char *why)
{
	size_t n = place.n;

	if (n > 80) {
		n = 80;
		while ((place.text[n] & 0xC0) == 0x80)
			n--;
	}
	return fail(j, "path \"%.*s%s\" %s", (int)n, place.text,
	    n < place.n ? "..." : "", why);
}

/* The next key of a pointer, which has one. */
static struct value
pointer_next(struct patching *j, struct pointer *at)
{
	const char *p = at->p + 1, *end;
	char *out, *to;

	end = memchr(p, '/', (size_t)(at->end - p));
	if (end == NULL)
		end = at->end;
	at->p = end;
	if (memchr(p, '~', (size_t)(end - p)) == NULL)
		return value_text(p, (size_t)(end - p));
	out = to = arena_alloc(j->a, (size_t)(end - p));
	for (; p < end; p++) {
		if (*p == '~')
			*to++ = *++p == '0' ? '~' : '/';
		else
			*to++ = *p;
	}
	return value_text(out, (size_t)(to - out));
}

static bool
pointer_valid(struct value v)
{
	size_t steps = 0;

	if (v.n > 0 && v.text[0] != '/')
		return false;
	for (uint32_t i = 0; i < v.n; i++) {
		steps += v.text[i] == '/';
		if (v.text[i] != '~')
			continue;
		if (i + 1 == v.n ||
		    (v.text[i + 1] != '0' && v.text[i + 1] != '1'))
			return false;
	}
	return steps <= DEEP;
}

static struct pointer
pointer_start(struct value path)
{
	return (struct pointer){path.text, path.text + path.n};
}

static bool
pointer_done(const struct pointer *at)
{
	return at->p == at->end;
}

/* An index up to limit, as the RFC spells it. */
static bool
read_index(struct value key, size_t limit, size_t *i)
{
	size_t n = 0;

	if (key.n == 0 || key.n > 10 || (key.n > 1 && key.text[0] == '0'))
		return false;
	for (uint32_t k = 0; k < key.n; k++) {
		if (key.text[k] < '0' || key.text[k] > '9')
			return false;
		n = n * 10 + (size_t)(key.text[k] - '0');
	}
	*i = n;
	return n <= limit;
}

/* The child of v that a key names, which must be there. */
static bool
child(struct patching *j, struct value v, struct value key, struct value *out)
{
	size_t i;

	if (value_is_object(v))
		return object_get(j->a, v, key, out);
	if (!value_is_array(v) || !read_index(key, array_length(v), &i) ||
	    i == array_length(v))
		return false;
	*out = array_get(v, i);
	return true;
}

static bool
get(struct patching *j, struct value v, struct value path, struct value *out)
{
	struct pointer at = pointer_start(path);

	while (!pointer_done(&at))
		if (!child(j, v, pointer_next(j, &at), &v))
			return fail_at(j, path, "is not there");
	*out = value_share(v);
	return true;
}

/* The array with n elements from i on replaced by x, or by nothing. */
static struct value
array_splice(
    struct arena *a, struct value v, size_t i, size_t n, const struct value *x)
{
	struct value w;
	size_t len;

	v = array_open(a, v);
	len = array_length(v);
	w = array_new(a, len + 1);
	for (size_t k = 0; k < i; k++)
		w = array_push(a, w, array_at(v, k));
	if (x != NULL)
		w = array_push(a, w, *x);
	for (size_t k = i + n; k < len; k++)
		w = array_push(a, w, array_at(v, k));
	return w;
}

/* What an operation puts in the place of what was there, if anything was. */
static struct value
changed(struct patching *j, const struct operation *op, const struct value *in,
    const struct value *was)
{
	const struct value *new = op->kind == REMOVE ? NULL : &op->value;

	if (j->watch == NULL)
		return op->value;
	return j->watch->change(
	    j->watch->arg, &(struct patch_place){op->path, in, was, new});
}

static bool
change_array(struct patching *j, const struct operation *op, struct value key,
    struct value *v)
{
	size_t len = array_length(*v), i = len;
	bool append = op->kind == ADD && key.n == 1 && key.text[0] == '-';
	struct value was, x;

	if (!append && !read_index(key, len, &i))
		return fail_at(j, op->path, "is no place in its array");
	if (i == len && op->kind != ADD)
		return fail_at(j, op->path, "is not there");
	if (op->kind != ADD)
		was = value_share(array_get(*v, i));
	x = changed(j, op, v, op->kind == ADD ? NULL : &was);
	if (op->kind == REPLACE)
		*v = array_set(j->a, *v, i, x);
	else if (op->kind == REMOVE)
		*v = array_splice(j->a, *v, i, 1, NULL);
	else if (i == len)
		*v = array_push(j->a, *v, x);
	else
		*v = array_splice(j->a, *v, i, 0, &x);
	return true;
}

/* A new member goes in front of next, if there is one. */
static struct value
add_member(struct patching *j, struct value v, struct value key, struct value x,
    struct value next)
{
	struct member *before = NULL;

	if (next.kind != VALUE_NULL) {
		v = object_open(j->a, v);
		before = object_member(j->a, v, next);
	}
	if (before == NULL)
		return object_set(j->a, v, key, x);
	return object_insert(j->a, v, key, x, before);
}

static bool
change_object(struct patching *j, const struct operation *op, struct value key,
    struct value *v)
{
	struct value was = VALUE_OF(VALUE_NULL), x;
	bool there = object_get(j->a, *v, key, &was);

	if (op->kind != ADD && !there)
		return fail_at(j, op->path, "is not there");
	was = value_share(was);
	x = changed(j, op, v, there ? &was : NULL);
	if (op->kind == REMOVE)
		*v = object_delete(j->a, *v, key);
	else if (there)
		*v = object_set(j->a, *v, key, x);
	else
		*v = add_member(j, *v, key, x, op->before);
	return true;
}

/* Add, remove or replace what is at the end of a path. */
static bool
change(struct patching *j, const struct operation *op, struct pointer at,
    struct value *v)
{
	struct value key, inner;
	size_t i = 0;

	key = pointer_next(j, &at);
	if (!value_is_object(*v) && !value_is_array(*v))
		return fail_at(j, op->path, "leads into no object or array");
	if (pointer_done(&at) && value_is_object(*v))
		return change_object(j, op, key, v);
	if (pointer_done(&at))
		return change_array(j, op, key, v);
	if (!child(j, *v, key, &inner))
		return fail_at(j, op->path, "is not there");
	if (!change(j, op, at, &inner))
		return false;
	if (value_is_object(*v)) {
		*v = object_set(j->a, *v, key, inner);
	} else {
		read_index(key, array_length(*v), &i);
		*v = array_set(j->a, *v, i, inner);
	}
	return true;
}

static bool
change_root(struct patching *j, const struct operation *op, struct value *v)
{
	if (op->path.n > 0)
		return change(j, op, pointer_start(op->path), v);
	if (op->kind == REMOVE)
		return fail(j, "the whole event can't be removed");
	*v = changed(j, op, NULL, v);
	return true;
}

/* Is x the place of y, or one above it? */
static bool
is_prefix(struct value x, struct value y)
{
	return x.n <= y.n && memcmp(x.text, y.text, x.n) == 0 &&
	    (x.n == y.n || y.text[x.n] == '/');
}

static bool
move(struct patching *j, struct operation op, struct value *v)
{
	struct operation take = op;

	if (!get(j, *v, op.from, &op.value))
		return false;
	if (op.kind == MOVE && is_prefix(op.from, op.path)) {
		if (op.from.n == op.path.n)
			return true;
		return fail_at(j, op.path, "is inside of what moves there");
	}
	take.kind = REMOVE;
	take.path = op.from;
	if (op.kind == MOVE && !change_root(j, &take, v))
		return false;
	op.kind = ADD;
	return change_root(j, &op, v);
}

static bool
test(struct patching *j, const struct operation *op, struct value v)
{
	struct value found;

	if (!get(j, v, op->path, &found))
		return false;
	if (!value_equal(j->a, found, op->value))
		return fail_at(j, op->path, "is not what it is tested for");
	return true;
}

static bool
apply(struct patching *j, const struct operation *op, struct value *v)
{
	switch (op->kind) {
	case MOVE:
	case COPY:
		return move(j, *op, v);
	case TEST:
		return test(j, op, *v);
	default:
		return change_root(j, op, v);
	}
}

static bool
read_kind(struct patching *j, struct value v, enum kind *kind)
{
	static const char *const NAMES[] = {
	    "add", "remove", "replace", "move", "copy", "test"};

	for (size_t i = 0; i < sizeof(NAMES) / sizeof(*NAMES); i++) {
		if (!string_equal(j->a, v, value_cstring(NAMES[i])))
			continue;
		*kind = (enum kind)i;
		return true;
	}
	return fail(j, "an unknown \"op\"");
}

/* A member that must be a string; decoded. */
static bool
read_string(
    struct patching *j, struct value v, const char *name, struct value *out)
{
	if (!object_get(j->a, v, value_cstring(name), out) ||
	    !value_is_string(*out))
		return fail(j, "\"%s\" is missing or no string", name);
	*out = string_decoded(j->a, *out);
	return true;
}

static bool
read_pointer(
    struct patching *j, struct value v, const char *name, struct value *out)
{
	if (!read_string(j, v, name, out))
		return false;
	return pointer_valid(*out) || fail_at(j, *out, "is no JSON Pointer");
}

static bool
read_operation(struct patching *j, struct value v, struct operation *op)
{
	struct value name, before;

	*op = (struct operation){0};
	if (!value_is_object(v))
		return fail(j, "an operation is no object");
	if (!read_string(j, v, "op", &name) || !read_kind(j, name, &op->kind) ||
	    !read_pointer(j, v, "path", &op->path))
		return false;
	if (op->kind == MOVE || op->kind == COPY)
		return read_pointer(j, v, "from", &op->from);
	if (op->kind == REMOVE)
		return true;
	if (!object_get(j->a, v, value_cstring("value"), &op->value))
		return fail(j, "\"value\" is missing");
	op->value = value_share(op->value);
	if (op->kind == ADD &&
	    object_get(j->a, v, value_cstring("before"), &before) &&
	    value_is_string(before))
		op->before = string_decoded(j->a, before);
	return true;
}

bool
patch_apply(struct arena *a, struct value patch, struct value *v,
    struct patch_error *error)
{
	return patch_follow(a, patch, v, NULL, error);
}

bool
patch_follow(struct arena *a, struct value patch, struct value *v,
    const struct patch_watch *watch, struct patch_error *error)
{
	struct patching j = {a, watch, error};
	struct value now = value_share(*v);

	error->at = 0;
	if (!value_is_array(patch))
		return fail(&j, "a patch is an array");
	patch = array_open(a, patch);
	for (size_t n = array_length(patch); error->at < n; error->at++) {
		struct operation op;

		if (!read_operation(&j, array_at(patch, error->at), &op) ||
		    !apply(&j, &op, &now))
			return false;
	}
	*v = now;
	return true;
}
