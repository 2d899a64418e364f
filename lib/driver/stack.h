/*
 * stack - how large the stacks of all threads are.
 *
 * Programs recurse, and the evaluator allows as much as the stack of the
 * thread that it runs in.  A program must not fail by the number of threads,
 * so the main thread and the workers have the same size, which is decided in
 * this place only.
 */
#ifndef DRIVER_STACK_H
#define DRIVER_STACK_H

#include <stddef.h>

/*
 * Raise the main thread's limit where it is lower than deep programs want.
 * Gives the bytes that the main thread's stack may take from then on: the
 * size to give every other thread.
 */
size_t stack_decide(void);

/*
 * Where the stack of a thread, of so many bytes, must not grow beyond: called
 * near its start.  Room is left for what calls no further.
 */
const char *stack_end(size_t bytes);

#endif
