#!/usr/bin/env bats
# ms-map: what a program makes of an event.
load helper

# becomes EVENT PROGRAM RESULT: with lineage off.
becomes() {
	printf '%s\n' "$1" >in
	status 0 ms-map --lineage off "$2" <in >out
	same out "$3"
}

@test "a number that no program touches keeps its spelling" {
	becomes '{"n":1.10,"big":12345678901234567890}' '.a = 1' \
	    '{"n":1.10,"big":12345678901234567890,"a":1}'
	becomes '{"n":1e400,"m":-0,"k":1E+02}' '.a = 1' \
	    '{"n":1e400,"m":-0,"k":1E+02,"a":1}'
}

@test "a string that no program touches keeps its escapes" {
	becomes '{"s":"\u00e9\/\ud83d\ude00\u0041","a":1}' '.a = 2' \
	    '{"s":"\u00e9\/\ud83d\ude00\u0041","a":2}'
	becomes '{"s":"\ud800 lone","a":1}' 'del(.a)' '{"s":"\ud800 lone"}'
}

@test "a value that is moved keeps its spelling" {
	becomes '{"n":1.10,"s":"\u00e9"}' '{m:.n,t:.s}' \
	    '{"m":1.10,"t":"\u00e9"}'
	becomes '{"a":[1.0,{"x":1e2}]}' '.b = .a[1] | del(.a)' '{"b":{"x":1e2}}'
	becomes '{"a":[1.0,2.0]}' '.a |= [.[1], .[0]]' '{"a":[2.0,1.0]}'
}

@test "a key keeps its escapes" {
	becomes '{"\u0061b":1,"c":2}' '.c = 3' '{"\u0061b":1,"c":3}'
	becomes '{"\u0061b":1,"c":2}' '.ab = 3' '{"\u0061b":3,"c":2}'
}

@test "duplicate keys stay where no program touches them" {
	becomes '{"a":1,"b":2,"a":3}' '.c = 4' '{"a":1,"b":2,"a":3,"c":4}'
	becomes '{"a":1,"b":2,"a":3}' '.b = 5' '{"a":1,"b":5,"a":3}'
	becomes '{"x":{"a":1,"a":3},"y":1}' '.y = 2' \
	    '{"x":{"a":1,"a":3},"y":2}'
}

@test "the last of duplicate keys counts" {
	becomes '{"a":1,"b":2,"a":3}' '{v: .a}' '{"v":3}'
	becomes '{"a":1,"b":2,"a":3}' 'del(.a)' '{"b":2}'
}

@test "the order of members is kept, new ones come last" {
	becomes '{"z":1,"y":2,"x":3}' '.a = 0 | .y = 5' \
	    '{"z":1,"y":5,"x":3,"a":0}'
}

@test "a member that is deleted and set again comes last" {
	becomes '{"a":1,"b":2}' 'del(.a) | .a = 3' '{"b":2,"a":3}'
}

@test "deep changes leave their neighbours' bytes alone" {
	becomes '{"a":{"b":[{"c":1.0, "d":2.0}, 3.0 ]}, "e":"\u0065"}' \
	    '.x = 1' \
	    '{"a":{"b":[{"c":1.0, "d":2.0}, 3.0 ]}, "e":"\u0065","x":1}'
	printf '{"a":{"b":[{"c":1.0,"d":2.0},3.0]},"e":"\\u0065"}\n' >in
	status 0 ms-map --lineage off '.a.b[0].d = 9' <in >out
	same out '{"a":{"b":[{"c":1.0,"d":9},3.0]},"e":"\u0065"}'
}

@test "what is computed is spelled the shortest way" {
	becomes '{"n":1.10}' '.n += 0' '{"n":1.1}'
	becomes '{"n":0.1}' '.n += 0.2' '{"n":0.30000000000000004}'
	becomes '{"n":100}' '.n *= 0.01' '{"n":1}'
	becomes '{"s":"\u00e9"}' '.s += "x"' '{"s":"éx"}'
}

@test "whole numbers are exact to 64 bits" {
	becomes '{"n":9007199254740992}' '.n += 1' '{"n":9007199254740993}'
	becomes '{"n":9223372036854775806}' '.n += 1' \
	    '{"n":9223372036854775807}'
	becomes '{"n":-9223372036854775807}' '.n -= 1' \
	    '{"n":-9223372036854775808}'
	becomes '{"n":3037000499}' '.n *= 3037000499' \
	    '{"n":9223372030926249001}'
	becomes '{"n":9223372036854775807}' '.n %= 10' '{"n":7}'
}

@test "the example of the design works" {
	becomes '{"bytes":1250,"user":"-","ts":"t"}' \
	    '.cost = .bytes * 0.01 | del(.user)' \
	    '{"bytes":1250,"ts":"t","cost":12.5}'
}

