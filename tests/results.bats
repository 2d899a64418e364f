#!/usr/bin/env bats
# What was made of many events, as those who read histories show it.

load helper

# Two windows of two users, of which a late event revises one: ./revised is
# that one alone.
folded() {
	printf '%s\n' '{"u":"a","at":10}' '{"u":"b","at":20}' \
		'{"u":"a","at":70}' '{"u":"b","at":30}' >in
	ms-trace in >traced
	ms-fold -n load --by .u --time .at --window 1m --keep 1h .n+=1 traced >results
	grep '"rev":2' results >revised
	id=$(jq -r '._lineage[0].id' revised)
}

@test "log shows a result's window, its events and its revision" {
	folded
	status 0 ms-trace log -p revised >out
	same out "event $id" "of  2 events, in:2,4, $NOW" '' \
		' 1  load  fold    ~1        fold by .u in 1m of .at: .n+=1' \
		'      made of 2, revision 2' \
		'      window 1970-01-01T00:00:00Z to 1970-01-01T00:01:00Z  events 01a203b2-dffb-7000-8000-000000000002 to 01a203b2-dffb-7000-8000-000000000004' \
		'    ~ /n  1 -> 2' ''
}

@test "blame says that a fold set all of a result, and of which events" {
	folded
	status 0 ms-trace blame .u .n revised >out
	[ "$(grep -c '^ 1 load .*| [2"]' out)" = 2 ]
	grep -q '^ 1 load  fold  .*  of 2 events, in:2,4$' out
	grep -q '^     fold by .u in 1m of .at: .n+=1$' out
	status 0 ms-trace blame --json .u revised >out
	holds out '.values[0] | .record == 1 and .of.n == 2 and .rev == 2
		and .of.lines.in == [[2,2],[4,4]] and .window.from == "1970-01-01T00:00:00Z"'
	ms-map '.m = 1' revised | status 0 ms-trace blame --json .u .m >out
	[ "$(jq -c '[.values[].record]' out)" = '[1,2]' ]
}

@test "diff and rewind take a revision back to the former values" {
	folded
	status 0 ms-trace diff revised >out
	same out "event $id, of 2 events, in:2,4" \
		'      as read -> after load (1 of 1)' \
		' 1 load  ~ /n  1 -> 2' ''
	status 0 ms-trace rewind revised >out
	same out '{"u":"b","window":{"from":"1970-01-01T00:00:00Z","to":"1970-01-01T00:01:00Z"},"n":1}'
}

@test "graph and stats count what results were made of" {
	folded
	status 0 ms-trace graph results >out
	grep -q '4 events, made of 5"' out
	status 0 ms-trace stats results >out
	grep -q '^load  *fold .*  made of 5, 1 revised  /n 1$' out
	status 0 ms-trace stats --json results >out
	holds out '.stages[0] | .made_of == 5 and .revised == 1'
	status 0 ms-trace stats --json traced >out
	holds out '.stages[0] | has("made_of") | not'
}

@test "verify finds results sound" {
	folded
	run -0 ms-trace verify results
	[ "$output" = '4 sound' ]
}
