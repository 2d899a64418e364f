#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/temporary.h"
#include "consumer.h"
#include "driver/complain.h"
#include "driver/status.h"
#include "lane.h"

enum { FIRST_ANSWER = 10 * 1000, MOST_PATIENCE = 20 * 60 * 1000 };
enum { NAME = RETURNS_NAME, BARRIER = NAME + 64 };

/*
 * Rejects of a pipeline that died have gone: what it rejected is sent again.
 * A stage of it that lives on, in a group of its own, may still write to the
 * file that it has.
 */
static bool
renew_rejects(struct lane *l)
{
	int file = temporary_file();

	if (file == -1)
		return false;
	if (l->rejects != -1)
		(void)close(l->rejects);
	l->rejects = file;
	l->rejects_at = l->rejects_freed = 0;
	l->unread = false;
	buf_clear(&l->later);
	/* So the file ends with us, however that comes. */
	snprintf(l->set, sizeof(l->set), "MS_REJECTS=/proc/%d/fd/%d",
	    (int)getpid(), file);
	return true;
}

bool
lane_init(struct lane *l, const struct plan *p, int32_t partition)
{
	uint64_t nonce = 0;

	*l = (struct lane){.partition = partition, .next = -1, .rejects = -1};
	pipeline_init(&l->pipeline);
	if (getrandom(&nonce, sizeof(nonce), 0) != sizeof(nonce))
		return false;
	snprintf(l->nonce, sizeof(l->nonce), "%016" PRIx64, nonce);
	l->shell = strdup(p->shell);
	l->plan.set[0] = l->set;
	return renew_rejects(l) && l->shell != NULL &&
	    pipeline_plan_shell(&l->plan, l->shell, p->command);
}

int
lane_tell_unmade(const struct lane *l, const struct plan *p)
{
	if (l->rejects == -1) {
		complain(plan_name, "a file for rejects, in TMPDIR: %s",
		    strerror(errno));
		return STATUS_IO;
	}
	complain(plan_name, "--shell: '%s' is no command", p->shell);
	return STATUS_USAGE;
}

void
lane_release(struct lane *l)
{
	lane_forget(l);
	pipeline_release(&l->pipeline);
	buf_release(&l->set_state);
	batch_clear(&l->batch, consumer_let_go);
	batch_clear(&l->under, consumer_let_go);
	batch_release(&l->batch);
	batch_release(&l->under);
	buf_release(&l->later);
	buf_release(&l->kept_rejects);
	if (l->rejects != -1)
		(void)close(l->rejects);
	free(l->shell);
	l->shell = NULL;
}

void
lane_drop_kept(struct lane *l)
{
	l->kept_from = l->kept_end = l->suspects_n = 0;
	buf_clear(&l->kept_rejects);
}

bool
lane_keep(struct lane *l, const char *path)
{
	static char keep_end[] = "MS_STATE_END=keep";

	lane_forget(l);
	buf_clear(&l->set_state);
	buf_printf(&l->set_state, "MS_STATE=%s%c", path, '\0');
	if (buf_failed(&l->set_state)) {
		snprintf(l->stages.error, sizeof(l->stages.error), "%s",
		    strerror(ENOMEM));
		return false;
	}
	l->plan.set[1] = l->set_state.p;
	/* What comes behind the last barrier is written, with its state. */
	l->plan.set[2] = keep_end;
	return stages_open(&l->stages, path);
}

void
lane_forget(struct lane *l)
{
	pipeline_kill(&l->pipeline);
	stages_close(&l->stages);
	l->ready = l->ahead = l->stale = false;
}

static enum pipeline_status
start(struct lane *l)
{
	bool renewed;

	if (pipeline_runs(&l->pipeline))
		return PIPELINE_BACK;
	renewed = renew_rejects(l);
	if (renewed && pipeline_start(&l->pipeline, &l->plan) == 0)
		return PIPELINE_BACK;
	snprintf(l->pipeline.error, sizeof(l->pipeline.error), "%s: %s",
	    renewed ? l->plan.shell[0] : "rejects", strerror(errno));
	return PIPELINE_FAILED;
}

/* The name of the last barrier. */
static void
make_name(const struct lane *l, char name[NAME])
{
	snprintf(name, NAME, "ms-kafka-%s-%" PRIu64, l->nonce, l->barriers);
}

/* Lines and a barrier behind them, or the input's end. */
static enum pipeline_status
send_lines(struct lane *l, struct pipeline_pass *x, size_t lines, bool barrier)
{
	char name[NAME], text[BARRIER];
	struct buf b = BUF_FIXED(text);
	enum pipeline_status status = start(l);

	if (status != PIPELINE_BACK)
		return status;
	l->sent = client_now();
	l->unread |= lines > 0;
	l->barriers++;
	make_name(l, name);
	if (barrier) {
		returns_put_barrier(&b, name, lines);
		x->barrier = b.p;
		x->barrier_len = b.len;
	}
	pipeline_send(&l->pipeline, name, x);
	return PIPELINE_BACK;
}

enum pipeline_status
lane_take(struct lane *l)
{
	enum pipeline_status status = pipeline_take(&l->pipeline);

	if (status != PIPELINE_BACK)
		pipeline_kill(&l->pipeline);
	return status;
}

/* What the stages appended before the barrier, or at their end. */
static bool
take_state(struct lane *l, bool barrier)
{
	char name[NAME];

	make_name(l, name);
	if (stages_take(&l->stages, barrier ? name : NULL))
		return true;
	snprintf(l->pipeline.error, sizeof(l->pipeline.error), "%.*s",
	    PIPELINE_ERROR - 1, l->stages.error);
	return false;
}

