# Random events, the same for the same seed: awk -v seed=1 -v n=100 -f ...
# With spaced=1, spaces stand between tokens (but none before the last }).
# With unique=1, no object has a key twice.

function pick(list,    parts, count) {
	count = split(list, parts, "|")
	return parts[1 + int(rand() * count)]
}

function gap() {
	if (!spaced || rand() < 0.6)
		return ""
	return pick(" |  |\t| \t ")
}

function number() {
	return pick("0|-0|1|7|-12|1.10|0.50|1e2|1E+2|-1.5e-3|1e400|" \
	    "12345678901234567890|9007199254740993|9223372036854775807|" \
	    "3.14159265358979323846|100|0.0|-0.0e0")
}

function string() {
	return "\"" pick("|x|ab|a b|\\u00e9|é|☃|😀|\\ud83d\\ude00|\\/|/|\\\\|" \
	    "\\\"|\\n|\\u000a|\\u0000|\\ud800|\\udc00x|\\u0041|long text here," \
	    " with commas: and {brackets} [too]|~|~1|true|12") "\""
}

function value(depth,    r) {
	r = rand()
	if (depth > 0 && r < 0.15)
		return array(depth - 1)
	if (depth > 0 && r < 0.35)
		return object(depth - 1, "")
	if (r < 0.65)
		return number()
	if (r < 0.9)
		return string()
	return pick("true|false|null")
}

function array(depth,    i, count, out) {
	count = int(rand() * 5)
	out = "["
	for (i = 0; i < count; i++)
		out = out (i ? "," : "") gap() value(depth) gap()
	return out "]"
}

function key() {
	return pick("a|b|c|d|e|f|g|h|\\u0061|k\\u00e9y|a/b|m~n||sp ace|☃|" \
	    "\\\"q\\\"|zz1|zz2")
}

function object(depth, start,    i, k, count, out, seen, first) {
	count = int(rand() * 7)
	out = "{" start
	first = start == ""
	for (i = 0; i < count; i++) {
		k = key()
		if (k == "\\u0061" && unique)
			k = "a"
		if ((k in seen) && (unique || rand() < 0.7))
			continue
		seen[k] = 1
		out = out (first ? "" : gap() ",") gap() "\"" k "\"" gap() ":" \
		    gap() value(depth)
		first = 0
	}
	return out "}"
}

BEGIN {
	srand(seed)
	for (line = 0; line < n; line++)
		print object(3, rand() < 0.8 ? "\"n\":" line : "")
}
