/*
 * trace - the subcommands of ms-trace, each a command of its own.
 *
 * They read histories and write no record.  Each takes its command line,
 * argv[0] being its name, and gives the exit status.
 */
#ifndef READERS_H
#define READERS_H

/* Each gives the exit status. */
int trace_log(int argc, char **argv);
int trace_blame(int argc, char **argv);
int trace_why(int argc, char **argv);
int trace_diff(int argc, char **argv);
int trace_compare(int argc, char **argv);
int trace_test(int argc, char **argv);
int trace_rewind(int argc, char **argv);
int trace_revert(int argc, char **argv);
int trace_shrink(int argc, char **argv);
int trace_seal(int argc, char **argv);
int trace_verify(int argc, char **argv);
int trace_stats(int argc, char **argv);
int trace_graph(int argc, char **argv);
int trace_export(int argc, char **argv);
int trace_report(int argc, char **argv);
int trace_account(int argc, char **argv);
int trace_of(int argc, char **argv);
int trace_show(int argc, char **argv);
int trace_strip(int argc, char **argv);
int trace_replay(int argc, char **argv);
int trace_forget(int argc, char **argv);
int trace_keygen(int argc, char **argv);

#endif
