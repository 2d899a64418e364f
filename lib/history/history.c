#include "history/history.h"
#include "value/array.h"
#include "value/object.h"
#include "value/string.h"

bool
history_text(
    struct arena *a, struct value record, const char *name, struct value *text)
{
	if (!object_get(a, record, value_cstring(name), text) ||
	    !value_is_string(*text))
		return false;
	*text = string_decoded(a, *text);
	return true;
}

bool
history_identity(struct arena *a, struct value history, struct value *record)
{
	struct value id;

	if (history.kind == VALUE_RAW_ARRAY)
		history = array_open(a, history);
	for (size_t i = 0; i < array_length(history); i++) {
		*record = array_at(history, i);
		if (history_text(a, *record, "id", &id))
			return true;
	}
	return false;
}
