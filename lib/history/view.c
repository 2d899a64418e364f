#include <string.h>

#include "base/clock.h"
#include "record/rulebook.h"
#include "record/seal.h"
#include "record/sum.h"
#include "record/uuid.h"
#include "history/view.h"
#include "value/array.h"
#include "value/number.h"
#include "value/object.h"
#include "value/string.h"

static enum view_member
which(struct value key)
{
#define NAME(name, text) {text, sizeof(text) - 1},
	static const struct {
		const char *text;
		size_t n;
	} NAMES[VIEW_MEMBERS] = {RECORD_MEMBERS(NAME)};
#undef NAME
	enum view_member m = 0;

	while (m < VIEW_MEMBERS &&
	    (NAMES[m].n != key.n ||
		memcmp(NAMES[m].text, key.text, key.n) != 0))
		m++;
	return m;
}

static void
note(struct view *v, struct value key, struct value x)
{
	enum view_member m = which(key);

	if (m == VIEW_MEMBERS)
		return;
	v->again |= v->has & 1U << m;
	v->has |= 1U << m;
	v->of[m] = x;
}

static void
view_raw(struct arena *a, struct value record, struct view *v)
{
	const struct doc *d = record.doc;
	uint32_t end = d->match[record.n];

	for (uint32_t e = record.n + 1; e < end; e = doc_after(d, e + 2) + 1)
		note(v, string_decoded(a, value_source(d, e)),
		    value_source(d, e + 2));
}

/* A rule that is told by its hash is shown as its text, where that is known. */
static void
look_up(struct arena *a, struct view *v)
{
	struct value hash = string_decoded(a, v->of[VIEW_RULE]);
	const char *text;
	size_t n;

	if (hash.kind == VALUE_STRING &&
	    rulebook_find(a->rulebook, hash.text, hash.n, &text, &n))
		v->of[VIEW_RULE] = value_text(text, n);
}

void
view_record(struct arena *a, struct value record, struct view *v)
{
	struct member *m;
	uint32_t i = 0;

	memset(v, 0, sizeof(*v)); /* all are VALUE_NULL */
	v->record = record;
	if (record.kind == VALUE_RAW_OBJECT) {
		view_raw(a, record, v);
	} else if (record.kind == VALUE_OBJECT) {
		while ((m = object_next(a, record, &i)) != NULL)
			note(v, string_decoded(a, m->key),
			    value_take(&m->value));
	}
	if (a->rulebook != NULL && view_has(v, VIEW_RULE))
		look_up(a, v);
}

struct view *
view_history(struct arena *a, struct value history, size_t *n)
{
	struct view *v;

	history = array_open(a, history);
	*n = array_length(history);
	v = arena_array(a, *n, sizeof(*v));
	for (size_t i = 0; i < *n; i++)
		view_record(a, array_at(history, i), &v[i]);
	return v;
}

bool
view_text(struct arena *a, const struct view *v, enum view_member m,
    struct value *text)
{
	if (!value_is_string(v->of[m]))
		return false;
	*text = string_decoded(a, v->of[m]);
	return true;
}

bool
view_says(
    struct arena *a, const struct view *v, enum view_member m, const char *text)
{
	struct value found;
	size_t n = strlen(text);

	return view_text(a, v, m, &found) && found.n == n &&
	    memcmp(found.text, text, n) == 0;
}

/* Six digits and a Z; -1 where it isn't that. */
static int64_t
read_micros(const char *p)
{
	int64_t micros = 0;

	for (int i = 0; i < 6; i++) {
		if (p[i] < '0' || p[i] > '9')
			return -1;
		micros = micros * 10 + (p[i] - '0');
	}
	return p[6] == 'Z' ? micros : -1;
}

bool
view_time(struct arena *a, struct view_clock *clock, const struct view *v,
    int64_t *micros)
{
	struct value at;
	int64_t fine;

	if (!view_text(a, v, VIEW_AT, &at))
		return false;
	fine = at.n == CLOCK_STAMP ? read_micros(at.text + 20) : -1;
	if (fine >= 0 && memcmp(at.text, clock->second, 20) == 0) {
		*micros = clock->micros + fine;
		return true;
	}
	if (!clock_parse(arena_copy(a, at.text, at.n), micros))
		return false;
	if (fine >= 0) {
		memcpy(clock->second, at.text, 20);
		clock->micros = *micros - fine;
	}
	return true;
}

const struct view *
view_identity(struct arena *a, const struct view *v, size_t n, struct value *id)
{
	for (size_t i = 0; i < n; i++)
		if (view_text(a, &v[i], VIEW_ID, id))
			return &v[i];
	return NULL;
}

