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
check_place(const struct enrich *e)
{
	const struct join *j = &e->enricher.join;

	if (j->as != NULL && j->merge)
		return usage_wrong(
		    &enrich_command, "--as and --merge exclude each other");
	if (j->merge && j->options.all)
		return usage_wrong(&enrich_command,
		    "--merge and --all exclude each other: several rows can't "
		    "be one object's members");
	if (j->options.all && enrich_was_given(e, REPEATED))
		return usage_wrong(&enrich_command,
		    "--all and --repeated exclude each other: all rows of a "
		    "key are taken, or one of them");
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

/* NAME=PROGRAM, where a table's key is PROGRAM=COLUMN. */
static int
check_bind(struct join *j, const char *text, size_t i)
{
	size_t n = strcspn(text, "=");
	struct keyspec *k = &j->key[i];

	if (!keyspec_is_name(text, n) || text[n] == '\0' || text[n + 1] == '\0')
		return usage_wrong(&enrich_command,
		    "--bind '%s' is not NAME=PROGRAM, as in --bind id=.user.id",
		    text);
	*k = (struct keyspec){.path = text + n + 1,
	    .path_len = strlen(text + n + 1),
	    .column = text,
	    .column_len = n};
	for (size_t other = 0; other < i; other++)
		if (j->key[other].column_len == n &&
		    memcmp(j->key[other].column, text, n) == 0)
			return usage_wrong(&enrich_command,
			    "--bind %.*s is given twice", (int)n, text);
	return 0;
}

static int
wants_dot(const char *text)
{
	if (!keyspec_is_name(text, strcspn(text, "=")))
		return 0;
	return usage_wrong(&enrich_command,
	    "-k '%s': a path starts with a dot: -k .%s", text, text);
}

/* A key that is asked for as it is: there are no columns. */
static int
check_plain_key(struct join *j, const char *text, size_t i)
{
	if (i > 0)
		return usage_wrong(&enrich_command, "-k is given twice");
	j->key[i] = (struct keyspec){
	    .path = text, .path_len = strlen(text), .column = ""};
	return wants_dot(text);
}

static int
check_key(struct join *j, const char *text, size_t i)
{
	bool range = j->options.match == SOURCE_RANGE && i + 1 == j->keys_n;
	struct keyspec *k = &j->key[i];

	if (wants_dot(text) != 0)
		return -1;
	if (*text == '=')
		return usage_wrong(&enrich_command,
		    "-k '%s' says no key: -k PATH%s, or -f FILE with a program",
		    text, text);
	if (!keyspec_read(k, text, range))
		return usage_wrong(&enrich_command,
		    range ? "-k '%s' names no two columns: say which, as in "
			    "-k '%s=FROM..TO'"
			  : "-k '%s' names no column: say which, as in -k "
			    "'%s=COLUMN'",
		    text, text);
	return 0;
}

/* What is sent: its name matters where several make an object. */
static int
check_request(struct enrich *e, const char *text, size_t i)
{
	struct join *j = &e->enricher.join;
	struct keyspec *k = &j->key[i];
	static const char name[] = "key";

	if (enrich_was_given(e, 'k') &&
	    (j->keys_n > 1 || keyspec_is_name(text, strcspn(text, "=")) ||
		keyspec_read(k, text, false)))
		return check_key(j, text, i);
	*k = (struct keyspec){.path = text,
	    .path_len = strlen(text),
	    .column = name,
	    .column_len = sizeof(name) - 1};
	return 0;
}

/* Which sources an option goes with. */
static const struct {
	int id;
	const char *name;
	unsigned kinds;
} limits[] = {
    {'k', "-k", ENRICHER_TABLE | ENRICHER_MMDB | ENRICHER_COPROC},
    {BIND, "--bind", ENRICHER_SQL},
    {FOLLOW, "--follow", ENRICHER_TABLE},
    {MATCH, "--match", ENRICHER_TABLE},
    {AS_OF, "--as-of", ENRICHER_TABLE},
    {VALID, "--valid", ENRICHER_TABLE},
    {STRINGS, "--strings", ENRICHER_TABLE},
    {TYPES, "--types", ENRICHER_TABLE},
    {SEPARATOR, "--separator", ENRICHER_TABLE},
    {COLUMNS, "--columns", ENRICHER_TABLE | ENRICHER_MMDB | ENRICHER_COPROC},
    {ALL, "--all", ENRICHER_TABLE | ENRICHER_SQL},
    {REPEATED, "--repeated", ENRICHER_TABLE | ENRICHER_SQL},
    {CACHE, "--cache", ENRICHER_SQL | ENRICHER_COPROC},
    {CACHE_TTL, "--cache-ttl", ENRICHER_SQL | ENRICHER_COPROC},
    {TIMEOUT, "--timeout", ENRICHER_SQL | ENRICHER_COPROC},
    {SEND, "--send", ENRICHER_COPROC},
    {SEND_TEXT, "--send-text", ENRICHER_COPROC},
    {IN_FLIGHT, "--in-flight", ENRICHER_COPROC},
};

/* The options that name a source. */
static const struct {
	int id;
	const char *name;
	unsigned kind;
} sources[] = {
    {'t', "-t", ENRICHER_TABLE},
    {SQL, "--sql", ENRICHER_SQL},
    {MMDB, "--mmdb", ENRICHER_MMDB},
    {COPROC, "--coproc", ENRICHER_COPROC},
};

enum {
	LIMITS = sizeof(limits) / sizeof(*limits),
	SOURCES = sizeof(sources) / sizeof(*sources),
};

/* The name of the option that names the source. */
static const char *
source_option(const struct enrich *e)
{
	size_t i = 0;

	while (sources[i].kind != e->enricher.kind)
		i++;
	return sources[i].name;
}

/* Is just one source named, and do all options go with it? */
static int
check_source(struct enrich *e)
{
	unsigned *kind = &e->enricher.kind;

	for (size_t i = 0; i < SOURCES; i++) {
		if (!enrich_was_given(e, sources[i].id))
			continue;
		if (*kind != 0)
			return usage_wrong(&enrich_command,
			    "%s and %s exclude each other: a stage has one "
			    "source",
			    source_option(e), sources[i].name);
		*kind = sources[i].kind;
	}
	if (*kind == 0)
		return usage_wrong(&enrich_command,
		    "-t FILE is missing, or another source: --sql, --mmdb, "
		    "--coproc");
	for (size_t i = 0; i < LIMITS; i++)
		if (enrich_was_given(e, limits[i].id) &&
		    (limits[i].kinds & *kind) == 0)
			return usage_wrong(&enrich_command,
			    "%s doesn't go with %s", limits[i].name,
			    source_option(e));
	if (strcmp(e->enricher.join.options.name, "-") == 0)
		return usage_wrong(&enrich_command,
		    "%s: it can't be standard input", source_option(e));
	return 0;
}

/* What SQLite is asked; of several rows one would be chance. */
static int
check_sql(struct enrich *e, const struct settings *set)
{
	struct source_options *o = &e->enricher.join.options;
	const char *select = set->program_text == NULL ? "" : set->program_text;

	if (select[strspn(select, " \t\r\n;")] == '\0')
		return usage_wrong(&enrich_command,
		    "--sql %s: the SELECT is missing: it is the first argument "
		    "that is no option, or in -f FILE",
		    o->name);
	if (set->reload)
		return usage_wrong(&enrich_command,
		    "--reload doesn't go with --sql: a SELECT isn't followed");
	o->sql = select;
	if (!enrich_was_given(e, REPEATED))
		o->repeated = SOURCE_REFUSE;
	return 0;
}

/* The key is sent, or what a program gives; and a command has no name. */
static int
check_coproc(struct enrich *e)
{
	struct join *j = &e->enricher.join;
	bool send = enrich_was_given(e, SEND);

	j->options.plain = enrich_was_given(e, SEND_TEXT);
	j->options.command = true;
	j->options.objects = j->merge || j->options.columns != NULL;
	if (!enrich_was_given(e, TIMEOUT))
		j->options.timeout = 0;
	if (j->keys_n > 1 && (send || j->options.plain))
		return usage_wrong(&enrich_command,
		    "-k, --send and --send-text exclude each other: either the "
		    "key is sent, or what one program gives");
	if (j->as == NULL && !j->merge)
		return usage_wrong(&enrich_command,
		    "--coproc: --as PATH or --merge is missing, which says "
		    "where the answers go");
	if (j->merge && e->enricher.refresh.wanted &&
	    j->options.columns == NULL)
		return usage_wrong(&enrich_command,
		    "--refresh of what --coproc and --merge set needs "
		    "--columns: they say what was set");
	return 0;
}

static int
check_cache(const struct enrich *e)
{
	if (enrich_was_given(e, CACHE_TTL) && !enrich_was_given(e, CACHE))
		return usage_wrong(&enrich_command,
		    "--cache-ttl goes with --cache N, which says how many "
		    "answers are kept");
	return 0;
}

/*
 * By default the row becomes a member that is named after the file: not
 * where the key itself stands there.
 */
static int
check_own(const struct enrich *e, const char *text)
{
	const struct join *j = &e->enricher.join;
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
	    "%s %s: its rows would overwrite .%.*s, where the key is; --as "
	    "PATH says where else they go",
	    source_option(e), file, (int)n, name);
}

