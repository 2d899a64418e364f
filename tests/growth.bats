#!/usr/bin/env bats
# No program costs quadratic time where jq's costs linear; loops need no
# stack, and what runs away is an error of its event.
load helper

@test "twice the work costs twice as much" {
	command -v valgrind >/dev/null || skip "valgrind is missing"
	if is_asan; then
		skip "valgrind and ASan don't go together"
	fi
	"$root/tests/growth.sh" "$root/tests/growth.txt" >report || {
		cat report >&2
		return 1
	}
}

@test "deep tail calls need no stack" {
	if is_asan; then
		skip "ASan's frames need more stack"
	fi
	for program in 'def f: if . >= 300000 then . else . + 1 | f end; 0 | f' \
	    '0 | until(. >= 300000; . + 1)' \
	    'last(0 | limit(300001; recurse(. + 1)))' \
	    'last(0 | while(. <= 300000; . + 1))' \
	    'def f($n): if $n >= 300000 then $n else f($n + 1) end; f(0)'; do
		(ulimit -s 1024 && status 0 ms-map --lineage off \
		    "{out: ($program)}" <<<'{}' >out)
		same out '{"out":300000}'
	done
}

@test "runaway recursion is an error of its event" {
	printf '%s\n' '{"a":1}' '{"a":2}' >in
	for program in 'def f: 1 + f; f' 'def f: [f]; f' 'def f: f | f; f' \
	    'def f(g): f(g | g); f(.)' 'def f: {a: f}; f' \
	    'def f($x): f($x + 1) + 1; f(0)' '[recurse([.])] | length'; do
		status 1 timeout 60 ms-map --lineage off --max-memory 256M \
		    "if .a == 1 then {b: ($program)} else . end" <in >out 2>err
		same out '{"a":2}'
		grep -q '^ms-map: standard input:1: ' err
	done
}

@test "a generator without an end stops where its reader does" {
	same <(ms-map --lineage off '{a: [limit(4; repeat(1))]}' <<<'{}') \
	    '{"a":[1,1,1,1]}'
	same <(ms-map --lineage off '{a: first(range(1; infinite))}' <<<'{}') \
	    '{"a":1}'
}

@test "an event's memory is given back before the next" {
	yes '{}' | head -n 60 >in
	status 0 ms-map --lineage off --max-memory 64M \
	    '{n: ([range(200000)] | length)}' <in >out
	lines 60 out
}

@test "an empty string, however often, is one at once" {
	printf '{"n":%s}\n' 1e18 -1 >in
	status 0 timeout 10 ms-map --lineage off '.a = .n * "" | .b = "" * .n' \
	    <in >out
	same out '{"n":1e18,"a":"","b":""}' '{"n":-1,"a":null,"b":null}'
}

@test "a list of slices that are set needs little memory" {
	status 0 timeout 60 ms-map --lineage off --max-memory 32M '{out:
	    ([range(9000) | {start: ., end: (. + 1)}] as $s |
	    [range(9000)] | .[$s[]] = [1] | length)}' <<<'{}' >out
	same out '{"out":9000}'
}
