#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "engine/dangling.h"
#include "engine/pipeline.h"

extern char **environ;

enum {
	PIPE_SIZE = 1024 * 1024,
	LOOK = 50,        /* until it is looked at for the first time */
	STEP = 100,       /* milliseconds between questions whether to hurry */
	LAST_LOOK = 1000, /* and later, at most */
	LAST_WAIT = 2000, /* that it is given once we are in a hurry */
	SLEPT = 1000,     /* more than that between two looks isn't the wait */
};

bool
pipeline_plan_shell(
    struct pipeline_plan *plan, char *words, const char *command)
{
	static char option[] = "-c";
	size_t n = 0;
	char *rest = NULL;

	for (char *w = strtok_r(words, " ", &rest); w != NULL;
	     w = strtok_r(NULL, " ", &rest)) {
		if (n == PIPELINE_WORDS)
			return false;
		plan->shell[n++] = w;
	}
	if (n == 0)
		return false;
	plan->shell[n++] = option;
	plan->shell[n++] = (char *)(uintptr_t)command;
	plan->shell[n] = NULL;
	return true;
}

void
pipeline_init(struct pipeline *p)
{
	*p = (struct pipeline){.error = ""};
	process_init(&p->process);
}

/* Does the plan set the variable that an entry of the environment is of? */
static bool
is_set(const struct pipeline_plan *plan, const char *entry)
{
	size_t n = strcspn(entry, "=") + 1;

	for (size_t i = 0; plan->set[i] != NULL; i++)
		if (strncmp(plan->set[i], entry, n) == 0)
			return true;
	return false;
}

/* Our environment, and what the plan sets. */
static char **
make_environment(const struct pipeline_plan *plan)
{
	size_t n = 0, k = 0;
	char **all;

	while (environ[n] != NULL)
		n++;
	all = calloc(n + PIPELINE_SETS + 1, sizeof(*all));
	if (all == NULL)
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (!is_set(plan, environ[i]))
			all[k++] = environ[i];
	for (size_t i = 0; plan->set[i] != NULL; i++)
		all[k++] = plan->set[i];
	return all;
}

int
pipeline_start(struct pipeline *p, const struct pipeline_plan *plan)
{
	char **env = make_environment(plan);
	int status;

	if (env == NULL)
		return -1;
	returns_drop(&p->returns);
	p->sent_n = 0;
	status = process_start_as(&p->process, plan->shell, env);
	free(env);
	if (status == -1)
		return -1;
	/* Where the system refuses, smaller ones will do. */
	(void)fcntl(p->process.input, F_SETPIPE_SZ, PIPE_SIZE);
	(void)fcntl(p->process.output, F_SETPIPE_SZ, PIPE_SIZE);
	return 0;
}

/* --- a pass --- */

static int64_t
milliseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The oldest pass on its way back. */
struct way {
	struct pipeline *p;
	const struct pipeline_sent *oldest;
	int64_t until;
	int64_t seen;  /* when it was last looked at the time */
	int64_t look;  /* when to look for stages that ended */
	int64_t pause; /* milliseconds until the next look */
	bool hurried;
	bool ended; /* the shell has */
};

static enum pipeline_status
fail(struct way *w, enum pipeline_status status, const char *why)
{
	snprintf(w->p->error, sizeof(w->p->error), "%s", why);
	return status;
}

static void
describe(struct pipeline *p, int status)
{
	char how[100];

	process_describe(how, sizeof(how), status);
	snprintf(p->error, sizeof(p->error), "it ended with %s", how);
}

/* Nobody reads its input any more, or its output has ended. */
static enum pipeline_status
broken(struct way *w)
{
	bool killed;
	int status = process_end(&w->p->process, LAST_LOOK, &killed);

	if (killed)
		return fail(w, PIPELINE_ENDED, "it closed its input or output");
	w->p->exit = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	describe(w->p, status);
	return PIPELINE_ENDED;
}

/* Something went on: it works. */
static void
moved(struct way *w)
{
	w->pause = LOOK;
	w->look = 0;
}

/*
 * The shell waits for stages that wait for us, though others have ended: is
 * that so?  Asked where nothing goes on.
 */
