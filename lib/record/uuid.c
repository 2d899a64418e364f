#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "record/uuid.h"

bool
uuid_maker_init(struct uuid_maker *m)
{
	m->left = 0;
	return clock_init(&m->clock);
}

static bool
restock(struct uuid_maker *m)
{
	char *p = (char *)m->random;
	size_t n = 0;

	while (n < sizeof(m->random)) {
		ssize_t got = getrandom(p + n, sizeof(m->random) - n, 0);

		if (got == -1 && errno != EINTR)
			return false;
		if (got > 0)
			n += (size_t)got;
	}
	m->left = sizeof(m->random) / sizeof(*m->random);
	return true;
}

/* Time in units of 2^-12 milliseconds, but never the same twice. */
static uint64_t
next_tick(struct uuid_series *s, int64_t micros)
{
	uint64_t ms = (uint64_t)(micros / 1000);
	uint64_t fine = (uint64_t)(micros % 1000) * 4096 / 1000;
	uint64_t now = ms << 12 | fine, last, next;

	last = atomic_load_explicit(&s->last, memory_order_relaxed);
	do
		next = now > last ? now : last + 1;
	while (!atomic_compare_exchange_weak_explicit(
	    &s->last, &last, next, memory_order_relaxed, memory_order_relaxed));
	return next;
}

/* Eight digits at once: a byte for each four bits, then its character. */
void
uuid_put_hex(char *p, uint32_t v)
{
	const uint64_t ones = 0x0101010101010101u;
	uint64_t x = v, letters;

	x = (x | x << 16) & 0x0000FFFF0000FFFFu;
	x = (x | x << 8) & 0x00FF00FF00FF00FFu;
	x = (x | x << 4) & 0x0F0F0F0F0F0F0F0Fu;
	letters = (x + ones * 6) >> 4 & ones;
	x = htobe64(x + ones * '0' + letters * ('a' - '0' - 10));
	memcpy(p, &x, sizeof(x));
}

void
uuid_format(uint64_t high, uint64_t low, char out[UUID_TEXT + 1])
{
	char hex[32];

	uuid_put_hex(hex, (uint32_t)(high >> 32));
	uuid_put_hex(hex + 8, (uint32_t)high);
	uuid_put_hex(hex + 16, (uint32_t)(low >> 32));
	uuid_put_hex(hex + 24, (uint32_t)low);
	memcpy(out, hex, 8);
	memcpy(out + 9, hex + 8, 4);
	memcpy(out + 14, hex + 12, 4);
	memcpy(out + 19, hex + 16, 4);
	memcpy(out + 24, hex + 20, 12);
	out[8] = out[13] = out[18] = out[23] = '-';
	out[UUID_TEXT] = '\0';
}

bool
uuid_next(struct uuid_series *s, struct uuid_maker *m, char out[UUID_TEXT + 1])
{
	int64_t micros = clock_micros(&m->clock);
	uint64_t tick, low;

	if (micros < 0)
		micros = 0; /* before 1970 there are no ids */
	if (m->clock.frozen) {
		tick = (uint64_t)(micros / 1000) << 12;
		low = atomic_fetch_add(&s->last, 1) + 1;
	} else {
		if (m->left == 0 && !restock(m))
			return false;
		tick = next_tick(s, micros);
		low = m->random[--m->left];
	}
	uuid_format((tick >> 12) << 16 | 0x7000 | (tick & 0xFFF),
	    (low & UINT64_MAX >> 2) | UINT64_C(1) << 63, out);
	return true;
}
