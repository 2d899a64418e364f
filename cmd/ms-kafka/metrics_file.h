/*
 * metrics_file - the figures as a text that Prometheus reads, in a file that
 * is always whole.
 */
#ifndef KAFKA_METRICS_FILE_H
#define KAFKA_METRICS_FILE_H

#include "metrics.h"

/* Write the file of --metrics anew; a failure is told once. */
void metrics_file_write(
    struct metrics *m, const struct plan *p, const struct consumer *s);

#endif
