/*
 * Builtins that turn an object into an array of its members, and back.
 */
#include "lang/builtins/builtins.h"
#include "lang/run/eval.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

static struct value
entry_new(struct arena *a, struct value key, struct value v)
{
	struct value entry = object_new(a, 2);

	entry = object_add(a, entry, value_text("key", 3), key);
	return object_add(a, entry, value_text("value", 5), v);
}

static struct value
array_entries(struct arena *a, struct value in)
{
	struct value out = array_new(a, in.n);

	for (uint32_t i = 0; i < in.n; i++)
		out = array_push(
		    a, out, entry_new(a, value_int(i), array_at(in, i)));
	return out;
}

static struct value
object_entries(struct arena *a, struct value in)
{
	struct value out = array_new(a, in.object->n);
	struct member *m;
	uint32_t i = 0;

	while ((m = object_next(a, in, &i)) != NULL) {
		struct value key = string_decoded(a, m->key);

		key.mark = 0;
		out = array_push(
		    a, out, entry_new(a, key, value_take(&m->value)));
	}
	return out;
}

static bool
fn_to_entries(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	struct arena *a = m->arena;

	(void)args;
	if (value_is_object(in))
		*out = object_entries(a, value_share(object_open(a, in)));
	else if (value_is_array(in))
		*out = array_entries(a, value_share(array_open(a, in)));
	else
		return machine_fail(m, "%s (%s) has no keys", value_type(in),
		    machine_show(m, in));
	return true;
}

/* .key // .Key // .name // .Name */
static bool
entry_key(struct machine *m, struct value entry, struct value *key)
{
	static const char *const names[] = {"key", "Key", "name", "Name"};

	for (size_t i = 0; i < 4; i++) {
		if (!path_index(m, entry, value_cstring(names[i]), key))
			return false;
		if (value_is_true(*key))
			break;
	}
	return true;
}

/* if has("value") then .value else .Value end, of an object or null */
static bool
entry_value(struct machine *m, struct value entry, struct value *v)
{
	if (value_is_object(entry) &&
	    object_get(m->arena, entry, value_text("value", 5), v))
		return true;
	return path_index(m, entry, value_text("Value", 5), v);
}

/* Set the member that an entry stands for. */
static bool
add_entry(struct machine *m, struct value entry, struct value *object)
{
	struct value key, v;

	if (!entry_key(m, entry, &key) || !entry_value(m, entry, &v))
		return false;
	if (!value_is_string(key))
		return machine_fail(m, "Cannot use %s (%s) as object key",
		    value_type(key), machine_show(m, key));
	*object = object_set(m->arena, *object, key, value_share(v));
	return true;
}

static bool
fn_from_entries(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	struct member *member;
	uint32_t i = 0;

	(void)args;
	*out = object_new(m->arena, 8);
	if (value_is_array(in)) {
		in = value_share(array_open(m->arena, in));
		for (; i < in.n; i++)
			if (!add_entry(m, array_at(in, i), out))
				return false;
		return true;
	}
	if (!value_is_object(in))
		return machine_fail(m, "Cannot iterate over %s (%s)",
		    value_type(in), machine_show(m, in));
	in = value_share(object_open(m->arena, in));
	while ((member = object_next(m->arena, in, &i)) != NULL)
		if (!add_entry(m, value_take(&member->value), out))
			return false;
	return true;
}

const struct builtin BUILTINS_ENTRIES[] = {
    {"to_entries", 0, fn_to_entries},
    {"from_entries", 0, fn_from_entries},
    {NULL, 0, NULL},
};
