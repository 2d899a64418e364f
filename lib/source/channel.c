#include "source/channel.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "source/cache.h"

enum {
	READ_SIZE = 64 * 1024,
	LAST_READS = 1024,  /* of what a coprocess that died has written */
	PATIENCE = 200,     /* milliseconds, once it has closed its output */
	FIRST_DELAY = 100,  /* before it is started a second time, */
	LAST_DELAY = 10000, /* and at most */
	HOPELESS = 3,       /* deaths before the first answer of all */
	SHOWN = 80,         /* bytes of a line that nothing asked for */
	TOLD = 10,          /* deaths */
	NOT_RUN = 126,      /* the shell's status where it couldn't run it */
};

bool
channel_start(struct channel *c)
{
	struct channels *all = c->all;

	if (process_start(&c->process, all->command) == -1) {
		snprintf(all->broken, sizeof(all->broken),
		    "can't be started: %s", strerror(errno));
		return false;
	}
	all->starts++;
	buf_clear(&c->out);
	buf_clear(&c->in);
	c->written = c->searched = 0;
	c->total = c->taken = 0;
	c->skipping = c->deaf = c->alone = c->first = false;
	return true;
}

bool
channel_init(struct channel *c, struct channels *all)
{
	*c = (struct channel){.all = all};
	process_init(&c->process);
	TAILQ_INIT(&c->sent);
	return channel_start(c);
}

bool
channel_takes(const struct channel *c, const struct request *r, int64_t now)
{
	if (c->process.pid == 0)
		return now >= c->not_before;
	if (c->alone || c->deaf || c->process.input == -1)
		return false;
	return r->kills > 0 ? c->under_way == 0
			    : c->under_way < c->all->in_flight;
}

void
channel_send(struct channel *c, struct request *r)
{
	if (r->kills > 0) {
		c->alone = true;
		c->first = c->total == 0;
	}
	buf_put(&c->out, r->text.p, r->text.len);
	c->total += r->text.len;
	r->end = c->total;
	r->state = REQUEST_SENT;
	r->channel = c;
	TAILQ_INSERT_TAIL(&c->sent, r, queue);
	c->under_way++;
	if (buf_failed(&c->out))
		snprintf(c->all->broken, sizeof(c->all->broken), "%s",
		    strerror(ENOMEM));
}

/* --- answers ------------------------------------------------------------ */

static void
refuse_line(struct channel *c, const char *text, size_t len)
{
	size_t n = len < SHOWN ? len : SHOWN;

	while (n < len && ((unsigned char)text[n] & 0xC0) == 0x80)
		n--; /* not in the middle of a character */
	snprintf(c->all->broken, sizeof(c->all->broken),
	    "wrote a line that nothing asked for: %.*s%s; each request is "
	    "answered by one line, and nothing else goes to standard output",
	    (int)n, text, n < len ? "..." : "");
}

/* A line came, of which nothing is kept where it is too long. */
static void
take_line(struct channel *c, const char *text, size_t len, bool too_long)
{
	struct request *r = TAILQ_FIRST(&c->sent);

	if (c->all->broken[0] != '\0')
		return;
	if (r == NULL || r->end > c->taken) {
		refuse_line(c, text, len);
		return;
	}
	TAILQ_REMOVE(&c->sent, r, queue);
	c->under_way--;
	c->alone = c->first = false;
	c->deaths = 0;
	c->last = cache_now();
	c->all->answers++;
	if (len > 0 && text[len - 1] == '\r')
		len--;
	if (r->wanted && !too_long)
		buf_put(&r->answer, text, len);
	if (buf_failed(&r->answer))
		snprintf(c->all->broken, sizeof(c->all->broken), "%s",
		    strerror(ENOMEM));
	requests_settle(
	    &c->all->requests, r, too_long ? REQUEST_LONG : REQUEST_ANSWERED);
}

/* Take the lines that are complete, and keep the rest. */
static void
take_lines(struct channel *c)
{
	struct buf *b = &c->in;
	size_t start = 0;
	char *newline;

	while ((newline = memchr(
		    b->p + c->searched, '\n', b->len - c->searched)) != NULL) {
		size_t end = (size_t)(newline - b->p), n = end - start;

		take_line(
		    c, b->p + start, n, c->skipping || n > c->all->max_line);
		c->skipping = false;
		start = c->searched = end + 1;
	}
	if (b->len - start > c->all->max_line) {
		c->skipping = true;
		start = b->len;
	}
	memmove(b->p, b->p + start, b->len - start);
	b->len = c->searched = b->len - start;
	if (b->len == 0 && b->cap > 2 * READ_SIZE)
		buf_release(b);
}

