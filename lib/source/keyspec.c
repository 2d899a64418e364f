#include "source/keyspec.h"

#include <string.h>

static bool
is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	    (c >= '0' && c <= '9');
}

bool
keyspec_is_name(const char *name, size_t len)
{
	if (len == 0 || (name[0] >= '0' && name[0] <= '9'))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_name_byte(name[i]))
			return false;
	return true;
}

/* One past the closing quote of the string at p, or the end. */
static const char *
after_string(const char *p)
{
	for (p++; *p != '\0' && *p != '"'; p++)
		if (*p == '\\' && p[1] != '\0')
			p++;
	return *p == '"' ? p + 1 : p;
}

static const char *
find_equals(const char *text)
{
	const char *p = text;
	int depth = 0;

	while (*p != '\0') {
		if (*p == '"') {
			p = after_string(p);
			continue;
		}
		if (strchr("([{", *p) != NULL)
			depth++;
		else if (strchr(")]}", *p) != NULL)
			depth--;
		else if (*p == '=' && p[1] == '=')
			p++;
		else if (*p == '=' && depth == 0 &&
		    (p == text || strchr("!<>|+-*/%", p[-1]) == NULL))
			return p;
		p++;
	}
	return NULL;
}

/* The name in quotes that ends at byte n: behind a dot, or in brackets. */
static bool
quoted_column(struct keyspec *k, size_t n)
{
	bool bracket = k->path[n - 1] == ']';
	size_t end, start;

	if (bracket)
		n--;
	if (n < 3 || k->path[n - 1] != '"')
		return false;
	start = end = n - 1;
	while (start > 0 && k->path[start - 1] != '"')
		start--;
	if (start < 2 || memchr(k->path + start, '\\', end - start) != NULL ||
	    k->path[start - 2] != (bracket ? '[' : '.'))
		return false;
	k->column = k->path + start;
	k->column_len = end - start;
	return true;
}

static bool
last_name(struct keyspec *k)
{
	size_t n = k->path_len, start;

	while (n > 0 && strchr(" \t\n?", k->path[n - 1]) != NULL)
		n--;
	if (n == 0)
		return false;
	if (!is_name_byte(k->path[n - 1]))
		return quoted_column(k, n);
	start = n;
	while (start > 0 && is_name_byte(k->path[start - 1]))
		start--;
	k->column = k->path + start;
	k->column_len = n - start;
	return start > 0 && k->path[start - 1] == '.' &&
	    keyspec_is_name(k->column, k->column_len);
}

/* FROM..TO behind the equals sign. */
static bool
two_columns(struct keyspec *k)
{
	const char *dots = memmem(k->column, k->column_len, "..", 2);

	if (dots == NULL || dots == k->column || dots[2] == '\0')
		return false;
	k->to = dots + 2;
	k->to_len = strlen(k->to);
	k->column_len = (size_t)(dots - k->column);
	return true;
}

bool
keyspec_read(struct keyspec *k, const char *text, bool range)
{
	const char *equals = find_equals(text);

	*k = (struct keyspec){.path = text, .path_len = strlen(text)};
	if (equals == NULL)
		return !range && last_name(k);
	k->path_len = (size_t)(equals - text);
	k->column = equals + 1;
	k->column_len = strlen(k->column);
	return k->path_len > 0 && k->column_len > 0 &&
	    (!range || two_columns(k));
}
