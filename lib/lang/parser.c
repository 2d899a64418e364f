#include <string.h>

#include "lang/compile.h"
#include "lang/lexer.h"
#include "value/number.h"
#include "value/object.h"
#include "value/string.h"

enum { MAX_NESTING = 2000 };

struct parser {
	struct compile *c;
	struct lexer lx;
	struct token t; /* the one to be looked at */
	unsigned depth;
};

static struct node *parse_pipe(struct parser *p);
static struct node *parse_expr(struct parser *p, int level);
static struct node *parse_postfix(struct parser *p);
static struct pattern *parse_pattern(struct parser *p);

static void
advance(struct parser *p)
{
	p->t = lexer_next(&p->lx);
}

static bool
at_op(const struct parser *p, const char *text)
{
	return p->t.kind == TOKEN_OP && token_is(&p->t, text);
}

static bool
at_keyword(const struct parser *p, const char *text)
{
	return p->t.kind == TOKEN_KEYWORD && token_is(&p->t, text);
}

static bool
accept(struct parser *p, const char *text)
{
	if (!at_op(p, text) && !at_keyword(p, text))
		return false;
	advance(p);
	return true;
}

static _Noreturn void
unexpected(struct parser *p, const char *wanted)
{
	if (p->t.kind == TOKEN_END)
		compile_fail(p->c, p->t.at,
		    "the program ends where %s is expected", wanted);
	if (p->t.kind == TOKEN_STRING)
		compile_fail(
		    p->c, p->t.at, "unexpected string, expected %s", wanted);
	compile_fail(p->c, p->t.at, "unexpected '%.*s', expected %s",
	    p->t.len > 40 ? 40 : (int)p->t.len, p->t.text, wanted);
}

static void
expect(struct parser *p, const char *text)
{
	char wanted[16] = "'";

	if (accept(p, text))
		return;
	strcat(strcat(wanted, text), "'");
	unexpected(p, wanted);
}

static struct node *
new_node(struct parser *p, enum op op)
{
	return compile_node(p->c, op, p->t.at);
}

static struct node *
binary(
    struct parser *p, enum op op, uint32_t at, struct node *a, struct node *b)
{
	struct node *n = compile_node(p->c, op, at);

	n->a = a;
	n->b = b;
	return n;
}

static struct node *
literal(struct parser *p, uint32_t at, struct value v)
{
	struct node *n = compile_node(p->c, OP_LITERAL, at);

	n->value = v;
	return n;
}

static struct node *
literal_text(struct parser *p, const struct token *t)
{
	return literal(p, t->at, value_text(t->text, t->len));
}

/* Add to a list that doubles; n is what it holds. */
static void *
list_add(struct arena *a, void *list, uint32_t n, const void *item, size_t size)
{
	char *to = list;

	if ((n & (n - 1)) == 0) { /* none, or a power of two: it is full */
		to = arena_array(a, n == 0 ? 1 : (size_t)n * 2, size);
		if (n > 0)
			memcpy(to, list, n * size);
	}
	memcpy(to + n * size, item, size);
	return to;
}

static void
add_item(struct parser *p, struct node *n, struct node *item)
{
	n->items = list_add(p->c->arena, n->items, n->n, &item, sizeof(item));
	n->n++;
}

/* --- strings --- */

/* Text of a string between quotes, its escapes decoded. */
static struct value
unescape(struct parser *p, uint32_t at, const char *text, size_t len)
{
	struct arena *a = p->c->arena;
	struct value out = value_text("", 0), part;
	struct scan_error error;
	size_t i = 0;

	while (i < len) {
		size_t from = i;
		char *quoted;

		while (i < len && text[i] != '\\')
			i++;
		out = string_append(a, out, value_text(text + from, i - from));
		for (from = i; i < len && text[i] == '\\';)
			i += text[i + 1] == 'u' && i + 6 <= len ? 6 : 2;
		if (i == from)
			continue;
		quoted = arena_alloc(a, i - from + 2);
		quoted[0] = quoted[i - from + 1] = '"';
		memcpy(quoted + 1, text + from, i - from);
		if (!value_parse(a, quoted, i - from + 2, &part, &error))
			compile_fail(p->c, at + (uint32_t)from,
			    "%s in a string", error.reason);
		out = string_append(a, out, string_decoded(a, part));
	}
	out.flags = 0;
	return out;
}

