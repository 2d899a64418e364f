/*
 * idn - labels of internationalised names (IDNA 2008, RFC 5890 to 5893).
 *
 * The only module that sees libidn2.
 */
#ifndef SCHEMA_IDN_H
#define SCHEMA_IDN_H

#include <stdbool.h>
#include <stddef.h>

/* A label with characters beyond ASCII, as UTF-8. */
bool idn_is_u_label(const char *p, size_t n);

/* A label that begins with xn--. */
bool idn_is_a_label(const char *p, size_t n);

#endif
