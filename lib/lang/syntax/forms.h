/*
 * forms - every form of expression that a program can have, in one table.
 *
 * Each folder makes its own functions and switches of it, so that adding a
 * form is adding a line here and writing the functions that it names: the
 * compiler says which of them are missing.  The columns:
 *
 *	op       the form is OP_op
 *	path     what path(f) makes of it: it leads to a PATH, or it is a
 *	         VALUE, to which no path leads
 *	resolve  compile/resolve.c: resolve_X() binds the names in it
 *
 * compile/traits.c: when, by trait_X(), the form
 *	single   has one output or an error, never none or several
 *	option   never has several outputs (what is single never has)
 *	place    gives its input, or what stands in a place of it
 *	input    may give what holds the input itself, or a view of it
 *	several  is made to give several outputs; when in doubt it isn't
 *
 * run/: how it runs
 *	one      where it is single: LEAF(X), single_X() gives its output;
 *	         OPERATOR(X), X() in arith.c does, of two values; CHANGE(X),
 *	         change_X() in assign.c does, of the values that it takes;
 *	         TAIL(X), tail_X() in eval.c gives the node to go on with
 *	next     next_X() in eval.c gives the node to go on with where the
 *	         form only hands on to another one
 *	many     eval_X() gives all of its outputs, with paths if asked
 *
 *	explain  explain/: interpret_X() runs it on shapes
 *	slip     compile/slips.c: slip_X() finds the assignment that all of its
 *	         outputs come from
 */
#ifndef LANG_SYNTAX_FORMS_H
#define LANG_SYNTAX_FORMS_H

