#include "trust/pathspec.h"

#include <inttypes.h>
#include <string.h>

#include "value/string.h"

struct reading {
	struct arena *a;
	const char *p; /* what is left */
	struct value *keys;
	uint32_t n;
};

static bool
is_name(char c, bool first)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	    (!first && c >= '0' && c <= '9');
}

static size_t
name_length(const char *p)
{
	size_t n = 0;

	while (is_name(p[n], n == 0))
		n++;
	return n;
}

static bool
take_name(struct reading *r)
{
	size_t n = name_length(r->p);

	r->keys[r->n++] = value_text(r->p, n);
	r->p += n;
	return n > 0;
}

static bool
take_string(struct reading *r)
{
	struct scan_error error;
	const char *end = r->p + 1;
	struct value v;

	while (*end != '\0' && *end != '"')
		end += end[0] == '\\' && end[1] != '\0' ? 2 : 1;
	if (*end == '\0' ||
	    !value_parse(r->a, r->p, (size_t)(end + 1 - r->p), &v, &error))
		return false;
	r->keys[r->n++] = string_decoded(r->a, v);
	r->p = end + 1;
	return true;
}

static bool
take_index(struct reading *r)
{
	size_t n = strspn(r->p, "0123456789");
	int64_t i = 0;

	if (n == 0 || n > 9 || (n > 1 && *r->p == '0'))
		return false;
	for (; n > 0; n--)
		i = i * 10 + (*r->p++ - '0');
	r->keys[r->n++] = value_int(i);
	return true;
}

static const char *
take_bracket(struct reading *r)
{
	r->p++;
	if (*r->p == '-')
		return "an index counts from the start, as in [0]; [] stands "
		       "for all";
	if (*r->p == ']')
		r->keys[r->n++] = VALUE_OF(VALUE_NULL);
	else if (!(*r->p == '"' ? take_string(r) : take_index(r)))
		return "in brackets stands an index, a key in quotes, or "
		       "nothing for all";
	return *r->p++ == ']' ? NULL : "a ] is missing";
}

static const char *
take_step(struct reading *r)
{
	bool dot = *r->p == '.';

	if (r->n == PATHSPEC_STEPS)
		return "it has more than 24 steps";
	r->p += dot;
	if (*r->p == '[')
		return take_bracket(r);
	if (!dot)
		return "steps are .name, .\"a name\", [0] and []";
	if (*r->p == '"' ? take_string(r) : take_name(r))
		return NULL;
	return *r->p == '.' ? ".. can't be followed; name the path"
			    : "a name stands behind a dot, in quotes unless it "
			      "is made of letters, digits and _";
}

const char *
pathspec_parse(struct arena *a, struct pathspec *p, const char *text)
{
	struct reading r = {.a = a, .p = text};
	const char *why = NULL;

	if (*text != '.')
		return "a path starts with a dot, as .a.b";
	r.keys = arena_array(a, PATHSPEC_STEPS, sizeof(*r.keys));
	if (text[1] == '\0')
		r.p++;
	while (why == NULL && *r.p != '\0')
		why = take_step(&r);
	*p = (struct pathspec){text, {r.n, r.keys}};
	return why;
}

struct pathspec
pathspec_of(struct arena *a, const struct pointer *p)
{
	struct value *keys = arena_array(a, p->n, sizeof(*keys));

	for (size_t i = 0; i < p->n; i++)
		keys[i] = p->steps[i].i == SIZE_MAX
		    ? p->steps[i].key
		    : value_int((int64_t)p->steps[i].i);
	return (struct pathspec){p->text, {(uint32_t)p->n, keys}};
}

static bool
key_covers(const struct value *x, const struct value *y)
{
	if (x->kind == VALUE_NULL)
		return true;
	if (x->kind != y->kind)
		return false;
	if (x->kind == VALUE_INT)
		return x->i == y->i;
	return x->n == y->n &&
	    (x->n == 0 || memcmp(x->text, y->text, x->n) == 0);
}

bool
pathspec_covers(const struct pathspec *p, const struct pathspec *q)
{
	if (p->path.n > q->path.n)
		return false;
	for (uint32_t i = 0; i < p->path.n; i++)
		if (!key_covers(&p->path.keys[i], &q->path.keys[i]))
			return false;
	return true;
}

bool
pathspec_meets(const struct pathspec *p, const struct pathspec *q)
{
	for (uint32_t i = 0; i < p->path.n && i < q->path.n; i++)
		if (!key_covers(&p->path.keys[i], &q->path.keys[i]) &&
		    !key_covers(&q->path.keys[i], &p->path.keys[i]))
			return false;
	return true;
}

bool
pathspecs_cover(const struct pathspecs *s, const struct pathspec *q)
{
	for (size_t i = 0; i < s->n; i++)
		if (pathspec_covers(&s->v[i], q))
			return true;
	return false;
}

void
pathspec_put_step(struct buf *b, const struct value *key)
{
	bool plain = true;

	if (key->kind == VALUE_NULL) {
		buf_puts(b, "[]");
		return;
	}
	if (key->kind == VALUE_INT) {
		buf_printf(b, "[%" PRId64 "]", key->i);
		return;
	}
	for (uint32_t i = 0; i < key->n; i++)
		plain = plain && is_name(key->text[i], i == 0);
	buf_putc(b, '.');
	if (plain && key->n > 0)
		buf_put(b, key->text, key->n);
	else
		value_write_string(b, key->text, key->n);
}
