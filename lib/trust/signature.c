#include <endian.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "json/tokens.h"
#include "record/canonical.h"
#include "trust/signature.h"

#define DOMAIN "mutstream ms.seal 1\n"

enum {
	DIGEST_TEXT = MAC_BASE64(SIGNATURE_DIGEST),
	SIG_TEXT = MAC_BASE64(MAC_SIGNATURE),
};

/* --- digests --- */

static void
add(void *mac, const char *p, size_t n)
{
	mac_add(mac, p, n);
}

static void
count(void *sum, const char *p, size_t n)
{
	(void)p;
	*(size_t *)sum += n;
}

/* An object's tokens, with their length in front. */
static void
add_object(struct mac *m, struct value object)
{
	size_t n = 0;
	uint64_t size;

	canonical_whole(object, count, &n);
	size = htole64(n);
	mac_add(m, &size, sizeof(size));
	canonical_whole(object, add, m);
}

static void
add_text(struct mac *m, const char *p, size_t n)
{
	uint64_t size = htole64(n);

	mac_add(m, &size, sizeof(size));
	mac_add(m, p, n);
}

static void
start(struct signature *s)
{
	mac_start(&s->events, NULL, SIGNATURE_DIGEST);
	s->n = 0;
}

void
signature_begin(
    struct signature *s, const struct key *k, const char stream[UUID_TEXT + 1])
{
	memset(s, 0, sizeof(*s));
	s->key = k;
	memcpy(s->stream, stream, strlen(stream) + 1);
	start(s);
}

void
signature_add(struct signature *s, struct value event)
{
	add_object(&s->events, event);
	s->n++;
}

/* --- writing --- */

static void
put_digest(struct buf *out, const char *name,
    const unsigned char digest[SIGNATURE_DIGEST])
{
	char text[DIGEST_TEXT + 1];

	mac_base64(text, digest, SIGNATURE_DIGEST);
	buf_printf(out, ",\"%s\":\"%s\"", name, text);
}

/* What is signed: the domain, and the members but sig as an object. */
static void
put_signed(struct signature *s, struct buf *b, bool last)
{
	unsigned char digest[SIGNATURE_DIGEST];

	mac_end(&s->events, digest, SIGNATURE_DIGEST);
	buf_printf(b,
	    DOMAIN "{\"v\":1,\"stream\":\"%s\",\"seq\":%" PRIu64
		   ",\"n\":%" PRIu64,
	    s->stream, s->seq, s->n);
	put_digest(b, "events", digest);
	if (s->linked)
		put_digest(b, "before", s->before);
	if (last)
		buf_puts(b, ",\"last\":true");
	buf_printf(b, ",\"k\":\"%s\"}", key_id(s->key));
}

void
signature_put(struct signature *s, struct buf *out, bool last)
{
	unsigned char sig[MAC_SIGNATURE];
	char text[SIG_TEXT + 1];
	size_t domain = sizeof(DOMAIN) - 1, from = out->len;
	struct buf b = {0};
	struct mac m;

	s->seq++;
	put_signed(s, &b, last);
	out->failed |= buf_failed(&b);
	if (!out->failed) {
		mac_sign(sig, key_bytes(s->key), b.p, b.len);
		mac_base64(text, sig, MAC_SIGNATURE);
		buf_puts(out, "{\"ms.seal\":");
		buf_put(out, b.p + domain, b.len - domain - 1);
		buf_printf(out, ",\"sig\":\"%s\"}}\n", text);
	}
	buf_release(&b);
	if (out->failed)
		return;
	mac_start(&m, NULL, SIGNATURE_DIGEST);
	add_text(&m, out->p + from, out->len - from - 1);
	mac_end(&m, s->before, SIGNATURE_DIGEST);
	s->linked = true;
	s->last = last;
	s->signed_n += s->n;
	start(s);
}

/* --- checking --- */

/* What such a line says; texts stand in it. */
struct claim {
	const char *stream, *k, *sig;
	uint64_t seq, n;
	const char *events, *before; /* before: NULL where there is none */
	bool last;
	struct buf text; /* that was signed */
};

static bool __attribute__((format(printf, 2, 3)))
fail(char why[SIGNATURE_ERROR], const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why, SIGNATURE_ERROR, format, args);
	va_end(args);
	return false;
}

static bool
is_key(const struct tokens_member *m, const char *name)
{
	size_t n = strlen(name);

	return m->key_len == n + 2 && memcmp(m->key + 1, name, n) == 0;
}

/* The next member, which is a plain string of n bytes. */
static bool
take_text(const char **p, const char *end, const char *name, size_t n,
    const char **text)
{
	struct tokens_member m;

	if (!tokens_member(p, end, &m) || !is_key(&m, name) ||
	    m.value_len != n + 2 || *m.value != '"' ||
	    memchr(m.value, '\\', m.value_len) != NULL)
		return false;
	*text = m.value + 1;
	return true;
}

/* The next member, which is a count: digits only, below 10^18. */
static bool
take_count(const char **p, const char *end, const char *name, uint64_t *n)
{
	struct tokens_member m;

	*n = 0;
	if (!tokens_member(p, end, &m) || !is_key(&m, name) || m.value_len > 18)
		return false;
	for (size_t i = 0; i < m.value_len; i++) {
		if (m.value[i] < '0' || m.value[i] > '9')
			return false;
		*n = *n * 10 + (uint64_t)(m.value[i] - '0');
	}
	return true;
}

/* Is the next member of that name? */
static bool
comes(const char *p, const char *end, const char *name)
{
	struct tokens_member m;

	return tokens_member(&p, end, &m) && is_key(&m, name);
}

static void
sink(void *out, const char *p, size_t n)
{
	buf_put(out, p, n);
}

