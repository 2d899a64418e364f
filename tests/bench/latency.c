/*
 * latency - how long does a program between two topics keep an event?
 *
 *     latency -V
 *     latency [-n EVENTS] [-r PER_SECOND] BROKERS FROM TO COMMAND [ARG...]
 *
 * Writes an event at a time to FROM, each with the time as its timestamp, and
 * reads TO as read_committed.  Writes to standard output the milliseconds from
 * timestamp to arrival: at the median, at the 99th percentile, and at most;
 * and how many arrived.  The first events, until WARM_UP of them have come,
 * don't count.  The command must keep timestamps, as Kafka Streams does.
 * With -V it tells the version of librdkafka that it finds.
 */
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <librdkafka/rdkafka.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	WARM_UP = 500,
	SECOND = 1000,
	FIRST = 60 * SECOND, /* until the first must be there */
	QUIET = 3 * SECOND,  /* then no more will come */
	ANSWER = 10 * SECOND,
};

static const char event[] =
    "{\"seq\":1,\"ip\":\"192.0.2.10\",\"method\":\"GET\","
    "\"path\":\"/orders/17\",\"status\":200,\"bytes\":5120}";

struct trial {
	rd_kafka_t *in, *out;
	rd_kafka_topic_t *from;
	const char *to;
	size_t n;       /* events that count */
	size_t sent;    /* since the first arrived */
	int64_t *took;  /* milliseconds, of those that arrived */
	size_t arrived; /* warm-up included */
};

static int64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * SECOND + t.tv_nsec / 1000000;
}

static void
check(rd_kafka_resp_err_t e, const char *what)
{
	if (e != RD_KAFKA_RESP_ERR_NO_ERROR)
		errx(1, "%s: %s", what, rd_kafka_err2str(e));
}

/* --- the two ends --- */

/* A handle; settings are names and values in turn, then NULL. */
static rd_kafka_t *
handle(rd_kafka_type_t type, const char *const *settings)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char why[256];
	rd_kafka_t *rk;

	for (; settings[0] != NULL; settings += 2)
		if (rd_kafka_conf_set(conf, settings[0], settings[1], why,
			sizeof(why)) != RD_KAFKA_CONF_OK)
			errx(2, "%s", why);
	rk = rd_kafka_new(type, conf, why, sizeof(why));
	if (rk == NULL)
		errx(1, "%s", why);
	return rk;
}

static void
open_ends(struct trial *t, const char *brokers, const char *from)
{
	const char *const writer[] = {
	    "bootstrap.servers", brokers, "linger.ms", "0", NULL};
	const char *const reader[] = {"bootstrap.servers", brokers, "group.id",
	    "latency", "isolation.level", "read_committed",
	    "fetch.error.backoff.ms", "5", "fetch.wait.max.ms", "20", NULL};

	t->in = handle(RD_KAFKA_PRODUCER, writer);
	t->out = handle(RD_KAFKA_CONSUMER, reader);
	t->from = rd_kafka_topic_new(t->in, from, NULL);
}

/* Read the topic from where it ends now. */
static void
start_reading(struct trial *t)
{
	rd_kafka_topic_partition_list_t *parts =
	    rd_kafka_topic_partition_list_new(8);
	rd_kafka_topic_t *topic = rd_kafka_topic_new(t->out, t->to, NULL);
	const struct rd_kafka_metadata *m;
	int64_t low, high;

	check(rd_kafka_metadata(t->out, 0, topic, &m, ANSWER), t->to);
	for (int i = 0; i < m->topics[0].partition_cnt; i++) {
		check(rd_kafka_query_watermark_offsets(
			  t->out, t->to, i, &low, &high, ANSWER),
		    t->to);
		rd_kafka_topic_partition_list_add(parts, t->to, i)->offset =
		    high;
	}
	check(rd_kafka_assign(t->out, parts), "assign");
	rd_kafka_metadata_destroy(m);
	rd_kafka_topic_destroy(topic);
	rd_kafka_topic_partition_list_destroy(parts);
}

