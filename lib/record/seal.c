#include <endian.h>
#include <stdint.h>
#include <string.h>

#include "base/mac.h"
#include "json/tokens.h"
#include "record/canonical.h"
#include "record/seal.h"
#include "value/array.h"

#define VERSION "ms-seal 1"

/* --- digests --- */

static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "abcdefghijklmnopqrstuvwxyz0123456789-_";

/* As base64url: 16 bytes are 5 groups of three, and one more. */
static void
spell(struct seal_text *out, const unsigned char tag[SEAL_TAG])
{
	char *p = out->text;

	for (size_t i = 0; i < SEAL_TAG - 1; i += 3, p += 4) {
		uint32_t w = (uint32_t)tag[i] << 16 |
		    (uint32_t)tag[i + 1] << 8 | tag[i + 2];

		p[0] = DIGITS[w >> 18];
		p[1] = DIGITS[w >> 12 & 63];
		p[2] = DIGITS[w >> 6 & 63];
		p[3] = DIGITS[w & 63];
	}
	p[0] = DIGITS[tag[SEAL_TAG - 1] >> 2];
	p[1] = DIGITS[(tag[SEAL_TAG - 1] & 3) << 4];
}

static void
add(void *mac, const char *p, size_t n)
{
	mac_add(mac, p, n);
}

static void
end(struct mac *m, struct seal_text *out)
{
	unsigned char tag[SEAL_TAG];

	mac_end(m, tag, SEAL_TAG);
	spell(out, tag);
}

void
seal_event_read(
    struct seal_text *e, const struct seal_key *key, struct value raw)
{
	struct mac m;

	mac_start(&m, key->event, SEAL_TAG);
	canonical_read(raw, add, &m);
	end(&m, e);
}

void
seal_event_text(struct seal_text *e, const struct seal_key *key,
    const char *text, size_t len, bool spaced)
{
	struct mac m;

	mac_start(&m, key->event, SEAL_TAG);
	if (spaced)
		canonical_text(text, len, add, &m);
	else
		mac_add(&m, text, len);
	end(&m, e);
}

bool
seal_event_value(
    struct seal_text *e, const struct seal_key *key, struct value v)
{
	struct buf b = {0};
	bool good;

	if (v.kind == VALUE_RAW_OBJECT) {
		seal_event_read(e, key, v);
		return true;
	}
	value_write(&b, v);
	good = !buf_failed(&b);
	if (good)
		seal_event_text(e, key, b.p, b.len, b.spaced);
	buf_release(&b);
	return good;
}

bool
seal_same(const struct seal_text *x, const char *y)
{
	return mac_equal(x->text, y, SEAL_TEXT);
}

bool
seal_is_digest(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (memchr(DIGITS, text[i], sizeof(DIGITS) - 1) == NULL)
			return false;
	return len == SEAL_TEXT;
}

/* --- what stands in a record --- */

/* A member of a seal that is a string of n plain characters. */
static bool
take_text(const char **p, const char *stop, const char *key, const char **text,
    size_t n)
{
	struct tokens_member m;

	if (!tokens_member(p, stop, &m) || m.key_len != 3 || m.key[1] != *key ||
	    m.value_len != n + 2 || m.value[0] != '"')
		return false;
	*text = m.value + 1;
	return memchr(*text, '\\', n) == NULL;
}

static enum seal_read
parse(const char *p, size_t len, struct seal_link *link)
{
	const char *stop = p + len;
	struct tokens_member more;

	if (*p++ != '{' || !take_text(&p, stop, "k", &link->k, SEAL_KID) ||
	    !take_text(&p, stop, "e", &link->e, SEAL_TEXT) ||
	    !take_text(&p, stop, "m", &link->m, SEAL_TEXT) ||
	    tokens_member(&p, stop, &more))
		return SEAL_MALFORMED;
	return SEAL_LINK;
}

enum seal_read
seal_read(const char *record, size_t len, struct seal_link *link)
{
	const char *p = record + 1, *stop = record + len;
	enum seal_read found = SEAL_NONE;
	bool forgotten = false, is_seal;
	struct tokens_member m;

	while (tokens_member(&p, stop, &m)) {
		is_seal = tokens_is(m.key, m.key_len, "\"seal\"");
		if (found != SEAL_NONE || (forgotten && !is_seal))
			return SEAL_MALFORMED; /* it isn't the last one */
		forgotten = tokens_is(m.key, m.key_len, "\"forgotten\"");
		if (is_seal)
			found = parse(m.value, m.value_len, link);
	}
	return found;
}

/* --- the chain --- */

static void
note_id(struct seal_chain *c, const char *record, size_t len)
{
	const char *p = record + 1, *stop = record + len;
	struct tokens_member m;

	while (!c->known && tokens_member(&p, stop, &m)) {
		if (!tokens_is(m.key, m.key_len, "\"id\"") ||
		    m.value_len != UUID_TEXT + 2)
			continue;
		memcpy(c->id, m.value + 1, UUID_TEXT);
		c->known = true;
	}
}

