/*
 * ms-trace shrink - the smallest input on which a command still fails.
 *
 * First lines are left out, then members and elements, then values are made
 * shorter, until nothing more can go: by halves, quarters and so on, as delta
 * debugging does (Zeller and Hildebrandt, 2002).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"
#include "candidate.h"
#include "driver/complain.h"
#include "frame.h"
#include "readers.h"
#include "second.h"
#include "state/duration.h"
#include "trial.h"
#include "value/string.h"

enum { FAILS = 256, MATCH, TIMEOUT, SHORT = 32 };

struct shrinking {
	struct frame frame;
	struct trial trial;
	struct arena arena;
	jmp_buf overflow;
	struct buf text;  /* all lines as they were read */
	struct buf input; /* of the run in hand */
	struct candidate whole;
};

static const struct option_spec options[] = {
    {FAILS, "fails", "COMMAND", "run on each input: it is to fail"},
    {MATCH, "match", "TEXT", "what it says then on standard error"},
    {TIMEOUT, "timeout", "TIME", "longer runs don't count (10s)"},
    {0, NULL, NULL, NULL},
};

static int
option(void *arg, int id, const char *value)
{
	struct shrinking *s = arg;

	switch (id) {
	case FAILS:
		free(s->trial.command[0]);
		s->trial.command[0] = strdup(value);
		return 0;
	case MATCH:
		s->trial.match = value;
		return 0;
	default:
		if (duration_parse(value, strlen(value), &s->trial.limit) &&
		    s->trial.limit > 0 && s->trial.limit < 1000000000000)
			return 0;
		return usage_wrong(&s->frame.command,
		    "--timeout: '%s' is no time such as 10s", value);
	}
}

/* --- the input --- */

static int
read_file(struct shrinking *s, const struct settings *set, const char *path)
{
	const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
	enum second_status status = SECOND_FAIL;
	struct second file;
	const char *line;
	size_t len;

	if (second_open(&file, set, path) == 0) {
		file.all = true;
		status = second_next(&file, &line, &len);
	}
	for (; status == SECOND_LINE;
	     status = second_next(&file, &line, &len)) {
		buf_put(&s->text, line, len);
		buf_putc(&s->text, '\n');
	}
	if (status == SECOND_FAIL)
		complain("ms-trace", "%s: %s", name, strerror(errno));
	else if (status == SECOND_LONG)
		complain(
		    "ms-trace", "%s: a line is longer than --max-line", name);
	second_close(&file);
	return status == SECOND_END ? STATUS_OK : STATUS_IO;
}

/* Each line is a part of the whole. */
static void
cut_lines(struct shrinking *s)
{
	struct candidate *w = &s->whole;
	const char *at = s->text.p, *end = at + s->text.len, *newline;

	for (const char *p = at; p < end; p++)
		w->n += *p == '\n';
	w->kind = CANDIDATE_LINES;
	w->parts = arena_array(&s->arena, w->n, sizeof(*w->parts));
	w->n = 0;
	for (; at < end; at = newline + 1) {
		newline = memchr(at, '\n', (size_t)(end - at));
		w->parts[w->n++] = candidate_line(at, (size_t)(newline - at));
	}
}

static int
start(struct settings *set, void *arg)
{
	static char nothing[] = "/dev/null", standard[] = "-";
	struct shrinking *s = arg;
	int status = STATUS_OK;
	char **files;

	if (s->trial.command[0] == NULL) {
		usage_wrong(
		    &s->frame.command, "which command?  --fails COMMAND");
		return STATUS_USAGE;
	}
	arena_init(&s->arena, set->max_memory);
	s->arena.overflow = &s->overflow;
	for (size_t i = 0; i < set->files_n && status == STATUS_OK; i++)
		status = read_file(s, set, set->files[i]);
	if (set->files_n == 0)
		status = read_file(s, set, standard);
	if (status == STATUS_OK &&
	    (buf_failed(&s->text) || !trial_init(&s->trial))) {
		complain(set->command, "%s",
		    strerror(buf_failed(&s->text) ? ENOMEM : errno));
		status = STATUS_IO;
	}
	/* The driver has nothing left to read; all is done at the end. */
	files = realloc(set->files, 2 * sizeof(char *));
	if (files == NULL)
		return STATUS_IO;
	set->files = files;
	set->files[0] = nothing;
	set->files[1] = NULL;
	set->files_n = 1;
	return status;
}

