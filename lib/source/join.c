#include "source/join.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "source/points.h"
#include "value/array.h"
#include "value/number.h"
#include "value/object.h"
#include "value/string.h"

enum {
	KEY_SHOWN = 200, /* bytes of a key that found no row */
	LINE_DIGITS = 20,
};

struct join_local {
	struct join *join;
	const struct source *view; /* what is asked; NULL before the first */
	struct machine *key[SOURCE_KEYS];
	struct value name[SOURCE_KEYS]; /* of a key that is .name, or null */
	struct machine *time, *setter;  /* or NULL */
	struct machine *elements, *put_elements;
	struct buf from;                /* of the record in hand */
	struct buf head;                /* what it says before the rows, */
	struct buf columns;             /* and behind them */
	struct buf missed;              /* all of it, where no row was found */
	struct value keys[SOURCE_KEYS]; /* of what is in hand */
	bool starved;                   /* there was no memory to spell them */
	uint64_t turn;                  /* of the window in hand */
	uint64_t number;                /* of the event */
	const struct source_wait *wait; /* or NULL */
	uint64_t hits, misses, keyed;
};

/* The name without folders and suffix. */
static struct value
member_name(struct value file)
{
	const char *slash = memrchr(file.text, '/', file.n), *dot;

	if (slash != NULL)
		file = value_text(
		    slash + 1, file.n - (size_t)(slash + 1 - file.text));
	dot = memrchr(file.text, '.', file.n);
	if (dot != NULL && dot > file.text)
		file.n = (uint32_t)(dot - file.text);
	return file;
}

void
join_set_label(struct join *j)
{
	const char *name = j->options.name;
	size_t most = sizeof(j->beginning) - sizeof("...");
	size_t n = strcspn(name, "\n");

	j->label = name;
	if (!j->options.command || (n <= most && name[n] == '\0'))
		return;
	if (n > most)
		n = most;
	while (n > 0 && ((unsigned char)name[n] & 0xC0) == 0x80)
		n--; /* not in the middle of a character */
	snprintf(j->beginning, sizeof(j->beginning), "%.*s...", (int)n, name);
	j->label = j->beginning;
}

int
join_init(struct join *j)
{
	const char *file = j->options.name;
	struct scan_error error;
	jmp_buf overflow;

	arena_init(&j->arena, SIZE_MAX / 2);
	j->arena.overflow = &overflow;
	if (setjmp(overflow) != 0)
		return -1;
	j->name = string_repair(&j->arena, file, strlen(file));
	j->member = j->as != NULL && join_sets_member(j)
	    ? value_cstring(j->as + 1)
	    : member_name(j->name);
	j->stand_in = VALUE_OF(VALUE_NULL);
	if (j->instead != NULL &&
	    value_parse(&j->arena, j->instead, strlen(j->instead), &j->stand_in,
		&error))
		j->stand_in = value_freeze(&j->arena, j->stand_in);
	join_put_rule(&j->rule, j);
	j->arena.overflow = NULL;
	return buf_failed(&j->rule) ? -1 : 0;
}

void
join_release(struct join *j)
{
	buf_release(&j->rule);
	arena_release(&j->arena);
}

/* A machine where there is a program; false where memory is missing. */
static bool
machine(struct machine **m, const struct program *p)
{
	*m = p == NULL ? NULL : machine_new(p);
	return p == NULL || *m != NULL;
}

/* A key that is a member's name is read without its program. */
static void
note_names(struct join_local *l, const struct join *j)
{
	for (size_t i = 0; i < j->keys_n; i++) {
		const struct keyspec *k = &j->key[i];

		l->name[i] = VALUE_OF(VALUE_NULL);
		if (j->key_program[i] != NULL && k->path[0] == '.' &&
		    keyspec_is_name(k->path + 1, k->path_len - 1))
			l->name[i] = value_text(k->path + 1, k->path_len - 1);
	}
}

