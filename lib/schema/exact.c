#include "schema/exact.h"

#include <string.h>

/* Larger exponents are taken for this one. */
static const int64_t exponent_max = INT64_C(100000000000000000);

static int64_t
read_exponent(const char *p, const char *end)
{
	bool negative = p < end && *p == '-';
	int64_t e = 0;

	if (p < end && (*p == '-' || *p == '+'))
		p++;
	for (; p < end; p++)
		if (e < exponent_max)
			e = e * 10 + (*p - '0');
	return negative ? -e : e;
}

/* Narrow the digits [from, to) to those that count. */
static void
narrow(struct exact *x, const char *from, const char *to, const char *dot)
{
	while (from < to && (*from == '0' || *from == '.'))
		from++;
	while (to > from && (to[-1] == '0' || to[-1] == '.'))
		to--;
	x->first = from;
	x->end = to;
	x->n = (size_t)(to - from) - (dot > from && dot < to);
	x->exponent += to > dot ? -(int64_t)(to - dot - 1) : dot - to;
}

struct exact
exact_read(const char *text, size_t len)
{
	struct exact x = {.negative = len > 0 && *text == '-'};
	const char *p = text + x.negative, *end = text + len, *from = p;
	const char *dot = NULL;

	for (; p < end && (*p | 0x20) != 'e'; p++)
		if (*p == '.')
			dot = p;
	if (p < end)
		x.exponent = read_exponent(p + 1, end);
	narrow(&x, from, p, dot == NULL ? p : dot);
	if (x.n == 0)
		return (struct exact){.first = text, .end = text};
	return x;
}

/* The next digit, or 0 behind the last. */
static int
next_digit(const char **p, const char *end)
{
	if (*p < end && **p == '.')
		(*p)++;
	return *p < end ? *(*p)++ - '0' : 0;
}

/* What is left of a division: at most one digit more than the divisor. */
struct rest {
	size_t n; /* digits of the divisor */
	unsigned char divisor[EXACT_DIVISOR];
	unsigned char digit[EXACT_DIVISOR + 1]; /* the first is the top */
};

static bool
rest_below(const struct rest *r)
{
	return r->digit[0] == 0 && memcmp(r->digit + 1, r->divisor, r->n) < 0;
}

static void
rest_subtract(struct rest *r)
{
	int borrow = 0;

	for (size_t i = r->n; i > 0; i--) {
		int d = r->digit[i] - r->divisor[i - 1] - borrow;

		borrow = d < 0;
		r->digit[i] = (unsigned char)(d + (borrow ? 10 : 0));
	}
	r->digit[0] = (unsigned char)(r->digit[0] - borrow);
}

static void
rest_push(struct rest *r, int digit)
{
	memmove(r->digit, r->digit + 1, r->n);
	r->digit[r->n] = (unsigned char)digit;
	while (!rest_below(r))
		rest_subtract(r);
}

static bool
divides_long(const struct exact *x, const struct exact *m, int64_t zeros)
{
	struct rest r = {.n = m->n};
	const char *p = m->first;

	for (size_t i = 0; i < m->n; i++)
		r.divisor[i] = (unsigned char)next_digit(&p, m->end);
	p = x->first;
	for (size_t i = 0; i < x->n; i++)
		rest_push(&r, next_digit(&p, x->end));
	for (; zeros > 0; zeros--)
		rest_push(&r, 0);
	for (size_t i = 0; i <= r.n; i++)
		if (r.digit[i] != 0)
			return false;
	return true;
}

static bool
divides_short(const struct exact *x, const struct exact *m, int64_t zeros)
{
	const char *p = m->first;
	uint64_t divisor = 0, rest = 0;

	for (size_t i = 0; i < m->n; i++)
		divisor = divisor * 10 + (uint64_t)next_digit(&p, m->end);
	p = x->first;
	for (size_t i = 0; i < x->n; i++)
		rest = (rest * 10 + (uint64_t)next_digit(&p, x->end)) % divisor;
	for (; zeros > 0 && rest != 0; zeros--)
		rest = rest * 10 % divisor;
	return rest == 0;
}

/*
 * Digits that count end in no 0, so a multiple of ten is none of them: x
 * can't be a multiple where the divisor has the larger exponent.  Zeros
 * behind x beyond four for each digit of the divisor add no factor that it
 * could still miss (10 holds one 2, a digit less than four of them).
 */
bool
exact_is_multiple(const struct exact *x, const struct exact *m)
{
	int64_t zeros = x->exponent - m->exponent;
	int64_t most = 4 * (int64_t)m->n;

	if (x->n == 0)
		return true;
	if (zeros < 0)
		return false;
	if (zeros > most)
		zeros = most;
	return m->n <= 18 ? divides_short(x, m, zeros)
			  : divides_long(x, m, zeros);
}

bool
exact_to_size(const struct exact *x, size_t most, size_t *size)
{
	const char *p = x->first;
	size_t n = 0;

	if (x->negative || !exact_is_whole(x))
		return false;
	if (x->n == 0) {
		*size = 0;
		return true;
	}
	for (int64_t i = 0; i < (int64_t)x->n + x->exponent; i++) {
		if (n > most / 10)
			return false;
		n = n * 10 + (size_t)next_digit(&p, x->end);
	}
	*size = n;
	return n <= most;
}
