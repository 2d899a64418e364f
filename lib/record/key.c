#include <string.h>

#include "record/key.h"
#include "value/string.h"

bool
key_is(struct arena *a, const struct doc *d, uint32_t e, const char *key,
    size_t len)
{
	const char *p = d->text + d->at[e] + 1;
	size_t n = (size_t)(doc_end(d, e) - 1 - p);
	struct value v;

	/* An escape is longer than what it stands for. */
	if (n < len)
		return false;
	if (memchr(p, '\\', n) == NULL)
		return n == len && memcmp(p, key, len) == 0;
	v = string_decoded(a, value_source(d, e));
	return v.n == len && memcmp(v.text, key, len) == 0;
}
