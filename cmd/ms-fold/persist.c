#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "persist.h"
#include "state/key_text.h"
#include "value/number.h"
#include "value/object.h"
#include "value/string.h"
#include "windows.h"

void
persist_texts_release(struct persist_texts *t)
{
	buf_release(&t->key);
	buf_release(&t->value);
}

/* What both windows and held events have; most have none. */
static void
put_masks(struct buf *b, uint32_t masks)
{
	if (masks != 0)
		buf_printf(b, ",\"masks\":%" PRIu32, masks);
}

/* A window's key: {"key":K,"from":"…"}, or {"key":K} where there is one. */
static void
put_pane_key(const struct fold *f, const struct state_entry *e, struct buf *b)
{
	const char *nul = memchr(e->key, '\0', e->key_len);
	size_t name_len = nul == NULL ? e->key_len : (size_t)(nul - e->key);
	char from[INSTANT_TEXT];

	buf_puts(b, "{\"key\":");
	buf_put(b, e->key, name_len);
	if (sessions_is_held(f, e)) {
		buf_puts(b, ",\"order\":");
		buf_put(b, nul + 1, e->key_len - name_len - 1);
	} else if (f->plan.kind == WINDOW_TIME && nul != NULL) {
		char number[32] = "";

		memcpy(number, nul + 1, e->key_len - name_len - 1);
		(void)instant_format(strtoll(number, NULL, 10), from);
		buf_printf(b, ",\"from\":\"%s\"", from);
	}
	buf_putc(b, '}');
}

static void
put_pane(const struct fold *f, const struct state_entry *e, struct buf *b)
{
	struct pane pane;
	struct composition of;
	char from[INSTANT_TEXT], to[INSTANT_TEXT];
	size_t at = sizeof(pane);

	memcpy(&pane, e->text, at);
	at += composition_read(&of, e->text + at, e->text_len - at);
	(void)instant_format(pane.from, from);
	(void)instant_format(pane.to, to);
	buf_puts(b, "{\"state\":");
	buf_put(b, e->text + at, e->text_len - at);
	buf_printf(b,
	    ",\"from\":\"%s\",\"to\":\"%s\",\"order\":%" PRIu64 ",\"rev\":%u",
	    from, to, pane.order, (unsigned)pane.rev);
	put_masks(b, pane.masks);
	buf_puts(b, ",\"of\":");
	composition_write(b, &of, &f->sources);
	buf_putc(b, '}');
}

/* An event that is held: {"time","order","source","line","event"} */
static void
put_held(const struct fold *f, const struct state_entry *e, struct buf *b)
{
	char time[INSTANT_TEXT];
	struct held_content c;

	sessions_read(e, &c);
	(void)instant_format(c.head.time, time);
	buf_printf(b,
	    "{\"time\":\"%s\",\"order\":%" PRIu64 ",\"source\":", time,
	    c.head.order);
	value_write_string(b, c.line.source, c.head.source_len);
	buf_printf(b, ",\"line\":%" PRIu64, c.head.number);
	put_masks(b, c.head.masks);
	buf_puts(b, ",\"event\":");
	if (f->set->raw)
		value_write_string(b, c.line.text, c.line.len);
	else
		buf_put(b, c.line.text, c.line.len);
	buf_putc(b, '}');
}

bool
persist_encode(
    const struct fold *f, const struct state_entry *e, struct persist_texts *t)
{
	buf_clear(&t->key);
	buf_clear(&t->value);
	t->at_len = 0;
	t->at[0] = '\0';
	if (e->text != NULL && e->at != 0)
		t->at_len = instant_format(e->at, t->at);
	if (f->window == NULL) {
		buf_put(&t->key, e->key, e->key_len);
		if (e->text != NULL)
			buf_put(&t->value, e->text, e->text_len);
	} else {
		put_pane_key(f, e, &t->key);
		if (e->text != NULL && sessions_is_held(f, e))
			put_held(f, e, &t->value);
		else if (e->text != NULL)
			put_pane(f, e, &t->value);
	}
	return !buf_failed(&t->key) && !buf_failed(&t->value);
}

static bool
get_instant(
    struct arena *a, struct value object, const char *name, int64_t *micros)
{
	struct value v;

	if (!object_get(a, object, value_cstring(name), &v) ||
	    !value_is_string(v))
		return false;
	v = string_decoded(a, v);
	return instant_parse(v.text, v.n, micros);
}

