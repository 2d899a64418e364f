#include "ascent.h"

#include <string.h>

#include "value/object.h"
#include "value/string.h"
#include "version_files.h"

/* The version that a record's from has as "order/2.json"; false for others. */
static bool
read_version(struct arena *a, const struct view *v, const char *member,
    const char *name, uint32_t *version)
{
	static const char END[] = ".json";
	size_t n = strlen(name), end = sizeof(END) - 1;
	struct value text;

	if (!value_is_object(v->of[VIEW_FROM]) ||
	    !object_get(a, v->of[VIEW_FROM], value_cstring(member), &text) ||
	    !value_is_string(text))
		return false;
	text = string_decoded(a, text);
	return text.n > n + 1 + end && memcmp(text.text, name, n) == 0 &&
	    text.text[n] == '/' &&
	    memcmp(text.text + text.n - end, END, end) == 0 &&
	    version_number(text.text + n + 1, text.n - n - 1 - end, version);
}

bool
ascent_find(struct arena *a, const struct view *v, size_t n, const char *name,
    uint32_t version, size_t *i, uint32_t *from)
{
	uint32_t now = version, to;
	size_t below = 0; /* steps down whose steps up are still to be met */

	for (*i = n; (*i)-- > 0;) {
		const struct view *record = &v[*i];

		if (!view_says(a, record, VIEW_OP, "schema") ||
		    !read_version(a, record, "was", name, from) ||
		    !read_version(a, record, "schema", name, &to))
			continue;
		if (to != now)
			return false;
		if (*from < to && below == 0)
			return now == version;
		below = *from < to ? below - 1 : below + 1;
		now = *from;
	}
	return false;
}
