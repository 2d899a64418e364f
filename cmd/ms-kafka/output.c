#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "dead.h"
#include "driver/complain.h"
#include "driver/status.h"
#include "instance.h"

/* What a put came to; false where the instance is to end. */
static bool
well(struct instance *in, enum producer_status status)
{
	if (status == PRODUCER_OK)
		return true;
	complain(plan_name, "%s; to be started again", in->producer.error);
	instance_end(in, STATUS_AGAIN);
	return false;
}

/* --- standard output, for --dry-run --- */

static bool
show(struct instance *in, const char *text, size_t len)
{
	if (fwrite(text, 1, len, stdout) == len && putchar('\n') != EOF)
		return true;
	complain(plan_name, "standard output: %s", strerror(errno));
	instance_end(in, STATUS_IO);
	return false;
}

/* --- what nobody takes --- */

bool
output_halts_at(const struct instance *in, const struct held *h)
{
	const struct halt *halt = &in->halt;

	return halt->set && halt->offset == h->offset &&
	    halt->partition == h->partition &&
	    strcmp(halt->topic, h->topic) == 0;
}

void
output_halt_at(struct instance *in, const struct held *h)
{
	in->halt = (struct halt){
	    .set = true, .partition = h->partition, .offset = h->offset};
	snprintf(in->halt.topic, sizeof(in->halt.topic), "%s", h->topic);
}

/* Nobody takes it: the instance stops once all before it is through. */
static bool
stop_at(struct instance *in, const struct held *h, const char *place,
    const char *error)
{
	bool alone = h->owner == NULL || h->kind == HELD_UNFIT;

	if (!alone && !output_halts_at(in, h)) {
		output_halt_at(in, h);
		in->rewind = true;
		return false;
	}
	complain(
	    plan_name, "%s: %s; --dead TOPIC takes such records", place, error);
	instance_end(in, STATUS_REJECTED);
	return false;
}

bool
output_dead(
    struct instance *in, const struct held *h, const struct dead_cause *why)
{
	char place[300];
	enum producer_status status;

	dead_name(h, place, sizeof(place));
	if (in->plan->dry_run) {
		complain(plan_name, "%s: %s", place, why->error);
		return true;
	}
	if (in->plan->dead == NULL)
		return stop_at(in, h, place, why->error);
	in->metrics.waiting_dead++;
	status = dead_put(&in->producer, in->plan->dead, h, why);
	if (status != PRODUCER_NOT_TAKEN)
		return well(in, status);
	complain(plan_name, "%s: it can't be a dead letter: %s", place,
	    in->producer.error);
	instance_end(in, STATUS_REJECTED);
	return false;
}

bool
output_tombstone(struct instance *in, const struct held *h)
{
	rd_kafka_headers_t *headers = NULL;
	struct dead_cause why = {.error = in->producer.error};
	enum producer_status status;

	if (in->plan->dry_run)
		return true;
	if (h->headers_n > 0 &&
	    rd_kafka_message_headers(h->owner, &headers) == 0)
		headers = rd_kafka_headers_copy(headers);
	status = producer_put(&in->producer,
	    &(struct producer_record){.topic = in->plan->to.v[0],
		.partition = RD_KAFKA_PARTITION_UA,
		.key = h->key,
		.key_len = h->key_len,
		.timestamp = h->timestamp,
		.headers = headers});
	if (status == PRODUCER_NOT_TAKEN)
		return output_dead(in, h, &why);
	in->metrics.waiting_out++;
	return well(in, status);
}

bool
output_rest(struct instance *in, const struct lane *l, size_t from, size_t end)
{
	for (size_t i = from; i < end; i++) {
		const struct held *h = &l->batch.v[i];
		const struct dead_cause cause = {.error = h->why};

		if (h->kind == HELD_TOMBSTONE && !output_tombstone(in, h))
			return false;
		if (h->kind == HELD_UNFIT && !output_dead(in, h, &cause))
			return false;
	}
	return true;
}

/* --- lines --- */

/* What stands for a record where nobody knows of which the line was made. */
static struct held
a_line(const char *text, size_t len)
{
	return (struct held){.topic = "(a line without its place)",
	    .value = text,
	    .len = len,
	    .timestamp = -1};
}

/*
 * An event that can't go where it says: in place of the record that it was
 * made of, where that is known.
 */
static bool
astray(struct instance *in, const struct match *m, const char *why)
{
	struct held line = a_line(m->text, m->len);
	struct dead_cause cause = {.error = why};

	return output_dead(in, m->held != NULL ? m->held : &line, &cause);
}

/* The number of its topic in plan->to, or SIZE_MAX. */
static size_t
topic_number(const struct instance *in, const struct match *m)
{
	const struct names *to = &in->plan->to;

	if (m->topic == NULL)
		return 0;
	for (size_t i = 0; i < to->n; i++)
		if (strcmp(to->v[i], m->topic) == 0)
			return i;
	return SIZE_MAX;
}

/* A window may end later than its topic takes as yet: then it is now. */
static int64_t
time_of(struct instance *in, const struct match *m, const char *topic)
{
	bool taken = m->held != NULL ||
	    limits_time(&in->client.limits, topic, m->timestamp);

	return taken ? m->timestamp : -1;
}

