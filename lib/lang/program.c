#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/utf8.h"
#include "lang/compile/hints.h"
#include "lang/run/eval.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

extern char **environ;

enum {
	PROGRAM_MEMORY = 256 * 1024 * 1024,
	STACK_RESERVE = 256 * 1024, /* for what runs below the evaluator */
	SHOWN = 29, /* bytes of a value in a message, as in jq */
};

void
compile_fail(struct compile *c, uint32_t at, const char *format, ...)
{
	struct program_error *e = c->error;
	va_list args;

	e->offset = at;
	e->line = e->column = 1;
	for (uint32_t i = 0; i < at && i < c->len; i++) {
		if (c->text[i] == '\n') {
			e->line++;
			e->column = 1;
		} else if ((c->text[i] & 0xC0) != 0x80) {
			e->column++;
		}
	}
	va_start(args, format);
	vsnprintf(e->text, sizeof(e->text), format, args);
	va_end(args);
	longjmp(*c->arena->overflow, COMPILE_FAILED);
}

struct node *
compile_node(struct compile *c, enum op op, uint32_t at)
{
	struct node *n = arena_alloc(c->arena, sizeof(*n));

	memset(n, 0, sizeof(*n));
	n->op = (uint8_t)op;
	n->at = c->prelude ? NODE_NOWHERE : at;
	return n;
}

/* JSON text, cut to what a message can hold, as jq cuts it. */
static const char *
cut(char *text, size_t n)
{
	char open = text[0];
	char close = open == '"' ? '"'
	    : open == '['        ? ']'
	    : open == '{'        ? '}'
				 : '\0';
	size_t end = SHOWN - 3 - (close != '\0');

	if (n <= SHOWN)
		return text;
	while (end > 0 && ((unsigned char)text[end] & 0xC0) == 0x80)
		end--;
	memcpy(text + end, "...", 3);
	text[end + 3] = close;
	text[end + 4] = '\0';
	return text;
}

const char *
compile_show(struct compile *c, struct value v)
{
	struct buf b = {0};
	char *text;

	value_write(&b, v);
	if (buf_failed(&b))
		return "...";
	text = arena_copy(c->arena, b.p, b.len);
	buf_release(&b);
	return cut(text, strlen(text));
}

/* Opened and indexed, so that no thread changes it later. */
static struct value
read_only(struct arena *a, struct value v)
{
	struct value at;

	if (value_is_object(v)) {
		v = object_open(a, v);
		object_length(a, v);
		object_get(a, v, value_text("", 0), &at);
	} else if (value_is_array(v)) {
		v = array_open(a, v);
	}
	return value_share(v);
}

struct value
program_environment(struct compile *c)
{
	struct value o = object_new(c->arena, 64);

	for (char **e = environ; *e != NULL; e++) {
		const char *eq = strchr(*e, '=');
		struct value key;

		if (eq == NULL)
			continue;
		key = string_repair(c->arena, *e, (size_t)(eq - *e));
		o = object_set(c->arena, o, key,
		    string_repair(c->arena, eq + 1, strlen(eq + 1)));
	}
	return read_only(c->arena, o);
}

struct value
program_arguments(struct compile *c)
{
	struct value o = object_new(c->arena, 2);

	o = object_set(c->arena, o, value_cstring("positional"),
	    c->source->positional.kind == VALUE_NULL
		? array_new(c->arena, 0)
		: read_only(c->arena, c->source->positional));
	o = object_set(c->arena, o, value_cstring("named"),
	    c->source->named.kind == VALUE_NULL
		? object_new(c->arena, 0)
		: read_only(c->arena, c->source->named));
	return value_share(o);
}

static void
take_bindings(struct program *p, const struct program_source *s)
{
	p->bound_n = s->bindings_n;
	p->bound = arena_array(&p->arena, s->bindings_n, sizeof(*p->bound));
	for (size_t i = 0; i < s->bindings_n; i++)
		p->bound[i] = read_only(&p->arena, s->bindings[i].value);
}