@test "a record holds the rule and the undo" {
	printf '{"ip":"192.0.2.1","status":500,"bytes":1250,"user":"-",' >in
	printf '"ts":"22/Nov/2026:14:20:01 +0000"}\n' >>in
	status 0 ms-map -n price '.cost = .bytes * 0.01 | del(.user)' <in >out
	holds out '.cost == 12.5 and (has("user") | not)'
	holds out '._lineage[0] | keys_unsorted ==
	    ["op","stage","rule","at","undo","sum"]'
	holds out '._lineage[0].undo | sort_by(.op) == [
	    {op:"add",path:"/user",value:"-",before:"ts"},
	    {op:"remove",path:"/cost"}]'
}

@test "an old value stands in the undo as it was spelled" {
	printf '{"n":1.10,"s":"\\u00e9","pad":"%s"}\n' "$(filler 200)" >in
	status 0 ms-map '.n = 2 | .s = "x"' <in >out
	grep -qF '{"op":"replace","path":"/n","value":1.10}' out
	grep -qF '{"op":"replace","path":"/s","value":"\u00e9"}' out
}

@test "a path in an undo is a JSON Pointer, with its escapes" {
	printf '{"a/b":{"m~n":1,"pad":"%s"}}\n' "$(filler 200)" >in
	status 0 ms-map '.["a/b"]["m~n"] = 2' <in >out
	holds out '._lineage[0].undo[0].path == "/a~1b/m~0n"'
}

@test "an event that stays as it was has a record without undo" {
	printf '{"a":1.0,"b":"x"}\n' >in
	for program in . '.a = .a' 'if .b == "y" then .a = 2 else . end' \
	    '.b |= .' 'del(.c)'; do
		status 0 ms-map "$program" <in >out
		holds out '._lineage | length == 1'
		holds out '._lineage[0] | has("undo") | not'
		grep -q '^{"a":1.0,"b":"x","_lineage"' out
	done
}

@test "one replace at the root stands in where it is shorter" {
	echo '{"a":1,"b":2,"c":3,"d":4}' >in
	status 0 ms-map '{x:1}' <in >out
	holds out '._lineage[0].undo == [{"op":"replace","path":"",
	    "value":{"a":1,"b":2,"c":3,"d":4}}]'
}

@test "an undo above the cap is left out, and truncated says so" {
	printf '{"s":"%s","b":1}\n' "$(filler 20000)" >in
	status 0 ms-map --lineage-cap 16K 'del(.s)' <in >out 2>err
	holds out '._lineage[0] | .truncated == true and (has("undo") | not)'
	same err 'ms-map: 1 record without undo: above --lineage-cap, or nested too deeply; "truncated" marks it'
	status 0 ms-map --lineage-cap 32K 'del(.s)' <in >out
	holds out '._lineage[0] | has("truncated") | not'
	holds out '._lineage[0] | has("undo")'
	echo '{"s":"0123456789","b":1}' >in
	status 0 ms-map --lineage-cap 20 'del(.s)' <in >out
	holds out '._lineage[0].truncated == true'
	for jobs in 1 2; do
		status 0 ms-map -j "$jobs" --stats --lineage-cap 20 'del(.s)' \
		    in in >out 2>err
		grep -q '2 records without undo' err
		grep -q ', 2 truncated in ' err
	done
}

@test "without --lineage-cap no undo is too long" {
	printf '{"s":"%s","b":1}\n' "$(filler 3000000)" >in
	status 0 ms-map 'del(.s)' <in >out 2>err
	[ ! -s err ]
	status 0 ms-trace rewind out >back
	cmp in back
}

@test "several outputs are several events, each with its fork" {
	echo '{"l":[1,2,3],"k":"x"}' >in
	status 0 ms-map '{k, v: .l[]}' <in >out
	lines 3 out
	[ "$(jq -c '[.v, ._lineage[0].fork]' out | tr '\n' ' ')" = \
	    '[1,[1,3]] [2,[2,3]] [3,[3,3]] ' ]
	status 0 ms-trace rewind <out >back
	cat in in in | cmp - back
}

@test "one output makes no fork" {
	echo '{"a":1}' >in
	status 0 ms-map '{b:2}' <in >out
	holds out '._lineage[0] | has("fork") | not'
}

@test "fork stands in front of at" {
	echo '{"a":1}' >in
	status 0 ms-map '., .' <in >out
	grep -q '"fork":\[1,2\],"at":"' out
	grep -q '"fork":\[2,2\],"at":"' out
}

@test "no output drops the event, which --stats counts" {
	printf '%s\n' '{"a":1}' '{"a":2}' '{"a":3}' >in
	status 0 ms-map --lineage off --stats 'select(.a > 2)' <in >out 2>err
	same out '{"a":3}'
	grep -q '^ms-map: .*2 dropped' err
}

