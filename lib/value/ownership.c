#include "value/ownership.h"

#ifdef VALUE_CHECK_OWN

#include <sanitizer/asan_interface.h>

#include "value/value.h"

/* Sizes that the poison, which is laid in steps of 8 bytes, can cover. */
_Static_assert(sizeof(struct array) % 8 == 0, "an array's head");
_Static_assert(sizeof(struct object) % 8 == 0, "an object's head");

static void
heal_array(void *array)
{
	__asan_unpoison_memory_region(array, sizeof(struct array));
}

static void
heal_object(void *object)
{
	__asan_unpoison_memory_region(object, sizeof(struct object));
}

/* Move the head of an owned container, and poison where it was. */
struct value
ownership_given(struct arena *a, struct value v)
{
	struct value w = v;

	if (!(v.flags & VALUE_OWNED))
		return v;
	if (v.kind == VALUE_ARRAY) {
		w.array = arena_alloc(a, sizeof(*w.array));
		*w.array = *v.array;
		arena_defer(a, heal_array, v.array);
		__asan_poison_memory_region(v.array, sizeof(*v.array));
	} else if (v.kind == VALUE_OBJECT) {
		w.object = arena_alloc(a, sizeof(*w.object));
		*w.object = *v.object;
		arena_defer(a, heal_object, v.object);
		__asan_poison_memory_region(v.object, sizeof(*v.object));
	}
	return w;
}

#endif
