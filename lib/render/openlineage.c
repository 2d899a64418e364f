#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "lang/explain/explain.h"
#include "render/openlineage.h"
#include "lang/program.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

#define PRODUCER "urn:mutstream:ms-trace"

enum { EXPLAIN_MEMORY = 256 << 20 };

static const char schema[] =
    "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent";
static const char facet[] =
    "https://openlineage.io/spec/facets/1-2-0/"
    "ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet";

static uint64_t
route_of(struct arena *a, const struct view *v, size_t n)
{
	uint64_t hash = n;
	struct value text;

	for (size_t i = 0; i < n; i++) {
		for (int m = VIEW_OP; m <= VIEW_RULE; m++) {
			hash *= UINT64_C(0x9E3779B97F4A7C15);
			if (m != VIEW_STAGE &&
			    view_text(a, &v[i], (enum view_member)m, &text))
				hash ^= hash_bytes(text.text, text.n);
		}
		hash ^= v[i].of[VIEW_KEPT].kind == VALUE_FALSE;
		hash ^= (uint64_t)view_has(&v[i], VIEW_FROM) << 1;
	}
	return hash;
}

static int
add_route(struct openlineage *o, struct arena *a, const struct view *v,
    size_t n, uint64_t hash, uint64_t from)
{
	char *program;

	if (!route_read(&o->reading, a, v, n))
		return -1;
	program = malloc(o->reading.program.len);
	if (program == NULL)
		return -1;
	memcpy(program, o->reading.program.p, o->reading.program.len);
	o->route[o->routes].hash = hash;
	o->route[o->routes].program = program;
	o->route[o->routes].len = o->reading.program.len;
	o->route[o->routes].from = from;
	o->routes++;
	return 0;
}

/* Number of the source of that name; OPENLINEAGE_SOURCES without room. */
static size_t
find_source(struct openlineage *o, struct value name)
{
	size_t i = 0;

	while (i < o->sources &&
	    (strlen(o->source[i]) != name.n ||
		memcmp(o->source[i], name.text, name.n) != 0))
		i++;
	if (i == o->sources && memchr(name.text, '\0', name.n) != NULL)
		return OPENLINEAGE_SOURCES;
	return i;
}

/*
 * What a record names as its "from"; a bit of *from where it is the event's
 * origin, which the record first names.
 */
static int
add_source(struct openlineage *o, struct arena *a, const struct view *v,
    const struct view *first, uint64_t *from)
{
	static const char *const NAMES[] = {"table", "source", "topic"};
	struct value origin = v->of[VIEW_FROM], name = VALUE_OF(VALUE_NULL);
	size_t which = 0, i;

	while (value_is_object(origin) && which < 3 &&
	    !(object_get(a, origin, value_cstring(NAMES[which]), &name) &&
		value_is_string(name)))
		which++;
	/* The event comes from its origin, wherever it was read on its way. */
	if (!value_is_string(name) || (which > 0 && v != first))
		return 0;
	name = string_decoded(a, name);
	i = find_source(o, name);
	if (i == OPENLINEAGE_SOURCES)
		return 0;
	if (i == o->sources) {
		o->source[i] = strndup(name.text, name.n);
		if (o->source[i] == NULL)
			return -1;
		o->sources++;
	}
	if (which > 0)
		*from |= (uint64_t)1 << i;
	return 0;
}

int
openlineage_event(struct openlineage *o, struct arena *a, struct value event,
    struct value history)
{
	size_t n;
	struct view *v = view_history(a, history, &n);
	const struct view *origin = view_origin(a, v, n);
	uint64_t hash = route_of(a, v, n), from = 0;

	for (size_t i = 0; i < n; i++)
		if (add_source(o, a, &v[i], origin, &from) == -1)
			return -1;
	if (openlineage_schemas_event(&o->schemas, a, v, n, event) == -1)
		return -1;
	for (size_t i = 0; i < o->routes; i++) {
		if (o->route[i].hash == hash) {
			o->route[i].from |= from;
			return 0;
		}
	}
	if (o->routes < OPENLINEAGE_ROUTES)
		return add_route(o, a, v, n, hash, from);
	o->others++;
	return 0;
}

