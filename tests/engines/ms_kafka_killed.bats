#!/usr/bin/env bats
# ms-kafka on a real broker: exactly once, whatever is killed.
load kafka

@test "exactly once, whatever is killed, for SECONDS (60)" {
	broker topic "$from" 4
	broker topic "$to" 4
	for i in 0 1 2; do
		instance $i --instance i$i \
		    'ms-filter ".n % 10 != 0" | ms-map ".m = .n" | ms-filter true'
	done
	kills "${SECONDS_OF_KILLS:-60}" 3 runner stage pause stage
	once
}
