/*
 * admin - what tests ask of a broker, without the seconds that Kafka's own
 * programs take to start.
 *
 *     admin BROKERS topic NAME PARTITIONS [SETTING=VALUE...]
 *     admin BROKERS drop NAME
 *     admin BROKERS grow NAME PARTITIONS
 *     admin BROKERS trim NAME PARTITION OFFSET  remove the records before it
 *     admin BROKERS forget GROUP
 *     admin BROKERS stand GROUP TOPIC PARTITION OFFSET  commit that offset
 *     admin BROKERS committed GROUP TOPIC   "TOPIC PARTITION OFFSET" on each
 *                      line, as it is when no transaction holds one, or what
 *                      it is after a minute
 *     admin BROKERS reached GROUP       the same of all topics, as it is now
 *     admin BROKERS assigned GROUP      "TOPIC PARTITION MEMBER" on each line;
 *                      "- -1" for a member that has none
 *     admin BROKERS allow|deny USER OPERATION topic|group NAME
 *     admin BROKERS pending GROUP TOPIC PARTITION OFFSET MILLISECONDS
 *                      leave a transaction open that holds an offset, as who
 *                      is killed does; it times out by then
 *     admin BROKERS fence NAME
 *                      take over the transactional id, as a later instance
 *     admin BROKERS settled NAME...     wait, for a minute at most, until no
 *                      transaction is open in those topics: what was committed
 *                      is to be read only then
 *     admin BROKERS ready NAME          wait until a transactional id and a
 *                      group of that name can be had
 *
 * It ends with 75 where a coordinator isn't ready yet.  An operation is all,
 * read or write; USER and NAME may be *.
 */
#include <err.h>
#include <inttypes.h>
#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum {
	ANSWER = 120 * 1000, /* milliseconds, on a busy machine */
	AGAIN = 50,
	TRIES = 60 * 1000 / AGAIN,
	ERROR = 512
};

/* A coordinator that has just begun to be one is to be asked again. */
static int
status_of(rd_kafka_resp_err_t code)
{
	switch (code) {
	case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
	case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
	case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
		return EX_TEMPFAIL;
	default:
		return 1;
	}
}

static void
check(rd_kafka_resp_err_t code, const char *text)
{
	if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
		errx(status_of(code), "%s",
		    text == NULL ? rd_kafka_err2str(code) : text);
}

static void
done(const rd_kafka_error_t *e)
{
	if (e != NULL)
		check(rd_kafka_error_code(e), rd_kafka_error_string(e));
}

/* The answer to what was asked; it is the caller's. */
static rd_kafka_event_t *
answer(rd_kafka_queue_t *queue)
{
	rd_kafka_event_t *e = rd_kafka_queue_poll(queue, ANSWER);

	if (e == NULL)
		errx(1, "no answer");
	check(rd_kafka_event_error(e), rd_kafka_event_error_string(e));
	return e;
}

/* A broker knows a new topic some milliseconds later than its controller. */
static void
await_topic(rd_kafka_t *rk, const char *name)
{
	rd_kafka_topic_t *handle = rd_kafka_topic_new(rk, name, NULL);
	bool known = false;

	for (int i = 0; i < TRIES && !known; i++) {
		const struct rd_kafka_metadata *m;

		check(rd_kafka_metadata(rk, 0, handle, &m, ANSWER), NULL);
		known = m->topic_cnt == 1 &&
		    m->topics[0].err == RD_KAFKA_RESP_ERR_NO_ERROR &&
		    m->topics[0].partition_cnt > 0;
		rd_kafka_metadata_destroy(m);
		if (!known)
			(void)rd_kafka_poll(rk, AGAIN);
	}
	rd_kafka_topic_destroy(handle);
	if (!known)
		errx(1, "%s isn't there yet", name);
}

