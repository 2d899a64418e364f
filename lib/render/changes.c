#include "render/changes.h"

static void
add(struct changes *c, struct change_list *l)
{
	if (c->undo) {
		*l->end = c->first;
		c->first = l->first;
		return;
	}
	*(c->end == NULL ? &c->first : c->end) = l->first;
	c->end = l->end;
}

static struct value
collect(void *arg, const struct patch_change *change)
{
	struct changes *c = arg;
	const struct value *before = c->undo ? change->new : change->was;
	const struct value *after = c->undo ? change->was : change->new;
	struct change_list l;

	change_list_init(&l);
	change_between(c->a, &l, change->path, before, after);
	/* Members in another order, or only spelled otherwise. */
	if (l.first == NULL)
		change_add(c->a, &l, change->path, before, after);
	add(c, &l);
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