/* There are no events in what the driver reads. */
static enum verdict
event(struct event *ev, void *arg)
{
	(void)ev;
	(void)arg;
	return VERDICT_WRITTEN;
}

/* --- smaller and smaller --- */

/* Does it fail as it is now? */
static bool
fails(struct shrinking *s)
{
	if (s->trial.stopped)
		return false;
	buf_clear(&s->input);
	candidate_write(&s->input, &s->whole);
	if (buf_failed(&s->input))
		arena_starve(&s->arena);
	return trial_run(&s->trial, s->input.p, s->input.len) == TRIAL_FAILED;
}

/* Parts that are left, as their numbers; *n of them. */
static size_t *
left_of(struct shrinking *s, const struct candidate *c, size_t *n)
{
	size_t *left = arena_array(&s->arena, c->n, sizeof(*left));

	*n = 0;
	for (size_t i = 0; i < c->n; i++)
		if (!c->parts[i].out)
			left[(*n)++] = i;
	return left;
}

static void
set_out(struct candidate *c, const size_t *left, size_t n, bool out)
{
	for (size_t i = 0; i < n; i++)
		c->parts[left[i]].out = out;
}

/* Take out what can go, in runs of so many; gives how many did. */
static size_t
drop_runs(struct shrinking *s, struct candidate *c, size_t size)
{
	size_t n, gone = 0, *left = left_of(s, c, &n);

	for (size_t i = 0; i < n && !s->trial.stopped; i += size) {
		size_t take = size < n - i ? size : n - i;

		set_out(c, left + i, take, true);
		if (fails(s))
			gone += take;
		else
			set_out(c, left + i, take, false);
	}
	return gone;
}

/* Until no single one can go; did any? */
static bool
drop_parts(struct shrinking *s, struct candidate *c)
{
	bool any = false;
	size_t n, size;

	left_of(s, c, &n);
	for (size = n; size > 0; size = size > 1 ? (size + 1) / 2 : 0)
		any |= drop_runs(s, c, size) > 0;
	while (any && drop_runs(s, c, 1) > 0)
		;
	return any;
}

/* The same of all that is in it, from the outside inwards. */
static bool
drop_within(struct shrinking *s, struct candidate *c)
{
	bool any = c->n > 0 && drop_parts(s, c);

	for (size_t i = 0; i < c->n && !s->trial.stopped; i++)
		if (!c->parts[i].out)
			any |= drop_within(s, &c->parts[i]);
	return any;
}

/* Spell a value otherwise, if it still fails so. */
static bool
try_text(struct shrinking *s, struct candidate *c, const char *text, size_t len)
{
	struct candidate before = *c;

	c->text = text;
	c->len = len;
	if (fails(s))
		return true;
	*c = before;
	return false;
}

/* A string without the bytes from..to of its text. */
static bool
try_cut(struct shrinking *s, struct candidate *c, struct value *v, size_t from,
    size_t to)
{
	struct arena_deferred *release;
	struct buf *text = buf_new(&s->arena, &release);
	char *cut = arena_alloc(&s->arena, v->n + 1);
	size_t n = v->n - (to - from);
	bool good;

	memcpy(cut, v->text, from);
	memcpy(cut + from, v->text + to, v->n - to);
	value_write_string(text, cut, n);
	if (buf_failed(text))
		arena_starve(&s->arena);
	good = try_text(
	    s, c, arena_copy(&s->arena, text->p, text->len), text->len);
	arena_end(&s->arena, release);
	if (good)
		*v = value_text(cut, n);
	return good;
}

/* The start of the character at a byte, or of the next one. */
static size_t
boundary(struct value v, size_t i)
{
	while (i < v.n && ((unsigned char)v.text[i] & 0xC0) == 0x80)
		i++;
	return i;
}

static bool
shorten_string(struct shrinking *s, struct candidate *c, struct value v)
{
	bool any = false;

	if (v.n > 0 && try_cut(s, c, &v, 0, v.n))
		return true;
	for (size_t half = v.n / 2; half > 0 && !s->trial.stopped; half /= 2) {
		size_t from;

		while (half < v.n && (from = boundary(v, v.n - half)) < v.n &&
		    try_cut(s, c, &v, from, v.n))
			any = true;
		while (half < v.n && (from = boundary(v, half)) < v.n &&
		    try_cut(s, c, &v, 0, from))
			any = true;
	}
	for (size_t i = 0; v.n <= SHORT && i < v.n && !s->trial.stopped;) {
		if (try_cut(s, c, &v, i, boundary(v, i + 1)))
			any = true;
		else
			i = boundary(v, i + 1);
	}
	return any;
}

