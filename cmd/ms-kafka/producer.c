#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "driver/complain.h"
#include "driver/status.h"
#include "producer.h"

enum {
	PATIENCE =
	    1000, /* milliseconds between two questions whether to stop */
	ANSWER = 10 * 1000,
	TRIES = 20,
	BATCH = 1000000, /* bytes, as librdkafka has it */
};

static const struct client_setting DEFAULTS[] = {
    {.name = "linger.ms", .value = "5"},
    {.name = "retry.backoff.ms", .value = "10"},
    {.name = "queue.buffering.max.messages", .value = "1000000"},
    {.name = "queue.buffering.max.kbytes", .value = "65536"},
    {.name = "transaction.timeout.ms", .value = "10000"},
    /* As Kafka's own clients have it: a key has its partition. */
    {.name = "partitioner", .value = "murmur2_random"},
    {.name = NULL},
};

static void
on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *m, void *arg)
{
	struct producer *p = m->_private;

	(void)rk;
	(void)arg;
	/* What an abort throws away has failed for that reason alone. */
	if (p == NULL || m->err == RD_KAFKA_RESP_ERR_NO_ERROR ||
	    m->err == RD_KAFKA_RESP_ERR__PURGE_QUEUE ||
	    m->err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT || p->failed != 0)
		return;
	p->failed = m->err;
	snprintf(p->failed_topic, sizeof(p->failed_topic), "%s",
	    rd_kafka_topic_name(m->rkt));
	p->failed_partition = m->partition;
	snprintf(p->failed_key, sizeof(p->failed_key), "%.*s",
	    (int)(m->key_len < 250 ? m->key_len : 250),
	    m->key == NULL ? "" : (const char *)m->key);
}

/*
 * The name by which a later instance fences off this one.  Its last '-' must
 * be ours: "a-b" and "c" are others than "a" and "b-c".
 */
static void
make_name(const struct plan *plan, struct buf *name)
{
	uint64_t nonce = 0;

	buf_printf(name, "%s-", plan->group);
	if (plan->instance == NULL) {
		(void)getrandom(&nonce, sizeof(nonce), 0);
		buf_printf(name, "%016" PRIx64, nonce);
	}
	for (const char *p = plan->instance; p != NULL && *p != '\0'; p++)
		if (*p == '-' || *p == '%')
			buf_printf(name, "%%%02x", (unsigned)(unsigned char)*p);
		else
			buf_putc(name, *p);
	buf_putc(name, '\0');
}

int
producer_open(struct producer *p, struct client *c)
{
	char batch[32], why[CLIENT_WHY];
	struct buf name = {0};
	size_t least = limits_least(&c->limits);
	struct client_setting own[] = {
	    {.name = "transactional.id"},
	    /* A batch that is larger is refused as a whole. */
	    {.name = "batch.size", .value = least < BATCH ? batch : NULL},
	    {.name = NULL},
	};
	rd_kafka_conf_t *conf = NULL;

	*p = (struct producer){.client = c};
	snprintf(batch, sizeof(batch), "%zu", least);
	make_name(c->plan, &name);
	own[0].value = name.p;
	if (!buf_failed(&name))
		conf = client_configure(c, CLIENT_PRODUCER, DEFAULTS, own);
	buf_release(&name);
	if (conf == NULL)
		return STATUS_USAGE;
	rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
	p->rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
	if (p->rk != NULL)
		return STATUS_OK;
	rd_kafka_conf_destroy(conf);
	complain(plan_name, "%s", why);
	return STATUS_USAGE;
}

static void
tell_unready(struct client *c, const rd_kafka_error_t *e)
{
	if (c->refused)
		complain(plan_name, "%s", c->why);
	else
		complain(plan_name, "%s%s", rd_kafka_error_string(e),
		    client_missing(c, rd_kafka_error_code(e), ""));
}

