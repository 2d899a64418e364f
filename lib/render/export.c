#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "render/export.h"
#include "record/traceparent.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

json_t *
export_text(struct value text)
{
	return json_stringn(text.n == 0 ? "" : text.text, text.n);
}

json_t *
export_member(struct export *x, const struct view *v, enum view_member m)
{
	struct value text;

	return view_text(x->a, v, m, &text) ? export_text(text) : NULL;
}

json_t *
export_document(struct export *x)
{
	json_decref(x->document);
	x->document = json_object();
	return x->document;
}

static int
put_text(const char *text, size_t n, void *arg)
{
	buf_put(arg, text, n);
	return 0;
}

bool
export_line(struct export *x, struct buf *out)
{
	x->error = "no memory for the document";
	if (x->document == NULL ||
	    json_dump_callback(x->document, put_text, out, JSON_COMPACT) == -1)
		return false;
	buf_putc(out, '\n');
	return true;
}

void
export_release(struct export *x)
{
	json_decref(x->document);
	x->document = NULL;
}

static bool
read_digits(struct value id, char digits[33])
{
	size_t n = 0;

	for (uint32_t i = 0; i < id.n; i++) {
		char c = id.text[i];

		if (c == '-')
			continue;
		if (c >= 'A' && c <= 'F')
			c = (char)(c - 'A' + 'a');
		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')) ||
		    n == 32)
			return false;
		digits[n++] = c;
	}
	digits[32] = '\0';
	return n == 32 && strspn(digits, "0") < 32;
}

bool
export_id(struct export *x, const struct view *v, size_t n, struct value *id,
    char digits[33])
{
	for (size_t i = 0; i < n; i++) {
		if (!view_text(x->a, &v[i], VIEW_ID, id))
			continue;
		if (read_digits(*id, digits))
			return true;
		x->error = "the event's id is no UUID";
		return false;
	}
	x->error = "the event has no id; ms-trace gives it one";
	return false;
}

json_t *
export_changed(struct export *x, const struct view *v)
{
	json_t *paths = json_array();
	struct value undo = v->of[VIEW_UNDO], path;

	if (!value_is_array(undo))
		return paths;
	undo = array_open(x->a, undo);
	for (size_t i = 0; i < array_length(undo); i++) {
		struct value op = array_at(undo, i);

		if (!value_is_object(op) ||
		    !object_get(x->a, op, value_cstring("path"), &path) ||
		    !value_is_string(path))
			continue;
		path = string_decoded(x->a, path);
		json_array_append_new(paths, export_text(path));
	}
	return paths;
}

/* --- OpenTelemetry --- */

struct trace {
	struct export *x;
	json_t *spans;
	char id[33], parent[17];
	uint64_t event; /* FNV-1a of the event's id, and of its forks so far */
};

static uint64_t
fnv1a(uint64_t hash, const char *text)
{
	for (const char *p = text; *p != '\0'; p++)
		hash = (hash ^ (unsigned char)*p) * UINT64_C(0x100000001b3);
	return hash;
}

/*
 * Many events may go on with one trace, and those of a fork have one id:
 * the trace's id and the record's number alone would give different spans
 * the same id.  What happened before a fork is one span for all of them.
 */
static void
span_id(struct trace *t, const struct view *v, size_t number, char out[17])
{
	struct value fork = v->of[VIEW_FORK];
	struct buf spelled = {0};
	char text[32];
	uint64_t hash;

	if (value_is_array(fork)) {
		value_write(&spelled, fork);
		buf_putc(&spelled, '\0');
		if (!buf_failed(&spelled))
			t->event = fnv1a(t->event, spelled.p);
		buf_release(&spelled);
	}
	snprintf(text, sizeof(text), "/%zu", number);
	hash = fnv1a(t->event, text);
	snprintf(out, 17, "%016" PRIx64, hash == 0 ? 1 : hash);
}

