/*
 * Terms: strings, numbers, brackets, and the forms that begin with a word.
 */
#include <string.h>

#include "lang/syntax/hints.h"
#include "lang/syntax/parser.h"
#include "value/number.h"
#include "value/object.h"
#include "value/string.h"

static struct node *
literal(struct parser *p, uint32_t at, struct value v)
{
	struct node *n = node_new(p->source, OP_LITERAL, at);

	n->value = v;
	return n;
}

/* Text of a string between quotes, its escapes decoded. */
static struct value
unescape(struct parser *p, uint32_t at, const char *text, size_t len)
{
	struct arena *a = p->source->arena;
	struct value out = value_text("", 0), part;
	struct scan_error error;
	struct hint h;
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
		if (!value_parse(a, quoted, i - from + 2, &part, &error)) {
			from += error.column - 2;
			hint_escape(&h, text, len, from);
			program_text_fail(
			    p->source, at + (uint32_t)from, "%s", h.text);
		}
		out = string_append(a, out, string_decoded(a, part));
	}
	out.flags = 0;
	return out;
}

/* The string whose opening quote is the current token. */
static struct node *
parse_string(struct parser *p, const struct token *format)
{
	struct node *n = parser_node(p, OP_STRING);
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
			program_text_fail(
			    p->source, n->at, "a string without its end");
		if (len > 0 || (!more && n->items_n == 0)) {
			parser_add_item(
			    p, n, literal(p, at, unescape(p, at, text, len)));
			n->items[n->items_n - 1]->variant = LITERAL_TEXT;
		}
		if (!more)
			break;
		parser_advance(p);
		parser_add_item(p, n, parser_pipe(p));
		if (!parser_at_op(p, ")"))
			parser_unexpected(p, "')'");
		/* The lexer stands right behind the bracket. */
	}
	parser_advance(p);
	if (n->items_n == 1 && n->items[0]->op == OP_LITERAL &&
	    n->items[0]->variant == LITERAL_TEXT)
		return literal(p, n->at, n->items[0]->value);
	return n;
}

static struct node *
parse_number(struct parser *p)
{
	struct node *n = parser_node(p, OP_LITERAL);
	struct arena *a = p->source->arena;
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
			program_text_fail(p->source, n->at, "not a number");
	}
	n->value = v;
	parser_advance(p);
	return n;
}

static struct node *
parse_if(struct parser *p)
{
	struct node *n = parser_node(p, OP_IF);

	parser_enter(p);
	parser_advance(p);
	n->branch.test = parser_pipe(p);
	parser_expect(p, "then");
	n->branch.then = parser_pipe(p);
	if (parser_at_keyword(p, "elif")) {
		n->branch.otherwise = parse_if(p);
	} else {
		if (parser_accept(p, "else"))
			n->branch.otherwise = parser_pipe(p);
		parser_expect(p, "end");
	}
	parser_leave(p);
	return n;
}

/* The part of reduce and foreach up to the bracket, which it passes. */
static struct node *
parse_fold(struct parser *p, enum op op)
{
	struct node *n = parser_node(p, op);

	parser_advance(p);
	n->fold.source = parser_expr(p, 0);
	parser_patterns(p, n);
	parser_expect(p, "(");
	n->fold.init = parser_pipe(p);
	parser_expect(p, ";");
	n->fold.update = parser_pipe(p);
	if (op == OP_FOREACH && parser_accept(p, ";"))
		n->fold.extract = parser_pipe(p);
	parser_expect(p, ")");
	return n;
}

static struct node *
parse_try(struct parser *p)
{
	struct node *n = parser_node(p, OP_TRY);

	parser_advance(p);
	n->attempt.body = parser_postfix(p);
	if (parser_accept(p, "catch"))
		n->attempt.handler = parser_postfix(p);
	return n;
}

struct node *
parser_named(
    struct parser *p, enum op op, enum token_kind kind, const char *wanted)
{
	struct node *n = parser_node(p, op);

