#!/usr/bin/env bats
# What is said to people who got something wrong, and that nobody else is
# told so.
load helper

@test "typical slips in programs are named, with the place and the remedy" {
	grep -v '^#' "$root/tests/words.txt" >cases
	[ "$(wc -l <cases)" -ge 90 ]
	while IFS=$'\t' read -r cmd program place message; do
		status 2 "$cmd" "$program" </dev/null >out 2>err
		[ ! -s out ]
		head -n 1 err >said
		same said "$cmd: program:$place: $message" || {
			echo "program: $program" >&2
			return 1
		}
	done <cases
}

@test "a constant pattern that comes from --arg is checked as well" {
	status 2 ms-map --arg re 'a(' '.a | test($re)' </dev/null >out 2>err
	head -n 1 err >said
	same said 'ms-map: program:1:11: the pattern in $re is wrong at byte 3: missing closing parenthesis'
}

@test "an assignment may stand before what decides" {
	echo '{"n":1}' >in
	for program in '(.n = 6) | true' '(.n = 6) | .n == 6' \
	    'select(.n) | .b = 1' '.n = 7 | del(.s)' '{a: (.b = 1)} | .a'; do
		status 0 ms-filter --lineage off "$program" <in >out
		cmp in out
	done
	status 0 ms-filter --lineage off '(.n = 6) | .n == 5' <in >out
	[ ! -s out ]
}

@test "a slip that is one for some events only is named when it fails" {
	local dash="a key with '-' stands in quotes: is"

	# failing PROGRAM MESSAGE: what is said behind the error itself.
	failing() {
		status 1 ms-map "$1" <<<'{"a":3,"l":[1]}' >out 2>err
		sed 's/.*[0-9]); //' err >said
		same said "$2"
	}
	failing '.content-type' "$dash '.\"content-type\"' meant?"
	failing '.a = .x.user-type' "$dash '.\"user-type\"' meant?"
	failing '.l.length > 1' "a function stands behind a '|': is ' | length' meant?"
	failing '.a.tostring' "a function stands behind a '|': is ' | tostring' meant?"
	failing '[1] | not .a.b' "'not' stands behind a '|': is '.a.b | not' meant?"
	for program in '.a - type' '(.a)-type' '.a | knot .b' '.a .b'; do
		status 1 ms-map "def knot: 1; $program" <<<'{"a":3}' >out 2>err
		lacks meant err
	done
	status 0 ms-map --lineage off '{r: (.a-length), s: (2026-11-25),
	    t: (.a > 2026 - 11 - 25), c: (try (.b-type) catch .)}' \
	    <<<'{"a":3}' >out
	same out '{"r":2,"s":1990,"t":false,"c":"null (null) and string (\"object\") cannot be subtracted"}'
}

@test "a function of the program's own has its own name" {
	echo '{"a":"x"}' >in
	status 0 ms-map --lineage off \
	    'def test(f): .b = f; def len: length; test("(") | .n = len' \
	    <in >out
	same out '{"a":"x","b":"(","n":2}'
}

# told MESSAGE COMMAND...: exits with 2 before anything is read, and says so.
told() {
	local message=$1

	shift
	status 2 "$@" </dev/null >out 2>err
	[ ! -s out ]
	head -n 1 err >said
	same said "$message"
}

@test "options of jq and others are told what to do instead, in one line" {
	local plain="what is written are events; for plain text put"

	for cmd in $(filters); do
		told "$cmd: there is no option -r: $plain 'jq -r' behind" "$cmd" -r
		told "$cmd: there is no option --raw-output: $plain 'jq -r' behind" \
		    "$cmd" --raw-output
		lines 1 err
		"$cmd" --help >help
		[ "$cmd" = ms-fold ] || {
			status 2 "$cmd" --state f </dev/null 2>err
			grep -q "^$cmd: there is no option --state: .ms-fold" err
		}
		for option in -s -S -e --slurp --tab --indent --seq --stream \
		    --null-input --unbuffered -i --ignore-case; do
			! grep -q -e "^  ${option}[, ]" help || continue
			status 2 "$cmd" "$option" </dev/null 2>err
			grep -q "^$cmd: there is no option $option: " err
			lines 1 err
		done
	done
}

@test "ms-map takes -c, which jq users write, and ms-filter counts with it" {
	echo '{"a":1}' >in
	status 0 ms-map --lineage off -c . <in >out
	cmp in out
	status 0 ms-map --lineage off --compact-output . <in >out
	cmp in out
	status 0 ms-filter -c . <in >out
	same out 1
	told 'ms-trace: there is no option -c: each event is written on one line as it is' \
	    ms-trace -c
}

@test "a long option isn't abbreviated, and its whole name is told" {
	for option in --line --lineag --lineag=off; do
		told "ms-map: there is no option ${option%=*}; options aren't abbreviated: is '--lineage' meant?" \
		    ms-map "$option" .
	done
	told "ms-map: there is no option --rejcts; is '--rejects' meant?" \
	    ms-map --rejcts x .
	told "ms-map: there is no option --xyzzy" ms-map --xyzzy .
}

