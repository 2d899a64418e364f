/*
 * The books as text for people, or as data.
 */
#include <inttypes.h>
#include <string.h>

#include "books.h"
#include "base/terminal.h"

/* What waits in the ledger at the end, by what it lacks. */
struct rest {
	uint64_t missing;   /* nothing of it was found */
	uint64_t partly;    /* some of its parts, or one of them twice */
	uint64_t elsewhere; /* it isn't among the inputs */
};

enum lack { LACK_NOTHING, LACK_ALL, LACK_PART, LACK_LINE };

static enum lack
lack_of(const struct books *c, const struct ledger_entry *e)
{
	if (e->flags == 0)
		return LACK_NOTHING;
	if (c->ledger.inputs && (e->flags & LEDGER_ENTERED) == 0)
		return e->flags & LEDGER_FOUND ? LACK_LINE : LACK_NOTHING;
	return e->flags & LEDGER_FOUND ? LACK_PART : LACK_ALL;
}

static size_t
entries(const struct books *c)
{
	return c->ledger.entry == NULL ? 0 : c->ledger.mask + 1;
}

static struct rest
rest_of(const struct books *c)
{
	struct rest r = {0, 0, 0};

	for (size_t i = 0; i < entries(c); i++) {
		enum lack lack = lack_of(c, &c->ledger.entry[i]);

		r.missing += lack == LACK_ALL;
		r.partly += lack == LACK_PART;
		r.elsewhere += lack == LACK_LINE;
	}
	return r;
}

/* 9,999 */
static void
put_number(struct buf *out, uint64_t n)
{
	if (n >= 1000) {
		put_number(out, n / 1000);
		buf_printf(out, ",%03u", (unsigned)(n % 1000));
		return;
	}
	buf_printf(out, "%u", (unsigned)n);
}

static void
put_text(struct buf *out, const char *text)
{
	struct terminal plain = {.width = SIZE_MAX};
	struct terminal_line line = {out, &plain, SIZE_MAX};

	terminal_text(&line, TERMINAL_PLAIN, text, strlen(text));
}

/* access.ndjson:17, or an id */
static void
put_entry(const struct books *c, struct buf *out, const struct ledger_entry *e)
{
	if ((e->flags & LEDGER_LINE) == 0) {
		buf_printf(out,
		    "%08" PRIx64 "-%04" PRIx64 "-%04" PRIx64 "-%04" PRIx64
		    "-%012" PRIx64,
		    e->high >> 32, e->high >> 16 & 0xFFFF, e->high & 0xFFFF,
		    e->low >> 48, e->low & 0xFFFFFFFFFFFF);
		return;
	}
	if (e->high < c->sources)
		put_text(out, c->source[e->high]);
	else
		buf_putc(out, '?');
	buf_printf(out, ":%" PRIu64, e->low);
}

static const char *const KINDS[] = {
    "turned away by", "given no output by", "rejected by"};

static uint64_t
lost(const struct books *c, size_t loss)
{
	return loss + 1 < c->ledger.losses ? c->ledger.lost[loss + 1] : 0;
}

/* The first stage, as the histories tell; NULL where they don't. */
static const struct books_stage *
first_stage(const struct books *c)
{
	const struct books_stage *first = NULL;

	for (size_t i = 0; i < c->stages; i++) {
		const struct books_stage *s = &c->stage[i];

		if (s->ends > 0 && (first == NULL || s->place < first->place))
			first = s;
	}
	return first;
}

/* The stage whose records stand right behind those of another. */
static const struct books_stage *
next_stage(const struct books *c, const struct books_stage *s)
{
	for (size_t i = 0; i < c->stages; i++)
		if (s->place != SIZE_MAX && c->stage[i].place == s->place + 1)
			return &c->stage[i];
	return NULL;
}

/* All that was found of what entered. */
static uint64_t
found(const struct books *c, const struct rest *r)
{
	uint64_t n = c->ledger.out + c->ledger.results + r->partly;

	for (size_t i = 0; i < c->losses; i++)
		n += lost(c, i);
	return n;
}

struct balance {
	struct rest rest;
	uint64_t read, missing, surplus;
	bool known; /* how many were read */
	bool good;
};

static struct balance
balance_of(const struct books *c)
{
	struct balance b = {.rest = rest_of(c), .known = true};
	uint64_t n = found(c, &b.rest);
	const struct books_stage *first = first_stage(c);

	if (c->ledger.inputs)
		b.read = c->ledger.entered;
	else if (first != NULL)
		b.read = first->read;
	else
		b.known = false;
	if (!b.known)
		b.read = n;
	b.missing = b.read > n ? b.read - n : 0;
	b.surplus = n > b.read ? n - b.read : 0;
	b.good = b.missing == 0 && b.rest.partly == 0 && b.surplus == 0 &&
	    b.rest.elsewhere == 0 && b.known;
	/* What a stage that was killed has read isn't counted. */
	for (size_t i = 0; i < c->stages && !c->ledger.inputs; i++)
		b.good &= c->stage[i].runs <= c->stage[i].ends;
	return b;
}

