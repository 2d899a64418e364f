#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/folder.h"
#include "engine/stages.h"
#include "value/array.h"
#include "value/string.h"

enum {
	CHUNK = 64 * 1024,
	NONE = -1, /* the length of a value that there isn't */
};

static bool
fail(struct stages *s, const char *where, const char *why)
{
	snprintf(s->error, sizeof(s->error), "%.200s%s%s", where,
	    *where == '\0' ? "" : ": ", why);
	s->unfit = false;
	return false;
}

/* A record that is no state. */
static bool
refuse(struct stages *s, const char *why)
{
	(void)fail(s, "", why);
	s->unfit = true;
	return false;
}

static bool
starve(struct stages *s)
{
	return fail(s, "", strerror(ENOMEM));
}

/* --- the directory --- */

bool
stages_open(struct stages *s, const char *path)
{
	*s = (struct stages){.path = strdup(path)};
	arena_init(&s->arena, SIZE_MAX / 2);
	if (scan_init(&s->scan, SCAN_DEPTH) == -1 || s->path == NULL)
		return starve(s);
	return mkdir(path, 0700) == 0 || fail(s, path, strerror(errno));
}

void
stages_close(struct stages *s)
{
	for (size_t i = 0; i < s->n; i++) {
		struct stages_file *f = &s->v[i];

		if (f->fd != -1)
			(void)close(f->fd);
		free(f->name);
		buf_release(&f->lines);
		buf_release(&f->of);
		buf_release(&f->mark);
	}
	free(s->v);
	if (s->path != NULL) {
		(void)folder_remove(s->path);
		scan_release(&s->scan);
		arena_release(&s->arena);
	}
	free(s->path);
	buf_release(&s->changes);
	buf_release(&s->text);
	buf_release(&s->key);
	*s = (struct stages){.path = NULL};
}

static struct stages_file *
find_file(const struct stages *s, const char *name, size_t len)
{
	for (size_t i = 0; i < s->n; i++)
		if (strlen(s->v[i].name) == len &&
		    memcmp(s->v[i].name, name, len) == 0)
			return &s->v[i];
	return NULL;
}

