/*
 * policy - who may change what: a file of rules that every stage obeys
 * (ms-policy(5)).
 *
 * A policy is read once and not changed; threads may share it.
 */
#ifndef TRUST_POLICY_H
#define TRUST_POLICY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "record/lineage.h"
#include "trust/pathset.h"

enum policy_kind {
	POLICY_DENY,    /* values of a label don't flow into what is written */
	POLICY_PROTECT, /* no stage changes these paths */
	POLICY_MAY,     /* the stage changes these paths alone */
};

/* How a value comes to another place. */
enum policy_flow {
	POLICY_DIRECT = 1,   /* it is copied, or the new one computed of it */
	POLICY_INDIRECT = 2, /* it decides about the new one */
};

struct policy_rule {
	const char *id;
	const char *stage; /* that it is for; NULL: every one */
	enum policy_kind kind;
	struct pathspecs paths; /* of protect, of may, of the label */
	struct pathset set;     /* the same */
	unsigned flow;          /* of deny: bits of enum policy_flow */
	const char *label;
	bool unless_mask;
};

struct policy {
	const char *name; /* of its file; borrowed */
	const struct policy_rule *rules;
	size_t rules_n;
	struct pathspecs mask, forget;
	struct pathset mask_set, forget_set; /* the same */
	const char *mask_stage;    /* that masks; NULL: the first one */
	enum lineage_mode lineage; /* the least; LINEAGE_OFF: any will do */
	struct arena arena;
};

struct policy_error {
	char text[512]; /* with the place: "4:2: ", or "rules[1]: " */
};

/*
 * Read a policy; name must last as long as it does.  False where the text is
 * none, and error says why.
 */
bool policy_read(struct policy *p, const char *name, const char *text,
    size_t len, struct policy_error *error);
void policy_release(struct policy *p);

/* Is the rule for the stage with that name? */
bool policy_concerns(const struct policy_rule *r, const char *stage);

#endif
