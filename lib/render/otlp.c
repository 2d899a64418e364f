/*
 * OTLP: OpenTelemetry's JSON, as its Collector's file exporter writes it.  An
 * event is a trace, each record a span from the record before to it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "record/traceparent.h"
#include "render/export.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

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
 * Revisions of a result have one id as well.
 */
static void
tell_apart(struct trace *t, struct value by)
{
	struct buf spelled = {0};

	value_write(&spelled, by);
	buf_putc(&spelled, '\0');
	if (buf_failed(&spelled))
		t->x->failed = true;
	else
		t->event = fnv1a(t->event, spelled.p);
	buf_release(&spelled);
}

static void
span_id(struct trace *t, const struct view *v, size_t number, char out[17])
{
	char text[32];
	uint64_t hash;

	if (value_is_array(v->of[VIEW_FORK]))
		tell_apart(t, v->of[VIEW_FORK]);
	if (value_is_number(v->of[VIEW_REV]))
		tell_apart(t, v->of[VIEW_REV]);
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
attribute(struct export *x, json_t *list, const char *key, const char *type,
    json_t *value)
{
	if (value == NULL)
		return;
	export_append(x, list,
	    export_pack(x, "{s:s, s:{s:o}}", "key", key, "value", type, value));
}

static void
add_changed(struct export *x, json_t *list, const struct view *v)
{
	json_t *values = export_pack(x, "[]");
	size_t n = json_array_size(list);

	attribute(x, list, "mutstream.changed", "arrayValue",
	    export_pack(x, "{s:o}", "values", values));
	if (x->failed)
		return;
	export_changed(x, v, values, "stringValue");
	if (json_array_size(values) == 0)
		json_array_remove(list, n);
}

static void
add_attributes(struct export *x, json_t *list, const struct view *v)
{
	struct value from = v->of[VIEW_FROM], name;

	attribute(x, list, "mutstream.op", "stringValue",
	    export_member(x, v, VIEW_OP));
	attribute(x, list, "mutstream.stage", "stringValue",
	    export_member(x, v, VIEW_STAGE));
	attribute(x, list, "mutstream.rule", "stringValue",
	    export_member(x, v, VIEW_RULE));
	attribute(x, list, "mutstream.event.id", "stringValue",
	    export_member(x, v, VIEW_ID));
	if (value_is_object(from) &&
	    (object_get(x->a, from, value_cstring("source"), &name) ||
		object_get(x->a, from, value_cstring("table"), &name)) &&
	    value_is_string(name))
		attribute(x, list, "mutstream.from", "stringValue",
		    export_text(x, string_decoded(x->a, name)));
	if (v->of[VIEW_KEPT].kind == VALUE_FALSE)
		attribute(x, list, "mutstream.kept", "boolValue", json_false());
	add_changed(x, list, v);
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
	span = export_pack(t->x, "{s:s, s:s, s:s, s:o, s:i, s:s, s:s, s:[]}",
	    "traceId", t->id, "spanId", id, "parentSpanId", t->parent, "name",
	    export_text(t->x, label), "kind", 1, "startTimeUnixNano",
	    from > 0 ? start : "0", "endTimeUnixNano", to > 0 ? end : "0",
	    "attributes");
	export_append(t->x, t->spans, span);
	add_attributes(t->x, json_object_get(span, "attributes"), v);
	memcpy(t->parent, id, sizeof(id));
}

static json_t *
trace_document(struct export *x)
{
	json_t *document = export_document(x), *spans = export_pack(x, "[]");

	export_set(x, document, "resourceSpans",
	    export_pack(x, "[{s:{s:[{s:s, s:{s:s}}]}, s:[{s:{s:s}, s:o}]}]",
		"resource", "attributes", "key", "service.name", "value",
		"stringValue", "mutstream", "scopeSpans", "scope", "name",
		"ms-trace", "spans", spans));
	return x->failed ? NULL : spans;
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
	t.event = fnv1a(UINT64_C(0xcbf29ce484222325), t.id);
	for (size_t i = 0; i < n; i++)
		join_trace(&t, &v[i]);
	t.spans = trace_document(x);
	if (t.spans == NULL)
		arena_starve(x->a);
	for (size_t i = 0; i < n; i++) {
		if (!view_time(x->a, &x->clock, &v[i], &now))
			now = before;
		if (i == 0 || before > now || before == 0)
			before = now;
		add_span(&t, &v[i], i, before, now);
		before = now;
	}
	if (!export_line(x, out))
		arena_starve(x->a);
	return true;
}
