#!/usr/bin/env bats
# ms-fold: what the stream itself knows.
load helper

# Six readings of two tenants; the fifth comes late.
readings() {
	cat <<-'EOF'
	{"tenant":"a","ts":"2026-11-25T10:00:05Z","ms":5}
	{"tenant":"b","ts":"2026-11-25T11:00:15+01:00","ms":7}
	{"tenant":"a","ts":"2026-11-25T10:00:25.5Z","ms":1.50}
	{"tenant":"a","ts":"2026-11-25T10:01:05Z","ms":2}
	{"tenant":"a","ts":"2026-11-25T10:00:59Z","ms":100}
	{"tenant":"b","ts":"2026-11-25T10:03:05Z","ms":2}
	EOF
}

# window OPTIONS...: how many readings each window had, by tenant.
window() {
	ms-fold --lineage off --by .tenant --time .ts "$@" '.n += 1'
}

@test "each event passes with the state that it has made" {
	ms-fold --lineage off '. + 1' >out <<-'EOF'
	{"a":1}
	{"a":2}
	EOF
	same out '{"a":1,"fold":1}' '{"a":2,"fold":2}'
}

@test "each key has a state of its own, and one that is missing is a key" {
	ms-fold --lineage off --by .k --as .n '. + 1' >out <<-'EOF'
	{"k":"x"}
	{"k":"y"}
	{"k":"x"}
	{}
	{"k":null}
	EOF
	same out '{"k":"x","n":1}' '{"k":"y","n":1}' '{"k":"x","n":2}' \
	    '{"n":1}' '{"k":null,"n":2}'
}

@test "keys are compared by value, not by spelling" {
	ms-fold --lineage off --by .k --as .n '. + 1' >out <<-'EOF'
	{"k":1}
	{"k":1.0}
	{"k":10e-1}
	{"k":"1"}
	{"k":{"a":1,"b":2}}
	{"k":{"b":2.0,"a":1}}
	{"k":"\u0041"}
	{"k":"A"}
	{"k":12345678901234567890123}
	{"k":12345678901234567890124}
	EOF
	ms-map --lineage off '{n}' out >counts
	same counts '{"n":1}' '{"n":2}' '{"n":3}' '{"n":1}' '{"n":1}' \
	    '{"n":2}' '{"n":1}' '{"n":2}' '{"n":1}' '{"n":1}'
}

@test "several keys make one key together" {
	ms-fold --lineage off --by .a --by .b --as .n '. + 1' >out <<-'EOF'
	{"a":1,"b":2}
	{"a":2,"b":1}
	{"a":1,"b":2}
	EOF
	same out '{"a":1,"b":2,"n":1}' '{"a":2,"b":1,"n":1}' \
	    '{"a":1,"b":2,"n":2}'
}

@test "null and no output forget the state" {
	ms-fold --lineage off 'if $event.end then null else . + 1 end' >out \
	    <<<'{"a":1}
{"end":true}
{"a":2}'
	same out '{"a":1,"fold":1}' '{"end":true,"fold":null}' \
	    '{"a":2,"fold":1}'
	ms-fold --lineage off 'if $event.end then empty else . + 1 end' >out \
	    <<<'{"a":1}
{"end":true}
{"a":2}'
	same out '{"a":1,"fold":1}' '{"end":true,"fold":null}' \
	    '{"a":2,"fold":1}'
}

@test "the undo of a record takes the state away again" {
	printf '%s\n' '{"fold":"mine", "a":1.10}' '{"a":2}' >in
	ms-fold '. + 1' in | ms-trace rewind | ms-trace strip >out
	ms-map --lineage off . in >want
	cmp want out
}

@test "\$origin is the event's id, source and line" {
	printf '%s\n' '{"a":1}' '{"a":2}' >in
	ms-fold --lineage off '$origin' in >out
	same out '{"a":1,"fold":{"id":null,"source":"in","line":1}}' \
	    '{"a":2,"fold":{"id":null,"source":"in","line":2}}'
	ms-trace in | ms-filter '.a == 2' | ms-fold '$origin' |
	    ms-trace strip >out
	same out "{\"a\":2,\"fold\":{\"id\":\"01a203b2-dffb-7000-8000-\
000000000002\",\"source\":\"in\",\"line\":2}}"
}

