#include "trust/glance.h"

#include <string.h>

#include "base/hash.h"
#include "trust/marks.h"
#include "trust/redact.h"
#include "value/keys.h"
#include "value/string.h"

enum {
	FEW = 6,           /* paths that are searched for one by one */
	FIRST_SLOTS = 256, /* a power of two */
};

/* --- the keys ------------------------------------------------------------ */

static uint64_t
length_bit(size_t n)
{
	return UINT64_C(1) << (n < 63 ? n : 63);
}

/* The slot of a key, or the empty one where it would be. */
static uint32_t *
slot_of(const struct glance *g, const char *p, size_t n)
{
	size_t i = hash_bytes(p, n) & (g->slots_n - 1);

	for (;; i = (i + 1) & (g->slots_n - 1)) {
		const struct value *key;

		if (g->slots[i] == 0)
			return &g->slots[i];
		key = &g->keys[g->slots[i] - 1].key;
		if (key->n == n && (n == 0 || memcmp(key->text, p, n) == 0))
			return &g->slots[i];
	}
}

/* Room for twice as many keys as there are. */
static void
make_room(struct glance *g)
{
	if (g->keys_n * 2 < g->slots_n)
		return;
	g->slots_n = g->slots_n == 0 ? FIRST_SLOTS : g->slots_n * 2;
	g->slots = arena_array(g->a, g->slots_n, sizeof(*g->slots));
	memset(g->slots, 0, g->slots_n * sizeof(*g->slots));
	for (size_t i = 0; i < g->keys_n; i++)
		*slot_of(g, g->keys[i].key.text, g->keys[i].key.n) =
		    (uint32_t)i + 1;
}

static struct glance_key *
key_at(struct glance *g, struct value key)
{
	uint32_t *slot;

	make_room(g);
	slot = slot_of(g, key.text, key.n);
	if (*slot == 0) {
		g->keys = redact_grow(
		    g->a, g->keys, g->keys_n, &g->keys_cap, sizeof(*g->keys));
		g->keys[g->keys_n++] = (struct glance_key){key, 0};
		*slot = (uint32_t)g->keys_n;
		g->lengths |= length_bit(key.n);
		g->begins[key.n > 0 ? (unsigned char)*key.text : 0] = true;
	}
	return &g->keys[*slot - 1];
}

/* Must the key of a step be met as it is?  A pointer escapes some. */
static bool
is_needed(const struct pointer *p, size_t i)
{
	const struct value *key = &p->steps[i].key;

	if (key->kind == VALUE_NULL || p->steps[i].i != SIZE_MAX ||
	    (key->n > 0 &&
		(memchr(key->text, '~', key->n) != NULL ||
		    memchr(key->text, '/', key->n) != NULL)))
		return false;
	return true;
}

void
glance_add(struct glance *g, const struct pointer *path)
{
	uint32_t n = (uint32_t)g->paths_n;
	struct glance_path *p;

	g->paths = redact_grow(
	    g->a, g->paths, g->paths_n, &g->paths_cap, sizeof(*g->paths));
	p = &g->paths[g->paths_n++];
	*p = (struct glance_path){*path, 0};
	for (size_t i = 0; i < path->n; i++) {
		struct glance_key *k;
		bool repeats;

		if (path->steps[i].key.kind == VALUE_NULL)
			continue;
		k = key_at(g, path->steps[i].key);
		repeats = k->use != 0 && g->uses[k->use - 1].path == n;
		g->uses = redact_grow(
		    g->a, g->uses, g->uses_n, &g->uses_cap, sizeof(*g->uses));
		g->uses[g->uses_n] = (struct glance_use){
		    n, k->use, i == 0, is_needed(path, i) && !repeats};
		p->keys += g->uses[g->uses_n++].needed;
		k->use = (uint32_t)g->uses_n;
	}
}

/* --- few paths ----------------------------------------------------------- */

/* Is a key spelled in a text as it would be without escapes? */
static bool
is_spelled(struct value key, const char *text, size_t len)
{
	for (uint32_t i = 0; i < key.n; i++)
		if (!value_plain_byte((unsigned char)key.text[i]))
			return true; /* it may be spelled otherwise */
	return memmem(text, len, key.text, key.n) != NULL;
}

static bool
is_in_text(const struct pointer *p, const char *text, size_t len)
{
	for (size_t i = 0; i < p->n; i++)
		if (is_needed(p, i) && !is_spelled(p->steps[i].key, text, len))
			return false;
	return true;
}

/* Does the event itself have the first key of a path? */
static bool
begins(const struct pointer *p, struct arena *a, struct value root)
{
	return p->steps[0].key.kind == VALUE_NULL ||
	    keys_find(a, root.doc, root.n, p->steps[0].key).times > 0;
}

