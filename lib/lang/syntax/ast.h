/*
 * ast - a program as a tree, and what the resolver has found out about it.
 *
 * All of it lives in the program's arena and is read-only once resolved.
 */
#ifndef LANG_SYNTAX_AST_H
#define LANG_SYNTAX_AST_H

#include <stdbool.h>
#include <stdint.h>

#include "value/value.h"

enum op {
	OP_IDENTITY,
	OP_LITERAL, /* value */
	OP_STRING,  /* items: literals and programs; name: format or NULL */
	OP_FORMAT,  /* @name */
	OP_INDEX,   /* a[b] */
	OP_SLICE,   /* a[b:c], b or c NULL */
	OP_EACH,    /* a[] */
	OP_RECURSE, /* .. */
	OP_ARRAY,   /* [a], a NULL for [] */
	OP_OBJECT,  /* items: key, value, key, value */
	OP_NEGATE,  /* -a */
	OP_PIPE,    /* a | b */
	OP_COMMA,   /* a , b */
	OP_ADD,     /* arithmetic and comparison: a op b */
	OP_SUB,
	OP_MUL,
	OP_DIV,
	OP_MOD,
	OP_EQ,
	OP_NE,
	OP_LT,
	OP_LE,
	OP_GT,
	OP_GE,
	OP_AND,
	OP_OR,
	OP_ALT,     /* a // b */
	OP_ASSIGN,  /* a = b */
	OP_UPDATE,  /* a |= b */
	OP_ARITH,   /* a sub= b */
	OP_SET_ALT, /* a //= b */
	OP_IF,      /* a then b else c, c NULL for . */
	OP_TRY,     /* try a catch b, b NULL for none */
	OP_REDUCE,  /* reduce a as pattern (b; c) */
	OP_FOREACH, /* foreach a as pattern (b; c; d), d NULL for . */
	OP_BIND,    /* a as patterns | b */
	OP_LABEL,   /* label $name | a */
	OP_BREAK,   /* up: cells to the label's */
	OP_DEF,     /* def; a: what it is defined for */
	OP_CALL,    /* def, items: arguments; up: cells to the def's */
	OP_PARAM,   /* a function's parameter is called; up */
	OP_VAR,     /* $name; up */
	OP_CONTEXT, /* $lineage and the like; sub says which */
	OP_BOUND,   /* a variable from outside; index */
	OP_BUILTIN, /* builtin, items */
	OP_PATH,    /* path(a) */
	OP_EMPTY,
	OP_ERROR,    /* error(a) */
	OP_RANGE,    /* range(a; b) */
	OP_LAST,     /* last(a) */
	OP_FIRST,    /* first(a) */
	OP_LIMIT,    /* limit(a; b) */
	OP_SKIP,     /* skip(a; b) */
	OP_SETPATH,  /* setpath(a; b) */
	OP_GETPATH,  /* getpath(a) */
	OP_DELPATHS, /* delpaths(a) */
	OP_DELETE,   /* del(a) */
	OP_SUB_RE,   /* sub(a; b; c): a pattern, b what to put, c flags */
	OP_MATCH,    /* match or test: a pattern, b flags; see regexes.c */
};

enum context { CONTEXT_LINEAGE, CONTEXT_STAGE, CONTEXT_SOURCE, CONTEXT_LINE };

/* What the evaluator may rely on. */
enum trait {
	TRAIT_SINGLE = 1, /* one output or an error, never none or several */
	TRAIT_INPUT = 2,  /* an output may hold the input itself, or a view */
	TRAIT_PATH = 4,   /* one path, the same always: path holds it */
	TRAIT_OPTION = 8, /* one output, none, or an error: never several */
	TRAIT_PLACE = 16, /* outputs are the input, or stand in places of it */
};

struct def {
	const char *name;
	uint32_t name_len;
	uint32_t params_n;
	struct param {
		const char *name;
		uint32_t len;
		bool value; /* $name */
	} * params;
	struct node *body;
	uint32_t depth; /* cells of the environment where it stands */
	bool resolved;
};

/* A destructuring pattern: $name, [items], or {items: key, pattern, …}. */
struct pattern {
	enum pattern_kind { PATTERN_VAR, PATTERN_ARRAY, PATTERN_OBJECT } kind;
	uint32_t at;
	const char *name; /* PATTERN_VAR */
	uint32_t name_len;
	uint32_t slot; /* PATTERN_VAR: which of the binding's cells */
	uint32_t n;
	struct pattern *
	    *items;         /* NULL in an object: {$name} without a pattern */
	struct node **keys; /* PATTERN_OBJECT */
	struct pattern **vars; /* {$name: …}: that variable too, or NULL */
};

/* The place of what the prelude defines: not in the user's program. */
#define NODE_NOWHERE UINT32_MAX

/* The sub of a literal that stands between quotes, not in \( ). */
enum { LITERAL_TEXT = 1 };

enum { TRY_STEP = 1 }; /* try .[k], of a postfix question mark */

enum { IDENTITY_AT_KEY = 1 }; /* not the input, but its value at the key */

enum { OBJECT_DIFFERENT = 1 }; /* its keys are texts, no two the same */

struct node {
	uint8_t op; /* enum op */
	/*
	 * OP_ARITH: the operator; OP_CONTEXT, OP_LITERAL: which; OP_OBJECT:
	 * OBJECT_DIFFERENT or 0; OP_TRY: TRY_STEP or 0; OP_IDENTITY in an
	 * object: IDENTITY_AT_KEY or 0.
	 */
	uint8_t sub;
	uint8_t traits;
	bool resolved;
	uint32_t at; /* byte in the program, from 0, or NODE_NOWHERE */
	uint32_t up;
	uint32_t n;
	struct node *a, *b, *c, *d;
	struct node **items;
	const char *name;
	uint32_t name_len;
	struct pattern **patterns; /* OP_BIND: n of them, tried in turn */
	uint32_t vars;             /* cells that the patterns bind */
	struct value value;        /* OP_LITERAL */
	struct value path;         /* TRAIT_PATH: an array of that path */
	struct def *def;
	const struct builtin *builtin;
	const struct builtin
	    *format;    /* OP_FORMAT, OP_STRING: of name, or NULL */
	uint32_t cache; /* OP_MATCH: number of its pattern, from 0 */
};

#endif