@test "an option without its value, or with one too many, is told" {
	told 'ms-map: --name needs NAME behind it' ms-map --name
	told 'ms-map: -n needs NAME behind it' ms-map -n
	told 'ms-map: --stats=3 takes no value' ms-map --stats=3 .
	told "ms-map: a program is missing; -n names the stage, and took '{a: 1}'" \
	    ms-map -n '{a: 1}'
}

@test "what stands behind -- is no option" {
	echo '{"a":1}' >--lin
	status 0 ms-map --lineage off -- . --lin >out
	cmp ./--lin out
}

@test "a file where the program belongs is told" {
	echo '{"a":1}' >access.ndjson
	status 2 ms-filter access.ndjson </dev/null >out 2>err
	tail -n 1 err >said
	same said "ms-filter: 'access.ndjson' is a file, and stands where the program belongs: ms-filter PROGRAM FILE, or ms-filter -f PROGRAM-FILE FILE"
	status 0 ms-filter --lineage off .a access.ndjson >out
	cmp access.ndjson out
}

@test "a misspelled subcommand of ms-trace is told, and nothing is traced" {
	echo '{"a":1}' >in
	told "ms-trace: 'lgo' is neither a file nor a subcommand; is 'log' meant?" \
	    ms-trace lgo in
	told "ms-trace: 'balme' is neither a file nor a subcommand; is 'blame' meant?" \
	    ms-trace balme in
	told "ms-trace: 'stat' is neither a file nor a subcommand; is 'stats' meant?" \
	    ms-trace stat in
	told "ms-trace: 'log' is no file; a subcommand comes first: ms-trace log" \
	    ms-trace in log
	cp in lgo
	status 0 ms-trace --lineage off lgo in >out
	lines 2 out
}

@test "ms-trace help shows the help, of a subcommand too" {
	status 0 ms-trace help >out
	status 0 ms-trace --help >wanted
	cmp wanted out
	status 0 ms-trace help log >out
	status 0 ms-trace log --help >wanted
	cmp wanted out
	told "ms-trace: 'balme' is neither a file nor a subcommand; is 'blame' meant?" \
	    ms-trace help balme
}

@test "a long option with one dash, or with a value too many, is told" {
	told "ms-map: there is no option -l; is '--lineage' meant?" \
	    ms-map -lineage off .
	told "ms-map: there is no option -r; is '--rejects' meant?" \
	    ms-map -n x -rejects=bad .
	told "ms-map: there is no option -z" ms-map -zq .
	told "ms-map: there is no option -y" ms-map . -y
	told "ms-map: --help=x takes no value" ms-map --help=x
}

@test "--help of each command and subcommand fits a screen" {
	for cmd in $(commands); do
		status 0 "$cmd" --help >out
		[ "$(wc -l <out)" -le 24 ]
		lacks -nE '.{81}' out
	done
	for sub in log blame diff rewind verify stats graph export report of strip \
	    replay account why show forget compare test shrink revert seal \
	    keygen; do
		status 0 ms-trace help "$sub" >out
		[ "$(wc -l <out)" -le 24 ]
		lacks -nE '.{81}' out
	done
	for sub in check infer compare up down test; do
		status 0 ms-schema "$sub" --help >out
		[ "$(wc -l <out)" -le 24 ]
		lacks -nE '.{81}' out
	done
}

# is WHAT REMEDY [PLACE]: the input in the file is told as that, once, with what
# turns it into events; -j 3 tells the same.
is() {
	local status=0

	printf '%s\n' "ms-filter: in:${3:-1}: $1: $2 | ms-filter ..." >wanted
	ms-filter -c . in >out 2>err || status=$?
	[ "$status" -eq 1 ]
	grep -v 'more lines\{0,1\} w' err | cmp wanted -
	ms-filter -j 3 -c . in 2>err >/dev/null || :
	grep -v 'more lines\{0,1\} w' err | cmp wanted -
}

@test "an input that isn't lines of events is told as what it is, once" {
	local one='an event stands on one'

	printf '{"a":1}\n{"a":2}\n{"a":"x"}\n' >events
	for _ in $(seq 10); do cat events; done >many
	gzip -c many >in && is 'compressed by gzip' 'zcat in'
	bzip2 -c many >in && is 'compressed by bzip2' 'bzcat in'
	iconv -t UTF-16LE many >body
	(printf '\xff\xfe' && cat body) >in
	is 'UTF-16, not UTF-8' 'iconv -f UTF-16 in'
	cp body in && is 'UTF-16, not UTF-8' 'iconv -f UTF-16LE in'
	iconv -t UTF-16BE many >in
	is 'UTF-16, not UTF-8' 'iconv -f UTF-16BE in'
	jq . many >in
	is "JSON over several lines, but $one" 'jq -c . in'
	jq -s . many >in
	is 'an array over several lines, but each event stands on one of its own' \
	    "jq -c '.[]' in"
	jq -cs . many >in
	is 'an array, but an event is an object on a line of its own' \
	    "jq -c '.[]' in"
	jq -c . many | paste -sd '  \n' >in
	is 'several values on one line' 'jq -c . in' 1:9
	jq -c . many | sed 's/^/\x1e/' >in
	is 'a record separator before the object' "tr -d '\\036' <in" 1:1
}

