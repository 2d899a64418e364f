/*
 * x86 - what files for one kind of x86-64 share.
 *
 * Only the functions of such a file may use its instructions; the
 * two compilers say so in two ways.  TARGET_BEGIN stands behind the
 * includes, and TARGET_END at the file's end.
 */
#ifndef BASE_X86_H
#define BASE_X86_H

#include <immintrin.h>

#define PRAGMA(text) _Pragma(#text)

#if defined(__clang__)
#define TARGET_BEGIN(features)                                                 \
	PRAGMA(clang attribute push(                                           \
	    __attribute__((target(features))), apply_to = function))
#define TARGET_END PRAGMA(clang attribute pop)
#else
#define TARGET_BEGIN(features)                                                 \
	PRAGMA(GCC push_options) PRAGMA(GCC target(features))
#define TARGET_END PRAGMA(GCC pop_options)
#endif

#endif
