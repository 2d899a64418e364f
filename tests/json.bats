#!/usr/bin/env bats
# JSON as RFC 8259 has it: other people's cases, where they are there.
load helper

suite=$shared/conformance/JSONTestSuite/test_parsing

# The suite's files of a kind (y, n or i) that fit on a line.
cases() {
	local file

	[ -d "$suite" ] || skip "no JSONTestSuite in ../shared/conformance"
	for file in "$suite/$1"_*.json; do
		holds_newline "$file" || echo "$file"
	done
}

holds_newline() {
	[ "$(tr -dc '\n' <"$1" | wc -c)" -gt 0 ]
}

# Events without the spaces between their tokens, which a rewind may change.
compact() {
	awk '{
		out = ""
		while (match($0, /"([^"\\]|\\.)*"/)) {
			plain = substr($0, 1, RSTART - 1)
			gsub(/[ \t]/, "", plain)
			out = out plain substr($0, RSTART, RLENGTH)
			$0 = substr($0, RSTART + RLENGTH)
		}
		gsub(/[ \t]/, "")
		print out $0
	}'
}

wrapped() {
	printf '{"v":'
	cat "$1"
	printf '}\n'
}

@test "JSONTestSuite: every y_ file is accepted, and comes out as it was" {
	cases y >files
	[ "$(wc -l <files)" -gt 80 ]
	while read -r file; do
		echo "with $file"
		wrapped "$file" >in
		status 0 ms-filter --lineage off true <in >out
		cmp in out
		status 0 ms-map '.w = .v' <in >out
		status 0 ms-trace rewind <out | compact >back
		compact <in | cmp - back
	done <files
}

@test "JSONTestSuite: every n_ file is rejected" {
	cases n >files
	[ "$(wc -l <files)" -gt 150 ]
	while read -r file; do
		echo "with $file"
		{ wrapped "$file"; echo '{"next":1}'; } >in
		status 1 ms-filter --lineage off true <in >out 2>err
		same out '{"next":1}'
	done <files
}

@test "JSONTestSuite: no i_ file crashes, and what is accepted stays whole" {
	cases i >files
	[ "$(wc -l <files)" -gt 20 ]
	while read -r file; do
		echo "with $file"
		wrapped "$file" >in
		got=0
		ms-map --lineage off '.w = (.v | tostring | length)' <in >out \
		    2>err || got=$?
		[ "$got" -le 1 ]
		got=0
		ms-filter --lineage off true <in >out 2>err || got=$?
		[ "$got" -le 1 ]
		[ "$got" -eq 1 ] || cmp in out
	done <files
}

@test "JSONTestSuite: files that hold a newline, each line told on its own" {
	[ -d "$suite" ] || skip "no JSONTestSuite in ../shared/conformance"
	for file in "$suite"/*.json; do
		holds_newline "$file" && names+=" ${file##*/}"
	done
	skip "a newline ends an event:$names"
}

@test "json-patch-tests: the patch engine passes all cases" {
	[ -d "$shared/conformance/json-patch-tests" ] ||
		skip "no json-patch-tests in ../shared/conformance"
	for file in tests spec_tests; do
		status 0 "$MS_BUILD/tests/patch_cases" \
		    "$shared/conformance/json-patch-tests/$file.json"
	done
}

@test "all ways to scan agree on random and spoiled lines" {
	awk -v seed=1 -v n=300 -f "$root/tests/events.awk" >plain
	awk -v seed=2 -v n=300 -v spaced=1 -f "$root/tests/events.awk" >spaced
	status 0 "$MS_BUILD/tests/fuzz/scan_agree" -n 100 -s 7 plain spaced
}

# rejected COLUMN TEXT: told at that column.
rejected() {
	printf '%s\n' "$2" >in
	status 1 ms-filter true <in >out 2>err
	grep -q "^ms-filter: standard input:1:$1: ." err || {
		echo "not at column $1: $2" >&2
		cat err >&2
		return 1
	}
}

@test "a syntax error is told with its column" {
	rejected 1 'x'
	rejected 7 '{"a":1'
	rejected 2 '{a:1}'
	rejected 6 '{"a" 1}'
	rejected 6 '{"a":}'
	rejected 8 '{"a":1,}'
	rejected 8 '{"a":1 "b":2}'
	rejected 6 '{"a":nul}'
	rejected 8 '{"a":1}}'
	rejected 9 '{"a":[1,]}'
}

@test "a bad number is told where it stands" {
	for number in 01 -01 1. .5 -.5 1e 1e+ +1 - 0x1 1.e1 NaN Infinity \
	    -Infinity 1_0 1.5.2 --1 1e1.5; do
		rejected '[6-9]' "{\"a\":$number}"
	done
}

@test "a bad escape is told where it stands" {
	for escape in '\x' '\u12' '\u12g4' '\U0041' "\\'" "\\" '\0' '\a'; do
		rejected '\([6-9]\|1[0-9]\)' "{\"a\":\"$escape\"}"
	done
}

@test "what stands outside of RFC 8259's white space is rejected" {
	printf '{"a":1}\f\n{"a":\v1}\n{\302\240"a":1}\n{"a":1}\n' >in
	status 1 ms-filter --lineage off true <in >out 2>err
	same out '{"a":1}'
	lines 3 err
}

@test "lone surrogate escapes stay as they are spelled, in every stage" {
	printf '%s\n' '{"a":"\ud800"}' '{"\udfff":1}' '{"a":"\ud800\u0041"}' \
	    '{"a":"\udc00\ud800"}' '{"a":["\uD800x"]}' >in
	status 0 ms-trace <in | ms-filter 'true' |
	    ms-map '.b = 1' | ms-map 'del(.b)' | ms-trace strip >out
	cmp in out
}

@test "a program that looks into a lone surrogate doesn't crash" {
	echo '{"a":"x\ud800y","b":"\ud83d\ude00"}' >in
	status 0 ms-map --lineage off '.l = (.a | length) | .m = (.b | length) |
	    .t = (.a | test("^x.y$")) | .a += "!"' <in >out
	same out \
	    '{"a":"x�y!","b":"\ud83d\ude00","l":3,"m":1,"t":true}'
}
