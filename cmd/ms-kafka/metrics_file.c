#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "consumer.h"
#include "lag.h"
#include "driver/complain.h"
#include "metrics_file.h"

/* A label's value: what its text format has escapes for is escaped. */
static void
put_label(struct buf *b, const char *name, const char *value)
{
	buf_printf(b, "%s=\"", name);
	for (; *value != '\0'; value++) {
		if (*value == '\n') {
			buf_puts(b, "\\n");
			continue;
		}
		if (*value == '"' || *value == '\\')
			buf_putc(b, '\\');
		buf_putc(b, *value);
	}
	buf_putc(b, '"');
}

static void
put_head(struct buf *b, const char *name, const char *type, const char *help)
{
	buf_printf(b, "# HELP ms_kafka_%s %s\n# TYPE ms_kafka_%s %s\n", name,
	    help, name, type);
}

/* The name of a figure, and the labels that all have; more may follow. */
static void
put_name(struct buf *b, const struct plan *p, const char *name)
{
	buf_printf(b, "ms_kafka_%s{", name);
	put_label(b, "group", p->group == NULL ? "" : p->group);
	if (p->instance != NULL) {
		buf_putc(b, ',');
		put_label(b, "instance_name", p->instance);
	}
}

static void
put_counter(struct buf *b, const struct plan *p, const char *name,
    const char *help, uint64_t n)
{
	put_head(b, name, "counter", help);
	put_name(b, p, name);
	buf_printf(b, "} %" PRIu64 "\n", n);
}

static void
put_lags(struct buf *b, const struct plan *p, const struct consumer *s)
{
	put_head(b, "lag_records", "gauge",
	    "Records up to the last stable offset that aren't committed.");
	for (size_t i = 0; i < s->parts_n; i++) {
		int64_t lag = lag_of(&s->parts[i]);

		if (lag < 0)
			continue;
		put_name(b, p, "lag_records");
		buf_putc(b, ',');
		put_label(b, "topic", s->parts[i].topic);
		buf_printf(b, ",partition=\"%" PRId32 "\"} %" PRId64 "\n",
		    s->parts[i].partition, lag);
	}
}

static void
put_latency(struct buf *b, const struct plan *p, const struct metrics *m)
{
	static const char *const QUANTILES[] = {"0.5", "0.99"};
	static const double AT[] = {0.5, 0.99};
	struct histogram h = m->lately[0];

	histogram_join(&h, &m->lately[1]);
	put_head(b, "latency_seconds", "summary",
	    "From a record's timestamp to its commit; quantiles of the last "
	    "minutes.");
	for (size_t i = 0; i < 2; i++) {
		put_name(b, p, "latency_seconds");
		buf_printf(b, ",quantile=\"%s\"} ", QUANTILES[i]);
		if (h.count == 0)
			buf_puts(b, "NaN\n");
		else
			buf_printf(b, "%.3f\n",
			    (double)histogram_at(&h, AT[i]) / 1000);
	}
	put_name(b, p, "latency_seconds_sum");
	buf_printf(b, "} %.3f\n", m->latency_sum / 1000);
	put_name(b, p, "latency_seconds_count");
	buf_printf(b, "} %" PRIu64 "\n", m->latency.count);
}

static void
put_all(struct buf *b, const struct metrics *m, const struct plan *p,
    const struct consumer *s)
{
	put_counter(
	    b, p, "read_total", "Records whose offsets are committed.", m->in);
	put_counter(b, p, "written_total", "Records written.", m->out);
	put_counter(b, p, "dead_total", "Dead letters.", m->dead);
	put_counter(
	    b, p, "commits_total", "Transactions committed.", m->commits);
	put_counter(b, p, "undone_total", "Transactions undone.", m->aborts);
	put_counter(
	    b, p, "restarts_total", "Pipelines started again.", m->restarts);
	if (p->changelog != NULL) {
		put_counter(b, p, "state_read_total",
		    "Records of state read of the changelog.", m->restored);
		put_counter(b, p, "state_written_total",
		    "Records of state written to the changelog.", m->state);
	}
	put_head(b, "last_commit_seconds", "gauge",
	    "When the last commit was, since 1970.");
	put_name(b, p, "last_commit_seconds");
	buf_printf(b, "} %.3f\n", (double)m->last_commit / 1000);
	put_lags(b, p, s);
	put_latency(b, p, m);
}

static bool
write_whole(int fd, const struct buf *b)
{
	for (size_t done = 0; done < b->len;) {
		ssize_t n = write(fd, b->p + done, b->len - done);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return false;
		done += (size_t)n;
	}
	return true;
}

/* Into a file beside it, which then takes its place. */
static bool
replace(const char *path, const struct buf *b)
{
	struct buf name = {0};
	bool good = false;
	int fd = -1;

	buf_printf(&name, "%s.new%c", path, '\0');
	if (buf_failed(&name))
		errno = ENOMEM;
	else
		fd = open(
		    name.p, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd != -1) {
		good = write_whole(fd, b);
		good = close(fd) == 0 && good && rename(name.p, path) == 0;
	}
	buf_release(&name);
	return good;
}

void
metrics_file_write(
    struct metrics *m, const struct plan *p, const struct consumer *s)
{
	struct buf b = {0};
	bool good;

	put_all(&b, m, p, s);
	if (buf_failed(&b))
		errno = ENOMEM;
	good = !buf_failed(&b) && replace(p->metrics, &b);
	if (!good && !m->told)
		complain(plan_name, "%s: %s", p->metrics, strerror(errno));
	m->told = !good;
	buf_release(&b);
}
