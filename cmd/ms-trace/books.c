#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "books.h"
#include "base/hash.h"
#include "history/identity.h"
#include "history/view.h"
#include "value/array.h"
#include "value/number.h"
#include "value/object.h"
#include "value/string.h"

void
books_release(struct books *c)
{
	for (size_t i = 0; i < c->sources; i++)
		free(c->source[i]);
	ledger_release(&c->ledger);
}

/* --- what an event is known by --- */

/* The number of a source, or its digest where there are too many. */
static uint64_t
number_source(struct books *c, const char *name, size_t n)
{
	for (size_t i = c->sources; i-- > 0;)
		if (strlen(c->source[i]) == n &&
		    memcmp(c->source[i], name, n) == 0)
			return i;
	if (c->sources == BOOKS_SOURCES)
		return hash_plain(name, n) | (uint64_t)1 << 63;
	c->source[c->sources] = strndup(name, n);
	if (c->source[c->sources] == NULL) {
		c->ledger.failed = true;
		return 0;
	}
	return c->sources++;
}

/* "access.ndjson:17", "topic[3]@42" */
static bool
key_of_origin(struct books *c, struct value origin, struct ledger_key *key)
{
	size_t n = origin.n, digits;
	uint64_t line = 0;

	while (n > 0 && origin.text[n - 1] >= '0' && origin.text[n - 1] <= '9')
		n--;
	digits = origin.n - n;
	if (n < 2 || digits == 0 || digits > 18)
		return false;
	for (size_t i = n; i < origin.n; i++)
		line = line * 10 + (uint64_t)(origin.text[i] - '0');
	n -= origin.text[n - 1] == ':';
	*key =
	    (struct ledger_key){number_source(c, origin.text, n), line, true};
	c->last_line = line;
	return true;
}

static bool
key_of_id(struct value id, struct ledger_key *key)
{
	uint64_t half[2] = {0, 0};
	unsigned digits = 0;

	for (uint32_t i = 0; i < id.n; i++) {
		char x = id.text[i];
		unsigned digit;

		if (x == '-')
			continue;
		if (x >= '0' && x <= '9')
			digit = (unsigned)(x - '0');
		else if ((x | 0x20) >= 'a' && (x | 0x20) <= 'f')
			digit = (unsigned)((x | 0x20) - 'a' + 10);
		else
			return false;
		if (digits == 32)
			return false;
		half[digits / 16] = half[digits / 16] << 4 | digit;
		digits++;
	}
	*key = (struct ledger_key){half[0], half[1], false};
	return digits == 32;
}

/* By its id or its origin; where inputs are lines, by these first. */
static bool
key_of(struct books *c, const struct identity *who, struct ledger_key *key)
{
	bool by_line = c->ledger.inputs;

	if (by_line && key_of_origin(c, who->origin, key))
		return true;
	return key_of_id(who->id, key) ||
	    (!by_line && key_of_origin(c, who->origin, key));
}

void
books_enter(struct books *c, struct arena *a, const char *source, uint64_t line,
    struct value history)
{
	struct ledger_key key;
	struct identity who;
	struct view *v;
	size_t n;

	if (value_is_array(history) && array_length(history) > 0) {
		v = view_history(a, history, &n);
		identity_read(a, v, n, &who);
		if (key_of(c, &who, &key)) {
			ledger_enter(&c->ledger, &key);
			return;
		}
	}
	key = (struct ledger_key){
	    number_source(c, source, strlen(source)), line, true};
	c->last_line = line;
	ledger_enter(&c->ledger, &key);
}

/* --- stages --- */

static void
copy(char *out, size_t size, struct value text)
{
	size_t n = text.n < size ? text.n : size - 1;

	while (n < text.n && n > 0 && (text.text[n] & 0xC0) == 0x80)
		n--; /* not in the middle of a character */
	memcpy(out, text.text, n);
	out[n] = '\0';
}

