/*
 * W3C PROV-JSON: each record is an activity that makes a new entity of the
 * one before.
 */
#include <stdio.h>
#include <string.h>

#include "render/export.h"
#include "value/array.h"
#include "value/number.h"
#include "value/object.h"
#include "value/string.h"

/*
 * How the entities around a record are called.  Forks of an event have one id,
 * and so have the revisions of a result, but they aren't the same: what makes
 * them differ is a part of the name.  What was before is one entity for all
 * forks; a revision is made of the one before it.
 */
struct names {
	const char *before, *entity, *activity, *collection;
};

static const char *
spell(struct export *x, const char *base, const char *kind, size_t number)
{
	size_t room = strlen(base) + strlen(kind) + 32;
	char *name = arena_alloc(x->a, room);

	snprintf(name, room, "%s%s/%zu", base, kind, number);
	return name;
}

static const char *
put_behind(struct export *x, const char *base, const char *kind)
{
	size_t room = strlen(base) + strlen(kind) + 1;
	char *name = arena_alloc(x->a, room);

	snprintf(name, room, "%s%s", base, kind);
	return name;
}

static size_t
number_of(struct value v)
{
	v = v.kind == VALUE_NUMBER ? value_number(v) : v;
	return v.kind == VALUE_INT && v.i > 0 ? (size_t)v.i : 0;
}

static const char *
forked(struct export *x, const char *base, struct value fork)
{
	base = spell(x, base, "/fork", number_of(array_get(fork, 0)));
	return spell(x, base, "", number_of(array_get(fork, 1)));
}

/* Of each record; base is "event:" and the id. */
static struct names *
name_all(struct export *x, const struct view *v, size_t n, const char *base)
{
	struct names *names = arena_array(x->a, n, sizeof(*names));
	const char *id = base, *before = spell(x, base, "", 0);

	for (size_t i = 0; i < n; i++) {
		struct value fork = v[i].of[VIEW_FORK];
		size_t rev = number_of(v[i].of[VIEW_REV]);

		if (value_is_array(fork) && array_length(fork) == 2)
			base = forked(x, base, fork);
		if (rev > 1) {
			before = rev == 2 ? id : spell(x, id, "/rev", rev - 1);
			before = spell(x, before, "", i + 1);
			base = spell(x, id, "/rev", rev);
		}
		names[i].before = before;
		names[i].entity = before = spell(x, base, "", i + 1);
		names[i].activity = spell(x, base, "/stage", i + 1);
		names[i].collection = put_behind(x, base, "/of");
	}
	return names;
}

/* A relation needs an id of its own: no other relation may have the same. */
static void
relate(struct export *x, const char *relation, size_t i, json_t *members)
{
	char id[48];

	snprintf(id, sizeof(id), "_:%s%zu", relation, i + 1);
	export_set(x, json_object_get(x->document, relation), id, members);
}

/* Each record is an activity that makes a new entity of the one before. */
static void
add_activity(
    struct export *x, const struct view *v, const struct names *names, size_t i)
{
	json_t *d = x->document, *activity = export_pack(x, "{}");
	json_t *changed = export_pack(x, "[]"), *rule;
	const char *entity = names->entity, *before = names->before;
	const char *name = names->activity;
	struct value at;
	int64_t when;

	export_set(
	    x, json_object_get(d, "entity"), entity, export_pack(x, "{}"));
	export_set(x, json_object_get(d, "activity"), name, activity);
	export_set(x, activity, "ms:changed", changed);
	if (x->failed)
		return;
	if (view_time(x->a, &x->clock, v, &when) &&
	    view_text(x->a, v, VIEW_AT, &at))
		export_set(x, activity, "prov:endTime", export_text(x, at));
	export_set(
	    x, activity, "prov:label", export_text(x, view_label(x->a, v)));
	rule = export_member(x, v, VIEW_RULE);
	if (rule != NULL)
		export_set(x, activity, "ms:rule", rule);
	export_changed(x, v, changed, NULL);
	if (json_array_size(changed) == 0)
		json_object_del(activity, "ms:changed");
	relate(x, "used", i,
	    export_pack(
		x, "{s:s, s:s}", "prov:activity", name, "prov:entity", before));
	relate(x, "wasGeneratedBy", i,
	    export_pack(
		x, "{s:s, s:s}", "prov:entity", entity, "prov:activity", name));
	relate(x, "wasDerivedFrom", i,
	    export_pack(x, "{s:s, s:s, s:s}", "prov:generatedEntity", entity,
		"prov:usedEntity", before, "prov:activity", name));
}

