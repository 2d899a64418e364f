#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "lang/syntax/hints.h"
#include "lang/syntax/nesting.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A program, and the mistake in it that is to be explained. */
struct mistake {
	struct hint *h;
	const char *text;
	size_t len;
	size_t at;
	const char *wanted;
	struct token t; /* that stands there */
	size_t before;  /* one past what stands before it, no space counted */
};

static bool __attribute__((format(printf, 3, 4)))
say(struct mistake *p, size_t at, const char *format, ...)
{
	va_list args;

	p->h->at = at;
	va_start(args, format);
	vsnprintf(p->h->text, sizeof(p->h->text), format, args);
	va_end(args);
	return true;
}

static bool
in_word(char c)
{
	return c == '_' || isalnum((unsigned char)c) || (c & 0x80) != 0;
}

/* Line and column (in code points), both from 1, of a byte. */
static void
position_of(const char *text, size_t at, size_t *line, size_t *column)
{
	size_t start = 0;

	*line = 1;
	for (size_t i = 0; i < at; i++) {
		if (text[i] == '\n') {
			++*line;
			start = i + 1;
		}
	}
	*column = utf8_count(text + start, at - start) + 1;
}

void
hint_opened(char out[HINT_OPENED], const char *text, size_t len, size_t end,
    const char *wanted)
{
	bool closer = wanted[0] == '\'';
	struct nesting s;
	size_t line, column, at;

	out[0] = '\0';
	if (closer ? strchr(")]}e", wanted[1]) == NULL : end < len)
		return;
	nesting_follow(&s, text, len, end);
	if (s.n == 0 || s.n > NESTING_DEEP ||
	    (closer && s.stack[s.n - 1].closer != wanted[1]))
		return;
	at = s.stack[s.n - 1].at;
	position_of(text, at, &line, &column);
	snprintf(out, HINT_OPENED, "; the '%.*s' at %zu:%zu is open",
	    s.stack[s.n - 1].closer == 'e' ? 2 : 1, text + at, line, column);
}

/* --- operators of other languages --- */

static const struct foreign {
	const char *met;
	const char *message; /* behind "'MET' " */
} OPERATORS[] = {
    {"&&", "is no operator here; is 'and' meant?"},
    {"&", "is no operator here; is 'and' meant?"},
    {"||", "is no operator here; is 'or' meant?"},
    {"===", "is no operator here; is '==' meant?"},
    {"!==", "is no operator here; is '!=' meant?"},
    {"<>", "is no operator here; is '!=' meant?"},
    {"=!", "is no operator here; is '!=' meant?"},
    {"=>",
	"is no operator here; is '>=' meant?  (map(.a) takes the"
	" expression itself)"},
    {"=<", "is no operator here; is '<=' meant?"},
    {"= =", "is no operator here; is '==' meant?"},
    {"=~", "is no operator here; is test meant, as in .a | test(\"b\")?"},
    {"~", "is no operator here; is test meant, as in .a | test(\"b\")?"},
    {"~=", "is no operator here; is test meant, as in .a | test(\"b\")?"},
    {"!~",
	"is no operator here; is test meant, as in"
	" .a | test(\"b\") | not?"},
    {"!", "is no operator here; is 'not' meant, as in .a == 1 | not?"},
    {"**", "is no operator here; is pow(a; b) meant?"},
    {"^", "is no operator here; is pow(a; b) meant?"},
    {"++", "is no operator here; is '+= 1' meant?"},
    {"--", "is no operator here; is '-= 1' meant?"},
    {"?\?", "is no operator here; is '//' meant, for null and false?"},
    {"?\?=", "is no operator here; is '//=' meant?"},
    {"||=", "is no operator here; is '//=' meant?"},
    {":=", "is no operator here; is '=' meant?"},
    {"->", "is no operator here; is '.' or '|' meant?"},
    {"|>", "is no operator here; is '|' meant?"},
    {"<=>", "is no operator here; a, b compare by '<', '==' or '>'"},
    {"'", "begins no string; strings stand in double quotes: \"...\""},
    {"`", "begins no string; strings stand in double quotes: \"...\""},
    {"\\", "is known in strings only"},
};

