/*
 * How a match is kept to about a second: PCRE2 can count what it does from
 * one starting place, but neither sees the clock nor adds the places up.
 *
 * So each pattern is compiled twice.  The quick one runs first, over as many
 * starting places at a time as can't cost much even if each costs as much as
 * the text is long, and from each with a small match limit.  Where the limit
 * is met, or time passes, the watched one goes on: it has a callout before
 * each item, and the callout looks at the clock.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "regex/regex.h"

#include <errno.h>
#include <pcre2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	JIT_STACK_START = 32 * 1024,
	JIT_STACK_MAX = 32 * 1024 * 1024,
	HEAP_KIB = 64 * 1024, /* where there is no JIT */
	SHORT_TEXT = 1000,    /* bytes that are matched in one go */
	WHOLE_TEXT = 30000,   /* the same, where it can't be split */
};

/* Nanoseconds. */
static const int64_t quick_time = 50 * 1000000;
static const int64_t match_time = 800 * 1000000;

struct regex {
	pcre2_code *quick;
	pcre2_code *watched;
	bool whole; /* knows where matching starts: see knows_start() */
	bool longest;
	uint32_t options; /* for pcre2_match() */
	uint32_t groups;
	const char **names; /* of groups from 1; point into quick */
};

struct regex_matcher {
	pcre2_match_context *context;
	pcre2_match_data *data;
	pcre2_jit_stack *stack;
	uint32_t pairs;      /* room in data and best */
	uint32_t matched;    /* pairs that the last match set */
	const size_t *spans; /* of the last match: data's, or best */
	size_t *best;
	int64_t started; /* nanoseconds, 0 while nobody has looked */
	int64_t ask;     /* when to look how long the thread has worked */
	int64_t worked;  /* it had so long at the first such look; or 0 */
	uint32_t calls;  /* of the callout */
	uint32_t stride; /* calls between looks at the clock, less 1 */
};

bool
regex_flags_parse(const char *text, size_t len, struct regex_flags *f)
{
	*f = (struct regex_flags){0};
	for (size_t i = 0; i < len; i++) {
		switch (text[i]) {
		case 'g':
			f->global = true;
			break;
		case 'i':
			f->icase = true;
			break;
		case 'x':
			f->extended = true;
			break;
		case 'm':
		case 'p':
			f->dotall = true;
			break;
		case 'n':
			f->no_empty = true;
			break;
		case 'l':
			f->longest = true;
			break;
		case 's':
			break;
		default:
			return false;
		}
	}
	return true;
}

static pcre2_code *
compile(
    const char *pattern, size_t len, uint32_t options, int *error, size_t *at)
{
	pcre2_compile_context *c = pcre2_compile_context_create(NULL);
	pcre2_code *code;

	if (c == NULL) {
		*error = PCRE2_ERROR_NOMEMORY;
		return NULL;
	}
	pcre2_set_newline(c, PCRE2_NEWLINE_LF);
	code = pcre2_compile((PCRE2_SPTR)pattern, len, options, error, at, c);
	pcre2_compile_context_free(c);
	/* Without JIT (not built in, no executable memory) all still works. */
	if (code != NULL)
		pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
	return code;
}

/*
 * PCRE2's JIT (10.42) looks for a match from wrong places where a pattern has
 * an atomic group or a verb such as (*SKIP), unless it is told not to look
 * ahead.  Otherwise what matches would depend on the text's length, since the
 * watched pattern looks in another way.
 */
static uint32_t
compile_options(const char *pattern, size_t len, const struct regex_flags *f)
{
	bool holds = memmem(pattern, len, "(?>", 3) != NULL ||
	    memmem(pattern, len, "(*", 2) != NULL;

	return PCRE2_UTF | PCRE2_UCP | PCRE2_DUPNAMES |
	    PCRE2_NEVER_BACKSLASH_C | (f->icase ? PCRE2_CASELESS : 0) |
	    (f->extended ? PCRE2_EXTENDED : 0) |
	    (f->dotall ? PCRE2_DOTALL : 0) |
	    (holds ? PCRE2_NO_START_OPTIMIZE : 0);
}

