#!/usr/bin/env bats
# No program costs quadratic time where jq's costs linear; loops need no
# stack, and what runs away is an error of its event.
load helper

# grows PART: look at each fourth program of the list, from that one on.
grows() {
	command -v valgrind >/dev/null || skip "valgrind is missing"
	if is_asan; then
		skip "valgrind and ASan don't go together"
	fi
	grep -v '^#' "$root/tests/growth.txt" | sed -n "$1~4p" >part
	[ -s part ]
	"$root/tests/growth.sh" part >report || {
		cat report >&2
		return 1
	}
}

# Side by side: each takes its time.
@test "twice the work costs twice as much, a fourth of the programs" {
	grows 1
}

@test "twice the work costs twice as much, the second fourth" {
	grows 2
}

@test "twice the work costs twice as much, the third fourth" {
	grows 3
}

@test "twice the work costs twice as much, the last fourth" {
	grows 4
}

@test "rewinding costs what the history and the event are long together" {
	command -v valgrind >/dev/null || skip "valgrind is missing"
	if is_asan; then
		skip "valgrind and ASan don't go together"
	fi
	"$root/tests/growth_rewind.sh" >report || {
		cat report >&2
		return 1
	}
}

# instructions COMMAND...: those that it takes
instructions() {
	valgrind --tool=cachegrind --cache-sim=no --log-file=count \
	    --cachegrind-out-file=/dev/null "$@" >/dev/null
	sed -n 's/.*I *refs: *//p' count | tr -d ,
}

@test "diff and compare cost what the event is long" {
	command -v valgrind >/dev/null || skip "valgrind is missing"
	if is_asan; then
		skip "valgrind and ASan don't go together"
	fi
	for n in 3000 6000; do
		jq -nc "{l: [range($n) | {i: .}]}" >in.$n
		ms-map '.l |= reverse' in.$n >out.$n
	done
	for sub in diff "compare in.N"; do
		# shellcheck disable=SC2086 # a subcommand and its file
		once=$(instructions ms-trace ${sub/N/3000} out.3000)
		# shellcheck disable=SC2086 # a subcommand and its file
		twice=$(instructions ms-trace ${sub/N/6000} out.6000)
		echo "$sub: $once, then $twice"
		((twice * 10 < once * 26))
	done
}

@test "numbers that are chosen to collide are told apart in linear time" {
	command -v valgrind >/dev/null || skip "valgrind is missing"
	if is_asan; then
		skip "valgrind and ASan don't go together"
	fi
	# doubles whose halves differ only in the same 18 bits, the high ones
	awk 'BEGIN {
		for (e = 900; e < 1028; e++) for (j = 0; j < 64; j++) {
			m = 2 ^ 52 + j * 2 ^ 46 + e * 2 ^ 20 + j * 2 ^ 14
			printf "%s%.17g", n++ ? "," : "{\"x\":[", m * 2 ^ (e - 1075)
		}
		print "]}" }' >in
	n=$(instructions ms-map --lineage off '.x |= (. - . | length)' in)
	echo "$n for 8,192"
	((n < 8192 * 8000))
	# and such as have the same double
	for form in '1.%030d' '1e%d' '-1e-%d' '12345678901234567890%d'; do
		seq -f '%.0f' 1000 1999 | xargs printf "$form," |
		    sed 's/^/{"x":[/; s/,$/]}/' >in
		n=$(instructions ms-map --lineage off '.x |= (. - . | length)' in)
		echo "$form: $n for 1,000"
		((n < 1000 * 40000))
	done
}

@test "220 members of 150,000 come back within the default limits" {
	jq -nc '[range(150000) | {("k\(.)"): .}] | add' >in
	status 0 ms-map 'delpaths([range(220) | ["k\(. * 300)"]])' in >out
	status 0 ms-trace rewind out >back
	cmp in back
	status 0 ms-trace rewind --max-memory 64M out >back
	cmp in back
}

@test "a long history of a large event takes memory in proportion" {
	jq -nc '[range(20000) | {("k\(.)"): .}] | add + {_lineage: [range(5000)
	    | {op: "map", rule: ".", undo: [{op: "replace", path: "/k\(.)",
	    value: -1}]}]}' >in
	status 0 ms-trace rewind --max-memory 32M in >out
	holds out '.k0 == -1 and .k4999 == -1 and .k5000 == 5000'
	status 0 ms-trace verify --max-memory 32M in >out || true
	status 0 ms-trace blame --max-memory 64M .k0 in >out
	status 0 ms-trace log -p --max-memory 64M in >out
}

