#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "render/changes.h"
#include "render/contrast.h"

void
contrast_release(struct contrast *c)
{
	free(c->paths.row);
	free(c->fates[0].row);
	free(c->fates[1].row);
	free(c->left_out.row);
	free(c->unjudged.row);
}

bool
contrast_differs(const struct contrast *c)
{
	return c->changed + c->only[0] + c->only[1] > 0;
}

/* --- rows --- */

/* One more that is told so; false where memory is missing. */
static bool
count(struct contrast_rows *rows, const char *what, const char *why)
{
	struct contrast_row *more;
	size_t cap = rows->cap == 0 ? 16 : rows->cap * 2;

	for (size_t i = 0; i < rows->n; i++)
		if (strcmp(rows->row[i].what, what) == 0 &&
		    strcmp(rows->row[i].why, why) == 0) {
			rows->row[i].events++;
			return true;
		}
	if (rows->n == CONTRAST_ROWS) {
		rows->others++;
		return true;
	}
	if (rows->n == rows->cap) {
		more = reallocarray(rows->row, cap, sizeof(*more));
		if (more == NULL)
			return false;
		rows->row = more;
		rows->cap = cap;
	}
	more = &rows->row[rows->n++];
	more->events = 1;
	memcpy(more->what, what, CONTRAST_TEXT);
	memcpy(more->why, why, CONTRAST_TEXT);
	return true;
}

/* Text in the room of a row, without what a cut leaves of a character. */
static void
keep(char out[CONTRAST_TEXT], const char *text, size_t n)
{
	memset(out, 0, CONTRAST_TEXT);
	show_keep(out, CONTRAST_TEXT, value_text(text, n));
}

/* The place, with [] for any element. */
static void
keep_place(char out[CONTRAST_TEXT], const struct divergence *d)
{
	static const struct site root = {0};
	struct buf b = {0};
	struct site p = root;

	for (uint32_t i = 0; i < d->site.n; i++) {
		if (d->site.keys[i].kind == VALUE_INT) {
			buf_puts(&b, b.len == 0 ? ".[]" : "[]");
			continue;
		}
		p.keys = &d->site.keys[i];
		p.n = 1;
		site_write(&b, &p);
	}
	if (b.len == 0 && d->change.path.n > 0)
		buf_put(&b, d->change.path.text, d->change.path.n);
	if (b.len == 0)
		buf_putc(&b, '.');
	keep(out, b.len == 0 ? "." : b.p, b.len);
	buf_release(&b);
}

/* "since price (map)", and the row of a table that it joined. */
static void
put_since(struct buf *b, struct arena *a, const struct divergence *d,
    const struct divergence_side *old, const struct divergence_side *new)
{
	const struct view *v;
	const char *table;
	struct value label, line;

	if (d->order)
		buf_puts(b, "the order of members");
	if (d->since == DIVERGENCE_READ)
		buf_puts(b, "as read");
	if (d->since == DIVERGENCE_READ && d->outside)
		buf_puts(b, ", or changed outside");
	if (d->since != DIVERGENCE_STAGE)
		return;
	v = d->in_old ? &old->v[d->record - 1] : &new->v[d->record - 1];
	label = view_label(a, v);
	buf_puts(b, "since ");
	buf_put(b, label.text, label.n);
	if (d->was == NULL)
		buf_puts(b,
		    d->in_old ? ", which the new one lacks"
			      : ", which the old one lacks");
	if (d->outside)
		buf_puts(b, ", or outside behind it");
	table = d->was == NULL ? NULL : divergence_row(a, d->was, v, &line);
	if (table == NULL)
		return;
	buf_puts(b, ": another row of ");
	buf_puts(b, table);
}

static void
count_difference(struct contrast *c, struct arena *a,
    const struct divergence *d, const struct divergence_side *old,
    const struct divergence_side *new)
{
	char what[CONTRAST_TEXT], why[CONTRAST_TEXT];
	struct buf b = {0};

	keep_place(what, d);
	put_since(&b, a, d, old, new);
	keep(why, b.len == 0 ? "" : b.p, b.len);
	c->starved |= b.failed || !count(&c->paths, what, why);
	buf_release(&b);
}

