#!/usr/bin/env bats
# The loop that all filters share: threads, outputs, signals, control lines.
load helper

@test "a program that recurses without end is told, whatever the stack" {
	echo '{"a":1}' >in
	for size in 1000 8192 512000 unlimited; do
		for j in 1 2; do
			run -1 sh -c 'ulimit -s "$0" || ulimit -Ss "$0"
			    exec ms-map -j "$1" "def f: [f]; f" in' "$size" $j
			[[ $output == *"recurses too deeply"* ]]
		done
	done
}

# --- control lines -----------------------------------------------------

@test "a control line passes in its place, be it known or not" {
	cat >in <<'END'
{"ms.time":"2026-11-25T18:00:00Z"}
{"a":1}
{ "ms.never-heard-of" : [1.10, {"x":"\u00e9"}] , "y":1 }
{"a":2}
{"ms.":0}
{"ms.barrier":"slot-7","n":5}
{"a":3}
{"ms.seal":{}}
END
	body() {
		for j in 1 2; do
			status 0 "$cmd" -j $j "${args[@]}" <in >out
			[ "$(grep -c '"_lineage"' out)" -eq 3 ]
			sed 's/,"_lineage":.*/}/' out | cmp in -
		done
	}
	every body
	ms-map -R --lineage off '{l: .}' <in >out
	sed 's/^{"l":"{\\"a\\":\(.\)}"}/{"a":\1}/' out | cmp in -
	status 0 ms-filter --else other false <in >out
	[ "$(jq -r 'keys_unsorted[0]' out | tr '\n' ' ')" = \
	    'ms.time ms.never-heard-of ms. ms.barrier ms.seal ' ]
	[ "$(jq -c 'select(has("ms.barrier")) | .n' out)" = 3 ]
	lacks -q '"ms\.' other
}

@test "a line of text that only looks like a control line is text" {
	echo '{"ms.time" is no JSON' >in
	run -0 ms-map -R --lineage off '{l: .}' in
	[ "$output" = '{"l":"{\"ms.time\" is no JSON"}' ]
}

@test "no program makes a control line, and no name of a history either" {
	for program in '{"ms.time":1}' '{"ms.":1}' \
	    '{"\u006ds.seal":.}' '., {"ms.x":1}'; do
		run -1 --separate-stderr ms-map --lineage off "$program" \
		    <<<'{"a":1}'
		[ -z "$output" ]
		[[ $stderr == *": an event can't begin with ms."* ]]
	done
	run -0 ms-map --lineage off '{a:1,"ms.x":1}' <<<'{}'
	MS_LINEAGE_KEY=ms.history run -2 ms-map . <<<'{}'
}

@test "a control line ends where what is written is no stream of events" {
	printf '%s\n' '{"ms.time":1}' '{"a":1}' >in
	run -0 ms-filter -c . in
	[ "$output" = 1 ]
	run -0 sh -c 'ms-map . in | ms-trace log'
	lacks -q 'ms\.' <<<"$output"
}

# --- what a program gives ----------------------------------------------

@test "with -R a line of which no event was made is a reject" {
	printf '%s\n' 'a 1' 'nothing' 'b 2' >in
	program='capture("^(?<k>[a-z]) (?<v>[0-9])$")'
	status 1 ms-map -R --lineage off --rejects bad "$program" in >out 2>err
	same out '{"k":"a","v":"1"}' '{"k":"b","v":"2"}'
	same err 'ms-map: in:2: no event was made of this line'
	ms-trace replay bad >back
	same back nothing
	status 0 ms-map -R --lineage off --no-output drop --stats "$program" \
	    in >out 2>err
	lines 2 out
	grep -q '1 dropped' err
}

@test "--no-output says what becomes of an event without output" {
	echo '{"a":1}' >in
	for cmd in ms-map ms-filter; do
		status 0 $cmd empty in >out 2>err
		status 0 $cmd --no-output drop empty in >out 2>err
		[ ! -s err ]
		status 1 $cmd --no-output reject empty in >out 2>err
		same err "$cmd: in:1: the program gave no output"
		[ ! -s out ]
		status 2 $cmd --no-output keep empty in 2>err
	done
	status 0 ms-filter --no-output reject false in >out
	status 0 ms-trace log --no-output reject --where false in >out
}

