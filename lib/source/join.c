#include "source/join.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "source/join_state.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

enum {
	KEY_SHOWN = 200, /* bytes of a key that found no row */
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

static void
tell_miss(struct join_work *w)
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

/* What is set for the rows that were found. */
static struct value
row_value(const struct join_work *w, const struct source_rows *rows)
{
	struct value v;

	if (!join_gives_several(w->l->join))
		return rows->row[0].value;
	v = array_new(w->a, rows->n);
	for (size_t i = 0; i < rows->n; i++)
		v = array_push(w->a, v, rows->row[i].value);
	return value_share(v);
}

static bool
set_miss(struct join_work *w, struct value *in)
{
	const struct join *j = w->l->join;

	w->l->misses++;
	w->l->keyed += j->keys_n == 0 || w->l->keys[0].kind != VALUE_NULL;
	join_tell_rows(w, NULL, 0);
	if (j->miss == JOIN_MISS_VALUE)
		return join_set(w, in, j->stand_in);
	if (j->miss == JOIN_MISS_REJECT)
		tell_miss(w);
	return j->miss != JOIN_MISS_REJECT;
}

/* Join what the keys of an event or element find to it; false: error. */
static bool
join_one(struct join_work *w, struct value *in)
{
	const struct source *s = w->l->view;
	struct source_rows rows;
	enum source_status status = SOURCE_MISS;
	bool timed = true;

	if (!join_find_keys(w, *in) ||
	    (w->l->time != NULL && !join_find_time(w, *in, &timed)))
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
	join_tell_rows(w, rows.row, rows.n);
	return join_set(w, in, row_value(w, &rows));
}

/* Join each element, and put back what changed. */
static bool
join_elements(struct join_work *w, struct value *event)
{
	const char *each = w->l->join->each;
	struct value all, pair, now;

	if (!join_run(
		w, w->l->elements, *event, "--each", each, strlen(each), &all))
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
	return join_run(
	    w, w->l->put_elements, pair, "--each", each, strlen(each), event);
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
ask_one(struct join_work *w, struct value in)
{
	const struct source *s = w->l->join->source;

	if (!join_find_keys(w, in))
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
	struct join_work w = {.l = l, .a = a, .context = context, .out = &out};
	struct value all;
	bool more = true;

	if (each == NULL)
		return ask_one(&w, event);
	if (!join_run(
		&w, l->elements, event, "--each", each, strlen(each), &all))
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
	struct join_work w = {.l = l, .a = a, .context = context, .out = out};
	bool done;

	out->event = event;
	w.several = join_lists_rows(j);
	join_take_view(l, a);
	buf_clear(&l->from);
	buf_put(&l->from, l->head.p, l->head.len);
	done = j->each != NULL ? join_elements(&w, &out->event)
			       : join_one(&w, &out->event);
	join_close_from(&w);
	if (!done)
		return w.ended ? JOIN_ENDED : JOIN_FAILED;
	return w.changed ? JOIN_CHANGED : JOIN_SAME;
}
