/*
 * Most events have no white space between their tokens: their canonical
 * bytes stand in the line, or in what was written, in one run, and take one
 * call.  A history that was cut off leaves a closing brace to add.
 */
#include <endian.h>
#include <string.h>

#include "base/hash.h"
#include "record/canonical.h"
#include "record/sum.h"
#include "value/array.h"
#include "value/object.h"

enum { COPIED = 4096 }; /* bytes that are copied sooner than hashed in two */

/* Eight digits of 32 bits, the first one in the lowest byte. */
static uint64_t
eight_digits(uint32_t w)
{
	const uint64_t ones = 0x0101010101010101u;
	uint64_t x = __builtin_bswap32(w), letters;

	x = (x | x << 16) & 0x0000FFFF0000FFFFu;
	x = (x | x << 8) & 0x00FF00FF00FF00FFu;
	x = (x >> 4 | x << 8) & 0x0F0F0F0F0F0F0F0Fu;
	letters = (x + ones * 6) >> 4 & ones;
	return x + ones * '0' + letters * ('a' - '0' - 10);
}

static void
put_bytes(char *out, uint64_t x)
{
	x = htole64(x);
	memcpy(out, &x, sizeof(x));
}

void
sum_digits(const struct sum *sum, char out[SUM_TEXT])
{
	put_bytes(out, eight_digits((uint32_t)(sum->hash >> 32)));
	put_bytes(out + 8, eight_digits((uint32_t)sum->hash));
}

/* A sink of canonical bytes. */
static void
add(void *hash, const char *p, size_t n)
{
	hash_add(hash, p, n);
}

static uint64_t
hash_spaced(const struct canonical_kept *k)
{
	struct hash_pieces h;

	hash_start(&h);
	canonical_tokens(k, add, &h);
	return hash_end(&h);
}

static uint64_t
hash_two(const char *p, size_t n, const char *q, size_t m)
{
	struct hash_pieces h;
	char copy[COPIED];

	if (p + n == q)
		return hash_plain(p, n + m);
	if (n + m <= sizeof(copy)) {
		memcpy(copy, p, n);
		memcpy(copy + n, q, m);
		return hash_plain(copy, n + m);
	}
	hash_start(&h);
	hash_add(&h, p, n);
	hash_add(&h, q, m);
	return hash_end(&h);
}

struct sum
sum_read(struct value raw)
{
	struct canonical_kept k = canonical_keep(raw);
	const struct doc *d = k.doc;
	const char *first = d->text + d->at[k.first];
	const char *on = d->text + d->at[k.on];

	if (d->spaced)
		return (struct sum){hash_spaced(&k)};
	return (struct sum){hash_two(first, d->at[k.cut] - d->at[k.first], on,
	    d->at[k.end - 1] + 1 - d->at[k.on])};
}

struct sum
sum_text(const char *text, size_t len, bool spaced)
{
	struct hash_pieces h;

	if (!spaced)
		return (struct sum){hash_plain(text, len)};
	hash_start(&h);
	canonical_text(text, len, add, &h);
	return (struct sum){hash_end(&h)};
}

bool
sum_value(struct value v, struct sum *sum)
{
	struct buf b = {0};
	bool good;

	value_write(&b, v);
	good = !buf_failed(&b);
	if (good)
		*sum = sum_text(b.p, b.len, b.spaced);
	buf_release(&b);
	return good;
}

bool
sum_is(const struct sum *sum, const char *text)
{
	char digits[SUM_TEXT];

	sum_digits(sum, digits);
	return memcmp(digits, text, SUM_TEXT) == 0;
}

/* The last record, which is one of a doc. */
static bool
last_record(struct value history, struct value *record)
{
	const struct doc *d = history.doc;
	uint32_t e = history.n + 1, last = 0;

	if (history.kind == VALUE_ARRAY && history.n > 0) {
		*record = array_at(history, history.n - 1);
		return record->kind == VALUE_RAW_OBJECT;
	}
	if (history.kind != VALUE_RAW_ARRAY)
		return false;
	for (; e < d->match[history.n]; e = doc_after(d, e) + 1)
		last = e;
	*record = value_source(d, last);
	return last != 0;
}

/*
 * The same where the sum is the last member of the last record, as it is
 * mostly: its entries then are the last ones of the history.
 */
static const char *
last_member(struct value history)
{
	static const char BEFORE[] = ",\"sum\":\"";
	const struct doc *d = history.doc;
	uint32_t e = d->match[history.n] - 1; /* that closes the record */
	size_t all = sizeof(BEFORE) - 1 + SUM_TEXT + 1, from;

	if (e < history.n + 7)
		return NULL;
	from = d->at[e] - all; /* it may be short of that, and wrap around */
	if (d->at[e - 4] != from ||
	    memcmp(d->text + from, BEFORE, sizeof(BEFORE) - 1) != 0)
		return NULL;
	return d->text + from + sizeof(BEFORE) - 1;
}

const char *
sum_last(struct value history)
{
	struct value record;
	const struct doc *d;
	const char *token;
	uint32_t e;

	if (history.kind == VALUE_RAW_ARRAY) {
		token = last_member(history);
		if (token != NULL)
			return token;
	}
	if (!last_record(history, &record))
		return NULL;
	d = record.doc;
	e = object_doc_find(d, record.n, "sum", 3);
	if (e == 0 || d->at[e + 1] - d->at[e] < SUM_TEXT + 2)
		return NULL;
	token = d->text + d->at[e];
	return token[0] == '"' && token[SUM_TEXT + 1] == '"' ? token + 1 : NULL;
}

static inline void
put_member(struct buf *out, const char *name, size_t n, const struct sum *sum)
{
	char *p;

	if (!buf_room(out, n + SUM_TEXT + 1))
		return;
	p = out->p + out->len;
	memcpy(p, name, n);
	sum_digits(sum, p + n);
	p[n + SUM_TEXT] = '"';
	out->len += n + SUM_TEXT + 1;
}

void
sum_put(struct buf *out, const struct sum *sum, const struct sum *read)
{
	put_member(out, ",\"sum\":\"", 8, sum);
	if (read != NULL)
		put_member(out, ",\"read\":\"", 9, read);
}
