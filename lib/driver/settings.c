#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "driver/complain.h"
#include "driver/settings.h"
#include "driver/status.h"
#include "json/scan.h"

void
settings_init(struct settings *set, const char *command)
{
	*set = (struct settings){
	    .command = command,
	    .lineage_cap = LINEAGE_NO_CAP,
	    .lineage_key = "_lineage",
	    .max_line = (size_t)64 << 20,
	    .max_depth = SCAN_DEPTH,
	    .max_memory = (size_t)1 << 30,
	    .threads = 1,
	};
	arena_init(&set->arena, (size_t)1 << 30);
	set->arena.overflow = &set->overflow;
}

void
settings_release(struct settings *set)
{
	free(set->bindings);
	free(set->files);
	free(set->program_own);
	arena_release(&set->arena);
}

int
settings_compile(const struct settings *set, const char *text, size_t len,
    const char *file, struct program **p)
{
	struct program_source source = {
	    .text = text,
	    .len = len,
	    .file = file,
	    .bindings = set->bindings,
	    .bindings_n = set->bindings_n,
	    .named = set->named,
	    .positional = set->positional,
	};
	struct program_error error = {0};

	*p = program_new(&source, &error);
	if (*p != NULL)
		return STATUS_OK;
	if (error.starved) {
		complain(set->command, "%s", strerror(ENOMEM));
		return STATUS_IO;
	}
	complain_program(set->command, file == NULL ? "program" : file, text,
	    len, error.offset, error.text);
	return STATUS_USAGE;
}
