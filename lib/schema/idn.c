#include "schema/idn.h"

#include <idn2.h>
#include <string.h>

enum { LABEL_BYTES = 256 }; /* more than 63 characters can have */

/* The label's other form is asked for only to see that there is one. */
static bool
registers(const char *p, size_t n, bool unicode)
{
	char label[LABEL_BYTES];
	char *other = NULL;
	int rc;

	if (n >= sizeof(label) || memchr(p, '\0', n) != NULL)
		return false;
	for (size_t i = 0; i < n; i++)
		label[i] = !unicode && p[i] >= 'A' && p[i] <= 'Z'
		    ? (char)(p[i] | 0x20)
		    : p[i];
	label[n] = '\0';
	rc = idn2_register_u8(unicode ? (const uint8_t *)label : NULL,
	    unicode ? NULL : (const uint8_t *)label, (uint8_t **)&other, 0);
	idn2_free(other);
	return rc == IDN2_OK;
}

bool
idn_is_u_label(const char *p, size_t n)
{
	return registers(p, n, true);
}

bool
idn_is_a_label(const char *p, size_t n)
{
	return registers(p, n, false);
}
