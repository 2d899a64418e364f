#!/usr/bin/env bash
# Measure ms-kafka beside Kafka Streams, both exactly once, on a broker of its
# own on this machine.  tests/bench/README.md says how to read the rows.
#
#	BENCH_EVENTS=2000000    events in a topic
#	BENCH_RUNS=3            pairs in a row
#	BENCH_RATE=100          events a second, for latency
#	BENCH_WAIT=3000         events that are waited for, for latency
#	BENCH_SEEDS=DIRECTORY   where access.ndjson is
#	RDKAFKA_NEW=DIRECTORY   of a newer librdkafka.so.1, for more rows
#	BROKER_PORT, BROKER_DIR as tests/engines/broker.sh has them
set -u -o pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
engines=$root/tests/engines
build=${MS_BUILD:-$root/build}
events=${BENCH_EVENTS:-2000000} runs=${BENCH_RUNS:-3}
rate=${BENCH_RATE:-100} wait=${BENCH_WAIT:-3000}
seeds=${BENCH_SEEDS:-$root/../shared/data}
newer=${RDKAFKA_NEW:-}
export BROKER_PORT=${BROKER_PORT:-19392}
at=127.0.0.1:$BROKER_PORT
commit=100
# shellcheck disable=SC2016 # a program
pipeline="ms-filter '.status < 400' | ms-map '.cost = .bytes * 0.01'"
PATH=$build:$PATH
number=0

die() {
	echo "kafka.sh: $*" >&2
	exit 1
}

broker() {
	"$engines/broker.sh" "$@"
}

# --- what is measured ---

