#include "source/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { LAST_CHANCE = 1000, STEP = 5 }; /* milliseconds */

void
process_init(struct process *p)
{
	*p = (struct process){0, -1, -1, -1};
}

static void
close_end(int *fd)
{
	if (*fd != -1)
		(void)close(*fd); /* a pipe: nothing is lost by it */
	*fd = -1;
}

/* The child's signals are as ours were before the filter had its way. */
static int
set_signals(posix_spawnattr_t *attr)
{
	sigset_t none, defaults;
	int why;

	sigemptyset(&none);
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	sigaddset(&defaults, SIGUSR1);
	sigaddset(&defaults, SIGCHLD);
	why = posix_spawnattr_setsigmask(attr, &none);
	if (why == 0)
		why = posix_spawnattr_setsigdefault(attr, &defaults);
	if (why == 0)
		why = posix_spawnattr_setpgroup(attr, 0);
	if (why == 0)
		why = posix_spawnattr_setflags(attr,
		    POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
			POSIX_SPAWN_SETPGROUP);
	return why;
}

/* Run it on its ends of the pipes; an error's number, or 0. */
static int
spawn(struct process *p, char *const argv[], char *const envp[], int input,
    int output)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	int why = posix_spawn_file_actions_init(&files);

	if (why != 0)
		return why;
	why = posix_spawnattr_init(&attr);
	if (why == 0) {
		why = set_signals(&attr);
		if (why == 0)
			why = posix_spawn_file_actions_adddup2(
			    &files, input, STDIN_FILENO);
		if (why == 0)
			why = posix_spawn_file_actions_adddup2(
			    &files, output, STDOUT_FILENO);
		if (why == 0)
			why = posix_spawnp(
			    &p->pid, argv[0], &files, &attr, argv, envp);
		(void)posix_spawnattr_destroy(&attr);
	}
	(void)posix_spawn_file_actions_destroy(&files);
	return why;
}

static int
open_pipes(int to[2], int from[2])
{
	if (pipe2(to, O_CLOEXEC) == -1)
		return errno;
	if (pipe2(from, O_CLOEXEC) == -1) {
		int why = errno;

		close_end(&to[0]);
		close_end(&to[1]);
		return why;
	}
	return 0;
}

int
process_start(struct process *p, const char *command)
{
	char shell[] = "/bin/sh", option[] = "-c";
	char *argv[] = {shell, option, (char *)(uintptr_t)command, NULL};

	return process_start_as(p, argv, environ);
}

int
process_start_as(struct process *p, char *const argv[], char *const envp[])
{
	int to[2], from[2];
	int why = open_pipes(to, from);

	process_init(p);
	if (why != 0) {
		errno = why;
		return -1;
	}
	p->input = to[1];
	p->output = from[0];
	if (fcntl(p->input, F_SETFL, O_NONBLOCK) == -1 ||
	    fcntl(p->output, F_SETFL, O_NONBLOCK) == -1)
		why = errno;
	if (why == 0)
		why = spawn(p, argv, envp, to[0], from[1]);
	close_end(&to[0]);
	close_end(&from[1]);
	if (why != 0) {
		close_end(&p->input);
		close_end(&p->output);
		process_init(p);
		errno = why;
		return -1;
	}
	p->watch = (int)syscall(SYS_pidfd_open, p->pid, 0);
	return 0;
}

/* Take a SIGPIPE that came while it was shut out. */
static void
take_signal(const sigset_t *set)
{
	static const struct timespec now = {0, 0};

	while (sigtimedwait(set, NULL, &now) == -1 && errno == EINTR)
		;
}

ssize_t
process_write(const struct process *p, const char *text, size_t n)
{
	sigset_t set, before;
	ssize_t done;
	int why;

	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &set, &before);
	done = write(p->input, text, n);
	why = errno;
	if (done == -1 && why == EPIPE && sigismember(&before, SIGPIPE) == 0)
		take_signal(&set);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = why;
	return done;
}

void
process_end_input(struct process *p)
{
	close_end(&p->input);
}

static int64_t
milliseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Wait so long; true, and its status, where it has ended. */
static bool
wait_for(const struct process *p, int patience, int *status)
{
	int64_t until = milliseconds() + patience;

	for (;;) {
		struct pollfd end = {.fd = p->watch, .events = POLLIN};
		int64_t left = until - milliseconds();
		pid_t pid = waitpid(p->pid, status, WNOHANG);

		if (pid == p->pid || (pid == -1 && errno != EINTR))
			return true;
		if (left <= 0)
			return false;
		if (p->watch == -1 && left > STEP)
			left = STEP;
		(void)poll(&end, 1, (int)left);
	}
}

int
process_end(struct process *p, int patience, bool *killed)
{
	int status = 0;

	*killed = false;
	if (p->pid == 0)
		return 0;
	close_end(&p->input);
	close_end(&p->output);
	if (!wait_for(p, patience, &status)) {
		*killed = true;
		(void)kill(-p->pid, SIGTERM);
		if (!wait_for(p, LAST_CHANCE, &status)) {
			(void)kill(-p->pid, SIGKILL);
			while (
			    waitpid(p->pid, &status, 0) == -1 && errno == EINTR)
				;
		}
	}
	(void)kill(-p->pid, SIGTERM); /* what it left behind */
	close_end(&p->watch);
	process_init(p);
	return status;
}

void
process_describe(char *out, size_t size, int status)
{
	if (WIFSIGNALED(status))
		snprintf(out, size, "signal %d (%s)", WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	else
		snprintf(out, size, "status %d", WEXITSTATUS(status));
}
