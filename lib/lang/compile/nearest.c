#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "lang/compile/nearest.h"

enum { LONGEST = 62 };

static unsigned
smaller(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* A name without underscores and case; its length, 0 where it is too long. */
static size_t
fold(char out[LONGEST], const char *name, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (name[i] == '_')
			continue;
		if (n == LONGEST)
			return 0;
		out[n++] = (char)tolower((unsigned char)name[i]);
	}
	return n;
}

/* Optimal string alignment: two letters that changed places are one slip. */
static unsigned
alignment(const char *a, size_t an, const char *b, size_t bn)
{
	unsigned rows[3][LONGEST + 1] = {0};
	unsigned *before = rows[0], *above = rows[1], *row = rows[2], *spare;

	for (unsigned j = 0; j <= bn; j++)
		above[j] = j;
	for (size_t i = 1; i <= an; i++) {
		row[0] = (unsigned)i;
		for (size_t j = 1; j <= bn; j++) {
			row[j] = smaller(above[j], row[j - 1]) + 1;
			row[j] = smaller(
			    row[j], above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				row[j] = smaller(row[j], before[j - 2] + 1);
		}
		spare = before;
		before = above;
		above = row;
		row = spare;
	}
	return above[bn];
}

unsigned
nearest_distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	char x[LONGEST], y[LONGEST];
	size_t an = fold(x, a, a_len), bn = fold(y, b, b_len);

	return an == 0 || bn == 0 ? 99 : alignment(x, an, y, bn);
}

void
nearest_consider(void *arg, const char *name, uint32_t args)
{
	struct nearest *near = arg;
	size_t len = strlen(name);
	bool same = len == near->len && memcmp(name, near->name, len) == 0;
	unsigned d = nearest_distance(near->name, near->len, name, len);

	if (same && args < 64)
		near->arities |= (uint64_t)1 << args;
	/* A slip in five letters, and none in fewer than three. */
	if (name[0] == '_' || d > (near->len + 2) / 5)
		return;
	/* The very name is nearest, then the same number of arguments. */
	d = same ? 0 : d * 2 + (args != near->args) + 1;
	if (d > near->distance ||
	    (d == near->distance && args >= near->best_args))
		return;
	near->distance = d;
	near->same = same;
	near->best_args = args;
	snprintf(near->best, sizeof(near->best), "%s/%u", name, (unsigned)args);
}
