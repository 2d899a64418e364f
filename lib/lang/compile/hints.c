#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "lang/compile/hints.h"
#include "regex/regex.h"
#include "value/string.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* --- names that aren't known --- */

/* What functions of other languages are called here. */
static const struct {
	const char *name;
	const char *here;
} SYNONYMS[] = {
    {"len", "length"},
    {"size", "length"},
    {"count", "length"},
    {"strlen", "length"},
    {"char_length", "length"},
    {"cardinality", "length"},
    {"lower", "ascii_downcase"},
    {"lcase", "ascii_downcase"},
    {"lowercase", "ascii_downcase"},
    {"tolower", "ascii_downcase"},
    {"tolowercase", "ascii_downcase"},
    {"downcase", "ascii_downcase"},
    {"upper", "ascii_upcase"},
    {"ucase", "ascii_upcase"},
    {"uppercase", "ascii_upcase"},
    {"toupper", "ascii_upcase"},
    {"touppercase", "ascii_upcase"},
    {"upcase", "ascii_upcase"},
    {"strip", "trim"},
    {"lstrip", "ltrim"},
    {"trimstart", "ltrim"},
    {"trimleft", "ltrim"},
    {"rstrip", "rtrim"},
    {"trimend", "rtrim"},
    {"trimright", "rtrim"},
    {"chomp", "rtrim"},
    {"removeprefix", "ltrimstr(\"a\")"},
    {"removesuffix", "rtrimstr(\"a\")"},
    {"replace", "gsub(\"a\"; \"b\")"},
    {"replaceall", "gsub(\"a\"; \"b\")"},
    {"regexp_replace", "gsub(\"a\"; \"b\")"},
    {"regex_replace", "gsub(\"a\"; \"b\")"},
    {"translate", "gsub(\"a\"; \"b\")"},
    {"regex", "test(\"a\")"},
    {"regexp", "test(\"a\")"},
    {"regexp_like", "test(\"a\")"},
    {"regexp_match", "test(\"a\")"},
    {"matches", "test(\"a\")"},
    {"like", "test(\"a\")"},
    {"ilike", "test(\"a\"; \"i\")"},
    {"grep", "test(\"a\")"},
    {"search", "test(\"a\")"},
    {"findall", "[scan(\"a\")]"},
    {"re_findall", "[scan(\"a\")]"},
    {"exec", "match(\"a\")"},
    {"includes", "contains(\"a\")"},
    {"strpos", "index(\"a\")"},
    {"instr", "index(\"a\")"},
    {"position", "index(\"a\")"},
    {"locate", "index(\"a\")"},
    {"charindex", "index(\"a\")"},
    {"indexof", "index(\"a\")"},
    {"lastindexof", "rindex(\"a\")"},
    {"substr", ".[from:to]"},
    {"substring", ".[from:to]"},
    {"slice", ".[from:to]"},
    {"left", ".[:n]"},
    {"right", ".[-n:]"},
    {"head", ".[:n]"},
    {"tail", ".[-n:]"},
    {"take", "limit(n; f)"},
    {"concat", "'+' or \"\\(.a) \\(.b)"},
    {"concat_ws", "join(\" \")"},
    {"string_agg", "join(\" \")"},
    {"implode_with", "join(\" \")"},
    {"format", "\"\\(.a) \\(.b)\""},
    {"sprintf", "\"\\(.a) \\(.b)\""},
    {"printf", "\"\\(.a) \\(.b)\""},
    {"filter", "map(select(f))"},
    {"where", "select(f)"},
    {"grep_by", "select(f)"},
    {"reject", "select(f | not)"},
    {"find", "first(.[] | select(f))"},
    {"findindex", "index(...)"},
    {"foreach", ".[]"},
    {"each", ".[]"},
    {"iter", ".[]"},
    {"some", "any(f)"},
    {"exists", "has(\"a\")"},
    {"isset", "has(\"a\")"},
    {"defined", "has(\"a\")"},
    {"has_key", "has(\"a\")"},
    {"haskey", "has(\"a\")"},
    {"hasownproperty", "has(\"a\")"},
    {"every", "all(f)"},
    {"sum", "add"},
    {"total", "add"},
    {"avg", "add / length"},
    {"mean", "add / length"},
    {"average", "add / length"},
    {"median", "sort | .[length / 2 | floor]"},
    {"maximum", "max"},
    {"minimum", "min"},
    {"greatest", "[.a, .b] | max"},
    {"least", "[.a, .b] | min"},
    {"power", "pow(a; b)"},
    {"mod", "'%'"},
    {"int", "tonumber | floor"},
    {"integer", "tonumber | floor"},
    {"toint", "tonumber | floor"},
    {"parseint", "tonumber | floor"},
    {"float", "tonumber"},
    {"double", "tonumber"},
    {"number", "tonumber"},
    {"num", "tonumber"},
    {"parsefloat", "tonumber"},
    {"str", "tostring"},
    {"string", "tostring"},
    {"text", "tostring"},
    {"bool", "toboolean"},
    {"boolean", "toboolean"},
    {"cast", "tonumber, tostring or toboolean"},
    {"typeof", "type"},
    {"isnull", "'== null'"},
    {"is_null", "'== null'"},
    {"isnil", "'== null'"},
    {"notnull", "'!= null'"},
    {"isarray", "type == \"array\""},
    {"isobject", "type == \"object\""},
    {"isstring", "type == \"string\""},
    {"isnumber", "type == \"number\""},
    {"empty_string", "== \"\""},
    {"coalesce", "'//'"},
    {"ifnull", "'//'"},
    {"nvl", "'//'"},
    {"default", "'//'"},
    {"nullif", "if A then null else . end"},
    {"iif", "if A then B else C end"},
    {"ternary", "if A then B else C end"},
    {"else", "if A then B else C end"},
    {"case", "if A then B elif C then D else E end"},
    {"append", "'+ [a]'"},
    {"push", "'+ [a]'"},
    {"extend", "'+'"},
    {"merge", "'+' or '*'"},
    {"assign", "'+' or '*'"},
    {"pop", "del(.[-1])"},
    {"shift", "del(.[0])"},
    {"delete", "del(.a)"},
    {"remove", "del(.a)"},
    {"unset", "del(.a)"},
    {"drop", "del(.a)"},
    {"omit", "del(.a)"},
    {"exclude", "del(.a)"},
    {"rename", ".b = .a | del(.a)"},
    {"set", ".a = 1"},
    {"get", ".a"},
    {"distinct", "unique"},
    {"uniq", "unique"},
    {"dedup", "unique"},
    {"dedupe", "unique"},
    {"orderby", "sort_by(f)"},
    {"order", "sort_by(f)"},
    {"sorted", "sort"},
    {"reversed", "reverse"},
    {"group", "group_by(f)"},
    {"zip", "transpose"},
    {"items", "to_entries"},
    {"entries", "to_entries"},
    {"objectentries", "to_entries"},
    {"dict", "from_entries"},
    {"values_of", ".[]"},
    {"flatmap", "map(f[])"},
    {"flat", "flatten"},
    {"fold", "reduce .[] as $x (0; . + $x)"},
    {"accumulate", "reduce .[] as $x (0; . + $x)"},
    {"parse", "fromjson"},
    {"parse_json", "fromjson"},
    {"json_parse", "fromjson"},
    {"json_decode", "fromjson"},
    {"loads", "fromjson"},
    {"json", "tojson or fromjson"},
    {"stringify", "tojson"},
    {"dumps", "tojson"},
    {"json_encode", "tojson"},
    {"base64", "@base64"},
    {"b64encode", "@base64"},
    {"base64_encode", "@base64"},
    {"b64decode", "@base64d"},
    {"base64_decode", "@base64d"},
    {"urlencode", "@uri"},
    {"encodeuricomponent", "@uri"},
    {"urldecode", "@urid"},
    {"csv", "@csv"},
    {"tsv", "@tsv"},
    {"sh", "@sh"},
    {"html", "@html"},
    {"escape", "@json, @html, @uri or @sh"},
    {"ord", "explode[0]"},
    {"charcodeat", "explode[0]"},
    {"chr", "[.] | implode"},
    {"fromcharcode", "[.] | implode"},
    {"time", "now"},
    {"timestamp", "now"},
    {"systime", "now"},
    {"getdate", "now"},
    {"parsedate", "strptime(\"%Y-%m-%d\") | mktime"},
    {"to_date", "strptime(\"%Y-%m-%d\") | mktime"},
    {"to_timestamp", "fromdate"},
    {"fromisoformat", "fromdate"},
    {"isoformat", "todate"},
    {"toisostring", "todate"},
    {"date_format", "strftime(\"%Y-%m-%d\")"},
    {"formatdate", "strftime(\"%Y-%m-%d\")"},
    {"year", "strftime(\"%Y\")"},
    {"month", "strftime(\"%m\")"},
    {"day", "strftime(\"%d\")"},
    {"hour", "strftime(\"%H\")"},
    {"sleep", "nothing: a program can't wait"},
    {"print", "the value itself: what a program gives is its output"},
    {"echo", "the value itself: what a program gives is its output"},
    {"puts", "the value itself: what a program gives is its output"},
    {"console", "debug"},
    {"none", "null"},
    {"nil", "null"},
    {"undefined", "null"},
    {"null_value", "null"},
    {"yes", "true"},
    {"no", "false"},
    {"inf", "infinite"},
    {"infinity", "infinite"},
    {"this", "'.'"},
    {"self", "'.'"},
    {"event", "'.'"},
    {"record", "'.'"},
    {"args", "$ARGS.positional"},
    {"argv", "$ARGS.positional"},
    {"environ", "$ENV"},
    {"getenv", "$ENV.NAME"},
    {"help", "the option --help"},
};

