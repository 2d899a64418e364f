#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "lang/compile/message.h"
#include "lang/compile/passes.h"
#include "lang/syntax/parser.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

extern char **environ;

enum { PROGRAM_MEMORY = 256 * 1024 * 1024 };

const char *
compile_show(struct compile *c, struct value v)
{
	struct arena *a = c->source.arena;
	struct arena_deferred *release;
	struct buf *b = buf_new(a, &release);
	char *text;

	value_write(b, v);
	if (buf_failed(b))
		arena_exceed(a);
	text = arena_copy(a, b->p, b->len);
	arena_end(a, release);
	return message_cut(text, strlen(text));
}

struct value
compile_environment(struct compile *c)
{
	struct value o = object_new(c->source.arena, 64);

	for (char **e = environ; *e != NULL; e++) {
		const char *eq = strchr(*e, '=');
		struct value key;

		if (eq == NULL)
			continue;
		key = string_repair(c->source.arena, *e, (size_t)(eq - *e));
		o = object_set(c->source.arena, o, key,
		    string_repair(c->source.arena, eq + 1, strlen(eq + 1)));
	}
	return value_freeze(c->source.arena, o);
}

struct value
compile_arguments(struct compile *c)
{
	struct arena *a = c->source.arena;
	struct value o = object_new(a, 2), v = c->given->positional;

	if (v.kind == VALUE_NULL)
		v = array_new(a, 0);
	o = object_set(a, o, value_cstring("positional"), value_share(v));
	v = c->given->named;
	if (v.kind == VALUE_NULL)
		v = object_new(a, 0);
	o = object_set(a, o, value_cstring("named"), value_share(v));
	return value_freeze(a, o);
}

static void
take_bindings(struct program *p, const struct program_source *s)
{
	p->bound_n = s->bindings_n;
	p->bound = arena_array(&p->arena, s->bindings_n, sizeof(*p->bound));
	for (size_t i = 0; i < s->bindings_n; i++)
		p->bound[i] = value_freeze(&p->arena, s->bindings[i].value);
}

static void
compile(struct program *p, struct compile *c)
{
	size_t bad = utf8_check(c->source.text, c->source.len);

	if (c->source.len > UINT32_MAX / 2)
		program_text_fail(&c->source, 0, "the program is too long");
	if (bad < c->source.len)
		program_text_fail(&c->source, (uint32_t)bad, "not valid UTF-8");
	/* The text must last as long as the names that point into it. */
	c->source.text =
	    arena_copy(c->source.arena, c->source.text, c->source.len);
	take_bindings(p, c->given);
	p->text = c->source.text;
	p->file = c->given->file != NULL ? c->given->file : "program";
	p->root = parser_program(&c->source);
	resolve_program(c, p->root);
	p->regexes = c->regexes;
}

/* 0, or why compiling ended early. */
static int
try_compile(struct program *p, struct compile *c)
{
	jmp_buf overflow;
	int how = setjmp(overflow);

	if (how != 0)
		return how;
	p->arena.overflow = &overflow;
	compile(p, c);
	p->arena.overflow = NULL;
	return 0;
}

struct program *
compile_program(const struct program_source *source,
    const struct library *library, struct program_error *error)
{
	struct program *p = calloc(1, sizeof(*p));
	struct compile c = {
	    {.text = source->text, .len = source->len, .error = error},
	    .given = source, .library = library};
	int how = SOURCE_NO_MEMORY;

	*error = (struct program_error){.line = 1, .column = 1};
	if (p != NULL) {
		arena_init(&p->arena, PROGRAM_MEMORY);
		c.source.arena = &p->arena;
		how = try_compile(p, &c);
	}
	if (how == 0)
		return p;
	error->starved = p == NULL || p->arena.account.starved;
	if (how == SOURCE_NO_MEMORY)
		snprintf(error->text, sizeof(error->text),
		    "the program needs too much memory");
	program_free(p);
	return NULL;
}

bool
program_gives_several(const struct program *p)
{
	return (p->root->traits & TRAIT_SEVERAL) != 0;
}

void
program_free(struct program *p)
{
	if (p == NULL)
		return;
	arena_release(&p->arena);
	free(p);
}
