#!/usr/bin/env bats
# ms-fold --state: what survives a stage.
load helper

# Four events of two keys.
input() {
	printf '{"k":%s}\n' 1 2 1 1
}

count() {
	ms-fold --lineage off --by .k --as .n --state s.db "$@"
}

@test "a second run goes on where the first one ended" {
	input >a.ndjson
	input >b.ndjson
	count '. + 1' a.ndjson >out
	count '. + 1' b.ndjson >out
	same out '{"k":1,"n":4}' '{"k":2,"n":2}' '{"k":1,"n":5}' \
	    '{"k":1,"n":6}'
}

@test "what a source has given is skipped and counted, and its rest is new" {
	input >in
	count '. + 1' in >out
	echo '{"k":2}' >>in
	count '. + 1' in >out 2>err
	same out '{"k":2,"n":2}'
	grep -q '4 events were folded before' err
	status 3 count --on-repeat stop '. + 1' in >out 2>err
	grep -q 'in:1: in:1 was folded before: the state has it up to 5' err
	[ ! -s out ]
}

@test "origins that travel with the events tell repeats in a pipe" {
	input >in
	ms-trace in | count '. + 1' >out
	ms-trace in | ms-filter '.k == 1' | count '. + 1' >out 2>err
	[ ! -s out ]
	grep -q '3 events were folded before' err
}

@test "the events that a stage made of one are told apart" {
	echo '{"k":1,"all":[1,2,3]}' >in
	ms-trace in | ms-map '.all[] as $x | {k: $x}' | count '. + 1' >out
	[ "$(wc -l <out)" -eq 3 ]
	ms-trace in | ms-map '.all[] as $x | {k: $x}' | count '. + 1' >out 2>err
	[ ! -s out ]
	grep -q '3 events were folded before' err
}

@test "events that say no origin are new, which is told once" {
	input | count '. + 1' >out 2>err
	input | count '. + 1' >out 2>err
	[ "$(sed -n 4p out)" = '{"k":1,"n":6}' ]
	[ "$(grep -c 'say no origin' err)" -eq 1 ]
}

@test "ms-trace --source gives standard input a name to know repeats by" {
	input | ms-trace --source log.ndjson | count '. + 1' >out
	[ "$(wc -l <out)" -eq 4 ]
	input | ms-trace --source log.ndjson | count '. + 1' >out 2>err
	[ ! -s out ]
	grep -q '4 events were folded before' err
	input | ms-trace --source log.ndjson | head -n 1 >first
	holds first '._lineage[0].from == {source: "log.ndjson", line: 1}'
}

@test "a source that goes back ends the stage with 3 and both lines" {
	input >in
	status 3 count '. + 1' in in >out 2>err
	grep -q 'its line 1 comes behind line 4' err
}

@test "the state of another program, key or window is refused" {
	input >in
	count '. + 1' in >out
	status 2 count '. + 2' in 2>err
	grep -q 's.db: the state was made with the program . + 1, not . + 2' err
	status 2 ms-fold --state s.db '. + 1' in 2>err
	grep -q 'with the key .k, not (none)' err
	status 2 count --window all '. + 1' in 2>err
	grep -q 'with the window (none), not all' err
	count --reset '. + 2' in >out
	same out '{"k":1,"n":2}' '{"k":2,"n":2}' '{"k":1,"n":4}' \
	    '{"k":1,"n":6}'
}

@test "an event that stops the stage comes again" {
	printf '%s\n' '{"k":1,"v":1}' '{"k":1,"v":"x"}' '{"k":1,"v":2}' >in
	status 1 count --on-error stop '. + $event.v' in >out 2>err
	same out '{"k":1,"v":1,"n":1}'
	printf '%s\n' '{"k":1,"v":1}' '{"k":1,"v":5}' '{"k":1,"v":2}' >in
	count '. + $event.v' in >out 2>err
	same out '{"k":1,"v":5,"n":6}' '{"k":1,"v":2,"n":8}'
}

