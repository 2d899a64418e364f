#include "source/mmdb.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <maxminddb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/mac.h"
#include "base/utf8.h"
#include "source/mmdb_columns.h"
#include "value/number.h"
#include "value/string.h"

struct mmdb {
	struct source source;
	const struct source_options *options;
	MMDB_s file;
	bool opened;
	struct arena arena;         /* for what follows */
	struct value origin;        /* "table":"GeoLite2-City.mmdb" */
	struct value *columns;      /* names of the chosen ones' first parts */
	struct mmdb_column *chosen; /* or NULL for all */
	size_t columns_n;
};

/* --- records as JSON ----------------------------------------------------- */

/* What is written, and what goes wrong. */
struct writing {
	struct buf *out;
	const char *error; /* or NULL */
};

/* A whole number, the byte of the highest worth first. */
static void
write_uint128(struct writing *w, const unsigned char *bytes)
{
	char text[40], *p = text + sizeof(text);
	unsigned char x[16];
	unsigned rest, left;

	memcpy(x, bytes, sizeof(x));
	do {
		rest = left = 0;
		for (int i = 0; i < 16; i++) {
			rest = rest << 8 | x[i];
			x[i] = (unsigned char)(rest / 10);
			left |= x[i];
			rest %= 10;
		}
		*--p = (char)('0' + rest);
	} while (left > 0);
	buf_put(w->out, p, (size_t)(text + sizeof(text) - p));
}

static void
write_big(struct writing *w, const MMDB_entry_data_s *d)
{
	unsigned char bytes[16];

#if MMDB_UINT128_IS_BYTE_ARRAY
	memcpy(bytes, d->uint128, sizeof(bytes));
#else
	for (int i = 0; i < 16; i++)
		bytes[i] = (unsigned char)(d->uint128 >> (120 - 8 * i));
#endif
	write_uint128(w, bytes);
}

static void
write_double(struct writing *w, double d)
{
	char text[NUMBER_TEXT];

	if (isfinite(d))
		buf_put(w->out, text, number_format(d, text));
	else
		w->error = "holds an infinite number, which JSON can't say";
}

/* A float in as few digits as say which one it is. */
static void
write_float(struct writing *w, float f)
{
	char text[32];

	for (int digits = 1; digits <= 9; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, (double)f);
		if (strtof(text, NULL) >= f && strtof(text, NULL) <= f)
			break;
	}
	write_double(w, strtod(text, NULL));
}

static void
write_text(struct writing *w, const char *text, size_t n)
{
	if (utf8_check(text, n) != n)
		w->error = "holds a text that isn't UTF-8";
	else
		value_write_string(w->out, text, n);
}

static void
write_scalar(struct writing *w, const MMDB_entry_data_s *d)
{
	switch (d->type) {
	case MMDB_DATA_TYPE_UTF8_STRING:
		write_text(w, d->utf8_string, d->data_size);
		break;
	case MMDB_DATA_TYPE_BYTES:
		buf_putc(w->out, '"');
		base64_put(w->out, (const char *)d->bytes, d->data_size);
		buf_putc(w->out, '"');
		break;
	case MMDB_DATA_TYPE_DOUBLE:
		write_double(w, d->double_value);
		break;
	case MMDB_DATA_TYPE_FLOAT:
		write_float(w, d->float_value);
		break;
	case MMDB_DATA_TYPE_UINT16:
		buf_printf(w->out, "%u", d->uint16);
		break;
	case MMDB_DATA_TYPE_UINT32:
		buf_printf(w->out, "%" PRIu32, d->uint32);
		break;
	case MMDB_DATA_TYPE_UINT64:
		buf_printf(w->out, "%" PRIu64, d->uint64);
		break;
	case MMDB_DATA_TYPE_UINT128:
		write_big(w, d);
		break;
	case MMDB_DATA_TYPE_INT32:
		buf_printf(w->out, "%d", (int)d->int32);
		break;
	case MMDB_DATA_TYPE_BOOLEAN:
		buf_puts(w->out, d->boolean ? "true" : "false");
		break;
	default:
		w->error = "holds a value of an unknown type";
	}
}

/*
 * Write the value that a list starts with, and give what follows it.  The
 * library bounds how deeply values are nested.
 */
static const MMDB_entry_data_list_s *
write_list(struct writing *w, const MMDB_entry_data_list_s *l)
{
	bool map = l->entry_data.type == MMDB_DATA_TYPE_MAP;
	uint32_t n = l->entry_data.data_size;

	if (!map && l->entry_data.type != MMDB_DATA_TYPE_ARRAY) {
		write_scalar(w, &l->entry_data);
		return l->next;
	}
	l = l->next;
	buf_putc(w->out, (char)(map ? '{' : '['));
	for (uint32_t i = 0; i < n && l != NULL && w->error == NULL; i++) {
		if (i > 0)
			buf_putc(w->out, ',');
		if (map) {
			write_scalar(w, &l->entry_data);
			buf_putc(w->out, ':');
			l = l->next;
		}
		if (l != NULL)
			l = write_list(w, l);
	}
	buf_putc(w->out, (char)(map ? '}' : ']'));
	return l;
}