@test "a program that fails rejects its event and leaves the state" {
	status 1 ms-fold --lineage off --rejects dead '. + $event.n' >out \
	    <<<'{"n":1}
{"n":"x"}
{"n":2}' 2>err
	same out '{"n":1,"fold":1}' '{"n":2,"fold":3}'
	grep -q 'number (1) and string ("x") cannot be added' err
	[ "$(wc -l <dead)" -eq 1 ]
}

@test "several values are no state, and no key" {
	status 1 ms-fold '1, 2' <<<'{}' >out 2>err
	[ ! -s out ]
	grep -q 'several values, and a state is one' err
	status 1 ms-fold --by '.a[]' '. + 1' <<<'{"a":[1,2]}' 2>err
	grep -q -- '--by gave several values, and one value is wanted' err
	status 1 ms-fold --by 'empty' '. + 1' <<<'{}' 2>err
	grep -q -- '--by gave nothing' err
}

@test "a full state ends the stage with 3, behind a whole event" {
	for i in {1..2000}; do
		echo "{\"k\":$i}"
	done >in
	status 3 ms-fold --max-state 64K --by .k '$event' in >out 2>err
	grep -q 'the state is full: [0-9]* keys take [0-9]* bytes' err
	[ "$(tail -c 1 out)" = '' ]
	jq -e . out >/dev/null
	[ "$(wc -l <out)" -gt 100 ]
}

@test "--max-keys forgets the key that was used longest ago" {
	ms-fold --lineage off --max-keys 2 --by .k --as .n '. + 1' >out \
	    <<<'{"k":1}
{"k":2}
{"k":1}
{"k":3}
{"k":2}
{"k":1}'
	ms-map --lineage off '{k, n}' out >counts
	same counts '{"k":1,"n":1}' '{"k":2,"n":1}' '{"k":1,"n":2}' \
	    '{"k":3,"n":1}' '{"k":2,"n":1}' '{"k":1,"n":1}'
}

@test "--ttl forgets keys that weren't seen for so long" {
	ms-fold --lineage off --ttl 10s --time .t --by .k --as .n '. + 1' \
	    >out <<<'{"k":1,"t":100}
{"k":2,"t":105}
{"k":1,"t":110}
{"k":2,"t":116}
{"k":1,"t":116}'
	ms-map --lineage off '{k, n}' out >counts
	same counts '{"k":1,"n":1}' '{"k":2,"n":1}' '{"k":1,"n":2}' \
	    '{"k":2,"n":1}' '{"k":1,"n":3}'
}

@test "windows close as stream time passes their end" {
	readings | status 1 window --window 1m >out 2>err
	same out \
	    '{"tenant":"a","window":{"from":"2026-11-25T10:00:00Z","to":"2026-11-25T10:01:00Z"},"n":2}' \
	    '{"tenant":"b","window":{"from":"2026-11-25T10:00:00Z","to":"2026-11-25T10:01:00Z"},"n":1}' \
	    '{"tenant":"a","window":{"from":"2026-11-25T10:01:00Z","to":"2026-11-25T10:02:00Z"},"n":1}' \
	    '{"tenant":"b","window":{"from":"2026-11-25T10:03:00Z","to":"2026-11-25T10:04:00Z"},"n":1}'
	grep -q 'standard input:5: it came after its window closed' err
}

@test "--late waits for events that come late" {
	readings | window --window 1m --late 10s >out
	[ "$(ms-map --lineage off '{n}' out | tr '\n' ' ')" = \
	    '{"n":3} {"n":1} {"n":1} {"n":1} ' ]
	readings | window --window 1m --late end >out
	[ "$(ms-map --lineage off '{n}' out | tr '\n' ' ')" = \
	    '{"n":3} {"n":1} {"n":1} {"n":1} ' ]
}

@test "--keep writes a result again under its id, and its undo gives the former" {
	readings | ms-fold --by .tenant --time .ts --window 1m --keep 5m \
	    '.n += 1' >out
	[ "$(wc -l <out)" -eq 5 ]
	ms-map --lineage off '{n, id: $lineage[0].id, rev: $lineage[0].rev}' \
	    out >revs
	[ "$(sed -n 1p revs | jq .id)" = "$(sed -n 3p revs | jq .id)" ]
	[ "$(sed -n 3p revs | jq -c '[.n, .rev]')" = '[3,2]' ]
	sed -n 3p out | ms-trace rewind --before 1 | ms-trace strip >former
	sed -n 1p out | ms-trace strip | cmp - former
}

