#!/usr/bin/env bats
# ms-kafka on a real broker: missing rights, broken pipelines, and topics that
# change.
load kafka

# Log in as a user: run_as USER OPTION...
run_as() {
	local user=$1

	shift
	run_to_end cat --brokers "127.0.0.1:$((BROKER_PORT + 2))" --dead "$dead" \
	    --instance a -X security.protocol=SASL_PLAINTEXT \
	    -X sasl.mechanism=PLAIN -X "sasl.username=$user" \
	    -X sasl.password=secret "$@"
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
	silent err
	has_lines 1
	echo 'sasl.nonsense=1' >>client.properties
	status 2 run_to_end cat --config client.properties 2>err
	told_once err '^ms-kafka: client.properties:7: '
}

@test "records that kill the pipeline are found, wherever they stand, and told with how it ended" {
	broker topic "$from" 1
	topics "$to" "$dead"
	{
		events 40
		printf '%s\n' $'p1\t{"n":"kill"}' $'p2\t{"n":"abort"}'
		events 40
		printf '%s\n' $'p3\t{"n":"exit"}'
		events 20
	} | put -t "$from" -H h=1
	cat >stage <<-'END'
		while read -r l; do
			case $l in
			*kill*) kill -9 $$ ;;
			*abort*) ulimit -c 0; kill -ABRT $$ ;;
			*exit*) exit 1 ;;
			esac
			printf '%s\n' "$l"
		done
	END
	run_to_end 'bash stage | ms-filter true' --dead "$dead" --strip \
	    --stats --json 2>err
	has_lines 100
	get "$dead" '%k %s %h\n' >got
	lines 3 got
	grep 'p1 {"n":"kill"} h=1,ms.error=the pipeline dies of it: .*,ms.from='"$from"'.0.@40' got
	grep 'p2 {"n":"abort"} .*ms.from='"$from"'.0.@41' got
	grep 'p3 {"n":"exit"} h=1,ms.error=the pipeline dies of it: it ended with status 1,.*@82' got
	tail -n 1 err >stats
	holds stats '.dead == 3 and .read == 103 and .written == 100'
	[ "$(committed)" -eq 103 ]
}

@test "without --dead a record that kills the pipeline stops the instance behind all before it" {
	broker topic "$from" 1
	topics "$to"
	{
		events 20
		printf 'p\t{"n":"deadly"}\n'
		events 20
	} | put -t "$from"
	status 1 run_to_end 'while read -r l; do
	    case $l in *deadly*) exit 7 ;; esac; printf "%s\n" "$l"; done' 2>err
	grep -q "^ms-kafka: $from\[0\]@20: the pipeline dies of it: it ended with status 7; --dead TOPIC takes such records" err
	has_lines 20
	[ "$(committed)" -eq 20 ]
}

@test "a record with which the pipeline hangs is dead after --deadline" {
	broker topic "$from" 1
	topics "$to" "$dead"
	{ events 3; printf 'p\t{"n":"hang"}\n'; events 2; } | put -t "$from"
	hang="sleep 1000.$$"
	run_to_end 'while read -r l; do
	    case $l in *hang*) '"$hang"' ;; esac; printf "%s\n" "$l"; done' \
	    --dead "$dead" --deadline 2s 2>err
	has_lines 5
	get "$dead" '%k %h\n' >got
	grep "^p ms.error=the pipeline dies of it: it didn't answer within 2000 ms,ms.from=" got
	lines 1 got
	run ! pgrep -x -f "$hang"
}

@test "a pipeline that dies of every record is broken, and no offset moves" {
	topics "$from" "$to" "$dead"
	events 30 | put -t "$from" -p 0
	status 75 run_to_end 'read -r l; printf "%s\n" "$l"; read -r l; exit 1' \
	    --dead "$dead" 2>err
	grep -q "each of 10 records in a row: it is broken" err
	has_lines 0
	[ "$(get "$dead" '%s\n' | wc -l)" -eq 0 ]
	[ "$(committed)" -eq 0 ]
}

@test "where what the pipeline needs goes missing no event is blamed" {
	topics "$from" "$to" "$dead"
	events 5 | put -t "$from" -p 0
	echo table >table
	status 75 run_to_end 'cat table >>log && while read -r l; do case $l in
	    *_lineage*) mv table gone; exit 1 ;; esac; printf "%s\n" "$l"; done' \
	    --dead "$dead" 2>err
	grep -q "^ms-kafka: the pipeline doesn't work any more: without any event it ended with status 1" err
	[ "$(get "$dead" '%s\n' | wc -l)" -eq 0 ]
	[ "$(committed)" -eq 0 ]
}

