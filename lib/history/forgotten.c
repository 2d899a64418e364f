#include <stdlib.h>
#include <string.h>

#include "history/forgotten.h"
#include "value/string.h"

enum { MOST = 1000 }; /* paths in a list */

static bool
is_lost(struct value v)
{
	return (v.flags & VALUE_FORGOTTEN) != 0;
}

/* Only what was opened can hold one: a text says null, and nothing else. */
bool
forgotten_in(struct value v)
{
	if (v.kind == VALUE_ARRAY) {
		for (uint32_t i = 0; i < v.n; i++)
			if (forgotten_in(v.array->v[i]))
				return true;
	} else if (v.kind == VALUE_OBJECT) {
		for (uint32_t i = 0; i < v.object->n; i++)
			if (v.object->m[i].key.kind != VALUE_NULL &&
			    forgotten_in(v.object->m[i].value))
				return true;
	}
	return is_lost(v);
}

struct finding_lost {
	struct arena *a;
	struct buf *path;
	void (*tell)(void *arg, const char *path);
	void *arg;
	size_t n;
};

static bool
is_name(struct value key)
{
	for (uint32_t i = 0; i < key.n; i++) {
		char c = key.text[i];
		bool digit = c >= '0' && c <= '9';

		if (!(c == '_' || (c >= 'a' && c <= 'z') ||
			(c >= 'A' && c <= 'Z') || (digit && i > 0)))
			return false;
	}
	return key.n > 0;
}

static void
put_key(struct buf *b, struct value key)
{
	buf_putc(b, '.');
	if (is_name(key))
		buf_put(b, key.text, key.n);
	else
		value_write_string(b, key.text, key.n);
}

static void
find(struct finding_lost *f, struct value v)
{
	size_t len = f->path->len;

	if (is_lost(v)) {
		if (len == 0)
			buf_putc(f->path, '.'); /* the whole event */
		buf_putc(f->path, '\0');
		if (!f->path->failed)
			f->tell(f->arg, f->path->p);
		f->n++;
	} else if (v.kind == VALUE_ARRAY) {
		buf_puts(f->path, len == 0 ? ".[]" : "[]");
		for (uint32_t i = 0; i < v.n; i++)
			find(f, v.array->v[i]);
	} else if (v.kind == VALUE_OBJECT) {
		for (uint32_t i = 0; i < v.object->n; i++) {
			const struct member *m = &v.object->m[i];

			if (m->key.kind == VALUE_NULL)
				continue;
			put_key(f->path, string_decoded(f->a, m->key));
			find(f, m->value);
			buf_back(f->path, len);
		}
	}
	buf_back(f->path, len);
}

size_t
forgotten_paths(struct arena *a, struct value v,
    void (*tell)(void *arg, const char *path), void *arg)
{
	struct arena_deferred *release;
	struct finding_lost f = {.a = a, .tell = tell, .arg = arg};

	if (!forgotten_in(v))
		return 0;
	f.path = buf_new(a, &release);
	find(&f, v);
	arena_end(a, release);
	return f.n;
}

void
forgotten_note(struct forgotten_list *l, const char *path)
{
	size_t i = 0;

	while (i < l->n && strcmp(l->v[i].path, path) != 0)
		i++;
	if (i == l->n) {
		if (l->v == NULL)
			l->v = calloc(MOST, sizeof(*l->v));
		if (l->v == NULL || l->n == MOST ||
		    (l->v[i].path = strdup(path)) == NULL) {
			l->more++;
			return;
		}
		l->n++;
	}
	l->v[i].times++;
}

void
forgotten_release(struct forgotten_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i].path);
	free(l->v);
	*l = (struct forgotten_list){0};
}
