#include "base/hash.h"
#include "state/result_id.h"
#include "value/number.h"

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
	buf_putc(b, '\0');
	number_put_int(b, name->from);
	if (name->of != NULL) {
		buf_putc(b, '\0');
		composition_put_identity(b, name->of, name->sources);
	}
	if (buf_failed(b))
		return false;
	h = hash_digest(b->p, b->len);
	high = (h.high & ~UINT64_C(0xF000)) | 0x8000;
	low = (h.low & ~(UINT64_C(3) << 62)) | UINT64_C(2) << 62;
	uuid_format(high, low, id);
	return true;
}
