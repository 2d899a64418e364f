/*
 * ms-trace verify - tell events whose history isn't sound.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "driver/complain.h"
#include "driver/policed.h"
#include "frame.h"
#include "history/verify.h"
#include "readers.h"
#include "trust/policy_verify.h"

enum { ROUTE = 256, PASS, ALLOW_OUTSIDE, REQUIRE_SEALS };

struct verifying {
	struct frame frame;
	struct verify how;
	bool pass;
	struct policed *policed;  /* --policy */
	struct rules *rules;      /* what records say that their stages did */
	_Atomic uint64_t against; /* the policy */
	_Atomic uint64_t count[VERIFY_FAULTS]; /* of events */
	/* Of the sound ones. */
	_Atomic uint64_t without, unknown, outside, sealed;
};

static const struct option_spec options[] = {
    {ROUTE, "route", "R", "ops expected, as trace,filter,map:price"},
    {PASS, "pass", NULL, "write the sound events"},
    {ALLOW_OUTSIDE, "allow-outside", NULL, "others may have changed the event"},
    {REQUIRE_SEALS, "require-seals", NULL, "each record must have a seal"},
    {0, NULL, NULL, NULL},
};

static int
option(void *arg, int id, const char *value)
{
	struct verifying *y = arg;

	switch (id) {
	case PASS:
		y->pass = true;
		return 0;
	case ALLOW_OUTSIDE:
		y->how.allow_outside = true;
		return 0;
	case REQUIRE_SEALS:
		y->how.all_sealed = true;
		return 0;
	default:
		break;
	}
	if (!verify_route(value))
		return usage_wrong(&y->frame.command,
		    "--route: '%s' is no list as trace,filter,map:price",
		    value);
	if (y->how.routes == VERIFY_ROUTES)
		return usage_wrong(
		    &y->frame.command, "--route: at most %d", VERIFY_ROUTES);
	y->how.route[y->how.routes++] = value;
	return 0;
}

static int
start(struct settings *set, void *arg)
{
	struct verifying *y = arg;
	int status;

	y->how.keys = set->seal_keys;
	if (y->how.all_sealed && y->how.keys == NULL) {
		usage_wrong(&y->frame.command,
		    "--require-seals: by which key?  --seal-key FILE");
		return STATUS_USAGE;
	}
	set->document = !y->pass;
	if (set->on_error == ON_ERROR_STOP)
		set->threads = 1; /* others would count what lies behind */
	if (set->policy == NULL)
		return STATUS_OK;
	set->threads = 1; /* who share what is known of rules */
	status = policed_open(set, true);
	if (status != STATUS_OK)
		return status;
	y->policed = set->policed;
	y->rules = rules_new();
	if (y->rules != NULL)
		return STATUS_OK;
	complain(set->command, "%s", strerror(errno));
	return STATUS_IO;
}

/* Do the event's stages keep to the policy?  False after event_fail(). */
static bool
keeps_policy(struct verifying *y, struct event *ev)
{
	struct rewind_error error;

	if (y->policed == NULL ||
	    policy_verify(policed_policy(y->policed), y->rules, ev->arena,
		ev->root, ev->history, &error))
		return true;
	y->against++;
	event_fail(ev, "%s", error.text);
	return false;
}

static enum verdict
verify(struct event *ev, void *arg)
{
	struct verifying *y = arg;
	struct finding f;

	verify_event(&y->how, ev->arena, ev->root, ev->history, &f);
	if (f.fault == VERIFY_SOUND && !keeps_policy(y, ev))
		return VERDICT_REJECT;
	y->count[f.fault]++;
	if (f.fault != VERIFY_SOUND)
		return event_fail(ev, "%s", f.error.text);
	y->without += ev->history.kind != VALUE_RAW_ARRAY;
	y->unknown += f.unknown > 0;
	y->outside += f.outside > 0;
	y->sealed += f.sealed > 0;
	return y->pass ? frame_pass(ev) : VERDICT_WRITTEN;
}

static void
put_count(struct buf *b, uint64_t n, const char *what)
{
	if (n > 0)
		buf_printf(b, ", %" PRIu64 " %s", n, what);
}

/* The summary goes where no events go. */
static void
finish(void *arg, struct buf *out)
{
	struct verifying *y = arg;
	struct buf other = {0}, *b = y->pass ? &other : out;

	buf_printf(b, "%" PRIu64 " sound", y->count[VERIFY_SOUND]);
	if (y->how.keys != NULL)
		put_count(b, y->count[VERIFY_SOUND] - y->sealed,
		    "of them without seals");
	put_count(b, y->without, "of them without a history");
	put_count(b, y->unknown, "of them not to be taken back in full");
	put_count(b, y->outside, "of them changed outside");
	put_count(b, y->count[VERIFY_FORM], "malformed");
	put_count(b, y->count[VERIFY_TIME], "with times out of order");
	put_count(b, y->count[VERIFY_UNDO], "whose undo doesn't apply");
	put_count(b, y->count[VERIFY_SUM], "whose undo gives something else");
	put_count(b, y->count[VERIFY_OUTSIDE], "changed outside");
	put_count(b, y->count[VERIFY_ROUTE], "off the route");
	put_count(b, y->against, "against the policy");
	put_count(
	    b, y->count[VERIFY_CHAIN], "whose records were tampered with");
	put_count(b, y->count[VERIFY_BARE], "that lack seals");
	put_count(b, y->count[VERIFY_KEY], "sealed with an unknown key");
	buf_putc(b, '\n');
	if (y->pass)
		complain_raw(other.p, other.len);
	buf_release(&other);
}

static void
release(void *arg)
{
	struct verifying *y = arg;

	rules_free(y->rules);
}

static const struct subcommand subcommand = {
    .name = "verify",
    .synopsis = "verify [options] [file ...]",
    .summary = "Tell the events whose history isn't sound.",
    .parts = FRAME_PICKS | FRAME_POLICY | FRAME_SEALS,
    .options = options,
    .option = option,
    .start = start,
    .event = verify,
    .finish = finish,
    .release = release,
};

int
trace_verify(int argc, char **argv)
{
	struct verifying y = {.pass = false};

	return frame_main(&subcommand, &y.frame, argc, argv);
}