@test "what a stage rejects of windows that end with the input is a dead letter as well" {
	broker topic "$from" 1
	topics "$to" "$dead"
	events 3 | put -t "$from"
	pipeline='ms-fold --window all --close -n sum ". + \$event.n" | ms-map "error(\"no\")"'
	status 1 run_to_end "$pipeline" --group "h$n" 2>err
	grep -q '^ms-kafka: .*no; --dead TOPIC takes such records' err
	run_to_end "$pipeline" --dead "$dead" 2>err
	get "$dead" '%h %s\n' >got
	lines 1 got
	grep '^ms.error=no,ms.stage=map,.*"value":6' got
	[ "$(committed)" -eq 3 ]
}

@test "a stage that outlives its pipeline rejects nothing of the next one's" {
	broker topic "$from" 1
	topics "$to" "$dead"
	events 3 | put -t "$from"
	run_to_end 'while read -r l; do
		if [ "${l#*_lineage}" != "$l" ] && mkdir once 2>/dev/null; then
			setsid -f bash -c "exec >>\$MS_REJECTS; mkfifo fifo; read -r x <fifo
			    echo \"{\\\"error\\\":\\\"late\\\"}\"; touch told" 2>/dev/null
			until [ -p fifo ]; do sleep 0.01; done
			kill -9 $$
		elif [ -p fifo ]; then
			echo >fifo; rm fifo
			until [ -e told ]; do sleep 0.01; done
		fi
		printf "%s\n" "$l"
	done' --dead "$dead" 2>err
	has_lines 3
	[ "$(get "$dead" '%s\n' | wc -l)" -eq 0 ]
}

@test "a pipeline that is broken from the start leaves no dead letter, though records come one by one" {
	broker topic "$from" 1
	topics "$to" "$dead"
	events 12 | put -t "$from"
	for pipeline in 'ms-map "error(\"no\")"' \
	    'read -r l; printf "%s\n" "$l"; read -r l; exit 1' \
	    'while read -r l; do case $l in *:[1-5]\}*) exit 1 ;; esac
		printf "%s\n" "$l"; done | ms-map "error(\"no\")"'; do
		status 75 run_to_end "$pipeline" --dead "$dead" --batch 1 2>err
		grep -q ' is broken$' err
		[ "$(get "$dead" '%s\n' | wc -l)" -eq 0 ]
		[ "$(committed)" -eq 0 ]
	done
	# a few are dead letters where that is all that there is
	broker topic "few$n" 1
	events 9 | put -t "few$n"
	run_to_end 'ms-map "error(\"no\")"' --from "few$n" --dead "$dead" \
	    --batch 1 2>err
	[ "$(get "$dead" '%s\n' | wc -l)" -eq 9 ]
}

@test "what is dead before an event has gone through waits for one" {
	broker topic "$from" 1
	topics "$to" "$dead"
	has_dead() {
		[ "$(get "$dead" '%s\n' | wc -l)" -eq "$1" ]
	}
	run_on() {
		ms-kafka --from "$from" --to "$to" --group "g$n" --instance a \
		    --dead "$dead" --strip "$1" 2>"err.run" 3>&- &
		pid=$!
	}
	# one at a time, and what goes its own way waits behind it
	one() {
		printf '%s\n' "$1" | put -t "$from" -Z
		sleep "${2:-0}"
	}
	run_on 'ms-map "error(\"no\")"'
	one $'a\t{"n":1}'
	until_true grep -q "^ms-kafka: $from\[0\]@0 is dead, and no event has gone through since the start: it waits until one does" err.run
	one $'b\tno'
	one $'c\t'
	leave "$pid"
	has_dead 0
	has_lines 0
	[ "$(committed)" -eq 0 ]
	# it was the pipeline: now it is whole but for one kind
	run_on 'while read -r l; do
	    case $l in *deadly*) exit 9 ;; esac; printf "%s\n" "$l"; done |
	    ms-map "if .n == \"x\" then error(\"no\") else . end"'
	until_true has_dead 1
	until_true has_lines 2
	[ "$(committed)" -eq 3 ]
	# and now what is dead is told at once
	one $'d\t{"n":"x"}'
	until_true has_dead 2
	one $'e\t{"n":"deadly"}'
	until_true has_dead 3
	leave "$pid"
	# both kinds before the first one that goes through
	run_on 'while read -r l; do
	    case $l in *deadly*) exit 9 ;; esac; printf "%s\n" "$l"; done |
	    ms-map "if .n == \"x\" then error(\"no\") else . end"'
	one $'f\t{"n":"x"}' 0.2
	one $'g\t{"n":"deadly"}' 0.2
	one $'h\t' 0.2
	one $'i\t{"n":"x"}'
	until_true grep -q '^ms-kafka: .* it waits until one does' err.run
	sleep 0.3
	has_dead 3
	has_lines 2
	[ "$(committed)" -eq 5 ]
	one $'j\t{"n":5}'
	until_true has_dead 6
	until_true has_lines 4
	[ "$(get "$dead" '%k\n' | sort | tr -d '\n')" = bdefgi ]
	[ "$(get "$to" '%k\n' | sort | tr -d '\n')" = achj ]
	leave "$pid"
	[ "$(committed)" -eq 10 ]
}

