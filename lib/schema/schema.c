#include "schema/schema.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mac.h"
#include "schema/fault.h"

enum { MEMORY = 512 * 1024 * 1024 }; /* that a schema may take */

struct schema *
schema_new(void)
{
	struct schema *s = calloc(1, sizeof(*s));

	if (s != NULL) {
		arena_init(&s->arena, MEMORY);
		s->arena.overflow = &s->overflow;
	}
	return s;
}

int
schema_load(struct schema *s, const char *path, const struct schema_options *o,
    struct schema_error *error)
{
	struct document *d;

	*error = (struct schema_error){.path = path};
	s->store.a = &s->arena;
	s->store.failed = &s->overflow;
	s->store.error = error;
	s->store.options = o;
	if (setjmp(s->overflow) != 0) {
		if (error->message[0] == '\0')
			snprintf(error->message, sizeof(error->message),
			    "the schema needs too much memory");
		return -1;
	}
	d = store_open(&s->store, path);
	if (o->name != NULL)
		d->name = o->name;
	mac_sha256_hex(s->hash, SCHEMA_HASH, d->text, d->len);
	node_compile(s, d, o->formats);
	return 0;
}

void
schema_free(struct schema *s)
{
	if (s == NULL)
		return;
	for (uint32_t i = 0; i < s->patterns_n; i++)
		regex_free(s->patterns[i]->regex);
	arena_release(&s->arena);
	free(s);
}

const char *
schema_name(const struct schema *s)
{
	return s->root->document->name;
}

const char *
schema_hash(const struct schema *s)
{
	return s->hash;
}

const char *
schema_file(const struct schema *s, size_t i)
{
	const struct document *d;

	if (i >= s->store.resources_n)
		return NULL;
	d = s->store.resources[i].document;
	return d->bundled ? "" : d->path;
}

struct schema_checker *
schema_checker_new(const struct schema *s)
{
	struct schema_checker *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->schema = s;
	c->matcher = regex_matcher_new();
	c->hints = calloc((size_t)s->hints + 1, 1);
	if (c->matcher == NULL || c->hints == NULL) {
		schema_checker_free(c);
		return NULL;
	}
	return c;
}

void
schema_checker_free(struct schema_checker *c)
{
	if (c == NULL)
		return;
	regex_matcher_free(c->matcher);
	free(c->hints);
	free(c);
}

/* Where the stack of this thread ends, but for what callees may need. */
static const char *
stack_limit(void)
{
	pthread_attr_t attr;
	void *end = NULL;
	size_t size;

	if (pthread_getattr_np(pthread_self(), &attr) != 0)
		return NULL;
	if (pthread_attr_getstack(&attr, &end, &size) != 0)
		end = NULL;
	pthread_attr_destroy(&attr);
	return end == NULL ? NULL : (const char *)end + WALK_STACK;
}

void
walk_begin(struct schema_checker *c, struct arena *a, const struct doc *d)
{
	c->a = a;
	c->d = d;
	c->steps = 0;
	c->limit = WALK_STEPS + 64 * (uint64_t)d->len;
	if (c->stack == NULL)
		c->stack = stack_limit();
	c->failure = NULL;
	c->scope = NULL;
	c->faults = NULL;
	c->all = false;
}

enum schema_outcome
schema_check(
    struct schema_checker *c, struct arena *a, const struct doc *d, uint32_t e)
{
	bool good;

	walk_begin(c, a, d);
	good = walk(c, c->schema->root, e, NULL);
	if (c->failure != NULL)
		return SCHEMA_FAILED;
	return good ? SCHEMA_VALID : SCHEMA_INVALID;
}

const char *
schema_failure(const struct schema_checker *c)
{
	return c->failure;
}

size_t
schema_explain(struct schema_checker *c, struct arena *a, const struct doc *d,
    uint32_t root, uint32_t e, bool all, struct buf *out)
{
	struct telling t = {out, a, c->schema, d, root};
	struct fault_list faults = {.end = &faults.first};

	walk_begin(c, a, d);
	c->faults = &faults;
	c->all = all;
	walk(c, c->schema->root, e, NULL);
	c->faults = NULL;
	for (const struct fault *f = faults.first; f != NULL; f = f->next) {
		if (f != faults.first)
			buf_puts(out, "; also ");
		fault_tell(&t, f);
		if (!all)
			break;
	}
	if (faults.first == NULL) {
		buf_puts(out,
		    "the event isn't valid, and to say why takes "
		    "too long");
		return d->at[e];
	}
	return d->at[faults.first->entry];
}
