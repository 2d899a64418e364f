/*
 * rewind - an event taken back to what it was, record by record.
 */
#ifndef HISTORY_REWIND_H
#define HISTORY_REWIND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "history/patch.h"
#include "history/stage_ref.h"
#include "history/view.h"
#include "value/value.h"

enum rewind_status {
	REWIND_OK,
	REWIND_LOST,  /* the record doesn't hold what was before it */
	REWIND_WRONG, /* what it holds is no undo, or doesn't apply */
};

struct rewind_error {
	char text[420];
};

/*
 * Take one record back.  Watch, which may be NULL, follows its undo.  On
 * failure error says why ("its undo was …"); where it is REWIND_WRONG, the
 * event is of no more use.
 */
enum rewind_status rewind_record(struct draft *event, const struct view *record,
    const struct patch_watch *watch, struct rewind_error *error);

/*
 * A record's undo, an opened array, empty where it changed nothing; or why it
 * can't be taken back.
 */
enum rewind_status rewind_undo(struct arena *a, const struct view *record,
    struct value *undo, struct rewind_error *error);

/* Put "record 3 (map price): " before what is wrong with v[i]. */
void rewind_name(struct arena *a, const struct view *v, size_t i,
    const struct rewind_error *why, struct rewind_error *error);

/*
 * Take records to - 1 down to from back, of n views.  On failure *event is
 * as it was, and error names the record, and what can still be restored.
 */
bool rewind_records(struct arena *a, const struct view *v, size_t from,
    size_t to, struct value *event, struct rewind_error *error);

/*
 * Which event is wanted: as a record's stage received it, or left it.  What
 * the first stage received is the event as that left it where it made it.
 */
struct rewind {
	struct stage_ref stage;
	bool after;
};

/*
 * Take *event back, and cut *history to what it held then.  On failure both
 * are as they were.
 */
bool rewind_event(struct arena *a, const struct rewind *r, struct value *event,
    struct value *history, struct rewind_error *error);

#endif
