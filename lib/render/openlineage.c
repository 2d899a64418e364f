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

/* Did it find no row? */
static bool
misses(struct arena *a, const struct view *v)
{
	struct value said;

	return value_is_object(v->of[VIEW_FROM]) &&
	    object_get(a, v->of[VIEW_FROM], value_cstring("miss"), &said);
}

/* Did a filter write how many it had held back? */
static bool
counts(struct arena *a, const struct view *v)
{
	return view_has(v, VIEW_UNDO) && view_says(a, v, VIEW_OP, "filter");
}

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
		hash ^= (uint64_t)misses(a, &v[i]) << 2;
		hash ^= (uint64_t)counts(a, &v[i]) << 3;
	}
	return hash;
}

static int
add_route(struct openlineage *o, struct arena *a, const struct view *v,
    size_t n, uint64_t hash, uint64_t from)
{
	struct route *r = &o->route[o->routes].route;

	*r = (struct route){.steps = 0};
	if (!route_read(r, a, v, n)) {
		route_release(r);
		return -1;
	}
	o->route[o->routes].hash = hash;
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

/* Note a source; a bit of *from, where that isn't NULL. */
static int
note_source(struct openlineage *o, struct value name, uint64_t *from)
{
	size_t i = find_source(o, name);

	if (i == OPENLINEAGE_SOURCES)
		return 0;
	if (i == o->sources) {
		o->source[i] = strndup(name.text, name.n);
		if (o->source[i] == NULL)
			return -1;
		o->sources++;
	}
	if (from != NULL)
		*from |= (uint64_t)1 << i;
	return 0;
}

/* The sources of the events that a result was made of. */
static int
add_lines(struct openlineage *o, struct arena *a, const struct view *v,
    uint64_t *from)
{
	struct value of = v->of[VIEW_OF], lines;
	struct member *m;
	uint32_t i = 0;

	if (!value_is_object(of) ||
	    !object_get(a, of, value_cstring("lines"), &lines) ||
	    !value_is_object(lines))
		return 0;
	lines = object_open(a, lines);
	while ((m = object_next(a, lines, &i)) != NULL)
		if (note_source(o, string_decoded(a, m->key), from) == -1)
			return -1;
	return 0;
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
	size_t which = 0;

	while (value_is_object(origin) && which < 3 &&
	    !(object_get(a, origin, value_cstring(NAMES[which]), &name) &&
		value_is_string(name)))
		which++;
	/* The event comes from its origin, wherever it was read on its way. */
	if (!value_is_string(name) || (which > 0 && v != first))
		return add_lines(o, a, v, from);
	return note_source(o, string_decoded(a, name), which > 0 ? from : NULL);
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
	if (openlineage_schemas_event(&o->schemas, a, v, n, event) == -1 ||
	    observed_event(&o->observed, a, event) == -1)
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
		route_release(&o->route[i].route);
	for (size_t i = 0; i < o->sources; i++)
		free(o->source[i]);
	o->routes = o->sources = 0;
	openlineage_schemas_release(&o->schemas);
	observed_release(&o->observed);
}

/* --- the run event --- */

enum { DEEP = 64, EXPLAINED = 4096 }; /* explanations of marks */

/* What is being composed; fields and dataset are parts of the document. */
struct composing {
	struct export x;
	json_t *fields, *dataset;
	const char *source;        /* of the events that took the route */
	const struct route *route; /* in hand */
	struct arena *a;           /* for its explanations */
	unsigned deep, explained;
};

/* In which way inputs take part. */
struct way {
	const char *type, *subtype;
};

static const struct way IDENTITY = {"DIRECT", "IDENTITY"},
			TRANSFORMATION = {"DIRECT", "TRANSFORMATION"},
			CONDITIONAL = {"INDIRECT", "CONDITIONAL"},
			FILTER = {"INDIRECT", "FILTER"};

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

/* The input of that name; it is added where it is new.  Steals field. */
static json_t *
find_input(
    struct composing *c, json_t *inputs, const char *dataset, json_t *field)
{
	json_t *input = NULL;
	size_t i = 0, n = json_array_size(inputs);

	while (i < n && !is_input(json_array_get(inputs, i), dataset, field))
		i++;
	if (i < n) {
		json_decref(field);
		return json_array_get(inputs, i);
	}
	input = export_pack(&c->x, "{s:s, s:s, s:o, s:[]}", "namespace", "file",
	    "name", dataset, "field", field, "transformations");
	export_append(&c->x, inputs, input);
	return json_array_get(inputs, n);
}

/* An input field once, with all the ways in which it takes part. */
static void
add_field(struct composing *c, json_t *inputs, const char *dataset,
    json_t *field, const struct way *way)
{
	json_t *ways = json_object_get(
	    find_input(c, inputs, dataset, field), "transformations");

	for (size_t i = 0; i < json_array_size(ways); i++)
		if (strcmp(json_string_value(json_object_get(
			       json_array_get(ways, i), "subtype")),
			way->subtype) == 0)
			return;
	export_append(&c->x, ways,
	    export_pack(&c->x, "{s:s, s:s}", "type", way->type, "subtype",
		way->subtype));
}

static void add_inputs(
    struct composing *c, json_t *inputs, struct sites s, const struct way *way);

/* A column of a table, as the table calls it; * where the row as a whole. */
static void
add_column(struct composing *c, json_t *inputs, const struct route_mark *m,
    const struct site *p, const struct way *way)
{
	struct value name = value_cstring("*");

	if (p->n > 1 && value_is_string(p->keys[1]))
		name = p->keys[1];
	add_field(c, inputs, m->text, export_text(&c->x, name), way);
}

/* The program up to a mark's step, and what is asked of the event there. */
static struct program *
compile_mark(
    struct composing *c, const struct route_mark *m, const struct site *p)
{
	struct buf b = {0}, ask = {0};
	struct program *made = NULL;

	buf_puts(&ask, "{k: (");
	if (m->use == ROUTE_EVENT) {
		struct site rest = *p;

		rest.keys++;
		rest.n--;
		rest.open = false;
		buf_puts(&ask, ".");
		for (uint32_t i = 0; i < rest.n; i++) {
			buf_puts(&ask, "[");
			value_write(&ask, rest.keys[i]);
			buf_puts(&ask, "]?");
		}
	} else {
		buf_put(&ask, m->text, m->len);
	}
	buf_puts(&ask, "\n)}");
	buf_putc(&ask, '\0');
	if (!buf_failed(&ask))
		route_put(&b, c->route, m->step, ask.p);
	if (!buf_failed(&ask) && !buf_failed(&b))
		made = route_compile(b.p, b.len, &c->x.failed);
	c->x.failed |= ask.failed | b.failed;
	buf_release(&ask);
	buf_release(&b);
	return made;
}

static void
free_program(void *arg)
{
	program_free(arg);
}

/* What reaches a mark takes part in the mark's way. */
static void
add_mark(struct composing *c, json_t *inputs, const struct route_mark *m,
    const struct site *p, const struct way *way)
{
	static const struct way WAYS[] = {
	    [ROUTE_JOIN] = {"INDIRECT", "JOIN"},
	    [ROUTE_GROUP] = {"INDIRECT", "GROUP_BY"},
	    [ROUTE_WINDOW] = {"INDIRECT", "WINDOW"},
	    [ROUTE_EVENT] = {"DIRECT", "AGGREGATION"},
	};
	bool direct = way->type[0] == 'D';
	struct explain_report e;
	struct program *made;

	if (m->use != ROUTE_EVENT || direct)
		way = &WAYS[m->use];
	if (c->deep == DEEP || c->explained == EXPLAINED)
		return;
	made = compile_mark(c, m, p);
	if (made == NULL)
		return;
	arena_defer(c->a, free_program, made);
	explain_program(c->a, made, true, &e);
	c->deep++;
	c->explained++;
	for (uint32_t i = 0; i < e.n && !c->x.failed; i++) {
		if (e.writes[i].how != WRITTEN_SET)
			continue;
		add_inputs(c, inputs, e.writes[i].copied, way);
		add_inputs(c, inputs, e.writes[i].from, way);
		/* What decides about the whole are filters before it. */
		if (e.writes[i].site.n > 0)
			add_inputs(c, inputs, e.writes[i].by,
			    way->type[0] == 'D' ? &CONDITIONAL : way);
	}
	c->deep--;
}

static void
add_input(struct composing *c, json_t *inputs, const struct site *p,
    const struct way *way)
{
	const struct route_mark *m =
	    p->n > 0 ? route_mark_of(c->route, p->keys[0]) : NULL;

	if (m == NULL)
		add_field(c, inputs, c->source, spelled(&c->x, p), way);
	else if (m->use == ROUTE_ROW)
		add_column(c, inputs, m, p, way);
	else
		add_mark(c, inputs, m, p, way);
}

static void
add_inputs(
    struct composing *c, json_t *inputs, struct sites s, const struct way *way)
{
	for (uint32_t i = 0; i < s.n && !c->x.failed; i++)
		add_input(c, inputs, &s.p[i], way);
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
			add_inputs(c, c->dataset, w->by, &FILTER);
			continue;
		}
		if (w->how == WRITTEN_REMOVED)
			continue; /* no field of what comes out */
		inputs = inputs_of(c, &w->site);
		add_inputs(c, inputs, w->copied, &IDENTITY);
		add_inputs(c, inputs, w->from, &TRANSFORMATION);
		add_inputs(c, inputs, w->by, &CONDITIONAL);
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
	c->a = &a;
	c->deep = c->explained = 0;
	if (setjmp(overflow) == 0) {
		explain_program(&a, p, true, &e);
		add_route_explanation(c, o, route, &e);
		done = true;
	}
	c->x.failed |= a.account.starved;
	arena_release(&a);
	return done;
}

/* Compile the route's program; NULL where it can't be. */
static struct program *
compile_route(struct composing *c, const struct route *r)
{
	struct buf b = {0};
	struct program *p = NULL;

	route_put(&b, r, r->steps, NULL);
	if (!buf_failed(&b))
		p = route_compile(b.p, b.len, &c->x.failed);
	c->x.failed |= b.failed;
	buf_release(&b);
	return p;
}

/* A route that can't be explained may have done anything. */
static void
explain_route(struct composing *c, const struct openlineage *o, size_t route)
{
	struct program *p;

	c->route = &o->route[route].route;
	p = compile_route(c, c->route);
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
	observed_put(&o->observed, &c.x, output_facets(&c.x));
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
