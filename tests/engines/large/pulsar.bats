#!/usr/bin/env bats
# A pipeline between two topics of Pulsar, by the recipe of ms-engines(7).
load ../../helper
load common

export PULSAR_PORT=${PULSAR_PORT:-16650}
url=pulsar://127.0.0.1:$PULSAR_PORT

setup_file() {
	# they share a broker
	export BATS_NO_PARALLELIZE_WITHIN_FILE=true
	export PULSAR_DIR=$BATS_FILE_TMPDIR/pulsar
	for tool in java mvn curl; do
		command -v "$tool" >/dev/null || skip "there is no $tool"
	done
	"$BATS_TEST_DIRNAME/pulsar.sh" start || skip "Pulsar can't be had"
}

teardown_file() {
	"$BATS_TEST_DIRNAME/pulsar.sh" clear
}

setup() {
	root=$(cd "$BATS_TEST_DIRNAME/../../.." && pwd)
	export PATH=${MS_BUILD:-$root/build}:$PATH
	with_python pulsar-client
	export MS_LINEAGE=off PYTHONPATH=$recipes
	unset MS_NOW
	cd "$BATS_TEST_TMPDIR" || return
	from=from$BATS_TEST_NUMBER to=to$BATS_TEST_NUMBER
}

teardown() {
	end_jobs
}

# What has no subscription isn't kept.
keep() {
	ask "client.subscribe('$to', 'kept')"
}

# ask PYTHON: with client at hand.
ask() {
	"$python" - "$url" <<-END
		import pulsar, sys
		client = pulsar.Client(sys.argv[1],
		    logger=pulsar.ConsoleLogger(pulsar.LoggerLevel.Error))
		$1
		client.close()
	END
}

# Each line of standard input is a message.
put() {
	cat >messages
	ask "to = client.create_producer('$from', block_if_queue_full=True)
for line in open('messages', 'rb').read().splitlines():
    to.send_async(line, lambda *_: None)
to.flush()"
}

held() {
	ask "queue = client.create_reader('$1', pulsar.MessageId.earliest)
while queue.has_message_available():
    print(queue.read_next().data().decode())"
}

done_with() {
	[ "$(curl -sf "127.0.0.1:$((PULSAR_PORT + 1))/admin/v2/persistent/public/default/$from/stats" |
	    jq '.subscriptions.p.msgBacklog')" = 0 ]
}

# run_through SCRIPT: to the end, while somebody kills.
run_through() {
	touch go busy faults
	keep
	seq "$EVENTS" | sed 's/.*/{"i":&}/' | put
	supervise "$python" "$1" "$url" "$from" "$to" p \
	    "ms-filter '.i % 10 != 0' | ms-map .j=.i" 3>&- 4>&- &
	havoc 3>&- 4>&- &
	until_true done_with
	end_jobs
	held "$to" | jq .i >got
	count
}

@test "Pulsar: exactly once, whatever is killed" {
	run_through "$recipes/pulsar_pipe.py"
	[ "$lost" -eq 0 ]
	[ "$twice" -eq 0 ]
	[ "$(wc -l <faults)" -gt 3 ]
}

@test "Pulsar: the control, without sequence ids, repeats: the test can fail" {
	sed 's/sequence_id=at/properties=None/; s/if at > there.i./if True/' \
	    "$recipes/pulsar_pipe.py" >control.py
	[ "$(diff control.py "$recipes/pulsar_pipe.py" | grep -c '^>')" -eq 2 ]
	run_through control.py
	[ "$twice" -gt 0 ]
}

@test "Pulsar: exactly once over a kill -9 of the broker" {
	touch go faults
	keep
	seq "$EVENTS" | sed 's/.*/{"i":&}/' | put
	supervise "$python" "$recipes/pulsar_pipe.py" "$url" "$from" "$to" p \
	    "ms-filter '.i % 10 != 0' | ms-map .j=.i" 3>&- 4>&- &
	until_true works
	sleep 1
	"$BATS_TEST_DIRNAME/pulsar.sh" kill
	echo broker >>faults
	run ! done_with
	"$BATS_TEST_DIRNAME/pulsar.sh" start
	until_true done_with
	end_jobs
	held "$to" | jq .i >got
	count
	[ "$lost" -eq 0 ]
	[ "$twice" -eq 0 ]
}
