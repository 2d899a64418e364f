/*
 * The metaschemas that the drafts publish, one file a draft: an object of
 * schemas by their URIs.  The Makefile knows that this file depends on them.
 */
#include <string.h>

#include "schema/keyword.h"

#define EMBED(name, file)                                                      \
	__asm__(".pushsection .rodata\n.globl " name ", " name "_end\n"        \
		".hidden " name ", " name "_end\n" name ":\n"                  \
		".incbin \"lib/schema/" file "\"\n" name "_end:\n"             \
		".byte 0\n"                                                    \
		".popsection\n")

EMBED("metaschema_04", "draft-04.json");
EMBED("metaschema_06", "draft-06.json");
EMBED("metaschema_07", "draft-07.json");
EMBED("metaschema_2019", "2019-09.json");
EMBED("metaschema_2020", "2020-12.json");
extern const char metaschema_04[], metaschema_04_end[];
extern const char metaschema_06[], metaschema_06_end[];
extern const char metaschema_07[], metaschema_07_end[];
extern const char metaschema_2019[], metaschema_2019_end[];
extern const char metaschema_2020[], metaschema_2020_end[];

const char *
keyword_metaschema(const char *uri, size_t *len)
{
	static const struct {
		const char *uri, *text, *end;
	} known[] = {
	    {"http://json-schema.org/draft-04/", metaschema_04,
		metaschema_04_end},
	    {"http://json-schema.org/draft-06/", metaschema_06,
		metaschema_06_end},
	    {"http://json-schema.org/draft-07/", metaschema_07,
		metaschema_07_end},
	    {"https://json-schema.org/draft/2019-09/", metaschema_2019,
		metaschema_2019_end},
	    {"https://json-schema.org/draft/2020-12/", metaschema_2020,
		metaschema_2020_end},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (strncmp(uri, known[i].uri, strlen(known[i].uri)) == 0) {
			*len = (size_t)(known[i].end - known[i].text);
			return known[i].text;
		}
	}
	return NULL;
}
