#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/instant.h"
#include "driver/complain.h"
#include "driver/outputs.h"
#include "driver/trail.h"

/* Of a batch, before it ends: */
enum {
	PATIENCE = 100 * 1000, /* microseconds */
	HELD = 16 << 20,       /* bytes of its lines */
};

/* Complain once about a writer that failed. */
static void
look_at(struct outputs *o, struct writer *w)
{
	if (writer_error(w) == 0 || w->name == NULL)
		return;
	stats_hide(o->stats);
	complain(o->command, "%s: %s", w->name, strerror(writer_error(w)));
	w->name = NULL;
	o->failed = true;
}

static void
look_at_all(struct outputs *o)
{
	for (size_t i = 0; i < OUTPUTS_WRITERS; i++)
		look_at(o, &o->own[i]);
}

static void
complain_memory(struct outputs *o)
{
	stats_hide(o->stats);
	complain(o->command, "%s", strerror(ENOMEM));
	o->failed = true;
}

void
outputs_trail(struct outputs *o, const struct stage *stage, const char *started,
    bool ended)
{
	struct buf line = {0};

	if (o->trail == NULL)
		return;
	trail_line(&line, stage, started, ended ? &o->total : NULL);
	if (buf_failed(&line))
		complain_memory(o);
	else
		writer_put(o->trail, line.p, line.len);
	buf_release(&line);
	writer_flush(o->trail);
	look_at_all(o);
}

static bool
flush_all(struct outputs *o)
{
	for (size_t i = 0; i < OUTPUTS_WRITERS; i++) {
		if (o->own[i].fd != -1)
			writer_flush(&o->own[i]);
	}
	look_at_all(o);
	return !o->failed;
}

/* Have the keeper keep the batch, with its lines, and write these. */
static bool
end_batch(struct outputs *o)
{
	const struct stage *s = o->keeper;

	if (s == NULL || o->batch == 0)
		return !o->failed;
	if (buf_failed(&o->held))
		complain_memory(o);
	/* What stands beside is never behind what is kept. */
	if (o->failed || !flush_all(o))
		return false;
	stats_hide(o->stats);
	if (!s->command->commit(s->arg, o->held.p, o->held.len)) {
		o->failed = true;
		return false;
	}
	writer_put(o->standard, o->held.p, o->held.len);
	buf_clear(&o->held);
	o->batch = 0;
	return true;
}

bool
outputs_flush(struct outputs *o)
{
	const struct stage *s = o->keeper;
	bool ends = s != NULL && o->batch > 0;

	if (!end_batch(o) || !flush_all(o))
		return false;
	if (ends)
		s->command->tidy(s->arg);
	return true;
}

void
outputs_time(struct outputs *o, int64_t micros)
{
	char time[INSTANT_TEXT], line[INSTANT_TEXT + 24];
	int n;

	if (o->document || o->failed)
		return; /* what is written is no stream that it could be in */
	(void)instant_format(micros, time);
	n = snprintf(line, sizeof(line), "{\"ms.time\":\"%s\"}\n", time);
	writer_put(o->standard, line, (size_t)n);
	o->written++;
}

/* Does a file that is appended to end within a line? */
static bool
ends_within_line(int fd)
{
	struct stat st;
	char path[40], last = '\n';
	int again;

	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode) || st.st_size == 0 ||
	    (fcntl(fd, F_GETFL) & O_APPEND) == 0)
		return false;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = open(path, O_RDONLY | O_CLOEXEC);
	if (again == -1)
		return false;
	(void)!pread(again, &last, 1, st.st_size - 1);
	(void)close(again);
	return last != '\n';
}

/* A run that was killed may have left half a line: no other joins it. */
static void
end_line(struct outputs *o)
{
	if (!ends_within_line(o->standard->fd))
		return;
	stats_hide(o->stats);
	complain(o->command,
	    "standard output ends within a line, as a kill leaves it: it is "
	    "ended, and stays there; its event's line follows whole");
	writer_put(o->standard, "\n", 1);
}

