/*
 * pretty - a value on lines of its own, indented and coloured for people.
 *
 * Nothing is left out or cut, and numbers and strings keep their spelling, so
 * that it still is the same JSON.
 */
#ifndef RENDER_PRETTY_H
#define RENDER_PRETTY_H

#include "render/show.h"
#include "value/value.h"

/* Append the value and a newline; s has lines of any width. */
void pretty_write(struct show *s, struct value v);

#endif
