#!/usr/bin/env bats
# A pipeline between two streams of Redis, by the script of ms-engines(7).
load ../helper

setup() {
	command -v redis-server >/dev/null || skip "there is no redis-server"
	root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	export PATH=${MS_BUILD:-$root/build}:$PATH
	export MS_LINEAGE=off REDISCLI_HISTFILE=/dev/null
	unset MS_NOW
	cd "$BATS_TEST_TMPDIR" || return
	# a socket's path is short
	place=$(mktemp -d -t ms-redis.XXXXXX)
	export TMPDIR=$place REDIS_CLI="redis-cli -s $place/redis"
	server_start
}

teardown() {
	local pid

	rm -f go busy
	for pid in $(jobs -p); do
		[ "$pid" = "${BATS_killer_pid-}" ] || kill -9 "$pid" || :
	done 2>/dev/null
	for pid in "$place"/pid.*; do
		[ ! -s "$pid" ] || kill "$(<"$pid")" 2>/dev/null || :
	done
	server_kill 2>/dev/null || :
	rm -rf "$place"
}

server_start() {
	rm -f "$place/redis"
	redis-server --port 0 --unixsocket "$place/redis" --save '' \
	    --appendonly yes --dir "$place" --logfile "$place/log" \
	    >/dev/null 3>&- 4>&- &
	server=$!
	echo "$server" >server
	until db PING 2>/dev/null | grep -q PONG; do
		kill -0 "$server" || {
			cat "$place/log" >&2
			return 1
		}
		sleep 0.02
	done
}

server_kill() {
	kill -9 "$(<server)"
	wait "$(<server)" || :
}

db() {
	$REDIS_CLI "$@"
}

# The script, as a user would copy it.
pipe() {
	"$root/tests/engines/redis_pipe.sh" "$@"
}

# put LINES: into the stream in, an event each.
put() {
	sed "s/.*/XADD in * e '&'/" | $REDIS_CLI >/dev/null
}

# What the stream of that name holds.
held() {
	db --raw XRANGE "$1" - + | grep -a '^{' || :
}

# All of the stream in is delivered and acknowledged.
done_with() {
	local last

	last=$(db --raw XINFO STREAM in 2>/dev/null |
	    sed -n '/^last-generated-id/{n;p;}')
	[ "$(db --raw XINFO GROUPS in 2>/dev/null | awk '
		name == "pending" || name == "last-delivered-id" { print }
		{ name = $0 }' | xargs)" = "0 $last" ]
}

# The limit is for what never comes true.
until_true() {
	local end=$((SECONDS + 600))

	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.1
	done
}

# works: more has been written than when it was true last.
works() {
	local now

	now=$(db XLEN out 2>/dev/null) && [ "$now" -gt "${had:-0}" ] && had=$now
}

# Start it again as often as it ends, as long as the file go is there.
supervise() {
	while [ -e go ]; do
		BATCH=100 PATIENCE=5 "$root/tests/engines/redis_pipe.sh" in out g "$1" \
		    "$2" 2>>"err.$1" 3>&- 4>&- &
		echo $! >"$place/pid.$1"
		wait $! || sleep 0.1
	done 2>/dev/null
}

# A stage of the one of that name.
stage_of() {
	pgrep -g "$(pgrep -P "$(<"$place/pid.$1")" bash | head -n 1)" ms- |
	    shuf -n 1
}

# Every second time only once they have got on: on a slow machine, too, it hits
# work, and not starts alone.
havoc() {
	local name turn=0

	while [ -e busy ]; do
		sleep "0.$((RANDOM % 5 + 2))"
		while [ $((turn % 2)) = 0 ] && [ -e busy ] && ! works; do
			sleep 0.1
		done
		turn=$((turn + 1))
		name=c$((RANDOM % 2))
		case $((RANDOM % 5)) in
		0) server_kill && echo server && server_start ;;
		1 | 2) kill -9 "$(<"$place/pid.$name")" && echo runner ;;
		*) kill -9 "$(stage_of "$name")" && echo stage ;;
		esac >>faults 2>/dev/null || :
	done
}

