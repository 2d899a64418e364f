#include <string.h>

#include "driver/setter.h"
#include "driver/status.h"
#include "value/array.h"
#include "value/object.h"

/* Is it a dot and a plain name? */
static bool
is_member(const char *path)
{
	size_t n = strspn(path + (*path != '\0'),
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789");

	return *path == '.' && n > 0 && path[1 + n] == '\0' &&
	    !(path[1] >= '0' && path[1] <= '9');
}

/* The path is compiled alone first: a complaint shows what the user wrote. */
static int
compile(struct setter *s, const struct settings *set, const char *path)
{
	struct program *alone;
	struct buf b = {0};
	int status =
	    settings_compile(set, path, strlen(path), s->option, &alone);

	if (status != STATUS_OK)
		return status;
	program_free(alone);
	buf_printf(&b, ".[1] as $v | .[0] | (%s\n) = $v", path);
	status = STATUS_IO;
	if (!buf_failed(&b))
		status =
		    settings_compile(set, b.p, b.len, s->option, &s->program);
	buf_release(&b);
	return status;
}

int
setter_init(struct setter *s, const struct settings *set, const char *path)
{
	return setter_init_for(s, set, "--as", path);
}

int
setter_init_for(struct setter *s, const struct settings *set,
    const char *option, const char *path)
{
	*s = (struct setter){.member = VALUE_OF(VALUE_NULL), .option = option};
	if (!is_member(path))
		return compile(s, set, path);
	s->member = value_cstring(path + 1);
	return STATUS_OK;
}

void
setter_release(struct setter *s)
{
	if (s->program != NULL)
		program_free(s->program);
}

bool
setter_machine(const struct setter *s, struct machine **made)
{
	*made = s->program == NULL ? NULL : machine_new(s->program);
	return s->program == NULL || *made != NULL;
}

bool
setter_is_plain(const struct setter *s, const struct settings *set)
{
	return s->program == NULL &&
	    (s->member.n != strlen(set->lineage_key) ||
		memcmp(s->member.text, set->lineage_key, s->member.n) != 0);
}

/* Take the first output. */
static bool
take(void *arg, struct value v)
{
	*(struct value *)arg = v;
	return false;
}

bool
setter_set(const struct setter *s, struct machine *m, struct event *ev,
    struct value *event, struct value v)
{
	struct value in;

	if (s->program == NULL) {
		*event = object_set(ev->arena, *event, s->member, v);
		return true;
	}
	in = array_push(ev->arena, array_new(ev->arena, 2), *event);
	in = array_push(ev->arena, in, v);
	if (machine_run(m, ev->arena, in, &ev->context, take, event) !=
	    PROGRAM_FAILED)
		return true;
	event_fail(ev, "%s: %s", s->option, machine_error(m));
	return false;
}
