#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "driver/complain.h"
#include "driver/stats.h"

enum { SECOND = 1000000 };

void
counts_add(struct counts *to, const struct counts *c)
{
	to->read += c->read;
	to->passed += c->passed;
	to->turned_away += c->turned_away;
	to->dropped += c->dropped;
	to->rejected += c->rejected;
	to->failed += c->failed;
	to->forks += c->forks;
	to->truncated += c->truncated;
	to->written += c->written;
	to->bytes += c->bytes;
}

int64_t
stats_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * SECOND + t.tv_nsec / 1000;
}

int
stats_init(struct stats *s, const char *command, bool progress)
{
	sigset_t set;

	*s = (struct stats){.command = command, .progress = progress};
	s->start = stats_now();
	s->next = s->start + SECOND;
	s->in_place = isatty(STDERR_FILENO);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return s->signals == -1 ? -1 : 0;
}

void
stats_release(struct stats *s)
{
	stats_hide(s);
	if (s->signals != -1)
		(void)close(s->signals);
}

void
stats_hide(struct stats *s)
{
	if (s->shown)
		complain_raw("\r\033[K", 4);
	s->shown = false;
}

static void
put_counts(struct buf *b, const struct stats *s, const struct counts *c)
{
	double seconds = (double)(stats_now() - s->start) / SECOND;
	double over = seconds > 0 ? seconds : 1e-6;

	buf_printf(b,
	    "%s: %" PRIu64 " read, %" PRIu64 " passed, %" PRIu64
	    " turned away, %" PRIu64 " dropped, %" PRIu64 " rejected",
	    s->command, c->read, c->passed, c->turned_away, c->dropped,
	    c->rejected);
	if (c->failed > 0)
		buf_printf(b, ", %" PRIu64 " failed", c->failed);
	if (c->truncated > 0)
		buf_printf(b, ", %" PRIu64 " truncated", c->truncated);
	buf_printf(b, " in %.2f s: %.0f events/s, %.1f MB/s", seconds,
	    (double)c->read / over, (double)c->bytes / over / 1e6);
}

void
stats_tell(struct stats *s, const struct counts *c)
{
	struct buf b = {0};

	stats_hide(s);
	put_counts(&b, s, c);
	buf_putc(&b, '\n');
	complain_raw(b.p, b.len);
	buf_release(&b);
}

static void
show_progress(struct stats *s, const struct counts *c)
{
	struct buf b = {0};

	if (!s->in_place) {
		stats_tell(s, c);
		return;
	}
	buf_puts(&b, "\r");
	put_counts(&b, s, c);
	buf_puts(&b, "\033[K");
	complain_raw(b.p, b.len);
	buf_release(&b);
	s->shown = true;
}

void
stats_tick(struct stats *s, const struct counts *c)
{
	struct signalfd_siginfo info;

	if (s->signals != -1 &&
	    read(s->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
		stats_tell(s, c);
	if (s->progress && stats_now() >= s->next) {
		show_progress(s, c);
		s->next = stats_now() + SECOND;
	}
}

enum { LONGEST = 3600 * 1000 }; /* milliseconds that are waited at once */

/* Milliseconds until progress or the deadline is due, -1 where none is. */
static int
patience(const struct stats *s, int64_t deadline)
{
	int64_t due = s->progress ? s->next : INT64_MAX, left;

	if (deadline < due)
		due = deadline;
	if (due == INT64_MAX)
		return -1;
	left = (due - stats_now()) / 1000;
	if (left >= LONGEST)
		return LONGEST;
	return left < 0 ? 0 : (int)left + 1;
}

bool
stats_wait(struct stats *s, const struct counts *c, int fd,
    const struct signals *signals, int64_t deadline)
{
	struct pollfd p[2] = {
	    {.fd = fd, .events = POLLIN},
	    {.fd = s->signals, .events = POLLIN},
	};

	for (;;) {
		int n = signals_poll(signals, p, 2, patience(s, deadline));

		if (n == -1 && errno != EINTR)
			return true; /* read() will say what is wrong */
		if (n > 0 && p[0].revents != 0)
			return true;
		if (n == -1 && signals_came(signals) != 0)
			return true;
		stats_tick(s, c);
		if (stats_now() >= deadline)
			return false;
	}
}
