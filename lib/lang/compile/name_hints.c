#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "lang/compile/name_hints.h"
#include "lang/compile/synonyms.h"

static bool
in_word(char c)
{
	return c == '_' || isalnum((unsigned char)c);
}

/* The call's name as it stands in the text, with what is around it. */
struct word {
	struct compile *c;
	const struct node *call;
	const char *text;
	size_t len;
	size_t from, to; /* of the name */
	size_t before;   /* one past what stands before it */
	char signature[64];
	char best[64]; /* " or 'length/0'", where some name is near */
};

static char
char_before(const struct word *w)
{
	return w->before == 0 ? '\0' : w->text[w->before - 1];
}

#define UNKNOWN "unknown function '%s'"

/* .content-type is .content - type. */
static void
refuse_dashes(struct word *w)
{
	size_t from = w->from, to = w->to;

	if (from == 0 || w->text[from - 1] != '-')
		return;
	while (from > 0 &&
	    (in_word(w->text[from - 1]) || w->text[from - 1] == '-'))
		from--;
	while (to < w->len && (in_word(w->text[to]) || w->text[to] == '-'))
		to++;
	if (from > 0 && w->text[from - 1] == '.' && w->text[from] != '-' &&
	    to - from <= 60)
		program_text_fail(&w->c->source, (uint32_t)from - 1,
		    UNKNOWN "; a key with '-' stands in quotes: is "
			    "'.\"%.*s\"' meant?",
		    w->signature, (int)(to - from), w->text + from);
}

/* How many arguments the commas of one would make. */
static uint32_t
commas(const struct node *call)
{
	uint32_t n = 1;

	if (call->items_n != 1)
		return 0;
	for (const struct node *a = call->items[0]; a->op == OP_COMMA;
	     a = a->binary.left)
		n++;
	return n;
}

static void
refuse_arguments(struct word *w, const struct nearest *near)
{
	uint32_t n = commas(w->call);

	if (near->arities == 0)
		return;
	if (n > 1 && n < 64 && near->arities >> n & 1)
		program_text_fail(&w->c->source, w->call->at,
		    UNKNOWN "; ';' stands between arguments, not ',': is "
			    "'%s' meant?",
		    w->signature, near->best);
	if (near->arities == 1)
		program_text_fail(&w->c->source, w->call->at,
		    UNKNOWN "; is '%.*s/0' meant, as in: .a | %.*s?",
		    w->signature, (int)near->len, near->name, (int)near->len,
		    near->name);
	if (near->same && w->call->items_n == 0)
		program_text_fail(&w->c->source, w->call->at,
		    UNKNOWN "; is '%s' meant, as in %.*s(%s)?", w->signature,
		    near->best, (int)near->len, near->name,
		    near->best_args == 1 ? "..." : "...; ...");
}

static void
refuse_synonym(struct word *w)
{
	const char *here = synonyms_find(w->call->name, w->call->name_len);
	bool name;

	if (here == NULL)
		return;
	name = in_word(here[0]) && strpbrk(here, " (|,:") == NULL;
	if (w->call->items_n > 0 && name)
		program_text_fail(&w->c->source, w->call->at,
		    UNKNOWN "; is '%s' meant, as in: .a | %s?", w->signature,
		    here, here);
	program_text_fail(&w->c->source, w->call->at,
	    here[0] == '\'' || strchr(here, ' ') != NULL
		? UNKNOWN "; is %s meant?"
		: UNKNOWN "; is '%s' meant?",
	    w->signature, here);
}

/* Behind a comparison, or between brackets, a text may be meant. */
static void
refuse_text(struct word *w)
{
	int n = (int)w->call->name_len;
	const char *name = w->call->name;
	char last = char_before(w), other[64];

	if (w->call->items_n > 0 || n > 40)
		return;
	snprintf(other, sizeof(other), " or the member .%.*s", n, name);
	if (last != '\0' && strchr("=<>", last) != NULL)
		program_text_fail(&w->c->source, w->call->at,
		    UNKNOWN "; is the string \"%.*s\"%s meant?", w->signature,
		    n, name, w->best[0] != '\0' ? w->best : other);
	if (last == '[' && w->before > 1 &&
	    (in_word(w->text[w->before - 2]) || w->text[w->before - 2] == '.'))
		program_text_fail(&w->c->source, w->call->at,
		    UNKNOWN "; is the key \"%.*s\"%s meant?", w->signature, n,
		    name, other);
}

/* Does the name stand first, as in ip, ip == 1, ip | length? */
static bool
stands_first(const struct word *w)
{
	char last = char_before(w);

	return last == '\0' || strchr("|(,:[{-+*/%", last) != NULL ||
	    (in_word(last) && w->before < w->from);
}

static void
word_init(struct word *w, struct compile *c, const struct node *call)
{
	*w = (struct word){
	    .c = c, .call = call, .text = c->source.text, .len = c->source.len};
	w->from = w->before = call->at;
	w->to = w->from + call->name_len;
	while (w->before > 0 &&
	    isspace((unsigned char)c->source.text[w->before - 1]))
		w->before--;
	snprintf(w->signature, sizeof(w->signature), "%.*s/%u",
	    call->name_len > 40 ? 40 : (int)call->name_len, call->name,
	    (unsigned)call->items_n);
}

void
name_hints_unknown(
    struct compile *c, const struct node *call, const struct nearest *near)
{
	struct word w;

	word_init(&w, c, call);
	if (near->best[0] != '\0')
		snprintf(w.best, sizeof(w.best), " or '%.55s'", near->best);
	refuse_dashes(&w);
	refuse_arguments(&w, near);
	/* Within a slip's reach, unless another language has that name. */
	if (near->distance > 2 || near->best[0] == '\0')
		refuse_synonym(&w);
	refuse_text(&w);
	if (near->best[0] != '\0' && near->distance > 2 &&
	    w.len == w.to - w.from)
		program_text_fail(&c->source, call->at,
		    UNKNOWN "; is '%s' or the member '.%.*s' meant?",
		    w.signature, near->best, (int)call->name_len, call->name);
	if (near->best[0] != '\0')
		program_text_fail(&c->source, call->at,
		    UNKNOWN "; is '%s' meant?", w.signature, near->best);
	if (call->items_n > 0 || call->name_len > 40 || !stands_first(&w))
		program_text_fail(&c->source, call->at, UNKNOWN, w.signature);
	program_text_fail(&c->source, call->at, UNKNOWN "; is '.%.*s' meant?",
	    w.signature, (int)call->name_len, call->name);
}

void
name_hints_variable(struct compile *c, const struct node *var)
{
	int n = var->name_len > 40 ? 40 : (int)var->name_len;

	program_text_fail(&c->source, var->at,
	    "$%.*s is not defined; is '.%.*s' meant, or the option --arg %.*s "
	    "VALUE?",
	    n, var->name, n, var->name, n, var->name);
}