/* The option that the keys come from. */
static const char *
key_option(const struct enrich *e)
{
	if (e->enricher.kind == ENRICHER_SQL)
		return "--bind";
	if (enrich_was_given(e, SEND_TEXT))
		return "--send-text";
	return enrich_was_given(e, SEND) ? "--send" : "-k";
}

static int
check_one(struct enrich *e, const char *text, size_t i)
{
	if (e->enricher.kind == ENRICHER_SQL)
		return check_bind(&e->enricher.join, text, i);
	if (e->enricher.kind == ENRICHER_COPROC)
		return check_request(e, text, i);
	if (e->enricher.kind == ENRICHER_MMDB)
		return check_plain_key(&e->enricher.join, text, i);
	return check_key(&e->enricher.join, text, i);
}

/*
 * The key whose program is in -f FILE: -k =COLUMN, or where there are no
 * columns, the only one.
 */
static int
check_file_key(struct enrich *e, const struct settings *set)
{
	struct enricher *n = &e->enricher;
	struct join *j = &n->join;
	bool table = n->kind == ENRICHER_TABLE;

	if (!table && j->keys_n > 0)
		return usage_wrong(&enrich_command,
		    "-k and -f exclude each other: both give "
		    "the key");
	if (!table)
		e->keys[j->keys_n++] = "";
	while (n->file_key < j->keys_n &&
	    *e->keys[n->file_key] != (table ? '=' : '\0'))
		n->file_key++;
	if (n->file_key == j->keys_n)
		return usage_wrong(&enrich_command,
		    "-f %s gives a key: -k =COLUMN says which column it is "
		    "looked up in",
		    set->program_file);
	n->from_file = true;
	return 0;
}

