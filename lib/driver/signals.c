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

int
signals_poll(
    const struct signals *s, struct pollfd *p, nfds_t n, int milliseconds)
{
	struct timespec time = {
	    milliseconds / 1000, milliseconds % 1000 * 1000000L};
	sigset_t set, before, open;
	int found = -1;

	ending_set(&set);
	pthread_sigmask(SIG_BLOCK, &set, &before);
	open = before;
	for (int i = 0; i < SIGNALS_ENDING; i++)
		sigdelset(&open, ENDING[i]);
	errno = EINTR;
	if (signals_came(s) == 0)
		found = ppoll(p, n, milliseconds < 0 ? NULL : &time, &open);
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