@test "what the remedy makes are events" {
	printf '{"a":1}\n{"a":2}\n' >events
	jq . events >in
	ms-filter . in 2>err || :
	remedy=$(sed -n '1s/.*: \(.*\) | ms-filter \.\.\./\1/p' err)
	sh -c "$remedy | ms-filter --lineage off ." >out
	cmp events out
}

@test "a byte order mark in the middle is told, and the rest goes on" {
	printf '{"a":1}\n\xef\xbb\xbf{"a":2}\n\xef\xbb\xbf{"a":3}\n{"a":4}\n' >in
	status 1 ms-filter --lineage off . in >out 2>err
	same out '{"a":1}' '{"a":4}'
	[ "$(grep -c 'byte order mark' err)" -eq 1 ]
	printf '{"a":1}\n{"a":2}\nbad\n' >wanted
}

@test "an event behind NULs, as a crash leaves them, isn't lost with them" {
	(printf '{"a":1}\n' && head -c 70000 /dev/zero &&
	    printf '{"a":2}\n{"a":3}\n' && head -c 3 /dev/zero &&
	    printf '{"a":4}\n{"a":5}') >in
	for j in 1 3; do
		status 1 ms-filter -j "$j" --lineage off --stats \
		    --rejects bad . in >out 2>err
		same out '{"a":1}' '{"a":2}' '{"a":3}' '{"a":4}' '{"a":5}'
		grep -q '^ms-filter: in:2: 70000 NUL bytes before the event' err
		grep -q '5 passed, .* 2 rejected' err
		jq -c '[.line, .error[:17]]' bad >told
		rm bad
		same told '[2,"70000 NUL bytes b"]' '[4,"3 NUL bytes befor"]'
	done
	status 1 ms-filter --lineage off '$line >= 4' in >out 2>err
	same out '{"a":4}' '{"a":5}'
}

@test "NULs beyond --max-line don't take the event behind them along" {
	(printf '{"a":1}\n' && head -c 3000000 /dev/zero &&
	    printf '{"a":2}\n{"a":3}\n' && head -c 150 /dev/zero &&
	    printf '{"a":4}\n' && head -c 3000000 /dev/zero) >in
	for j in 1 3; do
		status 1 ms-filter -j "$j" --lineage off --max-line 100 \
		    --rejects bad . in >out 2>err
		same out '{"a":1}' '{"a":2}' '{"a":3}' '{"a":4}'
		jq -c '[.line, .error[:18]]' bad >told
		rm bad
		same told '[2,"3000000 NUL bytes "]' '[4,"150 NUL bytes befo"]' \
		    '[5,"3000000 NUL bytes "]'
	done
	tail -c +1 in | status 1 ms-filter --lineage off --max-line 100 \
	    '$line == 4' >out 2>err
	same out '{"a":4}'
}

@test "an ordinary bad line is told as before, with its column" {
	printf '{"a":1}\n{"a":\n{"a":1}}\n{"a" 1}\n{"a":1,\n' >in
	status 1 ms-filter --lineage off . in >out 2>err
	[ "$(grep -c '^ms-filter: in:[2-5]:[0-9]*: ' err)" -eq 4 ]
}

@test "a filter that waits for a terminal says so, once" {
	status 0 script -qec "ms-filter --lineage off ." /dev/null \
	    < <(printf '{"a":1}\n\4') >out
	[ "$(grep -c 'ms-filter: reading events from the terminal' out)" -eq 1 ]
	echo '{"a":1}' >in
	status 0 script -qec "ms-filter --lineage off . in" /dev/null </dev/null >out
	lacks terminal out
	status 0 ms-filter --lineage off . <in 2>err >out
	[ ! -s err ]
}

@test "with --stats a stage that lets nothing pass says so" {
	printf '{"a":1}\n{"a":2}\n' >in
	status 0 ms-filter --stats '.a == 3' in >out 2>err
	tail -n 1 err >said
	same said 'ms-filter: no event passed: PROGRAM was true of none'
	status 0 ms-map --stats 'empty' in >out 2>err
	tail -n 1 err >said
	same said 'ms-map: no event was written: none gave an output'
	status 0 ms-filter --stats '.a == 2' in >out 2>err
	lines 1 err
	status 0 ms-filter --stats '.a == 2' </dev/null >out 2>err
	lines 1 err
}

@test "a program that begins with a minus sign is told how it goes in" {
	told "ms-map: there is no option -.; a program that begins with '-' stands behind --" \
	    ms-map '-.a'
	echo '{"a":1}' >in
	status 0 ms-filter --lineage off -- '-.a' <in >out
	cmp in out
}