static void
write_entry(struct writing *w, MMDB_entry_s *entry)
{
	MMDB_entry_data_list_s *list = NULL;
	int status = MMDB_get_entry_data_list(entry, &list);

	if (status != MMDB_SUCCESS)
		w->error = status == MMDB_OUT_OF_MEMORY_ERROR
		    ? "there is no memory for its record"
		    : "is corrupt: a record can't be read";
	else
		write_list(w, list);
	MMDB_free_entry_data_list(list);
}

/* The value at a column's path, or null. */
static void
write_leaf(struct writing *w, MMDB_entry_s *entry, const struct mmdb_column *c)
{
	MMDB_entry_data_s d;
	int status = MMDB_aget_value(entry, &d, c->path);
	MMDB_entry_s part = {.mmdb = entry->mmdb, .offset = d.offset};

	if (status == MMDB_LOOKUP_PATH_DOES_NOT_MATCH_DATA_ERROR ||
	    (status == MMDB_SUCCESS && !d.has_data))
		buf_puts(w->out, "null");
	else if (status != MMDB_SUCCESS)
		w->error = "is corrupt: a record can't be read";
	else if (d.type == MMDB_DATA_TYPE_MAP || d.type == MMDB_DATA_TYPE_ARRAY)
		write_entry(w, &part);
	else
		write_scalar(w, &d);
}

/* What the chosen columns leave of a record. */
static void
write_chosen(
    struct writing *w, MMDB_entry_s *entry, const struct mmdb_column *c)
{
	size_t at = 0;

	if (c->path != NULL) {
		write_leaf(w, entry, c);
		return;
	}
	buf_putc(w->out, (char)(c->numbered ? '[' : '{'));
	for (const struct mmdb_column *p = c->part; p != NULL; p = p->next) {
		if (p != c->part)
			buf_putc(w->out, ',');
		for (; c->numbered && at < p->index; at++)
			buf_puts(w->out, "null,");
		at++;
		if (!c->numbered) {
			value_write_string(w->out, p->name, strlen(p->name));
			buf_putc(w->out, ':');
		}
		write_chosen(w, entry, p);
	}
	buf_putc(w->out, (char)(c->numbered ? ']' : '}'));
}

/* --- look-ups ------------------------------------------------------------ */

/* The address that a key is; false where it is none. */
static bool
read_address(struct arena *a, struct value key, struct sockaddr_storage *s)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)s;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)s;
	char text[INET6_ADDRSTRLEN];

	if (!value_is_string(key))
		return false;
	key = string_decoded(a, key);
	if (key.n >= sizeof(text) || memchr(key.text, '\0', key.n) != NULL)
		return false;
	memcpy(text, key.text, key.n);
	text[key.n] = '\0';
	memset(s, 0, sizeof(*s));
	s->ss_family = AF_INET;
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1)
		return true;
	s->ss_family = AF_INET6;
	if (inet_pton(AF_INET6, text, &v6->sin6_addr) != 1)
		return false;
	if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
		struct in_addr v4_address;

		memcpy(&v4_address, v6->sin6_addr.s6_addr + 12, 4);
		memset(s, 0, sizeof(*s));
		s->ss_family = AF_INET;
		v4->sin_addr = v4_address;
	}
	return true;
}

static enum source_status
broken(struct source_rows *rows, const char *why)
{
	rows->error = why;
	return SOURCE_BROKEN;
}

/* Write a record in the arena, and make a row of it. */
static enum source_status
give(const struct mmdb *m, struct arena *a, MMDB_entry_s *entry,
    struct source_rows *rows)
{
	struct arena_deferred *release;
	struct writing w = {.out = buf_new(a, &release)};
	struct scan_error error;
	char *hash = arena_alloc(a, SOURCE_HASH);

	if (m->chosen != NULL)
		write_chosen(&w, entry, m->chosen);
	else
		write_entry(&w, entry);
	if (!buf_fits(w.out))
		arena_exceed(a);
	if (w.error != NULL)
		return broken(rows, w.error);
	mac_sha256_hex(hash, SOURCE_HASH, w.out->p, w.out->len);
	rows->row = &rows->first;
	rows->n = 1;
	rows->first = (struct source_row){.hash = hash};
	if (!value_parse(a, w.out->p, w.out->len, &rows->first.value, &error))
		return broken(rows, "is corrupt: a record is no value");
	arena_end(a, release);
	return SOURCE_FOUND;
}

static enum source_status
mmdb_find(const struct source *s, struct arena *a, const struct source_query *q,
    struct source_rows *rows)
{
	const struct mmdb *m = (const struct mmdb *)s;
	struct sockaddr_storage address;
	MMDB_lookup_result_s found;
	int status;