@test "a late event that would forget a written result is a reject" {
	printf '{"t":%d,"v":%d}\n' 1 1 30 1 2 0 3 1 >in
	status 1 ms-fold --time .t --window 10s --keep 1m \
	    'if $event.v == 0 then empty else .n += 1 end' in >out 2>err
	jq -c '[.window.from[17:19], .n, ._lineage[0].rev]' out >revs
	same revs '["00",1,null]' '["00",2,2]' '["30",1,null]'
	grep -q "^ms-fold: in:3: it came late, and .* can't be taken back" err
}

@test "--late-to takes what is later still" {
	readings | window --window 1m --late-to late.ndjson >out
	[ "$(wc -l <out)" -eq 4 ]
	same late.ndjson "$(readings | sed -n 5p)"
}

@test "an event that only some windows still take is told" {
	printf '{"t":%d}\n' 0 102 94 96 >in
	ms-fold --lineage off --window 10s/5s --time .t --late-to late \
	    '.n += 1' in >out 2>err
	same late '{"t":94}'
	jq -c '[.window.to[17:19], .n]' out >ends
	same ends '["05",1]' '["10",1]' '["45",2]' '["50",1]'
	same err 'ms-fold: 1 event came after some of the windows had closed, and is only in the others; --late waits longer'
}

@test "windows that slide count an event in each that it is in" {
	window --window 1m/30s >out <<-'EOF'
	{"tenant":"a","ts":"2026-11-25T10:00:05Z"}
	{"tenant":"a","ts":"2026-11-25T10:00:40Z"}
	EOF
	ms-map --lineage off '[.window.from, .n] | {w: .}' out >counts
	same counts '{"w":["2026-11-25T09:59:30Z",1]}' \
	    '{"w":["2026-11-25T10:00:00Z",2]}' \
	    '{"w":["2026-11-25T10:00:30Z",1]}'
}

@test "a session ends when its key is silent for so long" {
	window --window session:1m >out <<-'EOF'
	{"tenant":"a","ts":"2026-11-25T10:00:05Z"}
	{"tenant":"a","ts":"2026-11-25T10:00:40Z"}
	{"tenant":"b","ts":"2026-11-25T10:01:00Z"}
	{"tenant":"a","ts":"2026-11-25T10:02:00Z"}
	EOF
	same out \
	    '{"tenant":"a","window":{"from":"2026-11-25T10:00:05Z","to":"2026-11-25T10:01:40Z"},"n":2}' \
	    '{"tenant":"b","window":{"from":"2026-11-25T10:01:00Z","to":"2026-11-25T10:02:00Z"},"n":1}' \
	    '{"tenant":"a","window":{"from":"2026-11-25T10:02:00Z","to":"2026-11-25T10:03:00Z"},"n":1}'
}

@test "count:N makes a result of each N events of a key" {
	window --window count:2 >out <<-'EOF'
	{"tenant":"a","ts":1}
	{"tenant":"a","ts":2}
	{"tenant":"b","ts":3}
	{"tenant":"a","ts":4}
	EOF
	ms-map --lineage off '{tenant, n}' out >counts
	same counts '{"tenant":"a","n":2}' '{"tenant":"b","n":1}' \
	    '{"tenant":"a","n":1}'
}

@test "all makes one result of everything" {
	readings | window --window all >out
	ms-map --lineage off '{tenant, n}' out >counts
	same counts '{"tenant":"a","n":4}' '{"tenant":"b","n":2}'
	: | window --window all >out
	[ ! -s out ]
}

@test "a state that is no object stands in value, or where --as says" {
	ms-fold --lineage off --window all '. + 1' <<<'{"a":1}' >out
	[ "$(jq -c .value out)" = 1 ]
	ms-fold --lineage off --window all --as .x.y '. + 1' <<<'{}' >out
	[ "$(jq -c .x out)" = '{"y":1}' ]
	status 1 ms-fold --window all '{window: 1}' <<<'{}' 2>err
	grep -q 'the state has a member window, and so has the result' err
}

