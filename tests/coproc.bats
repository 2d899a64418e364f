#!/usr/bin/env bats
# ms-enrich --coproc: a command that answers.
# shellcheck disable=SC2016 # commands and programs are for others to expand
# shellcheck disable=SC2030,SC2031 # the job of a test is its own
load helper

# Tells each request's text, and notes it.
tell='while IFS= read -r l; do echo "$l" >>asked; echo "{\"v\":$l}"; done'

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	printf '{"k":%s}\n' 1 2 3 >in
	: >asked
	: >out
}

teardown() {
	exec 5>&- 6>&-
	[ -n "${job:-}" ] || return 0
	# What failed may have left a command that waits for ever.
	[ -n "${BATS_TEST_COMPLETED:-}" ] || kill "$job" || true
	wait "$job" || true
}

# enrich CMD ARGS...: without records
enrich() {
	ms-enrich --lineage off --as .r -k .k --coproc "$@"
}

# trickle CMD ARGS...: the same on events that are written to descriptor 5
trickle() {
	mkfifo events
	ms-enrich --lineage off --as .r -k .k --coproc "$@" <events >out 2>err &
	job=$!
	exec 5>events
}

# until_lines N FILE: wait until it has so many
until_lines() {
	eventually reaches "$1" "$2" || {
		cat err >&2
		return 1
	}
}

# Is the process gone, or dead and not yet waited for?
is_over() {
	! grep -qs '^State:[^ZX]*$' "/proc/$1/status"
}

@test "an answer goes where --as says, and the record has its hash" {
	ms-enrich --as .r -k .k --coproc "$tell" in >out
	hash=$(printf '{"v":2}' | sha256sum | cut -c 1-32)
	sed -n 2p out | jq -e --arg h "$hash" --arg cmd "$tell" '.r.v == 2 and
	    ._lineage[0].from == {table: $cmd, hash: $h} and
	    ._lineage[0].rule == ".r = $(.k | \($cmd))"'
	ms-trace strip out | jq -c . >stripped
	same stripped '{"k":1,"r":{"v":1}}' '{"k":2,"r":{"v":2}}' \
	    '{"k":3,"r":{"v":3}}'
}

@test "a key is sent as it is spelled, several as an object, --send's value" {
	echo '{"a":1.10,"b":{"c":["x\u0041" ,null]}}' >in
	cmd='while IFS= read -r l; do printf "%s\n" "$l" >>asked; echo 1; done'
	ms-enrich --as .r -k .a --coproc "$cmd" in >out
	ms-enrich --as .r -k .b --coproc "$cmd" in >out
	ms-enrich --as .r -k .a=x -k .b.c --coproc "$cmd" in >out
	ms-enrich --as .r --send '{n: .a}' --coproc "$cmd" in >out
	ms-enrich --as .r --send-text '"n \(.a) \"x"' --coproc "$cmd" in >out
	ms-enrich --as .r --send-text '.b' --coproc "$cmd" in >out
	same asked '1.10' '{"c":["x\u0041" ,null]}' \
	    '{"x":1.10,"c":["x\u0041" ,null]}' '{"n":1.10}' 'n 1.10 "x' \
	    '{"c":["x\u0041" ,null]}'
}

@test "a constant of several lines is sent on one; text of several isn't sent" {
	ms-enrich --lineage off --as .r --argjson c $'{"a":\n1}' --send '$c' \
	    --coproc cat <<<'{}' >out
	same out '{"r":{"a": 1}}'
	status 1 ms-enrich --as .r --send-text '"a\nb"' --coproc cat \
	    <<<'{}' >out 2>err
	grep -q 'what is sent as text must be one line' err
	[ ! -s out ]
}

@test "null isn't sent; null and an empty line are misses" {
	printf '{"k":%s}\n' null 1 2 3 >in
	cmd='sed -u "s/1//; s/2/null/"'
	enrich "$cmd" in >out
	same out '{"k":null}' '{"k":1}' '{"k":2}' '{"k":3,"r":3}'
	enrich "$cmd" --miss null in | jq -c .r >out
	same out null null null 3
	enrich "$cmd" --default '{"x":0}' in | jq -c .r >out
	same out '{"x":0}' '{"x":0}' '{"x":0}' 3
	status 1 enrich "$cmd" --miss reject in >out 2>err
	same out '{"k":3,"r":3}'
	ms-enrich --as .r -k .k --coproc "$cmd" in |
	    jq -c '._lineage[0].from.miss' >out
	same out true true true null
}

