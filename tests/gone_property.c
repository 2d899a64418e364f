/*
 * gone_property - random events through random pipelines, of which the stages
 * from one on see a random policy: is what it masks and forgets gone behind
 * each of them, is no mask masked once more, and does rewind name the paths?
 *
 *     gone_property KEYFILE SEED COUNT
 *
 * Every string of an event is told apart from all others.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history/forgotten.h"
#include "history/rewind.h"
#include "history/rule.h"
#include "history/verify.h"
#include "lang/program.h"
#include "trust/breach.h"
#include "trust/forget.h"
#include "trust/mask.h"
#include "trust/policy_verify.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

enum { STAGES = 5, STRINGS = 400, MASKS = 200 };

static const char *const PROGRAMS[] = {".", ".b = .a", "del(.a)",
    ".a |= {x: .}", "{a: .b, b: .a, c}", ".c = [.a, .b]", "del(.c[0]?)",
    ".b = .a | .a = \"n\"", ".e = (.a | tostring) + \"-suffix\"",
    ".d = .a | del(.a)", ".a = .d | del(.d)", "{in: .}", ".in // .", ".a = [.]",
    ".c |= [.]", ".b = {y: .b, z: .a}", ".a = 1 | .b = null",
    "del(.b) | .d = .a", ".a as $x | .a = .b | .b = $x", "map_values(.)",
    ".b.x = .a | del(.a)", ".a = \"canary-1398-\"", ".c += [\"canary-1399-\"]?",
    "{c, d}", ".c = (.c | if type == \"array\" then reverse else . end)"};
static const char *const PATHS[] = {".a", ".b", ".c", ".d", ".a.x", ".c[]",
    ".c[0]", ".[]", ".b.y", ".in.a", ".in", ".e", ".b.x", ".c[].x"};

struct test {
	uint64_t random;
	struct arena arena;
	jmp_buf overflow;
	struct lineage lineage, forgetting;
	struct mask_key key;
	struct rules *rules;
	struct forget *forget;
	struct policy policy;
	struct buf text;
	size_t strings;
	const char *programs[STAGES];
	size_t first; /* stage that sees the policy */
	struct value masks[MASKS];
	size_t masks_n;
};

/* What the policy has to be gone, by number. */
struct gone {
	bool v[STRINGS];
};

/* splitmix64 */
static size_t
below(struct test *t, size_t n)
{
	uint64_t z = t->random += 0x9E3779B97F4A7C15;

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
	z = (z ^ z >> 27) * 0x94D049BB133111EB;
	return (size_t)((z ^ z >> 31) % n);
}

#define PICK(t, from) from[below(t, sizeof(from) / sizeof(*(from)))]

static void
put_value(struct test *t, struct buf *b, size_t depth)
{
	static const char *const KEYS[] = {"a", "x", "y", "b"};
	size_t n = below(t, 4), kind = below(t, 6);

	if (kind > 1 || depth == 3) {
		buf_printf(b, "\"can%sry-%zu-\"", kind == 2 ? "\\u0061" : "a",
		    1000 + t->strings++);
		return;
	}
	buf_putc(b, kind == 0 ? '{' : '[');
	for (size_t i = 0; i < n; i++) {
		buf_puts(b, i > 0 ? ", " : "");
		if (kind == 0)
			buf_printf(b, "\"%s\":", KEYS[i]);
		put_value(t, b, depth + 1);
	}
	buf_putc(b, kind == 0 ? '}' : ']');
}

static void
put_event(struct test *t, struct buf *b)
{
	static const char *const KEYS[] = {"a", "b", "c", "d", "e"};
	bool first = true;

	buf_putc(b, '{');
	for (size_t i = 0; i < 5; i++) {
		if (below(t, 5) == 0)
			continue;
		buf_printf(b, "%s\"%s\":", first ? "" : ",", KEYS[i]);
		first = false;
		put_value(t, b, 0);
	}
	buf_puts(b, "}\n");
}

static bool
fail(struct test *t, const char *what, const struct buf *was)
{
	printf("not ok: %s\n  stages", what);
	for (size_t i = 0; i < STAGES; i++)
		printf(" '%s'", t->programs[i] == NULL ? "-" : t->programs[i]);
	printf("\n  policy from %zu on: mask", t->first);
	for (size_t i = 0; i < t->policy.mask.n; i++)
		printf(" %s", t->policy.mask.v[i].text);
	printf(", forget");
	for (size_t i = 0; i < t->policy.forget.n; i++)
		printf(" %s", t->policy.forget.v[i].text);
	printf("\n  was %.*s  now %.*s", (int)was->len, was->p,
	    (int)t->text.len, t->text.p);
	return false;
}

