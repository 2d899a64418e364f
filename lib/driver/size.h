/*
 * size - numbers of bytes as people write and read them.
 */
#ifndef DRIVER_SIZE_H
#define DRIVER_SIZE_H

#include <stdbool.h>
#include <stddef.h>

enum { SIZE_TEXT = 32 }; /* room for size_format() */

/*
 * Read a number as "17", or a size as "64M" has it, K M G being powers of
 * 1024; false where text is neither, or is too large.
 */
bool size_parse(const char *text, size_t *size);

/* Write a size as people say it: "64 MiB".  out has SIZE_TEXT bytes. */
void size_format(char *out, size_t size);

#endif
