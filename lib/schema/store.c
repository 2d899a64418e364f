#include "schema/store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"
#include "schema/store_parts.h"
#include "schema/uri.h"
#include "value/array.h"
#include "value/string.h"

enum { NESTED = 20 }; /* documents that are read for one another */

/* --- complaints ------------------------------------------------------- */

_Noreturn static void
fail_at(struct store *s, const struct document *d, size_t offset,
    const char *format, va_list args)
{
	struct schema_error *error = s->error;

	vsnprintf(error->message, sizeof(error->message), format, args);
	error->path = d->path;
	error->text = d->text;
	error->len = d->len;
	error->offset = offset;
	longjmp(*s->failed, 1);
}

_Noreturn void
store_fail(struct store *s, const struct document *d, uint32_t e,
    const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fail_at(s, d, d->doc == NULL ? 0 : d->doc->at[e] - 1, format, args);
}

_Noreturn static void
fail_offset(struct store *s, const struct document *d, size_t offset,
    const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fail_at(s, d, offset, format, args);
}

/* --- reading ---------------------------------------------------------- */

/* The content of a file; false and errno where it can't be read. */
static bool
read_all(struct arena *a, int fd, char **text, size_t *len)
{
	size_t cap = 16384, n = 0;
	char *p = arena_alloc(a, cap);
	ssize_t got;

	while ((got = read(fd, p + n, cap - n)) != 0) {
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return false;
		n += (size_t)got;
		if (n == cap) {
			char *more = arena_alloc(a, 2 * cap);

			memcpy(more, p, n);
			p = more;
			cap *= 2;
		}
	}
	if (n >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0) {
		p += 3; /* a BOM, as in inputs */
		n -= 3;
	}
	*text = p;
	*len = n;
	return true;
}

static void
end_file(void *arg)
{
	close(*(int *)arg);
}

static bool
read_file(struct arena *a, const char *path, char **text, size_t *len)
{
	int *fd = arena_alloc(a, sizeof(*fd)), saved;
	struct arena_deferred *closing;
	bool good;

	*fd = open(path, O_RDONLY | O_CLOEXEC);
	if (*fd == -1)
		return false;
	closing = arena_defer(a, end_file, fd);
	good = read_all(a, *fd, text, len);
	saved = errno;
	arena_end(a, closing);
	errno = saved;
	return good;
}

/* The doc of "[" text "]": so it has one, of whatever kind the text is. */
static void
parse(struct store *s, struct document *d)
{
	char *wrapped = arena_alloc(s->a, d->len + 3);
	struct scan_error error;
	struct value v;
	uint32_t entries;
	size_t bad = utf8_check(d->text, d->len);

	if (bad < d->len)
		fail_offset(s, d, bad, "a schema is UTF-8");
	wrapped[0] = '[';
	memcpy(wrapped + 1, d->text, d->len);
	wrapped[d->len + 1] = ']';
	if (!scan_diagnose(d->text, d->len, SCAN_DEPTH - 1, &error))
		fail_offset(s, d, error.column - (error.column > 0), "%s",
		    error.reason);
	if (!value_parse(s->a, wrapped, d->len + 2, &v, &error) ||
	    v.doc->match[0] == 1)
		fail_offset(s, d, 0, "a schema is JSON, this is nothing");
	d->doc = v.doc;
	d->root = 1;
	entries = v.doc->match[0] + 1;
	d->resource = arena_array(s->a, entries, sizeof(*d->resource));
	memset(d->resource, 0, entries * sizeof(*d->resource));
	d->node = arena_array(s->a, entries, sizeof(*d->node));
	memset(d->node, 0, entries * sizeof(*d->node));
}

static const char *
last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL || slash[1] == '\0' ? path : slash + 1;
}

static struct document *
new_document(struct store *s, const char *path)
{
	struct document *d = arena_alloc(s->a, sizeof(*d));

	*d = (struct document){.path = path, .name = last_part(path)};
	return d;
}

