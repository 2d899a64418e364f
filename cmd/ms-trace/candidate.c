#include "candidate.h"
#include "value/array.h"
#include "value/object.h"

enum { DEEP = 200 }; /* levels that are looked into */

struct candidate
candidate_line(const char *text, size_t len)
{
	return (struct candidate){
	    .kind = CANDIDATE_VALUE, .text = text, .len = len};
}

static void find_parts(
    struct candidate *c, struct arena *a, struct value v, int depth);

static void
find_members(struct candidate *c, struct arena *a, struct value v, int depth)
{
	struct member *m;
	uint32_t i = 0;

	v = object_open(a, v);
	c->kind = CANDIDATE_OBJECT;
	c->parts = arena_array(a, object_length(a, v), sizeof(*c->parts));
	while ((m = object_next(a, v, &i)) != NULL) {
		struct candidate *part = &c->parts[c->n++];

		*part = (struct candidate){.key = m->key};
		find_parts(part, a, value_take(&m->value), depth + 1);
	}
}

static void
find_elements(struct candidate *c, struct arena *a, struct value v, int depth)
{
	v = array_open(a, v);
	c->kind = CANDIDATE_ARRAY;
	c->parts = arena_array(a, array_length(v), sizeof(*c->parts));
	while (c->n < array_length(v)) {
		struct candidate *part = &c->parts[c->n];

		*part = (struct candidate){.n = 0};
		find_parts(part, a, array_at(v, c->n++), depth + 1);
	}
}

static void
find_parts(struct candidate *c, struct arena *a, struct value v, int depth)
{
	struct arena_deferred *release;
	struct buf *text;

	if (value_is_object(v) && depth < DEEP) {
		find_members(c, a, v, depth);
		return;
	}
	if (value_is_array(v) && depth < DEEP) {
		find_elements(c, a, v, depth);
		return;
	}
	text = buf_new(a, &release);
	value_write(text, v);
	if (buf_failed(text))
		arena_exceed(a);
	c->kind = CANDIDATE_VALUE;
	c->text = arena_copy(a, text->p, text->len);
	c->len = text->len;
	arena_end(a, release);
}

void
candidate_open(struct candidate *c, struct arena *a)
{
	struct scan_error error;
	struct value v;

	if (value_parse(a, c->text, c->len, &v, &error) && value_is_object(v))
		find_parts(c, a, v, 0);
}

static void
write_parts(struct buf *out, const struct candidate *c, char open, char close)
{
	const char *comma = "";

	buf_putc(out, open);
	for (size_t i = 0; i < c->n; i++) {
		if (c->parts[i].out)
			continue;
		buf_puts(out, comma);
		comma = ",";
		if (c->kind == CANDIDATE_OBJECT) {
			value_write(out, c->parts[i].key);
			buf_putc(out, ':');
		}
		candidate_write(out, &c->parts[i]);
	}
	buf_putc(out, close);
}

void
candidate_write(struct buf *out, const struct candidate *c)
{
	switch (c->kind) {
	case CANDIDATE_VALUE:
		buf_put(out, c->text, c->len);
		break;
	case CANDIDATE_OBJECT:
		write_parts(out, c, '{', '}');
		break;
	case CANDIDATE_ARRAY:
		write_parts(out, c, '[', ']');
		break;
	case CANDIDATE_LINES:
		for (size_t i = 0; i < c->n; i++) {
			if (c->parts[i].out)
				continue;
			candidate_write(out, &c->parts[i]);
			buf_putc(out, '\n');
		}
	}
}
