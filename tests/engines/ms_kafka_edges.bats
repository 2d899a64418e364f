#!/usr/bin/env bats
# ms-kafka on a real broker: missing rights, broken pipelines, topics and
# brokers that go.
load kafka

export BROKER_USERS='able noread nogroup nowrite nodead notxn unseen'

# Log in as a user: run_as USER OPTION...
run_as() {
	local user=$1

	shift
	run_to_end cat --brokers "127.0.0.1:$((BROKER_PORT + 2))" --dead "$dead" \
	    --instance a -X security.protocol=SASL_PLAINTEXT \
	    -X sasl.mechanism=PLAIN -X "sasl.username=$user" \
	    -X sasl.password=secret "$@"
}

# told_once FILE PATTERN: it is the only message there, but for what a busy
# broker makes it wait for.
told_once() {
	grep -v '; waiting$' "$1" >told
	cat told >&2
	lines 1 told
	grep "$2" told
}

@test "a right that is missing is told once, with who needs it, and no offset moves" {
	topics "$from" "$to" "$dead"
	printf 'k\t%s\n' '{"n":1}' no | put -t "$from"
	for kind in topic group; do broker allow '*' all "$kind" '*'; done
	broker deny noread read topic "$from"
	broker deny nogroup read group "g$n"
	broker deny nowrite write topic "$to"
	broker deny nodead write topic "$dead"
	broker deny unseen all topic "$from"
	broker rights --allow-principal 'User:*' --deny-principal User:notxn \
	    --operation Write --operation Describe --transactional-id g \
	    --resource-pattern-type prefixed
	while read -r user needs; do
		status 2 run_as "$user" 2>err
		told_once err "^ms-kafka: .*uthorization failed.*; User:$user needs $needs\$"
		[ "$(committed)" -eq 0 ]
	done <<-END
		noread Read on topic $from
		unseen Read on topic $from
		nogroup Read on group g$n
		nowrite Write on topic $to, $dead
		nodead Write on topic $to, $dead
		notxn Write on the transactional ids that start with g$n-
	END
	has_lines 0
	run_as able
	has_lines 1
	[ "$(committed)" -eq 2 ]
}

@test "a wrong password is told once; settings may stand in a file" {
	topics "$from" "$to" "$dead"
	printf 'k\t{"n":1}\n' | put -t "$from"
	status 2 run_as able -X sasl.password=wrong 2>err
	told_once err 'Invalid username or password'
	cat >client.properties <<-END
		# as who
		security.protocol=SASL_PLAINTEXT
		sasl.mechanism=PLAIN

		sasl.username=able
		sasl.password=secret
	END
	run_to_end cat --brokers "127.0.0.1:$((BROKER_PORT + 2))" \
	    --instance a --config client.properties 2>err
	lines 0 err
	has_lines 1
	echo 'sasl.nonsense=1' >>client.properties
	status 2 run_to_end cat --config client.properties 2>err
	told_once err '^ms-kafka: client.properties:7: '
}
