#include <inttypes.h>
#include <string.h>

#include "base/hash.h"
#include "value/decimal.h"

enum { CHUNK = 64 };

/* Exponents beyond it are cut to it; digits that are counted don't reach it. */
static const int64_t exponent_max = 100000000000000000;

/*
 * A number as 0.d * 10^point, where d are the digits of two runs, one
 * behind the other, without zeros at either end.  Zero has none.
 */
struct decimal {
	bool negative;
	const char *run[2];
	size_t n[2];
	int64_t point;
};

static size_t
count_digits(const char *p, const char *end)
{
	size_t n = 0;

	while (p + n < end && p[n] >= '0' && p[n] <= '9')
		n++;
	return n;
}

/* Read the e and what follows; false where no digit does. */
static bool
read_exponent(const char **p, const char *end, int64_t *exponent)
{
	int64_t e = 0;
	bool negative;
	size_t n;

	(*p)++;
	negative = *p < end && **p == '-';
	if (*p < end && (**p == '-' || **p == '+'))
		(*p)++;
	n = count_digits(*p, end);
	for (size_t i = 0; i < n; i++)
		if (e < exponent_max)
			e = e * 10 + ((*p)[i] - '0');
	if (e > exponent_max)
		e = exponent_max;
	*exponent = negative ? -e : e;
	*p += n;
	return n > 0;
}

/* The runs before and behind the point, zeros and all. */
static bool
read_runs(const char *p, size_t len, struct decimal *d)
{
	const char *end = p + len;

	*d = (struct decimal){.negative = len > 0 && *p == '-'};
	p += d->negative;
	d->run[0] = p;
	d->n[0] = count_digits(p, end);
	if (d->n[0] == 0 || (*p == '0' && d->n[0] > 1))
		return false;
	p += d->n[0];
	d->run[1] = p;
	if (p < end && *p == '.') {
		d->run[1] = ++p;
		d->n[1] = count_digits(p, end);
		if (d->n[1] == 0)
			return false;
		p += d->n[1];
	}
	if (p < end && (*p == 'e' || *p == 'E') &&
	    !read_exponent(&p, end, &d->point))
		return false;
	return p == end;
}

/* Leave the zeros at both ends out. */
static void
trim(struct decimal *d)
{
	d->point += (int64_t)d->n[0];
	for (int i = 0; i < 2 && (i == 0 || d->n[0] == 0); i++) {
		while (d->n[i] > 0 && d->run[i][0] == '0') {
			d->run[i]++;
			d->n[i]--;
			d->point--;
		}
	}
	for (int i = 2; i-- > 0 && (i == 1 || d->n[1] == 0);)
		while (d->n[i] > 0 && d->run[i][d->n[i] - 1] == '0')
			d->n[i]--;
}

static bool
read_decimal(const char *text, size_t len, struct decimal *d)
{
	if (!read_runs(text, len, d))
		return false;
	trim(d);
	return true;
}

bool
decimal_is(const char *text, size_t len)
{
	struct decimal d;

	return read_runs(text, len, &d);
}

/* Copy at most most digits from the i-th on; how many. */
static size_t
copy_digits(const struct decimal *d, size_t i, char *out, size_t most)
{
	size_t done = 0;

	for (int r = 0; r < 2; r++) {
		size_t n;

		if (i >= d->n[r]) {
			i -= d->n[r];
			continue;
		}
		n = d->n[r] - i;
		if (n > most - done)
			n = most - done;
		memcpy(out + done, d->run[r] + i, n);
		done += n;
		i = 0;
	}
	return done;
}

static int
compare_digits(const struct decimal *x, const struct decimal *y)
{
	char a[CHUNK], b[CHUNK];
	size_t n, m;
	int c;

	for (size_t i = 0;; i += CHUNK) {
		n = copy_digits(x, i, a, CHUNK);
		m = copy_digits(y, i, b, CHUNK);
		c = memcmp(a, b, n < m ? n : m);
		if (c != 0)
			return c;
		if (n != m || n < CHUNK)
			return n < m ? -1 : n > m;
	}
}

static int
sign(const struct decimal *d)
{
	if (d->n[0] + d->n[1] == 0)
		return 0;
	return d->negative ? -1 : 1;
}

int
decimal_compare(const char *x, size_t x_len, const char *y, size_t y_len)
{
	struct decimal a, b;

	if (!read_decimal(x, x_len, &a) || !read_decimal(y, y_len, &b))
		return 0; /* never: the caller knows that they are numbers */
	if (sign(&a) != sign(&b))
		return sign(&a) < sign(&b) ? -1 : 1;
	if (sign(&a) == 0)
		return 0;
	if (a.point != b.point)
		return (a.point < b.point) == a.negative ? 1 : -1;
	return compare_digits(&a, &b) * sign(&a);
}

uint64_t
decimal_hash(uint64_t seed, const char *text, size_t len)
{
	struct decimal d;
	char chunk[CHUNK];
	size_t n;

	if (!read_decimal(text, len, &d) || sign(&d) == 0)
		return hash_seeded(seed, "0", 1);
	seed = hash_seeded(seed, (const char *)&d.point, sizeof(d.point));
	for (size_t i = 0; (n = copy_digits(&d, i, chunk, CHUNK)) > 0;
	     i += CHUNK)
		seed = hash_seeded(seed, chunk, n);
	return d.negative ? ~seed : seed;
}

/* Append digits from number i to number n; zeros behind the last. */
static void
put_digits(struct buf *out, const struct decimal *d, size_t i, size_t n)
{
	char chunk[CHUNK];

	while (i < n) {
		size_t most = n - i < CHUNK ? n - i : CHUNK;
		size_t got = copy_digits(d, i, chunk, most);

		if (got == 0)
			break;
		buf_put(out, chunk, got);
		i += got;
	}
	for (; i < n; i++)
		buf_putc(out, '0');
}

static void
put_scientific(struct buf *out, const struct decimal *d, size_t digits)
{
	put_digits(out, d, 0, 1);
	if (digits > 1)
		buf_putc(out, '.');
	put_digits(out, d, 1, digits);
	buf_printf(out, "e%+" PRId64, d->point - 1);
}

void
decimal_write(struct buf *out, const char *text, size_t len)
{
	struct decimal d;
	size_t digits;

	if (!read_decimal(text, len, &d) || sign(&d) == 0) {
		buf_putc(out, '0');
		return;
	}
	digits = d.n[0] + d.n[1];
	if (d.negative)
		buf_putc(out, '-');
	if (d.point > 21 || d.point <= -6) {
		put_scientific(out, &d, digits);
		return;
	}
	if (d.point <= 0) {
		buf_puts(out, "0.");
		for (int64_t i = d.point; i < 0; i++)
			buf_putc(out, '0');
		put_digits(out, &d, 0, digits);
		return;
	}
	put_digits(out, &d, 0, (size_t)d.point);
	if (digits > (size_t)d.point)
		buf_putc(out, '.');
	put_digits(out, &d, (size_t)d.point, digits);
}
