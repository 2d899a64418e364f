#include <stdlib.h>
#include <string.h>

#include "render/observed.h"
#include "value/object.h"
#include "value/string.h"

#define PRODUCER "urn:mutstream:ms-trace"

static const char facet[] = "https://openlineage.io/spec/facets/1-2-0/"
			    "SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet";

static const char *const types[] = {
    "null", "boolean", "number", "string", "array", "object"};

enum { TYPES = sizeof(types) / sizeof(*types) };

static unsigned
type_bit(struct value v)
{
	for (unsigned i = 0; i < TYPES; i++)
		if (strcmp(value_type(v), types[i]) == 0)
			return 1u << i;
	return 0;
}

/* A new field at the end of a list; 0 where there is no room, or -1. */
static int
add_field(struct observed *o, size_t *end, struct value name)
{
	struct observed_field *f;

	if (o->n == OBSERVED_FIELDS)
		return 0;
	if (o->field == NULL)
		o->field = calloc(OBSERVED_FIELDS, sizeof(*o->field));
	if (o->field == NULL)
		return -1;
	f = &o->field[o->n];
	f->name = strndup(name.text, name.n);
	if (f->name == NULL)
		return -1;
	*end = ++o->n;
	return 1;
}

static bool
is_called(const struct observed_field *f, struct value name)
{
	return strlen(f->name) == name.n &&
	    memcmp(f->name, name.text, name.n) == 0;
}

/*
 * Note the members of an object.  The list starts at *first, and events have
 * their members in the same order, mostly: the search goes on where the last
 * one ended, and then from the start.
 */
static int
note(struct observed *o, struct arena *a, size_t *first, struct value object,
    unsigned deep)
{
	size_t *at = first;
	struct member *m;
	uint32_t i = 0;

	object = object_open(a, object);
	while ((m = object_next(a, object, &i)) != NULL) {
		struct value name = string_decoded(a, m->key);
		struct observed_field *f;
		int added = 1;

		if (memchr(name.text, '\0', name.n) != NULL)
			continue;
		if (*at == 0 || !is_called(&o->field[*at - 1], name))
			at = first;
		while (*at != 0 && !is_called(&o->field[*at - 1], name))
			at = &o->field[*at - 1].next;
		if (*at == 0)
			added = add_field(o, at, name);
		if (added <= 0)
			return added;
		f = &o->field[*at - 1];
		f->types |= type_bit(m->value);
		if (value_is_object(m->value) && deep < OBSERVED_DEEP &&
		    note(o, a, &f->first, value_share(m->value), deep + 1) ==
			-1)
			return -1;
		at = &f->next;
	}
	return 0;
}

int
observed_event(struct observed *o, struct arena *a, struct value event)
{
	return value_is_object(event) ? note(o, a, &o->first, event, 1) : 0;
}

/* "string", or "null|string" where a field had several. */
static json_t *
put_types(struct export *x, unsigned bits)
{
	char text[64] = "";

	for (unsigned i = 0; i < TYPES; i++) {
		if ((bits >> i & 1) == 0)
			continue;
		if (*text != '\0')
			strcat(text, "|");
		strcat(text, types[i]);
	}
	return export_text(x, value_cstring(text));
}

static void
put_fields(
    const struct observed *o, struct export *x, size_t first, json_t *fields)
{
	for (size_t i = first; i != 0 && !x->failed; i = o->field[i - 1].next) {
		const struct observed_field *f = &o->field[i - 1];
		json_t *field = export_pack(x, "{s:s, s:o}", "name", f->name,
		    "type", put_types(x, f->types));

		export_append(x, fields, field);
		if (f->first == 0 || x->failed)
			continue;
		export_set(x, field, "fields", export_pack(x, "[]"));
		put_fields(o, x, f->first, json_object_get(field, "fields"));
	}
}

void
observed_put(const struct observed *o, struct export *x, json_t *facets)
{
	json_t *fields;

	if (o->n == 0 || json_object_get(facets, "schema") != NULL)
		return;
	fields = export_pack(x, "[]");
	export_set(x, facets, "schema",
	    export_pack(x, "{s:s, s:s, s:o}", "_producer", PRODUCER,
		"_schemaURL", facet, "fields", fields));
	put_fields(o, x, o->first, fields);
}

void
observed_release(struct observed *o)
{
	for (size_t i = 0; i < o->n; i++)
		free(o->field[i].name);
	free(o->field);
	*o = (struct observed){.n = 0};
}
