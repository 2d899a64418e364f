#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/temporary.h"
#include "subject.h"
#include "trial.h"

bool
trial_init(struct trial *t)
{
	t->in = temporary_file();
	t->errors = t->in == -1 ? -1 : temporary_file();
	return t->errors != -1;
}

void
trial_release(struct trial *t)
{
	if (t->in != -1)
		close(t->in);
	if (t->errors != -1)
		close(t->errors);
}

static enum trial_end
stop(struct trial *t, int error)
{
	t->stopped = true;
	t->error = error;
	return TRIAL_STOPPED;
}

/* The input into its file, and nothing yet in that of the errors. */
static bool
prepare(struct trial *t, const char *input, size_t len)
{
	size_t done = 0;

	if (ftruncate(t->in, 0) == -1 || ftruncate(t->errors, 0) == -1 ||
	    lseek(t->in, 0, SEEK_SET) == -1 ||
	    lseek(t->errors, 0, SEEK_SET) == -1)
		return false;
	while (done < len) {
		ssize_t n =
		    pwrite(t->in, input + done, len - done, (off_t)done);

		if (n == -1 && errno != EINTR)
			return false;
		done += n == -1 ? 0 : (size_t)n;
	}
	return true;
}

static _Noreturn void
become(struct trial *t)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	setpgid(0, 0); /* so that all of it can be ended */
	dup2(t->in, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(t->errors, STDERR_FILENO);
	unsetenv("MS_TRAIL"); /* the books are those of the pipeline itself */
	subject_exec(t->command);
}

/* Does its standard error hold the text? */
static bool
said(struct trial *t)
{
	struct stat st;
	void *p;
	bool found;

	if (fstat(t->errors, &st) == -1 || st.st_size == 0)
		return false;
	p = mmap(
	    NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, t->errors, 0);
	if (p == MAP_FAILED)
		return false;
	found =
	    memmem(p, (size_t)st.st_size, t->match, strlen(t->match)) != NULL;
	munmap(p, (size_t)st.st_size);
	return found;
}

static enum trial_end
judge(struct trial *t, int status)
{
	bool exited = WIFEXITED(status);

	if (exited &&
	    (WEXITSTATUS(status) == 126 || WEXITSTATUS(status) == 127))
		return TRIAL_UNABLE;
	if (t->match != NULL)
		return said(t) ? TRIAL_FAILED : TRIAL_PASSED;
	if (exited && WEXITSTATUS(status) == 0)
		return TRIAL_PASSED;
	if (t->runs == 1)
		t->status = status;
	return status == t->status ? TRIAL_FAILED : TRIAL_OTHER;
}

/* Wait for its end, for so long: false where that didn't come. */
static bool
wait_for(pid_t pid, int64_t limit, int *error)
{
	/* Not every C library has a function for it. */
	struct pollfd ready = {
	    .fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN};
	int n;

	*error = 0;
	if (ready.fd == -1) {
		*error = errno;
		return false;
	}
	n = poll(&ready, 1, (int)(limit / 1000));
	if (n == -1)
		*error = errno;
	close(ready.fd);
	return n == 1;
}

enum trial_end
trial_run(struct trial *t, const char *input, size_t len)
{
	int status = 0, error;
	bool ended;
	pid_t pid;

	if (!prepare(t, input, len))
		return stop(t, errno);
	t->runs++;
	pid = fork();
	if (pid == -1)
		return stop(t, errno);
	if (pid == 0)
		become(t);
	setpgid(pid, pid); /* whoever comes first */
	ended = wait_for(pid, t->limit, &error);
	if (!ended)
		kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	if (ended)
		return judge(t, status);
	return error == 0 ? TRIAL_LATE : stop(t, error);
}
