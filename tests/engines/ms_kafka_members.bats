#!/usr/bin/env bats
# ms-kafka on a real broker: members, topics and brokers that come and go.
load kafka

# The control's pipeline, with options of the reading kcat.
naive() {
	kcat -b "$MS_KAFKA_BROKERS" -G "c$n" -q -X session.timeout.ms=1000 \
	    -X auto.offset.reset=earliest "$@" "$from" |
	    ms-filter '.n % 10 != 0' | kcat -b "$MS_KAFKA_BROKERS" -P -t "$to"
}

@test "the control, kcat | pipeline | kcat, loses or repeats: the test can fail" {
	broker topic "$from" 4
	broker topic "$to" 4
	touch faults
	has_more() {
		[ "$(get "$to" '%s\n' | wc -l)" -gt "$were" ]
	}
	export -f naive
	export n from to
	flow
	for _ in 1 2 3 4; do
		were=$(get "$to" '%s\n' | wc -l)
		setsid bash -c naive 3>&- &
		pid=$!
		until_true has_more
		kill -9 -- "-$pid"
		echo control >>faults
	done
	ebb
	# what is still there to be read isn't lost
	naive -e
	tally
	[ $((lost + twice)) -gt 0 ]
}

@test "exactly once with three members that come and go" {
	broker topic "$from" 6
	broker topic "$to" 2
	for i in 0 1 2; do
		instance $i -X transaction.timeout.ms=5000 'ms-filter ".n % 10 != 0"'
	done
	kills 15 3 leave runner
	once
}

@test "exactly once with --per-batch, whatever is killed" {
	broker topic "$from" 4
	broker topic "$to" 2
	for i in 0 1; do
		instance $i --instance i$i --per-batch \
		    'jq -c "select(.n % 10 != 0)" | sort -r'
	done
	kills 12 2 runner stage pause stage
	once
}

@test "exactly once over a kill -9 of the broker" {
	broker topic "$from" 4
	broker topic "$to" 4
	instance 0 --instance i0 'ms-filter ".n % 10 != 0"'
	flow
	mark
	until_true moved 4
	broker kill
	echo broker >>faults
	broker start
	mark
	until_true moved 4
	ebb
	finish
	once
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
	leave "$second"
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
	# whether the last ten came before its end
	did=$(broker committed "other$n" "$from" | awk '{ sum += $3 } END { print sum }')
	[ "$did" -eq 20 ] || [ "$did" -eq 30 ]
	until_true has_lines $((30 + did))
	leave "$pid"
	[ "$(committed)" -eq 30 ]
}

@test "offsets of a transaction that is still open are waited for, whoever joins meanwhile" {
	local i pids=()

	broker topic "$from" 2
	topics "$to"
	events 20 | put -t "$from"
	run_to_end cat 2>err
	has_lines 20
	broker committed "g$n" "$from" >ends
	while read -r _ i at; do
		broker pending "g$n" "$from" "$i" "$at" 600000
	done <ends
	lines 2 ends
	for i in 1 2 3; do
		ms-kafka --from "$from" --to "$to" --group "g$n" cat 2>"err.$i" 3>&- &
		pids+=($!)
		until_true has_members $i
	done
	events 20 | put -t "$from"
	until_true grep -q "^ms-kafka: group g$n: .*hasn't ended holds its offsets; waiting$" \
	    err.1
	has_lines 20
	for i in 0 1; do broker fence $i; done
	until_true has_lines 40
	sleep 1
	has_lines 40
	kill "${pids[@]}"
	wait "${pids[@]}"
	[ "$(committed)" -eq 40 ]
}
