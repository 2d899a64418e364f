#include "driver/policed.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "driver/complain.h"
#include "driver/forgetting.h"
#include "driver/status.h"
#include "driver/variables.h"
#include "record/record.h"
#include "trust/breach.h"
#include "trust/policy_verify.h"

/* Of a path of the mask, where the stage makes events. */
struct at_mask {
	atomic_bool seen;  /* an event held one there, as its history shows */
	atomic_bool drawn; /* what is made may come from there */
};

struct policed {
	struct policy policy;
	const struct settings *set;
	const struct policy_rule **rules; /* for this stage */
	bool *watched;                    /* by rule */
	size_t n, watched_n;
	struct pathspecs masked, forgotten; /* when its programs see them */
	struct at_mask *at;                 /* by path of the mask */
	uint32_t masks;                     /* see policed_masks() */
	enum policed_use use;
	bool settled;
	footprint_say *say; /* what the stage does, or NULL */
	void *say_arg;
};

const struct policy *
policed_policy(const struct policed *p)
{
	return &p->policy;
}

const char *
policed_name(const struct policed *p)
{
	return p->policy.name;
}

size_t
policed_rules(const struct policed *p)
{
	return p->n;
}

const struct policy_rule *
policed_rule(const struct policed *p, size_t i)
{
	return p->rules[i];
}

void
policed_gone(const struct policed *p, const struct pathspecs **masked,
    const struct pathspecs **forgotten)
{
	*masked = &p->masked;
	*forgotten = &p->forgotten;
}

void
policed_watch(struct policed *p, size_t i)
{
	if (p->watched[i] || p->rules[i]->kind == POLICY_DENY)
		return;
	p->watched_n++;
	p->watched[i] = true;
}

bool
policed_said(const struct policed *p, footprint_say **say, void **arg)
{
	*say = p->say;
	*arg = p->say_arg;
	return p->say != NULL;
}

void
policed_judged(struct policed *p, footprint_say *say, void *arg)
{
	p->say = say;
	p->say_arg = arg;
	memset(p->watched, 0, p->n * sizeof(*p->watched));
	p->watched_n = 0;
}

/* --- reading it --- */

/* What the policy names, and behind it what the stage's own options do. */
static bool
list_gone(struct policed *p, bool mask, const struct pathspecs *said,
    struct pathspecs *out)
{
	const struct forget *f = p->set->forget;
	struct forget_said own;
	struct pathspec *v;
	size_t n = 0;

	while (f != NULL && forget_said(f, n, &own))
		n++;
	v = calloc(said->n + n + 1, sizeof(*v));
	if (v == NULL)
		return false;
	if (said->n > 0)
		memcpy(v, said->v, said->n * sizeof(*v));
	*out = (struct pathspecs){v, said->n};
	for (size_t i = 0; i < n && forget_said(f, i, &own); i++)
		if (own.mask == mask && !own.by_policy)
			v[out->n++] = own.path;
	return true;
}

/* What policed_begin() made, or a part of it. */
static void
end(struct policed *p)
{
	free((void *)(uintptr_t)p->masked.v);
	free((void *)(uintptr_t)p->forgotten.v);
	free(p->rules);
	free(p->watched);
	p->masked = p->forgotten = (struct pathspecs){NULL, 0};
	p->rules = NULL;
	p->watched = NULL;
}

/* All rules of paths are watched until the stage is judged. */
bool
policed_begin(struct policed *p)
{
	const struct policy *policy = &p->policy;

	if (p->rules != NULL)
		return true;
	p->rules = calloc(policy->rules_n + 1, sizeof(*p->rules));
	p->watched = calloc(policy->rules_n + 1, sizeof(*p->watched));
	if (p->rules == NULL || p->watched == NULL ||
	    !list_gone(p, true, &policy->mask, &p->masked) ||
	    !list_gone(p, false, &policy->forget, &p->forgotten)) {
		end(p);
		return false;
	}
	for (size_t i = 0; i < policy->rules_n; i++) {
		const struct policy_rule *r = &policy->rules[i];

		if (!policy_concerns(r, p->set->stage))
			continue;
		p->rules[p->n++] = r;
		policed_watch(p, p->n - 1);
	}
	return true;
}

bool
policed_takes(const struct policed *p, const struct forget_said *said)
{
	return said->by_policy ||
	    pathset_covers(&p->policy.forget_set, &said->path.path) ||
	    (said->mask &&
		pathset_covers(&p->policy.mask_set, &said->path.path));
}