/* The string whose opening quote is the current token. */
static struct node *
parse_string(struct parser *p, const struct token *format)
{
	struct node *n = new_node(p, OP_STRING);
	const char *text;
	size_t len;
	bool more = true;

	if (format != NULL) {
		n->name = format->text;
		n->name_len = format->len;
	}
	while (more) {
		uint32_t at = (uint32_t)p->lx.at;

		if (!lexer_piece(&p->lx, &text, &len, &more))
			compile_fail(p->c, n->at, "a string without its end");
		if (len > 0 || (!more && n->n == 0))
			add_item(
			    p, n, literal(p, at, unescape(p, at, text, len)));
		if (!more)
			break;
		advance(p);
		add_item(p, n, parse_pipe(p));
		if (!at_op(p, ")"))
			unexpected(p, "')'");
		/* The lexer stands right behind the bracket. */
	}
	advance(p);
	if (n->n == 1 && n->items[0]->op == OP_LITERAL &&
	    value_is_string(n->items[0]->value))
		return literal(p, n->at, n->items[0]->value);
	return n;
}

/* --- terms --- */

static struct node *
parse_number(struct parser *p)
{
	struct node *n = new_node(p, OP_LITERAL);
	struct arena *a = p->c->arena;
	char *text = arena_copy(a, p->t.text, p->t.len);
	size_t len = p->t.len;
	struct value v;

	if (number_parse(text, len, &v)) {
		v = VALUE_OF(VALUE_NUMBER);
		v.text = text;
		v.n = (uint32_t)len;
	} else {
		/* 1. and .5 and 007 are numbers in a program. */
		char *fixed = arena_alloc(a, len + 3);
		size_t k = 0;

		while (len > 1 && text[0] == '0' && text[1] >= '0' &&
		    text[1] <= '9') {
			text++;
			len--;
		}
		if (text[0] == '.')
			fixed[k++] = '0';
		for (size_t i = 0; i < len; i++) {
			fixed[k++] = text[i];
			if (text[i] == '.' &&
			    (i + 1 == len || text[i + 1] < '0' ||
				text[i + 1] > '9'))
				fixed[k++] = '0';
		}
		if (!number_parse(fixed, k, &v))
			compile_fail(p->c, n->at, "not a number");
	}
	n->value = v;
	advance(p);
	return n;
}

static struct node *
parse_if(struct parser *p)
{
	struct node *n = new_node(p, OP_IF);

	advance(p);
	n->a = parse_pipe(p);
	expect(p, "then");
	n->b = parse_pipe(p);
	if (at_keyword(p, "elif")) {
		n->c = parse_if(p);
		return n;
	}
	if (accept(p, "else"))
		n->c = parse_pipe(p);
	expect(p, "end");
	return n;
}

/* The part of reduce and foreach up to the bracket, which it passes. */
static struct node *
parse_fold(struct parser *p, enum op op)
{
	struct node *n = new_node(p, op);

	advance(p);
	n->a = parse_expr(p, 0);
	expect(p, "as");
	n->patterns = arena_alloc(p->c->arena, sizeof(*n->patterns));
	n->patterns[0] = parse_pattern(p);
	n->n = 1;
	expect(p, "(");
	n->b = parse_pipe(p);
	expect(p, ";");
	n->c = parse_pipe(p);
	if (op == OP_FOREACH && accept(p, ";"))
		n->d = parse_pipe(p);
	expect(p, ")");
	return n;
}

static struct node *
parse_try(struct parser *p)
{
	struct node *n = new_node(p, OP_TRY);

	advance(p);
	n->a = parse_postfix(p);
	if (accept(p, "catch"))
		n->b = parse_postfix(p);
	return n;
}

static struct node *
named(struct parser *p, enum op op, enum token_kind kind, const char *wanted)
{
	struct node *n = new_node(p, op);

	if (p->t.kind != kind)
		unexpected(p, wanted);
	n->name = p->t.text;
	n->name_len = p->t.len;
	advance(p);
	return n;
}