@test "--dump writes the state as lines, and --load reads them" {
	input | count '.n += 1' >out 2>err
	ms-fold --state s.db --dump >dump
	same dump "{\"key\":1,\"value\":{\"n\":3},\"at\":\"$NOW\"}" \
	    "{\"key\":2,\"value\":{\"n\":1},\"at\":\"$NOW\"}"
	ms-fold --by .k --state t.db --load dump '.n += 1' </dev/null
	ms-fold --state t.db --dump | cmp dump -
	ms-fold --by .k --state u.db --load - '.n += 1' <dump
	ms-fold --state u.db --dump | cmp dump -
	status 3 ms-fold --by .k --state u.db --load - '.n += 1' <<<'x' 2>err
	grep -q 'ms-fold: standard input:1: this is no line of state' err
	echo '{"key":1' >bad
	status 3 ms-fold --by .k --state t.db --load bad '.n += 1' 2>err
	grep -q 'bad:1: this is no line of state' err
	ms-fold --state t.db --dump | cmp dump -
}

@test "open windows stay in the state, and --close writes them" {
	window() {
		ms-fold --by .k --time .t --window 1m --keep 1m \
		    --state w.db '.n += 1' "$@"
	}
	plain() {
		ms-map --lineage off "$@" | ms-trace strip
	}
	printf '{"k":1,"t":%s}\n' 10 70 >a
	printf '{"k":1,"t":%s}\n' 80 15 200 >b
	window a >first
	plain '{n}' first >out
	same out '{"n":1}'
	window b >second
	plain '{n, r: $lineage[0].rev}' second >out
	same out '{"n":2,"r":2}' '{"n":2,"r":null}'
	window --close /dev/null >third
	plain '{n, f: .window.from}' third >out
	same out '{"n":1,"f":"1970-01-01T00:03:00Z"}'
	# all of it is what one run writes
	cat a b >all
	ms-fold --by .k --time .t --window 1m --keep 1m '.n += 1' all |
	    plain '{n, w: .window}' >want
	cat first second third | plain '{n, w: .window}' >got
	cmp want got
	holds second '._lineage[0].of.n == 2'
}

@test "what comes for a window that --close has written is late" {
	local options

	printf '{"t":%s}\n' 10 20 >in
	closing() {
		ms-fold --state w.db --time .t --close "$@" .n+=1 in
	}
	for options in '--window 1m' '--window 1m --late end' \
	    '--window session:50s' '--window session:50s --late 5s'; do
		rm -f w.db
		printf '{"t":%s}\n' 10 20 >in
		# shellcheck disable=SC2086 # the options are words
		closing $options >out
		holds out '.n == 2'
		printf '{"t":%s}\n' 30 75 >>in
		# shellcheck disable=SC2086
		status 1 closing $options >out 2>err
		grep -q 'in:3: it came after its window closed' err
		lines 1 out
		holds out '.n == 1 and .window.to > "1970-01-01T00:01:59"'
	done
}

@test "what went to --late-to stays there when the next run goes on" {
	late() {
		ms-fold --lineage off --state w.db --time .t --window 1m \
		    --late-to late .n+=1 in
	}
	printf '{"t":%s}\n' 10 70 20 >in
	late >out
	same late '{"t":20}'
	echo '{"t":30}' >>in
	late >out 2>err
	same late '{"t":20}' '{"t":30}'
	# without a state all events come again
	ms-fold --time .t --window 1m --late-to late .n+=1 in >out
	lines 2 late
}

@test "with --keep a result that --close has written is revised" {
	closing() {
		ms-fold --state w.db --time .t --window 1m --keep 1h --close \
		    .n+=1 in
	}
	printf '{"t":%s}\n' 10 20 >in
	closing >out
	printf '{"t":%s}\n' 30 75 >>in
	closing >>out 2>err
	jq -c '[.n, ._lineage[0].rev, .window.from[14:19]]' out >got
	same got '[2,null,"00:00"]' '[3,2,"00:00"]' '[1,null,"01:00"]'
}

@test "a signal leaves windows open" {
	mkfifo pipe
	ms-fold --time .t --window 1m --state w.db '.n += 1' <pipe >out 2>err &
	pid=$!
	exec 7>pipe
	echo '{"t":10}' >&7
	has_read() {
		kill -USR1 $pid
		grep -q '^ms-fold: 1 read' err
	}
	eventually takes_signals $pid ms-fold
	eventually has_read
	kill -TERM $pid
	wait $pid || true
	exec 7>&-
	[ ! -s out ]
	ms-fold --time .t --window 1m --state w.db --close '.n += 1' \
	    </dev/null >out
	holds out '.n == 1'
}

@test "two stages can't keep their state in one file; a look at it can be had" {
	mkfifo pipe
	count '. + 1' <pipe >out 2>err &
	pid=$!
	exec 7>pipe
	echo '{"k":1}' >&7
	eventually test -s out
	status 3 count '. + 1' </dev/null 2>err
	grep -q 's.db: another stage keeps its state there' err
	ms-fold --state s.db --dump >dump
	[ "$(jq .value dump)" = 1 ]
	exec 7>&-
	wait $pid
}

