#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "client_settings.h"
#include "driver/command.h"
#include "driver/complain.h"
#include "driver/options.h"
#include "driver/size.h"
#include "driver/usage.h"
#include "plan.h"
#include "state/duration.h"

const char plan_name[] = "ms-kafka";

enum {
	BATCH_LIMIT = 1000000,
	BROKERS = 256,
	FROM,
	TO,
	GROUP,
	INSTANCE,
	FROM_END,
	UNTIL_END,
	DEAD,
	CHANGELOG,
	BATCH,
	COMMIT,
	DEADLINE,
	SHELL,
	PER_BATCH,
	TO_KEY,
	TO_TOPIC,
	TO_PARTITION,
	STRIP,
	DRY_RUN,
	METRICS,
	CONFIG,
	STATS,
	JSON,
	LINEAGE,
};

static const struct option_spec OPTIONS[] = {
    {BROKERS, "brokers", "HOST:PORT,...", "where Kafka is (MS_KAFKA_BROKERS)"},
    {FROM, "from", "TOPIC,...", "read these topics"},
    {TO, "to", "TOPIC,...", "write there; a list: what --to-topic may say"},
    {GROUP, "group", "NAME", "consumer group, whose offsets say what is done"},
    {INSTANCE, "instance", "NAME", "static member: keeps its partitions"},
    {FROM_END, "from-end", NULL, NULL},
    {UNTIL_END, "until-end", NULL, "a new group starts there; stop there"},
    {DEAD, "dead", "TOPIC", "write what fails there, with the cause"},
    {CHANGELOG, "changelog", "TOPIC", "keep the stages' state there"},
    {BATCH, "batch", "N", NULL},
    {COMMIT, "commit", "TIME", "records a barrier (1000); commits (100ms)"},
    {DEADLINE, "deadline", "TIME", "for a batch to come back (60s)"},
    {SHELL, "shell", "SH", "runs the pipeline ('bash -o pipefail')"},
    {PER_BATCH, "per-batch", NULL, "start it anew for each batch"},
    {TO_KEY, "to-key", "PATH", NULL},
    {TO_TOPIC, "to-topic", "PATH", NULL},
    {TO_PARTITION, "to-partition", "PATH", "take these from the event"},
    {STRIP, "strip", NULL, "leave the history out of what is written"},
    {LINEAGE, "lineage", "full|off", "no place, so no key, headers (off)"},
    {DRY_RUN, "dry-run", NULL, "write to standard output, commit nothing"},
    {METRICS, "metrics", "FILE", "keep figures there, for Prometheus"},
    {STATS, "stats", NULL, NULL},
    {JSON, "json", NULL, "tell them at the end, at SIGUSR1; as JSON"},
    {'X', NULL, "NAME=VALUE", NULL},
    {CONFIG, "config", "FILE", "set what librdkafka knows"},
    {0, NULL, NULL, NULL},
};

static int take_option(void *arg, int id, const char *value);

static const struct command COMMAND = {
    .name = plan_name,
    .op = "kafka",
    .synopsis = "[options] PIPELINE",
    .summary = "Run a pipeline of filters between Kafka topics, exactly once.",
    .options = OPTIONS,
    .no_filter = true,
    .option = take_option,
};

static int
starve(void)
{
	complain(plan_name, "%s", strerror(ENOMEM));
	return -1;
}

/* Cut "a,b" into names. */
static int
take_names(struct names *names, const char *option, const char *value)
{
	char *rest = NULL;
	size_t most = 1;

	free(names->text);
	free(names->v);
	*names = (struct names){.text = strdup(value)};
	for (const char *p = value; *p != '\0'; p++)
		most += *p == ',';
	names->v = calloc(most, sizeof(*names->v));
	if (names->text == NULL || names->v == NULL)
		return starve();
	for (char *w = strtok_r(names->text, ",", &rest); w != NULL;
	     w = strtok_r(NULL, ",", &rest))
		names->v[names->n++] = w;
	if (names->n == 0)
		return usage_wrong(&COMMAND, "%s names no topic", option);
	return 0;
}

