#include <endian.h>
#include <string.h>

#include "trust/mask.h"
#include "value/array.h"
#include "value/decimal.h"
#include "value/object.h"
#include "value/string.h"

enum { DIGEST = 16 }; /* bytes */

void
mask_key_derive(struct mask_key *m, const struct key *key)
{
	mac_derive(m->bytes, key_bytes(key), "ms-masks");
	memcpy(m->id, key_id(key), sizeof(m->id));
}

void
mask_key_wipe(struct mask_key *m)
{
	mac_wipe(m, sizeof(*m));
}

/* A type, how much follows, and bytes: so that no two values read alike. */
static void
add(struct mac *m, char type, size_t n, const char *p)
{
	uint64_t length = htole64(n);

	mac_add(m, &type, 1);
	mac_add(m, &length, sizeof(length));
	if (p != NULL)
		mac_add(m, p, n);
}

static void
add_number(struct mac *m, struct arena *a, struct value v)
{
	struct arena_deferred *release;
	struct buf *b = buf_new(a, &release);

	decimal_write(b, v.text, v.n);
	if (!buf_fits(b))
		arena_exceed(a);
	add(m, 'n', b->len, b->p);
	arena_end(a, release);
}

static void add_value(struct mac *m, struct arena *a, struct value v);

static void
add_array(struct mac *m, struct arena *a, struct value v)
{
	v = array_open(a, v);
	add(m, '[', array_length(v), NULL);
	for (size_t i = 0; i < array_length(v); i++)
		add_value(m, a, array_at(v, i));
}

static void
add_object(struct mac *m, struct arena *a, struct value v)
{
	struct value *keys, x;
	size_t n;

	v = object_open(a, v);
	keys = object_keys(a, v, &n);
	add(m, '{', n, NULL);
	for (size_t i = 0; i < n; i++) {
		add(m, 'k', keys[i].n, keys[i].text);
		if (object_get(a, v, keys[i], &x))
			add_value(m, a, x);
	}
}

static void
add_value(struct mac *m, struct arena *a, struct value v)
{
	arena_recurse(a);
	if (value_is_string(v)) {
		v = string_decoded(a, v);
		add(m, 's', v.n, v.text);
	} else if (value_is_array(v)) {
		add_array(m, a, v);
	} else if (value_is_object(v)) {
		add_object(m, a, v);
	} else if (value_is_number(v)) {
		add_number(m, a, v);
	} else {
		add(m,
		    v.kind == VALUE_TRUE        ? 't'
			: v.kind == VALUE_FALSE ? 'f'
						: '0',
		    0, NULL);
	}
}

void
mask_write(
    struct buf *out, struct arena *a, const struct mask_key *m, struct value v)
{
	char text[MAC_BASE64(DIGEST) + 1];
	unsigned char digest[DIGEST];
	struct mac mac;

	mac_start(&mac, m->bytes, DIGEST);
	add_value(&mac, a, v);
	mac_end(&mac, digest, DIGEST);
	mac_base64(text, digest, DIGEST);
	buf_puts(out, "\"m:");
	buf_put(out, m->id, KEY_ID);
	buf_putc(out, ':');
	buf_puts(out, text);
	buf_putc(out, '"');
}

bool
mask_is(struct arena *a, struct value v)
{
	enum { N = 2 + KEY_ID + 1 + MAC_BASE64(DIGEST) };
	const char *p;

	if (!value_is_string(v))
		return false;
	v = string_decoded(a, v);
	p = v.text;
	if (v.n != N || p[0] != 'm' || p[1] != ':' || p[2 + KEY_ID] != ':')
		return false;
	for (size_t i = 0; i < N; i++) {
		bool digit = p[i] >= '0' && p[i] <= '9';
		char c = (char)(p[i] | 0x20);

		if (i < 2 || i == 2 + KEY_ID || digit)
			continue;
		if (i < 2 + KEY_ID
			? p[i] < 'a' || p[i] > 'f'
			: (c < 'a' || c > 'z') && p[i] != '-' && p[i] != '_')
			return false;
	}
	return true;
}
