# What the tests of ms-kafka on a real broker share.
load ../helper

# Files run side by side, each with a broker of its own.
export BROKER_BASE=${BROKER_BASE:-${BROKER_PORT:-19392}}
export BROKER_PORT=$BROKER_BASE
case ${BROKER_KEEP-}${BATS_TEST_FILENAME-} in
/*_edges.bats) BROKER_PORT=$((BROKER_BASE + 20)) ;;
/*_state.bats) BROKER_PORT=$((BROKER_BASE + 40)) ;;
/*_state_killed.bats) BROKER_PORT=$((BROKER_BASE + 60)) ;;
/*_killed.bats) BROKER_PORT=$((BROKER_BASE + 80)) ;;
/*_members.bats) BROKER_PORT=$((BROKER_BASE + 100)) ;;
esac
# short lives aren't worth the best code
export BROKER_JAVA=${BROKER_JAVA--XX:TieredStopAtLevel=1}
export MS_KAFKA_BROKERS=127.0.0.1:$BROKER_PORT

broker() {
	"$root/tests/engines/broker.sh" "$@"
}

setup_file() {
	# they share a broker, and some of them stop it
	export BATS_NO_PARALLELIZE_WITHIN_FILE=true
	export BROKER_DIR=${BROKER_DIR:-$BATS_FILE_TMPDIR/broker}
	"$BATS_TEST_DIRNAME/broker.sh" start
}

teardown_file() {
	[ -n "${BROKER_KEEP-}" ] || "$BATS_TEST_DIRNAME/broker.sh" clear
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

	for pid in $(jobs -p); do kill -9 "$pid" 2>/dev/null || :; done
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

# get TOPIC FORMAT
get() {
	kcat -b "$MS_KAFKA_BROKERS" -C -e -q -X isolation.level=read_committed \
	    -t "$1" -f "$2"
}

# run_to_end PIPELINE OPTION...: what it has committed is to be read behind it.
run_to_end() {
	local pipeline=$1 status=0

	shift
	timeout 180 ms-kafka --from "$from" --to "$to" --group "g$n" \
	    "${always[@]}" --until-end "$@" "$pipeline" || status=$?
	broker settled "$to" "$dead"
	return "$status"
}

# How many records the group has committed.
committed() {
	broker committed "g$n" |
	    awk -v t="$from" '$1 == t { sum += $3 } END { print sum + 0 }'
}

# Wait until a file of messages, or a topic, has what is wanted.
until_true() {
	for _ in $(seq 900); do
		! "$@" || return 0
		sleep 0.1
	done
	return 1
}

has_group() {
	[ "$(broker assigned "g$n" | wc -l)" -eq "$1" ]
}

has_lines() {
	[ "$(get "$to" '%s\n' | wc -l)" -eq "$1" ]
}

# Supervise an instance: start it again as long as the file go is there.  With
# dynamic set it is a member without a name.
supervise() {
	local member=(--instance "i$1")

	[ -z "${dynamic-}" ] ||
		member=(-X session.timeout.ms=2000 -X transaction.timeout.ms=5000)
	while [ -e go ]; do
		ms-kafka --from "$from" --to "$to" --group "g$n" \
		    "${member[@]}" "${pipeline[@]}" 2>>"err.$1" 3>&- &
		echo $! >"pid.$1"
		wait $! || :
	done
}

# One of the stages of an instance.
stage_of() {
	pgrep -g "$(pgrep -P "$(<"pid.$1")" bash | head -n 1)" ms- 2>/dev/null |
	    shuf -n 1
}

# Kill what comes, as long as the file busy is there.
havoc() {
	local i pid

	while [ -e busy ]; do
		sleep "0.$((RANDOM % 8 + 1))"
		i=$((RANDOM % $1))
		case $((RANDOM % 6)) in
		0 | 1) kill -9 "$(<"pid.$i")" && echo runner ;;
		2) kill -STOP "$(<"pid.$i")" && sleep 7.5 &&
			kill -CONT "$(<"pid.$i")" && echo pause ;;
		*) pid=$(stage_of "$i") && [ -n "$pid" ] &&
			kill -9 "$pid" && echo stage ;;
		esac >>faults 2>/dev/null || :
	done
}

# Members leave in order or are killed, and come back.
come_and_go() {
	while [ -e busy ]; do
		sleep "0.$((RANDOM % 8 + 1))"
		if [ $((RANDOM % 2)) = 0 ]; then
			kill "$(<"pid.$((RANDOM % 3))")" && echo leave
		else
			kill -9 "$(<"pid.$((RANDOM % 3))")" && echo runner
		fi >>faults 2>/dev/null || :
		sleep 2
	done
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

# trickle SECONDS [FROM]: 2,000 events a second, from that second's on.
trickle() {
	local s first=$((${2:-0} * 10))

	for ((s = first; s < first + $1 * 10; s++)); do
		seq $((s * 200)) $((s * 200 + 199)) |
		    awk '{ printf "u%d\t{\"n\":%d}\n", $1 % 50, $1 }'
		sleep 0.1
	done | put -t "$from" -E -X enable.idempotence=true -X message.timeout.ms=0
}

# do_rest SECONDS PIPELINE OPTION...: until all is committed; members that were
# killed keep their partitions for some seconds.
do_rest() {
	local all=$(($1 * 2000))

	shift
	for _ in $(seq 20); do
		run_to_end "$@" 2>>err.last || return 1
		[ "$(committed)" -lt "$all" ] || return 0
		sleep 0.5
	done
	return 1
}

# Of a transaction whose member was killed nothing can be read, nor behind it,
# until it has timed out.
all_stable() {
	[ "$(get "$to" '%p\n' | wc -l)" -ge "$1" ]
}

# tally SECONDS: count into lost and twice what of the due events is missing,
# and what is there again; other events are none that are due.
tally() {
	seq 0 $(($1 * 2000 - 1)) | awk '$1 % 10' | sort >want
	get "$to" '%s\n' | jq .n | sort >got
	[ -s got ]
	lost=$(comm -23 want <(uniq got) | wc -l)
	twice=$(uniq -d got | wc -l)
	echo "# $lost lost, $twice twice;" \
	    "faults: $(sort faults | uniq -c | tr '\n' ' ')" >&3
	[ -z "$(comm -13 want <(uniq got))" ]
}

# once SECONDS: all that is due is there, and once.
once() {
	until_true all_stable $(($1 * 1800)) || :
	tally "$1"
	[ "$lost" -eq 0 ]
	[ "$twice" -eq 0 ]
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
	broker committed "g$n" | grep -qx "$from $1 $2"
}

# events N: records k1 {"n":1} to N.
events() {
	for ((i = 1; i <= $1; i++)); do printf 'k%d\t{"n":%d}\n' $i $i; done
}