@test "a file that is no database, or can't be one, is told" {
	input >s.db
	status 3 count '. + 1' </dev/null 2>err
	grep -q 's.db: it is no SQLite database' err
	status 3 ms-fold --state /no/where . </dev/null 2>err
	grep -q '/no/where: No such file' err
	status 3 ms-fold --state . . </dev/null 2>err
	grep -q 'ms-fold: .: Is a directory' err
	status 3 ms-fold --state none.db --dump 2>err
	grep -q "none.db: it can't be opened" err
	# a file that can't be written to, not even by root
	status 3 ms-fold --state /proc/version . </dev/null 2>err
	grep -q "ms-fold: /proc/version: it can't be opened" err
}

@test "a database of something else is refused, and stays as it is" {
	for tables in 'notes(a)' 'state(key, value, at)' 'meta(name, value)'; do
		rm -f other.db
		sqlite3 other.db "CREATE TABLE $tables;
		    INSERT INTO ${tables%%(*} DEFAULT VALUES"
		cp other.db before.db
		for reset in '' --reset; do
			# shellcheck disable=SC2086 # an option, or none
			status 2 ms-fold --state other.db $reset . \
			    </dev/null 2>err
			grep -q 'other.db: it is a database of something' err
			cmp other.db before.db
		done
	done
}

@test "a database that another program holds locked ends the stage with 3" {
	input >in
	count '. + 1' in >out
	mkfifo sql
	sqlite3 s.db <sql >locked &
	exec 5>sql
	echo "BEGIN EXCLUSIVE; SELECT 'locked';" >&5
	eventually grep -q locked locked
	echo '{"k":3}' >>in
	status 3 count '. + 1' in >out 2>err
	grep -q 's.db: another program holds it locked; .* not written' err
	[ ! -s out ]
	exec 5>&-
	wait $!
	count '. + 1' in >out 2>err
	same out '{"k":3,"n":1}'
}

@test "a corrupt database ends with 3" {
	for i in {1..3000}; do
		echo "{\"k\":$i}"
	done >in
	count '. + 1' in >out
	printf 'this is no page of a database' |
	    dd of=s.db bs=1 seek=8192 conv=notrunc 2>/dev/null
	status 3 count '. + 1' in >out 2>err
	grep -q 's.db: the database is corrupt' err
}

@test "a full disk ends with 3, and the state is that of whole batches" {
	seq -f '{"k":%.0f}' 60000 >all.in
	head -n 10000 all.in >in
	count '. + 1' in >first
	cp all.in in
	# SIGXFSZ is ignored, so that a write beyond the limit fails
	status 3 bash -c 'trap "" XFSZ; ulimit -f 1000
	    ms-fold --lineage off --by .k --as .n --state s.db "$@"' - \
	    '. + 1' in >out 2>err
	grep -q 's.db: .*not written' err
	[ "$(ms-fold --state s.db --dump | wc -l)" -ge 10000 ]
	# what is in the state was, or will be, written
	count '. + 1' in >rest 2>err
	ms-fold --state s.db --dump | grep '^{"key":' >dump
	[ "$(wc -l <dump)" -eq 60000 ]
	[ "$(jq -s 'all(.value == 1)' dump)" = true ]
	cat first out rest | sort -u >all
	[ "$(wc -l <all)" -eq 60000 ]
}

# One kill -9 after another; KILLS=200 takes a minute.
@test "killed at random moments, the state is exact and no line is missing" {
	awk 'BEGIN { srand(5); for (i = 0; i < 200000; i++)
		printf "{\"k\":%d,\"v\":%d}\n", rand() * 2000, i }' >in
	ms-fold --lineage off --by .k '.n += 1 | .s += $event.v' in >want
	kills=0 runs=0
	while [ "$kills" -lt "${KILLS:-20}" ] && [ $runs -lt 1000 ]; do
		runs=$((runs + 1))
		ms-fold --lineage off --by .k --state s.db \
		    '.n += 1 | .s += $event.v' in >out.$runs 2>err &
		pid=$!
		sleep "0.$(printf %03d $((RANDOM % 500)))"
		if kill -9 $pid 2>/dev/null; then
			kills=$((kills + 1))
		fi
		if wait $pid; then
			# it came to its end: all anew
			rm -f s.db* out.*
		fi
	done
	ms-fold --lineage off --by .k --state s.db \
	    '.n += 1 | .s += $event.v' in >out.last 2>err
	jq -c '[.k, .fold]' want | awk -F, '{ last[$1] = $0 }
	    END { for (k in last) print last[k] }' | sort >expected
	ms-fold --state s.db --dump | jq -c 'select(has("key")) | [.key, .value]' |
	    sort >got
	cmp expected got
	# a kill may leave the last line of a file unfinished
	for file in out.*; do
		[ -z "$(tail -c 1 "$file")" ] || sed -i '$d' "$file"
	done
	sort -u want >lines.want
	cat out.* | sort -u | cmp lines.want -
}

