#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>

#include "driver/signals.h"

static const int ENDING[SIGNALS_ENDING] = {SIGHUP, SIGINT, SIGTERM};

static void
ending_set(sigset_t *set)
{
	sigemptyset(set);
	for (int i = 0; i < SIGNALS_ENDING; i++)
		sigaddset(set, ENDING[i]);
}

void
signals_hold_report(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

/*
 * The next one kills.  But timeout(1) sends a signal to its child and then to
 * its group, so the child has it twice at once; that is one.  The other is
 * shut out of this thread here, and taken, or comes to this function in
 * another thread.
 */
static void
come(int signal)
{
	static const struct timespec AT_ONCE = {0, 20 * 1000 * 1000};
	struct sigaction next = {.sa_handler = SIG_DFL};
	int saved = errno;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signal);
	(void)sigtimedwait(&set, NULL, &AT_ONCE);
	sigemptyset(&next.sa_mask);
	(void)sigaction(signal, &next, NULL);
	errno = saved;
}

void
signals_catch(struct signals *s)
{
	struct sigaction once = {.sa_handler = come};

	sigemptyset(&once.sa_mask);
	for (int i = 0; i < SIGNALS_ENDING; i++) {
		struct sigaction before;

		s->caught[i] = sigaction(ENDING[i], NULL, &before) == 0 &&
		    before.sa_handler == SIG_DFL &&
		    sigaction(ENDING[i], &once, NULL) == 0;
	}
}

int
signals_came(const struct signals *s)
{
	for (int i = 0; i < SIGNALS_ENDING; i++) {
		struct sigaction now;

		if (s->caught[i] && sigaction(ENDING[i], NULL, &now) == 0 &&
		    now.sa_handler == SIG_DFL)
			return ENDING[i];
	}
	return 0;
}

void
signals_shut(void)
{
	sigset_t set;

	ending_set(&set);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

void
signals_open(void)
{
	sigset_t set;

	ending_set(&set);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

/* What is left of a wait, or a part of it where others may get a signal. */
static int
next_wait(const struct signals *s, int left)
{
	enum { LOOK = 100 };

	return s->threads && (left < 0 || left > LOOK) ? LOOK : left;
}

/* poll() with that mask, unless a signal came before. */
static int
poll_once(const struct signals *s, struct pollfd *p, nfds_t n, int milliseconds,
    const sigset_t *mask)
{
	struct timespec time = {
	    milliseconds / 1000, milliseconds % 1000 * 1000000L};

	if (signals_came(s) == 0)
		return ppoll(p, n, milliseconds < 0 ? NULL : &time, mask);
	errno = EINTR;
	return -1;
}

int
signals_poll(
    const struct signals *s, struct pollfd *p, nfds_t n, int milliseconds)
{
	sigset_t set, before, open;
	int found, wait;

	ending_set(&set);
	pthread_sigmask(SIG_BLOCK, &set, &before);
	open = before;
	for (int i = 0; i < SIGNALS_ENDING; i++)
		sigdelset(&open, ENDING[i]);
	do {
		wait = next_wait(s, milliseconds);
		found = poll_once(s, p, n, wait, &open);
		if (milliseconds > 0)
			milliseconds -= wait;
	} while (found == 0 && milliseconds != 0);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return found;
}

void
signals_die(int signal)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signal);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	(void)raise(signal);
}
