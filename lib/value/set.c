/*
 * Open addressing over hashes that equal values share, however they are
 * spelled.  A hash only says where to look: value_equal() decides.
 */
#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "value/array.h"
#include "value/decimal.h"
#include "value/number.h"
#include "value/object.h"
#include "value/set.h"
#include "value/string.h"

struct set_slot {
	uint32_t at; /* the element's place + 1, or 0 */
	uint32_t tag;
};

/* Levels that are hashed; what differs only below is told apart later. */
enum { LEVELS = 16 };

/*
 * Each half moves the other twice: after one multiplication the low bits would
 * know nothing of the high ones, whatever the seed, and who chooses the numbers
 * could have them all look at one slot.
 */
static uint64_t
mix(uint64_t x)
{
	const uint64_t odd = UINT64_C(0xD6E8FEB86659FD93);

	x = (x ^ x >> 32) * odd;
	x = (x ^ x >> 32) * odd;
	return x ^ x >> 32;
}

/* May the number d, which v is by its value, be more than the double tells? */
static bool
may_say_more(struct value v, struct value number, double d)
{
	if (number.kind == VALUE_INT && fabs(d) >= 0x1p53)
		return true;
	return v.kind == VALUE_NUMBER && v.n > 1 &&
	    (v.n > 15 || !(fabs(d) > 1e-300 && fabs(d) < 1e300));
}

/*
 * Numbers that are equal exactly are equal as doubles.  But many spelled ones
 * may have the same double: one that isn't what the double is written as has
 * a hash of its own.
 */
static uint64_t
hash_number(uint64_t seed, struct value v)
{
	struct value number = value_number(v);
	double d = number.kind == VALUE_INT ? (double)number.i : number.d;
	char own[NUMBER_TEXT], text[NUMBER_TEXT];
	uint64_t bits = 0;

	if (may_say_more(v, number, d)) {
		if (v.kind == VALUE_INT)
			v = value_text(text, number_format_int(v.i, text));
		if (decimal_compare(v.text, v.n, own, number_format(d, own)) !=
		    0)
			return decimal_hash(seed, v.text, v.n);
	}
	if (d != 0 && !isnan(d)) /* -0 equals 0 */
		memcpy(&bits, &d, sizeof(bits));
	return mix(seed ^ bits);
}

static uint64_t
hash_string(struct arena *a, uint64_t seed, struct value v)
{
	v = string_decoded(a, v);
	return hash_seeded(seed, v.text, v.n);
}

static uint64_t hash_value(
    struct arena *a, uint64_t seed, struct value v, unsigned levels);

static uint64_t
hash_array(struct arena *a, uint64_t seed, struct value v, unsigned levels)
{
	uint64_t h = seed + VALUE_ARRAY;

	v = array_open(a, v);
	for (uint32_t i = 0; i < v.n; i++)
		h = mix(h + hash_value(a, seed, v.array->v[i], levels));
	return h;
}

/* The members' order doesn't count. */
static uint64_t
hash_object(struct arena *a, uint64_t seed, struct value v, unsigned levels)
{
	uint64_t h = seed + VALUE_OBJECT;
	struct member *m;
	uint32_t i = 0;

	v = object_open(a, v);
	while ((m = object_next(a, v, &i)) != NULL)
		h += mix(hash_string(a, seed, m->key) +
		    hash_value(a, ~seed, m->value, levels));
	return h;
}

static uint64_t
hash_value(struct arena *a, uint64_t seed, struct value v, unsigned levels)
{
	if (value_is_number(v))
		return hash_number(seed, v);
	if (value_is_string(v))
		return hash_string(a, seed, v);
	if (v.kind <= VALUE_TRUE)
		return mix(seed + v.kind);
	if (levels == 0)
		return seed;
	arena_recurse(a);
	return value_is_array(v) ? hash_array(a, seed, v, levels - 1)
				 : hash_object(a, seed, v, levels - 1);
}

/* The slot of an element that equals v, or the empty one where it belongs. */
static struct set_slot *
look(const struct set *s, struct value v, uint32_t *tag)
{
	uint64_t h = hash_value(s->arena, s->seed, v, LEVELS);
	uint32_t at = (uint32_t)h & s->mask;

	*tag = (uint32_t)(h >> 32);
	for (; s->slots[at].at != 0; at = (at + 1) & s->mask) {
		struct set_slot *slot = &s->slots[at];

		if (slot->tag == *tag &&
		    value_equal(s->arena, s->array.array->v[slot->at - 1], v))
			return slot;
	}
	return &s->slots[at];
}

/* nan equals nothing: it would only be in the way. */
static bool
is_nan(struct value v)
{
	return v.kind == VALUE_DOUBLE && isnan(v.d);
}

struct set
set_new(struct arena *a, struct value array)
{
	struct set s = {.arena = a, .array = array, .seed = hash_seed()};
	size_t size = 32;

	while (size < (size_t)array.n * 2)
		size *= 2;
	s.slots = arena_array(a, size, sizeof(*s.slots));
	memset(s.slots, 0, size * sizeof(*s.slots));
	s.mask = (uint32_t)(size - 1);
	for (uint32_t i = 0; i < array.n; i++) {
		struct value v = array.array->v[i];
		struct set_slot *slot;
		uint32_t tag;

		if (is_nan(v))
			continue;
		slot = look(&s, v, &tag);
		if (slot->at == 0)
			*slot = (struct set_slot){i + 1, tag};
	}
	return s;
}

int64_t
set_find(const struct set *s, struct value v)
{
	uint32_t tag;

	return is_nan(v) ? -1 : (int64_t)look(s, v, &tag)->at - 1;
}