@test "an event that would become longer than --max-line is a reject" {
	echo '{"a":"0123456789"}' >in
	run -1 ms-map --lineage off --max-line 25 '.a += .a' in
	[[ $output == *'in:1: the event and its history would be a line longer than 25 bytes'* ]]
	run -0 ms-map --lineage off --max-line 30 '.a += "."' in
	run -1 ms-filter --max-line 30 . in
	run -1 ms-filter --max-line 30 --else other false in
	[ ! -s other ]
}

@test "--on-error pass leaves a mark, which the readers show" {
	echo '{"a":"x","_lineage":[{"op":"map","at":"2026-11-22T14:39:44Z"}]}' \
	    >in
	for cmd in ms-map ms-filter; do
		status 0 $cmd --on-error pass '.a + 1' in >out 2>err
		holds out '._lineage[1].failed |
		    startswith("string (\"x\") and number (1) cannot be added")'
		holds out '._lineage[1] | has("undo") | not'
		ms-trace verify out
		run -0 ms-trace log out
		[[ $output == *'      failed: string ("x")'* ]]
		ms-trace strip out >back
		same back '{"a":"x"}'
	done
	# not even where the event had no memory to work with
	run -0 --separate-stderr ms-map --max-memory 100K --on-error pass \
	    '[range(100000)]' in
	[[ $output == *'"failed":"the event needs more than 100 KiB of memory"'* ]]
	run -0 --separate-stderr ms-map --lineage off --on-error pass '.a + 1' in
	[ "$output" = "$(cat in)" ]
}

# --- rejects -----------------------------------------------------------

@test "a reject knows how its line ended, and is replayed with that end" {
	printf 'a\r\n{"a":\r\r\n{"s":"x"}\r\n\xff\r\n[]\nlast\r' >in
	printf 'last' >in2
	status 1 ms-map --rejects bad '.s += 1' in in2 >out 2>err
	ms-trace replay bad | cmp - <(cat in in2)
	[ "$(jq -r '.end | tojson' bad | sort -u | tr '\n' ' ')" = \
	    '"" "\r\n" null ' ]
}

@test "a file whose name isn't UTF-8 makes lines that are JSON" {
	name=$(printf 'a\xffb')
	printf '{"a":1}\nbad\n' >"$name"
	status 1 ms-map --rejects bad '.s = $source' "$name" >out 2>err
	status 0 ms-trace --lineage full --rejects bad2 <out >two 2>err
	status 1 ms-trace "$name" >three 2>err
	status 1 ms-map -R --rejects bad3 'if . == "bad" then error("x") else
	    {l: .} end' "$name" >four 2>err
	for file in out bad two three bad3 four; do
		jq -e . "$file" >/dev/null
		iconv -f UTF-8 -t UTF-8 "$file" >/dev/null
	done
	[ "$(jq -r .s out)" = $'a\xef\xbf\xbdb' ]
	[ "$(jq -r .source bad)" = $'a\xef\xbf\xbdb' ]
	[ "$(jq -r '._lineage[0].from.source' three)" = $'a\xef\xbf\xbdb' ]
	grep -q 'a\\xffb:2: ' err
}

# --- side outputs ------------------------------------------------------

# bad_lines N PREFIX: lines that no filter takes, each with its number
bad_lines() {
	awk -v n="$1" -v p="$2" 'BEGIN {
		for (i = 1; i <= n; i++) printf "%s %d no JSON\n", p, i }'
}

@test "rejects are appended to, by stage after stage and run after run" {
	printf '%s\n' '{"a":"x"}' bad '{"a":1}' >in
	run sh -c 'ms-map --rejects dead . <in 2>/dev/null |
	    ms-map --rejects dead ".a += 1" 2>/dev/null | ms-trace strip'
	[ "$output" = '{"a":2}' ]
	lines 2 dead
	status 1 ms-filter --rejects dead true in >out 2>err
	lines 3 dead
	jq -e . dead >/dev/null
	status 1 ms-filter --rejects dead --truncate true in >out 2>err
	lines 1 dead
}

@test "two writers of 10,000 rejects each leave 20,000 whole lines" {
	bad_lines 10000 first >one
	bad_lines 10000 second >two
	for j in 1 2; do
		rm -f dead
		ms-map -j $j --rejects dead . one >out1 2>err1 &
		first=$!
		ms-filter -j $j --rejects dead true two >out2 2>err2 &
		status 1 wait "$!"
		status 1 wait "$first"
		lines 20000 dead
		[ "$(jq -r .text dead | sort | cksum)" = \
		    "$(sort one two | cksum)" ]
	done
}

@test "a line torn by a neighbour that was killed spoils no other" {
	printf '{"at":"then","text":"torn' >dead
	status 1 ms-map --rejects dead . <<<bad 2>err
	[ "$(tail -n 1 dead | jq -r .text)" = bad ]
	lines 2 dead
}

