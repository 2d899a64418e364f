#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "journey/openlineage.h"
#include "lang/explain.h"
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

/* "PATH = TABLE[COLUMN == KEY]": the row at PATH is found by KEY. */
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
		buf_puts(b, ") = (");
		buf_put(b, key, (size_t)(end - 1 - key));
		buf_puts(b, " | tojson)");
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
    size_t n, uint64_t hash)
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
	o->routes++;
	return 0;
}

static int
add_source(struct openlineage *o, struct arena *a, const struct view *v)
{
	static const char *const NAMES[] = {"source", "table", "topic"};
	struct value from = v->of[VIEW_FROM], name = VALUE_OF(VALUE_NULL);

	for (size_t i = 0; value_is_object(from) && i < 3; i++)
		if (object_get(a, from, value_cstring(NAMES[i]), &name) &&
		    value_is_string(name))
			break;
	if (!value_is_string(name))
		return 0;
	name = string_decoded(a, name);
	for (size_t i = 0; i < o->sources; i++)
		if (strlen(o->source[i]) == name.n &&
		    memcmp(o->source[i], name.text, name.n) == 0)
			return 0;
	if (o->sources == OPENLINEAGE_SOURCES ||
	    memchr(name.text, '\0', name.n) != NULL)
		return 0;
	o->source[o->sources] = strndup(name.text, name.n);
	if (o->source[o->sources] == NULL)
		return -1;
	o->sources++;
	return 0;
}

int
openlineage_event(struct openlineage *o, struct arena *a, struct value history)
{
	size_t n;
	struct view *v = view_history(a, history, &n);
	uint64_t hash = route_of(a, v, n);

	for (size_t i = 0; i < n; i++)
		if (add_source(o, a, &v[i]) == -1)
			return -1;
	for (size_t i = 0; i < o->routes; i++)
		if (o->route[i].hash == hash)
			return 0;
	if (o->routes < OPENLINEAGE_ROUTES)
		return add_route(o, a, v, n, hash);
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

/* An input field once, with all the ways in which it takes part. */
static void
add_input(json_t *inputs, const char *dataset, const struct site *p,
    const char *type, const char *subtype)
{
	json_t *name = spelled(p), *input = NULL, *way, *ways;
	size_t i;

	json_array_foreach(inputs, i,
	    input) if (json_equal(json_object_get(input, "field"), name)) break;
	if (i == json_array_size(inputs)) {
		input = json_pack("{s:s, s:s, s:O, s:[]}", "namespace", "file",
		    "name", dataset, "field", name, "transformations");
		json_array_append_new(inputs, input);
	}
	json_decref(name);
	ways = json_object_get(input, "transformations");
	json_array_foreach(ways, i,
	    way) if (strcmp(json_string_value(json_object_get(way, "subtype")),
			 subtype) == 0) return;
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
    const struct explanation *e)
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

/* One route's program; false where memory ends on the way. */
static bool
explain_route(json_t *fields, json_t *dataset, const char *source,
    const char *text, size_t len)
{
	struct program *p = compile(text, len);
	struct explanation e;
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
		add_explanation(fields, dataset, source, &e);
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
	const char *source = o->sources > 0 ? o->source[0] : "-";
	bool done = true;

	for (size_t i = 0; i < o->routes; i++)
		done &= explain_route(fields, dataset, source,
		    o->route[i].program, o->route[i].len);
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