static void
send_one(struct trial *t)
{
	check(rd_kafka_producev(t->in, RD_KAFKA_V_RKT(t->from),
		  RD_KAFKA_V_VALUE((void *)(uintptr_t)event, sizeof(event) - 1),
		  RD_KAFKA_V_TIMESTAMP(now()), RD_KAFKA_V_END),
	    "send");
	(void)rd_kafka_poll(t->in, 0);
	if (t->arrived > 0)
		t->sent++;
}

/* Wait so long for an event; false where none came. */
static bool
take_one(struct trial *t, int64_t wait)
{
	rd_kafka_message_t *m =
	    rd_kafka_consumer_poll(t->out, wait < 0 ? 0 : (int)wait);
	int64_t ms;

	if (m == NULL)
		return false;
	check(m->err, t->to);
	ms = now() - rd_kafka_message_timestamp(m, NULL);
	if (t->arrived >= WARM_UP && t->arrived - WARM_UP < t->n)
		t->took[t->arrived - WARM_UP] = ms;
	t->arrived++;
	rd_kafka_message_destroy(m);
	return true;
}

/* --- the trial --- */

static void
run(struct trial *t, int64_t per_second)
{
	int64_t start = now(), k = 0, due, last;

	while (t->sent < t->n + WARM_UP) {
		due = start + k++ * SECOND / per_second;
		while (now() < due)
			(void)take_one(t, due - now());
		send_one(t);
		if (t->arrived == 0 && now() > start + FIRST)
			errx(1, "nothing arrives");
	}
	last = now();
	while (now() < last + QUIET)
		if (take_one(t, QUIET))
			last = now();
}

static int
compare(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void
tell(struct trial *t)
{
	size_t n = t->arrived < WARM_UP ? 0 : t->arrived - WARM_UP;

	if (n > t->n)
		n = t->n;
	if (n < t->n)
		errx(1, "%zu of %zu events arrived", n, t->n);
	qsort(t->took, n, sizeof(*t->took), compare);
	printf("%" PRId64 " %" PRId64 " %" PRId64 " %zu\n", t->took[n / 2],
	    t->took[n * 99 / 100], t->took[n - 1], n);
}

static pid_t
start(char **argv)
{
	pid_t pid = fork();

	if (pid == -1)
		err(1, "fork");
	if (pid == 0) {
		execvp(argv[0], argv);
		err(127, "%s", argv[0]);
	}
	return pid;
}

static void
usage(void)
{
	errx(2,
	    "usage: latency [-n EVENTS] [-r PER_SECOND] BROKERS FROM TO "
	    "COMMAND [ARG...]");
}

int
main(int argc, char **argv)
{
	struct trial t = {.n = 3000};
	int64_t rate = 100;
	int option, status;
	pid_t pid;

	while ((option = getopt(argc, argv, "+n:r:V")) != -1) {
		if (option == 'V') {
			puts(rd_kafka_version_str());
			return 0;
		}
		if (option == 'n')
			t.n = strtoul(optarg, NULL, 10);
		else if (option == 'r')
			rate = strtol(optarg, NULL, 10);
		else
			usage();
	}
	argv += optind;
	if (argc - optind < 4 || t.n == 0 || rate <= 0)
		usage();
	t.took = calloc(t.n, sizeof(*t.took));
	if (t.took == NULL)
		err(1, NULL);
	t.to = argv[2];
	open_ends(&t, argv[0], argv[1]);
	start_reading(&t);
	pid = start(argv + 3);
	run(&t, rate);
	(void)kill(pid, SIGTERM);
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	tell(&t);
	free(t.took);
	rd_kafka_topic_destroy(t.from);
	rd_kafka_destroy(t.in);
	(void)rd_kafka_consumer_close(t.out);
	rd_kafka_destroy(t.out);
	return 0;
}
