#!/usr/bin/env bats
# ms-trace why: how a value came to be, to the bottom.
load helper

# A journey with a row of a table and a filter, in four.
journey() {
	printf '%s\n' 'method,per_byte' 'GET,0.01' 'POST,0.02' >rates.csv
	ms-trace "$examples/access.ndjson" --source access.ndjson |
	    ms-filter '.status >= 500' | ms-enrich -t rates.csv -k .method |
	    ms-map -n price '.cost = .bytes * .rates.per_byte' | head -n 1 >four
}

# kinds QUERY: of what was asked, "kind path" of each that jq finds.
kinds() {
	jq -r "$1 | \"\\(.kind) \\(.path // \"\") \\(.value // \"\")\"" out
}

@test "a value is followed down to what was read and the row of a table" {
	journey
	status 0 ms-trace why .cost four >out
	same out 'event 01a203b2-dffb-7000-8000-000000000002, from access.ndjson:2' \
	    '.cost = 12.5                 price (4)  .cost = .bytes * .rates.per_byte' \
	    '  .bytes = 1250              as read, access.ndjson:2' \
	    '  .rates.per_byte = 0.01     enrich (3)  rates.csv:2' \
	    '    by .method = "GET"       as read, access.ndjson:2' \
	    'here because .status = 500   filter (2)  .status >= 500' ''
}

