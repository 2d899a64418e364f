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
	struct value lost;   /* "forgotten", where that is a list */
};

struct patching {
	struct arena *a;
	struct draft *d;
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

/* Where an operation's path leads: a container, and a key in it. */
struct target {
	struct draft_slot *in; /* NULL for the whole event */
	struct value key;      /* its last step, decoded */
	size_t i;              /* in an array; its length for "-" */
};

/* The place that a key names in a container, or NULL. */
static struct draft_slot *
child(struct patching *j, struct draft_slot *in, struct value key)
{
	size_t i;

	if (draft_is_object(in))
		return draft_member(j->d, in, key);
	if (!draft_is_array(in) ||
	    !read_index(key, draft_length(j->d, in), &i) ||
	    i == draft_length(j->d, in))
		return NULL;
	return draft_element(j->d, in, i);
}

/* The place that a path leads to; NULL, and a complaint, if there is none. */
static struct draft_slot *
find(struct patching *j, struct value path)
{
	struct pointer at = pointer_start(path);
	struct draft_slot *slot = &j->d->root;

	while (slot != NULL && !pointer_done(&at))
		slot = child(j, slot, pointer_next(j, &at));
	if (slot == NULL)
		fail_at(j, path, "is not there");
	return slot;
}

static bool
value_at(struct patching *j, struct draft_slot *slot, struct value *v)
{
	return draft_slot_value(j->d, slot, v) ||
	    fail(j, "what it makes is nested too deeply");
}

/* Find the container whose content an operation changes. */
static bool
locate(struct patching *j, struct value path, struct target *to)
{
	struct pointer at = pointer_start(path);
	struct draft_slot *slot = &j->d->root;

	*to = (struct target){.in = NULL};
	while (!pointer_done(&at)) {
		if (to->in != NULL)
			slot = child(j, to->in, to->key);
		if (slot == NULL)
			return fail_at(j, path, "is not there");
		if (!draft_is_object(slot) && !draft_is_array(slot))
			return fail_at(
			    j, path, "leads into no object or array");
		draft_touch(j->d, slot);
		to->in = slot;
		to->key = pointer_next(j, &at);
	}
	return true;
}

/* The place of what is at a target, NULL where nothing is; false: a fault. */
static bool
occupied(struct patching *j, const struct operation *op, struct target *to,
    struct draft_slot **was)
{
	bool add = op->kind == ADD;
	size_t n;

	if (to->in == NULL) {
		*was = &j->d->root;
		return true;
	}
	if (draft_is_object(to->in)) {
		*was = draft_member(j->d, to->in, to->key);
	} else {
		n = to->i = draft_length(j->d, to->in);
		if (!(add && to->key.n == 1 && to->key.text[0] == '-') &&
		    !read_index(to->key, n, &to->i))
			return fail_at(j, op->path, "is no place in its array");
		*was = add || to->i == n ? NULL
					 : draft_element(j->d, to->in, to->i);
	}
	if (!add && *was == NULL)
		return fail_at(j, op->path, "is not there");
	return true;
}

/* Let the watch say what is to come to a place. */
static bool
watched(struct patching *j, const struct operation *op, const struct target *to,
    struct draft_slot *was, struct draft_slot *new)
{
	struct patch_change change = {.path = op->path};
	struct value in, old, x;

	if (j->watch == NULL)
		return true;
	if (was != NULL) {
		if (!value_at(j, was, &old))
			return false;
		change.was = &old;
	}
	if (to->in != NULL) {
		in = draft_base(to->in);
		change.in = &in;
	}
	if (op->kind != REMOVE) {
		if (!value_at(j, new, &x))
			return false;
		change.new = &x;
		change.moved = op->from.kind != VALUE_NULL;
	}
	new->value = value_share(j->watch->change(j->watch->arg, &change));
	new->node = NULL;
	return true;
}

static void
put(struct patching *j, const struct operation *op, const struct target *to,
    struct draft_slot new)
{
	struct draft *d = j->d;