static bool
has_unicode(const char *text, size_t len)
{
	return memchr(text, '\\', len) != NULL &&
	    memmem(text, len, "\\u", 2) != NULL;
}

static bool
any_may(const struct glance *g, struct arena *a, struct value root, bool past)
{
	struct mark line = marks_span(root);
	size_t len = (size_t)(line.to - line.from);

	if (past && has_unicode(line.from, len))
		return true;
	for (size_t i = 0; i < g->paths_n; i++) {
		const struct pointer *p = &g->paths[i].path;

		if (past ? is_in_text(p, line.from, len) : begins(p, a, root))
			return true;
	}
	return false;
}

static void
list_all(const struct glance *g, struct arena *a, struct glance_found *out)
{
	out->paths = arena_array(a, g->paths_n, sizeof(*out->paths));
	for (size_t i = 0; i < g->paths_n; i++)
		out->paths[out->paths_n++] = (uint32_t)i;
	out->keys = arena_array(a, g->keys_n, sizeof(*out->keys));
	for (size_t i = 0; i < g->keys_n; i++)
		out->keys[out->keys_n++] = g->keys[i].key;
}

/* --- many ---------------------------------------------------------------- */

struct looking {
	const struct glance *g;
	struct arena *a;
	bool past;
	bool *met;      /* by key */
	uint32_t *left; /* by path: keys that weren't met yet */
	struct glance_found *found;
};

static void
meet(struct looking *l, const char *p, size_t n)
{
	const struct glance *g = l->g;
	uint32_t k;

	if ((g->lengths & length_bit(n)) == 0 ||
	    !g->begins[n > 0 ? (unsigned char)*p : 0])
		return;
	k = *slot_of(g, p, n);
	if (k == 0 || l->met[k - 1])
		return;
	l->met[k - 1] = true;
	l->found->keys[l->found->keys_n++] = g->keys[k - 1].key;
	for (uint32_t u = g->keys[k - 1].use; u != 0; u = g->uses[u - 1].next) {
		const struct glance_use *use = &g->uses[u - 1];

		if (l->past)
			l->left[use->path] -= use->needed;
		else if (use->first)
			l->left[use->path] = 0;
	}
}

/* A key, or the keys of a pointer. */
static void
meet_string(struct looking *l, struct value v)
{
	const char *p, *end;

	v = string_decoded(l->a, v);
	p = v.text;
	end = p + v.n;
	if (v.n == 0 || *p != '/') {
		meet(l, p, v.n);
		return;
	}
	while (p < end) {
		const char *from = p + 1;

		p = memchr(from, '/', (size_t)(end - from));
		if (p == NULL)
			p = end;
		meet(l, from, (size_t)(p - from));
	}
}

static void
meet_all(struct looking *l, struct value root)
{
	const struct doc *d = root.doc;
	uint32_t end = d->match[root.n];

	if (l->past) {
		for (uint32_t e = root.n + 1; e < end; e++)
			if (d->text[d->at[e]] == '"')
				meet_string(l, value_source(d, e));
		return;
	}
	for (uint32_t e = root.n + 1; e < end; e = doc_after(d, e + 2) + 1) {
		struct value key = string_decoded(l->a, value_source(d, e));

		meet(l, key.text, key.n);
	}
}

static void
look_for_many(const struct glance *g, struct arena *a, struct value root,
    bool past, struct glance_found *out)
{
	struct looking l = {g, a, past, NULL, NULL, out};

	l.met = arena_array(a, g->keys_n, sizeof(*l.met));
	memset(l.met, 0, g->keys_n * sizeof(*l.met));
	l.left = arena_array(a, g->paths_n, sizeof(*l.left));
	for (size_t i = 0; i < g->paths_n; i++)
		l.left[i] = past
		    ? g->paths[i].keys
		    : g->paths[i].path.steps[0].key.kind != VALUE_NULL;
	out->keys = arena_array(a, g->keys_n, sizeof(*out->keys));
	meet_all(&l, root);
	out->paths = arena_array(a, g->paths_n, sizeof(*out->paths));
	for (size_t i = 0; i < g->paths_n; i++)
		if (l.left[i] == 0)
			out->paths[out->paths_n++] = (uint32_t)i;
}

void
glance_look(const struct glance *g, struct arena *a, struct value root,
    bool past, struct glance_found *found)
{
	*found = (struct glance_found){.paths_n = 0};
	if (g->paths_n > FEW)
		look_for_many(g, a, root, past, found);
	else if (any_may(g, a, root, past))
		list_all(g, a, found);
}