@test "a stage that swallows barriers is told before the first event, and works with --per-batch" {
	broker topic "$from" 4
	topics "$to"
	for i in $(seq 3000); do printf 'k%d\t{"id":%d}\n' "$i" "$i"; done |
	    put -t "$from"
	pids=()
	for stage in 'jq -c --unbuffered "select(.id)"' 'grep id'; do
		status 2 run_to_end "$stage" 2>"err.${stage%% *}" &
		pids+=($!)
	done
	wait "${pids[0]}"
	wait "${pids[1]}"
	for stage in jq grep; do
		told_once "err.$stage" "^ms-kafka: the pipeline doesn't hand barriers on (an empty one wasn't back within 10 s): a stage holds it in a buffer, so try jq --unbuffered, grep --line-buffered, sed -u; or swallows it, so try --per-batch\$"
	done
	[ "$(committed)" -eq 0 ]
	status 2 run_to_end 'grep id' --per-batch 2>err
	told_once err 'it ended with status 1'
	run_to_end 'jq -c "select(.id % 3 == 0)" | { grep id || [ $? = 1 ]; }' --per-batch \
	    --batch 700 --strip 2>err
	get "$to" '%k %s\n' >got
	lines 1000 got
	sed -E 's/^k([0-9]+) \{"id":\1\}$/\1/' got | sort -n >ids
	seq 3 3 3000 | cmp - ids
	[ "$(committed)" -eq 3000 ]
}

@test "a stage that hands barriers on, but drops lines, is told with the way out" {
	broker topic "$from" 1
	topics "$to" "$dead"
	events 30 | put -t "$from"
	status 75 run_to_end 'jq -c --unbuffered "select(.n < 10 or has(\"ms.barrier\"))"' \
	    --dead "$dead" 2>err
	grep -q "^ms-kafka: the pipeline failed: the barrier says that 30 lines were written, and 9 came back; .*needs --per-batch" err
	[ "$(get "$dead" '%s\n' | wc -l)" -eq 0 ]
}

@test "without --dead what is rejected stops the instance behind all before it" {
	broker topic "$from" 1
	topics "$to"
	{ events 20; printf 'p\t{"n":"x"}\n'; events 20; } | put -t "$from"
	status 1 run_to_end 'ms-map ".m = .n * 2 | if .n == \"x\" then error(\"no\") else . end"' 2>err
	grep -q "^ms-kafka: $from\[0\]@20: .*--dead TOPIC takes such records" err
	has_lines 20
	[ "$(committed)" -eq 20 ]
}

@test "a stage may multiply events and reorder them: each has its record's key, headers, timestamp" {
	broker topic "$from" 1
	topics "$to"
	for i in 1 2 3 4 5; do
		printf 'k%d\t{"l":[{"n":%d,"m":1},{"n":%d,"m":2}]}\n' $i $i $i |
		    put -t "$from" -H "h=$i" -H h=x
	done
	get "$from" '%k|%h|%T\n' | sed p >want
	run_to_end 'ms-map ".l[]" | sort -r' --per-batch --strip 2>err
	get "$to" '%k|%h|%T\n' | sort >got
	diff want got
	get "$to" '%k %s\n' | jq -Rc 'split(" ") | [.[0][1:], (.[1] | fromjson.n | tostring)] | .[0] == .[1]' >same
	[ "$(sort same | uniq -c | tr -d ' ')" = 10true ]
}

