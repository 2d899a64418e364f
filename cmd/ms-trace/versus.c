#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "driver/complain.h"
#include "history/divergence.h"
#include "value/array.h"
#include "value/object.h"
#include "second.h"
#include "value/string.h"
#include "versus.h"

enum {
	IN_MEMORY = 64 * 1024 * 1024, /* bytes of text that is held */
	FATE = CONTRAST_TEXT,
	FATES = 1000, /* beyond, the reason isn't told */
};

/* Events share the fate that is told in the same words. */
struct versus_fate {
	struct versus_fate *next;
	char what[FATE], why[FATE];
	bool elsewhere;
};

int
versus_init(struct versus *v, const struct settings *set)
{
	arena_init(&v->arena, set->max_memory);
	v->arena.overflow = &v->overflow;
	v->arena.rulebook = set->rulebook;
	v->pairing = pairing_new(IN_MEMORY);
	if (v->pairing != NULL &&
	    lineage_init(&v->lineage, LINEAGE_OFF, set->lineage_key, "trace",
		NULL, NULL, 0) == 0)
		return STATUS_OK;
	complain(set->command, "%s", strerror(errno));
	return STATUS_IO;
}

void
versus_release(struct versus *v)
{
	while (v->fates != NULL) {
		struct versus_fate *next = v->fates->next;

		free(v->fates);
		v->fates = next;
	}
	pairing_free(v->pairing);
	lineage_release(&v->lineage);
	contrast_release(&v->contrast);
	arena_release(&v->arena);
}

/* --- events --- */

static bool
bad_line(struct versus *v, const char *source, uint64_t line, const char *why)
{
	complain("ms-trace", "%s:%" PRIu64 ": %s", source, line, why);
	v->bad = true;
	return false;
}

bool
versus_read(struct versus *v, struct arena *a, const char *source,
    uint64_t line, const char *text, size_t len, struct versus_event *e)
{
	struct scan_error error;
	struct value root;
	const char *why;

	*e = (struct versus_event){
	    .source = source, .line = line, .text = text, .len = len};
	if (!value_parse(a, text, len, &root, &error))
		return bad_line(v, source, line, error.reason);
	if (!value_is_object(root))
		return bad_line(v, source, line, "not an object");
	/* The document is the arena's, and nobody else knows it yet. */
	why = lineage_find(
	    &v->lineage, a, (struct doc *)root.doc, root.n, &e->history);
	if (why != NULL)
		return bad_line(v, source, line, why);
	e->root = root;
	return true;
}

static struct divergence_side
side_of(struct arena *a, const struct versus_event *e)
{
	struct divergence_side s = {.event = e->root};

	s.v = view_history(a, e->history, &s.n);
	return s;
}

static struct show_event
shown(const struct versus_event *e)
{
	return (struct show_event){e->root, e->history, e->source, e->line};
}

/* Take out of a list what doesn't count; gives the rest of it. */
static struct divergence *
without_excused(struct versus *v, struct arena *a, struct divergence *list,
    const struct divergence_side *old, const struct divergence_side *new)
{
	struct divergence **link = &list, *d;
	const char *why;

	while ((d = *link) != NULL) {
		why = v->excuse == NULL ? NULL
					: v->excuse(v->arg, a, d, old, new);
		if (why == NULL) {
			link = &d->next;
			continue;
		}
		contrast_leave_out(&v->contrast, d, why);
		*link = d->next;
	}
	return list;
}

/* Two that belong together: e of a side, and the other's. */
static void
contrast(struct versus *v, struct arena *a, struct buf *out,
    enum pairing_side side, const struct versus_event *e,
    const struct versus_event *other)
{
	const struct versus_event *new = side == PAIRING_NEW ? e : other;
	struct divergence_side one = side_of(a, e), two = side_of(a, other);
	const struct divergence_side *was = side == PAIRING_OLD ? &one : &two;
	const struct divergence_side *is = side == PAIRING_OLD ? &two : &one;
	struct show_event show = shown(new);
	struct divergence *d = divergence_find(a, &v->ignored, was, is);

	d = without_excused(v, a, d, was, is);
	contrast_pair(&v->contrast, out, a, d, was, is, &show);
}

void
versus_put(struct versus *v, struct arena *a, struct buf *out,
    enum pairing_side side, const struct versus_event *e)
{
	struct paired event = {e->text, e->len, e->line}, held;
	struct versus_event other;
	struct identity who;
	struct divergence_side s = side_of(a, e);

