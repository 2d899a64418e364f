#!/usr/bin/env bats
# ms-trace of: which events a result was made of, and that these are all.

load helper

# Four events of two users in two minutes, traced, and their results.
folded() {
	printf '%s\n' '{"u":"a","at":"2026-01-01T00:00:10Z","v":1}' \
		'{"u":"b","at":"2026-01-01T00:00:20Z","v":2}' \
		'{"u":"a","at":"2026-01-01T00:00:30Z","v":3}' \
		'{"u":"a","at":"2026-01-01T00:01:30Z","v":4}' >in
	ms-trace in >traced
	ms-fold -n load --by .u --time .at --window 1m "$@" \
		'.n += 1 | .v += $event.v' traced >results
}

@test "of lists a result's events, and shows that they are all of them" {
	folded
	status 0 ms-trace of --where '.u == "a" and .n == 2' results traced >out
	same out \
		'01a203b2-dffb-7000-8000-000000000001  in:1' \
		'01a203b2-dffb-7000-8000-000000000003  in:3' \
		"$(head -n 1 results | jq -r '._lineage[0].id')  fold load  2026-01-01T00:00:00Z to 2026-01-01T00:01:00Z" \
		'  whole: 2 events, in:1,3; the digest is theirs'
}

@test "of judges each of many results, and standard input has the events" {
	folded
	status 0 ms-trace of results <traced >out
	[ "$(grep -c 'whole: ' out)" = 3 ]
	[ "$(grep -c '  in:[0-9]*  of ' out)" = 4 ]
	status 0 ms-trace of - traced <results >again
	cmp out again
}

@test "of says which lines are missing, and exits 1" {
	folded
	sed 3d traced >part
	status 1 ms-trace of results part >out
	grep -qx '  not whole: made of 2, found 1; 1 missing: in:3' out
	[ "$(grep -c '  whole: ' out)" = 2 ]
	status 1 ms-trace of results /dev/null >out
	grep -qx '  not whole: made of 2, found 0; 2 missing: in:1,3' out
}

@test "of tells an event of the key and window that the result doesn't hold" {
	folded
	ms-trace --source late <<<'{"u":"b","at":"2026-01-01T00:00:59Z"}' |
		status 1 ms-trace of results traced - >out
	grep -qx '  not whole: made of 1, found 1; 1 more of its key and window, which it doesn.t hold: late:1' out
}

@test "of finds events that were given twice, and others in their place" {
	folded
	cat traced traced | status 1 ms-trace of --where '.v == 2' results >out
	grep -qx '  not whole: made of 1, found 2; 1 too many, or given twice' out
	sed '2s/000000000002/000000000009/' traced |
		status 1 ms-trace of --where '.v == 2' results >out
	grep -qx '  not whole: made of 1, found 1; the digest differs: they aren.t the same events' out
}

@test "of writes the events themselves with --pass" {
	folded
	status 0 ms-trace of --pass --where '.v == 4 and .n == 2' results traced >out 2>err
	sed -n '1p;3p' traced | cmp - out
	grep -qx '  whole: 2 events, in:1,3; the digest is theirs' err
}

@test "without ids of says that only numbers can be compared" {
	folded
	ms-fold --by .u --time .at --window 1m .n+=1 in >results
	status 0 ms-trace of results in >out
	grep -qx '  whole: 2 events, in:1,3; without ids only their number can be compared' out
}

@test "of tells forks of one line apart by the fold's key" {
	ms-trace <<<'{"items":[{"k":"x"},{"k":"y"},{"k":"x"}]}' | ms-map '.items[]' >traced
	ms-fold --by .k --window all '. + 1' traced >results
	status 0 ms-trace of results traced >out
	grep -qx '  whole: 2 events, -:1; the digest is theirs' out
	grep -qx '  whole: 1 event, -:1; the digest is theirs' out
	grep -v '"x"' traced | status 1 ms-trace of results >out
	grep -q 'not whole: made of 2, found 0' out
}