@test "the same windows have the same ids in every run, and say what they are made of" {
	readings >in
	ms-trace in | ms-fold -n count --by .tenant --time .ts --window all \
	    '. + 1' >first
	ms-trace in | ms-fold -n count --by .tenant --time .ts --window all \
	    '. + 1' >second
	cmp first second
	ms-map --lineage off '$lineage[0].of | del(.digest) | {of: .}' first |
	    ms-trace strip >of
	same of \
	    '{"of":{"n":4,"first":"01a203b2-dffb-7000-8000-000000000001","last":"01a203b2-dffb-7000-8000-000000000005","lines":{"in":[[1,1],[3,5]]}}}' \
	    '{"of":{"n":2,"first":"01a203b2-dffb-7000-8000-000000000002","last":"01a203b2-dffb-7000-8000-000000000006","lines":{"in":[[2,2],[6,6]]}}}'
}

@test "a time that can't be read rejects its event and moves no time" {
	window --window 1m >out 2>err <<-'EOF' || [ $? -eq 1 ]
	{"tenant":"a","ts":"2026-11-25T10:00:05Z"}
	{"tenant":"a","ts":"tomorrow"}
	{"tenant":"a","ts":null}
	{"tenant":"a","ts":"2026-02-30T10:00:05Z"}
	{"tenant":"a","ts":"2026-11-25T10:00:06Z"}
	EOF
	[ "$(jq .n out)" = 2 ]
	grep -q -- '2: --time gave tomorrow, which is no time' err
	grep -q -- '3: --time gave null, which is no time' err
	grep -q -- '4: --time gave 2026-02-30T10:00:05Z, which' err
}

@test "what is no time is told with what may be meant" {
	wrong() {
		status 1 ms-fold --time .t --window 1m "${@:2}" '.n += 1' \
		    <<<"{\"t\":$1}" >out 2>err
		same err "ms-fold: standard input:1: --time gave $told"
	}
	told='1764093600123, which is no time; is --time-unit ms meant?'
	wrong 1764093600123
	told='1764093600123456789, which is no time; is --time-unit ns meant?'
	wrong 1764093600123456789 --time-unit ms
	told='1e300, which is no time'
	wrong 1e300
	told='22/Nov/2026:14:20:04 +0000, which is no time as 2026-11-25T18:00:00Z; strptime and mktime read others'
	wrong '"22/Nov/2026:14:20:04 +0000"'
	told='an empty text, which is no time as 2026-11-25T18:00:00Z; strptime and mktime read others'
	wrong '""'
}

@test "times that are numbers count in --time-unit" {
	for unit in s ms us ns; do
		case $unit in
		s) t=1764064805 ;;
		ms) t=1764064805000 ;;
		us) t=1764064805000000 ;;
		ns) t=1764064805000000000 ;;
		esac
		ms-fold --lineage off --time .t --time-unit $unit \
		    --window 1m '. + 1' <<<"{\"t\":$t}" >out
		[ "$(jq -r .window.from out)" = 2025-11-25T10:00:00Z ]
	done
}

@test "options that make no sense are refused, saying why" {
	status 2 ms-fold --window 5 . </dev/null 2>err
	grep -q "a window is a time as 5m" err
	status 2 ms-fold --window 1m/2m . </dev/null 2>err
	grep -q 'need a step below their size' err
	status 2 ms-fold --window count:0 . </dev/null 2>err
	grep -q 'whole number above 0' err
	status 2 ms-fold --late 1m . </dev/null 2>err
	grep -q 'go with a --window of time' err
	status 2 ms-fold --window 1m --ttl 1m . </dev/null 2>err
	grep -q 'exclude each other' err
	status 2 ms-fold --ttl soon . </dev/null 2>err
	grep -q "'soon' is no time as 30m" err
	status 2 ms-fold --ttl 0s . </dev/null 2>err
	grep -q "no key would be kept for '0s'" err
	status 2 ms-fold --window count:99999999999999999999 . </dev/null 2>err
	grep -q 'whole number above 0' err
	status 2 ms-fold --on-repeat skip . </dev/null 2>err
	grep -q 'go with --state' err
	status 2 ms-fold --by .a.id --by .b.id --window all . </dev/null 2>err
	grep -q 'two keys of a result would be called id' err
	status 2 ms-fold --arg event 1 . </dev/null 2>err
	grep -q 'has a meaning of its own here' err
}