static void
compile(struct program *p, struct compile *c)
{
	size_t bad = utf8_check(c->text, c->len);

	if (c->len > UINT32_MAX / 2)
		compile_fail(c, 0, "the program is too long");
	if (bad < c->len)
		compile_fail(c, (uint32_t)bad, "not valid UTF-8");
	/* The text must last as long as the names that point into it. */
	c->text = arena_copy(c->arena, c->text, c->len);
	take_bindings(p, c->source);
	p->text = c->text;
	p->file = c->source->file != NULL ? c->source->file : "program";
	p->root = parse_program(c);
	resolve_program(c, p->root);
	if (c->source->predicate)
		hints_predicate(c, p->root);
	p->matches = c->matches;
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
program_new(const struct program_source *source, struct program_error *error)
{
	struct program *p = calloc(1, sizeof(*p));
	struct compile c = {.text = source->text,
	    .len = source->len,
	    .source = source,
	    .error = error};
	int how = COMPILE_NO_MEMORY;

	*error = (struct program_error){.line = 1, .column = 1};
	if (p != NULL) {
		arena_init(&p->arena, PROGRAM_MEMORY);
		c.arena = &p->arena;
		how = try_compile(p, &c);
	}
	if (how == 0)
		return p;
	if (how == COMPILE_NO_MEMORY)
		snprintf(error->text, sizeof(error->text),
		    "the program needs too much memory");
	program_free(p);
	return NULL;
}

void
program_free(struct program *p)
{
	if (p == NULL)
		return;
	arena_release(&p->arena);
	free(p);
}

/* --- machines --- */

struct machine *
machine_new(const struct program *p)
{
	struct machine *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	m->program = p;
	m->bound = p->bound;
	m->patterns = patterns_new(p->matches);
	if (m->patterns == NULL) {
		free(m);
		return NULL;
	}
	return m;
}

void
machine_free(struct machine *m)
{
	if (m == NULL)
		return;
	patterns_free(m->patterns);
	buf_release(&m->message);
	free(m);
}

bool
fail(struct machine *m, const char *format, ...)
{
	va_list args;
	char *text;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	text = arena_alloc(m->arena, (size_t)n + 1);
	va_start(args, format);
	vsnprintf(text, (size_t)n + 1, format, args);
	va_end(args);
	return raise_error(m, string_repair(m->arena, text, (size_t)n));
}

const char *
machine_show(struct machine *m, struct value v)
{
	struct value json = machine_json(m, v);

	return cut((char *)(uintptr_t)json.text, json.n);
}

const char *
machine_error(const struct machine *m)
{
	return m->message.p;
}

/* " (at program:1:9)": what raised the error, if it is known. */
static void
put_place(struct machine *m)
{
	const char *text = m->program->text;
	const struct node *n = m->raised;
	size_t line = 1, start = 0;

	if (n == NULL || n->at == NODE_NOWHERE || n->op == OP_ERROR)
		return;
	for (size_t i = 0; i < n->at; i++) {
		if (text[i] == '\n') {
			line++;
			start = i + 1;
		}
	}
	buf_printf(&m->message, " (at %s:%zu:%zu)", m->program->file, line,
	    utf8_count(text + start, n->at - start) + 1);
}

/* The error as text that lasts until the next run. */
static void
keep_error(struct machine *m)
{
	struct value e = m->error;

	if (value_is_string(e))
		e = string_decoded(m->arena, e);
	buf_clear(&m->message);
	if (value_is_string(e)) {
		buf_put(&m->message, e.text, e.n);
	} else {
		value_write(&m->message, e);
		buf_puts(&m->message, " (not a string)");
	}
	put_place(m);
	buf_putc(&m->message, '\0');
	if (!buf_failed(&m->message))
		return;
	buf_release(&m->message);
	buf_puts(&m->message, "no memory");
	buf_putc(&m->message, '\0');
}

struct receiver {
	struct sink sink;
	struct machine *m;
	program_output *output;
	void *arg;
};

static bool
take_output(struct sink *k, struct value v, struct path *path)
{
	struct receiver *r = (struct receiver *)k;

	(void)path;
	if (r->output(r->arg, value_share(v)))
		return true;
	r->m->state = MACHINE_STOPPED;
	return false;
}

static void
begin(struct machine *m, struct arena *a, const struct program_context *c)
{
	struct rlimit limit;
	size_t size = 8 * 1024 * 1024;

	m->arena = a;
	m->context = c;
	m->state = MACHINE_RUNNING;
	m->labels = 0;
	if (m->stack != NULL)
		return;
	if (getrlimit(RLIMIT_STACK, &limit) == 0 &&
	    limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < (1u << 30))
		size = limit.rlim_cur;
	m->stack = (const char *)__builtin_frame_address(0) - size + size / 8 +
	    STACK_RESERVE;
}

enum program_status
machine_run(struct machine *m, struct arena *a, struct value in,
    const struct program_context *context, program_output *output, void *arg)
{
	struct receiver r = {{take_output}, m, output, arg};

	begin(m, a, context);
	if (eval(m, m->program->root, NULL, value_share(in), NULL, &r.sink))
		return PROGRAM_DONE;
	if (m->state == MACHINE_STOPPED)
		return PROGRAM_STOPPED;
	keep_error(m);
	return PROGRAM_FAILED;
}

static bool
take_truth(void *arg, struct value v)
{
	bool *yes = arg;

	*yes = value_is_true(v);
	return !*yes;
}

enum truth
machine_test(struct machine *m, struct arena *a, struct value in,
    const struct program_context *context)
{
	const struct node *root = m->program->root;
	bool yes = false;
	struct value v;

	if (!(root->traits & TRAIT_SINGLE)) {
		if (machine_run(m, a, in, context, take_truth, &yes) ==
		    PROGRAM_FAILED)
			return TRUTH_FAILED;
		return yes ? TRUTH_YES : TRUTH_NO;
	}
	begin(m, a, context);
	if (eval_single(m, root, NULL, value_share(in), &v))
		return value_is_true(v) ? TRUTH_YES : TRUTH_NO;
	keep_error(m);
	return TRUTH_FAILED;
}
