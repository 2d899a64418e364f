#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/complain.h"
#include "memory.h"
#include "state/duration.h"
#include "value/value.h"

bool
memory_rate(struct memory *m, const char *value)
{
	char period[32] = "1";
	const char *slash = strchr(value, '/');
	char *end;
	int64_t full;

	m->rate = value;
	if (!(*value >= '1' && *value <= '9') || slash == NULL)
		return false;
	errno = 0;
	m->tokens = strtoll(value, &end, 10);
	if (end != slash || errno != 0 || strlen(slash + 1) > 20)
		return false;
	/* A unit alone is one of it. */
	if (slash[1] >= '0' && slash[1] <= '9')
		period[0] = '\0';
	strcat(period, slash + 1);
	return duration_parse(period, strlen(period), &m->period) &&
	    m->period > 0 &&
	    !__builtin_mul_overflow(m->tokens, m->period, &full);
}

/*
 * A share of all hashes.  A percentage is read with its exponent, so that
 * 0.7% is the number that 0.007 is.
 */
bool
memory_sample(struct memory *m, const char *value)
{
	size_t digits = strspn(value, "0123456789.");
	bool percent = strcmp(value + digits, "%") == 0;
	char text[40], *end;
	double share;

	m->sample = value;
	if (digits == 0 || digits > 30 || (value[digits] != '\0' && !percent))
		return false;
	snprintf(text, sizeof(text), "%.*s%s", (int)digits, value,
	    percent ? "e-2" : "");
	share = strtod(text, &end);
	if (*end != '\0' || !(share > 0 && share <= 1))
		return false;
	m->all = share == 1;
	m->below = m->all ? 0 : (uint64_t)ldexp(share, 64);
	buf_clear(&m->share);
	value_write(&m->share, value_double(share));
	buf_putc(&m->share, '\0');
	return true;
}

const char *
memory_conflict(const struct memory *m, bool inverted)
{
	bool timed = m->kind == MEMORY_RATE || m->within != NULL;
	bool by = m->by != NULL && m->kind != MEMORY_UNIQUE;

	if (m->within != NULL && m->kind != MEMORY_UNIQUE)
		return "--within goes with --unique";
	if (m->count_as != NULL && m->within == NULL)
		return "--count-as goes with --unique and --within: the next "
		       "event that passes is told how many were held back";
	if (m->count_as != NULL && inverted)
		return "--count-as and -v exclude each other";
	if (by && m->kind == MEMORY_NONE)
		return "--by goes with --rate or --sample";
	if ((m->time != NULL || m->unit != 0) && !timed)
		return "--time and --time-unit go with --within or --rate";
	if ((m->limits.bytes != 0 || m->limits.keys != 0) &&
	    m->kind != MEMORY_UNIQUE && m->kind != MEMORY_RATE)
		return "--max-state and --max-keys go with --unique or --rate";
	return NULL;
}

/* What it was told to do, in one text: unique .user within 10m */
static bool
make_rule(struct memory *m, struct settings *set)
{
	struct buf *b = &m->rule;

	if (m->kind == MEMORY_UNIQUE)
		buf_printf(b, "unique %s", m->by);
	else if (m->kind == MEMORY_RATE)
		buf_printf(b, "rate %s", m->rate);
	else
		buf_printf(b, "sample %s", m->sample);
	if (m->kind != MEMORY_UNIQUE && m->by != NULL)
		buf_printf(b, " by %s", m->by);
	if (m->within != NULL)
		buf_printf(b, " within %s", m->within);
	if (m->time != NULL)
		buf_printf(b, " of %s", m->time);
	if (set->program_file != NULL) {
		buf_puts(b, ": ");
		buf_put(b, set->rule, set->rule_len);
	}
	set->rule = b->p;
	set->rule_len = b->len;
	return !buf_failed(b) && !buf_failed(&m->share);
}

static int
compile(struct memory *m, const struct settings *set)
{
	int status = STATUS_OK;

	if (m->by != NULL)
		status = settings_compile(set, m->by, strlen(m->by),
		    m->kind == MEMORY_UNIQUE ? "--unique" : "--by", &m->key);
	if (status == STATUS_OK && m->time != NULL)
		status = settings_compile(
		    set, m->time, strlen(m->time), "--time", &m->when);
	if (status == STATUS_OK && m->count_as != NULL)
		status =
		    setter_init_for(&m->setter, set, "--count-as", m->count_as);
	return status;
}

int
memory_start(struct memory *m, struct settings *set)
{
	int status = compile(m, set);

	if (status != STATUS_OK)
		return status;
	if (m->unit == 0)
		m->unit = 1;
	if (m->limits.bytes == 0)
		m->limits.bytes = (size_t)1 << 30;
	/* A full bucket needs no memory, but a count that is owed does. */
	if (m->kind == MEMORY_RATE)
		m->limits.ttl = m->period;
	else if (m->count_as == NULL)
		m->limits.ttl = m->within_for;
	m->limits.changes = m->kind == MEMORY_UNIQUE && set->state_dir != NULL;
	if (m->kind != MEMORY_SAMPLE) {
		set->in_order = true;
		set->later = set->state_dir == NULL &&
		    (m->count_as == NULL || setter_is_plain(&m->setter, set));
		m->kept = state_new(&m->limits);
	}
	if (make_rule(m, set) && (m->kind == MEMORY_SAMPLE || m->kept != NULL))
		return m->limits.changes ? memory_keep(m, set) : STATUS_OK;
	complain(set->command, "out of memory");
	return STATUS_IO;
}

void
memory_release(struct memory *m)
{
	program_free(m->key);
	program_free(m->when);
	setter_release(&m->setter);
	keeping_end(&m->beside);
	state_free(m->kept);
	buf_release(&m->rule);
	buf_release(&m->share);
}
