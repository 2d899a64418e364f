/*
 * tokens - a walk over JSON text that is known to be well-formed, without
 * its structure.
 *
 * For texts that are short, or looked at once: a record that was just
 * written.  Nothing is read at or behind end.
 */
#ifndef JSON_TOKENS_H
#define JSON_TOKENS_H

#include <stdbool.h>
#include <stddef.h>

/* Is it white space, as JSON has it? */
static inline bool
tokens_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Behind the white space at p. */
static inline const char *
tokens_skip(const char *p, const char *end)
{
	while (p < end && tokens_is_space(*p))
		p++;
	return p;
}

/* Behind the string whose opening quote is at p. */
const char *tokens_string(const char *p, const char *end);

/* Behind the value of any kind that starts at p. */
const char *tokens_value(const char *p, const char *end);

/* A member of an object: its key with its quotes, and its value. */
struct tokens_member {
	const char *key, *value;
	size_t key_len, value_len;
};

/*
 * The member at *p, which starts behind the opening brace and moves behind
 * the comma; false at the closing brace.
 */
bool tokens_member(
    const char **p, const char *end, struct tokens_member *member);

/* The same for an element of an array. */
bool tokens_element(
    const char **p, const char *end, const char **value, size_t *len);

/*
 * The same for who goes through containers as well: at one, *p stays at its
 * bracket, and the length is 0.  From behind its last child tokens_leave() goes
 * on to what comes next.  So each byte is looked at once, however deep it is.
 */
bool tokens_enter_member(
    const char **p, const char *end, struct tokens_member *member);
bool tokens_enter_element(
    const char **p, const char *end, const char **value, size_t *len);
const char *tokens_leave(const char *p, const char *end);

/* Is a text, which may be a key with its quotes, this literal? */
#define tokens_is(text, len, literal)                                          \
	((len) == sizeof(literal) - 1 &&                                       \
	    memcmp((text), (literal), sizeof(literal) - 1) == 0)

#endif
