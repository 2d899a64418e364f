/*
 * ms-trace test - is what a command makes of the events what they became?
 *
 * An event is its own test case: taken back it is the input, as it is it is
 * what must come out.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/temporary.h"
#include "subject.h"
#include "driver/complain.h"
#include "history/ambient.h"
#include "history/forgotten.h"
#include "history/rewind.h"
#include "history/stage_ref.h"
#include "readers.h"
#include "value/array.h"
#include "value/string.h"
#include "versus.h"

enum { JSON = 256, IGNORE, STAGE, PATHS = 64 };

/* Digests of what was met: open addressing; a zero is free. */
struct met {
	struct hash_digest *slot;
	size_t n, mask;
};

struct testing {
	struct frame frame;
	struct versus versus;
	struct stage_ref stage;
	bool staged;
	char **command;
	struct subject subject;
	bool started, deaf; /* it reads no more */
	bool passed_over;   /* are there events that aren't tested? */
	char at[64];        /* the time that the command is given */
	int trail;          /* what it doesn't pass on, or -1 */
	char trail_path[32];
	const struct settings *set;
	struct rules *rules;
	struct met families; /* of events that were forked */
	struct met later;    /* of those that were behind what is tested */
	const char *ignore[PATHS];
	struct pointer ignored[PATHS];
	size_t ignored_n;
};

/* What is tested of an event: its records from + 1 to to. */
struct part {
	struct view *v;
	size_t n, from, to;
};

static const struct option_spec options[] = {
    {STAGE, "stage", "NAME|N", "the stage that COMMAND stands for (all)"},
    {'p', "patch", NULL, "show each difference"},
    {JSON, "json", NULL, "as data: an object, with -p one a difference"},
    {IGNORE, "ignore", "PATH", "don't compare what is there (repeated)"},
    {0, NULL, NULL, NULL},
};

static int
set_stage(struct testing *t, const char *value)
{
	struct stage_ref *r = &t->stage;

	t->staged = true;
	if (stage_ref_parse(r, value) &&
	    (r->kind != STAGE_REF_NUMBER || r->number > 0))
		return 0;
	return usage_wrong(&t->frame.command,
	    "--stage: '%s' is no record's number from 1, and no name", value);
}

static int
option(void *arg, int id, const char *value)
{
	struct testing *t = arg;

	switch (id) {
	case STAGE:
		return set_stage(t, value);
	case 'p':
		t->versus.contrast.each = true;
		return 0;
	case JSON:
		t->versus.contrast.json = true;
		return 0;
	default:
		if (t->ignored_n == PATHS)
			return usage_wrong(
			    &t->frame.command, "--ignore: at most %d", PATHS);
		t->ignore[t->ignored_n++] = value;
		return 0;
	}
}

static int
read_paths(struct testing *t, struct settings *set)
{
	int status = STATUS_OK;

	for (size_t i = 0; i < t->ignored_n && status == STATUS_OK; i++)
		status = frame_path(&t->frame.command, set,
		    "--ignore: ", t->ignore[i], &t->ignored[i]);
	t->versus.ignored =
	    (struct divergence_ignored){t->ignored, t->ignored_n};
	return status;
}

/* The words behind -- are the command; those before it are files. */
static int
take_command(struct testing *t, struct settings *set)
{
	size_t n = t->frame.behind;

	if (n == SIZE_MAX || n == 0 || n > set->files_n) {
		usage_wrong(&t->frame.command,
		    "behind -- there is the command that is tested");
		return STATUS_USAGE;
	}
	t->command = calloc(n + 1, sizeof(*t->command));
	if (t->command == NULL) {
		complain(set->command, "%s", strerror(errno));
		return STATUS_IO;
	}
	set->files_n -= n;
	memcpy(t->command, set->files + set->files_n, n * sizeof(char *));
	set->files[set->files_n] = NULL;
	return STATUS_OK;
}

static const char *
name_of(struct settings *set)
{
	struct value name;

	if (set->files_n == 0 ||
	    (set->files_n == 1 && strcmp(set->files[0], "-") == 0))
		return "standard input";
	if (set->files_n > 1)
		return "the events";
	if (setjmp(set->overflow) != 0)
		return "the events";
	name = string_repair(&set->arena, set->files[0], strlen(set->files[0]));
	return arena_copy(&set->arena, name.text, name.n);
}

static const char *excuse(void *arg, struct arena *a,
    const struct divergence *d, const struct divergence_side *old,
    const struct divergence_side *new);
static bool is_judged(void *arg, struct arena *a, enum pairing_side side,
    const struct divergence_side *event);

