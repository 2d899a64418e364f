/*
 * undo_diff - what the files that write undo patches share.
 *
 * Each function appends operations and returns false where they pass limit,
 * counted from the buffer's start, or where operations can't say it: then
 * what is nearer to the root is replaced as a whole.
 */
#ifndef RECORD_UNDO_DIFF_H
#define RECORD_UNDO_DIFF_H

#include "record/operation.h"

enum {
	UNDO_WHOLE = 36, /* bytes of a replace beside path and value */
	UNDO_ADD = 28,   /* bytes of an add beside what "key":value has */
};

/* A member that is still there, with another value. */
struct undo_changed {
	uint32_t e;         /* entry of its key in the old text */
	uint32_t j;         /* its number in now */
	uint32_t needed_by; /* the changed member whose old value it */
			    /* holds now, from 1; 0: none */
	uint32_t source;    /* the changed member that holds its old */
			    /* value, from 1; 0: none */
	bool begun;         /* what differs inside of it is being taken back */
	bool done;          /* its value is back */
	struct path_step step;        /* to it */
	const struct path_step *from; /* where its old value stands, or NULL */
	struct undo_added *move;      /* that is an added member, or NULL */
};

/* A member that was removed. */
struct undo_gone {
	uint32_t e;             /* entry of its key in the old text */
	uint32_t next;          /* of the key behind it, or 0 */
	struct undo_added *way; /* an added member with its key, or NULL */
	const struct path_step *from; /* where its value stands, or NULL */
	struct undo_added *move;      /* that is an added member, or NULL */
};

/* A member that was added. */
struct undo_added {
	uint32_t j;            /* its number in now */
	bool away;             /* it was removed or moved */
	bool needed;           /* a value that is to come back stands in it */
	struct path_step step; /* to it */
};

/*
 * What became of the members of an object that was opened from doc.  The
 * steps in its lists are set by undo_members().
 */
struct undo_members {
	const struct doc *doc; /* of the old text */
	uint32_t root;         /* entry of the old object in it */
	struct object *now;
	struct undo_changed *changed;
	struct undo_gone *gone;
	struct undo_added *added;
	uint32_t changed_n, gone_n, added_n;
	const struct path_step *path; /* of the object */
	struct undo_sources *sources;
	uint32_t tildes; /* that a spare key begins with; 0: not known yet */
	unsigned spare;  /* number of the next one */
	struct undo_members *outer; /* of an object that holds this one */
};

/* Any two values; undo.c. */
bool undo_differ(struct patch_text *u, struct value was, struct value now,
    const struct path_step *path, size_t limit);

/* Any two objects; undo_match.c. */
bool undo_match(struct patch_text *u, struct value was, struct value now,
    const struct path_step *path, size_t limit);

/* An object and one opened from it; no key that it touches is there twice. */
bool undo_delta(struct patch_text *u, struct value was, struct value now,
    const struct path_step *path, size_t limit);

/*
 * Take back what became of an object's members: undo_members.c.  No key is
 * there twice, and none is spelled otherwise than it would be.
 */
bool undo_members(struct patch_text *u, struct undo_members *t, size_t limit);

/*
 * Find where in the new event the old values of members that changed or are
 * gone still stand, as the same span of the old text: undo_sources.c.
 */
void undo_sources(struct patch_text *u, struct undo_members *t);

/*
 * Nothing is known yet of how now came out of was.  This and the three below
 * set member by member: to zero such a struct first takes as long as all else.
 */
static inline void
undo_members_init(struct undo_members *t, struct value was, struct object *now,
    const struct path_step *path)
{
	t->doc = was.doc;
	t->root = was.n;
	t->now = now;
	t->changed_n = t->gone_n = t->added_n = 0;
	t->path = path;
	t->sources = NULL;
	t->tildes = t->spare = 0;
	t->outer = NULL;
}

/* List a member; there must be room. */
static inline void
undo_list_changed(struct undo_members *t, uint32_t e, uint32_t j)
{
	struct undo_changed *c = &t->changed[t->changed_n++];

	c->e = e;
	c->j = j;
	c->needed_by = c->source = 0;
	c->begun = c->done = false;
	c->from = NULL;
	c->move = NULL;
}

/* Note that the member at entry e is gone, which stood before next. */
static inline void
undo_list_gone(struct undo_members *t, uint32_t e, uint32_t next)
{
	struct undo_gone *g = &t->gone[t->gone_n++];

	*g = (struct undo_gone){.e = e, .next = next};
}

/* Note that member j of the new object was added. */
static inline void
undo_list_added(struct undo_members *t, uint32_t j)
{
	struct undo_added *x = &t->added[t->added_n++];

	x->j = j;
	x->away = x->needed = false;
}

/* Is member j there, or was it deleted? */
static inline bool
undo_alive(const struct object *o, uint32_t j)
{
	return o->m[j].key.kind != VALUE_NULL;
}

/* Would a key that is made of its text be spelled otherwise? */
bool undo_respelled(struct patch_text *u, struct value key);

#endif
