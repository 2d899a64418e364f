#!/usr/bin/env bats
# ms-filter: which events pass, and where the others go.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	printf '%s\n' '{"n":1,"s":"a"}' '{"n":2,"s":"b"}' '{"n":3,"s":"a"}' >in
}

filter() {
	status 0 ms-filter --lineage off "$@" <in >out
}

@test "events for which the predicate holds pass" {
	filter '.n >= 2'
	same out '{"n":2,"s":"b"}' '{"n":3,"s":"a"}'
}

@test "null and false turn away, everything else passes" {
	printf '%s\n' '{"v":null}' '{"v":false}' '{"v":0}' '{"v":""}' \
	    '{"v":[]}' '{"v":{}}' '{"v":true}' '{}' >in
	filter '.v'
	same out '{"v":0}' '{"v":""}' '{"v":[]}' '{"v":{}}' '{"v":true}'
}

@test "one true output among several is enough" {
	filter '.n == 1, .n == 3'
	same out '{"n":1,"s":"a"}' '{"n":3,"s":"a"}'
}

@test "a true output before an error is enough, an error before it isn't" {
	status 0 ms-filter --lineage off 'true, error("x")' <in >out 2>err
	lines 3 out
	status 1 ms-filter --lineage off 'false, error("x")' <in >out 2>err
	lines 0 out
	lines 3 err
}

@test "no output turns an event away" {
	filter 'empty'
	[ ! -s out ]
	filter 'select(.n == 2)'
	same out '{"n":2,"s":"b"}'
}

@test "an event that passes is counted once, whatever its outputs" {
	filter '., ., .'
	cmp in out
}

@test "what the program computes doesn't change the event" {
	filter '.n = 7 | del(.s)'
	cmp in out
}

@test "a regular expression is a predicate" {
	filter '.s | test("^A$"; "i")'
	same out '{"n":1,"s":"a"}' '{"n":3,"s":"a"}'
}

@test "-v passes what the predicate turns away" {
	filter -v '.n == 2'
	same out '{"n":1,"s":"a"}' '{"n":3,"s":"a"}'
}

@test "-v doesn't pass an event for which the program fails" {
	status 1 ms-filter --lineage off -v '.s.x' <in >out 2>err
	[ ! -s out ]
	lines 3 err
}

@test "-c prints the count alone" {
	filter -c '.n >= 2'
	same out 2
	filter -c 'false'
	same out 0
	filter -c -v '.n >= 3'
	same out 2
	status 0 ms-filter -c true <in >out
	same out 3
}

@test "-c counts over all files" {
	filter -c . in in in
	same out 9
}

@test "-c still exits 1 where lines were rejected" {
	echo bad >>in
	status 1 ms-filter -c true <in >out 2>err
	same out 3
}

@test "-m stops after that many events" {
	filter -m 1 '.s == "a"'
	same out '{"n":1,"s":"a"}'
	filter -m 2 '.s == "a"'
	same out '{"n":1,"s":"a"}' '{"n":3,"s":"a"}'
	filter -m 9 '.s == "a"'
	lines 2 out
}

@test "-m ends without waiting for the end of the input" {
	mkfifo i
	exec {w}<>i # an end that never comes
	cat in >&"$w"
	status 0 within 30 ms-filter --lineage off -m 1 true <i >out
	exec {w}>&-
	same out '{"n":1,"s":"a"}'
}

@test "-m over several files opens no more of them than it needs" {
	status 0 ms-filter --lineage off -m 3 true in no-such-file >out
	cmp in out
}

@test "-m with -c counts no further" {
	filter -c -m 2 true
	same out 2
}

@test "-m means the same with -j 2" {
	awk 'BEGIN { for (i = 0; i < 100000; i++) print "{\"i\":" i "}" }' >in
	filter -j 2 -m 70001 true
	head -n 70001 in | cmp - out
}

@test "-m that is no count is told" {
	status 2 ms-filter -m some true <in >out 2>err
	grep -q '^ms-filter: .*some' err
}

@test "a record names the rule without comments and the space around it" {
	status 0 ms-filter -n pick ' .n  == 1 # one' <in >out
	same <(unsummed out) \
	    "{\"n\":1,\"s\":\"a\",\"_lineage\":[{\"op\":\"filter\",\
\"stage\":\"pick\",\"rule\":\".n  == 1\",\"at\":\"$NOW\"}]}"
}

@test "a rule with quotes, backslashes, newlines and non-ASCII is a string" {
	rule='.s == "a\u0062" or
	.s == "é☃"'
	status 0 ms-filter -v "$rule" <in >out
	[ "$(head -n 1 out | jq -r '._lineage[0].rule')" = "$rule" ]
}

