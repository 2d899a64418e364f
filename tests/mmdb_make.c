/*
 * Make a MaxMind database (format 2.0) of lines on standard input, each a
 * network and the JSON of its record, as in
 *
 *	192.0.2.0/24 {"country":{"iso_code":"ZZ"}}
 *
 * Later lines win where networks meet.  What JSON has no type for is said by
 * {"$float":1.5}, {"$uint16":1}, {"$uint32":1}, and in hexadecimal digits
 * {"$uint128":"0102..."} and {"$bytes":"00ff"}; a whole number is an int32
 * where it is negative, else a uint64.  With -4 the tree is one of IPv4
 * addresses.
 */
#include <arpa/inet.h>
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

enum { NONE = 0, SIZE_LIMIT = 29 };

struct node {
	uint32_t child[2]; /* number of a node, or NONE */
	size_t record[2];  /* offset of a record from 1, or 0 */
};

struct maker {
	struct node *node;
	uint32_t n;
	struct buf data;
	unsigned bits; /* of an address */
};

static _Noreturn void
fail(const char *what, const char *text)
{
	fprintf(stderr, "mmdb_make: %s: %s\n", what, text);
	exit(1);
}

/* A type of the format, and the size of its payload. */
static void
put_control(struct buf *b, unsigned type, size_t size)
{
	unsigned low = size < SIZE_LIMIT ? (unsigned)size
	    : size < SIZE_LIMIT + 256    ? 29
					 : 30;

	buf_putc(b, (char)((type < 8 ? type << 5 : 0) | low));
	if (type >= 8)
		buf_putc(b, (char)(type - 7));
	if (low == 29) {
		buf_putc(b, (char)(size - SIZE_LIMIT));
	} else if (low == 30) {
		buf_putc(b, (char)((size - 285) >> 8));
		buf_putc(b, (char)(size - 285));
	}
}

/* An unsigned number without its leading zeros. */
static void
put_number(struct buf *b, unsigned type, uint64_t x)
{
	size_t n = 0;

	while (n < 8 && x >> (8 * n) > 0)
		n++;
	put_control(b, type, n);
	while (n-- > 0)
		buf_putc(b, (char)(x >> (8 * n)));
}

static void
put_string(struct buf *b, const char *text, size_t len)
{
	put_control(b, 2, len);
	buf_put(b, text, len);
}

static void
put_hex(struct buf *b, unsigned type, const char *digits)
{
	put_control(b, type, strlen(digits) / 2);
	for (; *digits != '\0'; digits += 2) {
		char pair[3] = {digits[0], digits[1], '\0'};

		buf_putc(b, (char)strtoul(pair, NULL, 16));
	}
}

static void
put_real(struct buf *b, double d, bool single)
{
	float f = (float)d;
	uint64_t bits = 0;
	uint32_t half;
	int n = single ? 4 : 8;

	if (single) {
		memcpy(&half, &f, sizeof(half));
		bits = half;
	} else {
		memcpy(&bits, &d, sizeof(bits));
	}
	put_control(b, single ? 15 : 3, (size_t)n);
	while (n-- > 0)
		buf_putc(b, (char)(bits >> (8 * n)));
}

/* A type that JSON doesn't have; false where it is an ordinary object. */
static bool
put_special(struct buf *b, json_t *v)
{
	json_t *x;

	if ((x = json_object_get(v, "$float")) != NULL)
		put_real(b, json_number_value(x), true);
	else if ((x = json_object_get(v, "$uint128")) != NULL)
		put_hex(b, 10, json_string_value(x));
	else if ((x = json_object_get(v, "$uint16")) != NULL)
		put_number(b, 5, (uint64_t)json_integer_value(x));
	else if ((x = json_object_get(v, "$uint32")) != NULL)
		put_number(b, 6, (uint64_t)json_integer_value(x));
	else if ((x = json_object_get(v, "$bytes")) != NULL)
		put_hex(b, 4, json_string_value(x));
	return x != NULL;
}

static void
put_value(struct buf *b, json_t *v)
{
	const char *key;
	json_t *x;
	size_t i;

	if (json_is_object(v) && put_special(b, v))
		return;
	switch (json_typeof(v)) {
	case JSON_OBJECT:
		put_control(b, 7, json_object_size(v));
		json_object_foreach(v, key, x)
		{
			put_string(b, key, strlen(key));
			put_value(b, x);
		}
		break;
	case JSON_ARRAY:
		put_control(b, 11, json_array_size(v));
		json_array_foreach(v, i, x) put_value(b, x);
		break;
	case JSON_STRING:
		put_string(b, json_string_value(v), json_string_length(v));
		break;
	case JSON_INTEGER:
		if (json_integer_value(v) >= 0)
			put_number(b, 9, (uint64_t)json_integer_value(v));
		else
			put_number(
			    b, 8, (uint32_t)(int32_t)json_integer_value(v));
		break;
	case JSON_REAL:
		put_real(b, json_real_value(v), false);
		break;
	default:
		put_control(b, 14, json_is_true(v));
	}
}

