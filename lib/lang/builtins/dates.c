#include "lang/builtins/dates.h"

#include <ctype.h>
#include <limits.h>
#include <math.h>
#include <string.h>
#include <time.h>

enum {
	DAY_SECONDS = 86400,
	ERA_DAYS = 146097, /* 400 years */
	UNKNOWN_WEEKDAY = 8,
	UNKNOWN_YEARDAY = 367,
};

static const char rfc3339[] = "%Y-%m-%dT%H:%M:%SZ";

/* Seconds whose year is beyond struct tm are further than this. */
static const double seconds_max = 6.7e16;

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Days from 1970 to the first of a month from 0 to 11. */
static int64_t
days_to_month(int64_t year, int month)
{
	/* Count from March, so that a leap day is a year's last. */
	int64_t y = month < 2 ? year - 1 : year;
	int64_t era = floor_div(y, 400), of_era = y - era * 400;
	int64_t m = (month + 10) % 12;

	return era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 +
	    (153 * m + 2) / 5 - 719468;
}

/* The inverse: year, month, day and day of the year. */
static void
set_day(struct date *d, int64_t days)
{
	int64_t z = days + 719468;
	int64_t era = floor_div(z, ERA_DAYS), of_era = z - era * ERA_DAYS;
	int64_t y = (of_era - of_era / 1460 + of_era / 36524 -
			of_era / (ERA_DAYS - 1)) /
	    365;
	int64_t yday = of_era - (365 * y + y / 4 - y / 100);
	int64_t m = (5 * yday + 2) / 153;

	d->day = (int)(yday - (153 * m + 2) / 5 + 1);
	d->month = (int)(m < 10 ? m + 2 : m - 10);
	d->year = y + era * 400 + (m >= 10);
	d->weekday = (int)(days + 4 - 7 * floor_div(days + 4, 7));
	d->yearday = (int)(days - days_to_month(d->year, 0));
}

static int
to_int(double v)
{
	return v < INT_MIN ? INT_MIN : v > INT_MAX ? INT_MAX : (int)v;
}

bool
date_from_numbers(struct date *d, const double *v, size_t n)
{
	int at[DATE_NUMBERS] = {1900};

	for (size_t i = 0; i < n && i < DATE_NUMBERS; i++) {
		if (isnan(v[i]))
			return false;
		at[i] = to_int(v[i]);
	}
	*d = (struct date){
	    at[0], at[1], at[2], at[3], at[4], at[5], at[6], at[7]};
	return true;
}

void
date_to_numbers(const struct date *d, double v[DATE_NUMBERS])
{
	v[0] = (double)d->year;
	v[1] = d->month;
	v[2] = d->day;
	v[3] = d->hour;
	v[4] = d->minute;
	v[5] = d->second;
	v[6] = d->weekday;
	v[7] = d->yearday;
}

static void
set_seconds(struct date *d, int64_t seconds)
{
	int64_t days = floor_div(seconds, DAY_SECONDS);
	int left = (int)(seconds - days * DAY_SECONDS);

	set_day(d, days);
	d->hour = left / 3600;
	d->minute = left / 60 % 60;
	d->second = left % 60;
}

bool
date_utc(struct date *d, double seconds)
{
	double whole = floor(seconds);

	if (!(fabs(seconds) < seconds_max))
		return false;
	set_seconds(d, (int64_t)whole);
	d->second += seconds - whole;
	return true;
}

static void
from_tm(struct date *d, const struct tm *tm)
{
	*d = (struct date){
	    .year = (int64_t)tm->tm_year + 1900,
	    .month = tm->tm_mon,
	    .day = tm->tm_mday,
	    .hour = tm->tm_hour,
	    .minute = tm->tm_min,
	    .second = tm->tm_sec,
	    .weekday = tm->tm_wday,
	    .yearday = tm->tm_yday,
	};
}

bool
date_local(struct date *d, double seconds)
{
	double whole = floor(seconds);
	struct tm tm;
	time_t t;

	if (!(fabs(seconds) < seconds_max))
		return false;
	t = (time_t)whole;
	if (localtime_r(&t, &tm) == NULL)
		return false;
	from_tm(d, &tm);
	d->second += seconds - whole;
	return true;
}

int64_t
date_seconds(const struct date *d)
{
	int64_t year = d->year + floor_div(d->month, 12);
	int month = (int)(d->month - floor_div(d->month, 12) * 12);
	int64_t days = days_to_month(year, month) + d->day - 1;

	return days * DAY_SECONDS + (int64_t)d->hour * 3600 +
	    (int64_t)d->minute * 60 + (int64_t)d->second;
}

/* n digits at p; -1 where there are others. */
static int
digits(const char *p, size_t n)
{
	int v = 0;

	for (size_t i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return -1;
		v = v * 10 + (p[i] - '0');
	}
	return v;
}

/* Read what most dates are, 2015-03-05T23:51:47Z, the fast way. */
static bool
read_rfc3339(struct date *d, const char *p)
{
	int year, month, day, hour, minute, second;

	if (strlen(p) != 20 || p[4] != '-' || p[7] != '-' || p[10] != 'T' ||
	    p[13] != ':' || p[16] != ':' || p[19] != 'Z')
		return false;
	year = digits(p, 4);
	month = digits(p + 5, 2);
	day = digits(p + 8, 2);
	hour = digits(p + 11, 2);
	minute = digits(p + 14, 2);
	second = digits(p + 17, 2);
	/* The rest is seldom, or wrong: strptime() knows. */
	if (year < 0 || month < 1 || month > 12 || day < 1 || day > 28 ||
	    hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
	    second > 59)
		return false;
	set_day(d, days_to_month(year, month - 1) + day - 1);
	d->hour = hour;
	d->minute = minute;
	d->second = second;
	return true;
}