static bool
takes_any(const struct policed *p)
{
	return p->policy.mask.n + p->policy.forget.n > 0;
}

/* Is it this stage that masks?  Else the policy names another one. */
static bool
masks_here(const struct policed *p)
{
	const char *name = p->policy.mask_stage, *stage = p->set->stage;

	return p->policy.mask.n > 0 &&
	    (name == NULL || (stage != NULL && strcmp(name, stage) == 0));
}

size_t
policed_masked_elsewhere(const struct policed *p)
{
	return masks_here(p) ? 0 : p->policy.mask.n;
}

int
policed_settle(struct settings *set)
{
	struct policed *p = set->policed;
	bool masks;

	if (p == NULL || p->settled || !takes_any(p))
		return STATUS_OK;
	p->settled = true;
	set->withholds = true;
	masks = masks_here(p);
	if (set->raw || (!masks && p->policy.forget.n == 0))
		return STATUS_OK; /* a line of text has no paths */
	if (masks && set->lineage == LINEAGE_OFF) {
		complain(set->command,
		    "%s: mask: without a record the next stage would mask "
		    "once more, and %s off writes none; use slim",
		    p->policy.name,
		    set->lineage_given ? "--lineage" : "MS_LINEAGE");
		return STATUS_USAGE;
	}
	return forgetting_policy(set, &p->policy, masks);
}

/* The paths of the mask and who masks, as a number; 0 where nothing is. */
static uint32_t
number_masks(const struct policy *p)
{
	struct hash_pieces h;
	const char *stage = p->mask_stage != NULL ? p->mask_stage : "";
	uint32_t number;

	if (p->mask.n == 0)
		return 0;
	hash_start(&h);
	hash_add(&h, stage, strlen(stage) + 1);
	for (size_t i = 0; i < p->mask.n; i++)
		hash_add(&h, p->mask.v[i].text, strlen(p->mask.v[i].text) + 1);
	number = (uint32_t)hash_end(&h);
	return number == 0 ? 1 : number;
}

/* Is the stage's lineage what the policy asks for at least? */
static int
check_lineage(const struct policed *p)
{
	static const char *const MODES[] = {"full", "compact", "slim", "off"};
	const struct settings *set = p->set;
	enum lineage_mode least = p->policy.lineage, mode = set->lineage;

	/* Compact is as full: it needs a file of rules, which resolves. */
	if (least == LINEAGE_COMPACT)
		least = LINEAGE_FULL;
	if (mode == LINEAGE_COMPACT)
		mode = LINEAGE_FULL;
	if (mode > least) {
		complain(set->command,
		    "%s: lineage: a stage writes at least %s, and %s %s is "
		    "less; leave it out",
		    p->policy.name, MODES[p->policy.lineage],
		    set->lineage_given ? "--lineage" : "MS_LINEAGE",
		    MODES[set->lineage]);
		return STATUS_USAGE;
	}
	if (least == LINEAGE_FULL && set->lineage_cap != LINEAGE_NO_CAP) {
		complain(set->command,
		    "%s: lineage: a stage writes at least %s, and "
		    "--lineage-cap leaves undos out; leave it out",
		    p->policy.name, MODES[p->policy.lineage]);
		return STATUS_USAGE;
	}
	return STATUS_OK;
}

/* A path into the history is none of an event. */
static int
check_paths(const struct policed *p)
{
	const char *key = p->set->lineage_key;
	size_t n = strlen(key);

	for (size_t i = 0; i < p->policy.rules_n; i++) {
		const struct policy_rule *r = &p->policy.rules[i];

		for (size_t k = 0; k < r->paths.n; k++) {
			const struct touch_path *path = &r->paths.v[k].path;

			if (path->n == 0 ||
			    path->keys[0].kind != VALUE_STRING ||
			    path->keys[0].n != n ||
			    memcmp(path->keys[0].text, key, n) != 0)
				continue;
			complain(p->set->command,
			    "%s: rule %s: %s is the event's history, which "
			    "no program can change",
			    p->policy.name, r->id, r->paths.v[k].text);
			return STATUS_USAGE;
		}
	}
	return STATUS_OK;
}

