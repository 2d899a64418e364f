#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "driver/complain.h"
#include "driver/usage.h"
#include "driver/variables.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

enum { CONTENT_LIMIT = 1 << 30 };

static const char *const OPTIONS[] = {
    [VARIABLE_TEXT] = "--arg",
    [VARIABLE_JSON] = "--argjson",
    [VARIABLE_SLURPFILE] = "--slurpfile",
    [VARIABLE_RAWFILE] = "--rawfile",
};

static int
no_memory(struct settings *set, const struct command *c)
{
	set->starved = true;
	complain(c->name, "%s", strerror(ENOMEM));
	return -1;
}

int
variables_read_file(struct settings *set, struct buf *b, const char *path)
{
	ssize_t n = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	while (fd != -1 && b->len < CONTENT_LIMIT && buf_room(b, 4096)) {
		n = read(fd, b->p + b->len, b->cap - b->len - 1);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		b->len += (size_t)n;
	}
	if (buf_failed(b))
		set->starved = true;
	if (fd == -1 || n == -1 || b->len >= CONTENT_LIMIT || buf_failed(b)) {
		complain(set->command, "%s: %s", path,
		    b->len >= CONTENT_LIMIT ? "is too large" : strerror(errno));
		if (fd != -1)
			(void)close(fd);
		return -1;
	}
	(void)close(fd);
	b->p[b->len] = '\0';
	return 0;
}

static bool
is_name(const char *p)
{
	if (*p >= '0' && *p <= '9')
		return false;
	for (size_t i = 0; p[i] != '\0'; i++) {
		char c = p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(c >= '0' && c <= '9') || c == '_'))
			return false;
	}
	return *p != '\0';
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* One past the closing quote of the string at p, or n. */
static size_t
string_end(const char *p, size_t n)
{
	size_t i = 1;

	while (i < n && p[i] != '"')
		i += p[i] == '\\' ? 2 : 1;
	return i < n ? i + 1 : n;
}

/* Where the JSON text at p ends, be it well-formed or not. */
static size_t
text_end(const char *p, size_t n)
{
	size_t depth = 0, i = 0;

	while (i < n) {
		char c = p[i];

		if (c == '"') {
			i += string_end(p + i, n - i);
		} else if (c == '[' || c == '{') {
			depth++;
			i++;
			continue;
		} else if (c == ']' || c == '}') {
			depth -= depth > 0;
			i++;
		} else {
			i++;
			if (i < n && strchr(" \t\r\n[{\"", p[i]) == NULL)
				continue;
		}
		if (depth == 0)
			break;
	}
	return i;
}

/* "--slurpfile x: prices.json:3:7: expected a value" */
static int
wrong_file(const struct command *c, const char *name, const char *path,
    const char *text, size_t at, const char *reason)
{
	size_t line = 1, start = 0;

	for (size_t i = 0; i < at; i++) {
		if (text[i] == '\n') {
			line++;
			start = i + 1;
		}
	}
	complain(c->name, "--slurpfile %s: %s:%zu:%zu: %s", name, path, line,
	    at - start + 1, reason);
	return -1;
}

/* All JSON texts of a file, which need nothing between them. */
static int
slurp(struct settings *set, const struct command *c, const char *name,
    const char *path, const struct buf *content, struct value *v)
{
	struct scan_error error;
	struct value item;
	size_t at = 0, len;

	*v = array_new(&set->arena, 0);
	if (content->len >= 3 && memcmp(content->p, "\xEF\xBB\xBF", 3) == 0)
		at = 3;
	for (;; at += len) {
		const char *p = content->p + at;

		while (at < content->len && is_space(*p)) {
			p++;
			at++;
		}
		if (at == content->len)
			return 0;
		len = text_end(p, content->len - at);
		if (!value_parse(&set->arena, p, len, &item, &error))
			return wrong_file(c, name, path, content->p,
			    at + error.column - 1, error.reason);
		*v = array_push(&set->arena, *v, value_share(item));
	}
}