@test "workers of a stage change nothing in order, keys and headers" {
	broker topic "$from" 1
	broker topic "$to" 1
	for i in $(seq 5000); do printf 'k%d\t{"n":%d}\n' $((i % 7)) "$i"; done |
	    put -t "$from" -H h=1
	run_to_end 'ms-map -j 3 ".m = .n" | ms-map -j 2 "[., .][]"' --strip 2>err
	get "$from" '%k|%h|%T\n' | sed p >want
	get "$to" '%k|%h|%T\n' >got
	cmp want got
	get "$to" '%s\n' | jq .n >got
	seq 5000 | sed p | cmp - got
}

@test "a record larger than its topic takes is a dead letter; without --dead it stops there" {
	broker topic "$from" 1
	broker topic "$to" 2 max.message.bytes=2000
	topics "$dead"
	{
		events 20
		printf 'big\t{"n":"%s"}\n' "$(printf "%5000s" "" | tr ' ' x)"
		events 20
	} | put -t "$from" -H h=1
	status 1 run_to_end cat --strip 2>err
	grep -q "^ms-kafka: $from\[0\]@20: topic $to takes no record of 50[0-9]* bytes (max.message.bytes is 2000); --dead" err
	[ "$(committed)" -eq 20 ]
	has_lines 20
	run_to_end cat --strip --dead "$dead" 2>err
	has_lines 40
	get "$dead" '%k %S %h\n' >got
	grep "^big 5008 h=1,ms.error=topic $to takes no record of .*,ms.from=" got
	lines 1 got
	[ "$(committed)" -eq 41 ]
}

@test "what isn't committed is behind, in all partitions, also while the pipeline is slow" {
	broker topic "$from" 3
	topics "$to"
	events 60 | put -t "$from"
	ms-kafka --from "$from" --to "$to" --group "g$n" --batch 10 --stats --json \
	    --metrics m 'read -r l; echo "$l"; until [ -e go ]; do sleep 0.1; done; cat' \
	    2>err 3>&- &
	pid=$!
	are_behind() {
		kill -USR1 "$pid"
		sleep 0.1
		tail -n 1 err | jq -e "[.lag[].records | select(. >= 0)] |
		    length == 3 and add == $1" >/dev/null
	}
	until_true has_group 3
	until_true are_behind 60
	events 30 | put -t "$from"
	until_true are_behind 90
	touch go
	until_true are_behind 0
	leave "$pid"
	[ "$(awk '/^ms_kafka_lag/ { n++; sum += $2 } END { print n, sum }' m)" = '3 0' ]
}

@test "records that were removed before they were read are told, and what is left is read" {
	broker topic "$from" 1
	topics "$to"
	events 4 | put -t "$from"
	run_to_end cat 2>err
	events 20 | put -t "$from"
	for strategy in range cooperative-sticky; do
		broker trim "$from" 0 10
		broker stand "g$n" "$from" 0 4
		run_to_end cat --from-end --strip \
		    -X partition.assignment.strategy=$strategy 2>err
		told_once err "^ms-kafka: $from\[0\]: the records from 4 to 9 were removed before they were read .*; it goes on at 10\$"
		[ "$(committed)" -eq 24 ]
	done
	has_lines 32
}

@test "a group that stands behind its topic's end is told, and nothing is read again" {
	broker topic "$from" 1
	topics "$to"
	events 4 | put -t "$from"
	broker stand "g$n" "$from" 0 9
	status 2 run_to_end cat 2>err
	told_once err "^ms-kafka: $from\[0\]: it ends at 4, before 9, .*--reset-offsets says where the group goes on\$"
	has_lines 0
}

@test "with --from-end a partition that the topic gets later is read from its beginning" {
	broker topic "$from" 1
	topics "$to"
	events 4 | put -t "$from"
	ms-kafka --from "$from" --to "$to" --group "g$n" --from-end \
	    --strip -X topic.metadata.refresh.interval.ms=500 cat 2>err 3>&- &
	pid=$!
	until_true stands_at 0 4
	broker grow "$from" 2
	echo '{"n":5}' | put -t "$from" -p 1
	until_true stands_at 1 1
	leave $pid
	get "$to" '%s\n' >got
	same got '{"n":5}'
}

