#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "driver/complain.h"
#include "driver/driver.h"
#include "driver/options.h"
#include "driver/variables.h"

static const char version[] = "0.1.0";

enum {
	LEFT = 34, /* columns of --help before its texts */
	LINE_LIMIT = 1 << 30,
	DEPTH_LIMIT = 100000,
	THREADS_LIMIT = 256,
};

enum {
	ARG = 1000, /* these four as in enum variable_kind */
	ARGJSON,
	SLURPFILE,
	RAWFILE,
	ARGS,
	JSONARGS,
	LINEAGE,
	LINEAGE_CAP_SIZE,
	REJECTS,
	ON_ERROR,
	MAX_LINE,
	MAX_DEPTH,
	MAX_MEMORY,
	STATS,
	PROGRESS,
};

/* What only commands that take a program have. */
static const struct option_spec program_options[] = {
    {'f', "from-file", "FILE", "read the program from FILE"},
    {ARG, "arg", "N V", NULL},
    {ARGJSON, "argjson", "N J", "set $N to string V, to JSON J"},
    {SLURPFILE, "slurpfile", "N F", NULL},
    {RAWFILE, "rawfile", "N F", "to F's JSON texts, to F's text"},
    {ARGS, "args", NULL, NULL},
    {JSONARGS, "jsonargs", NULL, "the rest is for $ARGS, not files"},
    {0, NULL, NULL, NULL},
};

static const struct option_spec family_options[] = {
    {'n', "name", "NAME", "name this stage in the history"},
    {LINEAGE, "lineage", "full|slim|off", "what the history says (full)"},
    {LINEAGE_CAP_SIZE, "lineage-cap", "SIZE", "limit of an undo patch (none)"},
    {REJECTS, "rejects", "FILE", "write lines that fail to FILE"},
    {ON_ERROR, "on-error", "reject|pass|stop", "what to do with them (reject)"},
    {MAX_LINE, "max-line", "SIZE", NULL},
    {MAX_DEPTH, "max-depth", "N", "limits (64M, 1000)"},
    {MAX_MEMORY, "max-memory", "SIZE", "limit of one event's work (1G)"},
    {'j', "threads", "N", "work in N threads (1)"},
    {STATS, "stats", NULL, NULL},
    {PROGRESS, "progress", NULL, "tell counts and speed"},
    {'h', "help", NULL, NULL},
    {'V', "version", NULL, "show this help, the version"},
    {0, NULL, NULL, NULL},
};

enum { TABLES = 4 };

/* The tables that a command has, its own first. */
static void
tables_of(const struct command *c, const struct option_spec *t[TABLES])
{
	static const struct option_spec none = {0, NULL, NULL, NULL};

	t[0] = c->options == NULL ? &none : c->options;
	t[1] = c->shared == NULL ? &none : c->shared;
	t[2] = c->takes_program ? program_options : &none;
	t[3] = family_options;
}

static void
put_usage(struct buf *b, const struct command *c)
{
	buf_printf(b, "usage: %s %s\n", c->name, c->synopsis);
}

/* "ms-trace log": what the synopsis has before its first bracket or space. */
static void
put_name(struct buf *b, const struct command *c)
{
	size_t n = strcspn(c->synopsis, " [|");

	buf_puts(b, c->name);
	if (n > 0 && c->synopsis[n] == ' ')
		buf_printf(b, " %.*s", (int)n, c->synopsis);
}

int
options_wrong(const struct command *c, const char *format, ...)
{
	char message[512];
	struct buf b = {0};
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	if (message[0] != '\0')
		complain(c->name, "%s", message);
	put_usage(&b, c);
	buf_puts(&b, "Try '");
	put_name(&b, c);
	buf_puts(&b, " --help'.\n");
	complain_raw(b.p, b.len);
	buf_release(&b);
	return -1;
}

static void
put_option(struct buf *b, const struct option_spec *o)
{
	if (o->id < 256)
		buf_printf(b, "-%c", o->id);
	if (o->id < 256 && o->name != NULL)
		buf_puts(b, ", ");
	if (o->name != NULL)
		buf_printf(b, "--%s", o->name);
	if (o->value != NULL)
		buf_printf(b, " %s", o->value);
}

