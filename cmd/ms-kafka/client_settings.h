/*
 * client_settings - what users tell librdkafka: -X NAME=VALUE, and files of
 * such lines.
 *
 * A name may stand behind "consumer." or "producer.", for one of the two.
 */
#ifndef KAFKA_CLIENT_SETTINGS_H
#define KAFKA_CLIENT_SETTINGS_H

#include "plan.h"

/* Take NAME=VALUE of -X; -1 after a complaint. */
int client_settings_take(struct plan *p, const char *text);

/*
 * Take a file: NAME=VALUE on each line, but for blank ones and those that
 * start with #.  -1 after a complaint.
 */
int client_settings_read(struct plan *p, const char *path);

#endif
