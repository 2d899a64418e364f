/*
 * Reading: up to 19 digits make an integer, which is multiplied by a power
 * of ten of 128 bits.  What that leaves in doubt goes to strtod().
 * Writing: the Schubfach way (Raffaello Giulietti, "The Schubfach way to
 * render doubles", 2021), which needs the same powers.
 */
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "value/number.h"

__extension__ typedef unsigned __int128 uint128;

enum {
	STEP = 27,        /* 5^27 is the last that 64 bits hold */
	POWER_MIN = -297, /* the powers of ten that there are */
	POWER_MAX = 350,
	DIGITS = 19,       /* decimal ones that 64 bits always hold */
	LONG_DIGITS = 800, /* more never decide between two doubles */
};

/* 192 bits, of which the first is set. */
struct wide {
	uint64_t high, middle, low;
};

/* Every STEPth power of ten from POWER_MIN on, cut to 192 bits. */
static const struct wide bases[] = {
    {0xA76C582338ED2621, 0xAF2AF2B80AF6F24E, 0x657C8F4D43323A36},
    {0x873E4F75E2224E68, 0x5A7744A6E804A291, 0xCC35EDDFCF0996D7},
    {0xDA7F5BF590966848, 0xAF39A475506A899E, 0xA30294CC2934E662},
    {0xB080392CC4349DEC, 0xBD8D794D96AACFB3, 0xFE13A5C86AF64418},
    {0x8E938662882AF53E, 0x547EB47B7282EE9C, 0x41B0230E1421487D},
    {0xE65829B3046B0AFA, 0x0CB4A5A3112A5112, 0xA3B561B1CB208396},
    {0xBA121A4650E4DDEB, 0x92F34D62616CE413, 0x21A0183E10583CD3},
    {0x964E858C91BA2655, 0x3A6A07F8D510F86F, 0xE9082F25E9C5E9EC},
    {0xF2D56790AB41C2A2, 0xFAE27299423FB9C3, 0x3695DAD7E8858901},
    {0xC428D05AA4751E4C, 0xAA97E14C3C26B886, 0x96842DC95323F5A8},
    {0x9E74D1B791E07E48, 0x775EA264CF55347D, 0xCA49F1C05120C9C7},
    {0x8000000000000000, 0x0000000000000000, 0x0000000000000000},
    {0xCECB8F27F4200F3A, 0x0000000000000000, 0x0000000000000000},
    {0xA70C3C40A64E6C51, 0x999090B65F67D924, 0x0000000000000000},
    {0x86F0AC99B4E8DAFD, 0x69A028BB3DED71A3, 0xDF9F915627C04E28},
    {0xDA01EE641A708DE9, 0xE80E6F4820CC9495, 0xD74BAAD03BC1D8D3},
    {0xB01AE745B101E9E4, 0x5EC05DCFF72E7F8F, 0xC04C79FFE324301F},
    {0x8E41ADE9FBEBC27D, 0x14588F13BE847307, 0x23BD6A2059C002F5},
    {0xE5D3EF282A242E81, 0x8F1668C8A86DA5FA, 0xF0B5CCF5176ECC7C},
    {0xB9A74A0637CE2EE1, 0x6D953E2BD7173692, 0x88EFB0037AC08BDE},
    {0x95F83D0A1FB69CD9, 0x4ABDAF101564F98E, 0x0D5A4AF7B3A98E47},
    {0xF24A01A73CF2DCCF, 0xBC633B39673C8CEC, 0x3D9C44CD2F36917C},
    {0xC3B8358109E84F07, 0x0A862F80EC4700C8, 0x02606EA01029DC37},
    {0x9E19DB92B4E31BA9, 0x6C07A2C26A8346D1, 0x4944D9F52CD0DEC2},
};