@test "values are those of their time, through all stages" {
	echo '{"a":1,"b":2}' | ms-map '.a = .b * 10' | ms-map '.b = .a + 1' |
	    ms-map '.a = 5' | ms-map '.c = .b' >in
	ms-trace why --json .c in >out
	[ "$(kinds '.values[0] | recurse(.of[]?)')" = 'set /c 21
set /b 21
set /a 20
read /b 2' ]
}

@test "what has no source but its rule is a leaf" {
	echo '{"a":1}' | ms-map '.a = 7' | ms-trace why --json .a >out
	holds out '.values[0] | .kind == "set" and .value == 7 and
	    (has("of") or has("by") | not)'
}

@test "what decided about a value is told as such" {
	echo '{"vip":true,"a":3}' |
	    ms-map 'if .vip then .price = 0 else .price = .a end' |
	    ms-trace why --json .price >out
	holds out '.values[0].by[0] | .kind == "read" and .path == "/vip"'
}

@test "of several that may have been copied, the one with the value is told" {
	echo '{"b":7,"c":8}' | ms-map '.a = (.nope // .b // .c)' |
	    ms-trace why --json .a >out
	[ "$(kinds '.values[0].of[]')" = 'read /b 7' ]
}

@test "a part of a copied value is followed to the part" {
	echo '{"a":{"x":{"y":5},"z":6}}' | ms-map '.b = .a | del(.a)' |
	    ms-trace why --json .b.x.y >out
	[ "$(kinds '.values[0].of[]')" = 'read /a/x/y 5' ]
}

@test "a container is told with what it was before" {
	echo '{"a":{"x":1},"k":2}' | ms-map '.a.y = .k' |
	    ms-trace why --json .a >out
	[ "$(kinds '.values[0].of[]')" = 'read /k 2
read /a {"x":1}' ]
}

@test "what was removed, and what never was, are told apart" {
	echo '{"a":1}' | ms-map -n gone 'del(.a)' >in
	ms-trace why .a .b -- in | tail -n +2 >out
	same out '.a   removed by gone (1)  del(.a)' '.b   wasn'"'"'t there' ''
}

@test "a program that may read everything is told as that" {
	echo '{"a":1,"b":2}' | ms-map 'with_entries(.value += 1)' |
	    ms-trace why --json .a >out
	[ "$(kinds '.values[0].of[]')" = 'anywhere  ' ]
	echo '{"a":1,"b":2}' | ms-map 'with_entries(.value += 1)' |
	    ms-trace why .a | sed -n 3p >line
	same line '  from anywhere in the event'
}

@test "what explain can't know was made of anything" {
	journey
	jq -c '._lineage[3].rule = "no program ("' four | ms-trace why .cost |
	    sed -n 3p >line
	same line '  from anywhere in the event'
}

@test "variables of the command line don't hide what a program read" {
	echo '{"a":2}' | ms-map --argjson rate 3 '.b = .a * $rate' |
	    ms-trace why --json .b >out
	[ "$(kinds '.values[0].of[]')" = 'read /a 2' ]
	echo '{"a":2}' | ms-map --argjson rate 3 '.b = $rate + .a' |
	    ms-trace why --json .b >out
	[ "$(kinds '.values[0].of[]')" = 'read /a 2' ]
	echo '{"a":2,"b":1}' | ms-map --arg k b '.c = .[$k]' |
	    ms-trace why --json .c >out
	[ "$(kinds '.values[0].of[]')" = 'anywhere  ' ]
}

@test "a record without its undo ends what is known" {
	echo '{"a":1,"b":2}' | ms-map --lineage slim -n late '.a = 3' |
	    ms-map '.c = .a' >in
	ms-trace why .c in | sed -n '2,3p' >out
	same out '.c = 3     map (2)  .c = .a' \
	    '  .a = 3   late (1), or one before: it can'"'"'t be taken back'
}

@test "elements that a join joined have each their row" {
	cp "$examples/hosts.csv" .
	echo '{"items":[{"ip":"192.0.2.11"},{"ip":"no"},{"ip":"192.0.2.10"}]}' |
	    ms-enrich -t hosts.csv -k .ip --each '.items[]' >in
	ms-trace why '.items[2].hosts.owner' in | sed -n 2p >out
	same out '.items[2].hosts.owner = "shop"   enrich (1)  hosts.csv:2'
	ms-trace why '.items[0].hosts.owner' in | sed -n 2p >out
	same out '.items[0].hosts.owner = "ada"   enrich (1)  hosts.csv:3'
}

@test "keys of a join decide about its row" {
	printf '%s\n' a,b,c '1,x,9' >t.csv
	echo '{"k":1,"l":{"]":"x"}}' |
	    ms-enrich -t t.csv -k .k=a -k '.l["]"]=b' >in
	ms-trace why --json .t.c in >out
	[ "$(kinds '.values[0].by[]')" = 'read /k 1
read /l/] x' ]
}

@test "what is asked of a command is told, and keys without a column" {
	printf '%s\n' '#!/bin/sh' 'while read -r l; do echo "{\"got\":1}"; done' >co
	chmod +x co
	echo '{"k":1,"l":2}' | ms-enrich --coproc ./co --send '{a: .k}' \
	    --as .co >in
	ms-trace why .co.got in | tail -n +2 >out
	same out '.co.got = 1   enrich (1)  ./co' '  by .k = 1   as read, in:1' ''
	jq -c '._lineage[0].rule = ".co = ./co[.l]"' in |
	    ms-trace why --json .co >out
	[ "$(kinds '.values[0].by[]')" = 'read /l 2' ]
}

@test "events that were made of text or of others say so" {
	printf 'one\ntwo\n' | ms-map -R '{a: .}' | tail -n 1 |
	    ms-trace why .a | sed -n 2p >out
	same out '.a = "two"   map (1)  -:2  {a: .}'
	printf '%s\n' '{"t":1,"v":2}' '{"t":2,"v":3}' | ms-trace |
	    ms-fold --window 10s --time .t '.v = ((.v // 0) + $event.v)' >in
	ms-trace why --json .v in >out
	holds out '.values[0] | .kind == "events" and .events.n == 2'
	echo '{"u":"x"}' | ms-fold --by .u '. + 1' >in
	ms-trace why --json .fold in >out
	holds out '.values[0] | .kind == "stream" and .by[0].path == "/u"'
}

@test "why the event is here is told of every filter" {
	echo '{"a":1,"b":2,"c":3}' | ms-filter '.a == 1 and .b < 3' |
	    ms-map '.d = .c * 2' | ms-filter '.d > 5' |
	    ms-filter --unique .c >in
	ms-trace why .a in | tail -n +3 >out
	same out 'here because .a = 1   filter (1)  .a == 1 and .b < 3' \
	    '         and .b = 2   filter (1)  .a == 1 and .b < 3' \
	    'here because .d = 6   filter (3)  .d > 5' \
	    '    .d = 6            map (2)  .d = .c * 2' \
	    '      .c = 3          as read, in:1' \
	    'here because .c = 3   filter (4)  unique .c' ''
	echo '{"a":1}' | ms-filter --else away false
	echo '{"a":1}' | ms-filter --else away '.a > 1'
	ms-trace why .a away | tail -n 2 >out
	same out 'away because .a = 1   filter (1)  .a > 1' ''
}

@test "a select in a program tells why the event is here" {
	echo '{"a":3}' | ms-map 'select(.a > 1) | .b = 1' >in
	ms-trace why .b in | tail -n +2 >out
	same out '.b = 1                map (1)  select(.a > 1) | .b = 1' \
	    'here because .a = 3   map (1)  select(.a > 1) | .b = 1' ''
}

@test "what was told isn't told again" {
	echo '{"a":1}' | ms-map '.b = .a + 1' | ms-map '.c = .b * .b' |
	    ms-map '.d = .c + .b' >in
	ms-trace why .d in | tail -n +2 >out
	same out '.d = 6         map (3)  .d = .c + .b' \
	    '  .c = 4       map (2)  .c = .b * .b' \
	    '    .b = 2     map (1)  .b = .a + 1' \
	    '      .a = 1   as read, in:1' \
	    '  .b = 2       map (1)  .b = .a + 1  (as above)' ''
}

@test "the past of a value is in the data" {
	echo '{"a":1}' | ms-map '.a = 2' | ms-map '.b = 0' | ms-map 'del(.a)' |
	    ms-map '.a = 3' | ms-trace why --json .a >out
	[ "$(kinds '.values[0].past[]')" = 'removed /a 
set /a 2
read /a 1' ]
}

@test "a value that a stage wrote as it was is no change of it" {
	echo '{"a":1.10}' | ms-map '.a = .a' | ms-map '.b = 1' |
	    ms-trace why --json .a >out
	holds out '.values[0].kind == "read"'
}

@test "odd keys, indexes and pointers name places" {
	echo '{"x y":[{"/":1}]}' | ms-map '.z = ."x y"[0]."/" + 1' >in
	for path in '.z' '/z'; do
		ms-trace why --json "$path" in >out
		holds out '.values[0].of[0].path == "/x y/0/~1"'
	done
	ms-trace why '/x y/0/~1' in | sed -n 2p >out
	same out '."x y"[0]."/" = 1   as read, in:1'
}

@test "a path is needed, and one that is none is told" {
	status 2 ms-trace why 2>err </dev/null
	same err 'ms-trace: a path comes first, as .a.b or /a/b' \
	    "Try 'ms-trace help why' for help." || cat err
	status 2 ms-trace why .a..b </dev/null 2>err
	grep -q "is no path" err
}

@test "a malformed undo is a reject that names the record" {
	echo '{"a":1}' | ms-map '.b = 2' |
	    jq -c '._lineage[0].undo[0].path = "/x"' >in
	status 1 ms-trace why .b in 2>err >out
	grep -q 'in:1: record 1 (map): operation 1 of its undo' err
	[ ! -s out ]
}

@test "colours come and go as elsewhere" {
	journey
	ms-trace why --color always .cost four | grep -q $'\033'
	lacks -q $'\033' <(ms-trace why .cost four)
}

@test "it answers at once on a stream that doesn't end" {
	journey
	mkfifo pipe
	ms-trace why .cost <pipe >out &
	exec 7>pipe
	cat four >&7
	eventually test -s out
	exec 7>&-
	wait $!
}

@test "histories beyond measure end in time" {
	jq -nc '{a:0} + {_lineage:[range(20000) | {op:"map",rule:".a = .a + .a",
	    at:"2026-11-22T14:39:44.123456Z",
	    undo:[{op:"replace",path:"/a",value:.}]}]}' >in
	status 0 within 20 ms-trace why .a in >out
	grep -q 'this goes on for long' out
	[ "$(wc -l <out)" -lt 1200 ]
}

