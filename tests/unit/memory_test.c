/*
 * The ground: arenas, buffers, and the account that they share.
 */
#include "unit.h"

static void
starts_empty(struct arena *a)
{
	CHECK(a->account.held == 0);
	CHECK(arena_alloc(a, 0) != NULL);
	CHECK(arena_alloc(a, 0) != NULL);
}

static void
aligns(struct arena *a)
{
	for (size_t n = 0; n < 100; n++) {
		char *p = arena_alloc(a, n);

		CHECK((uintptr_t)p % 16 == 0);
		memset(p, 'x', n);
	}
}

static void
crosses_blocks(struct arena *a)
{
	char *p[100];

	for (size_t i = 0; i < LENGTH(p); i++)
		p[i] = memset(arena_alloc(a, 5000), (int)i, 5000);
	for (size_t i = 0; i < LENGTH(p); i++)
		CHECK(p[i][0] == (char)i && p[i][4999] == (char)i);
}

static void
keeps_a_block(struct arena *a)
{
	size_t one;

	arena_alloc(a, 1);
	one = a->account.held;
	arena_alloc(a, 1000000);
	CHECK(a->account.held > 1000000);
	arena_reset(a);
	CHECK(a->account.held == one);
	arena_release(a);
	CHECK(a->account.held == 0);
}

/* Does the arena overflow when so much is asked of it? */
static bool
overflows(struct arena *a, size_t n, size_t size)
{
	jmp_buf *outer = a->overflow, overflow;
	volatile bool did = true;

	a->overflow = &overflow;
	if (setjmp(overflow) == 0) {
		arena_array(a, n, size);
		did = false;
	}
	a->overflow = outer;
	return did;
}

static void
holds_its_limit(struct arena *a)
{
	struct arena small;

	(void)a;
	arena_init(&small, 1000000);
	CHECK(!overflows(&small, 1, 900000));
	CHECK(overflows(&small, 1, 200000));
	CHECK(!small.account.starved);
	CHECK(small.account.held <= 1000000);
	CHECK(overflows(&small, SIZE_MAX / 2, 4)); /* the product */
	CHECK(overflows(&small, SIZE_MAX, 1));
	arena_release(&small);
}

/* Something that isn't arena memory, and writes its letter when it ends. */
struct owned {
	char letter;
	char **log;
};

static void
end_owned(void *arg)
{
	struct owned *o = arg;

	*(*o->log)++ = o->letter;
}

static void
count_end(void *arg)
{
	++*(volatile size_t *)arg;
}

static struct arena_deferred *
own(struct arena *a, char letter, char **log)
{
	struct owned *o = arena_alloc(a, sizeof(*o));

	*o = (struct owned){letter, log};
	return arena_defer(a, end_owned, o);
}

static void
ends_what_is_deferred(struct arena *a)
{
	char text[8] = "", *log = text;
	struct arena_deferred *b;

	own(a, 'a', &log);
	b = own(a, 'b', &log);
	own(a, 'c', &log);
	arena_end(a, b);
	CHECK(strcmp(text, "b") == 0);
	arena_reset(a);
	CHECK(strcmp(text, "bca") == 0); /* the last one first, each once */
	arena_reset(a);
	CHECK(strcmp(text, "bca") == 0);
}

static void
ends_at_once_without_room(struct arena *a)
{
	struct arena small;
	jmp_buf overflow;
	struct counted {
		volatile size_t begun, ended;
	} n = {0};

	(void)a;
	arena_init(&small, 1000);
	small.overflow = &overflow;
	if (setjmp(overflow) == 0) {
		for (;;) {
			n.begun++;
			arena_defer(&small, count_end, (void *)&n.ended);
		}
	}
	CHECK(n.begun > 1);
	CHECK(n.ended == 1); /* the one that found no room */
	arena_release(&small);
	CHECK(n.ended == n.begun);
}