@test "an output that is no object makes the event a reject" {
	printf '%s\n' '{"a":1}' '{"a":{}}' >in
	status 1 ms-map --lineage off --rejects rej .a <in >out 2>err
	same out '{}'
	grep -q '^ms-map: standard input:1: .*object' err
	holds rej '.event == {"a":1}'
}

@test "an event with one bad output of several is rejected as a whole" {
	echo '{"a":1}' >in
	status 1 ms-map '., .a' <in >out 2>err
	[ ! -s out ]
	status 1 ms-map '., error("late")' <in >out 2>err
	[ ! -s out ]
	grep -q 'late' err
}

@test "a program that sets _lineage makes the event a reject" {
	echo '{"a":1}' >in
	status 1 ms-map '._lineage = []' <in >out 2>err
	[ ! -s out ]
	status 1 ms-map '{_lineage: [{op:"lie"}]}' <in >out 2>err
	[ ! -s out ]
	grep -q '_lineage' err
}

@test "_lineage deeper in an event is a member like any other" {
	becomes '{"a":{"_lineage":1}}' '.a._lineage += 1' \
	    '{"a":{"_lineage":2}}'
}

@test "a program can't see or delete the history, but can read \$lineage" {
	echo '{"a":1}' >in
	status 0 ms-map -n one '.b = 2' <in >once
	status 0 ms-map 'del(._lineage) | .n = ($lineage | length) |
	    .k = keys | .s = $lineage[0].stage' <once >out
	holds out '.n == 1 and .k == ["a","b","n"] and .s == "one" and
	    (._lineage | length == 2)'
}

@test "-R takes each line as a string" {
	printf 'one\n\ttwo "x" \\ y\r\n{"a":1}\n' >in
	status 0 ms-map -R --lineage off '{line: .}' <in >out
	same out '{"line":"one"}' '{"line":"\ttwo \"x\" \\ y"}' \
	    '{"line":"{\"a\":1}"}'
}

@test "-R and capture turn a plain text log into events" {
	status 0 ms-map -R --lineage off 'capture("^(?<ip>\\S+) \\S+ " +
	    "(?<user>\\S+) \\[(?<ts>[^]]+)\\] \"(?<method>\\S+) " +
	    "(?<path>\\S+) [^\"]*\" (?<status>\\d+) (?<bytes>\\d+)$") |
	    .status |= tonumber | .bytes |= tonumber' \
	    "$examples/access.log" >out
	head -n 1 out >first
	same first '{"ip":"192.0.2.10","user":"-",'\
'"ts":"22/Nov/2026:14:20:01 +0000","method":"GET","path":"/",'\
'"status":200,"bytes":5120}'
	lines 3 out
}

@test "with -R a record carries the origin, and no undo" {
	printf 'x\ny\n' >log
	status 0 ms-map -R -n read '{l: .}' log >out
	same <(unsummed out) "{\"l\":\"x\",\"_lineage\":[{\"op\":\"map\",\
\"stage\":\"read\",\"rule\":\"{l: .}\",\"from\":{\"source\":\"log\",\
\"line\":1},\"at\":\"$NOW\"}]}" "{\"l\":\"y\",\"_lineage\":[{\"op\":\"map\",\
\"stage\":\"read\",\"rule\":\"{l: .}\",\"from\":{\"source\":\"log\",\
\"line\":2},\"at\":\"$NOW\"}]}"
	status 0 ms-map -R '{l: .}' <log >out
	holds out '._lineage[0].from.source == "-"'
}

@test "-R rejects a line that isn't UTF-8, and replays it" {
	printf 'one\n\377two\nthree\n' >in
	status 1 ms-map -R --lineage off --rejects rej '{l:.}' <in >out 2>err
	same out '{"l":"one"}' '{"l":"three"}'
	status 0 ms-trace replay rej >back
	printf '\377two\n' | cmp - back
}

@test "-R rejects a line that the pattern doesn't fit where asked to" {
	printf 'a=1\nnothing\n' >in
	status 1 ms-map -R --lineage off --rejects rej \
	    'capture("(?<k>.)=(?<v>.)") // error("no pair")' <in >out 2>err
	same out '{"k":"a","v":"1"}'
	grep -q '^ms-map: standard input:2: .*no pair' err
	status 0 ms-trace replay rej >back
	same back 'nothing'
}

@test "-R passes over blank lines" {
	printf 'a\n\n\nb\n' >in
	status 0 ms-map -R --lineage off '{l:., n:$line}' <in >out
	same out '{"l":"a","n":1}' '{"l":"b","n":4}'
}