	v->contrast.events[side]++;
	identity_read(a, s.v, s.n, &who);
	switch (pairing_put(v->pairing, a, side, &who, &event, &held)) {
	case PAIRING_FOUND:
		if (versus_read(v, a, v->contrast.names[1 - side], held.line,
			held.text, held.len, &other))
			contrast(v, a, out, side, e, &other);
		break;
	case PAIRING_FAILED:
		frame_fail(v->frame, "events that wait for their others: %s",
		    strerror(errno));
		break;
	case PAIRING_HELD:
		break;
	}
}

/* A line that is worked on in the arena of its own. */
struct job {
	struct versus *v;
	struct buf *out;
	enum pairing_side side;
	const char *source;
	uint64_t line;
	const char *text;
	size_t len;
	struct pairing_entry *entry;
};

/* Do it; where its memory ends, that is told. */
static void
work(const struct job *j, void (*run)(const struct job *j, struct arena *a))
{
	struct versus *v = j->v;

	if (setjmp(v->overflow) != 0) {
		bad_line(v, j->source, j->line,
		    v->arena.account.starved
			? "out of memory"
			: "it takes more than --max-memory");
		return;
	}
	arena_reset(&v->arena);
	run(j, &v->arena);
}

static void
put_line(const struct job *j, struct arena *a)
{
	struct versus_event e;

	if (versus_read(j->v, a, j->source, j->line, j->text, j->len, &e))
		versus_put(j->v, a, j->out, j->side, &e);
}

void
versus_put_line(struct versus *v, struct buf *out, enum pairing_side side,
    const char *source, uint64_t line, const char *text, size_t len)
{
	struct job j = {v, out, side, source, line, text, len, NULL};

	work(&j, put_line);
}

/* --- fates --- */

/* One with these words, from among those that there are, or a new one. */
static struct versus_fate *
fate_of(struct versus *v, const char *what, const char *why, bool elsewhere)
{
	struct versus_fate *f;

	for (f = v->fates; f != NULL; f = f->next)
		if (strcmp(f->what, what) == 0 && strcmp(f->why, why) == 0)
			return f;
	if (v->fates_n == FATES)
		return v->fates;
	f = malloc(sizeof(*f));
	if (f == NULL)
		return v->fates;
	memcpy(f->what, what, FATE);
	memcpy(f->why, why, FATE);
	f->elsewhere = elsewhere;
	f->next = v->fates;
	v->fates = f;
	v->fates_n++;
	return f;
}

static void
take_note(struct pairing_entry *e, void *arg)
{
	*pairing_note(e) = arg;
}

/* "rejected by map price" and the like. */
static void
name_fate(
    char out[FATE], struct arena *a, const char *what, const struct view *by)
{
	struct buf b = {0};
	struct value label = view_label(a, by);

	memset(out, 0, FATE);
	buf_puts(&b, what);
	buf_put(&b, label.text, label.n);
	if (!buf_failed(&b))
		show_keep(out, FATE, value_text(b.p, b.len));
	buf_release(&b);
}

static void
name_reason(
    char out[FATE], struct arena *a, struct value object, const char *member)
{
	struct value why;

	if (!object_get(a, object, value_cstring(member), &why) ||
	    !value_is_string(why))
		return;
	memset(out, 0, FATE);
	show_keep(out, FATE, string_decoded(a, why));
}

/* The source and line that a reject names. */
static void
read_origin(struct arena *a, struct value reject, struct identity *who)
{
	struct arena_deferred *release;
	struct buf *b = buf_new(a, &release);
	struct value source, line;

	if (object_get(a, reject, value_cstring("source"), &source) &&
	    object_get(a, reject, value_cstring("line"), &line) &&
	    value_is_string(source)) {
		source = string_decoded(a, source);
		buf_put(b, source.text, source.n);
		buf_putc(b, ':');
		value_write(b, line);
		if (buf_failed(b))
			arena_exceed(a);
		who->origin = value_text(arena_copy(a, b->p, b->len), b->len);
	}
	arena_end(a, release);
}