/* Characters of which such operators are made. */
static bool
in_operator(char c)
{
	return c != '\0' && strchr("&|!=<>~*^+-?:", c) != NULL;
}

/* The longest foreign operator that holds the place, with no space in it. */
static bool
hint_operator(struct mistake *p)
{
	size_t from = p->at, to = p->at;

	while (from > 0 && in_operator(p->text[from - 1]))
		from--;
	while (to < p->len && in_operator(p->text[to]))
		to++;
	for (; from <= p->at; from++) {
		for (size_t end = to > p->at ? to : p->at + 1; end > p->at;
		     end--) {
			for (size_t i = 0; i < COUNT(OPERATORS); i++) {
				const char *met = OPERATORS[i].met;

				if (strlen(met) == end - from &&
				    memcmp(p->text + from, met, end - from) ==
					0)
					return say(p, from, "'%s' %s", met,
					    OPERATORS[i].message);
			}
		}
	}
	return false;
}

/* --- characters that look like others --- */

static const struct {
	uint32_t from, to;
	const char *message;
} LOOKALIKES[] = {
    {0x2018, 0x201F, "a typographic quote; strings stand in \"...\""},
    {0xAB, 0xAB, "a typographic quote; strings stand in \"...\""},
    {0xBB, 0xBB, "a typographic quote; strings stand in \"...\""},
    {0x300C, 0x300F, "a typographic quote; strings stand in \"...\""},
    {0xFF02, 0xFF02, "a wide quote; strings stand in \"...\""},
    {0x00A0, 0x00A0, "a no-break space; put a plain one there"},
    {0x2000, 0x200A, "no plain space; put one there"},
    {0x200B, 0x200F, "invisible; take it out"},
    {0xFEFF, 0xFEFF, "a byte order mark; take it out"},
    {0x2010, 0x2015, "a dash; is '-' meant?"},
    {0x2212, 0x2212, "a minus sign of its own; is '-' meant?"},
    {0x00D7, 0x00D7, "no operator here; is '*' meant?"},
    {0x00F7, 0x00F7, "no operator here; is '/' meant?"},
    {0x2260, 0x2260, "no operator here; is '!=' meant?"},
    {0x2264, 0x2264, "no operator here; is '<=' meant?"},
    {0x2265, 0x2265, "no operator here; is '>=' meant?"},
    {0x2227, 0x2227, "no operator here; is 'and' meant?"},
    {0x2228, 0x2228, "no operator here; is 'or' meant?"},
    {0x2026, 0x2026, "one character; are two or three points meant?"},
};

/* A character that isn't ASCII stands outside a string. */
static bool
hint_lookalike(struct mistake *p)
{
	size_t n = p->len - p->at, from = p->at;
	uint32_t c;

	if (n == 0 || (p->text[p->at] & 0x80) == 0)
		return false;
	c = utf8_decode(p->text + p->at, &n);
	for (size_t i = 0; i < COUNT(LOOKALIKES); i++)
		if (c >= LOOKALIKES[i].from && c <= LOOKALIKES[i].to)
			return say(p, p->at, "'%.*s' (U+%04X) is %s", (int)n,
			    p->text + p->at, (unsigned)c,
			    LOOKALIKES[i].message);
	while (from > 0 && in_word(p->text[from - 1]))
		from--;
	for (n = p->at; n < p->len && in_word(p->text[n]);)
		n++;
	if (n - from > 60)
		n = from + utf8_valid((const unsigned char *)p->text + from, n);
	return say(p, from,
	    "names are ASCII; another key stands in quotes: "
	    ".\"%.*s\"",
	    (int)(n - from), p->text + from);
}

/* --- words of other languages --- */

