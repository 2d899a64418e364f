#!/usr/bin/env bats
# ms-trace compare: two outputs of a pipeline beside each other.
load helper

# run OUT PROGRAM: three events through a pipeline whose third stage it is.
pipeline() {
	printf '%s\n' '{"m":"GET","n":1}' '{"m":"PUT","n":2}' \
	    '{"m":"GET","n":3}' >in
	[ -e rates.csv ] || printf '%s\n' m,rate GET,5 PUT,7 >rates.csv
	ms-trace in | ms-filter --else "$1.away" '.n > 0' |
	    ms-enrich -t rates.csv -k .m |
	    ms-map --rejects "$1.rej" -n price "$2" 2>/dev/null |
	    ms-map '.due = (.cost // 0) + 1' >"$1"
}

@test "a file compared with itself is the same" {
	pipeline old '.cost = .n * .rates.rate'
	status 0 ms-trace compare old old >out
	same out 'same                3' 'changed             0' \
	    'only in old         0' 'only in old         0'
	cp old copy
	status 0 ms-trace compare -p old - <copy >out
	head -n 1 out | grep -q '^same  *3$'
}

@test "what changed is told by place, with the stage since which it did" {
	pipeline old '.cost = .n * .rates.rate'
	pipeline new '.cost = .n * 5'
	status 1 ms-trace compare old new >out
	same out 'same                2' 'changed             1' \
	    '  .cost             1  since map price' \
	    '  .due              1  since map' 'only in old         0' \
	    'only in new         0'
}

@test "each difference is shown as diff does" {
	pipeline old '.cost = .n * .rates.rate'
	pipeline new '.cost = .n * 5 | .new = true | del(.m)'
	status 1 ms-trace compare -p old new >out
	sed -n '8,$p' out | head -n 8 >second
	same second '  since map price' '    - /m  "PUT"' \
	    '    ~ /cost  14 -> 10' '  since map' '    ~ /due  15 -> 11' \
	    '  since map price' '    + /new  true' '' || cat out
}

@test "another row of a table is told as the cause" {
	pipeline old '.cost = .n * .rates.rate'
	printf '%s\n' m,rate GET,5 PUT,8 >rates.csv
	pipeline new '.cost = .n * .rates.rate'
	status 1 ms-trace compare old new >out
	grep -q '\.rates\.rate *1  since enrich: another row of rates.csv' out
	grep -q '\.cost *1  since map price$' out
}

@test "what others changed is blamed on no stage alone" {
	pipeline old '.cost = .n * 5'
	sed 's/"n":1/"n":9/; s/"due":11/"due":12/' old >new
	status 1 ms-trace compare old new >out
	grep -q '^  \.n *1  as read, or changed outside$' out
	grep -q '^  \.due *1  since map, or outside behind it$' out
}

@test "a stage that only one of both has is told where it made the change" {
	pipeline old .
	ms-map -n extra '.n += 1' old >new
	status 1 ms-trace compare old new >out
	grep -q '\.n *3  since map extra, which the old one lacks' out
	status 1 ms-trace compare new old >out
	grep -q '\.n *3  since map extra, which the new one lacks' out
}

@test "events that were read otherwise say so" {
	pipeline old .
	sed 's/"n":2/"n":4/' in >other
	ms-trace --source in other | ms-filter '.n > 0' |
	    ms-enrich -t rates.csv -k .m | ms-map -n price . |
	    ms-map '.due = (.cost // 0) + 1' >new
	status 1 ms-trace compare old new >out
	grep -q '\.n *1  as read' out
}

@test "ignored places aren't compared" {
	pipeline old '.cost = .n * .rates.rate | .l = [{"x":1,"y":2}]'
	pipeline new '.cost = .n * 5 | .l = [{"x":9,"y":2}]'
	status 0 ms-trace compare --ignore .cost --ignore /due \
	    --ignore '.l[0].x' old new >out
	status 1 ms-trace compare --ignore .cost --ignore .l old new >out
	status 2 ms-trace compare --ignore 'cost' old new 2>err
	grep -q "ignore: 'cost' is no path" err
}

@test "events only in one of both are told, with what became of them" {
	pipeline old '.cost = 1'
	pipeline new 'if .n == 2 then error("no \(.m)") else .cost = 1 end'
	ms-filter --else new.away '.n < 3' new >newer
	status 1 ms-trace compare old newer --also-new new.away \
	    --also-new new.rej >out
	same out 'same                              1' \
	    'changed                           0' \
	    'only in old                       2' \
	    '  rejected by map price           1  no PUT' \
	    '  turned away by filter           1  .n < 3' \
	    'only in newer                     0' || cat out
	status 1 ms-trace compare -p newer old --also-old new.away >out
	grep -q 'only in old: turned away by filter: .n < 3' out
}

@test "a trail says what became of events" {
	pipeline old '.cost = 1'
	export MS_TRAIL=$PWD/trail
	pipeline new 'if .n == 2 then error("no") elif .n == 3 then empty
	    else .cost = 1 end'
	unset MS_TRAIL
	status 1 ms-trace compare --json old new --also-new trail >out
	holds out '.old.fates | map([.fate, .why[:2]]) ==
	    [["rejected by map price","no"],["turned away by map price","if"]]'
}

