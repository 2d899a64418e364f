/*
 * run - run a command and tell what it took.
 *
 *     run [-c CPUS] [-n TIMES] [-i INPUT] [-o OUTPUT] COMMAND [ARG...]
 *
 * Writes to standard output: nanoseconds of wall clock (the median where
 * there are several runs), KiB of memory at the peak (of the largest process
 * where the command starts others), the exit status, and nanoseconds of
 * processor time, of the command and all that it waited for.  CPUS is a list as
 * in 0,1: the command runs on those only.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct task {
	const char *input, *output;
	char **argv;
	cpu_set_t cpus;
	int cpus_n;
};

struct cost {
	long long ns, cpu;
	long peak;
	int status;
};

static long long
nanoseconds(struct timeval t)
{
	return t.tv_sec * 1000000000LL + t.tv_usec * 1000LL;
}

static long long
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* Put a file in the place of a descriptor; in the child only. */
static void
put_file(const char *path, int flags, int fd)
{
	int got = open(path, flags, 0666);

	if (got == -1 || dup2(got, fd) == -1)
		err(126, "%s", path);
	close(got);
}

static void
become(const struct task *t)
{
	if (t->cpus_n > 0 &&
	    sched_setaffinity(0, sizeof(t->cpus), &t->cpus) == -1)
		err(126, "sched_setaffinity");
	put_file(t->input, O_RDONLY, STDIN_FILENO);
	put_file(t->output, O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
	execvp(t->argv[0], t->argv);
	err(127, "%s", t->argv[0]);
}

static struct cost
measure(const struct task *t)
{
	struct rusage usage;
	struct cost c;
	int status;
	long long start = now();
	pid_t pid = fork();

	if (pid == -1)
		err(1, "fork");
	if (pid == 0)
		become(t);
	while (wait4(pid, &status, 0, &usage) == -1) {
		if (errno != EINTR)
			err(1, "wait4");
	}
	c.ns = now() - start;
	c.cpu = nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime);
	c.peak = usage.ru_maxrss;
	c.status =
	    WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return c;
}

static int
compare(const void *a, const void *b)
{
	long long x = ((const struct cost *)a)->ns;
	long long y = ((const struct cost *)b)->ns;

	return (x > y) - (x < y);
}

static void
add_cpus(struct task *t, const char *list)
{
	char *end;

	CPU_ZERO(&t->cpus);
	do {
		unsigned long n = strtoul(list, &end, 10);

		if (end == list || n >= CPU_SETSIZE)
			errx(2, "-c: '%s' is no list of processors", list);
		CPU_SET(n, &t->cpus);
		t->cpus_n++;
		list = end + 1;
	} while (*end == ',');
}

int
main(int argc, char **argv)
{
	struct task t = {.input = "/dev/null", .output = "/dev/null"};
	struct cost *costs;
	size_t n = 1;
	int option;

	while ((option = getopt(argc, argv, "+c:n:i:o:")) != -1) {
		if (option == 'c')
			add_cpus(&t, optarg);
		else if (option == 'n')
			n = strtoul(optarg, NULL, 10);
		else if (option == 'i')
			t.input = optarg;
		else if (option == 'o')
			t.output = optarg;
		else
			return 2;
	}
	t.argv = argv + optind;
	if (optind == argc || n == 0)
		errx(2,
		    "usage: run [-c CPUS] [-n TIMES] [-i INPUT] "
		    "[-o OUTPUT] COMMAND [ARG...]");
	costs = calloc(n, sizeof(*costs));
	if (costs == NULL)
		err(1, NULL);
	for (size_t i = 0; i < n; i++)
		costs[i] = measure(&t);
	qsort(costs, n, sizeof(*costs), compare);
	printf("%lld %ld %d %lld\n", costs[n / 2].ns, costs[n / 2].peak,
	    costs[n / 2].status, costs[n / 2].cpu);
	free(costs);
	return 0;
}