static void
put_table(struct buf *b, const struct option_spec *o)
{
	size_t start = b->len;

	for (; o->id != 0; o++) {
		size_t width;

		buf_puts(b, b->len == start ? "  " : ", ");
		put_option(b, o);
		if (o->help == NULL)
			continue;
		width = b->len - start;
		buf_printf(b, "%*s%s\n", width < LEFT ? (int)(LEFT - width) : 2,
		    "", o->help);
		start = b->len;
	}
}

/* Say text on standard output; the command's status. */
static enum options_status
say(const struct command *c, struct buf *b)
{
	bool failed = buf_failed(b);

	if (!failed && fwrite(b->p, 1, b->len, stdout) != b->len)
		failed = true;
	if (fflush(stdout) != 0)
		failed = true;
	if (failed)
		complain(c->name, "standard output: %s", strerror(errno));
	buf_release(b);
	return failed ? OPTIONS_FAILED : OPTIONS_DONE;
}

static enum options_status
show_help(const struct command *c)
{
	const struct option_spec *t[TABLES];
	struct buf b = {0};

	put_usage(&b, c);
	buf_printf(&b, "%s\n\n", c->summary);
	tables_of(c, t);
	for (size_t i = 0; i < TABLES; i++)
		put_table(&b, t[i]);
	return say(c, &b);
}

static enum options_status
show_version(const struct command *c)
{
	struct buf b = {0};

	buf_printf(&b, "%s (mutstream) %s\n", c->name, version);
	return say(c, &b);
}

bool
parse_size(const char *text, size_t *size)
{
	static const char suffixes[] = "KMG";
	unsigned long long n;
	const char *suffix;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno != 0)
		return false;
	if (*end != '\0') {
		suffix =
		    strchr(suffixes, *end >= 'a' ? *end - 'a' + 'A' : *end);
		if (suffix == NULL || end[1] != '\0')
			return false;
		for (; suffix >= suffixes; suffix--) {
			if (__builtin_mul_overflow(n, 1024ULL, &n))
				return false;
		}
	}
	*size = n;
	return true;
}

/* A number or size between 1 and max. */
static int
parse_limit(const struct command *c, const char *option, const char *text,
    size_t max, size_t *out)
{
	size_t n;

	if (!parse_size(text, &n) || n == 0 || n > max)
		return options_wrong(
		    c, "%s: '%s' is not from 1 to %zu", option, text, max);
	*out = n;
	return 0;
}

/* The place of text in a list of names that ends with NULL. */
static int
parse_choice(const struct command *c, const char *option, const char *text,
    const char *const *names)
{
	struct buf b = {0};

	for (int i = 0; names[i] != NULL; i++) {
		if (strcmp(names[i], text) == 0)
			return i;
	}
	for (int i = 0; names[i] != NULL; i++)
		buf_printf(&b, "%s%s", i == 0 ? "" : ", ", names[i]);
	buf_putc(&b, '\0');
	options_wrong(c, "%s: '%s' is not one of %s", option, text,
	    buf_failed(&b) ? "its names" : b.p);
	buf_release(&b);
	return -1;
}

/* Read a program's file into program_own. */
static int
read_program(struct settings *set, const struct command *c, const char *path)
{
	struct buf b = {0};

	if (file_content(&b, c, path) == -1) {
		buf_release(&b);
		return -1;
	}
	free(set->program_own);
	set->program_own = b.p;
	set->program_text = b.p;
	set->program_len = b.len;
	if (b.len >= 3 && memcmp(b.p, "\xEF\xBB\xBF", 3) == 0) {
		set->program_text += 3; /* a BOM, as in inputs */
		set->program_len -= 3;
	}
	set->program_file = path;
	return 0;
}

/* An option that gives a variable takes two arguments. */
static int
take_variable(
    struct settings *set, const struct command *c, int id, char **argv)
{
	enum variable_kind kind = (enum variable_kind)(id - ARG);

	if (variable_set(set, c, kind, optarg, argv[optind]) == -1)
		return -1;
	optind++;
	return 0;
}