/* The stage of a record, or of a line that has the same members. */
static struct books_stage *
stage_of(struct books *c, struct arena *a, const struct view *v)
{
	static const enum view_member TOLD[] = {VIEW_OP, VIEW_STAGE, VIEW_RULE};
	uint64_t which = 0;
	struct books_stage *s;
	struct value text;

	for (size_t i = 0; i < 3; i++)
		if (view_text(a, v, TOLD[i], &text))
			which = which * 31 + hash_plain(text.text, text.n) + i;
	for (size_t i = 0; i < c->stages; i++)
		if (c->stage[i].which == which)
			return &c->stage[i];
	if (c->stages == BOOKS_STAGES)
		return NULL;
	s = &c->stage[c->stages++];
	*s = (struct books_stage){.which = which, .place = SIZE_MAX};
	copy(s->name, sizeof(s->name), view_label(a, v));
	return s;
}

static uint64_t
count_of(struct arena *a, struct value v, const char *name)
{
	struct value n;

	if (!object_get(a, v, value_cstring(name), &n) || !value_is_number(n))
		return 0;
	n = value_number(n);
	return n.kind == VALUE_INT && n.i >= 0 ? (uint64_t)n.i : 0;
}

bool
books_control(struct books *c, struct arena *a, struct value line)
{
	struct books_stage *s;
	struct value v, read;
	struct view view;

	if (!object_get(a, line, value_cstring("ms.trail"), &v) ||
	    !value_is_object(v))
		return false;
	view_record(a, v, &view);
	s = stage_of(c, a, &view);
	if (s == NULL)
		return true;
	if (!object_get(a, v, value_cstring("passed"), &read)) {
		s->runs++;
		return true;
	}
	s->ends++;
	s->read += count_of(a, v, "read");
	s->written += count_of(a, v, "written");
	return true;
}

/* --- what became of an event --- */

static uint32_t
number_loss(struct books *c, enum books_kind kind, struct value name,
    struct value reason)
{
	struct books_loss l = {.kind = kind};

	copy(l.name, sizeof(l.name), name);
	copy(l.reason, sizeof(l.reason), reason);
	for (size_t i = 0; i < c->losses; i++)
		if (c->loss[i].kind == kind &&
		    strcmp(c->loss[i].name, l.name) == 0 &&
		    strcmp(c->loss[i].reason, l.reason) == 0)
			return (uint32_t)i + 1;
	if (c->losses == BOOKS_LOSSES - 1) {
		l = (struct books_loss){.kind = kind};
		strcpy(l.name, "others");
	}
	if (c->losses < BOOKS_LOSSES)
		c->loss[c->losses++] = l;
	return (uint32_t)c->losses;
}

/* How it was lost, as its last record says, or 0 where it wasn't. */
static uint32_t
loss_of(struct books *c, struct arena *a, const struct view *v)
{
	struct value reason = value_cstring("");
	enum books_kind kind = BOOKS_AWAY;

	if (v->of[VIEW_KEPT].kind != VALUE_FALSE)
		return 0;
	if (view_text(a, v, VIEW_FAILED, &reason))
		kind = view_says(a, v, VIEW_OP, "schema") ? BOOKS_AWAY
							  : BOOKS_REJECTED;
	else if (view_says(a, v, VIEW_OP, "map"))
		kind = BOOKS_EMPTY;
	return number_loss(c, kind, view_label(a, v), reason);
}

/* The lines of [from,to]; false where it is none, or has more than are left. */
static bool
take_range(struct books *c, uint64_t source, struct value range, uint64_t *left)
{
	struct ledger_key key = {source, 0, true};
	struct value from, to;
	uint64_t lines;

	if (!value_is_array(range) || array_length(range) != 2)
		return false;
	from = array_get(range, 0);
	to = array_get(range, 1);
	if (!value_is_number(from) || !value_is_number(to))
		return false;
	from = value_number(from);
	to = value_number(to);
	if (from.kind != VALUE_INT || to.kind != VALUE_INT || from.i < 0 ||
	    to.i < from.i)
		return false;
	lines = (uint64_t)(to.i - from.i) + 1;
	if (lines > *left)
		return false;
	*left -= lines;
	for (int64_t n = from.i; n <= to.i; n++) {
		key.low = (uint64_t)n;
		ledger_result(&c->ledger, &key);
	}
	return true;
}

