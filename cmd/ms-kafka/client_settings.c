#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client_settings.h"
#include "driver/complain.h"

/* What exactly once rests on. */
static const char *const OURS[] = {"auto.offset.reset", "enable.auto.commit",
    "enable.auto.offset.store", "enable.idempotence", "enable.partition.eof",
    "group.id", "group.instance.id", "isolation.level", "transactional.id"};

static bool
is_ours(const char *name)
{
	const char *bare = name;

	if (strncmp(name, "consumer.", 9) == 0 ||
	    strncmp(name, "producer.", 9) == 0)
		bare += 9;
	for (size_t i = 0; i < sizeof(OURS) / sizeof(OURS[0]); i++)
		if (strcmp(OURS[i], bare) == 0)
			return true;
	return false;
}

static size_t
trimmed(const char **text, size_t n)
{
	while (n > 0 && strchr(" \t\r\n", (*text)[n - 1]) != NULL)
		n--;
	while (n > 0 && strchr(" \t", **text) != NULL) {
		++*text;
		n--;
	}
	return n;
}

static int
add(struct plan *p, const char *text, size_t len, const char *where)
{
	const char *equals = memchr(text, '=', len), *value;
	struct client_setting *all, *s;
	size_t n;

	if (equals == NULL || equals == text) {
		complain(plan_name, "%s: '%.*s' is not NAME=VALUE", where,
		    (int)len, text);
		return -1;
	}
	all = reallocarray(p->client, p->client_n + 1, sizeof(*all));
	if (all == NULL)
		goto starved;
	p->client = all;
	s = &all[p->client_n++];
	n = trimmed(&text, (size_t)(equals - text));
	s->name = strndup(text, n);
	value = equals + 1;
	n = trimmed(&value, len - (size_t)(value - text));
	s->value = strndup(value, n);
	s->where = strdup(where);
	if (s->name == NULL || s->value == NULL || s->where == NULL)
		goto starved;
	if (!is_ours(s->name))
		return 0;
	complain(plan_name, "%s: %s is set by ms-kafka alone", where, s->name);
	return -1;
starved:
	complain(plan_name, "%s", strerror(ENOMEM));
	return -1;
}

int
client_settings_take(struct plan *p, const char *text)
{
	return add(p, text, strlen(text), "-X");
}

static int
read_lines(struct plan *p, FILE *file, const char *path)
{
	char *line = NULL, where[512];
	size_t cap = 0;
	ssize_t len;
	int status = 0;

	for (uint64_t i = 1;
	     status == 0 && (len = getline(&line, &cap, file)) != -1; i++) {
		const char *text = line;
		size_t n = trimmed(&text, (size_t)len);

		snprintf(where, sizeof(where), "%s:%" PRIu64, path, i);
		if (n > 0 && *text != '#')
			status = add(p, text, n, where);
	}
	free(line);
	return status;
}

int
client_settings_read(struct plan *p, const char *path)
{
	FILE *file = fopen(path, "re");
	int status;

	if (file == NULL) {
		complain(plan_name, "%s: %s", path, strerror(errno));
		return -1;
	}
	status = read_lines(p, file, path);
	if (ferror(file)) {
		complain(plan_name, "%s: %s", path, strerror(errno));
		status = -1;
	}
	(void)fclose(file);
	return status;
}