static int
take_family(struct settings *set, const struct command *c, int id, char **argv)
{
	static const char *const lineages[] = {"full", "slim", "off", NULL};
	static const char *const errors[] = {"reject", "pass", "stop", NULL};
	size_t n = 0;
	int i;

	switch (id) {
	case 'f':
		return read_program(set, c, optarg);
	case ARG:
	case ARGJSON:
	case SLURPFILE:
	case RAWFILE:
		return take_variable(set, c, id, argv);
	case 'n':
		if (utf8_check(optarg, strlen(optarg)) != strlen(optarg))
			return options_wrong(c, "-n: the name is not UTF-8");
		set->stage = optarg;
		return 0;
	case LINEAGE:
		i = parse_choice(c, "--lineage", optarg, lineages);
		set->lineage = (enum lineage_mode)i;
		return i;
	case LINEAGE_CAP_SIZE:
		if (!parse_size(optarg, &set->lineage_cap))
			return options_wrong(
			    c, "--lineage-cap: '%s' is no size", optarg);
		return 0;
	case REJECTS:
		set->rejects = optarg;
		return 0;
	case ON_ERROR:
		i = parse_choice(c, "--on-error", optarg, errors);
		set->on_error = (enum on_error)i;
		return i;
	case MAX_LINE:
		return parse_limit(
		    c, "--max-line", optarg, LINE_LIMIT, &set->max_line);
	case MAX_DEPTH:
		return parse_limit(
		    c, "--max-depth", optarg, DEPTH_LIMIT, &set->max_depth);
	case MAX_MEMORY:
		return parse_limit(
		    c, "--max-memory", optarg, SIZE_MAX / 2, &set->max_memory);
	case 'j':
		i = parse_limit(c, "-j", optarg, THREADS_LIMIT, &n);
		set->threads = (unsigned)n;
		return i;
	case STATS:
		set->stats = true;
		return 0;
	case PROGRESS:
		set->progress = true;
		return 0;
	default:
		return -1;
	}
}

static bool
has_option(const struct option_spec *o, int id)
{
	for (; o != NULL && o->id != 0; o++) {
		if (o->id == id)
			return true;
	}
	return false;
}

/* What getopt_long() wants to be told, from all tables. */
struct getopt_tables {
	char letters[2 * 128 + 3];
	struct option longs[64];
};

static void
fill_tables(struct getopt_tables *g, const struct command *c)
{
	const struct option_spec *t[TABLES];
	size_t letters = 0, longs = 0;

	tables_of(c, t);
	/* What is no option comes in its order, as id 1. */
	g->letters[letters++] = '-';
	for (size_t i = 0; i < TABLES; i++) {
		for (const struct option_spec *o = t[i]; o->id != 0; o++) {
			if (i > 0 && has_option(t[0], o->id))
				continue;
			if (o->id < 128) {
				g->letters[letters++] = (char)o->id;
				if (o->value != NULL)
					g->letters[letters++] = ':';
			}
			if (o->name != NULL && longs < 63)
				g->longs[longs++] = (struct option){
				    o->name, o->value != NULL, NULL, o->id};
		}
	}
	g->letters[letters] = '\0';
	g->longs[longs] = (struct option){0};
}

/* What is no option, and what it is there for. */
enum word_kind { WORD_FILE, WORD_TEXT, WORD_JSON };

struct word {
	char *text;
	enum word_kind kind;
};

struct words {
	struct word *v;
	size_t n;
	enum word_kind kind; /* of those that come next */
};

static void
add_word(struct words *w, char *text)
{
	w->v[w->n++] = (struct word){text, w->kind};
}

/* The first word is the program, unless -f had it. */
static int
take_words(struct settings *set, const struct command *c, struct words *w)
{
	size_t i = 0;

	if (c->takes_program && set->program_text == NULL) {
		if (w->n == 0)
			return options_wrong(c, "a program is missing");
		set->program_text = w->v[i++].text;
		set->program_len = strlen(set->program_text);
	}
	set->files = calloc(w->n + 1, sizeof(*set->files));
	if (set->files == NULL) {
		complain(c->name, "%s", strerror(errno));
		return -1;
	}
	for (; i < w->n; i++) {
		if (w->v[i].kind == WORD_FILE)
			set->files[set->files_n++] = w->v[i].text;
		else if (variable_add(set, c, w->v[i].text,
			     w->v[i].kind == WORD_JSON) == -1)
			return -1;
	}
	return 0;
}