int
producer_ready(struct producer *p, bool (*stop)(void *arg), void *arg)
{
	struct client *c = p->client;
	int status = STATUS_AGAIN;

	while (!stop(arg)) {
		rd_kafka_error_t *e =
		    rd_kafka_init_transactions(p->rk, PATIENCE);
		bool again;

		(void)rd_kafka_poll(p->rk, 0);
		if (e == NULL)
			return STATUS_OK;
		again = rd_kafka_error_is_retriable(e) && !c->refused;
		if (again) {
			client_tell_waiting(c, rd_kafka_error_string(e));
		} else {
			if (c->refused ||
			    rights_refused(rd_kafka_error_code(e)))
				status = STATUS_USAGE;
			tell_unready(c, e);
		}
		rd_kafka_error_destroy(e);
		if (!again)
			return status;
	}
	return STATUS_DONE;
}

/* --- records --- */

static struct producer_topic *
topic_of(struct producer *p, const char *name)
{
	struct producer_topic *all, *t;

	for (size_t i = 0; i < p->topics_n; i++)
		if (strcmp(p->topics[i].name, name) == 0)
			return &p->topics[i];
	all = reallocarray(p->topics, p->topics_n + 1, sizeof(*all));
	if (all == NULL)
		return NULL;
	p->topics = all;
	t = &all[p->topics_n];
	*t = (struct producer_topic){.name = strdup(name)};
	t->most = limits_of(&p->client->limits, name);
	t->handle = rd_kafka_topic_new(p->rk, name, NULL);
	if (t->name == NULL || t->handle == NULL) {
		free(t->name);
		if (t->handle != NULL)
			rd_kafka_topic_destroy(t->handle);
		return NULL;
	}
	p->topics_n++;
	return t;
}

const char *
producer_topics(struct producer *p)
{
	size_t n = 0;

	p->written[0] = '\0';
	for (size_t i = 0; i < p->topics_n && n < sizeof(p->written); i++)
		if (p->topics[i].written)
			n += (size_t)snprintf(p->written + n,
			    sizeof(p->written) - n, "%s%s", n > 0 ? ", " : "",
			    p->topics[i].name);
	return p->written;
}

int32_t
producer_partitions(struct producer *p, const char *topic)
{
	struct producer_topic *t = topic_of(p, topic);
	const struct rd_kafka_metadata *m;
	int32_t n;

	if (t == NULL ||
	    rd_kafka_metadata(p->rk, 0, t->handle, &m, ANSWER) != 0)
		return 0;
	n = m->topic_cnt == 1 ? m->topics[0].partition_cnt : 0;
	rd_kafka_metadata_destroy(m);
	return n;
}

static enum producer_status
unclear(struct producer *p, const char *what, const char *why)
{
	snprintf(p->error, sizeof(p->error), "%s: %s", what, why);
	return PRODUCER_UNCLEAR;
}

/* As unclear(); the error ends. */
static enum producer_status
unclear_error(struct producer *p, const char *what, rd_kafka_error_t *e)
{
	enum producer_status status =
	    unclear(p, what, rd_kafka_error_string(e));

	rd_kafka_error_destroy(e);
	return status;
}

static enum producer_status
begin(struct producer *p)
{
	rd_kafka_error_t *e;

	if (p->open)
		return PRODUCER_OK;
	e = rd_kafka_begin_transaction(p->rk);
	if (e != NULL)
		return unclear_error(p, "begin", e);
	p->open = true;
	p->since = client_now();
	p->failed = p->refusal = RD_KAFKA_RESP_ERR_NO_ERROR;
	for (size_t i = 0; i < p->topics_n; i++)
		p->topics[i].written = false;
	return PRODUCER_OK;
}

static rd_kafka_resp_err_t
put(struct producer *p, rd_kafka_topic_t *topic,
    const struct producer_record *r)
{
	rd_kafka_vu_t v[8];
	size_t n = 0;
	rd_kafka_error_t *e;
	rd_kafka_resp_err_t err;

	v[n].vtype = RD_KAFKA_VTYPE_RKT;
	v[n++].u.rkt = topic;
	v[n].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
	v[n++].u.i = RD_KAFKA_MSG_F_COPY;
	v[n].vtype = RD_KAFKA_VTYPE_VALUE;
	v[n].u.mem.ptr = (void *)(uintptr_t)r->value;
	v[n++].u.mem.size = r->len;
	v[n].vtype = RD_KAFKA_VTYPE_KEY;
	v[n].u.mem.ptr = (void *)(uintptr_t)r->key;
	v[n++].u.mem.size = r->key_len;
	v[n].vtype = RD_KAFKA_VTYPE_OPAQUE;
	v[n++].u.ptr = p;
	v[n].vtype = RD_KAFKA_VTYPE_PARTITION;
	v[n++].u.i32 = r->partition;
	if (r->timestamp >= 0) {
		v[n].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
		v[n++].u.i64 = r->timestamp;
	}
	if (r->headers != NULL) {
		v[n].vtype = RD_KAFKA_VTYPE_HEADERS;
		v[n++].u.headers = r->headers;
	}
	e = rd_kafka_produceva(p->rk, v, n);
	if (e == NULL)
		return RD_KAFKA_RESP_ERR_NO_ERROR;
	err = rd_kafka_error_code(e);
	rd_kafka_error_destroy(e);
	return err;
}

