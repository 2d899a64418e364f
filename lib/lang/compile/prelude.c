/*
 * Builtins that are definitions in the language itself.  One is parsed
 * when a program names it.
 */
#include <string.h>

#include "lang/compile/passes.h"
#include "lang/syntax/parser.h"

static const struct prelude {
	const char *name;
	uint32_t params;
	const char *text;
} PRELUDE[] = {
    {"map", 1, "def map(f): [.[] | f];"},
    {"values", 0, "def values: select(. != null);"},
    {"nulls", 0, "def nulls: select(. == null);"},
    {"booleans", 0, "def booleans: select(type == \"boolean\");"},
    {"numbers", 0, "def numbers: select(type == \"number\");"},
    {"strings", 0, "def strings: select(type == \"string\");"},
    {"arrays", 0, "def arrays: select(type == \"array\");"},
    {"objects", 0, "def objects: select(type == \"object\");"},
    {"iterables", 0,
	"def iterables:"
	" select(type | . == \"array\" or . == \"object\");"},
    {"scalars", 0,
	"def scalars:"
	" select(type | . != \"array\" and . != \"object\");"},
    {"normals", 0, "def normals: select(isnormal);"},
    {"finites", 0, "def finites: select(isfinite);"},
    {"isfinite", 0, "def isfinite: type == \"number\" and (isinfinite | not);"},
    {"isvalid", 1, "def isvalid(f): try (f | true) catch false;"},

    {"recurse", 1, "def recurse(f): def r: ., (f | r); r;"},
    {"recurse", 2,
	"def recurse(f; cond): def r: ., (f | select(cond) | r); r;"},
    {"recurse_down", 0, "def recurse_down: recurse;"},
    {"while", 2,
	"def while(cond; update):"
	" def _while: if cond then ., (update | _while) else empty end;"
	" _while;"},
    {"until", 2,
	"def until(cond; update):"
	" def _until: if cond then . else (update | _until) end; _until;"},
    {"repeat", 1, "def repeat(f): def _repeat: f, _repeat; _repeat;"},
    {"range", 1, "def range($n): range(0; $n);"},
    {"range", 3,
	"def range($from; $upto; $by):"
	" if $by > 0 then $from | while(. < $upto; . + $by)"
	" elif $by < 0 then $from | while(. > $upto; . + $by)"
	" else empty end;"},
    {"first", 0, "def first: .[0];"},
    {"last", 0, "def last: .[-1];"},
    {"nth", 1, "def nth($n): .[$n];"},
    {"nth", 2,
	"def nth($n; f): if $n < 0"
	" then error(\"nth doesn't support negative indices\")"
	" else first(skip($n; f)) end;"},
    {"isempty", 1, "def isempty(f): first((f | false), true);"},
    {"all", 2,
	"def all(generator; condition):"
	" isempty(generator | condition and empty);"},
    {"any", 2,
	"def any(generator; condition):"
	" isempty(generator | condition or empty) | not;"},
    {"all", 1, "def all(f): all(.[]; f);"},
    {"any", 1, "def any(f): any(.[]; f);"},
    {"all", 0, "def all: all(.[]; .);"},
    {"any", 0, "def any: any(.[]; .);"},
    {"IN", 1, "def IN(s): any(s == .; .);"},
    {"IN", 2, "def IN(src; s): any(src == s; .);"},
    {"in", 1, "def in(xs): . as $x | xs | has($x);"},
    {"inside", 1, "def inside(xs): . as $x | xs | contains($x);"},

    {"add", 1, "def add(f): reduce f as $x (null; . + $x);"},
    {"map_values", 1, "def map_values(f): .[] |= f;"},
    {"paths", 0, "def paths: path(..) | select(length > 0);"},
    {"paths", 1,
	"def paths(f):"
	" path(recurse | select(f)) | select(length > 0);"},
    {"leaf_paths", 0, "def leaf_paths: paths(scalars);"},
    {"pick", 1,
	"def pick(f): . as $in"
	" | reduce path(f) as $p (null; setpath($p; $in | getpath($p)));"},
    {"with_entries", 1,
	"def with_entries(f): to_entries | map(f) | from_entries;"},
    {"sort_by", 1, "def sort_by(f): _sort_by(map([f]));"},
    {"group_by", 1, "def group_by(f): _group_by(map([f]));"},
    {"unique_by", 1, "def unique_by(f): _unique_by(map([f]));"},
    {"min_by", 1, "def min_by(f): _min_by(map([f]));"},
    {"max_by", 1, "def max_by(f): _max_by(map([f]));"},
    {"abs", 0, "def abs: if . < 0 then -. else . end;"},
    {"toarray", 0, "def toarray: if type == \"array\" then . else [.] end;"},
    {"walk", 1,
	"def walk(f): def w: if type == \"object\""
	" then map_values(w) elif type == \"array\" then map(w)"
	" else . end | f; w;"},
    {"transpose", 0,
	"def transpose: [range(0; map(length) | max // 0)"
	" as $i | [.[][$i]]];"},
    {"combinations", 0,
	"def combinations: if length == 0 then [] else"
	" .[0][] as $x | (.[1:] | combinations) as $y | [$x] + $y end;"},
    {"combinations", 1,
	"def combinations(n): . as $dot"
	" | [range(n) | $dot] | combinations;"},
    {"flatten", 1,
	"def flatten($x):"
	" def f($d): reduce .[] as $i ([];"
	" if $i | type == \"array\" and $d != 0"
	" then . + ($i | f($d - 1)) else . + [$i] end);"
	" if $x < 0 then error(\"flatten depth must not be negative\")"
	" else f($x) end;"},
    {"flatten", 0,
	"def flatten:"
	" def f: reduce .[] as $i ([]; if $i | type == \"array\""
	" then . + ($i | f) else . + [$i] end); f;"},
    {"indices", 1,
	"def indices($i):"
	" if type == \"array\" and ($i | type) == \"array\" then .[$i]"
	" elif type == \"array\" then .[[$i]]"
	" elif type == \"string\" and ($i | type) == \"string\""
	" then _strindices($i) else .[$i] end;"},
    {"index", 1, "def index($i): indices($i) | .[0];"},
    {"rindex", 1, "def rindex($i): indices($i) | .[-1:][0];"},
    {"trimstr", 1, "def trimstr($s): ltrimstr($s) | rtrimstr($s);"},

    {"test", 1, "def test($re): _match($re; null; \"test\");"},
    {"test", 2, "def test(re; flags): _match(re; flags; \"test\");"},
    {"match", 1, "def match($re): _match($re; null; \"match\");"},
    {"match", 2, "def match(re; flags): _match(re; flags; \"match\");"},
    {"capture", 1, "def capture($re): _match($re; null; \"capture\");"},
    {"capture", 2, "def capture(re; flags): _match(re; flags; \"capture\");"},
    {"scan", 1, "def scan($re): scan($re; null);"},
    {"scan", 2,
	"def scan($re; $flags): match($re; \"g\" + $flags)"
	" | if (.captures | length) > 0 then [.captures[].string]"
	" else .string end;"},
    {"splits", 1, "def splits($re): splits($re; null);"},
    {"splits", 2,
	"def splits($re; $flags): _match($re; $flags + \"g\"; \"split\");"},
    {"split", 2, "def split($re; $flags): [splits($re; $flags)];"},
    {"sub", 2, "def sub($re; s): _sub($re; s; null);"},
    {"sub", 3, "def sub($re; s; $flags): _sub($re; s; $flags);"},
    {"gsub", 2, "def gsub($re; s): _sub($re; s; \"g\");"},
    {"gsub", 3, "def gsub($re; s; $flags): _sub($re; s; $flags + \"g\");"},

    {"from_ms", 0, "def from_ms: . / 1000;"},
    {"to_ms", 0, "def to_ms: . * 1000 | round;"},
    {"todate_ms", 0,
	"def todate_ms: . * 1000 | round"
	" | (. / 1000 | floor | strftime(\"%Y-%m-%dT%H:%M:%S\"))"
	" + \".\" + (. % 1000 | if . < 0 then . + 1000 end"
	" | 1000 + . | tostring | .[1:]) + \"Z\";"},
    {"date", 0, "def date: todate;"},
    {"dateadd", 2, "def dateadd(u; n): . + n;"},
    {"datesub", 2, "def datesub(u; n): . - n;"},

    {"tostream", 0,
	"def tostream:"
	" path(def r: (.[]? | r), .; r) as $p"
	" | getpath($p)"
	" | reduce path(.[]?) as $q ([$p, .]; [$p + $q]);"},
    {"fromstream", 1,
	"def fromstream(f): {x: null, e: false} as $init"
	" | foreach f as $i ($init; if .e then $init else . end"
	" | if $i | length == 2"
	" then setpath([\"e\"]; $i[0] | length == 0)"
	" | setpath([\"x\"] + $i[0]; $i[1])"
	" else setpath([\"e\"]; $i[0] | length == 1) end;"
	" if .e then .x else empty end);"},
    {"truncate_stream", 1,
	"def truncate_stream(stream):"
	" . as $n | null | stream | . as $input"
	" | if (.[0] | length) > $n"
	" then setpath([0]; $input[0][$n:]) else empty end;"},
    {"INDEX", 1, "def INDEX(f): INDEX(.[]; f);"},
    {"INDEX", 2,
	"def INDEX(stream; f):"
	" reduce stream as $row ({}; .[$row | f | tostring] = $row);"},
    {"GROUP_BY", 1, "def GROUP_BY(f): group_by(f);"},
    {"UNIQUE_BY", 1, "def UNIQUE_BY(f): unique_by(f);"},
    {"JOIN", 2, "def JOIN($idx; f): [.[] | [., $idx[f]]];"},
    {"JOIN", 3, "def JOIN($idx; stream; f): stream | [., $idx[f]];"},
    {"JOIN", 4,
	"def JOIN($idx; stream; f; join):"
	" stream | [., $idx[f]] | join;"},
    {"debug", 1, "def debug(msg): (msg | debug | empty), .;"},
    {NULL, 0, NULL},
};

