#include <sys/resource.h>

#include "driver/stack.h"

/* Pages of a stack are taken when they are touched: room costs nothing. */
enum {
	WANTED = 100 << 20,
	LIMIT = 1 << 30, /* where the system sets none */
	ORDINARY = 8 << 20,
	RESERVE = 64 << 10,
};

size_t
stack_decide(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_STACK, &r) == -1)
		return ORDINARY;
	if (r.rlim_cur < WANTED) {
		struct rlimit more = r;

		more.rlim_cur = r.rlim_max < WANTED ? r.rlim_max : WANTED;
		if (setrlimit(RLIMIT_STACK, &more) == 0)
			r = more;
	}
	return r.rlim_cur > LIMIT ? LIMIT : (size_t)r.rlim_cur;
}

const char *
stack_end(size_t bytes)
{
	const char *here = __builtin_frame_address(0);

	/* An eighth for what stands above: arguments, the environment. */
	return here - bytes + bytes / 8 + RESERVE;
}
