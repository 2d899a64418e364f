#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "render/openlineage.h"
#include "lang/explain/explain.h"
#include "lang/program.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

#define PRODUCER "urn:mutstream:ms-trace"

static const char anything[] = "with_entries(.)"; /* all may come of all */
static const char schema[] =
    "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent";
static const char facet[] =
    "https://openlineage.io/spec/facets/1-2-0/"
    "ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet";

static struct program *
compile(const char *text, size_t len)
{
	struct program_source source = {.text = text, .len = len};
	struct program_error error;

	return program_new(&source, &error);
}

static bool
compiles(const char *text, size_t len)
{
	struct program *p = compile(text, len);

	program_free(p);
	return p != NULL;
}

/* "PATH = TABLE[COLUMN == KEY]": KEY says which row is at PATH. */
static void
put_join(struct buf *b, struct value rule)
{
	const char *text = rule.text, *end = rule.text + rule.n;
	const char *is = memmem(text, rule.n, " = ", 3);
	const char *key = NULL, *p = text;

	while (
	    is != NULL && (p = memmem(p, (size_t)(end - p), "== ", 3)) != NULL)
		key = p += 3;
	if (key != NULL && end[-1] == ']') {
		buf_puts(b, "(");
		buf_put(b, text, (size_t)(is - text));
		buf_puts(b, ") = (if (");
		buf_put(b, key, (size_t)(end - 1 - key));
		buf_puts(b, ") then 1 else 2 end)");
	}
}

/* What a record says that was done, as a program. */
static void
put_step(struct buf *program, struct arena *a, const struct view *v)
{
	struct buf step = {0};
	struct value rule;
	bool ruled = view_text(a, v, VIEW_RULE, &rule);
	/* Alone, so that no rule closes a bracket that it didn't open. */
	bool whole = ruled && compiles(rule.text, rule.n);

	if (view_says(a, v, VIEW_OP, "trace") ||
	    view_says(a, v, VIEW_OP, "kafka"))
		return;
	buf_puts(&step, "(");
	if (ruled && view_says(a, v, VIEW_OP, "enrich")) {
		put_join(&step, rule);
	} else if (whole && view_says(a, v, VIEW_OP, "filter")) {
		buf_puts(&step, "select(");
		buf_put(&step, rule.text, rule.n);
		buf_puts(&step, "\n)");
	} else if (whole && view_says(a, v, VIEW_OP, "map")) {
		buf_put(&step, rule.text, rule.n);
	}
	buf_puts(&step, "\n)");
	buf_puts(program, program->len > 0 ? " | " : "");
	if (!buf_failed(&step) && compiles(step.p, step.len))
		buf_put(program, step.p, step.len);
	else
		buf_puts(program, anything);
	program->failed |= step.failed;
	buf_release(&step);
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
	}
	return hash;
}

