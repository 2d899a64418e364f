#include "history/provenance.h"
#include "value/array.h"
#include "value/object.h"

void
provenance_find(struct provenance *p, struct arena *a, struct value history,
    const char *source, uint64_t number)
{
	const struct view *from;

	p->records = view_history(a, history, &p->n);
	p->id = p->line = p->source = p->from = VALUE_OF(VALUE_NULL);
	if (view_identity(a, p->records, p->n, &p->id) == NULL)
		p->id = VALUE_OF(VALUE_NULL);
	from = view_origin(a, p->records, p->n);
	if (from == NULL) {
		p->source = value_cstring(source);
		p->line = value_int((int64_t)number);
		return;
	}
	p->from = from->of[VIEW_FROM];
	(void)object_get(a, p->from, value_cstring("source"), &p->source);
	(void)object_get(a, p->from, value_cstring("line"), &p->line);
}

void
provenance_put_forks(
    struct buf *out, struct arena *a, const struct provenance *p)
{
	const char *between = "";

	for (size_t i = 0; i < p->n; i++) {
		struct value fork, first;

		if (!view_has(&p->records[i], VIEW_FORK))
			continue;
		fork = p->records[i].of[VIEW_FORK];
		if (!value_is_array(fork))
			continue;
		fork = array_open(a, fork);
		first = fork.n > 0 ? array_at(fork, 0) : VALUE_OF(VALUE_NULL);
		if (!value_is_number(first))
			continue;
		buf_puts(out, between);
		value_write(out, first);
		between = "/";
	}
}