/* --- one by one --- */

static void
write_changes(struct contrast *c, struct show *s, struct arena *a,
    const struct divergence *d, const struct divergence_side *old,
    const struct divergence_side *new)
{
	char last[CONTRAST_TEXT] = "", since[CONTRAST_TEXT];
	struct change one;

	(void)c;
	for (; d != NULL; d = d->next) {
		struct buf b = {0};

		put_since(&b, a, d, old, new);
		keep(since, b.len == 0 ? "" : b.p, b.len);
		s->line.out->failed |= b.failed;
		buf_release(&b);
		if (strcmp(since, last) != 0) {
			terminal_start(&s->line);
			terminal_puts(&s->line, TERMINAL_DIM, "  ");
			terminal_puts(&s->line, TERMINAL_PLAIN, since);
			terminal_end(&s->line);
			memcpy(last, since, sizeof(last));
		}
		one = d->change;
		one.next = NULL;
		changes_write(s, &one, 4);
	}
}

static void
put_name(struct buf *out, const char *name)
{
	value_write_string(out, name, strlen(name));
}

static void
json_identity(struct buf *out, struct arena *a, const struct show_event *e)
{
	size_t n;
	struct view *v = view_history(a, e->history, &n);
	const struct view *origin = view_origin(a, v, n);
	struct value id;

	if (view_identity(a, v, n, &id) != NULL) {
		buf_puts(out, ",\"id\":");
		value_write(out, id);
	}
	if (origin != NULL) {
		buf_puts(out, ",\"from\":");
		value_write(out, origin->of[VIEW_FROM]);
	}
	buf_printf(out, ",\"line\":%" PRIu64, e->line);
}

static void
json_changes(struct buf *out, struct arena *a, const struct divergence *d,
    const struct divergence_side *old, const struct divergence_side *new)
{
	const char *comma = "";
	struct buf since = {0};

	buf_puts(out, ",\"changes\":[");
	for (; d != NULL; d = d->next) {
		buf_printf(out, "%s{\"path\":", comma);
		comma = ",";
		value_write_string(out, d->change.path.text, d->change.path.n);
		if (d->change.had) {
			buf_puts(out, ",\"old\":");
			value_write(out, d->change.before);
		}
		if (d->change.has) {
			buf_puts(out, ",\"new\":");
			value_write(out, d->change.after);
		}
		buf_clear(&since);
		put_since(&since, a, d, old, new);
		if (since.len > 0) {
			buf_puts(out, ",\"why\":");
			value_write_string(out, since.p, since.len);
		}
		if (d->since == DIVERGENCE_STAGE)
			buf_printf(out, ",\"record\":%zu,\"in\":\"%s\"",
			    d->record, d->in_old ? "old" : "new");
		buf_putc(out, '}');
	}
	buf_putc(out, ']');
	out->failed |= since.failed;
	buf_release(&since);
}

void
contrast_pair(struct contrast *c, struct buf *out, struct arena *a,
    const struct divergence *d, const struct divergence_side *old,
    const struct divergence_side *new, const struct show_event *e)
{
	struct show s = {{out, c->terminal, 0}, a};

	if (d == NULL) {
		c->same++;
		return;
	}
	c->changed++;
	for (const struct divergence *x = d; x != NULL; x = x->next)
		count_difference(c, a, x, old, new);
	if (c->each && c->json) {
		buf_puts(out, "{\"what\":\"changed\"");
		json_identity(out, a, e);
		json_changes(out, a, d, old, new);
		buf_puts(out, "}\n");
	} else if (c->each) {
		show_header(&s, e, new->v, new->n);
		write_changes(c, &s, a, d, old, new);
		terminal_end(&s.line);
	}
}

