/*
 * time - seconds since 1970 and dates, as jq's time functions know them.
 *
 * A date is of the proleptic Gregorian calendar.  Formats are those of the
 * C library's strftime() and strptime(), in the C locale.  All of it may be
 * called by several threads.
 *
 * It differs from jq where jq is wrong by a second: -1.5 is half a second
 * before 23:59:59, and 1969-12-31T23:59:59Z is -1.
 */
#ifndef LANG_BUILTINS_DATES_H
#define LANG_BUILTINS_DATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What jq has as an array of numbers, in the order of that array. */
struct date {
	int64_t year;
	int month; /* from 0 */
	int day;   /* from 1 */
	int hour;
	int minute;
	double second;
	int weekday; /* from 0, which is Sunday */
	int yearday; /* from 0 */
};

enum { DATE_NUMBERS = 8, DATE_TEXT = 100 };

/*
 * Numbers as a program gives them, of which any may be missing at the end:
 * fractions are cut off, and what is out of range becomes the nearest
 * there is.  False where one isn't a number.
 */
bool date_from_numbers(struct date *d, const double *v, size_t n);
void date_to_numbers(const struct date *d, double v[DATE_NUMBERS]);

/*
 * The date in UTC, or where TZ says.  False: "error converting number of
 * seconds since epoch to datetime".
 */
bool date_utc(struct date *d, double seconds);
bool date_local(struct date *d, double seconds);

/*
 * Seconds of a date in UTC; month, day and time may be out of their ranges
 * and count on.  Day of week and year don't count.
 */
int64_t date_seconds(const struct date *d);

/*
 * Read a date; an offset (%z) is taken off it.  *rest is what follows it in
 * text: nothing, or white space
 * and more.  False: date "text" does not match format "format".
 */
bool date_read(
    struct date *d, const char *text, const char *format, const char **rest);

/*
 * Read a date as RFC 3339 has it, with any fraction and offset, as seconds
 * since 1970.
 */
bool date_read_seconds(const char *text, double *seconds);

/*
 * Write a date of UTC, or of the place that TZ says; its bytes, without a
 * NUL.  size is that of format and DATE_TEXT more.  False where the text is
 * longer: "strftime/1: unknown system failure".
 */
bool date_write(const struct date *d, const char *format, char *out,
    size_t size, size_t *len);
bool date_write_local(const struct date *d, const char *format, char *out,
    size_t size, size_t *len);

#endif