struct prelude_use {
	const struct prelude *what;
	struct def *def;
	struct prelude_use *next;
};

void
prelude_each(
    void (*each)(void *arg, const char *name, uint32_t params), void *arg)
{
	for (const struct prelude *p = PRELUDE; p->text != NULL; p++)
		each(arg, p->name, p->params);
}

static const struct prelude *
find(const char *name, uint32_t len, uint32_t params)
{
	for (const struct prelude *p = PRELUDE; p->text != NULL; p++)
		if (p->params == params && strlen(p->name) == len &&
		    memcmp(p->name, name, len) == 0)
			return p;
	return NULL;
}

struct def *
prelude_find(struct compile *c, const char *name, uint32_t len, uint32_t params)
{
	const struct prelude *p = find(name, len, params);
	struct prelude_use *use;
	struct compile inner = *c;
	struct node *root;

	if (p == NULL)
		return NULL;
	for (use = c->uses; use != NULL; use = use->next)
		if (use->what == p)
			return use->def;
	inner.source.text = p->text;
	inner.source.len = strlen(p->text);
	inner.source.prelude = true;
	root = parser_program(&inner.source);
	use = arena_alloc(c->source.arena, sizeof(*use));
	*use = (struct prelude_use){p, root->def, c->uses};
	inner.uses = use;
	resolve_program(&inner, root);
	c->uses = inner.uses;
	c->regexes = inner.regexes;
	return use->def;
}
