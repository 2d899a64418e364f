/*
 * group - run instances of a program that works as a consumer group, until
 * the group has committed all that its topic holds, and tell what it took.
 *
 *     group [-n INSTANCES] BROKERS TOPIC GROUP COMMAND [ARG...]
 *
 * Writes to standard output, from the first commit that was seen to the last
 * one: events, seconds, seconds of processor time; then events and seconds of
 * the second half of the topic alone; and KiB of memory at the peak.
 * Processor time and memory are those of all instances with all processes
 * that they started.
 *
 * What is committed is asked of the broker, so that every program is measured
 * by the same clock and in the same way.  Then each instance gets a SIGTERM.
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <librdkafka/rdkafka.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	MOST = 16,          /* instances */
	PAUSE = 50,         /* milliseconds between two questions */
	ANSWER = 10 * 1000, /* a broker's */
	PATIENCE = 600,     /* seconds for all of it */
};

struct group {
	rd_kafka_t *rk;
	rd_kafka_topic_partition_list_t *parts;
	int64_t whole; /* records in the topic */
	pid_t pids[MOST];
	int pids_n;
	double memory; /* KiB, at the peak */
};

/* What was seen at a moment. */
struct moment {
	double at, cpu; /* seconds */
	int64_t done;   /* records */
};

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
check(rd_kafka_resp_err_t e, const char *what)
{
	if (e != RD_KAFKA_RESP_ERR_NO_ERROR)
		errx(1, "%s: %s", what, rd_kafka_err2str(e));
}

/* --- the group --- */

static void
set(rd_kafka_conf_t *conf, const char *name, const char *value)
{
	char why[256];

	if (rd_kafka_conf_set(conf, name, value, why, sizeof(why)) !=
	    RD_KAFKA_CONF_OK)
		errx(2, "%s", why);
}

static void
look_at_topic(struct group *g, const char *name)
{
	rd_kafka_topic_t *topic = rd_kafka_topic_new(g->rk, name, NULL);
	const struct rd_kafka_metadata *m;
	int64_t low, high;

	check(rd_kafka_metadata(g->rk, 0, topic, &m, ANSWER), name);
	g->parts = rd_kafka_topic_partition_list_new(8);
	for (int i = 0; i < m->topics[0].partition_cnt; i++) {
		rd_kafka_topic_partition_list_add(g->parts, name, i);
		check(rd_kafka_query_watermark_offsets(
			  g->rk, name, i, &low, &high, ANSWER),
		    name);
		g->whole += high;
	}
	rd_kafka_metadata_destroy(m);
	rd_kafka_topic_destroy(topic);
	if (g->whole == 0)
		errx(1, "%s: it is empty", name);
}

static int64_t
committed(struct group *g)
{
	int64_t sum = 0;

	check(rd_kafka_committed(g->rk, g->parts, ANSWER), "committed");
	for (int i = 0; i < g->parts->cnt; i++) {
		int64_t next = g->parts->elems[i].offset;

		sum += next < 0 ? 0 : next;
		g->parts->elems[i].offset = RD_KAFKA_OFFSET_INVALID;
	}
	return sum;
}

/* --- the processes --- */

static void
start(struct group *g, char **argv)
{
	pid_t pid = fork();

	if (pid == -1)
		err(1, "fork");
	if (pid == 0) {
		/* By its session all that it starts is known. */
		if (setsid() == -1)
			err(126, "setsid");
		execvp(argv[0], argv);
		err(127, "%s", argv[0]);
	}
	g->pids[g->pids_n++] = pid;
}

static bool
is_ours(const struct group *g, long session)
{
	for (int i = 0; i < g->pids_n; i++)
		if (g->pids[i] == session)
			return true;
	return false;
}