bool
outputs_resume(struct outputs *o)
{
	const struct stage *s = o->keeper;
	struct buf lines = {0};
	bool good;

	if (s == NULL)
		return true;
	good = s->command->resume(s->arg, &lines);
	if (good && buf_failed(&lines)) {
		complain_memory(o);
		good = false;
	} else if (good) {
		if (lines.len > 0)
			end_line(o);
		writer_put(o->standard, lines.p, lines.len);
		for (size_t i = 0; i < lines.len; i++)
			o->written += lines.p[i] == '\n';
	}
	o->failed |= !good;
	buf_release(&lines);
	return good;
}

/* One message; what an input is is told once, and may be all there is. */
static void
tell_one(struct outputs *o, const char *p, size_t n)
{
	enum input_kind k = INPUT_EVENTS;

	if (n > 2 && *p == '\1') {
		k = (enum input_kind)(p[1] - 'a');
		p += 2;
		n -= 2;
	}
	if (!kinds_note(&o->kinds, k))
		return;
	complain_raw(p, n);
	o->told++;
}

static void
tell(struct outputs *o, const struct result *r, const char *p, size_t left)
{
	if (left > 0)
		stats_hide(o->stats);
	if (r->source != o->source)
		o->kinds = (struct kinds){0};
	o->source = r->source;
	while (left > 0 && o->told < MESSAGES) {
		const char *newline = memchr(p, '\n', left);
		size_t n = newline == NULL ? left : (size_t)(newline + 1 - p);

		tell_one(o, p, n);
		p += n;
		left -= n;
	}
}

static void
complain_lost(struct outputs *o, const struct barrier *b, const char *line)
{
	stats_hide(o->stats);
	complain(o->command,
	    "lost lines before barrier %.*s: %" PRIu64 " were sent, %" PRIu64
	    " arrived",
	    (int)(b->name_len < 200 ? b->name_len : 200), line + b->name,
	    b->sent, o->read);
	o->failed = true;
}

/* Have the stage's state kept before the barrier; false where it fails. */
static bool
keep_beside(struct outputs *o, const struct barrier *b, const char *line)
{
	const struct stage *s = o->beside;

	if (s == NULL ||
	    s->command->barrier(s->arg, line + b->name, b->name_len))
		return true;
	o->failed = true;
	return false;
}

void
outputs_keep_end(struct outputs *o)
{
	const struct stage *s = o->beside;

	if (s != NULL && o->keep_end && outputs_flush(o) &&
	    !s->command->barrier(s->arg, "null", 4))
		o->failed = true;
}

/* Compare the counts, flush all that came before, hand the barrier on. */
static bool
pass_barrier(struct outputs *o, const struct mark *m, const char *line)
{
	const struct barrier *b = &m->barrier;
	char count[32];
	size_t behind = b->n + b->n_len;
	int n;

	o->read += m->read;
	o->written += m->written;
	if (!outputs_flush(o))
		return false;
	if (b->sent != o->read) {
		complain_lost(o, b, line);
		return false;
	}
	if (!keep_beside(o, b, line))
		return false;
	if (o->document) {
		o->read = o->written = 0;
		return true;
	}
	n = snprintf(count, sizeof(count), "%" PRIu64, o->written);
	writer_put(o->standard, line, b->n);
	writer_put(o->standard, count, (size_t)n);
	writer_put(o->standard, line + behind, m->len - behind);
	writer_put(o->standard, "\n", 1);
	o->read = o->written = 0;
	return outputs_flush(o);
}

static void
put_part(struct writer *w, const struct buf *b, size_t from, size_t to)
{
	if (w != NULL && to > from)
		writer_put(w, b->p + from, to - from);
}

/* What a result had from one time to another. */
static void
put_parts(struct outputs *o, const struct result *r, const struct extent *from,
    const struct extent *to)
{
	/* These first: a barrier says that they are written too. */
	put_part(o->turned_away, &r->turned_away, from->turned_away,
	    to->turned_away);
	put_part(o->rejects, &r->rejects, from->rejects, to->rejects);
	put_part(o->trail, &r->trail, from->trail, to->trail);
	if (to->messages > from->messages)
		tell(o, r, r->messages.p + from->messages,
		    to->messages - from->messages);
	if (o->keeper == NULL)
		put_part(o->standard, &r->out, from->out, to->out);
	else if (to->out > from->out)
		buf_put(&o->held, r->out.p + from->out, to->out - from->out);
}