struct join_local *
join_local_new(struct join *j)
{
	struct join_local *l = calloc(1, sizeof(*l));
	bool made;

	if (l == NULL)
		return NULL;
	l->join = j;
	made = machine(&l->time, j->time_program) &&
	    machine(&l->setter, j->setter) &&
	    machine(&l->elements, j->elements) &&
	    machine(&l->put_elements, j->put_elements);
	for (size_t i = 0; i < j->keys_n; i++)
		made = made && machine(&l->key[i], j->key_program[i]);
	note_names(l, j);
	if (made)
		return l;
	join_local_free(l);
	return NULL;
}

void
join_local_free(struct join_local *l)
{
	struct join *j = l->join;

	j->hits += l->hits;
	j->misses += l->misses;
	j->keyed += l->keyed;
	if (l->view != NULL && j->source->kind->view != NULL)
		(void)j->source->kind->view(NULL, l->view);
	for (size_t i = 0; i < j->keys_n; i++)
		if (j->key_program[i] != NULL)
			machine_free(l->key[i]);
	machine_free(l->time);
	machine_free(l->setter);
	machine_free(l->elements);
	machine_free(l->put_elements);
	buf_release(&l->from);
	buf_release(&l->head);
	buf_release(&l->columns);
	buf_release(&l->missed);
	free(l);
}

void
join_set_key(struct join_local *l, size_t i, struct machine *m)
{
	l->key[i] = m;
}

/* An event on its way. */
struct work {
	struct join_local *l;
	struct arena *a;
	const struct program_context *context;
	struct joined *out;
	bool several; /* rows are listed in "from" */
	size_t rows;  /* listed so far */
	struct source_query query;
	bool changed, missed;
	bool ended; /* the source has */
};

/* Run a program for its one output; false where it fails or hasn't one. */
static bool
run(struct work *w, struct machine *m, struct value in, const char *what,
    const char *text, size_t len, struct value *v)
{
	char *error = w->out->error;
	size_t size = sizeof(w->out->error);
	unsigned n;

	if (machine_only(m, w->a, in, w->context, v, &n) == PROGRAM_FAILED) {
		snprintf(error, size, "%s", machine_error(m));
		return false;
	}
	if (n == 1)
		return true;
	snprintf(error, size, "%s %.*s has %s output", what,
	    len < 200 ? (int)len : 200, text, n == 0 ? "no" : "more than one");
	return false;
}

static bool
run_key(struct work *w, struct value in, size_t i)
{
	const struct join *j = w->l->join;
	const struct keyspec *k = &j->key[i];
	bool own = j->key_program[i] != NULL;

	return run(w, w->l->key[i], in, own ? "the key" : "the program",
	    own ? k->path : "of the key", own ? k->path_len : 10,
	    &w->l->keys[i]);
}

static bool
find_keys(struct work *w, struct value in)
{
	for (size_t i = 0; i < w->l->join->keys_n; i++) {
		struct value *key = &w->l->keys[i];

		if (in.kind != VALUE_RAW_OBJECT ||
		    w->l->name[i].kind == VALUE_NULL) {
			if (!run_key(w, in, i))
				return false;
		} else if (!object_get(w->a, in, w->l->name[i], key)) {
			*key = VALUE_OF(VALUE_NULL);
		}
	}
	return true;
}

/* The time of the event; known is false where it has none. */
static bool
find_time(struct work *w, struct value in, bool *known)
{
	const struct join *j = w->l->join;
	struct value v;
	struct buf shown = {0};

	*known = true;
	if (!run(w, w->l->time, in, "--as-of", j->as_of, strlen(j->as_of), &v))
		return false;
	if (value_is_string(v))
		v = string_decoded(w->a, v);
	if (v.kind == VALUE_NULL)
		*known = false;
	if (v.kind == VALUE_NULL || point_time(v, &w->query.time))
		return true;
	value_write(&shown, v);
	snprintf(w->out->error, sizeof(w->out->error),
	    "--as-of %s gives %.*s, which is no time: RFC 3339, a day, or "
	    "seconds",
	    j->as_of, shown.len < 80 ? (int)shown.len : 80,
	    shown.p == NULL ? "" : shown.p);
	buf_release(&shown);
	return false;
}

