/*
 * library - the builtins that a program can name.
 *
 * Compiling knows of them only this: who fills the library, and how its
 * functions are called, is for the evaluator.
 */
#ifndef LANG_COMPILE_LIBRARY_H
#define LANG_COMPILE_LIBRARY_H

#include <stddef.h>
#include <stdint.h>

struct builtin;

struct library {
	/* NULL where there is none of that name and number of arguments. */
	const struct builtin *(*find)(
	    const char *name, size_t len, uint32_t args);

	/* The format of @name, NULL where there is none. */
	const struct builtin *(*find_format)(const char *name, size_t len);

	/* Call take with the name of each builtin; formats aren't told. */
	void (*each)(void (*take)(void *arg, const char *name, uint32_t args),
	    void *arg);
};

#endif
