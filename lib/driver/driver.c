#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "driver/complain.h"
#include "driver/driver.h"
#include "driver/outputs.h"
#include "driver/pool.h"
#include "driver/rejects.h"
#include "driver/stats.h"
#include "driver/worker.h"
#include "io/reader.h"
#include "value/string.h"

enum { STACK = 100 << 20 }; /* deep programs; taken when it is touched */

/* A command at work. */
struct driver {
	struct settings set;
	struct shared shared;
	struct stats stats;
	struct outputs outputs;
	struct reader reader;
	struct result result; /* without threads, as worker is */
	struct worker *worker;
	struct pool *pool;
	struct window window; /* the input in hand */
	bool stopped;         /* nothing more is to be read */
	bool failed;          /* an input failed */
};

/*
 * Descriptors 0 to 2 that the caller closed would be given to our files;
 * make them ones that fail instead.
 */
static void
fill_descriptors(void)
{
	static const int modes[] = {O_WRONLY, O_RDONLY, O_RDONLY};

	for (int fd = 0; fd < 3; fd++) {
		if (fcntl(fd, F_GETFD) == -1)
			(void)open("/dev/null", modes[fd]);
	}
}

static void
raise_stack(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_STACK, &r) == -1 || r.rlim_cur >= STACK)
		return;
	r.rlim_cur = r.rlim_max < STACK ? r.rlim_max : STACK;
	(void)setrlimit(RLIMIT_STACK, &r); /* or as deep as it goes */
}

/* Memory is missing, and nothing can go on. */
static void
complain_memory(struct driver *d)
{
	stats_hide(&d->stats);
	complain(d->set.command, "%s", strerror(ENOMEM));
	d->failed = true;
	d->stopped = true;
}

static void
commit(void *arg, struct result *r)
{
	struct driver *d = arg;
	bool stopped = r->stopped;

	if (d->stopped)
		result_clear(r);
	else if (!outputs_commit(&d->outputs, r))
		d->stopped = true;
	r->stopped = stopped || d->stopped;
}

/* Commit the pool's oldest results: those that are done, or all. */
static void
collect(struct driver *d, bool all)
{
	struct result *r;

	while (!d->stopped && (r = pool_result(d->pool, all)) != NULL) {
		commit(d, r);
		pool_next(d->pool);
	}
}

static uint64_t
count_lines(const struct window *w)
{
	const char *p = w->text, *end = w->text + w->len;
	uint64_t n = 0;

	if (p == NULL)
		return 1;
	while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		n++;
		p++;
	}
	return n;
}

static void
work_in_pool(struct driver *d)
{
	struct batch *b;

	while ((b = pool_batch(d->pool)) == NULL) {
		commit(d, pool_result(d->pool, true));
		pool_next(d->pool);
	}
	b->window = d->window;
	d->window.number += count_lines(&d->window);
	if (d->window.text != NULL &&
	    reader_swap(&d->reader, &b->buf, &b->cap) == -1) {
		complain_memory(d);
		return;
	}
	pool_post(d->pool);
	collect(d, false);
}

static void
work(struct driver *d, const char *text, size_t len)
{
	d->window.text = text;
	d->window.len = len;
	if (d->pool != NULL) {
		work_in_pool(d);
	} else {
		d->window.number =
		    worker_run(d->worker, &d->window, &d->result);
		commit(d, &d->result);
	}
	stats_tick(&d->stats, &d->outputs.total);
}

/* Nothing to read yet: let everybody see what there is. */
static void
wait_for_input(struct driver *d)
{
	if (d->pool != NULL)
		collect(d, true);
	if (!outputs_flush(&d->outputs))
		d->stopped = true;
	if (!d->stopped)
		stats_wait(&d->stats, &d->outputs.total, d->reader.fd);
}

static void
complain_input(struct driver *d, int error)
{
	stats_hide(&d->stats);
	complain(d->set.command, "%s: %s", d->window.name, strerror(error));
	d->failed = true;
}

static void
read_all(struct driver *d)
{
	while (!d->stopped) {
		const char *text;
		size_t len;

		switch (reader_next(&d->reader, &text, &len)) {
		case READER_WINDOW:
			work(d, text, len);
			break;
		case READER_LONG:
			work(d, NULL, 0);
			break;
		case READER_WAIT:
			wait_for_input(d);
			break;
		case READER_FAIL:
			complain_input(d, errno);
			return;
		case READER_END:
			return;
		}
	}
}

/* The name of an input as data can hold it, made to last. */
static const char *
name_in_data(struct settings *set, const char *path)
{
	struct value v;

	if (setjmp(set->overflow) != 0)
		return "?";
	v = string_repair(&set->arena, path, strlen(path));
	return arena_copy(&set->arena, v.text, v.n);
}