static struct value
read_event(struct test *t, const struct buf *b, struct value *history,
    struct line *line)
{
	struct scan_error error;
	struct value v;

	if (!value_parse(&t->arena, b->p, b->len - 1, &v, &error) ||
	    lineage_find(&t->lineage, &t->arena, (struct doc *)(uintptr_t)v.doc,
		v.n, history) != NULL) {
		printf("not ok: not an event: %.*s", (int)b->len, b->p);
		exit(1);
	}
	*line =
	    (struct line){.text = v.doc->text, .len = b->len - 1, .root = v.n};
	return v;
}

static const char *const AT = "2026-11-22T14:39:44.123456Z";

/* One stage's program; where it gives no event, the stage isn't there. */
static bool
run(struct test *t, const char *text)
{
	struct program_source source = {.text = text, .len = strlen(text)};
	struct program_context context = {.lineage = VALUE_OF(VALUE_NULL)};
	struct program_error error;
	struct program *p = program_new(&source, &error);
	struct machine *m = p == NULL ? NULL : machine_new(p);
	struct record record = {.id = NULL};
	struct value root, history, v;
	struct buf out = {0};
	struct line line;
	unsigned n = 0;
	bool good;

	if (m == NULL) {
		printf("not ok: %s: %s\n", text, error.text);
		exit(1);
	}
	root = read_event(t, &t->text, &history, &line);
	context.lineage = history;
	good = machine_only(m, &t->arena, root, &context, &v, &n) ==
		PROGRAM_DONE &&
	    n == 1 && value_is_object(v);
	if (good) {
		lineage_write(&out, &t->arena, &t->lineage, &line, root, v,
		    history, &record, AT);
		buf_clear(&t->text);
		buf_put(&t->text, out.p, out.len);
	}
	buf_release(&out);
	machine_free(m);
	program_free(p);
	return good;
}

/* --- what is to be gone --- */

typedef void each(struct test *t, struct value v, void *arg);

/* Each string in a value; keys too where that is asked. */
static void
strings(struct test *t, struct value v, bool keys, each *f, void *arg)
{
	struct member *m;
	uint32_t i = 0;

	if (value_is_array(v)) {
		v = array_open(&t->arena, v);
		for (size_t n = 0; n < array_length(v); n++)
			strings(t, array_at(v, n), keys, f, arg);
	} else if (value_is_object(v)) {
		v = object_open(&t->arena, v);
		while ((m = object_next(&t->arena, v, &i)) != NULL) {
			if (keys)
				f(t, m->key, arg);
			strings(t, value_take(&m->value), keys, f, arg);
		}
	} else if (value_is_string(v)) {
		f(t, v, arg);
	}
}

/* A string that is one of the event's own. */
static void
note_number(struct test *t, struct value v, void *arg)
{
	struct gone *g = arg;
	size_t n = 0;

	v = string_decoded(&t->arena, v);
	if (v.n != 12 || memcmp(v.text, "canary-", 7) != 0)
		return;
	for (uint32_t i = 7; i < 11; i++)
		n = n * 10 + (size_t)(v.text[i] - '0');
	if (n >= 1000 && n < 1000 + STRINGS)
		g->v[n - 1000] = true;
}

/* What stands at a path. */
static void
at_path(struct test *t, struct value v, const struct touch_path *p, uint32_t i,
    each *f, void *arg)
{
	struct member *m;
	struct value x;
	uint32_t k = 0;

	if (i == p->n) {
		strings(t, v, false, f, arg);
	} else if (value_is_array(v)) {
		v = array_open(&t->arena, v);
		for (size_t n = 0; n < array_length(v); n++)
			if (p->keys[i].kind == VALUE_NULL ||
			    (p->keys[i].kind == VALUE_INT &&
				p->keys[i].i == (int64_t)n))
				at_path(t, array_at(v, n), p, i + 1, f, arg);
	} else if (value_is_object(v) && p->keys[i].kind == VALUE_STRING) {
		if (object_get(&t->arena, v, p->keys[i], &x))
			at_path(t, x, p, i + 1, f, arg);
	} else if (value_is_object(v) && p->keys[i].kind == VALUE_NULL) {
		v = object_open(&t->arena, v);
		while ((m = object_next(&t->arena, v, &k)) != NULL)
			at_path(t, value_take(&m->value), p, i + 1, f, arg);
	}
}

