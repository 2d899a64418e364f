/*
 * mmdb - a source that is a MaxMind database: what is known of the longest
 * network that holds an address.
 *
 * The file is copied into memory, so that whatever happens to it is no harm;
 * live.h watches it and swaps versions.  A record is an object, of its nested
 * maps and arrays too; of chosen columns, which are dotted paths, it is what
 * they leave of it.
 */
#ifndef SOURCE_MMDB_H
#define SOURCE_MMDB_H

#include "source/source.h"

/* Of the bytes of a file, which it takes over.  NULL and error on failure. */
struct source *mmdb_of_bytes(const struct source_options *o, struct buf *bytes,
    struct source_error *error);

#endif