static int
add_route(struct openlineage *o, struct arena *a, const struct view *v,
    size_t n, uint64_t hash, uint64_t from)
{
	struct buf program = {0};

	for (size_t i = 0; i < n; i++)
		put_step(&program, a, &v[i]);
	if (program.len == 0)
		buf_putc(&program, '.');
	if (buf_failed(&program)) {
		buf_release(&program);
		return -1;
	}
	o->route[o->routes].hash = hash;
	o->route[o->routes].program = program.p;
	o->route[o->routes].len = program.len;
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
openlineage_event(struct openlineage *o, struct arena *a, struct value history)
{
	size_t n;
	struct view *v = view_history(a, history, &n);
	const struct view *origin = view_origin(a, v, n);
	uint64_t hash = route_of(a, v, n), from = 0;

	for (size_t i = 0; i < n; i++)
		if (add_source(o, a, &v[i], origin, &from) == -1)
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
}

/* --- the run event --- */

static json_t *
spelled(const struct site *p)
{
	struct buf text = {0};
	json_t *s = NULL;

	site_write(&text, p);
	if (!buf_failed(&text))
		s = json_stringn(text.p, text.len);
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

/* An input field once, with all the ways in which it takes part. */
static void
add_input(json_t *inputs, const char *dataset, const struct site *p,
    const char *type, const char *subtype)
{
	json_t *field = spelled(p), *input, *ways;
	size_t i = 0, n = json_array_size(inputs);

	while (i < n && !is_input(json_array_get(inputs, i), dataset, field))
		i++;
	if (i == n)
		json_array_append_new(inputs,
		    json_pack("{s:s, s:s, s:O, s:[]}", "namespace", "file",
			"name", dataset, "field", field, "transformations"));
	json_decref(field);
	input = json_array_get(inputs, i);
	ways = json_object_get(input, "transformations");
	for (i = 0; i < json_array_size(ways); i++)
		if (strcmp(json_string_value(json_object_get(
			       json_array_get(ways, i), "subtype")),
			subtype) == 0)
			return;
	json_array_append_new(
	    ways, json_pack("{s:s, s:s}", "type", type, "subtype", subtype));
}

static void
add_inputs(json_t *inputs, const char *dataset, struct sites s,
    const char *type, const char *subtype)
{
	for (uint32_t i = 0; i < s.n; i++)
		add_input(inputs, dataset, &s.p[i], type, subtype);
}

static json_t *
inputs_of(json_t *fields, const struct site *p)
{
	json_t *name = spelled(p), *field;
	const char *key = json_string_value(name);

	field = key == NULL ? NULL : json_object_get(fields, key);
	if (field == NULL && key != NULL) {
		field = json_pack("{s:[]}", "inputFields");
		json_object_set_new(fields, key, field);
	}
	json_decref(name);
	return json_object_get(field, "inputFields");
}

static void
add_explanation(json_t *fields, json_t *dataset, const char *source,
    const struct explain_report *e)
{
	for (uint32_t i = 0; i < e->n; i++) {
		const struct written *w = &e->writes[i];
		json_t *inputs;

		if (w->how == WRITTEN_FILTERED) {
			add_inputs(
			    dataset, source, w->by, "INDIRECT", "FILTER");
			continue;
		}
		if (w->how == WRITTEN_REMOVED)
			continue; /* no field of what comes out */
		inputs = inputs_of(fields, &w->site);
		add_inputs(inputs, source, w->copied, "DIRECT", "IDENTITY");
		add_inputs(inputs, source, w->from, "DIRECT", "TRANSFORMATION");
		add_inputs(inputs, source, w->by, "INDIRECT", "CONDITIONAL");
	}
}

/* The explanation of a route, for each source that took it. */
static void
add_route_explanation(json_t *fields, json_t *dataset,
    const struct openlineage *o, size_t route, const struct explain_report *e)
{
	uint64_t from = o->route[route].from;

	if (from == 0)
		add_explanation(fields, dataset, "-", e);
	for (size_t i = 0; i < o->sources; i++)
		if (from >> i & 1)
			add_explanation(fields, dataset, o->source[i], e);
}

/* One route's program; false where memory ends on the way. */
static bool
explain_route(
    json_t *fields, json_t *dataset, const struct openlineage *o, size_t route)
{
	struct program *p =
	    compile(o->route[route].program, o->route[route].len);
	struct explain_report e;
	struct arena a;
	jmp_buf overflow;
	bool done = false;

	if (p == NULL)
		return false;
	arena_init(&a, (size_t)256 << 20);
	if (setjmp(overflow) == 0) {
		a.overflow = &overflow;
		explain_program(&a, p, true, &e);
		done = true;
	}
	if (done)
		add_route_explanation(fields, dataset, o, route, &e);
	arena_release(&a);
	program_free(p);
	return done;
}

static json_t *
outputs(json_t *fields, json_t *dataset)
{
	json_t *lineage =
	    json_pack("{s:s, s:s, s:O, s:O}", "_producer", PRODUCER,
		"_schemaURL", facet, "fields", fields, "dataset", dataset);

	return json_pack("[{s:s, s:s, s:{s:o}}]", "namespace", "mutstream",
	    "name", "events", "facets", "columnLineage", lineage);
}

bool
openlineage_write(
    struct openlineage *o, struct buf *out, const char *id, const char *at)
{
	struct export x = {0};
	json_t *fields = json_object(), *dataset = json_array();
	json_t *inputs = json_array();
	bool done = true;

	for (size_t i = 0; i < o->routes; i++)
		done &= explain_route(fields, dataset, o, i);
	for (size_t i = 0; i < o->sources; i++)
		json_array_append_new(inputs,
		    json_pack("{s:s, s:s}", "namespace", "file", "name",
			o->source[i]));
	x.document =
	    json_pack("{s:s, s:s, s:s, s:s, s:{s:s}, s:{s:s, s:s}, s:o, s:o}",
		"eventType", "COMPLETE", "eventTime", at, "producer", PRODUCER,
		"schemaURL", schema, "run", "runId", id, "job", "namespace",
		"mutstream", "name", "pipeline", "inputs", inputs, "outputs",
		outputs(fields, dataset));
	json_decref(fields);
	json_decref(dataset);
	done &= export_line(&x, out);
	export_release(&x);
	return done;
}