static const struct foreign WORDS[] = {
    {"AND", "is no operator here; is 'and' meant?"},
    {"And", "is no operator here; is 'and' meant?"},
    {"OR", "is no operator here; is 'or' meant?"},
    {"Or", "is no operator here; is 'or' meant?"},
    {"xor", "is no operator here; is '!=' meant?"},
    {"in",
	"is no operator here; is IN meant, as in"
	" .a | IN(\"b\", \"c\")?"},
    {"IN", "stands behind a '|', as in .a | IN(\"b\", \"c\")"},
    {"not", "stands behind a '|', as in .a == 1 | not"},
    {"NOT", "is no operator here; is 'not' meant, as in .a == 1 | not?"},
    {"is", "is no operator here; is '==' meant?"},
    {"IS", "is no operator here; is '== null' meant?"},
    {"eq", "is no operator here; is '==' meant?"},
    {"ne", "is no operator here; is '!=' meant?"},
    {"lt", "is no operator here; is '<' meant?"},
    {"le", "is no operator here; is '<=' meant?"},
    {"gt", "is no operator here; is '>' meant?"},
    {"ge", "is no operator here; is '>=' meant?"},
    {"mod", "is no operator here; is '%' meant?"},
    {"div", "is no operator here; is '/' meant?"},
    {"like",
	"is no operator here; is test meant, as in"
	" .a | test(\"b\")?"},
    {"LIKE",
	"is no operator here; is test meant, as in"
	" .a | test(\"b\")?"},
    {"matches",
	"is no operator here; is test meant, as in"
	" .a | test(\"b\")?"},
    {"BETWEEN", "is no operator here; is .a >= 1 and .a <= 9 meant?"},
    {"between", "is no operator here; is .a >= 1 and .a <= 9 meant?"},
    {"elseif", "is no keyword; is 'elif' meant?"},
    {"elsif", "is no keyword; is 'elif' meant?"},
    {"except", "is no keyword; is 'catch' meant?"},
    {"rescue", "is no keyword; is 'catch' meant?"},
    {"endif", "is no keyword; is 'end' meant?"},
    {"fi", "is no keyword; is 'end' meant?"},
    {"desc", "is no word here; sort_by(...) | reverse turns the order"},
    {"DESC", "is no word here; sort_by(...) | reverse turns the order"},
};

/* Words that stood before the place: let x = 1, return x. */
static const struct foreign STARTERS[] = {
    {"let", "is no keyword; a variable is bound by: .a as $x | ..."},
    {"var", "is no keyword; a variable is bound by: .a as $x | ..."},
    {"const", "is no keyword; a variable is bound by: .a as $x | ..."},
    {"function", "is no keyword; a function is: def f(x): ...;"},
    {"func", "is no keyword; a function is: def f(x): ...;"},
    {"fn", "is no keyword; a function is: def f(x): ...;"},
    {"return", "is no keyword; what a program gives is its output"},
    {"print", "is no keyword; what a program gives is its output"},
    {"for", "is no keyword; .a[] gives each element: .a[] | ..."},
    {"foreach", "needs a pattern: foreach .a[] as $x (0; . + $x)"},
    {"while", "needs two arguments: while(condition; update)"},
    {"where", "is no keyword; select(...) lets pass what it holds for"},
    {"WHERE", "is no keyword; select(...) lets pass what it holds for"},
    {"FROM", "is no keyword; files stand behind the program"},
    {"lambda", "is no keyword; map(.a) takes the expression itself"},
    {"SELECT", "is no keyword; {a, b} picks members, select(...) filters"},
    {"switch",
	"is no keyword; is if A then B elif C then D else E end"
	" meant?"},
    {"case",
	"is no keyword; is if A then B elif C then D else E end"
	" meant?"},
    {"CASE",
	"is no keyword; is if A then B elif C then D else E end"
	" meant?"},
};

