/*
 * From a schema's document to nodes.
 *
 * Nodes that others refer to are made empty and put on a list; the list is
 * worked off, so that circles of references end.
 */
#include "schema/compile.h"

#include <stdlib.h>
#include <string.h>

#include "value/string.h"

struct node *
compile_node(
    struct compiler *c, struct document *d, uint32_t e, uint32_t resource)
{
	struct node *n = d->node[e];

	if (n != NULL)
		return n;
	n = arena_alloc(c->a, sizeof(*n));
	*n = (struct node){.document = d, .entry = e, .resource = resource};
	d->node[e] = n;
	if (c->todo_n == c->todo_cap) {
		size_t cap = c->todo_cap == 0 ? 64 : 2 * c->todo_cap;
		struct node **more = arena_array(c->a, cap, sizeof(*more));

		if (c->todo_n > 0)
			memcpy(more, c->todo, c->todo_n * sizeof(*more));
		c->todo = more;
		c->todo_cap = cap;
	}
	c->todo[c->todo_n++] = n;
	return n;
}

struct node *
compile_child(struct compiler *c, const struct node *n, uint32_t e)
{
	struct document *d = (struct document *)n->document;
	char type = place_type(d->doc, e);
	enum draft draft = c->store->resources[n->resource].dialect.draft;

	if (type != '{' && type != 't' && type != 'f')
		store_fail(c->store, d, e, "a schema is an object%s",
		    draft > DRAFT_4 ? " or true or false" : "");
	return compile_node(c, d, e, d->resource[e] - 1);
}

struct node_list
compile_list(struct compiler *c, const struct node *n, uint32_t e)
{
	const struct doc *d = n->document->doc;
	struct node_list l = {0};

	if (place_type(d, e) != '[')
		store_fail(
		    c->store, n->document, e, "expected an array of schemas");
	PLACE_EACH_ITEM (d, e, at)
		l.n++;
	l.node = arena_array(c->a, l.n, sizeof(*l.node));
	l.n = 0;
	PLACE_EACH_ITEM (d, e, at)
		l.node[l.n++] = compile_child(c, n, at);
	return l;
}

static const struct node *
compile_reference(struct compiler *c, const struct node *n, uint32_t e)
{
	const char *ref = store_string(c->store, n->document, e);
	struct target t =
	    store_resolve(c->store, n->document, e, n->resource, ref);
	char type = place_type(t.document->doc, t.entry);

	if (type != '{' && type != 't' && type != 'f')
		store_fail(c->store, n->document, e,
		    "what %s refers to is no schema", ref);
	return compile_node(c, t.document, t.entry, t.resource);
}

static uint32_t
dynamic_name(struct compiler *c, const char *name)
{
	struct schema *s = c->schema;
	uint32_t cap;

	for (uint32_t i = 0; i < s->dynamic_n; i++)
		if (strcmp(s->dynamic[i], name) == 0)
			return i;
	if (s->dynamic_n == s->dynamic_cap) {
		const char **more;

		cap = s->dynamic_cap == 0 ? 8 : 2 * s->dynamic_cap;
		more = arena_array(c->a, cap, sizeof(*more));
		if (s->dynamic_n > 0)
			memcpy(more, s->dynamic, s->dynamic_n * sizeof(*more));
		s->dynamic = more;
		s->dynamic_cap = cap;
	}
	s->dynamic[s->dynamic_n] = name;
	return s->dynamic_n++;
}

/* It is dynamic only where what it means by itself is a dynamic anchor. */
static void
compile_dynamic(
    struct compiler *c, const struct node *n, struct logic *l, uint32_t e)
{
	const struct anchor *anchor;
	const char *name;

	l->dynamic = compile_reference(c, n, e);
	name = strchr(store_string(c->store, n->document, e), '#');
	if (name == NULL || *++name == '\0' || *name == '/')
		return;
	anchor = store_anchor(c->store, l->dynamic->resource, name);
	if (anchor != NULL && anchor->dynamic)
		l->dynamic_name = dynamic_name(c, name) + 1;
}

static void
compile_recursive(
    struct compiler *c, const struct node *n, struct logic *l, uint32_t e)
{
	const struct anchor *anchor;

	l->dynamic = compile_reference(c, n, e);
	anchor = store_anchor(c->store, l->dynamic->resource, "");
	if (anchor != NULL && anchor->entry == l->dynamic->entry)
		l->dynamic_name = dynamic_name(c, "") + 1;
}

static struct logic *
logic_of(struct compiler *c, struct node *n)
{
	struct logic *l = (struct logic *)n->logic;

	if (l == NULL) {
		l = arena_alloc(c->a, sizeof(*l));
		*l = (struct logic){0};
		n->logic = l;
	}
	return l;
}

bool
compile_logic(
    struct compiler *c, struct node *n, enum keyword keyword, uint32_t e)
{
	switch (keyword) {
	case KEYWORD_REF:
		logic_of(c, n)->ref = compile_reference(c, n, e);
		return true;
	case KEYWORD_DYNAMIC_REF:
		compile_dynamic(c, n, logic_of(c, n), e);
		return true;
	case KEYWORD_RECURSIVE_REF:
		compile_recursive(c, n, logic_of(c, n), e);
		return true;
	case KEYWORD_ALL_OF:
		logic_of(c, n)->all = compile_list(c, n, e);
		return true;
	case KEYWORD_ANY_OF:
		logic_of(c, n)->any = compile_list(c, n, e);
		return true;
	case KEYWORD_ONE_OF:
		logic_of(c, n)->one = compile_list(c, n, e);
		return true;
	case KEYWORD_NOT:
		logic_of(c, n)->not = compile_child(c, n, e);
		return true;
	case KEYWORD_IF:
		logic_of(c, n)->condition = compile_child(c, n, e);
		return true;
	case KEYWORD_THEN:
		logic_of(c, n)->then = compile_child(c, n, e);
		return true;
	case KEYWORD_ELSE:
		logic_of(c, n)->otherwise = compile_child(c, n, e);
		return true;
	default:
		return false;
	}
}