/* Words that aren't functions, but values, in another case. */
static const char *const VALUES[] = {"true", "false", "null"};

static const char *
synonym(const char *name, size_t len)
{
	for (size_t i = 0; i < COUNT(VALUES); i++)
		if (nearest_distance(name, len, VALUES[i], strlen(VALUES[i])) ==
		    0)
			return VALUES[i];
	for (size_t i = 0; i < COUNT(SYNONYMS); i++)
		if (nearest_distance(name, len, SYNONYMS[i].name,
			strlen(SYNONYMS[i].name)) == 0)
			return SYNONYMS[i].here;
	return NULL;
}

static bool
in_word(char c)
{
	return c == '_' || isalnum((unsigned char)c);
}

/* The call's name as it stands in the text, with what is around it. */
struct word {
	struct compile *c;
	const struct node *call;
	const char *text;
	size_t len;
	size_t from, to; /* of the name */
	size_t before;   /* one past what stands before it */
	char signature[64];
	char best[64]; /* " or 'length/0'", where some name is near */
};

static char
char_before(const struct word *w)
{
	return w->before == 0 ? '\0' : w->text[w->before - 1];
}

#define UNKNOWN "unknown function '%s'"

/* .content-type is .content - type. */
static void
refuse_dashes(struct word *w)
{
	size_t from = w->from, to = w->to;

	if (from == 0 || w->text[from - 1] != '-')
		return;
	while (from > 0 &&
	    (in_word(w->text[from - 1]) || w->text[from - 1] == '-'))
		from--;
	while (to < w->len && (in_word(w->text[to]) || w->text[to] == '-'))
		to++;
	if (from > 0 && w->text[from - 1] == '.' && w->text[from] != '-' &&
	    to - from <= 60)
		source_fail(&w->c->source, (uint32_t)from - 1,
		    UNKNOWN "; a key with '-' stands in quotes: is "
			    "'.\"%.*s\"' meant?",
		    w->signature, (int)(to - from), w->text + from);
}

