#!/usr/bin/env bats
# ms-kafka on a real broker: members, topics and brokers that come and go.
load kafka

@test "the control, kcat | pipeline | kcat, loses or repeats: the test can fail" {
	broker topic "$from" 4
	broker topic "$to" 4
	touch faults
	trickle 8 &
	feeder=$!
	for _ in 1 2 3 4 5 6; do
		setsid sh -c "kcat -b $MS_KAFKA_BROKERS -G c$n -q -X session.timeout.ms=1000 -X auto.offset.reset=earliest -X auto.commit.interval.ms=500 $from |
		    ms-filter '.n % 10 != 0' | kcat -b $MS_KAFKA_BROKERS -P -t $to" 3>&- &
		pid=$!
		sleep 1.5
		kill -9 -- "-$pid" || :
		echo control >>faults
	done 2>/dev/null
	wait "$feeder"
	# what is still there to be read isn't lost
	timeout 8 sh -c "kcat -b $MS_KAFKA_BROKERS -G c$n -q -X session.timeout.ms=1000 -X auto.offset.reset=earliest $from |
	    ms-filter '.n % 10 != 0' | kcat -b $MS_KAFKA_BROKERS -P -t $to" || :
	tally 8
	[ $((lost + twice)) -gt 0 ]
}

@test "exactly once with three members that come and go" {
	pipeline=('ms-filter ".n % 10 != 0"')
	export dynamic=1
	broker topic "$from" 6
	broker topic "$to" 2
	touch go busy faults
	for i in 0 1 2; do supervise "$i" 3>&- & done
	sleep 2
	come_and_go 3>&- &
	trickle 15
	rm busy
	sleep 3
	rm go
	for i in 0 1 2; do kill "$(<"pid.$i")" 2>/dev/null || :; done
	sleep 3
	do_rest 15 "${pipeline[0]}"
	once 15
}

@test "exactly once with --per-batch, whatever is killed" {
	# shellcheck disable=SC2016
	pipeline=(--per-batch 'jq -c "select(.n % 10 != 0)" | sort -r')
	broker topic "$from" 4
	broker topic "$to" 2
	touch go busy faults
	for i in 0 1; do supervise "$i" 3>&- & done
	sleep 2
	havoc 2 3>&- &
	trickle 12
	rm busy
	sleep 8
	rm go
	for i in 0 1; do kill "$(<"pid.$i")" 2>/dev/null || :; done
	sleep 3
	do_rest 12 "${pipeline[1]}" --per-batch
	once 12
}

@test "an instance of the same name takes over, and the former ends" {
	topics "$from" "$to"
	ms-kafka --from "$from" --to "$to" --group "g$n" --instance a cat \
	    2>err.first 3>&- &
	first=$!
	until_true has_group 2
	events 5 | put -t "$from"
	until_true has_lines 5
	ms-kafka --from "$from" --to "$to" --group "g$n" --instance a cat \
	    2>err.second 3>&- &
	second=$!
	events 5 | put -t "$from"
	status 75 wait "$first"
	until_true has_lines 10
	kill "$second"
	wait "$second"
	[ "$(committed)" -eq 10 ]
}

@test "a topic that goes while it is read ends the instance, and then it is told" {
	topics "$from" "$to"
	ms-kafka --from "$from" --to "$to" --group "g$n" cat 2>err 3>&- &
	pid=$!
	until_true has_group 2
	broker drop "$from"
	status 75 wait "$pid"
	told_once err "^ms-kafka: .*$from.*no longer available\|topic does not exist"
	status 2 run_to_end cat 2>err.again
	grep -q "^ms-kafka: topic $from: .*[Uu]nknown topic" err.again
}

@test "a broker that stops in order, or isn't there yet, is waited for" {
	topics "$from" "$to"
	events 20 | put -t "$from"
	ms-kafka --from "$from" --to "$to" --group "g$n" --instance a cat \
	    2>err.run 3>&- &
	pid=$!
	until_true has_lines 20
	broker stop
	run_to_end cat --group "other$n" --instance b 2>err.early 3>&- &
	early=$!
	until_true grep -q 'waiting$' err.early
	kill -0 "$pid"
	broker start
	events 10 | put -t "$from"
	wait "$early"
	until_true has_lines 60
	kill "$pid"
	wait "$pid"
	[ "$(committed)" -eq 30 ]
}

@test "offsets of a transaction that is still open are waited for, whoever joins meanwhile" {
	local i pids=()

	broker topic "$from" 2
	topics "$to"
	events 20 | put -t "$from"
	run_to_end cat 2>err
	has_lines 20
	for i in 0 1; do
		at=$(broker committed "g$n" | awk -v i=$i '$2 == i { print $3 }')
		broker pending "g$n" "$from" $i "$at" 6000
	done
	for i in 1 2 3; do
		ms-kafka --from "$from" --to "$to" --group "g$n" cat 2>"err.$i" 3>&- &
		pids+=($!)
		sleep 1
	done
	events 20 | put -t "$from"
	until_true has_lines 40
	sleep 1
	has_lines 40
	kill "${pids[@]}"
	wait "${pids[@]}"
	grep -q "^ms-kafka: group g$n: .*hasn't ended holds its offsets; waiting$" \
	    err.1
	[ "$(committed)" -eq 40 ]
}
