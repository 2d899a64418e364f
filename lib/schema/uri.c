#include "schema/uri.h"

#include <ctype.h>
#include <string.h>

struct span {
	const char *p;
	size_t n;
};

/* The parts of a reference, with what marks them: "https:", "//host". */
struct parts {
	struct span scheme, authority, path, query, fragment;
};

static struct span
take(const char **p, size_t n)
{
	struct span s = {*p, n};

	*p += n;
	return s;
}

static size_t
scheme_length(const char *p)
{
	size_t n = 0;

	if (!isalpha((unsigned char)*p))
		return 0;
	while (isalnum((unsigned char)p[n]) ||
	    (p[n] != '\0' && strchr("+-.", p[n]) != NULL))
		n++;
	return p[n] == ':' ? n + 1 : 0;
}

bool
uri_is_absolute(const char *uri)
{
	return scheme_length(uri) > 0;
}

static struct parts
split(const char *p)
{
	struct parts u = {0};

	u.scheme = take(&p, scheme_length(p));
	u.authority =
	    take(&p, strncmp(p, "//", 2) == 0 ? 2 + strcspn(p + 2, "/?#") : 0);
	u.path = take(&p, strcspn(p, "?#"));
	u.query = take(&p, *p == '?' ? strcspn(p, "#") : 0);
	u.fragment = take(&p, strlen(p));
	return u;
}

/* The path of base up to its last slash, then ref's. */
static struct span
merge(struct arena *a, const struct parts *base, const struct parts *ref)
{
	size_t keep = base->path.n;
	bool slash = base->authority.n > 0 && base->path.n == 0;
	char *p;

	while (keep > 0 && base->path.p[keep - 1] != '/')
		keep--;
	p = arena_alloc(a, keep + slash + ref->path.n + 1);
	memcpy(p, base->path.p, keep);
	if (slash)
		p[keep++] = '/';
	memcpy(p + keep, ref->path.p, ref->path.n);
	return (struct span){p, keep + ref->path.n};
}

static bool
is_dots(const char *p, size_t n)
{
	return (n == 1 && p[0] == '.') || (n == 2 && memcmp(p, "..", 2) == 0);
}

/* Take the last segment away, and the slash before it. */
static size_t
drop_segment(const char *p, size_t n)
{
	while (n > 0 && p[n - 1] != '/')
		n--;
	return n > 0 ? n - 1 : 0;
}

/* Section 5.2.4, for paths that begin with a slash; others stay. */
static struct span
remove_dots(struct arena *a, struct span path)
{
	const char *p = path.p, *end = path.p + path.n;
	char *out;
	size_t n = 0;

	if (path.n == 0 || *p != '/')
		return path;
	out = arena_alloc(a, path.n + 1);
	while (p < end) {
		const char *from = ++p;
		size_t len;

		while (p < end && *p != '/')
			p++;
		len = (size_t)(p - from);
		if (is_dots(from, len)) {
			if (len == 2)
				n = drop_segment(out, n);
			if (p == end)
				out[n++] = '/';
			continue;
		}
		out[n++] = '/';
		memcpy(out + n, from, len);
		n += len;
	}
	return (struct span){out, n};
}

static const char *
join(struct arena *a, const struct parts *u)
{
	const struct span *s[] = {
	    &u->scheme, &u->authority, &u->path, &u->query, &u->fragment};
	size_t n = 0;
	char *out;

	for (size_t i = 0; i < 5; i++)
		n += s[i]->n;
	out = arena_alloc(a, n + 1);
	n = 0;
	for (size_t i = 0; i < 5; i++) {
		if (s[i]->n > 0)
			memcpy(out + n, s[i]->p, s[i]->n);
		n += s[i]->n;
	}
	out[n] = '\0';
	return out;
}

const char *
uri_resolve(struct arena *a, const char *base, const char *ref)
{
	struct parts b = split(base), r = split(ref), u = r;

	if (r.scheme.n == 0) {
		u.scheme = b.scheme;
		if (r.authority.n == 0) {
			u.authority = b.authority;
			if (r.path.n == 0) {
				u.path = b.path;
				if (r.query.n == 0)
					u.query = b.query;
			} else if (*r.path.p != '/') {
				u.path = merge(a, &b, &r);
			}
		}
	}
	u.path = remove_dots(a, u.path);
	return join(a, &u);
}

const char *
uri_split(struct arena *a, const char **uri)
{
	const char *hash = strchr(*uri, '#');

	if (hash == NULL)
		return NULL;
	*uri = arena_copy(a, *uri, (size_t)(hash - *uri));
	return hash + 1;
}

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
uri_decode(struct arena *a, const char *text, char **out, size_t *n)
{
	*out = arena_alloc(a, strlen(text) + 1);
	*n = 0;
	for (; *text != '\0'; text++) {
		if (*text != '%') {
			(*out)[(*n)++] = *text;
			continue;
		}
		if (hex(text[1]) < 0 || hex(text[2]) < 0)
			return false;
		(*out)[(*n)++] = (char)(hex(text[1]) << 4 | hex(text[2]));
		text += 2;
	}
	(*out)[*n] = '\0';
	return true;
}

const char *
uri_of_file(struct arena *a, const char *path)
{
	static const char digits[] = "0123456789ABCDEF";
	char *out = arena_alloc(a, 3 * strlen(path) + 8);
	size_t n = 7;

	memcpy(out, "file://", 7);
	for (; *path != '\0'; path++) {
		unsigned char c = (unsigned char)*path;

		if (isalnum(c) || strchr("/-._~", c) != NULL) {
			out[n++] = (char)c;
			continue;
		}
		out[n++] = '%';
		out[n++] = digits[c >> 4];
		out[n++] = digits[c & 15];
	}
	out[n] = '\0';
	return out;
}