/* --- its size --- */

static size_t
number_size(size_t n)
{
	size_t size = 1;

	/* Each byte holds seven bits, and one of all is the sign. */
	for (n *= 2; n > 127; n >>= 7)
		size++;
	return size;
}

static size_t
text_size(size_t len)
{
	return number_size(len) + len;
}

/* What a batch of this record alone takes, without compression. */
static size_t
record_size(const struct producer_record *r)
{
	enum { BATCH_HEAD = 61, ATTRIBUTES = 1, DELTAS = 2 };
	size_t n = ATTRIBUTES + DELTAS + text_size(r->key_len) +
	    text_size(r->len),
	       headers;
	const char *name;
	const void *value;
	size_t len;

	headers = r->headers == NULL ? 0 : rd_kafka_header_cnt(r->headers);
	n += number_size(headers);
	for (size_t i = 0; i < headers; i++)
		if (rd_kafka_header_get_all(
			r->headers, i, &name, &value, &len) == 0)
			n += text_size(strlen(name)) + text_size(len);
	return BATCH_HEAD + text_size(n);
}

/* Does the topic take its size?  It may take more than when it was asked. */
static bool
fits(struct producer *p, struct producer_topic *t,
    const struct producer_record *r)
{
	enum { HEADS = 100 };
	size_t n = r->len + r->key_len + HEADS;

	if (r->headers == NULL && n <= t->most)
		return true;
	n = record_size(r);
	if (n > t->most) {
		limits_ask(&p->client->limits, p->rk);
		t->most = limits_of(&p->client->limits, t->name);
	}
	if (n <= t->most)
		return true;
	snprintf(p->error, sizeof(p->error),
	    "topic %s takes no record of %zu bytes (max.message.bytes is %zu)",
	    t->name, n, t->most);
	return false;
}

/* Does it take its time? */
static bool
is_in_time(struct producer *p, const struct producer_record *r)
{
	struct limits *l = &p->client->limits;

	if (r->timestamp < 0 || limits_time(l, r->topic, r->timestamp))
		return true;
	limits_ask(l, p->rk);
	if (limits_time(l, r->topic, r->timestamp))
		return true;
	snprintf(p->error, sizeof(p->error),
	    "topic %s takes no record with the timestamp %" PRId64
	    " (message.timestamp.after.max.ms and .before.max.ms)",
	    r->topic, r->timestamp);
	return false;
}

static enum producer_status
put_status(struct producer *p, const char *topic, rd_kafka_resp_err_t err)
{
	switch (err) {
	case RD_KAFKA_RESP_ERR_NO_ERROR:
		return PRODUCER_OK;
	case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
		snprintf(p->error, sizeof(p->error),
		    "the record is larger than message.max.bytes allows");
		return PRODUCER_NOT_TAKEN;
	default:
		return unclear(p, topic, rd_kafka_err2str(err));
	}
}

enum producer_status
producer_put(struct producer *p, const struct producer_record *r)
{
	struct producer_topic *topic = topic_of(p, r->topic);
	enum producer_status status =
	    topic == NULL ? unclear(p, r->topic, "out of memory") : begin(p);
	rd_kafka_resp_err_t err = RD_KAFKA_RESP_ERR_NO_ERROR;

	if (topic != NULL && (!fits(p, topic, r) || !is_in_time(p, r)))
		status = PRODUCER_NOT_TAKEN;
	if (status == PRODUCER_OK) {
		topic->written = true;
		while ((err = put(p, topic->handle, r)) ==
		    RD_KAFKA_RESP_ERR__QUEUE_FULL)
			(void)rd_kafka_poll(p->rk, 10);
		status = put_status(p, r->topic, err);
	}
	if (status != PRODUCER_OK && r->headers != NULL)
		rd_kafka_headers_destroy(r->headers);
	return status;
}

