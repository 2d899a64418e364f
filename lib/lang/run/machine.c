#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/utf8.h"
#include "lang/compile/message.h"
#include "lang/run/error_hints.h"
#include "lang/run/eval.h"
#include "value/string.h"

enum {
	STACK = 8 << 20,           /* where the thread doesn't say */
	STACK_MOST = 1 << 30,      /* more isn't to be relied on */
	STACK_RESERVE = 256 * 1024 /* for what runs below the evaluator */
};

struct machine *
machine_new(const struct program *p)
{
	struct machine *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	m->program = p;
	m->bound = p->bound;
	m->regexes = regex_cache_new(p->regexes);
	if (m->regexes == NULL) {
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
	regex_cache_free(m->regexes);
	free(m->own_bound);
	buf_release(&m->message);
	free(m);
}

bool
machine_bind(struct machine *m, size_t i, struct value v)
{
	size_t n = m->program->bound_n;

	if (m->own_bound == NULL) {
		m->own_bound = calloc(n, sizeof(*m->own_bound));
		if (m->own_bound == NULL)
			return false;
		memcpy(m->own_bound, m->bound, n * sizeof(*m->own_bound));
		m->bound = m->own_bound;
	}
	m->own_bound[i] = value_share(v);
	return true;
}

bool
machine_fail(struct machine *m, const char *format, ...)
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
	return machine_raise(m, string_repair(m->arena, text, (size_t)n));
}

/* A NUL, which would end the text, is put as it is spelled in JSON. */
static void
put_without_nul(struct buf *b, struct value s)
{
	const char *p = s.text, *end = p + s.n;

	for (;;) {
		size_t n = strnlen(p, (size_t)(end - p));

		buf_put(b, p, n);
		p += n;
		if (p == end)
			return;
		buf_puts(b, "\\u0000");
		p++;
	}
}

const char *
machine_text(struct machine *m, struct value s)
{
	s = string_decoded(m->arena, s);
	buf_clear(&m->message);
	put_without_nul(&m->message, s);
	if (buf_failed(&m->message)) {
		buf_release(&m->message);
		return "...";
	}
	return arena_copy(m->arena, m->message.p, m->message.len);
}

const char *
machine_show(struct machine *m, struct value v)
{
	struct value json = machine_json(m, v);

	return message_cut((char *)(uintptr_t)json.text, json.n);
}

const char *
machine_error(const struct machine *m)
{
	return m->message.p;
}

/* " (at program:1:9)": what raised the error, if it is known. */
static void
put_position(struct machine *m)
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
	buf_charge(&m->message, &m->arena->account);
	if (value_is_string(e)) {
		put_without_nul(&m->message, e);
	} else {
		value_write(&m->message, e);
		buf_puts(&m->message, " (not a string)");
	}
	put_position(m);
	error_hints_put(&m->message, m->raised, m->program->text);
	buf_putc(&m->message, '\0');
	if (!buf_fits(&m->message)) {
		buf_release(&m->message);
		arena_exceed(m->arena);
	}
	buf_settle(&m->message);
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

/* Bytes of stack that the thread has; deeper programs fail for an event. */
static void
set_stack(struct machine *m, size_t bytes)
{
	m->stack = (const char *)__builtin_frame_address(0) - bytes +
	    bytes / 8 + STACK_RESERVE;
}

/* The first thread's stack grows up to the limit; others know their own. */
static size_t
thread_stack(void)
{
	struct rlimit limit;
	pthread_attr_t attr;
	size_t size = 0;

	if (gettid() == getpid()) {
		if (getrlimit(RLIMIT_STACK, &limit) == 0)
			size = limit.rlim_cur;
	} else if (pthread_getattr_np(pthread_self(), &attr) == 0) {
		(void)pthread_attr_getstacksize(&attr, &size);
		pthread_attr_destroy(&attr);
	}
	return size > 0 && size < STACK_MOST ? size : STACK;
}

static void
begin(struct machine *m, struct arena *a, const struct program_context *c)
{
	m->arena = a;
	m->context = c;
	m->state = MACHINE_RUNNING;
	m->labels = 0;
	m->run++;
	if (m->stack == NULL)
		set_stack(m, thread_stack());
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

struct only {
	struct value *v;
	unsigned *n;
};

static bool
take_only(void *arg, struct value v)
{
	struct only *only = arg;

	if (++*only->n > 1)
		return false;
	*only->v = v;
	return true;
}

enum program_status
machine_only(struct machine *m, struct arena *a, struct value in,
    const struct program_context *context, struct value *v, unsigned *n)
{
	const struct node *root = m->program->root;
	struct only only = {v, n};

	*n = 0;
	if (!(root->traits & TRAIT_SINGLE))
		return machine_run(m, a, in, context, take_only, &only);
	begin(m, a, context);
	if (!eval_single(m, root, NULL, value_share(in), v)) {
		keep_error(m);
		return PROGRAM_FAILED;
	}
	*n = 1;
	return PROGRAM_DONE;
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