/* How many arguments the commas of one would make. */
static uint32_t
commas(const struct node *call)
{
	uint32_t n = 1;

	if (call->n != 1)
		return 0;
	for (const struct node *a = call->items[0]; a->op == OP_COMMA; a = a->a)
		n++;
	return n;
}

static void
refuse_arguments(struct word *w, const struct nearest *near)
{
	uint32_t n = commas(w->call);

	if (near->arities == 0)
		return;
	if (n > 1 && n < 64 && near->arities >> n & 1)
		source_fail(&w->c->source, w->call->at,
		    UNKNOWN "; ';' stands between arguments, not ',': is "
			    "'%s' meant?",
		    w->signature, near->best);
	if (near->arities == 1)
		source_fail(&w->c->source, w->call->at,
		    UNKNOWN "; is '%.*s/0' meant, as in: .a | %.*s?",
		    w->signature, (int)near->len, near->name, (int)near->len,
		    near->name);
	if (near->same && w->call->n == 0)
		source_fail(&w->c->source, w->call->at,
		    UNKNOWN "; is '%s' meant, as in %.*s(%s)?", w->signature,
		    near->best, (int)near->len, near->name,
		    near->best_args == 1 ? "..." : "...; ...");
}

static void
refuse_synonym(struct word *w)
{
	const char *here = synonym(w->call->name, w->call->name_len);
	bool name;

	if (here == NULL)
		return;
	name = in_word(here[0]) && strpbrk(here, " (|,:") == NULL;
	if (w->call->n > 0 && name)
		source_fail(&w->c->source, w->call->at,
		    UNKNOWN "; is '%s' meant, as in: .a | %s?", w->signature,
		    here, here);
	source_fail(&w->c->source, w->call->at,
	    here[0] == '\'' || strchr(here, ' ') != NULL
		? UNKNOWN "; is %s meant?"
		: UNKNOWN "; is '%s' meant?",
	    w->signature, here);
}

