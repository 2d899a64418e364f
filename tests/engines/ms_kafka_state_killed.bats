#!/usr/bin/env bats
# ms-kafka --changelog on a real broker: counts are exact, whatever is killed
# while events trickle in.
load kafka_state

# tally: how many counts of users are missing, or there again.
tally() {
	seq 0 $(($(<fed) - 1)) |
	    awk '{ k = $1 % 50; print "u" k, ++seen[k], $1 }' | sort >want
	get "$to" '%s\n' | jq -r '"\(.u) \(.seen) \(.n)"' | sort >got
	[ -s got ]
	lost=$(comm -23 want got | wc -l)
	wrong=$(comm -13 want got | wc -l)
	echo "# $lost missing, $wrong wrong or again;" \
	    "faults: $(sort faults | uniq -c | tr '\n' ' ')" >&3
}

# exact: all counts are there, and right.
exact() {
	tally
	[ "$lost" -eq 0 ]
	[ "$wrong" -eq 0 ]
}

# Each partition's state has got on.
all_move() {
	mark
	until_true moved 4
}

@test "state follows its partition to a second instance, and back" {
	topics 4
	instance 0 "${always[@]}" "$count"
	flow
	all_move
	instance 1 "${always[@]}" "$count"
	until_true has_members 2
	all_move
	fault runner 0
	# those that it had, by the second one, and then by the next
	all_move
	until_true has_members 2
	all_move
	ebb
	finish
	exact
}

@test "counts are exact, whatever is killed, for SECONDS (10)" {
	topics 4
	for i in 0 1; do instance $i --instance i$i "${always[@]}" "$count"; done
	kills "${SECONDS_OF_KILLS:-10}" 2 \
	    runner stage pause directories runner stage stage
	exact
}

@test "the control, without a changelog, counts wrong after a kill: the test can fail" {
	topics 4
	instance 0 --instance i0 --strip "$count"
	flow
	all_move
	fault runner 0
	all_move
	ebb
	finish
	tally
	[ "$wrong" -gt 0 ]
}
