/*
 * What is in a document: resources, anchors, and in which dialect they are.
 */
#include <stdio.h>
#include <string.h>

#include "schema/store_parts.h"
#include "schema/uri.h"
#include "value/string.h"

/* --- resources and anchors -------------------------------------------- */

uint32_t
store_add_resource(struct store *s, const char *uri, struct document *d,
    uint32_t e, const struct dialect *dialect)
{
	uint32_t n = s->resources_n, cap = n == 0 ? 8 : 2 * n, other;

	if (names_find(&s->uris, uri, &other))
		store_fail(s, d, e, "%s is the URI of another schema too", uri);
	if (n == s->resources_cap) {
		struct resource *more = arena_array(s->a, cap, sizeof(*more));

		if (n > 0)
			memcpy(more, s->resources, n * sizeof(*more));
		s->resources = more;
		s->resources_cap = cap;
	}
	s->resources[n] = (struct resource){uri, d, e, *dialect};
	s->resources_n++;
	names_add(s->a, &s->uris, uri, n);
	return n;
}

static const char *
anchor_key(struct store *s, uint32_t resource, const char *name)
{
	size_t n = strlen(name) + 12;
	char *key = arena_alloc(s->a, n);

	snprintf(key, n, "%u#%s", (unsigned)resource, name);
	return key;
}

const struct anchor *
store_anchor(struct store *s, uint32_t resource, const char *name)
{
	uint32_t i;

	if (!names_find(&s->known, anchor_key(s, resource, name), &i))
		return NULL;
	return &s->anchors[i];
}

static void
add_anchor(struct store *s, const struct document *d, uint32_t e,
    uint32_t resource, const char *name, bool dynamic)
{
	uint32_t n = s->anchors_n, cap = n == 0 ? 8 : 2 * n;

	if (store_anchor(s, resource, name) != NULL)
		store_fail(s, d, e, "another schema has the anchor %s", name);
	if (n == s->anchors_cap) {
		struct anchor *more = arena_array(s->a, cap, sizeof(*more));

		if (n > 0)
			memcpy(more, s->anchors, n * sizeof(*more));
		s->anchors = more;
		s->anchors_cap = cap;
	}
	s->anchors[n] = (struct anchor){resource, e, dynamic, name};
	s->anchors_n++;
	names_add(s->a, &s->known, anchor_key(s, resource, name), n);
}

/* --- dialects --------------------------------------------------------- */

/* What the $vocabulary of a metaschema says, where there is one. */
static void
read_vocabularies(struct store *s, const struct document *d, uint32_t e,
    struct dialect *dialect)
{
	uint32_t list;

	if (place_type(d->doc, e) != '{' ||
	    !place_get(s->a, d->doc, e, "$vocabulary", &list) ||
	    place_type(d->doc, list) != '{')
		return;
	dialect->vocabularies = VOCABULARY_CORE;
	PLACE_EACH_MEMBER (d->doc, list, at) {
		const char *uri = store_string(s, d, at);
		unsigned bits = keyword_vocabulary(uri);

		if (bits == 0 && place_type(d->doc, at + 2) == 't')
			store_fail(s, d, at,
			    "the vocabulary %s is required, and not known",
			    uri);
		dialect->vocabularies |= bits;
	}
}

/* The dialect that a $schema at entry e names. */
static struct dialect
read_dialect(struct store *s, const struct document *d, uint32_t e,
    const struct dialect *outer)
{
	const char *uri = store_string(s, d, e), *fragment;
	struct dialect dialect;
	uint32_t r;

	fragment = uri_split(s->a, &uri);
	if (fragment != NULL && *fragment != '\0')
		store_fail(s, d, e, "$schema can't have a fragment");
	if (keyword_dialect(uri, &dialect) == 0)
		return dialect;
	r = store_find_resource(s, uri, d, e, outer);
	dialect = s->resources[r].dialect;
	dialect.vocabularies = VOCABULARY_ALL;
	read_vocabularies(
	    s, s->resources[r].document, s->resources[r].entry, &dialect);
	return dialect;
}

/* --- the index -------------------------------------------------------- */

static bool
is_fragment_allowed(const struct dialect *dialect)
{
	return dialect->draft <= DRAFT_7;
}

