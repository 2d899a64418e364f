#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/folder.h"

enum { DESCRIPTORS = 8, TRIES = 10 };

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path) == 0 || errno == ENOENT ? 0 : -1;
}

bool
folder_remove(const char *path)
{
	return nftw(path, remove_one, DESCRIPTORS, FTW_DEPTH | FTW_PHYS) == 0;
}

/* Lock a directory; -1 where another one has. */
static int
lock(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd != -1 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	if (fd != -1)
		(void)close(fd);
	return -1;
}

/* Is what we locked still what has that name? */
static bool
is_there(int fd, const char *path)
{
	struct stat ours, named;

	return fstat(fd, &ours) == 0 && lstat(path, &named) == 0 &&
	    ours.st_ino == named.st_ino && ours.st_dev == named.st_dev;
}

/* Remove one that is ours by its owner, and whose user is gone. */
static void
clear_one(const char *path)
{
	struct stat st;
	int fd = lock(path);

	if (fd == -1)
		return;
	if (fstat(fd, &st) == 0 && st.st_uid == geteuid())
		(void)folder_remove(path);
	(void)close(fd);
}

/* PREFIX-XXXXXX, and nothing else. */
static bool
is_one(const char *name, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(name, prefix, n) == 0 && name[n] == '-' &&
	    strlen(name + n + 1) == 6;
}

static void
clear(const char *dir, const char *prefix)
{
	DIR *all = opendir(dir);
	struct dirent *e;
	char path[4096];

	while (all != NULL && (e = readdir(all)) != NULL) {
		int n = snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);

		if (n > 0 && (size_t)n < sizeof(path) &&
		    is_one(e->d_name, prefix))
			clear_one(path);
	}
	if (all != NULL)
		(void)closedir(all);
}

bool
folder_open(struct folder *f, const char *prefix)
{
	const char *dir = getenv("TMPDIR");
	char path[4096];

	*f = (struct folder){.lock = -1};
	if (dir == NULL || *dir == '\0')
		dir = "/tmp";
	clear(dir, prefix);
	/* One who clears may be there between making and locking. */
	for (int i = 0; i < TRIES; i++) {
		int n =
		    snprintf(path, sizeof(path), "%s/%s-XXXXXX", dir, prefix);

		errno = ENAMETOOLONG;
		if (n < 0 || (size_t)n >= sizeof(path) || mkdtemp(path) == NULL)
			return false;
		f->lock = lock(path);
		if (f->lock != -1 && is_there(f->lock, path)) {
			f->path = strdup(path);
			return f->path != NULL;
		}
		if (f->lock != -1)
			(void)close(f->lock);
		f->lock = -1;
		(void)folder_remove(path);
	}
	errno = EAGAIN;
	return false;
}

void
folder_close(struct folder *f)
{
	if (f->path != NULL)
		(void)folder_remove(f->path);
	if (f->lock != -1)
		(void)close(f->lock);
	free(f->path);
	*f = (struct folder){.lock = -1};
}