/* Read once; false at the end. */
static bool
read_some(struct channel *c, bool *would_wait)
{
	ssize_t n;

	*would_wait = false;
	if (!buf_room(&c->in, READ_SIZE)) {
		snprintf(c->all->broken, sizeof(c->all->broken), "%s",
		    strerror(ENOMEM));
		return false;
	}
	do
		n = read(c->process.output, c->in.p + c->in.len, READ_SIZE);
	while (n == -1 && errno == EINTR);
	*would_wait = n == -1 && errno == EAGAIN;
	if (n > 0) {
		c->in.len += (size_t)n;
		take_lines(c);
	}
	return n > 0 || *would_wait;
}

/* --- its end ------------------------------------------------------------ */

/* What was under way waits again, but for what it died of. */
static void
take_back(struct channel *c)
{
	struct requests *q = &c->all->requests;
	struct request *r;

	while ((r = TAILQ_LAST(&c->sent, request_list)) != NULL) {
		TAILQ_REMOVE(&c->sent, r, queue);
		if (r->kills == 0 || c->first)
			r->kills++;
		if (!r->wanted || r->kills > 1)
			requests_settle(q, r, REQUEST_DEADLY);
		else
			requests_wait(q, r, true);
	}
	c->under_way = 0;
	c->alone = false;
}

static void
tell_death(struct channel *c, int status)
{
	struct channels *all = c->all;
	char how[80], text[200];

	if (all->deaths > TOLD)
		return;
	process_describe(how, sizeof(how), status);
	snprintf(text, sizeof(text),
	    "ended with %s, and %zu request%s under way; it is started "
	    "again%s",
	    how, c->under_way, c->under_way == 1 ? "" : "s",
	    all->deaths == TOLD ? "; more of this isn't told" : "");
	all->tell(all->tell_arg, text);
}

/* Is there no hope that it will ever answer? */
static bool
is_hopeless(struct channel *c, int status)
{
	struct channels *all = c->all;
	bool ran = !WIFEXITED(status) || WEXITSTATUS(status) < NOT_RUN ||
	    WEXITSTATUS(status) > NOT_RUN + 1;
	char how[80];

	if (all->answers > 0 || (ran && c->deaths < HOPELESS))
		return false;
	process_describe(how, sizeof(how), status);
	if (!ran)
		snprintf(all->broken, sizeof(all->broken),
		    "the shell can't run it (%s)", how);
	else
		snprintf(all->broken, sizeof(all->broken),
		    "ended with %s, the last of %u times, before it answered "
		    "anything",
		    how, c->deaths);
	return true;
}

/*
 * Its input has ended, so has it, and all is well, it says: then it left
 * requests out, and whose answers came is unknown.
 */
static void
tell_short(struct channel *c)
{
	snprintf(c->all->broken, sizeof(c->all->broken),
	    "ended with its input, and left %zu request%s without an answer: "
	    "each is answered by one line",
	    c->under_way, c->under_way == 1 ? "" : "s");
}

/* When it may be started again. */
static int64_t
delay(const struct channel *c)
{
	int64_t ms = FIRST_DELAY;

	if (c->deaths < 2)
		return 0;
	for (unsigned i = 2; i < c->deaths && ms < LAST_DELAY; i++)
		ms *= 2;
	return (ms < LAST_DELAY ? ms : LAST_DELAY) * 1000;
}

/* It ended, or is as good as that. */
static void
die(struct channel *c, int64_t now)
{
	bool ended = c->process.input == -1, killed;
	int status = process_end(&c->process, PATIENCE, &killed);

	if (c->all->broken[0] != '\0')
		return;
	if (ended && status == 0 && c->under_way > 0) {
		tell_short(c);
		return;
	}
	if (!ended || c->under_way > 0) {
		c->deaths++;
		c->all->deaths++;
		if (!is_hopeless(c, status))
			tell_death(c, status);
		c->not_before = now + delay(c);
	}
	take_back(c);
}

/* It reads no more: what it hasn't read it won't. */
static void
note_deaf(struct channel *c)
{
	int unread = 0;

	c->deaf = true;
	if (ioctl(c->process.input, FIONREAD, &unread) == 0 && unread > 0)
		c->taken -= (uint64_t)unread;
}