@test "answers are merged, by --columns in part; no object is a reject" {
	cmd='sed -u "s/.*/{\"a\":&,\"b\":\"x\"}/; s/.*:3,.*/3/"'
	status 1 ms-enrich --lineage off --merge -k .k --coproc "$cmd" \
	    in >out 2>err
	same out '{"k":1,"a":1,"b":"x"}' '{"k":2,"a":2,"b":"x"}'
	grep -q 'in:3: .*: the answer is no object: 3$' err
	status 1 ms-enrich --merge -k .k --coproc "$cmd" --columns b,no \
	    in >out 2>err
	head -n 1 out | jq -e '.b == "x" and .no == null and (has("a") | not)
	    and ._lineage[0].from.columns == ["b", "no"]'
}

@test "--each asks for each element, --when only for these events" {
	printf '%s\n' '{"i":[{"k":1},{"k":2}]}' '{"i":[]}' '{"i":[{"k":1}]}' >in
	ms-enrich --lineage off --as .r -k .k --each '.i[]' --coproc cat in >out
	same out '{"i":[{"k":1,"r":1},{"k":2,"r":2}]}' '{"i":[]}' \
	    '{"i":[{"k":1,"r":1}]}'
	ms-enrich --lineage off --as .r -k .i --when '.i | length == 1' \
	    --coproc "$tell" in >out
	same asked '[{"k":1}]'
}

@test "so many requests are under way at once, and no more" {
	# answers by threes, once it has seen that no fourth one is there
	cmd='while read -r a && read -r b && read -r c; do
		if read -r -t 0.05 d; then echo "$d" >more; fi
		printf "%s\n" "$a" "$b" "$c"; done'
	seq 1 9 | sed 's/.*/{"k":&}/' >in
	enrich "exec bash -c '$cmd'" --in-flight 3 in | jq -c '.k == .r' >out
	[ "$(sort -u out)" = true ]
	[ ! -e more ]
}

@test "events that come while one waits are asked for too" {
	trickle 'read -r a; echo >>asked; read -r b; echo "$a"; echo "$b"'
	echo '{"k":1}' >&5
	until_lines 1 asked
	echo '{"k":2}' >&5
	exec 5>&-
	wait "$job"
	same out '{"k":1,"r":1}' '{"k":2,"r":2}'
}

@test "an event is written as soon as its answer is there" {
	mkfifo go
	trickle 'read -r a; echo "$a"; read -r b; read -r g <go; echo "$b"; cat'
	printf '{"k":%s}\n' 1 2 >&5
	until_lines 1 out
	same out '{"k":1,"r":1}'
	echo >go
	until_lines 2 out
	echo '{"k":3}' >&5
	until_lines 3 out
	same out '{"k":1,"r":1}' '{"k":2,"r":2}' '{"k":3,"r":3}'
}

@test "control lines wait behind what is under way, and aren't sent" {
	mkfifo go
	trickle 'read -r a; echo "$a" >>asked; read -r g <go; echo "$a"; '"$tell"
	printf '%s\n' '{"k":1}' '{"ms.barrier":"b","n":1}' \
	    '{"ms.time":"2026-11-25T18:00:00Z"}' '{"k":2}' >&5
	until_lines 1 asked
	[ ! -s out ]
	echo >go
	exec 5>&-
	wait "$job"
	same out '{"k":1,"r":1}' '{"ms.barrier":"b","n":1}' \
	    '{"ms.time":"2026-11-25T18:00:00Z"}' '{"k":2,"r":{"v":2}}'
	same asked 1 2
}

@test "requests and answers larger than a pipe don't block each other" {
	for i in {1..20}; do
		printf '{"k":"%s%s"}\n' "$i" "$(filler 150000)"
	done >in
	enrich cat in | jq -c '.k == .r' | sort | uniq -c >out
	[ "$(tr -s ' ' <out)" = ' 20 true' ]
	enrich cat -j 2 in | jq -c '.k == .r' | sort | uniq -c >out
	[ "$(tr -s ' ' <out)" = ' 20 true' ]
}

@test "windows that are read ahead keep the events' order and numbers" {
	seq 1 60000 | sed 's/.*/{"k":&}/; 50000s/.*/no event/' >big
	status 1 enrich cat --rejects rejects big >out 2>err
	sed '/no/d; s/{"k":\(.*\)}/{"k":\1,"r":\1}/' big | cmp - out
	holds rejects '.line == 50000'
	seq 60001 60003 | sed 's/.*/{"k":&}/' >later
	ms-map --lineage off '.line = $line | .source = $source' big later \
	    2>/dev/null >want || true
	status 1 ms-enrich --lineage off --as .r --coproc cat \
	    --send '[$line, $source, .k]' big later 2>/dev/null >got
	cmp <(jq -c '[.line, .source, .k]' want) <(jq -c .r got)
}