static enum pipeline_status
pass(struct lane *l, struct pipeline_pass *x, size_t lines, bool barrier)
{
	enum pipeline_status status = send_lines(l, x, lines, barrier);

	if (status == PIPELINE_BACK)
		status = lane_take(l);
	if (status != PIPELINE_BACK || l->stages.path == NULL ||
	    take_state(l, barrier))
		return status;
	pipeline_kill(&l->pipeline);
	return PIPELINE_WRONG;
}

enum pipeline_status
lane_send(struct lane *l, const struct plan *p, const struct lane_meanwhile *m)
{
	struct pipeline_pass x = {
	    .patience = p->deadline, .hurry = m->hurry, .arg = m->arg};

	x.text = batch_text(&l->batch, 0, l->batch.n, &x.len);
	return send_lines(l, &x, l->batch.n, true);
}

/* A state that was laid is loaded before the first answer. */
static int
first_patience(const struct lane *l, const struct plan *p)
{
	enum { LINES_PER_MS = 100 }; /* of a slow machine */
	uint64_t load = l->stages.entries / LINES_PER_MS;
	int patience = FIRST_ANSWER;

	if (l->stages.entries == 0)
		return patience;
	patience += load < MOST_PATIENCE ? (int)load : MOST_PATIENCE;
	return patience > p->deadline ? patience : p->deadline;
}

enum pipeline_status
lane_ask(struct lane *l, const struct plan *p, const struct lane_meanwhile *m)
{
	struct pipeline_pass x = {.text = "",
	    .patience = first_patience(l, p),
	    .hurry = m->hurry,
	    .arg = m->arg};

	return pass(l, &x, 0, !p->per_batch);
}

enum pipeline_status
lane_look(struct lane *l, const struct plan *p, const struct lane_meanwhile *m)
{
	struct pipeline_pass x = {.text = "",
	    .patience = p->deadline,
	    .hurry = m->hurry,
	    .arg = m->arg};

	return pass(l, &x, 0, true);
}

int
lane_try(struct lane *l, const struct plan *p, const struct lane_meanwhile *m)
{
	switch (lane_ask(l, p, m)) {
	case PIPELINE_BACK:
		return STATUS_OK;
	case PIPELINE_HURRIED:
		return STATUS_DONE;
	case PIPELINE_LATE:
		complain(plan_name,
		    "the pipeline doesn't hand barriers on (an empty one "
		    "wasn't back within 10 s): a stage holds it in a buffer, "
		    "so try jq --unbuffered, grep --line-buffered, sed -u; or "
		    "swallows it, so try --per-batch");
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
	enum pipeline_status status;
	struct stat st;
	struct pipeline_pass x = {
	    .patience = p->deadline, .hurry = m->hurry, .arg = m->arg};

	if (n == 0) {
		returns_expect(&l->pipeline.returns, "");
		return PIPELINE_BACK;
	}
	x.text = batch_text(&l->batch, from, end, &x.len);
	status = pass(l, &x, n, !p->per_batch);
	/* With 1 filters end that rejected something, which is known then. */
	if (status == PIPELINE_ENDED && p->per_batch && l->pipeline.exit == 1 &&
	    returns_whole(&l->pipeline.returns) &&
	    fstat(l->rejects, &st) == 0 && st.st_size > 0)
		status = PIPELINE_BACK;
	return status;
}

/* Read what is there; a line that isn't whole stays for later. */
static bool
read_rejects(struct lane *l, struct buf *out, size_t n)
{
	size_t start = out->len;
	const char *last;

	while (n > 0) {
		ssize_t got = pread(l->rejects, out->p + out->len, n,
		    l->rejects_at + (off_t)(out->len - start));

		if (got == -1 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		out->len += (size_t)got;
		n -= (size_t)got;
	}
	last = memrchr(out->p + start, '\n', out->len - start);
	out->len = last == NULL ? start : (size_t)(last + 1 - out->p);
	l->rejects_at += (off_t)(out->len - start);
	return true;
}

/*
 * What was read needs no room.  A stage may append at any moment, so the file
 * isn't cut, but where the system knows no holes.
 */
static void
free_rejects(struct lane *l)
{
	enum { ENOUGH = 1024 * 1024 };
	struct stat st;

	if (l->rejects_at - l->rejects_freed < ENOUGH)
		return;
	if (fallocate(l->rejects, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		l->rejects_freed, l->rejects_at - l->rejects_freed) == 0)
		l->rejects_freed = l->rejects_at;
	else if (l->pipeline.sent_n == 0 && fstat(l->rejects, &st) == 0 &&
	    st.st_size == l->rejects_at && ftruncate(l->rejects, 0) == 0)
		l->rejects_at = l->rejects_freed = 0;
}

bool
lane_rejects(struct lane *l, struct buf *out)
{
	struct stat st;
	size_t n;

	buf_clear(out);
	buf_put(out, l->later.p == NULL ? "" : l->later.p, l->later.len);
	buf_clear(&l->later);
	if (fstat(l->rejects, &st) == -1)
		return false;
	n = (size_t)(st.st_size - l->rejects_at);
	errno = ENOMEM;
	if (buf_failed(out) || (n > 0 && !buf_room(out, n + 1)) ||
	    (n > 0 && !read_rejects(l, out, n)))
		return false;
	free_rejects(l);
	l->unread = l->pipeline.sent_n > 0;
	return true;
}

void
lane_drop(struct lane *l)
{
	struct stat st;

	while (l->pipeline.sent_n > 0)
		(void)lane_take(l);
	buf_clear(&l->later);
	if (l->unread && fstat(l->rejects, &st) == 0)
		l->rejects_at = st.st_size;
	l->unread = false;
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
		return renew_rejects(l);
	}
	/* 1: there were rejects, before or now. */
	return pass(l, &x, 0, false) == PIPELINE_BACK || l->pipeline.exit == 1;
}
