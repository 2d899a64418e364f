#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "driver/complain.h"
#include "driver/status.h"
#include "page.h"
#include "render/report.h"

enum { HEAD = 4096 }; /* bytes that tell a page */

static bool
same_file(const struct stat *x, const struct stat *y)
{
	return x->st_dev == y->st_dev && x->st_ino == y->st_ino;
}

/* Would the page take the place of what it is to show? */
static bool
is_input(
    const struct page *p, const struct stat *page, const struct settings *set)
{
	struct stat in;

	for (size_t i = 0; i < p->beside_n; i++)
		if (stat(p->beside_files[i], &in) == 0 && same_file(page, &in))
			return true;
	if (set->files_n == 0)
		return fstat(STDIN_FILENO, &in) == 0 && same_file(page, &in);
	for (size_t i = 0; i < set->files_n; i++) {
		const char *file = set->files[i];
		int got = strcmp(file, "-") == 0 ? fstat(STDIN_FILENO, &in)
						 : stat(file, &in);

		if (got == 0 && same_file(page, &in))
			return true;
	}
	return false;
}

/* May the file be written over: is it empty, or such a page? */
static bool
is_page(const char *path)
{
	char head[HEAD];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd == -1 ? -1 : read(fd, head, sizeof(head));

	if (fd != -1)
		(void)close(fd);
	return n == 0 || (n > 0 && report_is_page(head, (size_t)n));
}

static int
fail(const struct settings *set, const char *path)
{
	complain(set->command, "%s: %s", path, strerror(errno));
	return STATUS_IO;
}

/* Where the page is written until it is whole. */
static int
name_beside(struct page *p, const struct settings *set)
{
	char *slash = strrchr(p->target, '/');
	bool writable;

	if (asprintf(&p->beside, "%s.XXXXXX", p->target) == -1) {
		p->beside = NULL;
		return fail(set, p->path);
	}
	if (slash != NULL)
		*slash = '\0'; /* only its folder is looked at */
	writable = access(slash == NULL         ? "."
			   : slash == p->target ? "/"
						: p->target,
		       W_OK | X_OK) == 0;
	if (slash != NULL)
		*slash = '/';
	return writable ? STATUS_OK : fail(set, p->path);
}

int
page_check(struct page *p, const struct settings *set, const char *path)
{
	struct stat st;
	bool there, device;

	if (path == NULL || strcmp(path, "-") == 0) {
		p->path = NULL;
		return STATUS_OK;
	}
	there = stat(path, &st) == 0;
	device = strncmp(path, "/dev/", 5) == 0;
	p->path = path;
	if (there && S_ISREG(st.st_mode) && is_input(p, &st, set)) {
		complain(set->command, "%s: is an input as well", path);
		return STATUS_IO;
	}
	if (device || (there && !S_ISREG(st.st_mode)))
		return STATUS_OK; /* opened as it is */
	if (there && !is_page(path)) {
		complain(set->command,
		    "%s: exists, and is no page of ms-trace report; "
		    "remove it first, or name another",
		    path);
		return STATUS_USAGE;
	}
	p->target = there ? realpath(path, NULL) : strdup(path);
	if (p->target == NULL)
		return fail(set, path);
	return name_beside(p, set);
}

const char *
page_name(const struct page *p)
{
	return p->path == NULL ? "standard output" : p->path;
}

int
page_open(struct page *p)
{
	struct stat st;
	mode_t mask = umask(0);
	mode_t mode = 0666 & ~mask;
	int fd;

	umask(mask);
	if (p->path == NULL) {
		fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
		return fd == -1 ||
			writer_attach(&p->writer, fd, page_name(p)) == -1
		    ? errno
		    : 0;
	}
	if (p->target == NULL)
		return writer_open(
			   &p->writer, p->path, WRITER_ALONE, true, NULL) == 0
		    ? 0
		    : errno;
	fd = mkstemp(p->beside);
	if (fd == -1)
		return errno;
	p->made = true;
	if (stat(p->target, &st) == 0)
		mode = st.st_mode & 0777;
	if (fchmod(fd, mode) == -1 ||
	    writer_attach(&p->writer, fd, p->path) == -1) {
		int error = errno;

		(void)close(fd);
		return error;
	}
	return 0;
}

int
page_close(struct page *p)
{
	int error = writer_close(&p->writer);

	if (error != 0 || p->target == NULL)
		return error;
	if (rename(p->beside, p->target) == -1)
		return errno;
	p->made = false;
	return 0;
}

void
page_release(struct page *p)
{
	if (p->writer.fd != -1)
		(void)writer_close(&p->writer);
	if (p->made)
		(void)unlink(p->beside);
	free(p->beside);
	free(p->target);
}
