/*
 * ast - a program as a tree, and what the resolver has found out about it.
 *
 * All of it lives in the program's arena and is read-only once resolved.
 */
#ifndef LANG_SYNTAX_AST_H
#define LANG_SYNTAX_AST_H

#include <stdbool.h>
#include <stdint.h>

#include "lang/syntax/forms.h"
#include "value/value.h"

#define FORM_OP(op, ...) OP_##op,

enum op { FORMS(FORM_OP) };

#undef FORM_OP

enum context { CONTEXT_LINEAGE, CONTEXT_STAGE, CONTEXT_SOURCE, CONTEXT_LINE };

/* What the evaluator may rely on. */
enum trait {
	TRAIT_SINGLE = 1, /* one output or an error, never none or several */
	TRAIT_INPUT = 2,  /* an output may hold the input itself, or a view */
	TRAIT_PATH = 4,   /* one path, the same always: path holds it */
	TRAIT_OPTION = 8, /* one output, none, or an error: never several */
	TRAIT_PLACE = 16, /* outputs are the input, or stand in places of it */
	TRAIT_SEVERAL = 32, /* it is made to give several outputs */
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

/* What distinguishes nodes of one form. */
enum variant {
	LITERAL_TEXT = 1,     /* stands between quotes, not in \( ) */
	TRY_STEP = 1,         /* try .[k], of a postfix question mark */
	IDENTITY_AT_KEY = 1,  /* in an object: the input's value at the key */
	OBJECT_DIFFERENT = 1, /* its keys are texts, no two the same */
	ASSIGN_ITSELF = 1,    /* .a = .a + x, .a * x or .a[i:j], for any .a */
};

enum { NODE_PARTS = 4 };

struct node {
	uint8_t op; /* enum op */
	/* enum variant; OP_ARITH: its operator; OP_CONTEXT: enum context */
	uint8_t variant;
	uint8_t traits;
	bool resolved;
	uint32_t at; /* byte in the program, from 0, or NODE_NOWHERE */

	/*
	 * The expressions that a form is made of, by their names; a part
	 * that isn't there is NULL.  Who doesn't care takes part[].
	 */
	union {
		struct node *part[NODE_PARTS];
		/* -of, of[], [of], path(of), error(of), del(of), ... */
		struct {
			struct node *of;
		} unary;
		/* operators, |, the comma, //, and, or */
		struct {
			struct node *left, *right;
		} binary;
		struct {
			struct node *of, *key;
		} index; /* of[key] */
		struct {
			struct node *of, *from, *to;
		} slice; /* of[from:to] */
		/* target = source and the like, setpath(target; source) */
		struct {
			struct node *target, *source;
		} change;
		/* if test then then else otherwise end; NULL for . */
		struct {
			struct node *test, *then, *otherwise;
		} branch;
		struct {
			struct node *body, *handler;
		} attempt; /* try body catch handler */
		/* reduce source as $x (init; update), foreach ... extract) */
		struct {
			struct node *source, *init, *update, *extract;
		} fold;
		struct {
			struct node *source, *body;
		} bind; /* source as patterns | body */
		struct {
			struct node *from, *to;
		} range;
		struct {
			struct node *count, *of;
		} some; /* limit(count; of), skip(count; of) */
		struct {
			struct node *regex, *flags, *kind;
		} match;
		struct {
			struct node *regex, *put, *flags;
		} substitute;
	};

	/*
	 * Arguments of a call or a builtin, pieces of a string, or the keys
	 * and values of an object, in turn.
	 */
	struct node **items;
	uint32_t items_n;
	uint32_t name_len;
	const char *name;          /* a variable's, function's, or format's */
	struct pattern **patterns; /* OP_BIND, folds: tried in turn */
	uint32_t patterns_n;
	uint32_t vars; /* cells that the patterns bind */
	/*
	 * OP_VAR, OP_PARAM, OP_BREAK, OP_CALL: cells up to what is named;
	 * OP_BOUND: which of the variables from outside.
	 */
	uint32_t up;
	uint32_t regex_slot; /* OP_MATCH, OP_SUB_RE: its number, from 0 */
	struct value value;  /* OP_LITERAL */
	struct value path;   /* TRAIT_PATH: an array of that path */
	struct def *def;     /* OP_DEF, OP_CALL */
	const struct builtin *builtin; /* OP_BUILTIN */
	const struct builtin *format;  /* OP_FORMAT, OP_STRING: or NULL */
};

#endif
