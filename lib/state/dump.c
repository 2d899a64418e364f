#include "state/dump.h"
#include "value/object.h"

void
dump_put(struct buf *out, const char *key, size_t key_len, const char *value,
    size_t value_len, const char *at, size_t at_len)
{
	buf_puts(out, "{\"key\":");
	buf_put(out, key, key_len);
	buf_puts(out, ",\"value\":");
	buf_put(out, value, value_len);
	if (at_len > 0) {
		buf_puts(out, ",\"at\":\"");
		buf_put(out, at, at_len);
		buf_putc(out, '"');
	}
	buf_puts(out, "}\n");
}

enum dump_status
dump_read(struct arena *a, const char *line, size_t len, struct dump_entry *e,
    const char **why)
{
	struct scan_error error;
	struct value v, stage;

	*why = "this is no line of state, an object of key and value";
	if (!value_parse(a, line, len, &v, &error) || !value_is_object(v))
		return DUMP_BAD;
	if (object_get(a, v, value_cstring("stage"), &stage))
		return DUMP_MARK;
	e->at = VALUE_OF(VALUE_NULL);
	(void)object_get(a, v, value_cstring("at"), &e->at);
	*why = "a line of state needs a key";
	if (!object_get(a, v, value_cstring("key"), &e->key))
		return DUMP_BAD;
	*why = "a line of state needs a value";
	return object_get(a, v, value_cstring("value"), &e->value) ? DUMP_ENTRY
								   : DUMP_BAD;
}
