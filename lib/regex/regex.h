/*
 * regex - patterns in PCRE2's syntax, compiled with JIT, UTF and limits.
 *
 * The only module that sees PCRE2.  A compiled pattern is read-only and may
 * be shared by threads; a matcher holds what one thread needs to match, for
 * any number of patterns.
 *
 * Text and pattern are UTF-8; \w, \d, \s, \b and the POSIX classes know all
 * of Unicode.  As in jq, ^ is the start of the text, $ its end or the
 * newline that ends it, and . anything but a newline; (?m) and (?s) change
 * that.  Groups may share a name.
 *
 * A match takes about a second at most: see regex.c.
 */
#ifndef REGEX_REGEX_H
#define REGEX_REGEX_H

#include <stdbool.h>
#include <stddef.h>

struct regex;
struct regex_matcher;

/* jq's flags, which are letters in a string. */
struct regex_flags {
	bool global;   /* g: all matches; for the caller, ignored here */
	bool icase;    /* i */
	bool extended; /* x: white space and comments in the pattern */
	bool dotall;   /* m, and p: . matches newline */
	bool no_empty; /* n: empty matches are ignored */
	bool longest;  /* l: the longest of the matches at any place */
};

/*
 * Read flag letters; false where one is unknown.  s, which asks for what ^
 * and $ are anyway, says nothing.
 */
bool regex_flags_parse(const char *text, size_t len, struct regex_flags *f);

/*
 * Compile; NULL, and why in error (size bytes), where the pattern is wrong
 * or memory missing.
 */
struct regex *regex_new(const char *pattern, size_t len,
    const struct regex_flags *flags, char *error, size_t size);

/* Free a pattern, or nothing for NULL; no matcher may be at it. */
void regex_free(struct regex *r);

/*
 * Only check a pattern: false where it is wrong, with why in error (size
 * bytes) and the byte of the pattern in *at.
 */
bool regex_check(const char *pattern, size_t len,
    const struct regex_flags *flags, char *error, size_t size, size_t *at);

/* Groups, the whole match (group 0) not counted. */
size_t regex_groups(const struct regex *r);

/* Name of group i (from 1), or NULL where it has none. */
const char *regex_group_name(const struct regex *r, size_t i);

/* What one thread needs to match; NULL and errno where memory is missing. */
struct regex_matcher *regex_matcher_new(void);

/* Free a matcher, or nothing for NULL. */
void regex_matcher_free(struct regex_matcher *m);

enum regex_status {
	REGEX_MATCH,
	REGEX_NONE,
	REGEX_COSTLY, /* it would take too long, or too much memory */
	REGEX_FAIL,   /* memory is missing */
};

/*
 * Find the first match at or after byte start, where a character begins,
 * of well-formed UTF-8.  What stands before start is seen by lookbehind,
 * ^ and \b.  Afterwards regex_span() gives the bytes of a group.
 */
enum regex_status regex_match(const struct regex *r, struct regex_matcher *m,
    const char *text, size_t len, size_t start);

/* Bytes [*from, *to) of group i in the last match; false if it took no part. */
bool regex_span(
    const struct regex_matcher *m, size_t i, size_t *from, size_t *to);

#endif
