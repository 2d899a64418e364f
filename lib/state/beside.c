#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/hash.h"
#include "state/beside.h"
#include "value/object.h"
#include "value/string.h"

struct beside {
	int fd; /* appends; holds the lock */
	char *path;
	struct buf name;  /* of the stage, as JSON */
	struct buf lines; /* changes since the last mark */
	uint64_t n;       /* of them */
	uint64_t cut;
};

/* --- whose it is --- */

enum { OP, PROGRAM, KEY, WINDOW, FACTS };

static const char *const FACT_NAMES[FACTS] = {
    [OP] = "op", [PROGRAM] = "program", [KEY] = "key", [WINDOW] = "window"};

static void
list_facts(const struct beside_owner *o, const char *facts[FACTS])
{
	facts[OP] = o->op;
	facts[PROGRAM] = o->program;
	facts[KEY] = o->key;
	facts[WINDOW] = o->window;
}

/* The name of a stage without one: its op and a hash of the rest. */
static void
make_name(const struct beside_owner *o, struct buf *name)
{
	const char *facts[FACTS];
	struct buf all = {0};

	list_facts(o, facts);
	for (size_t i = PROGRAM; i < FACTS; i++) {
		buf_putc(&all, facts[i] == NULL ? '0' : '1');
		if (facts[i] != NULL)
			buf_puts(&all, facts[i]);
		buf_putc(&all, '\0');
	}
	buf_printf(
	    name, "%s-%016" PRIx64, o->op, hash_digest(all.p, all.len).high);
	name->failed |= buf_failed(&all);
	buf_release(&all);
}

/* {"stage":NAME,"of":{…}}, and what the mark before it says of the state. */
static void
put_claim(const struct beside *b, const struct beside_owner *o,
    const struct dump_facts *held, struct buf *out)
{
	const char *facts[FACTS];

	list_facts(o, facts);
	buf_puts(out, "{\"stage\":");
	buf_put(out, b->name.p, b->name.len);
	buf_puts(out, ",\"of\":");
	for (size_t i = 0; i < FACTS; i++) {
		buf_printf(out, "%c\"%s\":", i == 0 ? '{' : ',', FACT_NAMES[i]);
		if (facts[i] == NULL)
			buf_puts(out, "null");
		else
			value_write_string(out, facts[i], strlen(facts[i]));
	}
	buf_putc(out, '}');
	dump_put_facts(out, held);
	buf_puts(out, "}\n");
}

/* Does a mark that says whose state it is name this stage? */
static bool
is_ours(struct arena *a, const struct beside_owner *o, struct value of,
    char error[BESIDE_ERROR])
{
	const char *facts[FACTS];

	list_facts(o, facts);
	for (size_t i = 0; i < FACTS; i++) {
		const char *ours = facts[i] == NULL ? "(none)" : facts[i];
		struct value v = VALUE_OF(VALUE_NULL);

		if (value_is_object(of))
			(void)object_get(
			    a, of, value_cstring(FACT_NAMES[i]), &v);
		v = value_is_string(v) ? string_decoded(a, v)
				       : value_cstring("(none)");
		if (v.n == strlen(ours) && memcmp(v.text, ours, v.n) == 0)
			continue;
		snprintf(error, BESIDE_ERROR,
		    "the state was made with the %s %.*s, not %.150s; remove "
		    "the file to begin anew",
		    FACT_NAMES[i], (int)(v.n < 150 ? v.n : 150), v.text, ours);
		return false;
	}
	return true;
}

/* --- reading --- */

/* How much of a file counts. */
struct extent {
	off_t end;    /* behind the last mark; or of the file */
	uint64_t cut; /* lines that stand behind it */
	bool marked;  /* there is a mark */
	bool torn;    /* what is cut ends within a line */
};

static bool
is_mark(const char *line, size_t len)
{
	static const char mark[] = "{\"stage\":";

	return len >= sizeof(mark) - 1 &&
	    memcmp(line, mark, sizeof(mark) - 1) == 0;
}

/* Find what counts: false after an error of reading. */
static bool
measure(FILE *file, struct extent *x)
{
	char *line = NULL;
	size_t cap = 0;
	off_t at = 0;
	ssize_t n;

	*x = (struct extent){.end = 0};
	while ((n = getline(&line, &cap, file)) != -1) {
		at += n;
		x->torn = line[n - 1] != '\n';
		x->cut++;
		if (!x->torn && is_mark(line, (size_t)n)) {
			*x = (struct extent){.end = at, .marked = true};
			continue;
		}
	}
	free(line);
	if (!x->marked) {
		x->end = at;
		x->cut = 0;
	}
	return !ferror(file);
}