/* clang-format off */
#define FORMS(X) \
	X(IDENTITY, PATH,  parts,      always, always, always,   always, \
	  never, LEAF(identity), none, identity, identity, none) \
	X(LITERAL,  VALUE, parts,      always, always, never,    never, \
	  never, LEAF(literal), none, only, literal, none) \
	X(STRING,   VALUE, string,     items,  items,  never,    never, \
	  items_any, LEAF(string), none, string, string, none) \
	X(FORMAT,   VALUE, string,     always, always, never,    never, \
	  never, LEAF(format), none, only, format, none) \
	X(INDEX,    PATH,  parts,      parts,  parts,  index,    beyond, \
	  parts_any, LEAF(access), none, access, index, none) \
	X(SLICE,    PATH,  parts,      parts,  parts,  never,    of, \
	  parts_any, LEAF(slice), none, access, slice, none) \
	X(EACH,     PATH,  parts,      never,  never,  of,       beyond, \
	  always, LEAF(last), none, each, each, none) \
	X(RECURSE,  PATH,  parts,      never,  never,  never,    always, \
	  always, LEAF(last), none, recurse, recurse, none) \
	X(ARRAY,    VALUE, parts,      always, always, never,    array, \
	  never, LEAF(array), none, only, array, none) \
	X(OBJECT,   VALUE, object,     items,  items,  never,    items_any, \
	  items_any, LEAF(object), none, object, object, none) \
	X(NEGATE,   VALUE, parts,      parts,  parts,  never,    never, \
	  parts_any, LEAF(negate), none, negate, negate, none) \
	X(PIPE,     PATH,  parts,      parts,  parts,  both,     pipe, \
	  parts_any, TAIL(pipe), pipe, pipe, pipe, pipe) \
	X(COMMA,    PATH,  parts,      never,  never,  both,     either, \
	  always, LEAF(last), none, comma, comma, comma) \
	X(ADD,      VALUE, operator,   parts,  parts,  never,    either, \
	  parts_any, OPERATOR(add), none, operator, operator, none) \
	X(SUB,      VALUE, operator,   parts,  parts,  never,    either, \
	  parts_any, OPERATOR(subtract), none, operator, operator, none) \
	X(MUL,      VALUE, operator,   parts,  parts,  never,    either, \
	  parts_any, OPERATOR(multiply), none, operator, operator, none) \
	X(DIV,      VALUE, operator,   parts,  parts,  never,    either, \
	  parts_any, OPERATOR(divide), none, operator, operator, none) \
	X(MOD,      VALUE, operator,   parts,  parts,  never,    either, \
	  parts_any, OPERATOR(modulo), none, operator, operator, none) \
	X(EQ,       VALUE, operator,   parts,  parts,  never,    never, \
	  parts_any, OPERATOR(equal), none, operator, operator, none) \
	X(NE,       VALUE, operator,   parts,  parts,  never,    never, \
	  parts_any, OPERATOR(unequal), none, operator, operator, none) \
	X(LT,       VALUE, operator,   parts,  parts,  never,    never, \
	  parts_any, OPERATOR(less), none, operator, operator, none) \
	X(LE,       VALUE, operator,   parts,  parts,  never,    never, \
	  parts_any, OPERATOR(less_or_equal), none, operator, operator, none) \
	X(GT,       VALUE, operator,   parts,  parts,  never,    never, \
	  parts_any, OPERATOR(greater), none, operator, operator, none) \
	X(GE,       VALUE, operator,   parts,  parts,  never,    never, \
	  parts_any, OPERATOR(greater_or_equal), \
	  none, operator, operator, none) \
	X(AND,      VALUE, parts,      parts,  parts,  never,    never, \
	  parts_any, LEAF(logic), none, logic, logic, none) \
	X(OR,       VALUE, parts,      parts,  parts,  never,    never, \
	  parts_any, LEAF(logic), none, logic, logic, none) \
	X(ALT,      PATH,  parts,      alt,    parts,  both,     either, \
	  parts_any, TAIL(alternative), none, alternative, alternative, none) \
	X(ASSIGN,   VALUE, change,     source, source, never,    always, \
	  source, CHANGE(assign), none, change, assign, itself) \
	X(UPDATE,   VALUE, change,     always, always, never,    always, \
	  never, CHANGE(update), none, change, update, itself) \
	X(ARITH,    VALUE, change,     source, source, never,    always, \
	  source, CHANGE(arith), none, change, arith, itself) \
	X(SET_ALT,  VALUE, change,     source, source, never,    always, \
	  source, CHANGE(alternative), none, change, set_alternative, itself) \
	X(IF,       PATH,  parts,      parts,  parts,  arms,     arms_any, \
	  parts_any, TAIL(if), if, if, if, if) \
	X(TRY,      PATH,  parts,      caught, parts,  uncaught, caught_any, \
	  parts_any, LEAF(last), none, try, try, none) \
	X(REDUCE,   PATH,  fold,       init,   init,   never,    always, \
	  init, LEAF(last), none, reduce, fold, none) \
	X(FOREACH,  PATH,  fold,       never,  never,  never,    always, \
	  parts_any, LEAF(last), none, foreach, fold, none) \
	X(BIND,     PATH,  bind,       bind,   bind,   body,     bound_any, \
	  parts_any, TAIL(bind), bind, bind, bind, bind) \
	X(LABEL,    PATH,  label,      never,  never,  never,    always, \
	  never, LEAF(last), none, label, label, of) \
	X(BREAK,    PATH,  break,      never,  never,  never,    always, \
	  never, LEAF(last), none, break, nothing, none) \
	X(DEF,      PATH,  definition, of,     of,     of,       always, \
	  parts_any, TAIL(definition), definition, definition, definition, of) \
	X(CALL,     PATH,  call,       call,   call,   callee,   called_any, \
	  callee, TAIL(call), call, call, call, call) \
	X(PARAM,    PATH,  parts,      never,  never,  never,    always, \
	  never, LEAF(last), param, param, param, none) \
	X(VAR,      VALUE, var,        always, always, never,    never, \
	  never, LEAF(var), none, only, var, none) \
	X(CONTEXT,  VALUE, parts,      always, always, never,    never, \
	  never, LEAF(context), none, only, context, none) \
	X(BOUND,    VALUE, parts,      always, always, never,    never, \
	  never, LEAF(bound), none, only, bound, none) \
	X(BUILTIN,  VALUE, parts,      items,  items,  never,    always, \
	  items_any, LEAF(builtin), none, builtin, builtin, none) \
	X(PATH,     PATH,  parts,      never,  never,  never,    always, \
	  parts_any, LEAF(last), none, path, path, none) \
	X(EMPTY,    PATH,  parts,      never,  always, always,   never, \
	  never, LEAF(last), none, empty, nothing, none) \
	X(ERROR,    PATH,  parts,      never,  never,  never,    always, \
	  never, LEAF(last), none, error, error, none) \
	X(RANGE,    PATH,  parts,      never,  never,  never,    never, \
	  always, LEAF(last), none, range, range, none) \
	X(FIRST,    PATH,  parts,      never,  always, of,       of, \
	  never, LEAF(last), none, first, some, none) \
	X(LAST,     PATH,  parts,      never,  always, of,       of, \
	  never, LEAF(last), none, last, some, none) \
	X(LIMIT,    PATH,  parts,      never,  never,  never,    always, \
	  never, LEAF(last), none, counted, some, none) \
	X(SKIP,     PATH,  parts,      never,  never,  never,    always, \
	  never, LEAF(last), none, counted, some, none) \
	X(SETPATH,  VALUE, parts,      parts,  parts,  never,    always, \
	  parts_any, CHANGE(setpath), none, change, setpath, none) \
	X(GETPATH,  PATH,  parts,      parts,  parts,  never,    always, \
	  parts_any, LEAF(getpath), none, getpath, getpath, none) \
	X(DELPATHS, VALUE, parts,      parts,  parts,  never,    always, \
	  parts_any, CHANGE(delpaths), none, change, delpaths, none) \
	X(DELETE,   VALUE, change,     always, always, never,    always, \
	  never, CHANGE(delete), none, only, delete, none) \
	X(MATCH,    PATH,  parts,      never,  never,  never,    always, \
	  never, LEAF(last), none, match, match, none) \
	X(SUB_RE,   PATH,  parts,      never,  never,  never,    always, \
	  never, LEAF(last), none, substitute, substitute, none)

/* Names that a program calls forms by, with their number of arguments. */
#define CALLED_FORMS(X) \
	X("empty", 0, EMPTY) \
	X("error", 0, ERROR) \
	X("error", 1, ERROR) \
	X("path", 1, PATH) \
	X("range", 2, RANGE) \
	X("first", 1, FIRST) \
	X("last", 1, LAST) \
	X("limit", 2, LIMIT) \
	X("skip", 2, SKIP) \
	X("getpath", 1, GETPATH) \
	X("setpath", 2, SETPATH) \
	X("delpaths", 1, DELPATHS) \
	X("del", 1, DELETE) \
	X("_match", 3, MATCH) \
	X("_sub", 3, SUB_RE) \
	X("recurse", 0, RECURSE) \
	X("select", 1, IF)
/* clang-format on */

#endif
