/*
 * message - how values are shown in messages.
 */
#ifndef LANG_COMPILE_MESSAGE_H
#define LANG_COMPILE_MESSAGE_H

#include <stddef.h>

/*
 * Cut a JSON text of n bytes, which ends with a NUL, to what a message can
 * hold, as jq cuts it.  Gives text.
 */
const char *message_cut(char *text, size_t n);

#endif