static bool
hint_listed(struct mistake *p, const struct foreign *list, size_t n,
    const char *word, size_t len, size_t at)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(list[i].met) == len &&
		    memcmp(list[i].met, word, len) == 0)
			return say(
			    p, at, "'%s' %s", list[i].met, list[i].message);
	return false;
}

/* The word that ends where the space before the place begins. */
static bool
hint_starter(struct mistake *p)
{
	size_t from = p->before;

	while (from > 0 && in_word(p->text[from - 1]))
		from--;
	if (from > 0 && strchr(".$@", p->text[from - 1]) != NULL)
		return false;
	return hint_listed(p, STARTERS, COUNT(STARTERS), p->text + from,
	    p->before - from, from);
}

static bool
hint_word(struct mistake *p)
{
	if (strcmp(p->wanted, "a $variable, [ or {") == 0 &&
	    p->t.kind == TOKEN_NAME)
		return say(p, p->at,
		    "a variable's name begins with '$'; is '$%.*s' meant?",
		    p->t.len > 40 ? 40 : (int)p->t.len, p->t.text);
	if (p->t.kind != TOKEN_NAME && p->t.kind != TOKEN_KEYWORD)
		return false;
	return hint_listed(
	    p, WORDS, COUNT(WORDS), p->t.text, p->t.len, p->t.at);
}

/* --- shapes of other languages --- */

static bool
is_value_start(const struct token *t)
{
	switch (t->kind) {
	case TOKEN_NUMBER:
	case TOKEN_STRING:
	case TOKEN_NAME:
	case TOKEN_FIELD:
	case TOKEN_VAR:
	case TOKEN_FORMAT:
		return true;
	default:
		return false;
	}
}

/* The question mark of A ? B : C, before what is or leads to the place. */
static bool
hint_ternary(struct mistake *p)
{
	static const char message[] =
	    "decides nothing here; is if A then B else C end meant?";
	size_t i = p->before;

	if (i > 0 && p->text[i - 1] == '?' &&
	    (is_value_start(&p->t) || strchr("({[-", p->text[p->at]))) {
		if (i == 1 || p->text[i - 2] != '?')
			return say(p, i - 1, "'?' %s", message);
		return say(p, i - 2,
		    "'?\?' is no operator here; is '//' meant, for null and "
		    "false?");
	}
	if (p->t.kind != TOKEN_OP || !token_is(&p->t, ":"))
		return false;
	while (i > 0 && strchr("?(){}[];|", p->text[i - 1]) == NULL)
		i--;
	return i > 0 && p->text[i - 1] == '?' &&
	    say(p, i - 1, "'?' %s", message);
}

/* .@timestamp, .$x, .a.0 and the like. */
static bool
hint_key(struct mistake *p)
{
	size_t end = p->at;
	bool behind = p->at > 0 && p->text[p->at - 1] == '.';

	if (p->t.kind == TOKEN_NUMBER && p->text[p->at] == '.' && p->at > 0 &&
	    isdigit((unsigned char)p->text[p->at - 1]))
		return say(p, p->at,
		    "a number has one point; a text stands in "
		    "quotes");
	if (p->t.kind == TOKEN_NUMBER && p->text[p->at] == '.')
		return say(p, p->at,
		    "an element is picked by brackets; is "
		    "'[%.*s]' meant?",
		    (int)p->t.len - 1, p->t.text + 1);
	if (p->t.kind == TOKEN_FIELD && strcmp(p->wanted, "a key") == 0)
		return say(p, p->at,
		    "a key stands without its point; is "
		    "'%.*s' meant?",
		    (int)p->t.len, p->t.text);
	if (!behind)
		return false;
	if (p->t.kind == TOKEN_VAR)
		return say(p, p->at - 1,
		    "is '.[$%.*s]' meant, the member that "
		    "the variable names?",
		    (int)p->t.len, p->t.text);
	if (p->t.kind != TOKEN_FORMAT && p->t.kind != TOKEN_KEYWORD &&
	    p->t.kind != TOKEN_NAME && p->text[p->at] != '-')
		return false;
	while (end < p->len &&
	    (in_word(p->text[end]) || strchr("@-:", p->text[end]) != NULL))
		end++;
	if (end - p->at > 60)
		return false;
	return say(p, p->at - 1,
	    "such a key stands in quotes; is '.\"%.*s\"' "
	    "meant?",
	    (int)(end - p->at), p->text + p->at);
}