/* Write a result, which barriers may divide; nothing behind a wrong one. */
static bool
put_result(struct outputs *o, const struct result *r)
{
	struct extent done = {0}, end = result_extent(r);

	for (size_t i = 0; i < r->marks_n; i++) {
		const struct mark *m = &r->marks[i];

		put_parts(o, r, &done, &m->at);
		if (!pass_barrier(o, m, r->out.p + m->at.out)) {
			counts_add(&o->total, &m->counts);
			return false;
		}
		done = m->at;
		done.out += m->len;
	}
	put_parts(o, r, &done, &end);
	counts_add(&o->total, &r->counts);
	o->read += r->read;
	o->written += r->written;
	return true;
}

static bool
is_whole(const struct result *r)
{
	return !r->no_memory && !buf_failed(&r->out) &&
	    !buf_failed(&r->turned_away) && !buf_failed(&r->rejects) &&
	    !buf_failed(&r->trail) && !buf_failed(&r->messages) &&
	    !buf_failed(&r->failure);
}

/* Add the lines of a result to the batch, from its first line on. */
static void
count_batch(struct outputs *o, const struct result *r)
{
	uint64_t lines = r->counts.read + r->marks_n + (r->out.len > 0);

	if (o->keeper == NULL || lines == 0)
		return;
	if (o->batch == 0)
		o->batch_since = stats_now();
	o->batch += lines;
}

/*
 * Large batches are cheap: a key that many events change is kept once.  But
 * nobody waits long for a line, and not too many lines are held.
 */
static bool
is_due(const struct outputs *o)
{
	return o->batch > 0 &&
	    (o->held.len >= HELD || stats_now() - o->batch_since >= PATIENCE);
}

bool
outputs_commit(struct outputs *o, struct result *r)
{
	bool go_on = !r->stopped;

	if (!is_whole(r))
		complain_memory(o);
	count_batch(o, r);
	if (!put_result(o, r))
		go_on = false;
	if (r->aborted) {
		stats_hide(o->stats);
		complain_raw(r->failure.p, r->failure.len);
		o->failed = true;
	}
	result_clear(r);
	if (!o->failed && is_due(o) && !outputs_flush(o))
		go_on = false;
	look_at_all(o);
	return go_on && !o->failed;
}

static void
tell_rest(struct outputs *o)
{
	uint64_t rest = o->total.rejected + o->total.failed - o->told;
	const char *what = o->total.failed > 0 ? "failed" : "were rejected";

	if (rest == 1)
		complain(o->command, "1 more line %s",
		    o->total.failed > 0 ? "failed" : "was rejected");
	else if (rest > 1)
		complain(o->command, "%" PRIu64 " more lines %s", rest, what);
}

/* How many milliseconds ago did the process begin? */
static int64_t
age(const struct outputs *o)
{
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME, &now) == -1)
		return INT64_MAX;
	return (now.tv_sec - o->begun.tv_sec) * 1000 +
	    (now.tv_nsec - o->begun.tv_nsec) / 1000000;
}

/*
 * A later stage of the pipeline that names the same file for itself is to find
 * it held, however soon we end.  The next one opens its files before it reads;
 * one behind that has begun, at least.
 */
static void
hold_for_others(struct outputs *o)
{
	enum { YOUNG = 50 };
	const struct writer *w = o->turned_away;
	int64_t left;

	if (w == NULL || !w->alone || !o->standard->fifo || !flush_all(o))
		return;
	writer_await_reader(o->standard);
	left = YOUNG - age(o);
	if (left > 0 && left <= YOUNG)
		(void)poll(NULL, 0, (int)left);
}

void
outputs_close(struct outputs *o)
{
	hold_for_others(o);
	for (size_t i = 0; i < OUTPUTS_WRITERS; i++)
		(void)writer_close(&o->own[i]);
	look_at_all(o);
	stats_hide(o->stats);
	buf_release(&o->held);
	tell_rest(o);
}