static bool
shorten_number(struct shrinking *s, struct candidate *c)
{
	size_t whole = 0;

	if (c->len == 1 && *c->text == '0')
		return false;
	if (try_text(s, c, "0", 1))
		return true;
	if (c->len == 1 && *c->text == '1')
		return false;
	if (try_text(s, c, "1", 1))
		return true;
	while (whole < c->len && strchr(".eE", c->text[whole]) == NULL)
		whole++;
	return whole > 0 && whole < c->len && try_text(s, c, c->text, whole);
}

static bool
shorten(struct shrinking *s, struct candidate *c)
{
	struct scan_error error;
	struct value v;

	if (!value_parse(&s->arena, c->text, c->len, &v, &error))
		return false;
	if (value_is_string(v))
		return shorten_string(s, c, string_decoded(&s->arena, v));
	return value_is_number(v) && shorten_number(s, c);
}

/* Make values shorter; did any become so? */
static bool
shorten_within(struct shrinking *s, struct candidate *c, bool line)
{
	bool any = false;

	if (c->kind == CANDIDATE_VALUE)
		return !line && shorten(s, c);
	for (size_t i = 0; i < c->n && !s->trial.stopped; i++)
		if (!c->parts[i].out)
			any |= shorten_within(
			    s, &c->parts[i], c->kind == CANDIDATE_LINES);
	return any;
}

static void
shrink(struct shrinking *s)
{
	struct candidate *w = &s->whole;

	drop_parts(s, w);
	for (size_t i = 0; i < w->n; i++)
		if (!w->parts[i].out)
			candidate_open(&w->parts[i], &s->arena);
	do {
		while (drop_within(s, w))
			;
	} while (shorten_within(s, w, false));
}

/* Why the whole input isn't one to be made smaller. */
static void
tell_whole(struct shrinking *s, enum trial_end end)
{
	static const char *const WHY[] = {
	    [TRIAL_PASSED] = "it doesn't fail on the whole input",
	    [TRIAL_UNABLE] = "it can't be run (exit status 126 or 127)",
	    [TRIAL_LATE] = "on the whole input it runs longer than --timeout"};

	complain("ms-trace", "%s: %s", s->trial.command[0],
	    end == TRIAL_PASSED && s->trial.match != NULL
		? "it doesn't say that on the whole input"
		: WHY[end]);
	s->frame.differs = true;
}

static void
finish(void *arg, struct buf *out)
{
	struct shrinking *s = arg;
	enum trial_end end;

	if (setjmp(s->overflow) != 0) {
		frame_fail(&s->frame, "%s",
		    s->arena.account.starved
			? strerror(ENOMEM)
			: "the input takes more than --max-memory");
		return;
	}
	cut_lines(s);
	end = trial_run(&s->trial, s->text.p, s->text.len);
	if (end == TRIAL_FAILED)
		shrink(s);
	else if (end != TRIAL_STOPPED)
		tell_whole(s, end);
	if (s->trial.stopped)
		frame_fail(&s->frame, "stopped: %s", strerror(s->trial.error));
	if (end == TRIAL_FAILED)
		candidate_write(out, &s->whole);
}

static void
release(void *arg)
{
	struct shrinking *s = arg;

	trial_release(&s->trial);
	free(s->trial.command[0]);
	buf_release(&s->text);
	buf_release(&s->input);
	arena_release(&s->arena);
}

static const struct subcommand subcommand = {
    .name = "shrink",
    .synopsis = "shrink --fails COMMAND [options] [file ...]",
    .summary = "Find the smallest input on which COMMAND still fails.",
    .parts = FRAME_DOCUMENT | FRAME_WHOLE,
    .options = options,
    .option = option,
    .start = start,
    .event = event,
    .finish = finish,
    .release = release,
};

int
trace_shrink(int argc, char **argv)
{
	struct shrinking s = {
	    .trial = {.limit = 10000000, .in = -1, .errors = -1}};

	return frame_main(&subcommand, &s.frame, argc, argv);
}
