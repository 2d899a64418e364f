#!/usr/bin/env bats
# ms-kafka on a real broker.
load kafka

@test "key, headers and timestamp go out as they came, and a second run has nothing to do" {
	topics "$from" "$to"
	printf 'k%d\t{"n":%d}\n' 1 1 2 2 3 3 | put -t "$from" -H h=1 -H h=2
	run_to_end 'ms-map ".m = .n + 1"' --strip 2>err
	get "$from" '%k|%h|%T\n' | sort >want
	get "$to" '%k|%h|%T\n' | sort >got
	diff want got
	get "$to" '%s\n' | sort >got
	same got '{"n":1,"m":2}' '{"n":2,"m":3}' '{"n":3,"m":4}'
	run_to_end cat
	[ "$(get "$to" '%s\n' | wc -l)" -eq 3 ]
	[ "$(committed)" -eq 3 ]
}

@test "an event knows its place" {
	topics "$from" "$to"
	printf 'k\t{"n":1}\n' | put -t "$from" -p 1 -H a=b
	run_to_end 'ms-map ".f = \$lineage[-1].from"' --strip
	get "$to" '%s\n' >got
	holds got '.f | .topic == "'"$from"'" and .partition == 1 and
	    .offset == 0 and .key == "k" and
	    .headers == [{name: "a", value: "b"}] and .timestamp > 1e12'
}

@test "what fails is a dead letter with its key, headers, cause, stage and rule" {
	topics "$from" "$to" "$dead"
	{
		for i in $(seq 20); do printf 'k%d\t{"n":%d}\n' "$i" "$i"; done
		printf 'bad\tno json\n'
		printf 'rejected\t{"n":"x"}\n'
		printf 'deadly\t{"n":666}\n'
		printf 'control\t{"ms.barrier":"x","n":0}\n'
	} | put -t "$from" -H h=1
	run_to_end 'while read -r l; do
	    case $l in *:666*) exit 9 ;; esac; printf "%s\n" "$l"; done |
	    ms-map -n twice ".m = .n * 2 | if .n == \"x\" then error(\"no\") else . end"' \
	    --dead "$dead" 2>err
	[ "$(get "$to" '%s\n' | wc -l)" -eq 20 ]
	get "$dead" '%k|%s|%h\n' | sort >got
	lines 4 got
	grep -q '^bad|no json|h=1,ms.error=the value is no JSON: ' got
	grep -q '^control|.*ms.error=the value is a control line,ms.from=' got
	grep -q '^deadly|{"n":666}|h=1,ms.error=the pipeline dies of it: it ended with status 9,' got
	grep -q '^rejected|{"n":"x"}|h=1,ms.error=.*ms.stage=twice,ms.rule=' got
}

@test "without --dead a record that fails stops the instance behind all before it" {
	broker topic "$from" 1
	topics "$to"
	printf 'k\t%s\n' '{"n":1}' '{"n":2}' 'no' '{"n":4}' | put -t "$from"
	status 1 run_to_end cat 2>err
	grep -q "^ms-kafka: $from\[0\]@2: the value is no JSON.*--dead" err
	[ "$(get "$to" '%s\n' | wc -l)" -eq 2 ]
	[ "$(committed)" -eq 2 ]
}

@test "a pipeline that rejects all events of a batch is broken, and nothing is committed" {
	topics "$from" "$to" "$dead"
	for i in $(seq 50); do printf 'k\t{"n":%d}\n' "$i"; done |
	    put -t "$from" -p 0
	status 75 run_to_end 'ms-map "error(\"no\")"' --dead "$dead" 2>err
	grep -q "every event of a batch is rejected" err
	[ "$(get "$dead" '%s\n' | wc -l)" -eq 0 ]
	[ "$(committed)" -eq 0 ]
}

@test "small batches that are under way together keep their rejects, and their dead" {
	broker topic "$from" 1
	topics "$to" "$dead"
	for i in $(seq 60); do
		case $i in
		*[37]) printf 'r%d\t{"n":"x"}\n' "$i" ;;
		31) printf 'd%d\t{"n":31000}\n' "$i" ;;
		*) printf 'k%d\t{"n":%d}\n' "$i" "$i" ;;
		esac
	done | put -t "$from"
	run_to_end 'while read -r l; do
	    case $l in *:31000*) exit 9 ;; esac; printf "%s\n" "$l"; done |
	    ms-map ".m = .n * 2 | if .n == \"x\" then error(\"no\") else . end"' \
	    --dead "$dead" --batch 4 2>err
	get "$to" '%k\n' | sort >got
	seq 60 | grep -v '[37]$' | grep -vx 31 | sed 's/^/k/' | sort | diff - got
	get "$dead" '%k\n' | sort >got
	{ seq 60 | grep '[37]$' | sed 's/^/r/'; echo d31; } | sort | diff - got
	[ "$(committed)" -eq 60 ]
}

@test "a tombstone goes out in its place by key" {
	broker topic "$from" 1
	broker topic "$to" 1
	printf '%s\n' $'a\t{"n":1}' $'a\t' $'b\t{"n":2}' $'a\t{"n":3}' $'b\t' |
	    put -t "$from" -Z
	run_to_end 'ms-filter true' --strip
	get "$to" '%k %S\n' | grep ^a >got
	same got 'a 7' 'a -1' 'a 7'
	get "$to" '%k %S\n' | grep ^b >got
	same got 'b 7' 'b -1'
}