static void
at_paths(struct test *t, struct value v, each *f, void *arg)
{
	const struct policy *p = &t->policy;

	for (size_t i = 0; i < p->mask.n; i++)
		at_path(t, v, &p->mask.v[i].path, 0, f, arg);
	for (size_t i = 0; i < p->forget.n; i++)
		at_path(t, v, &p->forget.v[i].path, 0, f, arg);
}

/* --- masks --- */

/* Note the mask of what is a mask: none of these may ever come. */
static void
note_mask(struct test *t, struct value v, void *arg)
{
	struct buf b = {0};
	const char *text;

	(void)arg;
	if (!mask_is(&t->arena, v) || t->masks_n == MASKS)
		return;
	mask_write(&b, &t->arena, &t->key, v);
	text = arena_copy(&t->arena, b.p + 1, b.len - 2);
	t->masks[t->masks_n++] = value_text(text, b.len - 2);
	buf_release(&b);
}

static void
find_mask(struct test *t, struct value v, void *arg)
{
	bool *found = arg;

	for (size_t i = 0; i < t->masks_n; i++)
		*found |= string_equal(&t->arena, v, t->masks[i]);
}

/* --- a stage that sees the policy --- */

/* Nothing of what is gone is in the history, but in keys the event has. */
static bool
is_gone(struct test *t, struct value event, struct value history,
    const struct gone *g)
{
	struct gone keys = {.v = {false}};
	struct buf b = {0};
	bool good = true;

	strings(t, event, true, note_number, &keys);
	value_write(&b, history);
	for (size_t i = 0; i < STRINGS && good; i++) {
		char text[2][40];

		snprintf(text[0], sizeof(text[0]), "canary-%zu-", i + 1000);
		snprintf(
		    text[1], sizeof(text[1]), "can\\u0061ry-%zu-", i + 1000);
		for (size_t k = 0; k < 2; k++)
			good &= !g->v[i] || keys.v[i] ||
			    memmem(b.p, b.len, text[k], strlen(text[k])) ==
				NULL;
	}
	buf_release(&b);
	return good;
}

/* What stood at the policy's paths in any state. */
static void
note_states(struct test *t, struct value event, struct value history,
    struct gone *g, struct gone *first)
{
	struct rewind_error error;
	size_t n;
	struct view *v = view_history(&t->arena, history, &n);

	for (size_t k = 0; k <= n; k++) {
		struct value was = event;

		if (!rewind_records(&t->arena, v, k, n, &was, &error))
			continue;
		at_paths(t, was, note_number, g);
		if (k == 0)
			at_paths(t, was, note_number, first);
	}
}

static void
name(void *arg, const char *path)
{
	(void)path;
	++*(size_t *)arg;
}

/* Taken back to the start: the paths are named of what was there. */
static bool
is_named(struct test *t, struct value event, struct value history,
    const struct gone *first)
{
	struct rewind_error error;
	size_t n, named = 0;
	struct view *v = view_history(&t->arena, history, &n);
	bool any = false;

	for (size_t i = 0; i < STRINGS; i++)
		any |= first->v[i];
	if (!any)
		return true;
	if (!rewind_records(&t->arena, v, 0, n, &event, &error))
		return false;
	forgotten_paths(&t->arena, event, name, &named);
	return named > 0 || object_length(&t->arena, event) == 0;
}

static bool
check(struct test *t, const struct buf *was, const struct gone *g,
    const struct gone *first)
{
	struct verify how = {.routes = 0};
	struct rewind_error error;
	struct value event, history;
	struct gone left = {.v = {false}};
	struct finding found;
	struct line line;
	bool twice = false;

	event = read_event(t, &t->text, &history, &line);
	verify_event(&how, &t->arena, event, history, &found);
	if (found.fault != VERIFY_SOUND || found.unknown > 0)
		return fail(t, found.error.text, was);
	if (!is_gone(t, event, history, g))
		return fail(t, "not gone", was);
	at_paths(t, event, note_number, &left);
	for (size_t i = 0; i < STRINGS; i++)
		if (left.v[i])
			return fail(t, "not taken out", was);
	strings(t, event, false, find_mask, &twice);
	strings(t, history, false, find_mask, &twice);
	if (twice)
		return fail(t, "masked twice", was);
	if (!policy_verify(
		&t->policy, t->rules, &t->arena, event, history, &error))
		return fail(t, error.text, was);
	return is_named(t, event, history, first) || fail(t, "not named", was);
}

