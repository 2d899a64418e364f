/*
 * uri - references to schemas (RFC 3986), as text.
 */
#ifndef SCHEMA_URI_H
#define SCHEMA_URI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* Has it a scheme, as in "https:" or "urn:"? */
bool uri_is_absolute(const char *uri);

/*
 * The URI that a reference means at a base (section 5.2), without dot
 * segments; both are NUL-terminated.  A fragment stays.
 */
const char *uri_resolve(struct arena *a, const char *base, const char *ref);

/* Cut a fragment off; it is returned without its #, NULL without one. */
const char *uri_split(struct arena *a, const char **uri);

/* %41 becomes A; false where what follows a % isn't two digits. */
bool uri_decode(struct arena *a, const char *text, char **out, size_t *n);

/* The URI of a file, whose path is absolute. */
const char *uri_of_file(struct arena *a, const char *path);

#endif
