#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "history/rule.h"
#include "lang/program.h"
#include "value/object.h"
#include "value/string.h"

enum {
	KEPT = 64,       /* rules, from one event to the next */
	KEPT_MOST = 512, /* that are explained for one event */
	MEMORY = 64 * 1024 * 1024,
	NAMES = 64,  /* variables of one rule */
	PIECES = 16, /* programs in one rule */
};

/* A rule, as what it is known by. */
struct kept {
	const char *op, *text; /* with its length below */
	size_t op_n, text_n;
	struct rule_report report;
	struct explain_report outside;
	bool asked, found; /* outside was asked for, and is there */
};

struct rules {
	struct arena arena;
	jmp_buf overflow;
	bool full;
	struct kept kept[KEPT_MOST];
	size_t n;
	struct program **programs; /* which the reports' sites are parts of */
	size_t programs_n, programs_cap;
};

/* A piece of a rule. */
struct piece {
	const char *p;
	size_t n;
};

/* One that is being explained. */
struct explaining {
	struct rules *rules;
	struct analysis a;
	struct rule_report *report;
};

static const struct rule_report unknown = {.known = false};

struct rules *
rules_new(void)
{
	struct rules *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	arena_init(&r->arena, MEMORY);
	r->arena.overflow = &r->overflow;
	return r;
}

static void
forget(struct rules *r)
{
	for (size_t i = 0; i < r->programs_n; i++)
		program_free(r->programs[i]);
	r->programs_n = r->n = 0;
	r->full = false;
	arena_reset(&r->arena);
}

void
rules_free(struct rules *r)
{
	if (r == NULL)
		return;
	forget(r);
	arena_release(&r->arena);
	free(r->programs);
	free(r);
}

void
rules_begin(struct rules *r)
{
	if (r->full || r->n > KEPT)
		forget(r);
}

/* --- programs --- */

/* Names that are no variables of the command line. */
static bool
is_own(const char *name)
{
	static const char *const OWN[] = {"lineage", "stage", "source", "line",
	    "ENV", "ARGS", "__loc__", "__prog_named"};

	for (size_t i = 0; i < sizeof(OWN) / sizeof(*OWN); i++)
		if (strcmp(name, OWN[i]) == 0)
			return true;
	return false;
}

static bool
is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_';
}

/*
 * A value for whatever looks like a variable: what the text binds itself is
 * another variable of that name.  It is true, which flows into what it is
 * combined with, and is no key.
 */
static size_t
bind_names(
    struct arena *a, struct piece text, struct binding names[static NAMES])
{
	size_t n = 0;

	for (size_t i = 0; i + 1 < text.n && n < NAMES; i++) {
		size_t end = i + 1;
		bool had = false;
		const char *name;

		while (text.p[i] == '$' && end < text.n &&
		    is_name_byte(text.p[end]))
			end++;
		if (end == i + 1)
			continue;
		name = arena_copy(a, text.p + i + 1, end - i - 1);
		for (size_t k = 0; k < n; k++)
			had |= strcmp(names[k].name, name) == 0;
		if (!had && !is_own(name))
			names[n++] = (struct binding){name, value_bool(true)};
		i = end - 1;
	}
	return n;
}

/* Room to keep one more; false where memory is missing. */
static bool
room_for_program(struct rules *r)
{
	size_t cap = r->programs_cap == 0 ? 16 : r->programs_cap * 2;
	struct program **more;

	if (r->programs_n < r->programs_cap)
		return true;
	more = reallocarray(r->programs, cap, sizeof(struct program *));
	if (more == NULL)
		return false;
	r->programs = more;
	r->programs_cap = cap;
	return true;
}

/* Compile a piece, and keep it; NULL where it is no program. */
static struct program *
compile(struct rules *r, struct piece text)
{
	struct binding *names = arena_array(&r->arena, NAMES, sizeof(*names));
	struct program_source source = {
	    .text = text.p,
	    .len = text.n,
	    .bindings = names,
	};
	struct program_error error;
	struct program *p;

	source.bindings_n = bind_names(&r->arena, text, names);
	if (!room_for_program(r))
		return NULL;
	p = program_new(&source, &error);
	if (p != NULL)
		r->programs[r->programs_n++] = p;
	return p;
}