/* Lay the name table out by number: each entry is 2 bytes and the name. */
static bool
read_names(struct regex *r)
{
	uint32_t n, size;
	PCRE2_SPTR table;

	pcre2_pattern_info(r->quick, PCRE2_INFO_CAPTURECOUNT, &r->groups);
	pcre2_pattern_info(r->quick, PCRE2_INFO_NAMECOUNT, &n);
	pcre2_pattern_info(r->quick, PCRE2_INFO_NAMEENTRYSIZE, &size);
	pcre2_pattern_info(r->quick, PCRE2_INFO_NAMETABLE, &table);
	r->names = calloc((size_t)r->groups + 1, sizeof(*r->names));
	if (r->names == NULL)
		return false;
	for (; n > 0; n--, table += size)
		r->names[table[0] << 8 | table[1]] = (const char *)table + 2;
	return true;
}

/*
 * May a match depend on the place where matching started?  \G is that place,
 * and a verb such as (*COMMIT) or (*SKIP) also says which places behind it
 * are tried: to start anew in the middle would forget it.
 */
static bool
knows_start(const char *pattern, size_t len)
{
	for (size_t i = 0; i + 1 < len; i++) {
		if (pattern[i] == '(' && pattern[i + 1] == '*')
			return true;
		if (pattern[i] != '\\')
			continue;
		if (pattern[++i] == 'G')
			return true;
	}
	return false;
}

/* The two codes of compiling that don't speak of the pattern. */
static bool
lacks_memory(int rc)
{
	return rc == PCRE2_ERROR_NOMEMORY || rc == PCRE2_ERROR_HEAP_FAILED;
}

struct regex *
regex_new(const char *pattern, size_t len, const struct regex_flags *flags,
    char *error, size_t size)
{
	uint32_t options = compile_options(pattern, len, flags);
	struct regex *r = calloc(1, sizeof(*r));
	char why[128];
	size_t at = 0;
	int rc = PCRE2_ERROR_NOMEMORY;

	if (r == NULL)
		goto fail;
	r->quick =
	    compile(pattern, len, options | PCRE2_USE_OFFSET_LIMIT, &rc, &at);
	if (r->quick == NULL)
		goto fail;
	r->watched =
	    compile(pattern, len, options | PCRE2_AUTO_CALLOUT, &rc, &at);
	if (r->watched == NULL)
		goto fail;
	rc = PCRE2_ERROR_NOMEMORY;
	if (!read_names(r))
		goto fail;
	r->whole = knows_start(pattern, len);
	r->longest = flags->longest;
	r->options =
	    PCRE2_NO_UTF_CHECK | (flags->no_empty ? PCRE2_NOTEMPTY : 0);
	return r;
fail:
	pcre2_get_error_message(rc, (PCRE2_UCHAR *)why, sizeof(why));
	if (lacks_memory(rc))
		snprintf(error, size, "%s", why);
	else
		snprintf(error, size, "%s (at byte %zu)", why, at);
	regex_free(r);
	return NULL;
}

bool
regex_check(const char *pattern, size_t len, const struct regex_flags *flags,
    char *error, size_t size, size_t *at)
{
	int rc = PCRE2_ERROR_NOMEMORY;
	pcre2_code *code = compile(
	    pattern, len, compile_options(pattern, len, flags), &rc, at);

	/* For lack of memory no pattern is called wrong. */
	if (code != NULL || lacks_memory(rc)) {
		pcre2_code_free(code);
		return true;
	}
	pcre2_get_error_message(rc, (PCRE2_UCHAR *)error, size);
	return false;
}

void
regex_free(struct regex *r)
{
	if (r == NULL)
		return;
	pcre2_code_free(r->quick);
	pcre2_code_free(r->watched);
	free(r->names);
	free(r);
}

size_t
regex_groups(const struct regex *r)
{
	return r->groups;
}

const char *
regex_group_name(const struct regex *r, size_t i)
{
	return i <= r->groups ? r->names[i] : NULL;
}

