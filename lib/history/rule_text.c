#include <string.h>

#include "history/rule_text.h"

/* How far a text was looked through: inside of what, if of anything. */
struct looking {
	size_t deep;
	bool quoted;
};

/* Take one byte in; gives how many to go on by. */
static size_t
look(struct looking *l, char c)
{
	if (l->quoted && c == '\\')
		return 2;
	if (c == '"')
		l->quoted = !l->quoted;
	else if (!l->quoted && (c == '(' || c == '[' || c == '{'))
		l->deep++;
	else if (!l->quoted && (c == ')' || c == ']' || c == '}'))
		l->deep -= l->deep > 0;
	return 1;
}

static bool
stands(struct rule_piece t, size_t i, const char *mark, size_t n)
{
	return n <= t.n - i && memcmp(t.p + i, mark, n) == 0;
}

bool
rule_cut(struct rule_piece *t, const char *mark, struct rule_piece *behind)
{
	struct looking l = {.deep = 0};
	size_t n = strlen(mark);

	for (size_t i = 0; i < t->n; i += look(&l, t->p[i])) {
		if (l.deep > 0 || l.quoted || !stands(*t, i, mark, n))
			continue;
		*behind = (struct rule_piece){t->p + i + n, t->n - i - n};
		t->n = i;
		return true;
	}
	return false;
}

static bool
take_start(struct rule_piece *t, const char *start)
{
	size_t n = strlen(start);

	if (!stands(*t, 0, start, n))
		return false;
	t->p += n;
	t->n -= n;
	return true;
}

static bool
take_end(struct rule_piece *t, const char *end)
{
	size_t n = strlen(end);

	if (t->n < n || memcmp(t->p + t->n - n, end, n) != 0)
		return false;
	t->n -= n;
	return true;
}

/* What the time's numbers count is said behind it, but for seconds. */
static void
take_unit(struct rule_fold *r)
{
	r->unit = 1;
	if (take_end(&r->time, " as ms"))
		r->unit = 1000;
	else if (take_end(&r->time, " as us"))
		r->unit = 1000000;
	else if (take_end(&r->time, " as ns"))
		r->unit = 1000000000;
}

bool
rule_fold_read(struct rule_fold *r, struct rule_piece text)
{
	struct rule_piece by = text, rest;

	*r = (struct rule_fold){.by_n = 0};
	if (!take_start(&by, "fold")) {
		r->as = text;
		if (!rule_cut(&r->as, " = fold", &by))
			return false;
	}
	if (!rule_cut(&by, ": ", &r->program))
		return false;
	if (rule_cut(&by, " in ", &r->window))
		(void)rule_cut(&r->window, " of ", &r->time);
	take_unit(r);
	if (by.n == 0)
		return true;
	if (!take_start(&by, " by "))
		return false;
	for (;;) {
		bool more = rule_cut(&by, ", ", &rest);

		if (r->by_n == RULE_KEYS)
			return false;
		r->by[r->by_n++] = by;
		if (!more)
			return true;
		by = rest;
	}
}

bool
rule_memory_read(struct rule_memory *r, struct rule_piece text)
{
	struct rule_piece within;
	bool unique = take_start(&text, "unique ");

	*r = (struct rule_memory){.by = {NULL, 0}};
	if (!unique && !take_start(&text, "rate ") &&
	    !take_start(&text, "sample "))
		return false;
	(void)rule_cut(&text, ": ", &r->program);
	(void)rule_cut(&text, " of ", &r->time);
	(void)rule_cut(&text, " within ", &within);
	if (unique)
		r->by = text;
	else
		(void)rule_cut(&text, " by ", &r->by);
	return true;
}

struct rule_piece
rule_key_name(struct rule_piece by)
{
	static const struct rule_piece other = {"key", 3};
	struct rule_piece name = {by.p + by.n, 0};

	if (by.n == 0 || *by.p != '.')
		return other;
	for (size_t i = 0; i < by.n; i++) {
		char c = by.p[i];

		if (c == '.')
			name = (struct rule_piece){by.p + i + 1, by.n - i - 1};
		else if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			     (c >= '0' && c <= '9') || c == '_'))
			return other;
	}
	return name.n == 0 ? other : name;
}

/* --- joins --- */

/* The bracket that closes what t is in: t ends there; false: none does. */
static bool
cut_bracket(struct rule_piece *t, struct rule_piece *behind)
{
	struct looking l = {.deep = 1};

	for (size_t i = 0; i < t->n;) {
		size_t step = look(&l, t->p[i]);

		if (l.deep == 0) {
			*behind =
			    (struct rule_piece){t->p + i + 1, t->n - i - 1};
			t->n = i;
			return true;
		}
		i += step;
	}
	return false;
}

/* The program in COLUMN == KEY, FROM <= KEY <= TO and the like, or alone. */
static void
read_key(struct rule_piece part, struct rule_piece *key)
{
	static const char *const JOINS[] = {
	    " == ", " contains ", " begins ", " <= "};
	struct rule_piece to, whole = part;

	for (size_t i = 0; i < sizeof(JOINS) / sizeof(*JOINS); i++) {
		if (!rule_cut(&part, JOINS[i], key))
			continue;
		if (i == 3 && !rule_cut(key, " <= ", &to))
			(void)rule_cut(key, " < ", &to);
		return;
	}
	*key = whole;
}

static bool
read_keys(struct rule_join *r, struct rule_piece keys)
{
	struct rule_piece rest;

	for (;;) {
		bool more = rule_cut(&keys, ", ", &rest);

		if (r->keys_n == RULE_KEYS)
			return false;
		read_key(keys, &r->key[r->keys_n++]);
		if (!more)
			return true;
		keys = rest;
	}
}

/* What stands behind the row: | {COLUMNS}, ], // INSTEAD, ) */
static bool
read_rest(struct rule_join *r, struct rule_piece rest)
{
	if (r->each.p != NULL && !take_end(&rest, ")"))
		return false;
	(void)rule_cut(&rest, " // ", &r->instead);
	if (r->all && !take_end(&rest, "]"))
		return false;
	if (rest.n == 0)
		return true;
	r->columns = rest;
	if (take_start(&r->columns, " | {") && take_end(&r->columns, "}"))
		return true;
	r->columns = (struct rule_piece){NULL, 0};
	r->sql = rest;
	return take_start(&r->sql, " | ");
}

/* Does the table's name stand here?  Then take it. */
static bool
take_table(struct rule_piece *t, struct rule_piece table)
{
	if (t->n < table.n || memcmp(t->p, table.p, table.n) != 0)
		return false;
	t->p += table.n;
	t->n -= table.n;
	return true;
}

bool
rule_join_read(
    struct rule_join *r, struct rule_piece text, struct rule_piece table)
{
	struct rule_piece keys, rest;

	*r = (struct rule_join){.place = text};
	if (rule_cut(&r->place, " |= (", &rest)) {
		r->each = r->place;
		r->place = rest;
	}
	r->merged = take_start(&r->place, ". += ");
	if (r->merged) {
		keys = r->place;
		r->place = (struct rule_piece){NULL, 0};
	} else if (!rule_cut(&r->place, " = ", &keys)) {
		return false;
	}
	r->all = take_start(&keys, "[");
	if (!take_table(&keys, table))
		return false;
	if (!take_start(&keys, "["))
		return read_rest(r, keys);
	return cut_bracket(&keys, &rest) && read_keys(r, keys) &&
	    read_rest(r, rest);
}
