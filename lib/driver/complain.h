/*
 * complain - messages for people, on standard error.
 *
 * What comes from data or file names may hold anything: control characters
 * and bytes that are no UTF-8 are shown as escapes, so that no terminal
 * ever obeys them.
 */
#ifndef DRIVER_COMPLAIN_H
#define DRIVER_COMPLAIN_H

#include <stddef.h>

#include "base/buf.h"

/* Append text with whatever a terminal could obey made visible. */
void complain_visible(struct buf *b, const char *text, size_t len);

/* Write "command: message\n" to standard error. */
void complain(const char *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Write text to standard error as it is. */
void complain_raw(const char *text, size_t len);

/*
 * Tell what is wrong at byte offset of a program's text, with the line and
 * a caret under the place; where names the program or its file.
 */
void complain_program(const char *command, const char *where, const char *text,
    size_t len, size_t offset, const char *message);

#endif