void
seal_chain_link(struct seal_chain *c, const struct seal_link *link,
    const char *record, size_t len)
{
	memcpy(c->k, link->k, SEAL_KID);
	memcpy(c->e.text, link->e, SEAL_TEXT);
	memcpy(c->m.text, link->m, SEAL_TEXT);
	c->linked = c->ended = true;
	c->loose_n = 0;
	if (!c->known)
		note_id(c, record, len);
}

/* Append a part with its length in front. */
static void
put_sized(struct buf *b, const void *p, size_t n)
{
	uint64_t size = htole64(n);

	buf_put(b, (const char *)&size, sizeof(size));
	buf_put(b, p, n);
}

/* Append a record as it is covered, its length in front. */
static bool
put_covered(
    struct buf *b, const struct seal_parts *is, const char *record, size_t len)
{
	size_t before;
	uint64_t size = 0;
	bool good;

	if (!buf_room(b, 2 * len + 512)) /* mostly enough for all */
		return false;
	buf_put(b, (const char *)&size, sizeof(size));
	before = b->len;
	good = seal_parts_put(b, is, record, len);
	if (buf_failed(b))
		return false;
	size = htole64(b->len - before);
	memcpy(b->p + before - sizeof(size), &size, sizeof(size));
	return good;
}

static void
hash(const struct buf *b, const unsigned char key[MAC_KEY],
    unsigned char tag[SEAL_TAG])
{
	struct mac m;

	mac_start(&m, key, SEAL_TAG);
	mac_add(&m, b->p, b->len);
	mac_end(&m, tag, SEAL_TAG);
}

bool
seal_chain_loose(struct seal_chain *c, const struct seal_key *key,
    const char *record, size_t len)
{
	struct seal_parts is = {.key = key, .salt = "", .loose = true};
	struct buf b = {0};
	bool good;

	put_sized(&b, "loose", 5);
	put_sized(&b, c->loose, c->loose_n > 0 ? SEAL_TAG : 0);
	good = put_covered(&b, &is, record, len) && !buf_failed(&b);
	if (good) {
		hash(&b, key->chain, c->loose);
		c->loose_n++;
		c->ended = false;
		if (!c->known)
			note_id(c, record, len);
	}
	buf_release(&b);
	return good;
}

/* Take any record of a history. */
static bool
take_record(struct seal_chain *c, const struct seal_key *key,
    const char *record, size_t len)
{
	struct seal_link link;

	if (seal_read(record, len, &link) != SEAL_LINK)
		return seal_chain_loose(c, key, record, len);
	seal_chain_link(c, &link, record, len);
	return true;
}

bool
seal_record_text(
    struct value record, struct buf *scratch, const char **text, size_t *len)
{
	const struct doc *d = record.doc;

	if (record.kind == VALUE_RAW_OBJECT) {
		*text = d->text + d->at[record.n];
		*len = (size_t)(doc_end(d, record.n) - *text);
		return true;
	}
	buf_clear(scratch);
	value_write(scratch, record);
	*text = scratch->p;
	*len = scratch->len;
	return !buf_failed(scratch);
}

static bool
take_value(
    struct seal_chain *c, const struct seal_key *key, struct value record)
{
	struct buf scratch = {0};
	const char *text;
	size_t len;
	bool good = seal_record_text(record, &scratch, &text, &len) &&
	    take_record(c, key, text, len);

	buf_release(&scratch);
	return good;
}

/*
 * The seal of the last record of a history in its line, where it is spelled
 * as ours are.
 */
static bool
last_seal(struct value history, struct seal_link *link)
{
	static const char K[] = ",\"seal\":{\"k\":\"", E[] = "\",\"e\":\"",
			  M[] = "\",\"m\":\"";
	enum {
		AT_E = sizeof(K) - 1 + SEAL_KID,
		AT_M = AT_E + sizeof(E) - 1 + SEAL_TEXT,
		ALL = AT_M + sizeof(M) - 1 + SEAL_TEXT + 2,
		ENTRIES = 16, /* from the comma to what closes the seal */
	};
	const struct doc *d = history.doc;
	uint32_t e = d->match[history.n] - 1; /* that closes the record */
	const char *p;

	if (e < history.n + 2 + ENTRIES || d->at[e] - d->at[e - ENTRIES] != ALL)
		return false;
	p = d->text + d->at[e - ENTRIES];
	link->k = p + sizeof(K) - 1;
	link->e = p + AT_E + sizeof(E) - 1;
	link->m = p + AT_M + sizeof(M) - 1;
	return memcmp(p, K, sizeof(K) - 1) == 0 &&
	    memcmp(p + AT_E, E, sizeof(E) - 1) == 0 &&
	    memcmp(p + AT_M, M, sizeof(M) - 1) == 0 &&
	    memchr(link->k, '\\', ALL - sizeof(K)) == NULL;
}