/* The event goes on with a trace that it came with. */
static void
join_trace(struct trace *t, const struct view *v)
{
	struct value from = v->of[VIEW_FROM], text;

	if (!value_is_object(from) ||
	    !object_get(t->x->a, from, value_cstring("traceparent"), &text) ||
	    !value_is_string(text))
		return;
	text = string_decoded(t->x->a, text);
	if (!traceparent_valid(text.text, text.n))
		return;
	memcpy(t->id, text.text + 3, 32);
	memcpy(t->parent, text.text + 36, 16);
	t->parent[16] = '\0';
}

/* value is stolen; nothing is added where it is NULL. */
static void
attribute(json_t *list, const char *key, const char *type, json_t *value)
{
	if (value == NULL)
		return;
	json_array_append_new(list,
	    json_pack("{s:s, s:{s:o}}", "key", key, "value", type, value));
}

static json_t *
changed_attribute(struct export *x, const struct view *v)
{
	json_t *paths = export_changed(x, v), *values = json_array(), *path;
	size_t i;

	json_array_foreach(paths, i, path) json_array_append_new(
	    values, json_pack("{s:O}", "stringValue", path));
	json_decref(paths);
	if (json_array_size(values) > 0)
		return json_pack("{s:o}", "values", values);
	json_decref(values);
	return NULL;
}

static json_t *
attributes(struct export *x, const struct view *v)
{
	json_t *list = json_array();
	struct value from = v->of[VIEW_FROM], name;

	attribute(
	    list, "mutstream.op", "stringValue", export_member(x, v, VIEW_OP));
	attribute(list, "mutstream.stage", "stringValue",
	    export_member(x, v, VIEW_STAGE));
	attribute(list, "mutstream.rule", "stringValue",
	    export_member(x, v, VIEW_RULE));
	attribute(list, "mutstream.event.id", "stringValue",
	    export_member(x, v, VIEW_ID));
	if (value_is_object(from) &&
	    (object_get(x->a, from, value_cstring("source"), &name) ||
		object_get(x->a, from, value_cstring("table"), &name)) &&
	    value_is_string(name))
		attribute(list, "mutstream.from", "stringValue",
		    export_text(string_decoded(x->a, name)));
	if (v->of[VIEW_KEPT].kind == VALUE_FALSE)
		attribute(list, "mutstream.kept", "boolValue", json_false());
	attribute(
	    list, "mutstream.changed", "arrayValue", changed_attribute(x, v));
	return list;
}

static void
add_span(
    struct trace *t, const struct view *v, size_t i, int64_t from, int64_t to)
{
	char id[17], start[32], end[32];
	struct value label = view_label(t->x->a, v);
	json_t *span;

	span_id(t, v, i + 1, id);
	snprintf(start, sizeof(start), "%" PRId64 "000", from);
	snprintf(end, sizeof(end), "%" PRId64 "000", to);
	span = json_pack("{s:s, s:s, s:s, s:o, s:i, s:s, s:s, s:o}", "traceId",
	    t->id, "spanId", id, "parentSpanId", t->parent, "name",
	    export_text(label), "kind", 1, "startTimeUnixNano",
	    from > 0 ? start : "0", "endTimeUnixNano", to > 0 ? end : "0",
	    "attributes", attributes(t->x, v));
	json_array_append_new(t->spans, span);
	memcpy(t->parent, id, sizeof(id));
}

static json_t *
trace_document(struct export *x)
{
	json_t *spans = json_array();
	json_t *all =
	    json_pack("[{s:{s:[{s:s, s:{s:s}}]}, s:[{s:{s:s}, s:o}]}]",
		"resource", "attributes", "key", "service.name", "value",
		"stringValue", "mutstream", "scopeSpans", "scope", "name",
		"ms-trace", "spans", spans);

	if (all == NULL || export_document(x) == NULL ||
	    json_object_set_new(x->document, "resourceSpans", all) == -1)
		return NULL;
	return spans;
}

bool
export_otlp(struct export *x, struct value history, struct buf *out)
{
	struct trace t = {.x = x};
	size_t n;
	struct view *v = view_history(x->a, history, &n);
	int64_t before = 0, now;
	struct value id;

	if (!export_id(x, v, n, &id, t.id))
		return false;
	x->error = "no memory for the document";
	t.event = fnv1a(UINT64_C(0xcbf29ce484222325), t.id);
	for (size_t i = 0; i < n; i++)
		join_trace(&t, &v[i]);
	t.spans = trace_document(x);
	if (t.spans == NULL)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!view_time(x->a, &x->clock, &v[i], &now))
			now = before;
		if (i == 0 || before > now || before == 0)
			before = now;
		add_span(&t, &v[i], i, before, now);
		before = now;
	}
	return export_line(x, out);
}