/* Add what a process uses, if it is one of ours. */
static void
add_process(const struct group *g, const char *pid, double *cpu, double *kib)
{
	char path[64], text[1024], *p;
	long session, ticks[4], pages;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
	file = fopen(path, "re");
	if (file == NULL)
		return; /* it has ended */
	p = fgets(text, sizeof(text), file);
	(void)fclose(file);
	p = p == NULL ? NULL : strrchr(text, ')');
	if (p == NULL ||
	    sscanf(p + 1,
		" %*c %*d %*d %ld %*d %*d %*u %*u %*u %*u %*u %ld %ld %ld "
		"%ld %*d %*d %*d %*d %*u %*u %ld",
		&session, &ticks[0], &ticks[1], &ticks[2], &ticks[3],
		&pages) != 6 ||
	    !is_ours(g, session))
		return;
	for (int i = 0; i < 4; i++)
		*cpu += (double)ticks[i] / (double)sysconf(_SC_CLK_TCK);
	*kib += (double)pages * (double)sysconf(_SC_PAGESIZE) / 1024;
}

/* Seconds of processor time so far; minds the peak of memory. */
static double
look_at_processes(struct group *g)
{
	DIR *proc = opendir("/proc");
	double cpu = 0, kib = 0;
	struct dirent *entry;

	if (proc == NULL)
		err(1, "/proc");
	while ((entry = readdir(proc)) != NULL)
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
			add_process(g, entry->d_name, &cpu, &kib);
	(void)closedir(proc);
	if (kib > g->memory)
		g->memory = kib;
	return cpu;
}

/* Nobody may end before it is told to. */
static void
look_for_ends(const struct group *g)
{
	int status;

	for (int i = 0; i < g->pids_n; i++)
		if (waitpid(g->pids[i], &status, WNOHANG) != 0)
			errx(1, "an instance ended");
}

static void
end(const struct group *g)
{
	int status;

	for (int i = 0; i < g->pids_n; i++)
		(void)kill(g->pids[i], SIGTERM);
	for (int i = 0; i < g->pids_n; i++)
		while (waitpid(g->pids[i], &status, 0) == -1)
			if (errno != EINTR)
				err(1, "waitpid");
}

/* --- the measurement --- */

static struct moment
look(struct group *g)
{
	static const struct timespec pause = {.tv_nsec = PAUSE * 1000000L};
	struct moment m;

	(void)nanosleep(&pause, NULL);
	m.done = committed(g);
	m.at = now();
	m.cpu = look_at_processes(g);
	return m;
}

static void
measure(struct group *g)
{
	struct moment first = {.done = 0}, half = {.done = 0}, m;
	double until = now() + PATIENCE;

	do {
		m = look(g);
		if (first.done == 0)
			first = m;
		if (half.done < g->whole / 2)
			half = m;
		look_for_ends(g);
	} while (m.done < g->whole && m.at < until);
	if (m.done < g->whole)
		errx(1, "%" PRId64 " of %" PRId64 " are committed", m.done,
		    g->whole);
	printf("%" PRId64 " %.3f %.2f %" PRId64 " %.3f %.0f\n",
	    m.done - first.done, m.at - first.at, m.cpu - first.cpu,
	    m.done - half.done, m.at - half.at, g->memory);
}

static void
usage(void)
{
	errx(2,
	    "usage: group [-n INSTANCES] BROKERS TOPIC GROUP COMMAND "
	    "[ARG...]");
}

int
main(int argc, char **argv)
{
	struct group g = {.whole = 0};
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char why[256];
	int option, n = 1;

	while ((option = getopt(argc, argv, "+n:")) != -1) {
		if (option != 'n')
			usage();
		n = atoi(optarg);
	}
	argv += optind;
	if (argc - optind < 4 || n < 1 || n > MOST)
		usage();
	set(conf, "bootstrap.servers", argv[0]);
	set(conf, "group.id", argv[2]);
	g.rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof(why));
	if (g.rk == NULL)
		errx(1, "%s", why);
	look_at_topic(&g, argv[1]);
	for (int i = 0; i < n; i++)
		start(&g, argv + 3);
	measure(&g);
	end(&g);
	rd_kafka_topic_partition_list_destroy(g.parts);
	rd_kafka_destroy(g.rk);
	return 0;
}
