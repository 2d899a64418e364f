#!/usr/bin/env bats
# ms-kafka --changelog on a real broker: counts are exact, whatever is killed
# while events trickle in.
load kafka_state

# Supervise an instance: start it again as long as the file go is there.
supervise() {
	while [ -e go ]; do
		ms-kafka --from "$from" --to "$to" --group "g$n" --strip \
		    -X session.timeout.ms=2000 -X heartbeat.interval.ms=200 \
		    "${options[@]}" ${static:+--instance "i$1"} "$count" \
		    2>>"err.$1" 3>&- &
		echo $! >"pid.$1"
		wait $! || :
	done
}

# One of the stages of an instance.
stage_of() {
	pgrep -g "$(pgrep -d , -P "$(<"pid.$1")")" ms- 2>/dev/null |
	    shuf -n 1
}

# Kill what comes, as long as the file busy is there.
havoc() {
	local i pid turn=0

	# each kind in turn, so that even a short run has them all
	while [ -e busy ]; do
		sleep "0.$((RANDOM % 8 + 1))"
		i=$((RANDOM % $1))
		case $((turn++ % 7)) in
		0 | 4) kill -9 "$(<"pid.$i")" && echo runner ;;
		2) kill -STOP "$(<"pid.$i")" && sleep 3 &&
			kill -CONT "$(<"pid.$i")" && echo pause ;;
		3) rm -rf tmp/ms-kafka-* && echo directories ;;
		*) pid=$(stage_of "$i") && [ -n "$pid" ] &&
			kill -9 "$pid" && echo stage ;;
		esac >>faults 2>/dev/null || :
	done
}

# trickle SECONDS [FROM]: 2,000 events of 50 users a second.
trickle() {
	local s first=$((${2:-0} * 10))

	for ((s = first; s < first + $1 * 10; s++)); do
		seq $((s * 200)) $((s * 200 + 199)) | awk '{
			printf "u%d\t{\"u\":\"u%d\",\"n\":%d}\n",
			    $1 % 50, $1 % 50, $1 }'
		sleep 0.1
	done | feed -E -X enable.idempotence=true -X message.timeout.ms=0
}

# tally SECONDS: how many counts of users are missing, or there again.
tally() {
	seq 0 $(($1 * 2000 - 1)) |
	    awk '{ k = $1 % 50; print "u" k, ++seen[k], $1 }' | sort >want
	get "$to" '%s\n' | jq -r '"\(.u) \(.seen) \(.n)"' | sort >got
	[ -s got ]
	lost=$(comm -23 want got | wc -l)
	wrong=$(comm -13 want got | wc -l)
	echo "# $lost missing, $wrong wrong or again;" \
	    "faults: $(sort faults | uniq -c | tr '\n' ' ')" >&3
}

# What a member that was killed had open holds readers up for 10 seconds.
have_worked() {
	[ "$(get "$to" '%s\n' | wc -l)" -gt 4000 ]
}

finish() {
	local pid

	rm -f go
	for pid in pid.*; do kill "$(<"$pid")" 2>/dev/null || :; done
	sleep 2
	# it was they who worked, not the last run alone
	until_true have_worked
	run_to_end "$count" 2>err.last
}

@test "state follows its partition to a second instance, and back" {
	topics 4
	options=(--changelog "$log") static=
	touch go faults
	supervise 0 3>&- &
	trickle 2
	supervise 1 3>&- &
	trickle 2 2
	kill -9 "$(<pid.0)"
	echo runner >>faults
	trickle 2 4
	finish
	tally 6
	[ "$lost" -eq 0 ]
	[ "$wrong" -eq 0 ]
}

@test "counts are exact, whatever is killed, for SECONDS (10)" {
	local seconds=${SECONDS_OF_KILLS:-10}

	topics 4
	options=(--changelog "$log") static=true
	touch go busy faults
	for i in 0 1; do supervise "$i" 3>&- & done
	sleep 1
	havoc 2 3>&- &
	[ "$seconds" -lt 200 ] || havoc_broker 60 3>&- &
	trickle "$seconds"
	rm busy
	sleep 4
	finish
	tally "$seconds"
	[ "$lost" -eq 0 ]
	[ "$wrong" -eq 0 ]
	for fault in runner stage pause directories; do
		grep -qx "$fault" faults
	done
}

@test "the control, without a changelog, counts wrong after a kill: the test can fail" {
	options=() static=true
	topics 4
	touch go faults
	supervise 0 3>&- &
	trickle 2
	kill -9 "$(<pid.0)"
	echo runner >>faults
	trickle 1 2
	rm go
	kill "$(<pid.0)"
	sleep 1
	tally 3
	[ "$wrong" -gt 0 ]
}
