/*
 * --dump and --load: a state file as lines, and back.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/complain.h"
#include "persist.h"
#include "state/dump.h"

static bool
put_row(void *arg, const char *key, size_t key_len, const char *value,
    size_t value_len, const char *at, size_t at_len)
{
	struct buf *b = arg;

	buf_clear(b);
	dump_put(b, key, key_len, value, value_len, at, at_len);
	return !buf_failed(b) && fwrite(b->p, 1, b->len, stdout) == b->len;
}

static bool
write_out(const struct buf *b)
{
	return !buf_failed(b) && fwrite(b->p, 1, b->len, stdout) == b->len;
}

static bool
put_position(void *arg, const char *source, size_t len, int64_t number,
    const char *forks, size_t forks_len)
{
	struct buf *b = arg;
	struct position at = {.number = number};

	if (!position_forks_read(&at, forks, forks_len))
		return true;
	buf_clear(b);
	dump_put_position(b, source, len, &at);
	return write_out(b);
}

/* The state as a whole, where there is something to say of it. */
static bool
put_facts(struct keep *k, struct buf *b)
{
	struct dump_facts facts;

	if (!kept_file_facts(k, &facts))
		return false;
	if (!facts.has_time && facts.order == 0)
		return true;
	buf_clear(b);
	buf_puts(b, "{\"stage\":null");
	dump_put_facts(b, &facts);
	buf_puts(b, "}\n");
	(void)write_out(b); /* stdout remembers */
	return true;
}

int
state_lines_dump(const struct fold *f, const struct settings *set)
{
	char error[KEEP_ERROR];
	struct buf b = {0};
	struct keep *k;
	uint64_t uses;
	int status = STATUS_IO;

	if (keep_look(&k, f->file, error) != KEEP_OK) {
		complain(set->command, "%s: %s", f->file, error);
		return STATUS_IO;
	}
	/* Who loads the lines uses their keys in this order. */
	if (!kept_file_uses(k, &uses) || !keep_each(k, uses > 0, put_row, &b) ||
	    !keep_each_position(k, put_position, &b) || !put_facts(k, &b))
		complain(set->command, "%s: %s", f->file, keep_error(k));
	else if (buf_failed(&b))
		complain(set->command, "out of memory");
	else if (fflush(stdout) != 0 || ferror(stdout))
		complain(set->command, "standard output: %s", strerror(errno));
	else
		status = STATUS_DONE;
	buf_release(&b);
	keep_close(k);
	return status;
}

/* Take a line: NULL, or why that isn't possible. */
static const char *
load_line(struct fold *f, struct arena *a, const char *line, size_t len)
{
	struct dump_entry e = {.facts = persist_facts(f)};
	const char *why;
	jmp_buf overflow;

	a->overflow = &overflow;
	if (setjmp(overflow) != 0)
		return "out of memory";
	arena_reset(a);
	switch (dump_read(a, line, len, &e, &why)) {
	case DUMP_ENTRY:
		return persist_decode(f, a, e.key, e.value, e.at);
	case DUMP_POSITION:
		return positions_adopt(
			   f->positions, e.source.text, e.source.n, &e.position)
		    ? NULL
		    : "out of memory";
	case DUMP_MARK:
		persist_take_facts(f, &e.facts);
		return NULL;
	default:
		return why;
	}
}

static bool
load_lines(struct fold *f, struct arena *a, FILE *file)
{
	char *line = NULL;
	size_t cap = 0;
	uint64_t number = 0;
	const char *why = NULL;
	ssize_t n;

	while (why == NULL && (n = getline(&line, &cap, file)) != -1) {
		number++;
		if (n > 0 && line[n - 1] == '\n')
			n--;
		if (n > 0)
			why = load_line(f, a, line, (size_t)n);
	}
	free(line);
	if (why != NULL)
		complain(f->set->command, "%s:%" PRIu64 ": %s", f->load, number,
		    why);
	else if (ferror(file))
		complain(f->set->command, "%s: %s", f->load, strerror(errno));
	return why == NULL && !ferror(file);
}

int
state_lines_load(struct fold *f)
{
	struct arena a;
	bool standard = strcmp(f->load, "-") == 0, good;
	FILE *file = standard ? stdin : fopen(f->load, "re");

	if (standard)
		f->load = "standard input";
	if (file == NULL) {
		complain(f->set->command, "%s: %s", f->load, strerror(errno));
		return STATUS_IO;
	}
	arena_init(&a, f->set->max_memory);
	good = load_lines(f, &a, file);
	arena_release(&a);
	if (!standard)
		(void)fclose(file);
	return good && kept_file_commit(f, "", 0) ? STATUS_DONE : STATUS_IO;
}
