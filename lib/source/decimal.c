#include "source/decimal.h"

#include <stdint.h>
#include <string.h>

enum {
	DIGITS_MAX = 100,
	EXPONENT_MAX = 1000000000, /* all beyond it are taken for the same */
};

struct decimal {
	bool negative;
	const char *whole, *fraction;
	size_t whole_n, fraction_n;
	int64_t exponent;
};

static size_t
digits(const char *p, const char *end)
{
	size_t n = 0;

	while (p + n < end && p[n] >= '0' && p[n] <= '9')
		n++;
	return n;
}

static int64_t
exponent(const char *p, size_t n)
{
	int64_t e = 0;

	for (size_t i = 0; i < n; i++)
		if (e < EXPONENT_MAX)
			e = e * 10 + (p[i] - '0');
	return e;
}

/* Read the e and what follows; false where no digit does. */
static bool
read_exponent(const char **p, const char *end, struct decimal *d)
{
	bool negative;
	size_t n;

	(*p)++;
	negative = *p < end && **p == '-';
	if (*p < end && (**p == '-' || **p == '+'))
		(*p)++;
	n = digits(*p, end);
	d->exponent = exponent(*p, n) * (negative ? -1 : 1);
	*p += n;
	return n > 0;
}

static bool
read_decimal(const char *p, size_t len, struct decimal *d)
{
	const char *end = p + len;

	*d = (struct decimal){.negative = len > 0 && *p == '-'};
	p += d->negative;
	d->whole = p;
	d->whole_n = digits(p, end);
	if (d->whole_n == 0 || (*p == '0' && d->whole_n > 1))
		return false;
	p += d->whole_n;
	if (p < end && *p == '.') {
		d->fraction = ++p;
		d->fraction_n = digits(p, end);
		if (d->fraction_n == 0)
			return false;
		p += d->fraction_n;
	}
	if (p < end && (*p == 'e' || *p == 'E') && !read_exponent(&p, end, d))
		return false;
	return p == end;
}

bool
decimal_is(const char *text, size_t len)
{
	struct decimal d;

	return read_decimal(text, len, &d);
}

/* Append digits to those that count so far; false where they are too many. */
static bool
put_digits(char *out, size_t *n, const char *p, size_t len)
{
	for (; *n == 0 && len > 0 && *p == '0'; len--)
		p++;
	if (len > DIGITS_MAX - *n)
		return false;
	memcpy(out + *n, p, len);
	*n += len;
	return true;
}

static size_t
put_exponent(char *out, int64_t e)
{
	uint64_t left = (uint64_t)(e < 0 ? -e : e);
	char text[20];
	size_t n = 0, len = 0;

	out[len++] = 'e';
	if (e < 0)
		out[len++] = '-';
	do
		text[n++] = (char)('0' + left % 10);
	while ((left /= 10) > 0);
	while (n > 0)
		out[len++] = text[--n];
	return len;
}

size_t
decimal_worth(const char *text, size_t len, char *out)
{
	struct decimal d;
	char *sign = out;
	size_t n = 0;

	if (!read_decimal(text, len, &d))
		return 0;
	if (d.negative)
		*out++ = '-';
	while (d.fraction_n > 0 && d.fraction[d.fraction_n - 1] == '0')
		d.fraction_n--;
	if (!put_digits(out, &n, d.whole, d.whole_n) ||
	    (d.fraction_n > 0 &&
		!put_digits(out, &n, d.fraction, d.fraction_n)))
		return 0;
	if (n == 0) {
		*sign = '0';
		return 1;
	}
	d.exponent -= (int64_t)d.fraction_n;
	for (; out[n - 1] == '0'; n--)
		d.exponent++;
	return (size_t)(out - sign) + n + put_exponent(out + n, d.exponent);
}
