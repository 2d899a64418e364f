/*
 * subcommands - the main() of each subcommand of ms-schema.
 */
#ifndef MS_SCHEMA_SUBCOMMANDS_H
#define MS_SCHEMA_SUBCOMMANDS_H

/* Each gives the exit status. */
int schema_check_main(int argc, char **argv);
int schema_compare_main(int argc, char **argv);
int schema_down_main(int argc, char **argv);
int schema_infer_main(int argc, char **argv);
int schema_test_main(int argc, char **argv);
int schema_up_main(int argc, char **argv);

#endif