/* --- transactions --- */

enum producer_status
producer_abort(struct producer *p)
{
	rd_kafka_error_t *e = NULL;

	if (!p->open)
		return PRODUCER_ABORTED;
	for (int i = 0; i < TRIES; i++) {
		e = rd_kafka_abort_transaction(p->rk, ANSWER);
		if (e == NULL || !rd_kafka_error_is_retriable(e))
			break;
		client_tell_waiting(p->client, rd_kafka_error_string(e));
		if (i + 1 < TRIES)
			rd_kafka_error_destroy(e);
	}
	if (e != NULL)
		return unclear_error(p, "abort", e);
	p->open = false;
	return PRODUCER_ABORTED;
}

/* What a commit's error comes to. */
static enum producer_status
not_committed(struct producer *p, const char *what, rd_kafka_error_t *e)
{
	if (!rd_kafka_error_txn_requires_abort(e))
		return unclear_error(p, what, e);
	snprintf(p->error, sizeof(p->error), "%s: %s", what,
	    rd_kafka_error_string(e));
	if (rights_refused(rd_kafka_error_code(e)))
		p->refusal = rd_kafka_error_code(e);
	rd_kafka_error_destroy(e);
	return producer_abort(p);
}

/*
 * Where a record has failed while the offsets were sent, only the next call
 * tells why.
 */
static bool
is_worth_asking(const rd_kafka_error_t *e, int tries)
{
	return rd_kafka_error_is_retriable(e) ||
	    (tries == 0 && rd_kafka_error_code(e) == RD_KAFKA_RESP_ERR__STATE);
}

static rd_kafka_error_t *
send_offsets(struct producer *p, rd_kafka_t *consumer,
    const rd_kafka_topic_partition_list_t *offsets)
{
	rd_kafka_consumer_group_metadata_t *member =
	    rd_kafka_consumer_group_metadata(consumer);
	rd_kafka_error_t *e = NULL;

	for (int i = 0; i < TRIES; i++) {
		e = rd_kafka_send_offsets_to_transaction(
		    p->rk, offsets, member, ANSWER);
		if (e == NULL || i + 1 == TRIES || !is_worth_asking(e, i))
			break;
		if (rd_kafka_error_is_retriable(e))
			client_tell_waiting(
			    p->client, rd_kafka_error_string(e));
		rd_kafka_error_destroy(e);
		(void)rd_kafka_poll(p->rk, 50);
	}
	rd_kafka_consumer_group_metadata_destroy(member);
	return e;
}

static rd_kafka_error_t *
commit(struct producer *p)
{
	rd_kafka_error_t *e = NULL;

	for (int i = 0; i < TRIES; i++) {
		e = rd_kafka_commit_transaction(p->rk, ANSWER);
		if (e == NULL || !rd_kafka_error_is_retriable(e) ||
		    i + 1 == TRIES)
			break;
		client_tell_waiting(p->client, rd_kafka_error_string(e));
		rd_kafka_error_destroy(e);
	}
	return e;
}

enum producer_status
producer_commit(struct producer *p, rd_kafka_t *consumer,
    const rd_kafka_topic_partition_list_t *offsets)
{
	enum producer_status status = begin(p);
	rd_kafka_error_t *e;

	if (status != PRODUCER_OK)
		return status;
	e = send_offsets(p, consumer, offsets);
	if (e != NULL)
		return not_committed(p, "offsets", e);
	e = commit(p);
	if (e != NULL)
		return not_committed(p, "commit", e);
	p->open = false;
	return PRODUCER_OK;
}

void
producer_close(struct producer *p)
{
	if (p->rk == NULL)
		return;
	for (size_t i = 0; i < p->topics_n; i++) {
		rd_kafka_topic_destroy(p->topics[i].handle);
		free(p->topics[i].name);
	}
	free(p->topics);
	rd_kafka_destroy(p->rk);
	p->rk = NULL;
}
