#include <jansson.h>

#include "consumer.h"
#include "lag.h"

void
lag_read(struct consumer *s, const char *json, size_t len)
{
	json_t *all = json_loadb(json, len, 0, NULL);
	json_t *topics = json_object_get(all, "topics");

	for (size_t i = 0; i < s->parts_n; i++) {
		struct consumer_part *part = &s->parts[i];
		char number[16];
		json_t *end;

		snprintf(number, sizeof(number), "%d", (int)part->partition);
		end = json_object_get(
		    json_object_get(
			json_object_get(
			    json_object_get(topics, part->topic), "partitions"),
			number),
		    "ls_offset");
		if (json_is_integer(end) && json_integer_value(end) >= 0)
			part->stable = json_integer_value(end);
	}
	json_decref(all);
}