static uint32_t
new_node(struct maker *m, size_t record)
{
	m->node = realloc(m->node, (m->n + 1) * sizeof(*m->node));
	if (m->node == NULL)
		fail("memory", "there is none");
	m->node[m->n] = (struct node){.record = {record, record}};
	return m->n++;
}

/* From now on a record is that of the addresses with these leading bits. */
static void
insert(struct maker *m, const uint8_t *address, unsigned bits, size_t record)
{
	uint32_t at = 0;

	for (unsigned i = 0; i < bits; i++) {
		unsigned side = address[i / 8] >> (7 - i % 8) & 1;

		if (i + 1 == bits) {
			m->node[at].child[side] = NONE;
			m->node[at].record[side] = record;
			return;
		}
		if (m->node[at].child[side] == NONE) {
			uint32_t made = new_node(m, m->node[at].record[side]);

			m->node[at].child[side] = made;
		}
		at = m->node[at].child[side];
	}
}

static void
add_line(struct maker *m, char *line)
{
	char *space = strchr(line, ' '), *slash = strchr(line, '/');
	uint8_t address[16] = {0};
	unsigned bits, before = 0;
	json_error_t error;
	json_t *v;

	if (space == NULL || slash == NULL || slash > space)
		fail("not NETWORK JSON", line);
	*slash = '\0';
	bits = (unsigned)strtoul(slash + 1, NULL, 10);
	if (strchr(line, ':') == NULL && m->bits == 128)
		before = 96;
	if (inet_pton(before > 0 || m->bits == 32 ? AF_INET : AF_INET6, line,
		address + before / 8) != 1)
		fail("no address", line);
	v = json_loads(space + 1, JSON_DECODE_ANY, &error);
	if (v == NULL)
		fail(error.text, space + 1);
	insert(m, address, before + bits, m->data.len + 1);
	put_value(&m->data, v);
	json_decref(v);
}

/* A record of 32 bits: a node, none, or a place in the data. */
static void
put_record(const struct maker *m, struct buf *b, const struct node *n, int side)
{
	uint32_t x = m->n;

	if (n->child[side] != NONE)
		x = n->child[side];
	else if (n->record[side] > 0)
		x = m->n + 16 + (uint32_t)(n->record[side] - 1);
	for (int i = 24; i >= 0; i -= 8)
		buf_putc(b, (char)(x >> i));
}

static void
put_metadata(const struct maker *m, struct buf *b)
{
	json_t *v = json_pack("{s{sI} s{sI} s{sI} ss s[] s{sI} s{sI} sI s{}}",
	    "node_count", "$uint32", (json_int_t)m->n, "record_size", "$uint16",
	    (json_int_t)32, "ip_version", "$uint16",
	    (json_int_t)(m->bits == 32 ? 4 : 6), "database_type", "Test",
	    "languages", "binary_format_major_version", "$uint16",
	    (json_int_t)2, "binary_format_minor_version", "$uint16",
	    (json_int_t)0, "build_epoch", (json_int_t)1700000000,
	    "description");

	if (v == NULL)
		fail("metadata", "can't be made");
	buf_puts(b, "\xAB\xCD\xEFMaxMind.com");
	put_value(b, v);
	json_decref(v);
}

int
main(int argc, char **argv)
{
	struct maker m = {.bits = 128};
	struct buf out = {0};
	char line[64 * 1024];

	if (argc > 1 && strcmp(argv[1], "-4") == 0)
		m.bits = 32;
	new_node(&m, 0);
	while (fgets(line, sizeof(line), stdin) != NULL)
		add_line(&m, line);
	for (uint32_t i = 0; i < m.n; i++) {
		put_record(&m, &out, &m.node[i], 0);
		put_record(&m, &out, &m.node[i], 1);
	}
	for (int i = 0; i < 16; i++)
		buf_putc(&out, '\0');
	buf_put(&out, m.data.p, m.data.len);
	put_metadata(&m, &out);
	if (buf_failed(&out) || fwrite(out.p, 1, out.len, stdout) != out.len ||
	    fflush(stdout) != 0)
		fail("standard output", "can't be written");
	buf_release(&out);
	buf_release(&m.data);
	free(m.node);
	return 0;
}
