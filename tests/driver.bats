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
	run ! grep -q '"ms\.' other
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
	run ! grep -q 'ms\.' <<<"$output"
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
		[[ $output == *'[failed: string ("x")'* ]]
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
