/*
 * Points in time and their texts, beside what the C library makes of them.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/instant.h"
#include "unit.h"

enum { MILLION = 1000000 };

static const int64_t FIRST = -62135596800, LAST = 253402300799;

static bool
same_as_library(int64_t second, int fraction)
{
	char want[80], got[INSTANT_TEXT];
	time_t t = (time_t)second;
	int64_t micros = second * MILLION + fraction, back;
	struct tm tm;
	size_t n;

	gmtime_r(&t, &tm);
	snprintf(want, sizeof(want), "%04d-%02d-%02dT%02d:%02d:%02d",
	    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
	    tm.tm_sec);
	if (fraction != 0)
		snprintf(want + 19, sizeof(want) - 19, ".%06d", fraction);
	strcat(want, "Z");
	n = instant_format(micros, got);
	return n == strlen(want) && strcmp(got, want) == 0 &&
	    instant_parse(got, n, &back) && back == micros;
}

static void
formats_days(struct arena *a)
{
	bool same = true;

	(void)a;
	for (int64_t t = FIRST; t <= LAST; t += 86400 * 3 - 7)
		same &= same_as_library(t, (int)(t & 1) * 120034);
	CHECK(same);
	CHECK(same_as_library(FIRST, 0));
	CHECK(same_as_library(LAST, 999999));
	CHECK(same_as_library(-1, 1));
	CHECK(same_as_library(0, 0));
}

static bool
reads(const char *text, int64_t *micros)
{
	return instant_parse(text, strlen(text), micros);
}

static void
knows_dates(struct arena *a)
{
	int64_t t, u;

	(void)a;
	CHECK(reads("2000-02-29T00:00:00Z", &t));
	CHECK(reads("2024-02-29T00:00:00Z", &t));
	CHECK(!reads("1900-02-29T00:00:00Z", &t));
	CHECK(!reads("2023-02-29T00:00:00Z", &t));
	CHECK(!reads("2023-04-31T00:00:00Z", &t));
	CHECK(!reads("2023-00-01T00:00:00Z", &t));
	CHECK(!reads("2023-13-01T00:00:00Z", &t));
	CHECK(!reads("2023-01-00T00:00:00Z", &t));
	CHECK(!reads("0000-12-31T00:00:00Z", &t));
	CHECK(!reads("2023-01-01T24:00:00Z", &t));
	CHECK(!reads("0001-01-01T00:00:00+00:01", &t));
	CHECK(reads("2016-12-31T23:59:60Z", &t) &&
	    reads("2017-01-01T00:00:00Z", &u) && t == u);
	CHECK(reads("2017-01-01 01:30:00.5+01:30", &t) && t == u + 500000);
}

static void
holds_what_has_no_text(struct arena *a)
{
	char text[INSTANT_TEXT];

	(void)a;
	instant_format(INT64_MAX, text);
	CHECK(strcmp(text, "9999-12-31T23:59:59.999999Z") == 0);
	instant_format(INT64_MIN, text);
	CHECK(strcmp(text, "0001-01-01T00:00:00Z") == 0);
}

int
main(void)
{
	static const struct unit_test tests[] = {
	    {"a time's text is the C library's, and is read back",
		formats_days},
	    {"only dates that exist are read", knows_dates},
	    {"a time that no year has is told as the nearest",
		holds_what_has_no_text},
	};

	return unit_run(tests, LENGTH(tests));
}