/* Is there nothing that it could still answer? */
static bool
is_useless(const struct channel *c)
{
	const struct request *r = TAILQ_FIRST(&c->sent);

	if (c->process.input == -1 && r == NULL)
		return c->all->requests.waiting_n > 0; /* which it won't get */
	return c->deaf && (r == NULL || r->end > c->taken);
}

static void
put_out(struct channel *c)
{
	while (c->written < c->out.len && !c->deaf) {
		ssize_t n = process_write(&c->process, c->out.p + c->written,
		    c->out.len - c->written);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno != EAGAIN)
			note_deaf(c);
		if (n <= 0)
			break;
		c->written += (size_t)n;
		c->taken += (uint64_t)n;
	}
	if (c->written == c->out.len) {
		buf_clear(&c->out);
		c->written = 0;
	}
}

void
channel_write(struct channel *c, int64_t now)
{
	if (c->process.pid == 0)
		return;
	put_out(c);
	if (is_useless(c))
		die(c, now);
}

void
channel_watch(
    const struct channel *c, struct pollfd p[CHANNEL_POLLED], bool reads)
{
	const struct process *q = &c->process;

	p[0] = (struct pollfd){.fd = -1, .events = POLLOUT};
	p[1] = (struct pollfd){.fd = -1, .events = POLLIN};
	p[2] = (struct pollfd){.fd = -1, .events = POLLIN};
	if (q->pid == 0)
		return;
	if (!c->deaf)
		p[0].fd = q->input;
	if (c->written == c->out.len)
		p[0].events = 0; /* only its end */
	if (reads) {
		p[1].fd = q->output;
		p[2].fd = q->watch;
	}
}

void
channel_seen(
    struct channel *c, const struct pollfd p[CHANNEL_POLLED], int64_t now)
{
	bool would_wait, goes_on = true;

	if (p[0].fd != -1 && (p[0].revents & POLLERR) != 0)
		note_deaf(c);
	else if (p[0].fd != -1 && p[0].revents != 0)
		put_out(c);
	if (p[1].fd != -1 && p[1].revents != 0)
		goes_on = read_some(c, &would_wait);
	if (goes_on && p[2].fd != -1 && p[2].revents != 0) {
		/* Others may hold its output open: read what is there. */
		would_wait = false;
		for (int i = 0; i < LAST_READS && goes_on && !would_wait; i++)
			goes_on = read_some(c, &would_wait);
		goes_on = false;
	}
	if (!goes_on || (c->process.pid != 0 && is_useless(c)))
		die(c, now);
}

void
channel_end_input(struct channel *c)
{
	if (c->process.pid != 0 && c->written == c->out.len)
		process_end_input(&c->process);
}

/* --- the end of all ----------------------------------------------------- */

/* Read until it ends. */
static void
read_rest(struct channel *c, int64_t until)
{
	int64_t left;

	while ((left = until - cache_now()) > 0) {
		struct pollfd p[CHANNEL_POLLED];
		bool would_wait;

		channel_watch(c, p, true);
		if (poll(p + 1, 2, (int)(left / 1000) + 1) <= 0)
			continue;
		if (p[1].revents != 0 && !read_some(c, &would_wait))
			return;
		if (p[1].revents == 0 && p[2].revents != 0)
			return;
	}
}

void
channel_finish(struct channel *c, int64_t until)
{
	struct channels *all = c->all;
	char how[80], text[160];
	int64_t left;
	bool killed;
	int status;

	if (c->process.pid == 0)
		return;
	process_end_input(&c->process);
	read_rest(c, until);
	left = until - cache_now();
	status = process_end(
	    &c->process, left < 0 ? 0 : (int)(left / 1000), &killed);
	if (!killed && status == 0)
		return;
	process_describe(how, sizeof(how), status);
	snprintf(text, sizeof(text),
	    killed ? "didn't end when its input did, and was killed"
		   : "ended with %s",
	    how);
	all->tell(all->tell_arg, text);
}

void
channel_release(struct channel *c)
{
	struct request *r;
	bool killed;

	(void)process_end(&c->process, PATIENCE, &killed);
	while ((r = TAILQ_FIRST(&c->sent)) != NULL) {
		TAILQ_REMOVE(&c->sent, r, queue);
		requests_settle(&c->all->requests, r, REQUEST_DEADLY);
	}
	buf_release(&c->out);
	buf_release(&c->in);
}
