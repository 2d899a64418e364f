/*
 * temporary - files that nobody else sees, and that end with their user.
 */
#ifndef BASE_TEMPORARY_H
#define BASE_TEMPORARY_H

/*
 * A new file without a name, to read and write, in TMPDIR or /tmp; -1 and
 * errno on failure.
 */
int temporary_file(void);

#endif
