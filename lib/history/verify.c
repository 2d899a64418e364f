#include <stdio.h>
#include <string.h>

#include "history/outside.h"
#include "history/seal_check.h"
#include "history/verify.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

/* A stop of a route: an op, and a stage unless it is NULL. */
struct stop {
	const char *op, *stage;
	size_t op_n, stage_n;
};

/* The next stop at *p, which moves behind it; false where there is none. */
static bool
next_stop(const char **p, struct stop *s)
{
	size_t n = strcspn(*p, ",");
	const char *colon = memchr(*p, ':', n);

	if (**p == '\0')
		return false;
	*s = (struct stop){.op = *p, .op_n = n};
	if (colon != NULL) {
		s->op_n = (size_t)(colon - *p);
		s->stage = colon + 1;
		s->stage_n = n - s->op_n - 1;
	}
	*p += n;
	*p += **p == ',';
	return true;
}

bool
verify_route(const char *text)
{
	size_t n = strlen(text);
	struct stop s;

	if (n == 0 || text[n - 1] == ',')
		return false;
	while (next_stop(&text, &s))
		if (s.op_n == 0 || (s.stage != NULL && s.stage_n == 0))
			return false;
	return true;
}

static bool
text_is(struct arena *a, const struct view *v, enum view_member m,
    const char *text, size_t n)
{
	struct value found;

	return view_text(a, v, m, &found) && found.n == n &&
	    memcmp(found.text, text, n) == 0;
}

static bool
stops_at(struct arena *a, const struct view *v, const struct stop *s)
{
	return text_is(a, v, VIEW_OP, s->op, s->op_n) &&
	    (s->stage == NULL ||
		text_is(a, v, VIEW_STAGE, s->stage, s->stage_n));
}

/* Records that go along with a route; *rest is what is left of it then. */
static size_t
follow(struct arena *a, const char *route, const struct view *v, size_t n,
    const char **rest)
{
	const char *p = route;
	struct stop s;
	size_t i = 0;

	for (*rest = p; next_stop(&p, &s); *rest = p) {
		if (i == n || !stops_at(a, &v[i], &s))
			return i;
		i++;
	}
	return i;
}

static bool
fault(struct finding *f, enum verify_fault kind, struct arena *a,
    const struct view *v, size_t i, const char *why)
{
	char name[64];

	f->fault = kind;
	snprintf(f->error.text, sizeof(f->error.text), "record %zu (%s): %s",
	    i + 1, view_name(a, &v[i], name, sizeof(name)), why);
	return false;
}

/* The event took the route that it went along longest, or none. */
static bool
check_route(const struct verify *how, struct arena *a, const struct view *v,
    size_t n, struct finding *f)
{
	const char *rest, *expected = "";
	size_t best = 0, i;
	char why[160];

	for (size_t r = 0; r < how->routes; r++) {
		i = follow(a, how->route[r], v, n, &rest);
		if (i == n && *rest == '\0')
			return true;
		if (r == 0 || i > best) {
			best = i;
			expected = rest;
		}
	}
	if (how->routes == 0)
		return true;
	if (*expected == '\0')
		return fault(
		    f, VERIFY_ROUTE, a, v, best, "the route ends before it");
	snprintf(why, sizeof(why), "the route has '%.*s' here",
	    (int)strcspn(expected, ","), expected);
	if (best < n)
		return fault(f, VERIFY_ROUTE, a, v, best, why);
	f->fault = VERIFY_ROUTE;
	snprintf(f->error.text, sizeof(f->error.text),
	    "the history ends after %zu records; %s", n, why);
	return false;
}

static bool
check_form(struct arena *a, const struct view *v, size_t n, struct finding *f)
{
	struct view_clock clock = {.micros = 0};
	int64_t before = INT64_MIN, now;
	bool known = false;

	for (size_t i = 0; i < n; i++) {
		const char *why = view_fault(a, &clock, &v[i]);

		if (why != NULL)
			return fault(f, VERIFY_FORM, a, v, i, why);
		if (known && view_has(&v[i], VIEW_ID))
			return fault(f, VERIFY_FORM, a, v, i,
			    "the event has an id already");
		if (i > 0 && view_made_event(a, &v[i]))
			return fault(f, VERIFY_FORM, a, v, i,
			    "it made the event of text, but isn't the first");
		known |= view_has(&v[i], VIEW_ID);
		view_time(a, &clock, &v[i], &now);
		if (now < before)
			return fault(f, VERIFY_TIME, a, v, i,
			    "its time is before that of the record before");
		before = now;
	}
	return true;
}

