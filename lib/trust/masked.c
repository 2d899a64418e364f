#include "trust/masked.h"

#include <string.h>

#include "history/pointer.h"
#include "record/rulebook.h"

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

bool
masked_next(struct arena *a, struct masked_paths *m, struct pathspec *path,
    bool *masked)
{
	while (m->p < m->end) {
		const char *from = m->p, *p = path_end(from, m->end);
		struct pointer pointer;

		*masked = m->masked;
		m->masked |= starts(p, m->end, MASK);
		m->p = p;
		if (p < m->end)
			m->p += strlen(*p == ';' ? MASK : NEXT);
		if (!pointer_parse_pattern(
			a, &pointer, arena_copy(a, from, (size_t)(p - from))))
			continue;
		*path = pathspec_of(a, &pointer);
		return true;
	}
	return false;
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
masked_shown(struct arena *a, const struct view *v, size_t n,
    const struct policy *p, const struct pathspec *path)
{
	for (size_t i = 0; i < n; i++)
		if ((p->mask_stage == NULL ||
			view_says(a, &v[i], VIEW_STAGE, p->mask_stage)) &&
		    names(a, &v[i], path, true))
			return true;
	return false;
}