/* --- rules --- */

/* Cut at the first such mark: what is behind it; false where there is none. */
static bool
cut(struct piece *t, const char *mark, struct piece *behind)
{
	size_t n = strlen(mark);
	const char *at = t->n == 0 ? NULL : memmem(t->p, t->n, mark, n);

	if (at == NULL)
		return false;
	*behind = (struct piece){at + n, t->n - (size_t)(at - t->p) - n};
	t->n = (size_t)(at - t->p);
	return true;
}

/* Take it off the start; false where it doesn't stand there. */
static bool
take_start(struct piece *t, const char *start)
{
	size_t n = strlen(start);

	if (t->n < n || memcmp(t->p, start, n) != 0)
		return false;
	t->p += n;
	t->n -= n;
	return true;
}

/* What a piece reads decides; false where it is no program. */
static bool
add_reads(struct explaining *x, struct piece text)
{
	struct program *p = compile(x->rules, text);
	struct explain_report e;

	if (p == NULL)
		return false;
	explain_program(&x->rules->arena, p, true, &e);
	if (e.unknown)
		return false;
	x->report->reads = sites_join(&x->a, x->report->reads, e.reads);
	return true;
}

/* The same of as many as a comma parts outside of brackets and strings. */
static bool
next_part(struct piece *all, struct piece *part)
{
	size_t deep = 0, i = 0;
	bool quoted = false;

	if (all->n == 0)
		return false;
	for (; i < all->n; i++) {
		char c = all->p[i];

		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && strchr("([{", c) != NULL)
			deep++;
		else if (!quoted && strchr(")]}", c) != NULL)
			deep -= deep > 0;
		else if (!quoted && c == ',' && deep == 0)
			break;
	}
	if (i > all->n)
		i = all->n;
	*part = (struct piece){all->p, i};
	all->p += i;
	all->n -= i;
	if (all->n > 0) {
		all->p++;
		all->n--;
	}
	return true;
}

static bool
explain_map(struct explaining *x, const struct view *v, struct piece rule)
{
	struct arena *a = &x->rules->arena;
	struct program *p = compile(x->rules, rule);

	if (p == NULL)
		return false;
	explain_program(a, p, !view_made_event(a, v), &x->report->program);
	x->report->writes = true;
	return !x->report->program.unknown;
}

/* unique BY, rate RATE by BY, sample SHARE by BY; within, of and : follow. */
static bool
explain_memory(struct explaining *x, struct piece rule)
{
	struct piece program = {NULL, 0}, time = {NULL, 0}, within, by;
	bool unique = take_start(&rule, "unique ");

	if (!unique && !take_start(&rule, "rate ") &&
	    !take_start(&rule, "sample "))
		return false;
	cut(&rule, ": ", &program);
	cut(&rule, " of ", &time);
	cut(&rule, " within ", &within);
	if (unique)
		by = rule;
	else if (!cut(&rule, " by ", &by))
		by.n = 0;
	return (by.n == 0 || add_reads(x, by)) &&
	    (time.n == 0 || add_reads(x, time)) &&
	    (program.n == 0 || add_reads(x, program));
}

/* COLUMN == KEY, or COLUMN <= KEY <= COLUMN, and others; or just KEY. */
static bool
explain_key(struct explaining *x, struct piece part)
{
	static const char *const JOINS[] = {
	    " == ", " contains ", " begins ", " <= "};
	struct piece key, to;

	for (size_t i = 0; i < sizeof(JOINS) / sizeof(*JOINS); i++) {
		if (!cut(&part, JOINS[i], &key))
			continue;
		if (i == 3 && !cut(&key, " <= ", &to))
			cut(&key, " < ", &to);
		return add_reads(x, key);
	}
	return add_reads(x, part);
}