@test "events say their topic, key and partition; what may not go there is dead" {
	topics "$from" "$to" "other$n" "$dead"
	printf '%s\n' '{"t":"'"$to"'","k":{"a":1},"p":1}' \
	    '{"t":"other'"$n"'","k":"x","p":0}' '{"t":"secret","p":0}' \
	    '{"t":"'"$to"'","p":7}' | put -t "$from" -K '|'
	run_to_end cat --to "$to,other$n" --to-topic .t --to-key .k \
	    --to-partition .p --strip --dead "$dead" 2>err
	get "$to" '%p %k\n' >got
	same got '1 {"a":1}'
	get "other$n" '%p %k\n' >got
	same got '0 x'
	[ "$(get "$dead" '%h\n' | grep -c "doesn't allow\|has no partition")" -eq 2 ]
}

@test "with --per-batch stages may swallow barriers" {
	topics "$from" "$to"
	for i in $(seq 100); do printf 'k%d\t{"n":%d}\n' "$i" "$i"; done |
	    put -t "$from"
	run_to_end 'jq -c "select(.n > 90)" | sort -r' --per-batch --strip
	[ "$(get "$to" '%k %s\n' | wc -l)" -eq 10 ]
}

@test "--dry-run writes to standard output, and commits nothing" {
	topics "$from"
	printf 'k\t{"n":1}\n' | put -t "$from"
	timeout "$patience" ms-kafka --from "$from" --until-end --dry-run --strip \
	    'ms-map ".m = 1"' >out
	same out '{"n":1,"m":1}'
}

@test "--from-end starts where the end was at first, and SIGTERM commits and leaves" {
	topics "$from" "$to"
	start() {
		ms-kafka --from "$from" --to "$to" --group "g$n" --instance a \
		    --from-end --strip cat 2>>err 3>&- &
		pid=$!
	}
	printf 'k\t{"n":%d}\n' 1 2 | put -t "$from"
	start
	has_ends() {
		[ "$(broker committed "g$n" "$from" | wc -l)" -eq 2 ]
	}
	until_true has_ends
	kill -9 "$pid"
	wait "$pid" || :
	printf 'k\t{"n":%d}\n' 3 4 | put -t "$from"
	start
	until_true has_lines 2
	leave "$pid"
	get "$to" '%s\n' >got
	same got '{"n":3}' '{"n":4}'
	[ "$(committed)" -eq 4 ]
}

@test "what stages give where no record comes is committed, and nothing where nothing comes" {
	topics "$from" "$to" "$dead"
	ms-kafka --from "$from" --to "$to" --group "g$n" --dead "$dead" --strip \
	    --stats --json 'ms-trace --tick 100ms | ms-fold -n w --by .u --window 1s ".n += 1 | if \$event.long then .x = \"x\" * 2000 else . end" --max-line 1000' \
	    2>err 3>&- &
	pid=$!
	printf 'k\t{"u":"%s"}\n' ada ada | put -t "$from" -p 0
	until_true has_lines 1
	get "$to" '%k %s\n' | jq -Rc 'split(" ") | [.[0], (.[1] | fromjson.n)]' >got
	same got '["\"ada\"",2]'
	# a result that can't be written is a dead letter at such a time
	printf 'k\t{"u":"eve","long":true}\n' | put -t "$from" -p 0
	dead_is_there() {
		[ "$(get "$dead" '%h\n' | grep -c 'ms.stage=w')" -eq 1 ]
	}
	until_true dead_is_there
	# time passes for a stage, and there is nothing to commit
	sleep 1.5
	leave "$pid"
	has_lines 1
	[ "$(committed)" -eq 3 ]
	tail -n 1 err >stats
	holds stats '.commits <= 5 and .restarts == 0 and .written == 1 and .dead == 1'
}

@test "a pipeline that dies where no record comes is started again, three times in a row ends it" {
	topics "$from" "$to" "$dead"
	cat >stage <<-'END'
		while read -r l; do
			[[ ! -e dies ]] || exit 9
			[[ ! -e die ]] || { rm die; exit 9; }
			printf '%s\n' "$l"
		done
	END
	ms-kafka --from "$from" --to "$to" --group "g$n" --dead "$dead" \
	    'bash stage' 2>err 3>&- &
	pid=$!
	until_true has_group 2
	touch die
	until_true grep -q 'the pipeline failed: it ended with status 9' err
	printf 'k\t{"n":%d}\n' 1 2 | put -t "$from"
	until_true has_lines 2
	touch dies
	status 75 wait "$pid"
	grep -q 'fails without any record, 3 times in a row: it is broken' err
	[ "$(get "$dead" '%s\n' | wc -l)" -eq 0 ]
	[ "$(committed)" -eq 2 ]
}

@test "a topic that isn't there is told, and the exit is 2" {
	topics "$to"
	status 2 run_to_end cat 2>err
	grep -q "^ms-kafka: topic $from: .*[Uu]nknown topic" err
}

@test "--metrics and --stats --json tell what happened" {
	topics "$from" "$to"
	printf 'k%d\t{"n":%d}\n' 1 1 2 2 | put -t "$from"
	run_to_end 'ms-filter ".n > 1"' --metrics m --json 2>err
	tail -n 1 err >stats
	holds stats '.read == 2 and .written == 1 and .undone == 0'
	holds stats '[.lag[].records] == [0, 0]'
	grep -qx "ms_kafka_read_total{group=\"g$n\"} 2" m
	grep -qx "ms_kafka_lag_records{group=\"g$n\",topic=\"$from\",partition=\"0\"} 0" m
}
