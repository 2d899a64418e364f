/*
 * points - addresses, numbers and times as numbers of 128 bits, in order.
 */
#ifndef SOURCE_POINTS_H
#define SOURCE_POINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "source/spans.h"
#include "value/value.h"

enum point_family { POINT_NONE, POINT_IPV4, POINT_IPV6 };

/*
 * Read an IPv4 or IPv6 address; POINT_NONE where text is none.  An IPv4
 * address that is written as IPv6 (::ffff:192.0.2.1) is IPv4.
 */
enum point_family point_of_address(
    const char *text, size_t len, struct point *p);

/*
 * Read a network, ADDRESS/LENGTH, or an address alone: its first and last
 * address.  POINT_NONE and why (static text) where text is none.
 */
enum point_family point_of_network(const char *text, size_t len,
    struct point *from, struct point *to, const char **why);

/*
 * A number, exact for integers of 64 bits and doubles; beyond, neighbours
 * may be taken for the same.  False for NaN, and for what is no number.
 */
bool point_of_number(struct value v, struct point *p);

/* A time in microseconds. */
struct point point_of_time(int64_t micros);

/*
 * The time that a value says: a number of seconds since 1970, RFC 3339, or a
 * day, which starts at midnight UTC.  v is decoded.  False where it is none.
 */
bool point_time(struct value v, int64_t *micros);

/* The largest point. */
struct point point_last(void);

#endif
