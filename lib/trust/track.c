#include "history/patch.h"
#include "history/rewind.h"
#include "trust/track_parts.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

enum { ROUNDS = 100 }; /* walks that a history may take */

/* --- walking ------------------------------------------------------------- */

/* Gives what stands in a copy's place, which arg is. */
static struct value
give_copy(void *arg, const struct patch_change *change)
{
	const struct value *copy = arg;

	(void)change;
	return *copy;
}

/* Note what was forgotten before: it is null now. */
static void
note_gone(struct track *t, struct value v, const struct track_change *op)
{
	struct value forgotten, list, at;
	struct mark span;

	if (!op->has_value ||
	    !object_get(t->a, v, value_cstring("forgotten"), &forgotten))
		return;
	if (forgotten.kind == VALUE_TRUE && op->value.kind == VALUE_NULL) {
		span = marks_span(op->value);
		marks_add(&t->gone, span);
		return;
	}
	if (!value_is_array(forgotten))
		return;
	list = array_open(t->a, forgotten);
	for (size_t i = 0; i < array_length(list); i++) {
		struct value text = array_at(list, i);
		struct pointer p;

		if (!value_is_string(text))
			continue;
		text = string_decoded(t->a, text);
		if (memchr(text.text, '\0', text.n) != NULL ||
		    !pointer_parse(
			t->a, &p, arena_copy(t->a, text.text, text.n)) ||
		    !pointer_get(t->a, op->value, &p, &at) ||
		    at.kind != VALUE_NULL || !(at.flags & VALUE_SOURCE))
			continue;
		span = marks_span(at);
		marks_add(&t->gone, span);
	}
}

static enum track_fate
fate_of_copy(
    struct track *t, struct draft_slot *from, const struct track_operation *o)
{
	if (o->copy.kind == VALUE_NULL || track_mark_of(t, from) != NULL)
		return TRACK_KEEP;
	return marks_in(&t->marks, marks_span(o->copy)) ? TRACK_SPELL
							: TRACK_KEEP;
}

/* A copy is a text of its own, unless it takes the place of what it copies. */
static bool
take_copy(struct track *t, struct draft *d, struct track_record *r, size_t i,
    const struct track_change *op, struct draft_slot *from)
{
	struct track_operation *o = &r->operations[i];

	if (!o->seen &&
	    (from->node != NULL || !track_is_lost(t, r, i + 1, op->from)) &&
	    !track_make_copy(t, d, from, &o->copy))
		return false;
	o->seen = true;
	if (o->copy.kind != VALUE_NULL)
		track_mark_copy(t, d, from, o->copy);
	return true;
}

/* What comes of an operation that leads from or into what is marked. */
static void
judge(struct track *t, struct draft *d, struct track_operation *o,
    const struct track_change *op, struct draft_slot *from)
{
	const struct mark *into = track_within(t, d, op->path);
	const struct mark *out_of =
	    from == NULL ? NULL : track_within(t, d, op->from);
	enum mark_kind kind = into != NULL ? into->kind : MARK_TEXT;
	struct draft_slot *place;

	o->fate = TRACK_KEEP;
	if (into != NULL) {
		o->fate = TRACK_DROP;
		if (op->kind == CHANGE_ADD)
			track_mark_value(t, op->value, kind);
		if (op->kind == CHANGE_COPY && o->copy.kind != VALUE_NULL)
			track_mark_value(t, o->copy, kind);
		if (op->kind != CHANGE_MOVE || from == NULL)
			return;
		if (out_of == NULL)
			o->fate = TRACK_REMOVE;
		track_mark_slot(t, d, from, kind);
	} else if (out_of != NULL) {
		o->fate = TRACK_NULL;
		kind = out_of->kind;
		track_mark_slot(t, d, from, kind);
		if (op->kind == CHANGE_COPY && o->copy.kind != VALUE_NULL)
			track_mark_value(t, o->copy, kind);
	} else if (op->kind == CHANGE_COPY && from != NULL) {
		o->fate = fate_of_copy(t, from, o);
	} else if (op->kind == CHANGE_TEST) {
		place = track_slot_at(t, d, op->path);
		if (marks_in(&t->marks, marks_span(op->value)) ||
		    (place != NULL && track_holds(t, d, place)))
			o->fate = TRACK_DROP;
	}
}

/* Is what becomes the whole event gone altogether? */
static bool
leaves_nothing(struct track *t, const struct track_operation *o,
    const struct track_change *op, const struct draft_slot *from)
{
	if (o->fate != TRACK_KEEP && o->fate != TRACK_SPELL)
		return o->fate == TRACK_NULL;
	if (op->kind == CHANGE_ADD)
		return marks_over(&t->marks, marks_span(op->value)) != NULL;
	if (from != NULL && track_mark_of(t, from) != NULL)
		return true;
	return o->copy.kind != VALUE_NULL &&
	    marks_over(&t->marks, marks_span(o->copy)) != NULL;
}