static bool
put_line(struct instance *in, const struct match *m, const char *topic)
{
	rd_kafka_headers_t *headers = NULL;
	enum producer_status status;

	if (m->held != NULL && m->held->headers_n > 0 &&
	    rd_kafka_message_headers(m->held->owner, &headers) == 0)
		headers = rd_kafka_headers_copy(headers);
	status = producer_put(&in->producer,
	    &(struct producer_record){.topic = topic,
		.partition =
		    m->partition < 0 ? RD_KAFKA_PARTITION_UA : m->partition,
		.key = m->key,
		.key_len = m->key_len,
		.value = m->text,
		.len = m->len,
		.timestamp = time_of(in, m, topic),
		.headers = headers});
	if (status == PRODUCER_NOT_TAKEN)
		return astray(in, m, in->producer.error);
	in->metrics.waiting_out++;
	return well(in, status);
}

/* A topic may have got more than it had. */
static bool
has_partition(struct instance *in, size_t i, int32_t partition)
{
	int32_t n;

	if (partition < in->partitions[i])
		return true;
	n = producer_partitions(&in->producer, in->plan->to.v[i]);
	if (n > in->partitions[i])
		in->partitions[i] = n;
	return partition < in->partitions[i];
}

static bool
send_line(struct instance *in, const struct match *m)
{
	size_t i = topic_number(in, m);
	char why[400];

	if (m->error[0] != '\0')
		return astray(in, m, m->error);
	if (i == SIZE_MAX) {
		snprintf(why, sizeof(why), "--to doesn't allow the topic %s",
		    m->topic);
		return astray(in, m, why);
	}
	if (m->partition >= 0 && !has_partition(in, i, m->partition)) {
		snprintf(why, sizeof(why), "topic %s has no partition %" PRId32,
		    in->plan->to.v[i], m->partition);
		return astray(in, m, why);
	}
	return put_line(in, m, in->plan->to.v[i]);
}

bool
output_lines(struct instance *in, struct lane *l)
{
	const struct returns *r = &l->pipeline.returns;
	size_t n = returns_count(r);

	for (size_t i = 0; i < n; i++) {
		struct match m;
		size_t len;
		const char *line = returns_line(r, i, &len);

		if (!match_line(&in->matching, &l->batch, line, len, &m)) {
			complain(plan_name, "%s", strerror(ENOMEM));
			instance_end(in, STATUS_AGAIN);
			return false;
		}
		if (in->plan->dry_run ? !show(in, m.text, m.len)
				      : !send_line(in, &m))
			return false;
	}
	if (in->plan->dry_run && fflush(stdout) != 0)
		return show(in, "", 0);
	return true;
}

/* --- rejects --- */

static bool
put_reject(struct instance *in, struct lane *l, const char *text, size_t len)
{
	struct held line = a_line(text, len);
	struct match_reject r;
	struct dead_cause cause;

	if (!match_reject(&in->matching, &l->batch, text, len, &r)) {
		complain(plan_name, "%s", strerror(ENOMEM));
		instance_end(in, STATUS_AGAIN);
		return false;
	}
	cause = (struct dead_cause){r.error, r.stage, r.rule};
	return output_dead(in, r.held != NULL ? r.held : &line, &cause);
}

/* Is it of a record of the batch that is still under way? */
static bool
is_of_later(struct instance *in, struct lane *l, const char *text, size_t len)
{
	struct match_reject r;

	return l->under.n > 0 &&
	    match_reject(&in->matching, &l->batch, text, len, &r) &&
	    r.held == NULL &&
	    match_reject(&in->matching, &l->under, text, len, &r) &&
	    r.held != NULL;
}

/* Leave what is of a batch that isn't through for when it is. */
static bool
put_later(struct instance *in, struct lane *l)
{
	struct buf *all = &in->rejects;
	size_t kept = 0, len;

	for (size_t at = 0; at < all->len; at += len) {
		const char *line = all->p + at;
		const char *end = memchr(line, '\n', all->len - at);

		len = end == NULL ? all->len - at : (size_t)(end + 1 - line);
		if (is_of_later(in, l, line, len - 1)) {
			buf_put(&l->later, line, len);
			continue;
		}
		memmove(all->p + kept, line, len);
		kept += len;
	}
	all->len = kept;
	return !buf_failed(&l->later);
}

bool
output_is_rejected(
    const struct instance *in, const struct lane *l, size_t events)
{
	size_t n = 0;

	if (events == 0 || returns_count(&l->pipeline.returns) > 0)
		return false;
	for (size_t i = 0; i < in->rejects.len; i++)
		n += in->rejects.p[i] == '\n';
	return n >= events;
}

/* Was everything rejected?  That isn't the fault of the events. */
static bool
all_rejected(const struct instance *in, const struct lane *l)
{
	enum { FEW = 10 };
	size_t events = batch_events(&l->batch, 0, l->batch.n);

	return events >= FEW && output_is_rejected(in, l, events);
}

bool
output_take_rejects(struct instance *in, struct lane *l)
{
	if (!lane_rejects(l, &in->rejects) || !put_later(in, l)) {
		complain(plan_name, "rejects: %s", strerror(errno));
		instance_end(in, STATUS_AGAIN);
		return false;
	}
	if (all_rejected(in, l)) {
		complain(plan_name,
		    "every event of a batch is rejected: the pipeline is "
		    "broken");
		instance_end(in, STATUS_AGAIN);
		return false;
	}
	return true;
}

bool
output_rejects(struct instance *in, struct lane *l, const struct buf *rejects)
{
	const char *p = rejects->p, *end = p + rejects->len, *newline;

	for (; p < end; p = newline + 1) {
		newline = memchr(p, '\n', (size_t)(end - p));
		if (newline == NULL)
			newline = end;
		if (!put_reject(in, l, p, (size_t)(newline - p)))
			return false;
	}
	return true;
}
