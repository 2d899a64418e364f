/*
 * dangling - has a stage of a shell's pipeline ended, while those before it
 * go on?
 *
 * The shell waits for all of its stages, and holds the pipeline's ends open
 * until then.  A stage that waits for input doesn't notice that nobody reads
 * its output any more; but the system knows that its pipe has no reader.
 */
#ifndef ENGINE_DANGLING_H
#define ENGINE_DANGLING_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Is there a process in the group whose standard output is a pipe that no
 * process reads?  The one in hand reads as well.  False where the system
 * doesn't tell.
 */
bool dangling_output(pid_t group);

#endif
