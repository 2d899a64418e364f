#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "driver/complain.h"
#include "driver/usage.h"

static const char version[] = "0.1.0";

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { LEFT = 34 }; /* columns of --help before its texts */

/*
 * What only commands that take a program have; behind the first two, what those
 * with programs of their own have too.
 */
static const struct option_spec program_options[] = {
    {'f', "from-file", "FILE", NULL},
    {OPTION_RELOAD, "reload", NULL, "take the program from there; follow it"},
    {OPTION_ARG, "arg", "N V", NULL},
    {OPTION_ARGJSON, "argjson", "N J", "set $N to string V, to JSON J"},
    {OPTION_SLURPFILE, "slurpfile", "N F", NULL},
    {OPTION_RAWFILE, "rawfile", "N F", "to F's JSON texts, to F's text"},
    {OPTION_ARGS, "args", NULL, NULL},
    {OPTION_JSONARGS, "jsonargs", NULL, "the rest is for $ARGS, not files"},
    {0, NULL, NULL, NULL},
};

static const struct option_spec family_options[] = {
    {'n', "name", "NAME", NULL},
    {OPTION_SEAL_KEY, "seal-key", "FILE", NULL},
    {OPTION_KEY_FILE, "key-file", "FILE", "name; keys to seal, mask"},
    {OPTION_LINEAGE, "lineage", "full|compact|slim|off", NULL},
    {OPTION_LINEAGE_CAP, "lineage-cap", "SIZE", "history (full), its cap"},
    {OPTION_REJECTS, "rejects", "FILE", NULL},
    {OPTION_TRAIL, "trail", "FILE", "append what fails; isn't passed on"},
    {OPTION_TRUNCATE, "truncate", NULL, NULL},
    {OPTION_APPEND, "append", NULL, NULL},
    {OPTION_POLICY, "policy", "FILE", "empty first; append to --else; rules"},
    {OPTION_ON_ERROR, "on-error", "reject|pass|stop", NULL},
    {OPTION_NO_OUTPUT, "no-output", "drop|reject", "on failure; no output"},
    {OPTION_MAX_LINE, "max-line", "SIZE", NULL},
    {OPTION_MAX_DEPTH, "max-depth", "N", NULL},
    {OPTION_MAX_MEMORY, "max-memory", "SIZE", "limits (64M, 1000, 1G)"},
    {'j', "threads", "N", NULL},
    {OPTION_STATS, "stats", NULL, NULL},
    {OPTION_PROGRESS, "progress", NULL, "threads (1); tell counts, speed"},
    {'h', "help", NULL, NULL},
    {'V', "version", NULL, "show this help, the version"},
    {0, NULL, NULL, NULL},
};

/* In --help of what reads histories; the others do nothing there. */
static const struct option_spec reading_options[] = {
    {'n', "name", "NAME", "the name in rejects"},
    {OPTION_SEAL_KEY, "seal-key", "FILE", "a key that seals"},
    {OPTION_KEY_FILE, "key-file", "FILE", "the key to mask by"},
    {OPTION_POLICY, "policy", "FILE", "rules"},
    {OPTION_REJECTS, "rejects", "FILE", NULL},
    {OPTION_TRUNCATE, "truncate", NULL, "append what fails; empty first"},
    {OPTION_ON_ERROR, "on-error", "reject|pass|stop", "on failure"},
    {OPTION_MAX_LINE, "max-line", "SIZE", NULL},
    {OPTION_MAX_DEPTH, "max-depth", "N", NULL},
    {OPTION_MAX_MEMORY, "max-memory", "SIZE", "limits (64M, 1000, 1G)"},
    {'j', "threads", "N", NULL},
    {OPTION_STATS, "stats", NULL, NULL},
    {OPTION_PROGRESS, "progress", NULL, "threads (1); tell counts, speed"},
    {'h', "help", NULL, NULL},
    {'V', "version", NULL, "show this help, the version"},
    {0, NULL, NULL, NULL},
};

void
usage_tables(const struct command *c, const struct option_spec *t[USAGE_TABLES])
{
	static const struct option_spec none = {0, NULL, NULL, NULL};

	t[0] = c->options == NULL ? &none : c->options;
	t[1] = c->shared == NULL ? &none : c->shared;
	t[2] = c->takes_program ? program_options
	    : c->has_programs   ? program_options + 2
				: &none;
	t[3] = c->no_filter ? family_options + COUNT(family_options) - 3
			    : family_options;
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
usage_wrong(const struct command *c, const char *format, ...)
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

int
usage_no_program(const struct command *c, const char *stage)
{
	if (stage == NULL)
		return usage_wrong(c, "a program is missing");
	return usage_wrong(c,
	    "a program is missing; -n names the stage, and took '%s'", stage);
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

static bool
has_option(const struct option_spec *o, int id)
{
	while (o->id != 0 && o->id != id)
		o++;
	return o->id != 0;
}

/* Does an option of the family do nothing for a command? */
static bool
is_idle(const struct command *c, const struct option_spec *o)
{
	if (!c->reads_histories)
		return false;
	switch (o->id) {
	case OPTION_SEAL_KEY:
		return !c->checks_seals && !c->masks;
	case OPTION_KEY_FILE:
		return !c->masks;
	case OPTION_POLICY:
		return !c->judges_policy && !c->takes_policy &&
		    !c->keeps_policy;
	default:
		return false;
	}
}

/* But what is among the command's own options, which mean something else. */
static void
put_table(struct buf *b, const struct command *c, const struct option_spec *o)
{
	const struct option_spec *own = o == c->options ? NULL : c->options;
	size_t start = b->len;

	for (; o->id != 0; o++) {
		size_t width;

		if ((own != NULL && has_option(own, o->id)) || is_idle(c, o))
			continue;
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

/* Write text to standard output; -1 after a complaint. */
static int
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
	return failed ? -1 : 0;
}

int
usage_help(const struct command *c)
{
	const struct option_spec *t[USAGE_TABLES];
	struct buf b = {0};

	put_usage(&b, c);
	buf_printf(&b, "%s\n\n", c->summary);
	usage_tables(c, t);
	for (size_t i = 0; i < USAGE_TABLES; i++)
		put_table(&b, c,
		    i == USAGE_TABLES - 1 && c->reads_histories && !c->no_filter
			? reading_options
			: t[i]);
	return say(c, &b);
}

int
usage_version(const struct command *c)
{
	struct buf b = {0};

	buf_printf(&b, "%s (mutstream) %s\n", c->name, version);
	return say(c, &b);
}
