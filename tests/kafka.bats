#!/usr/bin/env bats
# ms-kafka, as far as it needs no broker.
load helper

# Nobody listens there.
nobody=127.0.0.1:9

# The least that it needs, but for the pipeline.
least=(--brokers "$nobody" --from a --to b --group g)

setup() {
	[[ " ${WITHOUT-} " != *" kafka "* ]] || skip "built without ms-kafka"
	cd "$BATS_TEST_TMPDIR" || return
}

# told MESSAGE COMMAND...: it is a wrong usage, and the message says why.
told() {
	local message=$1

	shift
	status 2 within 20 "$@" </dev/null >out 2>err
	[ ! -s out ]
	head -n 1 err >said
	same said "ms-kafka: $message"
}

@test "what ms-kafka can't do without is asked for" {
	unset MS_KAFKA_BROKERS
	told "a pipeline is missing" ms-kafka "${least[@]}"
	told "the pipeline is one argument: quote it" \
	    ms-kafka "${least[@]}" cat cat
	told "--brokers HOST:PORT, or MS_KAFKA_BROKERS, is missing" \
	    ms-kafka --from a --to b --group g cat
	told "--from TOPIC is missing" \
	    ms-kafka --brokers "$nobody" --to b --group g cat
	told "--to TOPIC is missing" \
	    ms-kafka --brokers "$nobody" --from a --group g cat
	told "--group NAME is missing" \
	    ms-kafka --brokers "$nobody" --from a --to b cat
}

@test "options of ms-kafka that exclude each other are told" {
	told "a is read and written: it would never end" \
	    ms-kafka --brokers "$nobody" --from x,a --to a --group g cat
	told "d is read and written: it would never end" \
	    ms-kafka --brokers "$nobody" --from x,d --to a --dead d --group g cat
	told "--from names a twice" \
	    ms-kafka --brokers "$nobody" --from a,b,a --to c --group g cat
	told "--to names several topics, and --to-topic PATH says not which one an event goes to" \
	    ms-kafka --brokers "$nobody" --from a --to b,c --group g cat
}

@test "--changelog needs barriers, one topic, and a topic of its own" {
	told "--changelog and --per-batch exclude each other: state is kept at barriers" \
	    ms-kafka "${least[@]}" --changelog s --per-batch cat
	told "--changelog goes with one topic of --from, whose partitions have their state in it; ms-kafka ... cat brings several into one" \
	    ms-kafka "${least[@]}" --from a,c --changelog s cat
	for topic in a b d; do
		told "--changelog: $topic holds events; state needs a topic of its own" \
		    ms-kafka "${least[@]}" --dead d --changelog "$topic" cat
	done
}

@test "--changelog is refused where no stage keeps state, or two under one name" {
	told "--changelog: no stage of the pipeline keeps state; ms-fold and ms-filter --unique do" \
	    ms-kafka "${least[@]}" --changelog s 'ms-map ".a = 1"'
	status 2 within 20 ms-kafka "${least[@]}" --changelog s \
	    'ms-fold --by .a ". + 1" | ms-fold --by .a ". + 1"' 2>err
	grep -q '^ms-fold: .*: another stage of that name keeps its state there; -n gives' err
	tail -n 1 err >said
	same said "ms-kafka: the pipeline doesn't work: before any event it ended with status 3"
}

@test "directories of state are gone with their instance, and those of killed ones with the next" {
	mkdir tmp tmp/ms-kafka-aaaaaa tmp/ms-kafka-b
	# timeout would hand a signal on twice, and the second one kills
	TMPDIR=tmp ms-kafka "${least[@]}" --changelog s \
	    'ms-fold -n seen --by .a ". + 1"' 2>err 3>&- &
	pid=$!
	eventually grep -q waiting err
	ls tmp >held
	lines 2 held
	lacks -q aaaaaa held
	kill "$pid"
	wait "$pid"
	ls tmp >held
	same held ms-kafka-b
}