/* The first powers of five, each shifted up to its 64th bit. */
static const uint64_t fives[STEP] = {
    0x8000000000000000,
    0xA000000000000000,
    0xC800000000000000,
    0xFA00000000000000,
    0x9C40000000000000,
    0xC350000000000000,
    0xF424000000000000,
    0x9896800000000000,
    0xBEBC200000000000,
    0xEE6B280000000000,
    0x9502F90000000000,
    0xBA43B74000000000,
    0xE8D4A51000000000,
    0x9184E72A00000000,
    0xB5E620F480000000,
    0xE35FA931A0000000,
    0x8E1BC9BF04000000,
    0xB1A2BC2EC5000000,
    0xDE0B6B3A76400000,
    0x8AC7230489E80000,
    0xAD78EBC5AC620000,
    0xD8D726B7177A8000,
    0x878678326EAC9000,
    0xA968163F0A57B400,
    0xD3C21BCECCEDA100,
    0x84595161401484A0,
    0xA56FA5B99019A5C8,
};

/* The largest e with 2^e <= 10^k. */
static int
log2_of_power(int k)
{
	return (k * 1741647) >> 19;
}

/*
 * 10^k as 128 bits, of which the first is set, rounded down; *exact where
 * nothing was cut off.  That the bits are the right ones was proved by
 * trying all k from POWER_MIN to POWER_MAX.
 */
static uint128
power_of_ten(int k, bool *exact)
{
	const struct wide *b = &bases[(k - POWER_MIN) / STEP];
	uint64_t five = fives[(k - POWER_MIN) % STEP];
	uint128 low = (uint128)b->low * five;
	uint128 middle = (uint128)b->middle * five + (uint64_t)(low >> 64);
	uint128 top = (uint128)b->high * five + (uint64_t)(middle >> 64);

	if (top >> 127 == 0) {
		top = top << 1 | (uint64_t)middle >> 63;
		middle = (uint128)(uint64_t)middle << 1 | (uint64_t)low >> 63;
		low <<= 1;
	}
	*exact = (uint64_t)middle == 0 && (uint64_t)low == 0;
	return top;
}

/* A number as it is spelled. */
struct spelling {
	bool negative;
	bool whole;        /* no point and no exponent */
	bool cut;          /* digits behind the first DIGITS weren't zero */
	uint64_t mantissa; /* the first DIGITS significant digits */
	int64_t exponent;  /* of ten, that goes with mantissa */
	int64_t used;      /* significant digits in mantissa */
};

static bool
is_digit(const char *p, const char *end)
{
	return p < end && *p >= '0' && *p <= '9';
}

/* Take digits; those behind the point lower the exponent. */
static const char *
take_digits(struct spelling *s, const char *p, const char *end, bool fraction)
{
	for (; is_digit(p, end); p++) {
		unsigned digit = (unsigned)(*p - '0');

		if (s->used < DIGITS) {
			s->mantissa = s->mantissa * 10 + digit;
			s->used += s->mantissa != 0;
			s->exponent -= fraction;
		} else {
			s->cut |= digit != 0;
			s->exponent += !fraction;
		}
	}
	return p;
}

/* The digits of an exponent; more than a few million are as good. */
static const char *
take_exponent(struct spelling *s, const char *p, const char *end)
{
	int64_t e = 0, most = INT64_MAX / 100;
	bool negative = false;

	if (p < end && (*p == '+' || *p == '-'))
		negative = *p++ == '-';
	if (!is_digit(p, end))
		return NULL;
	for (; is_digit(p, end); p++) {
		if (e < most)
			e = e * 10 + (*p - '0');
	}
	s->exponent += negative ? -e : e;
	return p;
}

/* False where it isn't a number and nothing else. */
static bool
take_number(struct spelling *s, const char *p, const char *end)
{
	const char *from;

	*s = (struct spelling){.whole = true};
	if (p < end && *p == '-') {
		s->negative = true;
		p++;
	}
	from = p;
	p = take_digits(s, p, end, false);
	if (p == from || (*from == '0' && p - from > 1))
		return false;
	if (p < end && *p == '.') {
		s->whole = false;
		from = ++p;
		p = take_digits(s, p, end, true);
		if (p == from)
			return false;
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		s->whole = false;
		p = take_exponent(s, p + 1, end);
	}
	return p == end;
}