static int64_t
nanoseconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Time that this match has taken since somebody first asked. */
static int64_t
elapsed(struct regex_matcher *m)
{
	int64_t now = nanoseconds(CLOCK_MONOTONIC);

	if (m->started == 0)
		m->started = now;
	return now - m->started;
}

/*
 * Has the thread worked too long?  Only time of a processor counts, or a busy
 * machine would reject events.  To ask for that is a call of the system, so it
 * is done now and then, as the clock on the wall says.
 */
static bool
works_too_long(struct regex_matcher *m, int64_t wall)
{
	int64_t now = nanoseconds(CLOCK_THREAD_CPUTIME_ID);

	m->ask = wall + quick_time;
	if (m->worked == 0)
		m->worked = now;
	return now - m->worked > match_time;
}

static bool
is_late(struct regex_matcher *m)
{
	int64_t wall = elapsed(m);

	return wall >= m->ask && works_too_long(m, wall);
}

static int
watch(pcre2_callout_block *block, void *arg)
{
	struct regex_matcher *m = arg;

	(void)block;
	if ((++m->calls & m->stride) != 0)
		return 0;
	return is_late(m) ? PCRE2_ERROR_CALLOUT : 0;
}

struct regex_matcher *
regex_matcher_new(void)
{
	struct regex_matcher *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	m->context = pcre2_match_context_create(NULL);
	m->stack = pcre2_jit_stack_create(JIT_STACK_START, JIT_STACK_MAX, NULL);
	if (m->context == NULL) {
		regex_matcher_free(m);
		errno = ENOMEM;
		return NULL;
	}
	/* Where there is no JIT there is no stack, and none is needed. */
	if (m->stack != NULL)
		pcre2_jit_stack_assign(m->context, NULL, m->stack);
	pcre2_set_heap_limit(m->context, HEAP_KIB);
	pcre2_set_callout(m->context, watch, m);
	return m;
}

void
regex_matcher_free(struct regex_matcher *m)
{
	if (m == NULL)
		return;
	pcre2_match_data_free(m->data);
	pcre2_match_context_free(m->context);
	pcre2_jit_stack_free(m->stack);
	free(m->best);
	free(m);
}

/* Make room for the groups of r. */
static bool
make_room(struct regex_matcher *m, const struct regex *r)
{
	uint32_t pairs = r->groups + 1;
	pcre2_match_data *data;
	size_t *best;

	if (pairs <= m->pairs)
		return true;
	best = reallocarray(m->best, pairs, 2 * sizeof(*best));
	if (best == NULL)
		return false;
	m->best = best;
	data = pcre2_match_data_create(pairs, NULL);
	if (data == NULL)
		return false;
	pcre2_match_data_free(m->data);
	m->data = data;
	m->pairs = pairs;
	return true;
}

/* As many as cost bytes can be spent on, if one takes each. */
static size_t
within(size_t cost, size_t each, size_t least, size_t most)
{
	size_t n = cost / (each + 1);

	return n < least ? least : n > most ? most : n;
}

static int
match_watched(const struct regex *r, struct regex_matcher *m, const char *text,
    size_t len, size_t start)
{
	/* Work between two callouts can be as long as the text. */
	size_t stride = within(1 << 20, len - start, 1, 1024);

	m->stride = 1;
	while (m->stride < stride)
		m->stride <<= 1;
	m->stride--;
	elapsed(m);
	pcre2_set_match_limit(m->context, UINT32_MAX);
	pcre2_set_offset_limit(m->context, PCRE2_UNSET);
	return pcre2_match(r->watched, (PCRE2_SPTR)text, len, start, r->options,
	    m->data, m->context);
}

/*
 * Go over the starting places in steps, which grow while matching is
 * cheap; PCRE2_ERROR_MATCHLIMIT, and how far it came in *start, where it
 * is not.
 */
