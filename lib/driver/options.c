#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "driver/complain.h"
#include "driver/option_hints.h"
#include "driver/options.h"
#include "driver/seal_option.h"
#include "driver/size.h"
#include "driver/usage.h"
#include "driver/variables.h"
#include "lang/syntax/lexer.h"
#include "record/rulebook.h"

enum {
	LINE_LIMIT = 1 << 30,
	DEPTH_LIMIT = 100000,
	THREADS_LIMIT = 256,
};

/* A number or size between 1 and max. */
static int
parse_limit(const struct command *c, const char *option, const char *text,
    size_t max, size_t *out)
{
	size_t n;

	if (!size_parse(text, &n) || n == 0 || n > max)
		return usage_wrong(
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
	usage_wrong(c, "%s: '%s' is not one of %s", option, text,
	    buf_failed(&b) ? "its names" : b.p);
	buf_release(&b);
	return -1;
}

/* Read a program's file into program_own. */
static int
read_program(struct settings *set, const char *path)
{
	struct buf b = {0};

	if (variables_read_file(set, &b, path) == -1) {
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
	return settings_reads(set, path, "the program");
}

/* An option that gives a variable takes two arguments. */
static int
take_variable(
    struct settings *set, const struct command *c, int id, char **argv)
{
	enum variable_kind kind = (enum variable_kind)(id - OPTION_ARG);

	if (variable_set(set, c, kind, optarg, argv[optind]) == -1)
		return -1;
	optind++;
	return 0;
}

/* What an option without a value sets, or NULL. */
static bool *
flag_of(struct settings *set, int id)
{
	switch (id) {
	case OPTION_APPEND:
		return &set->append;
	case OPTION_TRUNCATE:
		return &set->truncate;
	case OPTION_STATS:
		return &set->stats;
	case OPTION_RELOAD:
		return &set->reload;
	case OPTION_PROGRESS:
		return &set->progress;
	default:
		return NULL;
	}
}

static const char *const LINEAGES[] = {"full", "compact", "slim", "off", NULL};

/* An option whose value is one of a few names; -1 after a complaint. */
static int
take_choice(struct settings *set, const struct command *c, int id)
{
	static const char *const errors[] = {"reject", "pass", "stop", NULL};
	static const char *const empties[] = {"drop", "reject", NULL};
	int i;

	switch (id) {
	case OPTION_LINEAGE:
		i = parse_choice(c, "--lineage", optarg, LINEAGES);
		set->lineage = (enum lineage_mode)i;
		set->lineage_given = true;
		return i;
	case OPTION_ON_ERROR:
		i = parse_choice(c, "--on-error", optarg, errors);
		set->on_error = (enum on_error)i;
		return i;
	default:
		i = parse_choice(c, "--no-output", optarg, empties);
		set->no_output = (enum no_output)(i + 1);
		return i;
	}
}

/* An option whose value is a size or a number; -1 after a complaint. */
static int
take_size(struct settings *set, const struct command *c, int id)
{
	size_t n = 0;
	int status;

	switch (id) {
	case OPTION_LINEAGE_CAP:
		if (size_parse(optarg, &set->lineage_cap))
			return 0;
		return usage_wrong(c, "--lineage-cap: '%s' is no size", optarg);
	case OPTION_MAX_LINE:
		return parse_limit(
		    c, "--max-line", optarg, LINE_LIMIT, &set->max_line);
	case OPTION_MAX_DEPTH:
		return parse_limit(
		    c, "--max-depth", optarg, DEPTH_LIMIT, &set->max_depth);
	case OPTION_MAX_MEMORY:
		return parse_limit(
		    c, "--max-memory", optarg, SIZE_MAX / 2, &set->max_memory);
	default:
		status = parse_limit(c, "-j", optarg, THREADS_LIMIT, &n);
		set->threads = (unsigned)n;
		return status;
	}
}

static int
take_name(struct settings *set, const struct command *c)
{
	if (utf8_check(optarg, strlen(optarg)) != strlen(optarg))
		return usage_wrong(c, "-n: the name is not UTF-8");
	set->stage = optarg;
	return 0;
}

static int
take_key_file(struct settings *set, const struct command *c)
{
	if (set->key_file != NULL)
		return usage_wrong(c, "--key-file is given twice");
	set->key_file = optarg;
	return 0;
}

/* An option that all filters have; -1 after a complaint. */
static int
take_family(struct settings *set, const struct command *c, int id, char **argv)
{
	bool *flag = flag_of(set, id);

	if (flag != NULL) {
		*flag = true;
		return 0;
	}
	switch (id) {
	case 'f':
		return read_program(set, optarg);
	case 'n':
		return take_name(set, c);
	case OPTION_REJECTS:
		set->rejects = optarg;
		return 0;
	case OPTION_TRAIL:
		set->trail = optarg;
		return 0;
	case OPTION_SEAL_KEY:
		return seal_option_file(set, optarg);
	case OPTION_POLICY:
		set->policy = optarg;
		return 0;
	case OPTION_KEY_FILE:
		return take_key_file(set, c);
	case OPTION_ARG:
	case OPTION_ARGJSON:
	case OPTION_SLURPFILE:
	case OPTION_RAWFILE:
		return take_variable(set, c, id, argv);
	case OPTION_LINEAGE:
	case OPTION_ON_ERROR:
	case OPTION_NO_OUTPUT:
		return take_choice(set, c, id);
	case OPTION_LINEAGE_CAP:
	case OPTION_MAX_LINE:
	case OPTION_MAX_DEPTH:
	case OPTION_MAX_MEMORY:
	case 'j':
		return take_size(set, c, id);
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
	const struct option_spec *t[USAGE_TABLES];
	size_t letters = 0, longs = 0;

	usage_tables(c, t);
	/* What is no option comes in its order, as id 1. */
	g->letters[letters++] = '-';
	g->letters[letters++] = ':'; /* all complaints are ours */
	for (size_t i = 0; i < USAGE_TABLES; i++) {
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
		if (w->n == 0 && !c->may_lack_it)
			return usage_no_program(c, set->stage);
		if (w->n > 0) {
			set->program_text = w->v[i++].text;
			set->program_len = strlen(set->program_text);
		}
	}
	set->files = calloc(w->n + 1, sizeof(*set->files));
	if (set->files == NULL) {
		complain(c->name, "%s", strerror(errno));
		set->starved = true;
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

/*
 * What MS_LINEAGE and MS_RULES say.  What reads histories is no stage of the
 * pipeline that MS_LINEAGE is said to.
 */
static int
take_lineage(struct settings *set, const struct command *c)
{
	const char *mode = getenv("MS_LINEAGE"), *rules = getenv("MS_RULES");

	if (!set->lineage_given && !c->reads_histories && mode != NULL &&
	    *mode != '\0') {
		int i = parse_choice(c, "MS_LINEAGE", mode, LINEAGES);

		if (i == -1)
			return -1;
		set->lineage = (enum lineage_mode)i;
	}
	if (rules != NULL && *rules != '\0') {
		set->rulebook = rulebook_new(rules);
		if (set->rulebook == NULL) {
			set->starved = true;
			complain(c->name, "%s", strerror(errno));
			return -1;
		}
		if (set->lineage == LINEAGE_COMPACT)
			set->rules = rules;
		return settings_reads(set, rules, "the file of MS_RULES");
	}
	if (set->lineage == LINEAGE_COMPACT)
		return usage_wrong(c, "%s",
		    "--lineage compact writes rules to the file that MS_RULES "
		    "names: MS_RULES=rules.ndjson");
	return 0;
}

/* Is the end of the input a barrier for the state? */
static int
take_state_end(struct settings *set)
{
	const char *text = getenv("MS_STATE_END");

	if (text == NULL || *text == '\0')
		return 0;
	if (strcmp(text, "keep") != 0) {
		complain(set->command,
		    "MS_STATE_END: '%s' says nothing; keep has the state kept "
		    "at the end of the input too",
		    text);
		return -1;
	}
	set->keep_end = true;
	return 0;
}

static int
take_environment(struct settings *set, const struct command *c)
{
	const char *key = getenv("MS_LINEAGE_KEY");
	const char *trail = getenv("MS_TRAIL");
	const char *rejects = getenv("MS_REJECTS");
	const char *state = getenv("MS_STATE");
	const char *policy = getenv("MS_POLICY");
	bool passes_on = c->takes_policy || c->keeps_policy;
	struct clock clock;

	if (take_lineage(set, c) == -1 || seal_option_finish(set, c) == -1)
		return -1;
	if (state != NULL && *state != '\0')
		set->state_dir = state;
	if (take_state_end(set) == -1)
		return -1;
	if (!clock_init(&clock)) {
		complain(c->name,
		    "MS_NOW: '%s' is no time such as "
		    "2026-11-22T14:39:44.123456Z",
		    getenv("MS_NOW"));
		return -1;
	}
	if (set->rejects == NULL && rejects != NULL && *rejects != '\0')
		set->rejects = rejects;
	if (set->trail == NULL && trail != NULL && *trail != '\0')
		set->trail = trail;
	/* What reads histories is no stage that it could be for. */
	if (set->policy != NULL && c->reads_histories && !c->judges_policy &&
	    !passes_on)
		return usage_wrong(c, "%s",
		    "--policy is for what changes events; ms-trace verify "
		    "judges histories by one");
	if (set->policy == NULL && policy != NULL && *policy != '\0' &&
	    (!c->reads_histories || passes_on))
		set->policy = policy;
	if (c->reads_histories)
		set->trail = NULL;
	if (set->key_file != NULL && c->reads_histories && !c->masks)
		return usage_wrong(c, "%s",
		    "--key-file is for what masks values: the filters, and "
		    "ms-trace forget");
	if (key == NULL || *key == '\0')
		return 0;
	if (utf8_check(key, strlen(key)) != strlen(key)) {
		complain(c->name, "MS_LINEAGE_KEY: '%s' is no UTF-8", key);
		return -1;
	}
	/* An event without members would begin with it. */
	if (strncmp(key, "ms.", 3) == 0) {
		complain(
		    c->name, "MS_LINEAGE_KEY: '%s' is a control line's", key);
		return -1;
	}
	set->lineage_key = key;
	return 0;
}

/* Is the next argument a long option that isn't there?  Complain then. */
static bool
is_foreign(const struct command *c, int argc, char **argv)
{
	const char *next = optind < argc ? argv[optind] : NULL;

	if (next == NULL || strncmp(next, "--", 2) != 0 || next[2] == '\0' ||
	    option_hints_known(c, next))
		return false;
	option_hints_long(c, next);
	return true;
}

/* What getopt_long() couldn't take: an option, or one without its value. */
static void
complain_option(const struct command *c, int id, int argc, char **argv)
{
	const char *argument = argv[optind - 1];
	/* getopt_long() stays at an argument that has more letters. */
	const char *now = optind < argc ? argv[optind] : NULL;

	if (id == ':')
		option_hints_value(c, optopt, argument);
	else if (now != NULL && now[0] == '-' && now[1] == optopt)
		option_hints_letter(c, optopt, now);
	else if (strncmp(argument, "--", 2) == 0)
		usage_wrong(c, "%s takes no value", argument);
	else
		option_hints_letter(c, optopt, argument);
}

/* Options and words in their order, up to the end or --help. */
static enum options_status
take_options(struct settings *set, const struct command *c, void *arg,
    char **argv, int argc, struct words *w)
{
	struct getopt_tables tables;
	int id;

	fill_tables(&tables, c);
	opterr = 0;
	for (;;) {
		if (is_foreign(c, argc, argv))
			return OPTIONS_WRONG;
		id =
		    getopt_long(argc, argv, tables.letters, tables.longs, NULL);
		if (id == -1)
			break;
		if (id == '?' || id == ':') {
			complain_option(c, id, argc, argv);
			return OPTIONS_WRONG;
		}
		if (id == 1) {
			add_word(w, optarg);
		} else if (id == OPTION_ARGS || id == OPTION_JSONARGS) {
			w->kind = id == OPTION_ARGS ? WORD_TEXT : WORD_JSON;
		} else if (has_option(c->options, id) ||
		    has_option(c->shared, id)) {
			if (c->option(arg, id, optarg) == -1)
				return OPTIONS_WRONG;
		} else if (id == 'h') {
			return usage_help(c) == 0 ? OPTIONS_DONE
						  : OPTIONS_FAILED;
		} else if (id == 'V') {
			return usage_version(c) == 0 ? OPTIONS_DONE
						     : OPTIONS_FAILED;
		} else if (take_family(set, c, id, argv) == -1) {
			return OPTIONS_WRONG;
		}
	}
	while (optind < argc)
		add_word(w, argv[optind++]);
	return OPTIONS_RUN;
}

/* What records tell of a program: all but its comments. */
static enum options_status
take_rule(struct settings *set, const struct command *c)
{
	struct buf code = {0};

	if (set->program_text == NULL)
		return OPTIONS_RUN;
	lexer_put_code(&code, set->program_text, set->program_len);
	buf_putc(&code, '\0');
	set->rule_own = code.p;
	if (buf_failed(&code)) {
		complain(c->name, "%s", strerror(ENOMEM));
		return OPTIONS_FAILED;
	}
	set->rule = code.p;
	set->rule_len = code.len - 1;
	return OPTIONS_RUN;
}

static enum options_status
take_all(struct settings *set, const struct command *c, void *arg, char **argv,
    int argc, struct words *w)
{
	enum options_status status = take_options(set, c, arg, argv, argc, w);

	if (status != OPTIONS_RUN)
		return status;
	if (set->program_text == NULL && c->no_program != NULL &&
	    c->no_program(arg))
		set->program_text = "";
	if (take_words(set, c, w) == -1 || take_environment(set, c) == -1 ||
	    variables_finish(set, c) == -1)
		return OPTIONS_WRONG;
	return take_rule(set, c);
}

enum options_status
options_parse(struct settings *set, const struct command *c, void *arg,
    int argc, char **argv)
{
	struct words words = {0};
	enum options_status status;

	settings_init(set, c->name);
	if (argc < 1)
		return usage_wrong(c, "%s", "no arguments"), OPTIONS_WRONG;
	words.v = calloc((size_t)argc, sizeof(*words.v));
	if (words.v == NULL) {
		complain(c->name, "%s", strerror(errno));
		return OPTIONS_FAILED;
	}
	/* getopt's own complaints then start as all others do. */
	argv[0] = (char *)(uintptr_t)c->name;
	status = take_all(set, c, arg, argv, argc, &words);
	free(words.v);
	return status == OPTIONS_WRONG && set->starved ? OPTIONS_FAILED
						       : status;
}
