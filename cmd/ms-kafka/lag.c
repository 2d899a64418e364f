#include <jansson.h>

#include "consumer.h"
#include "lag.h"

/* Take an offset that is known. */
static void
take(int64_t *to, json_t *part, const char *name)
{
	json_t *offset = json_object_get(part, name);

	if (json_is_integer(offset) && json_integer_value(offset) >= 0)
		*to = json_integer_value(offset);
}

void
lag_read(struct consumer *s, const char *json, size_t len)
{
	json_t *all = json_loadb(json, len, 0, NULL);
	json_t *topics = json_object_get(all, "topics");

	for (size_t i = 0; i < s->parts_n; i++) {
		struct consumer_part *part = &s->parts[i];
		char number[16];
		json_t *there;

		snprintf(number, sizeof(number), "%d", (int)part->partition);
		there = json_object_get(
		    json_object_get(
			json_object_get(topics, part->topic), "partitions"),
		    number);
		take(&part->low, there, "lo_offset");
		take(&part->stable, there, "ls_offset");
	}
	json_decref(all);
}

void
lag_commit(struct consumer *s, const rd_kafka_topic_partition_list_t *parts)
{
	for (int i = 0; i < parts->cnt; i++) {
		const rd_kafka_topic_partition_t *t = &parts->elems[i];
		struct consumer_part *part =
		    consumer_part(s, t->topic, t->partition);

		if (part != NULL)
			part->done = t->offset;
	}
}

int64_t
lag_of(const struct consumer_part *part)
{
	int64_t place = part->done < 0 ? part->low : part->done;
	int64_t end = part->stable < 0 ? part->stop : part->stable;

	/* Behind the last record only the ends of transactions stand. */
	if (part->read <= part->done && part->next > place)
		place = part->next;
	if (end < 0 || place < 0)
		return part->ended && part->read <= part->done ? 0 : -1;
	return end > place ? end - place : 0;
}