static void
topic(rd_kafka_t *rk, rd_kafka_queue_t *queue, char **argv)
{
	char why[ERROR];
	const rd_kafka_topic_result_t **results;
	rd_kafka_event_t *e;
	size_t n;
	rd_kafka_NewTopic_t *t =
	    rd_kafka_NewTopic_new(argv[0], atoi(argv[1]), 1, why, sizeof(why));

	if (t == NULL)
		errx(1, "%s", why);
	for (char **set = argv + 2; *set != NULL; set++) {
		char *value = strchr(*set, '=');

		if (value == NULL)
			errx(2, "%s: no =", *set);
		*value++ = '\0';
		check(rd_kafka_NewTopic_set_config(t, *set, value), NULL);
	}
	rd_kafka_CreateTopics(rk, &t, 1, NULL, queue);
	e = answer(queue);
	results = rd_kafka_CreateTopics_result_topics(
	    rd_kafka_event_CreateTopics_result(e), &n);
	check(rd_kafka_topic_result_error(results[0]),
	    rd_kafka_topic_result_error_string(results[0]));
	rd_kafka_event_destroy(e);
	rd_kafka_NewTopic_destroy(t);
	await_topic(rk, argv[0]);
}

static void
drop(rd_kafka_t *rk, rd_kafka_queue_t *queue, char **argv)
{
	const rd_kafka_topic_result_t **results;
	rd_kafka_event_t *e;
	size_t n;
	rd_kafka_DeleteTopic_t *t = rd_kafka_DeleteTopic_new(argv[0]);

	rd_kafka_DeleteTopics(rk, &t, 1, NULL, queue);
	e = answer(queue);
	results = rd_kafka_DeleteTopics_result_topics(
	    rd_kafka_event_DeleteTopics_result(e), &n);
	check(rd_kafka_topic_result_error(results[0]),
	    rd_kafka_topic_result_error_string(results[0]));
	rd_kafka_event_destroy(e);
	rd_kafka_DeleteTopic_destroy(t);
}

/* Wait for an answer that needs no look but at its error. */
static void
acknowledge(rd_kafka_queue_t *queue)
{
	rd_kafka_event_destroy(answer(queue));
}

static void
grow(rd_kafka_t *rk, rd_kafka_queue_t *queue, char **argv)
{
	char why[ERROR];
	rd_kafka_NewPartitions_t *all = rd_kafka_NewPartitions_new(
	    argv[0], (size_t)atoi(argv[1]), why, sizeof(why));

	if (all == NULL)
		errx(1, "%s", why);
	rd_kafka_CreatePartitions(rk, &all, 1, NULL, queue);
	acknowledge(queue);
	rd_kafka_NewPartitions_destroy(all);
}

static rd_kafka_topic_partition_list_t *
place(char **argv)
{
	rd_kafka_topic_partition_list_t *parts =
	    rd_kafka_topic_partition_list_new(1);

	rd_kafka_topic_partition_list_add(parts, argv[0], atoi(argv[1]))
	    ->offset = atoll(argv[2]);
	return parts;
}

static void
trim(rd_kafka_t *rk, rd_kafka_queue_t *queue, char **argv)
{
	rd_kafka_topic_partition_list_t *parts = place(argv);
	rd_kafka_DeleteRecords_t *d = rd_kafka_DeleteRecords_new(parts);

	rd_kafka_DeleteRecords(rk, &d, 1, NULL, queue);
	acknowledge(queue);
	rd_kafka_DeleteRecords_destroy(d);
	rd_kafka_topic_partition_list_destroy(parts);
}

static void
stand(rd_kafka_t *rk, rd_kafka_queue_t *queue, char **argv)
{
	rd_kafka_topic_partition_list_t *parts = place(argv + 1);
	rd_kafka_AlterConsumerGroupOffsets_t *a =
	    rd_kafka_AlterConsumerGroupOffsets_new(argv[0], parts);

	rd_kafka_AlterConsumerGroupOffsets(rk, &a, 1, NULL, queue);
	acknowledge(queue);
	rd_kafka_AlterConsumerGroupOffsets_destroy(a);
	rd_kafka_topic_partition_list_destroy(parts);
}

/*
 * Of a coordinator that isn't ready librdkafka 2.0.2 can't ask for offsets
 * without a crash, but it can for members.
 */
static void
check_coordinator(rd_kafka_t *rk, rd_kafka_queue_t *queue, const char *group)
{
	const rd_kafka_ConsumerGroupDescription_t **groups;
	const rd_kafka_error_t *why;
	rd_kafka_event_t *e;
	size_t n;

	rd_kafka_DescribeConsumerGroups(rk, &group, 1, NULL, queue);
	e = answer(queue);
	groups = rd_kafka_DescribeConsumerGroups_result_groups(
	    rd_kafka_event_DescribeConsumerGroups_result(e), &n);
	why = rd_kafka_ConsumerGroupDescription_error(groups[0]);
	if (status_of(rd_kafka_error_code(why)) == EX_TEMPFAIL)
		done(why);
	rd_kafka_event_destroy(e);
}