static void
put_counted(struct buf *out, uint64_t n, const char *what)
{
	if (n == 0)
		return;
	buf_puts(out, ", ");
	put_number(out, n);
	buf_putc(out, ' ');
	buf_puts(out, what);
}

static bool
same_way(const struct books_loss *x, const struct books_loss *y)
{
	return x->kind == y->kind && strcmp(x->name, y->name) == 0;
}

/* All losses of a stage that went the same way as the first. */
static void
put_losses(const struct books *c, size_t first, struct buf *out)
{
	const struct books_loss *l = &c->loss[first];
	size_t most = first, reasons = 0;
	uint64_t n = 0;

	for (size_t i = first; i < c->losses; i++) {
		if (!same_way(&c->loss[i], l))
			continue;
		n += lost(c, i);
		reasons += lost(c, i) > 0;
		if (lost(c, i) > lost(c, most))
			most = i;
	}
	put_counted(out, n, KINDS[l->kind]);
	if (n == 0)
		return;
	buf_putc(out, ' ');
	put_text(out, l->name);
	if (c->loss[most].reason[0] == '\0')
		return;
	buf_puts(out, " (");
	put_text(out, c->loss[most].reason);
	if (reasons > 1)
		buf_printf(out, "; %zu other reason%s", reasons - 1,
		    reasons > 2 ? "s" : "");
	buf_putc(out, ')');
}

/* Where the stage of a loss stands in histories. */
static size_t
place_of(const struct books *c, const struct books_loss *l)
{
	for (size_t i = 0; i < c->stages; i++)
		if (strcmp(c->stage[i].name, l->name) == 0)
			return c->stage[i].place;
	return SIZE_MAX;
}

static bool
comes_before(const struct books *c, size_t x, size_t y)
{
	const struct books_loss *l = &c->loss[x], *m = &c->loss[y];
	size_t p = place_of(c, l), q = place_of(c, m);

	return p != q ? p < q : l->kind < m->kind;
}

/* One of each way to get lost, in the order of the stages. */
static void
put_ways(const struct books *c, struct buf *out)
{
	size_t way[BOOKS_LOSSES], n = 0, k;

	for (size_t i = 0; i < c->losses; i++) {
		for (k = 0; k < n; k++)
			if (same_way(&c->loss[way[k]], &c->loss[i]))
				break;
		if (k < n)
			continue;
		for (k = n++; k > 0 && comes_before(c, i, way[k - 1]); k--)
			way[k] = way[k - 1];
		way[k] = i;
	}
	for (size_t i = 0; i < n; i++)
		put_losses(c, way[i], out);
}

static void
put_summary(const struct books *c, const struct balance *b, struct buf *out)
{
	put_number(out, b->read);
	buf_puts(out, b->known ? " read: " : " found: ");
	put_number(out, c->ledger.out);
	buf_puts(out, " out");
	put_counted(out, c->ledger.results, "in results");
	put_ways(c, out);
	put_counted(out, b->rest.partly, "in part or twice");
	buf_puts(out, ", ");
	put_number(out, b->missing);
	buf_puts(out, " missing");
	put_counted(out, b->surplus, "more than were read");
	buf_putc(out, '\n');
}

static bool
precedes(const struct ledger_entry *x, const struct ledger_entry *y)
{
	return x->high < y->high || (x->high == y->high && x->low < y->low);
}

/* The first entries, by source and line, that lack something. */
static size_t
first_lacking(const struct books *c, enum lack lack,
    const struct ledger_entry *first[BOOKS_LISTED])
{
	size_t n = 0, k;

	for (size_t i = 0; i < entries(c); i++) {
		const struct ledger_entry *e = &c->ledger.entry[i];

		if (lack_of(c, e) != lack ||
		    (n == BOOKS_LISTED && precedes(first[n - 1], e)))
			continue;
		n += n < BOOKS_LISTED;
		for (k = n - 1; k > 0 && precedes(e, first[k - 1]); k--)
			first[k] = first[k - 1];
		first[k] = e;
	}
	return n;
}

/* Some of what lacks something, for people. */
static void
put_lacking(const struct books *c, struct buf *out, enum lack lack,
    const char *what, uint64_t n)
{
	const struct ledger_entry *first[BOOKS_LISTED];
	size_t told = first_lacking(c, lack, first);

	for (size_t i = 0; i < told; i++) {
		buf_printf(out, "  %s ", what);
		put_entry(c, out, first[i]);
		buf_putc(out, '\n');
	}
	if (n > told && told > 0) {
		buf_puts(out, "  and ");
		put_number(out, n - told);
		buf_puts(out, " more\n");
	}
}

/* What seems missing may be in a result that had no room to name it. */
static void
put_vague(const struct books *c, const struct balance *b, struct buf *out)
{
	if (c->vague == 0 || b->missing == 0)
		return;
	buf_puts(out, "  some of these may be in ");
	put_number(out, c->vague);
	buf_puts(out,
	    " results that don't name all their lines; ms-trace of tells\n");
}