static void
buffer_grows(struct arena *a)
{
	struct buf b = {0};

	(void)a;
	for (int i = 0; i < 1000; i++)
		buf_printf(&b, "%d,", i % 10);
	buf_put(&b, "", 0);
	CHECK(b.len == 2000 && memcmp(b.p + 1990, "5,6,7,8,9,", 10) == 0);
	buf_release(&b);
	CHECK(b.p == NULL && b.cap == 0);
}

static void
failed_buffer_takes_nothing(struct arena *a)
{
	struct buf b = {0};

	(void)a;
	buf_puts(&b, "whole\n");
	CHECK(!buf_room(&b, SIZE_MAX));
	CHECK(buf_failed(&b));
	buf_putc(&b, 'x'); /* though there would be room */
	buf_puts(&b, "x");
	buf_printf(&b, "%d", 1);
	CHECK(b.len == 6);
	buf_back(&b, 6);
	CHECK(!buf_failed(&b));
	buf_puts(&b, "again\n");
	CHECK(b.len == 12 && memcmp(b.p, "whole\nagain\n", 12) == 0);
	buf_release(&b);
}

static void
fixed_buffer_takes_what_fits(struct arena *a)
{
	char room[8];
	struct buf b = BUF_FIXED(room);

	(void)a;
	buf_puts(&b, "123456");
	buf_puts(&b, "789");
	buf_puts(&b, "78");
	CHECK(b.len == 8 && memcmp(room, "12345678", 8) == 0);
}

/* Put n bytes into b. */
static void
fill(struct buf *b, size_t n)
{
	for (size_t i = 0; i < n; i += 1000) {
		if (buf_room(b, 1000))
			b->len += 1000;
	}
}

static void
one_account_for_both(struct arena *a)
{
	struct account *account = &a->account;
	struct arena_deferred *release;
	struct buf *b = buf_new(a, &release);

	account->limit = 3000000;
	fill(b, 1000000);
	CHECK(account->held > 1000000);
	CHECK(!overflows(a, 1, 500000));
	CHECK(overflows(a, 1, 2000000)); /* the buffer holds some of it */
	fill(b, 5000000);
	CHECK(buf_failed(b));
	CHECK(account->held <= 3000000);
	arena_end(a, release);
	CHECK(account->held < 1000000);
}

static void
grows_seldom(struct arena *a)
{
	struct buf b = {0};
	size_t cap = 0, times = 0;

	a->account.limit = 1000000;
	buf_charge(&b, &a->account);
	while (!buf_failed(&b)) {
		buf_putc(&b, 'x');
		times += b.cap != cap;
		cap = b.cap;
	}
	CHECK(b.len > 900000);
	CHECK(times < 60);
	buf_release(&b);
}

static void
charges_what_is_new(struct arena *a)
{
	struct buf b = {0};

	fill(&b, 1000000);
	a->account.limit = 500000;
	buf_charge(&b, &a->account);
	fill(&b, 400000);
	CHECK(buf_fits(&b));
	fill(&b, 400000);
	CHECK(!buf_fits(&b));
	buf_settle(&b);
	CHECK(a->account.held == 0);
	buf_release(&b);
}

static const struct unit_test tests[] = {
    {"a fresh arena holds nothing, and gives no NULL", starts_empty},
    {"what an arena gives is aligned for any object", aligns},
    {"an allocation is never torn between two blocks", crosses_blocks},
    {"a reset keeps one ordinary block, a release none", keeps_a_block},
    {"an arena overflows at its limit", holds_its_limit},
    {"what was deferred ends once, the last one first", ends_what_is_deferred},
    {"what can't be deferred ends at once", ends_at_once_without_room},
    {"a buffer grows as it is put to", buffer_grows},
    {"a buffer that failed takes nothing more", failed_buffer_takes_nothing},
    {"a buffer in an array never grows", fixed_buffer_takes_what_fits},
    {"an arena and its buffers share one limit", one_account_for_both},
    {"near its limit a buffer doesn't grow with each byte", grows_seldom},
    {"a buffer is charged for what comes, not for what was",
	charges_what_is_new},
};

int
main(void)
{
	return unit_run(tests, LENGTH(tests));
}
