/*
 * MS_STATE: the state is read from a file at the start, and what has changed
 * is appended to it before each barrier.
 */
#include "driver/complain.h"
#include "persist.h"

static const char *
take(void *arg, struct arena *a, const struct dump_entry *e)
{
	return persist_decode(arg, a, e->key, e->value, e->at);
}

static bool
put(void *arg, struct beside *b, const struct state_entry *e)
{
	struct fold *f = arg;
	const struct persist_texts *t = &f->texts;
	bool gone = e->text == NULL;

	if (!persist_encode(f, e, &f->texts))
		return false;
	beside_put(b, t->key.p, t->key.len, gone ? "null" : t->value.p,
	    gone ? 4 : t->value.len, t->at, t->at_len);
	return true;
}

static int
open_file(struct fold *f, struct settings *set, struct dump_facts *facts)
{
	struct persist_owner texts;
	int status = STATUS_IO;

	if (persist_owner(f, &texts)) {
		struct beside_owner owner = {.stage = set->stage,
		    .op = "fold",
		    .program = texts.program.p,
		    .key = texts.key.p,
		    .window = texts.window.p};

		status = keeping_start(&f->beside, set, &owner, take, facts);
	} else {
		complain(set->command, "out of memory");
	}
	persist_owner_release(&texts);
	return status;
}

int
beside_stream_open(struct fold *f, struct settings *set)
{
	struct dump_facts facts;
	int status;

	f->beside = (struct keeping){
	    .set = set, .state = f->kept, .put = put, .arg = f};
	status = open_file(f, set, &facts);
	if (status != STATUS_OK)
		return status;
	persist_take_facts(f, &facts);
	if (persist_plan(f))
		return STATUS_OK;
	complain(set->command, "out of memory");
	return STATUS_IO;
}

bool
beside_stream_barrier(void *arg, const char *name, size_t len)
{
	struct fold *f = arg;
	struct dump_facts facts = persist_facts(f);

	return keeping_barrier(&f->beside, name, len, &facts);
}
