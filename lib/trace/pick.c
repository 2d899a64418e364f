#include <stdlib.h>
#include <string.h>

#include "lineage/history.h"
#include "trace/pick.h"

struct local {
	struct machine *machine; /* or NULL */
};

bool
pick_option(struct pick *p, int id, const char *value)
{
	if (id == PICK_ID)
		p->id = value;
	else if (id == PICK_WHERE)
		p->where = value;
	else
		return false;
	return true;
}

int
pick_start(struct pick *p, const struct settings *set)
{
	if (p->where == NULL)
		return STATUS_OK;
	p->program =
	    settings_compile(set, p->where, strlen(p->where), "--where");
	return p->program == NULL ? STATUS_USAGE : STATUS_OK;
}

void *
pick_local_new(const struct pick *p)
{
	struct local *l = calloc(1, sizeof(*l));

	if (l == NULL || p->program == NULL)
		return l;
	l->machine = machine_new(p->program);
	if (l->machine == NULL) {
		free(l);
		return NULL;
	}
	return l;
}

void
pick_local_free(void *local)
{
	struct local *l = local;

	if (l->machine != NULL)
		machine_free(l->machine);
	free(l);
}

void
pick_release(struct pick *p)
{
	if (p->program != NULL)
		program_free(p->program);
}

static bool
has_id(const struct pick *p, struct event *ev)
{
	struct value record, id;
	size_t n = strlen(p->id);

	return history_identity(ev->arena, ev->history, &record) &&
	    record_text(ev->arena, record, "id", &id) && id.n >= n &&
	    memcmp(id.text, p->id, n) == 0;
}

enum verdict
pick_event(const struct pick *p, struct event *ev)
{
	struct machine *m = ((struct local *)ev->local)->machine;

	if (p->id != NULL && !has_id(p, ev))
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
