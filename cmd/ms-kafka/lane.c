#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "consumer.h"
#include "driver/complain.h"
#include "driver/status.h"
#include "lane.h"

enum { FIRST_ANSWER = 10 * 1000, NAME = RETURNS_NAME, BARRIER = NAME + 64 };

bool
lane_init(struct lane *l, const struct plan *p, int32_t partition)
{
	uint64_t nonce = 0;

	*l = (struct lane){.partition = partition};
	pipeline_init(&l->pipeline);
	if (getrandom(&nonce, sizeof(nonce), 0) != sizeof(nonce))
		return false;
	snprintf(l->nonce, sizeof(l->nonce), "%016" PRIx64, nonce);
	l->shell = strdup(p->shell);
	return l->shell != NULL &&
	    pipeline_plan_shell(&l->plan, l->shell, p->command);
}

void
lane_release(struct lane *l)
{
	pipeline_kill(&l->pipeline);
	pipeline_release(&l->pipeline);
	batch_clear(&l->batch, consumer_let_go);
	batch_release(&l->batch);
	free(l->shell);
	l->shell = NULL;
}

static enum pipeline_status
start(struct lane *l)
{
	if (pipeline_runs(&l->pipeline) ||
	    pipeline_start(&l->pipeline, &l->plan) == 0)
		return PIPELINE_BACK;
	snprintf(l->pipeline.error, sizeof(l->pipeline.error), "%s: %s",
	    l->plan.shell[0], strerror(errno));
	return PIPELINE_FAILED;
}

/* Lines and a barrier behind them, or the input's end. */
static enum pipeline_status
pass(struct lane *l, struct pipeline_pass *x, size_t lines, bool barrier)
{
	char name[NAME], text[BARRIER];
	struct buf b = BUF_FIXED(text);
	enum pipeline_status status = start(l);

	if (status != PIPELINE_BACK)
		return status;
	snprintf(name, sizeof(name), "ms-kafka-%s-%" PRIu64, l->nonce,
	    ++l->barriers);
	if (barrier) {
		returns_put_barrier(&b, name, lines);
		x->barrier = b.p;
		x->barrier_len = b.len;
	}
	status = pipeline_pass(&l->pipeline, name, x);
	if (status != PIPELINE_BACK)
		pipeline_kill(&l->pipeline);
	return status;
}

int
lane_try(struct lane *l, const struct plan *p, const struct lane_meanwhile *m)
{
	struct pipeline_pass x = {.text = "",
	    .patience = FIRST_ANSWER,
	    .hurry = m->hurry,
	    .arg = m->arg};

	switch (pass(l, &x, 0, !p->per_batch)) {
	case PIPELINE_BACK:
		return STATUS_OK;
	case PIPELINE_HURRIED:
		return STATUS_DONE;
	case PIPELINE_LATE:
		complain(plan_name,
		    "the pipeline doesn't hand barriers on (an empty one "
		    "wasn't back within 10 s); with --per-batch it needs not");
		return STATUS_USAGE;
	default:
		complain(plan_name,
		    "the pipeline doesn't work: before any event %s",
		    l->pipeline.error);
		return STATUS_USAGE;
	}
}

enum pipeline_status
lane_pass(struct lane *l, const struct plan *p, size_t from, size_t end,
    const struct lane_meanwhile *m)
{
	size_t n = batch_events(&l->batch, from, end);
	struct pipeline_pass x = {
	    .patience = p->deadline, .hurry = m->hurry, .arg = m->arg};

	if (n == 0) {
		returns_expect(&l->pipeline.returns, "");
		return PIPELINE_BACK;
	}
	x.text = batch_text(&l->batch, from, end, &x.len);
	return pass(l, &x, n, !p->per_batch);
}

bool
lane_drain(struct lane *l, const struct plan *p, const struct lane_meanwhile *m)
{
	struct pipeline_pass x = {.text = "",
	    .patience = p->deadline,
	    .hurry = m->hurry,
	    .arg = m->arg};

	if (!pipeline_runs(&l->pipeline)) {
		returns_expect(&l->pipeline.returns, "");
		return true;
	}
	/* 1: there were rejects, before or now. */
	return pass(l, &x, 0, false) == PIPELINE_BACK || l->pipeline.exit == 1;
}