/* $1 of awk and the shell, $.a of JSONPath. */
static bool
hint_dollar(struct mistake *p)
{
	size_t next = p->at + 1;

	if (p->t.kind != TOKEN_OP || !token_is(&p->t, "$"))
		return false;
	if (next < p->len && isdigit((unsigned char)p->text[next]))
		return say(p, p->at,
		    "variables have names; a member is '.a', "
		    "a piece of text split(\" \")[%c]",
		    p->text[next] == '0' ? '0' : p->text[next] - 1);
	return say(p, p->at,
	    "'$' begins a variable's name; the event itself "
	    "is '.'");
}

/* .name.toLowerCase() and @base64(.a) */
static bool
hint_method(struct mistake *p)
{
	size_t from = p->at;

	while (from > 0 && in_word(p->text[from - 1]))
		from--;
	if (from == 0 || from == p->at || p->at - from > 40)
		return false;
	if (p->text[from - 1] == '.')
		return say(p, from - 1,
		    "a function stands behind a '|'; is ' | %.*s' meant?",
		    (int)(p->at - from), p->text + from);
	return p->text[from - 1] == '@' &&
	    say(p, p->at,
		"a format takes what stands before it; is "
		".a | @%.*s meant?",
		(int)(p->at - from), p->text + from);
}

static bool
hint_bracket(struct mistake *p)
{
	char c = p->text[p->at],
	     last = p->before > 0 ? p->text[p->before - 1] : '\0';

	if (p->t.kind != TOKEN_OP)
		return false;
	if (c == '(' && strcmp(p->wanted, "'then'") != 0)
		return hint_method(p);
	if (c == ')' && strcmp(p->wanted, "';'") == 0)
		return say(p, p->at,
		    "';' stands between the parts, as in "
		    "reduce .[] as $x (0; . + $x)");
	if (c == '{' && strcmp(p->wanted, "':'") == 0)
		return say(p, p->at, "a definition is: def f(x): ...;");
	if (c == '/' && strcmp(p->wanted, "a value") == 0)
		return say(p, p->at,
		    "'/' begins no pattern; is test(\"a\") "
		    "meant?");
	if (c == '*' && last == '[')
		return say(p, p->at, "is '[]' meant, each of the elements?");
	if (c == ')' && last == '(')
		return say(p, p->before - 1,
		    "a function without arguments has no brackets");
	if (c == '=' && strcmp(p->wanted, "'}'") == 0)
		return say(p, p->at,
		    "in an object ':' stands between key and "
		    "value");
	if (c == '{' && strcmp(p->wanted, "'then'") == 0)
		return say(p, p->at, "is if A then B else C end meant?");
	if (c == ';' && strncmp(p->wanted, "an operator", 11) == 0) {
		for (size_t i = p->at + 1; i < p->len; i++)
			if (!isspace((unsigned char)p->text[i]))
				return say(p, p->at,
				    "';' stands between "
				    "arguments; is '|' meant?");
		return say(p, p->at, "no ';' stands at a program's end");
	}
	return false;
}

/* The word right before the place, where it can be a function's name. */
static size_t
name_before(const struct mistake *p)
{
	size_t from = p->before;

	while (from > 0 && in_word(p->text[from - 1]))
		from--;
	if (from == p->before || isdigit((unsigned char)p->text[from]) ||
	    (from > 0 && strchr(".$@", p->text[from - 1]) != NULL))
		return 0;
	return p->before - from;
}