static bool
is_torn(struct way *w)
{
	int64_t now = milliseconds();

	if (w->look == 0)
		w->look = now + w->pause;
	if (now < w->look)
		return false;
	w->pause = w->pause < LAST_LOOK ? w->pause * 2 : LAST_LOOK;
	w->look = now + w->pause;
	return dangling_output(w->p->process.pid);
}

/* The first pass of which something is to be written, or NULL. */
static struct pipeline_sent *
unsent(struct pipeline *p)
{
	for (size_t i = 0; i < p->sent_n; i++)
		if (p->sent[i].done < p->sent[i].whole)
			return &p->sent[i];
	return NULL;
}

/* Write what there is room for; what write() says. */
static ssize_t
write_some(struct pipeline *p, struct pipeline_sent *s)
{
	const struct pipeline_pass *x = &s->pass;
	bool first = s->done < x->len;
	const char *from =
	    first ? x->text + s->done : s->barrier + (s->done - x->len);
	size_t n = first ? x->len - s->done : s->whole - s->done;
	ssize_t done = process_write(&p->process, from, n);

	if (done > 0)
		s->done += (size_t)done;
	return done;
}

static void
end_input(struct pipeline *p)
{
	const struct pipeline_sent *last = &p->sent[p->sent_n - 1];

	if (last->done == last->whole && last->pass.barrier == NULL)
		process_end_input(&p->process);
}

static enum pipeline_status
send_some(struct way *w)
{
	struct pipeline_sent *s = unsent(w->p);
	ssize_t done = write_some(w->p, s);

	if (done == -1 && errno == EPIPE)
		return broken(w);
	if (done == -1 && errno != EAGAIN && errno != EINTR)
		return fail(w, PIPELINE_FAILED, strerror(errno));
	if (done > 0)
		moved(w);
	end_input(w->p);
	return PIPELINE_BACK;
}

static enum pipeline_status
taken(struct way *w, enum returns_status status)
{
	switch (status) {
	case RETURNS_WRONG:
		return fail(w, PIPELINE_WRONG, w->p->returns.error);
	case RETURNS_STARVED:
		return fail(w, PIPELINE_FAILED, strerror(ENOMEM));
	case RETURNS_BACK:
		if (w->oldest->done < w->oldest->whole)
			return fail(w, PIPELINE_WRONG,
			    "a barrier came back before it was sent");
		return PIPELINE_BACK;
	default:
		return PIPELINE_BACK;
	}
}

/*
 * Its output has ended, or is held open by what it left behind: that is right
 * where its input has ended.
 */
static enum pipeline_status
output_ended(struct way *w, bool *done)
{
	struct pipeline *p = w->p;

	if (w->oldest->pass.barrier != NULL ||
	    w->oldest->done < w->oldest->whole)
		return broken(w);
	if (!returns_whole(&p->returns))
		return fail(w, PIPELINE_WRONG, "its last line has no end");
	if (!pipeline_end(p, w->oldest->pass.patience))
		return PIPELINE_ENDED;
	*done = true;
	return PIPELINE_BACK;
}

static enum pipeline_status
read_some(struct way *w, bool *done)
{
	struct returns *r = &w->p->returns;
	enum pipeline_status status;
	ssize_t n;

	if (!returns_room(r))
		return fail(w, PIPELINE_FAILED, strerror(ENOMEM));
	n = read(w->p->process.output, r->text.p + r->text.len,
	    r->text.cap - r->text.len);
	if (n == 0)
		return output_ended(w, done);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return w->ended ? output_ended(w, done) : PIPELINE_BACK;
	if (n == -1)
		return fail(w, PIPELINE_FAILED, strerror(errno));
	moved(w);
	status = taken(w, returns_take(r, (size_t)n));
	*done = status == PIPELINE_BACK && r->back;
	return status;
}

/*
 * The time of now.  Where we were stopped, or had no processor, the pipeline
 * most often hadn't either, and its answer may be there: that doesn't count.
 */
static int64_t
look_at_clock(struct way *w)
{
	int64_t now = milliseconds();

	if (now - w->seen > SLEPT)
		w->until += now - w->seen;
	w->seen = now;
	return now;
}