/* --- W3C PROV --- */

/* A relation needs an id of its own: no other relation may have the same. */
static void
relate(struct export *x, const char *relation, size_t i, json_t *members)
{
	char id[48];

	snprintf(id, sizeof(id), "_:%s%zu", relation, i + 1);
	json_object_set_new(
	    json_object_get(x->document, relation), id, members);
}

/* Each record is an activity that makes a new entity of the one before. */
static void
add_activity(struct export *x, const struct view *v, const char *id, size_t i)
{
	json_t *d = x->document, *activity = json_object();
	char entity[80], before[80], name[80];
	struct value at;
	int64_t when;

	snprintf(entity, sizeof(entity), "event:%s/%zu", id, i + 1);
	snprintf(before, sizeof(before), "event:%s/%zu", id, i);
	snprintf(name, sizeof(name), "event:%s/stage/%zu", id, i + 1);
	if (view_time(x->a, &x->clock, v, &when) &&
	    view_text(x->a, v, VIEW_AT, &at))
		json_object_set_new(activity, "prov:endTime", export_text(at));
	json_object_set_new(
	    activity, "prov:label", export_text(view_label(x->a, v)));
	if (view_has(v, VIEW_RULE))
		json_object_set_new(
		    activity, "ms:rule", export_member(x, v, VIEW_RULE));
	json_object_set_new(activity, "ms:changed", export_changed(x, v));
	if (json_array_size(json_object_get(activity, "ms:changed")) == 0)
		json_object_del(activity, "ms:changed");
	json_object_set_new(
	    json_object_get(d, "entity"), entity, json_object());
	json_object_set_new(json_object_get(d, "activity"), name, activity);
	relate(x, "used", i,
	    json_pack(
		"{s:s, s:s}", "prov:activity", name, "prov:entity", before));
	relate(x, "wasGeneratedBy", i,
	    json_pack(
		"{s:s, s:s}", "prov:entity", entity, "prov:activity", name));
	relate(x, "wasDerivedFrom", i,
	    json_pack("{s:s, s:s, s:s}", "prov:generatedEntity", entity,
		"prov:usedEntity", before, "prov:activity", name));
}

static void
add_origin(struct export *x, const struct view *v, const char *entity)
{
	struct buf origin = {0};
	json_t *from;

	if (!value_is_object(v->of[VIEW_FROM]))
		return;
	value_write(&origin, v->of[VIEW_FROM]);
	if (!buf_failed(&origin)) {
		from = json_stringn(origin.p, origin.len);
		json_object_set_new(
		    json_object_get(
			json_object_get(x->document, "entity"), entity),
		    "ms:from", from);
	}
	buf_release(&origin);
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
	char digits[33], uuid[40], entity[80];

	if (!export_id(x, v, n, &id, digits))
		return false;
	snprintf(uuid, sizeof(uuid), "%.8s-%.4s-%.4s-%.4s-%.12s", digits,
	    digits + 8, digits + 12, digits + 16, digits + 20);
	x->error = "no memory for the document";
	if (export_document(x) == NULL)
		return false;
	json_object_set_new(x->document, "prefix",
	    json_pack(
		"{s:s, s:s}", "event", "urn:uuid:", "ms", "urn:mutstream:"));
	for (size_t i = 0; i < sizeof(PARTS) / sizeof(*PARTS); i++)
		json_object_set_new(x->document, PARTS[i], json_object());
	snprintf(entity, sizeof(entity), "event:%s/0", uuid);
	json_object_set_new(
	    json_object_get(x->document, "entity"), entity, json_object());
	origin = view_origin(x->a, v, n);
	if (origin != NULL)
		add_origin(x, origin, entity);
	for (size_t i = 0; i < n; i++)
		add_activity(x, &v[i], uuid, i);
	return export_line(x, out);
}
