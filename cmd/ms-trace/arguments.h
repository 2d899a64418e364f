/*
 * arguments - those before the files.
 *
 * Where the command line holds --, all arguments before it are meant.  Else
 * they end at the first that can't be one, or names a file that exists.
 */
#ifndef ARGUMENTS_H
#define ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "driver/settings.h"

/* Before driver_main(): arguments behind --, SIZE_MAX where there is none. */
size_t arguments_behind(int argc, char **argv);

/*
 * Take up to max arguments for which can_be() holds from the files; taken
 * has room for them.  Gives their number, SIZE_MAX where one before -- can't
 * be one.
 */
size_t arguments_take(struct settings *set, size_t behind, size_t max,
    bool (*can_be)(const char *text), const char **taken);

#endif