/* What a digest in a record says of a state of its event. */
struct said {
	const char *text;           /* NULL: nothing */
	const struct seal_key *key; /* NULL: it is a sum */
};

/* How record i says that its stage left the event. */
static struct said
said_left(struct arena *a, const struct view *v, const struct seal_of *seals,
    size_t i)
{
	if (seals[i].key != NULL)
		return (struct said){seals[i].link.e, seals[i].key};
	return (struct said){outside_digits(a, &v[i], VIEW_SUM), NULL};
}

/* How record i says that its stage read it, where it does. */
static struct said
said_read(struct arena *a, const struct view *v, const struct seal_of *seals,
    size_t i)
{
	struct value text;

	if (seals[i].key == NULL)
		return (struct said){outside_digits(a, &v[i], VIEW_READ), NULL};
	if (!view_text(a, &v[i], VIEW_READ, &text) || text.n != SEAL_TEXT)
		return (struct said){NULL, NULL};
	return (struct said){text.text, seals[i].key};
}

/* Is that what is said of an event? */
static bool
holds(struct arena *a, const struct said *said, struct value event)
{
	struct seal_text e;
	struct sum sum;

	if (said->key == NULL) {
		sum = outside_sum(a, event);
		return sum_is(&sum, said->text);
	}
	if (!seal_event_value(&e, said->key, event))
		arena_starve(a);
	return seal_same(&e, said->text);
}

/* Are the seals those of these records? */
static bool
check_seals(const struct verify *how, struct arena *a, const struct view *v,
    size_t n, struct seal_of *seals, struct finding *f)
{
	static const enum verify_fault KINDS[] = {
	    [SEAL_BROKEN] = VERIFY_CHAIN,
	    [SEAL_MISSING] = VERIFY_BARE,
	    [SEAL_UNKNOWN] = VERIFY_KEY,
	};
	struct seal_finding found = {.fault = SEAL_SOUND};

	memset(seals, 0, n * sizeof(*seals));
	if (how->keys == NULL)
		return true;
	seal_check(a, how->keys, how->all_sealed, v, n, seals, &found);
	f->sealed = found.sealed;
	if (found.fault == SEAL_SOUND)
		return true;
	if (n > 0)
		return fault(
		    f, KINDS[found.fault], a, v, found.record, found.why);
	f->fault = KINDS[found.fault];
	snprintf(f->error.text, sizeof(f->error.text), "%s", found.why);
	return false;
}

/* Did others change the event after record i of n, as far as is known? */
static bool
changed_after(struct arena *a, struct value event, const struct view *v,
    const struct seal_of *seals, size_t n, size_t i)
{
	struct said left;

	if (i < n || n == 0 || seals[n - 1].key == NULL)
		return outside_after(a, event, v, n, i);
	left = said_left(a, v, seals, n - 1);
	return !holds(a, &left, event);
}

/* All places where others changed the event, if that is a fault. */
static bool
check_outside(const struct verify *how, struct arena *a, struct value event,
    const struct view *v, const struct seal_of *seals, size_t n,
    struct finding *f)
{
	struct rewind_error *e = &f->error;
	size_t used = 0;

	for (size_t i = 1; i <= n; i++) {
		char place[160];

		if (!changed_after(a, event, v, seals, n, i))
			continue;
		f->outside = i;
		outside_tell(a, v, i, place, sizeof(place));
		if (used < sizeof(e->text))
			used += (size_t)snprintf(e->text + used,
			    sizeof(e->text) - used, "%s%s",
			    used > 0 ? "; " : "", place);
	}
	if (f->outside == 0 || how->allow_outside)
		return true;
	f->fault = VERIFY_OUTSIDE;
	return false;
}

/* An event that goes back through its history. */
struct return_trip {
	struct draft draft;
	const struct view *v;
	const struct seal_of *seals;
	size_t n;
	bool altered; /* others changed it: what it was isn't known */
};

/* A record that --lineage slim wrote of a stage that may change events. */
static bool
is_slim(struct arena *a, const struct view *v)
{
	return !view_has(v, VIEW_UNDO) && !view_has(v, VIEW_RULE) &&
	    !view_says(a, v, VIEW_OP, "trace") &&
	    !view_says(a, v, VIEW_OP, "filter");
}

/* Is the event, which record i leaves as it was or not, what is said? */
static bool
is_said(
    struct return_trip *t, struct arena *a, size_t i, const struct said *said)
{
	struct said same = said_left(a, t->v, t->seals, i);
	struct value event;

