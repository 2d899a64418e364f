#include <stdio.h>
#include <string.h>

#include "lang/compile/nearest.h"

static unsigned
minimum(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

/* Levenshtein's distance of short names. */
static unsigned
distance(const char *a, size_t an, const char *b, size_t bn)
{
	unsigned row[64];

	if (an >= 63 || bn >= 63)
		return 99;
	for (unsigned j = 0; j <= bn; j++)
		row[j] = j;
	for (size_t i = 1; i <= an; i++) {
		unsigned corner = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= bn; j++) {
			unsigned above = row[j];

			row[j] = minimum(above + 1, row[j - 1] + 1,
			    corner + (a[i - 1] != b[j - 1]));
			corner = above;
		}
	}
	return row[bn];
}

void
nearest_consider(void *arg, const char *name, uint32_t args)
{
	struct nearest *near = arg;
	unsigned d = distance(near->name, near->len, name, strlen(name));

	/* A slip in five letters, and none in fewer than three. */
	if (name[0] == '_' || d > (near->len + 2) / 5)
		return;
	d = d * 2 + (args != near->args);
	if (d >= near->distance)
		return;
	near->distance = d;
	snprintf(near->best, sizeof(near->best), "%s/%u", name, (unsigned)args);
}
