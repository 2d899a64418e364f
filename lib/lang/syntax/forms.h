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
 *	         TAIL(X), tail_X() in eval.c gives the node to go on with
 *	next     next_X() in eval.c gives the node to go on with where the
 *	         form only hands on to another one
 *	many     eval_X() gives all of its outputs, with paths if asked
 *
 *	explain  explain/: interpret_X() runs it on shapes
 */
#ifndef LANG_SYNTAX_FORMS_H
#define LANG_SYNTAX_FORMS_H

/* clang-format off */
#define FORMS(X) \
	X(IDENTITY, PATH,  parts,      always, always, always,   always, \
	  never, LEAF(identity), none, identity, identity) \
	X(LITERAL,  VALUE, parts,      always, always, never,    never, \
	  never, LEAF(literal), none, only, literal) \
	X(STRING,   VALUE, string,     items,  items,  never,    never, \
	  items_any, LEAF(string), none, string, string) \
	X(FORMAT,   VALUE, string,     always, always, never,    never, \
	  never, LEAF(format), none, only, format) \
	X(INDEX,    PATH,  parts,      parts,  parts,  index,    beyond, \
	  parts_any, LEAF(access), none, access, index) \
	X(SLICE,    PATH,  parts,      parts,  parts,  never,    of, \
	  parts_any, LEAF(access), none, access, slice) \
	X(EACH,     PATH,  parts,      never,  never,  of,       beyond, \
	  always, LEAF(last), none, each, each) \
	X(RECURSE,  PATH,  parts,      never,  never,  never,    always, \
	  always, LEAF(last), none, recurse, recurse) \
	X(ARRAY,    VALUE, parts,      always, always, never,    array, \
	  never, LEAF(array), none, only, array) \
	X(OBJECT,   VALUE, object,     items,  items,  never,    items_any, \
	  items_any, LEAF(object), none, object, object) \
	X(NEGATE,   VALUE, parts,      parts,  parts,  never,    never, \
	  parts_any, LEAF(negate), none, negate, negate) \
	X(PIPE,     PATH,  parts,      parts,  parts,  both,     pipe, \
	  parts_any, TAIL(pipe), pipe, pipe, pipe) \
	X(COMMA,    PATH,  parts,      never,  never,  both,     either, \
	  always, LEAF(last), none, comma, comma) \
	X(ADD,      VALUE, operator,   parts,  parts,  never,    either, \
	  parts_any, LEAF(operator), none, operator, operator) \
	X(SUB,      VALUE, operator,   parts,  parts,  never,    either, \
	  parts_any, LEAF(operator), none, operator, operator) \
	X(MUL,      VALUE, operator,   parts,  parts,  never,    either, \
	  parts_any, LEAF(operator), none, operator, operator) \
	X(DIV,      VALUE, operator,   parts,  parts,  never,    either, \
	  parts_any, LEAF(operator), none, operator, operator) \
	X(MOD,      VALUE, operator,   parts,  parts,  never,    either, \
	  parts_any, LEAF(operator), none, operator, operator) \
	X(EQ,       VALUE, operator,   parts,  parts,  never,    never, \
	  parts_any, LEAF(operator), none, operator, operator) \
	X(NE,       VALUE, operator,   parts,  parts,  never,    never, \
	  parts_any, LEAF(operator), none, operator, operator) \
	X(LT,       VALUE, operator,   parts,  parts,  never,    never, \
	  parts_any, LEAF(operator), none, operator, operator) \
	X(LE,       VALUE, operator,   parts,  parts,  never,    never, \
	  parts_any, LEAF(operator), none, operator, operator) \
	X(GT,       VALUE, operator,   parts,  parts,  never,    never, \
	  parts_any, LEAF(operator), none, operator, operator) \
	X(GE,       VALUE, operator,   parts,  parts,  never,    never, \
	  parts_any, LEAF(operator), none, operator, operator) \
	X(AND,      VALUE, parts,      parts,  parts,  never,    never, \
	  parts_any, LEAF(logic), none, logic, logic) \
	X(OR,       VALUE, parts,      parts,  parts,  never,    never, \
	  parts_any, LEAF(logic), none, logic, logic) \
	X(ALT,      PATH,  parts,      alt,    parts,  both,     either, \
	  parts_any, TAIL(alternative), none, alternative, alternative) \
	X(ASSIGN,   VALUE, change,     source, source, never,    always, \
	  source, LEAF(change), none, change, change) \
	X(UPDATE,   VALUE, change,     always, always, never,    always, \
	  never, LEAF(change), none, change, change) \
	X(ARITH,    VALUE, change,     source, source, never,    always, \
	  source, LEAF(change), none, change, change) \
	X(SET_ALT,  VALUE, change,     source, source, never,    always, \
	  source, LEAF(change), none, change, change) \
	X(IF,       PATH,  parts,      parts,  parts,  arms,     arms_any, \
	  parts_any, TAIL(if), if, if, if) \
	X(TRY,      PATH,  parts,      caught, parts,  uncaught, caught_any, \
	  parts_any, LEAF(last), none, try, try) \
	X(REDUCE,   PATH,  fold,       init,   init,   never,    always, \
	  init, LEAF(last), none, reduce, fold) \
	X(FOREACH,  PATH,  fold,       never,  never,  never,    always, \
	  parts_any, LEAF(last), none, foreach, fold) \
	X(BIND,     PATH,  bind,       bind,   bind,   body,     bound_any, \
	  parts_any, TAIL(bind), bind, bind, bind) \
	X(LABEL,    PATH,  label,      never,  never,  never,    always, \
	  never, LEAF(last), none, label, label) \
	X(BREAK,    PATH,  break,      never,  never,  never,    always, \
	  never, LEAF(last), none, break, nothing) \
	X(DEF,      PATH,  definition, of,     of,     of,       always, \
	  parts_any, TAIL(definition), definition, definition, definition) \
	X(CALL,     PATH,  call,       call,   call,   callee,   called_any, \
	  callee, TAIL(call), call, call, call) \
	X(PARAM,    PATH,  parts,      never,  never,  never,    always, \
	  never, LEAF(last), param, param, param) \
	X(VAR,      VALUE, var,        always, always, never,    never, \
	  never, LEAF(var), none, only, var) \
	X(CONTEXT,  VALUE, parts,      always, always, never,    never, \
	  never, LEAF(context), none, only, context) \
	X(BOUND,    VALUE, parts,      always, always, never,    never, \
	  never, LEAF(bound), none, only, bound) \
	X(BUILTIN,  VALUE, parts,      items,  items,  never,    always, \
	  items_any, LEAF(builtin), none, builtin, builtin) \
	X(PATH,     PATH,  parts,      never,  never,  never,    always, \
	  parts_any, LEAF(last), none, path, path) \
	X(EMPTY,    PATH,  parts,      never,  always, always,   never, \
	  never, LEAF(last), none, empty, nothing) \
	X(ERROR,    PATH,  parts,      never,  never,  never,    always, \
	  never, LEAF(last), none, error, error) \
	X(RANGE,    PATH,  parts,      never,  never,  never,    never, \
	  always, LEAF(last), none, range, range) \
	X(FIRST,    PATH,  parts,      never,  always, of,       of, \
	  never, LEAF(last), none, first, some) \
	X(LAST,     PATH,  parts,      never,  always, of,       of, \
	  never, LEAF(last), none, last, some) \
	X(LIMIT,    PATH,  parts,      never,  never,  never,    always, \
	  never, LEAF(last), none, counted, some) \
	X(SKIP,     PATH,  parts,      never,  never,  never,    always, \
	  never, LEAF(last), none, counted, some) \
	X(SETPATH,  VALUE, parts,      parts,  parts,  never,    always, \
	  parts_any, LEAF(change), none, change, setpath) \
	X(GETPATH,  PATH,  parts,      parts,  parts,  never,    always, \
	  parts_any, LEAF(getpath), none, getpath, getpath) \
	X(DELPATHS, VALUE, parts,      parts,  parts,  never,    always, \
	  parts_any, LEAF(change), none, change, delpaths) \
	X(DELETE,   VALUE, change,     always, always, never,    always, \
	  never, LEAF(change), none, only, delete) \
	X(MATCH,    PATH,  parts,      never,  never,  never,    always, \
	  never, LEAF(last), none, match, match) \
	X(SUB_RE,   PATH,  parts,      never,  never,  never,    always, \
	  never, LEAF(last), none, substitute, substitute)

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
