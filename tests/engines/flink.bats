#!/usr/bin/env bats
# A pipeline as an operator of Flink, in a MiniCluster.
load ../helper

setup_file() {
	# each of them keeps a core busy
	export BATS_NO_PARALLELIZE_WITHIN_FILE=true
	export FLINK_CLASSES=$BATS_FILE_TMPDIR/classes
	"$BATS_TEST_DIRNAME/flink.sh" build "$FLINK_CLASSES"
}

setup() {
	root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	export PATH=${MS_BUILD:-$root/build}:$PATH TMPDIR=$BATS_TEST_TMPDIR
	export MS_LINEAGE=off
	unset MS_NOW
	cd "$BATS_TEST_TMPDIR" || return
	pipeline="ms-filter '.i % 10 != 0' | "
	pipeline+="ms-fold -n seen --by .user --as .seen '. + 1' | ms-filter true"
}

flink() {
	"$root/tests/engines/flink.sh" run "$FLINK_CLASSES" Job "$@" \
	    >>log 2>>err
}

# What is committed below a directory of lines.
committed() {
	find "$1" -type f -name 'part*' -exec cat {} +
}

# count EVENTS: of those that the pipeline passes on, how many are lost and
# how many are there twice; and users whose events weren't counted one by one.
count() {
	committed out/lines >got
	[ -s got ]
	jq .i got | sort >i
	seq 0 $(($1 - 1)) | awk '$1 % 10' | sort >want
	lost=$(comm -23 want <(uniq i) | wc -l)
	twice=$(uniq -d i | wc -l)
	[ -z "$(comm -13 want <(uniq i))" ]
	jq -r '"\(.user) \(.seen)"' got | sort | awk '
		{ n[$1]++ }
		$2 > top[$1] { top[$1] = $2 }
		$0 == last { wrong[$1] }
		{ last = $0 }
		END {
			for (u in n)
				if (top[u] != n[u])
					wrong[u]
			for (u in wrong)
				print u
		}' >miscounted
	echo "# $lost lost, $twice twice, $(wc -l <miscounted) miscounted;" \
	    "faults: $(grep -x 'child\|task' log | sort | uniq -c |
	    tr '\n' ' ')" >&3
}

exact() {
	count "$1"
	[ "$lost" -eq 0 ]
	[ "$twice" -eq 0 ]
	[ ! -s miscounted ]
}

@test "exactly once with state, whatever is killed, for SECONDS (6)" {
	local events=$((2000 * ${SECONDS_OF_KILLS:-6}))

	flink --events=$events --rate=2000 --faults=2 --restarts=100000 \
	    "$pipeline"
	exact "$events"
	grep -qx child log
	grep -qx task log
	# nothing is left behind
	run ! ls -d ms-flink*
}

@test "the control, an operator that doesn't drain, loses: the test can fail" {
	flink --events=8000 --rate=2000 --faults=3 --restarts=100000 \
	    --undrained "$pipeline"
	count 8000
	[ "$lost" -gt 0 ]
	[ -s miscounted ]
}

# The last checkpoint that is whole.
checkpoint() {
	find out/checkpoints -name _metadata -printf '%T@ %h\n' 2>/dev/null |
	    sort -n | tail -n 1 | cut -d ' ' -f 2
}

# until_checkpoint N: there is one of that number, or a later one.
until_checkpoint() {
	local end=$((SECONDS + 600)) last

	until
		last=$(checkpoint)
		[ -n "$last" ] && [ "${last##*chk-}" -ge "$1" ]
	do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.1
	done
}

@test "killed with kill -9, the job goes on from its last checkpoint" {
	mkdir -p out/checkpoints
	flink --events=6000 --rate=1500 --gate=gate "$pipeline" 3>&- &
	until_checkpoint 8
	kill -9 "$(pgrep -P $! java)" # the shell's, which became java
	wait $! || :
	from=$(checkpoint)
	# what can't be gone on from is refused
	status 1 flink --out=a --from="$from" --parallelism=3 "$pipeline" \
	    --out=b --from="$from" --restarts=9 cat \
	    --out=c --from="$from" --restarts=9 "${pipeline/.user/.i}"
	grep -q "^a: the stages' state was kept at another parallelism, and this is subtask . of 3" err
	grep -q "^b: the state of seen has no mark of the barrier: no stage of that name is in the pipeline" err
	grep -q "^c: the pipeline .*seen: the state was made with the key .user, not .i" err
	flink --events=6000 --from="$from" "$pipeline"
	exact 6000
}

@test "a pipeline that can't work fails the job, before any event, with its own message" {
	status 1 flink --out=typo --restarts=1000 "ms-filter '.i >' | cat" \
	    --out=none --restarts=1000 'ms-filtre true' \
	    --out=swallow --deadline=2 "jq -c 'select(.i > 5)'"
	grep -q "^typo: the pipeline .* it ended with status 2: ms-filter: .*program:1:" err
	grep -q "^none: the pipeline .* it ended with status 127: .*ms-filtre: command not found" err
	grep -q "^swallow: the pipeline .* a barrier isn't back within 2 s" err
	[ -z "$(committed typo/lines)" ]
	# and what won't mend itself isn't tried again
	[ "$(grep -c 'WARN.*ms-filtre' log)" -lt 9 ]
}

@test "rejects are a stream of their own, and what stages say at the end counts" {
	flink --events=1000 --odd --parallelism=1 \
	    "ms-map 'if .i == 7 then error(\"no\") else . end' |
	    ms-fold --by .user --window all --close '.n += 1'"
	[ "$(committed out/lines | jq .n | awk '{ s += $1 } END { print s }')" \
	    -eq 899 ]
	[ "$(committed out/rejects | wc -l)" -eq 101 ]
	[ "$(committed out/rejects | jq -c '[.op, .error]' | sort | uniq -c |
	    grep -c .)" -eq 3 ]
	committed out/rejects | grep -q "an event can't be a control line"
}

@test "the job of ms-engines(7) reads files and writes files" {
	"$root/tests/engines/flink.sh" run "$FLINK_CLASSES" Pipe \
	    "$root/tests/examples/access.ndjson" out \
	    "ms-fold -n seen --by .ip --as .seen '. + 1'" >log
	committed out/lines | jq -c '[.ip, .seen]' | sort >got
	ms-fold --by .ip --as .seen '. + 1' \
	    "$root/tests/examples/access.ndjson" 2>/dev/null |
	    jq -c '[.ip, .seen]' | sort >want
	cmp want got
}
