#include <string.h>

#include "lang/syntax/hints.h"
#include "lang/syntax/parser.h"

void
parser_advance(struct parser *p)
{
	p->t = lexer_next(&p->lx);
}

bool
parser_at_op(const struct parser *p, const char *text)
{
	return p->t.kind == TOKEN_OP && token_is(&p->t, text);
}

bool
parser_at_keyword(const struct parser *p, const char *text)
{
	return p->t.kind == TOKEN_KEYWORD && token_is(&p->t, text);
}

bool
parser_accept(struct parser *p, const char *text)
{
	if (!parser_at_op(p, text) && !parser_at_keyword(p, text))
		return false;
	parser_advance(p);
	return true;
}

_Noreturn void
parser_unexpected(struct parser *p, const char *wanted)
{
	struct program_text *s = p->source;
	char opened[HINT_OPENED];
	struct hint h;

	if (hint_token(&h, s->text, s->len, p->t.at, wanted))
		program_text_fail(s, (uint32_t)h.at, "%s", h.text);
	hint_opened(opened, s->text, s->len, p->t.at, wanted);
	if (p->t.kind == TOKEN_END)
		program_text_fail(s, p->t.at,
		    "the program ends where %s is expected%s", wanted, opened);
	if (p->t.kind == TOKEN_STRING)
		program_text_fail(s, p->t.at,
		    "unexpected string, expected %s%s", wanted, opened);
	program_text_fail(s, p->t.at, "unexpected '%.*s', expected %s%s",
	    p->t.len > 40 ? 40 : (int)p->t.len, p->t.text, wanted, opened);
}

void
parser_expect(struct parser *p, const char *text)
{
	char wanted[16] = "'";

	if (parser_accept(p, text))
		return;
	strcat(strcat(wanted, text), "'");
	parser_unexpected(p, wanted);
}

struct node *
parser_node(struct parser *p, enum op op)
{
	return node_new(p->source, op, p->t.at);
}

struct node *
parser_binary(
    struct parser *p, enum op op, uint32_t at, struct node *a, struct node *b)
{
	struct node *n = node_new(p->source, op, at);

	n->part[0] = a;
	n->part[1] = b;
	return n;
}

struct node *
parser_text(struct parser *p, const struct token *t)
{
	struct node *n = node_new(p->source, OP_LITERAL, t->at);

	n->value = value_text(t->text, t->len);
	return n;
}

void *
parser_list_add(
    struct arena *a, void *list, uint32_t n, const void *item, size_t size)
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

void
parser_add_item(struct parser *p, struct node *n, struct node *item)
{
	n->items = parser_list_add(
	    p->source->arena, n->items, n->items_n, &item, sizeof(item));
	n->items_n++;
}

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

void
parser_enter(struct parser *p)
{
	if (++p->depth > MAX_NESTING)
		program_text_fail(p->source, p->t.at, "nested too deeply");
}

void
parser_leave(struct parser *p)
{
	p->depth--;
}

/* Operators of this level and above, by precedence climbing. */
struct node *
parser_expr(struct parser *p, int level)
{
	struct node *n;
	const struct operator* o;
	int barred = 0; /* level of a non-associative operator just met */

	parser_enter(p);
	n = parser_postfix(p);
	while ((o = at_operator(p)) != NULL && o->level >= level) {
		uint32_t at = p->t.at;

		if (o->level == barred)
			program_text_fail(p->source, at,
			    "'%s' needs brackets around what is before it%s",
			    o->text,
			    o->op == OP_ASSIGN ? "; is '==' or a '|' meant?"
					       : "");
		parser_advance(p);
		n = parser_binary(p, o->op, at, n,
		    parser_expr(p, o->level + (o->side != RIGHT)));
		n->variant = o->sub;
		barred = o->side == NONE ? o->level : 0;
	}
	parser_leave(p);
	return n;
}

static void
parse_param(struct parser *p, struct def *d)
{
	struct param param = {p->t.text, p->t.len, p->t.kind == TOKEN_VAR};

	if (p->t.kind != TOKEN_VAR && p->t.kind != TOKEN_NAME &&
	    p->t.kind != TOKEN_KEYWORD)
		parser_unexpected(p, "a parameter");
	d->params = parser_list_add(
	    p->source->arena, d->params, d->params_n, &param, sizeof(param));
	d->params_n++;
	parser_advance(p);
}

static struct node *
parse_def(struct parser *p)
{
	struct node *n = parser_node(p, OP_DEF);
	struct def *d = arena_alloc(p->source->arena, sizeof(*d));

	parser_advance(p);
	*d = (struct def){.name = p->t.text, .name_len = p->t.len};
	if (p->t.kind != TOKEN_NAME && p->t.kind != TOKEN_KEYWORD)
		parser_unexpected(p, "a name to define");
	parser_advance(p);
	if (parser_accept(p, "(")) {
		do
			parse_param(p, d);
		while (parser_accept(p, ";"));
		parser_expect(p, ")");
	}
	parser_expect(p, ":");
	d->body = parser_pipe(p);
	parser_expect(p, ";");
	n->def = d;
	return n;
}

static struct node *
parse_bind(struct parser *p, struct node *source)
{
	struct node *n = parser_node(p, OP_BIND);

	n->bind.source = source;
	parser_patterns(p, n);
	parser_expect(p, "|");
	n->bind.body = parser_pipe(p);
	return n;
}

/* One side of a comma; def, label and as reach to the end of the pipe. */
static struct node *
parse_unit(struct parser *p)
{
	struct node *n;

	if (parser_at_keyword(p, "def")) {
		n = parse_def(p);
		/* A program may be nothing but definitions. */
		n->unary.of = p->t.kind == TOKEN_END
		    ? parser_node(p, OP_IDENTITY)
		    : parser_pipe(p);
		return n;
	}
	if (parser_accept(p, "label")) {
		n = parser_named(p, OP_LABEL, TOKEN_VAR, "a $name");
		parser_expect(p, "|");
		n->unary.of = parser_pipe(p);
		return n;
	}
	n = parser_expr(p, 0);
	return parser_at_keyword(p, "as") ? parse_bind(p, n) : n;
}

/* a, b, c as a tree that is no deeper than it must be. */
static struct node *
join_units(struct parser *p, struct node **units, uint32_t n)
{
	uint32_t half = n / 2;

	return n == 1 ? units[0]
		      : parser_binary(p, OP_COMMA, units[half]->at,
			    join_units(p, units, half),
			    join_units(p, units + half, n - half));
}

struct node *
parser_pipe(struct parser *p)
{
	struct arena *a = p->source->arena;
	struct node *n, **units = NULL;
	uint32_t at, count = 0;

	parser_enter(p);
	do {
		n = parse_unit(p);
		units = parser_list_add(a, units, count++, &n, sizeof(*units));
	} while (parser_accept(p, ","));
	n = join_units(p, units, count);
	at = p->t.at;
	if (parser_accept(p, "|"))
		n = parser_binary(p, OP_PIPE, at, n, parser_pipe(p));
	parser_leave(p);
	return n;
}

struct node *
parser_program(struct program_text *s)
{
	struct parser p = {.source = s, .lx = {s->text, s->len, 0}};
	struct node *n;

	parser_advance(&p);
	if (p.t.kind == TOKEN_END)
		return node_new(s, OP_IDENTITY, 0);
	n = parser_pipe(&p);
	if (p.t.kind != TOKEN_END)
		parser_unexpected(&p, "an operator or the end");
	return n;
}
