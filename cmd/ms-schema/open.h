/*
 * open - what subcommands that load schemas have in common.
 */
#ifndef MS_SCHEMA_OPEN_H
#define MS_SCHEMA_OPEN_H

#include "driver/driver.h"
#include "schema/schema.h"

/* Add --map URI=DIR; -1 after a complaint. */
int schema_map_add(const struct command *c, struct schema_map **maps, size_t *n,
    const char *value);
void schema_maps_free(struct schema_map *maps, size_t n);

/*
 * Load a schema; STATUS_OK, or the status to exit with after a complaint.
 * *s is to be freed in any case.
 */
int schema_open(const struct command *c, const char *path,
    const struct schema_options *o, struct schema **s);

#endif
