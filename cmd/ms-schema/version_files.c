#include "version_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool
version_number(const char *text, size_t len, uint32_t *number)
{
	uint32_t n = 0;

	if (len == 0 || len > 9 || text[0] == '0')
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		n = 10 * n + (uint32_t)(text[i] - '0');
	}
	*number = n;
	return true;
}

static void
end_directory(void *arg)
{
	closedir(arg);
}

static int
by_name(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

bool
version_names(struct arena *a, const char *path, const char ***names, size_t *n)
{
	DIR *dir = opendir(path);
	struct arena_deferred *closing;
	struct dirent *entry;
	size_t cap = 0;
	int failed;

	*n = 0;
	*names = NULL;
	if (dir == NULL)
		return false;
	closing = arena_defer(a, end_directory, dir);
	while ((errno = 0, entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		if (*n == cap) {
			const char **more;

			cap = 2 * cap + 16;
			more = arena_array(a, cap, sizeof(*more));
			if (*n > 0)
				memcpy(more, *names, *n * sizeof(*more));
			*names = more;
		}
		(*names)[(*n)++] =
		    arena_copy(a, entry->d_name, strlen(entry->d_name));
	}
	failed = errno;
	arena_end(a, closing);
	errno = failed;
	if (*n > 0)
		qsort(*names, *n, sizeof(**names), by_name);
	return failed == 0;
}

enum kind { OTHER, SCHEMA, PROGRAM, WRONG };

/* What a name says: digits and .json, or digits, -, digits and .jq. */
static enum kind
read_name(const char *name, struct version_file *f)
{
	static const char DIGITS[] = "0123456789";
	size_t n = strspn(name, DIGITS), m = 0;
	const char *rest = name + n;

	*f = (struct version_file){0, 0};
	if (n == 0)
		return OTHER;
	if (strcmp(rest, ".json") == 0)
		return version_number(name, n, &f->from) ? SCHEMA : WRONG;
	if (*rest++ != '-')
		return OTHER;
	m = strspn(rest, DIGITS);
	if (m == 0 || strcmp(rest + m, ".jq") != 0)
		return OTHER;
	return version_number(name, n, &f->from) &&
		version_number(rest, m, &f->to)
	    ? PROGRAM
	    : WRONG;
}

static int
by_number(const void *x, const void *y)
{
	const uint32_t *i = x, *k = y;

	return (*i > *k) - (*i < *k);
}

void
version_files(struct arena *a, const char *const *names, size_t n,
    struct version_files *f)
{
	struct version_file file;

	*f = (struct version_files){.n = 0};
	f->version = arena_array(a, n, sizeof(*f->version));
	f->program = arena_array(a, n, sizeof(*f->program));
	for (size_t i = 0; i < n; i++) {
		switch (read_name(names[i], &file)) {
		case SCHEMA:
			f->version[f->n++] = file.from;
			break;
		case PROGRAM:
			f->program[f->programs_n++] = file;
			break;
		case WRONG:
			if (f->wrong == NULL)
				f->wrong = names[i];
			break;
		case OTHER:
			break;
		}
	}
	qsort(f->version, f->n, sizeof(*f->version), by_number);
}
