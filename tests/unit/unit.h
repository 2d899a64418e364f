/*
 * unit - tests of one layer in C, without a command.
 *
 * A test is a function that gets an arena of its own; its name is a sentence
 * that says what holds.  A check that fails says where, and the test goes
 * on.  main() is unit_run() over a list of tests.
 */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "value/value.h"

struct unit_test {
	const char *name;
	void (*run)(struct arena *a);
};

static int unit_failures; /* of the test at hand */

#define CHECK(what)         unit_check((what), #what, __FILE__, __LINE__)
#define CHECK_JSON(v, text) unit_check_json((v), (text), __FILE__, __LINE__)
#define LENGTH(list)        (sizeof(list) / sizeof(*(list)))

static inline void
unit_check(bool holds, const char *what, const char *file, int line)
{
	if (holds)
		return;
	unit_failures++;
	printf("# %s:%d: %s\n", file, line, what);
}

/* The value of a JSON text, which must be well-formed. */
static inline struct value
unit_json(struct arena *a, const char *text)
{
	struct scan_error error;
	struct value v = VALUE_OF(VALUE_NULL);

	if (!value_parse(a, text, strlen(text), &v, &error)) {
		unit_failures++;
		printf("# %s: %zu: %s\n", text, error.column, error.reason);
	}
	return v;
}

/* Is the value written just like this? */
static inline void
unit_check_json(struct value v, const char *text, const char *file, int line)
{
	struct buf b = {0};

	value_write(&b, v);
	buf_putc(&b, '\0');
	if (buf_failed(&b) || strcmp(b.p, text) != 0) {
		unit_failures++;
		printf("# %s:%d: %s\n#   instead of %s\n", file, line,
		    buf_failed(&b) ? "no memory" : b.p, text);
	}
	buf_release(&b);
}

/* Run them all; the status to exit with. */
static inline int
unit_run(const struct unit_test *tests, size_t n)
{
	volatile int failed = 0;

	for (volatile size_t i = 0; i < n; i++) {
		struct arena a;
		jmp_buf overflow;

		arena_init(&a, (size_t)64 << 20);
		a.overflow = &overflow;
		unit_failures = 0;
		if (setjmp(overflow) == 0)
			tests[i].run(&a);
		else
			unit_check(false, "memory", __FILE__, __LINE__);
		arena_release(&a);
		failed += unit_failures > 0;
		printf("%s %zu %s\n", unit_failures > 0 ? "not ok" : "ok",
		    (size_t)i + 1, tests[i].name);
	}
	printf("1..%zu\n", n);
	return failed > 0;
}

#endif