	if (!view_has(&t->v[i], VIEW_UNDO) && same.text != NULL &&
	    same.key == said->key)
		return memcmp(same.text, said->text,
			   said->key != NULL ? SEAL_TEXT : SUM_TEXT) == 0;
	return !draft_value(&t->draft, &event) || holds(a, said, event);
}

/* Is the event, before record i, what that says that it read? */
static bool
check_state(struct return_trip *t, struct arena *a, size_t i, struct finding *f)
{
	const struct view *v = t->v;
	struct said left = {NULL, NULL}, read = said_read(a, v, t->seals, i);

	if (t->altered)
		return true;
	if (i > 0)
		left = said_left(a, v, t->seals, i - 1);
	if (read.text == NULL && left.text == NULL)
		return true;
	if (read.text != NULL && is_said(t, a, i, &read)) {
		t->altered = left.text != NULL && !is_said(t, a, i, &left);
		return true;
	}
	if (read.text == NULL && is_said(t, a, i, &left))
		return true;
	if (is_slim(a, &v[i])) {
		f->unknown = i + 1;
		return false;
	}
	return fault(f, VERIFY_SUM, a, v, i,
	    "taken back, the event is not what it read");
}

/* Does a record's undo lack what was forgotten? */
static bool
forgets(struct arena *a, const struct view *v)
{
	struct value undo, x;

	if (view_has(v, VIEW_FORGOTTEN))
		return true;
	if (!value_is_array(v->of[VIEW_UNDO]))
		return false;
	undo = array_open(a, v->of[VIEW_UNDO]);
	for (size_t i = 0; i < array_length(undo); i++)
		if (object_get(
			a, array_at(undo, i), value_cstring("forgotten"), &x))
			return true;
	return false;
}

/*
 * Does it name a key, or hold one, by what stands for one that told a
 * forgotten string?  Its state isn't the one that was sealed then.
 */
static bool
renames(const struct view *v)
{
	static const char NAME[] = "(forgotten ";
	struct value undo = v->of[VIEW_UNDO];
	const char *from, *to;

	if (undo.kind != VALUE_RAW_ARRAY)
		return false;
	from = undo.doc->text + undo.doc->at[undo.n];
	to = undo.doc->text + undo.doc->at[undo.doc->match[undo.n]];
	return memmem(from, (size_t)(to - from), NAME, sizeof(NAME) - 1) !=
	    NULL;
}

static bool
check_undo(struct arena *a, struct value event, const struct view *v,
    const struct seal_of *seals, size_t n, struct finding *f)
{
	struct return_trip t = {
	    .v = v, .seals = seals, .n = n, .altered = f->outside == n};
	struct rewind_error why;

	draft_init(&t.draft, a, event);
	for (size_t i = n; i-- > 0;) {
		enum rewind_status status =
		    rewind_record(&t.draft, &v[i], NULL, &why);

		if (status == REWIND_LOST ||
		    (status == REWIND_WRONG && t.altered)) {
			f->unknown = i + 1;
			return true;
		}
		if (status == REWIND_WRONG) {
			f->fault = VERIFY_UNDO;
			rewind_name(a, v, i, &why, &f->error);
			return false;
		}
		/* A seal tells the state as it was with what is gone. */
		if (seals[i].key != NULL &&
		    (forgets(a, &v[i]) || renames(&v[i])))
			t.altered = true;
		if (!check_state(&t, a, i, f))
			return false;
	}
	return true;
}

/*
 * Are the records well-formed, and those that were sealed?  A time that was
 * changed is a record that was.
 */
static bool
check_records(const struct verify *how, struct arena *a, const struct view *v,
    size_t n, struct seal_of *seals, struct finding *f)
{
	struct finding seal = *f;
	bool good = check_form(a, v, n, f);

	if (!good && f->fault != VERIFY_TIME)
		return false;
	if (!check_seals(how, a, v, n, seals, &seal)) {
		*f = seal;
		return false;
	}
	f->sealed = seal.sealed;
	return good;
}

void
verify_event(const struct verify *how, struct arena *a, struct value event,
    struct value history, struct finding *f)
{
	size_t n;
	struct view *v = view_history(a, history, &n);
	struct seal_of *seals = arena_array(a, n, sizeof(*seals));

	f->fault = VERIFY_SOUND;
	f->unknown = f->outside = f->sealed = 0;
	if (check_records(how, a, v, n, seals, f) &&
	    check_route(how, a, v, n, f) &&
	    check_outside(how, a, event, v, seals, n, f))
		check_undo(a, event, v, seals, n, f);
}
