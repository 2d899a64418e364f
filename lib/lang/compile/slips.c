#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "lang/compile/slips.h"
#include "regex/regex.h"
#include "value/string.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* --- constant patterns --- */

/* The builtins that match: their first argument is a pattern. */
static const struct {
	const char *name;
	uint32_t args;
	uint32_t flags; /* which argument they are, 0 for none */
} MATCHERS[] = {
    {"test", 1, 0},
    {"test", 2, 1},
    {"match", 1, 0},
    {"match", 2, 1},
    {"capture", 1, 0},
    {"capture", 2, 1},
    {"scan", 1, 0},
    {"scan", 2, 1},
    {"split", 2, 1},
    {"splits", 1, 0},
    {"splits", 2, 1},
    {"sub", 2, 0},
    {"sub", 3, 2},
    {"gsub", 2, 0},
    {"gsub", 3, 2},
};

/* A text that is known when the program is compiled. */
static bool
constant_text(const struct compile *c, const struct node *n, struct value *text)
{
	struct value v = VALUE_OF(VALUE_NULL);

	if (n->op == OP_LITERAL)
		v = n->value;
	else if (n->op == OP_BOUND)
		v = c->given->bindings[n->up].value;
	if (!value_is_string(v))
		return false;
	*text = string_decoded(c->source.arena, v);
	return true;
}

/* The byte of the program that gives byte i of a literal's text. */
static uint32_t
literal_at(const struct compile *c, const struct node *n, size_t i)
{
	size_t at = n->at, done = 0;

	if (n->op != OP_LITERAL || c->source.text[at] != '"')
		return n->at;
	for (at++; at < c->source.len && done < i; at++, done++) {
		uint32_t point = 0;

		if (c->source.text[at] != '\\')
			continue;
		at++;
		if (c->source.text[at] != 'u' || at + 4 >= c->source.len)
			continue;
		sscanf(c->source.text + at + 1, "%4x", &point);
		at += 4;
		done += point < 0x80 ? 0 : point < 0x800 ? 1 : 2;
	}
	return (uint32_t)at;
}

static void
check_flags(struct compile *c, const struct node *n, struct regex_flags *flags)
{
	struct value text;

	*flags = (struct regex_flags){0};
	if (n == NULL || !constant_text(c, n, &text) ||
	    regex_flags_parse(text.text, text.n, flags))
		return;
	for (uint32_t i = 0; i < text.n; i++) {
		size_t letter = utf8_valid(
		    (const unsigned char *)text.text + i, text.n - i);

		if (!regex_flags_parse(text.text + i, 1, flags))
			program_text_fail(&c->source, literal_at(c, n, i),
			    "'%.*s' is no flag of a pattern; there are g, i, "
			    "x, s, n, p and l",
			    (int)letter, text.text + i);
	}
}

static void
check_pattern(
    struct compile *c, const struct node *re, const struct regex_flags *flags)
{
	struct value text;
	char why[128];
	size_t at = 0;

	if (!constant_text(c, re, &text) ||
	    regex_check(text.text, text.n, flags, why, sizeof(why), &at))
		return;
	if (re->op == OP_LITERAL)
		program_text_fail(&c->source, literal_at(c, re, at),
		    "the pattern is wrong here: %s", why);
	program_text_fail(&c->source, re->at,
	    "the pattern in $%.*s is wrong at byte %zu: %s",
	    re->name_len > 40 ? 40 : (int)re->name_len, re->name, at + 1, why);
}

/* Is it the builtin, and no function of that name in the program? */
static bool
is_builtin_call(const struct node *n)
{
	return n->op == OP_CALL && n->def != NULL &&
	    n->def->body->at == NODE_NOWHERE;
}

static bool
is_name(const struct node *n, const char *name)
{
	return strlen(name) == n->name_len &&
	    memcmp(name, n->name, n->name_len) == 0;
}

static void
check_matcher(struct compile *c, const struct node *call)
{
	for (size_t i = 0; i < COUNT(MATCHERS); i++) {
		uint32_t at = MATCHERS[i].flags;
		struct regex_flags flags;

		if (MATCHERS[i].args != call->items_n ||
		    !is_name(call, MATCHERS[i].name))
			continue;
		check_flags(c, at > 0 ? call->items[at] : NULL, &flags);
		check_pattern(c, call->items[0], &flags);
		return;
	}
}

/* --- assignments where conditions stand --- */

enum { NESTED = 100 }; /* brackets and branches that are looked into */

/*
 * slip_X(): what is to be looked at in place of *n, for the assignment that
 * each output of it comes from: *n itself, where it is one, or NULL where an
 * output may come from elsewhere, or there may be none.
 */
static const struct node *assigned(const struct node *n, unsigned depth);

static const struct node *
slip_none(const struct node *n, unsigned depth)
{
	(void)n, (void)depth;
	return NULL;
}

static const struct node *
slip_itself(const struct node *n, unsigned depth)
{
	(void)depth;
	return n;
}

static const struct node *
slip_pipe(const struct node *n, unsigned depth)
{
	(void)depth;
	return n->binary.left->traits & TRAIT_SINGLE ? n->binary.right : NULL;
}

static const struct node *
slip_bind(const struct node *n, unsigned depth)
{
	(void)depth;
	return n->bind.source->traits & TRAIT_SINGLE ? n->bind.body : NULL;
}

