/*
 * format - what the names of JSON Schema's format keyword ask of a string.
 *
 * date-time, date, time and duration are RFC 3339's; email and hostname RFC
 * 5321's and 1123's, the idn- ones with RFC 5890's names; ipv4, ipv6; uri,
 * uri-reference, iri, iri-reference are RFC 3986's and 3987's, uri-template
 * RFC 6570's; json-pointer, relative-json-pointer, uuid, and regex.
 */
#ifndef SCHEMA_FORMAT_H
#define SCHEMA_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

/* Does the text, which is UTF-8, have the format? */
typedef bool format_test(const char *text, size_t len);

/* NULL for a name that isn't known: it then asks for nothing. */
format_test *format_find(const char *name);

/* Each by itself. */
format_test format_date_time, format_date, format_time, format_duration;
format_test format_email, format_idn_email, format_hostname;
format_test format_idn_hostname, format_ipv4, format_ipv6;
format_test format_uri, format_uri_reference, format_iri;
format_test format_iri_reference, format_uri_template;
format_test format_json_pointer, format_relative_json_pointer;
format_test format_uuid, format_regex;

#endif