/* The table that a row came from, as the rule spells it. */
static bool
table_of(struct arena *a, const struct view *v, struct value *table)
{
	if (!value_is_object(v->of[VIEW_FROM]) ||
	    !object_get(a, v->of[VIEW_FROM], value_cstring("table"), table) ||
	    !value_is_string(*table))
		return false;
	*table = string_decoded(a, *table);
	return true;
}

/* Bytes up to the bracket that ends what n bytes are in; n: none does. */
static size_t
bracket_end(const char *p, size_t n)
{
	size_t deep = 0;
	bool quoted = false;

	for (size_t i = 0; i < n; i++) {
		if (quoted && p[i] == '\\')
			i++;
		else if (p[i] == '"')
			quoted = !quoted;
		else if (!quoted && p[i] == '[')
			deep++;
		else if (!quoted && p[i] == ']' && deep-- == 0)
			return i;
	}
	return n;
}

/* What sets a join's place, to know which it is: PLACE = 1. */
static void
explain_place(struct explaining *x, struct piece start)
{
	struct arena *a = &x->rules->arena;
	bool each = memmem(start.p, start.n, " |= (", 5) != NULL;
	struct program *p;
	char *text;
	size_t n;

	if (start.n > 0 && start.p[start.n - 1] == '[') /* of --all */
		start.n--;
	text = arena_alloc(a, start.n + 4);
	memcpy(text, start.p, start.n);
	memcpy(text + start.n, "1\n)", 3);
	n = start.n + (each ? 3 : 1);
	p = compile(x->rules, (struct piece){text, n});
	if (p != NULL)
		explain_program(a, p, true, &x->report->program);
}

/* path(EACH), which gives where the elements are. */
static void
keep_elements(struct explaining *x, struct piece each)
{
	char *text = arena_alloc(&x->rules->arena, each.n + 8);
	struct piece program = {text, each.n + 7};

	memcpy(text, "path(", 5);
	memcpy(text + 5, each.p, each.n);
	memcpy(text + 5 + each.n, "\n)", 2);
	x->report->elements = compile(x->rules, program);
}

/* TABLE[COLUMN == KEY, ...]: up to the table, and what is in the bracket. */
static bool
find_keys(
    struct arena *a, struct value table, struct piece *rule, struct piece *keys)
{
	char *start = arena_alloc(a, (size_t)table.n + 2);
	size_t n;

	memcpy(start, table.text, table.n);
	memcpy(start + table.n, "[", 2);
	if (!cut(rule, start, keys))
		return false;
	n = bracket_end(keys->p, keys->n);
	if (n == keys->n)
		return false;
	keys->n = n;
	return true;
}

/* $(REQUEST | COMMAND): up to it, and the request, which is a program. */
static bool
find_request(struct arena *a, struct value command, struct piece *rule,
    struct piece *request)
{
	char *end = arena_alloc(a, (size_t)command.n + 5);
	struct piece behind;

	memcpy(end, " | ", 3);
	memcpy(end + 3, command.text, command.n);
	memcpy(end + 3 + command.n, ")", 2);
	return cut(rule, "$(", request) && cut(request, end, &behind);
}

/*
 * EACH |= (PLACE = ROW), where ROW is found by keys, or asked for.  What is
 * read of an element is read of any of them.
 */
static bool
explain_join(struct explaining *x, const struct view *v, struct piece rule)
{
	struct arena *a = &x->rules->arena;
	struct piece keys, start = rule, part;
	struct value table;
	bool asks = false;

	if (!table_of(a, v, &table))
		return false;
	if (!find_keys(a, table, &start, &keys)) {
		start = rule;
		asks = find_request(a, table, &start, &keys);
		if (!asks)
			return false;
	}
	explain_place(x, start);
	if (cut(&start, " |= (", &part)) {
		keep_elements(x, start);
		return add_reads(x, start);
	}
	if (asks)
		return add_reads(x, keys);
	while (next_part(&keys, &part))
		if (!explain_key(x, part))
			return false;
	return true;
}

