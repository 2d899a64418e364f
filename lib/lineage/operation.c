#include "lineage/operation.h"

/* A path as a JSON Pointer (RFC 6901), as it stands in a JSON string. */
static void
put_pointer(struct buf *out, const struct step *path)
{
	const char *p, *end;

	if (path == NULL)
		return;
	put_pointer(out, path->parent);
	buf_putc(out, '/');
	if (path->key.kind == VALUE_NULL) {
		buf_printf(out, "%u", (unsigned)path->i);
		return;
	}
	p = path->key.text;
	end = p + path->key.n;
	for (const char *stop = p; stop < end; stop++) {
		if (*stop != '~' && *stop != '/')
			continue;
		value_write_text(out, p, (size_t)(stop - p));
		buf_puts(out, *stop == '~' ? "~0" : "~1");
		p = stop + 1;
	}
	value_write_text(out, p, (size_t)(end - p));
}

void
operation_open(struct patch_text *u, const char *op, const struct step *path)
{
	buf_putc(u->out, u->out->len == u->start ? '[' : ',');
	buf_puts(u->out, "{\"op\":\"");
	buf_puts(u->out, op);
	buf_puts(u->out, "\",\"path\":\"");
	put_pointer(u->out, path);
	buf_putc(u->out, '"');
}

void
operation_value(struct patch_text *u, struct value v)
{
	buf_puts(u->out, ",\"value\":");
	value_write(u->out, v);
}

bool
operation_within(const struct patch_text *u, size_t limit)
{
	return u->out->len <= limit;
}

size_t
source_length(struct value v)
{
	const struct doc *d = v.doc;
	size_t n;

	if (v.kind != VALUE_RAW_ARRAY && v.kind != VALUE_RAW_OBJECT)
		return (size_t)v.n + 2;
	n = (size_t)(doc_end(d, v.n) - d->text) - d->at[v.n];
	if (d->hidden > v.n && d->hidden < d->match[v.n])
		n -= (size_t)(doc_end(d, d->hidden + 2) - d->text) -
		    d->at[d->hidden];
	return n;
}

bool
operation_replace(struct patch_text *u, struct value was,
    const struct step *path, size_t limit)
{
	/* Don't copy what can't fit. */
	if (source_length(was) > limit - u->out->len)
		return false;
	operation_open(u, "replace", path);
	operation_value(u, was);
	buf_putc(u->out, '}');
	return operation_within(u, limit);
}

bool
operation_remove(struct patch_text *u, const struct step *path, size_t limit)
{
	operation_open(u, "remove", path);
	buf_putc(u->out, '}');
	return operation_within(u, limit);
}
