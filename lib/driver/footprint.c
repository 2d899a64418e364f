#include "driver/footprint.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "driver/complain.h"
#include "driver/policed.h"
#include "driver/status.h"
#include "lang/explain/explain.h"

void
footprint_put(struct footprint *f, const char *format, ...)
{
	char text[256];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= sizeof(text))
		f->text.failed = true; /* ours are short */
	else
		buf_put(&f->text, text, (size_t)n);
}

void
footprint_program(
    struct footprint *f, const char *name, const char *text, size_t len)
{
	buf_puts(&f->text, "(\n");
	if (f->pieces < FOOTPRINT_PIECES)
		f->piece[f->pieces++] =
		    (struct footprint_piece){f->text.len, len, name};
	buf_put(&f->text, text, len);
	buf_puts(&f->text, "\n)"); /* it may end in a comment */
}

void
footprint_main(struct footprint *f)
{
	const struct settings *set = f->set;

	footprint_program(f,
	    set->program_file != NULL ? set->program_file : "program",
	    set->program_text, set->program_len);
}

/* " (at program:1:12)", or nothing where it is in no piece. */
static void
put_place(struct buf *b, const struct footprint *f, uint32_t where)
{
	size_t at = where - 1, line = 1, column = 1;

	for (size_t i = 0; where > 0 && i < f->pieces; i++) {
		const struct footprint_piece *p = &f->piece[i];

		if (at < p->from || at >= p->from + p->len)
			continue;
		for (size_t k = p->from; k < at; k++) {
			unsigned char c = (unsigned char)f->text.p[k];

			column = c == '\n' ? 1 : column + ((c & 0xC0) != 0x80);
			line += c == '\n';
		}
		buf_puts(b, " (at ");
		complain_visible(b, p->name, strlen(p->name));
		buf_printf(b, ":%zu:%zu)", line, column);
		return;
	}
}

static void
complain_rule(const struct footprint *f, const struct policy_rule *r,
    const struct ruling *found)
{
	struct buf b = {0};
	const char *name = policed_name(f->set->policed);

	complain_visible(&b, name, strlen(name));
	buf_puts(&b, ": rule ");
	complain_visible(&b, r->id, strlen(r->id));
	buf_puts(&b, ": ");
	complain_visible(&b, found->text, strlen(found->text));
	put_place(&b, f, found->where);
	if (buf_failed(&b))
		complain(f->set->command, "%s", strerror(ENOMEM));
	else
		complain(f->set->command, "%.*s", (int)b.len, b.p);
	buf_release(&b);
}

static void
judge_rule(struct footprint *f, struct arena *a, const struct explain_report *e,
    size_t i)
{
	struct policed *p = f->set->policed;
	const struct policy_rule *r = policed_rule(p, i);
	struct ruling_stage stage = {
	    .elsewhere = policed_masked_elsewhere(p), .creates = f->creates};
	struct ruling found;

	/* Text has no paths. */
	if (f->set->raw && r->kind == POLICY_DENY)
		return;
	policed_gone(p, &stage.masked, &stage.forgotten);
	ruling_make(a, r, e, &stage, &found);
	if (found.touch == TOUCH_PERHAPS)
		policed_watch(p, i);
	if (found.touch != TOUCH_WRITES)
		return;
	complain_rule(f, r, &found);
	f->status = STATUS_USAGE;
}

/* False where memory ends. */
static bool
judge(struct footprint *f, struct arena *a, const struct program *program)
{
	struct explain_report e;
	jmp_buf overflow;

	if (setjmp(overflow) != 0)
		return false;
	a->overflow = &overflow;
	explain_program(a, program, true, &e);
	policed_explained(f->set->policed, &e);
	for (size_t i = 0; i < policed_rules(f->set->policed); i++)
		judge_rule(f, a, &e, i);
	return true;
}

void
footprint_judge(struct footprint *f)
{
	struct program *program = NULL;
	struct arena a;
	int status = STATUS_IO;

	if (!buf_failed(&f->text))
		status = settings_compile(
		    f->set, f->text.p, f->text.len, "policy", &program);
	arena_init(&a, f->set->max_memory);
	if (buf_failed(&f->text) ||
	    (status == STATUS_OK && !judge(f, &a, program))) {
		complain(f->set->command, "%s", strerror(ENOMEM));
		status = STATUS_IO;
	}
	arena_release(&a);
	program_free(program);
	if (status != STATUS_OK)
		f->status = status;
	buf_clear(&f->text);
	f->pieces = 0;
}

/* What its own options take out, but for what the policy does, too. */
static int
check_taken(const struct settings *set)
{
	struct footprint f = {.set = set, .status = STATUS_OK};
	const struct policed *p = set->policed;
	struct forget_said said;
	struct ruling found;

	for (size_t k = 0;
	     set->forget != NULL && forget_said(set->forget, k, &said); k++) {
		if (policed_takes(p, &said))
			continue;
		for (size_t i = 0; i < policed_rules(p); i++) {
			const struct policy_rule *r = policed_rule(p, i);

			ruling_make_taken(r, &said.path, said.mask, &found);
			if (found.touch != TOUCH_WRITES)
				continue;
			complain_rule(&f, r, &found);
			f.status = STATUS_USAGE;
		}
	}
	return f.status;
}

static int
check(const struct settings *set, footprint_say *say, void *arg)
{
	struct footprint f = {.set = set, .status = STATUS_OK};

	say(&f, arg);
	if (f.text.len > 0)
		footprint_judge(&f);
	buf_release(&f.text);
	return f.status;
}

int
footprint_check(struct settings *set, footprint_say *say, void *arg)
{
	struct policed *p = set->policed;
	int status;

	if (p == NULL)
		return STATUS_OK;
	status = policed_settle(set);
	if (status != STATUS_OK)
		return status;
	if (!policed_begin(p)) {
		complain(set->command, "%s", strerror(ENOMEM));
		return STATUS_IO;
	}
	policed_judged(p, say, arg);
	status = check(set, say, arg);
	if (status == STATUS_OK)
		status = check_taken(set);
	/* Which program comes later isn't known. */
	for (size_t i = 0; set->reload && i < policed_rules(p); i++)
		policed_watch(p, i);
	return status;
}

bool
footprint_again(const struct settings *set, const char *text, size_t len)
{
	struct settings with = *set;
	footprint_say *say;
	void *arg;

	if (set->policed == NULL || !policed_said(set->policed, &say, &arg))
		return true;
	with.program_text = text;
	with.program_len = len;
	return check(&with, say, arg) == STATUS_OK;
}
