/*
 * plan - what the command line of ms-kafka says.
 */
#ifndef KAFKA_PLAN_H
#define KAFKA_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "driver/settings.h"

extern const char plan_name[]; /* of the command, for messages */

/* What ms-kafka ends with beside the statuses of the family. */
enum {
	STATUS_AGAIN = 75, /* fatal or unclear: start it again (EX_TEMPFAIL) */
};

/* A list of names, as TOPIC,… has them. */
struct names {
	char **v;
	size_t n;
	char *text; /* that they stand in */
};

/* A setting of librdkafka: of -X, or a line of --config. */
struct client_setting {
	const char *name; /* maybe behind consumer. or producer. */
	const char *value;
	const char *where; /* "-X", "client.properties:3" */
};

struct plan {
	struct settings set; /* of the family: the history's name and mode */
	const char *brokers;
	struct names from, to;
	const char *group, *instance;
	const char *dead;
	const char *changelog; /* topic of the state, or NULL */
	const char *to_key, *to_topic, *to_partition;
	const char *metrics;
	const char *command; /* the pipeline */
	char *shell;         /* owned */
	size_t batch;        /* records at most */
	int commit;          /* milliseconds between two commits */
	int deadline;        /* milliseconds that a batch may take */
	bool from_end, until_end, strip, per_batch, dry_run, stats, json;
	struct client_setting *client; /* in their order */
	size_t client_n;
};

/*
 * Fill the plan, which plan_release() frees whatever this gives.  STATUS_DONE
 * after --help; else STATUS_OK, or what to exit with after a complaint.
 */
int plan_read(struct plan *p, int argc, char **argv);
void plan_release(struct plan *p);

#endif
