#!/usr/bin/env bats
# Canary values in every place of an event and of a table, through every
# filter, option, output and message: what was forgotten is in nothing that was
# written.
# shellcheck disable=SC2030,SC2031 # each test has an environment of its own
load helper

setup_file() {
	export MS_NOW=2026-11-22T14:39:44.123456Z
}

# Two persons: the values of the first one are to go, in every spelling.
canaries() {
	cat <<'X'
{"id":1,"who":"canary-who-77","p":{"mail":"canary-mail-77","n":770077007700,"by":{"canary-key-77":{"a":"canary-deep-77"}},"t":["canary-t-77",true,{"x":"canary-x-77"}]},"k":"a","n":2,"log":"seen canary-mail-77 twice"}
{"id":2,"who":"\u0063anary-who-77","p":{"ma\u0069l":"can\u0061ry-mail-77","mail":"canary-second-77","n":7.70077007700e11},"k":"b","n":5,"log":"-"}
{ "id" : 3 , "who" : "canary-who-77", "p" : [ "canary-t-77" , { "mail" : "canary-mail-77" } ] , "k" : "a" , "n" : 1 }
X
}

PATHS=(--forget .who --forget .p --forget .log)

# clean FILE...: none of them tells a canary.
clean() {
	run ! grep -rlE 'canary|can\\u0061ry|\\u0063anary|7700770' "$@"
}

@test "what is forgotten first is in nothing that any filter writes" {
	canaries >in
	printf '%s\n' '{"who":"canary-who-77"' '"canary-who-77"' 'canary-who-77,x' \
	    '{"who":"canary-who-77","_lineage":{}}' '{"who":"\ud800canary-who-77"\x}' >>in
	mkdir o
	status 1 ms-map "${PATHS[@]}" --rejects o/r1 --trail o/t1 --stats -n out \
	    'if .id == 2 then error("no: \(.)") else .w = .who | .q = .p.mail? end' in >o/e1 2>o/m1
	status 1 ms-map "${PATHS[@]}" --on-error pass -j 2 '.id / (.id - 1) | error' in >o/e2 2>o/m2
	printf 'k,v\na,1\n' >t.csv
	echo '{"type":"object","properties":{"who":false,"n":{"maximum":1}}}' >s.json
	status 1 ms-map "${PATHS[@]}" . in 2>o/m3 |
	    ms-trace 2>o/m4 | tee o/e3 |
	    ms-filter --else o/else --trail o/t2 --stats '.n > 1 and (.who | not)' 2>o/m5 | tee o/e4 |
	    ms-enrich -t t.csv -k .k --stats 2>o/m6 | tee o/e5 |
	    ms-fold --by .k --as .sum '(. // 0) + ($event.n // 0)' 2>o/m7 | tee o/e6 |
	    ms-schema check s.json --rejects o/r2 2>o/m8 >o/e7 || true
	clean o
	[ -s o/e3 ] && [ -s o/else ] && [ -s o/m1 ] && [ -s o/r1 ] && [ -s o/t1 ]
	# what was not taken out is there: the test sees canaries
	ms-map --lineage off . in 2>m >e || true
	grep -q canary e
}

# A history that has the values in every kind of undo, and in its rules.  A
# program that copies, as for .list, makes values of their own, of which numbers
# and keys go by their own paths.
journey() {
	canaries >in
	printf 'who,team\ncanary-who-77,canary-team-77\n' >t.csv
	ms-trace in | ms-enrich -t t.csv -k .who --as .row |
	    ms-map -n moved '.q = .p | del(.p) | .copy = .who | .log = null' |
	    ms-map -n rule 'if .who == "canary-who-77" then .hit = true else . end' |
	    ms-map -n whole '{id, k, n, list: [., .q]}' |
	    ms-fold --by .k --as .sum '(. // 0) + ($event.n // 0)' |
	    ms-map -n final 'del(.list) | .done = true'
}

@test "what is forgotten last is in no history, and no reader tells it" {
	journey >old
	grep -q canary old
	ms-trace forget .who .p .log .row.team .list old >new 2>err
	mkdir o
	cp new err o
	clean o
	status 0 ms-trace verify new
	ms-trace log new >o/log
	ms-trace log -p new >o/logp
	ms-trace log --oneline new >o/line
	ms-trace blame new >o/blame
	ms-trace blame --json new >o/blamej
	ms-trace why .done .hit .who .p.mail -- new >o/why2 2>&1
	ms-trace diff new >o/diff
	ms-trace diff --patch new >o/patch
	ms-trace stats new >o/stats
	ms-trace graph new >o/graph
	ms-trace graph -T svg new >o/svg
	ms-trace report -o o/page.html new
	for t in otlp openlineage prov; do
		ms-trace export -T "$t" new >o/"$t" 2>o/"$t".err
	done
	run -1 ms-trace revert --stage final new
	echo "$output" >o/revert
	for n in 1 2 3 4 5 6 7; do
		ms-trace rewind --before "$n" new >o/back"$n" 2>o/back"$n".err
	done
	clean o
	[ -s o/log ] && [ -s o/page.html ] && [ -s o/prov ] && [ -s o/back2 ]
	# every state is there, and is otherwise what it was
	for n in 2 5 7; do
		ms-trace rewind --before "$n" old | ms-trace strip |
		    jq -cS 'del(.who, .p, .log, .row, .q, .copy, .list)' >was
		ms-trace strip o/back"$n" |
		    jq -cS 'del(.who, .p, .log, .row, .q, .copy, .list)' >is
		cmp was is
	done
}

@test "masks tell nothing, and no key is in anything that is written" {
	journey >old
	ms-trace keygen key >id
	secret=$(cut -d ' ' -f 4 key)
	mkdir o
	ms-trace forget --mask .who --mask .p --mask .row.team .log .list --key-file key old >o/new 2>o/err
	canaries | ms-map --mask .who --mask .p --key-file key --forget .log --stats --trail o/t \
	    'select(.id != 2)' >o/e 2>o/m
	clean o
	grep -q "m:$(cat id):" o/e
	run ! grep -rqF -- "$secret" o
	# the mask in the event is that of the value, wherever it came from
	[ "$(jq -r 'select(.id == 1).who' o/e)" = \
	    "$(canaries | head -n 2 | tail -n 1 | ms-map --lineage off --mask .who --key-file key . | jq -r .who)" ]
}

@test "a rule that spells the value is told by its hash, which goes too" {
	export MS_RULES=rules
	canaries | head -n 1 |
	    ms-map --lineage compact 'if .who == "canary-who-77" then .hit = "yes, that is the one" else . end' >old
	grep -q canary rules
	ms-trace forget .who .p .log old >new 2>err
	clean new err
	hash=$(jq -r .rule rules)
	same err "ms-trace: MS_RULES: rules: the rule $hash spells a value that was forgotten: take its line out"
	run ! grep -F "$hash" new
	[ "$(jq -r '._lineage[0].rule' new)" = '(forgotten)' ]
}

@test "what a coprocess is asked ahead holds nothing that is forgotten" {
	canaries >in
	cat >co <<'X'
#!/bin/sh
while IFS= read -r line; do
	printf '%s\n' "$line" >>asked
	echo '{}'
done
X
	chmod +x co
	ms-map "${PATHS[@]}" . in 2>/dev/null |
	    ms-enrich --coproc ./co -k .id --as .co >out 2>err
	[ -s asked ]
	clean asked out err
}
