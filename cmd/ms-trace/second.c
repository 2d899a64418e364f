#include <errno.h>
#include <string.h>

#include "driver/control.h"
#include "second.h"

int
second_open(struct second *s, const struct settings *set, const char *path)
{
	*s = (struct second){.path = path, .open = true};
	reader_init(&s->reader, set->max_line, 0);
	if (reader_use(&s->reader, &s->block) == -1)
		return -1;
	return reader_open(&s->reader, strcmp(path, "-") == 0 ? NULL : path);
}

void
second_close(struct second *s)
{
	if (!s->open)
		return;
	reader_close(&s->reader);
	reader_block_release(&s->block);
	s->open = false;
}

/* Fill the window. */
static enum second_status
read_on(struct second *s)
{
	for (;;) {
		switch (reader_next(&s->reader, &s->text, &s->len)) {
		case READER_WINDOW:
			return SECOND_LINE;
		case READER_LONG:
			s->len = 0;
			s->line++;
			return SECOND_LONG;
		case READER_END:
			s->len = 0;
			return SECOND_END;
		case READER_FAIL:
			s->len = 0;
			return SECOND_FAIL;
		case READER_NULS:
			break; /* a hole that a crash left holds no event */
		case READER_WAIT:
			break; /* there is nothing else to do meanwhile */
		}
	}
}

static bool
is_blank(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (strchr(" \t\r", text[i]) == NULL || text[i] == '\0')
			return false;
	return true;
}

enum second_status
second_next(struct second *s, const char **line, size_t *len)
{
	enum second_status status;
	const char *end;

	for (;;) {
		while (s->len == 0) {
			status = read_on(s);
			if (status != SECOND_LINE)
				return status;
		}
		end = memchr(s->text, '\n', s->len);
		*line = s->text;
		*len = end == NULL ? s->len : (size_t)(end - s->text);
		s->len -= *len + (end != NULL);
		s->text += *len + (end != NULL);
		s->line++;
		if (s->all && *len <= s->reader.max_line)
			return SECOND_LINE;
		if (*len > 0 && (*line)[*len - 1] == '\r')
			--*len;
		if (*len > s->reader.max_line)
			return SECOND_LONG;
		if (is_blank(*line, *len))
			continue;
		if (s->controls || control_key(*line, *len) == NULL)
			return SECOND_LINE;
	}
}