static const struct node *
slip_of(const struct node *n, unsigned depth)
{
	(void)depth;
	return n->unary.of;
}

static const struct node *
slip_call(const struct node *n, unsigned depth)
{
	(void)depth;
	return is_builtin_call(n) || n->def == NULL ? NULL : n->def->body;
}

static const struct node *
slip_if(const struct node *n, unsigned depth)
{
	return assigned(n->branch.otherwise, depth + 1) == NULL
	    ? NULL
	    : n->branch.then;
}

static const struct node *
slip_comma(const struct node *n, unsigned depth)
{
	return assigned(n->binary.left, depth + 1) == NULL ? NULL
							   : n->binary.right;
}

typedef const struct node *slip(const struct node *n, unsigned depth);

#define SLIP(op, path, resolve, single, option, place, input, several, one,    \
    next, many, explain, slip)                                                 \
	[OP_##op] = slip_##slip,

static const struct node *
assigned(const struct node *n, unsigned depth)
{
	static slip *const SLIPS[] = {FORMS(SLIP)};

	for (; n != NULL && depth < NESTED; depth++) {
		const struct node *next = SLIPS[n->op](n, depth);

		if (next == n)
			return n;
		n = next;
	}
	return NULL;
}
static const char *
assignment_sign(const struct compile *c, const struct node *n)
{
	static const char *const SIGNS[] = {
	    "//=", "|=", "+=", "-=", "*=", "/=", "%="};

	for (size_t i = 0; i < COUNT(SIGNS); i++)
		if (n->at + strlen(SIGNS[i]) <= c->source.len &&
		    memcmp(c->source.text + n->at, SIGNS[i],
			strlen(SIGNS[i])) == 0)
			return SIGNS[i];
	return "=";
}

static void
refuse_assignment(struct compile *c, const struct node *n)
{
	const struct node *assignment = assigned(n, 0);

	if (assignment == NULL || assignment->at == NODE_NOWHERE)
		return;
	program_text_fail(&c->source, assignment->at,
	    "'%s' sets a value, so the condition always holds; is '==' meant?",
	    assignment_sign(c, assignment));
}

void
slips_predicate(struct compile *c, const struct node *root)
{
	const struct node *assignment = assigned(root, 0);

	if (assignment == NULL || assignment->at == NODE_NOWHERE)
		return;
	program_text_fail(&c->source, assignment->at,
	    "'%s' sets a value, so every event would pass; is '==' meant? "
	    "(ms-map changes events)",
	    assignment_sign(c, assignment));
}

/* The builtins with an argument that is a condition. */
static const struct {
	const char *name;
	uint32_t args;
	uint32_t condition;
} CONDITIONS[] = {
    {"any", 1, 0},
    {"any", 2, 1},
    {"all", 1, 0},
    {"all", 2, 1},
    {"while", 2, 0},
    {"until", 2, 0},
    {"recurse", 2, 1},
    {"paths", 1, 0},
};

static void
check_call(struct compile *c, const struct node *call)
{
	check_matcher(c, call);
	for (size_t i = 0; i < COUNT(CONDITIONS); i++)
		if (CONDITIONS[i].args == call->items_n &&
		    is_name(call, CONDITIONS[i].name))
			refuse_assignment(
			    c, call->items[CONDITIONS[i].condition]);
}

/* --- dates without quotes --- */

/* Does a day as 2026-11-25 stand there, without spaces? */
static bool
is_day(const char *p, size_t n)
{
	static const char DAY[] = "dddd-dd-dd";
	size_t len = sizeof(DAY) - 1;

	for (size_t i = 0; i < len; i++)
		if (i >= n ||
		    (DAY[i] == '-' ? p[i] != '-' : p[i] < '0' || p[i] > '9'))
			return false;
	if (p[0] > '2' || p[5] > '1' || p[8] > '3')
		return false;
	return n == len || strchr("0123456789-.eE", p[len]) == NULL;
}

/* A day that is compared is meant as a text: no number is written so. */
static void
refuse_day(struct compile *c, const struct node *n)
{
	const char *text = c->source.text;
	uint32_t at;

	if (n->op != OP_SUB)
		return;
	while (n->op == OP_SUB)
		n = n->binary.left;
	at = n->at;
	if (n->op != OP_LITERAL || at >= c->source.len ||
	    !is_day(text + at, c->source.len - at))
		return;
	program_text_fail(&c->source, at,
	    "'%.10s' subtracts numbers; is the text \"%.10s\" meant?",
	    text + at, text + at);
}

static bool
is_comparison(const struct node *n)
{
	return n->op == OP_EQ || n->op == OP_NE || n->op == OP_LT ||
	    n->op == OP_LE || n->op == OP_GT || n->op == OP_GE;
}

void
slips_check(struct compile *c, const struct node *n)
{
	if (c->source.prelude)
		return;
	if (is_builtin_call(n)) {
		check_call(c, n);
	} else if (n->op == OP_IF) {
		refuse_assignment(c, n->branch.test);
	} else if (n->op == OP_AND || n->op == OP_OR) {
		refuse_assignment(c, n->binary.left);
		refuse_assignment(c, n->binary.right);
	} else if (is_comparison(n)) {
		refuse_day(c, n->binary.left);
		refuse_day(c, n->binary.right);
	}
}