@test "events of sessions that are held stay in the state" {
	sessions() {
		ms-fold --lineage off --window session:10s --time .t \
		    --late 10s --by .k --state s.db '. + $event.v' "$@"
	}
	printf '{"k":1,"t":%s,"v":"%s"}\n' 0 a 8 c 5 b >in
	sessions in >out
	[ ! -s out ]
	[ "$(ms-fold --state s.db --dump | jq -c '.value.event.v // empty' |
	    tr '\n' ' ')" = '"a" "c" "b" ' ]
	printf '{"k":1,"t":%s,"v":"%s"}\n' 7 x 40 d >>in
	sessions --close in >out 2>err
	jq -c '[.window.from[14:19], .value]' out >got
	same got '["00:00","abxc"]' '["00:40","d"]'
	run ! sh -c "ms-fold --state s.db --dump | grep '^{\"key\":'"
}

@test "a dumped state goes on elsewhere, with its positions and stream time" {
	input >in
	count '. + 1' in >out
	ms-fold --state s.db --dump >dump
	tail -n 1 dump >last
	same last '{"source":"in","number":4,"forks":""}'
	ms-fold --by .k --state t.db --load dump '. + 1'
	ms-fold --state t.db --dump | cmp dump -
	echo '{"k":2}' >>in
	ms-fold --lineage off --by .k --as .n --state t.db '. + 1' in >out \
	    2>err
	same out '{"k":2,"n":2}'
	windows() {
		ms-fold --lineage off --window 1m --time .t --state "$@"
	}
	printf '{"t":%s}\n' 10 70 >w
	windows v.db '. + 1' w >out
	ms-fold --state v.db --dump >dump
	tail -n 1 dump >last
	same last '{"stage":null,"time":"1970-01-01T00:01:10Z","order":2}'
	windows x.db --load dump '. + 1'
	echo '{"t":20}' >>w
	status 1 windows x.db '. + 1' w >out 2>err
	grep -q 'after its window closed' err
}

@test "half a line that a kill left is ended, and follows whole" {
	mkfifo in
	ms-fold --lineage off --by .k --as .n --state s.db '. + 1' in >out &
	pid=$!
	exec 5>in
	input >&5
	eventually reaches 4 out
	kill -9 $pid
	exec 5>&-
	wait $pid || true
	cp out want
	truncate -s -3 out
	count '. + 1' /dev/null >>out 2>err
	grep -q 'standard output ends within a line' err
	# the last batch is there once more, behind the half
	tail -n 1 want >last
	tail -n 1 out | cmp last -
	[ "$(grep -c '"n":$' out)" -eq 1 ]
	# a whole file gets nothing
	cp out want
	count '. + 1' /dev/null >>out 2>err
	cmp want out
	[ ! -s err ]
}

@test "a small batch behind a large one is written again, and nothing else" {
	seq -f '{"k":%g}' 1 2000 >in
	count '. + 1' in >out
	[ "$(wc -l <out)" -eq 2000 ]
	echo '{"k":1}' >>in
	status 3 count '. + 1' in >/dev/full 2>err
	count '. + 1' in >out 2>err
	same out '{"k":1,"n":2}'
	seq -f '{"k":%g}' 1 2000 >>in
	status 3 count '. + 1' in >/dev/full 2>err
	count '. + 1' in >out 2>err
	[ "$(wc -l <out)" -eq 2000 ]
	[ "$(sed -n '1p;$p' out)" = '{"k":1,"n":3}
{"k":2000,"n":2}' ]
}

@test "the rows of the file are those of the state, whatever the keys' order" {
	printf '{"k":"%s"}\n' b a ab "a\\u0000" é '' aa z >in
	count '. + 1' in >/dev/null
	count '. + 1' - <in >/dev/null 2>err
	ms-fold --state s.db --dump >dump
	[ "$(grep -c '^{"key"' dump)" -eq 8 ]
	[ "$(grep -c '"value":2' dump)" -eq 8 ]
}

# Events of forty keys, whose times go on, and back at times.
wandering() {
	awk 'BEGIN { srand(3); for (i = 0; i < 400; i++)
		printf "{\"k\":%d,\"t\":%d}\n", rand() * 40,
		    i / 2 + rand() * 20 }'
}