/* Two values side by side: what should stand between them is missing. */
static bool
hint_missing(struct mistake *p)
{
	size_t n = name_before(p);
	bool string = p->t.kind == TOKEN_STRING;
	int shown = p->t.len > 40 ? 40 : (int)p->t.len;

	if (!is_value_start(&p->t) || p->before == p->at ||
	    (strncmp(p->wanted, "an operator", 11) != 0 &&
		p->wanted[0] != '\''))
		return false;
	if (n > 0 && n < 40)
		return say(p, p->at,
		    "arguments stand in brackets; is %.*s(...) meant?", (int)n,
		    p->text + p->before - n);
	if (strcmp(p->wanted, "'then'") == 0 || strcmp(p->wanted, "'}'") == 0)
		return say(p, p->at, "is %s missing before this?",
		    p->wanted[1] == 't' ? "'then'" : "','");
	if (string)
		return say(p, p->at,
		    "unexpected string, expected %s; is a '|' missing before "
		    "it?",
		    p->wanted);
	return say(p, p->at,
	    "unexpected '%.*s', expected %s; is a '|' missing before it?",
	    shown, p->t.text, p->wanted);
}

/* Of brackets that hold a key the parser wants ':' last, and ']' is meant. */
static bool
hint_slice(struct mistake *p)
{
	struct nesting s;
	size_t line, column;

	if (strcmp(p->wanted, "':'") != 0)
		return false;
	nesting_follow(&s, p->text, p->len, p->at);
	if (s.n == 0 || s.n > NESTING_DEEP || s.stack[s.n - 1].closer != ']')
		return false;
	position_of(p->text, s.stack[s.n - 1].at, &line, &column);
	return say(p, p->at, "expected ']' or ':'; the '[' at %zu:%zu is open",
	    line, column);
}

static bool
hint_else_if(struct mistake *p)
{
	struct nesting s;

	if (p->t.kind != TOKEN_END)
		return false;
	nesting_follow(&s, p->text, p->len, p->at);
	return s.else_if && s.n > 0 && s.n <= NESTING_DEEP &&
	    s.stack[s.n - 1].closer == 'e' &&
	    say(p, s.else_if_at,
		"'else if' is an 'if' of its own and needs "
		"its own 'end'; is 'elif' meant?");
}

bool
hint_token(
    struct hint *h, const char *text, size_t len, size_t at, const char *wanted)
{
	struct mistake p = {h, text, len, at, wanted, {0}, at};
	struct lexer lx = {text, len, at};

	p.t = lexer_next(&lx);
	while (p.before > 0 && isspace((unsigned char)text[p.before - 1]))
		p.before--;
	return hint_else_if(&p) || hint_slice(&p) ||
	    (p.t.kind != TOKEN_END &&
		(hint_ternary(&p) || hint_lookalike(&p) || hint_key(&p) ||
		    hint_dollar(&p) || hint_bracket(&p) || hint_word(&p) ||
		    hint_operator(&p) || hint_starter(&p) || hint_missing(&p)));
}

void
hint_escape(struct hint *h, const char *text, size_t len, size_t at)
{
	struct mistake p = {h, text, len, at, "", {0}, at};
	char c = at + 1 < len ? text[at + 1] : '\0';
	size_t n = at + 1 < len
	    ? utf8_valid((const unsigned char *)text + at + 1, len - at - 1)
	    : 0;

	if (c == 'u')
		say(&p, at, "\\u must be followed by four hex digits");
	else if (c == 'x' || c == 'e' || isdigit((unsigned char)c))
		say(&p, at,
		    "'\\%c' is no escape in a string; is \\u001b or the like "
		    "meant, or a pattern's '\\\\%c'?",
		    c, c);
	else
		say(&p, at,
		    "'\\%.*s' is no escape in a string; is '\\\\%.*s' "
		    "meant, as a pattern has it?",
		    (int)n, text + at + 1, (int)n, text + at + 1);
}
