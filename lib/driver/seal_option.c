#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "driver/complain.h"
#include "driver/seal_option.h"
#include "driver/usage.h"
#include "trust/key_file.h"

_Static_assert((int)SEAL_KID == (int)KEY_ID, "a seal names the key's id");

static int
starve(struct settings *set)
{
	set->starved = true;
	complain(set->command, "%s", strerror(ENOMEM));
	return -1;
}

/* The same key once more changes nothing. */
static int
add(struct settings *set, const char *path, const struct key *k)
{
	if (seal_keys_find(set->seal_keys, key_id(k)) != NULL ||
	    seal_keys_add(set->seal_keys, key_id(k), key_bytes(k)))
		return settings_reads(set, path, "the key of seals");
	complain(set->command, "%s: more than %d keys of seals", path,
	    (int)SEAL_KEYS);
	return -1;
}

int
seal_option_file(struct settings *set, const char *path)
{
	char error[KEY_ERROR];
	struct key *k;
	int status;

	if (set->seal_keys == NULL)
		set->seal_keys = seal_keys_new();
	if (set->seal_keys == NULL)
		return starve(set);
	k = key_read(path, KEY_SECRET, error);
	if (k == NULL) {
		complain(set->command, "%s: %s", path, error);
		return -1;
	}
	status = add(set, path, k);
	key_free(k);
	return status;
}

/* The next path of a list, as text of the settings' own; NULL: no memory. */
static const char *
next_path(struct settings *set, const char **list)
{
	size_t n = strcspn(*list, ":");
	const char *p = *list;
	char *path;

	*list += n + (p[n] == ':');
	if (setjmp(set->overflow) != 0)
		return NULL;
	path = arena_alloc(&set->arena, n + 1);
	memcpy(path, p, n);
	path[n] = '\0';
	return path;
}

int
seal_option_finish(struct settings *set, const struct command *c)
{
	const char *list = getenv("MS_SEAL_KEY"), *path;

	if (set->seal_keys != NULL) {
		if (set->lineage == LINEAGE_OFF && !c->reads_histories)
			return usage_wrong(c, "%s",
			    "--seal-key: --lineage off writes no record that "
			    "a seal could stand in");
		return 0;
	}
	if (list == NULL || (c->reads_histories && !c->checks_seals))
		return 0;
	while (*list != '\0') {
		path = next_path(set, &list);
		if (path == NULL)
			return starve(set);
		if (*path != '\0' && seal_option_file(set, path) == -1)
			return -1;
	}
	return 0;
}
