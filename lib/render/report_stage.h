/*
 * report_stage - what a page says of each stage.
 */
#ifndef RENDER_REPORT_STAGE_H
#define RENDER_REPORT_STAGE_H

#include "render/report.h"

/*
 * What the rule of a record reads and writes, as members of a JSON object;
 * free() frees it.  Jumps where memory is missing.
 */
char *report_stage_does(
    struct rules *rules, struct arena *a, const struct view *v);

/*
 * Append the members "order" and "stages".  So many events are in none of the
 * files, and the stage is to blame, or -1.
 */
void report_stage_put(
    const struct report *r, struct buf *out, uint64_t missing, int stage);

#endif