static struct node *
parse_call(struct parser *p)
{
	struct token t = p->t;
	struct node *n = named(p, OP_CALL, TOKEN_NAME, "a function");

	if (memchr(t.text, ':', t.len) != NULL)
		compile_fail(p->c, t.at,
		    "modules don't exist here: put the "
		    "definition of '%.*s' into the program",
		    (int)t.len, t.text);
	if (token_is(&t, "null") || token_is(&t, "true") ||
	    token_is(&t, "false"))
		return literal(p, t.at,
		    VALUE_OF(t.text[0] == 'n'  ? VALUE_NULL
			    : t.text[0] == 't' ? VALUE_TRUE
					       : VALUE_FALSE));
	if (!accept(p, "("))
		return n;
	do
		add_item(p, n, parse_pipe(p));
	while (accept(p, ";"));
	expect(p, ")");
	return n;
}

/* $__loc__ is where it stands. */
static struct node *
parse_var(struct parser *p)
{
	struct node *n = named(p, OP_VAR, TOKEN_VAR, "a variable");
	struct arena *a = p->c->arena;
	struct value loc;
	int64_t line = 1;

	if (n->name_len != 7 || memcmp(n->name, "__loc__", 7) != 0)
		return n;
	for (uint32_t i = 0; i < n->at; i++)
		line += p->c->text[i] == '\n';
	loc = object_set(a, object_new(a, 2), value_cstring("file"),
	    value_cstring("<top-level>"));
	loc = object_set(a, loc, value_cstring("line"), value_int(line));
	return literal(p, n->at, value_share(loc));
}

/* --- objects --- */

/* A key that stands for itself: a name, a keyword, or a string. */
static struct node *
parse_plain_key(struct parser *p)
{
	struct token t = p->t;

	if (t.kind == TOKEN_STRING)
		return parse_string(p, NULL);
	advance(p);
	if (t.kind != TOKEN_FORMAT)
		return literal_text(p, &t);
	if (p->t.kind != TOKEN_STRING)
		unexpected(p, "a string behind the format");
	return parse_string(p, &t);
}

static bool
at_plain_key(const struct parser *p)
{
	return p->t.kind == TOKEN_NAME || p->t.kind == TOKEN_KEYWORD ||
	    p->t.kind == TOKEN_STRING || p->t.kind == TOKEN_FORMAT;
}

static struct node *
parse_dict_value(struct parser *p)
{
	struct node *n = parse_expr(p, 0);
	uint32_t at = p->t.at;

	return accept(p, "|") ? binary(p, OP_PIPE, at, n, parse_dict_value(p))
			      : n;
}

static void
parse_member(struct parser *p, struct node *object)
{
	struct node *key, *value = NULL;
	uint32_t at = p->t.at;

	if (p->t.kind == TOKEN_VAR) {
		struct token name = p->t;
		struct node *var = parse_var(p);

		key = at_op(p, ":") ? var : literal_text(p, &name);
		value = var;
	} else if (at_plain_key(p)) {
		key = parse_plain_key(p);
		value = binary(
		    p, OP_INDEX, at, compile_node(p->c, OP_IDENTITY, at), key);
	} else if (accept(p, "(")) {
		key = parse_pipe(p);
		expect(p, ")");
		if (!at_op(p, ":"))
			unexpected(p, "':' and a value");
	} else if (p->t.kind == TOKEN_NUMBER) {
		compile_fail(p->c, at,
		    "a key must be a string: put it into "
		    "quotes, or an expression into brackets");
	} else {
		unexpected(p, "a key");
	}
	if (accept(p, ":"))
		value = parse_dict_value(p);
	add_item(p, object, key);
	add_item(p, object, value);
}

static struct node *
parse_object(struct parser *p)
{
	struct node *n = new_node(p, OP_OBJECT);

	advance(p);
	if (accept(p, "}"))
		return n;
	do {
		if (at_op(p, "}")) /* a comma may follow the last member */
			break;
		parse_member(p, n);
	} while (accept(p, ","));
	expect(p, "}");
	return n;
}

static struct node *
parse_array(struct parser *p)
{
	struct node *n = new_node(p, OP_ARRAY);

	advance(p);
	if (accept(p, "]"))
		return n;
	n->a = parse_pipe(p);
	expect(p, "]");
	return n;
}