@test "its standard error passes through" {
	enrich 'echo "from it" >&2; cat' in >out 2>err
	same err 'from it'
}

@test "a command that dies is started again, and asked again" {
	cmd='while read -r l; do
		if [ "$l" = 2 ] && [ ! -e died ]; then : >died; exit 7; fi
		echo "$l"; done'
	enrich "$cmd" --stats in >out 2>err
	same out '{"k":1,"r":1}' '{"k":2,"r":2}' '{"k":3,"r":3}'
	grep -q 'ended with status 7, and .* under way; it is started again' err
	grep -q '3 hits, 0 misses, 3 answers, 1 restarts$' err
	# also one that gives one answer each time
	enrich 'read -r l; echo "$l"; exit 1' in >out 2>err
	same out '{"k":1,"r":1}' '{"k":2,"r":2}' '{"k":3,"r":3}'
}

@test "a request of which it dies twice is a reject, and only that one" {
	cmd='while read -r l; do
		if [ "$l" = 2 ]; then kill -9 $$; fi; echo "$l"; done'
	status 1 enrich "$cmd" in >out 2>err
	same out '{"k":1,"r":1}' '{"k":3,"r":3}'
	grep -q 'in:2: .*: it ended twice without an answer to: 2$' err
}

@test "a command that can't be run, or never answers, ends the stage with 3" {
	status 3 enrich no-such-command in >out 2>err
	grep -q 'not found' err
	grep -q "in:1: no-such-command: the shell can't run it (status 127)" err
	[ ! -s out ]
	status 3 enrich 'exit 5' in >out 2>err
	grep -q 'exit 5: ended with status 5, the last of 3 times' err
	status 3 enrich 'while read -r l; do :; done' in >out 2>err
	grep -q 'ended with its input, and left 3 requests without an ans' err
	[ ! -s out ]
}

@test "one that leaves an answer out ends the stage with 3" {
	status 3 enrich 'sed -un 2!p' in >out 2>err
	grep -q 'and left 1 request without an answer: each is' err
}

@test "one that says too much ends the stage with 3" {
	status 3 enrich 'sed -u p' in >out 2>err
	grep -q 'wrote a line that nothing asked for' err
	status 3 enrich 'cat; echo "bye"' in >out 2>err
	grep -q 'a line that nothing asked for: bye; each' err
}

@test "an answer that is no JSON, or two, or too long is a reject" {
	printf '{"k":%s}\n' 1 2 3 4 5 >in
	cmd='sed -u "s/1/{x/; s/2/2 2/; s/3/a\x00b/
		s/4/\"'$(filler 2000)'\"/"'
	status 1 enrich "$cmd" --max-line 1K in >out 2>err
	same out '{"k":5,"r":5}'
	grep -q 'in:1: sed -u .*: the answer is no JSON: 2: .*: {x$' err
	grep -q 'in:2: .*the answer is no JSON: 3: text after the value' err
	grep -q 'in:3: .*the answer is no JSON: 1: ' err
	grep -q 'in:4: .*is longer than --max-line allows: 1024 bytes' err
}

@test "gigabytes in one answer take no more memory than a line may" {
	cmd='read -r l; head -c 300000000 /dev/zero | tr "\0" 1; echo; cat'
	is_asan || ulimit -v 200000
	status 1 enrich "$cmd" --max-line 64K in >out 2>err
	same out '{"k":2,"r":2}' '{"k":3,"r":3}'
}

@test "without an answer in time an event is a miss; late ones are dropped" {
	mkfifo go
	trickle 'read -r a; read -r g <go; echo "late $a"; exec cat' \
	    --timeout 50ms --stats
	echo '{"k":1}' >&5
	until_lines 1 out
	same out '{"k":1}'
	echo >go
	answered() {
		local n=$(($(wc -l <out) + 1))
		echo '{"k":2}' >&5
		until_lines "$n" out
		tail -n 1 out | grep -qF '{"k":2,"r":2}'
	}
	eventually answered
	exec 5>&-
	wait "$job"
	lacks -q late out
	grep -q ' too late' err
}

