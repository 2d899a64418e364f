#include <inttypes.h>
#include <stdio.h>

#include "driver/complain.h"
#include "driver/keeping.h"
#include "driver/status.h"

int
keeping_start(struct keeping *k, struct settings *set,
    const struct beside_owner *owner, beside_take *take,
    struct dump_facts *facts)
{
	char error[BESIDE_ERROR];
	enum beside_status status = beside_open(
	    &k->file, set->state_dir, owner, take, k->arg, facts, error);
	uint64_t cut;

	if (status != BESIDE_OK) {
		complain(set->command, "%s", error);
		return status == BESIDE_DIFFERS ? STATUS_USAGE : STATUS_IO;
	}
	set->beside = true;
	/* Where some had to go at once, the file is to know. */
	if (state_evicted(k->state) == 0)
		state_settle(k->state);
	cut = beside_cut(k->file);
	if (cut > 0)
		complain(set->command,
		    "%s: %" PRIu64 " line%s behind the last mark %s cut off: "
		    "no barrier followed",
		    beside_path(k->file), cut, cut == 1 ? "" : "s",
		    cut == 1 ? "was" : "were");
	return STATUS_OK;
}

static bool
put(void *arg, const struct state_entry *e)
{
	const struct keeping *k = arg;

	return k->put(k->arg, k->file, e);
}

bool
keeping_barrier(struct keeping *k, const char *name, size_t len,
    const struct dump_facts *facts)
{
	char error[BESIDE_ERROR] = "out of memory";

	if (state_changes(k->state, put, k) &&
	    beside_mark(k->file, name, len, facts, error)) {
		state_settle(k->state);
		return true;
	}
	complain(k->set->command, "%s: %s; the barrier isn't passed on",
	    beside_path(k->file), error);
	return false;
}

static bool
count(void *arg, const struct state_entry *e)
{
	size_t *n = arg;

	(void)e;
	++*n;
	return true;
}

void
keeping_end(struct keeping *k)
{
	size_t n = 0;

	if (k->file == NULL)
		return;
	(void)state_changes(k->state, count, &n);
	if (n > 0)
		complain(k->set->command,
		    "%s: %zu key%s changed behind the last barrier, and %s not "
		    "kept",
		    beside_path(k->file), n, n == 1 ? "" : "s",
		    n == 1 ? "is" : "are");
	beside_close(k->file);
	k->file = NULL;
}
