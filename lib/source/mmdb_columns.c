#include "source/mmdb_columns.h"

#include <stdlib.h>
#include <string.h>

/* Is the name a number that an array may have? */
static bool
is_index(const char *name)
{
	size_t n = strspn(name, "0123456789");

	return n > 0 && n < 5 && name[n] == '\0';
}

/* The part of that name, made where there is none. */
static struct mmdb_column *
part_of(struct arena *a, struct mmdb_column *of, const char *name, size_t len)
{
	struct mmdb_column **p = &of->part, *c;

	while (*p != NULL &&
	    (strlen((*p)->name) != len || memcmp((*p)->name, name, len) != 0))
		p = &(*p)->next;
	if (*p != NULL)
		return *p;
	c = arena_alloc(a, sizeof(*c));
	*c = (struct mmdb_column){.name = arena_copy(a, name, len)};
	*p = c;
	return c;
}

/* Add a path of len bytes; false where a name of it is empty. */
static bool
add(struct arena *a, struct mmdb_column *c, const char *path, size_t len)
{
	const char **names = arena_array(a, len + 2, sizeof(*names));
	size_t n = 0, at = 0;

	for (;;) {
		size_t end = at;

		while (end < len && path[end] != '.')
			end++;
		if (end == at)
			return false;
		c = part_of(a, c, path + at, end - at);
		names[n++] = c->name;
		if (end == len)
			break;
		at = end + 1;
	}
	names[n] = NULL;
	c->path = names;
	return true;
}

/* Put the parts in order, where they are places in an array. */
static void
number(struct mmdb_column *of)
{
	struct mmdb_column *sorted = NULL, *next;

	of->numbered = of->part != NULL;
	for (struct mmdb_column *c = of->part; c != NULL; c = c->next) {
		of->numbered = of->numbered && is_index(c->name);
		number(c);
	}
	if (!of->numbered)
		return;
	for (struct mmdb_column *c = of->part; c != NULL; c = next) {
		struct mmdb_column **p = &sorted;

		next = c->next;
		c->index = (size_t)strtoul(c->name, NULL, 10);
		while (*p != NULL && (*p)->index < c->index)
			p = &(*p)->next;
		c->next = *p;
		*p = c;
	}
	of->part = sorted;
}

struct mmdb_column *
mmdb_columns_read(struct arena *a, const char *list)
{
	struct mmdb_column *root = arena_alloc(a, sizeof(*root));
	const char *end;

	*root = (struct mmdb_column){.name = ""};
	for (;; list = end + 1) {
		end = list + strcspn(list, ",");
		if (!add(a, root, list, (size_t)(end - list)))
			return NULL;
		if (*end == '\0')
			break;
	}
	number(root);
	root->numbered = false;
	return root;
}
