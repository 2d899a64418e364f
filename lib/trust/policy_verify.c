#include "trust/policy_verify.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "history/outside.h"
#include "history/timeline.h"
#include "record/rulebook.h"
#include "trust/breach.h"
#include "trust/masked.h"
#include "trust/restate.h"
#include "trust/ruling.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

struct judging {
	const struct policy *p;
	struct rules *rules;
	struct arena *a;
	struct timeline t;
	struct masked shown;
	struct masked_names named;
	struct rewind_error *error;
};

/* Say what is wrong with record i; gives false. */
static bool wrong(struct judging *j, size_t i, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool
wrong(struct judging *j, size_t i, const char *format, ...)
{
	struct rewind_error why;
	va_list args;

	va_start(args, format);
	vsnprintf(why.text, sizeof(why.text), format, args);
	va_end(args);
	rewind_name(j->a, j->t.v, i, &why, j->error);
	return false;
}

/* The stage's name, or NULL. */
static const char *
stage_of(struct judging *j, size_t i)
{
	struct value name;

	return view_text(j->a, &j->t.v[i], VIEW_STAGE, &name)
	    ? arena_copy(j->a, name.text, name.n)
	    : NULL;
}

/* --- what it writes of its history --- */

static bool
has_rule(struct judging *j, const struct view *v)
{
	struct value rule;

	/* A hash that nothing was found for is no rule. */
	return view_text(j->a, v, VIEW_RULE, &rule) &&
	    !(rule.n == RULEBOOK_HASH && memcmp(rule.text, "b2:", 3) == 0);
}

static bool
check_lineage(struct judging *j, size_t i)
{
	const struct view *v = &j->t.v[i];

	if (j->p->lineage > LINEAGE_COMPACT)
		return true;
	if (view_has(v, VIEW_TRUNCATED))
		return wrong(j, i, "lineage: its undo was left out");
	if (has_rule(j, v) || view_says(j->a, v, VIEW_OP, "trace") ||
	    view_has(v, VIEW_REVERTS))
		return true;
	return wrong(j, i,
	    view_has(v, VIEW_RULE)
		? "lineage: its rule is a hash that MS_RULES doesn't know"
		: "lineage: it says less than full");
}

/*
 * Only the first record's stage can have made the event, of text or of other
 * events.  One behind it would hide from the rules all that came before.
 */
static bool
check_made(struct judging *j, size_t i)
{
	if (i == 0)
		return true;
	if (view_made_event(j->a, &j->t.v[i]))
		return wrong(
		    j, i, "it made the event of text, but isn't the first");
	return !view_has(&j->t.v[i], VIEW_OF) ||
	    wrong(j, i, "it made the event of others, but isn't the first");
}

/* --- paths --- */

static bool
check_protect(struct judging *j, const struct policy_rule *r, size_t i,
    const struct value *was, const struct value *now)
{
	if (breach_of_paths(j->a, &r->set, was, now) == NULL)
		return true;
	for (size_t k = 0; k < r->paths.n; k++) {
		const char *place =
		    breach_of_path(j->a, &r->paths.v[k].path, was, now);

		if (place != NULL)
			return wrong(j, i,
			    "rule %s: %s is protected, and was changed", r->id,
			    place);
	}
	return true;
}

static bool
check_may(struct judging *j, const struct policy_rule *r, size_t i,
    const struct value *was, const struct value *now)
{
	const char *place = breach_outside(j->a, &r->set, was, now);

	return place == NULL ||
	    wrong(j, i, "rule %s: stage %s may not change %s", r->id, r->stage,
		place);
}

/* --- flows --- */

/* What the record's stage did; NULL where that isn't known. */
static const struct explain_report *
explain(struct judging *j, size_t i, bool *creates)
{
	struct view as_map = {.has = 1u << VIEW_OP | 1u << VIEW_RULE};
	const struct rule_report *report;
	struct arena_deferred *release;
	struct buf *b = buf_new(j->a, &release);
	bool told = restate_rule(b, j->a, &j->t.v[i], creates);

	if (buf_failed(b))
		arena_starve(j->a);
	as_map.of[VIEW_OP] = value_cstring("map");
	as_map.of[VIEW_RULE] =
	    value_text(arena_copy(j->a, b->p, b->len), b->len);
	arena_end(j->a, release);
	if (!told)
		return NULL;
	report = rules_explain(j->rules, j->a, &as_map);
	return report->writes ? &report->program : NULL;
}

/*
 * Is nothing there in the state that record i's stage read, or only masks?
 * Where that state can't be had, records have the say about masks.
 */
static bool
is_absent(
    struct judging *j, const struct pathspec *path, size_t i, bool or_masked)
{
	if (i < j->t.low)
		return or_masked;
	return (or_masked ? breach_unmasked : breach_presence)(
		   j->a, &path->path, j->t.state[i]) == NULL;
}

/*
 * Does record i + 1 change nothing?  One that masks may lack its undo, too, but
 * then record i keeps no sum.  Both have lost theirs where something was
 * forgotten later.
 */
static bool
only_tells(struct judging *j, size_t i)
{
	const struct view *v = j->t.v;
	struct masked_paths m;
	enum outside_alike alike;
	size_t k = i + 2;

	if (view_has(&v[i + 1], VIEW_UNDO) ||
	    view_has(&v[i + 1], VIEW_TRUNCATED))
		return false;
	alike = outside_compare(j->a, &v[i], &v[i + 1]);
	while (k < j->t.n && !masked_paths(j->a, &v[k], &m))
		k++;
	return alike == OUTSIDE_ALIKE ||
	    (alike == OUTSIDE_SILENT && k < j->t.n);
}

/* Is a state as the record that left it says, where it says so by a sum? */
static bool
is_as_left(struct judging *j, size_t state)
{
	const char *left = outside_digits(j->a, &j->t.v[state - 1], VIEW_SUM);
	struct sum sum;

	if (left == NULL)
		return true;
	sum = outside_sum(j->a, j->t.state[state]);
	return sum_is(&sum, left);
}

/*
 * Does the record behind one that made a result say that the events of which
 * it was made held masks there?  What the result has there is a mask as well;
 * where it has nothing there, others may have taken it out.
 */
static bool
is_shown_behind(struct judging *j, const struct pathspec *path, size_t i)
{
	const struct view *behind = &j->t.v[i + 1];
	struct masked shown;
	struct value made;

	if (!view_has(&j->t.v[i], VIEW_OF) || i + 1 == j->t.n ||
	    i + 1 < j->t.low || !only_tells(j, i))
		return false;
	made = j->t.state[i + 1];
	masked_read(j->a, behind, 1, j->p, &shown);
	if (!masked_shown(&shown, 1, path))
		return false;
	return breach_presence(j->a, &path->path, made) == NULL
	    ? is_as_left(j, i + 1)
	    : breach_unmasked(j->a, &path->path, made) == NULL;
}

/* Was a path masked when record i's stage saw it, or nothing is there? */
static bool
is_masked(struct judging *j, const struct pathspec *path, size_t i)
{
	const struct policy *p = j->p;

	if (is_absent(j, path, i, false) || is_shown_behind(j, path, i))
		return true;
	return is_absent(j, path, i, true) &&
	    (pathset_covers(&p->mask_set, &path->path)
		    ? masked_shown(&j->shown, i + 1, path)
		    : masked_named(&j->named, i + 1, path, true));
}

static bool
is_forgotten(struct judging *j, const struct pathspec *path, size_t i)
{
	return pathset_covers(&j->p->forget_set, &path->path) ||
	    (masked_named(&j->named, i + 1, path, false) &&
		is_absent(j, path, i, false));
}

/*
 * The paths of a label that were gone by then; there says, by number, which
 * weren't, where that is known.
 */
static struct pathspecs
list_gone(struct judging *j, const struct policy_rule *r, size_t i,
    const bool *there,
    bool (*is_gone)(struct judging *j, const struct pathspec *path, size_t i))
{
	struct pathspec *v = arena_array(j->a, r->paths.n, sizeof(*v));
	size_t n = 0;

	for (size_t k = 0; k < r->paths.n; k++)
		if ((there != NULL && !there[k]) ||
		    is_gone(j, &r->paths.v[k], i))
			v[n++] = r->paths.v[k];
	return (struct pathspecs){v, n};
}

static bool
check_flow(struct judging *j, const struct policy_rule *r, size_t i)
{
	struct pathspecs masked, forgotten;
	struct ruling_stage stage = {
	    .masked = &masked, .forgotten = &forgotten};
	const struct explain_report *e;
	struct ruling found;
	const bool *there = NULL;

	if (i == 0 && view_made_event(j->a, &j->t.v[i]))
		return true; /* text has no labels */
	e = explain(j, i, &stage.creates);
	if (e == NULL)
		return true;
	if (i >= j->t.low)
		there = breach_present(j->a, &r->set, j->t.state[i]);
	masked = list_gone(j, r, i, there, is_masked);
	forgotten = list_gone(j, r, i, NULL, is_forgotten);
	ruling_make(j->a, r, e, &stage, &found);
	/* What to do comes too late. */
	found.text[strcspn(found.text, ";")] = '\0';
	return found.touch != TOUCH_WRITES ||
	    wrong(j, i, "rule %s: %s%s", r->id, found.text,
		r->unless_mask && view_has(&j->t.v[i], VIEW_OF)
		    ? ", and no record shows that it was masked"
		    : "");
}

/* --- values that are to be gone --- */

/* A path of an undo, as its steps are in a state. */
static struct pathspec
place_in(struct judging *j, const struct pointer *path, struct value state)
{
	struct pathspec place = pathspec_of(j->a, path);
	struct value *keys = arena_array(j->a, path->n, sizeof(*keys));
	bool known = true;

	for (size_t k = 0; k < path->n; k++) {
		const struct pointer_step *step = &path->steps[k];
		bool is_key =
		    step->i == SIZE_MAX || !known || !value_is_array(state);

		keys[k] = is_key && step->key.kind != VALUE_NULL
		    ? step->key
		    : place.path.keys[k];
		known = known && pointer_child(j->a, state, step, &state);
	}
	place.path.keys = keys;
	return place;
}

/* Does record i, whose paths these are, name a place that its undo changes? */
static bool
names_place(struct judging *j, size_t i, struct masked_paths m,
    const struct value *text)
{
	struct pathspec path, place, pattern;
	struct pointer p;
	bool masked;

	if (memchr(text->text, '\0', text->n) != NULL ||
	    !pointer_parse(j->a, &p, arena_copy(j->a, text->text, text->n)))
		return false;
	pattern = pathspec_of(j->a, &p);
	place = place_in(j, &p, j->t.state[i + 1]);
	while (masked_next(j->a, &m, &path, &masked))
		/* In /a/0 the 0 may be a key. */
		if (pathspec_covers(&path, &place) ||
		    (*path.text == '/' && pathspec_covers(&path, &pattern)))
			return true;
	return false;
}

/* Was a value forgotten there, at a path that record i names? */
static bool
takes_out_at(struct judging *j, size_t i, const struct masked_paths *m,
    struct value operation)
{
	struct value said, paths[2];
	size_t n;

	if (!value_is_object(operation) ||
	    !object_get(j->a, operation, value_cstring("forgotten"), &said) ||
	    said.kind != VALUE_TRUE)
		return false;
	n = view_paths(j->a, operation, paths);
	for (size_t k = 0; k < n; k++)
		if (!names_place(j, i, *m, &paths[k]))
			return false;
	return n > 0;
}

/* Does its undo say of each place that a value was forgotten there? */
static bool
takes_out(struct judging *j, size_t i, const struct masked_paths *m)
{
	const struct view *v = &j->t.v[i];
	struct value undo;

	if (!view_has(v, VIEW_UNDO) || !value_is_array(v->of[VIEW_UNDO]))
		return false;
	undo = array_open(j->a, v->of[VIEW_UNDO]);
	for (size_t k = 0; k < array_length(undo); k++)
		if (!takes_out_at(j, i, m, array_at(undo, k)))
			return false;
	return true;
}

/* What a stage took out that the policy didn't have it to. */
static bool
check_own(struct judging *j, const struct policy_rule *r, size_t i,
    const struct pathspec *own)
{
	const struct value *was = &j->t.state[i], *now = &j->t.state[i + 1];
	const char *place;

	if (r->kind == POLICY_PROTECT) {
		for (size_t k = 0; k < r->paths.n; k++)
			if (pathspec_meets(&r->paths.v[k], own))
				return check_protect(j, r, i, was, now);
		return true;
	}
	place = pathset_covers(&r->set, &own->path)
	    ? NULL
	    : breach_of_path(j->a, &own->path, was, now);
	return place == NULL ||
	    wrong(j, i, "rule %s: stage %s may not change %s", r->id, r->stage,
		place);
}

/*
 * A record of what was masked or forgotten changes what the policy protects
 * where the policy says so.
 */
static bool
check_taken(struct judging *j, const struct policy_rule *r, size_t i,
    struct masked_paths *m)
{
	struct pathspec path;
	bool masked;

	while (masked_next(j->a, m, &path, &masked))
		if (!pathspecs_cover(
			masked ? &j->p->mask : &j->p->forget, &path) &&
		    !check_own(j, r, i, &path))
			return false;
	return true;
}

static bool
check_rule(struct judging *j, const struct policy_rule *r, size_t i)
{
	const struct timeline *t = &j->t;
	bool made = i + 1 == t->low && t->made;
	struct masked_paths m;

	if (r->kind == POLICY_DENY)
		return check_flow(j, r, i);
	if (i < t->low && !(made && r->kind == POLICY_MAY))
		return true;
	if (!made && masked_paths(j->a, &t->v[i], &m) && takes_out(j, i, &m))
		return check_taken(j, r, i, &m);
	return r->kind == POLICY_PROTECT
	    ? check_protect(j, r, i, &t->state[i], &t->state[i + 1])
	    : check_may(j, r, i, made ? NULL : &t->state[i], &t->state[i + 1]);
}

static bool
check_forgotten(struct judging *j)
{
	const struct pathspecs *paths = &j->p->forget;

	for (size_t i = j->t.low; i <= j->t.n; i++) {
		const bool *there =
		    breach_present(j->a, &j->p->forget_set, j->t.state[i]);

		for (size_t k = 0; k < paths->n; k++) {
			const char *place;

			if (!there[k])
				continue;
			place = breach_presence(
			    j->a, &paths->v[k].path, j->t.state[i]);
			snprintf(j->error->text, sizeof(j->error->text),
			    "forget: %s is there, or was after %zu records",
			    place, i);
			return false;
		}
	}
	return true;
}

/* What is at a path in a state is a mask, and a record shows it. */
static bool
check_masked(struct judging *j, const struct pathspec *path, size_t i)
{
	const char *place = breach_unmasked(j->a, &path->path, j->t.state[i]);
	char *out = j->error->text;
	size_t size = sizeof(j->error->text);

	if (place != NULL) {
		snprintf(out, size,
		    "mask: %s isn't masked, or wasn't after %zu records", place,
		    i);
		return false;
	}
	if (masked_shown(&j->shown, j->t.n, path))
		return true;
	place = breach_presence(j->a, &path->path, j->t.state[i]);
	snprintf(out, size, "mask: no record shows that %s was masked%s%.200s",
	    place, j->p->mask_stage != NULL ? " by stage " : "",
	    j->p->mask_stage != NULL ? j->p->mask_stage : "");
	return false;
}

static bool
check_masks(struct judging *j)
{
	for (size_t i = j->t.low; i <= j->t.n; i++) {
		const bool *there =
		    breach_present(j->a, &j->p->mask_set, j->t.state[i]);

		for (size_t k = 0; k < j->p->mask.n; k++)
			if (there[k] && !check_masked(j, &j->p->mask.v[k], i))
				return false;
	}
	return true;
}

/* --- before a stage --- */

static const char *refusal(struct arena *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static const char *
refusal(struct arena *a, const char *format, ...)
{
	char text[400];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return arena_copy(
	    a, text, n < (int)sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

const char *
policy_admits(const struct policy *p, struct arena *a, struct value event,
    struct value history)
{
	const bool *there = breach_present(a, &p->mask_set, event);
	struct view *v = NULL;
	struct masked shown;
	size_t n = 0;

	for (size_t i = 0; i < p->mask.n; i++) {
		const struct pathspec *path = &p->mask.v[i];

		if (!there[i])
			continue;
		/* A place's keys may tell what is to be told nowhere. */
		if (v == NULL) {
			v = view_history(a, history, &n);
			masked_read(a, v, n, p, &shown);
		}
		if (!masked_shown(&shown, n, path))
			return refusal(a,
			    "mask: no record shows that %s was masked by "
			    "stage %s",
			    path->text, p->mask_stage);
		if (breach_unmasked(a, &path->path, event) != NULL)
			return refusal(a,
			    "mask: %s isn't a mask any more, as stage %s had "
			    "left it",
			    path->text, p->mask_stage);
	}
	return NULL;
}

bool
policy_verify(const struct policy *p, struct rules *rules, struct arena *a,
    struct value event, struct value history, struct rewind_error *error)
{
	struct judging j = {.p = p, .rules = rules, .a = a, .error = error};
	size_t n;
	struct view *v = view_history(a, history, &n);

	rules_begin(rules);
	if (!timeline_init(&j.t, a, event, v, n, error))
		return false;
	masked_read(a, v, n, p, &j.shown);
	masked_read_names(a, v, n, &j.named);
	for (size_t i = 0; i < n; i++) {
		const char *stage = stage_of(&j, i);

		if (!check_lineage(&j, i) || !check_made(&j, i))
			return false;
		for (size_t k = 0; k < p->rules_n; k++)
			if (policy_concerns(&p->rules[k], stage) &&
			    !check_rule(&j, &p->rules[k], i))
				return false;
	}
	return check_forgotten(&j) && check_masks(&j);
}

bool
policy_gone(const struct policy *p, struct arena *a, struct value event,
    struct value history, struct rewind_error *error)
{
	struct judging j = {.p = p, .a = a, .error = error};
	size_t n;
	struct view *v = view_history(a, history, &n);

	if (!timeline_init(&j.t, a, event, v, n, error))
		return false;
	masked_read(a, v, n, p, &j.shown);
	return check_forgotten(&j) && check_masks(&j);
}