@test "--else belongs to one filter, which says so to the second" {
	mkfifo in
	ms-filter --lineage off --else other false <in >out &
	pid=$!
	exec {w}>in
	echo '{"a":1}' >&"$w"
	eventually test -s other
	for option in '--else other' '--rejects other' \
	    '--else other --append'; do
		# shellcheck disable=SC2086 # an option and its file
		status 3 ms-filter $option true <<<'{"a":2}' >out2 2>err
		grep -q '^ms-filter: other: another filter' err
		[ ! -s out2 ]
	done
	same other '{"a":1}'
	echo '{"a":3}' >&"$w"
	exec {w}>&-
	wait "$pid"
	same other '{"a":1}' '{"a":3}'
	# it is made anew by the next one, unless that appends
	status 0 ms-filter --lineage off --else other false <<<'{"a":4}'
	same other '{"a":4}'
	status 0 ms-filter --lineage off --else other --append false <<<'{"a":5}'
	same other '{"a":4}' '{"a":5}'
}

@test "two stages of a pipeline don't empty each other's --else, however short it is" {
	printf '{"a":%d}\n' 1 2 3 >in
	for _ in 1 2 3 4 5 6; do
		ms-filter --else f '.a > 1' in 2>err.1 |
		    ms-filter --else f '.a > 2' 2>err.2 >out || :
		cat err.? >err
		lines 1 err
		grep -q 'f: another filter writes to this file' err
	done
	# one run after another has it, with a pipe or without
	for _ in 1 2 3 4 5 6; do
		ms-filter --else f '.a > 1' in | cat >out
		lines 2 out
		status 0 ms-filter --else f '.a > 1' in >out
		lines 1 f
	done
}

@test "two filters share a file of --else by --append" {
	awk 'BEGIN { for (i = 0; i < 10000; i++) printf "{\"i\":%d}\n", i }' >in
	ms-filter --lineage off --else other --append false in &
	first=$!
	ms-filter --lineage off --else other --append false in &
	wait "$first" "$!"
	lines 20000 other
	[ "$(sort other | uniq -c | awk '$1 != 2' | wc -l)" -eq 0 ]
}

@test "devices, FIFOs and descriptors are never refused" {
	echo '{"a":1}' >in
	ms-filter --else /dev/null false in | ms-filter --else /dev/null . &
	status 0 ms-filter --else /dev/null false in
	wait "$!"
	status 0 bash -c 'ms-filter --lineage off --else >(cat >got) false in; wait'
	eventually test -s got
	same got '{"a":1}'
	status 0 ms-filter --lineage off --else /dev/fd/5 false in 5>five
	same five '{"a":1}'
	mkfifo pipe
	cat pipe >got2 &
	status 0 ms-filter --lineage off --else pipe false in
	wait "$!"
	same got2 '{"a":1}'
}

@test "no side output is opened on what the command reads" {
	echo '{"a":1}' >in
	echo '.' >prog
	echo 1 >data
	cp "$examples/hosts.csv" hosts.csv
	ln -s hosts.csv link.csv
	try() {
		local file=$1 what=$2

		shift 2
		cp "$file" before
		status 3 "$@" <in >out 2>err
		grep -q "^$1: .*$file: is $what as well" err
		cmp before "$file"
		[ ! -e new ]
	}
	try in 'an input' ms-map --rejects in .
	try in 'an input' ms-map --rejects in . /dev/null in
	try in 'an input' ms-filter --else new --rejects in . in
	try prog 'the program' ms-filter --else new --rejects prog -f prog
	try data "a variable's file" \
	    ms-map --slurpfile x data --rejects data .
	try data "a variable's file" ms-filter --rawfile x data --else data .
	try link.csv 'the table' ms-enrich -t hosts.csv -k .ip \
	    --rejects link.csv
}

@test "rejects into the file that standard output is sent to lose nothing" {
	printf '%s\n' '{"a":1}' bad '{"a":2}' >in
	# shellcheck disable=SC2094 # that is the point
	status 1 ms-map --lineage off --rejects both . in >both 2>err
	lines 3 both
	[ "$(sed -n 2p both | jq -r .text)" = bad ]
	yes "$(cat in)" | head -n 30000 >long
	sh -c 'ms-map --lineage off --rejects two . long 2>/dev/null |
	    ms-map --lineage off .' >two
	lines 30000 two
	[ "$(grep -c '"text":"bad"' two)" -eq 10000 ]
}

