/*
 * undo - the JSON Patch that turns an event back into what it was.
 *
 * An RFC 6902 patch with two more members, which RFC 6902 tells others to
 * ignore: "before" names the key in front of which an object member goes
 * back, "forgotten" says that a value was destroyed on purpose.  Old values
 * are copied as raw text, so order, number spelling and escapes come back.
 */
#ifndef RECORD_UNDO_H
#define RECORD_UNDO_H

#include "base/arena.h"
#include "base/buf.h"
#include "value/value.h"

/*
 * Append the patch that turns now into before, a JSON array, to out;
 * nothing where they are written the same.  Where a patch member by member
 * would be longer than the whole old value, it is one replace at path "".
 * Stops early, and returns false with out as it was, where the patch would
 * be longer than cap bytes.
 */
bool undo_write(struct buf *out, struct arena *a, struct value before,
    struct value now, size_t cap);

enum { UNDO_SLACK = 4096 };

/*
 * The same for an event that later stages may change before the patch is
 * applied to it: the event isn't replaced as a whole, and a container in it
 * only where that is shorter by more than UNDO_SLACK over its depth.
 */
bool undo_write_parts(struct buf *out, struct arena *a, struct value before,
    struct value now, size_t cap);

#endif