static int
read_policy(struct policed *p, struct settings *set)
{
	struct policy_error error;
	struct buf text = {0}, shown = {0};
	bool well;

	if (settings_reads(set, set->policy, "the policy") == -1 ||
	    variables_read_file(set, &text, set->policy) == -1) {
		buf_release(&text);
		return set->starved ? STATUS_IO : STATUS_USAGE;
	}
	well = policy_read(&p->policy, set->policy, text.p, text.len, &error);
	buf_release(&text);
	if (well) {
		p->masks = number_masks(&p->policy);
		p->at = calloc(p->policy.mask.n + 1, sizeof(*p->at));
		if (p->at != NULL)
			return STATUS_OK;
		complain(set->command, "%s", strerror(ENOMEM));
		return STATUS_IO;
	}
	complain_visible(&shown, error.text, strlen(error.text));
	complain(set->command, "%s: %.*s", set->policy, (int)shown.len,
	    shown.p == NULL ? "" : shown.p);
	buf_release(&shown);
	return STATUS_USAGE;
}

int
policed_open(struct settings *set, enum policed_use use)
{
	struct policed *p;
	int status;

	if (set->policy == NULL)
		return STATUS_OK;
	p = calloc(1, sizeof(*p));
	if (p == NULL) {
		complain(set->command, "%s", strerror(errno));
		return STATUS_IO;
	}
	p->set = set;
	p->use = use;
	p->settled = use != POLICED_STAGE; /* it takes nothing out */
	set->policed = p;
	status = read_policy(p, set);
	if (status == STATUS_OK)
		status = check_paths(p);
	set->withholds |= use == POLICED_PASSES && takes_any(p);
	return status == STATUS_OK && use == POLICED_STAGE ? check_lineage(p)
							   : status;
}

void
policed_free(struct policed *p)
{
	if (p == NULL)
		return;
	policy_release(&p->policy);
	end(p);
	free(p->at);
	free(p);
}

/* --- events --- */

static bool
is_set(const atomic_bool *flag)
{
	return atomic_load_explicit(flag, memory_order_relaxed);
}

static void
set_flag(atomic_bool *flag)
{
	atomic_store_explicit(flag, true, memory_order_relaxed);
}

void
policed_explained(struct policed *p, const struct explain_report *e)
{
	for (size_t i = 0; i < p->policy.mask.n; i++)
		if (ruling_draws_on(e, &p->policy.mask.v[i]))
			set_flag(&p->at[i].drawn);
}

/*
 * What an event holds where the policy masks is masked by now, by this stage
 * or, as its history shows, by another one.
 */
static void
note_masks(const struct policed *p, const struct event *ev)
{
	size_t n = p->policy.mask.n, i = 0;
	const bool *there;

	while (i < n && is_set(&p->at[i].seen))
		i++;
	if (i == n)
		return;
	there = breach_present(ev->arena, &p->policy.mask_set, ev->root);
	for (i = 0; i < n; i++)
		if (there[i])
			set_flag(&p->at[i].seen);
}

const char *
policed_admits(const struct policed *p, struct event *ev)
{
	const char *why = NULL;

	if (p == NULL || p->policy.mask.n == 0 || p->set->raw ||
	    p->use != POLICED_STAGE)
		return NULL;
	if (!masks_here(p))
		why =
		    policy_admits(&p->policy, ev->arena, ev->root, ev->history);
	if (why == NULL && p->set->makes_events)
		note_masks(p, ev);
	return why;
}

void
policed_recalled(
    const struct policed *p, const struct event *ev, uint32_t masks)
{
	if (masks != 0 && masks == policed_masks(p))
		note_masks(p, ev);
}

bool
policed_passes(
    const struct policed *p, struct event *ev, const char *line, size_t len)
{
	const struct lineage *l = &ev->forgetting->stage->lineage;
	struct value root, history;
	struct scan_error why;
	struct rewind_error error;

	if (p == NULL || !takes_any(p))
		return true;
	if (!value_parse(ev->arena, line, len, &root, &why) ||
	    root.kind != VALUE_RAW_OBJECT ||
	    lineage_find(l, ev->arena, (struct doc *)(uintptr_t)root.doc,
		root.n, &history) != NULL) {
		event_fail(ev,
		    "it is no event, so that what the policy has forgotten or "
		    "masked in it can't be told");
		return false;
	}
	if (policy_gone(&p->policy, ev->arena, root, history, &error))
		return true;
	event_fail(ev, "%s", error.text);
	return false;
}

uint32_t
policed_masks(const struct policed *p)
{
	return p == NULL ? 0 : p->masks;
}

