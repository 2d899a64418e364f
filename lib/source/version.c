#include "source/version.h"

#include <stdlib.h>

static void
drop_part(struct part *p)
{
	if (--p->holders > 0)
		return;
	source_close(p->table);
	free(p);
}

void
version_drop(struct version *v)
{
	if (v == NULL || --v->holders > 0)
		return;
	for (size_t i = 0; i < v->n; i++)
		drop_part(v->part[i]);
	free(v);
}

static enum source_status
version_find(const struct source *s, struct arena *a,
    const struct source_query *q, struct source_rows *rows)
{
	const struct version *v = (const struct version *)s;

	for (size_t i = v->n; i-- > 0;) {
		const struct source *t = v->part[i]->table;
		enum source_status status = t->kind->find(t, a, q, rows);

		if (status != SOURCE_MISS)
			return status;
	}
	return SOURCE_MISS;
}

const struct value *
version_columns(const struct source *s, size_t *n)
{
	const struct source *t = ((const struct version *)s)->part[0]->table;

	return t->kind->columns(t, n);
}

struct value
version_origin(const struct source *s)
{
	const struct source *t = ((const struct version *)s)->part[0]->table;

	return t->kind->origin(t);
}

static const struct source_kind version_source = {
    .find = version_find,
    .columns = version_columns,
    .origin = version_origin,
};

struct version *
version_new(
    void *owner, const struct version *from, size_t n, struct source *table)
{
	struct version *v = calloc(1, sizeof(*v));
	struct part *p = calloc(1, sizeof(*p));

	if (v == NULL || p == NULL) {
		free(v);
		free(p);
		return NULL;
	}
	*v = (struct version){
	    .source.kind = &version_source, .owner = owner, .holders = 1};
	for (; v->n < n; v->n++) {
		v->part[v->n] = from->part[v->n];
		v->part[v->n]->holders++;
	}
	*p = (struct part){table, 1};
	v->part[v->n++] = p;
	return v;
}
