#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "driver/complain.h"
#include "driver/policed.h"
#include "frame.h"
#include "history/history.h"

enum { ID = 900, WHERE, COLOUR };

static const struct option_spec specs[] = {
    {ID, "id", "ID", "only the event whose id starts so"},
    {WHERE, "where", "PROGRAM", "only events for which it is true"},
    {COLOUR, "color", "WHEN", "auto, always or never"},
};

struct local {
	struct machine *machine; /* of --where, or NULL */
};

static int
option(void *arg, int id, const char *value)
{
	struct frame *f = arg;

	switch (id) {
	case ID:
		f->id = value;
		return 0;
	case WHERE:
		f->where = value;
		return 0;
	case COLOUR:
		if (terminal_choose(&f->when, value))
			return 0;
		return usage_wrong(&f->command,
		    "--color: '%s' is none of auto, always, never", value);
	default:
		return f->is->option(arg, id, value);
	}
}

static int
start(struct settings *set, void *arg)
{
	struct frame *f = arg;

	if (f->is->parts & FRAME_DOCUMENT)
		set->document = true;
	if (f->is->parts & FRAME_WHOLE)
		set->threads = 1; /* others would wait for each other */
	terminal_init(&f->terminal, f->when, STDOUT_FILENO);
	if (f->where != NULL) {
		int status = settings_predicate(
		    set, f->where, strlen(f->where), "--where", &f->program);

		if (status != STATUS_OK)
			return status;
	}
	return f->is->start == NULL ? STATUS_OK : f->is->start(set, arg);
}

static void *
local_new(void *arg)
{
	const struct frame *f = arg;
	struct local *l = calloc(1, sizeof(*l));

	if (l == NULL || f->program == NULL)
		return l;
	l->machine = machine_new(f->program);
	if (l->machine == NULL) {
		free(l);
		return NULL;
	}
	return l;
}

static void
local_free(void *local)
{
	struct local *l = local;

	if (l->machine != NULL)
		machine_free(l->machine);
	free(l);
}

static void
release(void *arg)
{
	struct frame *f = arg;

	if (f->is->release != NULL)
		f->is->release(arg);
	terminal_release(&f->terminal);
	if (f->program != NULL)
		program_free(f->program);
}

static bool
has_id(const struct frame *f, struct event *ev)
{
	struct value record, id;
	size_t n = strlen(f->id);

	return history_identity(ev->arena, ev->history, &record) &&
	    history_text(ev->arena, record, "id", &id) && id.n >= n &&
	    memcmp(id.text, f->id, n) == 0;
}

/* VERDICT_PASS for an event that is meant. */
static enum verdict
pick(struct frame *f, struct event *ev)
{
	struct machine *m = ((struct local *)ev->local)->machine;

	if (f->id != NULL && !has_id(f, ev))
		return VERDICT_DROP;
	f->met = true;
	if (m == NULL)
		return VERDICT_PASS;
	switch (machine_test(m, ev->arena, ev->root, &ev->context)) {
	case TRUTH_YES:
		return VERDICT_PASS;
	case TRUTH_NO:
		return VERDICT_DROP;
	default:
		return event_fail(ev, "--where: %s", machine_error(m));
	}
}

static enum verdict
event(struct event *ev, void *arg)
{
	struct frame *f = arg;
	enum verdict verdict = VERDICT_PASS;

	if (f->is->not_picked == NULL || !f->is->not_picked(ev, arg))
		verdict = pick(f, ev);
	if (verdict == VERDICT_PASS)
		return f->is->event(ev, arg);
	if (verdict != VERDICT_DROP || !f->passes_others)
		return verdict;
	return policed_passes(f->policed, ev, ev->line.text, ev->line.len)
	    ? frame_pass(ev)
	    : VERDICT_WITHHOLD;
}

/* Arguments behind --, SIZE_MAX where there is none. */
static size_t
behind(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--") == 0)
			return (size_t)(argc - i - 1);
	return SIZE_MAX;
}

static void
make_command(struct frame *f)
{
	const struct subcommand *c = f->is;
	size_t n = 0;

	for (size_t i = 0; i < 3; i++)
		if (c->parts & (i < 2 ? FRAME_PICKS : FRAME_COLOUR))
			f->shared[n++] = specs[i];
	f->command = (struct command){
	    .reads_histories = true,
	    .checks_seals = (c->parts & FRAME_SEALS) != 0,
	    .judges_policy = (c->parts & FRAME_POLICY) != 0,
	    .takes_policy = (c->parts & FRAME_TAKES) != 0,
	    .masks = (c->parts & FRAME_MASKS) != 0,
	    .name = "ms-trace",
	    .op = c->name,
	    .synopsis = c->synopsis,
	    .summary = c->summary,
	    .options = c->options,
	    .shared = f->shared,
	    .option = option,
	    .start = start,
	    .local_new = local_new,
	    .local_free = local_free,
	    .event = event,
	    .seal = c->seal,
	    .finish = c->finish,
	    .release = release,
	};
}

int
frame_main(const struct subcommand *c, struct frame *f, int argc, char **argv)
{
	int status;

	f->is = c;
	f->behind = behind(argc, argv);
	make_command(f);
	status = driver_main(&f->command, f, argc, argv);
	if (f->failed)
		return STATUS_IO;
	if (f->differs && status == STATUS_OK)
		return STATUS_REJECTED;
	if (status != STATUS_OK || f->id == NULL || f->met)
		return status;
	complain("ms-trace", "no event has an id that starts with %s", f->id);
	return STATUS_REJECTED;
}

void
frame_fail(struct frame *f, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	complain("ms-trace", "%s", text);
	f->failed = true;
}

bool
frame_is_path(const char *text)
{
	if (*text == '.')
		return text[1] != '/' && text[1] != '.';
	return *text == '/';
}

/* A directory holds no events: '.' and '/data' are paths, as ever. */
static bool
is_file(const char *name)
{
	struct stat st;

	return stat(name, &st) == 0 && !S_ISDIR(st.st_mode);
}

size_t
frame_arguments(const struct frame *f, struct settings *set, size_t max,
    bool (*can_be)(const char *text), const char **taken)
{
	size_t n = 0, before = SIZE_MAX;

	if (f->behind <= set->files_n)
		before = set->files_n - f->behind;
	while (n < max && n < set->files_n && n < before &&
	    can_be(set->files[n])) {
		if (before == SIZE_MAX && is_file(set->files[n]))
			break;
		n++;
	}
	if (before != SIZE_MAX && n < before)
		return SIZE_MAX;
	set->files_n -= n;
	for (size_t i = 0; i < n; i++)
		taken[i] = set->files[i];
	for (size_t i = 0; i <= set->files_n; i++)
		set->files[i] = set->files[i + n];
	return n;
}

int
frame_path(const struct command *c, struct settings *set, const char *what,
    const char *text, struct pointer *path)
{
	if (setjmp(set->overflow) != 0) {
		complain(set->command, "%s", strerror(ENOMEM));
		return STATUS_IO;
	}
	if (pointer_parse(&set->arena, path, text))
		return STATUS_OK;
	usage_wrong(c, "%s'%s' is no path as .a.b or /a/b", what, text);
	return STATUS_USAGE;
}

struct show_event
frame_event(const struct event *ev)
{
	return (struct show_event){
	    ev->root, ev->history, ev->source, event_number(ev)};
}

enum verdict
frame_pass(struct event *ev)
{
	buf_put(ev->out, ev->line.text, ev->line.len);
	buf_putc(ev->out, '\n');
	return VERDICT_WRITTEN;
}
