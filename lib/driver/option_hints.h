/*
 * option_hints - what is said about an option that isn't there.
 */
#ifndef DRIVER_OPTION_HINTS_H
#define DRIVER_OPTION_HINTS_H

#include <stdbool.h>

#include "driver/command.h"

/*
 * May getopt_long() see this argument?  It takes abbreviations for long
 * options, and we don't; false where it is none of the command's.
 */
bool option_hints_known(const struct command *c, const char *argument);

/* Complain about a long option, as in --summary=x, that isn't there; -1. */
int option_hints_long(const struct command *c, const char *argument);

/*
 * The same about a letter of an argument, as in -z, or as in -lineage, which
 * was meant as a long one.
 */
int option_hints_letter(
    const struct command *c, int letter, const char *argument);

/* The same about an option without the value that it needs. */
int option_hints_value(const struct command *c, int id, const char *argument);

#endif