	if (!read_address(a, q->keys[0], &address))
		return SOURCE_MISS;
	found = MMDB_lookup_sockaddr(
	    &m->file, (const struct sockaddr *)&address, &status);
	if (status == MMDB_IPV6_LOOKUP_IN_IPV4_DATABASE_ERROR)
		return SOURCE_MISS;
	if (status != MMDB_SUCCESS)
		return broken(rows, "is corrupt in its tree of networks");
	return found.found_entry ? give(m, a, &found.entry, rows) : SOURCE_MISS;
}

static const struct value *
mmdb_columns(const struct source *s, size_t *n)
{
	const struct mmdb *m = (const struct mmdb *)s;

	*n = m->columns_n;
	return m->columns;
}

static struct value
mmdb_origin(const struct source *s)
{
	return ((const struct mmdb *)s)->origin;
}

static void
mmdb_close(struct source *s)
{
	struct mmdb *m = (struct mmdb *)s;

	if (m->opened)
		MMDB_close(&m->file);
	arena_release(&m->arena);
	free(m);
}

static const struct source_kind mmdb_source = {
    .find = mmdb_find,
    .columns = mmdb_columns,
    .origin = mmdb_origin,
    .close = mmdb_close,
};

/* --- the file ------------------------------------------------------------ */

/* Read which columns are chosen; false, and error. */
static bool
choose(struct mmdb *m, struct source_error *error)
{
	struct arena *a = &m->arena;

	if (m->options->columns == NULL)
		return true;
	m->chosen = mmdb_columns_read(a, m->options->columns);
	if (m->chosen == NULL) {
		snprintf(error->text, sizeof(error->text),
		    "--columns %.100s: a name of a column is empty",
		    m->options->columns);
		error->usage = true;
		return false;
	}
	for (struct mmdb_column *c = m->chosen->part; c != NULL; c = c->next)
		m->columns_n++;
	m->columns = arena_array(a, m->columns_n, sizeof(*m->columns));
	m->columns_n = 0;
	for (struct mmdb_column *c = m->chosen->part; c != NULL; c = c->next)
		m->columns[m->columns_n++] = value_cstring(c->name);
	return true;
}

/* Keep what records say of it. */
static bool
describe(struct mmdb *m, struct source_error *error)
{
	struct arena *a = &m->arena;
	const char *file = m->options->name;
	struct buf b = {0};
	struct value name;
	jmp_buf overflow;
	volatile bool done = false;

	a->overflow = &overflow;
	if (setjmp(overflow) == 0) {
		name = string_repair(a, file, strlen(file));
		buf_puts(&b, "\"table\":");
		value_write_string(&b, name.text, name.n);
		if (!buf_failed(&b)) {
			m->origin =
			    value_text(arena_copy(a, b.p, b.len), b.len);
			done = choose(m, error);
		}
	}
	a->overflow = NULL;
	buf_release(&b);
	return done;
}

/* A file in memory that holds the bytes, or -1. */
static int
memory_file(const struct buf *bytes)
{
	int fd = memfd_create("mmdb", MFD_CLOEXEC);
	size_t at = 0;
	ssize_t n = 1;

	while (fd != -1 && at < bytes->len && n > 0) {
		n = write(fd, bytes->p + at, bytes->len - at);
		at += n > 0 ? (size_t)n : 0;
	}
	if (fd == -1 || at == bytes->len)
		return fd;
	(void)close(fd);
	return -1;
}

static const char *
reason(int status)
{
	switch (status) {
	case MMDB_OUT_OF_MEMORY_ERROR:
		return "out of memory";
	case MMDB_UNKNOWN_DATABASE_FORMAT_ERROR:
		return "is a MaxMind database of a format that isn't known";
	case MMDB_INVALID_METADATA_ERROR:
		return "is no MaxMind database, or it is cut short: the "
		       "metadata at its end is missing";
	default:
		return "is no MaxMind database, or it is corrupt or cut short";
	}
}

/* Open the bytes as a database; false, and error. */
static bool
open_bytes(struct mmdb *m, const struct buf *bytes, struct source_error *error)
{
	int fd = memory_file(bytes), status;
	char path[40];

	if (fd == -1) {
		snprintf(
		    error->text, sizeof(error->text), "%s", strerror(errno));
		return false;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	status = MMDB_open(path, MMDB_MODE_MMAP, &m->file);
	(void)close(fd);
	m->opened = status == MMDB_SUCCESS;
	if (!m->opened)
		snprintf(error->text, sizeof(error->text), "%s",
		    bytes->len == 0 ? "is empty" : reason(status));
	return m->opened;
}

struct source *
mmdb_of_bytes(const struct source_options *o, struct buf *bytes,
    struct source_error *error)
{
	struct mmdb *m = calloc(1, sizeof(*m));

	*error = (struct source_error){.text = "out of memory"};
	if (m != NULL) {
		m->source.kind = &mmdb_source;
		m->options = o;
		arena_init(&m->arena, SIZE_MAX / 2);
	}
	if (m != NULL &&
	    (!open_bytes(m, bytes, error) || !describe(m, error))) {
		mmdb_close(&m->source);
		m = NULL;
	}
	buf_release(bytes);
	return m == NULL ? NULL : &m->source;
}
