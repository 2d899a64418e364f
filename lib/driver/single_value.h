/*
 * single_value - the one value that the program of an option gives for an
 * event, as --by and --time take it.
 */
#ifndef DRIVER_SINGLE_VALUE_H
#define DRIVER_SINGLE_VALUE_H

#include <stdbool.h>

#include "driver/event.h"

/*
 * Run it on the event; what is the option, for messages.  False after
 * event_fail(), also where it gives nothing, or several values.
 */
bool single_value_of(
    struct event *ev, struct machine *m, const char *what, struct value *v);

#endif
