#!/usr/bin/env bats
# A program and the undo patch that it left give back the input: programs of
# every form (changes.txt), on random events and on real ones.
load helper

# What each program makes of the events in "in" rewinds to them.  Forks come
# back once each, dropped events don't; where the program fails the event
# passes as it is.  Programs that change something, or drop something, are
# counted.  One rewind takes back what all programs made: behind a line with
# the program's own.
all_come_back() {
	local program got line=0

	while IFS= read -r program; do
		echo "{\"program\":$((++line))}"
		got=0
		ms-map --lineage-cap 1M --on-error pass "$program" <in \
		    2>err || got=$?
		if [ "$got" -gt 1 ]; then
			echo "with program: $program" >&2
			cat err >&2
			return 1
		fi
	done <"$root/tests/changes.txt" >changed
	status 0 ms-trace rewind <changed >back
	# nothing may come back that wasn't there, nor in another order
	uniq back | awk '
		NR == FNR { was[++n] = $0; next }
		/^\{"program":/ { enough(); program = $0; at = met = 0; next }
		{
			while (++at <= n && was[at] != $0)
				;
			if (at > n) {
				print "no event before, or not then: " $0
				print "with the program of changes.txt in " program
				exit failed = 1
			}
			met++
		}
		function enough() {
			if (program != "" && met != n)
				print program >"dropping"
		}
		END { enough(); exit failed }' in - >&2
	awk '/^\{"program":/ { program = $0; next }
		/"undo":/ && program != "" { print program; program = "" }' \
	    changed >changing
}

@test "there are programs enough, and each is there once" {
	[ "$(sort -u "$root/tests/changes.txt" | wc -l)" -ge 300 ]
	run ! sh -c 'sort "$1" | uniq -d | grep .' - "$root/tests/changes.txt"
}

# undo EVENT PROGRAM PATCH: this is the patch that takes the program back,
# and it does.
undo() {
	echo "$1" >in
	status 0 ms-map "$2" in >out
	status 0 ms-trace rewind out >back
	cmp in back
	jq -c '._lineage[0].undo' out >undone
	same undone "$3"
}

@test "what the event still holds elsewhere is moved back, or copied" {
	local long=0123456789012345678901234567890123456789012345678901234567890
	undo '{"a":1,"b":2,"c":3}' '.d = .b | del(.b)' \
	    '[{"op":"move","from":"/d","path":"/b","before":"c"}]'
	undo "{\"a\":\"$long\",\"b\":\"$long\",\"c\":\"$long\"}" '{c, a, b}' \
	    '[{"op":"move","from":"/b","path":"/b","before":"c"},{"op":"move","from":"/a","path":"/a","before":"b"}]'
	undo "{\"a\":\"$long\",\"b\":2}" '.b = .a | .a = 1' \
	    '[{"op":"copy","from":"/b","path":"/a"},{"op":"replace","path":"/b","value":2}]'
	undo "{\"a\":\"$long\",\"b\":2}" '.old = .a | .a = 1' \
	    '[{"op":"move","from":"/old","path":"/a"}]'
	undo "{\"a\":{\"x\":\"$long$long\",\"y\":1},\"b\":{\"z\":2}}" \
	    '.b.x = .a.x | del(.a.x)' \
	    '[{"op":"copy","from":"/b/x","path":"/a/x","before":"y"},{"op":"remove","path":"/b/x"}]'
	undo "{\"a\":\"$long\",\"b\":2}" '.in = {k: [.a]} | del(.a)' \
	    '[{"op":"copy","from":"/in/k/0","path":"/a","before":"b"},{"op":"remove","path":"/in"}]'
	undo "{\"a\":{\"x\":\"$long\",\"y\":1}}" '.x = .a.x | del(.a.x)' \
	    '[{"op":"copy","from":"/x","path":"/a/x","before":"y"},{"op":"remove","path":"/x"}]'
	undo '{"a":1,"b":2}' '{event: ., n: 1}' \
	    '[{"op":"move","from":"/event","path":""}]'
}

@test "values that took each other's places come back, short ones spelled out" {
	local p q
	p=$(printf 'p%.0s' {1..300}) q=$(printf 'q%.0s' {1..300})
	undo "{\"a\":\"$p\",\"~0\":1,\"b\":\"$q\"}" \
	    '.a as $a | .a = .b | .b = $a' \
	    '[{"op":"copy","from":"/a","path":"/~0~00"},{"op":"copy","from":"/b","path":"/a"},{"op":"move","from":"/~0~00","path":"/b"}]'
	undo "{\"a\":1,\"b\":2,\"c\":\"$p\"}" '.a as $a | .a = .b | .b = $a' \
	    '[{"op":"replace","path":"/a","value":1},{"op":"replace","path":"/b","value":2}]'
}

@test "renaming every key of a large event costs an undo of its keys" {
	jq -nc '[range(100) | {("key\(.)"): ("v" * 200)}] | add' >in
	[ "$(wc -c <in)" -gt 20000 ]
	status 0 ms-map 'with_entries(.key |= "new_" + .)' in >out
	status 0 ms-trace rewind out >back
	cmp in back
	[ "$(jq -c '._lineage[0].undo' out | wc -c)" -lt 8000 ]
}

@test "blame takes no number of a leaf for a value when values are swapped" {
	jq -nc '{a: 1, b: 0, c: ("x" * 300), d: ("y" * 300)}' >in
	ms-map '.c as $c | .c = .d | .d = $c | .a as $a | .a = .b | .b = $a' \
	    in | ms-map '.e = 1' >out
	ms-trace blame --json out | jq -c '[.values[] | .record]' >got
	same got '[1,1,1,1,2]'
}

@test "log, blame and stats tell of a move what the stage did" {
	echo '{"a":1,"b":2,"c":3}' | ms-map '.d = .b | del(.b)' >in
	ms-trace log in >out
	grep -q '^    - /b  + /d$' out
	ms-trace log -p in >out
	grep -q -e '- /b  2' out
	grep -q -e '+ /d  2' out
	ms-trace blame --json in | jq -c '[.values[] | [.path, .record]]' >out
	same out '[["/a",0],["/c",0],["/d",1]]'
	ms-trace stats in | grep -q '/b 1.*/d 1'
}

@test "programs of every form are taken back on random events" {
	awk -v seed=21 -v n=150 -f "$root/tests/events.awk" | uniq >in
	: >dropping
	all_come_back
	[ "$(wc -l <changing)" -ge 280 ]
	[ "$(wc -l <dropping)" -le 30 ]
}

@test "programs of every form are taken back on real events" {
	sed 's/^{/{"a":{"b":[1.0,{"a":2}],"c":null},"b":[3,1,2],"n":1.10,/' \
	    "$examples/access.ndjson" | uniq >in
	: >dropping
	all_come_back
	[ "$(wc -l <changing)" -ge 200 ]
	[ "$(wc -l <dropping)" -le 30 ]
}
