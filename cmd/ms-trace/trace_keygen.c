/*
 * ms-trace keygen - make a key in a file that nobody else can read.
 *
 * It is no filter: its argument names a file that isn't there yet, and what
 * it writes to standard output is the key's id.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "driver/complain.h"
#include "driver/driver.h"
#include "driver/usage.h"
#include "readers.h"
#include "trust/key_file.h"

enum { SIGN = 256 };

static const struct command command;

static const struct option_spec options[] = {
    {SIGN, "sign", NULL, "a pair to sign with: FILE, FILE.pub for all"},
    {0, NULL, NULL, NULL},
};

static int
option(void *arg, int id, const char *value)
{
	bool *sign = arg;

	(void)id;
	(void)value;
	*sign = true;
	return 0;
}

/* All is done before an event would be read. */
static int
start(struct settings *set, void *arg)
{
	const bool *sign = arg;
	char error[KEY_ERROR], id[KEY_ID + 1];

	if (set->files_n != 1) {
		usage_wrong(
		    &command, "keygen takes one argument, the file to make");
		return STATUS_USAGE;
	}
	if (!key_make(set->files[0], *sign, id, error)) {
		complain(set->command, "%s", error);
		return STATUS_IO;
	}
	if (printf("%s\n", id) > 0 && fflush(stdout) == 0)
		return STATUS_DONE;
	complain(set->command, "standard output: %s", strerror(errno));
	return STATUS_IO;
}

static enum verdict
never(struct event *ev, void *arg)
{
	(void)ev;
	(void)arg;
	return VERDICT_DROP;
}

static const struct command command = {
    .reads_histories = true,
    .no_filter = true,
    .name = "ms-trace",
    .op = "keygen",
    .synopsis = "keygen [--sign] FILE",
    .summary = "Make a key in a new file that only its owner can read.",
    .options = options,
    .option = option,
    .start = start,
    .event = never,
};

int
trace_keygen(int argc, char **argv)
{
	bool sign = false;

	return driver_main(&command, &sign, argc, argv);
}