@test "-R works on all of a real web site's log" {
	[ -e "$shared/data/access.log" ] || skip "no ../shared/data"
	status 0 ms-map -R --lineage off 'capture("^(?<ip>\\S+) \\S+ " +
	    "(?<user>\\S+) \\[(?<ts>[^]]+)\\] \"(?<method>\\S+) ")' \
	    "$shared/data/access.log" >out
	want=$(grep -acE '^[^ ]+ [^ ]+ [^ ]+ \[[^]]+\] "[^ ]+ ' \
	    "$shared/data/access.log")
	[ "$(wc -l <out)" -eq "$want" ]
}

@test "--on-error pass writes the event as it came" {
	printf '%s\n' '{"a":1}' '{"a":{}}' >in
	ms-map --lineage off --on-error pass '.a.b = 2' <in >out 2>err || true
	same out '{"a":1}' '{"a":{"b":2}}'
}

@test "a pipe of stages carries a barrier that counts what arrives" {
	printf '%s\n' '{"l":[1,2,3]}' '{"l":[4]}' '{"ms.barrier":"b","n":2}' \
	    >in
	ms-trace <in | ms-map '{v: .l[]}' | ms-filter '.v != 2' |
	    ms-map 'select(.v < 4)' >out
	tail -n 1 out >last
	same last '{"ms.barrier":"b","n":2}'
	lines 3 out
}

@test "it works on all of a real web site's events, and back" {
	data=$shared/data/access.ndjson
	[ -e "$data" ] || skip "no ../shared/data"
	status 0 ms-map '.cost = .bytes * 0.01 | del(.user)' "$data" >out
	[ "$(wc -l <out)" -eq "$(wc -l <"$data")" ]
	status 0 ms-trace rewind <out >back
	cmp "$data" back
}

@test "it works on deeply nested events, and back" {
	data=$shared/data/github.ndjson
	[ -e "$data" ] || skip "no ../shared/data"
	status 0 ms-map --lineage-cap 1M 'del(.sender) | .n = length |
	    .repository.owner.login |= ascii_downcase?' "$data" >out 2>err
	[ "$(wc -l <out)" -eq "$(wc -l <"$data")" ]
	status 0 ms-trace rewind <out >back
	cmp "$data" back
}

@test "an undo that is nested too deep for the next filter is truncated" {
	for n in 995 996 999; do
		printf '{"a":'
		filler $n | tr x '['
		filler $n | tr x ']'
		printf ',"b":"]\\"["}\n'
	done >in
	status 0 ms-map 'del(.a)' in >out
	status 0 ms-filter true out >again
	lines 3 again
	ms-map --lineage off '$lineage[0] | {u: has("undo"), truncated}' out |
	    ms-trace strip >kinds
	same kinds '{"u":true,"truncated":null}' \
	    '{"u":false,"truncated":true}' '{"u":false,"truncated":true}'
	status 1 ms-trace rewind out >back 2>err
	head -n 1 in | cmp - back
}

@test "what an event has is found, whatever keys the events before had" {
	# keys in many orders: none, escaped, twice, long, and very many
	awk 'BEGIN {
		srand(7)
		split("a b ab aa abcdefgh abcdefghi a_key_of_20_letters x_1 x_2",
		    key, " ")
		for (line = 0; line < 3000; line++) {
			n = line % 50 == 49 ? 150 : int(rand() * 6)
			out = ""
			for (i = 0; i < n; i++) {
				k = n > 100 ? "k" i : key[1 + int(rand() * 9)]
				if (rand() < 0.02)
					sub(/a/, "\\u0061", k)
				out = out (i ? "," : "") "\"" k "\":" int(rand() * 3)
			}
			print "{" out "}"
		}
	}' >in
	rule='[.a, .b, .ab, .aa, .abcdefgh, .abcdefghi,
	    .a_key_of_20_letters, .x_1, .x_2, .k0, .k149, .k, length]'
	status 0 ms-map --lineage off "{found: $rule}" <in >out
	jq -c "{found: $rule}" <in >expected
	cmp out expected
	# and what is changed comes back
	status 0 ms-map 'del(.a, .x_1) | .ab += 1 | .new = .b' <in >out
	status 0 ms-trace rewind --lineage off <out >back
	status 0 ms-trace strip back >stripped
	cmp stripped in
}

@test "a key that was there twice is one that can be changed again" {
	for more in '' "$(printf '"k%d":1,' {1..30})"; do
		echo "{\"a\":1,$more\"a\":[1,\"x\"]}" >in
		status 0 ms-map --lineage off '(.a[1], .a[0]) = 2
		    | {a, b: .a[0]}' <in >out
		same out '{"a":[2,2],"b":2}'
		status 0 ms-map --lineage off '.a = 5 | del(.a) | .a = 6 |
		    {a, n: (keys | length)}' <in >out
		holds out '.a == 6'
		status 0 ms-map '(.a[1], .a[0]) = 2' <in >changed
		status 0 ms-trace rewind changed >back
		cmp in back
	done
}
