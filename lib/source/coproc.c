#include "source/coproc.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "source/coproc_state.h"
#include "value/string.h"

static struct coproc *
own(const struct source *s)
{
	return (struct coproc *)(uintptr_t)s;
}

/* Does the key say that there is nothing to ask? */
static bool
is_nothing(const struct coproc *c, const struct source_query *q)
{
	return c->options->keys_n == 1 && q->keys[0].kind == VALUE_NULL;
}

/* The request that was spelled, of an event; it waits to be sent. */
static struct request *
request(struct coproc *c, const struct source_query *q, bool first)
{
	struct requests *all = &c->all.requests;
	struct request *r = requests_new(all, q->event, first);

	if (r == NULL)
		return NULL;
	buf_put(&r->text, c->text.p, c->text.len);
	r->hash = c->hash;
	r->since = cache_now();
	requests_wait(all, r, first);
	if (!buf_failed(&r->text))
		return r;
	requests_forget(all, r);
	return NULL;
}

static bool
coproc_ask(
    const struct source *s, struct arena *a, const struct source_query *q)
{
	struct coproc *c = own(s);

	if (is_nothing(c, q) || !coproc_spell(c, a, q))
		return coproc_wants_more(c);
	if (c->cache == NULL ||
	    (!cache_has(c->cache, c->text.p, c->text.len, cache_now()) &&
		!requests_have(&c->all.requests, c->hash, &c->text)))
		(void)request(c, q, false); /* or it is asked for later */
	return coproc_wants_more(c);
}

/* Find the answer to what was spelled. */
static enum source_status
find(struct coproc *c, struct arena *a, const struct source_query *q,
    uint64_t since, struct source_rows *rows)
{
	struct requests *all = &c->all.requests;
	struct request *r = requests_find(all, q->event, c->hash, &c->text);
	enum source_status status;

	if (r == NULL)
		r = request(c, q, true);
	if (r == NULL)
		arena_starve(a);
	if (coproc_under_way(c) * 2 <= c->all.in_flight * c->channels_n)
		coproc_top_up(c, q);
	if (!coproc_await(c, q, r)) {
		c->timeouts++;
		status = SOURCE_MISS;
	} else if (coproc_is_broken(c)) {
		status = SOURCE_ENDED;
	} else {
		status = coproc_conclude(c, a, r, since, rows);
	}
	requests_forget(all, r);
	return status;
}

/* Nothing can be answered any more. */
static enum source_status
end(const struct coproc *c, struct source_rows *rows)
{
	rows->error = c->all.broken;
	return SOURCE_ENDED;
}

static enum source_status
coproc_find(const struct source *s, struct arena *a,
    const struct source_query *q, struct source_rows *rows)
{
	struct coproc *c = own(s);
	enum source_status status;
	uint64_t since = 0;

	if (coproc_is_broken(c))
		return end(c, rows);
	rows->error = c->error;
	requests_pass(&c->all.requests, q->event);
	if (is_nothing(c, q))
		return SOURCE_MISS;
	if (!coproc_spell(c, a, q))
		return SOURCE_BROKEN;
	buf_clear(&c->answer);
	if (c->cache != NULL &&
	    cache_get(c->cache, c->text.p, c->text.len, cache_now(), &c->answer,
		&since)) {
		if (buf_failed(&c->answer))
			arena_starve(a);
		return coproc_read_answer(c, a, &c->answer, rows);
	}
	status = find(c, a, q, since, rows);
	return status == SOURCE_ENDED ? end(c, rows) : status;
}

static const struct value *
coproc_columns(const struct source *s, size_t *n)
{
	const struct coproc *c = own(s);

	*n = c->columns_n;
	return c->columns;
}

static struct value
coproc_origin(const struct source *s)
{
	return own(s)->origin;
}

static void
coproc_count(struct source *s, struct buf *out)
{
	const struct coproc *c = own(s);

	buf_printf(out, ", %" PRIu64 " answers", c->all.answers);
	if (c->cache != NULL)
		buf_printf(
		    out, ", %" PRIu64 " from the cache", cache_hits(c->cache));
	if (c->timeouts > 0)
		buf_printf(out, ", %" PRIu64 " too late", c->timeouts);
	if (c->all.deaths > 0)
		buf_printf(out, ", %" PRIu64 " restarts", c->all.deaths);
}