/* . alone, or ."name" */
static struct node *
parse_dot(struct parser *p)
{
	struct node *n = new_node(p, OP_IDENTITY);
	uint32_t at = p->t.at;

	advance(p);
	if (p->t.kind == TOKEN_STRING)
		return binary(p, OP_INDEX, at, n, parse_string(p, NULL));
	if (p->t.kind == TOKEN_NAME && p->t.at == at + 1)
		unexpected(p, "a key");
	return n;
}

static struct node *
parse_format(struct parser *p)
{
	struct token t = p->t;
	struct node *n = named(p, OP_FORMAT, TOKEN_FORMAT, "a format");

	return p->t.kind == TOKEN_STRING ? parse_string(p, &t) : n;
}

static struct node *
parse_field(struct parser *p, struct node *of)
{
	struct token t = p->t;

	advance(p);
	return binary(p, OP_INDEX, t.at, of, literal_text(p, &t));
}

static struct node *
parse_keyword_term(struct parser *p)
{
	struct node *n;

	if (at_keyword(p, "if"))
		return parse_if(p);
	if (at_keyword(p, "reduce"))
		return parse_fold(p, OP_REDUCE);
	if (at_keyword(p, "foreach"))
		return parse_fold(p, OP_FOREACH);
	if (at_keyword(p, "try"))
		return parse_try(p);
	if (at_keyword(p, "import") || at_keyword(p, "include") ||
	    at_keyword(p, "module"))
		compile_fail(p->c, p->t.at,
		    "modules don't exist here: put "
		    "the definitions into the program");
	if (!at_keyword(p, "break"))
		unexpected(p, "a value");
	advance(p);
	n = named(p, OP_BREAK, TOKEN_VAR, "the $name of a label");
	return n;
}

static struct node *
parse_term(struct parser *p)
{
	struct node *n;
	uint32_t at = p->t.at;

	switch (p->t.kind) {
	case TOKEN_NUMBER:
		return parse_number(p);
	case TOKEN_STRING:
		return parse_string(p, NULL);
	case TOKEN_FORMAT:
		return parse_format(p);
	case TOKEN_VAR:
		return parse_var(p);
	case TOKEN_NAME:
		return parse_call(p);
	case TOKEN_FIELD:
		return parse_field(p, compile_node(p->c, OP_IDENTITY, at));
	case TOKEN_KEYWORD:
		return parse_keyword_term(p);
	default:
		break;
	}
	if (at_op(p, "."))
		return parse_dot(p);
	if (at_op(p, "["))
		return parse_array(p);
	if (at_op(p, "{"))
		return parse_object(p);
	if (accept(p, ".."))
		return compile_node(p->c, OP_RECURSE, at);
	if (accept(p, "-")) {
		n = compile_node(p->c, OP_NEGATE, at);
		n->a = parse_postfix(p);
		return n;
	}
	if (!accept(p, "("))
		unexpected(p, "a value");
	n = parse_pipe(p);
	expect(p, ")");
	return n;
}

/* What stands in square brackets behind a term. */
static struct node *
parse_brackets(struct parser *p, struct node *of)
{
	struct node *n = new_node(p, OP_SLICE);

	expect(p, "[");
	n->a = of;
	if (accept(p, "]")) {
		n->op = OP_EACH;
		return n;
	}
	if (!at_op(p, ":"))
		n->b = parse_pipe(p);
	if (accept(p, "]")) {
		n->op = OP_INDEX;
		return n;
	}
	expect(p, ":");
	if (!at_op(p, "]"))
		n->c = parse_pipe(p);
	else if (n->b == NULL)
		unexpected(p, "where the slice ends");
	expect(p, "]");
	return n;
}

static struct node *
parse_postfix(struct parser *p)
{
	struct node *n;

	if (++p->depth > MAX_NESTING)
		compile_fail(p->c, p->t.at, "nested too deeply");
	n = parse_term(p);
	for (;;) {
		uint32_t at = p->t.at;

		if (p->t.kind == TOKEN_FIELD) {
			n = parse_field(p, n);
		} else if (at_op(p, "[")) {
			n = parse_brackets(p, n);
		} else if (accept(p, "?")) {
			n = binary(p, OP_TRY, at, n, NULL);
		} else if (accept(p, ".")) {
			if (p->t.kind == TOKEN_STRING)
				n = binary(
				    p, OP_INDEX, at, n, parse_string(p, NULL));
			else if (at_op(p, "["))
				n = parse_brackets(p, n);
			else
				unexpected(p, "a key");
		} else {
			break;
		}
	}
	p->depth--;
	return n;
}