/* What a stage does first that sees the policy. */
static bool
take_out(struct test *t)
{
	struct forget_event e = {
	    .a = &t->arena, .lineage = &t->forgetting, .at = AT};
	struct gone g = {.v = {false}}, first = {.v = {false}};
	struct buf new = {0}, was;
	struct line line;
	bool good = true;

	e.root = read_event(t, &t->text, &e.history, &line);
	note_states(t, e.root, e.history, &g, &first);
	t->masks_n = 0;
	strings(t, e.root, false, note_mask, NULL);
	switch (forget_event(t->forget, &e, &new)) {
	case FORGET_DONE:
		was = t->text;
		t->text = new;
		good = check(t, &was, &g, &first);
		new = was;
		break;
	case FORGET_NOTHING:
		for (size_t i = 0; i < STRINGS; i++)
			if (g.v[i])
				return fail(t, "nothing done", &t->text);
		break;
	case FORGET_FAILED:
		good = fail(t, e.error, &t->text);
	}
	buf_release(&new);
	return good;
}

/* --- a case --- */

static void
put_paths(struct test *t, struct buf *b, const char *member)
{
	size_t n = 1 + below(t, 2);

	buf_printf(b, "\"%s\":[", member);
	for (size_t i = 0; i < n; i++)
		buf_printf(b, "%s\"%s\"", i > 0 ? "," : "", PICK(t, PATHS));
	buf_putc(b, ']');
}

/* A policy, and the record of its stages. */
static bool
begin(struct test *t, const struct key *key)
{
	struct policy_error error;
	struct buf text = {0}, rule = {0};
	size_t kinds = below(t, 3);
	const char *path;
	bool good;

	buf_putc(&text, '{');
	if (kinds != 1)
		put_paths(t, &text, "mask");
	buf_puts(&text, kinds == 0 ? "," : "");
	if (kinds != 2)
		put_paths(t, &text, "forget");
	buf_putc(&text, '}');
	t->forget = forget_new();
	good = policy_read(&t->policy, "policy", text.p, text.len, &error) &&
	    t->forget != NULL &&
	    forget_policy(t->forget, &t->policy, true, "_lineage", &path) ==
		NULL;
	if (good) {
		forget_key(t->forget, key);
		forget_rule(t->forget, &rule);
		good = lineage_init(&t->forgetting, LINEAGE_FULL, NULL,
			   forget_op(t->forget), NULL, rule.p, rule.len) == 0;
	}
	buf_release(&text);
	buf_release(&rule);
	return good;
}

static bool
try(struct test *t, const struct key *key)
{
	bool good = begin(t, key);

	t->strings = 0;
	t->first = below(t, STAGES);
	memset(t->programs, 0, sizeof(t->programs));
	buf_clear(&t->text);
	put_event(t, &t->text);
	for (size_t i = 0; i < STAGES && good; i++) {
		const char *p = PICK(t, PROGRAMS);

		good = i < t->first || take_out(t);
		if (good && run(t, p))
			t->programs[i] = p;
	}
	good = good && take_out(t);
	forget_free(t->forget);
	policy_release(&t->policy);
	lineage_release(&t->forgetting);
	return good;
}

static bool
run_all(struct test *t, const struct key *key, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		arena_reset(&t->arena);
		if (!try(t, key)) {
			printf("  case %zu\n", i);
			return false;
		}
	}
	printf("ok\n");
	return true;
}

int
main(int argc, char **argv)
{
	static struct test t;
	char error[KEY_ERROR];
	struct key *key =
	    argc > 1 ? key_read(argv[1], KEY_SECRET, error) : NULL;
	bool good;

	t.random = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
	t.rules = rules_new();
	if (key == NULL || t.rules == NULL) {
		printf("not ok: gone_property KEYFILE SEED COUNT\n");
		return 1;
	}
	arena_init(&t.arena, (size_t)1 << 30);
	t.arena.overflow = &t.overflow;
	mask_key_derive(&t.key, key);
	if (setjmp(t.overflow) != 0 ||
	    lineage_init(&t.lineage, LINEAGE_FULL, NULL, "map", NULL, ".", 1) ==
		-1) {
		printf("not ok: memory\n");
		return 1;
	}
	good = run_all(&t, key, argc > 3 ? strtoul(argv[3], NULL, 10) : 0);
	buf_release(&t.text);
	lineage_release(&t.lineage);
	rules_free(t.rules);
	key_free(key);
	arena_release(&t.arena);
	return good ? 0 : 1;
}
