#!/usr/bin/env bats
# What an event costs, in instructions and in calls of malloc: figures that
# don't depend on how busy the machine is.  The ceilings are twice what was
# measured when they were set, so that only a slow change meets them.
load helper

setup_file() {
	"$BATS_TEST_DIRNAME/bench/data.sh" "$BATS_FILE_TMPDIR/data" 1 \
	    "$BATS_FILE_TMPDIR/no-seeds" 2>/dev/null
	"${CC:-cc}" -shared -fPIC -D_GNU_SOURCE -DFAULT_MEMORY -O1 \
	    -o "$BATS_FILE_TMPDIR/fault.so" "$BATS_TEST_DIRNAME/fault.c"
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	data=$BATS_FILE_TMPDIR/data
	command -v valgrind >/dev/null || skip "valgrind is missing"
	if is_asan; then
		skip "valgrind and ASan don't go together"
	fi
	export MS_SIMD=scalar
}

# instructions COMMAND...
instructions() {
	valgrind --tool=cachegrind --cache-sim=no \
	    --cachegrind-out-file=/dev/null "$@" 2>&1 >/dev/null |
	    sed -n 's/.*I *refs: *//p' | tr -d ,
}

# allocations COMMAND...
allocations() {
	FAULT=malloc=count LD_PRELOAD=$BATS_FILE_TMPDIR/fault.so "$@" \
	    2>&1 >/dev/null | tail -n 1
}

# cheap CEILING LETTER N COMMAND...: an event costs no more than that, by
# the difference between N events and 2 N.
cheap() {
	local ceiling=$1 from=$2 n=$3 one two

	shift 3
	head -n "$n" "$data/$from.ndjson" >one
	cat one one >two
	one=$(instructions "$@" one)
	two=$(instructions "$@" two)
	echo "$(((two - one) / n)) instructions an event: $*"
	[ "$one" -gt 0 ]
	[ $(((two - one) / n)) -le "$ceiling" ]
}

# constant LETTER N COMMAND...: N more events call malloc no more often.
constant() {
	local from=$1 n=$2 one two

	shift 2
	head -n "$n" "$data/$from.ndjson" >one
	cat one one >two
	one=$(allocations "$@" one)
	two=$(allocations "$@" two)
	echo "$one and $two calls of malloc: $*"
	[ "$one" -gt 0 ]
	[ "$one" -eq "$two" ]
}

@test "instructions of a filter on one member" {
	cheap 13000 A 1000 ms-filter '.status >= 500'
}

@test "instructions of a map that sets and deletes" {
	cheap 22000 A 1000 ms-map '.cost = .bytes * 0.01 | del(.user)'
}

@test "instructions of a filter on two kinds of event, in turn" {
	awk 'NR % 2 { sub(/"user":"[^"]*",/, "") } 1' "$data/A.ndjson" \
	    >"$data/B.ndjson"
	cheap 13000 B 1000 ms-filter '.status >= 500'
}

@test "instructions under a policy of 200 paths that aren't there" {
	paths=$(seq 200 | sed 's/.*/".no&.such"/' | paste -sd,)
	echo "{\"rules\":[{\"id\":\"A\",\"protect\":[$paths]}],\"forget\":[$paths]}" >p.json
	cheap 65000 A 200 ms-map --policy p.json '.[.method] = 1'
}

@test "instructions of an event that gets its id" {
	cheap 13500 A 1000 ms-trace
}

@test "instructions of a join" {
	cheap 14000 A 1000 ms-enrich -t "$root/tests/examples/hosts.csv" -k .ip
}

@test "instructions of a row of a table" {
	echo '{"k":"key1"}' >in
	for n in 10000 20000; do
		awk -v n=$n 'BEGIN { print "k,v"
			for (i = 0; i < n; i++) print "key" i "," i * 3 }' >$n.csv
	done
	one=$(instructions ms-enrich -t 10000.csv -k .k in)
	two=$(instructions ms-enrich -t 20000.csv -k .k in)
	echo "$(((two - one) / 10000)) instructions a row"
	[ "$one" -gt 0 ]
	[ $(((two - one) / 10000)) -le 1500 ]
}

@test "instructions of a filter on a nested member of large events" {
	cheap 200000 G 50 ms-filter '.repository.owner.login == "Codertocat"'
}

@test "no event calls malloc, once the buffers have grown" {
	constant A 4000 ms-trace
	constant A 4000 ms-filter '.status >= 500'
	constant A 4000 ms-filter '.agent | test("Firefox/[0-9]+")'
	constant A 4000 ms-map '.cost = .bytes * 0.01 | del(.user)'
	constant A 4000 ms-map '.path |= gsub("/+"; "/")'
	constant A 4000 ms-map '{ip, status, path}'
	constant A 4000 ms-enrich -t "$root/tests/examples/hosts.csv" -k .ip
	constant G 200 ms-filter '.repository.owner.login == "Codertocat"'
}

@test "memory stays below 8 MB on a stream of 200 MB" {
	for _ in {1..200}; do cat "$data/A.ndjson"; done |
	    /usr/bin/time -f %M -o peak ms-map '.a = .bytes * 2' >/dev/null
	echo "$(<peak) KiB"
	[ "$(<peak)" -le 8192 ]
}
