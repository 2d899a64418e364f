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
