#!/usr/bin/env bats
# ms-trace test: events that went through a pipeline are its test cases.
load helper

price='.cost = .n * .rates.rate'

# Three events through four stages, in events; the table is rates.csv.
journey() {
	printf '%s\n' m,rate GET,5 PUT,7 >rates.csv
	printf '%s\n' '{"m":"GET","n":1}' '{"m":"PUT","n":2}' \
	    '{"m":"GET","n":3}' | ms-trace | ms-filter '.n > 0' |
	    ms-enrich -t rates.csv -k .m | ms-map -n price "$price" |
	    ms-map '.due = .cost + 1' >events
}

@test "an unchanged command makes the same" {
	journey
	status 0 ms-trace test --stage price events -- ms-map -n price "$price" \
	    >out
	same out 'same                            3' \
	    'changed                         0' \
	    'only in events                  0' \
	    'only in what came of it         0' \
	    "What was dropped on the way to these events isn't judged."
	status 0 ms-trace test events -- "ms-filter '.n > 0' |
	    ms-enrich -t rates.csv -k .m | ms-map -n price '$price' |
	    ms-map '.due = .cost + 1'" >out
	head -n 1 out | grep -q '^same  *3$'
	status 0 ms-trace test --stage 2 events -- ms-filter '.n > 0'
}

@test "what a changed program changes is told" {
	journey
	status 1 ms-trace test -p --stage price events -- \
	    ms-map -n price '.cost = .n * 5' >out
	grep -q '  since map price' out
	grep -q '~ /cost  14 -> 10' out
	grep -q '^same  *2$' out
	status 1 ms-trace test --json --stage price events -- \
	    ms-map -n price '.cost = .n * 5' >out
	holds out '.same == 2 and .changed == 1 and
	    .paths == [{"path":".cost","why":"since map price","events":1}]'
	status 0 ms-trace test --ignore .cost --stage price events -- \
	    ms-map -n price '.cost = .n * 5'
}

@test "events are read from standard input as well" {
	journey
	status 0 ms-trace test --stage price -- ms-map -n price "$price" <events
}

@test "what is turned away or rejected now is told as missing" {
	journey
	status 1 ms-trace test --stage filter events -- ms-filter '.n > 1' >out
	grep -q '^only in events  *1$' out
	grep -q '^  turned away by filter  *1  .n > 1$' out
	status 1 ms-trace test --stage price events -- \
	    ms-map -n price 'if .n == 2 then error("no") else . end' 2>err >out
	grep -q '^only in events  *1$' out
	grep -q ': no$' err
	grep -q '^  rejected by map price  *1  no$' out
}

@test "events that were turned away must stay away" {
	printf '%s\n' '{"n":1}' '{"n":2}' | ms-trace |
	    ms-filter --else away '.n > 1' >passed
	status 0 ms-trace test --stage filter passed away -- ms-filter '.n > 1'
	status 1 ms-trace test --stage filter passed away -- ms-filter true >out
	grep -q '^only in what came of it  *1$' out
}

@test "another row of the table is told as the cause" {
	journey
	printf '%s\n' m,rate GET,5 PUT,8 >rates.csv
	status 1 ms-trace test --stage enrich events -- \
	    ms-enrich -t rates.csv -k .m >out
	grep -q '\.rates\.rate *1  since enrich: another row of rates.csv' out
}

@test "siblings of a fork run once, and missing ones aren't judged" {
	echo '{"l":[1,2,3]}' | ms-trace | ms-map -n split '.l[] as $x | {x:$x}' |
	    ms-map '.y = .x' >events
	status 0 ms-trace test events -- \
	    "tee in | ms-map -n split '.l[] as \$x | {x:\$x}' | ms-map '.y = .x'"
	lines 1 in
	grep -v '"x":2' events >two
	status 0 ms-trace test two -- \
	    "ms-map -n split '.l[] as \$x | {x:\$x}' | ms-map '.y = .x'" >out
	grep -q '^  siblings of forks  *1  the events lack them' out
	status 1 ms-trace test events -- \
	    "ms-map -n split '(.l[], 4) as \$x | {x:\$x}' | ms-map '.y = .x'" >out
	grep -q '^only in events  *3$' out
	grep -q '^only in what came of it  *4$' out
}

@test "what forked behind the tested stage was one event there" {
	printf '%s\n' '{"n":1}' '{"n":2}' | ms-trace |
	    ms-map -n f '(.k = 1), (.k = 2)' | ms-map -n one '.o = .k' |
	    ms-map -n g 'if .k == 1 then (.z = 1, .z = 2) else . end' |
	    ms-map -n h '(.y = 1), (.y = 2)' >events
	lines 12 events
	status 0 ms-trace test --stage f events -- \
	    "tee in | ms-map -n f '(.k = 1), (.k = 2)'" >out
	grep -q '^same  *4$' out
	lines 2 in
	status 0 ms-trace test --stage one events -- \
	    "tee in | ms-map -n one '.o = .k'" >out
	grep -q '^same  *4$' out
	lines 4 in
	status 0 ms-trace test --stage g events -- \
	    "ms-map -n g 'if .k == 1 then (.z = 1, .z = 2) else . end'" >out
	grep -q '^same  *6$' out
}

