/*
 * closing - what a filter tells on standard error once its input has ended.
 */
#ifndef DRIVER_CLOSING_H
#define DRIVER_CLOSING_H

#include "driver/settings.h"
#include "driver/stats.h"

/* Undos that were left out, faults of the rules' file, and values forgotten. */
void closing_tell(const struct settings *set, const struct counts *c);

/* With --stats: a stage that let nothing pass is most often a slip. */
void closing_tell_nothing(const struct settings *set, const struct counts *c);

#endif
