/*
 * trickle - how long does a stage keep an event of a slow stream?
 *
 *     trickle [-n EVENTS] [-r PER_SECOND] COMMAND [ARG...]
 *
 * Sends a line at a time to the command, waits until it comes out again,
 * and writes to standard output the microseconds that this took: at the
 * median, at the 99th percentile, and at most.  The command must pass every
 * line on.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WARM_UP = 100, SECOND = 1000000000 };

static const char line[] =
    "{\"ip\":\"192.0.2.10\",\"method\":\"GET\",\"path\":\"/orders/17\","
    "\"status\":500,\"bytes\":5120,\"agent\":\"Firefox/145.0\"}\n";

static long long
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * SECOND + t.tv_nsec;
}

static void
sleep_until(long long when)
{
	struct timespec t = {when / SECOND, when % SECOND};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) != 0)
		;
}

/* Start the command between two pipes. */
static pid_t
start(char **argv, int *to, int *from)
{
	int in[2], out[2];
	pid_t pid;

	if (pipe(in) == -1 || pipe(out) == -1)
		err(1, "pipe");
	pid = fork();
	if (pid == -1)
		err(1, "fork");
	if (pid == 0) {
		if (dup2(in[0], 0) == -1 || dup2(out[1], 1) == -1)
			err(126, "dup2");
		close(in[0]);
		close(in[1]);
		close(out[0]);
		close(out[1]);
		execvp(argv[0], argv);
		err(127, "%s", argv[0]);
	}
	close(in[0]);
	close(out[1]);
	*to = in[1];
	*from = out[0];
	return pid;
}

/* Send the line; nanoseconds until all of what came of it is here. */
static long long
send_line(int to, int from)
{
	char answer[65536];
	long long sent = now();
	ssize_t n;

	if (write(to, line, sizeof(line) - 1) != (ssize_t)sizeof(line) - 1)
		err(1, "write");
	do {
		n = read(from, answer, sizeof(answer));
		if (n <= 0)
			errx(1, "the command ended before its input did");
	} while (answer[n - 1] != '\n');
	return now() - sent;
}

static int
compare(const void *a, const void *b)
{
	long long x = *(const long long *)a, y = *(const long long *)b;

	return (x > y) - (x < y);
}

int
main(int argc, char **argv)
{
	size_t n = 2000;
	long long rate = 1000, next, *took;
	int option, to, from, status;
	pid_t pid;

	while ((option = getopt(argc, argv, "+n:r:")) != -1) {
		if (option == 'n')
			n = strtoul(optarg, NULL, 10);
		else if (option == 'r')
			rate = strtoll(optarg, NULL, 10);
		else
			return 2;
	}
	if (optind == argc || n == 0 || rate <= 0)
		errx(2,
		    "usage: trickle [-n EVENTS] [-r PER_SECOND] "
		    "COMMAND [ARG...]");
	took = calloc(n, sizeof(*took));
	if (took == NULL)
		err(1, NULL);
	pid = start(argv + optind, &to, &from);
	for (size_t i = 0; i < WARM_UP; i++)
		send_line(to, from);
	next = now();
	for (size_t i = 0; i < n; i++) {
		next += SECOND / rate;
		sleep_until(next);
		took[i] = send_line(to, from);
	}
	close(to);
	if (waitpid(pid, &status, 0) == -1 || status != 0)
		errx(1, "%s failed", argv[optind]);
	qsort(took, n, sizeof(*took), compare);
	printf("%.1f %.1f %.1f\n", (double)took[n / 2] / 1000,
	    (double)took[n * 99 / 100] / 1000, (double)took[n - 1] / 1000);
	free(took);
	return 0;
}
