#!/usr/bin/env bats
# ms-enrich --follow: tables that change while events flow.
# shellcheck disable=SC2030,SC2031 # the job of a test is its own
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	printf 'k,v\na,1\nb,2\n' >t.csv
	mkfifo in
}

teardown() {
	exec 5>&- 6>&-
	[ -z "${job:-}" ] || wait "$job" || true
}

# follow ARGS...: ms-enrich on events that ask() sends
follow() {
	: >out
	ms-enrich "$@" --follow <in >out 2>err &
	job=$!
	exec 5>in
}

# ask N KEY: send an event, and wait for its line, the N-th
ask() {
	echo "{\"k\":\"$2\"}" >&5
	eventually reaches "$1" out
	sed -n "$1p" out | jq -c '.t.v'
}

# ask_next KEY: the same for the line that comes next
ask_next() {
	ask $(($(wc -l <out) + 1)) "$1"
}

# Events about a key, until one sees that value.
until_seen() {
	eventually prints "$2" ask_next "$1" || {
		cat err >&2
		return 1
	}
}

@test "a table that is replaced is swapped, and vanished keys vanish" {
	follow -t t.csv -k .k
	[ "$(ask 1 a)" = 1 ]
	printf 'k,v\nb,20\nc,30\n' >new
	mv new t.csv
	until_seen b 20
	until_seen c 30
	until_seen a null
	tail -n 1 out | jq -e '._lineage[0].from == {table: "t.csv", miss: true}'
	hash=$(printf 'b,20' | sha256sum | cut -c 1-32)
	until_seen b 20
	tail -n 1 out | jq -e --arg h "$hash" '._lineage[0].from |
	    .hash == $h and .line == 2'
}

@test "a row that is appended is seen by the next event" {
	follow -t t.csv -k .k
	[ "$(ask 1 a)" = 1 ]
	for i in {2..40}; do
		echo "a,$((i * 10))" >>t.csv
		[ "$(ask "$i" a)" = $((i * 10)) ]
	done
	[ "$(ask 41 b)" = 2 ]
	sed -n 40p out | jq -e '._lineage[0].from.line == 42'
	printf 'c,' >>t.csv
	[ "$(ask 42 c)" = null ]
	printf '3\n' >>t.csv
	[ "$(ask 43 c)" = 3 ]
}

@test "a row that was read before its end goes on where it stopped" {
	printf 'k,v\na,1\nb,2' >t.csv
	follow -t t.csv -k .k
	[ "$(ask 1 b)" = 2 ]
	printf '0\nc,3\n' >>t.csv
	[ "$(ask 2 b)" = 20 ]
	[ "$(ask 3 c)" = 3 ]
	until_seen b 20
	exec 5>&-
	wait "$job"
	[ ! -s err ]
	# half a row is no row yet, and no fault
	printf 'k,v\na,1\nb' >t.csv
	follow -t t.csv -k .k
	[ "$(ask 1 a)" = 1 ]
	printf 'cd,4\n' >>t.csv
	[ "$(ask 2 bcd)" = 4 ]
	[ ! -s err ]
}

@test "what a row was taken for before its end is forgotten" {
	printf 'v,k\n1,a\n2,b' >t.csv
	follow -t t.csv -k .k
	[ "$(ask 1 b)" = 2 ]
	printf 'c\n3,d\n' >>t.csv
	[ "$(ask 2 bc)" = 2 ]
	until_seen b null
	until_seen d 3
	printf '4,e\n' >>t.csv
	until_seen e 4
	[ ! -s err ]
	exec 5>&-
	wait "$job"
	printf 'k,v\na,1\na,2' >t.csv
	follow -t t.csv -k .k --all
	echo '{"k":"a"}' >&5
	eventually reaches 1 out
	[ "$(jq -c '[.t[].v]' out)" = '[1,2]' ]
	printf '\na,3\n' >>t.csv
	all_three() {
		local n=$(($(wc -l <out) + 1))
		echo '{"k":"a"}' >&5
		eventually reaches "$n" out
		prints '[1,2,3]' sh -c 'tail -n 1 out | jq -c "[.t[].v]"'
	}
	eventually all_three
	[ "$(jq -c '[.t[].v]' out | sort -u)" = "$(printf '%s\n' '[1,2,3]' '[1,2]')" ]
}

@test "a row with _deleted takes its key back" {
	printf '%s\n' '{"k":"a","v":1}' '{"k":"b","v":2}' >t.ndjson
	follow -t t.ndjson -k .k
	[ "$(ask 1 a)" = 1 ]
	echo '{"k":"a","_deleted":true}' >>t.ndjson
	[ "$(ask 2 a)" = null ]
	[ "$(ask 3 b)" = 2 ]
	echo '{"k":"a","v":3}' >>t.ndjson
	[ "$(ask 4 a)" = 3 ]
	exec 5>&-
	wait "$job"
	ms-enrich --lineage off -t t.ndjson --follow -k .k <<<'{"k":"a"}' |
	    jq -e '.t.v == 3'
	printf 'k,v,_deleted\na,1,\na,,true\nb,2,\n' >t.csv
	ms-enrich --lineage off -t t.csv --follow -k .k <<<'{"k":"a"}
{"k":"b"}' >got
	same got '{"k":"a"}' '{"k":"b","t":{"k":"b","v":2}}'
}

