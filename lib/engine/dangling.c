#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "engine/dangling.h"

enum { LINK = 64, PATH = 600 };

/* The pipe "pipe:[123]" behind a descriptor; false where it is none. */
static bool
pipe_at(const char *path, char link[LINK])
{
	ssize_t n = readlink(path, link, LINK - 1);

	if (n <= 0)
		return false;
	link[n] = '\0';
	return strncmp(link, "pipe:[", 6) == 0;
}

static bool
is_of_group(const char *pid, pid_t group)
{
	char path[PATH], text[512], *end;
	long parent, its;
	FILE *file;
	size_t n;

	snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	file = fopen(path, "re");
	if (file == NULL)
		return false;
	n = fread(text, 1, sizeof(text) - 1, file);
	(void)fclose(file);
	text[n] = '\0';
	/* The program's name may hold anything, but ends at the last ')'. */
	end = strrchr(text, ')');
	return end != NULL &&
	    sscanf(end + 1, " %*c %ld %ld", &parent, &its) == 2 &&
	    its == (long)group;
}

/* Can a descriptor be read from? */
static bool
can_read(const char *pid, const char *fd)
{
	char path[PATH], line[128];
	unsigned flags = O_WRONLY;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%s/fdinfo/%s", pid, fd);
	file = fopen(path, "re");
	if (file == NULL)
		return false;
	while (fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "flags: %o", &flags) == 1)
			break;
	(void)fclose(file);
	return (flags & O_ACCMODE) != O_WRONLY;
}

/* Does a process read the pipe?  One that may not be looked at may. */
static bool
reads(const char *pid, const char *pipe)
{
	char path[PATH], link[LINK];
	struct dirent *e;
	bool found = false;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	dir = opendir(path);
	if (dir == NULL)
		return errno != ENOENT && errno != ESRCH;
	while (!found && (e = readdir(dir)) != NULL) {
		snprintf(path, sizeof(path), "/proc/%s/fd/%s", pid, e->d_name);
		found = pipe_at(path, link) && strcmp(link, pipe) == 0 &&
		    can_read(pid, e->d_name);
	}
	(void)closedir(dir);
	return found;
}

/* The next directory of a process, or NULL. */
static const char *
next_process(DIR *proc)
{
	struct dirent *e;

	while ((e = readdir(proc)) != NULL)
		if (isdigit((unsigned char)e->d_name[0]))
			return e->d_name;
	return NULL;
}

static bool
is_read(const char *pipe)
{
	DIR *proc = opendir("/proc");
	const char *pid;
	bool found = proc == NULL;

	if (proc == NULL)
		return true;
	while (!found && (pid = next_process(proc)) != NULL)
		found = reads(pid, pipe);
	(void)closedir(proc);
	return found;
}

static bool
look(pid_t group)
{
	DIR *proc = opendir("/proc");
	char path[PATH], pipe[LINK];
	const char *pid;
	bool found = false;

	if (proc == NULL)
		return false;
	while (!found && (pid = next_process(proc)) != NULL) {
		snprintf(path, sizeof(path), "/proc/%s/fd/1", pid);
		found = is_of_group(pid, group) && pipe_at(path, pipe) &&
		    !is_read(pipe);
	}
	(void)closedir(proc);
	return found;
}

/*
 * A pipe that a shell is handing to a new stage may be missed in both while
 * the processes are gone through; the next time the stage has it.
 */
bool
dangling_output(pid_t group)
{
	enum { TIMES = 3 };

	for (int i = 0; i < TIMES; i++)
		if (!look(group))
			return false;
	return true;
}