/* The object with the columns of a row set in it. */
static struct value
merge(struct arena *a, struct value in, struct value row)
{
	struct member *m;
	uint32_t i = 0;

	row = object_open(a, row);
	while ((m = object_next(a, row, &i)) != NULL)
		in = object_set(
		    a, in, string_decoded(a, m->key), value_share(m->value));
	return in;
}

/* Does it hold a key's column with that key already? */
static bool
holds_key(const struct work *w, struct value in, struct value column)
{
	const struct join *j = w->l->join;
	struct value v;

	for (size_t i = 0; i < j->keys_n; i++) {
		struct source_name c = j->options.keys[i].column;
		struct value own = value_text(c.text, c.len);

		if (value_equal(w->a, column, own) &&
		    object_get(w->a, in, own, &v) &&
		    value_equal(w->a, v, w->l->keys[i]))
			return true;
	}
	return false;
}

/*
 * No row was found, and null stands in for it: it becomes the columns' value,
 * but for a key that is spelled in its own column.
 */
static struct value
merge_nulls(const struct work *w, struct value in)
{
	const struct source *s = w->l->view;
	size_t n;
	const struct value *columns = s->kind->columns(s, &n);

	for (size_t i = 0; i < n; i++)
		if (!holds_key(w, in, columns[i]))
			in = object_set(
			    w->a, in, columns[i], VALUE_OF(VALUE_NULL));
	return in;
}

/* Set the row in what is joined. */
static bool
set(struct work *w, struct value *in, struct value row)
{
	const struct join *j = w->l->join;
	struct value pair;

	w->changed = true;
	if (w->l->setter != NULL) {
		pair = array_push(w->a, array_new(w->a, 2), *in);
		pair = array_push(w->a, pair, row);
		return run(
		    w, w->l->setter, pair, "--as", j->as, strlen(j->as), in);
	}
	if (!value_is_object(*in)) {
		snprintf(w->out->error, sizeof(w->out->error),
		    "--each %s gives a %s, where an object is wanted", j->each,
		    value_type(*in));
		return false;
	}
	if (!j->merge)
		*in = object_set(w->a, *in, j->member, row);
	else if (row.kind == VALUE_NULL)
		*in = merge_nulls(w, *in);
	else
		*in = merge(w->a, *in, row);
	return true;
}

static void
tell_miss(struct work *w)
{
	const struct join *j = w->l->join;
	struct buf b = {0};
	size_t n;

	for (size_t i = 0; i < j->keys_n; i++) {
		buf_puts(&b, i > 0 ? ", " : "");
		value_write(&b, w->l->keys[i]);
	}
	n = b.len < KEY_SHOWN ? b.len : KEY_SHOWN;
	while (n < b.len && ((unsigned char)b.p[n] & 0xC0) == 0x80)
		n--; /* not in the middle of a character */
	snprintf(w->out->error, sizeof(w->out->error), "no row%s%.*s%s in %s",
	    n > 0 ? " for " : "", (int)n, b.p != NULL ? b.p : "",
	    n < b.len ? "..." : "", j->label);
	buf_release(&b);
}

static void
put_row(struct buf *b, const struct source_row *row)
{
	static const char line[] = "\"line\":", hash[] = "\"hash\":\"";
	char *p;

	if (!buf_room(
		b, sizeof(line) + LINE_DIGITS + sizeof(hash) + SOURCE_HASH + 1))
		return;
	p = b->p + b->len;
	if (row->line > 0) {
		memcpy(p, line, sizeof(line) - 1);
		p += sizeof(line) - 1;
		p += number_format_int((int64_t)row->line, p);
		*p++ = ',';
	}
	memcpy(p, hash, sizeof(hash) - 1);
	p += sizeof(hash) - 1;
	memcpy(p, row->hash, SOURCE_HASH);
	p += SOURCE_HASH;
	*p++ = '"';
	b->len = (size_t)(p - b->p);
}

