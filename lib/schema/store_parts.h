/*
 * store_parts - what the files of the store share.
 */
#ifndef SCHEMA_STORE_PARTS_H
#define SCHEMA_STORE_PARTS_H

#include "schema/store.h"

/* A new resource at entry e, whose URI no other has. */
uint32_t store_add_resource(struct store *s, const char *uri,
    struct document *d, uint32_t e, const struct dialect *dialect);

/* The resource of a URI at entry e of d, which may have to be read. */
uint32_t store_find_resource(struct store *s, const char *uri,
    const struct document *d, uint32_t e, const struct dialect *dialect);

/* Enter what is in the schema at entry e of resource r. */
void store_index_schema(
    struct store *s, struct document *d, uint32_t e, uint32_t r);

#endif