/*
 * strtod() on a spelling without a point, which locales disagree about.
 * Digits that never decide are left out, but for whether there are any.
 */
static double
slow_double(const struct spelling *s, const char *text, size_t len)
{
	char copy[LONG_DIGITS + 32], *out = copy;
	int64_t n = 0, e = s->exponent;
	bool cut = false;

	for (size_t i = 0; i < len && text[i] != 'e' && text[i] != 'E'; i++) {
		if (text[i] < '0' || text[i] > '9' ||
		    (n == 0 && text[i] == '0'))
			continue;
		if (n++ < LONG_DIGITS)
			*out++ = text[i];
		else
			cut |= text[i] != '0';
	}
	/* The exponent was made for the first s->used digits. */
	e += s->used - (out - copy);
	if (cut) {
		*out++ = '1';
		e--;
	}
	if (e > INT_MAX / 2)
		e = INT_MAX / 2;
	if (e < INT_MIN / 2)
		e = INT_MIN / 2;
	snprintf(out, (size_t)(copy + sizeof(copy) - out), "e%d", (int)e);
	return strtod(copy, NULL);
}

/*
 * m * 10^e by one multiplication of 64 by 128 bits.  False where the
 * result is no normal double or what was cut off could decide.
 */
static bool
fast_double(uint64_t m, int e, double *d)
{
	int shift = __builtin_clzll(m);
	int binary = log2_of_power(e) + 64 - shift;
	bool exact;
	uint128 g = power_of_ten(e, &exact);
	uint128 low, top;
	uint64_t bits, rest;

	m <<= shift;
	low = (uint128)m * (uint64_t)g;
	top = (uint128)m * (uint64_t)(g >> 64) + (uint64_t)(low >> 64);
	if (top >> 127 == 0) {
		top = top << 1 | (uint64_t)low >> 63;
		binary--;
	}
	/* 53 bits of a double, 11 bits and 64 to round by, 64 forgotten. */
	bits = (uint64_t)(top >> 75);
	rest = (uint64_t)(top >> 11);
	if (rest << 1 == 0 || (rest | 1ull << 63) == UINT64_MAX ||
	    binary < DBL_MIN_EXP || binary > DBL_MAX_EXP - 2)
		return false;
	bits += rest >> 63;
	/* The mantissa's first bit adds one to the exponent. */
	bits += (uint64_t)(binary + DBL_MAX_EXP - 2) << 52;
	memcpy(d, &bits, sizeof(*d));
	return true;
}

static double
spelled_double(const struct spelling *s, const char *text, size_t len)
{
	static const double tens[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7,
	    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
	    1e19, 1e20, 1e21, 1e22};
	int64_t e = s->exponent;
	uint64_t m = s->mantissa;
	double d;

	if (m == 0)
		return 0;
	/* Both are exact then, and so the one rounding is the right one. */
	if (m <= 1ull << 53 && e >= -22 && e <= 22 && !s->cut)
		return e < 0 ? (double)m / tens[-e] : (double)m * tens[e];
	if (!s->cut && e >= POWER_MIN && e <= POWER_MAX &&
	    fast_double(m, (int)e, &d))
		return d;
	return slow_double(s, text, len);
}

/* The integer, where it is one that 64 bits hold. */
static bool
spelled_int(const struct spelling *s, int64_t *i)
{
	uint64_t most = (uint64_t)INT64_MAX + s->negative;

	/* -0 is only a double; 19 digits with none cut off are all. */
	if (!s->whole || s->exponent != 0 || s->mantissa > most ||
	    (s->negative && s->mantissa == 0))
		return false;
	*i = s->negative ? (int64_t)(0 - s->mantissa) : (int64_t)s->mantissa;
	return true;
}

