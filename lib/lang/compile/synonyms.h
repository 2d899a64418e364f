/*
 * synonyms - what functions of other languages are called here.
 */
#ifndef LANG_COMPILE_SYNONYMS_H
#define LANG_COMPILE_SYNONYMS_H

#include <stddef.h>

/*
 * How a program says what that name means in JavaScript, Python, SQL, awk or
 * the shell; case and underscores don't count.  NULL where it is none of
 * theirs.  What isn't a function's name alone has quotes where it wants them.
 */
const char *synonyms_find(const char *name, size_t len);

#endif