	if (p->t.kind != kind)
		parser_unexpected(p, wanted);
	n->name = p->t.text;
	n->name_len = p->t.len;
	parser_advance(p);
	return n;
}

static struct node *
parse_call(struct parser *p)
{
	struct token t = p->t;
	struct node *n = parser_named(p, OP_CALL, TOKEN_NAME, "a function");

	if (memchr(t.text, ':', t.len) != NULL)
		program_text_fail(p->source, t.at,
		    "modules don't exist here: put the "
		    "definition of '%.*s' into the program",
		    (int)t.len, t.text);
	if (token_is(&t, "null") || token_is(&t, "true") ||
	    token_is(&t, "false"))
		return literal(p, t.at,
		    VALUE_OF(t.text[0] == 'n'  ? VALUE_NULL
			    : t.text[0] == 't' ? VALUE_TRUE
					       : VALUE_FALSE));
	if (!parser_accept(p, "("))
		return n;
	do
		parser_add_item(p, n, parser_pipe(p));
	while (parser_accept(p, ";"));
	parser_expect(p, ")");
	return n;
}

/* $__loc__ is where it stands. */
static struct node *
parse_var(struct parser *p)
{
	struct node *n = parser_named(p, OP_VAR, TOKEN_VAR, "a variable");
	struct arena *a = p->source->arena;
	struct value loc;
	int64_t line = 1;

	if (n->name_len != 7 || memcmp(n->name, "__loc__", 7) != 0)
		return n;
	for (uint32_t i = 0; i < n->at; i++)
		line += p->source->text[i] == '\n';
	loc = object_set(a, object_new(a, 2), value_cstring("file"),
	    value_cstring("<top-level>"));
	loc = object_set(a, loc, value_cstring("line"), value_int(line));
	return literal(p, n->at, value_share(loc));
}

/* A key that stands for itself: a name, a keyword, or a string. */
struct node *
parser_plain_key(struct parser *p)
{
	struct token t = p->t;

	if (t.kind == TOKEN_STRING)
		return parse_string(p, NULL);
	parser_advance(p);
	if (t.kind != TOKEN_FORMAT)
		return parser_text(p, &t);
	if (p->t.kind != TOKEN_STRING)
		parser_unexpected(p, "a string behind the format");
	return parse_string(p, &t);
}

bool
parser_at_plain_key(const struct parser *p)
{
	return p->t.kind == TOKEN_NAME || p->t.kind == TOKEN_KEYWORD ||
	    p->t.kind == TOKEN_STRING || p->t.kind == TOKEN_FORMAT;
}

/* Stand for a key by a variable, whose name no program can write. */
static struct node *
bind_key(struct parser *p, struct node **key, const char *name)
{
	struct arena *a = p->source->arena;
	struct node *bind, *source = *key;
	struct pattern *t;

	if (source == NULL || source->op == OP_LITERAL)
		return NULL;
	bind = node_new(p->source, OP_BIND, source->at);
	t = arena_alloc(a, sizeof(*t));
	*t = (struct pattern){.kind = PATTERN_VAR,
	    .at = source->at,
	    .name = name,
	    .name_len = (uint32_t)strlen(name)};
	bind->bind.source = source;
	bind->patterns = parser_list_add(a, NULL, 0, &t, sizeof(t));
	bind->patterns_n = 1;
	*key = node_new(p->source, OP_VAR, source->at);
	(*key)->name = t->name;
	(*key)->name_len = t->name_len;
	return bind;
}

/* The value of a member: no comma, and no words that reach further. */
static struct node *
parse_member_value(struct parser *p)
{
	struct node *n;
	uint32_t at;

	parser_enter(p);
	n = parser_expr(p, 0);
	at = p->t.at;
	if (parser_accept(p, "|"))
		n = parser_binary(p, OP_PIPE, at, n, parse_member_value(p));
	parser_leave(p);
	return n;
}

