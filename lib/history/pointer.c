#include <string.h>

#include "base/utf8.h"
#include "history/pointer.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

/* What is left of the text. */
struct reading {
	struct arena *a;
	const char *p;
	struct pointer_step *steps;
	size_t n;
	bool pattern; /* [] is a step */
};

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t
name_length(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && (is_letter(p[i]) || (i > 0 && is_digit(p[i]))))
		i++;
	return i;
}

static void
add_key(struct reading *r, struct value key, size_t i)
{
	r->steps[r->n++] = (struct pointer_step){key, i};
}

/* Digits, as an index; SIZE_MAX where they are none. */
static size_t
read_index(const char *p, size_t n)
{
	size_t i = 0;

	if (n == 0 || n > 9 || (n > 1 && *p == '0'))
		return SIZE_MAX;
	for (size_t k = 0; k < n; k++) {
		if (!is_digit(p[k]))
			return SIZE_MAX;
		i = i * 10 + (size_t)(p[k] - '0');
	}
	return i;
}

static bool
take_name(struct reading *r)
{
	size_t n = name_length(r->p, strlen(r->p));

	if (n == 0)
		return false;
	add_key(r, value_text(r->p, n), SIZE_MAX);
	r->p += n;
	return true;
}

/* "a key", as JSON has it. */
static bool
take_string(struct reading *r)
{
	struct scan_error error;
	const char *end = r->p + 1;
	struct value v;

	while (*end != '\0' && *end != '"')
		end += end[0] == '\\' && end[1] != '\0' ? 2 : 1;
	if (*end == '\0' ||
	    !value_parse(r->a, r->p, (size_t)(end + 1 - r->p), &v, &error))
		return false;
	add_key(r, string_decoded(r->a, v), SIZE_MAX);
	r->p = end + 1;
	return true;
}

static bool
take_bracket(struct reading *r)
{
	size_t n = strcspn(++r->p, "]"), i;

	if (*r->p == '"') {
		if (!take_string(r))
			return false;
	} else {
		i = read_index(r->p, n);
		if (i == SIZE_MAX && (n > 0 || !r->pattern))
			return false;
		add_key(r, VALUE_OF(VALUE_NULL), i);
		r->p += n;
	}
	return *r->p++ == ']';
}

static bool
take_jq(struct reading *r)
{
	if (strcmp(r->p, ".") == 0)
		return true;
	while (*r->p != '\0') {
		bool dot = *r->p == '.';

		r->p += dot;
		if (*r->p == '[') {
			if (!take_bracket(r))
				return false;
		} else if (!dot ||
		    !(*r->p == '"' ? take_string(r) : take_name(r))) {
			return false;
		}
	}
	return true;
}

static bool
take_pointer(struct reading *r)
{
	while (*r->p == '/') {
		const char *from = ++r->p;
		size_t n = strcspn(from, "/"), len = 0;
		char *key = arena_alloc(r->a, n + 1);

		for (r->p += n; from < r->p; from++) {
			if (*from == '~' && from[1] != '0' && from[1] != '1')
				return false;
			key[len++] = *from != '~' ? *from
			    : *++from == '0'      ? '~'
						  : '/';
		}
		add_key(r, value_text(key, len), read_index(key, len));
	}
	return *r->p == '\0';
}

static bool
parse(struct arena *a, struct pointer *p, const char *text, bool pattern)
{
	size_t len = strlen(text);
	struct reading r = {a, text, NULL, 0, pattern};
	bool good;

	if (utf8_check(text, len) < len)
		return false;
	r.steps = arena_array(a, len + 1, sizeof(*r.steps));
	good = *text == '.' ? take_jq(&r) : *text == '/' && take_pointer(&r);
	*p = (struct pointer){text, r.n, r.steps};
	return good;
}

bool
pointer_parse(struct arena *a, struct pointer *p, const char *text)
{
	return parse(a, p, text, false);
}

bool
pointer_parse_pattern(struct arena *a, struct pointer *p, const char *text)
{
	return parse(a, p, text, true);
}

bool
pointer_child(struct arena *a, struct value v, const struct pointer_step *step,
    struct value *out)
{
	if (value_is_object(v))
		return step->key.kind != VALUE_NULL &&
		    object_get(a, v, step->key, out);
	if (!value_is_array(v) || step->i >= array_length(v))
		return false;
	*out = array_get(v, step->i);
	return true;
}

bool
pointer_get(
    struct arena *a, struct value v, const struct pointer *p, struct value *out)
{
	for (size_t i = 0; i < p->n; i++)
		if (!pointer_child(a, v, &p->steps[i], &v))
			return false;
	*out = v;
	return true;
}
