#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/temporary.h"

/* For file systems that have no files without a name. */
static int
named_file(const char *dir)
{
	char path[4096];
	int n = snprintf(path, sizeof(path), "%s/ms-XXXXXX", dir), fd;

	if (n < 0 || (size_t)n >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = mkostemp(path, O_CLOEXEC);
	if (fd != -1)
		unlink(path);
	return fd;
}

int
temporary_file(void)
{
	const char *dir = getenv("TMPDIR");
	int fd;

	if (dir == NULL || *dir == '\0')
		dir = "/tmp";
	fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	return fd == -1 &&
		(errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)
	    ? named_file(dir)
	    : fd;
}
