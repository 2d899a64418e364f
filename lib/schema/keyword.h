/*
 * keyword - the keywords of JSON Schema: which drafts and vocabularies have
 * them, and where schemas stand in them.
 */
#ifndef SCHEMA_KEYWORD_H
#define SCHEMA_KEYWORD_H

#include <stddef.h>
#include <stdint.h>

enum draft { DRAFT_4, DRAFT_6, DRAFT_7, DRAFT_2019, DRAFT_2020 };

enum vocabulary {
	VOCABULARY_CORE = 1,
	VOCABULARY_APPLICATOR = 2,
	VOCABULARY_UNEVALUATED = 4,
	VOCABULARY_VALIDATION = 8,
	VOCABULARY_FORMAT = 16,
	VOCABULARY_ALL = 31,
	VOCABULARY_ASSERT = 32, /* format asserts */
};

/* What the schemas of a resource are written in. */
struct dialect {
	enum draft draft;
	unsigned vocabularies;
};

enum keyword {
	KEYWORD_UNKNOWN,
	KEYWORD_ID,
	KEYWORD_SCHEMA,
	KEYWORD_REF,
	KEYWORD_ANCHOR,
	KEYWORD_DYNAMIC_ANCHOR,
	KEYWORD_DYNAMIC_REF,
	KEYWORD_RECURSIVE_ANCHOR,
	KEYWORD_RECURSIVE_REF,
	KEYWORD_DEFINITIONS,
	KEYWORD_TYPE,
	KEYWORD_ENUM,
	KEYWORD_CONST,
	KEYWORD_MULTIPLE_OF,
	KEYWORD_MAXIMUM,
	KEYWORD_EXCLUSIVE_MAXIMUM,
	KEYWORD_MINIMUM,
	KEYWORD_EXCLUSIVE_MINIMUM,
	KEYWORD_MAX_LENGTH,
	KEYWORD_MIN_LENGTH,
	KEYWORD_PATTERN,
	KEYWORD_FORMAT,
	KEYWORD_MAX_ITEMS,
	KEYWORD_MIN_ITEMS,
	KEYWORD_UNIQUE_ITEMS,
	KEYWORD_MAX_CONTAINS,
	KEYWORD_MIN_CONTAINS,
	KEYWORD_MAX_PROPERTIES,
	KEYWORD_MIN_PROPERTIES,
	KEYWORD_REQUIRED,
	KEYWORD_DEPENDENT_REQUIRED,
	KEYWORD_DEPENDENT_SCHEMAS,
	KEYWORD_DEPENDENCIES,
	KEYWORD_PROPERTIES,
	KEYWORD_PATTERN_PROPERTIES,
	KEYWORD_ADDITIONAL_PROPERTIES,
	KEYWORD_PROPERTY_NAMES,
	KEYWORD_PREFIX_ITEMS,
	KEYWORD_ITEMS,
	KEYWORD_ADDITIONAL_ITEMS,
	KEYWORD_CONTAINS,
	KEYWORD_ALL_OF,
	KEYWORD_ANY_OF,
	KEYWORD_ONE_OF,
	KEYWORD_NOT,
	KEYWORD_IF,
	KEYWORD_THEN,
	KEYWORD_ELSE,
	KEYWORD_UNEVALUATED_ITEMS,
	KEYWORD_UNEVALUATED_PROPERTIES,
};

/* Where schemas stand in a keyword's value. */
enum holds {
	HOLDS_NOTHING,
	HOLDS_SCHEMA,
	HOLDS_LIST,
	HOLDS_MAP,
	HOLDS_EITHER, /* a schema, or a list of them */
};

/* What a key means in a dialect; *holds may be NULL. */
enum keyword keyword_find(const struct dialect *dialect, const char *key,
    size_t len, enum holds *holds);

/* The dialect of a $schema that is built in, without its #; -1 for others. */
int keyword_dialect(const char *uri, struct dialect *dialect);

/* The bits of a vocabulary's URI, 0 where it isn't known. */
unsigned keyword_vocabulary(const char *uri);

/* The text of a metaschema that is built in, or NULL. */
const char *keyword_metaschema(const char *uri, size_t *len);

#endif
