/*
 * signals - how a filter ends when it is asked to.
 *
 * The first SIGHUP, SIGINT or SIGTERM stops the reading: what was read is
 * finished, every output ends on a whole line, and then the filter dies by
 * that signal.  The second one kills at once, also where a write waits or a
 * program runs for ever.
 *
 * Each is caught once, by a handler that sets the signal back to its default.
 * So whether it came is asked of the system, and nothing is shared with a
 * handler.  The same signal within 20 milliseconds counts as one.
 *
 * Only a thread that waits for input has to be woken.  All others shut the
 * signals out while they wait for that one, so that the system hands the
 * signal to it.  One that works lets them in, and may get it instead: so who
 * waits beside others looks now and then.
 */
#ifndef DRIVER_SIGNALS_H
#define DRIVER_SIGNALS_H

#include <poll.h>
#include <stdbool.h>

enum { SIGNALS_ENDING = 3 };

struct signals {
	bool caught[SIGNALS_ENDING]; /* else it was ignored before us */
	bool threads; /* several may get them: set by the owner */
};

/* Keep SIGUSR1 from killing until somebody reads it; the first act of all. */
void signals_hold_report(void);

/* From now on the first signal asks to end. */
void signals_catch(struct signals *s);

/* The signal that came, 0 where none did. */
int signals_came(const struct signals *s);

/* Shut the signals out of the calling thread, and let them in again. */
void signals_shut(void);
void signals_open(void);

/*
 * poll(), which a signal ends with EINTR even where it came just before.
 * Gives -1 and EINTR at once where one came long ago.
 */
int signals_poll(
    const struct signals *s, struct pollfd *p, nfds_t n, int milliseconds);

/* Die by a signal that came. */
void signals_die(int signal);

#endif