@test "what was rejected of a batch that is undone isn't dead twice" {
	broker topic "$from" 1
	topics "$to" "$dead"
	has_told() {
		[ "$(grep -c ': no$' err)" -eq "$1" ]
	}
	# so the last one is there when the one before it is under way
	{ events 5; printf 'k\t{"n":%d}\n' 0 6; } | put -t "$from"
	ms-kafka --from "$from" --to "$to" --group "g$n" --dead "$dead" --batch 1 \
	    -X session.timeout.ms=1000 'ms-map "if .n > 5 then error(\"no\") else . end" |
	    while read -r l; do
		case $l in \{?n?:0,*) until [ -e go ]; do sleep 0.1; done ;; esac
		printf "%s\n" "$l"
	    done' 2>err 3>&- &
	pid=$!
	until_true has_told 1
	kill -STOP $pid
	until_true has_group 0
	touch go
	kill -CONT $pid
	until_true stands_at 0 7
	leave $pid
	grep -q 'undone' err
	has_lines 6
	get "$dead" '%s\n' | jq .n | sort -n >got
	same got 6
}

@test "a record whose timestamp its topic doesn't take is a dead letter; a window that ends later has the present time" {
	broker topic "$from" 1
	broker topic "$to" 1 message.timestamp.before.max.ms=1
	topics "$dead" "w$n"
	{ events 2; printf 't\t\n'; } | put -Z -t "$from" -H h=1
	sleep 0.05
	status 1 run_to_end cat 2>err
	grep -q "^ms-kafka: $from\[0\]@0: topic $to takes no record with the timestamp [0-9]* (.*); --dead TOPIC" err
	run_to_end cat --dead "$dead" 2>err
	silent err
	get "$dead" '%k %S %h\n' | sort >got
	lines 3 got
	grep "^t -1 h=1,ms.error=topic $to takes no record with the timestamp .*,ms.from=$from.0.@2" got
	run_to_end 'ms-fold --window 3650d --close -n sum ". + 1" --by .n' \
	    --group "h$n" --to "w$n" --strip 2>err
	get "w$n" '%k %s\n' >got
	grep '^1 {.*"value":1' got
	lines 3 got
}

@test "events may say a partition that their topic got later" {
	topics "$from" "$dead"
	broker topic "$to" 1
	echo '{"p":0}' | put -t "$from"
	ms-kafka --from "$from" --to "$to" --group "g$n" --to-partition .p \
	    --dead "$dead" cat 2>err 3>&- &
	pid=$!
	until_true has_lines 1
	broker grow "$to" 3
	printf '%s\n' '{"p":2}' '{"p":3}' | put -t "$from" -p 0
	until_true has_lines 2
	leave $pid
	get "$to" '%p\n' | sort >got
	same got 0 2
	get "$dead" '%s\n' >got
	same got '{"p":3}'
}

@test "instances whose group and name read alike don't fence each other off" {
	topics "$from" "$to"
	events 2 | put -t "$from"
	ms-kafka --from "$from" --to "$to" --group "g$n" --instance b-c cat 2>err 3>&- &
	pid=$!
	until_true has_lines 2
	run_to_end cat --group "g$n-b" --instance c 2>err.2
	events 2 | put -t "$from"
	until_true has_lines 6
	leave $pid
	silent err
}

@test "large records make a batch of fewer" {
	broker topic "$from" 1
	topics "$to"
	{ head -c 400000 /dev/zero; echo; } | tr '\0' x | sed 's/.*/k\t{"x":"&"}/' >one
	for _ in $(seq 40); do cat one; done | put -t "$from"
	run_to_end 'tee all' 2>err
	has_lines 40
	grep '^{.ms.barrier' all | jq -s 'map(.n)' >counts
	holds counts 'add == 40 and max <= 21'
}

@test "a pipeline that leaves a process behind which holds its pipes ends well" {
	topics "$from" "$to"
	events 3 | put -t "$from"
	left="sleep 71.$$"
	run_to_end "$left & cat; kill -0 \$!" 2>err
	silent err
	has_lines 3
	run ! pgrep -x -f "$left"
}
