#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "driver/complain.h"
#include "driver/forgetting.h"

/* The settings' own, made when it is first asked for. */
static struct forget *
forget_of(struct settings *set)
{
	if (set->forget == NULL)
		set->forget = forget_new();
	if (set->forget == NULL) {
		set->starved = true;
		complain(set->command, "%s", strerror(ENOMEM));
	}
	set->withholds = true;
	return set->forget;
}

int
forgetting_path(
    struct settings *set, const char *where, const char *path, bool mask)
{
	struct forget *f = forget_of(set);
	const char *why;

	if (f == NULL)
		return STATUS_IO;
	why = forget_path(f, path, mask, set->lineage_key);
	if (why == NULL)
		return STATUS_OK;
	complain(set->command, "%s: '%s' %s", where, path, why);
	return STATUS_USAGE;
}

int
forgetting_policy(struct settings *set, const struct policy *p, bool masks)
{
	struct forget *f = forget_of(set);
	const char *why, *path;

	if (f == NULL)
		return STATUS_IO;
	why = forget_policy(f, p, masks, set->lineage_key, &path);
	if (why == NULL)
		return forgetting_key(set);
	complain(set->command, "%s: '%s' %s", p->name, path, why);
	return STATUS_USAGE;
}

/* What there is to do where a mask has no key. */
static int
complain_key(const struct settings *set)
{
	if (forget_masks(set->forget, true))
		complain(set->command,
		    "%s: mask: a mask needs a key: --key-file FILE, or "
		    "MS_KEY_FILE, which ms-trace keygen FILE makes",
		    set->policy);
	else
		complain(set->command,
		    "a mask needs a key: --key-file FILE, which ms-trace "
		    "keygen FILE makes");
	return STATUS_USAGE;
}

int
forgetting_key(struct settings *set)
{
	const char *file = set->key_file, *where = "--key-file";
	char error[KEY_ERROR];
	struct key *key;

	if (set->forget == NULL || !forget_masks(set->forget, false) ||
	    forget_has_key(set->forget))
		return STATUS_OK;
	if (file == NULL) {
		file = getenv("MS_KEY_FILE");
		where = "MS_KEY_FILE";
	}
	if (file == NULL || *file == '\0')
		return complain_key(set);
	key = key_read(file, KEY_SECRET, error);
	if (key == NULL) {
		complain(set->command, "%s: %s: %s", where, file, error);
		return STATUS_USAGE;
	}
	forget_key(set->forget, key);
	key_free(key);
	return settings_reads(set, file, "the key's file") == 0 ? STATUS_OK
								: STATUS_IO;
}

int
forgetting_check(struct settings *set)
{
	if (set->forget == NULL)
		return STATUS_OK;
	if (!set->raw)
		return forgetting_key(set);
	complain(set->command,
	    "a line of -R has no paths: make it an event in one stage, and "
	    "forget or mask in the next");
	return STATUS_USAGE;
}

/* Read the line that was written anew; false where memory is missing. */
static bool
read_again(struct forgetting *g, struct event *ev)
{
	static const char PADDING[SCAN_PADDING];
	const struct stage *s = g->stage;
	size_t len = g->line.len, depth = s->set->max_depth;
	enum scan_status status;

	buf_put(&g->line, PADDING, sizeof(PADDING));
	if (buf_failed(&g->line))
		return false;
	g->line.len = len;
	if (!g->ready && scan_init(&g->scan, depth < 16 ? 16 : depth) == -1)
		return false;
	g->ready = true;
	if (scan_window(&g->scan, g->line.p, len) == -1)
		return false;
	status = scan_line(&g->scan, &ev->line);
	if (status != SCAN_OK ||
	    lineage_find(&s->lineage, ev->arena, &g->scan.doc, ev->line.root,
		&ev->history) != NULL)
		abort(); /* what we wrote is well-formed */
	ev->root = value_source(&g->scan.doc, ev->line.root);
	return true;
}

enum forgetting_status
forgetting_event(struct forgetting *g, struct event *ev, const char **why)
{
	const struct stage *s = g->stage;
	struct forget_event *e = arena_alloc(ev->arena, sizeof(*e));

	*e = (struct forget_event){
	    .a = ev->arena,
	    .root = ev->root,
	    .history = ev->history,
	    .lineage = &s->forgetting,
	    .at = g->now(g->now_arg),
	};
	buf_clear(&g->line);
	switch (forget_event(s->set->forget, e, &g->line)) {
	case FORGET_NOTHING:
		return FORGETTING_NOTHING;
	case FORGET_FAILED:
		*why = e->error;
		return FORGETTING_FAILED;
	case FORGET_DONE:
		break;
	}
	if (!read_again(g, ev))
		return FORGETTING_STARVED;
	ev->forgotten = &e->needles;
	return FORGETTING_DONE;
}

bool
forgetting_now(struct event *ev)
{
	const char *why = NULL;

	if (!ev->forgetting->stage->set->forget_late)
		return true; /* it is done */
	switch (forgetting_event(ev->forgetting, ev, &why)) {
	case FORGETTING_NOTHING:
	case FORGETTING_DONE:
		return true;
	case FORGETTING_FAILED:
		event_fail(ev, "%s", why);
		return false;
	case FORGETTING_STARVED:
		break;
	}
	arena_starve(ev->arena);
}

void
forgetting_release(struct forgetting *g)
{
	if (g->ready)
		scan_release(&g->scan);
	buf_release(&g->line);
}

void
forgetting_written(
    const struct stage *s, struct event *ev, struct buf *out, size_t from)
{
	if (!buf_failed(out) &&
	    !forget_again(s->set->forget, ev->arena, ev->forgotten, &s->lineage,
		out, from))
		out->failed = true;
}

const char *
forgetting_reason(
    const struct stage *s, const struct event *ev, const char *reason)
{
	if (s->set->forget_late)
		return "whether the event is meant can't be told, and why not "
		       "may tell what is to be forgotten";
	return ev->forgotten != NULL &&
		needles_in_message(ev->forgotten, reason, strlen(reason))
	    ? "its message tells a value that was forgotten"
	    : reason;
}

void
forgetting_tell(const struct settings *set)
{
	const char *text, *rules = getenv("MS_RULES");
	size_t i = 0, len;

	if (set->forget == NULL)
		return;
	for (;;) {
		switch (forget_tell(set->forget, &i, &text, &len)) {
		case FORGET_NO_MORE:
			return;
		case FORGET_STAYS:
			complain(set->command,
			    "%.*s holds a value that was forgotten elsewhere, "
			    "and stays",
			    (int)len, text);
			break;
		case FORGET_RULE:
			complain(set->command,
			    "MS_RULES: %s: the rule %.*s spells a value that "
			    "was forgotten: take its line out",
			    rules == NULL ? "-" : rules, (int)len, text);
			break;
		}
	}
}