/* PLACE = fold by BY, BY in WINDOW of TIME: PROGRAM */
static bool
explain_fold(struct explaining *x, struct piece rule)
{
	struct piece behind, program, by, part;

	if (take_start(&rule, "fold"))
		behind = rule;
	else if (!cut(&rule, " = fold", &behind))
		return false;
	if (!cut(&behind, ": ", &program))
		return false;
	by = behind;
	cut(&by, " of ", &part);
	cut(&by, " in ", &part);
	if (take_start(&by, " by "))
		while (next_part(&by, &part))
			if (!add_reads(x, part))
				return false;
	return true;
}

static bool
explain_rule(struct explaining *x, const struct view *v, struct piece rule)
{
	struct arena *a = &x->rules->arena;

	if (view_says(a, v, VIEW_OP, "map"))
		return explain_map(x, v, rule);
	if (view_says(a, v, VIEW_OP, "filter"))
		return explain_memory(x, rule) || add_reads(x, rule);
	if (view_says(a, v, VIEW_OP, "enrich"))
		return explain_join(x, v, rule);
	if (view_says(a, v, VIEW_OP, "fold"))
		return explain_fold(x, rule);
	return false;
}

/* Explain one that isn't kept. */
static void
explain(struct rules *r, const struct view *v, struct kept *k)
{
	jmp_buf spent;
	struct explaining x = {r, {&r->arena, 2000000, &spent}, &k->report};
	struct piece rule = {k->text, k->text_n};

	if (setjmp(spent) == 0)
		k->report.known = explain_rule(&x, v, rule);
	else
		k->report.known = false;
}

static bool
is_kept(const struct kept *k, struct value op, struct value rule)
{
	return k->op_n == op.n && k->text_n == rule.n &&
	    memcmp(k->op, op.text, op.n) == 0 &&
	    memcmp(k->text, rule.text, rule.n) == 0;
}

/* What is kept of a record's rule; NULL: nothing can be. */
static struct kept *
keep(struct rules *r, struct arena *a, const struct view *v)
{
	struct value op, rule;
	struct kept *k;

	if (!view_text(a, v, VIEW_OP, &op) ||
	    !view_text(a, v, VIEW_RULE, &rule))
		return NULL;
	for (size_t i = 0; i < r->n; i++)
		if (is_kept(&r->kept[i], op, rule))
			return &r->kept[i];
	if (r->full || r->n == KEPT_MOST)
		return NULL;
	if (setjmp(r->overflow) != 0) {
		r->full = true;
		return NULL;
	}
	k = &r->kept[r->n];
	*k = (struct kept){.op_n = op.n, .text_n = rule.n};
	k->op = arena_copy(&r->arena, op.text, op.n);
	k->text = arena_copy(&r->arena, rule.text, rule.n);
	explain(r, v, k);
	r->n++;
	return k;
}

const struct rule_report *
rules_explain(struct rules *r, struct arena *a, const struct view *v)
{
	const struct kept *k = keep(r, a, v);

	return k == NULL ? &unknown : &k->report;
}

/* --- what comes from outside --- */

/* Explain the rule anew, with other meanings of what looks outside. */
static bool
explain_outside(struct rules *r, struct kept *k)
{
	static const char START[] = "$source as $ENV | def now: $lineage; "
				    "def env: $source; "
				    "def localtime: $source; "
				    "def strflocaltime(f): $source; "
				    "def input_line_number: $source; "
				    "def input_filename: $source; ";
	size_t n = sizeof(START) - 1;
	char *text = arena_alloc(&r->arena, n + k->text_n);
	struct program *p;

	memcpy(text, START, n);
	memcpy(text + n, k->text, k->text_n);
	p = compile(r, (struct piece){text, n + k->text_n});
	if (p == NULL)
		return false;
	explain_program(&r->arena, p, true, &k->outside);
	return !k->outside.unknown;
}

const struct explain_report *
rules_ambient(struct rules *r, struct arena *a, const struct view *v)
{
	struct kept *k = view_says(a, v, VIEW_OP, "map") ? keep(r, a, v) : NULL;

	if (k == NULL)
		return NULL;
	if (!k->asked) {
		k->asked = true;
		if (setjmp(r->overflow) == 0)
			k->found = explain_outside(r, k);
		else
			r->full = true;
	}
	return k->found ? &k->outside : NULL;
}
