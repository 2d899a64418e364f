#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "render/texts.h"

void
texts_put(struct buf *out, const char *text, size_t len)
{
	size_t from = 0;

	buf_putc(out, '"');
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		bool line_end = c == 0xE2 && len - i > 2 &&
		    (memcmp(text + i, "\342\200\250", 3) == 0 ||
			memcmp(text + i, "\342\200\251", 3) == 0);

		if (c >= 0x20 && c != 0x7F && c != '"' && c != '\\' &&
		    c != '<' && c != '>' && c != '&' && !line_end)
			continue;
		buf_put(out, text + from, i - from);
		if (c == '"' || c == '\\') {
			buf_putc(out, '\\');
			buf_putc(out, (char)c);
		} else if (line_end) {
			buf_puts(
			    out, text[i + 2] == '\250' ? "\\u2028" : "\\u2029");
			i += 2;
		} else {
			buf_printf(out, "\\u%04x", (unsigned)c);
		}
		from = i + 1;
	}
	buf_put(out, text + from, len - from);
	buf_putc(out, '"');
}

/* Twice as many slots, and each text in its new one. */
static bool
grow_slots(struct texts *t)
{
	size_t size = t->mask == 0 ? 1024 : (t->mask + 1) * 2;
	uint32_t *slot = calloc(size, sizeof(*slot));

	if (slot == NULL)
		return false;
	free(t->slot);
	t->slot = slot;
	t->mask = size - 1;
	for (size_t i = 0; i < t->n; i++) {
		size_t k = t->one[i].hash & t->mask;

		while (slot[k] != 0)
			k = (k + 1) & t->mask;
		slot[k] = (uint32_t)i + 1;
	}
	return true;
}

static bool
grow(struct texts *t)
{
	size_t cap = t->cap == 0 ? 256 : t->cap * 2;
	struct texts_one *more;

	if (t->n == t->cap) {
		more = reallocarray(t->one, cap, sizeof(*more));
		if (more == NULL || t->n >= UINT32_MAX - 1) {
			t->one = more != NULL ? more : t->one;
			return false;
		}
		t->one = more;
		t->cap = cap;
	}
	return (t->n + 1) * 2 <= t->mask || grow_slots(t);
}

/* Is a text at the end of the strings the one with that number? */
static bool
is_text(const struct texts *t, size_t i, size_t at, size_t len, uint64_t hash)
{
	const struct texts_one *o = &t->one[i];

	return o->hash == hash && o->len == len &&
	    memcmp(t->strings.p + o->at, t->strings.p + at, len) == 0;
}

size_t
texts_number(struct texts *t, const char *text, size_t len)
{
	uint64_t hash = hash_bytes(text, len);
	size_t at = t->strings.len, k;

	texts_put(&t->strings, text, len);
	if (buf_failed(&t->strings) || !grow(t)) {
		t->failed = true;
		return 0;
	}
	len = t->strings.len - at;
	for (k = hash & t->mask; t->slot[k] != 0; k = (k + 1) & t->mask) {
		if (!is_text(t, t->slot[k] - 1, at, len, hash))
			continue;
		t->strings.len = at;
		return t->slot[k] - 1;
	}
	t->one[t->n] = (struct texts_one){.hash = hash, .at = at, .len = len};
	t->slot[k] = (uint32_t)++t->n;
	return t->n - 1;
}

void
texts_write(const struct texts *t, struct buf *out)
{
	buf_putc(out, '[');
	for (size_t i = 0; i < t->n; i++) {
		const struct texts_one *o = &t->one[i];

		buf_puts(out, i > 0 ? ",\n" : "");
		if (o->used)
			buf_put(out, t->strings.p + o->at, o->len);
		else
			buf_putc(out, '0');
	}
	buf_putc(out, ']');
}

void
texts_release(struct texts *t)
{
	buf_release(&t->strings);
	free(t->one);
	free(t->slot);
	*t = (struct texts){.n = 0};
}