/* Print the offsets of an answer, unless they are still being written. */
static bool
print_offsets(rd_kafka_event_t *e)
{
	size_t n;
	const rd_kafka_group_result_t **results =
	    rd_kafka_ListConsumerGroupOffsets_result_groups(
		rd_kafka_event_ListConsumerGroupOffsets_result(e), &n);
	const rd_kafka_topic_partition_list_t *parts =
	    rd_kafka_group_result_partitions(results[0]);
	const rd_kafka_error_t *why = rd_kafka_group_result_error(results[0]);

	done(why);
	for (int i = 0; i < parts->cnt; i++)
		if (parts->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR)
			return false;
	for (int i = 0; i < parts->cnt; i++)
		if (parts->elems[i].offset >= 0)
			printf("%s %" PRId32 " %" PRId64 "\n",
			    parts->elems[i].topic, parts->elems[i].partition,
			    parts->elems[i].offset);
	return true;
}

/*
 * Print what a group has committed in these, unless that can't be known yet, or
 * in all that it has, as it is: of all librdkafka 2.0.2 doesn't ask whether a
 * transaction holds them.
 */
static bool
print_committed(rd_kafka_t *rk, rd_kafka_queue_t *queue, const char *group,
    const rd_kafka_topic_partition_list_t *parts)
{
	rd_kafka_ListConsumerGroupOffsets_t *l =
	    rd_kafka_ListConsumerGroupOffsets_new(group, parts);
	rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(
	    rk, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS);
	rd_kafka_event_t *e;
	bool good;

	check_coordinator(rk, queue, group);
	rd_kafka_error_destroy(rd_kafka_AdminOptions_set_require_stable_offsets(
	    options, parts != NULL));
	rd_kafka_ListConsumerGroupOffsets(rk, &l, 1, options, queue);
	e = answer(queue);
	good = print_offsets(e);
	rd_kafka_event_destroy(e);
	rd_kafka_AdminOptions_destroy(options);
	rd_kafka_ListConsumerGroupOffsets_destroy(l);
	return good;
}

/* All partitions of a topic. */
static rd_kafka_topic_partition_list_t *
partitions_of(rd_kafka_t *rk, const char *topic)
{
	rd_kafka_topic_t *handle = rd_kafka_topic_new(rk, topic, NULL);
	const struct rd_kafka_metadata *m;
	rd_kafka_topic_partition_list_t *parts;

	check(rd_kafka_metadata(rk, 0, handle, &m, ANSWER), NULL);
	parts = rd_kafka_topic_partition_list_new(m->topics[0].partition_cnt);
	rd_kafka_topic_partition_list_add_range(
	    parts, topic, 0, m->topics[0].partition_cnt - 1);
	rd_kafka_metadata_destroy(m);
	rd_kafka_topic_destroy(handle);
	return parts;
}

static void
committed(rd_kafka_t *rk, rd_kafka_queue_t *queue, char **argv)
{
	rd_kafka_topic_partition_list_t *parts = partitions_of(rk, argv[1]);

	for (int i = 0; i < TRIES; i++) {
		if (print_committed(rk, queue, argv[0], parts))
			return;
		(void)rd_kafka_poll(rk, AGAIN);
	}
	(void)print_committed(rk, queue, argv[0], NULL);
}

static void
print_member(const rd_kafka_MemberDescription_t *member)
{
	const rd_kafka_topic_partition_list_t *parts =
	    rd_kafka_MemberAssignment_partitions(
		rd_kafka_MemberDescription_assignment(member));

	if (parts == NULL || parts->cnt == 0)
		printf("- -1 %s\n",
		    rd_kafka_MemberDescription_consumer_id(member));
	for (int i = 0; parts != NULL && i < parts->cnt; i++)
		printf("%s %" PRId32 " %s\n", parts->elems[i].topic,
		    parts->elems[i].partition,
		    rd_kafka_MemberDescription_consumer_id(member));
}

static void
assigned(rd_kafka_t *rk, rd_kafka_queue_t *queue, const char *group)
{
	const rd_kafka_ConsumerGroupDescription_t **groups;
	rd_kafka_event_t *e;
	size_t n;

	rd_kafka_DescribeConsumerGroups(rk, &group, 1, NULL, queue);
	e = answer(queue);
	groups = rd_kafka_DescribeConsumerGroups_result_groups(
	    rd_kafka_event_DescribeConsumerGroups_result(e), &n);
	for (size_t i = 0;
	     i < rd_kafka_ConsumerGroupDescription_member_count(groups[0]); i++)
		print_member(
		    rd_kafka_ConsumerGroupDescription_member(groups[0], i));
	rd_kafka_event_destroy(e);
}