/* A length of time from 1 ms on, in milliseconds. */
static int
take_time(int *out, const char *option, const char *value)
{
	int64_t micros;

	if (!duration_parse(value, strlen(value), &micros) || micros < 1000 ||
	    micros / 1000 > INT_MAX)
		return usage_wrong(&COMMAND,
		    "%s: '%s' is no time from 1ms on, such as 100ms, 10s, 5m",
		    option, value);
	*out = (int)(micros / 1000);
	return 0;
}

static int
take_batch(struct plan *p, const char *value)
{
	size_t n;

	if (!size_parse(value, &n) || n == 0 || n > BATCH_LIMIT)
		return usage_wrong(&COMMAND,
		    "--batch: '%s' is not from 1 to %d", value, BATCH_LIMIT);
	p->batch = n;
	return 0;
}

static int
take_lineage(struct plan *p, const char *value)
{
	bool off = strcmp(value, "off") == 0;

	if (!off && strcmp(value, "full") != 0)
		return usage_wrong(
		    &COMMAND, "--lineage: '%s' is not full, off", value);
	p->set.lineage = off ? LINEAGE_OFF : LINEAGE_FULL;
	p->set.lineage_given = true;
	return 0;
}

static bool *
flag_of(struct plan *p, int id)
{
	switch (id) {
	case FROM_END:
		return &p->from_end;
	case UNTIL_END:
		return &p->until_end;
	case PER_BATCH:
		return &p->per_batch;
	case STRIP:
		return &p->strip;
	case DRY_RUN:
		return &p->dry_run;
	case STATS:
		return &p->stats;
	case JSON:
		return &p->json;
	default:
		return NULL;
	}
}

static const char **
text_of(struct plan *p, int id)
{
	switch (id) {
	case BROKERS:
		return &p->brokers;
	case GROUP:
		return &p->group;
	case INSTANCE:
		return &p->instance;
	case DEAD:
		return &p->dead;
	case CHANGELOG:
		return &p->changelog;
	case TO_KEY:
		return &p->to_key;
	case TO_TOPIC:
		return &p->to_topic;
	case TO_PARTITION:
		return &p->to_partition;
	case METRICS:
		return &p->metrics;
	default:
		return NULL;
	}
}

static int
take_shell(struct plan *p, const char *value)
{
	free(p->shell);
	p->shell = strdup(value);
	return p->shell == NULL ? starve() : 0;
}

/* Names, which a variable that isn't set makes empty; not so the others. */
static int
take_text(const char **text, int id, const char *value)
{
	const struct option_spec *o = OPTIONS;

	*text = value;
	if (*value != '\0' ||
	    (id != GROUP && id != INSTANCE && id != DEAD && id != CHANGELOG &&
		id != METRICS))
		return 0;
	while (o->id != id)
		o++;
	return usage_wrong(&COMMAND, "--%s: %s is empty", o->name, o->value);
}

static int
take_option(void *arg, int id, const char *value)
{
	struct plan *p = arg;
	bool *flag = flag_of(p, id);
	const char **text = text_of(p, id);

	if (flag != NULL) {
		*flag = true;
		return 0;
	}
	if (text != NULL)
		return take_text(text, id, value);
	switch (id) {
	case FROM:
		return take_names(&p->from, "--from", value);
	case TO:
		return take_names(&p->to, "--to", value);
	case BATCH:
		return take_batch(p, value);
	case COMMIT:
		return take_time(&p->commit, "--commit", value);
	case DEADLINE:
		return take_time(&p->deadline, "--deadline", value);
	case SHELL:
		return take_shell(p, value);
	case LINEAGE:
		return take_lineage(p, value);
	case CONFIG:
		return client_settings_read(p, value);
	default:
		return client_settings_take(p, value);
	}
}

/* --- what goes together --- */

static int
need(const char *what)
{
	return usage_wrong(&COMMAND, "%s is missing", what);
}

