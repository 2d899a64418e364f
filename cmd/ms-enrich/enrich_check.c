#include "enrich_check.h"

#include <string.h>

/* Is the file an open descriptor, as the shell's <(...) is? */
static bool
is_descriptor(const char *file)
{
	return strncmp(file, "/dev/fd/", 8) == 0 ||
	    strncmp(file, "/proc/self/fd/", 14) == 0;
}

static int
check_place(const struct join *j)
{
	if (j->as != NULL && j->merge)
		return usage_wrong(
		    &enrich_command, "--as and --merge exclude each other");
	if (j->merge && j->options.all)
		return usage_wrong(&enrich_command,
		    "--merge and --all exclude each other: several rows can't "
		    "be one object's members");
	if (j->as == NULL && !j->merge && is_descriptor(j->options.name))
		return usage_wrong(&enrich_command,
		    "-t %s has no name that a member could have: --as PATH "
		    "says where its rows go",
		    j->options.name);
	return 0;
}

/* What a miss gets; VALUE where that is another value than a row. */
static int
check_miss(struct enrich *e)
{
	struct join *j = &e->enricher.join;

	if (j->instead == NULL)
		return 0;
	if (enrich_was_given(e, MISS))
		return usage_wrong(
		    &enrich_command, "--miss and --default exclude each other");
	j->miss = JOIN_MISS_VALUE;
	return 0;
}

static int
check_match(const struct join *j)
{
	const struct source_options *o = &j->options;
	const char *comma = o->valid == NULL ? NULL : strchr(o->valid, ',');

	if ((j->as_of == NULL) != (o->valid == NULL))
		return usage_wrong(&enrich_command, "%s",
		    j->as_of == NULL
			? "--valid needs --as-of TIME, the event's time"
			: "--as-of needs --valid FROM[,TO], the columns of a "
			  "row's period");
	if (o->valid != NULL && o->match != SOURCE_EXACT)
		return usage_wrong(&enrich_command,
		    "--as-of goes with keys that match exactly");
	if (o->valid != NULL &&
	    (*o->valid == ',' || *o->valid == '\0' ||
		(comma != NULL &&
		    (comma[1] == '\0' || strchr(comma + 1, ',') != NULL))))
		return usage_wrong(&enrich_command,
		    "--valid: '%s' is not FROM or FROM,TO", o->valid);
	return 0;
}

static int
check_key(struct join *j, const char *text, size_t i)
{
	bool range = j->options.match == SOURCE_RANGE && i + 1 == j->keys_n;
	struct keyspec *k = &j->key[i];

	if (j->options.in_flight && strcmp(j->options.name, "-") != 0 && !k->path) {
		*k=(struct keyspec){.path=text,.path_len=strlen(text),.column="x",.column_len=1};
		if (!keyspec_read(k, text, range))
		*k=(struct keyspec){.path=text,.path_len=strlen(text),.column="x",.column_len=1};
		return 0; }
	if (keyspec_is_name(text, strcspn(text, "=")))
		return usage_wrong(&enrich_command,
		    "-k '%s': a path starts with a dot: -k .%s", text, text);
	if (!keyspec_read(k, text, range))
		return usage_wrong(&enrich_command,
		    range ? "-k '%s' names no two columns: say which, as in "
			    "-k '%s=FROM..TO'"
			  : "-k '%s' names no column: say which, as in -k "
			    "'%s=COLUMN'",
		    text, text);
	return 0;
}

/*
 * By default the row becomes a member that is named after the file: not
 * where the key itself stands there.
 */
static int
check_own(const struct join *j, const char *text)
{
	const char *file = j->options.name, *slash = strrchr(file, '/');
	const char *name = slash == NULL ? file : slash + 1;
	const char *dot = strrchr(name, '.');
	size_t n =
	    dot == NULL || dot == name ? strlen(name) : (size_t)(dot - name);

	if (j->as != NULL || j->merge || *text != '.' ||
	    strncmp(text + 1, name, n) != 0 ||
	    keyspec_is_name("x", 1) == keyspec_is_name(text + n + 1, 1))
		return 0;
	return usage_wrong(&enrich_command,
	    "-t %s: its rows would overwrite .%.*s, where the key is; --as "
	    "PATH says where else they go",
	    file, (int)n, name);
}

int
enrich_check(struct enrich *e)
{
	struct join *j = &e->enricher.join;

	if (j->options.name == NULL || j->keys_n == 0)
		return usage_wrong(&enrich_command, "%s is missing",
		    j->options.name == NULL ? "-t FILE" : "-k PATH");
	if (strcmp(j->options.name, "-") == 0)
		return usage_wrong(
		    &enrich_command, "-t: the table can't be standard input");
	if (e->enricher.refresh.check && !e->enricher.refresh.wanted)
		return usage_wrong(
		    &enrich_command, "--check goes with --refresh");
	if (check_place(j) != 0 || check_miss(e) != 0 || check_match(j) != 0)
		return -1;
	for (size_t i = 0; i < j->keys_n; i++)
		if (check_key(j, e->keys[i], i) != 0 ||
		    check_own(j, e->keys[i]) != 0)
			return -1;
	return 0;
}
