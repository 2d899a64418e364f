#include "driver/reload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "driver/complain.h"
#include "driver/footprint.h"
#include "driver/rejects.h"
#include "driver/status.h"
#include "driver/variables.h"
#include "lang/syntax/lexer.h"

static int
compile(
    const struct reload *r, const char *text, size_t len, struct program **p)
{
	return (r->predicate ? settings_predicate : settings_compile)(
	    r->set, text, len, r->set->program_file, p);
}

int
reload_init(
    struct reload *r, struct settings *set, const char *op, bool predicate)
{
	*r = (struct reload){.set = set, .op = op, .predicate = predicate};
	pthread_mutex_init(&r->lock, NULL);
	if (set->reload && set->program_file == NULL) {
		complain(set->command,
		    "--reload goes with -f FILE, whose changes it follows");
		return STATUS_USAGE;
	}
	if (set->reload)
		(void)stat(set->program_file, &r->seen);
	return compile(r, set->program_text, set->program_len, &r->first);
}

static void
edition_free(struct edition *e)
{
	program_free(e->program);
	lineage_release(&e->lineage);
	buf_release(&e->rejects_head);
	free(e);
}

/* Let go of an edition, which may be NULL; with the lock. */
static void
drop(struct edition *e)
{
	if (e != NULL && --e->holders == 0)
		edition_free(e);
}

void
reload_release(struct reload *r)
{
	if (r->set == NULL)
		return;
	drop(r->now);
	program_free(r->first);
	pthread_mutex_destroy(&r->lock);
}

/* What the stage says of itself with that program; NULL: no memory. */
static struct edition *
edition_new(
    const struct reload *r, const char *text, size_t len, struct program *p)
{
	const struct settings *set = r->set;
	struct edition *e = calloc(1, sizeof(*e));
	struct buf rule = {0};

	if (e == NULL)
		return NULL;
	e->program = p;
	e->holders = 1;
	if (r->put_rule != NULL) {
		r->put_rule(&rule, r->put_rule_arg, text, len);
	} else {
		lexer_put_code(&rule, text, len);
	}
	text = rule.p;
	len = rule.len;
	if (buf_failed(&rule) ||
	    settings_lineage(set, &e->lineage, r->op, text, len) == -1) {
		buf_release(&rule);
		free(e);
		return NULL;
	}
	rejects_head(&e->rejects_head, r->op, set->stage, text, len);
	buf_release(&rule);
	return e;
}

/* Has the file changed, and is it a second ago? */
static bool
is_due(struct reload *r)
{
	struct stat st;
	struct timespec now;
	const struct stat *was = &r->seen;

	if (stat(r->set->program_file, &st) == -1 ||
	    (st.st_dev == was->st_dev && st.st_ino == was->st_ino &&
		st.st_size == was->st_size &&
		st.st_mtim.tv_sec == was->st_mtim.tv_sec &&
		st.st_mtim.tv_nsec == was->st_mtim.tv_nsec))
		return false;
	clock_gettime(CLOCK_REALTIME, &now);
	/* A time that is still to come is no reason to wait for it. */
	if (now.tv_sec >= st.st_mtim.tv_sec &&
	    (now.tv_sec - st.st_mtim.tv_sec) * 1000 +
		    (now.tv_nsec - st.st_mtim.tv_nsec) / 1000000 <
		1000)
		return false;
	r->seen = st;
	return true;
}

/* Does the policy allow a program?  Else it is freed. */
static bool
may_run(
    const struct reload *r, const char *text, size_t len, struct program **p)
{
	if (footprint_again(r->set, text, len))
		return true;
	program_free(*p);
	*p = NULL;
	return false;
}

/* Compile what the file holds now, and let it take over; with the lock. */
static void
renew(struct reload *r)
{
	struct buf b = {0};
	struct program *p = NULL;
	struct edition *e = NULL;
	size_t skip = 0;

	if (variables_read_file(r->set, &b, r->set->program_file) == 0) {
		if (b.len >= 3 && memcmp(b.p, "\xEF\xBB\xBF", 3) == 0)
			skip = 3; /* a BOM, as in inputs */
		if (compile(r, b.p + skip, b.len - skip, &p) == STATUS_OK &&
		    may_run(r, b.p + skip, b.len - skip, &p))
			e = edition_new(r, b.p + skip, b.len - skip, p);
		if (p != NULL && e == NULL)
			complain(r->set->command, "%s", strerror(ENOMEM));
	}
	if (e == NULL) {
		complain(r->set->command, "%s: the program before it stays",
		    r->set->program_file);
		program_free(p);
	} else {
		drop(r->now);
		r->now = e;
	}
	buf_release(&b);
}

bool
reload_local_init(struct reload_local *l, struct reload *r)
{
	*l = (struct reload_local){.reload = r};
	l->machine = machine_new(r->first);
	return l->machine != NULL;
}

void
reload_local_release(struct reload_local *l)
{
	machine_free(l->machine);
	pthread_mutex_lock(&l->reload->lock);
	drop(l->held);
	pthread_mutex_unlock(&l->reload->lock);
}

/* Look at the file, and take the newest edition; false: no memory. */
static bool
look(struct reload_local *l)
{
	struct reload *r = l->reload;
	struct machine *m = l->machine;

	pthread_mutex_lock(&r->lock);
	if (is_due(r))
		renew(r);
	if (r->now != l->held) {
		m = machine_new(r->now->program);
		if (m != NULL) {
			machine_free(l->machine);
			l->machine = m;
			drop(l->held);
			l->held = r->now;
			l->held->holders++;
		}
	}
	pthread_mutex_unlock(&r->lock);
	return m != NULL;
}

struct machine *
reload_machine(struct reload_local *l, struct event *ev)
{
	if (l->turn != ev->window->turn && l->reload->set->reload) {
		l->turn = ev->window->turn;
		if (!look(l)) {
			event_fail(ev, "%s", strerror(ENOMEM));
			return NULL;
		}
	}
	if (l->held != NULL) {
		ev->lineage = &l->held->lineage;
		ev->rejects_head = &l->held->rejects_head;
	}
	return l->machine;
}
