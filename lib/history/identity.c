#include <string.h>

#include "history/identity.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

/* Its text, or as it is spelled; nothing for NULL. */
static void
put_scalar(struct buf *b, struct arena *a, struct value v)
{
	if (value_is_string(v)) {
		v = string_decoded(a, v);
		buf_put(b, v.text, v.n);
	} else if (value_is_number(v)) {
		value_write(b, v);
	}
}

static bool
put_member(struct buf *b, struct arena *a, struct value from, const char *name,
    const char *before)
{
	struct value v;

	if (!object_get(a, from, value_cstring(name), &v))
		return false;
	buf_puts(b, before);
	put_scalar(b, a, v);
	return true;
}

static void
put_origin(struct buf *b, struct arena *a, const struct view *v)
{
	struct value from = v->of[VIEW_FROM];

	if (put_member(b, a, from, "topic", "")) {
		put_member(b, a, from, "partition", "[");
		put_member(b, a, from, "offset", "]@");
		return;
	}
	put_member(b, a, from, "source", "");
	put_member(b, a, from, "line", ":");
}

static void
put_forks(struct buf *b, struct arena *a, const struct view *v)
{
	struct value fork = v->of[VIEW_FORK];

	if (value_is_array(fork)) {
		put_scalar(b, a, array_get(fork, 0));
		buf_putc(b, '/');
		put_scalar(b, a, array_get(fork, 1));
		buf_putc(b, ' ');
	}
	if (view_has(v, VIEW_REV)) {
		buf_putc(b, 'r');
		put_scalar(b, a, v->of[VIEW_REV]);
		buf_putc(b, ' ');
	}
}

static struct value
keep(struct arena *a, struct buf *b, size_t from)
{
	if (buf_failed(b))
		arena_starve(a);
	return value_text(
	    arena_copy(a, b->len == 0 ? "" : b->p + from, b->len - from),
	    b->len - from);
}

void
identity_read(
    struct arena *a, const struct view *v, size_t n, struct identity *who)
{
	struct arena_deferred *release;
	struct buf *b = buf_new(a, &release);
	const struct view *origin = view_origin(a, v, n);
	size_t from;

	if (view_identity(a, v, n, &who->id) == NULL)
		who->id = value_cstring("");
	if (origin != NULL)
		put_origin(b, a, origin);
	who->origin = keep(a, b, 0);
	from = b->len;
	for (size_t i = 0; i < n; i++)
		put_forks(b, a, &v[i]);
	who->forks = keep(a, b, from);
	arena_end(a, release);
}

bool
identity_leads_to(struct value forks, struct value those)
{
	return forks.n <= those.n &&
	    (forks.n == 0 || memcmp(forks.text, those.text, forks.n) == 0);
}
