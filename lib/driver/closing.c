#include "driver/closing.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "driver/complain.h"
#include "driver/forgetting.h"
#include "record/rulebook.h"

/* What can't be taken back any more is told, even without --stats. */
static void
tell_truncated(const struct settings *set, uint64_t n)
{
	if (n > 0)
		complain(set->command,
		    "%" PRIu64 " record%s without undo: above --lineage-cap, "
		    "or nested too deeply; \"truncated\" marks %s",
		    n, n == 1 ? "" : "s", n == 1 ? "it" : "them");
}

/* What is wrong with the file of rules, where it was read. */
static void
tell_rules(const struct settings *set)
{
	const char *name = set->command, *path = getenv("MS_RULES");
	struct rulebook_faults f;

	if (set->rulebook == NULL)
		return;
	f = rulebook_faults(set->rulebook);
	if (f.error != 0)
		complain(name, "MS_RULES: %s: %s; rules are shown as hashes",
		    path,
		    f.error == EINVAL ? "is no regular file"
				      : strerror(f.error));
	if (f.wrong > 0)
		complain(name,
		    "MS_RULES: %s: %" PRIu64 " line%s no rule with its hash, "
		    "and %s ignored",
		    path, f.wrong, f.wrong == 1 ? " is" : "s are",
		    f.wrong == 1 ? "is" : "are");
	if (f.full)
		complain(name,
		    "MS_RULES: %s: more than 64 MiB of rules; the rest is "
		    "shown as hashes",
		    path);
}

void
closing_tell(const struct settings *set, const struct counts *c)
{
	tell_truncated(set, c->truncated);
	tell_rules(set);
	forgetting_tell(set);
}

void
closing_tell_nothing(const struct settings *set, const struct counts *c)
{
	if (c->read == 0 || c->passed > 0)
		return;
	if (c->turned_away == c->read)
		complain(
		    set->command, "no event passed: PROGRAM was true of none");
	else if (c->dropped == c->read)
		complain(
		    set->command, "no event was written: none gave an output");
	else
		complain(set->command, "no event passed");
}
