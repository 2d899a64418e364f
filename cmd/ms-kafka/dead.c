#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "dead.h"

void
dead_name(const struct held *h, char *out, size_t size)
{
	snprintf(out, size, "%s[%" PRId32 "]@%" PRId64, h->topic, h->partition,
	    h->offset);
}

static void
add(rd_kafka_headers_t *headers, const char *name, const char *value)
{
	if (value != NULL)
		(void)rd_kafka_header_add(headers, name, -1, value, -1);
}

enum producer_status
dead_put(struct producer *p, const char *topic, const struct held *h,
    const struct dead_cause *why)
{
	rd_kafka_headers_t *headers = rd_kafka_headers_new(h->headers_n + 4);
	char place[300];

	for (size_t i = 0; i < h->headers_n; i++)
		(void)rd_kafka_header_add(headers, h->headers[i].name, -1,
		    h->headers[i].value, (ssize_t)h->headers[i].len);
	dead_name(h, place, sizeof(place));
	add(headers, "ms.error", why->error);
	add(headers, "ms.stage", why->stage);
	add(headers, "ms.rule", why->rule);
	add(headers, "ms.from", place);
	return producer_put(p,
	    &(struct producer_record){.topic = topic,
		.partition = RD_KAFKA_PARTITION_UA,
		.key = h->key,
		.key_len = h->key_len,
		.value = h->value,
		.len = h->len,
		.timestamp =
		    limits_time(&p->client->limits, topic, h->timestamp)
		    ? h->timestamp
		    : -1,
		.headers = headers});
}