/* What lines are read with. */
struct reading {
	const struct beside_owner *owner;
	beside_take *take;
	void *arg;
	struct dump_facts *facts;
	struct arena a;
	uint64_t number;  /* of the line in hand */
	uint64_t changes; /* lines of keys since the last mark */
	char *error;
};

/* Is a mark behind as many lines as it says?  Else some were lost. */
static const char *
take_count(struct reading *r, int64_t said)
{
	uint64_t n = r->changes;

	r->changes = 0;
	return said == -1 || (uint64_t)said == n
	    ? NULL
	    : "the mark's n isn't the number of lines before it: some were "
	      "lost, or the file was changed";
}

static enum beside_status
take_line(struct reading *r, const char *line, size_t len)
{
	struct dump_entry e = {.facts = *r->facts};
	const char *why = "out of memory";
	jmp_buf overflow;

	r->a.overflow = &overflow;
	if (setjmp(overflow) == 0) {
		arena_reset(&r->a);
		switch (dump_read(&r->a, line, len, &e, &why)) {
		case DUMP_ENTRY:
			r->changes++;
			why = r->take(r->arg, &r->a, &e);
			break;
		case DUMP_POSITION:
			why = NULL; /* the engine knows where its topics are */
			break;
		case DUMP_MARK:
			*r->facts = e.facts;
			why = take_count(r, e.n);
			if (e.of.kind != VALUE_NULL &&
			    !is_ours(&r->a, r->owner, e.of, r->error))
				return BESIDE_DIFFERS;
			break;
		case DUMP_BAD:
			break;
		}
	}
	if (why == NULL)
		return BESIDE_OK;
	snprintf(
	    r->error, BESIDE_ERROR, "line %" PRIu64 ": %s", r->number, why);
	return BESIDE_FAILED;
}

static enum beside_status
take_lines(struct reading *r, FILE *file, off_t end)
{
	enum beside_status status = BESIDE_OK;
	char *line = NULL;
	size_t cap = 0;
	off_t at = 0;
	ssize_t n;

	while (status == BESIDE_OK && at < end &&
	    (n = getline(&line, &cap, file)) != -1) {
		at += n;
		r->number++;
		n -= line[n - 1] == '\n';
		if (n > 0)
			status = take_line(r, line, (size_t)n);
	}
	free(line);
	if (status == BESIDE_OK && ferror(file)) {
		snprintf(r->error, BESIDE_ERROR, "%s", strerror(errno));
		status = BESIDE_FAILED;
	}
	return status;
}

static enum beside_status
read_file(struct beside *b, struct reading *r, FILE *file)
{
	struct extent x;
	enum beside_status status;

	if (!measure(file, &x)) {
		snprintf(r->error, BESIDE_ERROR, "%s", strerror(errno));
		return BESIDE_FAILED;
	}
	if (!x.marked && x.torn) {
		snprintf(r->error, BESIDE_ERROR,
		    "it ends within a line, and no mark says what counts");
		return BESIDE_FAILED;
	}
	rewind(file);
	status = take_lines(r, file, x.end);
	if (status != BESIDE_OK)
		return status;
	b->cut = x.cut;
	if (x.cut == 0 || ftruncate(b->fd, x.end) == 0)
		return BESIDE_OK;
	snprintf(r->error, BESIDE_ERROR, "%s", strerror(errno));
	return BESIDE_FAILED;
}

/* --- writing --- */

/* Append it all, or nothing. */
static bool
append(struct beside *b, const struct buf *text, char error[BESIDE_ERROR])
{
	off_t end = lseek(b->fd, 0, SEEK_END);
	size_t done = 0;

	errno = ENOMEM;
	while (end != -1 && !buf_failed(text) && done < text->len) {
		ssize_t n = write(b->fd, text->p + done, text->len - done);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			break;
		done += (size_t)n;
	}
	if (done == text->len && !buf_failed(text))
		return true;
	snprintf(error, BESIDE_ERROR, "%s", strerror(errno));
	if (done > 0)
		(void)!ftruncate(b->fd, end); /* else the next start does */
	return false;
}

void
beside_put(struct beside *b, const char *key, size_t key_len, const char *value,
    size_t value_len, const char *at, size_t at_len)
{
	dump_put(&b->lines, key, key_len, value, value_len, at, at_len);
	b->n++;
}