static void
forget(rd_kafka_t *rk, rd_kafka_queue_t *queue, char **argv)
{
	rd_kafka_DeleteGroup_t *g = rd_kafka_DeleteGroup_new(argv[0]);
	const rd_kafka_group_result_t **results;
	rd_kafka_event_t *e;
	size_t n;

	rd_kafka_DeleteGroups(rk, &g, 1, NULL, queue);
	e = answer(queue);
	results = rd_kafka_DeleteGroups_result_groups(
	    rd_kafka_event_DeleteGroups_result(e), &n);
	done(rd_kafka_group_result_error(results[0]));
	rd_kafka_event_destroy(e);
	rd_kafka_DeleteGroup_destroy(g);
}

static rd_kafka_ResourceType_t
resource(const char *name)
{
	if (strcmp(name, "topic") == 0)
		return RD_KAFKA_RESOURCE_TOPIC;
	return RD_KAFKA_RESOURCE_GROUP;
}

static rd_kafka_AclOperation_t
operation(const char *name)
{
	if (strcmp(name, "read") == 0)
		return RD_KAFKA_ACL_OPERATION_READ;
	if (strcmp(name, "write") == 0)
		return RD_KAFKA_ACL_OPERATION_WRITE;
	return RD_KAFKA_ACL_OPERATION_ALL;
}

static void
right(rd_kafka_t *rk, rd_kafka_queue_t *queue, char **argv, bool allow)
{
	char why[ERROR], user[ERROR];
	const rd_kafka_acl_result_t **results;
	rd_kafka_AclBinding_t *b;
	rd_kafka_event_t *e;
	size_t n;

	snprintf(user, sizeof(user), "User:%s", argv[0]);
	b = rd_kafka_AclBinding_new(resource(argv[2]), argv[3],
	    RD_KAFKA_RESOURCE_PATTERN_LITERAL, user, "*", operation(argv[1]),
	    allow ? RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW
		  : RD_KAFKA_ACL_PERMISSION_TYPE_DENY,
	    why, sizeof(why));
	if (b == NULL)
		errx(1, "%s", why);
	rd_kafka_CreateAcls(rk, &b, 1, NULL, queue);
	e = answer(queue);
	results = rd_kafka_CreateAcls_result_acls(
	    rd_kafka_event_CreateAcls_result(e), &n);
	if (rd_kafka_acl_result_error(results[0]) != NULL)
		errx(1, "%s",
		    rd_kafka_error_string(
			rd_kafka_acl_result_error(results[0])));
	rd_kafka_event_destroy(e);
	rd_kafka_AclBinding_destroy(b);
}

/* A producer that has this transactional id; whoever had it is fenced off. */
static rd_kafka_t *
take_over(const char *brokers, const char *name, const char *timeout)
{
	char why[ERROR];
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	rd_kafka_t *rk;

	rd_kafka_conf_set(conf, "bootstrap.servers", brokers, NULL, 0);
	rd_kafka_conf_set(conf, "transactional.id", name, NULL, 0);
	rd_kafka_conf_set(conf, "transaction.timeout.ms", timeout, NULL, 0);
	rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
	if (rk == NULL)
		errx(1, "%s", why);
	done(rd_kafka_init_transactions(rk, ANSWER));
	return rk;
}

static void
pending(const char *brokers, char **argv)
{
	rd_kafka_topic_partition_list_t *parts =
	    rd_kafka_topic_partition_list_new(1);
	rd_kafka_t *rk = take_over(brokers, argv[2], argv[4]);

	done(rd_kafka_begin_transaction(rk));
	rd_kafka_topic_partition_list_add(parts, argv[1], atoi(argv[2]))
	    ->offset = atoll(argv[3]);
	done(rd_kafka_send_offsets_to_transaction(
	    rk, parts, rd_kafka_consumer_group_metadata_new(argv[0]), ANSWER));
	_exit(0);
}