/* Behind a comparison, or between brackets, a text may be meant. */
static void
refuse_text(struct word *w)
{
	int n = (int)w->call->name_len;
	const char *name = w->call->name;
	char last = char_before(w), other[64];

	if (w->call->n > 0 || n > 40)
		return;
	snprintf(other, sizeof(other), " or the member .%.*s", n, name);
	if (last != '\0' && strchr("=<>", last) != NULL)
		source_fail(&w->c->source, w->call->at,
		    UNKNOWN "; is the string \"%.*s\"%s meant?", w->signature,
		    n, name, w->best[0] != '\0' ? w->best : other);
	if (last == '[' && w->before > 1 &&
	    (in_word(w->text[w->before - 2]) || w->text[w->before - 2] == '.'))
		source_fail(&w->c->source, w->call->at,
		    UNKNOWN "; is the key \"%.*s\"%s meant?", w->signature, n,
		    name, other);
}

/* Does the name stand first, as in ip, ip == 1, ip | length? */
static bool
stands_first(const struct word *w)
{
	char last = char_before(w);

	return last == '\0' || strchr("|(,:[{-+*/%", last) != NULL ||
	    (in_word(last) && w->before < w->from);
}

static void
word_init(struct word *w, struct compile *c, const struct node *call)
{
	*w = (struct word){
	    .c = c, .call = call, .text = c->source.text, .len = c->source.len};
	w->from = w->before = call->at;
	w->to = w->from + call->name_len;
	while (w->before > 0 &&
	    isspace((unsigned char)c->source.text[w->before - 1]))
		w->before--;
	snprintf(w->signature, sizeof(w->signature), "%.*s/%u",
	    call->name_len > 40 ? 40 : (int)call->name_len, call->name,
	    (unsigned)call->n);
}

void
hints_unknown(
    struct compile *c, const struct node *call, const struct nearest *near)
{
	struct word w;