# count EVENTS: how many that are due are lost, and how many are there twice.
count() {
	held out | jq .i | sort >got
	seq "$1" | awk '$1 % 10' | sort >want
	lost=$(comm -23 want <(uniq got) | wc -l)
	twice=$(uniq -d got | wc -l)
	echo "# $lost lost, $twice twice;" \
	    "faults: $(sort faults | uniq -c | tr '\n' ' ')" >&3
	[ -z "$(comm -13 want <(uniq got))" ]
}

@test "exactly once between two streams, whatever is killed" {
	seq 6000 | sed 's/.*/{"i":&}/' | put
	touch go busy faults
	for name in c0 c1; do
		supervise "$name" "ms-filter '.i % 10 != 0' | ms-map .j=.i" \
		    3>&- 4>&- &
	done
	havoc 3>&- 4>&- &
	kills=$!
	until_true done_with
	rm busy go
	wait "$kills" # which may just start the server again
	count 6000
	[ "$lost" -eq 0 ]
	[ "$twice" -eq 0 ]
	[ "$(wc -l <faults)" -gt 3 ]
}

@test "the control, XACK behind XADDs, repeats: the test can fail" {
	seq 300 | sed 's/.*/{"i":&}/' | put
	db XGROUP CREATE in g 0 >/dev/null
	cat >control <<-'END'
		for after in 0 '>'; do while :; do
		    $REDIS_CLI --raw XREADGROUP GROUP g c COUNT 50 \
		        STREAMS in "$after" >batch
		    grep -q '^{' batch || break
		    grep '^{' batch | ms-filter '.i % 10 != 0' |
		        while read -r e; do $REDIS_CLI XADD out '*' e "$e"; done
		    $REDIS_CLI XACK in g $(grep '^[0-9]' batch)
		done; done >/dev/null
	END
	touch faults
	for _ in 1 2 3; do
		bash control 3>&- 4>&- &
		until_true works
		kill -9 $! && echo runner >>faults
		wait $! || :
	done 2>/dev/null
	bash control
	count 300
	[ "$twice" -gt 0 ]
}

@test "a batch that another one has done isn't done again" {
	seq 9 | sed 's/.*/{"i":&}/' | put
	pipe in out g c 'sed -u 1q; until [ -e gate ]; do sleep 0.1; done; cat' \
	    2>err 3>&- 4>&- &
	slow=$!
	taken() {
		[ "$(db --raw XPENDING in g 2>/dev/null | head -n 1)" = 9 ]
	}
	until_true taken
	pipe in out g c 'ms-filter true' 3>&- 4>&- &
	until_true done_with
	kill $!
	touch gate
	status 75 wait "$slow"
	grep -q 'is not ours any more' err
	[ "$(held out | wc -l)" -eq 9 ]
}

@test "what is no event, and what a stage rejects, is a dead letter" {
	db XADD in '*' e $'two\nlines \xff' >/dev/null
	db XADD in '*' f 1 >/dev/null
	db XADD in '*' e '{"ms.barrier":"x","n":0}' >/dev/null
	put <<<'{"a":"x"}
{"a":1}'
	db XADD in '*' e gone >gone
	db XGROUP CREATE in g 0 >/dev/null
	db XREADGROUP GROUP g c STREAMS in '>' >/dev/null
	db XDEL in "$(<gone)" >/dev/null
	pipe in out g c 'ms-map ".a += 1"' 2>err 3>&- 4>&- &
	until_true done_with
	kill $!
	held out >got
	same got '{"a":2}'
	held out:dead >got
	lines 4 got
	[ "$(grep -ac '"error":"no event on one line"' got)" -eq 3 ]
	[ "$(grep -ac 'cannot be added' got)" -eq 1 ]
}

@test "a pipeline that can't work, or has state, ends with 2 and takes nothing" {
	put <<<'{"a":1}'
	status 2 pipe in out g c 'ms-map .a=' 2>err
	grep -q '^ms-map: program:1:4: ' err
	status 2 pipe in out g c 'ms-fold .+1' 2>err
	grep -q 'a stage has state: not here' err
	# what can't be added isn't acknowledged
	db SET out x >/dev/null
	status 75 pipe in out g c cat 2>err
	grep -q WRONGTYPE err
	[ "$(db --raw XPENDING in g | head -n 1)" = 1 ]
}