@test "a line of time closes windows, which stand before it" {
	window --window 1m --late 1h >out <<-'EOF'
	{"tenant":"a","ts":"2026-11-25T10:00:05Z"}
	{"tenant":"b","ts":"2026-11-25T10:01:30Z"}
	{"ms.time":"2026-11-25T10:01:45Z","more":1}
	{"tenant":"b","ts":"2026-11-25T10:01:50Z"}
	{"ms.time":"2026-11-25T11:03:00+01:00"}
	EOF
	same out \
	    '{"tenant":"a","window":{"from":"2026-11-25T10:00:00Z","to":"2026-11-25T10:01:00Z"},"n":1}' \
	    '{"ms.time":"2026-11-25T10:01:00Z","more":1}' \
	    '{"tenant":"b","window":{"from":"2026-11-25T10:01:00Z","to":"2026-11-25T10:02:00Z"},"n":2}' \
	    '{"ms.time":"2026-11-25T11:03:00+01:00"}'
	ms-fold --lineage off '. + 1' <<<'{"ms.time":"2026-11-25T11:03:00Z"}' >out
	same out '{"ms.time":"2026-11-25T11:03:00Z"}'
	status 1 window --window 1m <<<'{"ms.time":"soon"}' >out 2>err
	grep -q 'ms.time says no time' err
}

@test "results and times count as lines before a barrier" {
	window --window 1m >out <<-'EOF'
	{"tenant":"a","ts":"2026-11-25T10:00:05Z"}
	{"ms.time":"2026-11-25T10:02:00Z"}
	{"ms.barrier":"x","n":2}
	EOF
	[ "$(tail -n 1 out)" = '{"ms.barrier":"x","n":2}' ]
}

@test "sessions fold their events in order of time, --late behind" {
	printf '%s\n' '{"t":0,"v":"a"}' '{"t":8,"v":"c"}' '{"t":5,"v":"b"}' \
	    '{"t":8,"v":"d"}' '{"t":16,"v":"e"}' '{"t":40,"v":"f"}' \
	    '{"t":31,"v":"x"}' '{"t":29,"v":"late"}' >in
	status 1 ms-fold --lineage off --window session:10s --time .t \
	    --late 10s '. + $event.v' in >out 2>err
	same out \
	    '{"window":{"from":"1970-01-01T00:00:00Z","to":"1970-01-01T00:00:26Z"},"value":"abcde"}' \
	    '{"window":{"from":"1970-01-01T00:00:31Z","to":"1970-01-01T00:00:50Z"},"value":"xf"}'
	grep -q 'in:8: it came after its window closed' err
	# waiting to the end merges what a gap would have parted
	ms-fold --lineage off --window session:10s --time .t --late end \
	    '. + $event.v' in >out
	jq -r .value out >values
	same values abcde latexf
}

@test "a held event whose program fails is a reject in its own place" {
	printf '%s\n' '{"t":0,"v":1}' '{"t":2,"v":"x"}' '{"t":30,"v":1}' >in
	status 1 ms-fold --window session:10s --time .t --late 10s \
	    --rejects rej '. + $event.v' in >out 2>err
	grep -q 'in:2: ' err
	jq -c '[.line, .event // .text]' rej >got
	same got '[2,{"t":2,"v":"x"}]'
	[ "$(jq -c .value out | tr '\n' ' ')" = '1 1 ' ]
	[ "$(jq -c '._lineage[-1].of.lines' out | head -n 1)" = \
	    '{"in":[[1,1]]}' ]
}

@test "held events take part in --max-state" {
	seq -f '{"t":%.0f}' 1000 >in
	status 3 ms-fold --window session:10s --time .t --late end \
	    --max-state 20K '. + 1' in >out 2>err
	grep -q 'the state is full' err
}