/* What a key alone stands for; one that isn't known is evaluated but once. */
static struct node *
own_value(struct parser *p, uint32_t at, struct node *key)
{
	struct node *in = node_new(p->source, OP_IDENTITY, at);

	if (key->op == OP_LITERAL)
		return parser_binary(p, OP_INDEX, at, in, key);
	in->variant = IDENTITY_AT_KEY;
	return in;
}

static void
parse_member(struct parser *p, struct node *object)
{
	struct node *key, *value = NULL;
	uint32_t at = p->t.at;

	if (p->t.kind == TOKEN_VAR) {
		struct token name = p->t;
		struct node *var = parse_var(p);

		key = parser_at_op(p, ":") ? var : parser_text(p, &name);
		value = var;
	} else if (parser_at_plain_key(p)) {
		key = parser_plain_key(p);
		value = own_value(p, at, key);
	} else if (parser_accept(p, "(")) {
		key = parser_pipe(p);
		parser_expect(p, ")");
		if (!parser_at_op(p, ":"))
			parser_unexpected(p, "':' and a value");
	} else if (p->t.kind == TOKEN_NUMBER) {
		program_text_fail(p->source, at,
		    "a key must be a string: put it into "
		    "quotes, or an expression into brackets");
	} else {
		parser_unexpected(p, "a key");
	}
	if (parser_accept(p, ":"))
		value = parse_member_value(p);
	parser_add_item(p, object, key);
	parser_add_item(p, object, value);
}

static struct node *
parse_object(struct parser *p)
{
	struct node *n = parser_node(p, OP_OBJECT);

	parser_advance(p);
	if (parser_accept(p, "}"))
		return n;
	do {
		if (parser_at_op(
			p, "}")) /* a comma may follow the last member */
			break;
		parse_member(p, n);
	} while (parser_accept(p, ","));
	parser_expect(p, "}");
	return n;
}

static struct node *
parse_array(struct parser *p)
{
	struct node *n = parser_node(p, OP_ARRAY);

	parser_advance(p);
	if (parser_accept(p, "]"))
		return n;
	n->unary.of = parser_pipe(p);
	parser_expect(p, "]");
	return n;
}

/* . alone, or ."name" */
static struct node *
parse_dot(struct parser *p)
{
	struct node *n = parser_node(p, OP_IDENTITY);
	uint32_t at = p->t.at;

	parser_advance(p);
	if (p->t.kind == TOKEN_STRING)
		return parser_binary(p, OP_INDEX, at, n, parse_string(p, NULL));
	if (p->t.kind == TOKEN_NAME && p->t.at == at + 1)
		parser_unexpected(p, "a key");
	return n;
}

static struct node *
parse_format(struct parser *p)
{
	struct token t = p->t;
	struct node *n = parser_named(p, OP_FORMAT, TOKEN_FORMAT, "a format");

	return p->t.kind == TOKEN_STRING ? parse_string(p, &t) : n;
}

static struct node *
parse_field(struct parser *p, struct node *of)
{
	struct token t = p->t;

	parser_advance(p);
	return parser_binary(p, OP_INDEX, t.at, of, parser_text(p, &t));
}