static int
start(struct settings *set, void *arg)
{
	struct testing *t = arg;
	int status = take_command(t, set);

	if (status == STATUS_OK)
		status = read_paths(t, set);
	if (status == STATUS_OK)
		status = versus_init(&t->versus, set);
	if (status != STATUS_OK)
		return status;
	t->rules = rules_new();
	if (t->rules == NULL) {
		complain(set->command, "%s", strerror(errno));
		return STATUS_IO;
	}
	t->set = set;
	t->versus.frame = &t->frame;
	t->versus.excuse = excuse;
	t->versus.is_judged = is_judged;
	t->versus.arg = t;
	t->versus.contrast.terminal = &t->frame.terminal;
	t->versus.contrast.names[0] = name_of(set);
	t->versus.contrast.names[1] = "what came of it";
	return STATUS_OK;
}

/* --- families --- */

/*
 * Note one; false where it was met before.  A family is an event that was
 * forked into so many, and forked[] says by which records.
 */
static bool
meet(struct testing *t, struct met *m, struct hash_digest digest, bool note)
{
	size_t i;

	if (note && m->n * 2 >= m->mask) {
		size_t cap = m->mask == 0 ? 64 : (m->mask + 1) * 2;
		struct hash_digest *more = calloc(cap, sizeof(*more));

		if (more == NULL) {
			frame_fail(&t->frame, "%s", strerror(errno));
			return true;
		}
		for (size_t k = 0; m->mask > 0 && k <= m->mask; k++) {
			struct hash_digest *d = &m->slot[k];

			if (d->low == 0 && d->high == 0)
				continue;
			i = d->low & (cap - 1);
			while (more[i].low != 0 || more[i].high != 0)
				i = (i + 1) & (cap - 1);
			more[i] = *d;
		}
		free(m->slot);
		m->slot = more;
		m->mask = cap - 1;
	}
	if (m->mask == 0)
		return true;
	for (i = digest.low & m->mask;
	     m->slot[i].low != 0 || m->slot[i].high != 0; i = (i + 1) & m->mask)
		if (m->slot[i].low == digest.low &&
		    m->slot[i].high == digest.high)
			return false;
	if (note) {
		m->slot[i] = digest;
		m->n++;
	}
	return true;
}

/* Of the event as the first n records made it, forked by the one behind. */
static struct hash_digest
family_of(struct arena *a, const struct view *v, size_t n)
{
	struct arena_deferred *release;
	struct buf *b = buf_new(a, &release);
	struct hash_digest digest;
	struct identity who;

	identity_read(a, v, n, &who);
	buf_put(b, who.id.text, who.id.n);
	if (who.id.n == 0)
		buf_put(b, who.origin.text, who.origin.n);
	buf_putc(b, ' ');
	buf_put(b, who.forks.text, who.forks.n);
	value_write(b, array_get(v[n].of[VIEW_FORK], 1));
	if (buf_failed(b))
		arena_exceed(a);
	digest = hash_digest(b->p, b->len);
	arena_end(a, release);
	return digest;
}

static bool
forked_by(const struct view *v)
{
	return value_is_array(v->of[VIEW_FORK]) &&
	    array_length(v->of[VIEW_FORK]) == 2;
}

/* Note its families; false where a sibling has run already. */
static bool
is_first(struct testing *t, struct arena *a, const struct part *p)
{
	bool first = true, known = false;

	for (size_t i = p->from; i < p->to; i++) {
		bool new;

		if (!forked_by(&p->v[i]))
			continue;
		new = meet(t, &t->families, family_of(a, p->v, i), true);
		if (!known)
			first = new;
		known = true;
	}
	return first;
}

/*
 * False where a sibling by a fork behind the tested stages was tried: they
 * were one event as these left it.
 */
static bool
is_new(struct testing *t, struct arena *a, const struct part *p)
{
	for (size_t i = p->to; i < p->n; i++)
		if (forked_by(&p->v[i]))
			return meet(t, &t->later, family_of(a, p->v, i), true);
	return true;
}

/* Is it a sibling of events that are tested, which the events lack? */
static bool
is_judged(void *arg, struct arena *a, enum pairing_side side,
    const struct divergence_side *e)
{
	struct testing *t = arg;

	for (size_t i = 0; side == PAIRING_NEW && i < e->n; i++)
		if (forked_by(&e->v[i]) &&
		    !meet(t, &t->families, family_of(a, e->v, i), false)) {
			contrast_pass_over(&t->versus.contrast,
			    "siblings of forks", "the events lack them");
			return false;
		}
	return true;
}

/* --- what comes from outside --- */

