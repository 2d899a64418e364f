#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "driver/complain.h"
#include "driver/outputs.h"

enum { STANDARD, TURNED_AWAY, REJECTS, TRAIL };

static bool
same_file(const struct stat *x, const struct stat *y)
{
	return x->st_dev == y->st_dev && x->st_ino == y->st_ino;
}

static struct writer *
find(struct outputs *o, const struct stat *st)
{
	for (size_t i = 0; i < OUTPUTS_WRITERS; i++) {
		struct stat other;

		if (o->own[i].fd != -1 && fstat(o->own[i].fd, &other) == 0 &&
		    same_file(st, &other))
			return &o->own[i];
	}
	return NULL;
}

bool
outputs_use(const struct outputs *o, int fd)
{
	struct stat st, other;

	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode))
		return false;
	for (size_t i = 0; i < OUTPUTS_WRITERS; i++) {
		if (o->own[i].fd != -1 && fstat(o->own[i].fd, &other) == 0 &&
		    same_file(&st, &other))
			return true;
	}
	return false;
}

static bool
is_at(const struct stat *st, const char *path)
{
	struct stat other;

	return stat(path, &other) == 0 && same_file(st, &other);
}

/*
 * As what the command reads the file at path; NULL where it doesn't.  That of
 * set->rules is also read by that name.
 */
static const char *
read_as(const struct settings *set, const char *path)
{
	struct stat st, other;

	if (stat(path, &st) == -1 || !S_ISREG(st.st_mode))
		return NULL;
	for (size_t i = 0; i < set->files_n; i++) {
		if (is_at(&st, set->files[i]))
			return "an input";
	}
	if (fstat(STDIN_FILENO, &other) == 0 && same_file(&st, &other))
		return "an input";
	for (const struct settings_file *f = set->reads; f != NULL; f = f->next)
		if (f->path != path && is_at(&st, f->path))
			return f->what;
	return NULL;
}

/* Nothing may be opened for writing that is read; -1 after a complaint. */
static int
check_path(const struct settings *set, const char *path)
{
	const char *what = path == NULL ? NULL : read_as(set, path);

	if (what == NULL)
		return 0;
	complain(set->command, "%s: is %s as well", path, what);
	return -1;
}

/*
 * Rejects are a log, which is appended to; others are made anew.  But a run
 * that goes on with a state that is kept passes over what is in that, and so
 * doesn't write again what went to such a file.
 */
static int
open_file(
    struct writer *w, const struct settings *set, size_t i, const char *path)
{
	if (i == REJECTS)
		return writer_open(w, path, WRITER_SHARED, set->truncate, NULL);
	if (set->append || set->batches || set->beside || i == TRAIL)
		return writer_open(w, path, WRITER_SHARED, false, NULL);
	return writer_open(w, path, WRITER_ALONE, true, &set->begun);
}

static void
complain_open(const struct outputs *o, size_t i, const char *path)
{
	if (errno != EWOULDBLOCK)
		complain(o->command, "%s: %s", path, strerror(errno));
	else if (i == REJECTS || i == TRAIL)
		complain(o->command,
		    "%s: another filter's --else has this file for itself; "
		    "name another file, or give that one --append",
		    path);
	else
		complain(o->command,
		    "%s: another filter writes to this file; name another, "
		    "or share it with --append",
		    path);
}

static int
open_one(struct outputs *o, const struct settings *set, size_t i,
    const char *path, struct writer **w)
{
	struct stat st;

	if (path == NULL)
		return 0;
	if (strcmp(path, "-") == 0) {
		*w = o->standard;
		return 0;
	}
	if (stat(path, &st) == 0) {
		*w = find(o, &st);
		if (*w != NULL)
			return 0;
	}
	if (open_file(&o->own[i], set, i, path) == -1) {
		complain_open(o, i, path);
		return -1;
	}
	*w = &o->own[i];
	return 0;
}

/* What is passed on, or stands beside that, is no place for it. */
static int
open_trail(struct outputs *o, const struct settings *set)
{
	if (open_one(o, set, TRAIL, set->trail, &o->trail) == -1)
		return -1;
	if (o->trail == NULL ||
	    (o->trail != o->standard && o->trail != o->turned_away))
		return 0;
	complain(o->command, "%s: the trail goes to a file that %s goes to too",
	    set->trail, o->trail == o->standard ? "the output" : "--else");
	return -1;
}

/* Each rule is added to its file under a lock of its own. */
static int
check_rules(struct outputs *o, const struct settings *set)
{
	struct stat st;

	if (set->rules == NULL || stat(set->rules, &st) == -1 ||
	    !S_ISREG(st.st_mode) || find(o, &st) == NULL)
		return 0;
	complain(set->command, "%s: is an output as well", set->rules);
	return -1;
}

int
outputs_open(struct outputs *o, const struct settings *set,
    const struct stage *stage, struct stats *stats)
{
	*o = (struct outputs){.command = set->command,
	    .document = set->document || set->count_only,
	    .keeper = set->batches ? stage : NULL,
	    .beside = set->beside ? stage : NULL,
	    .keep_end = set->keep_end,
	    .begun = set->begun,
	    .stats = stats};
	for (size_t i = 0; i < OUTPUTS_WRITERS; i++)
		o->own[i].fd = -1;
	o->standard = &o->own[STANDARD];
	if (writer_attach(o->standard, STDOUT_FILENO, "standard output") ==
	    -1) {
		complain(o->command, "%s", strerror(errno));
		return -1;
	}
	if (check_path(set, set->else_file) == -1 ||
	    check_path(set, set->rejects) == -1 ||
	    check_path(set, set->trail) == -1 ||
	    check_path(set, set->rules) == -1)
		return -1;
	if (open_one(o, set, TURNED_AWAY, set->else_file, &o->turned_away) ==
	    -1)
		return -1;
	if (open_one(o, set, REJECTS, set->rejects, &o->rejects) == -1)
		return -1;
	return open_trail(o, set) == -1 ? -1 : check_rules(o, set);
}
