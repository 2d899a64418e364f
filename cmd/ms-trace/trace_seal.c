/*
 * ms-trace seal - sign the events, so that who has only the public key finds
 * what was omitted, repeated, moved or changed.
 *
 * The events pass as they are; behind each batch stands a line that signs it.
 * The end of the input always writes one that says it is the last.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "driver/complain.h"
#include "driver/driver.h"
#include "driver/policed.h"
#include "driver/size.h"
#include "driver/usage.h"
#include "readers.h"
#include "trust/signature.h"

enum { SIGN = 256, BATCH };

struct signing {
	const struct settings *set;
	const char *file; /* of the key */
	size_t batch;
	struct key *key;
	struct signature signature;
	uint64_t old; /* lines of an earlier signature */
};

static const struct command command;

static const struct option_spec options[] = {
    {SIGN, "sign", "FILE", "the key to sign with, of keygen --sign"},
    {BATCH, "batch", "N", "events that one line signs (1000)"},
    {0, NULL, NULL, NULL},
};

static int
option(void *arg, int id, const char *value)
{
	struct signing *g = arg;

	if (id == SIGN) {
		g->file = value;
		return 0;
	}
	if (size_parse(value, &g->batch) && g->batch > 0)
		return 0;
	return usage_wrong(
	    &command, "--batch: '%s' is no number from 1", value);
}

static int
start(struct settings *set, void *arg)
{
	struct signing *g = arg;
	struct uuid_series series = {0};
	struct uuid_maker maker;
	char error[KEY_ERROR], stream[UUID_TEXT + 1];

	if (g->file == NULL) {
		usage_wrong(&command, "which key?  --sign FILE");
		return STATUS_USAGE;
	}
	g->set = set;
	set->threads = 1; /* the order is what is signed */
	g->key = key_read(g->file, KEY_SIGN, error);
	if (g->key == NULL) {
		complain(set->command, "%s: %s", g->file, error);
		return STATUS_USAGE;
	}
	if (settings_reads(set, g->file, "the key to sign with") == -1)
		return STATUS_IO;
	if (!uuid_maker_init(&maker) || !uuid_next(&series, &maker, stream)) {
		complain(set->command, "no random bytes for an id");
		return STATUS_IO;
	}
	signature_begin(&g->signature, g->key, stream);
	return STATUS_OK;
}

static enum verdict
sign(struct event *ev, void *arg)
{
	struct signing *g = arg;

	if (!policed_passes(g->set->policed, ev, ev->line.text, ev->line.len))
		return VERDICT_WITHHOLD;
	signature_add(&g->signature, ev->root);
	buf_put(ev->out, ev->line.text, ev->line.len);
	buf_putc(ev->out, '\n');
	if (g->signature.n == g->batch)
		signature_put(&g->signature, ev->out, false);
	return VERDICT_WRITTEN;
}

/* An earlier signature holds no more between these lines. */
static enum verdict
take_out(struct event *ev, void *arg)
{
	struct signing *g = arg;

	(void)ev;
	g->old++;
	return VERDICT_WRITTEN;
}

/* What wasn't read to its end isn't signed as if it were. */
static enum verdict
end(struct event *ev, void *arg, bool cut)
{
	struct signing *g = arg;
	bool whole = !cut && !g->set->input_failed;

	if (whole || g->signature.n > 0)
		signature_put(&g->signature, ev->out, whole);
	return VERDICT_WRITTEN;
}

static void
finish(void *arg, struct buf *out)
{
	struct signing *g = arg;

	(void)out;
	if (g->old > 0)
		complain(command.name,
		    "%" PRIu64 " line%s of an earlier signature %s taken out",
		    g->old, g->old == 1 ? "" : "s",
		    g->old == 1 ? "was" : "were");
}

static void
release(void *arg)
{
	struct signing *g = arg;

	key_free(g->key);
}

static const struct command command = {
    .reads_histories = true,
    .keeps_policy = true,
    .name = "ms-trace",
    .op = "seal",
    .synopsis = "seal --sign KEY [options] [file ...]",
    .summary = "Sign the events in batches, for who has the public key.",
    .options = options,
    .option = option,
    .start = start,
    .event = sign,
    .seal = take_out,
    .end = end,
    .finish = finish,
    .release = release,
};

int
trace_seal(int argc, char **argv)
{
	struct signing g = {.batch = 1000};

	return driver_main(&command, &g, argc, argv);
}