static bool
names(struct arena *a, const struct view *v, const char *name)
{
	struct value x;

	return value_is_object(v->of[VIEW_FROM]) &&
	    object_get(a, v->of[VIEW_FROM], value_cstring(name), &x) &&
	    value_is_string(x);
}

const struct view *
view_origin(struct arena *a, const struct view *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (names(a, &v[i], "source") || names(a, &v[i], "topic"))
			return &v[i];
	return NULL;
}

bool
view_made_event(struct arena *a, const struct view *v)
{
	return view_has(v, VIEW_FROM) && view_says(a, v, VIEW_OP, "map");
}

bool
view_migrated(struct arena *a, const struct view *v)
{
	struct value was;

	return view_says(a, v, VIEW_OP, "schema") &&
	    value_is_object(v->of[VIEW_FROM]) &&
	    object_get(a, v->of[VIEW_FROM], value_cstring("was"), &was);
}

size_t
view_first_state(struct arena *a, const struct view *v, size_t n)
{
	return n > 0 && view_made_event(a, &v[0]);
}

static bool
operation_text(
    struct arena *a, struct value op, const char *name, struct value *text)
{
	if (!value_is_object(op) ||
	    !object_get(a, op, value_cstring(name), text) ||
	    !value_is_string(*text))
		return false;
	*text = string_decoded(a, *text);
	return true;
}

static bool
operation_is(struct arena *a, struct value op, const char *name)
{
	struct value text;

	return operation_text(a, op, "op", &text) &&
	    string_equal(a, text, value_cstring(name));
}

size_t
view_paths(struct arena *a, struct value op, struct value paths[2])
{
	if (!operation_text(a, op, "path", &paths[0]))
		return 0;
	if (!operation_is(a, op, "move") ||
	    !operation_text(a, op, "from", &paths[1]) ||
	    string_equal(a, paths[0], paths[1]))
		return 1;
	return 2;
}

bool
view_tells(struct arena *a, struct value op)
{
	return !operation_is(a, op, "move") && !operation_is(a, op, "copy");
}

struct value
view_label(struct arena *a, const struct view *v)
{
	struct value op, stage;
	char *text;

	if (!view_text(a, v, VIEW_OP, &op))
		op = value_cstring("?");
	if (!view_text(a, v, VIEW_STAGE, &stage))
		return op;
	text = arena_alloc(a, (size_t)op.n + stage.n + 1);
	memcpy(text, op.text, op.n);
	text[op.n] = ' ';
	memcpy(text + op.n + 1, stage.text, stage.n);
	return value_text(text, (size_t)op.n + stage.n + 1);
}

const char *
view_name(struct arena *a, const struct view *v, char *out, size_t n)
{
	struct value label = view_label(a, v);
	size_t len = label.n < n ? label.n : n - 1;

	while (len < label.n && len > 0 && (label.text[len] & 0xC0) == 0x80)
		len--; /* not in the middle of a character */
	memcpy(out, label.text, len);
	out[len] = '\0';
	return out;
}

/* As RFC 9562 has it, of any version: other writers may count otherwise. */
static bool
is_uuid(struct value v)
{
	if (v.n != UUID_TEXT)
		return false;
	for (uint32_t i = 0; i < v.n; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? v.text[i] != '-'
			 : memchr("0123456789abcdefABCDEF", v.text[i], 22) ==
			    NULL)
			return false;
	}
	return true;
}

static bool
is_fork(struct value v)
{
	struct value i, n;

	if (!value_is_array(v) || array_length(v) != 2)
		return false;
	i = array_get(v, 0);
	n = array_get(v, 1);
	if (!value_is_number(i) || !value_is_number(n))
		return false;
	i = value_number(i);
	n = value_number(n);
	return i.kind == VALUE_INT && n.kind == VALUE_INT && i.i >= 1 &&
	    i.i <= n.i;
}

static const char *
text_fault(struct arena *a, const struct view *v)
{
	static const enum view_member TEXTS[] = {
	    VIEW_STAGE, VIEW_RULE, VIEW_FAILED};
	static const char *const WHYS[] = {"its \"stage\" is no string",
	    "its \"rule\" is no string", "its \"failed\" is no string"};
	struct value text;

	if (!view_text(a, v, VIEW_OP, &text) || text.n == 0)
		return "its \"op\" is missing or no string";
	for (size_t i = 0; i < 3; i++)
		if (view_has(v, TEXTS[i]) && !value_is_string(v->of[TEXTS[i]]))
			return WHYS[i];
	if (v->of[VIEW_RULE].n > VIEW_RULE_LENGTH)
		return "its \"rule\" is longer than 1 MiB";
	if (view_has(v, VIEW_ID) &&
	    (!view_text(a, v, VIEW_ID, &text) || !is_uuid(text)))
		return "its \"id\" is no UUID";
	return NULL;
}

