/*
 * Patterns: what stands behind "as" and takes values apart.
 */
#include "lang/syntax/parser.h"

static struct pattern *parse_pattern(struct parser *p);

static void
pattern_add(struct parser *p, struct pattern *t, struct node *key,
    struct pattern *var, struct pattern *item)
{
	struct arena *a = p->source->arena;

	t->items = parser_list_add(a, t->items, t->n, &item, sizeof(item));
	t->keys = parser_list_add(a, t->keys, t->n, &key, sizeof(key));
	t->vars = parser_list_add(a, t->vars, t->n, &var, sizeof(var));
	t->n++;
}

static struct pattern *
new_pattern(struct parser *p, enum pattern_kind kind)
{
	struct pattern *t = arena_alloc(p->source->arena, sizeof(*t));

	*t = (struct pattern){.kind = kind, .at = p->t.at};
	return t;
}

static struct pattern *
parse_var_pattern(struct parser *p)
{
	struct pattern *t = new_pattern(p, PATTERN_VAR);

	t->name = p->t.text;
	t->name_len = p->t.len;
	parser_advance(p);
	return t;
}

static void
parse_member_pattern(struct parser *p, struct pattern *object)
{
	struct pattern *var = NULL;
	struct node *key;

	if (p->t.kind == TOKEN_VAR) {
		key = parser_text(p, &p->t);
		var = parse_var_pattern(p);
		if (!parser_at_op(p, ":")) {
			pattern_add(p, object, key, var, NULL);
			return;
		}
	} else if (parser_at_plain_key(p)) {
		key = parser_plain_key(p);
	} else if (parser_accept(p, "(")) {
		key = parser_pipe(p);
		parser_expect(p, ")");
	} else {
		parser_unexpected(p, "a key or a variable");
	}
	parser_expect(p, ":");
	pattern_add(p, object, key, var, parse_pattern(p));
}

static struct pattern *
parse_array_pattern(struct parser *p)
{
	struct pattern *t = new_pattern(p, PATTERN_ARRAY);

	parser_expect(p, "[");
	do
		pattern_add(p, t, NULL, NULL, parse_pattern(p));
	while (parser_accept(p, ","));
	parser_expect(p, "]");
	return t;
}

static struct pattern *
parse_object_pattern(struct parser *p)
{
	struct pattern *t = new_pattern(p, PATTERN_OBJECT);

	parser_expect(p, "{");
	do
		parse_member_pattern(p, t);
	while (parser_accept(p, ","));
	parser_expect(p, "}");
	return t;
}

static struct pattern *
parse_pattern(struct parser *p)
{
	struct pattern *t;

	parser_enter(p);
	if (p->t.kind == TOKEN_VAR)
		t = parse_var_pattern(p);
	else if (parser_at_op(p, "["))
		t = parse_array_pattern(p);
	else if (parser_at_op(p, "{"))
		t = parse_object_pattern(p);
	else
		parser_unexpected(p, "a $variable, [ or {");
	parser_leave(p);
	return t;
}

void
parser_patterns(struct parser *p, struct node *n)
{
	parser_expect(p, "as");
	do {
		struct pattern *t = parse_pattern(p);

		n->patterns = parser_list_add(p->source->arena, n->patterns,
		    n->patterns_n, &t, sizeof(t));
		n->patterns_n++;
	} while (parser_accept(p, "?//"));
}