/* Read the members of the object at p, in their order. */
static bool
read_claim(
    struct claim *c, const char *p, const char *end, char why[SIGNATURE_ERROR])
{
	static const char WRONG[] = "it is no line that ms-trace seal wrote";
	const char *from = p++;
	struct tokens_member m;
	uint64_t version;

	if (!take_count(&p, end, "v", &version))
		return fail(why, "%s", WRONG);
	if (version != 1)
		return fail(why, "it was made by a later version");
	if (!take_text(&p, end, "stream", UUID_TEXT, &c->stream) ||
	    !take_count(&p, end, "seq", &c->seq) ||
	    !take_count(&p, end, "n", &c->n) ||
	    !take_text(&p, end, "events", DIGEST_TEXT, &c->events) ||
	    (comes(p, end, "before") &&
		!take_text(&p, end, "before", DIGEST_TEXT, &c->before)))
		return fail(why, "%s", WRONG);
	if (comes(p, end, "last")) {
		tokens_member(&p, end, &m);
		c->last = tokens_is(m.value, m.value_len, "true");
		if (!c->last)
			return fail(why, "%s", WRONG);
	}
	if (!take_text(&p, end, "k", KEY_ID, &c->k))
		return fail(why, "%s", WRONG);
	buf_puts(&c->text, DOMAIN);
	canonical_text(from, (size_t)(p - from), sink, &c->text);
	c->text.len--; /* the comma */
	buf_putc(&c->text, '}');
	if (!take_text(&p, end, "sig", SIG_TEXT, &c->sig) ||
	    tokens_member(&p, end, &m))
		return fail(why, "%s", WRONG);
	return true;
}

static bool
check_signature(
    const struct signature *s, const struct claim *c, char why[SIGNATURE_ERROR])
{
	unsigned char sig[MAC_SIGNATURE];

	if (memcmp(c->k, key_id(s->key), KEY_ID) != 0)
		return fail(why, "it is signed with key %.*s, not with %s",
		    (int)KEY_ID, c->k, key_id(s->key));
	if (buf_failed(&c->text) ||
	    !mac_base64_read(sig, MAC_SIGNATURE, c->sig, SIG_TEXT) ||
	    !mac_sign_good(sig, key_bytes(s->key), c->text.p, c->text.len))
		return fail(
		    why, "its signature isn't of key %s", key_id(s->key));
	return true;
}

static bool
is_digest(const unsigned char digest[SIGNATURE_DIGEST], const char *text)
{
	char own[DIGEST_TEXT + 1];

	mac_base64(own, digest, SIGNATURE_DIGEST);
	return memcmp(own, text, DIGEST_TEXT) == 0;
}

/* Does the line come behind the last one? */
static bool
check_order(
    const struct signature *s, const struct claim *c, char why[SIGNATURE_ERROR])
{
	if (s->last)
		return fail(why, "it stands behind the end of the stream");
	if (s->stream[0] != '\0' &&
	    memcmp(s->stream, c->stream, UUID_TEXT) != 0)
		return fail(why, "it is of another stream, %.*s, not of %s",
		    (int)UUID_TEXT, c->stream, s->stream);
	if (c->seq != s->seq + 1 && s->seq == 0)
		return fail(why,
		    "batch %" PRIu64 " is the first; what was before it is "
		    "missing",
		    c->seq);
	if (c->seq != s->seq + 1)
		return fail(why,
		    "batch %" PRIu64 " follows on batch %" PRIu64
		    ": some are missing, or in another place",
		    c->seq, s->seq);
	if (s->linked != (c->before != NULL) ||
	    (s->linked && !is_digest(s->before, c->before)))
		return fail(why,
		    "batch %" PRIu64 " was signed behind another line", c->seq);
	return true;
}

static bool
check_events(const struct signature *s, const struct claim *c,
    const unsigned char events[SIGNATURE_DIGEST], char why[SIGNATURE_ERROR])
{
	if (c->n != s->n)
		return fail(why,
		    "batch %" PRIu64 " has %" PRIu64 " events, but %" PRIu64
		    " were signed: some are missing, or were added",
		    c->seq, s->n, c->n);
	if (!is_digest(events, c->events))
		return fail(why,
		    "batch %" PRIu64 ": an event was changed, moved, or put "
		    "in another's place",
		    c->seq);
	return true;
}

/* Go on behind a line whose signature is good. */
static void
follow(struct signature *s, const struct claim *c, struct value line)
{
	struct mac m;

	memcpy(s->stream, c->stream, UUID_TEXT);
	s->stream[UUID_TEXT] = '\0';
	s->seq = c->seq;
	s->last = c->last;
	mac_start(&m, NULL, SIGNATURE_DIGEST);
	add_object(&m, line);
	mac_end(&m, s->before, SIGNATURE_DIGEST);
	s->linked = true;
	s->signed_n += s->n;
}

bool
signature_check(
    struct signature *s, struct value line, char why[SIGNATURE_ERROR])
{
	const struct doc *d = line.doc;
	const char *p = d->text + d->at[line.n] + 1, *end = doc_end(d, line.n);
	unsigned char events[SIGNATURE_DIGEST];
	struct claim c = {.before = NULL};
	struct tokens_member m = {.value = ""}, more;
	bool good;

	tokens_member(&p, end, &m);
	if (*m.value != '{' || tokens_member(&p, end, &more))
		return fail(why, "it is no line that ms-trace seal wrote");
	good = read_claim(&c, m.value, m.value + m.value_len, why) &&
	    check_signature(s, &c, why);
	if (good) {
		mac_end(&s->events, events, SIGNATURE_DIGEST);
		good =
		    check_order(s, &c, why) && check_events(s, &c, events, why);
		follow(s, &c, line);
		start(s);
	}
	buf_release(&c.text);
	return good;
}
