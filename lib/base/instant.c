#include "base/instant.h"

enum { DAY = 24 * 60 * 60 }; /* seconds */

#define MILLION     INT64_C(1000000)
#define FIRST_MICRO (INT64_C(-62135596800) * MILLION) /* 0001-01-01 */
#define LAST_MICRO  (INT64_C(253402300800) * MILLION - 1)

struct reading {
	const char *p, *end;
};

/* A time of the Gregorian calendar. */
struct civil {
	int year, month, day; /* from 1 */
	int hour, minute, second;
};

/*
 * Days are counted in years that start in March, so that the day that some
 * have more is their last one; 400 of them are always as long.
 */
enum { ERA_YEARS = 400, ERA_DAYS = 146097, ERA_TO_1970 = 719468 };

/* Days from the first of a March to the first of a month, 0 for March. */
static int
month_start(int month)
{
	return (153 * month + 2) / 5;
}

/* Days since 1970; the year is 0 or later. */
static int64_t
days_of(const struct civil *c)
{
	int year = c->year - (c->month <= 2) + ERA_YEARS;
	int in_era = year % ERA_YEARS;
	int day = month_start((c->month + 9) % 12) + c->day - 1;

	return (int64_t)(year / ERA_YEARS - 1) * ERA_DAYS + in_era * 365 +
	    in_era / 4 - in_era / 100 + day - ERA_TO_1970;
}

/* The date of a day, and the reverse; the year is 0 or later. */
static void
put_date(struct civil *c, int64_t days)
{
	int since = (int)(days + ERA_TO_1970 + ERA_DAYS);
	int day = since % ERA_DAYS;
	int year =
	    (day - day / 1460 + day / 36524 - day / (ERA_DAYS - 1)) / 365;
	int month;

	day -= year * 365 + year / 4 - year / 100;
	month = (5 * day + 2) / 153;
	c->day = day - month_start(month) + 1;
	c->month = month < 10 ? month + 3 : month - 9;
	c->year = (since / ERA_DAYS - 1) * ERA_YEARS + year + (c->month <= 2);
}

static bool
exists(const struct civil *c)
{
	static const int days[] = {
	    31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap =
	    c->year % 4 == 0 && (c->year % 100 != 0 || c->year % 400 == 0);

	return c->month >= 1 && c->month <= 12 && c->day >= 1 &&
	    c->day <= days[c->month - 1] - (c->month == 2 && !leap);
}

static bool
take(struct reading *r, const char *any)
{
	for (; r->p < r->end && *any != '\0'; any++) {
		if (*r->p != *any)
			continue;
		r->p++;
		return true;
	}
	return false;
}

static bool
take_digits(struct reading *r, int n, int *v)
{
	*v = 0;
	for (; n > 0; n--, r->p++) {
		if (r->p == r->end || *r->p < '0' || *r->p > '9')
			return false;
		*v = *v * 10 + (*r->p - '0');
	}
	return true;
}

static bool
take_fraction(struct reading *r, int64_t *micros)
{
	int64_t unit = MILLION / 10;

	*micros = 0;
	if (!take(r, "."))
		return true;
	if (r->p == r->end || *r->p < '0' || *r->p > '9')
		return false;
	for (; r->p < r->end && *r->p >= '0' && *r->p <= '9'; r->p++) {
		*micros += (*r->p - '0') * unit;
		unit /= 10;
	}
	return true;
}

/* "Z" or "+01:30", as seconds to take off. */
static bool
take_offset(struct reading *r, int *seconds)
{
	bool west = r->p < r->end && *r->p == '-';
	int hours, minutes;

	*seconds = 0;
	if (take(r, "Zz"))
		return true;
	if (!take(r, "+-") || !take_digits(r, 2, &hours) || !take(r, ":") ||
	    !take_digits(r, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*seconds = (hours * 60 + minutes) * 60 * (west ? -1 : 1);
	return true;
}

static bool
take_date(struct reading *r, struct civil *c)
{
	if (!take_digits(r, 4, &c->year) || !take(r, "-") ||
	    !take_digits(r, 2, &c->month) || !take(r, "-") ||
	    !take_digits(r, 2, &c->day) || !take(r, "Tt ") ||
	    !take_digits(r, 2, &c->hour) || !take(r, ":") ||
	    !take_digits(r, 2, &c->minute) || !take(r, ":") ||
	    !take_digits(r, 2, &c->second))
		return false;
	return exists(c) && c->hour < 24 && c->minute < 60 && c->second <= 60;
}

bool
instant_parse(const char *text, size_t len, int64_t *micros)
{
	struct reading r = {text, text + len};
	struct civil c;
	int64_t fraction;
	int offset;

	if (!take_date(&r, &c) || !take_fraction(&r, &fraction) ||
	    !take_offset(&r, &offset) || r.p != r.end)
		return false;
	*micros = (days_of(&c) * DAY + c.hour * 3600 + c.minute * 60 +
		      c.second - offset) *
		MILLION +
	    fraction;
	return instant_in_range(*micros);
}

bool
instant_in_range(int64_t micros)
{
	return micros >= FIRST_MICRO && micros <= LAST_MICRO;
}

char *
instant_digits(char *p, size_t n, unsigned v)
{
	for (size_t i = n; i-- > 0; v /= 10)
		p[i] = (char)('0' + v % 10);
	return p + n;
}

/* Digits, and what stands behind them. */
static char *
put(char *p, size_t n, int v, char behind)
{
	p = instant_digits(p, n, (unsigned)v);
	*p++ = behind;
	return p;
}

size_t
instant_format(int64_t micros, char out[INSTANT_TEXT])
{
	int64_t since, second;
	int fraction, of_day;
	struct civil c;
	char *p = out;

	if (!instant_in_range(micros))
		micros = micros < 0 ? FIRST_MICRO : LAST_MICRO;
	/* From the first day of year 1: so nothing is negative. */
	since = micros - FIRST_MICRO;
	second = since / MILLION;
	fraction = (int)(since % MILLION);
	of_day = (int)(second % DAY);
	put_date(&c, second / DAY + FIRST_MICRO / MILLION / DAY);
	p = put(p, 4, c.year, '-');
	p = put(p, 2, c.month, '-');
	p = put(p, 2, c.day, 'T');
	p = put(p, 2, of_day / 3600, ':');
	p = put(p, 2, of_day / 60 % 60, ':');
	p = put(p, 2, of_day % 60, fraction != 0 ? '.' : 'Z');
	if (fraction != 0)
		p = put(p, 6, fraction, 'Z');
	*p = '\0';
	return (size_t)(p - out);
}
