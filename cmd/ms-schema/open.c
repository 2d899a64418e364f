#include "open.h"

#include <stdlib.h>
#include <string.h>

#include "driver/complain.h"

/* A URI may hold = itself, so the last one counts. */
int
schema_map_add(const struct command *c, struct schema_map **maps, size_t *n,
    const char *value)
{
	const char *equals = strrchr(value, '=');
	struct schema_map *more;
	char *uri;

	if (equals == NULL || equals == value || equals[1] == '\0')
		return usage_wrong(c, "--map: '%s' is no URI=DIR", value);
	more = reallocarray(*maps, *n + 1, sizeof(*more));
	uri = strndup(value, (size_t)(equals - value));
	if (more != NULL)
		*maps = more;
	if (more == NULL || uri == NULL) {
		free(uri);
		complain(c->name, "memory is missing");
		return -1;
	}
	more[(*n)++] = (struct schema_map){uri, equals + 1};
	return 0;
}

void
schema_maps_free(struct schema_map *maps, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free((char *)maps[i].uri);
	free(maps);
}

int
schema_open(const struct command *c, const char *path,
    const struct schema_options *o, struct schema **s)
{
	struct schema_error error;

	*s = schema_new();
	if (*s == NULL) {
		complain(c->name, "memory is missing");
		return STATUS_IO;
	}
	if (schema_load(*s, path, o, &error) == 0)
		return STATUS_OK;
	if (error.text == NULL)
		complain(c->name, "%s: %s", error.path, error.message);
	else
		complain_program(c->name, error.path, error.text, error.len,
		    error.offset, error.message);
	return STATUS_USAGE;
}
