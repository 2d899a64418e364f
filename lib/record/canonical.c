#include "json/tokens.h"
#include "record/canonical.h"

struct canonical_kept
canonical_keep(struct value raw)
{
	const struct doc *d = raw.doc;
	uint32_t closer = d->match[raw.n], h = d->hidden, behind;
	struct canonical_kept k = {d, raw.n, closer, closer, closer + 1};

	if (h <= raw.n || h >= closer)
		return k;
	behind = doc_after(d, h + 2);
	k.cut = h;
	if (behind != closer)
		k.on = behind + 1; /* with the comma behind it */
	else if (h > raw.n + 1)
		k.cut--; /* with the comma before it */
	return k;
}

/* The tokens of entries, without what is between them. */
static void
put_tokens(const struct doc *d, uint32_t e, uint32_t end, canonical_sink *put,
    void *arg)
{
	const char *from = NULL, *to = NULL;

	for (; e < end; e++) {
		const char *token = d->text + d->at[e];

		if (token != to) {
			if (to != from)
				put(arg, from, (size_t)(to - from));
			from = token;
		}
		to = doc_scalar_end(d, e);
	}
	if (to != from)
		put(arg, from, (size_t)(to - from));
}

void
canonical_tokens(const struct canonical_kept *k, canonical_sink *put, void *arg)
{
	put_tokens(k->doc, k->first, k->cut, put, arg);
	put_tokens(k->doc, k->on, k->end, put, arg);
}

void
canonical_read(struct value raw, canonical_sink *put, void *arg)
{
	struct canonical_kept k = canonical_keep(raw);
	const struct doc *d = k.doc;
	const char *p = d->text + d->at[k.first];
	const char *q = d->text + d->at[k.on];

	if (d->spaced) {
		canonical_tokens(&k, put, arg);
		return;
	}
	put(arg, p, d->at[k.cut] - d->at[k.first]);
	put(arg, q, d->at[k.end - 1] + 1 - d->at[k.on]);
}

void
canonical_whole(struct value raw, canonical_sink *put, void *arg)
{
	const struct doc *d = raw.doc;
	uint32_t closer = d->match[raw.n];

	if (d->spaced)
		put_tokens(d, raw.n, closer + 1, put, arg);
	else
		put(arg, d->text + d->at[raw.n],
		    d->at[closer] + 1 - d->at[raw.n]);
}

void
canonical_text(const char *text, size_t len, canonical_sink *put, void *arg)
{
	const char *from = text, *p = text, *end = text + len;

	while (p < end) {
		if (*p == '"') {
			p = tokens_string(p, end);
			continue;
		}
		if (tokens_is_space(*p++)) {
			if (p - 1 > from)
				put(arg, from, (size_t)(p - 1 - from));
			from = p;
		}
	}
	if (end > from)
		put(arg, from, (size_t)(end - from));
}