/* Did all records of what is tested come at the time that was given? */
static bool
is_timed(struct testing *t, struct arena *a, const struct view *v, size_t n)
{
	struct value at;

	for (size_t i = 0; i < n; i++)
		if (!view_text(a, &v[i], VIEW_AT, &at) ||
		    at.n != strlen(t->at) || memcmp(at.text, t->at, at.n) != 0)
			return false;
	return true;
}

/* Behind so many records is what is tested of an event as it is expected. */
static size_t
start_of(struct testing *t, struct arena *a, const struct view *v, size_t n)
{
	struct value id;
	const struct view *first;

	if (t->staged)
		return n - (n > 0);
	first = view_identity(a, v, n, &id);
	return first == NULL ? view_first_state(a, v, n)
			     : (size_t)(first - v) + 1;
}

static const char *
excuse(void *arg, struct arena *a, const struct divergence *d,
    const struct divergence_side *old, const struct divergence_side *new)
{
	struct testing *t = arg;
	struct ambient o = {a, t->rules, NULL};
	size_t from = start_of(t, a, old->v, old->n);
	unsigned kinds = AMBIENT_OTHER;

	rules_begin(t->rules);
	if (!is_timed(t, a, old->v + from, old->n - from))
		kinds |= AMBIENT_CLOCK;
	ambient_add(&o, old->v + from, old->n - from);
	if (new->n > from)
		ambient_add(&o, new->v + from, new->n - from);
	for (const struct ambient_place *p = o.places; p != NULL; p = p->next)
		if ((p->kinds & kinds) != 0 && site_covers(&p->site, &d->site))
			return (p->kinds & kinds) == AMBIENT_CLOCK
			    ? "from the clock"
			    : "from the environment, or where it was read";
	return NULL;
}

/* --- the run --- */

/* Take what the command has written. */
static void
take_lines(struct testing *t, struct buf *out)
{
	const char *line;
	size_t len;

	while (subject_line(&t->subject, &line, &len)) {
		uint64_t n = t->versus.contrast.events[1] + 1;

		if (len > 0)
			versus_put_line(&t->versus, out, PAIRING_NEW,
			    "the command's output", n, line, len);
	}
}

/*
 * Let the command's stages say what they don't pass on, and why: here, since
 * the books that MS_TRAIL names are those of the pipeline itself.
 */
static void
give_trail(struct testing *t)
{
	unsetenv("MS_TRAIL");
	t->trail = temporary_file();
	if (t->trail == -1)
		return; /* the reasons aren't told then */
	fcntl(t->trail, F_SETFD, 0);
	snprintf(t->trail_path, sizeof(t->trail_path), "/dev/fd/%d", t->trail);
	setenv("MS_TRAIL", t->trail_path, 1);
}

/* Start the command at the time of the first record that it stands for. */
static bool
begin(struct testing *t, struct arena *a, const struct view *first)
{
	struct value at;

	t->started = true;
	if (view_text(a, first, VIEW_AT, &at) && at.n < sizeof(t->at)) {
		memcpy(t->at, at.text, at.n);
		setenv("MS_NOW", t->at, 1);
	}
	give_trail(t);
	if (subject_start(&t->subject, t->command))
		return true;
	frame_fail(&t->frame, "%s: %s", t->command[0], strerror(errno));
	return false;
}

static void
feed(struct testing *t, const struct buf *line, struct buf *out)
{
	if (t->deaf)
		return;
	if (!subject_write(&t->subject, line->p, line->len)) {
		t->deaf = true;
		if (errno != 0)
			frame_fail(&t->frame, "%s: %s", t->command[0],
			    strerror(errno));
	}
	take_lines(t, out);
}

/* Write the event with so many of its records. */
static void
write_state(struct testing *t, struct arena *a, struct buf *line,
    struct value root, struct value history, size_t n)
{
	buf_clear(line);
	lineage_write_history(
	    line, a, &t->versus.lineage, root, array_slice(a, history, 0, n));
	if (buf_failed(line))
		arena_exceed(a);
}

/* What is expected: the event as the last tested stage left it. */
static void
expect(struct testing *t, struct event *ev, const struct buf *line)
{
	struct versus_event e;

	if (versus_read(&t->versus, ev->arena, ev->window->name,
		event_number(ev), line->p, line->len - 1, &e))
		versus_put(&t->versus, ev->arena, ev->out, PAIRING_OLD, &e);
}

static bool
was_turned_away(const struct part *p)
{
	for (size_t i = p->from; i < p->to; i++)
		if (view_has(&p->v[i], VIEW_KEPT))
			return true;
	return false;
}

