#include <stdlib.h>

#include "base/arena.h"
#include "driver/control.h"
#include "json/scan.h"
#include "value/object.h"

static size_t
after_space(const char *text, size_t len, size_t i)
{
	while (i < len && (text[i] == ' ' || text[i] == '\t'))
		i++;
	return i;
}

static const char barrier_key[] = "\"ms.barrier\"";

const char *
control_key(const char *text, size_t len)
{
	size_t i = after_space(text, len, 0);

	if (i == len || text[i] != '{')
		return NULL;
	i = after_space(text, len, i + 1);
	if (len - i < sizeof(control_prefix) - 1 || !control_at(text + i))
		return NULL;
	return text + i;
}

static bool
starts_with(const char *key, const char *end, const char *literal)
{
	size_t n = strlen(literal);

	return (size_t)(end - key) >= n && memcmp(key, literal, n) == 0;
}

bool
control_is_barrier(const char *key, const char *end)
{
	return starts_with(key, end, barrier_key);
}

bool
control_is_time(const char *key, const char *end)
{
	return starts_with(key, end, "\"ms.time\"");
}

bool
control_is_seal(const char *key, const char *end)
{
	return starts_with(key, end, "\"ms.seal\"");
}

bool
control_is_json(const char *text, size_t len)
{
	struct scan s;
	struct line line;
	bool good;

	if (scan_init(&s, SCAN_DEPTH) == -1)
		return false;
	good = scan_text(&s, text, len, &line) == SCAN_OK;
	scan_release(&s);
	return good;
}

/* A count: digits only, below 10^18. */
static bool
read_count(const char *p, size_t n, uint64_t *count)
{
	*count = 0;
	for (size_t i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return false;
		*count = *count * 10 + (uint64_t)(p[i] - '0');
	}
	return n > 0 && n <= 18;
}

static bool
find(struct barrier *b, const struct doc *d, uint32_t root)
{
	uint32_t name, n;

	if (d->text[d->at[root]] != '{')
		return false;
	name =
	    object_doc_find(d, root, barrier_key + 1, sizeof(barrier_key) - 3);
	n = object_doc_find(d, root, "n", 1);
	if (name == 0 || n == 0)
		return false;
	b->name = d->at[name];
	b->name_len = (size_t)(doc_end(d, name) - d->text) - b->name;
	b->n = d->at[n];
	b->n_len = (size_t)(doc_end(d, n) - d->text) - b->n;
	return read_count(d->text + b->n, b->n_len, &b->sent);
}

bool
control_read_barrier(struct barrier *b, const char *text, size_t len)
{
	struct scan s;
	struct line line;
	bool good;

	if (scan_init(&s, SCAN_DEPTH) == -1)
		return false;
	good = scan_text(&s, text, len, &line) == SCAN_OK &&
	    find(b, &s.doc, line.root);
	scan_release(&s);
	return good;
}