@test "where no event is tested, that is told, and is no success" {
	journey
	status 1 ms-trace test --stage prise events -- cat >out 2>err
	grep -q 'nothing was tested: no event went through the stage' err
	echo '{"a":1}' >plain
	status 1 ms-trace test plain -- cat >out 2>err
	grep -q 'nothing was tested: no event went through a stage' err
}

@test "the time stands still where the records have one time" {
	echo '{}' | ms-trace | MS_NOW=2026-01-02T03:04:05.000006Z \
	    ms-map -n t '.t = now' >events
	status 0 ms-trace test --stage t events -- ms-map -n t '.t = now' >out
	lacks -q 'left out' out
	status 1 ms-trace test --stage t events -- ms-map -n t '.t = now + 1'
}

@test "paths from the clock and the environment are left out, and named" {
	for day in 1 2; do
		echo '{"a":1}' | ms-trace |
		    MS_NOW=2026-01-0${day}T00:00:00.000000Z X=$day ms-map -n t \
		    '.t = (now | todate) | .x = $ENV.X | .b = .a' |
		    MS_NOW=2026-01-0${day}T00:00:00.000000Z ms-map '.u = [.t]'
	done >events
	status 0 ms-trace test events -- \
	    "ms-map -n t '.t = (now | todate) | .x = \$ENV.X | .b = .a' |
	    ms-map '.u = [.t]'" >out
	sed -n '5,$p' out >rest
	same rest 'left out' \
	    '  .x                            2  from the environment, or where it was read' \
	    '  .t                            1  from the clock' \
	    '  .u[]                          1  from the clock' \
	    "What was dropped on the way to these events isn't judged." || {
		cat rest
		false
	}
	status 1 ms-trace test --stage t events -- \
	    ms-map -n t '.t = now | .x = $ENV.X | .b = 2'
}

@test "events that lack the stage, or their undo, are told" {
	journey
	echo '{"a":1}' | ms-trace >other
	status 0 ms-trace test --stage price events other -- \
	    ms-map -n price "$price" >out
	grep -q "^  events  *1  they didn't go through the stage" out
	ms-map --lineage slim '.n = 5' <events >thin
	status 1 ms-trace test --stage price thin -- ms-map . 2>err
	grep -q "can't be taken back" err
}

@test "large outputs and inputs don't wait for each other" {
	jq -nc --arg f "$(filler 3000)" 'range(300) | {a: ., f: $f}' |
	    ms-trace | ms-map '.b = 1' >events
	status 0 within 20 ms-trace test events -- ms-map '.b = 1'
	status 0 within 20 ms-trace test events -- "sort | ms-map '.b = 1'"
	status 1 within 20 ms-trace test events -- head -n 1
}

@test "a command that fails is told with its status" {
	journey
	status 3 ms-trace test events -- ./none 2>err >out
	same err 'ms-trace: ./none: No such file or directory' \
	    'ms-trace: ./none ended with exit status 127'
	status 3 ms-trace test events -- 'kill -9 $$' 2>err >out
	grep -q 'was ended by signal 9' err
	status 3 ms-trace test events -- ms-map '.a =' 2>err >out
	grep -q 'ended with exit status 2' err
	status 2 ms-trace test events 2>err
	grep -q 'behind -- there is the command' err
	status 2 ms-trace test --stage 0 events -- cat 2>err
}

@test "a pipeline tried on what it made of random events is the same" {
	jq -nc 'range(50) | {a: ., b: [range(. % 4)], c: "x\(. % 5)"}' |
	    ms-trace | ms-map '.d = .a * 2 | del(.c)' |
	    ms-map '.b[]? as $x | .e = $x' | ms-filter '.a % 3 != 0' |
	    ms-map '.a |= tostring' >events
	status 0 ms-trace test events -- "ms-map '.d = .a * 2 | del(.c)' |
	    ms-map '.b[]? as \$x | .e = \$x' | ms-filter '.a % 3 != 0' |
	    ms-map '.a |= tostring'"
	for k in 2 3 4 5; do
		rule=$(head -n 1 events | jq -r "._lineage[$k - 1].rule")
		op=$(head -n 1 events | jq -r "._lineage[$k - 1].op")
		status 0 ms-trace test --stage "$k" events -- "ms-$op" "$rule"
	done
}