@test "copies of copies are bounded by --max-memory, and told" {
	jq -nc '{a: "xxxxxxxxxxxxxxxx", _lineage: [range(60) | {op: "map",
	    rule: ".", undo: [{op: "copy", from: "", path: "/c\(.)"}]}]}' >in
	for sub in rewind 'log -p' blame verify; do
		# shellcheck disable=SC2086 # a subcommand and its option
		({ is_asan || ulimit -v 4000000; } &&
		    within 60 ms-trace $sub --max-memory 64M in >out 2>err) || true
		grep -q 'copies hold more than --max-memory\|malformed\|not enough' \
		    err out
		[ "$(wc -c <out)" -lt 100000000 ]
	done
}

@test "a history of too many records is told by every command" {
	jq -nc '{a: 1, _lineage: [range(100001) | {op: "x"}]}' >in
	for cmd in 'ms-filter .a' 'ms-map .' 'ms-trace' 'ms-trace rewind'; do
		# shellcheck disable=SC2086 # a command and its arguments
		status 1 $cmd in >out 2>err
		grep -q "the event's history has more than 100000 records" err
	done
	jq -nc '{a: 1, _lineage: [range(2) | {op: "x", rule: ".", undo:
	    [range(500001) | {op: "test", path: "/a", value: 1}]}]}' >in
	status 1 ms-trace rewind in >out 2>err
	grep -q 'there are more than 1000000 operations' err
	jq -nc '{a: 1, _lineage: [{op: "x", at: "2026-01-01T00:00:00.000000Z",
	    rule: ("." * 1048577)}]}' >in
	status 1 ms-trace verify in >out 2>err
	grep -q 'its "rule" is longer than 1 MiB' err
}

@test "deep pointers, huge indexes and moves into themselves are told" {
	deep=$(printf '/a%.0s' {1..20000})
	while IFS= read -r undo; do
		printf '{"a":[1],"_lineage":[{"op":"map","rule":".","undo":[%s]}]}\n' \
		    "$undo"
	done >in <<-END
		{"op":"remove","path":"$deep"}
		{"op":"add","path":"/a/99999999999999999999","value":1}
		{"op":"add","path":"/a/4294967297","value":1}
		{"op":"move","from":"/a","path":"/a/0"}
		{"op":"move","from":"","path":"/b"}
		{"op":"remove","path":""}
		{"op":"copy","from":"/b","path":"/c"}
	END
	status 1 within 60 ms-trace rewind in >out 2>err
	[ ! -s out ]
	lines 7 err
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
		status 1 within 60 ms-map --lineage off --max-memory 256M \
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
	status 0 within 10 ms-map --lineage off '.a = .n * "" | .b = "" * .n' \
	    <in >out
	same out '{"n":1e18,"a":"","b":""}' '{"n":-1,"a":null,"b":null}'
}

@test "a list of slices that are set needs little memory" {
	status 0 within 60 ms-map --lineage off --max-memory 32M '{out:
	    ([range(9000) | {start: ., end: (. + 1)}] as $s |
	    [range(9000)] | .[$s[]] = [1] | length)}' <<<'{}' >out
	same out '{"out":9000}'
}

@test "a long string with escapes is decoded once, however often it is used" {
	jq -nc '{s: ("\n\u20ac" * 10000), l: [range(2000) | "k\(.)"]}' >in
	status 0 ms-map --lineage off --max-memory 24M '{n: (.s as $s | .l |
	    map(select(. == $s or ($s | startswith("k")) or (. as $k | $s |
	    contains($k)) or ($s | test("^k")))) | length)}' in >out
	same out '{"n":0}'
}

@test "what is deeper than any limit is an error of its event" {
	if is_asan; then
		skip "ASan's frames need more stack"
	fi
	{
		printf '{"v":'
		yes '{"a":' | head -n 90000 | tr -d '\n'
		printf '{}'
		yes '}' | head -n 90001 | tr -d '\n'
		printf '\n{"v":1}\n'
	} >in
	for program in '.v * .v' '.v | contains(.)' '.v == (.v | .b? = 1)' \
	    '[.v, .v] | sort' '[.v] - [.v | .b? = 1]' '[.v] | index([.[0]])'; do
		(ulimit -s 8192 && within 60 ms-map --lineage off \
		    --max-depth 100000 "if .v == 1 then . else
		    {r: ($program | type)} end" <in >out 2>err) || [ $? -eq 1 ]
		grep -q '^{"v":1}$' out
	done
}
