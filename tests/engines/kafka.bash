# What the tests of ms-kafka on a real broker share.
load ../helper

# Files run side by side on one broker, but for the one that kills and stops
# its own.
export BROKER_BASE=${BROKER_BASE:-${BROKER_PORT:-19392}}
export BROKER_PORT=$BROKER_BASE BROKER_NAME=broker
case ${BROKER_KEEP-}${BATS_TEST_FILENAME-} in
/*_members.bats) BROKER_PORT=$((BROKER_BASE + 20)) BROKER_NAME=broker.own ;;
esac
export BROKER_USERS='able noread nogroup nowrite nodead notxn unseen blind'
# short lives aren't worth the best code
export BROKER_JAVA=${BROKER_JAVA--XX:TieredStopAtLevel=1}
export MS_KAFKA_BROKERS=127.0.0.1:$BROKER_PORT
# All waits are for what is to come, and these limits for what never comes.
patience=600
export BATS_TEST_TIMEOUT=$((3 * patience + ${SECONDS_OF_KILLS:-0}))

broker() {
	"$root/tests/engines/broker.sh" "$@"
}

setup_file() {
	# a file keeps a core busy
	export BATS_NO_PARALLELIZE_WITHIN_FILE=true
	export BROKER_DIR=${BROKER_DIR:-$BATS_RUN_TMPDIR}/$BROKER_NAME
	mkdir -p "$BROKER_DIR"
	flock -o "$BROKER_DIR" "$BATS_TEST_DIRNAME/broker.sh" start
}

setup() {
	root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	export PATH=${MS_BUILD:-$root/build}:$PATH
	unset MS_NOW
	cd "$BATS_TEST_TMPDIR" || return
	# BROKER_KEEP=1 leaves the broker to the next run
	n=$BATS_TEST_NUMBER-$$
	# shellcheck disable=SC2034
	from=from$n to=to$n dead=dead$n
	# options of every run
	always=()
}

teardown() {
	local pid

	rm -f go busy flowing
	for pid in $(jobs -p) $(cat pid.*); do
		[ "$pid" = "${BATS_killer_pid-}" ] || kill -9 "$pid" || :
	done 2>/dev/null
	# bats shows it where the test has failed
	tail -n 20 err* 2>/dev/null || :
}

topics() {
	for name; do broker topic "$name" 2; done
}

# Records as KEY, a tab, VALUE.
put() {
	kcat -b "$MS_KAFKA_BROKERS" -P -K $'\t' -X acks=all \
	    -X enable.idempotence=true "$@"
}

# get TOPIC FORMAT: what is there; by itself kcat waits half a second at the end.
get() {
	kcat -b "$MS_KAFKA_BROKERS" -C -e -q -X isolation.level=read_committed \
	    -X fetch.wait.max.ms=10 -t "$1" -f "$2"
}

# run_to_end PIPELINE OPTION...: what it has committed is to be read behind it.
run_to_end() {
	local pipeline=$1 status=0

	shift
	timeout $patience ms-kafka --from "$from" --to "$to" --group "g$n" \
	    "${always[@]}" --until-end "$@" "$pipeline" || status=$?
	broker settled "$to" "$dead"
	return "$status"
}

# How many records the group has committed.
committed() {
	broker committed "g$n" "$from" |
	    awk -v t="$from" '$1 == t { sum += $3 } END { print sum + 0 }'
}

# until_true COMMAND...: wait until it is.
until_true() {
	local end=$((SECONDS + patience))

	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || {
			echo "it never came to: $*" >&2
			return 1
		}
		sleep 0.1
	done
}

# has_group N: its members have so many partitions.
has_group() {
	local members

	members=$(broker assigned "g$n") &&
	    [ "$(grep -c "^$from " <<<"$members")" -eq "$1" ]
}

# has_members N: so many are in the group.
has_members() {
	local members

	members=$(broker assigned "g$n") &&
	    [ "$(cut -d ' ' -f 3 <<<"$members" | sort -u | grep -c .)" -eq "$1" ]
}

has_lines() {
	[ "$(get "$to" '%s\n' | wc -l)" -eq "$1" ]
}

# supervise I [OPTION...] PIPELINE: an instance, which is started again as long
# as the file go is there.
supervise() {
	while [ -e go ]; do
		ms-kafka --from "$from" --to "$to" --group "g$n" \
		    -X session.timeout.ms=2000 -X heartbeat.interval.ms=200 \
		    "${@:2}" 2>>"err.$1" 3>&- &
		echo $! >"pid.$1"
		# who ends it may have read the former one's
		[ -e go ] || kill $!
		wait $! || :
	done
}

# instance I [OPTION...] PIPELINE: supervise it.
instance() {
	touch go faults
	supervise "$@" 3>&- &
	supervisors+=($!)
}

# flow: events of 50 users trickle in, 2,000 a second, until ebb.
flow() {
	touch flowing
	{
		perl -e '
			$| = 1;
			for (; -e "flowing"; select(undef, undef, undef, 0.1)) {
				print map { $u = "u" . $_ % 50;
				    "$u\t{\"u\":\"$u\",\"n\":$_}\n" }
				    $n .. $n + 199;
				$n += 200;
			}
			open(F, ">fed") && print F $n or die;' |
		    put -t "$from" -E -X message.timeout.ms=0
	} 3>&- &
	feeder=$!
}

ebb() {
	rm flowing
	wait "$feeder"
}

# How many records are committed, whether or not a transaction holds more.
reached() {
	broker reached "g$n" 2>/dev/null |
	    awk -v t="$from" '$1 == t { sum += $3 } END { print sum + 0 }'
}

# works: more is committed than when it was true last.
works() {
	local now

	now=$(reached)
	[ "$now" -gt "${had:-0}" ] && had=$now
}

# mark, and then moved N: more is committed since in so many partitions.
mark() {
	broker reached "g$n" >mark
}

moved() {
	broker reached "g$n" 2>/dev/null | awk -v t="$from" -v n="$1" '
		FILENAME == "mark" { was[$1, $2] = $3; next }
		$1 == t && $3 > was[$1, $2] + 0 { more++ }
		END { exit more < n }' mark -
}

# One of the stages of an instance.
stage_of() {
	local groups

	groups=$(pgrep -d , -P "$(<"pid.$1")") &&
	    pgrep -g "$groups" '^(ms-|jq|sort)' | shuf -n 1
}

# fault KIND I
fault() {
	local pid

	pid=$(<"pid.$2")
	case $1 in
	runner) kill -9 "$pid" ;;
	leave) kill "$pid" ;;
	# past its session's end
	pause) kill -STOP "$pid" && sleep 3 && kill -CONT "$pid" ;;
	directories) rm -rf tmp/ms-kafka-* ;;
	stage) pid=$(stage_of "$2") && [ -n "$pid" ] && kill -9 "$pid" ;;
	esac && echo "$1" >>faults
}

# havoc N KIND...: what comes of N instances is killed, each kind in turn, as
# long as the file busy is there.  Every second time only once they have got
# on: on a slow machine, too, it hits work, and not starts alone.
havoc() {
	local turn=0 count=$1

	shift
	while [ -e busy ]; do
		sleep "0.$((RANDOM % 8 + 1))"
		while [ $((turn % 2)) = 0 ] && [ -e busy ] && ! works; do
			sleep 0.1
		done
		fault "${@:turn++ % $# + 1:1}" $((RANDOM % count)) || :
	done 2>/dev/null
}

# The same for the broker, which all others wait for.
havoc_broker() {
	while [ -e busy ]; do
		sleep "$1"
		[ -e busy ] || return 0
		broker kill
		echo broker >>faults
		broker start
	done
}

have_hit() {
	local kind

	for kind; do grep -qx "$kind" faults || return; done
}

# kills SECONDS N KIND...: so long, and until each kind has hit, events trickle
# in while N instances are killed; what has come is done by them in the end.
kills() {
	local seconds=$1 killers

	shift
	touch busy
	flow
	until_true works
	havoc "$@" 3>&- &
	killers=($!)
	if [ "$seconds" -ge 200 ]; then
		havoc_broker 60 3>&- &
		killers+=($!)
	fi
	sleep "$seconds"
	until_true have_hit "${@:2}"
	rm busy
	wait "${killers[@]}"
	ebb
	finish
}

all_done() {
	[ "$(reached)" -ge "$(<fed)" ]
}

# finish: once the instances have done all they leave.
finish() {
	local pid

	until_true all_done
	rm go
	for pid in pid.*; do kill "$(<"$pid")" 2>/dev/null || :; done
	wait "${supervisors[@]}"
	broker settled "$to"
}

# tally: count into lost and twice what of the due events is missing, and what
# is there again; other events are none that are due.
tally() {
	seq 0 $(($(<fed) - 1)) | awk '$1 % 10' | sort >want
	get "$to" '%s\n' | jq .n | sort >got
	[ -s got ]
	lost=$(comm -23 want <(uniq got) | wc -l)
	twice=$(uniq -d got | wc -l)
	echo "# $lost lost, $twice twice;" \
	    "faults: $(sort faults | uniq -c | tr '\n' ' ')" >&3
	[ -z "$(comm -13 want <(uniq got))" ]
}

# once: all that is due is there, and once.
once() {
	tally
	[ "$lost" -eq 0 ]
	[ "$twice" -eq 0 ]
}

# silent FILE: nothing is told there, but for what a busy broker is waited for.
silent() {
	! grep -v '; waiting$' "$1" >&2
}

# leave PID: that instance goes, and what it has committed can be read.
leave() {
	kill "$1"
	wait "$1"
	broker settled "$to" "$dead"
}

# told_once FILE PATTERN: it is the only message there, but for what a busy
# broker makes it wait for.
told_once() {
	grep -v '; waiting$' "$1" >told
	cat told >&2
	lines 1 told
	grep "$2" told
}

# stands_at PARTITION OFFSET: is that committed?
stands_at() {
	broker committed "g$n" "$from" | grep -qx "$from $1 $2"
}

# events N: records k1 {"n":1} to N.
events() {
	for ((i = 1; i <= $1; i++)); do printf 'k%d\t{"n":%d}\n' $i $i; done
}
