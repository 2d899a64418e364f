/*
 * options - reads the command line and the environment into settings.
 *
 * A command's own options win where both tables have the same letter or
 * name.
 */
#ifndef DRIVER_OPTIONS_H
#define DRIVER_OPTIONS_H

#include "driver/command.h"
#include "driver/settings.h"

enum options_status {
	OPTIONS_RUN,
	OPTIONS_DONE,   /* after --help or --version */
	OPTIONS_WRONG,  /* after a complaint */
	OPTIONS_FAILED, /* after a complaint: output failed, or memory ended */
};

/*
 * Fill the settings, which settings_release() frees whatever this gives.
 * Options of the command go to its option() with arg.
 */
enum options_status options_parse(struct settings *set, const struct command *c,
    void *arg, int argc, char **argv);

#endif