@test "an output that breaks a limit leaves the state as it was" {
	printf '{"v":%s}\n' 1 '"x"' 2 >in
	status 1 ms-fold --lineage off --max-line 60 \
	    'if $event.v == "x" then "\("y" * 80)" else [., $event.v] end' \
	    in >out 2>err
	grep -q 'in:2: .* longer than 60' err
	same out '{"v":1,"fold":[null,1]}' '{"v":2,"fold":[[null,1],2]}'
	printf '{"v":%s}\n' 1 2 3 4 5 >in
	status 1 ms-fold --lineage off --max-depth 4 '[.]' in >out 2>err
	tail -n 1 out >last
	same last '{"v":3,"fold":[[[null]]]}'
	printf '{"v":%s}\n' 1 2 >in
	status 1 ms-fold --lineage off --max-line 20 --state s.db \
	    --by .v 'if $event.v == 1 then "\("y" * 80)" else 1 end' \
	    in >out 2>err
	ms-fold --state s.db --dump | jq -c 'select(has("key")) | .key' >keys
	same keys 2
}

@test "one event from the far future forgets no other key" {
	printf '{"k":"%s","t":%s}\n' a 1 b 2 c 9999999999 a 3 b 4 c 5 >in
	ms-fold --lineage off --by .k --time .t --ttl 10s '. + 1' in >out
	jq -c '[.k, .fold]' out >got
	same got '["a",1]' '["b",1]' '["c",1]' '["a",2]' '["b",2]' '["c",1]'
	# the key that it has set doesn't last for ever
	awk 'BEGIN { print "{\"k\":0,\"t\":9999999999}"
	    for (i = 1; i < 100; i++) printf "{\"k\":%d,\"t\":%d}\n", i, i }' >many
	ms-fold --lineage off --by .k --time .t --ttl 10s --max-state 4K \
	    '. + 1' many >out
	printf '{"k":"%s","t":%s}\n' a 1 c 9999999999 a 3 >in
	ms-filter --lineage off --unique .k --within 10s --time .t in >out
	[ "$(wc -l <out)" -eq 2 ]
}

@test "keys that --max-keys forgets are counted" {
	seq -f '{"k":%.0f}' 10 >in
	ms-fold --by .k --max-keys 4 '. + 1' in >out 2>err
	grep -q '^ms-fold: 6 times a key was forgotten for --max-keys$' err
	ms-fold --by .k --max-keys 4 --window all '. + 1' in >out 2>err
	grep -q '6 times a key .* --max-keys, its windows unwritten' err
	[ "$(wc -l <out)" -eq 4 ]
}

@test "a window's result that breaks a limit is a reject, and the stream goes on" {
	printf '{"k":"a","t":%s}\n' 1 2 70 71 200 >in
	late='. + [$event.t, "x" * (if $event.t == 2 then 50 else 3 end)]'
	status 1 ms-fold --lineage off --max-line 120 --rejects rejects \
	    --by .k --time .t --window 1m "$late" in >out 2>err
	jq -c '.value' out >got
	same got '[70,"xxx",71,"xxx"]' '[200,"xxx"]'
	grep -q '^ms-fold: in:3: a result: .* longer than 120' err
	holds rejects '.source == "in" and .line == 3 and
	    .event.window.from == "1970-01-01T00:00:00Z" and
	    (.event.value | length) == 4'
	# at the end there is no line that closed it
	status 1 ms-fold --lineage off --max-line 120 --truncate \
	    --rejects rejects --time .t --window all "$late" in >out 2>err
	[ ! -s out ]
	grep -q '^ms-fold: a result: ' err
	holds rejects '.source == "-" and .line == 0 and .event.value[0] == 1'
	# neither depth, history nor --as may break a stream
	status 1 ms-fold --lineage off --max-depth 4 --time .t --window 1m \
	    '[[[.]]]' in >out 2>err
	[ "$(wc -l <out)" -eq 1 ]
	[ "$(grep -c 'deeper than 4' err)" -eq 2 ]
	status 1 ms-fold --time .t --window 1m \
	    'if $event.t < 60 then ._lineage = 1 else .n += 1 end' in >out 2>err
	[ "$(wc -l <out)" -eq 2 ]
	grep -q "a program can't set _lineage" err
	status 1 ms-fold --truncate --rejects rejects --by .k --as .k.x \
	    --time .t --window 1m '.n += 1' in >out 2>err
	[ "$(grep -c '"value":{"n":' rejects)" -eq 3 ]
}

