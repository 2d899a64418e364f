#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "history/replay.h"
#include "value/object.h"
#include "value/string.h"

static bool
sextet(char c, uint32_t *v)
{
	static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *p = memchr(DIGITS, c, sizeof(DIGITS) - 1);

	if (p == NULL)
		return false;
	*v = (uint32_t)(p - DIGITS);
	return true;
}

/* RFC 4648, padded; false, and out is as it was, where it isn't that. */
static bool
put_base64(struct buf *out, const char *p, size_t n)
{
	size_t start = out->len, pad = 0;

	if (n % 4 != 0)
		return false;
	while (pad < 2 && n > pad && p[n - 1 - pad] == '=')
		pad++;
	for (size_t i = 0; i < n; i += 4) {
		size_t bytes = i + 4 == n ? 3 - pad : 3;
		uint32_t bits = 0;

		for (size_t k = 0; k < 4; k++) {
			uint32_t v = 0;

			if (k <= bytes && !sextet(p[i + k], &v)) {
				out->len = start;
				return false;
			}
			bits = bits << 6 | v;
		}
		for (size_t k = 0; k < bytes; k++)
			buf_putc(out, (char)(bits >> (16 - 8 * k) & 0xFF));
	}
	return true;
}

static bool
text_of(
    struct arena *a, struct value reject, const char *name, struct value *text)
{
	if (!object_get(a, reject, value_cstring(name), text) ||
	    !value_is_string(*text))
		return false;
	*text = string_decoded(a, *text);
	return true;
}

const char *
replay_write(struct buf *out, struct arena *a, struct value reject)
{
	struct value v;

	if (object_get(a, reject, value_cstring("event"), &v)) {
		value_write(out, v);
	} else if (text_of(a, reject, "text", &v)) {
		buf_put(out, v.text, v.n);
	} else if (text_of(a, reject, "base64", &v)) {
		if (!put_base64(out, v.text, v.n))
			return "its base64 is no base64";
	} else if (object_get(a, reject, value_cstring("withheld"), &v) &&
	    v.kind == VALUE_TRUE) {
		return "its line was withheld, since what is to be forgotten "
		       "in it can't be told; take it from its source";
	} else {
		return "it holds no line to replay";
	}
	if (text_of(a, reject, "end", &v))
		buf_put(out, v.text, v.n);
	else
		buf_putc(out, '\n');
	return NULL;
}