static struct node *
parse_keyword_term(struct parser *p)
{
	struct node *n;

	if (parser_at_keyword(p, "if"))
		return parse_if(p);
	if (parser_at_keyword(p, "reduce"))
		return parse_fold(p, OP_REDUCE);
	if (parser_at_keyword(p, "foreach"))
		return parse_fold(p, OP_FOREACH);
	if (parser_at_keyword(p, "try"))
		return parse_try(p);
	if (parser_at_keyword(p, "import") || parser_at_keyword(p, "include") ||
	    parser_at_keyword(p, "module"))
		program_text_fail(p->source, p->t.at,
		    "modules don't exist here: put "
		    "the definitions into the program");
	if (!parser_at_keyword(p, "break"))
		parser_unexpected(p, "a value");
	parser_advance(p);
	n = parser_named(p, OP_BREAK, TOKEN_VAR, "the $name of a label");
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
		return parse_field(p, node_new(p->source, OP_IDENTITY, at));
	case TOKEN_KEYWORD:
		return parse_keyword_term(p);
	default:
		break;
	}
	if (parser_at_op(p, "."))
		return parse_dot(p);
	if (parser_at_op(p, "["))
		return parse_array(p);
	if (parser_at_op(p, "{"))
		return parse_object(p);
	if (parser_accept(p, ".."))
		return node_new(p->source, OP_RECURSE, at);
	if (parser_accept(p, "-")) {
		n = node_new(p->source, OP_NEGATE, at);
		n->unary.of = parser_postfix(p);
		return n;
	}
	if (!parser_accept(p, "("))
		parser_unexpected(p, "a value");
	n = parser_pipe(p);
	parser_expect(p, ")");
	return n;
}

/* What stands in square brackets behind a term. */
static struct node *
parse_brackets(struct parser *p, struct node *of)
{
	struct node *n = parser_node(p, OP_SLICE);

	parser_expect(p, "[");
	n->slice.of = of;
	if (parser_accept(p, "]")) {
		n->op = OP_EACH;
		return n;
	}
	if (!parser_at_op(p, ":"))
		n->slice.from = parser_pipe(p);
	if (parser_accept(p, "]")) {
		n->op = OP_INDEX;
		return n;
	}
	parser_expect(p, ":");
	if (!parser_at_op(p, "]"))
		n->slice.to = parser_pipe(p);
	else if (n->slice.from == NULL)
		parser_unexpected(p, "where the slice ends");
	parser_expect(p, "]");
	return n;
}

/*
 * A question mark behind a step passes over what fails at that step only:
 * X[K]? is K as $k | X | (.[$k])?.
 */
static struct node *
optional_step(struct parser *p, uint32_t at, struct node *step)
{
	struct node *of = step->slice.of, *n, *from, *to = NULL;

	from = bind_key(p, &step->slice.from, "$from");
	if (step->op == OP_SLICE)
		to = bind_key(p, &step->slice.to, "$to");
	step->slice.of = node_new(p->source, OP_IDENTITY, of->at);
	n = parser_binary(p, OP_TRY, at, step, NULL);
	n->variant = TRY_STEP;
	if (of->op != OP_IDENTITY)
		n = parser_binary(p, OP_PIPE, at, of, n);
	if (to != NULL) {
		to->bind.body = n;
		n = to;
	}
	if (from == NULL)
		return n;
	from->bind.body = n;
	return from;
}

static bool
is_step(const struct node *n)
{
	return n->op == OP_INDEX || n->op == OP_EACH || n->op == OP_SLICE;
}

struct node *
parser_postfix(struct parser *p)
{
	struct node *n;
	/* Does n end in a step?  (.a) doesn't. */
	bool step = parser_at_op(p, ".") || p->t.kind == TOKEN_FIELD;

	parser_enter(p);
	n = parse_term(p);
	step = step && is_step(n);
	for (;;) {
		uint32_t at = p->t.at;

		if (p->t.kind == TOKEN_FIELD) {
			n = parse_field(p, n);
		} else if (parser_at_op(p, "[")) {
			n = parse_brackets(p, n);
		} else if (parser_accept(p, "?")) {
			n = step ? optional_step(p, at, n)
				 : parser_binary(p, OP_TRY, at, n, NULL);
		} else if (parser_accept(p, ".")) {
			if (p->t.kind == TOKEN_STRING)
				n = parser_binary(
				    p, OP_INDEX, at, n, parse_string(p, NULL));
			else if (parser_at_op(p, "["))
				n = parse_brackets(p, n);
			else
				parser_unexpected(p, "a key");
		} else {
			break;
		}
		step = is_step(n);
	}
	parser_leave(p);
	return n;
}