/* A reject holds the event as its stage read it, or where that was. */
static void
note_reject(const struct job *j, struct arena *a, struct value reject)
{
	struct arena_deferred *release;
	struct buf *text = buf_new(a, &release);
	struct value none = value_cstring(""), event;
	struct identity who = {none, none, none};
	char what[FATE], why[FATE] = "";
	struct versus_event e;
	struct view by;

	view_record(a, reject, &by);
	name_fate(what, a, "rejected by ", &by);
	name_reason(why, a, reject, "error");
	if (object_get(a, reject, value_cstring("event"), &event))
		value_write(text, event);
	if (text->len > 0 && !buf_failed(text) &&
	    versus_read(j->v, a, j->source, j->line, text->p, text->len, &e)) {
		struct divergence_side s = side_of(a, &e);

		identity_read(a, s.v, s.n, &who);
	}
	arena_end(a, release);
	if (who.id.n + who.origin.n == 0)
		read_origin(a, reject, &who);
	pairing_find(j->v->pairing, 1 - j->side, &who, take_note,
	    fate_of(j->v, what, why, false));
}

/* An event in another output: turned away, or sent there. */
static void
note_event(const struct job *j, struct arena *a, const struct versus_event *e)
{
	struct divergence_side s = side_of(a, e);
	const struct view *last = s.n > 0 ? &s.v[s.n - 1] : NULL;
	bool away = last != NULL && view_has(last, VIEW_KEPT);
	char what[FATE] = "in ", why[FATE] = "";
	struct identity who;

	identity_read(a, s.v, s.n, &who);
	if (away) {
		/* In a trail rejects are told so; a schema says why, too. */
		bool failed = view_has(last, VIEW_FAILED) &&
		    !view_says(a, last, VIEW_OP, "schema");

		name_fate(
		    what, a, failed ? "rejected by " : "turned away by ", last);
		name_reason(why, a, last->record, "rule");
		name_reason(why, a, last->record, "failed");
	} else {
		show_keep(what + 3, FATE - 3,
		    string_repair(a, j->source, strlen(j->source)));
	}
	pairing_find(j->v->pairing, 1 - j->side, &who, take_note,
	    fate_of(j->v, what, why, !away));
}

static void
note_line(const struct job *j, struct arena *a)
{
	struct versus_event e;
	struct value x;

	if (!versus_read(j->v, a, j->source, j->line, j->text, j->len, &e))
		return;
	if (array_length(e.history) == 0 &&
	    object_get(a, e.root, value_cstring("error"), &x) &&
	    object_get(a, e.root, value_cstring("op"), &x))
		note_reject(j, a, e.root);
	else
		note_event(j, a, &e);
}

void
versus_note_line(struct versus *v, enum pairing_side side, const char *name,
    uint64_t line, const char *text, size_t len)
{
	struct job j = {v, NULL, side, name, line, text, len, NULL};

	work(&j, note_line);
}

void
versus_note_file(struct versus *v, const struct settings *set,
    enum pairing_side side, const char *path)
{
	enum second_status status = SECOND_FAIL;
	struct second s;
	const char *line;
	size_t len;

	if (second_open(&s, set, path) == 0)
		status = second_next(&s, &line, &len);
	for (; status == SECOND_LINE || status == SECOND_LONG;
	     status = second_next(&s, &line, &len))
		if (status == SECOND_LINE)
			versus_note_line(v, side, path, s.line, line, len);
	if (status == SECOND_FAIL)
		frame_fail(v->frame, "%s: %s", path, strerror(errno));
	second_close(&s);
}

/* --- the rest --- */

static void
write_only(const struct job *j, struct arena *a)
{
	struct versus *v = j->v;
	struct versus_fate *f = *pairing_note(j->entry);
	struct fate fate = {NULL, "", false};
	struct versus_event e;
	struct paired text;
	struct show_event show;

	if (!pairing_read(v->pairing, a, j->entry, &text)) {
		frame_fail(v->frame, "the temporary file: %s", strerror(errno));
		return;
	}
	if (f != NULL)
		fate = (struct fate){f->what, f->why, f->elsewhere};
	if (!versus_read(v, a, j->source, text.line, text.text, text.len, &e))
		return;
	if (v->is_judged != NULL) {
		struct divergence_side s = side_of(a, &e);

		if (!v->is_judged(v->arg, a, j->side, &s))
			return;
	}
	show = shown(&e);
	contrast_only(&v->contrast, j->out, a, (int)j->side, &fate, &show);
}

void
versus_rest(struct versus *v, struct buf *out)
{
	struct job j = {.v = v, .out = out};

	for (int side = 0; side < 2; side++) {
		j.side = (enum pairing_side)side;
		j.source = v->contrast.names[side];
		j.entry = pairing_first(v->pairing, j.side);
		for (; j.entry != NULL && !buf_failed(out);
		     j.entry = pairing_next(j.entry))
			work(&j, write_only);
	}
	if (v->contrast.starved)
		frame_fail(v->frame, "%s", strerror(ENOMEM));
}
