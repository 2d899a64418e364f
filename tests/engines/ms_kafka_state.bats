#!/usr/bin/env bats
# ms-kafka --changelog on a real broker: state that moves with its partition.
load kafka_state

@test "counts go on in another process, in another place, from the changelog alone" {
	topics 2
	users ada bob ada | feed
	run_to_end "$count" 2>err
	[ -z "$(ls tmp)" ]
	kept >got
	same got '["ada",2]' '["bob",1]'
	users bob ada eve | feed
	TMPDIR=/tmp run_to_end "$count" --stats --json 2>err
	get "$to" '%s\n' | jq -c '[.u, .seen]' | sort >got
	same got '["ada",1]' '["ada",2]' '["ada",3]' '["bob",1]' '["bob",2]' \
	    '["eve",1]'
	kept >got
	same got '["ada",3]' '["bob",2]' '["eve",1]'
	tail -n 1 err >stats
	holds stats '.read == 3 and .state.read >= 3 and .state.written >= 3'
}

@test "a key that is forgotten is a tombstone, and begins anew" {
	topics 1
	toggle='ms-fold -n last --by .u --as .seen "if . then null else 1 end"'
	users ada bob ada | feed
	run_to_end "$toggle" --batch 1
	get "$log" '%k %S\n' | grep -c '^\["last","ada"\] -1$' >got
	same got 1
	users ada | feed
	run_to_end "$toggle"
	get "$to" '%s\n' | jq -c '[.u, .seen]' | tail -n 1 >got
	same got '["ada",1]'
	kept >got
	same got '["ada",1]' '["bob",1]'
}

@test "several stages keep their state each, --unique as well" {
	topics 1
	pipeline="ms-filter -n once --unique .id | $count"
	printf 'k\t{"id":%d,"u":"a"}\n' 1 1 2 | feed
	run_to_end "$pipeline"
	printf 'k\t{"id":%d,"u":"a"}\n' 2 3 | feed
	run_to_end "$pipeline"
	get "$to" '%s\n' | jq -c '[.id, .seen]' >got
	same got '[1,1]' '[2,2]' '[3,3]'
}

@test "a stage that dies has its events counted once, and what kills it isn't" {
	topics 2
	broker topic "$dead" 1
	cat >die.sh <<-'END'
		while read -r line; do
			case $line in
			*deadly*) exit 9 ;;
			*once*) [ -e died ] || { touch died; exit 9; } ;;
			esac
			printf '%s\n' "$line"
		done
	END
	{
		users ada bob ada ada
		printf 'ada\t{"u":"ada","x":"once"}\nada\t{"u":"ada","x":"deadly"}\n'
		users ada bob bob ada
	} | feed
	run_to_end "$count | bash die.sh" --dead "$dead" --batch 3 \
	    --commit 1h 2>err
	get "$to" '%s\n' | jq -c '[.u, .seen]' | sort >got
	same got '["ada",1]' '["ada",2]' '["ada",3]' '["ada",4]' '["ada",5]' \
	    '["ada",6]' '["bob",1]' '["bob",2]' '["bob",3]'
	kept >got
	same got '["ada",6]' '["bob",3]'
	[ "$(get "$dead" '%s\n' | grep -c deadly)" -eq 1 ]
}

@test "what was counted with events that wait for proof is counted once" {
	topics 1
	broker topic "$dead" 1
	cat >stage <<-'END'
		while read -r line; do
			[[ $line != *deadly* ]] || exit 9
			printf '%s\n' "$line"
		done
	END
	# rejected behind the fold, a death, and one that goes through
	{
		printf 'k\t{"u":"ada","x":%s}\n' '"no"' '"no"' '"deadly"' '"no"'
		users ada
	} | feed
	run_to_end "$count | bash stage | ms-map 'if .x == \"no\" then error(.x) else . end'" \
	    --dead "$dead" --batch 1 2>err
	get "$to" '%s\n' | jq .seen >got
	same got 4
	kept >got
	same got '["ada",4]'
	[ "$(get "$dead" '%s\n' | wc -l)" -eq 4 ]
}

