#include "render/openlineage_schema.h"

#include <stdlib.h>
#include <string.h>

#include "value/object.h"
#include "value/string.h"

#define PRODUCER "urn:mutstream:ms-trace"

static const char facet[] = "https://openlineage.io/spec/facets/1-2-0/"
			    "SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet";

/* A facet of somebody's own has a prefix, and says at least what all do. */
static const char custom[] = "https://openlineage.io/spec/2-0-2/"
			     "OpenLineage.json#/$defs/DatasetFacet";

static const char *const types[] = {
    "null", "boolean", "number", "string", "array", "object"};

enum { TYPES = sizeof(types) / sizeof(*types) };

static bool
same(const char *text, struct value v)
{
	return text != NULL && strlen(text) == v.n &&
	    memcmp(text, v.text, v.n) == 0;
}

/* A member of a record's from that is a string, decoded. */
static bool
from_text(
    struct arena *a, const struct view *v, const char *name, struct value *text)
{
	if (!value_is_object(v->of[VIEW_FROM]) ||
	    !object_get(a, v->of[VIEW_FROM], value_cstring(name), text) ||
	    !value_is_string(*text))
		return false;
	*text = string_decoded(a, *text);
	return memchr(text->text, '\0', text->n) == NULL;
}

static int
note_schema(
    struct openlineage_schemas *s, struct arena *a, const struct view *v)
{
	struct value name, hash;
	struct openlineage_schema *x;
	bool hashed = from_text(a, v, "hash", &hash);

	if (!from_text(a, v, "schema", &name))
		return 0;
	for (size_t i = 0; i < s->n; i++) {
		x = &s->schema[i];
		if (same(x->name, name) &&
		    (hashed ? same(x->hash, hash) : x->hash == NULL)) {
			x->events++;
			return 0;
		}
	}
	if (s->n == OPENLINEAGE_SCHEMAS)
		return 0;
	x = &s->schema[s->n++];
	x->events = 1;
	x->name = strndup(name.text, name.n);
	x->hash = hashed ? strndup(hash.text, hash.n) : NULL;
	return x->name == NULL || (hashed && x->hash == NULL) ? -1 : 0;
}

static unsigned
type_bit(struct value v)
{
	for (unsigned i = 0; i < TYPES; i++)
		if (strcmp(value_type(v), types[i]) == 0)
			return 1u << i;
	return 0;
}

/* Events have their members in the same order, mostly: *at is the next. */
static int
note_field(
    struct openlineage_schemas *s, struct value name, unsigned type, size_t *at)
{
	struct openlineage_field *f;

	if (memchr(name.text, '\0', name.n) != NULL)
		return 0;
	for (size_t i = 0; i < s->fields_n; i++) {
		f = &s->field[(*at + i) % s->fields_n];
		if (!same(f->name, name))
			continue;
		f->types |= type;
		*at = (size_t)(f - s->field) + 1;
		return 0;
	}
	if (s->fields_n == OPENLINEAGE_FIELDS)
		return 0;
	if (s->field == NULL)
		s->field = calloc(OPENLINEAGE_FIELDS, sizeof(*s->field));
	if (s->field == NULL)
		return -1;
	f = &s->field[s->fields_n];
	f->name = strndup(name.text, name.n);
	if (f->name == NULL)
		return -1;
	f->types = type;
	*at = ++s->fields_n;
	return 0;
}

int
openlineage_schemas_event(struct openlineage_schemas *s, struct arena *a,
    const struct view *v, size_t n, struct value event)
{
	const struct member *m;
	size_t at = 0;
	uint32_t i = 0;

	while (n > 0 && !view_says(a, &v[n - 1], VIEW_OP, "schema"))
		n--;
	if (n == 0 || view_has(&v[n - 1], VIEW_FAILED))
		return 0;
	if (note_schema(s, a, &v[n - 1]) == -1)
		return -1;
	event = object_open(a, event);
	while ((m = object_next(a, event, &i)) != NULL)
		if (note_field(s, string_decoded(a, m->key), type_bit(m->value),
			&at) == -1)
			return -1;
	return 0;
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

void
openlineage_schemas_put(
    const struct openlineage_schemas *s, struct export *x, json_t *facets)
{
	json_t *fields = export_pack(x, "[]"), *names = export_pack(x, "[]");

	if (s->n == 0) {
		json_decref(fields);
		json_decref(names);
		return;
	}
	export_set(x, facets, "schema",
	    export_pack(x, "{s:s, s:s, s:o}", "_producer", PRODUCER,
		"_schemaURL", facet, "fields", fields));
	export_set(x, facets, "mutstream_schemas",
	    export_pack(x, "{s:s, s:s, s:o}", "_producer", PRODUCER,
		"_schemaURL", custom, "schemas", names));
	for (size_t i = 0; i < s->fields_n && !x->failed; i++)
		export_append(x, fields,
		    export_pack(x, "{s:s, s:o}", "name", s->field[i].name,
			"type", put_types(x, s->field[i].types)));
	for (size_t i = 0; i < s->n && !x->failed; i++)
		export_append(x, names,
		    export_pack(x, "{s:s, s:s*, s:I}", "name",
			s->schema[i].name, "hash", s->schema[i].hash, "events",
			(json_int_t)s->schema[i].events));
}

void
openlineage_schemas_release(struct openlineage_schemas *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->schema[i].name);
		free(s->schema[i].hash);
	}
	for (size_t i = 0; i < s->fields_n; i++)
		free(s->field[i].name);
	free(s->field);
	*s = (struct openlineage_schemas){.n = 0};
}