static enum verdict
try(struct testing *t, struct event *ev, const struct part *p)
{
	struct arena *a = ev->arena;
	struct value records = array_open(a, ev->history), was, is = ev->root;
	struct arena_deferred *release;
	struct buf *line = buf_new(a, &release);
	struct rewind_error error;

	if (!rewind_records(a, p->v, p->to, p->n, &is, &error))
		return event_fail(ev, "%s", error.text);
	was = is;
	if (!rewind_records(a, p->v, p->from, p->to, &was, &error))
		return event_fail(ev, "%s", error.text);
	if (forgotten_in(was) || forgotten_in(is)) {
		arena_end(a, release);
		t->passed_over = true;
		contrast_pass_over(&t->versus.contrast, "events",
		    "a value that was forgotten can't be tested");
		return VERDICT_WRITTEN;
	}
	if (!t->started && !begin(t, a, &p->v[p->from]))
		return VERDICT_ABORT;
	if (!was_turned_away(p)) {
		write_state(t, a, line, is, records, p->to);
		expect(t, ev, line);
	}
	if (is_first(t, a, p)) {
		write_state(t, a, line, was, records, p->from);
		feed(t, line, ev->out);
	}
	arena_end(a, release);
	return VERDICT_WRITTEN;
}

/* Which records are tested; false where none are. */
static bool
find_part(struct testing *t, struct arena *a, struct part *p)
{
	char why[200];

	p->to = p->n;
	if (t->staged &&
	    !stage_ref_find(a, &t->stage, p->v, p->n, &p->to, why, sizeof(why)))
		return false;
	p->from = start_of(t, a, p->v, p->to);
	return p->from < p->to && p->from >= view_first_state(a, p->v, p->n);
}

static enum verdict
test(struct event *ev, void *arg)
{
	struct testing *t = arg;
	struct part p;

	p.v = view_history(ev->arena, ev->history, &p.n);
	if (find_part(t, ev->arena, &p))
		return is_new(t, ev->arena, &p) ? try(t, ev, &p)
						: VERDICT_WRITTEN;
	t->passed_over = true;
	contrast_pass_over(&t->versus.contrast, "events",
	    t->staged ? "they didn't go through the stage"
		      : "they went through no stage");
	return VERDICT_WRITTEN;
}

/* The command's end, and what it says. */
static void
conclude(struct testing *t, struct buf *out)
{
	int status;

	subject_close(&t->subject);
	do
		take_lines(t, out);
	while (subject_read(&t->subject));
	take_lines(t, out);
	if (t->subject.error != 0)
		frame_fail(&t->frame, "%s: its output: %s", t->command[0],
		    strerror(t->subject.error));
	status = subject_wait(&t->subject);
	if (WIFSIGNALED(status))
		frame_fail(&t->frame, "%s was ended by signal %d",
		    t->command[0], WTERMSIG(status));
	else if (WEXITSTATUS(status) > 1)
		frame_fail(&t->frame, "%s ended with exit status %d",
		    t->command[0], WEXITSTATUS(status));
}

static void
finish(void *arg, struct buf *out)
{
	struct testing *t = arg;

	if (t->started)
		conclude(t, out);
	if (t->trail != -1)
		versus_note_file(
		    &t->versus, t->set, PAIRING_NEW, t->trail_path);
	versus_rest(&t->versus, out);
	contrast_write(&t->versus.contrast, out);
	if (!t->versus.contrast.json)
		buf_puts(out,
		    "What was dropped on the way to these events isn't "
		    "judged.\n");
	t->frame.differs =
	    t->versus.bad || contrast_differs(&t->versus.contrast);
	if (!t->started && t->passed_over) {
		complain("ms-trace", "nothing was tested: no event %s",
		    t->staged ? "went through the stage"
			      : "went through a stage");
		t->frame.differs = true;
	}
}

static void
release(void *arg)
{
	struct testing *t = arg;

	if (t->started)
		subject_release(&t->subject);
	if (t->trail != -1)
		close(t->trail);
	rules_free(t->rules);
	free(t->families.slot);
	free(t->later.slot);
	free(t->command);
	versus_release(&t->versus);
}

static const struct subcommand subcommand = {
    .name = "test",
    .synopsis = "test [options] [file ...] -- COMMAND ...",
    .summary = "Try if COMMAND still makes of the events what they became.",
    .parts = FRAME_PICKS | FRAME_COLOUR | FRAME_DOCUMENT | FRAME_WHOLE,
    .options = options,
    .option = option,
    .start = start,
    .event = test,
    .finish = finish,
    .release = release,
};

int
trace_test(int argc, char **argv)
{
	struct testing t = {.subject = {.in = -1, .out = -1}, .trail = -1};

	return frame_main(&subcommand, &t.frame, argc, argv);
}
