/*
 * The texts of a coprocess: what it is asked, and what its answers say.
 */
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/mac.h"
#include "source/coproc_state.h"
#include "value/object.h"
#include "value/string.h"

/* A string as a line of its own, which has no second one; or false. */
static bool
put_plain(struct coproc *c, struct arena *a, struct value v)
{
	v = string_decoded(a, v);
	if (memchr(v.text, '\n', v.n) != NULL ||
	    memchr(v.text, '\0', v.n) != NULL) {
		snprintf(c->error, sizeof(c->error),
		    "what is sent as text must be one line, and hold no NUL");
		return false;
	}
	buf_put(&c->text, v.text, v.n);
	return true;
}

/* All keys as an object, by their names. */
static void
put_object(struct coproc *c, const struct source_query *q)
{
	const struct source_options *o = c->options;

	for (size_t i = 0; i < o->keys_n; i++) {
		const struct source_name *name = &o->keys[i].column;

		buf_putc(&c->text, i == 0 ? '{' : ',');
		value_write_string(&c->text, name->text, name->len);
		buf_putc(&c->text, ':');
		value_write(&c->text, q->keys[i]);
	}
	buf_putc(&c->text, '}');
}

bool
coproc_spell(struct coproc *c, struct arena *a, const struct source_query *q)
{
	struct buf *b = &c->text;

	buf_clear(b);
	if (c->options->plain && value_is_string(q->keys[0])) {
		if (!put_plain(c, a, q->keys[0]))
			return false;
	} else {
		if (c->options->keys_n > 1)
			put_object(c, q);
		else
			value_write(b, q->keys[0]);
		for (size_t i = 0; i < b->len; i++)
			if (b->p[i] == '\n' || b->p[i] == '\r')
				b->p[i] = ' '; /* it stands in no string */
	}
	buf_putc(b, '\n');
	if (buf_failed(b))
		arena_starve(a);
	c->hash = hash_bytes(b->p, b->len);
	return true;
}

static void
say(struct coproc *c, const char *what, const struct buf *answer)
{
	enum { SHOWN = 60 };
	size_t n = answer->len < SHOWN ? answer->len : SHOWN;

	while (n < answer->len && ((unsigned char)answer->p[n] & 0xC0) == 0x80)
		n--;
	snprintf(c->error, sizeof(c->error), "%s: %.*s%s", what, (int)n,
	    answer->len == 0 ? "" : answer->p, n < answer->len ? "..." : "");
}

/* The chosen members; those that the answer lacks are null. */
static struct value
choose(const struct coproc *c, struct arena *a, struct value answer)
{
	struct value v = object_new(a, (uint32_t)c->columns_n), member;

	for (size_t i = 0; i < c->columns_n; i++) {
		if (!object_get(a, answer, c->columns[i], &member))
			member = VALUE_OF(VALUE_NULL);
		v = object_set(a, v, c->columns[i], value_share(member));
	}
	return value_share(v);
}

enum source_status
coproc_read_answer(struct coproc *c, struct arena *a, const struct buf *answer,
    struct source_rows *rows)
{
	struct scan_error why;
	struct value v;
	char *hash;

	if (answer->len == 0)
		return SOURCE_MISS;
	if (!value_parse(a, answer->p, answer->len, &v, &why)) {
		char what[128];

		snprintf(what, sizeof(what), "the answer is no JSON: %zu: %s",
		    why.column, why.reason);
		say(c, what, answer);
		return SOURCE_BROKEN;
	}
	if (v.kind == VALUE_NULL)
		return SOURCE_MISS;
	if (c->options->objects && !value_is_object(v)) {
		say(c, "the answer is no object", answer);
		return SOURCE_BROKEN;
	}
	hash = arena_alloc(a, SOURCE_HASH);
	mac_sha256_hex(hash, SOURCE_HASH, answer->p, answer->len);
	if (c->columns_n > 0)
		v = choose(c, a, v);
	rows->first = (struct source_row){.value = v, .hash = hash};
	rows->row = &rows->first;
	rows->n = 1;
	return SOURCE_FOUND;
}

enum source_status
coproc_conclude(struct coproc *c, struct arena *a, const struct request *r,
    uint64_t since, struct source_rows *rows)
{
	switch (r->state) {
	case REQUEST_LONG:
		snprintf(c->error, sizeof(c->error),
		    "the answer is longer than --max-line allows: %zu bytes",
		    c->all.max_line);
		return SOURCE_BROKEN;
	case REQUEST_DEADLY:
		say(c, "it ended twice without an answer to", &r->text);
		c->error[strcspn(c->error, "\n")] = '\0';
		return SOURCE_BROKEN;
	case REQUEST_ANSWERED:
		break;
	case REQUEST_WAITING:
	case REQUEST_SENT:
		return SOURCE_ENDED;
	}
	if (c->cache != NULL)
		cache_put(c->cache, r->text.p, r->text.len, cache_now(),
		    r->answer.p, r->answer.len, since);
	return coproc_read_answer(c, a, &r->answer, rows);
}