	word_init(&w, c, call);
	if (near->best[0] != '\0')
		snprintf(w.best, sizeof(w.best), " or '%.55s'", near->best);
	refuse_dashes(&w);
	refuse_arguments(&w, near);
	/* Within a slip's reach, unless another language has that name. */
	if (near->distance > 2 || near->best[0] == '\0')
		refuse_synonym(&w);
	refuse_text(&w);
	if (near->best[0] != '\0' && near->distance > 2 &&
	    w.len == w.to - w.from)
		source_fail(&c->source, call->at,
		    UNKNOWN "; is '%s' or the member '.%.*s' meant?",
		    w.signature, near->best, (int)call->name_len, call->name);
	if (near->best[0] != '\0')
		source_fail(&c->source, call->at, UNKNOWN "; is '%s' meant?",
		    w.signature, near->best);
	if (call->n > 0 || call->name_len > 40 || !stands_first(&w))
		source_fail(&c->source, call->at, UNKNOWN, w.signature);
	source_fail(&c->source, call->at, UNKNOWN "; is '.%.*s' meant?",
	    w.signature, (int)call->name_len, call->name);
}

void
hints_variable(struct compile *c, const struct node *var)
{
	int n = var->name_len > 40 ? 40 : (int)var->name_len;

	source_fail(&c->source, var->at,
	    "$%.*s is not defined; is '.%.*s' meant, or the option --arg %.*s "
	    "VALUE?",
	    n, var->name, n, var->name, n, var->name);
}

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
			source_fail(&c->source, literal_at(c, n, i),
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
		source_fail(&c->source, literal_at(c, re, at),
		    "the pattern is wrong here: %s", why);
	source_fail(&c->source, re->at,
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

		if (MATCHERS[i].args != call->n ||
		    !is_name(call, MATCHERS[i].name))
			continue;
		check_flags(c, at > 0 ? call->items[at] : NULL, &flags);
		check_pattern(c, call->items[0], &flags);
		return;
	}
}

/* --- assignments where conditions stand --- */

enum { NESTED = 100 }; /* brackets and branches that are looked into */

static bool
is_assignment(const struct node *n)
{
	return n->op == OP_ASSIGN || n->op == OP_UPDATE || n->op == OP_ARITH ||
	    n->op == OP_SET_ALT;
}

/*
 * The assignment that each output of n comes from, NULL where an output may
 * come from elsewhere, or there may be none.
 */
static const struct node *
assigned(const struct node *n, unsigned depth)
{
	const struct node *other;

	for (; n != NULL && depth < NESTED; depth++) {
		if (is_assignment(n))
			return n;
		switch (n->op) {
		case OP_PIPE:
		case OP_BIND:
			if (!(n->a->traits & TRAIT_SINGLE))
				return NULL;
			n = n->b;
			break;
		case OP_DEF:
		case OP_LABEL:
			n = n->a;
			break;
		case OP_CALL:
			n = is_builtin_call(n) || n->def == NULL ? NULL
								 : n->def->body;
			break;
		case OP_IF:
		case OP_COMMA:
			other = n->op == OP_IF ? n->c : n->a;
			if (assigned(other, depth + 1) == NULL)
				return NULL;
			n = n->b;
			break;
		default:
			return NULL;
		}
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
	source_fail(&c->source, assignment->at,
	    "'%s' sets a value, so the condition always holds; is '==' meant?",
	    assignment_sign(c, assignment));
}

void
hints_predicate(struct compile *c, const struct node *root)
{
	const struct node *assignment = assigned(root, 0);

	if (assignment == NULL || assignment->at == NODE_NOWHERE)
		return;
	source_fail(&c->source, assignment->at,
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
		if (CONDITIONS[i].args == call->n &&
		    is_name(call, CONDITIONS[i].name))
			refuse_assignment(
			    c, call->items[CONDITIONS[i].condition]);
}

void
hints_check(struct compile *c, const struct node *n)
{
	if (c->source.prelude)
		return;
	if (is_builtin_call(n)) {
		check_call(c, n);
	} else if (n->op == OP_IF) {
		refuse_assignment(c, n->a);
	} else if (n->op == OP_AND || n->op == OP_OR) {
		refuse_assignment(c, n->a);
		refuse_assignment(c, n->b);
	}
}