static bool
get_count(struct arena *a, struct value object, const char *name, int64_t *n)
{
	struct value v;

	if (!object_get(a, object, value_cstring(name), &v) ||
	    !value_is_number(v))
		return false;
	v = v.kind == VALUE_NUMBER ? value_number(v) : v;
	*n = v.i;
	return v.kind == VALUE_INT && v.i >= 0;
}

static uint32_t
get_masks(struct arena *a, struct value object)
{
	int64_t masks;

	return get_count(a, object, "masks", &masks) && masks <= UINT32_MAX
	    ? (uint32_t)masks
	    : 0;
}

/* What put_pane() wrote, as the state holds it. */
static bool
read_pane(struct fold *f, struct arena *a, struct value v, struct buf *b)
{
	struct pane pane, *p = &pane;
	struct composition of;
	struct value state, made;
	int64_t order, rev;

	memset(p, 0, sizeof(*p));
	memset(&of, 0, sizeof(of));
	if (!value_is_object(v) ||
	    !object_get(a, v, value_cstring("state"), &state) ||
	    !get_instant(a, v, "from", &p->from) ||
	    !get_instant(a, v, "to", &p->to) ||
	    !get_count(a, v, "order", &order) ||
	    !get_count(a, v, "rev", &rev) || rev > UINT32_MAX ||
	    !object_get(a, v, value_cstring("of"), &made) ||
	    !composition_parse(&of, a, &f->sources, made))
		return false;
	p->order = (uint64_t)order;
	p->rev = (uint32_t)rev;
	p->masks = get_masks(a, v);
	if (p->order >= f->order)
		f->order = p->order + 1;
	buf_put(b, (const char *)p, sizeof(*p));
	buf_put(b, (const char *)&of, composition_size(&of));
	value_write(b, state);
	return true;
}

/* What put_held() wrote, as the state holds it. */
static bool
read_held(struct fold *f, struct arena *a, struct value v, struct buf *b)
{
	struct held_content c = {.head = {.time = 0}};
	struct value source, event;
	struct buf line = {0};
	int64_t order, number;

	if (!value_is_object(v) || !get_instant(a, v, "time", &c.head.time) ||
	    !get_count(a, v, "order", &order) ||
	    !get_count(a, v, "line", &number) ||
	    !object_get(a, v, value_cstring("source"), &source) ||
	    !value_is_string(source) ||
	    !object_get(a, v, value_cstring("event"), &event))
		return false;
	source = string_decoded(a, source);
	c.head.order = (uint64_t)order;
	c.head.number = (uint64_t)number;
	c.head.source_len = source.n;
	c.head.masks = get_masks(a, v);
	if (c.head.order >= f->order)
		f->order = c.head.order + 1;
	if (value_is_string(event)) {
		event = string_decoded(a, event);
		buf_put(&line, event.text, event.n);
	} else {
		value_write(&line, event);
	}
	c.line = (struct held_line){
	    .source = source.text, .text = line.p, .len = line.len};
	sessions_put(b, &c);
	b->failed |= buf_failed(&line);
	buf_release(&line);
	return true;
}

/* The key's text, and behind it what tells the windows of one apart. */
static const char *
read_pane_key(
    const struct fold *f, struct arena *a, struct value v, struct buf *b)
{
	struct value key;
	int64_t from;

	if (!value_is_object(v) ||
	    !object_get(a, v, value_cstring("key"), &key))
		return "the key of a window is an object with a key";
	if (!key_text_write(b, a, key))
		return "a key is nested too deeply";
	if (f->plan.kind == WINDOW_SESSION && get_count(a, v, "order", &from))
		buf_printf(b, "%c%" PRId64, '\0', from);
	if (f->plan.kind != WINDOW_TIME)
		return NULL;
	if (!get_instant(a, v, "from", &from))
		return "the key of a window has a from, when it starts";
	buf_printf(b, "%c%" PRId64, '\0', from);
	return NULL;
}

static const char *
put(struct fold *f, const struct buf *key, const struct buf *text, int64_t at,
    bool held)
{
	enum state_status status;

	if (buf_failed(key) || buf_failed(text))
		return "out of memory";
	status = (held ? state_hold : state_put)(
	    f->kept, key->p, key->len, text->p, text->len, at);
	switch (status) {
	case STATE_OK:
		return NULL;
	case STATE_FULL:
		return "it doesn't fit --max-state";
	default:
		return "out of memory";
	}
}

