/*
 * error_hints - what may have been meant by a form that failed for an event.
 *
 * Such a form may be right, and is for other events: so it is no error when
 * the program is compiled, and a word more when it fails.
 */
#ifndef LANG_RUN_ERROR_HINTS_H
#define LANG_RUN_ERROR_HINTS_H

#include "base/buf.h"
#include "lang/syntax/ast.h"

/*
 * Append "; is ... meant?" where the form that raised an error looks like a
 * slip; text is its program's, and ends with a NUL.
 */
void error_hints_put(
    struct buf *b, const struct node *raised, const char *text);

#endif
