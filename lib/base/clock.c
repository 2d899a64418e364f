#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/instant.h"

enum { MILLION = 1000000 };

/* The first 20 bytes of a stamp, which hold for a whole second. */
static void
put_second(struct clock *c, int64_t second)
{
	char text[INSTANT_TEXT];

	(void)instant_format(second * MILLION, text);
	memcpy(c->stamp, text, 19);
	c->second = second;
}

/* Read n digits at *p, which moves behind them. */
static bool
take_digits(const char **p, size_t n, int *v)
{
	*v = 0;
	for (; n > 0; n--, (*p)++) {
		if (**p < '0' || **p > '9')
			return false;
		*v = *v * 10 + (**p - '0');
	}
	return true;
}

static bool
take(const char **p, char c)
{
	if (**p != c)
		return false;
	(*p)++;
	return true;
}

/* What follows the seconds: nothing, or a dot and digits; six count. */
static bool
take_fraction(const char **p, int *micros)
{
	int unit = MILLION / 10;

	*micros = 0;
	if (!take(p, '.'))
		return true;
	if (**p < '0' || **p > '9')
		return false;
	for (; **p >= '0' && **p <= '9'; (*p)++, unit /= 10)
		*micros += (**p - '0') * unit;
	return true;
}

/* Does the date exist?  timegm() would quietly make another of it. */
static bool
exists(const struct tm *tm, time_t *t)
{
	struct tm back = *tm;

	*t = timegm(&back);
	return back.tm_mday == tm->tm_mday && back.tm_mon == tm->tm_mon &&
	    back.tm_hour == tm->tm_hour && back.tm_min == tm->tm_min &&
	    back.tm_sec == tm->tm_sec;
}

bool
clock_parse(const char *p, int64_t *micros)
{
	struct tm tm = {0};
	int fraction;
	time_t t;

	if (!take_digits(&p, 4, &tm.tm_year) || !take(&p, '-') ||
	    !take_digits(&p, 2, &tm.tm_mon) || !take(&p, '-') ||
	    !take_digits(&p, 2, &tm.tm_mday) || !take(&p, 'T') ||
	    !take_digits(&p, 2, &tm.tm_hour) || !take(&p, ':') ||
	    !take_digits(&p, 2, &tm.tm_min) || !take(&p, ':') ||
	    !take_digits(&p, 2, &tm.tm_sec) || !take_fraction(&p, &fraction) ||
	    !take(&p, 'Z') || *p != '\0')
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	if (!exists(&tm, &t))
		return false;
	*micros = (int64_t)t * MILLION + fraction;
	return true;
}

bool
clock_init(struct clock *c)
{
	const char *now = getenv("MS_NOW");

	*c = (struct clock){.second = INT64_MIN, .hundred = INT64_MAX};
	memcpy(c->stamp, "0000-00-00T00:00:00.000000Z", CLOCK_STAMP + 1);
	if (now == NULL || *now == '\0')
		return true;
	c->frozen = true;
	return clock_parse(now, &c->micros);
}

int64_t
clock_micros(struct clock *c)
{
	struct timespec now;

	if (c->frozen)
		return c->micros;
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * MILLION + now.tv_nsec / 1000;
}

/* The stamp but for its last two digits. */
static void
put_hundred(struct clock *c, int64_t micros)
{
	int64_t second = micros / MILLION;
	int64_t rest = micros % MILLION;

	if (rest < 0) {
		rest += MILLION;
		second--;
	}
	if (second != c->second)
		put_second(c, second);
	(void)instant_digits(c->stamp + 20, 4, (unsigned)rest / 100);
	c->hundred = micros - rest % 100;
}

const char *
clock_stamp(struct clock *c)
{
	return clock_stamp_at(c, clock_micros(c));
}

const char *
clock_stamp_at(struct clock *c, int64_t micros)
{
	/* Events come faster than that: mostly the rest is as it was. */
	if (micros < c->hundred || micros - c->hundred >= 100)
		put_hundred(c, micros);
	(void)instant_digits(c->stamp + 24, 2, (unsigned)(micros - c->hundred));
	return c->stamp;
}
