/*
 * live - a table that follows its file.
 *
 * A file that is replaced by another is read whole, beside the old version,
 * and takes its place in one step between two events; so is one that was
 * overwritten, once its writer closed it or nothing came for a second.  What
 * is appended, or comes through a FIFO, is taken row by row with its
 * newline: each row takes the place of those with its key, and with
 * "_deleted":true takes them back.
 *
 * A version is a list of tables that never change, newer ones first to be
 * asked; what is appended makes a small one, and small ones are joined as
 * they grow.  A thread holds the version that it sees until its next event,
 * so whatever a row's value is used for, it lasts.
 *
 * A thread of its own watches the file, by inotify and once a second.
 */
#ifndef SOURCE_LIVE_H
#define SOURCE_LIVE_H

#include "source/source.h"

extern const struct source_kind live_source;

#endif