static void
write_only(struct contrast *c, struct buf *out, struct arena *a, int side,
    const struct fate *fate, const struct show_event *e)
{
	struct show s = {{out, c->terminal, 0}, a};
	struct terminal_line *l = &s.line;
	const char *colour = side == 0 ? TERMINAL_RED : TERMINAL_GREEN;
	size_t n;
	struct view *v = view_history(a, e->history, &n);

	show_header(&s, e, v, n);
	terminal_start(l);
	terminal_puts(l, TERMINAL_PLAIN, "  only in ");
	terminal_puts(l, TERMINAL_PLAIN, c->names[side]);
	if (fate->what != NULL) {
		terminal_puts(l, TERMINAL_PLAIN, ": ");
		terminal_puts(l, TERMINAL_PLAIN, fate->what);
	}
	if (fate->what != NULL && *fate->why != '\0') {
		terminal_puts(l, TERMINAL_PLAIN, ": ");
		terminal_puts(l, TERMINAL_PLAIN, fate->why);
	}
	terminal_end(l);
	terminal_start(l);
	terminal_puts(l, colour, side == 0 ? "    - " : "    + ");
	show_json(&s, colour, e->event, SIZE_MAX);
	terminal_end(l);
	terminal_end(l);
}

static void
json_only(struct buf *out, struct arena *a, int side, const struct fate *fate,
    const struct show_event *e)
{
	buf_printf(
	    out, "{\"what\":\"only\",\"in\":\"%s\"", side == 0 ? "old" : "new");
	json_identity(out, a, e);
	if (fate->what != NULL) {
		buf_puts(out, ",\"fate\":");
		put_name(out, fate->what);
		if (*fate->why != '\0') {
			buf_puts(out, ",\"reason\":");
			put_name(out, fate->why);
		}
	}
	buf_puts(out, ",\"event\":");
	value_write(out, e->event);
	buf_puts(out, "}\n");
}

void
contrast_only(struct contrast *c, struct buf *out, struct arena *a, int side,
    const struct fate *fate, const struct show_event *e)
{
	char what[CONTRAST_TEXT], why[CONTRAST_TEXT];

	c->only[side]++;
	if (fate->elsewhere)
		c->elsewhere[side]++;
	if (fate->what != NULL) {
		keep(what, fate->what, strlen(fate->what));
		keep(why, fate->why, strlen(fate->why));
		c->starved |= !count(&c->fates[side], what, why);
	}
	if (c->each && c->json)
		json_only(out, a, side, fate, e);
	else if (c->each)
		write_only(c, out, a, side, fate, e);
}

void
contrast_leave_out(
    struct contrast *c, const struct divergence *d, const char *why)
{
	char what[CONTRAST_TEXT], text[CONTRAST_TEXT];

	keep_place(what, d);
	keep(text, why, strlen(why));
	c->starved |= !count(&c->left_out, what, text);
}

void
contrast_pass_over(struct contrast *c, const char *what, const char *why)
{
	char text[CONTRAST_TEXT], because[CONTRAST_TEXT];

	keep(text, what, strlen(what));
	keep(because, why, strlen(why));
	c->starved |= !count(&c->unjudged, text, because);
}

/* --- the summary --- */

enum { COUNT = 9 };

static size_t
widest(const struct contrast *c)
{
	const struct contrast_rows *all[] = {
	    &c->paths, &c->fates[0], &c->fates[1], &c->left_out, &c->unjudged};
	size_t width = 8, n;

	for (size_t i = 0; i < 2; i++) {
		n = strlen(c->names[i]) + 8;
		width = n > width ? n : width;
	}
	for (size_t i = 0; i < 5; i++)
		for (size_t k = 0; k < all[i]->n; k++) {
			n = strlen(all[i]->row[k].what) + 2;
			width = n > width ? n : width;
		}
	return width < 48 ? width : 48;
}

static void
write_line(struct terminal_line *l, size_t width, const char *indent,
    const char *colour, const char *what, uint64_t n, const char *why)
{
	size_t used = strlen(indent) + strlen(what);

	terminal_start(l);
	terminal_puts(l, TERMINAL_PLAIN, indent);
	terminal_puts(l, colour, what);
	terminal_printf(l, TERMINAL_PLAIN, "%*s",
	    (int)(used < width ? width - used : 0), "");
	terminal_printf(l, TERMINAL_PLAIN, " %*" PRIu64, COUNT, n);
	if (*why != '\0') {
		terminal_puts(l, TERMINAL_PLAIN, "  ");
		terminal_puts(l, TERMINAL_DIM, why);
	}
	terminal_end(l);
}