static int
match_steps(const struct regex *r, struct regex_matcher *m, const char *text,
    size_t len, size_t *start)
{
	size_t left = len - *start;
	size_t most = within(1000000000, left, 1, len);
	size_t step = within(most, left, 1, most);
	size_t until;
	int64_t before;
	int rc;

	before = elapsed(m);
	for (;;) {
		until = step < len - *start ? *start + step : PCRE2_UNSET;
		pcre2_set_offset_limit(m->context, until);
		rc = pcre2_match(r->quick, (PCRE2_SPTR)text, len, *start,
		    r->options, m->data, m->context);
		if (rc != PCRE2_ERROR_NOMATCH || until == PCRE2_UNSET)
			return rc;
		do
			until++;
		while (until < len && (text[until] & 0xC0) == 0x80);
		*start = until;
		if (elapsed(m) - before > quick_time)
			return PCRE2_ERROR_MATCHLIMIT;
		step = step > most / 4 ? most : 4 * step;
	}
}

/* All starting places in one go, from each with a small match limit. */
static int
match_quick(const struct regex *r, struct regex_matcher *m, const char *text,
    size_t len, size_t start)
{
	pcre2_set_offset_limit(m->context, PCRE2_UNSET);
	return pcre2_match(r->quick, (PCRE2_SPTR)text, len, start, r->options,
	    m->data, m->context);
}

static int
match_once(const struct regex *r, struct regex_matcher *m, const char *text,
    size_t len, size_t start)
{
	size_t left = len - start;
	size_t limit = within(10000000, left, 100, 10000);
	int rc = PCRE2_ERROR_MATCHLIMIT;

	pcre2_set_match_limit(m->context, (uint32_t)limit);
	if (left <= SHORT_TEXT || (r->whole && left <= WHOLE_TEXT))
		rc = match_quick(r, m, text, len, start);
	else if (!r->whole)
		rc = match_steps(r, m, text, len, &start);
	if (rc == PCRE2_ERROR_MATCHLIMIT)
		rc = match_watched(r, m, text, len, start);
	return rc;
}

/*
 * Of the matches at all places the longest, of those as long the first.
 * This is what flag l means in jq: it doesn't look for a longer one at the
 * same place.
 */
static int
match_longest(const struct regex *r, struct regex_matcher *m, const char *text,
    size_t len, size_t start)
{
	const size_t *found = pcre2_get_ovector_pointer(m->data);
	int best = PCRE2_ERROR_NOMATCH, rc = 0;
	size_t length = 0;

	while (start <= len && (best < 0 || len - start > length)) {
		if (is_late(m))
			return PCRE2_ERROR_MATCHLIMIT;
		rc = match_once(r, m, text, len, start);
		if (rc < 0)
			break;
		if (best < 0 || found[1] - found[0] > length) {
			best = rc;
			length = found[1] - found[0];
			memcpy(m->best, found, (size_t)rc * 2 * sizeof(*found));
		}
		start = found[0] + 1;
		while (start < len && (text[start] & 0xC0) == 0x80)
			start++;
	}
	m->spans = m->best;
	return rc < 0 && rc != PCRE2_ERROR_NOMATCH ? rc : best;
}

enum regex_status
regex_match(const struct regex *r, struct regex_matcher *m, const char *text,
    size_t len, size_t start)
{
	int rc;

	m->matched = 0;
	m->started = 0;
	m->worked = 0;
	m->ask = quick_time;
	if (!make_room(m, r))
		return REGEX_FAIL;
	m->spans = pcre2_get_ovector_pointer(m->data);
	if (r->longest)
		rc = match_longest(r, m, text, len, start);
	else
		rc = match_once(r, m, text, len, start);
	switch (rc) {
	case PCRE2_ERROR_NOMATCH:
		return REGEX_NONE;
	case PCRE2_ERROR_NOMEMORY:
		return REGEX_FAIL;
	}
	if (rc < 0)
		return REGEX_COSTLY;
	m->matched = (uint32_t)rc;
	return REGEX_MATCH;
}

bool
regex_span(const struct regex_matcher *m, size_t i, size_t *from, size_t *to)
{
	if (i >= m->matched || m->spans[2 * i] == PCRE2_UNSET)
		return false;
	*from = m->spans[2 * i];
	*to = m->spans[2 * i + 1];
	return true;
}
