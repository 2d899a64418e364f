#include "subcommands.h"
int
schema_test_main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return 0;
}
