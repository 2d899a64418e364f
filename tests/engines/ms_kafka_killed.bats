#!/usr/bin/env bats
# ms-kafka on a real broker: exactly once, whatever is killed.
load kafka

@test "exactly once, whatever is killed, for SECONDS (60)" {
	local seconds=${SECONDS_OF_KILLS:-60}

	pipeline=('ms-filter ".n % 10 != 0" | ms-map ".m = .n" | ms-filter true')
	broker topic "$from" 4
	broker topic "$to" 4
	touch go busy faults
	for i in 0 1 2; do supervise "$i" 3>&- & done
	sleep 3
	havoc 3 3>&- &
	[ "$seconds" -lt 200 ] || havoc_broker 90 3>&- &
	trickle "$seconds"
	rm busy
	sleep 9
	rm go
	for i in 0 1 2; do kill "$(<"pid.$i")" 2>/dev/null || :; done
	sleep 3
	do_rest "$seconds" "${pipeline[0]}"
	once "$seconds"
	for kind in runner stage pause; do
		grep -qx "$kind" faults
	done
}

@test "exactly once over a kill -9 of the broker" {
	pipeline=('ms-filter ".n % 10 != 0"')
	broker topic "$from" 4
	broker topic "$to" 4
	touch go faults
	supervise 0 3>&- &
	sleep 2
	trickle 8 &
	feeder=$!
	sleep 4
	broker kill
	echo broker >>faults
	broker start
	wait "$feeder"
	rm go
	kill "$(<pid.0)"
	sleep 3
	do_rest 8 "${pipeline[0]}"
	once 8
}