static int
take_environment(struct settings *set, const struct command *c)
{
	const char *key = getenv("MS_LINEAGE_KEY");
	struct clock clock;

	if (!clock_init(&clock)) {
		complain(c->name,
		    "MS_NOW: '%s' is no time such as "
		    "2026-11-22T14:39:44.123456Z",
		    getenv("MS_NOW"));
		return -1;
	}
	if (key == NULL || *key == '\0')
		return 0;
	if (utf8_check(key, strlen(key)) != strlen(key)) {
		complain(c->name, "MS_LINEAGE_KEY: '%s' is no UTF-8", key);
		return -1;
	}
	set->lineage_key = key;
	return 0;
}

static void
settings_init(struct settings *set, const struct command *c)
{
	*set = (struct settings){
	    .command = c->name,
	    .lineage_cap = LINEAGE_NO_CAP,
	    .lineage_key = "_lineage",
	    .max_line = (size_t)64 << 20,
	    .max_depth = SCAN_DEPTH,
	    .max_memory = (size_t)1 << 30,
	    .threads = 1,
	};
	arena_init(&set->arena, (size_t)1 << 30);
	set->arena.overflow = &set->overflow;
}

/* Options and words in their order, up to the end or --help. */
static enum options_status
take_options(struct settings *set, const struct command *c, void *arg,
    char **argv, int argc, struct words *w)
{
	struct getopt_tables tables;
	int id;

	fill_tables(&tables, c);
	while ((id = getopt_long(
		    argc, argv, tables.letters, tables.longs, NULL)) != -1) {
		if (id == '?')
			return options_wrong(c, "%s", ""), OPTIONS_WRONG;
		if (id == 1) {
			add_word(w, optarg);
		} else if (id == ARGS || id == JSONARGS) {
			w->kind = id == ARGS ? WORD_TEXT : WORD_JSON;
		} else if (has_option(c->options, id) ||
		    has_option(c->shared, id)) {
			if (c->option(arg, id, optarg) == -1)
				return OPTIONS_WRONG;
		} else if (id == 'h') {
			return show_help(c);
		} else if (id == 'V') {
			return show_version(c);
		} else if (take_family(set, c, id, argv) == -1) {
			return OPTIONS_WRONG;
		}
	}
	while (optind < argc)
		add_word(w, argv[optind++]);
	return OPTIONS_RUN;
}

static enum options_status
take_all(struct settings *set, const struct command *c, void *arg, char **argv,
    int argc, struct words *w)
{
	enum options_status status = take_options(set, c, arg, argv, argc, w);

	if (status != OPTIONS_RUN)
		return status;
	if (take_words(set, c, w) == -1 || take_environment(set, c) == -1 ||
	    variables_finish(set, c) == -1)
		return OPTIONS_WRONG;
	set->rule = set->program_text;
	set->rule_len = set->program_len;
	return OPTIONS_RUN;
}

enum options_status
options_parse(struct settings *set, const struct command *c, void *arg,
    int argc, char **argv)
{
	struct words words = {0};
	enum options_status status;

	settings_init(set, c);
	if (argc < 1)
		return options_wrong(c, "%s", "no arguments"), OPTIONS_WRONG;
	words.v = calloc((size_t)argc, sizeof(*words.v));
	if (words.v == NULL) {
		complain(c->name, "%s", strerror(errno));
		return OPTIONS_WRONG;
	}
	/* getopt's own complaints then start as all others do. */
	argv[0] = (char *)(uintptr_t)c->name;
	status = take_all(set, c, arg, argv, argc, &words);
	free(words.v);
	return status;
}

void
settings_release(struct settings *set)
{
	free(set->bindings);
	free(set->files);
	free(set->program_own);
	arena_release(&set->arena);
}

struct program *
settings_compile(
    const struct settings *set, const char *text, size_t len, const char *file)
{
	struct program_source source = {
	    .text = text,
	    .len = len,
	    .file = file,
	    .bindings = set->bindings,
	    .bindings_n = set->bindings_n,
	    .named = set->named,
	    .positional = set->positional,
	};
	struct program_error error = {0};
	struct program *p = program_new(&source, &error);

	if (p == NULL)
		complain_program(set->command, file == NULL ? "program" : file,
		    text, len, error.offset, error.text);
	return p;
}