/* Where readers of that level come to the end of a partition; -1: unknown. */
static int64_t
end_of(rd_kafka_t *rk, const char *topic, int32_t partition)
{
	int64_t low, high;
	rd_kafka_resp_err_t err = rd_kafka_query_watermark_offsets(
	    rk, topic, partition, &low, &high, ANSWER);

	return err == RD_KAFKA_RESP_ERR_NO_ERROR ? high : -1;
}

static rd_kafka_t *
reader(const char *brokers, const char *level)
{
	char why[ERROR];
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	rd_kafka_t *rk;

	rd_kafka_conf_set(conf, "bootstrap.servers", brokers, NULL, 0);
	rd_kafka_conf_set(conf, "isolation.level", level, NULL, 0);
	rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof(why));
	if (rk == NULL)
		errx(1, "%s", why);
	return rk;
}

static bool
is_settled(rd_kafka_t *all, rd_kafka_t *committed, const char *name)
{
	rd_kafka_topic_t *handle = rd_kafka_topic_new(all, name, NULL);
	const struct rd_kafka_metadata *m;
	bool settled = true;

	check(rd_kafka_metadata(all, 0, handle, &m, ANSWER), NULL);
	for (int i = 0; i < m->topics[0].partition_cnt && settled; i++) {
		int64_t end = end_of(all, name, i);

		settled = end != -1 && end == end_of(committed, name, i);
	}
	rd_kafka_metadata_destroy(m);
	rd_kafka_topic_destroy(handle);
	return settled;
}

static void
settled(const char *brokers, char **names)
{
	rd_kafka_t *all = reader(brokers, "read_uncommitted");
	rd_kafka_t *committed = reader(brokers, "read_committed");

	for (int i = 0; i < TRIES && *names != NULL; i++) {
		while (*names != NULL && is_settled(all, committed, *names))
			names++;
		if (*names != NULL)
			(void)rd_kafka_poll(all, AGAIN);
	}
	rd_kafka_destroy(committed);
	rd_kafka_destroy(all);
}

/* Who asks first makes the topics of both kinds of coordinators. */
static void
ready(rd_kafka_t *rk, rd_kafka_queue_t *queue, const char *brokers,
    const char *name)
{
	rd_kafka_destroy(take_over(brokers, name, "10000"));
	(void)print_committed(rk, queue, name, NULL);
}

int
main(int argc, char **argv)
{
	char why[ERROR];
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	rd_kafka_t *rk;
	rd_kafka_queue_t *queue;
	const char *what = argc < 4 ? "" : argv[2];

	rd_kafka_conf_set(
	    conf, "bootstrap.servers", argc < 2 ? "" : argv[1], NULL, 0);
	rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
	if (rk == NULL)
		errx(1, "%s", why);
	queue = rd_kafka_queue_new(rk);
	if (strcmp(what, "topic") == 0 && argc > 4)
		topic(rk, queue, argv + 3);
	else if (strcmp(what, "drop") == 0)
		drop(rk, queue, argv + 3);
	else if (strcmp(what, "grow") == 0 && argc == 5)
		grow(rk, queue, argv + 3);
	else if (strcmp(what, "trim") == 0 && argc == 6)
		trim(rk, queue, argv + 3);
	else if (strcmp(what, "stand") == 0 && argc == 7)
		stand(rk, queue, argv + 3);
	else if (strcmp(what, "forget") == 0)
		forget(rk, queue, argv + 3);
	else if (strcmp(what, "committed") == 0 && argc == 5)
		committed(rk, queue, argv + 3);
	else if (strcmp(what, "reached") == 0)
		(void)print_committed(rk, queue, argv[3], NULL);
	else if (strcmp(what, "assigned") == 0)
		assigned(rk, queue, argv[3]);
	else if (strcmp(what, "pending") == 0 && argc == 8)
		pending(argv[1], argv + 3);
	else if (strcmp(what, "fence") == 0)
		rd_kafka_destroy(take_over(argv[1], argv[3], "10000"));
	else if (strcmp(what, "ready") == 0)
		ready(rk, queue, argv[1], argv[3]);
	else if (strcmp(what, "settled") == 0)
		settled(argv[1], argv + 3);
	else if ((strcmp(what, "allow") == 0 || strcmp(what, "deny") == 0) &&
	    argc == 7)
		right(rk, queue, argv + 3, *what == 'a');
	else
		errx(2, "see the head of its source");
	rd_kafka_queue_destroy(queue);
	rd_kafka_destroy(rk);
	return 0;
}