static int
open_file(struct stages *s, const char *name)
{
	int fd;

	buf_clear(&s->text);
	buf_printf(&s->text, "%s/%s%c", s->path, name, '\0');
	if (buf_failed(&s->text)) {
		(void)starve(s);
		return -1;
	}
	fd = open(s->text.p, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (fd == -1)
		(void)fail(s, s->text.p, strerror(errno));
	return fd;
}

/* NULL, and error, where that fails. */
static struct stages_file *
add_file(struct stages *s, const char *name, size_t len)
{
	struct stages_file *all = reallocarray(s->v, s->n + 1, sizeof(*all));
	struct stages_file *f;

	if (all == NULL) {
		(void)starve(s);
		return NULL;
	}
	s->v = all;
	f = &all[s->n];
	*f = (struct stages_file){.fd = -1, .name = strndup(name, len)};
	if (f->name == NULL) {
		(void)starve(s);
		return NULL;
	}
	s->n++;
	f->fd = open_file(s, f->name);
	return f->fd == -1 ? NULL : f;
}

static bool
write_all(struct stages *s, struct stages_file *f)
{
	const struct buf *b = &f->lines;
	size_t done = 0;

	if (buf_failed(b))
		return starve(s);
	while (done < b->len) {
		ssize_t n = write(f->fd, b->p + done, b->len - done);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return fail(s, s->path, strerror(errno));
		done += (size_t)n;
	}
	f->taken += (off_t)done;
	buf_clear(&f->lines);
	return true;
}

/* --- laying --- */

/* What a record's key says. */
struct named {
	struct value stage; /* decoded */
	struct value key;   /* of has_key */
	bool has_key;
};

/* A stage's name is a file's: it comes from outside here. */
static bool
is_name(struct value v)
{
	return v.n > 0 && v.n < 256 && v.text[0] != '.' &&
	    memchr(v.text, '/', v.n) == NULL &&
	    memchr(v.text, '\0', v.n) == NULL;
}

static bool
read_key(struct stages *s, const char *key, size_t len, struct named *out)
{
	struct scan_error error;
	struct value v;
	size_t n;

	if (!value_parse_by(&s->scan, &s->arena, key, len, &v, &error) ||
	    !value_is_array(v))
		return false;
	n = array_length(v);
	*out = (struct named){.has_key = n == 2};
	if (n < 1 || n > 2)
		return false;
	out->stage = array_get(v, 0);
	if (!value_is_string(out->stage))
		return false;
	out->stage = string_decoded(&s->arena, out->stage);
	if (out->has_key)
		out->key = array_get(v, 1);
	return is_name(out->stage);
}

static bool
lay(struct stages *s, const char *key, size_t key_len, const char *value,
    size_t len)
{
	static const char none[] = "its key isn't one of a stage's state";
	struct named named;
	struct stages_file *f;

	if (!read_key(s, key, key_len, &named))
		return refuse(s, none);
	f = find_file(s, named.stage.text, named.stage.n);
	if (f == NULL)
		f = add_file(s, named.stage.text, named.stage.n);
	if (f == NULL)
		return false;
	if (!named.has_key) {
		buf_clear(&f->mark);
		buf_put(&f->mark, value == NULL ? "" : value, len);
		return !buf_failed(&f->mark) || starve(s);
	}
	s->entries++;
	if (value != NULL) {
		buf_put(&f->lines, value, len);
		buf_putc(&f->lines, '\n');
	} else {
		buf_puts(&f->lines, "{\"key\":");
		value_write(&f->lines, named.key);
		buf_puts(&f->lines, ",\"value\":null}\n");
	}
	return f->lines.len < CHUNK || write_all(s, f);
}

bool
stages_lay(struct stages *s, const char *key, size_t key_len, const char *value,
    size_t len)
{
	jmp_buf overflow;

	s->arena.overflow = &overflow;
	if (setjmp(overflow) != 0)
		return starve(s);
	arena_reset(&s->arena);
	if (value != NULL && memchr(value, '\n', len) != NULL)
		return refuse(s, "its value isn't one line");
	s->laid += value != NULL;
	return lay(
	    s, key == NULL ? "" : key, key_len, value, value == NULL ? 0 : len);
}

/* The mark comes last, so that all before it counts. */
bool
stages_laid(struct stages *s)
{
	for (size_t i = 0; i < s->n; i++) {
		struct stages_file *f = &s->v[i];

		if (f->mark.len > 0) {
			buf_put(&f->lines, f->mark.p, f->mark.len);
			buf_putc(&f->lines, '\n');
		}
		if (!write_all(s, f))
			return false;
		buf_release(&f->lines);
	}
	return true;
}

/* --- taking --- */

static void
add_change(struct stages *s, const char *key, size_t key_len, const char *value,
    ssize_t len)
{
	const ssize_t lengths[2] = {(ssize_t)key_len, len};

	buf_put(&s->changes, (const char *)lengths, sizeof(lengths));
	buf_put(&s->changes, key, key_len);
	if (len > 0)
		buf_put(&s->changes, value, (size_t)len);
}

/* ["NAME",KEY], or ["NAME"] where there is no key. */
static void
make_key(struct stages *s, const struct stages_file *f, const struct value *key)
{
	buf_clear(&s->key);
	buf_putc(&s->key, '[');
	value_write_string(&s->key, f->name, strlen(f->name));
	if (key != NULL) {
		buf_putc(&s->key, ',');
		value_write(&s->key, *key);
	}
	buf_putc(&s->key, ']');
	s->changes.failed |= buf_failed(&s->key);
}

/* What was appended to a file, as it is walked through. */
struct walk {
	struct stages *s;
	struct stages_file *f;
	const char *barrier; /* that is back; NULL: the end */
	uint64_t n;          /* keys since the last mark */
	bool met;            /* the last mark is that barrier's */
};

static const char *
take_mark(struct walk *w, struct dump_entry *e)
{
	struct stages_file *f = w->f;
	struct value name = e->barrier;
	uint64_t n = w->n;

	w->n = 0;
	if (e->n != -1 && (uint64_t)e->n != n)
		return "its mark counts other lines than it wrote";
	f->facts = e->facts;
	if (e->of.kind != VALUE_NULL) {
		buf_clear(&f->of);
		value_write(&f->of, e->of);
		f->claimed = true;
		return NULL;
	}
	if (e->n == -1)
		return "its mark doesn't count the lines that it wrote";
	if (w->barrier == NULL) {
		w->met = name.kind == VALUE_NULL;
		return w->met ? NULL : "it saw a barrier that wasn't sent";
	}
	if (value_is_string(name))
		name = string_decoded(&w->s->arena, name);
	w->met = value_is_string(name) && name.n == strlen(w->barrier) &&
	    memcmp(name.text, w->barrier, name.n) == 0;
	return w->met ? NULL : "it saw a barrier that wasn't sent";
}

static const char *
take_line(struct walk *w, const char *line, size_t len)
{
	struct dump_entry e = {.facts = w->f->facts};
	const char *why;

	arena_reset(&w->s->arena);
	switch (dump_read(&w->s->arena, line, len, &e, &why)) {
	case DUMP_ENTRY:
		w->n++;
		w->met = false;
		w->s->keys++;
		make_key(w->s, w->f, &e.key);
		add_change(w->s, w->s->key.p, w->s->key.len, line,
		    e.value.kind == VALUE_NULL ? NONE : (ssize_t)len);
		return NULL;
	case DUMP_MARK:
		return take_mark(w, &e);
	case DUMP_POSITION:
		return NULL;
	default:
		return why;
	}
}

static const char *
take_lines(struct walk *w)
{
	const char *p = w->s->text.p, *end = p + w->s->text.len;
	const char *why = NULL;

	while (why == NULL && p < end) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));

		if (newline == NULL)
			return "what it wrote ends within a line";
		why = take_line(w, p, (size_t)(newline - p));
		p = newline + 1;
	}
	return why;
}

