/*
 * Dates and times, as RFC 3339 has them (section 5.6 and appendix A).
 */
#include "schema/format.h"

struct text {
	const char *p, *end;
};

static bool
take(struct text *t, char c)
{
	if (t->p == t->end || *t->p != c)
		return false;
	t->p++;
	return true;
}

/* The same for a letter of either case. */
static bool
take_letter(struct text *t, char upper)
{
	return take(t, upper) || take(t, (char)(upper | 0x20));
}

static size_t
digits(const struct text *t)
{
	size_t n = 0;

	while (t->p + n < t->end && t->p[n] >= '0' && t->p[n] <= '9')
		n++;
	return n;
}

/* Exactly n digits, whose number is in low to high. */
static bool
number(struct text *t, size_t n, int low, int high, int *out)
{
	*out = 0;
	if (digits(t) < n)
		return false;
	for (; n > 0; n--)
		*out = *out * 10 + (*t->p++ - '0');
	return *out >= low && *out <= high;
}

static bool
date(struct text *t)
{
	static const signed char most[] = {
	    31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int y, m, d;

	if (!number(t, 4, 0, 9999, &y) || !take(t, '-') ||
	    !number(t, 2, 1, 12, &m) || !take(t, '-') ||
	    !number(t, 2, 1, most[m - 1], &d))
		return false;
	return m != 2 || d < 29 ||
	    (y % 4 == 0 && (y % 100 != 0 || y % 400 == 0));
}

/* Minutes that the time is ahead of UTC. */
static bool
offset(struct text *t, int *ahead)
{
	int h, m, sign = take(t, '-') ? -1 : 1;

	*ahead = 0;
	if (sign > 0 && take_letter(t, 'Z'))
		return true;
	if ((sign > 0 && !take(t, '+')) || !number(t, 2, 0, 23, &h) ||
	    !take(t, ':') || !number(t, 2, 0, 59, &m))
		return false;
	*ahead = sign * (h * 60 + m);
	return true;
}

/* A leap second is the last one of a day in UTC. */
static bool
clock_time(struct text *t)
{
	int h, m, s, ahead;

	if (!number(t, 2, 0, 23, &h) || !take(t, ':') ||
	    !number(t, 2, 0, 59, &m) || !take(t, ':') ||
	    !number(t, 2, 0, 60, &s))
		return false;
	if (take(t, '.')) {
		if (digits(t) == 0)
			return false;
		t->p += digits(t);
	}
	if (!offset(t, &ahead))
		return false;
	return s < 60 || (h * 60 + m - ahead + 2 * 1440) % 1440 == 1439;
}

bool
format_date_time(const char *text, size_t len)
{
	struct text t = {text, text + len};

	return date(&t) && take_letter(&t, 'T') && clock_time(&t) &&
	    t.p == t.end;
}

bool
format_date(const char *text, size_t len)
{
	struct text t = {text, text + len};

	return date(&t) && t.p == t.end;
}

bool
format_time(const char *text, size_t len)
{
	struct text t = {text, text + len};

	return clock_time(&t) && t.p == t.end;
}

/*
 * Numbers with units, which follow one another without a gap: after years
 * come months, not days.  False where none is there.
 */
static bool
amounts(struct text *t, const char *units)
{
	bool any = false;

	for (; t->p < t->end && *t->p != 'T'; any = true) {
		size_t n = digits(t);

		if (n == 0 || t->p + n == t->end)
			return false;
		t->p += n;
		while (!any && *units != '\0' && *units != *t->p)
			units++;
		if (*units == '\0' || *units != *t->p)
			return false;
		units++;
		t->p++;
	}
	return any;
}

bool
format_duration(const char *text, size_t len)
{
	struct text t = {text, text + len};

	if (!take(&t, 'P') || t.p == t.end)
		return false;
	if (text[len - 1] == 'W')
		return amounts(&t, "W") && t.p == t.end;
	if (*t.p != 'T' && !amounts(&t, "YMD"))
		return false;
	return t.p == t.end ||
	    (take(&t, 'T') && amounts(&t, "HMS") && t.p == t.end);
}
