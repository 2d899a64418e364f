#include "driver/when.h"

#include <string.h>

#include "driver/status.h"

int
when_init(struct when *w, const struct settings *set)
{
	if (w->text == NULL)
		return STATUS_OK;
	return settings_predicate(
	    set, w->text, strlen(w->text), "--when", &w->program);
}

void
when_release(struct when *w)
{
	program_free(w->program);
}

bool
when_machine(const struct when *w, struct machine **made)
{
	*made = w->program == NULL ? NULL : machine_new(w->program);
	return w->program == NULL || *made != NULL;
}

bool
when_holds(struct machine *m, struct event *ev, enum verdict *verdict)
{
	if (m == NULL)
		return true;
	switch (machine_test(m, ev->arena, ev->root, &ev->context)) {
	case TRUTH_YES:
		return true;
	case TRUTH_NO:
		*verdict = VERDICT_LEAVE;
		return false;
	case TRUTH_FAILED:
		break;
	}
	*verdict = event_fail(ev, "--when: %s", machine_error(m));
	return false;
}