/*
 * Does the made value hold masks at path i, as events did before?  Or is
 * nothing there, and what is elsewhere may come from there: where all events
 * came under the same policy, none had something else than a mask there.
 */
static bool
shows(const struct policed *p, struct arena *a, struct value made,
    const struct make_of *of, size_t i)
{
	const struct touch_path *path = &p->policy.mask.v[i].path;
	bool drawn = of->masks == p->masks && is_set(&p->at[i].drawn);

	if (breach_presence(a, path, made) == NULL)
		return drawn;
	return (is_set(&p->at[i].seen) || (of->earlier && drawn)) &&
	    breach_unmasked(a, path, made) == NULL;
}

bool
policed_shows(const struct policed *p, struct arena *a, struct value made,
    const struct make_of *of, struct buf *head)
{
	size_t n = p == NULL ? 0 : p->policy.mask.n;
	struct arena_deferred *release;
	struct buf *rule;

	if (n == 0)
		return false;
	rule = buf_new(a, &release);
	for (size_t i = 0; i < n; i++) {
		if (!shows(p, a, made, of, i))
			continue;
		buf_puts(rule, rule->len > 0 ? ", " : "");
		buf_puts(rule, p->policy.mask.v[i].text);
	}
	if (rule->len > 0)
		record_put_head(head, "mask",
		    p->policy.mask_stage != NULL ? p->policy.mask_stage
						 : p->set->stage,
		    rule->p, rule->len);
	if (buf_failed(rule) || buf_failed(head))
		arena_starve(a);
	arena_end(a, release);
	return head->len > 0;
}

static bool
breaks_protect(const struct policy_rule *r, struct arena *a, struct event *ev,
    const struct value *was, const struct value *now)
{
	if (breach_of_paths(a, &r->set, was, now) == NULL)
		return false;
	for (size_t i = 0; i < r->paths.n; i++) {
		const struct pathspec *p = &r->paths.v[i];
		const char *place = breach_of_path(a, &p->path, was, now);

		if (place == NULL)
			continue;
		event_fail(ev, "rule %s: %s is protected, and would change",
		    r->id, place);
		return true;
	}
	return false;
}

static bool
breaks_may(const struct policy_rule *r, struct arena *a, struct event *ev,
    const struct value *was, const struct value *now)
{
	const char *place = breach_outside(a, &r->set, was, now);

	if (place == NULL)
		return false;
	event_fail(
	    ev, "rule %s: stage %s may not change %s", r->id, r->stage, place);
	return true;
}

/* May the command bring back a state in which what is to be masked isn't? */
static bool
brings_back(const struct policed *p)
{
	return p->set->takes_back && p->policy.mask.n > 0;
}

/* Stages that mask look at what comes to them; a state before was another. */
static bool
is_masked(const struct policed *p, struct arena *a, struct event *ev,
    const struct value *now)
{
	const bool *there = breach_present(a, &p->policy.mask_set, *now);

	for (size_t i = 0; i < p->policy.mask.n; i++) {
		const char *place = there[i]
		    ? breach_unmasked(a, &p->policy.mask.v[i].path, *now)
		    : NULL;

		if (place == NULL)
			continue;
		event_fail(ev,
		    "mask: %s would come back as it was before it "
		    "was masked",
		    place);
		return false;
	}
	return true;
}

bool
policed_change(const struct policed *p, struct arena *a, struct event *ev,
    const struct value *was, const struct value *now)
{
	if (p == NULL)
		return true;
	if (brings_back(p) && !is_masked(p, a, ev, now))
		return false;
	for (size_t i = 0; i < p->n; i++) {
		const struct policy_rule *r = p->rules[i];

		if (!p->watched[i])
			continue;
		/* A new event takes nothing away that was protected. */
		if (r->kind == POLICY_MAY
			? breaks_may(r, a, ev, was, now)
			: was != NULL && breaks_protect(r, a, ev, was, now))
			return false;
	}
	return true;
}

static bool
check_output(const void *arg, struct event *ev, struct value *v)
{
	const struct policed *p = arg;

	return policed_change(
	    p, ev->arena, ev, p->set->raw ? NULL : &ev->root, v);
}

bool
policed_add(struct policed *p, struct checks *c)
{
	if (p == NULL)
		return true;
	if (!policed_begin(p))
		return false;
	if (p->watched_n == 0 && !brings_back(p))
		return true;
	return checks_add(c, (struct check){check_output, NULL, p});
}