/* Follow one operation of an undo; false where it can't be applied. */
static bool
follow(struct track *t, struct draft *d, struct track_record *r, size_t i)
{
	struct track_operation *o = &r->operations[i];
	struct patch_watch watch = {give_copy, &o->copy};
	struct value v = array_at(r->undo, i);
	struct patch_error error;
	struct draft_slot *from = NULL;
	struct track_change op;

	if (!track_read_change(t, v, &op))
		return false;
	note_gone(t, v, &op);
	if (op.kind == CHANGE_MOVE || op.kind == CHANGE_COPY) {
		from = track_slot_at(t, d, op.from);
		if (from == NULL)
			return false;
	}
	if (op.kind == CHANGE_COPY && !take_copy(t, d, r, i, &op, from))
		return false;
	judge(t, d, o, &op, from);
	if (op.path.n == 0 && op.kind != CHANGE_TEST &&
	    leaves_nothing(t, o, &op, from))
		o->fate = TRACK_EMPTY;
	if (!patch_operation(d, v,
		op.kind == CHANGE_COPY && o->copy.kind != VALUE_NULL ? &watch
								     : NULL,
		&error))
		return false;
	if (op.kind != CHANGE_TEST)
		track_look_at(t, d, op.path);
	return true;
}

/* The undo of a record, for the first walk; false: it can't be taken back. */
static bool
open_record(struct track *t, size_t k)
{
	struct track_record *r = &t->records[k];
	struct rewind_error error;

	if (r->undo.kind != VALUE_NULL)
		return true;
	if (rewind_undo(t->a, &t->v[k], &r->undo, &error) != REWIND_OK) {
		r->undo = VALUE_OF(VALUE_NULL);
		return false;
	}
	r->n = array_length(r->undo);
	r->operations = arena_array(t->a, r->n, sizeof(*r->operations));
	memset(r->operations, 0, r->n * sizeof(*r->operations));
	return true;
}

static bool
follow_record(struct track *t, struct draft *d, size_t k)
{
	struct track_record *r = &t->records[k];

	if (r->broken || !open_record(t, k)) {
		r->broken = true;
		return false;
	}
	for (size_t i = 0; i < r->n && !r->broken; i++)
		r->broken = !follow(t, d, r, i);
	r->broken |= !draft_is_object(&d->root);
	if (!r->broken)
		track_look_at_elements(t, d);
	return !r->broken;
}

/* Walk back to the first state that can be had; last: what did they hold? */
static void
walk(struct track *t, bool last)
{
	struct draft d;

	draft_init(&d, t->a, t->root);
	for (size_t i = 0; i < t->paths_n; i++)
		track_find(t, &d, &d.root, &t->paths[i], 0, false);
	if (last)
		t->changed = track_holds(t, &d, &d.root);
	t->reach = t->n;
	while (t->reach > 0 && follow_record(t, &d, t->reach - 1)) {
		t->reach--;
		if (last)
			t->records[t->reach].changed =
			    track_holds(t, &d, &d.root);
	}
}

/* --- behind what can be taken back --------------------------------------- */

/*
 * An operation that nobody can apply any more: its path tells what it holds;
 * where something moves from or to such a path, that can't be told.
 */
static void
guess(struct track *t, struct track_record *r, size_t i)
{
	struct track_change op;

	r->operations[i].fate = TRACK_KEEP;
	if (!track_read_change(t, array_at(r->undo, i), &op)) {
		r->wiped = true;
		return;
	}
	note_gone(t, array_at(r->undo, i), &op);
	for (size_t k = 0; k < t->paths_n; k++) {
		const struct track_path *p = &t->paths[k];
		struct track_rest at = track_path_start(op.path),
				  from = track_path_start(op.from);
		size_t n = track_shared_steps(t, p, &at);
		bool into = n == p->path.n, above = at.p == at.end;
		bool moves = op.kind == CHANGE_MOVE || op.kind == CHANGE_COPY;

		if (moves && (into || above))
			r->wiped = true;
		n = moves ? track_shared_steps(t, p, &from) : 0;
		if (moves && (n == p->path.n || from.p == from.end))
			r->wiped = true;
		if (moves || !(into || above))
			continue;
		if (into && !above)
			r->operations[i].fate = TRACK_DROP;
		if (op.has_value && into)
			track_mark_found(t, op.value, p);
		else if (op.has_value)
			track_find_raw(t, op.value, p,
			    track_shared_steps(t, p,
				&(struct track_rest){
				    op.path.text, op.path.text + op.path.n}));
	}
}