@test "a table that is overwritten in place is read anew when it is closed" {
	follow -t t.csv -k .k
	[ "$(ask 1 a)" = 1 ]
	printf 'k,v\na,100\n' >t.csv
	until_seen a 100
	until_seen b null
	# its writer stays: a second of quiet is enough
	exec 6>t.csv
	printf 'k,v\na,200\n' >&6
	until_seen a 200
}

# bytes_read: what the job has read so far, of files and of all else
bytes_read() {
	sed -n 's/^rchar: //p' "/proc/$job/io"
}

@test "a reload that fails keeps the old table, warns once, and counts" {
	follow -t t.csv -k .k --stats
	[ "$(ask 1 a)" = 1 ]
	printf 'k,v\na,1,1\n' >new
	mv new t.csv
	eventually grep -q '^ms-enrich: t.csv:2:1: 3 cells .*stays$' err
	[ "$(ask 2 a)" = 1 ]
	{ printf 'k,v\na,1,2\n'; yes b,2 | head -n 20000; } >new
	read -r before < <(bytes_read)
	mv new t.csv
	has_read_it() {
		[ "$(bytes_read)" -ge $((before + 20000)) ]
	}
	eventually has_read_it
	eventually asleep "$job"
	[ "$(ask 3 a)" = 1 ]
	printf 'k,v\na,5\n' >new
	mv new t.csv
	until_seen a 5
	exec 5>&-
	wait "$job"
	grep -qE 'hits, 0 misses, 1 reloads, 0 appends, 2 failures$' err
	[ "$(grep -c 'what was known before stays' err)" -eq 1 ]
}

@test "a FIFO is read to its first pause, and then row by row" {
	mkfifo t.fifo
	ms-enrich --lineage off -t t.fifo --as .t -k .k --follow <in >out 2>err &
	job=$!
	exec 5>in
	echo '{"k":"a"}' >&5
	eventually grep -q 'is a FIFO: events wait for its first rows' err
	[ ! -s out ]
	exec 6>t.fifo
	printf '%s\n' '{"k":"a","v":1}' '{"k":"b","v":2}' >&6
	eventually reaches 1 out
	same out '{"k":"a","t":{"k":"a","v":1}}'
	echo '{"k":"a","v":7}' >&6
	[ "$(ask 2 a)" = 7 ]
	exec 6>&-
	eventually asleep "$job"
	echo '{"k":"b","v":8}' >t.fifo
	[ "$(ask 3 b)" = 8 ]
	[ "$(ask 4 a)" = 7 ]
}

@test "the output of a pipeline is its own context" {
	printf '{"k":"none","n":0}\n' >seen.ndjson
	ms-enrich --lineage off -t seen.ndjson --follow -k .k --as .last \
	    --columns n <in 2>err |
	    ms-map --lineage off '.n = (.last.n // 0) + 1 | del(.last)' |
	    tee -a seen.ndjson >out &
	job=$!
	exec 5>in
	for i in 1 2 3; do
		echo '{"k":"x"}' >&5
		eventually reaches "$i" out
	done
	same out '{"k":"x","n":1}' '{"k":"x","n":2}' '{"k":"x","n":3}'
}

@test "networks, and all rows of a key, follow their file as well" {
	printf 'net,v\n10.0.0.0/8,1\n' >n.csv
	follow -t n.csv -k .k=net --match cidr --as .t
	[ "$(ask 1 10.1.1.1)" = 1 ]
	echo '10.1.0.0/16,2' >>n.csv
	[ "$(ask 2 10.1.1.1)" = 2 ]
	[ "$(ask 3 10.2.1.1)" = 1 ]
	exec 5>&-
	wait "$job"
	: >out
	ms-enrich --lineage off -t t.csv -k .k --all --follow <in >out &
	job=$!
	exec 5>in
	echo '{"k":"a"}' >&5
	eventually reaches 1 out
	echo 'a,9' >>t.csv
	echo '{"k":"a"}' >&5
	eventually reaches 2 out
	same <(tail -n 1 out) '{"k":"a","t":[{"k":"a","v":1},{"k":"a","v":9}]}'
}

@test "threads and thousands of changes: no event sees half a table" {
	for i in 1 2; do
		awk -v v=$i 'BEGIN { print "k,v"; for (i = 0; i < 2000; i++)
			print "key" i "," v }' >v$i
	done
	cp v1 t.csv
	awk 'BEGIN { for (i = 0; i < 100000; i++)
		print "{\"k\":\"key" i % 2000 "\"}" }' >events
	for i in {1..30}; do
		cp v$((i % 2 + 1)) new
		mv new t.csv
		sleep 0.01
	done &
	job=$!
	status 0 ms-enrich --lineage off -j 2 -t t.csv --follow -k .k \
	    --columns v --merge <events >out 2>err
	lines 100000 out
	lacks -vE '^\{"k":"key[0-9]+","v":[12]\}$' out
	[ ! -s err ]
}

@test "memory doesn't grow with rows that take each other's place" {
	is_asan && skip "ASan keeps what is freed"
	printf 'k,v\nx,0\n' >t.csv
	(
		echo '{"k":"x"}'
		for _ in {1..40}; do
			awk 'BEGIN { for (i = 0; i < 20000; i++)
				print "x" i % 10 "," i }' >>t.csv
			echo '{"k":"x9"}'
			sleep 0.02
		done
	) | /usr/bin/time -f %M -o peak ms-enrich --lineage off -t t.csv \
	    --follow -k .k >out 2>err
	tail -n 1 out | grep -q '"v":19999'
	[ "$(tail -n 1 peak)" -le 20000 ]
}
