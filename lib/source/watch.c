#include "source/watch.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

static const char *
last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

void
watch_open(struct watch *w, const char *path)
{
	char folder[PATH_MAX] = ".";
	size_t n = (size_t)(last_part(path) - path);

	w->fd = -1;
	if (n >= sizeof(folder))
		return;
	if (n > 0) {
		memcpy(folder, path, n);
		folder[n] = '\0';
	}
	w->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (w->fd != -1 &&
	    inotify_add_watch(w->fd, folder,
		IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE) == -1)
		watch_close(w);
}

void
watch_close(struct watch *w)
{
	if (w->fd != -1)
		(void)close(w->fd);
	w->fd = -1;
}

static unsigned
news_of(const struct inotify_event *e, const char *name)
{
	/* A link in the same folder may be what changed. */
	if (e->len == 0 || strcmp(e->name, name) != 0)
		return WATCH_OTHER;
	if (e->mask & IN_MOVED_TO)
		return WATCH_MOVED;
	return e->mask & IN_CLOSE_WRITE ? WATCH_CLOSED : WATCH_OTHER;
}

unsigned
watch_read(struct watch *w, const char *path)
{
	_Alignas(struct inotify_event) char room[16 * 1024];
	const char *name = last_part(path);
	unsigned news = 0;
	ssize_t n;

	while (w->fd != -1 && (n = read(w->fd, room, sizeof(room))) > 0) {
		for (char *p = room; p < room + n;) {
			const struct inotify_event *e = (const void *)p;

			news |= news_of(e, name);
			p += sizeof(*e) + e->len;
		}
	}
	return news;
}