@test "an event in another output is told as that" {
	pipeline old .
	head -n 2 old >new
	tail -n 1 old >third
	status 1 ms-trace compare --json old new --also-new third >out
	holds out '.old.only == 1 and .old.elsewhere == 1 and
	    .old.fates == [{"fate":"in third","events":1}]'
}

@test "forks are joined by all their numbers" {
	printf '%s\n' '{"l":[1,2,3]}' '{"l":[4,5]}' | ms-trace |
	    ms-map '.l[] as $x | {x: $x}' >old
	tac old >new
	status 0 ms-trace compare old new
	sed 's/"x":5/"x":6/' old >new
	status 1 ms-trace compare -p old new >out
	grep -q '~ /x  5 -> 6' out
	grep -v '"x":2' old >new
	status 1 ms-trace compare -p old new >out
	grep -q '    - {"x":2}' out
}

@test "two runs that gave other ids are joined by origin" {
	printf '%s\n' '{"a":1}' '{"a":2}' >in
	MS_NOW=2026-01-01T00:00:00.000000Z ms-trace in >old
	ms-trace in | tac >new
	run ! cmp -s old new
	status 0 ms-trace compare old new
}

@test "events without a name are joined by their order" {
	printf '%s\n' '{"a":1}' '{"a":2}' >old
	printf '%s\n' '{"a":1}' '{"a":3}' '{"a":4}' >new
	status 1 ms-trace compare -p old new >out
	grep -q '~ /a  2 -> 3' out
	grep -q '    + {"a":4}' out
}

@test "spelling counts, spaces don't, and order is told" {
	printf '%s\n' '{"a":1.10,"b":{"x":1,"y":2}}' >old
	printf '%s\n' '{"a": 1.10 , "b":{ "x":1,"y":2}}' >new
	status 0 ms-trace compare old new
	printf '%s\n' '{"a":1.1,"b":{"x":1,"y":2}}' >new
	status 1 ms-trace compare -p old new >out
	grep -q '~ /a  1.10 -> 1.1' out
	printf '%s\n' '{"a":1.10,"b":{"y":2,"x":1}}' >new
	status 1 ms-trace compare old new >out
	grep -q 'the order of members' out
}

@test "as data, a line a difference and a summary" {
	pipeline old '.cost = .n * .rates.rate'
	pipeline new '.cost = .n * 5'
	head -n 2 new >short
	status 1 ms-trace compare -p --json old short >out
	lines 3 out
	jq -es '.[0] | .what == "changed" and .from.line == 2 and
	    .changes[0] == {"path":"/cost","old":14,"new":10,
	    "why":"since map price","record":4,"in":"new"}' out
	jq -es '.[1] | .what == "only" and .in == "old" and .event.n == 3' out
	jq -es '.[2] | .what == "summary" and .same == 1 and .changed == 1 and
	    .old.only == 1' out
}

@test "slim histories leave the stage unknown" {
	echo '{"a":1}' | ms-map --lineage slim '.b = 1' >old
	echo '{"a":1}' | ms-map --lineage slim '.b = 2' >new
	status 1 ms-trace compare old new >out
	grep -q '^  \.b *1$' out || cat out
}

@test "what can't be read is told, and nothing compared is a difference" {
	printf '%s\n' '{"a":1}' >old
	printf '%s\n' '{"a":1}' '{"a":' >new
	status 1 ms-trace compare old new 2>err
	grep -q 'new:2: ' err
	status 1 ms-trace compare new old 2>err
	grep -q 'new:2:' err
	status 3 ms-trace compare old none 2>err
	same err 'ms-trace: none: No such file or directory'
	status 3 ms-trace compare old new --also-old none 2>/dev/null
	status 2 ms-trace compare old 2>err
	grep -q 'two files are compared' err
}

@test "memory grows with the difference, not with the files" {
	is_asan && skip "ASan keeps memory of its own"
	seq 1 30000 | jq -c '{a: ., t: "'"$(filler 600)"'"}' | ms-trace >old
	{ sed -n '2,$p' old; head -n 1 old; } >new
	( ulimit -v 60000; status 0 ms-trace compare old new )
}

@test "small pipelines that differ in a stage differ just there" {
	jq -nc 'range(30) | {a:., b:(. % 3)}' | ms-trace >in
	for k in 1 2 3; do
		ms-map ".c = .a + ($k == 1 | if . then 1 else 0 end)" <in |
		    ms-map ".b = .b * ($k == 2 | if . then 2 else 1 end)" |
		    ms-map ".d = [.a, ($k == 3)]" >out$k
	done
	ms-map '.c = .a' <in | ms-map '.b = .b' | ms-map '.d = [.a, false]' >ref
	status 1 ms-trace compare ref out1 >told
	grep -q '\.c *30 ' told
	lacks -q '\.[bd] ' told
	status 1 ms-trace compare ref out2 >told
	grep -q 'changed *20' told
	status 1 ms-trace compare ref out3 >told
	grep -q '\.d\[\] *30 ' told
}