const char *
store_string(struct store *s, const struct document *d, uint32_t e)
{
	struct value v = value_source(d->doc, e);

	if (!value_is_string(v))
		store_fail(s, d, e, "expected a string");
	v = string_decoded(s->a, v);
	if (memchr(v.text, '\0', v.n) != NULL)
		store_fail(s, d, e, "this can't hold a NUL");
	return arena_copy(s->a, v.text, v.n);
}

/* --- finding ---------------------------------------------------------- */

static const struct dialect newest = {DRAFT_2020, VOCABULARY_ALL};

static uint32_t
index_document(struct store *s, struct document *d, const char *uri,
    const struct dialect *dialect)
{
	uint32_t r = store_add_resource(s, uri, d, d->root, dialect);

	store_index_schema(s, d, d->root, r);
	return r;
}

/* All metaschemas of a draft are in one document. */
static bool
load_metaschemas(struct store *s, const char *uri)
{
	struct document *d;
	size_t len;
	const char *text = keyword_metaschema(uri, &len);

	if (text == NULL)
		return false;
	d = new_document(s, uri);
	d->text = text;
	d->len = len;
	d->bundled = true;
	parse(s, d);
	PLACE_EACH_MEMBER (d->doc, d->root, at)
		store_index_schema(s, d, at + 2,
		    store_add_resource(
			s, store_string(s, d, at), d, at + 2, &newest));
	return true;
}

/* The path of a URI below a mapped one; NULL where it isn't below. */
static const char *
map_path(struct store *s, const struct schema_map *m, const char *uri)
{
	size_t n = strlen(m->uri), len, size;
	char *rest, *path;

	if (strncmp(uri, m->uri, n) != 0)
		return NULL;
	if (!uri_decode(s->a, uri + n, &rest, &len) ||
	    memchr(rest, '\0', len) != NULL || strstr(rest, "../") != NULL)
		return NULL;
	size = strlen(m->dir) + len + 2;
	path = arena_alloc(s->a, size);
	snprintf(path, size, "%s%s%s", m->dir,
	    *m->dir != '\0' && m->dir[strlen(m->dir) - 1] == '/' ? "" : "/",
	    *rest == '/' ? rest + 1 : rest);
	return path;
}

static struct document *
read_document(struct store *s, const char *path)
{
	struct document *d = new_document(s, path);
	char *text;

	if (!read_file(s->a, path, &text, &d->len))
		return NULL;
	d->text = text;
	parse(s, d);
	return d;
}

/* The file that a URI means, or NULL; *path is the last one tried. */
static struct document *
find_file(struct store *s, const char *uri, const char **path)
{
	static const struct schema_map files = {"file://", "/"};
	struct document *d = NULL;

	for (size_t i = 0; i < s->options->maps_n && d == NULL; i++) {
		const char *p = map_path(s, &s->options->maps[i], uri);

		if (p != NULL)
			d = read_document(s, *path = p);
	}
	if (d == NULL && s->beside.uri != NULL) {
		const char *p = map_path(s, &s->beside, uri);

		if (p != NULL)
			d = read_document(s, *path = p);
	}
	if (d == NULL) {
		const char *p = map_path(s, &files, uri);

		if (p != NULL)
			d = read_document(s, *path = p);
	}
	return d;
}

uint32_t
store_find_resource(struct store *s, const char *uri, const struct document *d,
    uint32_t e, const struct dialect *dialect)
{
	const char *path = NULL;
	struct document *found;
	uint32_t r;

	if (names_find(&s->uris, uri, &r))
		return r;
	if (load_metaschemas(s, uri) && names_find(&s->uris, uri, &r))
		return r;
	if (s->depth == NESTED)
		store_fail(s, d, e, "metaschemas go in a circle");
	found = find_file(s, uri, &path);
	if (found == NULL && path != NULL)
		store_fail(s, d, e, "%s: %s", path, strerror(errno));
	if (found == NULL)
		store_fail(s, d, e,
		    "%s isn't here, and nothing is fetched; --map URI=DIR "
		    "says where it is",
		    uri);
	s->depth++;
	r = index_document(s, found, uri, dialect);
	s->depth--;
	return r;
}