static void
write_rows(struct terminal_line *l, size_t width,
    const struct contrast_rows *rows, const char *others)
{
	for (size_t i = 0; i < rows->n; i++)
		write_line(l, width, "  ", TERMINAL_PLAIN, rows->row[i].what,
		    rows->row[i].events, rows->row[i].why);
	if (rows->others > 0)
		write_line(
		    l, width, "  ", TERMINAL_PLAIN, others, rows->others, "");
}

static void
write_only_rows(
    const struct contrast *c, struct terminal_line *l, size_t width, int side)
{
	char what[CONTRAST_TEXT + 16];
	struct buf b = BUF_FIXED(what);

	buf_puts(&b, "only in ");
	buf_put(&b, c->names[side],
	    strlen(c->names[side]) < CONTRAST_TEXT ? strlen(c->names[side])
						   : CONTRAST_TEXT);
	buf_putc(&b, '\0');
	write_line(l, width, "",
	    c->only[side] == 0 ? TERMINAL_PLAIN
		: side == 0    ? TERMINAL_RED
			       : TERMINAL_GREEN,
	    what, c->only[side], "");
	write_rows(l, width, &c->fates[side], "others");
}

/* The rows of one kind below its name; nothing where there are none. */
static void
write_section(struct terminal_line *l, size_t width, const char *name,
    const struct contrast_rows *rows)
{
	if (rows->n == 0)
		return;
	terminal_start(l);
	terminal_puts(l, TERMINAL_PLAIN, name);
	terminal_end(l);
	write_rows(l, width, rows, "others");
}

static void
write_summary(const struct contrast *c, struct buf *out)
{
	struct terminal_line l = {out, c->terminal, 0};
	size_t width = widest(c);

	write_line(&l, width, "", TERMINAL_PLAIN, "same", c->same, "");
	write_line(&l, width, "",
	    c->changed > 0 ? TERMINAL_YELLOW : TERMINAL_PLAIN, "changed",
	    c->changed, "");
	write_rows(&l, width, &c->paths, "other places");
	for (int side = 0; side < 2; side++)
		write_only_rows(c, &l, width, side);
	write_section(&l, width, "left out", &c->left_out);
	write_section(&l, width, "not judged", &c->unjudged);
}

static void
json_rows(struct buf *out, const char *name, const struct contrast_rows *rows,
    const char *what)
{
	buf_printf(out, ",\"%s\":[", name);
	for (size_t i = 0; i < rows->n; i++) {
		buf_printf(out, "%s{\"%s\":", i > 0 ? "," : "", what);
		put_name(out, rows->row[i].what);
		if (rows->row[i].why[0] != '\0') {
			buf_puts(out, ",\"why\":");
			put_name(out, rows->row[i].why);
		}
		buf_printf(
		    out, ",\"events\":%" PRIu64 "}", rows->row[i].events);
	}
	buf_putc(out, ']');
}

static void
json_side(const struct contrast *c, struct buf *out, int side)
{
	buf_printf(out, "\"%s\":{\"name\":", side == 0 ? "old" : "new");
	put_name(out, c->names[side]);
	buf_printf(out,
	    ",\"events\":%" PRIu64 ",\"only\":%" PRIu64
	    ",\"elsewhere\":%" PRIu64,
	    c->events[side], c->only[side], c->elsewhere[side]);
	json_rows(out, "fates", &c->fates[side], "fate");
	buf_putc(out, '}');
}

void
contrast_write(const struct contrast *c, struct buf *out)
{
	if (!c->json) {
		write_summary(c, out);
		return;
	}
	buf_puts(out, c->each ? "{\"what\":\"summary\"," : "{");
	buf_printf(out, "\"same\":%" PRIu64 ",\"changed\":%" PRIu64, c->same,
	    c->changed);
	json_rows(out, "paths", &c->paths, "path");
	if (c->left_out.n > 0)
		json_rows(out, "left_out", &c->left_out, "path");
	if (c->unjudged.n > 0)
		json_rows(out, "not_judged", &c->unjudged, "what");
	buf_putc(out, ',');
	json_side(c, out, 0);
	buf_putc(out, ',');
	json_side(c, out, 1);
	buf_puts(out, "}\n");
}