@test "a directory for files that isn't there is told" {
	TMPDIR=$PWD/none status 3 ms-kafka "${least[@]}" cat 2>err
	told_is='ms-kafka: a file for rejects, in TMPDIR: No such file or directory'
	same err "$told_is"
}

@test "values of ms-kafka's options that are none are told" {
	told "--batch: '0' is not from 1 to 1000000" \
	    ms-kafka "${least[@]}" --batch 0 cat
	told "--commit: 'soon' is no time from 1ms on, such as 100ms, 10s, 5m" \
	    ms-kafka "${least[@]}" --commit soon cat
	told "--deadline: '10us' is no time from 1ms on, such as 100ms, 10s, 5m" \
	    ms-kafka "${least[@]}" --deadline 10us cat
	told "--to-key: 'a b' is no path such as .a.b or /a/b" \
	    ms-kafka "${least[@]}" --to-key 'a b' cat
	told "--lineage: 'slim' is not full, off" \
	    ms-kafka "${least[@]}" --lineage slim cat
	told '--group: NAME is empty' ms-kafka "${least[@]}" --group '' cat
	told '--instance: NAME is empty' ms-kafka "${least[@]}" --instance= cat
	told '--dead: TOPIC is empty' ms-kafka "${least[@]}" --dead= cat
	told "--shell: '' is no command" ms-kafka "${least[@]}" --shell '' cat
}

@test "settings of librdkafka come from -X and files, and are checked" {
	told "-X: 'linger.ms' is not NAME=VALUE" \
	    ms-kafka "${least[@]}" -X linger.ms cat
	told '-X: No such configuration property: "linger"' \
	    ms-kafka "${least[@]}" -X linger=5 cat
	told "-X: isolation.level is set by ms-kafka alone" \
	    ms-kafka "${least[@]}" -X isolation.level=read_uncommitted cat
	told "-X: consumer.group.id is set by ms-kafka alone" \
	    ms-kafka "${least[@]}" -X consumer.group.id=x cat
	printf '%s\n' '# what we use' '' ' sasl.username = joe ' 'nothing' >c
	told "c:4: 'nothing' is not NAME=VALUE" \
	    ms-kafka "${least[@]}" --config c cat
	printf '%s\n' '# what we use' 'consumer.session.timeout.ms=x' >c
	told 'c:2: Invalid value for configuration property "session.timeout.ms"' \
	    ms-kafka "${least[@]}" --config c cat
	told "none: No such file or directory" \
	    ms-kafka "${least[@]}" --config none cat
}

@test "a pipeline with a typing error is told once, by the filter itself" {
	status 2 within 20 ms-kafka "${least[@]}" \
	    'ms-filter true | ms-map ".a = (" | ms-filter true' 2>err
	[ "$(grep -c '^ms-map: program:1:' err)" -eq 1 ]
	tail -n 1 err >said
	same said "ms-kafka: the pipeline doesn't work: before any event it ended with status 2"
}

@test "a pipeline whose command isn't there is told" {
	status 2 within 20 ms-kafka "${least[@]}" no-such-command 2>err
	tail -n 1 err >said
	same said "ms-kafka: the pipeline doesn't work: before any event it ended with status 127"
	status 2 within 20 ms-kafka "${least[@]}" --shell no-such-shell cat \
	    2>err
	grep -q "no-such-shell: No such file or directory" err
}

@test "a stage that makes up a barrier is told" {
	status 2 within 20 ms-kafka "${least[@]}" \
	    "echo '{\"ms.barrier\":\"ms-kafka-1\",\"n\":0}'; cat" 2>err
	grep -q "before any event a barrier came back that wasn't sent" err
}

@test "a broker that isn't there is waited for, and SIGTERM ends that" {
	ms-kafka "${least[@]}" cat 2>err &
	pid=$!
	eventually grep -q waiting err
	kill "$pid"
	wait "$pid"
	grep -q '^ms-kafka: .*127.0.0.1:9.*; waiting$' err
}
