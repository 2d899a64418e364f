#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lang/syntax/program_text.h"

void
program_text_fail(struct program_text *s, uint32_t at, const char *format, ...)
{
	struct program_error *e = s->error;
	va_list args;

	e->offset = at;
	e->line = e->column = 1;
	for (uint32_t i = 0; i < at && i < s->len; i++) {
		if (s->text[i] == '\n') {
			e->line++;
			e->column = 1;
		} else if ((s->text[i] & 0xC0) != 0x80) {
			e->column++;
		}
	}
	va_start(args, format);
	vsnprintf(e->text, sizeof(e->text), format, args);
	va_end(args);
	longjmp(*s->arena->overflow, SOURCE_FAILED);
}

struct node *
node_new(struct program_text *s, enum op op, uint32_t at)
{
	struct node *n = arena_alloc(s->arena, sizeof(*n));

	memset(n, 0, sizeof(*n));
	n->op = (uint8_t)op;
	n->at = s->prelude ? NODE_NOWHERE : at;
	return n;
}