/* Is it one of the first n? */
static bool
is_among(const struct names *names, size_t n, const char *topic)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names->v[i], topic) == 0)
			return true;
	return false;
}

static bool
is_named(const struct names *names, const char *topic)
{
	return is_among(names, names->n, topic);
}

static int
check_from(const struct plan *p)
{
	for (size_t i = 0; i < p->from.n; i++) {
		const char *topic = p->from.v[i];

		if (is_among(&p->from, i, topic))
			return usage_wrong(
			    &COMMAND, "--from names %s twice", topic);
		if (is_named(&p->to, topic) ||
		    (p->dead != NULL && strcmp(p->dead, topic) == 0))
			return usage_wrong(&COMMAND,
			    "%s is read and written: it would never end",
			    topic);
	}
	return 0;
}

static int
check_topics(const struct plan *p)
{
	if (p->from.n == 0)
		return need("--from TOPIC");
	if (p->to.n == 0 && !p->dry_run)
		return need("--to TOPIC");
	if (p->group == NULL && !p->dry_run)
		return need("--group NAME");
	if (p->to.n > 1 && p->to_topic == NULL)
		return usage_wrong(&COMMAND, "%s",
		    "--to names several topics, and --to-topic PATH says not "
		    "which one an event goes to");
	return check_from(p);
}

static int
check_changelog(const struct plan *p)
{
	const char *topic = p->changelog;

	if (topic == NULL)
		return 0;
	if (p->per_batch)
		return usage_wrong(&COMMAND, "%s",
		    "--changelog and --per-batch exclude each other: state "
		    "is kept at barriers");
	if (p->from.n != 1)
		return usage_wrong(&COMMAND, "%s",
		    "--changelog goes with one topic of --from, whose "
		    "partitions have their state in it; ms-kafka ... cat "
		    "brings several into one");
	if (is_named(&p->from, topic) || is_named(&p->to, topic) ||
	    (p->dead != NULL && strcmp(p->dead, topic) == 0))
		return usage_wrong(&COMMAND,
		    "--changelog: %s holds events; state needs a topic of its "
		    "own",
		    topic);
	return 0;
}

static int
check_plan(struct plan *p)
{
	if (p->set.files_n != 1)
		return usage_wrong(&COMMAND, "%s",
		    p->set.files_n == 0
			? "a pipeline is missing"
			: "the pipeline is one argument: quote it");
	p->command = p->set.files[0];
	p->stats = p->stats || p->json;
	if (p->brokers == NULL)
		p->brokers = getenv("MS_KAFKA_BROKERS");
	if (p->brokers == NULL || *p->brokers == '\0')
		return need("--brokers HOST:PORT, or MS_KAFKA_BROKERS,");
	return check_topics(p) == -1 ? -1 : check_changelog(p);
}

int
plan_read(struct plan *p, int argc, char **argv)
{
	static const char shell[] = "bash -o pipefail";

	*p = (struct plan){.batch = 1000, .commit = 100, .deadline = 60 * 1000};
	p->shell = strdup(shell);
	if (p->shell == NULL) {
		settings_init(&p->set, plan_name);
		return starve(), STATUS_IO;
	}
	switch (options_parse(&p->set, &COMMAND, p, argc, argv)) {
	case OPTIONS_RUN:
		return check_plan(p) == -1 ? STATUS_USAGE : STATUS_OK;
	case OPTIONS_DONE:
		return STATUS_DONE;
	case OPTIONS_WRONG:
		return STATUS_USAGE;
	default:
		return STATUS_IO;
	}
}

void
plan_release(struct plan *p)
{
	for (size_t i = 0; i < p->client_n; i++) {
		free((char *)(uintptr_t)p->client[i].name);
		free((char *)(uintptr_t)p->client[i].value);
		free((char *)(uintptr_t)p->client[i].where);
	}
	free(p->client);
	free(p->shell);
	free(p->from.text);
	free(p->from.v);
	free(p->to.text);
	free(p->to.v);
	settings_release(&p->set);
}
