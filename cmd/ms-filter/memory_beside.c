/*
 * MS_STATE: what --unique has seen is kept beside the stream.  --rate begins
 * with full buckets, so it isn't.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "driver/complain.h"
#include "memory.h"
#include "state/key_text.h"
#include "value/number.h"
#include "value/object.h"
#include "value/string.h"

static bool
read_held(struct arena *a, struct value v, int64_t *held)
{
	struct value n;

	if (!value_is_object(v) ||
	    !object_get(a, v, value_cstring("held"), &n) || !value_is_number(n))
		return false;
	if (n.kind == VALUE_NUMBER)
		n = value_number(n);
	*held = n.i;
	return n.kind == VALUE_INT && n.i >= 0;
}

static const char *
put_read(struct memory *m, const struct buf *key, const struct passed *p)
{
	if (buf_failed(key))
		return "out of memory";
	switch (state_put(
	    m->kept, key->p, key->len, (const char *)p, sizeof(*p), p->at)) {
	case STATE_OK:
		return NULL;
	case STATE_FULL:
		return "it doesn't fit --max-state";
	default:
		return "out of memory";
	}
}

static const char *
take_into(struct memory *m, struct arena *a, const struct dump_entry *e,
    struct buf *key)
{
	struct passed p = {.at = 0};
	struct value at = e->at;

	if (!key_text_write(key, a, e->key))
		return "a key is nested too deeply";
	if (e->value.kind == VALUE_NULL) {
		state_remove(m->kept, key->p, key->len);
		return NULL;
	}
	if (!read_held(a, e->value, &p.held))
		return "its value isn't what --unique keeps, {\"held\":N}";
	if (value_is_string(at)) {
		at = string_decoded(a, at);
		if (!instant_parse(at.text, at.n, &p.at))
			return "its time is not RFC 3339";
	}
	return put_read(m, key, &p);
}

static const char *
take(void *arg, struct arena *a, const struct dump_entry *e)
{
	struct buf key = {0};
	const char *why = take_into(arg, a, e, &key);

	buf_release(&key);
	return why;
}

static bool
put(void *arg, struct beside *b, const struct state_entry *e)
{
	char at[INSTANT_TEXT] = "", value[40] = "null";
	struct passed p;
	size_t n = 0;

	(void)arg;
	if (e->text != NULL) {
		memcpy(&p, e->text, sizeof(p));
		n = p.at == 0 ? 0 : instant_format(p.at, at);
		snprintf(
		    value, sizeof(value), "{\"held\":%" PRId64 "}", p.held);
	}
	beside_put(b, e->key, e->key_len, value, strlen(value), at, n);
	return true;
}

int
memory_keep(struct memory *m, struct settings *set)
{
	struct buf rule = {0};
	struct dump_facts facts;
	int status = STATUS_IO;

	m->beside = (struct keeping){
	    .set = set, .state = m->kept, .put = put, .arg = m};
	buf_put(&rule, m->rule.p, m->rule.len);
	buf_putc(&rule, '\0');
	if (!buf_failed(&rule)) {
		struct beside_owner owner = {
		    .stage = set->stage, .op = "filter", .program = rule.p};

		status = keeping_start(&m->beside, set, &owner, take, &facts);
		if (status == STATUS_OK && facts.has_time)
			state_go_on_from(m->kept, facts.time);
	} else {
		complain(set->command, "out of memory");
	}
	buf_release(&rule);
	return status;
}

bool
memory_barrier(struct memory *m, const char *name, size_t len)
{
	struct dump_facts facts = {.order = 0};

	facts.has_time = state_last_time(m->kept, &facts.time);
	return keeping_barrier(&m->beside, name, len, &facts);
}
