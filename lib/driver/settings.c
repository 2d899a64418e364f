#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "driver/complain.h"
#include "driver/settings.h"
#include "driver/status.h"
#include "json/scan.h"
#include "record/rulebook.h"
#include "trust/forget.h"

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
	(void)clock_gettime(CLOCK_REALTIME, &set->begun);
	arena_init(&set->arena, (size_t)1 << 30);
	set->arena.overflow = &set->overflow;
}

int
settings_reads(struct settings *set, const char *path, const char *what)
{
	struct settings_file *f = malloc(sizeof(*f));

	if (f == NULL) {
		set->starved = true;
		complain(set->command, "%s", strerror(errno));
		return -1;
	}
	*f = (struct settings_file){set->reads, path, what};
	set->reads = f;
	return 0;
}

void
settings_release(struct settings *set)
{
	while (set->reads != NULL) {
		struct settings_file *f = set->reads;

		set->reads = f->next;
		free(f);
	}
	rulebook_free(set->rulebook);
	seal_keys_free(set->seal_keys);
	forget_free(set->forget);
	free(set->bindings);
	free(set->files);
	free(set->program_own);
	free(set->rule_own);
	arena_release(&set->arena);
}

int
settings_lineage(const struct settings *set, struct lineage *l, const char *op,
    const char *rule, size_t rule_len)
{
	if (lineage_init(l, set->lineage, set->lineage_key, op, set->stage,
		rule, rule_len) == -1) {
		complain(set->command, "%s", strerror(ENOMEM));
		return -1;
	}
	l->cap = set->lineage_cap;
	l->depth = set->max_depth;
	if (set->seal_keys != NULL)
		lineage_seal(l, set->seal_keys);
	if (set->lineage != LINEAGE_COMPACT || rule == NULL ||
	    rulebook_add(set->rulebook, rule, rule_len) == 0)
		return 0;
	complain(set->command, "MS_RULES: %s: %s", getenv("MS_RULES"),
	    errno == EINVAL ? "is no regular file" : strerror(errno));
	lineage_release(l);
	return -1;
}

/* A program's place was taken by the name of an input. */
static void
hint_file(const struct settings *set, const char *text)
{
	struct stat st;

	if (stat(text, &st) == 0 && S_ISREG(st.st_mode))
		complain(set->command,
		    "'%s' is a file, and stands where the program belongs: "
		    "%s PROGRAM FILE, or %s -f PROGRAM-FILE FILE",
		    text, set->command, set->command);
}

static int
compile(const struct settings *set, const char *text, size_t len,
    const char *file, bool predicate, struct program **p)
{
	struct program_source source = {
	    .text = text,
	    .len = len,
	    .file = file,
	    .predicate = predicate,
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
	if (file == NULL && text == set->program_text)
		hint_file(set, text);
	return STATUS_USAGE;
}

int
settings_compile(const struct settings *set, const char *text, size_t len,
    const char *file, struct program **p)
{
	return compile(set, text, len, file, false, p);
}

int
settings_predicate(const struct settings *set, const char *text, size_t len,
    const char *file, struct program **p)
{
	return compile(set, text, len, file, true, p);
}