# Each run of the stage sees a few events more.
in_pieces() {
	: >out
	for n in {20..400..20}; do
		wandering | head -n "$n" >in
		ms-fold --lineage off --by .k --as .n --state s.db "$@" \
		    '. + 1' in >>out 2>err
	done
}

@test "what --max-keys forgets is the same whether or not the stage began anew" {
	wandering >in
	ms-fold --lineage off --by .k --as .n --max-keys 25 '. + 1' in >want
	in_pieces --max-keys 25
	cmp want out
	rm s.db*
	in_pieces --max-keys 25 --time .t
	cmp want out
}

@test "what --ttl forgets is the same whether or not the stage began anew" {
	wandering >in
	ms-fold --lineage off --by .k --as .n --ttl 5s --time .t '. + 1' \
	    in >want
	in_pieces --ttl 5s --time .t
	cmp want out
}

@test "a dump keeps the order in which --max-keys and --ttl forget" {
	for limit in '--max-keys 25' '--ttl 5s'; do
		wandering >in
		# shellcheck disable=SC2086 # two words
		set -- --lineage off --by .k --as .n --time .t $limit
		ms-fold "$@" '. + 1' in | tail -n +201 >want
		head -n 200 in >first
		tail -n +201 in >rest
		rm -f s.db* new.db*
		ms-fold "$@" --state s.db '. + 1' first >/dev/null
		ms-fold --state s.db --dump |
		    ms-fold "$@" --state new.db --load - '. + 1'
		ms-fold "$@" --state new.db '. + 1' rest | cmp want -
	done
}

@test "a state of before the order of use was kept goes on" {
	sqlite3 s.db "
	    CREATE TABLE state(key TEXT PRIMARY KEY, value TEXT NOT NULL,
		at TEXT) WITHOUT ROWID;
	    CREATE TABLE meta(name TEXT PRIMARY KEY, value) WITHOUT ROWID;
	    CREATE TABLE position(source TEXT PRIMARY KEY,
		number INTEGER NOT NULL, forks TEXT NOT NULL) WITHOUT ROWID;
	    CREATE TABLE output(id INTEGER PRIMARY KEY, text TEXT);
	    INSERT INTO meta VALUES ('version', '1'), ('program', '. + 1'),
		('key', '.k'), ('window', NULL);
	    INSERT INTO state VALUES ('1', '41', NULL);"
	[ "$(ms-fold --state s.db --dump)" = '{"key":1,"value":41}' ]
	echo '{"k":1}' >in
	count '. + 1' in >out
	same out '{"k":1,"n":42}'
}

@test "a byte that has changed in the file is told with its row" {
	input >in
	count '. + 1000' in >/dev/null
	cp s.db good.db
	same <(ms-fold --state s.db --dump | jq -c .value | head -n 2) 3000 1000
	changed() {
		cp good.db s.db
		sqlite3 s.db "$1"
		status 3 count '. + 1000' in >out 2>err
		[ ! -s out ]
		same err "ms-fold: s.db: the row of the $2 isn't as it was written; where that was on purpose, set its sum to NULL"
	}
	changed "UPDATE state SET value = '3008' WHERE key = '1'" 'key 1'
	changed "UPDATE state SET key = '5' WHERE key = '2'" 'key 5'
	changed "UPDATE position SET number = 6" 'source in'
	changed "UPDATE meta SET value = '. + 1001' WHERE name = 'program'" \
	    'fact program'
	changed "UPDATE meta SET name = 'key', value = NULL WHERE name = 'key'" \
	    'fact key'
	changed "UPDATE output SET text = '{}' WHERE id = 1" \
	    'table output'
	status 0 count '. + 1000' --reset in >out
	cp good.db s.db
	sqlite3 s.db "UPDATE state SET value = '7', sum = NULL WHERE key = '1'"
	echo '{"k":1}' >in2
	count '. + 1000' in2 >out
	same out '{"k":1,"n":1007}'
}