@test "--else FILE gets the others, with their history and kept false" {
	status 0 ms-filter --else rest '.n == 2' <in >out
	lines 1 out
	holds out '._lineage[0] | has("kept") | not'
	lines 2 rest
	holds rest '._lineage[0].kept == false'
	head -n 1 rest >first
	same <(unsummed first) "{\"n\":1,\"s\":\"a\",\"_lineage\":[{\"op\":\"filter\",\
\"rule\":\".n == 2\",\"kept\":false,\"at\":\"$NOW\"}]}"
}

@test "--else with --lineage off writes the events as they came" {
	filter --else rest '.n == 2'
	same rest '{"n":1,"s":"a"}' '{"n":3,"s":"a"}'
}

@test "--else may be a process substitution: a filter is a router" {
	status 0 ms-filter --lineage off \
	    --else >(cat >rest; touch over) '.n == 2' <in >out
	eventually test -e over
	same out '{"n":2,"s":"b"}'
	same rest '{"n":1,"s":"a"}' '{"n":3,"s":"a"}'
}

@test "--else gets an event of a trickle before the next one is sent" {
	mkfifo i rest
	ms-filter --lineage off --else rest false <i >out 3>&- &
	pid=$!
	exec {w}<>i {r}<>rest
	for n in 1 2; do
		echo "{\"n\":$n}" >&"$w"
		read -t 600 -r line <&"$r"
		[ "$line" = "{\"n\":$n}" ]
	done
	exec {w}>&-
	wait "$pid"
}

@test "--else gets no rejects and no barriers" {
	printf '%s\n' '{"n":1}' bad '{"ms.barrier":"b","n":2}' >in
	status 1 ms-filter --lineage off --else rest false <in >out 2>err
	same out '{"ms.barrier":"b","n":0}'
	same rest '{"n":1}'
}

@test "--else on a full disk is told, and the exit is 3" {
	status 3 ms-filter --else /dev/full false <in >out 2>err
	same err 'ms-filter: /dev/full: No space left on device'
}

@test "--else with -j 2 writes the same bytes as with -j 1" {
	awk 'BEGIN { for (i = 0; i < 20000; i++) print "{\"i\":" i "}" }' >in
	status 0 ms-filter -j 1 --else else1 '.i % 3 == 0' <in >out1
	status 0 ms-filter -j 2 --else else2 '.i % 3 == 0' <in >out2
	cmp out1 out2
	cmp else1 else2
	lines 13333 else2
}

@test "--else gets the others with -v as well" {
	filter -v --else rest '.n == 2'
	same out '{"n":1,"s":"a"}' '{"n":3,"s":"a"}'
	same rest '{"n":2,"s":"b"}'
}

@test "a barrier tells how many events passed" {
	echo '{"ms.barrier":"b","n":3}' >>in
	filter '.n == 2'
	same out '{"n":2,"s":"b"}' '{"ms.barrier":"b","n":1}'
}

@test "--on-error pass lets an event through for which the program fails" {
	status 1 ms-filter --lineage off --on-error pass '.s.x' <in >out \
	    2>err || status 0 true
	cmp in out
}

@test "exact 64-bit integers are told apart" {
	printf '%s\n' '{"n":9007199254740993}' '{"n":9007199254740992}' \
	    '{"n":9223372036854775807}' '{"n":9223372036854775806}' >in
	filter '.n == 9007199254740993 or .n == 9223372036854775807'
	same out '{"n":9007199254740993}' '{"n":9223372036854775807}'
}

@test "\$lineage, \$stage, \$line and \$source tell where an event is" {
	status 0 ms-filter -n one 'true' in >once
	status 0 ms-filter --lineage off -n two \
	    '$lineage[0].stage == "one" and $stage == "two" and $line == 2
	    and $source == "once"' once >out
	holds out '.n == 2'
	lines 1 out
	status 0 ms-filter --lineage off \
	    '$lineage == [] and $stage == null and $source == "-"' <in >out
	cmp in out
}

@test "\$line counts in each file anew" {
	status 0 ms-filter --lineage off '$line == 1' in in >out
	same out '{"n":1,"s":"a"}' '{"n":1,"s":"a"}'
}

@test "a program doesn't see the history in the event" {
	status 0 ms-filter true <in >once
	status 0 ms-filter --lineage off 'has("_lineage") or
	    (keys | length) != 2 or ._lineage != null' <once >out
	[ ! -s out ]
}

@test "it works on all of a real web site's log" {
	[ -e "$shared/data/access.ndjson" ] || skip "no ../shared/data"
	status 0 ms-filter --lineage off '.status >= 500' \
	    "$shared/data/access.ndjson" >out
	grep -E '"status":5[0-9][0-9]' "$shared/data/access.ndjson" |
	    cmp - out
	[ -s out ]
}
