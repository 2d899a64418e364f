#include <stdio.h>
#include <string.h>

#include "driver/complain.h"
#include "driver/option_hints.h"
#include "driver/usage.h"
#include "lang/compile/nearest.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Options of jq, grep and the like, and what to do instead. */
static const struct foreign {
	char letter; /* or 0 */
	const char *name;
	const char *instead;
} FOREIGN[] = {
    {'r', "raw-output",
	"what is written are events; for plain text put 'jq -r' behind"},
    {0, "raw-output0",
	"what is written are events; for plain text put 'jq -r' behind"},
    {0, "join-output",
	"what is written are events; for plain text put 'jq -j' behind"},
    {'s', "slurp",
	"a program sees one event at a time; to gather all put 'jq -s' "
	"behind"},
    {'c', "compact-output", "each event is written on one line as it is"},
    {0, "tab", "each event is one line; to look at it put 'jq --tab' behind"},
    {0, "indent", "each event is one line; to look at it put 'jq .' behind"},
    {0, "pretty", "each event is one line; to look at it put 'jq .' behind"},
    {'S', "sort-keys",
	"members keep their order; to sort them put 'jq -cS .' behind"},
    {'e', "exit-status",
	"to ask whether an event passes, put 'grep -q .' behind"},
    {'q', "quiet", "to ask whether an event passes, put 'grep -q .' behind"},
    {0, "null-input", "a program is run for each event: echo '{}' is one"},
    {'a', "ascii-output",
	"to escape all that isn't ASCII put 'jq -ca .' "
	"behind"},
    {'C', "color-output", "for colours put 'jq -C .' behind"},
    {'M', "monochrome-output", "no colours are written"},
    {0, "state",
	"'ms-fold --state FILE' remembers over runs; ms-filter(1) shows how "
	"to filter by it"},
    {0, "unbuffered", "output never waits for more input"},
    {0, "line-buffered", "output never waits for more input"},
    {0, "stream",
	"an event is read as a whole; see tostream in "
	"ms-language(7)"},
    {0, "seq", "put tr -d '\\036' before"},
    {'L', "library-path",
	"there are no modules: put definitions into the "
	"program"},
    {'R', "raw-input", "'ms-map -R' makes events of plain text"},
    {'i', "ignore-case", "a pattern has flags, as in test(\"a\"; \"i\")"},
    {'E', "extended-regexp",
	"a pattern stands in the program, as in "
	"test(\"a\")"},
    {'P', "perl-regexp",
	"a pattern stands in the program, as in "
	"test(\"a\")"},
    {'o', "output", "output goes to standard output: > FILE"},
    {'F', "field-separator",
	"'ms-map -R' reads plain text, split(\",\") "
	"cuts it"},
    {'d', "delimiter", "'ms-map -R' reads plain text, split(\",\") cuts it"},
    {'v', "verbose", "--stats and --progress tell what goes on"},
    {0, "in-place", "output goes to standard output: > NEW-FILE"},
    {0, "input", "files stand behind the options"},
    {0, "file", "-f FILE holds the program; input files need no option"},
    {0, "where",
	"'ms-filter PROGRAM' passes the events for which it is "
	"true"},
    {'f', "from-file", "this command takes no program"},
    {'c', "count", "'ms-filter -c PROGRAM' counts"},
    {'m', "max-count", "put 'head -n N' behind"},
};

static bool
is_name(const char *name, const char *argument, size_t len)
{
	return name != NULL && strlen(name) == len &&
	    memcmp(name, argument, len) == 0;
}

/* Length of the name in "--name=value", at argument + 2. */
static size_t
name_length(const char *argument)
{
	return strcspn(argument + 2, "=");
}

bool
option_hints_known(const struct command *c, const char *argument)
{
	const struct option_spec *t[USAGE_TABLES];
	size_t n = name_length(argument);

	usage_tables(c, t);
	for (size_t i = 0; i < USAGE_TABLES; i++)
		for (const struct option_spec *o = t[i]; o->id != 0; o++)
			if (is_name(o->name, argument + 2, n))
				return true;
	return false;
}

static const struct foreign *
find_foreign(const char *name, size_t len, int letter)
{
	for (size_t i = 0; i < COUNT(FOREIGN); i++)
		if (name != NULL ? is_name(FOREIGN[i].name, name, len)
				 : FOREIGN[i].letter == letter)
			return &FOREIGN[i];
	return NULL;
}

/* The option that is abbreviated by, or near, the name; or NULL. */
static const char *
near_option(const struct command *c, const char *name, size_t len)
{
	const struct option_spec *t[USAGE_TABLES];
	const char *best = NULL;
	unsigned least = (unsigned)(len + 2) / 4 + 1;

	usage_tables(c, t);
	for (size_t i = 0; i < USAGE_TABLES; i++) {
		for (const struct option_spec *o = t[i]; o->id != 0; o++) {
			unsigned d;

			if (o->name == NULL)
				continue;
			d = nearest_distance(
			    name, len, o->name, strlen(o->name));
			if (len > 1 && strncmp(o->name, name, len) == 0)
				d = d < 1 ? d : 1;
			if (d >= least)
				continue;
			least = d;
			best = o->name;
		}
	}
	return best;
}

int
option_hints_long(const struct command *c, const char *argument)
{
	size_t len = name_length(argument);
	int n = len > 60 ? 60 : (int)len;
	const char *name = argument + 2, *near = near_option(c, name, len);
	const struct foreign *f = find_foreign(name, len, 0);

	if (f != NULL) {
		complain(c->name, "there is no option --%.*s: %s", n, name,
		    f->instead);
		return -1;
	}
	if (near != NULL && strncmp(near, name, len) == 0)
		return usage_wrong(c,
		    "there is no option --%.*s; options "
		    "aren't abbreviated: is '--%s' meant?",
		    n, name, near);
	if (near != NULL)
		return usage_wrong(c,
		    "there is no option --%.*s; is '--%s' "
		    "meant?",
		    n, name, near);
	return usage_wrong(c, "there is no option --%.*s", n, name);
}

int
option_hints_letter(const struct command *c, int letter, const char *argument)
{
	const struct foreign *f = find_foreign(NULL, 0, letter);
	size_t len = strcspn(argument, "=");
	const char *near;

	if (len > 3 && argument[1] == letter) {
		near = near_option(c, argument + 1, len - 1);
		if (near != NULL && is_name(near, argument + 1, len - 1))
			return usage_wrong(c,
			    "there is no option -%c; is '--%s' meant?", letter,
			    near);
	}
	if (f != NULL) {
		complain(
		    c->name, "there is no option -%c: %s", letter, f->instead);
		return -1;
	}
	if (c->takes_program && strchr("0123456789.($", letter) != NULL)
		return usage_wrong(c,
		    "there is no option -%c; a program that begins with '-' "
		    "stands behind --",
		    letter);
	return usage_wrong(c, "there is no option -%c", letter);
}

int
option_hints_value(const struct command *c, int id, const char *argument)
{
	const struct option_spec *t[USAGE_TABLES];
	const char *value = "a value";

	usage_tables(c, t);
	for (size_t i = 0; i < USAGE_TABLES; i++)
		for (const struct option_spec *o = t[i]; o->id != 0; o++)
			if (o->id == id && o->value != NULL)
				value = o->value;
	if (strncmp(argument, "--", 2) == 0)
		return usage_wrong(c, "%s needs %s behind it", argument, value);
	return usage_wrong(c, "-%c needs %s behind it", id, value);
}
