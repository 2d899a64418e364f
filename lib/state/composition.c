#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "state/composition.h"
#include "value/array.h"
#include "value/number.h"
#include "value/object.h"
#include "value/string.h"

bool
composition_source(struct composition_names *names, const char *name,
    size_t len, uint32_t *number)
{
	char **more;
	size_t *lens;

	for (uint32_t i = names->n; i-- > 0;) {
		*number = i;
		if (names->lens[i] == len &&
		    memcmp(names->names[i], name, len) == 0)
			return true;
	}
	more = reallocarray(names->names, names->n + 1, sizeof(*more));
	if (more == NULL)
		return false;
	names->names = more;
	lens = reallocarray(names->lens, names->n + 1, sizeof(*lens));
	if (lens == NULL)
		return false;
	names->lens = lens;
	more[names->n] = malloc(len + 1);
	if (more[names->n] == NULL)
		return false;
	memcpy(more[names->n], name, len);
	lens[names->n] = len;
	*number = names->n++;
	return true;
}

void
composition_names_release(struct composition_names *names)
{
	for (uint32_t i = 0; i < names->n; i++)
		free(names->names[i]);
	free(names->names);
	free(names->lens);
	*names = (struct composition_names){.n = 0};
}

static void
add_digest(struct composition *c, const struct composition_event *e)
{
	char text[UUID_TEXT + 1 + 256];
	size_t n = e->forks_len < 256 ? e->forks_len : 256;
	struct hash_digest h;
	uint64_t low;

	memcpy(text, e->id, UUID_TEXT);
	text[UUID_TEXT] = ' ';
	if (n > 0)
		memcpy(text + UUID_TEXT + 1, e->forks, n);
	h = hash_digest(text, UUID_TEXT + 1 + n);
	low = c->digest[0] + h.low;
	c->digest[1] += h.high + (low < c->digest[0]);
	c->digest[0] = low;
}

/* The range that a line goes on, or already lies in. */
static bool
extend(struct composition *c, const struct composition_event *e)
{
	for (uint16_t i = c->ranges_n; i-- > 0;) {
		struct composition_range *r = &c->ranges[i];

		if (r->source != e->source)
			continue;
		if (e->line == r->to + 1)
			r->to++;
		else if (e->line == r->from - 1)
			r->from--;
		else if (e->line < r->from || e->line > r->to)
			continue;
		return true;
	}
	return false;
}

static void
add_line(struct composition *c, const struct composition_event *e)
{
	if (extend(c, e))
		return;
	if (c->ranges_n == COMPOSITION_RANGES) {
		c->more = 1;
		return;
	}
	c->ranges[c->ranges_n++] = (struct composition_range){
	    .source = e->source,
	    .from = e->line,
	    .to = e->line,
	};
}

void
composition_add(struct composition *c, const struct composition_event *e)
{
	if (e->id == NULL) {
		c->no_ids = 1;
	} else {
		if (c->n == 0)
			memcpy(c->first, e->id, UUID_TEXT);
		memcpy(c->last, e->id, UUID_TEXT);
		add_digest(c, e);
	}
	if (e->has_line)
		add_line(c, e);
	else
		c->more = 1;
	c->n++;
}

size_t
composition_size(const struct composition *c)
{
	return offsetof(struct composition, ranges) +
	    c->ranges_n * sizeof(c->ranges[0]);
}

size_t
composition_read(struct composition *c, const char *p, size_t len)
{
	size_t fixed = offsetof(struct composition, ranges), size;

	if (len < fixed)
		return 0;
	memcpy(c, p, fixed);
	size = composition_size(c);
	if (c->ranges_n > COMPOSITION_RANGES || len < size)
		return 0;
	memcpy(c->ranges, p + fixed, size - fixed);
	return size;
}

static void
write_ranges(struct buf *out, const struct composition *c, uint32_t source)
{
	const char *comma = "";

	buf_putc(out, '[');
	for (uint16_t i = 0; i < c->ranges_n; i++) {
		const struct composition_range *r = &c->ranges[i];

		if (r->source != source)
			continue;
		buf_puts(out, comma);
		buf_putc(out, '[');
		number_put_int(out, r->from);
		buf_putc(out, ',');
		number_put_int(out, r->to);
		buf_putc(out, ']');
		comma = ",";
	}
	buf_putc(out, ']');
}

/* Is it the first range of its source? */
static bool
is_first(const struct composition *c, uint16_t i)
{
	for (uint16_t j = 0; j < i; j++)
		if (c->ranges[j].source == c->ranges[i].source)
			return false;
	return true;
}

static void
write_lines(struct buf *out, const struct composition *c,
    const struct composition_names *names)
{
	const char *comma = "";

	buf_puts(out, ",\"lines\":{");
	for (uint16_t i = 0; i < c->ranges_n; i++) {
		uint32_t source = c->ranges[i].source;

		if (!is_first(c, i))
			continue;
		buf_puts(out, comma);
		value_write_string(
		    out, names->names[source], names->lens[source]);
		buf_putc(out, ':');
		write_ranges(out, c, source);
		comma = ",";
	}
	buf_putc(out, '}');
}

/* A member whose text needs no escapes. */
static void
put_text(struct buf *out, const char *name, const char *text, size_t len)
{
	buf_puts(out, ",\"");
	buf_puts(out, name);
	buf_puts(out, "\":\"");
	buf_put(out, text, len);
	buf_putc(out, '"');
}

enum { DIGEST_TEXT = 32 };