	if (to->in == NULL)
		d->root = new;
	else if (draft_is_object(to->in))
		*draft_set_member(d, to->in, to->key, op->before) = new;
	else if (op->kind == REPLACE)
		*draft_element(d, to->in, to->i) = new;
	else
		*draft_insert_element(d, to->in, to->i) = new;
}

/* Add, remove or replace what is at the end of a path. */
static bool
change(struct patching *j, const struct operation *op, struct draft_slot new)
{
	struct draft_slot *was;
	struct target to;

	if (!locate(j, op->path, &to) || !occupied(j, op, &to, &was) ||
	    !watched(j, op, &to, was, &new))
		return false;
	if (op->kind != REMOVE)
		put(j, op, &to, new);
	else if (to.in == NULL)
		return fail(j, "the whole event can't be removed");
	else if (draft_is_object(to.in))
		draft_remove_member(j->d, to.in, to.key);
	else
		draft_remove_element(j->d, to.in, to.i);
	return true;
}

/* Is x the place of y, or one above it? */
static bool
is_prefix(struct value x, struct value y)
{
	return x.n <= y.n && memcmp(x.text, y.text, x.n) == 0 &&
	    (x.n == y.n || y.text[x.n] == '/');
}

/* What moves takes what was opened of it along. */
static bool
move(struct patching *j, struct operation op)
{
	struct draft_slot *from = find(j, op.from), what;
	struct operation take = op;

	if (from == NULL)
		return false;
	/* To where it stands, but perhaps in front of another member. */
	if (op.from.n == op.path.n && is_prefix(op.from, op.path)) {
		if (op.from.n == 0 || op.before.kind == VALUE_NULL)
			return true;
	} else if (is_prefix(op.from, op.path)) {
		return fail_at(j, op.path, "is inside of what moves there");
	}
	what = *from;
	take.kind = REMOVE;
	take.path = op.from;
	op.kind = ADD;
	return change(j, &take, what) && change(j, &op, what);
}

static bool
copy(struct patching *j, struct operation op)
{
	struct draft_slot *from = find(j, op.from), what = {.node = NULL};

	if (from == NULL || !value_at(j, from, &what.value))
		return false;
	if (!draft_count_copy(j->d, what.value))
		return fail(j, "its copies hold more than --max-memory");
	op.kind = ADD;
	return change(j, &op, what);
}

static bool
test(struct patching *j, const struct operation *op)
{
	struct draft_slot *slot = find(j, op->path);
	struct value found;

	if (slot == NULL || !value_at(j, slot, &found))
		return false;
	if (!value_equal(j->a, found, op->value))
		return fail_at(j, op->path, "is not what it is tested for");
	return true;
}

/*
 * Mark the nulls of a value that stand for what was destroyed.  A path that
 * leads to none is passed over: it says nothing of what is there.
 */
static void
mark_lost(struct patching *j, struct value list, struct draft_slot *new)
{
	if (list.kind == VALUE_NULL)
		return;
	list = array_open(j->a, list);
	for (size_t i = 0; i < array_length(list); i++) {
		struct value path = array_at(list, i);
		struct draft_slot *slot = new;
		struct pointer at;

		if (!value_is_string(path))
			continue;
		path = string_decoded(j->a, path);
		if (!pointer_valid(path))
			continue;
		at = pointer_start(path);
		while (slot != NULL && !pointer_done(&at)) {
			if (draft_is_object(slot) || draft_is_array(slot))
				draft_touch(j->d, slot);
			slot = child(j, slot, pointer_next(j, &at));
		}
		if (slot != NULL && slot->node == NULL &&
		    slot->value.kind == VALUE_NULL)
			slot->value.flags |= VALUE_FORGOTTEN;
	}
}

static bool
apply(struct patching *j, const struct operation *op)
{
	struct draft_slot new = {.value = op->value};

	if (j->d->operations++ == PATCH_OPERATIONS)
		return fail(
		    j, "there are more than %d operations", PATCH_OPERATIONS);
	switch (op->kind) {
	case MOVE:
		return move(j, *op);
	case COPY:
		return copy(j, *op);
	case TEST:
		return test(j, op);
	default:
		mark_lost(j, op->lost, &new);
		return change(j, op, new);
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

/* The keys of an object, in an array. */
static struct value
keys_of(struct patching *j, struct value v)
{
	struct value list;
	size_t n;
	struct value *keys = object_keys(j->a, v, &n);

	list = array_new(j->a, n);
	for (size_t i = 0; i < n; i++)
		list = array_push(j->a, list, keys[i]);
	return value_share(list);
}

/* What of the value was destroyed on purpose: all, or what a list names. */
static void
read_lost(struct patching *j, struct value v, struct operation *op)
{
	struct value lost;

	if ((op->value.kind != VALUE_NULL &&
		op->value.kind < VALUE_RAW_ARRAY) ||
	    !object_get(j->a, v, value_cstring("forgotten"), &lost))
		return;
	if (lost.kind == VALUE_TRUE)
		op->value.flags |= VALUE_FORGOTTEN;
	else if (value_is_object(lost))
		op->lost = keys_of(j, lost);
	else if (value_is_array(lost))
		op->lost = lost;
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
	if (op->kind == REMOVE)
		return true;
	if (object_get(j->a, v, value_cstring("before"), &before) &&
	    value_is_string(before))
		op->before = string_decoded(j->a, before);
	if (op->kind == MOVE || op->kind == COPY)
		return read_pointer(j, v, "from", &op->from);
	if (!object_get(j->a, v, value_cstring("value"), &op->value))
		return fail(j, "\"value\" is missing");
	op->value = value_share(op->value);
	read_lost(j, v, op);
	return true;
}

bool
patch_draft(struct draft *d, struct value patch,
    const struct patch_watch *watch, struct patch_error *error)
{
	struct patching j = {d->a, d, watch, error};

	error->at = 0;
	if (!value_is_array(patch))
		return fail(&j, "a patch is an array");
	patch = array_open(d->a, patch);
	for (size_t n = array_length(patch); error->at < n; error->at++) {
		struct operation op;

		if (!read_operation(&j, array_at(patch, error->at), &op) ||
		    !apply(&j, &op))
			return false;
	}
	return true;
}

bool
patch_operation(struct draft *d, struct value operation,
    const struct patch_watch *watch, struct patch_error *error)
{
	struct patching j = {d->a, d, watch, error};
	struct operation op;

	error->at = 0;
	return read_operation(&j, operation, &op) && apply(&j, &op);
}

bool
patch_apply(struct arena *a, struct value patch, struct value *v,
    const struct patch_watch *watch, struct patch_error *error)
{
	struct patching j = {.a = a, .error = error};
	struct draft d;

	draft_init(&d, a, *v);
	if (!patch_draft(&d, patch, watch, error))
		return false;
	return draft_value(&d, v) ||
	    fail(&j, "what it makes is nested too deeply");
}