# Fields of the log, so that an event is of the size that such topics have.
make_events() {
	ms-map --lineage off '{seq, ip, method, path, status, bytes}' \
	    "$seeds/access.ndjson" |
	    awk -v limit="$events" '
		{ sub(/^{"seq":[0-9]+,/, ""); rest[NR - 1] = $0 }
		END {
			for (n = 0; n < limit; n++)
				print "{\"seq\":" n "," rest[n % NR]
		}' >"$work/events"
}

# new_topic NAME PARTITIONS
new_topic() {
	broker topic "$@" || die "can't make the topic $1"
}

fill() {
	new_topic "$1" "$2"
	kcat -b "$at" -P -t "$1" -X queue.buffering.max.messages=1000000 \
	    -l "$work/events" || die "can't fill the topic $1"
}

# ours FROM TO GROUP COMMIT OPTION... -- what runs it, in argv
ours() {
	argv=(ms-kafka --brokers "$at" --from "$1" --to "$2" --group "$3"
	    --commit "$4ms" "${@:5}" "$pipeline")
}

# streams FROM TO GROUP COMMIT THREADS
streams() {
	argv=("$engines/streams/streams.sh" run "$at" "$1" "$2" "$3" "$5" "$4")
}

# --- events a second ---

# throughput NAME PARTITIONS INSTANCES PROGRAM OPTION...: a line to a file
throughput() {
	local name=$1 partitions=$2 instances=$3 program=$4 group argv
	local to=out-$partitions-$((number++))

	group=$to
	new_topic "$to" "$partitions"
	"$program" "in-$partitions" "$to" "$group" "$commit" "${@:5}"
	"$work/group" -n "$instances" "$at" "in-$partitions" "$group" \
	    "${argv[@]}" >>"$work/$name-$partitions-$instances" \
	    2>"$work/log" || die "$name: $(tail -n 3 "$work/log")"
	broker drop "$to"
}

# column FILE WHAT: that of each run
column() {
	awk -v what="$2" '
		what == "rate" { print $1 / $2 }
		what == "half" { print $4 / $5 }
		what == "cpu" { print $3 * 1e6 / $1 }
		what == "MiB" { print $6 / 1024 }' "$work/$1"
}

median() {
	sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# times FILE FILE WHAT: the median of the pairs' ratios
times() {
	paste -d ' ' <(column "$1" "$3") <(column "$2" "$3") |
	    awk '{ print $1 / $2 }' | median
}

# row LABEL NAME PARTITIONS INSTANCES
row() {
	local of=$2-$3-$4 peer=streams-$3-$4 faster=- cheaper=-

	if [ "$2" != streams ]; then
		faster=$(times "$of" "$peer" rate)
		cheaper=$(times "$peer" "$of" cpu)
	fi
	printf '%-20s %5s %5s %9.0f %9.0f %8.2f %5.0f %5.4s %5.4s\n' \
	    "$1" "$3" "$4" "$(column "$of" rate | median)" \
	    "$(column "$of" half | median)" "$(column "$of" cpu | median)" \
	    "$(column "$of" MiB | median)" "$faster" "$cheaper"
}

head_of_rows() {
	printf '%s events of %s bytes, a commit each %s ms, %s pairs\n\n' \
	    "$events" "$(awk '{ n += length } END { printf "%d", n / NR }' \
		"$work/events")" "$commit" "$runs"
	printf '%-20s %5s %5s %9s %9s %8s %5s %5s %5s\n' \
	    by parts insts events/s '2nd half' us/event MiB times cpu
}

# pairs PARTITIONS INSTANCES THREADS
pairs() {
	local i

	for ((i = 0; i < runs; i++)); do
		throughput ours "$1" "$2" ours --strip
		throughput streams "$1" "$2" streams "$3"
		[ "$1.$2" != 1.1 ] || throughput history "$1" "$2" ours
	done
	row ms-kafka ours "$1" "$2"
	[ "$1.$2" != 1.1 ] || row ' with histories' history "$1" "$2"
	row 'Kafka Streams' streams "$1" "$2"
}

# --- latency ---

# keeps LABEL LIBRARIES COMMIT PROGRAM OPTION...
keeps() {
	local label=$1 libraries=$2 every=$3 program=$4 argv median most late
	local from=slow-$((number++))
	local to=$from-out

	new_topic "$from" 1
	new_topic "$to" 1
	"$program" "$from" "$to" "$from" "$every" "${@:5}"
	read -r median late most _ < <("$work/latency" -r "$rate" \
	    -n "$wait" "$at" "$from" "$to" \
	    env LD_LIBRARY_PATH="$libraries" "${argv[@]}" 2>"$work/log") ||
	    die "$label: $(tail -n 3 "$work/log")"
	broker drop "$from"
	broker drop "$to"
	printf '%-36s %9s %9s %9s %9s\n' "$label" "$every" "$median" \
	    "$late" "$most"
}

library() {
	echo "ms-kafka, librdkafka $(LD_LIBRARY_PATH=$1 "$work/latency" -V)"
}

latencies() {
	local every

	printf '\n%s events, %s a second, ms from timestamp to arrival\n\n' \
	    "$wait" "$rate"
	printf '%-36s %9s %9s %9s %9s\n' by 'commit' 50% 99% most
	for every in 20 100; do
		keeps "$(library '')" '' "$every" ours --strip
		[ -z "$newer" ] ||
		    keeps "$(library "$newer")" "$newer" "$every" ours --strip
		keeps 'Kafka Streams' '' "$every" streams 1
	done
}

# --- all of it ---

if [ ! -r "$seeds/access.ndjson" ]; then
	echo "skipped: there is no $seeds/access.ndjson (BENCH_SEEDS)"
	exit 0
fi
work=$(mktemp -d)
trap 'broker clear; rm -rf "$work"' EXIT
export BROKER_DIR=${BROKER_DIR:-$work/broker}
for tool in group latency; do
	"${CC:-cc}" -std=c17 -D_GNU_SOURCE -O2 -o "$work/$tool" \
	    "$here/$tool.c" -lrdkafka || die "can't build $tool.c"
done
"$engines/streams/streams.sh" build || die "can't build the peer"
broker start || exit 1
make_events
head_of_rows
for partitions in 1 2 4; do
	fill "in-$partitions" "$partitions"
	pairs "$partitions" 1 "$((partitions < 2 ? partitions : 2))"
	[ "$partitions" = 1 ] || pairs "$partitions" 2 1
	broker drop "in-$partitions"
done
latencies
