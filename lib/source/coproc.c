#include "source/coproc.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mac.h"
#include "source/cache.h"
#include "source/channel.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

enum {
	HELD = 1024 * 1024,     /* bytes, with which no more is asked or read */
	PATIENCE = 5 * 1000000, /* microseconds: at the end, and */
	QUIET = 5 * 1000000,    /* before it is told that an answer lacks */
	WITHOUT_END = INT32_MAX, /* milliseconds */
};

struct coproc {
	struct source source;
	const struct source_options *options;
	struct channels all;
	struct channel *channel;
	size_t channels_n;
	struct pollfd *polled;
	struct cache *cache;
	struct arena arena;
	struct value origin, *columns;
	size_t columns_n;
	struct buf text, answer; /* of the request in hand */
	uint64_t hash;           /* of that text */
	uint64_t timeouts;
	bool told_quiet;
	int64_t ends; /* microseconds: it was asked to; 0: it wasn't */
	char error[SOURCE_NOTE];
};

static struct coproc *
own(const struct source *s)
{
	return (struct coproc *)(uintptr_t)s;
}

/* --- requests ----------------------------------------------------------- */

/* Does the key say that there is nothing to ask? */
static bool
is_nothing(const struct coproc *c, const struct source_query *q)
{
	return c->options->keys_n == 1 && q->keys[0].kind == VALUE_NULL;
}

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

/* Spell a request on one line; false: error says why that can't be. */
static bool
spell(struct coproc *c, struct arena *a, const struct source_query *q)
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

/* May more be asked ahead? */
static bool
wants_more(const struct coproc *c)
{
	const struct requests *q = &c->all.requests;
	size_t most = c->all.in_flight * c->channels_n;

	return q->waiting_n < most && q->stream_n < 2 * most &&
	    q->waiting_bytes < HELD && q->held < HELD;
}

static bool
coproc_ask(
    const struct source *s, struct arena *a, const struct source_query *q)
{
	struct coproc *c = own(s);

	if (is_nothing(c, q) || !spell(c, a, q))
		return wants_more(c);
	if (c->cache == NULL ||
	    (!cache_has(c->cache, c->text.p, c->text.len, cache_now()) &&
		!requests_have(&c->all.requests, c->hash, &c->text)))
		(void)request(c, q, false); /* or it is asked for later */
	return wants_more(c);
}

/* --- sending ------------------------------------------------------------ */

static size_t
under_way(const struct coproc *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->channels_n; i++)
		n += c->channel[i].under_way;
	return n;
}

/* The channel for a request: the one with the least to do, or NULL. */
static struct channel *
pick(struct coproc *c, const struct request *r, int64_t now)
{
	struct channel *best = NULL;

	for (size_t i = 0; i < c->channels_n; i++) {
		struct channel *ch = &c->channel[i];

		if (channel_takes(ch, r, now) &&
		    (best == NULL || ch->under_way < best->under_way))
			best = ch;
	}
	return best;
}

static bool
is_broken(const struct coproc *c)
{
	return c->all.broken[0] != '\0';
}

/* Send what may be sent. */
static void
dispatch(struct coproc *c, int64_t now)
{
	struct requests *q = &c->all.requests;

	while (!TAILQ_EMPTY(&q->waiting) && !is_broken(c)) {
		struct channel *ch = pick(c, TAILQ_FIRST(&q->waiting), now);

		if (ch == NULL || (ch->process.pid == 0 && !channel_start(ch)))
			break;
		channel_send(ch, requests_take(q));
	}
	for (size_t i = 0; i < c->channels_n; i++)
		channel_write(&c->channel[i], now);
}

/* Ask for more events, and send that. */
static bool
top_up(struct coproc *c, const struct source_query *q)
{
	bool follows = true;

	if (wants_more(c))
		follows = q->wait->ask(q->wait->arg);
	dispatch(c, cache_now());
	return follows;
}

/* --- waiting ------------------------------------------------------------ */

static bool
is_done(const struct request *r)
{
	return r->state != REQUEST_WAITING && r->state != REQUEST_SENT;
}

/* When a request's time is over. */
static int64_t
deadline(const struct coproc *c, const struct request *r)
{
	int64_t from = r->since;

	if (c->options->timeout == 0)
		return INT64_MAX;
	/* Where others are answered, it only has to wait for its turn. */
	for (size_t i = 0; i < c->channels_n; i++)
		if ((r->state == REQUEST_WAITING ||
			r->channel == &c->channel[i]) &&
		    c->channel[i].last > from)
			from = c->channel[i].last;
	return from + c->options->timeout;
}

