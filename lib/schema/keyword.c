#include "schema/keyword.h"

#include <string.h>

struct entry {
	const char *name;
	enum keyword keyword;
	uint8_t first, last; /* drafts */
	uint8_t vocabulary;
	uint8_t holds;
};

#define CORE  VOCABULARY_CORE
#define APPLY VOCABULARY_APPLICATOR
#define VALID VOCABULARY_VALIDATION
#define REST  VOCABULARY_UNEVALUATED

static const struct entry entries[] = {
    {"id", KEYWORD_ID, DRAFT_4, DRAFT_4, CORE, HOLDS_NOTHING},
    {"$id", KEYWORD_ID, DRAFT_6, DRAFT_2020, CORE, HOLDS_NOTHING},
    {"$schema", KEYWORD_SCHEMA, DRAFT_4, DRAFT_2020, CORE, HOLDS_NOTHING},
    {"$ref", KEYWORD_REF, DRAFT_4, DRAFT_2020, CORE, HOLDS_NOTHING},
    {"$anchor", KEYWORD_ANCHOR, DRAFT_2019, DRAFT_2020, CORE, HOLDS_NOTHING},
    {"$dynamicAnchor", KEYWORD_DYNAMIC_ANCHOR, DRAFT_2020, DRAFT_2020, CORE,
	HOLDS_NOTHING},
    {"$dynamicRef", KEYWORD_DYNAMIC_REF, DRAFT_2020, DRAFT_2020, CORE,
	HOLDS_NOTHING},
    {"$recursiveAnchor", KEYWORD_RECURSIVE_ANCHOR, DRAFT_2019, DRAFT_2019, CORE,
	HOLDS_NOTHING},
    {"$recursiveRef", KEYWORD_RECURSIVE_REF, DRAFT_2019, DRAFT_2019, CORE,
	HOLDS_NOTHING},
    {"$defs", KEYWORD_DEFINITIONS, DRAFT_4, DRAFT_2020, CORE, HOLDS_MAP},
    {"definitions", KEYWORD_DEFINITIONS, DRAFT_4, DRAFT_2020, CORE, HOLDS_MAP},
    {"type", KEYWORD_TYPE, DRAFT_4, DRAFT_2020, VALID, HOLDS_NOTHING},
    {"enum", KEYWORD_ENUM, DRAFT_4, DRAFT_2020, VALID, HOLDS_NOTHING},
    {"const", KEYWORD_CONST, DRAFT_6, DRAFT_2020, VALID, HOLDS_NOTHING},
    {"multipleOf", KEYWORD_MULTIPLE_OF, DRAFT_4, DRAFT_2020, VALID,
	HOLDS_NOTHING},
    {"maximum", KEYWORD_MAXIMUM, DRAFT_4, DRAFT_2020, VALID, HOLDS_NOTHING},
    {"exclusiveMaximum", KEYWORD_EXCLUSIVE_MAXIMUM, DRAFT_4, DRAFT_2020, VALID,
	HOLDS_NOTHING},
    {"minimum", KEYWORD_MINIMUM, DRAFT_4, DRAFT_2020, VALID, HOLDS_NOTHING},
    {"exclusiveMinimum", KEYWORD_EXCLUSIVE_MINIMUM, DRAFT_4, DRAFT_2020, VALID,
	HOLDS_NOTHING},
    {"maxLength", KEYWORD_MAX_LENGTH, DRAFT_4, DRAFT_2020, VALID,
	HOLDS_NOTHING},
    {"minLength", KEYWORD_MIN_LENGTH, DRAFT_4, DRAFT_2020, VALID,
	HOLDS_NOTHING},
    {"pattern", KEYWORD_PATTERN, DRAFT_4, DRAFT_2020, VALID, HOLDS_NOTHING},
    {"format", KEYWORD_FORMAT, DRAFT_4, DRAFT_2020, VOCABULARY_FORMAT,
	HOLDS_NOTHING},
    {"maxItems", KEYWORD_MAX_ITEMS, DRAFT_4, DRAFT_2020, VALID, HOLDS_NOTHING},
    {"minItems", KEYWORD_MIN_ITEMS, DRAFT_4, DRAFT_2020, VALID, HOLDS_NOTHING},
    {"uniqueItems", KEYWORD_UNIQUE_ITEMS, DRAFT_4, DRAFT_2020, VALID,
	HOLDS_NOTHING},
    {"maxContains", KEYWORD_MAX_CONTAINS, DRAFT_2019, DRAFT_2020, VALID,
	HOLDS_NOTHING},
    {"minContains", KEYWORD_MIN_CONTAINS, DRAFT_2019, DRAFT_2020, VALID,
	HOLDS_NOTHING},
    {"maxProperties", KEYWORD_MAX_PROPERTIES, DRAFT_4, DRAFT_2020, VALID,
	HOLDS_NOTHING},
    {"minProperties", KEYWORD_MIN_PROPERTIES, DRAFT_4, DRAFT_2020, VALID,
	HOLDS_NOTHING},
    {"required", KEYWORD_REQUIRED, DRAFT_4, DRAFT_2020, VALID, HOLDS_NOTHING},
    {"dependentRequired", KEYWORD_DEPENDENT_REQUIRED, DRAFT_2019, DRAFT_2020,
	VALID, HOLDS_NOTHING},
    {"dependentSchemas", KEYWORD_DEPENDENT_SCHEMAS, DRAFT_2019, DRAFT_2020,
	APPLY, HOLDS_MAP},
    {"dependencies", KEYWORD_DEPENDENCIES, DRAFT_4, DRAFT_2020, APPLY,
	HOLDS_MAP},
    {"properties", KEYWORD_PROPERTIES, DRAFT_4, DRAFT_2020, APPLY, HOLDS_MAP},
    {"patternProperties", KEYWORD_PATTERN_PROPERTIES, DRAFT_4, DRAFT_2020,
	APPLY, HOLDS_MAP},
    {"additionalProperties", KEYWORD_ADDITIONAL_PROPERTIES, DRAFT_4, DRAFT_2020,
	APPLY, HOLDS_SCHEMA},
    {"propertyNames", KEYWORD_PROPERTY_NAMES, DRAFT_6, DRAFT_2020, APPLY,
	HOLDS_SCHEMA},
    {"prefixItems", KEYWORD_PREFIX_ITEMS, DRAFT_2020, DRAFT_2020, APPLY,
	HOLDS_LIST},
    {"items", KEYWORD_ITEMS, DRAFT_4, DRAFT_2019, APPLY, HOLDS_EITHER},
    {"items", KEYWORD_ITEMS, DRAFT_2020, DRAFT_2020, APPLY, HOLDS_SCHEMA},
    {"additionalItems", KEYWORD_ADDITIONAL_ITEMS, DRAFT_4, DRAFT_2019, APPLY,
	HOLDS_SCHEMA},
    {"contains", KEYWORD_CONTAINS, DRAFT_6, DRAFT_2020, APPLY, HOLDS_SCHEMA},
    {"allOf", KEYWORD_ALL_OF, DRAFT_4, DRAFT_2020, APPLY, HOLDS_LIST},
    {"anyOf", KEYWORD_ANY_OF, DRAFT_4, DRAFT_2020, APPLY, HOLDS_LIST},
    {"oneOf", KEYWORD_ONE_OF, DRAFT_4, DRAFT_2020, APPLY, HOLDS_LIST},
    {"not", KEYWORD_NOT, DRAFT_4, DRAFT_2020, APPLY, HOLDS_SCHEMA},
    {"if", KEYWORD_IF, DRAFT_7, DRAFT_2020, APPLY, HOLDS_SCHEMA},
    {"then", KEYWORD_THEN, DRAFT_7, DRAFT_2020, APPLY, HOLDS_SCHEMA},
    {"else", KEYWORD_ELSE, DRAFT_7, DRAFT_2020, APPLY, HOLDS_SCHEMA},
    {"unevaluatedItems", KEYWORD_UNEVALUATED_ITEMS, DRAFT_2019, DRAFT_2020,
	REST, HOLDS_SCHEMA},
    {"unevaluatedProperties", KEYWORD_UNEVALUATED_PROPERTIES, DRAFT_2019,
	DRAFT_2020, REST, HOLDS_SCHEMA},
};

