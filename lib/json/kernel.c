#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "json/kernel.h"
#include "json/scan.h"

const struct scan_kernel *
scan_kernel_at(size_t i)
{
	static const struct scan_kernel *const all[] = {
#if defined(__x86_64__)
		&scan_kernel_avx512,
		&scan_kernel_avx2,
		&scan_kernel_sse4,
#endif
#if defined(__aarch64__)
		&scan_kernel_neon,
#endif
		&scan_kernel_scalar,
		NULL,
	};

	return all[i];
}

const struct scan_kernel *
scan_kernel_choose(void)
{
	const char *want = getenv("MS_SIMD");
	const struct scan_kernel *k;

	for (size_t i = 0; (k = scan_kernel_at(i)) != NULL; i++) {
		if (want != NULL && *want && strcmp(want, k->name) != 0)
			continue;
		if (k->runs())
			return k;
	}
	return NULL;
}

const char *
scan_kernel(void)
{
	const struct scan_kernel *k = scan_kernel_choose();

	return k != NULL ? k->name : NULL;
}

static bool
is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
	    (c >= 'A' && c <= 'F');
}

/* Do the n bytes at p begin with what may follow a backslash? */
static bool
escape_ok(const char *p, size_t n)
{
	if (n == 0)
		return false;
	switch (p[0]) {
	case '"':
	case '\\':
	case '/':
	case 'b':
	case 'f':
	case 'n':
	case 'r':
	case 't':
		return true;
	case 'u':
		return n >= 5 && is_hex(p[1]) && is_hex(p[2]) && is_hex(p[3]) &&
		    is_hex(p[4]);
	default:
		return false;
	}
}

uint64_t
scan_escapes(
    struct pass *pass, size_t offset, uint64_t backslash, uint64_t *escaped)
{
	uint64_t bad = 0;
	uint64_t after = pass->escaped;

	backslash &= ~after;
	pass->escaped = 0;
	while (backslash != 0) {
		uint64_t bit = backslash & -backslash;
		size_t next = offset + (size_t)__builtin_ctzll(bit) + 1;

		if (!escape_ok(pass->text + next, pass->len - next))
			bad |= bit;
		after |= bit << 1;
		pass->escaped = bit >> 63;
		backslash &= ~(bit | bit << 1);
	}
	*escaped = after;
	return bad;
}

uint64_t
scan_utf8(struct pass *pass, size_t offset, uint64_t high)
{
	uint64_t bad = 0;

	high &= ~(uint64_t)0 << pass->owed;
	pass->owed = 0;
	while (high != 0) {
		unsigned i = (unsigned)__builtin_ctzll(high);
		const char *p = pass->text + offset + i;
		size_t n = utf8_valid(
		    (const unsigned char *)p, pass->len - offset - i);

		if (n == 0) {
			bad |= high & -high;
			n = 1;
		}
		if (i + n > CHUNK)
			pass->owed = (unsigned)(i + n - CHUNK);
		high &= i + n < CHUNK ? ~(uint64_t)0 << (i + n) : 0;
	}
	return bad;
}
