/*
 * driver - the one loop of the family: opens, reads, checks, hands each
 * event to the command's callback, writes, counts, reports and flushes.
 *
 * Everything that ms(7) promises is kept here, for every command alike:
 * options, exit statuses, rejects, statistics, control lines, latency.  A
 * command is a struct command and a callback for one event.
 */
#ifndef DRIVER_DRIVER_H
#define DRIVER_DRIVER_H

#include "driver/check.h"
#include "driver/command.h"
#include "driver/settings.h"
#include "driver/size.h"
#include "driver/usage.h"

/* main() of a command: returns its exit status. */
int driver_main(const struct command *c, void *arg, int argc, char **argv);

#endif