@test "a revised result that breaks a limit is a reject, and so is a full count" {
	printf '{"t":%s}\n' 1 70 2 130 >in
	status 1 ms-fold --lineage off --max-line 100 --time .t --window 1m \
	    --keep 1h 'if $event.t == 2 then "x" * 90 else .n += 1 end' in \
	    >out 2>err
	jq -c '[.window.from[14:19], .n]' out >got
	same got '["00:00",1]' '["01:00",1]' '["02:00",1]'
	grep -q '^ms-fold: in:3: a result: ' err
	status 1 ms-fold --lineage off --max-line 130 --window count:2 \
	    'if $event.t == 70 then "x" * 90 else .n += 1 end' in >out 2>err
	[ "$(wc -l <out)" -eq 1 ]
	grep -q '^ms-fold: in:2: a result: ' err
}

@test "rejects of made and of held events count once before a barrier" {
	printf '{"t":%s}\n' 1 2 70 >in
	echo '{"ms.barrier":"b","n":3}' >>in
	status 1 ms-fold --lineage off --rejects - --max-line 120 --time .t \
	    --window 1m '"x" * 90' in >out 2>err
	grep -q '^{"ms.barrier":"b","n":1}$' out
	status 1 ms-fold --lineage off --rejects - --late 1s --time .t \
	    --window session:10s \
	    'if $event.t == 2 then error("no") else . + 1 end' in >out 2>err
	grep -q '^{"ms.barrier":"b","n":2}$' out
	grep '"error":"no"' out >reject
	holds reject '.line == 2 and (has("end") | not)'
}

@test "a line of time is passed on as the start of the oldest open window" {
	printf '%s\n' '{"k":1,"t":30}' '{"ms.time":"1970-01-01T00:00:31Z"}' \
	    '{"k":2,"t":35}' '{"k":1,"t":33}' \
	    '{"ms.time":"1970-01-01T00:00:36Z"}' '{"k":2,"t":20}' \
	    '{"k":3,"t":40}' '{"ms.time":"1970-01-01T00:00:44Z"}' \
	    '{"ms.time":"1970-01-01T00:00:47Z"}' \
	    '{"ms.time":"1970-01-01T00:01:47Z"}' >in
	status 1 ms-fold --lineage off --by .k --time .t --late 1s \
	    --window session:10s '. + 1' in 2>err | jq -c \
	    'if has("ms.time") then .["ms.time"][14:19]
		else [.k, .value, .window.from[14:19]] end' >got
	same got '"00:30"' '"00:30"' '[1,1,"00:30"]' '"00:35"' '[2,1,"00:35"]' \
	    '"00:40"' '[3,1,"00:40"]' '"01:47"'
	# what a program forgets is open no more
	printf '%s\n' '{"t":1}' '{"t":61}' '{"ms.time":"1970-01-01T00:00:10Z"}' \
	    '{"t":2}' '{"ms.time":"1970-01-01T00:00:20Z"}' |
	    ms-fold --lineage off --time .t --late 1h --window 1m \
	    'if $event.t == 2 then empty else . + 1 end' | head -n 2 >got
	same got '{"ms.time":"1970-01-01T00:00:00Z"}' \
	    '{"ms.time":"1970-01-01T00:00:20Z"}'
}

@test "lines of time look at the open windows once, not each of them" {
	command -v valgrind >/dev/null || skip "valgrind is missing"
	if is_asan; then
		skip "valgrind and ASan don't go together"
	fi
	seq -f '{"k":%.0f,"t":1}' 2000 >in
	for n in 1 30; do
		{
			cat in
			seq -f '{"ms.time":"1970-01-01T00:00:%02.0fZ"}' "$n"
		} >with
		for f in in with; do
			valgrind --tool=callgrind --callgrind-out-file=/dev/null \
			    ms-fold --by .k --time .t --window 1h --late 1h '. + 1' $f \
			    2>&1 >/dev/null | awk '/Collected/ { print $4 }'
		done | paste -sd ' ' - | awk '{ print $2 - $1 }' >"cost.$n"
	done
	cat cost.*
	# they are put in order when the first line comes
	[ "$(cat cost.30)" -lt $((2 * $(cat cost.1))) ]
}