/* All schemas below $defs are compiled too: their faults are told. */
static void
compile_definitions(struct compiler *c, struct node *n, uint32_t e)
{
	const struct doc *d = n->document->doc;

	if (place_type(d, e) != '{')
		store_fail(
		    c->store, n->document, e, "expected an object of schemas");
	PLACE_EACH_MEMBER (d, e, at)
		compile_child(c, n, at + 2);
}

static void
fill(struct compiler *c, struct node *n)
{
	const struct document *d = n->document;
	struct dialect dialect = c->store->resources[n->resource].dialect;
	struct place_members l;
	bool alone = false;
	uint32_t at;

	n->never = place_type(d->doc, n->entry) == 'f';
	if (place_type(d->doc, n->entry) != '{')
		return;
	alone = dialect.draft <= DRAFT_7 &&
	    place_get(c->a, d->doc, n->entry, "$ref", &at) &&
	    place_type(d->doc, at) == '"';
	place_members(c->a, d->doc, n->entry, &l);
	compile_begin(c, n, &dialect);
	for (uint32_t i = 0; i < l.n; i++) {
		enum keyword k =
		    keyword_find(&dialect, l.m[i].key.text, l.m[i].key.n, NULL);
		uint32_t e = l.m[i].entry + 2;

		if (k == KEYWORD_DEFINITIONS)
			compile_definitions(c, n, e);
		else if (k != KEYWORD_UNKNOWN && (!alone || k == KEYWORD_REF) &&
		    !compile_logic(c, n, k, e))
			compile_rule(c, n, k, e);
	}
	compile_end(c, n);
}

static void
work_off(struct compiler *c)
{
	while (c->done_n < c->todo_n)
		fill(c, c->todo[c->done_n++]);
}

/* Where each dynamic anchor is, in each resource that has it. */
static void
compile_anchors(struct compiler *c)
{
	struct store *store = c->store;

	for (uint32_t i = 0; i < store->anchors_n; i++) {
		struct anchor a = store->anchors[i];

		if (!a.dynamic)
			continue;
		dynamic_name(c, a.name);
		compile_node(c, store->resources[a.resource].document, a.entry,
		    a.resource);
		work_off(c);
	}
}

static void
lay_table(struct compiler *c)
{
	struct schema *s = c->schema;
	struct store *store = c->store;
	size_t row = store->resources_n;

	s->dynamic_node = arena_array(c->a, s->dynamic_n, sizeof(void *));
	for (uint32_t i = 0; i < s->dynamic_n; i++) {
		s->dynamic_node[i] = arena_array(c->a, row, sizeof(void *));
		memset(s->dynamic_node[i], 0, row * sizeof(void *));
	}
	for (uint32_t i = 0; i < store->anchors_n; i++) {
		const struct anchor *a = &store->anchors[i];
		struct document *d = store->resources[a->resource].document;

		if (a->dynamic)
			s->dynamic_node[dynamic_name(c, a->name)][a->resource] =
			    d->node[a->entry];
	}
}

/* --- circles ---------------------------------------------------------- */

enum visit { VISIT_NEVER, VISIT_NOW, VISIT_DONE };

static void seek_circle(struct compiler *c, const struct node *n);

static void
seek_in(struct compiler *c, const struct node_list *l)
{
	for (uint32_t i = 0; i < l->n; i++)
		seek_circle(c, l->node[i]);
}

static void
seek_below(struct compiler *c, const struct node *n)
{
	const struct object_rules *o = n->object;
	const struct logic *l = n->logic;

	if (o != NULL)
		for (uint32_t i = 0; i < o->names_n; i++)
			seek_circle(c, o->name[i].dependent);
	if (l == NULL)
		return;
	seek_circle(c, l->ref);
	seek_circle(c, l->dynamic);
	seek_in(c, &l->all);
	seek_in(c, &l->any);
	seek_in(c, &l->one);
	seek_circle(c, l->not );
	seek_circle(c, l->condition);
	seek_circle(c, l->then);
	seek_circle(c, l->otherwise);
}

/* A schema that asks for itself, of the same value, would never end. */
static void
seek_circle(struct compiler *c, const struct node *n)
{
	struct node *visited = (struct node *)n;

	if (n == NULL || n->visit == VISIT_DONE)
		return;
	if (n->visit == VISIT_NOW)
		store_fail(c->store, n->document, n->entry,
		    "this schema refers to itself in a circle");
	if (++c->depth > COMPILE_DEPTH)
		store_fail(c->store, n->document, n->entry,
		    "schemas for the same value nest too deep");
	visited->visit = VISIT_NOW;
	seek_below(c, n);
	visited->visit = VISIT_DONE;
	c->depth--;
}

void
node_compile(struct schema *s, struct document *d, bool formats)
{
	struct compiler c = {
	    .schema = s,
	    .store = &s->store,
	    .a = &s->arena,
	    .formats = formats,
	};
	char type = place_type(d->doc, d->root);

	if (type != '{' && type != 't' && type != 'f')
		store_fail(c.store, d, d->root,
		    "a schema is an object or true or false");
	s->root = compile_node(&c, d, d->root, d->resource[d->root] - 1);
	work_off(&c);
	compile_anchors(&c);
	lay_table(&c);
	for (size_t i = 0; i < c.todo_n; i++) {
		struct node *n = c.todo[i];

		n->leaf =
		    n->logic == NULL && n->array == NULL && n->object == NULL;
		seek_circle(&c, n);
	}
}
