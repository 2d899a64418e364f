/*
 * replay - the lines that a rejects file holds, as they were read.
 */
#ifndef HISTORY_REPLAY_H
#define HISTORY_REPLAY_H

#include "base/arena.h"
#include "base/buf.h"
#include "value/value.h"

/*
 * Write the line that a reject holds (event, text or base64) with its
 * newline.  NULL, or why there is none (static text); out is as it was then.
 */
const char *replay_write(struct buf *out, struct arena *a, struct value reject);

#endif