@test "one that doesn't end with its input is killed, with its children" {
	cmd='sleep 1000 & echo $! >child; echo $$ >parent; cat; sleep 1000'
	# where the machine is too slow for the answers, they have more time
	for limit in 200ms 2s 20s; do
		enrich "$cmd" --timeout $limit in >out 2>err
		[ "$(grep -c '"r"' out)" -lt 3 ] || break
	done
	same out '{"k":1,"r":1}' '{"k":2,"r":2}' '{"k":3,"r":3}'
	grep -q "didn't end when its input did, and was killed" err
	run ! kill -0 "$(cat parent)"
	eventually is_over "$(cat child)"
	# children that hold its pipes open don't keep us
	enrich 'sleep 1000 & cat' in >out 2>err
	[ ! -s err ]
}

@test "one that closes its input or output is taken for dead" {
	filler 100000 | sed 's/.*/{"k":"&"}\n{"k":"&"}/' >in
	status 3 enrich 'exec <&-; exec sleep 1000' in >out 2>err
	status 3 enrich 'exec >&-; cat >/dev/null' in >out 2>err
	grep -q 'before it answered anything' err
}

@test "SIGTERM: what was read is finished, with its answers" {
	mkfifo go
	trickle 'read -r a; echo >>asked; read -r g <go; echo "$a"; exec cat'
	printf '{"k":%s}\n' 1 2 >&5
	until_lines 1 asked
	kill -TERM "$job"
	echo >go
	ended=0
	wait "$job" || ended=$?
	job=
	[ "$ended" -eq 143 ]
	same out '{"k":1,"r":1}' '{"k":2,"r":2}'
}

@test "answers are cached, misses too" {
	printf '{"k":%s}\n' 1 2 1 1 2 0 0 >in
	cmd='while read -r l; do echo "$l" >>asked; echo "${l#0}"; done'
	enrich "$cmd" --cache 10 --stats in >out 2>err
	same asked 1 2 0
	jq -c '.r' out | paste -sd ' ' >row
	same row '1 2 1 1 2 null null'
	grep -q '5 hits, 2 misses, 3 answers, 4 from the cache$' err
}

@test "-j N: so many coprocesses, and events keep their order" {
	seq 1 3000 | sed 's/.*/{"k":&}/' >in
	enrich 'echo $$ >>asked; exec cat' -j 3 in >out
	sed 's/{"k":\(.*\)}/{"k":\1,"r":\1}/' in | cmp - out
	[ "$(sort -u asked | wc -l)" -eq 3 ]
}

@test "--refresh asks again, and only changed answers change events" {
	echo '{"1":"a","2":"b","3":"c"}' >answers
	cmd='jq -c --unbuffered --slurpfile a answers '\''$a[0][tostring]'\'
	ms-enrich --as .r -k .k --coproc "$cmd" in >out
	echo '{"1":"a","2":"B"}' >answers
	ms-enrich --refresh --as .r -k .k --coproc "$cmd" out >again
	[ "$(jq -c '.r' again | paste -sd ' ')" = '"a" "B" null' ]
	[ "$(jq '._lineage | length' again | paste -sd ' ')" = '1 2 2' ]
	cmp <(head -n 1 out) <(head -n 1 again)
}

@test "a stage that never had an answer says so" {
	enrich 'sed -u "s/.*//"' in >out 2>err
	grep -q 'never had an answer$' err
}

@test "options that don't go together are told with the remedy" {
	status 2 ms-enrich --coproc cat --as .r in 2>err
	grep -q -- '-k PATH is missing, or --send PROGRAM' err
	status 2 ms-enrich --coproc cat -k .k in 2>err
	grep -q -- '--as PATH or --merge is missing' err
	status 2 ms-enrich --coproc cat --as .r -k .k --send .k in 2>err
	grep -q -- '-k, --send and --send-text exclude each other' err
	status 2 ms-enrich --coproc cat --as .r --send '.a, .b' in 2>err
	grep -q -- '--send .a, .b: gives several keys' err
	status 2 ms-enrich --coproc cat --as .r -k .k --all in 2>err
	grep -q -- "--all doesn't go with --coproc" err
	status 2 ms-enrich --coproc cat --as .r -k .k --in-flight 0 in 2>err
	grep -q -- "--in-flight: '0' is no number of requests" err
	status 2 ms-enrich --coproc cat --merge -k .k --refresh in 2>err
	grep -q -- '--columns: they say what was set' err
	status 2 ms-enrich -t in --coproc cat --as .r -k .k in 2>err
	grep -q -- '-t and --coproc exclude each other' err
}
