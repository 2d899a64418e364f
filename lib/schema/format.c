#include "schema/format.h"

#include <string.h>

#include "regex/regex.h"
#include "schema/ecma.h"

static const struct {
	const char *name;
	format_test *test;
} formats[] = {
    {"date-time", format_date_time},
    {"date", format_date},
    {"time", format_time},
    {"duration", format_duration},
    {"email", format_email},
    {"idn-email", format_idn_email},
    {"hostname", format_hostname},
    {"idn-hostname", format_idn_hostname},
    {"ipv4", format_ipv4},
    {"ipv6", format_ipv6},
    {"uri", format_uri},
    {"uri-reference", format_uri_reference},
    {"iri", format_iri},
    {"iri-reference", format_iri_reference},
    {"uri-template", format_uri_template},
    {"json-pointer", format_json_pointer},
    {"relative-json-pointer", format_relative_json_pointer},
    {"uuid", format_uuid},
    {"regex", format_regex},
};

format_test *
format_find(const char *name)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		if (strcmp(formats[i].name, name) == 0)
			return formats[i].test;
	return NULL;
}

bool
format_json_pointer(const char *p, size_t n)
{
	if (n > 0 && *p != '/')
		return false;
	for (size_t i = 0; i < n; i++)
		if (p[i] == '~' &&
		    (i + 1 == n || (p[i + 1] != '0' && p[i + 1] != '1')))
			return false;
	return true;
}

bool
format_relative_json_pointer(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && p[i] >= '0' && p[i] <= '9')
		i++;
	if (i == 0 || (*p == '0' && i > 1))
		return false;
	if (n - i == 1 && p[i] == '#')
		return true;
	return format_json_pointer(p + i, n - i);
}

bool
format_uuid(const char *p, size_t n)
{
	if (n != 36)
		return false;
	for (size_t i = 0; i < n; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		char c = (char)(p[i] | 0x20);

		if (dash ? p[i] != '-'
			 : !(p[i] >= '0' && p[i] <= '9') &&
			    !(c >= 'a' && c <= 'f' && p[i] > '9'))
			return false;
	}
	return true;
}

bool
format_regex(const char *p, size_t n)
{
	struct regex_flags flags = {0};
	struct buf out = {0};
	struct regex *r = NULL;
	char error[128];
	size_t at;

	if (ecma_translate(p, n, &out, &at) == NULL && !buf_failed(&out))
		r = regex_new(out.len == 0 ? "" : out.p, out.len, &flags, error,
		    sizeof(error));
	buf_release(&out);
	regex_free(r);
	return r != NULL;
}