/* A record for what holds for the stage's state as a whole, if that is new. */
static void
take_whole(struct walk *w)
{
	struct stages *s = w->s;
	struct stages_file *f = w->f;
	struct buf *mark = &s->text; /* its content has been used */

	buf_clear(mark);
	buf_puts(mark, "{\"stage\":");
	value_write_string(mark, f->name, strlen(f->name));
	buf_puts(mark, ",\"of\":");
	buf_put(mark, f->of.p, f->of.len);
	dump_put_facts(mark, &f->facts);
	buf_putc(mark, '}');
	s->changes.failed |= buf_failed(mark);
	if (buf_failed(mark) ||
	    (f->mark.len == mark->len &&
		memcmp(f->mark.p, mark->p, mark->len) == 0))
		return;
	make_key(s, f, NULL);
	add_change(s, s->key.p, s->key.len, mark->p, (ssize_t)mark->len);
	buf_clear(&f->mark);
	buf_put(&f->mark, mark->p, mark->len);
	s->changes.failed |= buf_failed(&f->mark);
}

static bool
read_rest(struct stages *s, struct stages_file *f)
{
	struct stat st;

	buf_clear(&s->text);
	if (fstat(f->fd, &st) == -1)
		return fail(s, f->name, strerror(errno));
	for (off_t at = f->taken; at < st.st_size;) {
		size_t left = (size_t)(st.st_size - at);
		ssize_t n;

		if (!buf_room(&s->text, left))
			return starve(s);
		n = pread(f->fd, s->text.p + s->text.len, left, at);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return fail(s, f->name, strerror(n == 0 ? EIO : errno));
		s->text.len += (size_t)n;
		at += n;
	}
	return true;
}

static bool
take_file(struct stages *s, struct stages_file *f, const char *barrier)
{
	struct walk w = {.s = s, .f = f, .barrier = barrier};
	const char *why;

	if (!read_rest(s, f))
		return false;
	if (s->text.len == 0 && (!f->claimed || barrier == NULL))
		return true;
	why = take_lines(&w);
	if (why == NULL && !w.met)
		why = "it didn't keep its state before it passed the barrier "
		      "on";
	if (why != NULL) {
		snprintf(s->error, sizeof(s->error), "stage %.200s: %s",
		    f->name, why);
		return false;
	}
	take_whole(&w);
	f->taken = 0;
	if (ftruncate(f->fd, 0) == -1)
		return fail(s, f->name, strerror(errno));
	return !buf_failed(&s->changes) || starve(s);
}

/* Files that stages have made. */
static bool
find_files(struct stages *s)
{
	DIR *dir = opendir(s->path);
	struct dirent *e;
	bool good = dir != NULL;

	if (!good)
		return fail(s, s->path, strerror(errno));
	while (good && (e = readdir(dir)) != NULL)
		good = e->d_name[0] == '.' ||
		    find_file(s, e->d_name, strlen(e->d_name)) != NULL ||
		    add_file(s, e->d_name, strlen(e->d_name)) != NULL;
	(void)closedir(dir);
	return good;
}

static bool
take_files(struct stages *s, const char *barrier)
{
	jmp_buf overflow;

	s->arena.overflow = &overflow;
	if (setjmp(overflow) != 0)
		return starve(s);
	if (!find_files(s))
		return false;
	for (size_t i = 0; i < s->n; i++)
		if (!take_file(s, &s->v[i], barrier))
			return false;
	return true;
}

bool
stages_take(struct stages *s, const char *barrier)
{
	size_t len = s->changes.len, keys = s->keys;

	if (take_files(s, barrier))
		return true;
	buf_back(&s->changes, len);
	s->keys = keys;
	return false;
}

const char *
stages_unclaimed(const struct stages *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (!s->v[i].claimed)
			return s->v[i].name;
	return NULL;
}

bool
stages_change(const struct stages *s, size_t *at, struct stages_change *c)
{
	ssize_t lengths[2];

	if (*at >= s->changes.len)
		return false;
	memcpy(lengths, s->changes.p + *at, sizeof(lengths));
	*at += sizeof(lengths);
	c->key = s->changes.p + *at;
	c->key_len = (size_t)lengths[0];
	*at += c->key_len;
	c->value = lengths[1] == NONE ? NULL : s->changes.p + *at;
	c->len = lengths[1] == NONE ? 0 : (size_t)lengths[1];
	*at += c->len;
	return true;
}

bool
stages_put_off(struct stages *s)
{
	if (s->keys > 0)
		return false;
	/* The engine has none of them: they come with the next barrier. */
	for (size_t i = 0; s->changes.len > 0 && i < s->n; i++)
		buf_clear(&s->v[i].mark);
	buf_clear(&s->changes);
	return true;
}

void
stages_drop_changes(struct stages *s)
{
	buf_clear(&s->changes);
	s->keys = 0;
}