static const char *
decode(struct fold *f, struct arena *a, struct value key, struct value value,
    int64_t at, struct buf *k, struct buf *text)
{
	const char *why;

	if (f->window != NULL)
		why = read_pane_key(f, a, key, k);
	else
		why = key_text_write(k, a, key) ? NULL
						: "a key is nested too deeply";
	if (why != NULL || buf_failed(k))
		return why != NULL ? why : "out of memory";
	if (value.kind == VALUE_NULL) {
		state_remove(f->kept, k->p, k->len);
		return NULL;
	}
	if (f->window == NULL)
		value_write(text, value);
	else if (memchr(k->p, '\0', k->len) != NULL &&
	    f->plan.kind == WINDOW_SESSION)
		return read_held(f, a, value, text)
		    ? put(f, k, text, at, true)
		    : "this is no event that was held";
	else if (!read_pane(f, a, value, text))
		return "this is no window of --window";
	return put(f, k, text, at, false);
}

const char *
persist_decode(struct fold *f, struct arena *a, struct value key,
    struct value value, struct value at)
{
	struct buf k = {0}, text = {0};
	int64_t time = 0;
	const char *why;

	if (at.kind != VALUE_NULL) {
		if (!value_is_string(at))
			return "its time is no text";
		at = string_decoded(a, at);
		if (!instant_parse(at.text, at.n, &time))
			return "its time is not RFC 3339";
	}
	why = decode(f, a, key, value, time, &k, &text);
	buf_release(&k);
	buf_release(&text);
	return why;
}

static bool
plan(void *arg, const struct state_entry *e)
{
	const char *nul = memchr(e->key, '\0', e->key_len);
	size_t name_len = nul == NULL ? e->key_len : (size_t)(nul - e->key);
	struct pane pane;

	if (sessions_is_held(arg, e))
		return sessions_plan(arg, e, name_len);
	memcpy(&pane, e->text, sizeof(pane));
	return windows_plan(arg, e->key, e->key_len, name_len, &pane);
}

bool
persist_plan(struct fold *f)
{
	return f->window == NULL || state_all(f->kept, plan, f);
}

struct dump_facts
persist_facts(const struct fold *f)
{
	struct dump_facts facts = {
	    .has_time = f->has_time, .time = f->stream_time, .order = f->order};

	if (f->limits.ttl > 0)
		facts.has_time = state_last_time(f->kept, &facts.time);
	return facts;
}

void
persist_take_facts(struct fold *f, const struct dump_facts *facts)
{
	if (f->limits.ttl > 0 && facts->has_time)
		state_go_on_from(f->kept, facts->time);
	f->has_time = facts->has_time;
	f->stream_time = facts->time;
	if (facts->order > f->order)
		f->order = facts->order;
}

/* A window, and what else decides which events are in it. */
static void
put_window(const struct fold *f, struct buf *b)
{
	buf_puts(b, f->window);
	if (f->time != NULL)
		buf_printf(
		    b, " of %s in units of 1/%" PRId64 " s", f->time, f->unit);
	if (f->late == FOLD_LATE_END)
		buf_puts(b, ", late end");
	else if (f->late > 0)
		buf_printf(b, ", late %" PRId64 "us", f->late);
	if (f->keep > 0)
		buf_printf(b, ", keep %" PRId64 "us", f->keep);
	buf_putc(b, '\0');
}

static void
put_keys(const struct fold *f, struct buf *b)
{
	for (size_t i = 0; i < f->by_n; i++)
		buf_printf(b, "%s%s", i > 0 ? ", " : "", f->by[i]);
	buf_putc(b, '\0');
}

bool
persist_owner(const struct fold *f, struct persist_owner *o)
{
	*o = (struct persist_owner){.program = {0}};
	buf_put(&o->program, f->set->program_text, f->set->program_len);
	buf_putc(&o->program, '\0');
	if (f->by_n > 0)
		put_keys(f, &o->key);
	if (f->window != NULL)
		put_window(f, &o->window);
	return !buf_failed(&o->program) && !buf_failed(&o->key) &&
	    !buf_failed(&o->window);
}

void
persist_owner_release(struct persist_owner *o)
{
	buf_release(&o->program);
	buf_release(&o->key);
	buf_release(&o->window);
}