/* How long may it take still? */
static int
left(struct way *w)
{
	const struct pipeline_pass *pass = &w->oldest->pass;
	int64_t now = look_at_clock(w);

	if (!w->hurried && pass->hurry != NULL && pass->hurry(pass->arg)) {
		w->hurried = true;
		if (w->until > now + LAST_WAIT)
			w->until = now + LAST_WAIT;
	}
	return (int)(w->until - now);
}

static enum pipeline_status
late(struct way *w)
{
	if (w->hurried)
		return fail(w, PIPELINE_HURRIED, "it was given up");
	snprintf(w->p->error, sizeof(w->p->error),
	    "it didn't answer within %d ms", w->oldest->pass.patience);
	return PIPELINE_LATE;
}

static enum pipeline_status
step(struct way *w, int wait, bool *done)
{
	struct process *p = &w->p->process;
	enum pipeline_status status = PIPELINE_BACK;
	struct pollfd fds[3] = {
	    {.fd = p->output, .events = POLLIN},
	    {.fd = unsent(w->p) != NULL ? p->input : -1, .events = POLLOUT},
	    {.fd = p->watch, .events = POLLIN},
	};
	int n = poll(fds, 3, wait);

	if (n == -1 && errno == EINTR)
		return PIPELINE_BACK;
	if (n == -1)
		return fail(w, PIPELINE_FAILED, strerror(errno));
	if (n == 0)
		return is_torn(w) ? broken(w) : PIPELINE_BACK;
	if (fds[2].revents != 0)
		w->ended = true;
	if (fds[0].revents != 0 || w->ended)
		status = read_some(w, done);
	if (status == PIPELINE_BACK && !*done && fds[1].revents != 0)
		status = send_some(w);
	return status;
}

void
pipeline_send(
    struct pipeline *p, const char *name, const struct pipeline_pass *pass)
{
	struct pipeline_sent *s = &p->sent[p->sent_n++];

	*s = (struct pipeline_sent){
	    .pass = *pass, .whole = pass->len + pass->barrier_len};
	if (pass->barrier != NULL) {
		memcpy(s->barrier, pass->barrier, pass->barrier_len);
		snprintf(s->name, sizeof(s->name), "%s", name);
	}
	/* What goes wrong here is met again while it is waited for. */
	while (unsent(p) != NULL && write_some(p, unsent(p)) > 0)
		;
	end_input(p);
}

enum pipeline_status
pipeline_take(struct pipeline *p)
{
	const struct pipeline_sent *oldest = &p->sent[0];
	int64_t now = milliseconds();
	struct way w = {.p = p,
	    .oldest = oldest,
	    .until = now + oldest->pass.patience,
	    .seen = now,
	    .pause = LOOK};
	enum pipeline_status status;
	bool done;

	returns_expect(&p->returns, oldest->name);
	p->error[0] = '\0';
	status = taken(&w, returns_take(&p->returns, 0));
	done = p->returns.back;
	while (status == PIPELINE_BACK && !done) {
		int wait = left(&w);

		if (wait > w.pause)
			wait = (int)w.pause;
		if (wait > STEP)
			wait = STEP;
		status = wait <= 0 ? late(&w) : step(&w, wait, &done);
	}
	p->sent_n = status == PIPELINE_BACK ? p->sent_n - 1 : 0;
	for (size_t i = 0; i < p->sent_n; i++)
		p->sent[i] = p->sent[i + 1];
	return status;
}

enum pipeline_status
pipeline_pass(
    struct pipeline *p, const char *name, const struct pipeline_pass *pass)
{
	pipeline_send(p, name, pass);
	return pipeline_take(p);
}

/* --- its end --- */

void
pipeline_kill(struct pipeline *p)
{
	bool killed;

	if (p->process.pid > 0)
		(void)kill(-p->process.pid, SIGKILL);
	(void)process_end(&p->process, 0, &killed);
	p->sent_n = 0;
	returns_drop(&p->returns);
}

bool
pipeline_end(struct pipeline *p, int patience)
{
	bool killed;
	int status = process_end(&p->process, patience, &killed);

	p->exit = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	if (killed)
		snprintf(p->error, sizeof(p->error),
		    "it didn't end within %d ms", patience);
	else if (status != 0)
		describe(p, status);
	return !killed && status == 0;
}

void
pipeline_release(struct pipeline *p)
{
	returns_release(&p->returns);
}