/* Fill in that key; its program stands in the rule. */
static void
set_file_key(struct enrich *e, const struct settings *set)
{
	size_t i = e->enricher.file_key, n = set->program_len;
	const char *text = set->program_text;
	struct keyspec *k = &e->enricher.join.key[i];

	while (n > 0 && strchr(" \t\r\n", text[n - 1]) != NULL)
		n--;
	*k = (struct keyspec){.path = text, .path_len = n, .column = ""};
	if (*e->keys[i] == '=') {
		k->column = e->keys[i] + 1;
		k->column_len = strlen(k->column);
	}
}

static int
check_keys(struct enrich *e, const struct settings *set)
{
	struct join *j = &e->enricher.join;
	bool sql = e->enricher.kind == ENRICHER_SQL;

	e->enricher.key_option = key_option(e);
	if (!sql && set->program_file != NULL && check_file_key(e, set) != 0)
		return -1;
	if (j->keys_n == 0 && !sql)
		return usage_wrong(&enrich_command, "-k PATH is missing%s",
		    e->enricher.kind == ENRICHER_COPROC ? ", or --send PROGRAM"
							: "");
	for (size_t i = 0; i < j->keys_n; i++) {
		if (e->enricher.from_file && i == e->enricher.file_key)
			set_file_key(e, set);
		else if (check_one(e, e->keys[i], i) != 0 ||
		    check_own(e, j->key[i].path) != 0)
			return -1;
	}
	return 0;
}

static int
check_mmdb(struct join *j)
{
	j->options.mmdb = true;
	if (j->merge && j->options.columns == NULL)
		return usage_wrong(&enrich_command,
		    "--merge needs --columns LIST with --mmdb, whose records "
		    "needn't be alike");
	return 0;
}

int
enrich_check(struct enrich *e, const struct settings *set)
{
	struct join *j = &e->enricher.join;

	if (check_source(e) != 0)
		return -1;
	if (set->reload && set->program_file == NULL)
		return usage_wrong(&enrich_command,
		    "--reload goes with -f FILE, whose changes it follows");
	if (e->enricher.refresh.check && !e->enricher.refresh.wanted)
		return usage_wrong(
		    &enrich_command, "--check goes with --refresh");
	if (e->enricher.kind == ENRICHER_SQL && check_sql(e, set) != 0)
		return -1;
	if (e->enricher.kind == ENRICHER_MMDB && check_mmdb(j) != 0)
		return -1;
	if (e->enricher.kind == ENRICHER_COPROC && check_coproc(e) != 0)
		return -1;
	if (check_cache(e) != 0 || check_place(e) != 0 || check_miss(e) != 0 ||
	    check_match(j) != 0)
		return -1;
	return check_keys(e, set);
}