/* The id that a history gives its event, mostly in the first record. */
static void
find_id(struct seal_chain *c, struct value history)
{
	const struct doc *d = history.doc;

	for (uint32_t e = history.n + 1; !c->known && e < d->match[history.n];
	     e = doc_after(d, e) + 1)
		note_id(c, d->text + d->at[e],
		    (size_t)(doc_end(d, e) - d->text) - d->at[e]);
}

bool
seal_chain_of(
    struct seal_chain *c, const struct seal_key *key, struct value history)
{
	const struct doc *d = history.doc;
	struct seal_link link;

	c->linked = c->ended = c->known = false;
	c->loose_n = 0;
	if (history.kind == VALUE_RAW_ARRAY && last_seal(history, &link)) {
		seal_chain_link(c, &link, "{}", 2);
		find_id(c, history);
		return true;
	}
	if (history.kind == VALUE_RAW_ARRAY) {
		for (uint32_t e = history.n + 1; e < d->match[history.n];
		     e = doc_after(d, e) + 1)
			if (!take_value(c, key, value_source(d, e)))
				return false;
		return true;
	}
	for (uint32_t i = 0;
	     history.kind == VALUE_ARRAY && i < (uint32_t)history.n; i++)
		if (!take_value(c, key, array_at(history, i)))
			return false;
	return true;
}

/* --- links --- */

/* What the digests of a record's parts are salted with, behind a chain. */
static size_t
put_salt(char salt[2 * SEAL_TEXT], const struct seal_chain *c,
    const struct seal_text *e)
{
	memcpy(salt, e->text, SEAL_TEXT);
	if (!c->linked)
		return SEAL_TEXT;
	memcpy(salt + SEAL_TEXT, c->m.text, SEAL_TEXT);
	return sizeof(char[2 * SEAL_TEXT]);
}

bool
seal_link_tag(struct seal_text *m, const struct seal_chain *c,
    const struct seal_key *key, const char *record, size_t len,
    const struct seal_text *e, const struct seal_rule *rule)
{
	char salt[2 * SEAL_TEXT];
	struct seal_parts is = {.key = key,
	    .salt = salt,
	    .salt_len = put_salt(salt, c, e),
	    .rule = rule,
	    .fresh = rule != NULL};
	unsigned char tag[SEAL_TAG];
	struct buf b = {0};
	bool good;

	put_sized(&b, VERSION, sizeof(VERSION) - 1);
	put_sized(&b, c->m.text, c->linked ? SEAL_TEXT : 0);
	put_sized(&b, c->id, c->known ? UUID_TEXT : 0);
	put_sized(&b, c->loose, c->loose_n > 0 ? SEAL_TAG : 0);
	good = put_covered(&b, &is, record, len);
	put_sized(&b, e->text, SEAL_TEXT);
	good = good && !buf_failed(&b);
	if (good) {
		hash(&b, key->chain, tag);
		spell(m, tag);
	}
	buf_release(&b);
	return good;
}

void
seal_put(struct buf *out, size_t start, struct seal_chain *c,
    const struct seal_key *key, const struct seal_text *e,
    const struct seal_rule *rule, bool more)
{
	struct seal_text m;
	struct seal_link link = {key->kid, e->text, m.text};

	buf_putc(out, '}'); /* so that it is one whole record */
	if (buf_failed(out))
		return;
	if (!seal_link_tag(
		&m, c, key, out->p + start, out->len - start, e, rule)) {
		out->failed = true;
		return;
	}
	if (more)
		seal_chain_link(c, &link, out->p + start, out->len - start);
	out->len--;
	seal_put_link(out, key->kid, e, &m);
}

bool
seal_link_forget(struct buf *text, const struct seal_chain *c,
    const struct seal_key *key, const char *record, size_t len,
    const struct seal_text *e, const struct seal_left *left)
{
	char salt[2 * SEAL_TEXT];
	struct seal_parts is = {
	    .key = key, .salt = salt, .salt_len = put_salt(salt, c, e)};

	return seal_parts_forget(text, &is, record, len, left);
}

void
seal_put_link(struct buf *out, const char k[SEAL_KID],
    const struct seal_text *e, const struct seal_text *m)
{
	buf_puts(out, ",\"seal\":{\"k\":\"");
	buf_put(out, k, SEAL_KID);
	buf_puts(out, "\",\"e\":\"");
	buf_put(out, e->text, SEAL_TEXT);
	buf_puts(out, "\",\"m\":\"");
	buf_put(out, m->text, SEAL_TEXT);
	buf_puts(out, "\"}");
}

void
seal_put_read(struct buf *out, const struct seal_text *read)
{
	buf_puts(out, ",\"read\":\"");
	buf_put(out, read->text, SEAL_TEXT);
	buf_putc(out, '"');
}
