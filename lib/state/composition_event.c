#include "record/uuid.h"
#include "state/composition.h"
#include "value/number.h"
#include "value/string.h"

bool
composition_describe(struct composition_event *e, struct arena *a,
    const struct provenance *p, struct buf *forks,
    struct composition_names *names)
{
	struct value id = p->id, line = p->line, source = p->source;

	*e = (struct composition_event){.id = NULL};
	buf_clear(forks);
	provenance_put_forks(forks, a, p);
	if (forks->failed)
		return false;
	e->forks = forks->p;
	e->forks_len = forks->len;
	if (value_is_string(id)) {
		id = string_decoded(a, id);
		e->id = id.n == UUID_TEXT ? id.text : NULL;
	}
	if (!value_is_number(line) || !value_is_string(source))
		return true;
	if (line.kind == VALUE_NUMBER)
		line = value_number(line);
	e->line = line.i;
	e->has_line = line.kind == VALUE_INT;
	source = string_decoded(a, source);
	return composition_source(names, source.text, source.n, &e->source);
}
