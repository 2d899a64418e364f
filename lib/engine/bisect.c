#include "engine/bisect.h"

enum bisect_status
bisect_run(const struct bisect *b, size_t from, size_t end)
{
	enum bisect_status status = b->try(b->arg, from, end);
	size_t middle = from + (end - from) / 2;

	/* What killed it may have come from outside. */
	if (status == BISECT_FAILED)
		status = b->try(b->arg, from, end);
	if (status != BISECT_FAILED)
		return status;
	if (end - from <= 1)
		return b->dead(b->arg, from);
	status = bisect_run(b, from, middle);
	return status == BISECT_THROUGH ? bisect_run(b, middle, end) : status;
}