static void
put_stages(const struct books *c, struct buf *out)
{
	for (size_t i = 0; i < c->stages; i++) {
		const struct books_stage *s = &c->stage[i];
		const struct books_stage *next = next_stage(c, s);

		if (s->runs > s->ends) {
			buf_puts(out, "  ");
			put_text(out, s->name);
			buf_puts(out,
			    " was killed: its last line is not in the trail\n");
		}
		if (next == NULL || s->ends == 0 || next->ends == 0 ||
		    s->written <= next->read)
			continue;
		buf_puts(out, "  ");
		put_number(out, s->written - next->read);
		buf_puts(out, " got lost between ");
		put_text(out, s->name);
		buf_puts(out, " and ");
		put_text(out, next->name);
		buf_putc(out, '\n');
	}
}

static void
put_remarks(const struct books *c, const struct balance *b, struct buf *out)
{
	if (c->ledger.in_part > 0) {
		buf_puts(out, "  of ");
		put_number(out, c->ledger.in_part);
		buf_puts(out, " that are out, a part isn't\n");
	}
	if (!b->known)
		buf_puts(out,
		    "  how many were read is known from --in, or from a "
		    "--trail\n");
	if (c->unknown == 0)
		put_lacking(c, out, LACK_ALL, "missing:", b->rest.missing);
	else if (b->missing > 0)
		buf_puts(out,
		    "  which ones isn't known: some have neither an id nor an "
		    "origin (start with ms-trace)\n");
	put_vague(c, b, out);
	put_lacking(c, out, LACK_PART, "in part or twice:", b->rest.partly);
	put_lacking(
	    c, out, LACK_LINE, "not in --in, or twice:", b->rest.elsewhere);
	put_stages(c, out);
}

/* --- as data --- */

static void
put_string(struct buf *out, const char *name, const char *text)
{
	buf_printf(out, ",\"%s\":", name);
	value_write_string(out, text, strlen(text));
}

static void
put_list(
    const struct books *c, struct buf *out, const char *name, enum lack lack)
{
	bool first = true;

	buf_printf(out, ",\"%s\":[", name);
	for (size_t i = 0; i < entries(c); i++) {
		struct buf text = {0};

		if (lack_of(c, &c->ledger.entry[i]) != lack)
			continue;
		put_entry(c, &text, &c->ledger.entry[i]);
		if (!first)
			buf_putc(out, ',');
		value_write_string(out, text.p, text.len);
		out->failed |= text.failed;
		buf_release(&text);
		first = false;
	}
	buf_putc(out, ']');
}

static void
put_json(const struct books *c, const struct balance *b, struct buf *out)
{
	static const char *const NAMES[] = {
	    "turned_away", "no_output", "rejected"};
	bool first = true;

	buf_printf(out, "{\"balanced\":%s", b->good ? "true" : "false");
	if (b->known)
		buf_printf(out, ",\"read\":%" PRIu64, b->read);
	buf_printf(out,
	    ",\"out\":%" PRIu64 ",\"results\":%" PRIu64
	    ",\"out_in_part\":%" PRIu64 ",\"lost\":[",
	    c->ledger.out, c->ledger.results, c->ledger.in_part);
	for (size_t i = 0; i < c->losses; i++) {
		const struct books_loss *l = &c->loss[i];

		if (lost(c, i) == 0)
			continue;
		buf_printf(
		    out, "%s{\"how\":\"%s\"", first ? "" : ",", NAMES[l->kind]);
		put_string(out, "stage", l->name);
		if (l->reason[0] != '\0')
			put_string(out, "reason", l->reason);
		buf_printf(out, ",\"events\":%" PRIu64 "}", lost(c, i));
		first = false;
	}
	buf_printf(out,
	    "],\"missing\":%" PRIu64 ",\"surplus\":%" PRIu64
	    ",\"unknown\":%" PRIu64,
	    b->missing, b->surplus, c->unknown);
	put_list(c, out, "missing_at", LACK_ALL);
	put_list(c, out, "in_part", LACK_PART);
	put_list(c, out, "elsewhere", LACK_LINE);
	buf_puts(out, ",\"stages\":[");
	for (size_t i = 0; i < c->stages; i++) {
		const struct books_stage *s = &c->stage[i];

		buf_puts(out, i == 0 ? "{\"runs\":" : ",{\"runs\":");
		buf_printf(out,
		    "%" PRIu64 ",\"ended\":%" PRIu64 ",\"read\":%" PRIu64
		    ",\"written\":%" PRIu64,
		    s->runs, s->ends, s->read, s->written);
		put_string(out, "stage", s->name);
		buf_putc(out, '}');
	}
	buf_puts(out, "]}\n");
}

bool
books_write(struct books *c, struct buf *out)
{
	struct balance b = balance_of(c);

	if (c->json) {
		put_json(c, &b, out);
		return b.good;
	}
	put_summary(c, &b, out);
	put_remarks(c, &b, out);
	return b.good;
}
