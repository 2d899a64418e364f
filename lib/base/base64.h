/*
 * base64 - bytes as text (RFC 4648).
 */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stddef.h>

#include "base/buf.h"

/* Append len bytes in base64, padded. */
void base64_put(struct buf *out, const char *text, size_t len);

#endif
