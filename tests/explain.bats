#!/usr/bin/env bats
# ms-map --explain: what a program reads and writes, told from its text.
load helper

# Is every path that is written anew, by running it, among those told?
writes() {
	ms-map --explain --json "$1" | jq -c '[.writes[].path]'
}

@test "each program of the list is explained as it says there" {
	while IFS= read -r line; do
		[[ $line == '#'* ]] || printf '%s\n' "$line"
		[[ $line != '> '* ]] || ms-map --explain "${line#> }"
	done < <(grep '^[>#]' "$root/tests/explain.txt") >told
	grep -v '^#' "$root/tests/explain.txt" | diff -u - told
	[ "$(grep -c '^>' told)" -ge 60 ]
}

@test "no input is read, and nothing else is written" {
	status 0 ms-map --explain '.a = .b' no-such-file >out 2>err
	[ ! -s err ]
	same out reads '  .b' writes '  .a  from .b'
}

@test "as JSON, each read says whether it flows in or decides" {
	run -0 ms-map --explain --json 'if .c then .a = .b + 1 else . end'
	jq -e '.reads == [".b",".c",".a"] and .writes == [{path: ".a",
	    how: "set", from: [
	    {path: ".a", type: "DIRECT", subtype: "IDENTITY"},
	    {path: ".b", type: "DIRECT", subtype: "TRANSFORMATION"},
	    {path: ".c", type: "INDIRECT", subtype: "CONDITIONAL"}]}]
	    ' <<<"$output"
}

@test "a condition on the event as a whole is a filter" {
	run -0 ms-map --explain --json 'select(.status >= 500)'
	jq -e '.writes == [{path: ".", how: "filtered", from: [{path:
	    ".status", type: "INDIRECT", subtype: "FILTER"}]}]' <<<"$output"
}

@test "a key with quotes, stars or control characters stays one key" {
	run -0 ms-map --explain '.["*"] = .["a\"b\u0001"]'
	[ "${lines[1]}" = '  ."a\"b\u0001"' ]
	[ "${lines[3]}" = '  ."*"  from ."a\"b\u0001"' ]
}

@test "recursion, deep nesting and many calls come to an end" {
	chain='def f0: .a; '
	for i in $(seq 1 40); do
		chain+="def f$i: f$((i - 1)), f$((i - 1)); "
	done
	status 0 within 20 ms-map --explain ".x = ($chain f40)" >out
	grep -q '^  .x ' out
	status 0 within 20 ms-map --explain 'def f: (.a|f), (.b|f); .x = f' >out
	grep -q '^  .x ' out || grep -q '^  \.  ' out
	pipe=$(printf '.a |%.0s' $(seq 300))
	status 0 within 20 ms-map --explain ".x = ($pipe .b)" >out
	grep -qF '.a.*' out
}

@test "variables from outside are constants, lines of text have no members" {
	run -0 ms-map --explain --arg k name '.[$k] = 1'
	[ "${lines[2]}" = '  .name' ]
	run -0 ms-map -R --explain '{line: .}'
	[ "${lines[1]}" = '  .' ]
}

@test "what a run changes is among what is told" {
	event='{"a":{"b":1,"c":[1,2]},"b":3,"k":"a","items":[{"p":4},{"p":1}]}'
	while IFS= read -r program; do
		writes "$program" >told
		ms-map --lineage off "$program" <<<"$event" 2>/dev/null |
		    jq -c --slurpfile told told --argjson before "$event" '
		    def parts: [paths(scalars) as $p | {p: $p, v: getpath($p)}];
		    def spelled: reduce .[] as $k (""; . + if $k | type ==
			"number" then "[\($k)]" else ".\($k)" end);
		    ((. | parts) - ($before | parts))[] | .p | spelled as $s
		    | select(any($told[0][]; . as $w | . == "*" or . == "."
			or ($s | startswith($w | rtrimstr(".*")))) | not)' >missed
		echo "$program"
		[ ! -s missed ]
	done <<'END'
.a.b = 5
.[.k] = 5
.items[].p |= . + 1
.items |= map(select(.p > 2))
del(.items[0])
to_entries as $e | .n = $e[0].key
with_entries(.value |= tostring)
reduce .items[] as $i (.; .total += $i.p)
.a.c[3] = 9
.x.y.z = .a
. + {b: 7, n: 8}
walk(if type == "number" then . + 1 else . end)
{k, b}
pick(.a.b)
setpath(["q", "r"]; 1)
.k as $k | .[$k].new = 1
END
}

@test "a failing standard output is told" {
	[ -e /dev/full ] || skip "/dev/full is missing"
	run -3 --separate-stderr sh -c 'ms-map --explain .a >/dev/full'
	[[ $stderr == *"standard output"* ]]
}

@test "--json without --explain is wrong usage" {
	run -2 ms-map --json . </dev/null
}

@test "a program that takes too many steps to explain is unknown" {
	deep='def f: reduce .[] as $x (.; .a = f | .b = f);
	    reduce .[] as $y (.; f)'
	run -0 within 60 ms-map --explain "$deep"
	[[ $output == unknown:* ]]
	[[ $output == *$'reads\n  *\n'* ]]
	run -0 within 60 ms-map --explain --json "$deep"
	jq -e '.unknown and (.reads | index("*"))
	    and (.writes | map(.path) == ["*"])
	    and (.writes[0].from | map(.path) | index("*"))' <<<"$output"
	run -0 ms-map --explain --json .
	jq -e 'has("unknown") | not' <<<"$output"
}