@test "a full disk leaves whole lines, and is told" {
	[ "$(id -u)" -eq 0 ] || skip "mounting takes root"
	mkdir disk
	mount -t tmpfs -o size=64k none disk || skip "no tmpfs here"
	bad_lines 2000 x >in
	for _ in 1 2; do
		run -3 ms-map --rejects disk/dead . in
		[[ $output == *'disk/dead: No space left on device'* ]]
		jq -e . disk/dead >/dev/null
	done
	rm disk/dead
	awk 'BEGIN { for (i = 0; i < 9000; i++) printf "{\"i\":%d}\n", i }' >in
	run -3 sh -c 'ms-map --lineage off . in >disk/out'
	jq -e . disk/out >/dev/null
	[ "$(tail -c 1 disk/out)" = "" ]
	umount disk
}

# --- signals -----------------------------------------------------------

# heedful COMMAND...: no signal is ignored, whatever the shell or whoever
# started the tests (nohup) ignores.
heedful() {
	exec env --default-signal "$@"
}

@test "a signal at any time leaves whole lines, and all that was read" {
	awk 'BEGIN { for (i = 1; i <= 60000; i++)
		printf "{\"i\":%d,\"s\":\"abcdefghijklmnopqrstuvwxyz\"}\n", i }' >in
	signals=(TERM INT HUP)
	numbers=(143 130 129)
	stopped=0
	for n in $(seq 50); do
		: >other
		: >out
		: >err
		heedful ms-filter -j $((n % 3 + 1)) --stats --lineage off \
		    --else other '.i % 3 != 0' in >out 2>err &
		pid=$!
		sleep "0.0$((n % 5))$((n % 10))"
		kill "-${signals[n % 3]}" "$pid" 2>/dev/null || true
		got=0
		wait "$pid" || got=$?
		[ "$got" -eq 0 ] || [ "$got" -eq "${numbers[n % 3]}" ]
		read=$(sed -n 's/^ms-filter: \([0-9]*\) read.*/\1/p' err)
		[ "$got" -eq 0 ] || stopped=$((stopped + 1))
		[ -n "$read" ] || [ ! -s out ]
		sort -t: -k2n out other | cmp - <(head -n "${read:-0}" in)
	done
	echo "$stopped of 50 were stopped"
	[ "$stopped" -gt 0 ]
}

@test "a signal wakes a filter that waits for input, with threads too" {
	mkfifo in
	for j in 1 4; do
		for signal in TERM HUP; do
			rm -f out
			heedful ms-map -j $j --lineage off . in >out 2>err &
			pid=$!
			exec {w}>in
			printf '{"a":1}\n{"a":' >&"$w"
			eventually test -s out
			# it waits for the rest of the line
			eventually asleep "$pid"
			kill -$signal "$pid"
			got=0
			wait "$pid" || got=$?
			exec {w}>&-
			[ "$got" -gt 128 ]
			same out '{"a":1}'
			same err "ms-map: in: a signal ended the reading within\
 a line; its first 5 bytes are lost"
		done
		# also before anybody opened the FIFO to write
		heedful ms-map -j $j . in 2>err &
		pid=$!
		eventually takes_signals "$pid" ms-map
		eventually asleep "$pid"
		kill "$pid"
		status 143 wait "$pid"
		[ ! -s err ]
	done
}

@test "a signal that another thread gets wakes the one that waits for input" {
	mkfifo in
	echo '{"a":1}' >want
	for _ in $(seq 40); do
		rm -f out
		heedful ms-map -j 4 --lineage off . in >out 2>err &
		pid=$!
		exec {w}>in
		cat want >&"$w"
		# who has written it waits for its turn now, with signals shut
		until [ -s out ]; do :; done
		kill -HUP "$pid"
		status 129 wait "$pid"
		exec {w}>&-
		cmp want out
	done
}

# lets_signals_kill PID: it has caught one, and would die of the next
lets_signals_kill() {
	run ! takes_signals "$1" ms-map
}

# has_worked PID: for so long that it is amid its first event
has_worked() {
	local stat

	read -ra stat <"/proc/$1/stat" && [ "${stat[13]}" -ge 10 ]
}

# is_running PID: it is there, and not dead and waited for
is_running() {
	grep -q '^State:[[:space:]]*[RSD]' "/proc/$1/status"
}

