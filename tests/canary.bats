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
	run -1 grep -rlE 'canary|can\\u0061ry|\\u0063anary|7700770' "$@"
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
	lacks -rqF -- "$secret" o
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
	lacks -F "$hash" new
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

# --- by a policy, in every filter ------------------------------------------

# first COMMAND...: it is the first stage that sees the policy: what it writes
# to any place, told by events that are good and lines that aren't.
first() {
	rm -rf o
	mkdir o
	status 1 "$@" --rejects o/rejects --trail o/trail --stats bad in bad >o/out 2>o/messages
	clean o
	[ -s o/rejects ] && [ -s o/messages ]
	jq -e -s '[.[] | select(.withheld)] | length >= 4' o/rejects
	ms-trace replay o/rejects >o/replayed 2>o/replay.messages || true
	clean o
}

# In every filter the events that pass were masked by it, and say so.
masked() {
	holds o/out 'any(._lineage[]; .op == "forget" and .rule == ".p, .log, .e; mask .who")'
	holds o/out '.who | startswith("m:")'
	MS_POLICY='' ms-trace verify --policy p.json o/out
}

# And nothing was done to them before.
masked_first() {
	holds o/out '._lineage[0].op == "forget"'
	masked
}

by_policy() {
	canaries >in
	printf '%s\n' '{"who":"canary-who-77"' '"canary-who-77"' 'canary-who-77,x' \
	    '{"who":"canary-who-77","_lineage":{}}' '{"who":"\ud800canary-who-77"\x}' >bad
	echo '{"mask":[".who"],"forget":[".p",".log",".e"]}' >p.json
	ms-trace keygen key >/dev/null
	export MS_POLICY=p.json MS_KEY_FILE=key
}

@test "a policy's values are in nothing that ms-map writes" {
	by_policy
	first ms-map -n m 'if .id == 2 then error("no: \(.)") elif .id == 3 then empty else .w = .who | .q = .p.mail? end'
	masked_first
	first ms-map -j 2 --on-error pass '.id / (.id - 1) | error'
	first ms-map --when '.id == (1, "\(.who)" | error)' .
	first ms-map --lineage slim '.who |= ascii_upcase | if .id == 2 then error(.) else . end'
	first ms-map -R 'fromjson | if type == "object" and .id == 2 then del(.who, .p, .log) else error end'
}

@test "a policy's values are in nothing that ms-filter writes, nor in its state" {
	by_policy
	first ms-filter --else o/else 'if .id == 2 then error("no: \(.)") else .id == 1 and (.p | not) end'
	masked_first
	[ -s o/else ]
	first ms-filter --else o/else --unique .who --within 1h --time .n --count-as .count
	masked_first
	[ -s o/else ]
	first ms-filter --rate 1/s --by .who --time .n -j 2
	mkdir state
	printf '{"ms.barrier":"b","n":%s}\n' "$(cat in bad | wc -l)" >>in
	MS_STATE=state first ms-filter --unique .who
	[ -n "$(ls state)" ]
	clean state
}

@test "a policy's values are in nothing that ms-enrich writes, sends or asks" {
	by_policy
	printf 'k,v\na,1\n' >t.csv
	first ms-enrich -t t.csv -k .k --miss reject
	masked_first
	first ms-enrich -t t.csv -k .who=k --as .row
	sqlite3 s.db 'create table t(k, v); insert into t values("a", 1)'
	first ms-enrich --sql s.db --bind 'w=.who' --bind 'all="\(.)"' 'select :w as w, :all as x'
	cat >co <<-'X2'
		#!/bin/sh
		while IFS= read -r line; do
			printf '%s\n' "$line" >>o/asked
			echo '{"v":1}'
		done
	X2
	chmod +x co
	first ms-enrich --coproc ./co --send '.' --as .co --in-flight 8
	[ -s o/asked ]
	masked_first
	# what is asked ahead where another stage was to mask is a reject
	jq -c '.mask = {stage: "gate", paths: .mask}' p.json >gate.json
	first ms-enrich --policy gate.json --coproc ./co --send '.' --as .co --in-flight 8
	[ ! -s o/out ]
}

