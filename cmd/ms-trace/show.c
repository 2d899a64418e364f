#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "history/history.h"
#include "show.h"

enum { ID = 300, WHERE, COLOUR };

const struct option_spec show_options[] = {
    {ID, "id", "ID", "only the event whose id starts so"},
    {WHERE, "where", "PROGRAM", "only events for which it is true"},
    {COLOUR, "color", "WHEN", "auto, always or never"},
    {0, NULL, NULL, NULL},
};

struct local {
	struct machine *machine; /* or NULL */
};

int
show_option(struct show *s, const struct command *c, int id, const char *value)
{
	if (id == ID)
		s->id = value;
	else if (id == WHERE)
		s->where = value;
	else if (!paper_choose(&s->when, value))
		return options_wrong(
		    c, "--color: '%s' is none of auto, always, never", value);
	return 0;
}

int
show_start(struct show *s, struct settings *set)
{
	set->document = true;
	paper_init(&s->paper, s->when, STDOUT_FILENO);
	if (s->where == NULL)
		return STATUS_OK;
	s->program =
	    settings_predicate(set, s->where, strlen(s->where), "--where");
	return s->program == NULL ? STATUS_USAGE : STATUS_OK;
}

void *
show_local_new(void *arg)
{
	const struct show *s = arg;
	struct local *l = calloc(1, sizeof(*l));

	if (l == NULL || s->program == NULL)
		return l;
	l->machine = machine_new(s->program);
	if (l->machine == NULL) {
		free(l);
		return NULL;
	}
	return l;
}

void
show_local_free(void *local)
{
	struct local *l = local;

	if (l->machine != NULL)
		machine_free(l->machine);
	free(l);
}

void
show_release(void *arg)
{
	struct show *s = arg;

	if (s->program != NULL)
		program_free(s->program);
}

static bool
has_id(const struct show *s, struct event *ev)
{
	struct value record, id;
	size_t n = strlen(s->id);

	return history_identity(ev->arena, ev->history, &record) &&
	    record_text(ev->arena, record, "id", &id) && id.n >= n &&
	    memcmp(id.text, s->id, n) == 0;
}

enum verdict
show_picks(const struct show *s, struct event *ev)
{
	struct machine *m = ((struct local *)ev->local)->machine;

	if (s->id != NULL && !has_id(s, ev))
		return VERDICT_DROP;
	if (m == NULL)
		return VERDICT_PASS;
	switch (machine_test(m, ev->arena, ev->root, &ev->context)) {
	case TRUTH_YES:
		return VERDICT_PASS;
	case TRUTH_NO:
		return VERDICT_DROP;
	default:
		return event_fail(ev, "--where: %s", machine_error(m));
	}
}

struct traveller
show_traveller(const struct event *ev)
{
	return (struct traveller){
	    ev->root, ev->history, ev->source, event_number(ev)};
}