/* An event of which only the id is known, as a member of a collection. */
static void
add_member(struct export *x, const struct view *v, const char *which,
    const char *collection, size_t i)
{
	struct value id;
	char entity[48];

	if (!object_get(x->a, v->of[VIEW_OF], value_cstring(which), &id) ||
	    !value_is_string(id))
		return;
	id = string_decoded(x->a, id);
	if (id.n != 36 ||
	    strspn(arena_copy(x->a, id.text, id.n),
		"0123456789abcdefABCDEF-") != 36)
		return;
	snprintf(entity, sizeof(entity), "event:%.36s", id.text);
	if (json_object_get(json_object_get(x->document, "entity"), entity) !=
	    NULL)
		return; /* the first is the last one as well */
	export_set(x, json_object_get(x->document, "entity"), entity,
	    export_pack(x, "{}"));
	relate(x, "hadMember", i,
	    export_pack(x, "{s:s, s:s}", "prov:collection", collection,
		"prov:entity", entity));
}

/* JSON text of a value, as a string. */
static json_t *
text_of(struct export *x, struct value v)
{
	struct buf text = {0};
	json_t *made = NULL;

	value_write(&text, v);
	if (buf_failed(&text))
		x->failed = true;
	else
		made = export_text(x, value_text(text.p, text.len));
	buf_release(&text);
	return made;
}

/*
 * A result is derived from the collection of the events that it was made of.
 * n relations of a kind are there already.
 */
static void
add_collection(struct export *x, const struct view *v,
    const struct names *names, size_t i, size_t n)
{
	json_t *d = x->document, *entity;
	const char *collection = names->collection, *result = names->entity;
	const char *name = names->activity;

	if (!value_is_object(v->of[VIEW_OF]))
		return;
	entity = export_pack(x, "{s:{s:s, s:s}}", "prov:type", "$",
	    "prov:Collection", "type", "prov:QUALIFIED_NAME");
	export_set(x, json_object_get(d, "entity"), collection, entity);
	export_set(x, entity, "ms:of", text_of(x, v->of[VIEW_OF]));
	if (json_object_get(d, "hadMember") == NULL)
		export_set(x, d, "hadMember", export_pack(x, "{}"));
	add_member(x, v, "first", collection, 0);
	add_member(x, v, "last", collection, 1);
	relate(x, "used", n + i,
	    export_pack(x, "{s:s, s:s}", "prov:activity", name, "prov:entity",
		collection));
	relate(x, "wasDerivedFrom", n + i,
	    export_pack(x, "{s:s, s:s, s:s}", "prov:generatedEntity", result,
		"prov:usedEntity", collection, "prov:activity", name));
}

static void
add_origin(struct export *x, const struct view *v, const char *entity)
{
	if (value_is_object(v->of[VIEW_FROM]))
		export_set(x,
		    json_object_get(
			json_object_get(x->document, "entity"), entity),
		    "ms:from", text_of(x, v->of[VIEW_FROM]));
}

bool
export_prov(struct export *x, struct value history, struct buf *out)
{
	static const char *const PARTS[] = {
	    "entity", "activity", "used", "wasGeneratedBy", "wasDerivedFrom"};
	size_t n;
	struct view *v = view_history(x->a, history, &n);
	const struct view *origin;
	struct value id;
	char digits[33], base[48];
	struct names *names;

	if (!export_id(x, v, n, &id, digits))
		return false;
	snprintf(base, sizeof(base), "event:%.8s-%.4s-%.4s-%.4s-%.12s", digits,
	    digits + 8, digits + 12, digits + 16, digits + 20);
	names = name_all(x, v, n, base);
	if (export_document(x) == NULL)
		arena_starve(x->a);
	export_set(x, x->document, "prefix",
	    export_pack(
		x, "{s:s, s:s}", "event", "urn:uuid:", "ms", "urn:mutstream:"));
	for (size_t i = 0; i < sizeof(PARTS) / sizeof(*PARTS); i++)
		export_set(x, x->document, PARTS[i], export_pack(x, "{}"));
	export_set(x, json_object_get(x->document, "entity"), names->before,
	    export_pack(x, "{}"));
	origin = view_origin(x->a, v, n);
	if (origin != NULL)
		add_origin(x, origin, names->before);
	for (size_t i = 0; i < n; i++)
		add_activity(x, &v[i], &names[i], i);
	for (size_t i = 0; i < n; i++)
		add_collection(x, &v[i], &names[i], i, n);
	if (!export_line(x, out))
		arena_starve(x->a);
	return true;
}