void
openlineage_release(struct openlineage *o)
{
	for (size_t i = 0; i < o->routes; i++)
		free(o->route[i].program);
	for (size_t i = 0; i < o->sources; i++)
		free(o->source[i]);
	o->routes = o->sources = 0;
	openlineage_schemas_release(&o->schemas);
	route_release(&o->reading);
}

/* --- the run event --- */

/* What is being composed; fields and dataset are parts of the document. */
struct composing {
	struct export x;
	json_t *fields, *dataset;
	const char *source; /* of the events that took the route in hand */
};

static json_t *
spelled(struct export *x, const struct site *p)
{
	struct buf text = {0};
	json_t *s = NULL;

	site_write(&text, p);
	if (buf_failed(&text))
		x->failed = true;
	else
		s = export_text(x, value_text(text.p, text.len));
	buf_release(&text);
	return s;
}

/* Is it that field of that dataset? */
static bool
is_input(const json_t *input, const char *dataset, const json_t *field)
{
	const char *name = json_string_value(json_object_get(input, "name"));

	return name != NULL && strcmp(name, dataset) == 0 &&
	    json_equal(json_object_get(input, "field"), field);
}

/* The input that is a field of the source; it is added where it is new. */
static json_t *
find_input(struct composing *c, json_t *inputs, const struct site *p)
{
	json_t *field = spelled(&c->x, p), *input = NULL;
	size_t i = 0, n = json_array_size(inputs);

	while (i < n && !is_input(json_array_get(inputs, i), c->source, field))
		i++;
	if (i < n) {
		json_decref(field);
		return json_array_get(inputs, i);
	}
	input = export_pack(&c->x, "{s:s, s:s, s:o, s:[]}", "namespace", "file",
	    "name", c->source, "field", field, "transformations");
	export_append(&c->x, inputs, input);
	return json_array_get(inputs, n);
}

/* An input field once, with all the ways in which it takes part. */
static void
add_input(struct composing *c, json_t *inputs, const struct site *p,
    const char *type, const char *subtype)
{
	json_t *ways =
	    json_object_get(find_input(c, inputs, p), "transformations");

	for (size_t i = 0; i < json_array_size(ways); i++)
		if (strcmp(json_string_value(json_object_get(
			       json_array_get(ways, i), "subtype")),
			subtype) == 0)
			return;
	export_append(&c->x, ways,
	    export_pack(&c->x, "{s:s, s:s}", "type", type, "subtype", subtype));
}

static void
add_inputs(struct composing *c, json_t *inputs, struct sites s,
    const char *type, const char *subtype)
{
	for (uint32_t i = 0; i < s.n && !c->x.failed; i++)
		add_input(c, inputs, &s.p[i], type, subtype);
}

/* The inputs of a field of what comes out; NULL where memory is missing. */
static json_t *
inputs_of(struct composing *c, const struct site *p)
{
	json_t *name = spelled(&c->x, p), *field;
	const char *key = json_string_value(name);

	if (key == NULL)
		return NULL;
	field = json_object_get(c->fields, key);
	if (field == NULL) {
		export_set(&c->x, c->fields, key,
		    export_pack(&c->x, "{s:[]}", "inputFields"));
		field = json_object_get(c->fields, key);
	}
	json_decref(name);
	return json_object_get(field, "inputFields");
}

static void
add_explanation(struct composing *c, const struct explain_report *e)
{
	for (uint32_t i = 0; i < e->n && !c->x.failed; i++) {
		const struct written *w = &e->writes[i];
		json_t *inputs;

		if (w->how == WRITTEN_FILTERED) {
			add_inputs(c, c->dataset, w->by, "INDIRECT", "FILTER");
			continue;
		}
		if (w->how == WRITTEN_REMOVED)
			continue; /* no field of what comes out */
		inputs = inputs_of(c, &w->site);
		add_inputs(c, inputs, w->copied, "DIRECT", "IDENTITY");
		add_inputs(c, inputs, w->from, "DIRECT", "TRANSFORMATION");
		add_inputs(c, inputs, w->by, "INDIRECT", "CONDITIONAL");
	}
}