static int
parse(struct settings *set, const struct command *c, const char *option,
    const char *text, struct value *v)
{
	struct scan_error error;

	if (value_parse(&set->arena, text, strlen(text), v, &error))
		return 0;
	return usage_wrong(
	    c, "%s: column %zu: %s", option, error.column, error.reason);
}

static struct value
string_of(struct settings *set, const char *text, size_t len)
{
	return string_repair(
	    &set->arena, arena_copy(&set->arena, text, len), len);
}

static int
make_value(struct settings *set, const struct command *c,
    enum variable_kind kind, const char *name, const char *text,
    const struct buf *content, struct value *v)
{
	char option[64];

	if (setjmp(set->overflow) != 0)
		return no_memory(set, c);
	switch (kind) {
	case VARIABLE_TEXT:
		*v = string_of(set, text, strlen(text));
		return 0;
	case VARIABLE_JSON:
		snprintf(option, sizeof(option), "--argjson %s", name);
		return parse(set, c, option, text, v);
	case VARIABLE_RAWFILE:
		*v = string_of(set, content->p, content->len);
		return 0;
	case VARIABLE_SLURPFILE:
		break;
	}
	return slurp(set, c, name, text, content, v);
}

static int
bind(struct settings *set, const struct command *c, const char *name,
    struct value v)
{
	struct binding *more;

	for (size_t i = 0; i < set->bindings_n; i++) {
		if (strcmp(set->bindings[i].name, name) == 0)
			return 0;
	}
	more = realloc(set->bindings, (set->bindings_n + 1) * sizeof(*more));
	if (more == NULL)
		return no_memory(set, c);
	set->bindings = more;
	more[set->bindings_n++] = (struct binding){name, value_share(v)};
	return 0;
}

int
variable_set(struct settings *set, const struct command *c,
    enum variable_kind kind, const char *name, const char *text)
{
	struct buf content = {0};
	struct value v = VALUE_OF(VALUE_NULL);
	int status = 0;

	if (text == NULL)
		return usage_wrong(c, "%s needs a name and a %s", OPTIONS[kind],
		    kind < VARIABLE_SLURPFILE ? "value" : "file");
	if (!is_name(name))
		return usage_wrong(c, "'%s' can't be a variable's name", name);
	if (kind >= VARIABLE_SLURPFILE)
		status = settings_reads(set, text, "a variable's file");
	if (kind >= VARIABLE_SLURPFILE && status == 0)
		status = variables_read_file(set, &content, text);
	if (status == 0)
		status = make_value(set, c, kind, name, text, &content, &v);
	buf_release(&content);
	return status == 0 ? bind(set, c, name, v) : -1;
}

int
variable_add(
    struct settings *set, const struct command *c, const char *text, bool json)
{
	struct value v;

	if (setjmp(set->overflow) != 0)
		return no_memory(set, c);
	if (!json)
		v = string_of(set, text, strlen(text));
	else if (parse(set, c, "--jsonargs", text, &v) == -1)
		return -1;
	if (set->positional.kind == VALUE_NULL)
		set->positional = array_new(&set->arena, 0);
	set->positional =
	    array_push(&set->arena, set->positional, value_share(v));
	return 0;
}

int
variables_finish(struct settings *set, const struct command *c)
{
	if (setjmp(set->overflow) != 0)
		return no_memory(set, c);
	set->named = object_new(&set->arena, set->bindings_n);
	for (size_t i = 0; i < set->bindings_n; i++)
		set->named = object_set(&set->arena, set->named,
		    value_cstring(set->bindings[i].name),
		    set->bindings[i].value);
	set->named = value_share(set->named);
	if (set->positional.kind == VALUE_NULL)
		set->positional = array_new(&set->arena, 0);
	set->positional = value_share(set->positional);
	return 0;
}