/*
 * What is in a result that was made of many events; of a range that can't
 * be it is told that it names no lines.
 */
static void
take_result(struct books *c, struct arena *a, const struct view *v)
{
	struct value of = v->of[VIEW_OF], lines, more;
	uint64_t left = count_of(a, of, "n");
	struct member *m;
	uint32_t i = 0;

	if (!c->ledger.inputs) {
		if (!view_has(v, VIEW_REV))
			c->ledger.results += left;
		return;
	}
	if (!object_get(a, of, value_cstring("lines"), &lines) ||
	    !value_is_object(lines))
		return;
	c->vague += object_get(a, of, value_cstring("more"), &more);
	lines = object_open(a, lines);
	while ((m = object_next(a, lines, &i)) != NULL) {
		struct value name = string_decoded(a, m->key);
		uint64_t source = number_source(c, name.text, name.n);
		struct value ranges = value_take(&m->value);

		for (size_t k = 0;
		     value_is_array(ranges) && k < array_length(ranges); k++)
			c->vague +=
			    !take_range(c, source, array_get(ranges, k), &left);
	}
}

/* A line that was no event, as rejects are written. */
static bool
take_reject(struct books *c, struct arena *a, struct value event)
{
	struct value source, line, error, text;
	struct ledger_key key;
	struct view v;
	uint32_t loss;

	if (!object_get(a, event, value_cstring("source"), &source) ||
	    !object_get(a, event, value_cstring("line"), &line) ||
	    !object_get(a, event, value_cstring("error"), &error) ||
	    !value_is_string(source) || !value_is_string(error) ||
	    !value_is_number(line))
		return false;
	view_record(a, event, &v);
	if (!view_has(&v, VIEW_OP) || !view_has(&v, VIEW_AT))
		return false;
	error = string_decoded(a, error);
	source = string_decoded(a, source);
	loss = number_loss(c, BOOKS_REJECTED, view_label(a, &v), error);
	key = (struct ledger_key){number_source(c, source.text, source.n),
	    count_of(a, event, "line"), true};
	/* Line 2 of a later stage's input is not line 2 of the first one's. */
	text = value_cstring("-");
	if (string_equal(a, source, text) &&
	    !view_says(a, &v, VIEW_OP, "trace")) {
		ledger_count(&c->ledger, loss);
		c->unknown++;
	} else {
		ledger_part(&c->ledger, &key, value_cstring(""), loss);
	}
	return true;
}

void
books_event(
    struct books *c, struct arena *a, struct value event, struct value history)
{
	struct ledger_key key;
	struct identity who;
	struct view *v;
	uint32_t loss;
	size_t n;

	v = view_history(a, history, &n);
	if (n == 0 && take_reject(c, a, event))
		return;
	for (size_t i = 0; i < n; i++) {
		struct books_stage *s = stage_of(c, a, &v[i]);

		if (s != NULL && i < s->place)
			s->place = i;
	}
	for (size_t i = 0; i < n; i++) {
		if (!view_has(&v[i], VIEW_OF))
			continue;
		take_result(c, a, &v[i]);
		return; /* it is none of those that entered */
	}
	loss = n == 0 ? 0 : loss_of(c, a, &v[n - 1]);
	identity_read(a, v, n, &who);
	if (key_of(c, &who, &key)) {
		ledger_part(&c->ledger, &key, who.forks, loss);
	} else {
		ledger_count(&c->ledger, loss);
		c->unknown++;
	}
}