/* The explanation of a route, for each source that took it. */
static void
add_route_explanation(struct composing *c, const struct openlineage *o,
    size_t route, const struct explain_report *e)
{
	uint64_t from = o->route[route].from;

	c->source = "-";
	if (from == 0)
		add_explanation(c, e);
	for (size_t i = 0; i < o->sources; i++) {
		c->source = o->source[i];
		if (from >> i & 1)
			add_explanation(c, e);
	}
}

/* False where the program takes more to explain than it may. */
static bool
explain(struct composing *c, const struct openlineage *o, size_t route,
    const struct program *p)
{
	struct explain_report e;
	struct arena a;
	jmp_buf overflow;
	volatile bool done = false;

	arena_init(&a, EXPLAIN_MEMORY);
	a.overflow = &overflow;
	if (setjmp(overflow) == 0) {
		explain_program(&a, p, true, &e);
		done = true;
		add_route_explanation(c, o, route, &e);
	}
	c->x.failed |= a.account.starved;
	arena_release(&a);
	return done;
}

/* A route that can't be explained may have done anything. */
static void
explain_route(struct composing *c, const struct openlineage *o, size_t route)
{
	struct program *p = route_compile(
	    o->route[route].program, o->route[route].len, &c->x.failed);

	if (p == NULL || !explain(c, o, route, p)) {
		program_free(p);
		p = route_compile(
		    route_anything, sizeof(route_anything) - 1, &c->x.failed);
		if (p != NULL)
			explain(c, o, route, p);
	}
	program_free(p);
}

static void
start_document(struct composing *c, const char *id, const char *at)
{
	struct export *x = &c->x;
	json_t *document = export_document(x);

	c->fields = export_pack(x, "{}");
	c->dataset = export_pack(x, "[]");
	export_set(x, document, "eventType", export_pack(x, "s", "COMPLETE"));
	export_set(x, document, "eventTime", export_pack(x, "s", at));
	export_set(x, document, "producer", export_pack(x, "s", PRODUCER));
	export_set(x, document, "schemaURL", export_pack(x, "s", schema));
	export_set(x, document, "run", export_pack(x, "{s:s}", "runId", id));
	export_set(x, document, "job",
	    export_pack(
		x, "{s:s, s:s}", "namespace", "mutstream", "name", "pipeline"));
	export_set(x, document, "inputs", export_pack(x, "[]"));
	export_set(x, document, "outputs",
	    export_pack(x, "[{s:s, s:s, s:{s:{s:s, s:s, s:o, s:o}}}]",
		"namespace", "mutstream", "name", "events", "facets",
		"columnLineage", "_producer", PRODUCER, "_schemaURL", facet,
		"fields", c->fields, "dataset", c->dataset));
}

/* Of the one dataset that comes out. */
static json_t *
output_facets(const struct export *x)
{
	return json_object_get(
	    json_array_get(json_object_get(x->document, "outputs"), 0),
	    "facets");
}

bool
openlineage_write(
    struct openlineage *o, struct buf *out, const char *id, const char *at)
{
	struct composing c = {.source = "-"};
	bool done;

	start_document(&c, id, at);
	openlineage_schemas_put(&o->schemas, &c.x, output_facets(&c.x));
	for (size_t i = 0; i < o->sources && !c.x.failed; i++)
		export_append(&c.x, json_object_get(c.x.document, "inputs"),
		    export_pack(&c.x, "{s:s, s:s}", "namespace", "file", "name",
			o->source[i]));
	for (size_t i = 0; i < o->routes && !c.x.failed; i++)
		explain_route(&c, o, i);
	done = export_line(&c.x, out);
	export_release(&c.x);
	return done;
}
