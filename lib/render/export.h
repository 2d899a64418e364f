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
	bool failed;       /* memory was missing for the document in hand */
	const char *error; /* static text */
};

/*
 * Append a line for the event.  False, and error says why, where it has no
 * id to make a trace's of.  Where memory is missing, the arena's overflow is
 * the way out, and nothing was appended.
 */
bool export_otlp(struct export *x, struct value history, struct buf *out);
bool export_prov(struct export *x, struct value history, struct buf *out);
void export_release(struct export *x);

/* --- what the formats share --- */

/*
 * All of these note in failed where memory is missing, and go on; values
 * are stolen, and may be NULL for that reason.  What isn't part of the
 * document yet is lost where the arena jumps: containers are added to it
 * first, and filled then.
 */

/* A string of well-formed text. */
json_t *export_text(struct export *x, struct value text);

/* A record's member that is a string; NULL where it has none. */
json_t *export_member(
    struct export *x, const struct view *v, enum view_member m);

/* As json_pack() has it. */
json_t *export_pack(struct export *x, const char *format, ...);

/* Add to an array, or an object. */
void export_append(struct export *x, json_t *array, json_t *value);
void export_set(
    struct export *x, json_t *object, const char *key, json_t *value);

/* A new document for x, an object, of which nothing has failed yet. */
json_t *export_document(struct export *x);

/* Append the document as a line; false, and nothing, where memory failed. */
bool export_line(struct export *x, struct buf *out);

/* The event's id, and its 32 digits; false where it has none, or a bad one. */
bool export_id(struct export *x, const struct view *v, size_t n,
    struct value *id, char digits[33]);

/*
 * Append the paths that a record's undo names to an array, as JSON Pointers;
 * each as the member type of an object, where that isn't NULL.
 */
void export_changed(
    struct export *x, const struct view *v, json_t *paths, const char *type);

#endif