/* How long the end may take. */
static int64_t
last_patience(const struct coproc *c)
{
	int64_t timeout = c->options->timeout;

	return timeout > 0 && timeout < COPROC_PATIENCE ? timeout
							: COPROC_PATIENCE;
}

/* Tell the coprocesses that nothing comes any more, and wait for their end. */
static bool
coproc_end(struct source *s, const char **error)
{
	struct coproc *c = own(s);
	int64_t until = cache_now() + last_patience(c);

	*error = c->all.broken;
	for (size_t i = 0; i < c->channels_n; i++)
		process_end_input(&c->channel[i].process);
	for (size_t i = 0; i < c->channels_n; i++)
		channel_finish(&c->channel[i], until);
	return !coproc_is_broken(c);
}

static void
coproc_close(struct source *s)
{
	struct coproc *c = own(s);

	for (size_t i = 0; i < c->channels_n; i++)
		process_end_input(&c->channel[i].process);
	for (size_t i = 0; i < c->channels_n; i++)
		channel_release(&c->channel[i]);
	requests_release(&c->all.requests);
	cache_free(c->cache);
	arena_release(&c->arena);
	buf_release(&c->text);
	buf_release(&c->answer);
	free(c->channel);
	free(c->polled);
	free(c);
}

/* The names of --columns, which outlast the source. */
static void
read_columns(struct coproc *c)
{
	const char *p = c->options->columns;
	size_t n = 1;

	if (p == NULL)
		return;
	for (const char *q = p; *q != '\0'; q++)
		n += *q == ',';
	c->columns = arena_array(&c->arena, n, sizeof(*c->columns));
	for (;;) {
		size_t len = strcspn(p, ",");

		c->columns[c->columns_n++] = value_text(p, len);
		if (p[len] == '\0')
			return;
		p += len + 1;
	}
}

/* What is said of it in records. */
static void
spell_origin(struct coproc *c)
{
	const char *name = c->options->name;
	struct value v = string_repair(&c->arena, name, strlen(name));
	struct buf b = {0};

	buf_puts(&b, "\"table\":");
	value_write_string(&b, v.text, v.n);
	if (!buf_failed(&b))
		c->origin =
		    value_text(arena_copy(&c->arena, b.p, b.len), b.len);
	buf_release(&b);
}

/* False where memory is missing. */
static bool
prepare(struct coproc *c)
{
	const struct source_options *o = c->options;
	jmp_buf overflow;

	arena_init(&c->arena, SIZE_MAX / 2);
	c->arena.overflow = &overflow;
	if (setjmp(overflow) != 0)
		return false;
	spell_origin(c);
	read_columns(c);
	c->arena.overflow = NULL;
	if (o->cache > 0)
		c->cache = cache_new(o->cache, o->cache_ttl);
	c->channel = calloc(o->processes, sizeof(*c->channel));
	c->polled = calloc(
	    o->processes * CHANNEL_POLLED + SOURCE_WATCHED, sizeof(*c->polled));
	return c->origin.text != NULL && c->channel != NULL &&
	    c->polled != NULL && (o->cache == 0 || c->cache != NULL);
}

static struct source *
coproc_open(const struct source_options *o, struct source_error *error)
{
	struct coproc *c = calloc(1, sizeof(*c));

	*error = (struct source_error){0};
	if (c != NULL) {
		c->source.kind = &coproc_source;
		c->options = o;
		c->all = (struct channels){
		    .command = o->name,
		    .in_flight = o->in_flight,
		    .max_line = o->max_line,
		    .tell = o->tell,
		    .tell_arg = o->tell_arg,
		};
		requests_init(&c->all.requests);
	}
	if (c == NULL || !prepare(c)) {
		snprintf(
		    error->text, sizeof(error->text), "%s", strerror(ENOMEM));
		if (c != NULL)
			coproc_close(&c->source);
		return NULL;
	}
	while (c->channels_n < o->processes) {
		if (channel_init(&c->channel[c->channels_n++], &c->all))
			continue;
		snprintf(error->text, sizeof(error->text), "%.*s",
		    (int)sizeof(error->text) - 1, c->all.broken);
		coproc_close(&c->source);
		return NULL;
	}
	return &c->source;
}

const struct source_kind coproc_source = {
    .answers = true,
    .open = coproc_open,
    .ask = coproc_ask,
    .find = coproc_find,
    .columns = coproc_columns,
    .origin = coproc_origin,
    .count = coproc_count,
    .end = coproc_end,
    .close = coproc_close,
};