bool
number_parse(const char *text, size_t len, struct value *v)
{
	struct spelling s;
	int64_t i;
	double d;

	if (!take_number(&s, text, text + len))
		return false;
	if (spelled_int(&s, &i)) {
		*v = value_int(i);
		return true;
	}
	d = spelled_double(&s, text, len);
	*v = value_double(s.negative ? -d : d);
	return true;
}

struct value
value_double(double d)
{
	struct value v = VALUE_OF(VALUE_DOUBLE);

	if (fabs(d) < 0x1p53 && d == (double)(int64_t)d &&
	    !(d == 0 && signbit(d)))
		return value_int((int64_t)d);
	v.d = d;
	return v;
}

struct value
value_number(struct value v)
{
	struct value n;

	/* A doc holds no other numbers than those that can be read. */
	if (v.kind == VALUE_NUMBER && number_parse(v.text, v.n, &n))
		return n;
	return v;
}

double
value_to_double(struct value v)
{
	v = value_number(v);
	return v.kind == VALUE_INT ? (double)v.i : v.d;
}

/* A decimal: digits * 10^exponent. */
struct decimal {
	uint64_t digits;
	int exponent;
};

/* x * g / 2^128, whose last bit tells whether more was cut off. */
static uint64_t
multiply(uint128 g, uint64_t x)
{
	uint128 low = (uint128)x * (uint64_t)g;
	uint128 top = (uint128)x * (uint64_t)(g >> 64) + (uint64_t)(low >> 64);

	return (uint64_t)(top >> 64) | ((uint64_t)top > 1);
}

/*
 * Of the decimals between low and high, which are four times what they
 * stand for, the one with a digit less or else the one nearest to mid.
 */
static struct decimal
choose(uint64_t low, uint64_t mid, uint64_t high, int exponent)
{
	uint64_t s = mid / 4, ten = s / 10 * 10;
	bool down = low <= 4 * ten, up = 4 * ten + 40 <= high;

	if (s >= 10 && down != up)
		return (struct decimal){ten + (up ? 10 : 0), exponent};
	down = low <= 4 * s;
	up = 4 * s + 4 <= high;
	if (down == up)
		up = mid > 4 * s + 2 || (mid == 4 * s + 2 && s % 2 == 1);
	return (struct decimal){s + up, exponent};
}

/* The shortest decimal that is read back as m * 2^e. */
static struct decimal
shortest(uint64_t m, int e, bool narrow)
{
	/* Of an even mantissa the bounds belong to it. */
	unsigned odd = m % 2;
	/* The largest power of ten that the space between bounds holds. */
	int k = (e * 1262611 - (narrow ? 524031 : 0)) >> 22;
	int shift = e + log2_of_power(-k) + 1;
	bool exact;
	uint128 g = power_of_ten(-k, &exact);

	if (!exact)
		g++;
	return choose(multiply(g, (4 * m - 2 + narrow) << shift) + odd,
	    multiply(g, 4 * m << shift),
	    multiply(g, (4 * m + 2) << shift) - odd, k);
}

static struct decimal
decimal_of(double d)
{
	uint64_t bits, m;
	int e;

	memcpy(&bits, &d, sizeof(bits));
	m = bits & ((1ull << 52) - 1);
	e = (int)(bits >> 52 & 0x7FF);
	if (e == 0)
		return shortest(m, -1074, false);
	/* The bound below a power of two is half as far as the one above. */
	return shortest(m | 1ull << 52, e - 1075, m == 0 && e > 1);
}

/* Write the digits without the zeros at their end; how many they are. */
static int
put_digits(struct decimal *x, char *out)
{
	char text[20];
	int n = 0;

	while (x->digits % 10 == 0) {
		x->digits /= 10;
		x->exponent++;
	}
	for (uint64_t v = x->digits; v != 0; v /= 10)
		text[n++] = (char)('0' + v % 10);
	for (int i = 0; i < n; i++)
		out[i] = text[n - 1 - i];
	return n;
}

