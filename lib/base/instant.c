#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "base/instant.h"

#define MILLION     INT64_C(1000000)
#define FIRST_MICRO (INT64_C(-62135596800) * MILLION) /* 0001-01-01 */
#define LAST_MICRO  (INT64_C(253402300800) * MILLION - 1)

struct reading {
	const char *p, *end;
};

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
take_date(struct reading *r, struct tm *tm)
{
	if (!take_digits(r, 4, &tm->tm_year) || !take(r, "-") ||
	    !take_digits(r, 2, &tm->tm_mon) || !take(r, "-") ||
	    !take_digits(r, 2, &tm->tm_mday) || !take(r, "Tt ") ||
	    !take_digits(r, 2, &tm->tm_hour) || !take(r, ":") ||
	    !take_digits(r, 2, &tm->tm_min) || !take(r, ":") ||
	    !take_digits(r, 2, &tm->tm_sec))
		return false;
	tm->tm_year -= 1900;
	tm->tm_mon--;
	return tm->tm_hour < 24 && tm->tm_min < 60 && tm->tm_sec <= 60;
}

bool
instant_parse(const char *text, size_t len, int64_t *micros)
{
	struct reading r = {text, text + len};
	struct tm tm = {0}, made;
	int64_t fraction;
	int offset;
	time_t t;

	if (!take_date(&r, &tm) || !take_fraction(&r, &fraction) ||
	    !take_offset(&r, &offset) || r.p != r.end)
		return false;
	made = tm;
	t = timegm(&made);
	/* The date must exist; timegm() makes another one of it. */
	if (tm.tm_sec < 60 &&
	    (made.tm_mday != tm.tm_mday || made.tm_mon != tm.tm_mon))
		return false;
	*micros = ((int64_t)t - offset) * MILLION + fraction;
	return instant_in_range(*micros);
}

bool
instant_in_range(int64_t micros)
{
	return micros >= FIRST_MICRO && micros <= LAST_MICRO;
}

size_t
instant_format(int64_t micros, char out[INSTANT_TEXT])
{
	int64_t fraction = micros % MILLION, second = micros / MILLION;
	struct tm tm = {0};
	time_t t;
	int n;

	if (fraction < 0) {
		fraction += MILLION;
		second--;
	}
	t = (time_t)second;
	gmtime_r(&t, &tm);
	n = snprintf(out, INSTANT_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d",
	    (tm.tm_year + 1900) % 10000, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
	    tm.tm_min, tm.tm_sec);
	if (fraction != 0)
		n += snprintf(
		    out + n, INSTANT_TEXT - (size_t)n, ".%06" PRId64, fraction);
	out[n++] = 'Z';
	out[n] = '\0';
	return (size_t)n;
}