@test "the bottom of every value is a reading, a row, a rule or the unknown" {
	jq -nc 'range(40) | {a:., b:(. % 7), c:{d:(. * 3), e:[., 1]}, ip:"192.0.2.10"}' |
	    ms-trace | ms-map '.f = .a + .c.d | .c.e += [.b]' |
	    ms-enrich -t "$examples/hosts.csv" -k .ip | ms-filter '.b != 3' |
	    ms-map 'if .f > 20 then .g = .hosts.owner else .g = .c.e[1] end' |
	    ms-map '.c |= with_entries(.) | .h = [.g, .f] | del(.a)' |
	    ms-map '.i = (.h[1] // .none) | .j = ($lineage | length)' >in
	ms-trace why --json . .g .h .i .j .c.e .hosts.owner .a -- in >out
	lines 34 out
	holds out '[.values[], .here[] | recurse(.of[]?, .by[]?)
	    | select((has("of") or has("by") or .again) | not) | .kind]
	    | all(IN("read", "row", "set", "removed", "anywhere", "absent",
	        "context"))'
	holds out '[.values[] | recurse(.of[]?, .by[]?) | select(.kind == "read")
	    | .record == 0] | all'
}

@test "what others changed between two stages is no stage's work" {
	echo '{"a":1,"b":2}' | ms-map '.c = .a' | sed 's/"a":1/"a":5/' |
	    ms-map '.d = .a + .c' >in
	ms-trace why .d in | tail -n +2 >out
	same out '.d = 6     map (2)  .d = .a + .c' \
	    '  .a = 5   outside after 1, or before' \
	    '  .c = 1   outside after 1, or before' ''
	ms-trace why --json .a in >out
	holds out '.values[0] | .kind == "outside" and .record == 1'
}

@test "what was reverted is told with what it was before" {
	echo '{"a":1}' | ms-map -n twice '.a = 2' | ms-map '.b = 1' |
	    ms-trace revert --stage twice >in
	ms-trace why .a in | tail -n +2 >out
	same out '.a = 1     revert (3) took back 1' \
	    '  .a = 1   as read, in:1' ''
}