enum keyword
keyword_find(const struct dialect *dialect, const char *key, size_t len,
    enum holds *holds)
{
	for (size_t i = 0; i < sizeof(entries) / sizeof(*entries); i++) {
		const struct entry *e = &entries[i];

		if (strncmp(e->name, key, len) != 0 || e->name[len] != '\0' ||
		    dialect->draft < e->first || dialect->draft > e->last ||
		    (dialect->vocabularies & e->vocabulary) == 0)
			continue;
		if (holds != NULL)
			*holds = e->holds;
		return e->keyword;
	}
	return KEYWORD_UNKNOWN;
}

static const struct {
	const char *uri;
	enum draft draft;
} drafts[] = {
    {"http://json-schema.org/draft-04/schema", DRAFT_4},
    {"http://json-schema.org/draft-06/schema", DRAFT_6},
    {"http://json-schema.org/draft-07/schema", DRAFT_7},
    {"https://json-schema.org/draft/2019-09/schema", DRAFT_2019},
    {"https://json-schema.org/draft/2020-12/schema", DRAFT_2020},
};

/* People write http and https as they come. */
static const char *
behind_scheme(const char *uri)
{
	if (strncmp(uri, "http://", 7) == 0)
		return uri + 7;
	return strncmp(uri, "https://", 8) == 0 ? uri + 8 : uri;
}

int
keyword_dialect(const char *uri, struct dialect *dialect)
{
	uri = behind_scheme(uri);
	for (size_t i = 0; i < sizeof(drafts) / sizeof(*drafts); i++) {
		if (strcmp(behind_scheme(drafts[i].uri), uri) == 0) {
			*dialect =
			    (struct dialect){drafts[i].draft, VOCABULARY_ALL};
			return 0;
		}
	}
	return -1;
}

unsigned
keyword_vocabulary(const char *uri)
{
	static const struct {
		const char *uri;
		unsigned bits;
	} known[] = {
	    {"2019-09/vocab/core", CORE},
	    {"2019-09/vocab/applicator", APPLY | REST},
	    {"2019-09/vocab/validation", VALID},
	    {"2019-09/vocab/meta-data", CORE},
	    {"2019-09/vocab/format", VOCABULARY_FORMAT},
	    {"2019-09/vocab/content", CORE},
	    {"2020-12/vocab/core", CORE},
	    {"2020-12/vocab/applicator", APPLY},
	    {"2020-12/vocab/unevaluated", REST},
	    {"2020-12/vocab/validation", VALID},
	    {"2020-12/vocab/meta-data", CORE},
	    {"2020-12/vocab/format-annotation", VOCABULARY_FORMAT},
	    {"2020-12/vocab/format-assertion",
		VOCABULARY_FORMAT | VOCABULARY_ASSERT},
	    {"2020-12/vocab/content", CORE},
	};
	static const char base[] = "https://json-schema.org/draft/";

	if (strncmp(uri, base, sizeof(base) - 1) != 0)
		return 0;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(known[i].uri, uri + sizeof(base) - 1) == 0)
			return known[i].bits;
	return 0;
}
