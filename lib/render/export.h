/*
 * export - histories in the formats of others.
 *
 * OTLP: a line of OpenTelemetry's JSON for each event, as the Collector's
 * file exporter writes them: the event is a trace, each record a span from
 * the record before to it.  PROV: a W3C PROV-JSON document for each event.
 * OpenLineage: one run event for all of them, with the column lineage that
 * the stages' rules tell.
 */
#ifndef RENDER_EXPORT_H
#define RENDER_EXPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "history/view.h"
#include "value/value.h"

struct export
{
	struct arena *a;  /* for the event in hand */
	json_t *document; /* being composed; freed with the next */
	struct view_clock clock;
	const char *source;
	const char *error; /* static text */
};

/*
 * Append a line for the event.  False, and error says why: it has no id to
 * make a trace's of, or memory is missing.
 */
bool export_otlp(struct export *x, struct value history, struct buf *out);
bool export_prov(struct export *x, struct value history, struct buf *out);
void export_release(struct export *x);

/* --- what the formats share --- */

/* A string, of well-formed text or of a record's member. */
json_t *export_text(struct value text);
json_t *export_member(
    struct export *x, const struct view *v, enum view_member m);

/* A new document for x, an object; NULL where memory is missing. */
json_t *export_document(struct export *x);

/* Append the document as a line. */
bool export_line(struct export *x, struct buf *out);

/* The event's id, and its 32 digits; false where it has none, or a bad one. */
bool export_id(struct export *x, const struct view *v, size_t n,
    struct value *id, char digits[33]);

/* Paths that a record's undo names, as an array of JSON Pointers. */
json_t *export_changed(struct export *x, const struct view *v);

#endif
