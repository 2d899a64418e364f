#include "trust/masked.h"

#include <string.h>

#include "history/pointer.h"
#include "record/rulebook.h"
#include "trust/redact.h"

static const char MASK[] = "; mask ", NEXT[] = ", ";

static bool
starts(const char *p, const char *end, const char *with)
{
	size_t n = strlen(with);

	return (size_t)(end - p) >= n && memcmp(p, with, n) == 0;
}

bool
masked_paths(struct arena *a, const struct view *v, struct masked_paths *m)
{
	bool masks = view_says(a, v, VIEW_OP, "mask");
	struct value rule;

	if ((!masks && !view_says(a, v, VIEW_OP, "forget")) ||
	    !view_text(a, v, VIEW_RULE, &rule) ||
	    (rule.n == RULEBOOK_HASH && memcmp(rule.text, "b2:", 3) == 0))
		return false;
	*m = (struct masked_paths){rule.text, rule.text + rule.n, masks};
	return true;
}

/* Where a path ends that begins here; a key in quotes may hold anything. */
static const char *
path_end(const char *p, const char *end)
{
	bool quoted = false;

	for (; p < end; p++) {
		if (quoted && *p == '\\' && p + 1 < end)
			p++;
		else if (*p == '"')
			quoted = !quoted;
		else if (!quoted &&
		    (starts(p, end, NEXT) || starts(p, end, MASK)))
			break;
	}
	return p;
}

/* What stands at m's place, which goes behind it; false where it is no path. */
static bool
take(struct arena *a, struct masked_paths *m, struct pathspec *path,
    bool *masked)
{
	const char *from = m->p, *p = path_end(from, m->end);
	struct pointer pointer;

	*masked = m->masked;
	m->masked |= starts(p, m->end, MASK);
	m->p = p;
	if (p < m->end)
		m->p += strlen(*p == ';' ? MASK : NEXT);
	if (!pointer_parse_pattern(
		a, &pointer, arena_copy(a, from, (size_t)(p - from))))
		return false;
	*path = pathspec_of(a, &pointer);
	return true;
}

bool
masked_next(struct arena *a, struct masked_paths *m, struct pathspec *path,
    bool *masked)
{
	while (m->p < m->end)
		if (take(a, m, path, masked))
			return true;
	return false;
}

bool
masked_says_paths(struct arena *a, const struct view *v)
{
	struct masked_paths m;
	struct pathspec path;
	bool masked;

	if (!masked_paths(a, v, &m))
		return false;
	while (m.p < m.end)
		if (!take(a, &m, &path, &masked))
			return false;
	return true;
}

bool
masked_has_say(struct arena *a, const struct view *v, const struct policy *p)
{
	return p->mask_stage == NULL ||
	    view_says(a, v, VIEW_STAGE, p->mask_stage);
}

/* Those that are masked, or forgotten, by the policy's stage or by any. */
static void
read_paths(struct arena *a, const struct view *v, size_t n,
    const struct policy *p, bool masked, struct masked *m)
{
	struct pathspec *paths = NULL, path;
	size_t *upto = arena_array(a, n + 1, sizeof(*upto)), k = 0, cap = 0;
	struct masked_paths rule;
	bool is_mask;

	for (size_t i = 0; i < n; i++) {
		upto[i] = k;
		if ((p != NULL && !masked_has_say(a, &v[i], p)) ||
		    !masked_paths(a, &v[i], &rule))
			continue;
		while (masked_next(a, &rule, &path, &is_mask)) {
			if (is_mask != masked)
				continue;
			paths = redact_grow(a, paths, k, &cap, sizeof(*paths));
			paths[k++] = path;
		}
	}
	upto[n] = k;
	m->upto = upto;
	pathset_make(a, &(struct pathspecs){paths, k}, &m->paths);
}

void
masked_read(struct arena *a, const struct view *v, size_t n,
    const struct policy *p, struct masked *m)
{
	read_paths(a, v, n, p, true, m);
}

bool
masked_shown(const struct masked *m, size_t n, const struct pathspec *path)
{
	return pathset_first(&m->paths, &path->path) < m->upto[n];
}

/* May the record have meant any path? */
static bool
may_mean_any(struct arena *a, const struct view *v)
{
	struct masked_paths m;

	return (view_says(a, v, VIEW_OP, "mask") ||
		   view_says(a, v, VIEW_OP, "forget")) &&
	    !masked_paths(a, v, &m);
}

void
masked_read_names(
    struct arena *a, const struct view *v, size_t n, struct masked_names *m)
{
	m->any = 0;
	while (m->any < n && !may_mean_any(a, &v[m->any]))
		m->any++;
	read_paths(a, v, n, NULL, true, &m->masked);
	read_paths(a, v, n, NULL, false, &m->forgotten);
}

bool
masked_named(const struct masked_names *m, size_t n,
    const struct pathspec *path, bool masked)
{
	return n > m->any ||
	    masked_shown(masked ? &m->masked : &m->forgotten, n, path);
}