static void
take_input(struct driver *d, const char *path)
{
	bool standard = path == NULL || strcmp(path, "-") == 0;

	d->window = (struct window){.source = "-", .name = "standard input"};
	if (!standard) {
		d->window.name = path;
		d->window.source = name_in_data(&d->set, path);
	}
	if (reader_open(&d->reader, standard ? NULL : path) == -1) {
		complain_input(d, errno);
		return;
	}
	if (outputs_use(&d->outputs, d->reader.fd)) {
		stats_hide(&d->stats);
		complain(d->set.command, "%s: is the output as well",
		    d->window.name);
		d->failed = true;
	} else {
		read_all(d);
	}
	reader_close(&d->reader);
}

static void
take_inputs(struct driver *d)
{
	if (d->set.files_n == 0)
		take_input(d, NULL);
	for (size_t i = 0; i < d->set.files_n && !d->stopped; i++)
		take_input(d, d->set.files[i]);
	if (d->pool != NULL)
		collect(d, true);
}

/* What is written behind the last event. */
static void
finish(struct driver *d)
{
	const struct command *c = d->shared.command;
	struct buf out = {0};

	if (d->set.count_only)
		buf_printf(&out, "%" PRIu64 "\n", d->outputs.total.passed);
	if (c->finish != NULL)
		c->finish(d->shared.arg, &out);
	if (buf_failed(&out))
		complain_memory(d);
	writer_put(d->outputs.standard, out.p, out.len);
	buf_release(&out);
}

static int
start_workers(struct driver *d)
{
	unsigned n = d->set.threads;

	/* The count of -m is exact only in one thread. */
	if (n > 1 && d->set.stop_after == 0) {
		d->pool = pool_new(&d->shared, n);
		if (d->pool != NULL)
			return 0;
	} else {
		d->worker = worker_new(&d->shared, commit, d);
		if (d->worker != NULL)
			return 0;
	}
	complain(d->set.command, "%s", strerror(errno));
	return -1;
}

static int
prepare(struct driver *d)
{
	const struct settings *set = &d->set;
	struct shared *s = &d->shared;

	s->set = set;
	if (lineage_init(&s->lineage, set->lineage, set->lineage_key,
		s->command->op, set->stage, set->rule, set->rule_len) == -1) {
		complain(set->command, "%s", strerror(ENOMEM));
		return -1;
	}
	s->lineage.cap = set->lineage_cap;
	s->turned_away_too = d->outputs.turned_away == d->outputs.standard;
	s->rejects_too = d->outputs.rejects == d->outputs.standard;
	rejects_head(&s->rejects_head, s->command->op, set->stage, set->rule,
	    set->rule_len);
	return start_workers(d);
}

static void
run(struct driver *d)
{
	if (outputs_open(&d->outputs, &d->set, &d->stats) == -1) {
		d->failed = true;
		outputs_close(&d->outputs);
		return;
	}
	if (prepare(d) == -1) {
		d->failed = true;
	} else {
		take_inputs(d);
		if (!d->outputs.failed)
			finish(d);
	}
	pool_free(d->pool);
	worker_free(d->worker);
	outputs_close(&d->outputs);
	if (d->set.stats)
		stats_tell(&d->stats, &d->outputs.total);
}

static int
status_of(const struct driver *d)
{
	if (d->failed || d->outputs.failed)
		return STATUS_IO;
	return d->outputs.total.rejected > 0 ? STATUS_REJECTED : STATUS_OK;
}

static void
release(struct driver *d)
{
	const struct command *c = d->shared.command;

	if (c->release != NULL)
		c->release(d->shared.arg);
	reader_release(&d->reader);
	result_release(&d->result);
	lineage_release(&d->shared.lineage);
	buf_release(&d->shared.rejects_head);
	stats_release(&d->stats);
	settings_release(&d->set);
}

static int
drive(struct driver *d)
{
	const struct command *c = d->shared.command;
	int status = STATUS_OK;

	if (c->start != NULL)
		status = c->start(&d->set, d->shared.arg);
	if (status != STATUS_OK)
		return status;
	reader_init(&d->reader, d->set.max_line);
	run(d);
	return status_of(d);
}

int
driver_main(const struct command *c, void *arg, int argc, char **argv)
{
	struct driver d = {.shared = {.command = c, .arg = arg}};
	int status = STATUS_USAGE;

	fill_descriptors();
	raise_stack();
	d.reader.fd = -1;
	d.stats.signals = -1;
	switch (options_parse(&d.set, c, arg, argc, argv)) {
	case OPTIONS_RUN:
		stats_init(&d.stats, c->name, d.set.progress);
		status = drive(&d);
		break;
	case OPTIONS_DONE:
		status = STATUS_OK;
		break;
	case OPTIONS_FAILED:
		status = STATUS_IO;
		break;
	case OPTIONS_WRONG:
		break;
	}
	release(&d);
	return status;
}