@test "of finds events whose lines the record has no room for by its rule" {
	seq 400 | jq -c '{k: (. % 2), at: .}' | ms-trace --source numbers >traced
	ms-fold --by .k --time .at --window 1h '. + 1' traced >results
	holds results '._lineage[0].of | .more and .n == 200'
	status 0 ms-trace of results traced >out
	[ "$(grep -c 'whole: 200 events' out)" = 2 ]
	sed 399d traced | status 1 ms-trace of results >out
	grep -q 'not whole: made of 200, found 199; 1 missing' out
}

@test "of goes by the lines alone where the rule isn't known" {
	folded --lineage slim
	jq -c '._lineage[0] |= del(.rule)' results >bare
	status 0 ms-trace of bare traced >out
	[ "$(grep -c '  whole: ' out)" = 3 ]
}

@test "of knows sliding windows, sessions and windows by count" {
	local plan

	for plan in 2m/1m session:15s count:2; do
		folded --window "$plan"
		status 0 ms-trace of results traced >out
		lacks 'not whole' out
		[ "$(grep -c '  whole: ' out)" = "$(wc -l <results)" ]
	done
}

@test "of tells windows by count apart that lie in the same second" {
	local in

	for in in traced in; do
		jq -c '.at = "2026-01-01T00:00:10Z"' <<<"$(printf '{"u":%d}\n' \
			1 1 2 1 1 2 1)" >in
		ms-trace in >traced
		ms-fold --by .u --time .at --window count:2 .n+=1 $in >results
		[ "$(jq -r '._lineage[-1].id' results | sort -u | wc -l)" = 4 ]
		ms-fold --by .u --time .at --window count:2 .n+=1 $in |
			cmp results
	done
	ms-fold --by .u --time .at --window count:2 .n+=1 traced >results
	status 0 ms-trace of results traced >out
	[ "$(grep -c '  whole: ' out)" = 4 ]
}

@test "of compares with the last revision of a result" {
	printf '%s\n' '{"at":10}' '{"at":70}' '{"at":20}' | ms-trace --source in >traced
	ms-fold --time .at --window 1m --keep 1h .n+=1 traced >results
	status 0 ms-trace of results traced >out
	grep -q ' revision 2$' out
	grep -qx '  whole: 2 events, in:1,3; the digest is theirs' out
	[ "$(grep -c whole out)" = 2 ]
}

@test "of says what it can't compare" {
	folded
	run -1 ms-trace of traced traced
	[ "$output" = 'ms-trace: traced: no event there was made of others (by ms-fold with --window)' ]
	run -1 ms-trace of --id ffff results traced
	[ "$output" = 'ms-trace: no event has an id that starts with ffff' ]
	run -3 ms-trace of missing traced
	[ "$output" = 'ms-trace: missing: No such file or directory' ]
	run -2 ms-trace of
	[[ $output == *'which results?'* ]]
	jq -c '._lineage[0].of = {"n":"many"}' results >bad
	run -1 ms-trace of bad traced
	[[ $output == *'bad:1: its "of" doesn'\''t say what it was made of'* ]]
}

@test "a fold's rule says what its times count, and of counts the same" {
	printf '%s\n' '{"at":10000}' '{"at":70000}' | ms-trace --source in >traced
	ms-fold --time .at --time-unit ms --window 1m .n+=1 traced >results
	holds results '._lineage[0].rule == "fold in 1m of .at as ms: .n+=1"'
	status 0 ms-trace of results traced >out
	[ "$(grep -c '  whole: 1 event' out)" = 2 ]
}

@test "of reads rules whose programs hold the words of rules" {
	printf '%s\n' '{"a":1,"b":{"c, d":"x"},"t":1}' '{"a":1,"b":{"c, d":"y"},"t":2}' |
		ms-trace --source src >traced
	local by

	for by in '.b["c, d"]' '[.a, .b["c, d"]]' \
		'.b | if .["c, d"] == "x" then "a: b in 1m of .t" else "c, d" end'; do
		ms-fold --by "$by" --time '.t' --window 1m '.s = "a: b in c"' \
			traced >results
		status 0 ms-trace of results traced >out
		[ "$(grep -c 'whole: 1 event' out)" = 2 ]
	done
	ms-fold --by .a --by '.b["c, d"]' --as '.x["f = fold: g"]' \
		--window all '. + 1' traced >results
	status 0 ms-trace of results traced >out
	[ "$(grep -c 'whole: 1 event' out)" = 2 ]
}