/* The URI of what stands beside: up to the last slash. */
static const char *
folder(struct arena *a, const char *uri)
{
	const char *slash = strrchr(uri, '/');

	return slash == NULL ? NULL
			     : arena_copy(a, uri, (size_t)(slash + 1 - uri));
}

/* Other schemas with URIs like this one's are looked for beside it. */
static void
set_beside(struct store *s, const struct document *d, const char *file)
{
	const char *name = "$id", *uri;
	uint32_t id;

	if (place_type(d->doc, d->root) != '{')
		return;
	if (!place_get(s->a, d->doc, d->root, name, &id) &&
	    !place_get(s->a, d->doc, d->root, "id", &id))
		return;
	if (place_type(d->doc, id) != '"')
		return;
	uri = folder(s->a, uri_resolve(s->a, file, store_string(s, d, id)));
	if (uri != NULL)
		s->beside = (struct schema_map){uri, folder(s->a, d->path)};
	if (s->beside.dir == NULL)
		s->beside.dir = ".";
}

struct document *
store_open(struct store *s, const char *path)
{
	struct document *d;
	char full[PATH_MAX];
	const char *uri;

	path = arena_copy(s->a, path, strlen(path));
	d = read_document(s, path);
	if (d == NULL) {
		struct document none = {.path = path, .name = path};

		store_fail(s, &none, 0, "%s", strerror(errno));
	}
	/* A pipe has no other path. */
	uri = uri_of_file(s->a, realpath(path, full) != NULL ? full : path);
	set_beside(s, d, uri);
	index_document(s, d, uri, &newest);
	return d;
}

/* The innermost resource around the place e, which no index has met. */
static uint32_t
nearest(const struct document *d, uint32_t from, uint32_t e)
{
	uint32_t r = 0, at = from;

	while (at != e) {
		uint32_t next = at;

		if (d->resource[at] != 0)
			r = d->resource[at] - 1;
		if (place_type(d->doc, at) == '[') {
			PLACE_EACH_ITEM (d->doc, at, i)
				if (e >= i && e < doc_after(d->doc, i))
					next = i;
		} else {
			PLACE_EACH_MEMBER (d->doc, at, i)
				if (e >= i + 2 && e < doc_after(d->doc, i + 2))
					next = i + 2;
		}
		at = next;
	}
	return r;
}

/* What a fragment means in a resource. */
static uint32_t
find_fragment(struct store *s, const struct document *d, uint32_t e, uint32_t r,
    const char *fragment)
{
	const struct document *in = s->resources[r].document;
	uint32_t found = s->resources[r].entry;
	const struct anchor *anchor;
	char *text;
	size_t n;

	if (fragment == NULL || *fragment == '\0')
		return found;
	if (!uri_decode(s->a, fragment, &text, &n))
		store_fail(s, d, e, "a %% needs two hexadecimal digits");
	if (*text != '/') {
		anchor = store_anchor(s, r, text);
		if (anchor == NULL)
			store_fail(s, d, e, "no schema in %s has the anchor %s",
			    in->name, text);
		return anchor->entry;
	}
	if (!place_follow(s->a, in->doc, text, n, &found))
		store_fail(s, d, e, "nothing is at %s in %s", text, in->name);
	return found;
}

struct target
store_resolve(struct store *s, const struct document *d, uint32_t e,
    uint32_t resource, const char *ref)
{
	const char *uri = uri_resolve(s->a, s->resources[resource].uri, ref);
	const char *fragment = uri_split(s->a, &uri);
	struct dialect dialect = s->resources[resource].dialect;
	uint32_t r = store_find_resource(s, uri, d, e, &dialect);
	struct document *in = s->resources[r].document;
	uint32_t found = find_fragment(s, d, e, r, fragment);

	if (in->resource[found] == 0)
		store_index_schema(
		    s, in, found, nearest(in, s->resources[r].entry, found));
	return (struct target){in, found, in->resource[found] - 1};
}
