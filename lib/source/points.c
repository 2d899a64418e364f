#include "source/points.h"

#include <arpa/inet.h>
#include <math.h>
#include <string.h>

#include "base/instant.h"
#include "value/number.h"

enum { MILLION = 1000000 };

/* Microseconds that instants have, years 1 to 9999, fit with room to spare. */
static const double seconds_max = 1e12;

static struct point
point_of_bytes(const unsigned char b[16])
{
	struct point p = {0, 0};

	for (int i = 0; i < 8; i++) {
		p.high = p.high << 8 | b[i];
		p.low = p.low << 8 | b[i + 8];
	}
	return p;
}

enum point_family
point_of_address(const char *text, size_t len, struct point *p)
{
	static const unsigned char mapped[12] = {[10] = 0xFF, [11] = 0xFF};
	unsigned char b[16];
	char copy[INET6_ADDRSTRLEN];

	if (len >= sizeof(copy) || memchr(text, '\0', len) != NULL)
		return POINT_NONE;
	memcpy(copy, text, len);
	copy[len] = '\0';
	memcpy(b, mapped, sizeof(mapped));
	if (inet_pton(AF_INET, copy, b + 12) != 1 &&
	    (memchr(text, ':', len) == NULL ||
		inet_pton(AF_INET6, copy, b) != 1))
		return POINT_NONE;
	*p = point_of_bytes(b);
	return memcmp(b, mapped, sizeof(mapped)) == 0 ? POINT_IPV4 : POINT_IPV6;
}

/* Read a length of up to three digits. */
static bool
read_length(const char *text, size_t len, unsigned *n)
{
	*n = 0;
	if (len == 0 || len > 3)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		*n = *n * 10 + (unsigned)(text[i] - '0');
	}
	return true;
}

/* The bits behind the first n. */
static struct point
host_bits(unsigned n)
{
	struct point p = {0, UINT64_MAX};

	if (n < 64)
		p.high = UINT64_MAX >> n;
	if (n >= 128)
		p.low = 0;
	else if (n > 64)
		p.low = UINT64_MAX >> (n - 64);
	return p;
}

enum point_family
point_of_network(const char *text, size_t len, struct point *from,
    struct point *to, const char **why)
{
	const char *slash = memchr(text, '/', len);
	size_t address = slash == NULL ? len : (size_t)(slash - text);
	enum point_family family = point_of_address(text, address, from);
	bool mapped = memchr(text, ':', address) != NULL;
	unsigned n = 128;
	struct point rest;

	*why = "is no network, as 192.0.2.0/24 or 2001:db8::/32 is";
	if (family == POINT_NONE)
		return POINT_NONE;
	if (slash != NULL) {
		if (!read_length(slash + 1, len - address - 1, &n))
			return POINT_NONE;
		n += family == POINT_IPV4 && !mapped ? 96 : 0;
		*why = "has a length that no such network has";
		if (n > 128 || (family == POINT_IPV4 && n < 96))
			return POINT_NONE;
	}
	rest = host_bits(n);
	*why = "has bits set behind its length: no network has";
	if ((from->high & rest.high) != 0 || (from->low & rest.low) != 0)
		return POINT_NONE;
	*to = (struct point){from->high | rest.high, from->low | rest.low};
	return family;
}

/* The bits of a double, ordered as the numbers are. */
static uint64_t
ordered(double d)
{
	uint64_t bits;

	d = d == 0 ? 0 : d; /* there is one zero */
	memcpy(&bits, &d, sizeof(bits));
	return bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
}

bool
point_of_number(struct value v, struct point *p)
{
	static const uint64_t middle = (uint64_t)1 << 63;

	if (!value_is_number(v))
		return false;
	v = value_number(v);
	if (v.kind == VALUE_INT) {
		double near = (double)v.i;

		/* What rounding took; 2^63 itself is no int64_t. */
		*p = (struct point){ordered(near),
		    near >= 0x1p63 ? middle + (uint64_t)(v.i - INT64_MAX) - 1
				   : middle + (uint64_t)(v.i - (int64_t)near)};
		return true;
	}
	*p = (struct point){ordered(v.d), middle};
	return !isnan(v.d);
}

struct point
point_of_time(int64_t micros)
{
	return (struct point){0, (uint64_t)micros + ((uint64_t)1 << 63)};
}

bool
point_time(struct value v, int64_t *micros)
{
	char day[32] = "";
	double d;

	if (value_is_number(v)) {
		d = value_to_double(v);
		if (!(d > -seconds_max && d < seconds_max))
			return false;
		*micros = (int64_t)llround(d * MILLION);
		return true;
	}
	if (v.kind != VALUE_STRING)
		return false;
	if (v.n != strlen("2026-11-22"))
		return instant_parse(v.text, v.n, micros);
	memcpy(day, v.text, v.n);
	memcpy(day + v.n, "T00:00:00Z", sizeof("T00:00:00Z"));
	return instant_parse(day, strlen(day), micros);
}

struct point
point_last(void)
{
	return (struct point){UINT64_MAX, UINT64_MAX};
}