/* As in 1.5e+300 and 1e-05. */
static size_t
format_exponent(const char *digits, int n, int e, char *out)
{
	char *p = out;
	unsigned u = (unsigned)abs(e);

	*p++ = digits[0];
	if (n > 1) {
		*p++ = '.';
		memcpy(p, digits + 1, (size_t)n - 1);
		p += n - 1;
	}
	*p++ = 'e';
	*p++ = e < 0 ? '-' : '+';
	if (u >= 100)
		*p++ = (char)('0' + u / 100);
	*p++ = (char)('0' + u / 10 % 10);
	*p++ = (char)('0' + u % 10);
	return (size_t)(p - out);
}

/* Without an exponent; point is the place of the decimal point. */
static size_t
format_plain(const char *digits, int n, int point, char *out)
{
	char *p = out;

	if (point <= 0) {
		memcpy(p, "0.0000", 6);
		p += 2 - point;
		memcpy(p, digits, (size_t)n);
		return (size_t)(p + n - out);
	}
	for (int i = 0; i < n || i < point; i++) {
		if (i == point)
			*p++ = '.';
		*p++ = i < n ? digits[i] : '0';
	}
	return (size_t)(p - out);
}

/*
 * Most numbers have few digits behind the point.  With 15 digits at the
 * most, a decimal that reads back as d is the shortest one that does.
 * Its length, or 0 where it isn't of that kind.
 */
static int
format_short(double d, char *out)
{
	static const double POWERS[] = {1, 10, 100, 1e3, 1e4};
	char digits[20];
	int places = 0, n = 0, to = 0;
	uint64_t whole;

	if (d >= 1e11 || d < 1e-3)
		return 0;
	/* Both are exact, so the quotient is what the decimal reads as. */
	while (
	    (double)(uint64_t)(d * POWERS[places] + 0.5) / POWERS[places] != d)
		if (++places == 5)
			return 0;
	whole = (uint64_t)(d * POWERS[places] + 0.5);
	while (whole > 0 || n <= places) {
		digits[n++] = (char)('0' + whole % 10);
		whole /= 10;
	}
	while (n > 0) {
		if (n == places)
			out[to++] = '.';
		out[to++] = digits[--n];
	}
	return to;
}

size_t
number_format(double d, char *out)
{
	struct decimal x;
	char digits[20] = "";
	size_t sign = signbit(d) != 0;
	int n, point;

	if (isnan(d)) {
		memcpy(out, "null", 4);
		return 4;
	}
	if (sign)
		*out++ = '-';
	if (d == 0) {
		*out = '0';
		return sign + 1;
	}
	n = format_short(fabs(d), out);
	if (n > 0)
		return sign + (size_t)n;
	x = decimal_of(isinf(d) ? DBL_MAX : d);
	n = put_digits(&x, digits);
	point = n + x.exponent;
	/* Where jq turns to exponents. */
	if (point <= -4 || point > n + 15)
		return sign + format_exponent(digits, n, point - 1, out);
	return sign + format_plain(digits, n, point, out);
}

size_t
number_format_int(int64_t i, char *out)
{
	static const char pairs[] =
	    "00010203040506070809101112131415161718192021222324"
	    "25262728293031323334353637383940414243444546474849"
	    "50515253545556575859606162636465666768697071727374"
	    "75767778798081828384858687888990919293949596979899";
	uint64_t u = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;
	char digits[20], *p = digits + sizeof(digits);
	size_t len = 0, n;

	for (; u >= 100; u /= 100)
		memcpy(p -= 2, pairs + 2 * (u % 100), 2);
	if (u >= 10)
		memcpy(p -= 2, pairs + 2 * u, 2);
	else
		*--p = (char)('0' + u);
	if (i < 0)
		out[len++] = '-';
	n = (size_t)(digits + sizeof(digits) - p);
	memcpy(out + len, p, n);
	return len + n;
}

void
number_put_int(struct buf *b, int64_t i)
{
	char text[NUMBER_TEXT];

	buf_put(b, text, number_format_int(i, text));
}