static bool
is_sum(struct arena *a, const struct view *v, enum view_member m)
{
	struct value text;

	if (!view_has(v, m))
		return true;
	if (!view_text(a, v, m, &text) || text.n != SUM_TEXT)
		return false;
	for (uint32_t i = 0; i < text.n; i++)
		if (memchr("0123456789abcdef", text.text[i], 16) == NULL)
			return false;
	return true;
}

/* Is it a digest of a seal? */
static bool
is_digest(struct arena *a, const struct view *v, enum view_member m)
{
	struct value text;

	return view_text(a, v, m, &text) && seal_is_digest(text.text, text.n);
}

/* What is wrong with what digests say; NULL: all is well. */
static const char *
digest_fault(struct arena *a, const struct view *v)
{
	struct buf scratch = {0};
	struct seal_link link;
	enum seal_read found;
	const char *text;
	size_t len;

	if (!is_sum(a, v, VIEW_SUM))
		return "its \"sum\" is not 16 hexadecimal digits";
	if (!is_sum(a, v, VIEW_READ) &&
	    !(view_has(v, VIEW_SEAL) && is_digest(a, v, VIEW_READ)))
		return "its \"read\" is not 16 hexadecimal digits";
	if (!view_has(v, VIEW_SEAL))
		return NULL;
	if (!seal_record_text(v->record, &scratch, &text, &len))
		arena_starve(a);
	found = seal_read(text, len, &link);
	buf_release(&scratch);
	return found == SEAL_LINK ? NULL
				  : "its \"seal\" is no {k,e,m} at its end";
}

/* Is it a whole number from 1? */
static bool
is_count(struct value v)
{
	if (value_is_number(v))
		v = value_number(v);
	return v.kind == VALUE_INT && v.i >= 1;
}

/* What the record of many events says of them; NULL: all is well. */
static const char *
made_fault(const struct view *v)
{
	struct value rev = v->of[VIEW_REV];

	if (view_has(v, VIEW_WINDOW) && !value_is_object(v->of[VIEW_WINDOW]))
		return "its \"window\" is no object";
	if (view_has(v, VIEW_OF) && !value_is_object(v->of[VIEW_OF]))
		return "its \"of\" is no object";
	if (view_has(v, VIEW_REVERTS) && !is_count(v->of[VIEW_REVERTS]))
		return "its \"reverts\" is no record's number";
	if (!view_has(v, VIEW_REV))
		return NULL;
	if (value_is_number(rev))
		rev = value_number(rev);
	return rev.kind == VALUE_INT && rev.i > 1
	    ? NULL
	    : "its \"rev\" is no number above 1";
}

const char *
view_fault(struct arena *a, struct view_clock *clock, const struct view *v)
{
	const char *why = text_fault(a, v);
	int64_t micros;

	if (why != NULL)
		return why;
	if (v->again != 0)
		return "a member of it occurs twice";
	if (view_has(v, VIEW_FROM) && !value_is_object(v->of[VIEW_FROM]))
		return "its \"from\" is no object";
	if (view_has(v, VIEW_FORK) && !is_fork(v->of[VIEW_FORK]))
		return "its \"fork\" is no [i,n]";
	if (view_has(v, VIEW_KEPT) && v->of[VIEW_KEPT].kind != VALUE_FALSE)
		return "its \"kept\" is not false";
	if (view_has(v, VIEW_SAMPLE) && !value_is_number(v->of[VIEW_SAMPLE]))
		return "its \"sample\" is no number";
	if (!view_has(v, VIEW_AT))
		return "its time is missing";
	if (!view_time(a, clock, v, &micros))
		return "its \"at\" is no time";
	if (view_has(v, VIEW_TRUNCATED) &&
	    v->of[VIEW_TRUNCATED].kind != VALUE_TRUE)
		return "its \"truncated\" is not true";
	if (view_has(v, VIEW_TRUNCATED) && view_has(v, VIEW_UNDO))
		return "it has an undo and is truncated";
	if (view_has(v, VIEW_FORGOTTEN) &&
	    v->of[VIEW_FORGOTTEN].kind != VALUE_TRUE &&
	    !value_is_array(v->of[VIEW_FORGOTTEN]) &&
	    !value_is_object(v->of[VIEW_FORGOTTEN]))
		return "its \"forgotten\" is neither true nor a list of paths";
	if (view_has(v, VIEW_UNDO) && v->of[VIEW_FORGOTTEN].kind == VALUE_TRUE)
		return "it has an undo that is said to be forgotten";
	if (view_has(v, VIEW_UNDO) && !value_is_array(v->of[VIEW_UNDO]))
		return "its \"undo\" is no patch";
	why = digest_fault(a, v);
	if (why != NULL)
		return why;
	return made_fault(v);
}