static void
format_digest(const uint64_t digest[2], char hex[DIGEST_TEXT])
{
	uuid_put_hex(hex, (uint32_t)(digest[1] >> 32));
	uuid_put_hex(hex + 8, (uint32_t)digest[1]);
	uuid_put_hex(hex + 16, (uint32_t)(digest[0] >> 32));
	uuid_put_hex(hex + 24, (uint32_t)digest[0]);
}

static void
put_digest(struct buf *out, const uint64_t digest[2])
{
	char hex[DIGEST_TEXT];

	format_digest(digest, hex);
	put_text(out, "digest", hex, sizeof(hex));
}

static bool
has_ids(const struct composition *c)
{
	return !c->no_ids && c->n > 0;
}

void
composition_write(struct buf *out, const struct composition *c,
    const struct composition_names *names)
{
	buf_puts(out, "{\"n\":");
	number_put_int(out, (int64_t)c->n);
	if (has_ids(c)) {
		put_text(out, "first", c->first, UUID_TEXT);
		put_text(out, "last", c->last, UUID_TEXT);
	}
	if (c->ranges_n > 0)
		write_lines(out, c, names);
	if (c->more && c->ranges_n > 0)
		buf_puts(out, ",\"more\":true");
	if (has_ids(c))
		put_digest(out, c->digest);
	buf_putc(out, '}');
}

void
composition_put_identity(struct buf *out, const struct composition *c,
    const struct composition_names *names)
{
	const struct composition_range *first = c->ranges;
	char hex[DIGEST_TEXT];

	if (has_ids(c)) {
		format_digest(c->digest, hex);
		buf_put(out, hex, sizeof(hex));
	} else if (c->ranges_n > 0) {
		buf_put(out, names->names[first->source],
		    names->lens[first->source]);
		buf_putc(out, '\0');
		number_put_int(out, first->from);
	}
}

/* A member that is a whole number of at least 0. */
static bool
get_integer(struct arena *a, struct value v, const char *name, int64_t *number)
{
	struct value n;

	if (!object_get(a, v, value_cstring(name), &n) || !value_is_number(n))
		return false;
	n = n.kind == VALUE_NUMBER ? value_number(n) : n;
	*number = n.i;
	return n.kind == VALUE_INT && n.i >= 0;
}

static bool
get_id(struct arena *a, struct value v, const char *name, char id[UUID_TEXT])
{
	struct value text;

	if (!object_get(a, v, value_cstring(name), &text) ||
	    !value_is_string(text))
		return false;
	text = string_decoded(a, text);
	if (text.n != UUID_TEXT)
		return false;
	memcpy(id, text.text, UUID_TEXT);
	return true;
}

static bool
is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

static bool
get_digest(struct arena *a, struct value v, uint64_t digest[2])
{
	struct value text;
	char half[17] = "";

	if (!object_get(a, v, value_cstring("digest"), &text) ||
	    !value_is_string(text))
		return false;
	text = string_decoded(a, text);
	if (text.n != 32)
		return false;
	for (uint32_t i = 0; i < 32; i++)
		if (!is_hex(text.text[i]))
			return false;
	memcpy(half, text.text, 16);
	digest[1] = strtoull(half, NULL, 16);
	memcpy(half, text.text + 16, 16);
	digest[0] = strtoull(half, NULL, 16);
	return true;
}

/* [from,to] */
static bool
parse_range(
    struct composition *c, struct arena *a, uint32_t source, struct value v)
{
	struct composition_range *r = &c->ranges[c->ranges_n];
	int64_t ends[2];

	if (!value_is_array(v) || c->ranges_n == COMPOSITION_RANGES)
		return false;
	v = array_open(a, v);
	if (v.n != 2)
		return false;
	for (uint32_t i = 0; i < 2; i++) {
		struct value n = array_at(v, i);

		n = n.kind == VALUE_NUMBER ? value_number(n) : n;
		if (n.kind != VALUE_INT)
			return false;
		ends[i] = n.i;
	}
	*r = (struct composition_range){
	    .source = source, .from = ends[0], .to = ends[1]};
	c->ranges_n++;
	return true;
}

static bool
parse_source(struct composition *c, struct arena *a,
    struct composition_names *names, const struct member *m)
{
	struct value name = string_decoded(a, m->key), list;
	uint32_t source;

	if (!value_is_array(m->value) ||
	    !composition_source(names, name.text, name.n, &source))
		return false;
	list = array_open(a, m->value);
	for (uint32_t i = 0; i < list.n; i++)
		if (!parse_range(c, a, source, array_at(list, i)))
			return false;
	return true;
}

static bool
parse_lines(struct composition *c, struct arena *a,
    struct composition_names *names, struct value v)
{
	struct value lines;
	struct member *m;
	uint32_t i = 0;

	if (!object_get(a, v, value_cstring("lines"), &lines)) {
		c->more = 1;
		return true;
	}
	if (!value_is_object(lines))
		return false;
	lines = object_open(a, lines);
	while ((m = object_next(a, lines, &i)) != NULL)
		if (!parse_source(c, a, names, m))
			return false;
	c->more = object_get(a, v, value_cstring("more"), &lines);
	return true;
}

bool
composition_parse(struct composition *c, struct arena *a,
    struct composition_names *names, struct value v)
{
	int64_t n;

	memset(c, 0, offsetof(struct composition, ranges));
	if (!value_is_object(v) || !get_integer(a, v, "n", &n))
		return false;
	c->n = (uint64_t)n;
	c->no_ids = !get_id(a, v, "first", c->first) ||
	    !get_id(a, v, "last", c->last) || !get_digest(a, v, c->digest);
	return parse_lines(c, a, names, v);
}