/* A schema with an $id, at entry e: it is a resource, or has an anchor. */
static uint32_t
enter_id(struct store *s, struct document *d, uint32_t e, uint32_t id,
    uint32_t r, const struct dialect *dialect)
{
	const char *text = store_string(s, d, id), *uri, *fragment;
	bool anchored;

	uri = uri_resolve(s->a, s->resources[r].uri, text);
	fragment = uri_split(s->a, &uri);
	anchored = fragment != NULL && *fragment != '\0';
	if (anchored && !is_fragment_allowed(dialect))
		store_fail(s, d, id, "$id can't have a fragment");
	if (anchored && *fragment == '/')
		return r;
	if (!anchored || *text != '#') {
		uint32_t other;
		bool same = names_find(&s->uris, uri, &other) &&
		    s->resources[other].document == d &&
		    s->resources[other].entry == e;

		if (e == s->resources[r].entry && !same) {
			/* The file's own URI holds as well. */
			if (names_find(&s->uris, uri, &other))
				store_fail(s, d, id,
				    "%s is the URI of another schema too", uri);
			s->resources[r].uri = uri;
			names_add(s->a, &s->uris, uri, r);
		} else if (!same) {
			if (names_find(&s->uris, uri, &other))
				store_fail(s, d, id,
				    "%s is the URI of another schema too", uri);
			r = store_add_resource(s, uri, d, e, dialect);
		}
	}
	if (anchored)
		add_anchor(s, d, e, r, fragment, false);
	return r;
}

static void
enter_anchors(struct store *s, struct document *d, uint32_t e, uint32_t r)
{
	struct dialect dialect = s->resources[r].dialect;
	uint32_t at;

	if (dialect.draft < DRAFT_2019)
		return;
	if (place_get(s->a, d->doc, e, "$anchor", &at))
		add_anchor(s, d, e, r, store_string(s, d, at), false);
	if (dialect.draft == DRAFT_2020 &&
	    place_get(s->a, d->doc, e, "$dynamicAnchor", &at))
		add_anchor(s, d, e, r, store_string(s, d, at), true);
	if (dialect.draft == DRAFT_2019 && s->resources[r].entry == e &&
	    place_get(s->a, d->doc, e, "$recursiveAnchor", &at) &&
	    place_type(d->doc, at) == 't')
		add_anchor(s, d, e, r, "", true);
}

/* The resource of the schema at entry e, which stands in r. */
static uint32_t
enter(struct store *s, struct document *d, uint32_t e, uint32_t r)
{
	struct dialect dialect = s->resources[r].dialect;
	bool root = s->resources[r].entry == e, has_id;
	uint32_t at, id;
	const char *name;

	if (place_get(s->a, d->doc, e, "$schema", &at) &&
	    (root || place_get(s->a, d->doc, e, "$id", &id) ||
		place_get(s->a, d->doc, e, "id", &id)))
		dialect = read_dialect(s, d, at, &dialect);
	if (root)
		s->resources[r].dialect = dialect;
	name = dialect.draft == DRAFT_4 ? "id" : "$id";
	has_id = place_get(s->a, d->doc, e, name, &id) &&
	    (place_type(d->doc, id) == '"' || dialect.draft > DRAFT_4);
	/* Before 2019-09 nothing counts beside a $ref. */
	if (dialect.draft <= DRAFT_7 && place_get(s->a, d->doc, e, "$ref", &at))
		return r;
	if (has_id)
		r = enter_id(s, d, e, id, r, &dialect);
	enter_anchors(s, d, e, r);
	return r;
}

static void
index_held(struct store *s, struct document *d, uint32_t e, uint32_t r,
    enum holds holds)
{
	char type = place_type(d->doc, e);

	switch (holds) {
	case HOLDS_NOTHING:
		break;
	case HOLDS_EITHER:
		index_held(s, d, e, r, type == '[' ? HOLDS_LIST : HOLDS_SCHEMA);
		break;
	case HOLDS_SCHEMA:
		store_index_schema(s, d, e, r);
		break;
	case HOLDS_LIST:
		if (type == '[')
			PLACE_EACH_ITEM (d->doc, e, at)
				store_index_schema(s, d, at, r);
		break;
	case HOLDS_MAP:
		if (type == '{')
			PLACE_EACH_MEMBER (d->doc, e, at)
				store_index_schema(s, d, at + 2, r);
		break;
	}
}

void
store_index_schema(struct store *s, struct document *d, uint32_t e, uint32_t r)
{
	struct place_members l;
	struct dialect dialect;
	enum holds holds;

	if (d->resource[e] != 0)
		return;
	d->resource[e] = r + 1;
	if (place_type(d->doc, e) != '{')
		return;
	r = enter(s, d, e, r);
	d->resource[e] = r + 1;
	dialect = s->resources[r].dialect;
	place_members(s->a, d->doc, e, &l);
	for (uint32_t i = 0; i < l.n; i++)
		if (keyword_find(&dialect, l.m[i].key.text, l.m[i].key.n,
			&holds) != KEYWORD_UNKNOWN)
			index_held(s, d, l.m[i].entry + 2, r, holds);
}
