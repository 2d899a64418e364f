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
#include "trust/signature.h"

enum { ROUTE = 256, PASS, ALLOW_OUTSIDE, REQUIRE_SEALS, PUBLIC, STREAM, OPEN };

struct verifying {
	struct frame frame;
	struct verify how;
	bool pass;
	struct policed *policed;  /* --policy */
	struct rules *rules;      /* what records say that their stages did */
	_Atomic uint64_t against; /* the policy */
	const char *public;       /* file of the key that signed the stream */
	const char *stream;       /* that it must be, or NULL */
	bool open;                /* it may go on */
	struct key *key;
	struct signature signature;
	uint64_t wrong;                        /* lines of it */
	_Atomic uint64_t count[VERIFY_FAULTS]; /* of events */
	/* Of the sound ones. */
	_Atomic uint64_t without, unknown, outside, sealed;
};

static const struct option_spec options[] = {
    {ROUTE, "route", "R", "ops expected, as trace,filter,map:price"},
    {PASS, "pass", NULL, "write the sound events"},
    {ALLOW_OUTSIDE, "allow-outside", NULL, "others may have changed the event"},
    {REQUIRE_SEALS, "require-seals", NULL, "each record must have a seal"},
    {PUBLIC, "public", "FILE", "the stream was signed: by this key's other"},
    {STREAM, "stream", "UUID", NULL},
    {OPEN, "open", NULL, "it is this stream; it may go on"},
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
	case PUBLIC:
		y->public = value;
		return 0;
	case STREAM:
		y->stream = value;
		return 0;
	case OPEN:
		y->open = true;
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

/* Have the stream's signature checked, where a key says so. */
static int
start_signature(struct settings *set, struct verifying *y)
{
	char error[KEY_ERROR];
	const struct frame *f = &y->frame;

	if (y->public == NULL && (y->stream != NULL || y->open))
		return usage_wrong(&f->command,
		    "--stream and --open are of a signed stream: --public "
		    "FILE");
	if (y->public == NULL)
		return 0;
	if (f->id != NULL || f->where != NULL)
		return usage_wrong(&f->command,
		    "--public looks at all events; --id and --where don't");
	if (y->stream != NULL && strlen(y->stream) != UUID_TEXT)
		return usage_wrong(
		    &f->command, "--stream: '%s' is no UUID", y->stream);
	y->key = key_read(y->public, KEY_PUBLIC, error);
	if (y->key == NULL) {
		complain(set->command, "%s: %s", y->public, error);
		return -1;
	}
	set->threads = 1; /* the order is what was signed */
	signature_begin(
	    &y->signature, y->key, y->stream != NULL ? y->stream : "");
	return settings_reads(set, y->public, "the public key");
}

static int
start(struct settings *set, void *arg)
{
	struct verifying *y = arg;
	int status;

	if (start_signature(set, y) == -1)
		return STATUS_USAGE;
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
	status = policed_open(set, POLICED_JUDGES);
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

	if (y->key != NULL) {
		signature_add(&y->signature, ev->root);
		if (y->signature.last) {
			y->wrong++;
			return event_fail(ev,
			    "it stands behind the end of the signed stream");
		}
	}
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

static enum verdict
check_line(struct event *ev, void *arg)
{
	struct verifying *y = arg;
	char why[SIGNATURE_ERROR];

	if (y->key != NULL && !signature_check(&y->signature, ev->root, why)) {
		y->wrong++;
		return event_fail(ev, "ms.seal: %s", why);
	}
	return y->pass ? frame_pass(ev) : VERDICT_WRITTEN;
}

/* What is wrong with the stream as a whole; NULL: nothing. */
static const char *
signature_fault(const struct verifying *y)
{
	const struct signature *s = &y->signature;

	if (s->seq == 0)
		return "the stream isn't signed: it has no good ms.seal line";
	if (s->last || y->open)
		return NULL;
	return "the signed stream has no end: what follows on its last batch "
	       "was cut off, or is still to come (--open)";
}

static void
put_signature(struct verifying *y, struct buf *b)
{
	const struct signature *s = &y->signature;
	const char *why = signature_fault(y);

	if (why != NULL) {
		complain("ms-trace", "%s", why);
		y->frame.differs = true;
	}
	if (s->seq > 0)
		buf_printf(b,
		    "%" PRIu64 " event%s in %" PRIu64
		    " batch%s of stream %s, key %s",
		    s->signed_n, s->signed_n == 1 ? "" : "s", s->seq,
		    s->seq == 1 ? "" : "es", s->stream, key_id(s->key));
	else
		buf_puts(b, "no signed batch");
	if (!s->last && s->n > 0)
		buf_printf(b, ", %" PRIu64 " behind them", s->n);
	if (y->wrong > 0)
		buf_printf(b, ", %" PRIu64 " wrong", y->wrong);
	buf_putc(b, '\n');
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
	put_count(
	    b, y->count[VERIFY_CHAIN], "whose records were tampered with");
	put_count(b, y->count[VERIFY_BARE], "that lack seals");
	put_count(b, y->count[VERIFY_KEY], "sealed with an unknown key");
	put_count(b, y->against, "against the policy");
	buf_putc(b, '\n');
	if (y->key != NULL)
		put_signature(y, b);
	if (y->pass)
		complain_raw(other.p, other.len);
	buf_release(&other);
}

static void
release(void *arg)
{
	struct verifying *y = arg;

	rules_free(y->rules);
	key_free(y->key);
}

static const struct subcommand subcommand = {
    .name = "verify",
    .synopsis = "verify [options] [file ...]",
    .summary = "Tell the events whose history isn't sound.",
    .parts = FRAME_PICKS | FRAME_SEALS | FRAME_POLICY,
    .options = options,
    .option = option,
    .start = start,
    .event = verify,
    .seal = check_line,
    .finish = finish,
    .release = release,
};

int
trace_verify(int argc, char **argv)
{
	struct verifying y = {.pass = false};

	return frame_main(&subcommand, &y.frame, argc, argv);
}
