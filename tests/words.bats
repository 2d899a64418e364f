#!/usr/bin/env bats
# What is said to people who got something wrong, and that nobody else is
# told so.
load helper

@test "typical slips in programs are named, with the place and the remedy" {
	grep -v '^#' "$root/tests/words.txt" >cases
	[ "$(wc -l <cases)" -ge 90 ]
	while IFS=$'\t' read -r cmd program place message; do
		status 2 "$cmd" "$program" </dev/null >out 2>err
		[ ! -s out ]
		head -n 1 err >said
		same said "$cmd: program:$place: $message" || {
			echo "program: $program" >&2
			return 1
		}
	done <cases
}

@test "a constant pattern that comes from --arg is checked as well" {
	status 2 ms-map --arg re 'a(' '.a | test($re)' </dev/null >out 2>err
	head -n 1 err >said
	same said 'ms-map: program:1:11: the pattern in $re is wrong at byte 3: missing closing parenthesis'
}

@test "an assignment may stand before what decides" {
	echo '{"n":1}' >in
	for program in '(.n = 6) | true' '(.n = 6) | .n == 6' \
	    'select(.n) | .b = 1' '.n = 7 | del(.s)' '{a: (.b = 1)} | .a'; do
		status 0 ms-filter --lineage off "$program" <in >out
		cmp in out
	done
	status 0 ms-filter --lineage off '(.n = 6) | .n == 5' <in >out
	[ ! -s out ]
}

@test "a function of the program's own has its own name" {
	echo '{"a":"x"}' >in
	status 0 ms-map --lineage off \
	    'def test(f): .b = f; def len: length; test("(") | .n = len' \
	    <in >out
	same out '{"a":"x","b":"(","n":2}'
}
