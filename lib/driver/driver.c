#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "driver/ahead.h"
#include "driver/closing.h"
#include "driver/complain.h"
#include "driver/forgetting.h"
#include "driver/driver.h"
#include "driver/options.h"
#include "driver/outputs.h"
#include "driver/policed.h"
#include "driver/pool.h"
#include "driver/rejects.h"
#include "driver/signals.h"
#include "driver/stack.h"
#include "driver/stats.h"
#include "driver/worker.h"
#include "io/reader.h"
#include "value/string.h"

/* A command at work. */
struct driver {
	struct settings set;
	struct stage stage;
	struct stats stats;
	struct outputs outputs;
	struct reader reader;
	struct result result; /* without threads, as these are */
	struct worker *worker;
	struct ahead *ahead; /* or NULL */
	struct block block;
	struct pool *pool;
	size_t opened;        /* inputs so far */
	struct window window; /* the input in hand */
	struct window worked; /* what the worker is at, or was last */
	uint64_t windows;     /* that were handed out */
	const char *trouble;  /* with it, to be told in a pause */
	struct signals signals;
	struct clock clock;
	int64_t tick_at; /* when a line of time is due: see stats_now() */
	bool stopped;    /* nothing more is wanted */
	bool failed;     /* an input failed */
	char started[CLOCK_STAMP];
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

/* Write a line of time, where the settings ask for them and one is due. */
static void
tick(struct driver *d)
{
	int64_t now;

	if (d->set.tick == 0 || d->stopped)
		return;
	now = stats_now();
	if (now < d->tick_at)
		return;
	outputs_time(&d->outputs, clock_micros(&d->clock));
	d->tick_at = now + d->set.tick;
}

static bool
commit(void *arg, struct result *r)
{
	struct driver *d = arg;

	if (d->stopped)
		result_clear(r);
	else if (!outputs_commit(&d->outputs, r))
		d->stopped = true;
	tick(d);
	stats_tick(&d->stats, &d->outputs.total);
	return !d->stopped;
}

static void
spill(void *arg, struct result *r)
{
	r->stopped = !commit(arg, r);
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
open_input(struct driver *d, const char *path)
{
	bool standard = path == NULL || strcmp(path, "-") == 0;

	d->window = (struct window){
	    .source = "-",
	    .name = "standard input",
	    .first = true,
	};
	if (!standard) {
		d->window.name = path;
		d->window.source = name_in_data(&d->set, path);
	}
	if (path == NULL && isatty(STDIN_FILENO))
		complain(d->set.command,
		    "reading events from the terminal; Ctrl-D ends them, "
		    "--help tells more");
	if (d->set.source != NULL)
		d->window.source = name_in_data(&d->set, d->set.source);
	if (reader_open(&d->reader, standard ? NULL : path) == -1) {
		/* Some devices wait for somebody to connect to them. */
		if (errno != EINTR || signals_came(&d->signals) == 0)
			d->trouble = strerror(errno);
	} else if (outputs_use(&d->outputs, d->reader.fd)) {
		d->trouble = "is the output as well";
		reader_close(&d->reader);
	}
}

/* Open the next input; false where none is left. */
static bool
open_next(struct driver *d)
{
	size_t n = d->set.files_n, i = d->opened++;

	if (i >= n && (n > 0 || i > 0))
		return false;
	open_input(d, n > 0 ? d->set.files[i] : NULL);
	return true;
}

/* Hand out what the reader found. */
static enum supply
hand_out(struct driver *d, const char *text, size_t len, struct window *w)
{
	d->window.text = text;
	d->window.len = len;
	d->window.turn = ++d->windows;
	*w = d->window;
	d->window.first = false;
	return SUPPLY_WINDOW;
}

static enum supply
next_window(void *arg, struct block *b, struct window *w)
{
	struct driver *d = arg;
	const char *text;
	size_t len;

	while (d->trouble == NULL) {
		if (signals_came(&d->signals) != 0)
			return SUPPLY_END;
		if (d->reader.fd == -1 && !open_next(d))
			return SUPPLY_END;
		if (d->reader.fd == -1)
			continue; /* told as trouble, or a signal came */
		if (reader_use(&d->reader, b) == -1) {
			d->trouble = strerror(errno);
			break;
		}
		switch (reader_next(&d->reader, &text, &len)) {
		case READER_WINDOW:
			return hand_out(d, text, len, w);
		case READER_NULS:
			return hand_out(d, NULL, len, w);
		case READER_LONG:
			return hand_out(d, NULL, 0, w);
		case READER_WAIT:
			return SUPPLY_PAUSE;
		case READER_FAIL:
			d->trouble = strerror(errno);
			break;
		case READER_END:
			reader_close(&d->reader);
			break;
		}
	}
	return SUPPLY_PAUSE;
}

static void
complain_input(struct driver *d)
{
	stats_hide(&d->stats);
	complain(d->set.command, "%s: %s", d->window.name, d->trouble);
	d->trouble = NULL;
	d->failed = d->set.input_failed = true;
	reader_close(&d->reader);
}

/* Nothing to read yet: let everybody see what there is. */
static bool
wait_for_input(void *arg)
{
	struct driver *d = arg;

	if (d->trouble != NULL) {
		complain_input(d);
		return true;
	}
	do {
		tick(d);
		if (!outputs_flush(&d->outputs))
			d->stopped = true;
	} while (!d->stopped &&
	    !stats_wait(&d->stats, &d->outputs.total, d->reader.fd, &d->signals,
		d->set.tick > 0 ? d->tick_at : INT64_MAX));
	return !d->stopped;
}

/* Work on all inputs in this thread. */
static void
work(struct driver *d)
{
	struct window *w = &d->worked;

	while (!d->stopped) {
		switch (next_window(d, &d->block, w)) {
		case SUPPLY_WINDOW:
			d->window.before +=
			    worker_run(d->worker, w, &d->result);
			commit(d, &d->result);
			break;
		case SUPPLY_PAUSE:
			wait_for_input(d);
			break;
		case SUPPLY_END:
			return;
		}
	}
}

/* The same, where events look ahead. */
static void
work_ahead(struct driver *d)
{
	struct window *w = &d->worked;

	while (!d->stopped) {
		switch (ahead_next(d->ahead, w)) {
		case SUPPLY_WINDOW:
			worker_run(d->worker, w, &d->result);
			commit(d, &d->result);
			break;
		case SUPPLY_PAUSE:
			wait_for_input(d);
			break;
		case SUPPLY_END:
			return;
		}
	}
}

/* An event waits: let everybody see what stands before it. */
static void
flush_before(void *arg)
{
	struct driver *d = arg;

	worker_hand_on(d->worker);
	if (!d->stopped && !outputs_flush(&d->outputs))
		d->stopped = d->result.stopped = true;
}

static int
input_of(void *arg)
{
	const struct driver *d = arg;

	return d->trouble == NULL ? d->reader.fd : -1;
}

static int
reports_of(void *arg)
{
	const struct driver *d = arg;

	return d->stats.signals;
}

static void
report(void *arg)
{
	struct driver *d = arg;

	stats_tick(&d->stats, &d->outputs.total);
}

static int
look_ahead(struct driver *d)
{
	struct ahead_driver a = {d, next_window, flush_before, input_of,
	    &d->signals, reports_of, report};

	if (d->set.ahead == 0)
		return 0;
	d->ahead = ahead_new(&d->stage, &a, d->set.ahead);
	if (d->ahead == NULL)
		return -1;
	worker_look_ahead(d->worker, d->ahead);
	return 0;
}

/* What is written behind the last event. */
static void
finish(struct driver *d)
{
	const struct command *c = d->stage.command;
	struct buf out = {0};

	if (d->set.count_only && !d->set.quiet)
		buf_printf(&out, "%" PRIu64 "\n", d->outputs.total.passed);
	if (c->finish != NULL)
		c->finish(d->stage.arg, &out);
	if (buf_failed(&out)) {
		stats_hide(&d->stats);
		complain(d->set.command, "%s", strerror(ENOMEM));
		d->failed = true;
	} else {
		writer_put(d->outputs.standard, out.p, out.len);
	}
	buf_release(&out);
}

static int
start_workers(struct driver *d)
{
	struct flow flow = {d, next_window, wait_for_input, commit};
	unsigned n = d->set.threads;

	/* The count of -m is exact only in one thread. */
	if (n > 1 && d->set.stop_after == 0 && d->set.ahead == 0) {
		d->pool = pool_new(&d->stage, &flow, n);
		d->signals.threads = true;
		if (d->pool != NULL)
			return 0;
	} else {
		struct worker_hooks hooks = {.arg = d, .spill = spill};

		d->worker = worker_new(&d->stage, &hooks);
		if (d->worker != NULL && look_ahead(d) == 0)
			return 0;
	}
	if (errno == EINVAL && getenv("MS_SIMD") != NULL)
		complain(d->set.command,
		    "MS_SIMD: this machine has no kernel of that name; "
		    "scalar is always there");
	else
		complain(d->set.command, "%s", strerror(errno));
	return -1;
}

/* The records of what is taken out, and what rejects say then. */
static int
prepare_forgetting(struct driver *d)
{
	const struct settings *set = &d->set;
	struct settings full = d->set;
	struct stage *s = &d->stage;
	struct buf rule = {0};
	int status = -1;

	if (set->forget == NULL)
		return 0;
	forget_rule(set->forget, &rule);
	rejects_head(&s->rejects_silent, s->command->op, set->stage, NULL, 0);
	/* The next stage must know what was masked. */
	if (forget_masks(set->forget, false))
		full.lineage = LINEAGE_FULL;
	if (buf_failed(&rule) || buf_failed(&s->rejects_silent))
		complain(set->command, "%s", strerror(ENOMEM));
	else
		status = settings_lineage(&full, &s->forgetting,
		    forget_op(set->forget), rule.p, rule.len);
	s->forgetting.mode = set->lineage;
	buf_release(&rule);
	return status;
}

static int
prepare(struct driver *d)
{
	const struct settings *set = &d->set;
	struct stage *s = &d->stage;
	struct clock clock;

	s->set = set;
	if (d->set.no_output == NO_OUTPUT_DEFAULT)
		d->set.no_output = set->raw ? NO_OUTPUT_REJECT : NO_OUTPUT_DROP;
	if (settings_lineage(set, &s->lineage, s->command->op, set->rule,
		set->rule_len) == -1 ||
	    prepare_forgetting(d) == -1)
		return -1;
	s->turned_away_too = d->outputs.turned_away == d->outputs.standard;
	s->rejects_too = d->outputs.rejects == d->outputs.standard;
	checks_init(&s->checks, set);
	if (!policed_add(set->policed, &s->checks)) {
		complain(set->command, "%s", strerror(ENOMEM));
		return -1;
	}
	rejects_head(&s->rejects_head, s->command->op, set->stage, set->rule,
	    set->rule_len);
	(void)clock_init(&clock);
	memcpy(d->started, clock_stamp(&clock), sizeof(d->started));
	outputs_trail(&d->outputs, s, d->started, false);
	return start_workers(d);
}

/*
 * A signal ended the reading.  What is here of a line can be read again from
 * a file, but not from a pipe.
 */
static void
tell_unfinished(const struct driver *d)
{
	const struct reader *r = &d->reader;

	if (signals_came(&d->signals) != 0 && r->fd != -1 && !r->steady &&
	    r->end > r->start)
		complain(d->set.command,
		    "%s: a signal ended the reading within a line; its first "
		    "%zu bytes are lost",
		    d->window.name, r->end - r->start);
}

/* What the command makes of the end, where it has seen all in order. */
static void
end(struct driver *d)
{
	bool cut = signals_came(&d->signals) != 0;

	if (d->stopped)
		return;
	if (d->stage.command->end != NULL) {
		if (d->worker != NULL)
			worker_end(d->worker, &d->result, cut);
		else
			pool_end(d->pool, &d->result, cut);
		commit(d, &d->result);
	}
	if (!cut && !d->outputs.failed)
		outputs_keep_end(&d->outputs);
}

static void
run(struct driver *d)
{
	if (outputs_open(&d->outputs, &d->set, &d->stage, &d->stats) == -1) {
		d->failed = true;
		outputs_close(&d->outputs);
		return;
	}
	signals_catch(&d->signals);
	(void)clock_init(&d->clock); /* options_parse() saw MS_NOW */
	d->tick_at = stats_now() + d->set.tick;
	if (prepare(d) == -1 || !outputs_resume(&d->outputs)) {
		d->failed = true;
	} else {
		if (d->pool != NULL)
			pool_run(d->pool);
		else if (d->ahead != NULL)
			work_ahead(d);
		else
			work(d);
		end(d);
		if (!d->outputs.failed &&
		    (!d->set.batches || outputs_flush(&d->outputs)))
			finish(d);
		if (!d->outputs.failed && !d->failed)
			outputs_trail(&d->outputs, &d->stage, d->started, true);
	}
	tell_unfinished(d);
	pool_free(d->pool);
	ahead_free(d->ahead);
	worker_free(d->worker);
	outputs_close(&d->outputs);
	if (d->set.batches && !d->outputs.failed &&
	    !d->stage.command->commit(d->stage.arg, "", 0))
		d->failed = true;
	closing_tell(&d->set, &d->outputs.total);
	if (d->set.stats) {
		stats_tell(&d->stats, &d->outputs.total);
		closing_tell_nothing(&d->set, &d->outputs.total);
	}
}

static int
status_of(const struct driver *d)
{
	/* -q: found is found, as with grep, whatever else went wrong. */
	if (d->set.quiet && d->outputs.total.passed > 0 && !d->outputs.failed)
		return STATUS_OK;
	if (d->failed || d->outputs.failed)
		return STATUS_IO;
	return d->set.quiet || d->set.unsound || d->outputs.total.rejected > 0
	    ? STATUS_REJECTED
	    : STATUS_OK;
}

static void
release(struct driver *d)
{
	const struct command *c = d->stage.command;

	if (c->release != NULL)
		c->release(d->stage.arg);
	reader_close(&d->reader);
	reader_block_release(&d->block);
	result_release(&d->result);
	lineage_release(&d->stage.lineage);
	lineage_release(&d->stage.forgetting);
	buf_release(&d->stage.rejects_head);
	buf_release(&d->stage.rejects_silent);
	stats_release(&d->stats);
	settings_release(&d->set);
	policed_free(d->set.policed);
}

static int
drive(struct driver *d)
{
	const struct command *c = d->stage.command;
	int status = STATUS_OK;

	if (stats_init(&d->stats, c->name, d->set.progress) == -1) {
		complain(c->name, "no descriptor to take SIGUSR1 by: %s",
		    strerror(errno));
		return STATUS_IO;
	}
	if (c->keeps_policy)
		status = policed_open(&d->set, POLICED_PASSES);
	else if (!c->reads_histories || c->takes_policy)
		status = policed_open(&d->set, POLICED_STAGE);
	if (status == STATUS_OK && c->start != NULL)
		status = c->start(&d->set, d->stage.arg);
	if (status == STATUS_OK)
		status = policed_settle(&d->set);
	if (status == STATUS_OK)
		status = forgetting_check(&d->set);
	if (status == STATUS_DONE)
		return STATUS_OK;
	if (status != STATUS_OK)
		return status;
	reader_init(&d->reader, d->set.max_line,
	    d->set.in_order && d->set.threads > 1 ? WINDOW_PIECE : 0);
	run(d);
	return status_of(d);
}

int
driver_main(const struct command *c, void *arg, int argc, char **argv)
{
	struct driver d = {.stage = {.command = c, .arg = arg}};
	int status = STATUS_USAGE;

	signals_hold_report();
	fill_descriptors();
	d.stage.stack = stack_decide();
	d.reader.fd = -1;
	d.stats.signals = -1;
	switch (options_parse(&d.set, c, arg, argc, argv)) {
	case OPTIONS_RUN:
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
	if (signals_came(&d.signals) != 0)
		signals_die(signals_came(&d.signals));
	return status;
}