bool
beside_mark(struct beside *b, const char *barrier, size_t len,
    const struct dump_facts *facts, char error[BESIDE_ERROR])
{
	bool good;

	buf_puts(&b->lines, "{\"stage\":");
	buf_put(&b->lines, b->name.p, b->name.len);
	buf_puts(&b->lines, ",\"barrier\":");
	buf_put(&b->lines, barrier, len);
	buf_printf(&b->lines, ",\"n\":%" PRIu64, b->n);
	dump_put_facts(&b->lines, facts);
	buf_puts(&b->lines, "}\n");
	good = append(b, &b->lines, error);
	if (b->lines.cap > (4 << 20))
		buf_release(&b->lines);
	buf_clear(&b->lines);
	b->n = 0;
	return good;
}

/* --- opening --- */

/* DIR/NAME; false where the name can't be a file's, or without memory. */
static bool
make_path(struct beside *b, const char *dir, const struct beside_owner *owner,
    char error[BESIDE_ERROR])
{
	struct buf name = {0}, path = {0};
	bool good;

	if (owner->stage != NULL)
		buf_puts(&name, owner->stage);
	else
		make_name(owner, &name);
	value_write_string(&b->name, name.p, name.len);
	good = name.len > 0 && name.p[0] != '.' &&
	    memchr(name.p, '/', name.len) == NULL;
	snprintf(error, BESIDE_ERROR,
	    good ? "out of memory"
		 : "MS_STATE keeps the state in a file of the stage's name, "
		   "which -n makes one that can't be a file's");
	buf_puts(&path, dir);
	buf_putc(&path, '/');
	buf_put(&path, name.p, name.len);
	buf_putc(&path, '\0');
	good = good && !buf_failed(&name) && !buf_failed(&path) &&
	    !buf_failed(&b->name);
	if (good)
		b->path = strdup(path.p);
	buf_release(&name);
	buf_release(&path);
	return good && b->path != NULL;
}

static bool
open_locked(struct beside *b, char error[BESIDE_ERROR])
{
	b->fd = open(b->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	if (b->fd != -1 && flock(b->fd, LOCK_EX | LOCK_NB) == 0)
		return true;
	snprintf(error, BESIDE_ERROR, "%s",
	    errno == EWOULDBLOCK
		? "another stage of that name keeps its state there; -n gives "
		  "each a name of its own"
		: strerror(errno));
	return false;
}

static enum beside_status
take_all(struct beside *b, struct reading *r)
{
	FILE *file = fopen(b->path, "re");
	struct buf claim = {0};
	enum beside_status status;

	if (file == NULL) {
		snprintf(r->error, BESIDE_ERROR, "%s", strerror(errno));
		return BESIDE_FAILED;
	}
	arena_init(&r->a, SIZE_MAX / 2);
	status = read_file(b, r, file);
	arena_release(&r->a);
	(void)fclose(file);
	if (status != BESIDE_OK)
		return status;
	put_claim(b, r->owner, r->facts, &claim);
	if (!append(b, &claim, r->error))
		status = BESIDE_FAILED;
	buf_release(&claim);
	return status;
}

/* Put the path before what is wrong. */
static void
name_path(const struct beside *b, char error[BESIDE_ERROR])
{
	char why[BESIDE_ERROR];

	memcpy(why, error, sizeof(why));
	snprintf(error, BESIDE_ERROR, "%.200s: %.300s", b->path, why);
}

enum beside_status
beside_open(struct beside **made, const char *dir,
    const struct beside_owner *owner, beside_take *take, void *arg,
    struct dump_facts *facts, char error[BESIDE_ERROR])
{
	struct beside *b = calloc(1, sizeof(*b));
	struct reading r = {.owner = owner,
	    .take = take,
	    .arg = arg,
	    .facts = facts,
	    .error = error};
	enum beside_status status = BESIDE_FAILED;

	*facts = (struct dump_facts){.time = 0};
	snprintf(error, BESIDE_ERROR, "out of memory");
	if (b == NULL)
		return BESIDE_FAILED;
	b->fd = -1;
	if (!make_path(b, dir, owner, error))
		status = BESIDE_DIFFERS;
	else if (open_locked(b, error))
		status = take_all(b, &r);
	if (status == BESIDE_OK) {
		*made = b;
		return BESIDE_OK;
	}
	if (b->path != NULL)
		name_path(b, error);
	beside_close(b);
	return status;
}

void
beside_close(struct beside *b)
{
	if (b == NULL)
		return;
	if (b->fd != -1)
		(void)close(b->fd);
	buf_release(&b->name);
	buf_release(&b->lines);
	free(b->path);
	free(b);
}

uint64_t
beside_cut(const struct beside *b)
{
	return b->cut;
}

const char *
beside_path(const struct beside *b)
{
	return b->path;
}
