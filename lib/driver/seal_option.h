/*
 * seal_option - the keys that --seal-key and MS_SEAL_KEY name.
 */
#ifndef DRIVER_SEAL_OPTION_H
#define DRIVER_SEAL_OPTION_H

#include "driver/command.h"
#include "driver/settings.h"

/* Add the key in a file; -1 after a complaint. */
int seal_option_file(struct settings *set, const char *path);

/*
 * After the options: where none named a key, those that MS_SEAL_KEY names,
 * with ':' between them.  -1 after a complaint, also where an option asks for
 * seals and another for no records that they could stand in.
 */
int seal_option_finish(struct settings *set, const struct command *c);

#endif