/* Say in the record what was found; n is 0 for a miss. */
static void
tell_rows(struct work *w, const struct source_row *row, size_t n)
{
	struct buf *b = &w->l->from;

	if (!w->several) {
		w->missed = n == 0;
		if (n > 0)
			put_row(b, row);
		return;
	}
	for (size_t i = 0; i < n || (n == 0 && i == 0); i++) {
		buf_puts(b, w->rows++ > 0 ? ",{" : "{");
		if (n > 0)
			put_row(b, &row[i]);
		else
			buf_puts(b, "\"miss\":true");
		buf_putc(b, '}');
	}
}

/* Are rows found, each by itself, where an array of them is wanted? */
static bool
gives_several(const struct join *j)
{
	return j->options.all && !j->source->kind->answers;
}

/* What is set for the rows that were found. */
static struct value
row_value(const struct work *w, const struct source_rows *rows)
{
	struct value v;

	if (!gives_several(w->l->join))
		return rows->row[0].value;
	v = array_new(w->a, rows->n);
	for (size_t i = 0; i < rows->n; i++)
		v = array_push(w->a, v, rows->row[i].value);
	return value_share(v);
}

static bool
set_miss(struct work *w, struct value *in)
{
	const struct join *j = w->l->join;

	w->l->misses++;
	w->l->keyed += j->keys_n == 0 || w->l->keys[0].kind != VALUE_NULL;
	tell_rows(w, NULL, 0);
	if (j->miss == JOIN_MISS_VALUE)
		return set(w, in, j->stand_in);
	if (j->miss == JOIN_MISS_REJECT)
		tell_miss(w);
	return j->miss != JOIN_MISS_REJECT;
}

/* Join what the keys of an event or element find to it; false: error. */
static bool
join_one(struct work *w, struct value *in)
{
	const struct source *s = w->l->view;
	struct source_rows rows;
	enum source_status status = SOURCE_MISS;
	bool timed = true;

	if (!find_keys(w, *in) ||
	    (w->l->time != NULL && !find_time(w, *in, &timed)))
		return false;
	w->query.keys = w->l->keys;
	w->query.event = w->l->number;
	w->query.wait = w->l->wait;
	if (timed)
		status = s->kind->find(s, w->a, &w->query, &rows);
	w->ended = status == SOURCE_ENDED;
	if (status == SOURCE_BROKEN || w->ended) {
		snprintf(w->out->error, sizeof(w->out->error), "%s: %s",
		    w->l->join->label, rows.error);
		return false;
	}
	if (status != SOURCE_FOUND)
		return set_miss(w, in);
	w->l->hits++;
	tell_rows(w, rows.row, rows.n);
	return set(w, in, row_value(w, &rows));
}

/* Join each element, and put back what changed. */
static bool
join_elements(struct work *w, struct value *event)
{
	const char *each = w->l->join->each;
	struct value all, pair, now;

	if (!run(w, w->l->elements, *event, "--each", each, strlen(each), &all))
		return false;
	all = array_open(w->a, all);
	now = array_new(w->a, array_length(all));
	for (size_t i = 0; i < array_length(all); i++) {
		struct value v = array_at(all, i);

		if (!join_one(w, &v))
			return false;
		now = array_push(w->a, now, value_share(v));
	}
	if (!w->changed)
		return true;
	pair = array_push(w->a, array_new(w->a, 2), *event);
	pair = array_push(w->a, pair, now);
	return run(
	    w, w->l->put_elements, pair, "--each", each, strlen(each), event);
}

/* What "from" says behind the rows: which columns were taken. */
static void
put_columns(struct join_local *l)
{
	const struct join *j = l->join;
	struct buf *b = &l->columns;
	const struct value *columns;
	size_t n = 0;

	if (j->options.columns != NULL || j->merge)
		columns = l->view->kind->columns(l->view, &n);
	if (n > 0) {
		buf_puts(b, ",\"columns\":[");
		for (size_t i = 0; i < n; i++) {
			buf_puts(b, i > 0 ? "," : "");
			value_write_string(b, columns[i].text, columns[i].n);
		}
		buf_putc(b, ']');
	}
	buf_putc(b, '}');
}

