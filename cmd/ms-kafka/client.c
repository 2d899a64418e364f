#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include "client.h"
#include "driver/complain.h"
#include "lag.h"

enum { TELL_EVERY = 30 * 1000 };

int64_t
client_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

bool
client_is_absence(rd_kafka_resp_err_t err)
{
	switch (err) {
	case RD_KAFKA_RESP_ERR__TRANSPORT:
	case RD_KAFKA_RESP_ERR__RESOLVE:
	case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
	case RD_KAFKA_RESP_ERR__TIMED_OUT:
	case RD_KAFKA_RESP_ERR__WAIT_COORD:
	case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
	case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
	case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
	case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
	case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
	case RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE:
	case RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE:
	case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
		return true;
	default:
		return false;
	}
}

bool
client_is_gone(rd_kafka_resp_err_t err)
{
	return err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
	    err == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
	    err == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
}

void
client_tell_waiting(struct client *c, const char *what)
{
	int64_t now = client_now();

	/* Where nobody may in, waiting is no use. */
	if (c->refused || (c->told != 0 && now - c->told < TELL_EVERY))
		return;
	c->told = now;
	complain(plan_name, "%s; waiting", what);
}

const char *
client_missing(struct client *c, rd_kafka_resp_err_t err, const char *topics)
{
	rights_tell(
	    c->plan, c->user, err, topics, c->missing, sizeof(c->missing));
	return c->missing;
}

static void
note(struct client *c, const char *why)
{
	if (c->why[0] == '\0')
		snprintf(c->why, sizeof(c->why), "%s", why);
}

static void
on_error(rd_kafka_t *rk, int err, const char *reason, void *arg)
{
	struct client *c = arg;
	char why[CLIENT_WHY];

	if (err == RD_KAFKA_RESP_ERR__FATAL) {
		(void)rd_kafka_fatal_error(rk, why, sizeof(why));
		note(c, why);
		c->fatal = true;
	} else if (rights_refused((rd_kafka_resp_err_t)err)) {
		note(c, reason);
		c->refused = true;
	} else if (client_is_gone((rd_kafka_resp_err_t)err)) {
		note(c, reason);
		c->fatal = true;
	} else if (client_is_absence((rd_kafka_resp_err_t)err)) {
		client_tell_waiting(c, reason);
	} else {
		complain(plan_name, "%s", reason);
	}
}

/* What is worth a line is an error, and comes to on_error(). */
static void
on_log(const rd_kafka_t *rk, int level, const char *facility, const char *text)
{
	(void)rk;
	if (level <= LOG_CRIT && strcmp(facility, "FATAL") != 0 &&
	    strcmp(facility, "TXNERR") != 0)
		complain(plan_name, "librdkafka: %s: %s", facility, text);
}

static int
on_statistics(rd_kafka_t *rk, char *json, size_t len, void *arg)
{
	struct client *c = arg;

	(void)rk;
	lag_read(c->consumer, json, len);
	return 0; /* it is librdkafka's to free */
}

const char *
client_queue_size(void)
{
	enum { RESUMES_SOON = 0x020200ff }; /* librdkafka, as its version */

	return rd_kafka_version() >= RESUMES_SOON ? "16384" : "65536";
}

static bool
set_one(rd_kafka_conf_t *conf, const char *name, const struct client_setting *s)
{
	char why[CLIENT_WHY];
	rd_kafka_conf_res_t result =
	    rd_kafka_conf_set(conf, name, s->value, why, sizeof(why));

	if (result == RD_KAFKA_CONF_OK)
		return true;
	/* Of ours, what only newer libraries have. */
	if (result == RD_KAFKA_CONF_UNKNOWN && s->where == NULL)
		return true;
	complain(plan_name, "%s%s%s", s->where == NULL ? "" : s->where,
	    s->where == NULL ? "" : ": ", why);
	return false;
}

static bool
set_all(rd_kafka_conf_t *conf, const struct client_setting *s)
{
	for (; s->name != NULL; s++)
		if (s->value != NULL && !set_one(conf, s->name, s))
			return false;
	return true;
}

/* What the user set for this kind of client, or for both. */
static bool
set_users(rd_kafka_conf_t *conf, const struct plan *p, enum client_kind kind)
{
	static const char *const PREFIX[] = {"consumer.", "producer."};

	for (size_t i = 0; i < p->client_n; i++) {
		const char *name = p->client[i].name;
		bool is_mine = true;

		for (int k = CLIENT_CONSUMER; k <= CLIENT_PRODUCER; k++) {
			size_t n = strlen(PREFIX[k]);

			if (strncmp(name, PREFIX[k], n) != 0)
				continue;
			name += n;
			is_mine = k == (int)kind;
			break;
		}
		if (is_mine && !set_one(conf, name, &p->client[i]))
			return false;
	}
	return true;
}

rd_kafka_conf_t *
client_configure(struct client *c, enum client_kind kind,
    const struct client_setting *defaults, const struct client_setting *own)
{
	const struct client_setting shared[] = {
	    {.name = "bootstrap.servers", .value = c->plan->brokers},
	    {.name = "client.id", .value = plan_name},
	    {.name = NULL},
	};
	rd_kafka_conf_t *conf = rd_kafka_conf_new();

	if (set_all(conf, shared) && set_all(conf, defaults) &&
	    set_users(conf, c->plan, kind) && set_all(conf, own)) {
		rights_user(conf, c->user, sizeof(c->user));
		rd_kafka_conf_set_opaque(conf, c);
		rd_kafka_conf_set_log_cb(conf, on_log);
		rd_kafka_conf_set_error_cb(conf, on_error);
		rd_kafka_conf_set_stats_cb(conf, on_statistics);
		return conf;
	}
	rd_kafka_conf_destroy(conf);
	return NULL;
}
