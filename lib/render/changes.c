#include <stdio.h>
#include <string.h>

#include "render/changes.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

enum { DEEP = 100 }; /* levels that are looked into; below, all is one */

/* Changes that are found in one place, in order. */
struct found {
	struct arena *a;
	struct change *first, **end;
};

static void
find(struct found *f, struct value path, const struct value *before,
    const struct value *after)
{
	struct change *c = arena_alloc(f->a, sizeof(*c));

	*c = (struct change){.path = path};
	c->had = before != NULL;
	c->has = after != NULL;
	if (before != NULL)
		c->before = value_share(*before);
	if (after != NULL)
		c->after = value_share(*after);
	*f->end = c;
	f->end = &c->next;
}

/* A pointer with one key more. */
static struct value
below(struct arena *a, struct value path, struct value key)
{
	size_t n = path.n;
	char *text;

	key = string_decoded(a, key);
	text = arena_alloc(a, n + 1 + (size_t)key.n * 2);
	memcpy(text, path.text, n);
	text[n++] = '/';
	for (uint32_t i = 0; i < key.n; i++) {
		char c = key.text[i];

		if (c == '~' || c == '/')
			text[n++] = '~';
		text[n++] = (char)(c == '~' ? '0' : c == '/' ? '1' : c);
	}
	return value_text(text, n);
}

static void compare(struct found *f, struct value path, struct value before,
    struct value after, int depth);

static void
compare_objects(struct found *f, struct value path, struct value before,
    struct value after, int depth)
{
	struct member *m;
	struct value x;

	before = object_open(f->a, before);
	after = object_open(f->a, after);
	for (uint32_t i = 0; (m = object_next(f->a, before, &i)) != NULL;) {
		struct value inner = below(f->a, path, m->key);

		if (object_get(f->a, after, m->key, &x))
			compare(f, inner, value_take(&m->value), x, depth);
		else
			find(f, inner, &m->value, NULL);
	}
	for (uint32_t i = 0; (m = object_next(f->a, after, &i)) != NULL;)
		if (!object_get(f->a, before, m->key, &x))
			find(f, below(f->a, path, m->key), NULL, &m->value);
}

static void
compare_arrays(struct found *f, struct value path, struct value before,
    struct value after, int depth)
{
	size_t n, had = array_length(before), has = array_length(after);
	char index[24];

	n = had > has ? had : has;
	before = array_open(f->a, before);
	after = array_open(f->a, after);
	for (size_t i = 0; i < n; i++) {
		struct value inner;

		snprintf(index, sizeof(index), "%zu", i);
		inner = below(f->a, path, value_cstring(index));
		if (i < had && i < has)
			compare(f, inner, array_at(before, i),
			    array_at(after, i), depth);
		else if (i < had)
			find(f, inner, &before.array->v[i], NULL);
		else
			find(f, inner, NULL, &after.array->v[i]);
	}
}

static void
compare(struct found *f, struct value path, struct value before,
    struct value after, int depth)
{
	if (depth < DEEP && value_is_object(before) && value_is_object(after))
		compare_objects(f, path, before, after, depth + 1);
	else if (depth < DEEP && value_is_array(before) &&
	    value_is_array(after))
		compare_arrays(f, path, before, after, depth + 1);
	else if (!value_same(before, after) &&
	    !value_written_same(before, after))
		find(f, path, &before, &after);
}

static void
add(struct changes *c, struct found *f)
{
	if (c->undo) {
		*f->end = c->first;
		c->first = f->first;
		return;
	}
	*(c->end == NULL ? &c->first : c->end) = f->first;
	c->end = f->end;
}

static struct value
collect(void *arg, const struct patch_change *change)
{
	struct changes *c = arg;
	const struct value *before = c->undo ? change->new : change->was;
	const struct value *after = c->undo ? change->was : change->new;
	struct found f = {.a = c->a};

	f.end = &f.first;
	if (before != NULL && after != NULL)
		compare(&f, change->path, value_share(*before),
		    value_share(*after), 0);
	else
		find(&f, change->path, before, after);
	/* Members in another order, or only spelled otherwise. */
	if (f.first == NULL)
		find(&f, change->path, before, after);
	add(c, &f);
	return change->new == NULL ? VALUE_OF(VALUE_NULL) : *change->new;
}

struct patch_watch
changes_watch(struct changes *c)
{
	return (struct patch_watch){collect, c};
}

static const char *
colour_of(bool had, bool has)
{
	if (had && has)
		return TERMINAL_YELLOW;
	return has ? TERMINAL_GREEN : TERMINAL_RED;
}

void
changes_path(struct show *s, bool had, bool has, struct value path)
{
	const char *colour = colour_of(had, has);

	terminal_puts(&s->line, colour, had && has ? "~ " : has ? "+ " : "- ");
	if (path.n == 0)
		terminal_puts(&s->line, colour, "(everything)");
	else
		terminal_text(&s->line, colour, path.text, path.n);
}

/* Where both stand on the line, each gets a fair part of it. */
static void
write_values(struct show *s, const struct change *c)
{
	terminal_puts(&s->line, TERMINAL_PLAIN, "  ");
	if (c->had)
		show_json(s, TERMINAL_PLAIN, c->before,
		    c->has && s->line.left != SIZE_MAX ? s->line.left / 2
						       : SIZE_MAX);
	if (c->had && c->has)
		terminal_puts(&s->line, TERMINAL_DIM, " -> ");
	if (c->has)
		show_json(s, TERMINAL_PLAIN, c->after, SIZE_MAX);
}

void
changes_write(struct show *s, const struct change *c, const char *indent)
{
	for (; c != NULL; c = c->next) {
		terminal_start(&s->line);
		terminal_puts(&s->line, TERMINAL_PLAIN, indent);
		changes_path(s, c->had, c->has, c->path);
		write_values(s, c);
		terminal_end(&s->line);
	}
}