/* Milliseconds until something is due. */
static int
patience(const struct coproc *c, const struct request *r, int64_t now)
{
	int64_t until = deadline(c, r);

	if (!c->told_quiet && r->since + QUIET < until)
		until = r->since + QUIET;
	if (c->ends != 0 && c->ends < until)
		until = c->ends;
	for (size_t i = 0; i < c->channels_n; i++) {
		const struct channel *ch = &c->channel[i];

		if (ch->process.pid == 0 && c->all.requests.waiting_n > 0 &&
		    ch->not_before < until)
			until = ch->not_before;
	}
	if (until == INT64_MAX)
		return -1;
	return until <= now ? 0 : (int)((until - now) / 1000) + 1;
}

static void
tell_quiet(struct coproc *c, const struct request *r, int64_t now)
{
	if (c->told_quiet || now - r->since < QUIET || is_done(r))
		return;
	c->told_quiet = true;
	for (size_t i = 0; i < c->channels_n; i++)
		if (now - c->channel[i].last < QUIET)
			return;
	c->options->tell(c->options->tell_arg,
	    "no answer for 5 s, and events wait for one: does it write a line "
	    "for each request, and flush it?");
}

/* Poll once, so many milliseconds; false where nothing came of it. */
static bool
poll_all(struct coproc *c, const struct source_query *q,
    const struct request *r, int milliseconds)
{
	nfds_t n = CHANNEL_POLLED * (nfds_t)c->channels_n;
	struct pollfd *p = c->polled;
	int64_t now;
	bool ending;

	for (size_t i = 0; i < c->channels_n; i++) {
		struct channel *ch = &c->channel[i];
		bool its = r->state == REQUEST_SENT && r->channel == ch;

		channel_watch(ch, p + i * CHANNEL_POLLED,
		    its || c->all.requests.held < HELD);
	}
	if (!q->wait->poll(q->wait->arg, p, n, milliseconds, &ending))
		n = 0;
	now = cache_now();
	for (size_t i = 0; n > 0 && i < c->channels_n; i++)
		channel_seen(&c->channel[i], p + i * CHANNEL_POLLED, now);
	if (ending && c->ends == 0)
		c->ends = now + PATIENCE;
	return n > 0;
}

/*
 * All that will be asked is sent: a coprocess that holds answers back, say to
 * answer many at once, gives them at the end of its input.
 */
static void
end_inputs(struct coproc *c)
{
	if (c->all.requests.waiting_n > 0)
		return;
	for (size_t i = 0; i < c->channels_n; i++)
		channel_end_input(&c->channel[i]);
}

/* A signal asked to end, but events wait for answers that don't come. */
static void
give_up(struct coproc *c)
{
	snprintf(c->all.broken, sizeof(c->all.broken),
	    "no answer came within 5 s of the signal to end");
}

/* Wait until a request has come to an end; false where its time is over. */
static bool
await(struct coproc *c, const struct source_query *q, const struct request *r)
{
	bool waits = false;

	while (!is_done(r) && !is_broken(c)) {
		int64_t now = cache_now();
		bool follows;

		if (now >= deadline(c, r))
			return false;
		if (c->ends != 0 && now >= c->ends) {
			give_up(c);
			break;
		}
		follows = top_up(c, q);
		if (!follows && waits)
			end_inputs(c);
		if (is_broken(c))
			break;
		tell_quiet(c, r, now);
		if (poll_all(c, q, r, waits ? patience(c, r, now) : 0) || waits)
			continue;
		/* Now it is known that it has to wait. */
		waits = true;
		q->wait->begin(q->wait->arg);
	}
	return true;
}

/* --- answers ------------------------------------------------------------ */

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

/* What an answer says. */
static enum source_status
read_answer(struct coproc *c, struct arena *a, const struct buf *answer,
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

/* What came of a request. */
static enum source_status
conclude(struct coproc *c, struct arena *a, const struct request *r,
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
	return read_answer(c, a, &r->answer, rows);
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
	if (under_way(c) * 2 <= c->all.in_flight * c->channels_n)
		top_up(c, q);
	if (!await(c, q, r)) {
		c->timeouts++;
		status = SOURCE_MISS;
	} else if (is_broken(c)) {
		status = SOURCE_ENDED;
	} else {
		status = conclude(c, a, r, since, rows);
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

	if (is_broken(c))
		return end(c, rows);
	rows->error = c->error;
	requests_pass(&c->all.requests, q->event);
	if (is_nothing(c, q))
		return SOURCE_MISS;
	if (!spell(c, a, q))
		return SOURCE_BROKEN;
	buf_clear(&c->answer);
	if (c->cache != NULL &&
	    cache_get(c->cache, c->text.p, c->text.len, cache_now(), &c->answer,
		&since)) {
		if (buf_failed(&c->answer))
			arena_starve(a);
		return read_answer(c, a, &c->answer, rows);
	}
	status = find(c, a, q, since, rows);
	return status == SOURCE_ENDED ? end(c, rows) : status;
}

/* --- the source --------------------------------------------------------- */

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

	return timeout > 0 && timeout < PATIENCE ? timeout : PATIENCE;
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
	return !is_broken(c);
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
