#include "lang/program.h"
#include "lang/builtins/builtins.h"

struct program *
program_new(const struct program_source *source, struct program_error *error)
{
	return compile_program(source, &BUILTINS, error);
}