@test "a transaction that is undone takes the state with it" {
	topics 1
	# a record goes where no partition is, without --dead: what was counted
	# with it is undone, and what is before it counted anew
	{
		printf 'k\t{"u":"ada","p":0}\n'
		printf 'k\t{"u":"ada","p":7}\n'
		printf 'k\t{"u":"ada","p":0}\n'
	} | feed
	status 1 run_to_end "$count" --to-partition .p 2>err
	grep -q 'has no partition 7' err
	kept >got
	same got '["ada",1]'
	get "$to" '%s\n' | jq .seen >got
	same got 1
	broker topic "$dead" 1
	run_to_end "$count" --to-partition .p --dead "$dead" 2>err
	kept >got
	same got '["ada",3]'
}

@test "a stage that needs longer than the deadline to load its state isn't killed" {
	topics 1
	cat >slow <<-'END'
		# what was laid is loaded
		for f in "$MS_STATE"/*; do
			[ ! -s "$f" ] || sleep 2.5
		done
		while read -r line; do
			case $line in *once*) [ -e died ] || { touch died; exit 9; } ;; esac
			printf '%s\n' "$line"
		done
	END
	users ada bob | feed
	run_to_end "bash slow | $count" --deadline 2s 2>err
	run -1 grep failed err
	{ users ada; echo $'ada\t{"u":"ada","x":"once"}'; users bob; } | feed
	run_to_end "bash slow | $count" --deadline 2s --batch 1 2>err
	grep failed err >got
	same got 'ms-kafka: the pipeline failed: it ended with status 9'
	kept >got
	same got '["ada",3]' '["bob",2]'
}

@test "a state for which there is no room is told with 75, and stays what it was" {
	topics 1
	# as on a full disk: that file can't grow
	narrow() (
		trap '' XFSZ
		ulimit -f 8
		run_to_end "$count"
	)
	# one that is written as it is read, and one at its end
	for users in 200 2000; do
		seq "$users" | awk '{ printf "k\t{\"u\":\"u%d\"}\n", $1 }' | feed
		run_to_end "$count" --batch 10000 2>err
		status 75 narrow 2>err
		grep -q "^ms-kafka: .*: File too large$" err
		[ -z "$(ls tmp)" ]
	done
	users u1 | feed
	run_to_end "$count" 2>err
	[ "$(get "$to" '%s\n' | tail -n 1 | jq .seen)" -eq 3 ]
}

@test "a pipeline gets its state only when nobody's transaction holds its offset" {
	topics 2
	ms-kafka --from "$from" --to "$to" --group "g$n" --instance a --strip \
	    --changelog "$log" "$count" 2>err 3>&- &
	pid=$!
	users ada | feed -p 0
	until_true is_kept
	broker pending "g$n" "$from" 0 1 600000
	# a busy broker may have taken the partition, and the pipeline, away
	pkill -9 -P "$pid" || :
	users ada | feed -p 0
	users bob | feed -p 1
	is_waiting() {
		grep -q 'holds its offsets; waiting$' err ||
		    sed '0,/the pipeline failed/d' err | grep -q 'waiting$'
	}
	until_true is_waiting
	has_lines 1
	broker fence 0
	until_true has_lines 3
	get "$to" '%s\n' | jq -c '[.u, .seen]' | sort >got
	same got '["ada",1]' '["ada",2]' '["bob",1]'
	leave "$pid"
	kept >got
	same got '["ada",2]' '["bob",1]'
}

@test "who is fenced off while its partitions go has told that once, and nothing of it counts" {
	topics 2
	run_as() {
		ms-kafka --from "$from" --to "$to" --group "g$n" --strip \
		    --instance "$1" --changelog "$log" --commit "$2" \
		    -X session.timeout.ms=2000 -X heartbeat.interval.ms=200 "$count" \
		    2>"err.$1" 3>&- &
	}
	run_as a 1h
	first=$!
	users ada | feed
	until_true has_lines 1
	# this transaction stays open
	users ada ada | feed
	is_open() {
		[ "$(kcat -b "$MS_KAFKA_BROKERS" -C -e -q -t "$to" -f '%o\n' \
		    -X isolation.level=read_uncommitted | wc -l)" -eq 3 ]
	}
	until_true is_open
	broker fence "g$n-a"
	run_as b 100ms
	second=$!
	status 75 wait "$first"
	grep -v 'waiting$' err.a >told
	lines 1 told
	grep 'to be started again$' told
	until_true has_lines 3
	users ada | feed
	until_true has_lines 4
	leave "$second"
	get "$to" '%s\n' | jq .seen >got
	same got 1 2 3 4
	kept >got
	same got '["ada",4]'
}

@test "a state that is larger than the topic allows stops the instance, and its key is named" {
	topics 1 max.message.bytes=2000
	big='ms-fold -n big --by .u --as .seen ". + \$event.pad"'
	pad=$(printf '%03000d' 0)
	users ada | feed
	run_to_end "$big"
	printf 'k\t{"u":"bob","pad":"%s"}\n' "$pad" | feed
	status 1 run_to_end "$big" 2>err
	grep -q "^ms-kafka: the state of \[\"big\",\"bob\"\] is larger than topic $log allows (partition 0)" err
	# neither here, where the client allows less
	status 1 run_to_end "$big | ms-map 'del(.pad, .seen)'" \
	    -X producer.message.max.bytes=1500 2>err
	grep -q "^ms-kafka: the state of \[\"big\",\"bob\"\] is larger" err
	[ "$(get "$to" '%s\n' | wc -l)" -eq 1 ]
	[ "$(kept | grep -c bob)" -eq 0 ]
}

@test "many small states fit where the topic takes small batches, and of them the large one is named" {
	topics 1 max.message.bytes=4000
	big='ms-fold -n big --by .u --as .seen "\$event.pad"'
	pads() {
		seq "$1" "$2" | awk -v n="$3" '{
			printf "k\t{\"u\":\"u%d\",\"pad\":\"%0*d\"}\n",
			    $1, n, 0 }'
	}
	pads 1 200 70 | feed
	run_to_end "$big" 2>err
	silent err
	[ "$(kept | wc -l)" -eq 200 ]
	{ pads 301 350 70; pads 400 400 5000; } | feed
	status 1 run_to_end "$big | ms-map 'del(.pad, .seen)'" 2>err
	grep -q '^ms-kafka: the state of \["big","u400"\] is larger' err
}

@test "state without offsets, or offsets without state, would count wrong and stops it with 2" {
	topics 1
	users ada | feed
	run_to_end "$count"
	# both are told by one who only looks, too
	broker topic "new$n" 1 cleanup.policy=compact
	run_to_end "$count" --changelog "new$n" --dry-run 2>err
	grep -q "^ms-kafka: new$n\[0\] holds no state" err
	status 2 run_to_end "$count" --changelog "new$n" 2>err
	grep -q "^ms-kafka: new$n\[0\] holds no state, and the group g$n goes on at offset 1 of $from: " err
	run_to_end "$count" --changelog "new$n" --from-end
	broker forget "g$n"
	run_to_end "$count" --dry-run 2>err
	grep -q "^ms-kafka: $log\[0\] holds state" err
	status 2 run_to_end "$count" 2>err
	grep -q "^ms-kafka: $log\[0\] holds state, and the group g$n has no offset there: " err
	kept >got
	same got '["ada",1]'
}

@test "state that no stage claims, of another program or another group stops it with 2" {
	topics 1
	users ada | feed
	run_to_end "$count"
	users ada | feed
	status 2 run_to_end 'ms-fold -n other --by .u ". + 1"' 2>err
	grep -q "^ms-kafka: $log\[0\] holds state of a stage seen, and no stage of the pipeline has that name: -n gives" err
	status 2 run_to_end 'ms-fold -n seen --by .u ". + 2"' 2>err
	grep -q 'the state was made with the program . + 1, not . + 2' err
	status 2 run_to_end "$count" --group other 2>err
	grep -q "^ms-kafka: topic $log holds the state of the group g$n: each group" err
	[ "$(get "$to" '%s\n' | wc -l)" -eq 1 ]
	run_to_end "$count"
	[ "$(get "$to" '%s\n' | tail -n 1 | jq .seen)" -eq 2 ]
}

@test "a topic that can't be a changelog is refused with the remedy" {
	topics 2
	broker topic "few$n" 1 cleanup.policy=compact
	broker topic "plain$n" 2
	status 2 run_to_end "$count" --changelog "few$n" 2>err
	grep -q "^ms-kafka: topic few$n has 1 partition and $from 2: .*--alter --partitions adds" err
	status 2 run_to_end "$count" --changelog "plain$n" 2>err
	grep -q "^ms-kafka: topic plain$n has cleanup.policy=delete, .*--add-config cleanup.policy=compact" err
	status 2 run_to_end "$count" --changelog "none$n" 2>err
	grep -q "^ms-kafka: topic none$n: .*[Uu]nknown topic" err
}

@test "what is in the changelog and is no state is told with its place" {
	topics 1
	printf 'joe\t{"a":1}\n' |
	    kcat -b "$MS_KAFKA_BROKERS" -P -K $'\t' -t "$log"
	users ada | feed
	status 2 run_to_end "$count" 2>err
	grep -q "^ms-kafka: $log\[0\]@0: its key isn't one of a stage's state" err
}

@test "windows stay in the state at the end, and --close writes them once" {
	topics 1
	windows='ms-fold -n w --by .u --time .t --window 1m ".n += 1"'
	# the broker removes what is older than a week
	hour=$(($(date +%s) / 3600 * 3600))
	at() {
		for s; do printf 'k\t{"u":"a","t":%d}\n' $((hour + s)); done | feed
	}
	at 10 20 70
	run_to_end "$windows"
	get "$to" '%s\n' | jq -c '[.window.from[14:16], .n]' >got
	same got '["00",2]'
	at 75 80
	run_to_end "$windows --close"
	run_to_end "$windows --close"
	get "$to" '%s\n' | jq -c '[.window.from[14:16], .n]' >got
	same got '["00",2]' '["01",3]'
	kept >got
	[ -s got ]
	run -1 grep -v null got
}

@test "a window that closes by time alone is written once, by whoever has the partition" {
	topics 2
	windows='ms-trace --tick 200ms | ms-fold -n w --by .u --window 3s ".n += 1"'
	run_on() {
		ms-kafka --from "$from" --to "$to" --group "g$n" --instance i \
		    --changelog "$log" --strip --stats --json "$windows" \
		    2>"err.$1" 3>&- &
		pid=$!
	}
	run_on 1
	# in one batch, so that they come at once
	users ada ada | feed -p 0 -X linger.ms=2000
	until_true is_kept
	kill -9 "$pid"
	wait "$pid" || :
	# nothing more comes there, and something now and then on the other one
	run_on 2
	for _ in 1 2 3 4 5 6 7 8; do
		users bob | feed -p 1
		sleep 0.3
	done
	is_there() {
		[ "$(get "$to" '%s\n' | grep -c ada)" -eq 1 ]
	}
	until_true is_there
	all_there() {
		[ "$(get "$to" '%s\n' | jq -s 'map(.n) | add')" -eq 10 ]
	}
	until_true all_there
	sleep 1.2
	leave "$pid"
	run_to_end "$windows --close" 2>err.3
	get "$to" '%s\n' >got.all
	holds got.all 'select(.u == "ada") | .n == 2'
	[ "$(jq -s 'map(.n) | add' got.all)" -eq 10 ]
	kept >got
	run -1 grep -v null got
	# one for each record and window, and none for time that passes
	tail -n 1 err.2 >stats
	holds stats ".commits <= 10 + $(wc -l <got.all) and .restarts == 0"
}

@test "a window that closes while its stage starts, or ends, is written once" {
	topics 2
	cat >late <<-'END'
		sleep "$1"
		cat
		[ -z "$2" ] || until grep -q '"n":2' "$2"; do sleep 0.1; done
	END
	windows='ms-trace --tick 100ms | ms-fold -n w --by .u --window 1s ".n += 1"'
	# in one batch, so that they come at once
	users ada ada | feed -p 0 -X linger.ms=2000
	# behind the last barrier, and before the input's end
	run_to_end "bash late 0 out | $windows | tee out" 2>err
	get "$to" '%s\n' | jq .n >got
	same got 2
	users bob bob | feed -p 1 -X linger.ms=2000
	run_to_end "bash late 0 '' | $windows" 2>err
	# before the first barrier is back
	for _ in 1 2; do run_to_end "bash late 1.2 '' | $windows" 2>err; done
	get "$to" '%s\n' | jq -c '[.u, .n]' | sort >got
	same got '["ada",2]' '["bob",2]'
	kept >got
	lacks -v null got
}

@test "a pipeline that dies where no record comes gets its state again" {
	topics 1
	cat >stage <<-'END'
		while read -r l; do
			[[ ! -e die ]] || { rm die; exit 9; }
			printf '%s\n' "$l"
		done
	END
	ms-kafka --from "$from" --to "$to" --group "g$n" --changelog "$log" \
	    --strip "$count | bash stage" 2>err 3>&- &
	pid=$!
	users ada | feed
	until_true is_kept
	touch die
	until_true grep -q 'the pipeline failed: it ended with status 9' err
	users ada | feed
	until_true has_lines 2
	leave "$pid"
	[ "$(get "$to" '%s\n' | tail -n 1 | jq .seen)" -eq 2 ]
}

@test "windows of which one can't be written at the end are all written later, once" {
	topics 1
	windows='ms-fold -n w --by .u --time .t --window 1m ".p = \$event.p" --close'
	hour=$(($(date +%s) / 3600 * 3600))
	for i in 0 1 2; do
		printf 'k\t{"u":"%s","t":%d,"p":%d}\n' "$i" $((hour + i)) \
		    $((i == 1 ? 9 : 0))
	done | feed
	for _ in 1 2; do
		status 1 run_to_end "$windows" --to-partition .p 2>err
		grep -q 'has no partition 9' err
		[ "$(get "$to" '%s\n' | wc -l)" -eq 0 ]
	done
	run_to_end "$windows"
	[ "$(get "$to" '%s\n' | wc -l)" -eq 3 ]
}

@test "windows are written at the end also where the last record has killed the pipeline" {
	topics 1
	broker topic "$dead" 1
	cat >die.sh <<-'END'
		while read -r line; do
			[[ $line != *deadly* ]] || exit 9
			printf '%s\n' "$line"
		done
	END
	now=$(date +%s)
	printf 'k\t{"u":"a","t":%d}\nk\t{"u":"deadly"}\n' "$now" | feed
	run_to_end 'bash die.sh | ms-fold -n w --by .u --time .t --window 1m \
	    --close ".n += 1"' --dead "$dead" 2>err
	[ "$(get "$dead" '%s\n' | grep -c deadly)" -eq 1 ]
	[ "$(get "$to" '%s\n' | jq .n)" -eq 1 ]
}

@test "--dry-run goes on from the state, and writes none" {
	topics 1
	users ada | feed
	run_to_end "$count"
	users ada | feed
	run_to_end "$count" --dry-run >out
	holds out '.seen == 2'
	run_to_end "$count" --dry-run >out
	holds out '.seen == 2'
	timeout "$patience" ms-kafka --from "$from" --changelog "$log" --strip \
	    --until-end --dry-run "$count" | jq .seen >out
	same out 1 2
	kept >got
	same got '["ada",1]'
}

@test "who may not read the changelog is told, and no more is committed" {
	topics 1
	users ada | feed
	run_to_end "$count"
	users ada | feed
	broker allow '*' all topic '*'
	broker allow '*' all group '*'
	broker rights --allow-principal 'User:*' --operation Write \
	    --operation Describe --transactional-id g \
	    --resource-pattern-type prefixed
	broker deny blind read topic "$log"
	status 2 run_to_end "$count" \
	    --brokers "127.0.0.1:$((BROKER_PORT + 2))" --instance a \
	    -X security.protocol=SASL_PLAINTEXT -X sasl.mechanism=PLAIN \
	    -X sasl.username=blind -X sasl.password=secret 2>err
	grep -q "^ms-kafka: topic $log: .*uthorization failed; User:blind needs Read, Write and DescribeConfigs on topic $log\$" err
	[ "$(committed)" -eq 1 ]
}
