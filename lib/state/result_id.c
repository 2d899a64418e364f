#include <inttypes.h>
#include <stdio.h>

#include "base/hash.h"
#include "state/result_id.h"

bool
result_id_make(
    char id[UUID_TEXT + 1], struct buf *scratch, const struct result_name *name)
{
	struct buf *b = scratch;
	struct hash_digest h;
	uint64_t high, low;

	buf_clear(b);
	if (name->stage != NULL)
		buf_put(b, name->stage, name->stage_len);
	buf_putc(b, '\0');
	buf_put(b, name->rule, name->rule_len);
	buf_putc(b, '\0');
	buf_put(b, name->key, name->key_len);
	buf_printf(b, "%c%" PRId64, '\0', name->from);
	if (buf_failed(b))
		return false;
	h = hash_digest(b->p, b->len);
	high = (h.high & ~UINT64_C(0xF000)) | 0x8000;
	low = (h.low & ~(UINT64_C(3) << 62)) | UINT64_C(2) << 62;
	snprintf(id, UUID_TEXT + 1,
	    "%08" PRIx64 "-%04" PRIx64 "-%04" PRIx64 "-%04" PRIx64
	    "-%012" PRIx64,
	    high >> 32, high >> 16 & 0xFFFF, high & 0xFFFF, low >> 48,
	    low & UINT64_C(0xFFFFFFFFFFFF));
	return true;
}
