#include "record/operation.h"
#include "value/string.h"

struct path_step
operation_step(
    struct patch_text *u, const struct path_step *parent, struct value key)
{
	return (struct path_step){
	    parent, string_decoded(u->a, key), 0, operation_depth(parent)};
}

/* A key as a step of a JSON Pointer (RFC 6901), in a JSON string. */
static void
put_key(struct buf *out, const char *p, size_t n)
{
	const char *end = p + n;
	size_t i = 0;

	while (i < n && value_plain_byte((unsigned char)p[i]) && p[i] != '/' &&
	    p[i] != '~')
		i++;
	if (i == n) {
		buf_put(out, p, n);
		return;
	}
	for (const char *stop = p; stop < end; stop++) {
		if (*stop != '~' && *stop != '/')
			continue;
		value_write_text(out, p, (size_t)(stop - p));
		buf_puts(out, *stop == '~' ? "~0" : "~1");
		p = stop + 1;
	}
	value_write_text(out, p, (size_t)(end - p));
}

static void
put_pointer(struct buf *out, const struct path_step *path)
{
	if (path->parent != NULL)
		put_pointer(out, path->parent);
	buf_putc(out, '/');
	if (path->key.kind == VALUE_NULL)
		buf_printf(out, "%u", (unsigned)path->i);
	else
		put_key(out, path->key.text, path->key.n);
}

void
operation_pointer(struct buf *out, const struct path_step *path)
{
	if (path != NULL)
		put_pointer(out, path);
}

void
operation_open(
    struct patch_text *u, enum operation op, const struct path_step *path)
{
	static const char *const opening[] = {
	    "{\"op\":\"add\",\"path\":\"",
	    "{\"op\":\"remove\",\"path\":\"",
	    "{\"op\":\"replace\",\"path\":\"",
	    "{\"op\":\"move\",\"from\":\"",
	    "{\"op\":\"copy\",\"from\":\"",
	};

	buf_putc(u->out, u->out->len == u->start ? '[' : ',');
	buf_puts(u->out, opening[op]);
	if (path != NULL)
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
operation_length(struct value v)
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
    const struct path_step *path, size_t limit)
{
	/* Don't copy what can't fit. */
	if (operation_length(was) > limit - u->out->len)
		return false;
	operation_open(u, OPERATION_REPLACE, path);
	operation_value(u, was);
	buf_putc(u->out, '}');
	return operation_within(u, limit);
}

bool
operation_remove(
    struct patch_text *u, const struct path_step *path, size_t limit)
{
	operation_open(u, OPERATION_REMOVE, path);
	buf_putc(u->out, '}');
	return operation_within(u, limit);
}

bool
operation_relocate(struct patch_text *u, enum operation op,
    const struct path_step *from, const struct path_step *path,
    const struct value *next, size_t limit)
{
	operation_open(u, op, from);
	buf_puts(u->out, ",\"path\":\"");
	if (path != NULL)
		put_pointer(u->out, path);
	buf_putc(u->out, '"');
	if (next != NULL) {
		buf_puts(u->out, ",\"before\":");
		value_write(u->out, *next);
	}
	buf_putc(u->out, '}');
	return operation_within(u, limit);
}

bool
operation_add(struct patch_text *u, const struct doc *d, uint32_t e,
    uint32_t next, const struct path_step *path, size_t limit)
{
	struct path_step step = operation_step(u, path, value_source(d, e));

	operation_open(u, OPERATION_ADD, &step);
	operation_value(u, value_source(d, e + 2));
	if (next != 0) {
		buf_puts(u->out, ",\"before\":");
		value_write(u->out, value_source(d, next));
	}
	buf_putc(u->out, '}');
	return operation_within(u, limit);
}
