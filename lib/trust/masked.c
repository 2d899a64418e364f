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

static bool
names(struct arena *a, const struct view *v, const struct pathspec *path,
    bool masked)
{
	struct masked_paths m;
	struct pathspec p;
	bool is_mask;

	if (!view_says(a, v, VIEW_OP, "mask") &&
	    !view_says(a, v, VIEW_OP, "forget"))
		return false;
	if (!masked_paths(a, v, &m))
		return true;
	while (masked_next(a, &m, &p, &is_mask))
		if (is_mask == masked && pathspec_covers(&p, path))
			return true;
	return false;
}

bool
masked_named(struct arena *a, const struct view *v, size_t n,
    const struct pathspec *path, bool masked)
{
	for (size_t i = 0; i < n; i++)
		if (names(a, &v[i], path, masked))
			return true;
	return false;
}

bool
masked_has_say(struct arena *a, const struct view *v, const struct policy *p)
{
	return p->mask_stage == NULL ||
	    view_says(a, v, VIEW_STAGE, p->mask_stage);
}

void
masked_read(struct arena *a, const struct view *v, size_t n,
    const struct policy *p, struct masked *m)
{
	struct pathspec *paths = NULL, path;
	size_t *upto = arena_array(a, n + 1, sizeof(*upto)), k = 0, cap = 0;
	struct masked_paths rule;
	bool masked;

	for (size_t i = 0; i < n; i++) {
		upto[i] = k;
		if (!masked_has_say(a, &v[i], p) ||
		    !masked_paths(a, &v[i], &rule))
			continue;
		while (masked_next(a, &rule, &path, &masked)) {
			if (!masked)
				continue;
			paths = redact_grow(a, paths, k, &cap, sizeof(*paths));
			paths[k++] = path;
		}
	}
	upto[n] = k;
	*m = (struct masked){paths, upto};
}

bool
masked_shown(const struct masked *m, size_t n, const struct pathspec *path)
{
	struct pathspecs shown = {m->paths, m->upto[n]};

	return pathspecs_cover(&shown, path);
}