/* Does "from" list rows? */
static bool
is_listed(const struct join *j)
{
	return j->each != NULL || gives_several(j);
}

/* What is the same in every record of a view. */
static void
spell(struct join_local *l)
{
	struct value origin = l->view->kind->origin(l->view);

	buf_clear(&l->head);
	buf_clear(&l->columns);
	buf_clear(&l->missed);
	buf_putc(&l->head, '{');
	buf_put(&l->head, origin.text, origin.n);
	buf_puts(&l->head, is_listed(l->join) ? ",\"rows\":[" : ",");
	put_columns(l);
	buf_put(&l->missed, l->head.p, l->head.len);
	buf_puts(&l->missed, "\"miss\":true");
	buf_put(&l->missed, l->columns.p, l->columns.len);
}

/* Look at the source as it is from this event on. */
static void
take_view(struct join_local *l, struct arena *a)
{
	struct source *s = l->join->source;
	const struct source *view = s;

	if (s->kind->view != NULL)
		view = s->kind->view(s, l->view);
	if (view == l->view && !l->starved)
		return;
	l->view = view;
	spell(l);
	l->starved = buf_failed(&l->head) || buf_failed(&l->columns) ||
	    buf_failed(&l->missed);
	if (l->starved)
		arena_starve(a);
}

static void
close_from(struct work *w)
{
	struct buf *b = &w->l->from;

	if (w->missed) {
		w->out->from = w->l->missed.p;
		w->out->from_len = w->l->missed.len;
		return;
	}
	if (w->several)
		buf_putc(b, ']');
	buf_put(b, w->l->columns.p, w->l->columns.len);
	if (buf_failed(b))
		arena_starve(w->a);
	w->out->from = b->p;
	w->out->from_len = b->len;
}

void
join_window(struct join_local *l, uint64_t turn)
{
	struct source *s = l->join->source;

	if (l->turn == turn || s->kind->refresh == NULL)
		return;
	l->turn = turn;
	s->kind->refresh(s);
}

void
join_wait(struct join_local *l, const struct source_wait *wait)
{
	l->wait = wait;
}

void
join_number(struct join_local *l, uint64_t number)
{
	l->number = number;
}

/* Have the row of an event or element asked for, if it has keys. */
static bool
ask_one(struct work *w, struct value in)
{
	const struct source *s = w->l->join->source;

	if (!find_keys(w, in))
		return true; /* that is told once it is its turn */
	w->query.keys = w->l->keys;
	w->query.event = w->l->number;
	return s->kind->ask(s, w->a, &w->query);
}

bool
join_ask(struct join_local *l, struct arena *a, struct value event,
    const struct program_context *context)
{
	const char *each = l->join->each;
	struct joined out;
	struct work w = {.l = l, .a = a, .context = context, .out = &out};
	struct value all;
	bool more = true;

	if (each == NULL)
		return ask_one(&w, event);
	if (!run(&w, l->elements, event, "--each", each, strlen(each), &all))
		return true;
	all = array_open(a, all);
	for (size_t i = 0; i < array_length(all); i++)
		more = ask_one(&w, array_at(all, i));
	return more;
}

enum join_status
join_event(struct join_local *l, struct arena *a, struct value event,
    const struct program_context *context, struct joined *out)
{
	const struct join *j = l->join;
	struct work w = {.l = l, .a = a, .context = context, .out = out};
	bool done;

	out->event = event;
	w.several = is_listed(j);
	take_view(l, a);
	buf_clear(&l->from);
	buf_put(&l->from, l->head.p, l->head.len);
	done = j->each != NULL ? join_elements(&w, &out->event)
			       : join_one(&w, &out->event);
	close_from(&w);
	if (!done)
		return w.ended ? JOIN_ENDED : JOIN_FAILED;
	return w.changed ? JOIN_CHANGED : JOIN_SAME;
}