@test "a second signal kills a filter that can't end" {
	yes '{"a":1}' | head -n 100000 >in
	mkfifo stuck
	exec {s}<>stuck
	twice() {
		eventually takes_signals "$pid" ms-map
		kill "$pid"
		# the next one is not to be caught, and comes as one of its own
		eventually lets_signals_kill "$pid"
		is_running "$pid"
		kill "$pid"
		status 143 wait "$pid"
	}
	for j in 1 2; do
		heedful ms-map -j $j . in >stuck &
		pid=$!
		# it has written what the FIFO takes, and waits
		eventually read -t 0 -u "$s"
		eventually asleep "$pid"
		twice
		dd if=stuck of=/dev/null bs=1M iflag=nonblock 2>/dev/null || true
		heedful ms-map -j $j 'last(range(1e18))' in >out &
		pid=$!
		eventually has_worked "$pid"
		twice
	done
	exec {s}<&-
}

@test "a signal that is sent twice at once, as timeout does, is one" {
	mkfifo in
	for j in 1 4; do
		heedful ms-map -j $j --lineage off --stats . in >out 2>err &
		pid=$!
		exec {w}>in
		printf '{"a":1}\n' >&"$w"
		eventually test -s out
		kill "$pid" "$pid"
		status 143 wait "$pid"
		exec {w}>&-
		grep -q '^ms-map: 1 read, 1 passed' err
		rm out
	done
}

# shuts_report_out PID: SIGUSR1, until it is taken
shuts_report_out() {
	local mask

	mask=$(sed -n 's/^SigBlk:[[:space:]]*//p' "/proc/$1/status")
	runs "$1" ms-map && ((16#${mask:-0} & 1 << 9))
}

@test "SIGUSR1 doesn't kill while the options are read" {
	mkfifo prog in
	ms-map --lineage off -f prog in >out 2>err &
	pid=$!
	# it waits for somebody who writes the program
	eventually shuts_report_out "$pid"
	eventually asleep "$pid"
	kill -USR1 "$pid"
	echo . >prog
	exec {w}>in
	echo '{"a":1}' >&"$w"
	eventually test -s out
	exec {w}>&-
	wait "$pid"
	grep -q '^ms-map: [01] read' err
}

# --- all or nothing ----------------------------------------------------

@test "an event's outputs are all written, or it is a reject" {
	printf '%s\n' '{"a":1}' '{"a":2}' '{"a":3}' >in
	many='(range(60000) as $i | .i = $i | .p = "x" * 50)'
	for j in 1 2; do
		for last in '{"ms.time":1}' '7' 'error("no")' \
		    '{"_lineage":1}' '{"a":("x" * 2000)}'; do
			rm -f dead
			status 1 ms-map -j $j --lineage off --max-line 1000 \
			    --rejects dead "if .a == 2 then $many, $last
			    else . end" in >out 2>err
			same out '{"a":1}' '{"a":3}'
			ms-trace replay dead >back
			same back '{"a":2}'
			status 0 ms-map -j $j --lineage off --on-error pass \
			    --max-line 1000 "if .a == 2 then $many, $last
			    else . end" in >out 2>err
			cmp in out
		done
		status 0 ms-map -j $j "$many" in >out$j
		lines 180000 out$j
	done
	cmp out1 out2
	holds out1 '._lineage[0].fork == [.i + 1, 60000]'
}

@test "an event that becomes 200 MB is written in little memory" {
	is_asan && skip "ASan takes memory of its own"
	/usr/bin/time -f %M -o peak ms-map --lineage off \
	    '("x" * 20000) as $p | range(10000) | {i: ., p: $p}' \
	    <<<'{}' >out
	lines 10000 out
	[ "$(tail -n 1 peak)" -le 32768 ]
}

@test "outputs that were left without undo are counted once each" {
	status 0 ms-map --lineage-cap 10 --stats 'range(30000) as $i |
	    .i = $i | .p = "x" * 50' <<<'{"a":1,"i":"0123456789"}' >out 2>err
	lines 30000 out
	grep -q '30000 truncated' err
}

@test "MS_REJECTS names one log for all stages, whole behind each barrier" {
	printf '%s\n' 1 '{"a":1}' '{"a":"x"}' '{"ms.barrier":"b","n":3}' >in
	status 0 bash -c 'MS_REJECTS=log ms-filter true <in |
	    MS_REJECTS=log ms-map "if .a == \"x\" then error(\"no\") else . end" |
	    MS_REJECTS=log ms-filter --rejects own true' >out 2>err
	lines 2 log
	holds log '.error != null'
	[ ! -s own ]
	grep -qxF '{"ms.barrier":"b","n":1}' out
}