/* --- operators --- */

enum side { LEFT, RIGHT, NONE };

static const struct operator
{
	const char *text;
	uint8_t level;
	uint8_t side;
	uint8_t op;
	uint8_t sub;
}
OPERATORS[] = {
    {"//", 1, RIGHT, OP_ALT, 0},
    {"=", 2, NONE, OP_ASSIGN, 0},
    {"|=", 2, NONE, OP_UPDATE, 0},
    {"+=", 2, NONE, OP_ARITH, OP_ADD},
    {"-=", 2, NONE, OP_ARITH, OP_SUB},
    {"*=", 2, NONE, OP_ARITH, OP_MUL},
    {"/=", 2, NONE, OP_ARITH, OP_DIV},
    {"%=", 2, NONE, OP_ARITH, OP_MOD},
    {"//=", 2, NONE, OP_SET_ALT, 0},
    {"or", 3, LEFT, OP_OR, 0},
    {"and", 4, LEFT, OP_AND, 0},
    {"==", 5, NONE, OP_EQ, 0},
    {"!=", 5, NONE, OP_NE, 0},
    {"<", 5, NONE, OP_LT, 0},
    {"<=", 5, NONE, OP_LE, 0},
    {">", 5, NONE, OP_GT, 0},
    {">=", 5, NONE, OP_GE, 0},
    {"+", 6, LEFT, OP_ADD, 0},
    {"-", 6, LEFT, OP_SUB, 0},
    {"*", 7, LEFT, OP_MUL, 0},
    {"/", 7, LEFT, OP_DIV, 0},
    {"%", 7, LEFT, OP_MOD, 0},
};

static const struct operator* at_operator(const struct parser *p)
{
	if (p->t.kind != TOKEN_OP && p->t.kind != TOKEN_KEYWORD)
		return NULL;
	for (size_t i = 0; i < sizeof(OPERATORS) / sizeof(*OPERATORS); i++)
		if (token_is(&p->t, OPERATORS[i].text))
			return &OPERATORS[i];
	return NULL;
}

/* Operators of this level and above, by precedence climbing. */
static struct node *
parse_expr(struct parser *p, int level)
{
	struct node *n = parse_postfix(p);
	const struct operator* o;
	int barred = 0; /* level of a non-associative operator just met */

	while ((o = at_operator(p)) != NULL && o->level >= level) {
		uint32_t at = p->t.at;

		if (o->level == barred)
			compile_fail(p->c, at,
			    "'%s' needs brackets around what is before it",
			    o->text);
		advance(p);
		n = binary(p, o->op, at, n,
		    parse_expr(p, o->level + (o->side != RIGHT)));
		n->sub = o->sub;
		barred = o->side == NONE ? o->level : 0;
	}
	return n;
}

/* --- patterns, definitions, pipes --- */

static void
pattern_add(struct parser *p, struct pattern *t, struct node *key,
    struct pattern *var, struct pattern *item)
{
	struct arena *a = p->c->arena;

	t->items = list_add(a, t->items, t->n, &item, sizeof(item));
	t->keys = list_add(a, t->keys, t->n, &key, sizeof(key));
	t->vars = list_add(a, t->vars, t->n, &var, sizeof(var));
	t->n++;
}

static struct pattern *
new_pattern(struct parser *p, int kind)
{
	struct pattern *t = arena_alloc(p->c->arena, sizeof(*t));

	*t = (struct pattern){.kind = kind, .at = p->t.at};
	return t;
}

static struct pattern *
parse_var_pattern(struct parser *p)
{
	struct pattern *t = new_pattern(p, PATTERN_VAR);

	t->name = p->t.text;
	t->name_len = p->t.len;
	advance(p);
	return t;
}

static void
parse_member_pattern(struct parser *p, struct pattern *object)
{
	struct pattern *var = NULL;
	struct node *key;

	if (p->t.kind == TOKEN_VAR) {
		key = literal_text(p, &p->t);
		var = parse_var_pattern(p);
		if (!at_op(p, ":")) {
			pattern_add(p, object, key, var, NULL);
			return;
		}
	} else if (at_plain_key(p)) {
		key = parse_plain_key(p);
	} else if (accept(p, "(")) {
		key = parse_pipe(p);
		expect(p, ")");
	} else {
		unexpected(p, "a key or a variable");
	}
	expect(p, ":");
	pattern_add(p, object, key, var, parse_pattern(p));
}