@test "a policy's values are in nothing that ms-fold writes, nor in its state" {
	by_policy
	first ms-fold --by .who --state o/state.db '. as $s | [$event, $s]? | tostring | if test("nothing") then . else "x" end'
	[ -s o/state.db ]
	first ms-fold --by .k --as .sum '(. // 0) + ($event | if .id == 2 then error("no: \(.)") else .n end)'
	masked_first
	first ms-fold --by .who --window count:2 --state o/state.db '{all: (.all + [$event])}'
	ms-fold --state o/state.db --dump --window count:2 >dump
	grep -q 'm:' dump
	clean dump
	mkdir state
	printf '{"ms.barrier":"b","n":%s}\n' "$(cat in bad | wc -l)" >>in
	MS_STATE=state first ms-fold --by .who -j 2 '. + [$event]'
	[ -n "$(ls state)" ]
	clean state
}

@test "a policy's values are in nothing that ms-schema writes" {
	by_policy
	echo '{"properties":{"who":{"enum":["x"]},"n":{"maximum":3},"p":false,"log":{"const":1}}}' >s.json
	first ms-schema -s s.json --all
	echo '{"properties":{"who":{"pattern":"^m:"},"n":{"maximum":3},"p":false}}' >s.json
	first ms-schema -s s.json --all
	masked_first
	mkdir -p d/ev
	echo true | tee d/ev/1.json >d/ev/2.json
	echo 'if .id == 2 then error("no: \(.)") else .e = .who | del(.log) end' >d/ev/1-2.jq
	jq -c '{schema: "ev/1"} + .' in >in1
	mv in1 in
	first ms-schema up -d d --to 2
	holds o/out '.e | startswith("m:")'
	cat o/out bad >up
	MS_POLICY='' ms-schema up -d d --to 2 in 2>/dev/null | MS_POLICY='' ms-map '.who = .e' >in1 || true
	grep -q canary in1
	mv in1 in
	# what the way up added is forgotten: its undo doesn't go any more
	first ms-schema down -d d --to 1
	[ ! -s o/out ]
	grep -q 'path "/e" is not there' o/messages
	echo 'if .id == 2 then error("no: \(.)") else del(.e) end' >d/ev/2-1.jq
	first ms-schema down -d d --to 1
	masked
}

@test "a policy's values are in nothing that ms-trace writes" {
	by_policy
	first ms-trace
	masked_first
	MS_POLICY='' ms-map -n one '.x = .p | del(.p, .log) | .y = 1' in |
	    MS_POLICY='' ms-map -n two '.y = 2 | .z = .x | del(.x)' >old
	grep -q canary old
	mv old in
	first ms-trace revert --stage two
	first ms-trace revert --stage one --on-error pass
}

@test "a policy reaches histories that were written before it" {
	by_policy
	MS_POLICY='' journey >old
	grep -q canary old
	echo '{"mask":[".who",".row.team"],"forget":[".p",".log",".list"]}' >p.json
	ms-filter . old >o1 2>err
	ms-fold --by .k --as .again '. + 1' <o1 >o2 2>>err
	ms-map '.end = .who' o2 >o3 2>>err
	clean o1 o2 o3 err
	MS_POLICY='' ms-trace verify --policy p.json o3
	ms-trace rewind o3 >back 2>named
	clean back named
	grep -q '^ms-trace: .who was forgotten' named
	same <(jq -c '[._lineage[].op | select(. == "forget" or . == "mask")] | length' o3) 1 1 1
}

@test "a policy's values are in no sealed history, and its chain holds" {
	by_policy
	ms-trace keygen seal >/dev/null
	export MS_SEAL_KEY=seal
	MS_POLICY='' ms-trace in | MS_POLICY='' ms-map '.w = .who | del(.who, .log) | .who = "canary-new-77"' >old
	mkdir o
	ms-filter --trail o/trail . old 2>o/m1 | ms-map '.x = 1' >o/new 2>o/m2
	clean o
	MS_POLICY='' ms-trace verify --require-seals --policy p.json o/new
}