/* Does the format read an offset (%z), as "%%z" doesn't? */
static bool
reads_offset(const char *format)
{
	for (const char *p = strchr(format, '%'); p != NULL && p[1] != '\0';
	     p = strchr(p + 2, '%'))
		if (p[1] == 'z')
			return true;
	return false;
}

/* An offset such as +01:00, -0330 or Z, in seconds; where it ends, or NULL. */
static const char *
read_offset(const char *p, int *offset)
{
	int hours, minutes;

	*offset = 0;
	if (*p == 'Z' || *p == 'z')
		return p + 1;
	if ((*p != '+' && *p != '-') || strnlen(p, 5) < 5)
		return NULL;
	hours = digits(p + 1, 2);
	minutes = digits(p + 3 + (p[3] == ':'), 2);
	if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
		return NULL;
	*offset = (hours * 60 + minutes) * (*p == '-' ? -60 : 60);
	return p + 5 + (p[3] == ':');
}

bool
date_read_seconds(const char *text, double *seconds)
{
	struct tm tm = {0};
	double fraction = 0, unit = 1;
	struct date d;
	const char *p;
	int offset;

	if (read_rfc3339(&d, text)) {
		*seconds = (double)date_seconds(&d);
		return true;
	}
	p = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	if (p == NULL)
		return false;
	if (*p == '.' && digits(p + 1, 1) < 0)
		return false;
	if (*p == '.')
		for (p++; *p >= '0' && *p <= '9'; p++)
			fraction += (*p - '0') * (unit /= 10);
	p = read_offset(p, &offset);
	if (p == NULL || (*p != '\0' && !isspace((unsigned char)*p)))
		return false;
	from_tm(&d, &tm);
	*seconds = (double)(date_seconds(&d) - offset) + fraction;
	return true;
}

bool
date_read(
    struct date *d, const char *text, const char *format, const char **rest)
{
	struct tm tm = {.tm_wday = UNKNOWN_WEEKDAY, .tm_yday = UNKNOWN_YEARDAY};
	struct date known;

	if (strcmp(format, rfc3339) == 0 && read_rfc3339(d, text)) {
		*rest = text + strlen(text);
		return true;
	}
	*rest = strptime(text, format, &tm);
	if (*rest == NULL ||
	    (**rest != '\0' && !isspace((unsigned char)**rest)))
		return false;
	from_tm(d, &tm);
	if (d->day == 0)
		return true;
	if (tm.tm_gmtoff != 0 && reads_offset(format)) {
		set_seconds(d, date_seconds(d) - tm.tm_gmtoff);
		return true;
	}
	set_day(&known, days_to_month(d->year, d->month) + d->day - 1);
	if (d->weekday == UNKNOWN_WEEKDAY)
		d->weekday = known.weekday;
	if (d->yearday == UNKNOWN_YEARDAY)
		d->yearday = known.yearday;
	return true;
}

static char *
put_digits(char *p, int v, size_t n)
{
	for (size_t i = n; i > 0; i--) {
		p[i - 1] = (char)('0' + v % 10);
		v /= 10;
	}
	return p + n;
}

/* Write the date in its most usual form; its length. */
static size_t
write_rfc3339(const struct date *d, char *out)
{
	char *p = put_digits(out, (int)d->year, 4);

	*p++ = '-';
	p = put_digits(p, d->month + 1, 2);
	*p++ = '-';
	p = put_digits(p, d->day, 2);
	*p++ = 'T';
	p = put_digits(p, d->hour, 2);
	*p++ = ':';
	p = put_digits(p, d->minute, 2);
	*p++ = ':';
	p = put_digits(p, (int)d->second, 2);
	*p++ = 'Z';
	return (size_t)(p - out);
}

static struct tm
to_tm(const struct date *d)
{
	double year = (double)d->year - 1900;

	return (struct tm){
	    .tm_year = to_int(year),
	    .tm_mon = d->month,
	    .tm_mday = d->day,
	    .tm_hour = d->hour,
	    .tm_min = d->minute,
	    .tm_sec = (int)d->second,
	    .tm_wday = d->weekday,
	    .tm_yday = d->yearday,
	};
}

bool
date_write(const struct date *d, const char *format, char *out, size_t size,
    size_t *len)
{
	struct date in_range;
	struct tm tm;

	set_seconds(&in_range, date_seconds(d));
	if (in_range.year >= 1000 && in_range.year <= 9999 &&
	    size >= DATE_TEXT && strcmp(format, rfc3339) == 0) {
		*len = write_rfc3339(&in_range, out);
		return true;
	}
	tm = to_tm(&in_range);
	tm.tm_zone = "GMT";
	*len = strftime(out, size, format, &tm);
	return *len > 0 || *format == '\0';
}

bool
date_write_local(const struct date *d, const char *format, char *out,
    size_t size, size_t *len)
{
	struct tm tm = to_tm(d);

	tm.tm_isdst = -1;
	mktime(&tm); /* for the zone, and to count on what is out of range */
	*len = strftime(out, size, format, &tm);
	return *len > 0 || *format == '\0';
}