static struct pattern *
parse_pattern(struct parser *p)
{
	struct pattern *t;

	if (p->t.kind == TOKEN_VAR)
		return parse_var_pattern(p);
	if (at_op(p, "[")) {
		t = new_pattern(p, PATTERN_ARRAY);
		advance(p);
		do
			pattern_add(p, t, NULL, NULL, parse_pattern(p));
		while (accept(p, ","));
		expect(p, "]");
		return t;
	}
	if (!at_op(p, "{"))
		unexpected(p, "a $variable, [ or {");
	t = new_pattern(p, PATTERN_OBJECT);
	advance(p);
	do
		parse_member_pattern(p, t);
	while (accept(p, ","));
	expect(p, "}");
	return t;
}

static void
parse_param(struct parser *p, struct def *d)
{
	struct param param = {p->t.text, p->t.len, p->t.kind == TOKEN_VAR};

	if (p->t.kind != TOKEN_VAR && p->t.kind != TOKEN_NAME &&
	    p->t.kind != TOKEN_KEYWORD)
		unexpected(p, "a parameter");
	d->params = list_add(
	    p->c->arena, d->params, d->params_n, &param, sizeof(param));
	d->params_n++;
	advance(p);
}

static struct node *
parse_def(struct parser *p)
{
	struct node *n = new_node(p, OP_DEF);
	struct def *d = arena_alloc(p->c->arena, sizeof(*d));

	advance(p);
	*d = (struct def){.name = p->t.text, .name_len = p->t.len};
	if (p->t.kind != TOKEN_NAME && p->t.kind != TOKEN_KEYWORD)
		unexpected(p, "a name to define");
	advance(p);
	if (accept(p, "(")) {
		do
			parse_param(p, d);
		while (accept(p, ";"));
		expect(p, ")");
	}
	expect(p, ":");
	d->body = parse_pipe(p);
	expect(p, ";");
	n->def = d;
	return n;
}

static struct node *
parse_bind(struct parser *p, struct node *source)
{
	struct node *n = new_node(p, OP_BIND);
	struct pattern *t;

	expect(p, "as");
	n->a = source;
	do {
		t = parse_pattern(p);
		n->patterns =
		    list_add(p->c->arena, n->patterns, n->n, &t, sizeof(t));
		n->n++;
	} while (accept(p, "?//"));
	expect(p, "|");
	n->b = parse_pipe(p);
	return n;
}

/* One side of a comma; def, label and as reach to the end of the pipe. */
static struct node *
parse_unit(struct parser *p)
{
	struct node *n;

	if (at_keyword(p, "def")) {
		n = parse_def(p);
		/* A program may be nothing but definitions. */
		n->a = p->t.kind == TOKEN_END ? new_node(p, OP_IDENTITY)
					      : parse_pipe(p);
		return n;
	}
	if (accept(p, "label")) {
		n = named(p, OP_LABEL, TOKEN_VAR, "a $name");
		expect(p, "|");
		n->a = parse_pipe(p);
		return n;
	}
	n = parse_expr(p, 0);
	return at_keyword(p, "as") ? parse_bind(p, n) : n;
}

static struct node *
parse_pipe(struct parser *p)
{
	struct node *n;
	uint32_t at;

	if (++p->depth > MAX_NESTING)
		compile_fail(p->c, p->t.at, "nested too deeply");
	n = parse_unit(p);
	for (at = p->t.at; accept(p, ","); at = p->t.at)
		n = binary(p, OP_COMMA, at, n, parse_unit(p));
	if (accept(p, "|"))
		n = binary(p, OP_PIPE, at, n, parse_pipe(p));
	p->depth--;
	return n;
}

struct node *
parse_program(struct compile *c)
{
	struct parser p = {.c = c, .lx = {c->text, c->len, 0}};
	struct node *n;

	advance(&p);
	if (p.t.kind == TOKEN_END)
		return compile_node(c, OP_IDENTITY, 0);
	n = parse_pipe(&p);
	if (p.t.kind != TOKEN_END)
		unexpected(&p, "an operator or the end");
	return n;
}