/* An undo that can't be read holds nobody knows what. */
static void
guess_record(struct track *t, size_t k)
{
	struct track_record *r = &t->records[k];
	struct value undo = t->v[k].of[VIEW_UNDO];

	if (!view_has(&t->v[k], VIEW_UNDO))
		return;
	if (!value_is_array(undo)) {
		r->wiped = true;
		return;
	}
	r->undo = array_open(t->a, undo);
	r->n = array_length(r->undo);
	r->operations = arena_array(t->a, r->n, sizeof(*r->operations));
	memset(r->operations, 0, r->n * sizeof(*r->operations));
	for (size_t i = 0; i < r->n; i++)
		guess(t, r, i);
}

static void
guess_rest(struct track *t)
{
	bool wiped = false;

	for (size_t k = t->reach; k-- > 0;)
		guess_record(t, k);
	for (size_t k = t->reach; k-- > 0;)
		wiped |= t->records[k].wiped;
	for (size_t k = t->reach; k-- > 0;)
		t->records[k].wiped = wiped && view_has(&t->v[k], VIEW_UNDO);
	for (size_t k = t->reach; k-- > 0 && wiped;)
		t->marks.added++; /* there is something to be done */
}

/* --- strings ------------------------------------------------------------- */

static bool
is_found(struct track *t, struct value v)
{
	v = string_decoded(t->a, v);
	return needles_in(&t->needles, v.text, v.n);
}

/* Mark the strings in a value that hold one of the needles, and the keys. */
static void
mark_strings(struct track *t, struct value v)
{
	const struct doc *d = v.doc;

	if (value_is_string(v) && is_found(t, v))
		track_mark_value(t, v, MARK_TEXT);
	if (v.kind != VALUE_RAW_ARRAY && v.kind != VALUE_RAW_OBJECT)
		return;
	for (uint32_t e = v.n; e < d->match[v.n]; e++) {
		struct value x;

		if (d->text[d->at[e]] != '"')
			continue;
		x = value_source(d, e);
		if (!is_found(t, x))
			continue;
		if (track_is_key(d, e))
			marks_add(&t->keys, marks_span(x));
		else
			track_mark_value(t, x, MARK_TEXT);
	}
}

/* What else a record says: where it comes from, what it was made of. */
static void
mark_other_strings(struct track *t, const struct view *v)
{
	static const enum view_member OTHERS[] = {
	    VIEW_FROM, VIEW_WINDOW, VIEW_OF};

	for (size_t i = 0; i < sizeof(OTHERS) / sizeof(*OTHERS); i++)
		if (view_has(v, OTHERS[i]))
			mark_strings(t, v->of[OTHERS[i]]);
}

static void
mark_all_strings(struct track *t)
{
	struct value x;

	if (t->needles.n == 0)
		return;
	for (size_t k = 0; k < t->n; k++) {
		const struct track_record *r = &t->records[k];

		mark_other_strings(t, &t->v[k]);

		for (size_t i = 0; i < r->n; i++) {
			struct value op = array_at(r->undo, i);

			if (value_is_object(op) &&
			    object_get(t->a, op, value_cstring("value"), &x))
				mark_strings(t, x);
		}
	}
}

/* A copy that is to be spelled out is a value of its undo then. */
static void
mark_spelled(struct track *t)
{
	for (size_t k = t->reach; k < t->n; k++) {
		const struct track_record *r = &t->records[k];

		for (size_t i = 0; i < r->n; i++)
			if (r->operations[i].fate == TRACK_SPELL)
				mark_strings(t, r->operations[i].copy);
	}
}

/* Walk until nothing new is marked; false where that takes too long. */
static bool
settle(struct track *t)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		size_t added = t->marks.added;

		walk(t, false);
		if (t->marks.added == added)
			return true;
	}
	t->error = "its history moves values to and fro more often than can "
		   "be followed, so it can't be told what is to be forgotten";
	return false;
}

bool
track_event(struct track *t, struct value root, struct value history)
{
	size_t added;

	t->root = root;
	t->v = view_history(t->a, history, &t->n);
	t->records = arena_array(t->a, t->n, sizeof(*t->records));
	memset(t->records, 0, t->n * sizeof(*t->records));
	t->marks.a = t->gone.a = t->keys.a = t->a;
	t->needles.a = t->numbers.a = t->a;
	if (t->n == 0 && t->paths_n > 0) {
		walk(t, true);
		return t->marks.added > 0;
	}
	if (!settle(t))
		return false;
	guess_rest(t);
	mark_all_strings(t);
	if (t->marks.added == 0 && t->paths_n > 0)
		return false;
	do {
		if (!settle(t))
			return false;
		added = t->marks.added;
		mark_spelled(t);
	} while (t->marks.added > added);
	walk(t, true);
	return true;
}
