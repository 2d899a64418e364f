#!/usr/bin/env bats
# ms-trace: identities given, histories read, changes taken back.
load helper

uuid7='^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'

# Events that went through four stages, in four; s1 to s3 are on the way.
journey() {
	printf '%s\n' '{"ip":"192.0.2.1","status":500,"bytes":1250,"user":"-"}' \
	    '{"ip":"192.0.2.2","status":502,"bytes":1.10,"user":"\u00e9"}' >in
	ms-trace in >s1
	ms-filter '.status >= 500' <s1 >s2
	ms-enrich -t "$examples/hosts.csv" -k .ip --miss null <s2 >s3
	ms-map -n price '.cost = .bytes * 0.01 | del(.user)' <s3 >four
}

@test "each event gets an id and its origin" {
	printf '%s\n' '{"a":1}' '' '{"a":2}' >in
	status 0 ms-trace in >out
	holds out '._lineage[0] | keys_unsorted ==
	    ["op","id","from","at","sum"]'
	holds out '._lineage[0] | .op == "trace" and .from.source == "in"'
	[ "$(jq -c '._lineage[0].from.line' out | tr '\n' ' ')" = '1 3 ' ]
	[ "$(jq -r '._lineage[0].id' out | grep -cE "$uuid7")" -eq 2 ]
	[ "$(jq -r '._lineage[0].id' out | sort -u | wc -l)" -eq 2 ]
}

@test "standard input is the origin -" {
	echo '{"a":1}' | ms-trace >out
	holds out '._lineage[0].from == {"source":"-","line":1}'
}

@test "ids don't repeat, and rise with time" {
	unset MS_NOW
	yes '{"a":1}' | head -n 20000 | status 0 ms-trace -j 1 >out
	jq -r '._lineage[0].id' out >ids
	[ "$(grep -cE "$uuid7" ids)" -eq 20000 ]
	sort -c -u ids
	before=$(date +%s)
	echo '{"a":1}' | ms-trace | jq -r '._lineage[0].id' >later
	[[ $(tail -n 1 ids) < $(cat later) ]]
	# the first 48 bits are milliseconds since 1970
	ms=$((16#$(tr -d - <later | cut -c 1-12)))
	[ $((ms / 1000)) -ge "$before" ]
	[ $((ms / 1000)) -le "$(date +%s)" ]
}

@test "ids don't repeat over threads" {
	unset MS_NOW
	yes '{"a":1}' | head -n 20000 | status 0 ms-trace -j 2 >out
	[ "$(jq -r '._lineage[0].id' out | sort -u | wc -l)" -eq 20000 ]
}

@test "MS_NOW makes ids the same in every run" {
	yes '{"a":1}' | head -n 100 >in
	ms-trace in >out1
	ms-trace in >out2
	cmp out1 out2
	[ "$(jq -r '._lineage[0].id' out1 | sort -u | wc -l)" -eq 100 ]
}

@test "an event that has an id gets a plain record, a checkpoint" {
	echo '{"a":1}' >in
	ms-trace in >once
	status 0 ms-trace -n later once >out
	holds out '._lineage | length == 2'
	jq -c '._lineage[1]' out >record
	same <(unsummed record) \
	    "{\"op\":\"trace\",\"stage\":\"later\",\"at\":\"$NOW\"}"
	[ "$(jq -c '._lineage[0]' out)" = "$(jq -c '._lineage[0]' once)" ]
}

@test "an event with a history but no id gets an id and an origin" {
	echo '{"a":1}' | ms-filter true >in
	status 0 ms-trace in >out
	holds out '._lineage | length == 2 and (.[1] | has("id") and
	    .from == {"source":"in","line":1})'
}

# --- log --------------------------------------------------------------

@test "log tells id, origin, stages, rules and times" {
	journey
	status 0 ms-trace log four >out
	id=$(head -n 1 four | jq -r '._lineage[0].id')
	for word in "$id" in 'status >= 500' hosts.csv price \
	    'cost = .bytes' filter enrich map 14:39:44; do
		grep -qF -- "$word" out
	done
	[ "$(grep -cF price out)" -eq 2 ]
}

@test "log reads files and standard input alike" {
	journey
	ms-trace log four >out1
	ms-trace log <four >out2
	cmp out1 out2
	[ -s out1 ]
}

@test "log of an event without a history says so, and is no error" {
	echo '{"a":1}' | status 0 ms-trace log >out 2>err
	[ ! -s err ]
}

@test "log has no colour where its output is no terminal" {
	journey
	ms-trace log four >out
	lacks -q "$(printf '\033')" out
}

@test "log has colour on a terminal, unless NO_COLOR is set" {
	command -v script >/dev/null || skip "script(1) is missing"
	journey
	TERM=xterm script -qec "ms-trace log four" /dev/null >out </dev/null
	grep -q "$(printf '\033\\[')" out
	NO_COLOR=1 TERM=xterm script -qec "ms-trace log four" /dev/null \
	    >out </dev/null
	lacks -q "$(printf '\033')" out
	grep -q price out
}

@test "no control character of the data reaches the terminal" {
	printf '{"a":"\\u001b[31mred\\u0007\\u009b\\u0000\\r","k\\u001b[2J":1}\n' \
	    >in
	evil=$(printf 'e\033[2J\007\r\302\233x\177')
	ms-trace in | ms-filter -n "$evil" "true # $evil" |
	    ms-map '.a = 1 | .["n\u001b"] = 2' >ev
	cp ev "$evil"
	ms-trace "$evil" | sed 's/"op":"map"/"op":"m\\u001bp"/' >>ev
	status 0 ms-trace log ev >out
	[ -s out ]
	lacks -qP '[\x00-\x08\x0b-\x1f\x7f]' out
	lacks -qP '\xc2[\x80-\x9f]' out
	command -v script >/dev/null || return 0
	TERM=xterm NO_COLOR=1 script -qec "ms-trace log ev" /dev/null \
	    >out </dev/null
	tr -d '\r' <out >seen
	lacks -qP '[\x00-\x08\x0b-\x1f\x7f]' seen
}

@test "control characters in messages don't reach the terminal" {
	evil=$(printf 'e\033[2Jvil')
	run ms-trace "$evil"
	[ "$status" -eq 3 ]
	lacks -q "$(printf '\033')" <<<"$output"
}

@test "log shows every event of a long stream" {
	awk 'BEGIN { for (i = 0; i < 5000; i++) print "{\"i\":" i "}" }' |
	    ms-trace >in
	ms-trace log in >out
	[ "$(grep -cE '[0-9a-f]{8}-[0-9a-f]{4}-7' out)" -eq 5000 ]
}

@test "log tells a bad line and goes on" {
	journey
	{ head -n 1 four; echo bad; tail -n 1 four; } >ev
	status 1 ms-trace log ev >out 2>err
	grep -q '^ms-trace: ev:2:1: ' err
	[ "$(grep -cF price out)" -eq 2 ]
}

# --- rewind -----------------------------------------------------------

@test "rewind gives the events as the first stage received them" {
	journey
	status 0 ms-trace rewind four >out
	cmp in out
	status 0 ms-trace rewind <four >out
	cmp in out
}

@test "rewind --before N gives what stage N received, history cut to match" {
	journey
	status 0 ms-trace rewind --before 4 four >out
	cmp s3 out
	status 0 ms-trace rewind --before 3 four >out
	cmp s2 out
	status 0 ms-trace rewind --before 2 four >out
	cmp s1 out
	status 0 ms-trace rewind --before 1 four >out
	cmp in out
}

@test "rewind --before NAME finds the stage by its name" {
	journey
	status 0 ms-trace rewind --before price four >out
	cmp s3 out
}

@test "what was rewound can go through the pipeline again" {
	journey
	ms-trace rewind --before price four |
	    ms-map -n price '.cost = .bytes * 0.01 | del(.user)' >again
	cmp four again
}

@test "rewind to a stage that isn't there is an error of that event" {
	journey
	status 1 ms-trace rewind --before nowhere four >out 2>err
	[ ! -s out ]
	grep -q '^ms-trace: four:1: .*nowhere' err
	status 1 ms-trace rewind --before 5 four >out 2>err
	[ ! -s out ]
	lines 2 err
}

@test "rewind --before 0 or less is told, and the exit is 2" {
	status 2 ms-trace rewind --before 0 </dev/null >out 2>err
	grep -q '^ms-trace: ' err
}

@test "a wrong option of a subcommand names that subcommand's help" {
	status 2 ms-trace log --nonsense </dev/null >out 2>err
	grep -q "^Try 'ms-trace log --help'" err
	status 2 ms-trace --nonsense </dev/null >out 2>err
	grep -q "^Try 'ms-trace --help'" err
}

@test "verify --on-error stop counts nothing behind the stop" {
	{ echo '{"a":1,"_lineage":[{"op":"trace","id":"x"}]}'
	    yes '{"a":1}' | head -n 50000; } >in
	status 1 ms-trace verify --on-error stop -j 1 in >one 2>err
	status 1 ms-trace verify --on-error stop -j 8 in >eight 2>err
	cmp one eight
}

@test "verify ends barriers where it writes no events" {
	printf '%s\n' '{"a":1}' '{"ms.barrier":"x","n":1}' >in
	status 0 ms-trace verify in >out
	lines 1 out
	status 0 ms-trace verify --pass in >out
	grep -q barrier out
}

@test "rewind --before X --after Y is told, and the exit is 2" {
	status 2 ms-trace rewind --before 2 --after 1 </dev/null >out 2>err
	grep -q 'exclude each other' err
}

@test "rewind over a truncated record is an error of that event" {
	printf '{"s":"%s","b":1}\n{"b":2}\n' "$(filler 20000)" >in
	ms-map --lineage-cap 16K '.b += 1 | del(.s)' in >short 2>/dev/null
	status 1 ms-trace rewind short >out 2>err
	same out '{"b":2}'
	grep -q '^ms-trace: short:1: .*truncated' err
	lines 1 err
}

@test "rewind back to a place behind a truncated record works" {
	printf '{"s":"%s","b":1}\n' "$(filler 20000)" >in
	ms-map --lineage-cap 16K 'del(.s)' in >s1 2>/dev/null
	ms-map -n two '.b += 1' s1 >s2
	status 0 ms-trace rewind --before two s2 >out
	cmp s1 out
}

@test "the origin is what made the event, wherever it got its id" {
	printf 'one\ntwo\n' >log.txt
	ms-map -R '{l: .}' log.txt | ms-trace | ms-map -n up '.n = 1' >named
	id=$(head -n 1 named | jq -r '._lineage[1].id')
	for sub in log 'log -p' 'log --oneline' blame diff; do
		# shellcheck disable=SC2086 # a subcommand and its option
		status 0 ms-trace $sub --id "$id" named >out
		grep -q 'from  *log.txt:1\(,\|$\)' out ||
		    grep -q "^$(cut -c -18 <<<"$id")  log.txt:1 " out
	done
	ms-trace log named | grep -q '^from  log.txt:2,'
	ms-trace blame --json named | jq -c '[.source, .line]' >out
	same out '["log.txt",1]' '["log.txt",2]'
	ms-trace blame named >out
	grep -q '^ 1 map .*"l": "one"' out
	status 0 ms-trace export -T prov named >out
	grep -q 'log.txt' out
	status 0 ms-trace export -T otlp named >out
	grep -q '"mutstream.from","value":{"stringValue":"log.txt"}' out
	status 0 ms-trace export -T openlineage named >out
	jq -c '[.inputs[].name]' out >names
	same names '["log.txt"]'
	status 0 ms-trace graph named >out
	status 0 ms-trace stats named >out
	status 0 ms-trace verify named >out
}

@test "diff and rewind start at an event that was made of plain text" {
	printf 'one\n' >log.txt
	ms-map -R '{l: .}' log.txt >made
	ms-trace made | ms-map -n up '.n = 1' >named
	status 0 ms-trace diff --patch named >out
	same out '[{"op":"add","path":"/n","value":1}]'
	status 0 ms-trace rewind named >out
	cmp made out
	status 0 ms-trace rewind --before first named >out
	cmp made out
	status 1 ms-trace rewind --before 1 named 2>err
	grep -q 'it made the event of plain text; --after 1 still' err
}

@test "rewind with an undo that doesn't apply is an error of that event" {
	cat >in <<'END'
{"a":1,"_lineage":[{"op":"map","undo":[{"op":"remove","path":"/b"}]}]}
{"a":1,"_lineage":[{"op":"map","undo":[{"op":"what","path":"/a"}]}]}
{"a":1,"_lineage":[{"op":"map","undo":[{"op":"remove","path":"a"}]}]}
{"a":1,"_lineage":[{"op":"map","undo":{"op":"remove"}}]}
{"a":1,"_lineage":[{"op":"map","undo":[7]}]}
{"a":1,"_lineage":[{"op":"map","undo":[{"op":"replace","path":"","value":1}]}]}
{"a":1,"_lineage":[{"op":"map","undo":[{"op":"remove","path":"/a"}]}]}
END
	status 1 ms-trace rewind in >out 2>err
	same out '{}'
	lines 6 err
}

@test "rewind of an event without a history leaves it as it is" {
	echo '{"a":1.0}' >in
	status 0 ms-trace rewind in >out
	cmp in out
}

@test "rewind writes no record of its own" {
	journey
	ms-trace rewind --before 3 four >out
	holds out '._lineage | length == 2'
}

@test "rewind takes no history and no barrier from an undo" {
	for value in '{"_lineage":[{}]}' '{"ms.barrier":"x","n":0}'; do
		printf '{"a":1,"_lineage":[{"op":"map","undo":[{"op":'
		printf '"replace","path":"","value":%s}]}]}\n' "$value"
	done >in
	status 1 ms-trace rewind in >out 2>err
	[ ! -s out ]
	grep -q ":1: an undo can't set the event's history" err
	grep -q ":2: an event can't begin with ms.barrier" err
}

# --- strip and replay -------------------------------------------------

@test "strip removes histories and nothing else" {
	printf '%s\n' '{"n":1.10, "s":"\u00e9"}' '{}' '{"a":[ ]}' >in
	ms-trace in | ms-filter true >out
	status 0 ms-trace strip out >bare
	cmp in bare
	status 0 ms-trace strip in >bare
	cmp in bare
}

@test "strip knows MS_LINEAGE_KEY" {
	echo '{"_lineage":[],"j":[]}' | MS_LINEAGE_KEY=j ms-trace strip >out
	same out '{"_lineage":[]}'
}

@test "replay gives events back with their history, as they were read" {
	printf '%s\n' '{"a":1.10, "b":"\u00e9"}' '{"a":{}}' >in
	ms-trace in >traced
	status 1 ms-map --rejects rej '.a.b = 1' <traced >out 2>err
	status 0 ms-trace replay rej >back
	head -n 1 traced | cmp - back
}

@test "replay has room for the deepest and the longest of lines" {
	{
		printf '{"a":'
		filler 999 | tr x '['
		filler 999 | tr x ']'
		printf '}\n'
		filler 50000 | tr x '\001'
		echo
	} >in
	status 1 ms-map --max-line 60000 --rejects rej error <in >out 2>err
	status 0 ms-trace replay --max-line 60000 rej >back
	cmp in back
	filler 13000000 | tr x '\001' >in
	echo >>in
	status 1 ms-map --truncate --rejects rej . <in >out 2>err
	status 0 ms-trace replay rej >back
	cmp in back
}

@test "replay tells a line that is no reject, and goes on" {
	echo bad >in
	ms-filter --rejects rej true <in 2>err || true
	{ echo '{"a":1}'; echo '{"base64":"?"}'; cat rej; } >mixed
	status 1 ms-trace replay mixed >out 2>err
	same out bad
	lines 2 err
}

@test "a rejected line can be mended and sent again" {
	printf '%s\n' '{"a":1}' '{"a":2' >in
	status 1 ms-map --lineage off --rejects rej '.b = .a' in >out 2>err
	ms-trace replay rej | sed 's/$/}/' |
	    status 0 ms-map --lineage off '.b = .a' >>out
	same out '{"a":1,"b":1}' '{"a":2,"b":2}'
}

@test "a word near a subcommand is refused; any other is taken for a file" {
	status 2 ms-trace lgo </dev/null >out 2>err
	grep -q "^ms-trace: 'lgo' is neither a file nor a .*'log' meant" err
	status 3 ms-trace zebra </dev/null >out 2>err
	grep -q '^ms-trace: zebra: No such file' err
}

@test "a file named like a subcommand can be read" {
	echo '{"a":1}' >log
	status 0 ms-trace ./log >out
	holds out '._lineage[0].from.source == "./log"'
}

@test "each subcommand has a --help that fits 80 by 24" {
	for sub in log show blame diff rewind verify stats strip replay; do
		status 0 ms-trace "$sub" --help >out
		head -n 1 out | grep -qF "usage: ms-trace $sub "
		[ "$(wc -l <out)" -le 24 ]
		[ "$(wc -L <out)" -le 80 ]
		grep -o -- '--[a-z][a-z-]*' out | sort -u >options
		while read -r option; do
			grep -Eq "Fl -${option#--}( |\$)" \
			    "$root/man/ms-trace.1" "$root/man/ms.7"
		done <options
	done
	ms-trace rewind --help | grep -q -- '--before'
}

@test "each subcommand tells a full disk and a missing file, with 3" {
	journey
	for sub in log show blame diff rewind stats strip verify; do
		echo "with $sub"
		status 3 ms-trace "$sub" four >/dev/full 2>err
		grep -q 'standard output: No space left' err
		status 3 ms-trace "$sub" -- missing >out 2>err
		same err 'ms-trace: missing: No such file or directory'
	done
}

@test "it works on all of a real web site's log" {
	data=$shared/data/access.ndjson
	[ -e "$data" ] || skip "no ../shared/data"
	status 0 ms-trace "$data" >out
	[ "$(wc -l <out)" -eq "$(wc -l <"$data")" ]
	status 0 ms-trace strip out >back
	cmp "$data" back
	status 0 ms-trace log out >seen
}

# --- log -p, --oneline, --id, --where ---------------------------------

@test "log -p shows each change with the value before and after" {
	echo '{"a":1.10,"b":"x","c":[1]}' |
	    ms-map '.a = 2 | del(.b) | .n = {"k":null} | .c += [3]' >in
	status 0 ms-trace log -p in >out
	grep -qxF '    ~ /a    1.10 -> 2' out
	grep -qxF '    - /b    "x"' out
	grep -qxF '    + /n    {"k":null}' out
	grep -qxF '    + /c/1  3' out
	grep -q '^ 1  map  *+2 ~1 -1  ' out
	lines 9 out
}

@test "log -p tells what replaced a whole event part by part" {
	echo '{"a":1,"b":{"c":[1,2],"d":"long enough to be kept"}}' >in
	echo '{"a":1,"_lineage":[{"op":"map","rule":".","at":"'"$NOW"'","undo":
	    [{"op":"replace","path":"","value":{"a":2,"z/~":[]}}]}]}' |
	    jq -c . >in
	ms-trace log -p in >out
	grep -qxF '    ~ /a      2 -> 1' out
	grep -qxF '    - /z~1~0  []' out
	for sub in log 'log -p' diff stats; do
		# shellcheck disable=SC2086 # a subcommand and its option
		ms-trace $sub in >>out
	done
	lacks -q everything out
	grep -q '  /a 1  /z~1~0 1$' out
}

@test "log -p before a record without undo shows what is still known" {
	echo '{"a":1}' | ms-map '.a = 2' | ms-map --lineage slim '.b = 1' |
	    ms-map '.a = 3' >in
	status 0 ms-trace log -p in >out
	grep -qxF '    ~ /a  2 -> 3' out
	grep -qxF '    ~ /a' out
}

@test "log -p marks the record whose undo doesn't apply" {
	printf '{"a":1,"_lineage":[{"op":"map","at":"%s"%s},%s]}\n' "$NOW" \
	    ',"undo":[{"op":"remove","path":"/no"}]' \
	    '{"op":"map","stage":"p","at":"'"$NOW"'","undo":[]}' >in
	status 0 ms-trace log -p in >out
	grep -A 1 '^ 1  map' out |
	    grep -qxF "      malformed: its undo doesn't apply"
	run ! sh -c "grep -A 1 '^ 2  p' out | grep -q malformed"
}

@test "log -p cuts values at a terminal's width" {
	command -v script >/dev/null || skip "script(1) is missing"
	printf '{"a":"%s"}\n' "$(filler 3000)" | ms-map '.a = "y" * 3000' >in
	NO_COLOR=1 script -qec "stty cols 60; ms-trace log -p in" /dev/null \
	    </dev/null | tr -d '\r' >out
	grep -q '^    ~ /a  "xxx*\.\.\.$' out
	grep -q '^      ->  "yyy*\.\.\.$' out
	[ "$(LC_ALL=C.UTF-8 wc -L <out)" -le 60 ]
}

@test "log --oneline gives an event a line" {
	journey
	status 0 ms-trace log --oneline four >out
	lines 2 out
	grep -q '^[0-9a-f-]\{18\}  in:1  *0 us  out  *enrich price$' out
	echo '{"a":1}' | ms-trace log --oneline >out
	grep -q '^-  *at -:1  *no history$' out
}

@test "log --id and --where pick events" {
	journey
	id=$(tail -n 1 four | jq -r '._lineage[0].id')
	status 0 ms-trace log --oneline --id "$id" four >out
	lines 1 out
	grep -q "^$(cut -c -18 <<<"$id")  " out
	status 0 ms-trace log --oneline --where '.status == 500' four >out
	lines 1 out
	grep -q '  in:1 ' out
	status 1 ms-trace log --id nobody four >out 2>err
	[ ! -s out ]
	grep -q '^ms-trace: no event has an id that starts with nobody' err
	status 2 ms-trace log --where '.a = ' four 2>err
	status 1 ms-trace log --where '.a.b' --oneline >out 2>err <<-'END'
		{"a":1}
	END
	grep -q '^ms-trace: standard input:1: --where: ' err
}

@test "all readers of histories pick events by --id and --where" {
	journey
	id=$(tail -n 1 four | jq -r '._lineage[0].id')
	status 0 ms-trace stats --json --where '.status == 500' four >out
	holds out '.events == 1'
	status 0 ms-trace stats --json --id "$id" four >out
	holds out '.events == 1'
	status 0 ms-trace verify --id "$id" four >out
	same out '1 sound'
	status 0 ms-trace export -T prov --id "$id" four >out
	lines 1 out
	status 0 ms-trace graph --where false four >out
	lacks -q label out
	status 0 ms-trace rewind --id "$id" four >out
	lines 1 out
	for sub in log blame diff rewind verify stats graph 'export -T prov'; do
		# shellcheck disable=SC2086 # a subcommand and its option
		status 1 ms-trace $sub --id nobody four >out 2>err
		grep -q '^ms-trace: no event has an id' err
	done
}

@test "a meter passes the events that it doesn't count" {
	journey
	status 0 ms-trace stats --every 1h --json --where '.status == 500' \
	    four >out 2>err
	cmp four out
	holds err '.events == 1'
}

@test "log marks a malformed record and shows the others" {
	echo '{"_lineage":[{"op":7},{"op":"filter","at":"'"$NOW"'"}]}' >in
	status 0 ms-trace log in >out
	grep -qxF '      malformed: its "op" is missing or no string' out
	grep -q "$NOW" out
	grep -q '^ 2  filter' out
}

# --- show -------------------------------------------------------------

@test "show is the same JSON on lines of its own, without the history" {
	printf '%s\n' '{"a":{"b":[1.10,{}],"c":[]},"d":"x\u00e9\n","d":1e400}' \
	    '{}' '{"s":"\u202e \u001b"}' | ms-map -n one . >in
	status 0 ms-trace show in >out
	ms-trace strip in | jq -c . >want
	jq -c . out | cmp - want
	sed -n 4p out | grep -q '      1.10,'
	lines 15 out
	sed -n 9,12p out >ends
	same ends '  "d": "x\u00e9\n",' '  "d": 1e400' '}' '{}'
	printf '{"s":"\xe2\x80\xae"}\n' | ms-trace show >out
	grep -qF '"\u202E"' out
	status 0 ms-trace show --color always in >out
	grep -q $'\e\[1m"a"\e\[0m: ' out
	status 0 env NO_COLOR=1 ms-trace show in >out
	lacks -q $'\e' out
}

@test "show takes paths, and says where there is nothing" {
	echo '{"a":{"b":1},"c":[2]}' >in
	run -0 ms-trace show .a in
	[ "$output" = $'{\n  "b": 1\n}' ]
	run -0 ms-trace show .c[0] .x in
	[ "$output" = $'/c/0\n2\n/x\n/x  is not there' ] ||
	    [ "$output" = $'.c[0]\n2\n.x\n.x  is not there' ]
	status 2 ms-trace show log -- in 2>err
}

# --- blame ------------------------------------------------------------

# by PATH: the record that blame gives to the value at a JSON Pointer
by() {
	ms-trace blame --json in | jq -r --arg p "$1" '.values[] |
	    select(.path == $p) | "\(.record)\(if .sure == false then "?"
	    else "" end)"'
}

@test "blame gives each value the record that last set it" {
	echo '{"a":1,"b":{"c":1,"d":[1,2]},"e":[],"f":{}}' | ms-trace |
	    ms-map '.b.c = 2' | ms-map '.b.d += [3] | .n = .a' |
	    ms-filter true | ms-map '.b.c = 3 | .e = [{}]' >in
	[ "$(by /a)" = 0 ]
	[ "$(by /b/c)" = 5 ]
	[ "$(by /b/d/0)" = 0 ]
	[ "$(by /b/d/2)" = 3 ]
	[ "$(by /n)" = 3 ]
	[ "$(by /e/0)" = 5 ]
	[ "$(by /f)" = 0 ]
}

@test "blame follows values through arrays that lose and gain elements" {
	echo '{"a":[0,1,2,3],"big":"something that need not be replaced"}' |
	    ms-map 'del(.a[0])' | ms-map '.a[1] = 9' |
	    ms-map '.a |= ["new"] + .' >in
	ms-trace blame --json .a in | jq -c '[.values[] | .value]' >out
	same out '["new",1,9,3]'
	[ "$(by /a/2)" = 2 ] || [ "$(by /a/2)" = 3 ]
	[ "$(by /big)" = 0 ]
}

@test "blame of what was emptied goes to who emptied it" {
	echo '{"a":[1],"b":{"c":1},"d":[]}' | ms-map 'del(.a[0], .b.c)' >in
	[ "$(by /a)" = 1 ]
	[ "$(by /b)" = 1 ]
	[ "$(by /d)" = 0 ]
}

@test "blame doesn't go to a replace of all for what stayed" {
	echo '{"a":1,"b":1,"_lineage":[{"op":"map","rule":".","at":"'"$NOW"'",
	    "undo":[{"op":"replace","path":"","value":{"a":1,"b":2}}]}]}' |
	    jq -c . >in
	[ "$(by /a)" = 0 ]
	[ "$(by /b)" = 1 ]
}

@test "blame names the table and the row of an enriched value" {
	echo '{"ip":"192.0.2.10"}' | ms-enrich -t "$examples/hosts.csv" -k .ip \
	    >in
	ms-trace blame --json .hosts.owner in >out
	holds out '.values | length == 1 and (.[0] | .value == "shop" and
	    .record == 1 and .op == "enrich" and .from.line == 2)'
	ms-trace blame .hosts.owner in >out
	grep -q '^ 1 enrich .*| "shop"$' out
	grep -q '^ 1 enrich .*hosts.csv:2$' out
	grep -q '^     made of  .ip = "192.0.2.10" (as read)$\|^     .hosts' out
}

@test "blame of a record without rule and row points at nothing" {
	echo '{"a":1}' | ms-trace | ms-map --lineage slim '.b = 1' >in
	status 0 ms-trace blame in >out
	grep -q '"a": 1,$' out
	[ "$(grep . out | tail -n 1)" = ' 2 map  14:39:44.123456' ]
}

@test "blame behind a lost undo is marked as not sure" {
	echo '{"a":1,"b":1}' | ms-map '.a = 2' |
	    ms-map --lineage slim '.b = 2' | ms-map '.c = 1' >in
	[ "$(by /a)" = '2?' ]
	[ "$(by /b)" = '2?' ]
	[ "$(by /c)" = 3 ]
	ms-trace blame .a in | grep -q '^ 2 map or before '
}

@test "blame with an undo that doesn't apply tells event and record" {
	journey
	{ sed 's#"/hosts"#"/nowhere"#' four | head -n 1; tail -n 1 four; } >in
	status 1 ms-trace blame in >out 2>err
	grep -q '^ms-trace: in:1: record 3 (enrich): .*nowhere' err
	grep -q '192.0.2.2' out
}

@test "a path or a stage may be named like a directory" {
	mkdir map
	echo '{"n":1}' | ms-map '.a = .n' >t
	status 0 ms-trace blame . t >out
	grep -q '"a": 1' out
	status 0 ms-trace why . t >out
	grep -q '^\. = {"n":1,"a":1} *map (1)' out
	status 0 ms-trace diff map last t
}

@test "blame takes paths as jq has them and JSON Pointers" {
	echo '{"a":{"x y":[1,{"/~":2}]}}' >in
	for path in '.a["x y"][1]["/~"]' '."a"."x y"[1]."/~"' \
	    '/a/x y/1/~1~0'; do
		ms-trace blame --json "$path" in >out
		holds out '.values | length == 1 and .[0].value == 2'
	done
	ms-trace blame --json . in | jq -c '[.values[].value]' >out
	same out '[1,2]'
	ms-trace blame .no in | grep -q '^.no  is not there'
	for path in '.a[' '.a[x]' './a/b' /~2; do
		status 2 ms-trace blame "$path" -- in 2>err
	done
}

@test "files and paths are told apart, or divided by --" {
	echo '{"a":1}' >.a
	cp .a in
	ms-trace blame --json "$PWD/in" ./in <.a | jq -c .source >out
	same out "\"$PWD/in\"" '"./in"'
	ms-trace blame --json .a in | jq -r .source >out
	same out .a in
	ms-trace blame --json .a -- in | jq -r .source >out
	same out in
	ms-trace blame --json -- .a | jq -r .source >out
	same out .a
}

# --- diff -------------------------------------------------------------

@test "diff shows what changed from first to last" {
	journey
	status 0 ms-trace diff four >out
	[ "$(grep -cxF ' 4 price   - /user   "-"' out)" -eq 1 ]
	[ "$(grep -cxF ' 4 price   + /cost   12.5' out)" -eq 1 ]
	[ "$(grep -cxF ' 3 enrich  + /hosts  null' out)" -eq 2 ]
	[ "$(grep -cxF '      as read -> after price (4 of 4)' out)" -eq 2 ]
}

@test "diff takes numbers, names, first and last" {
	journey
	ms-trace diff enrich price four >out1
	ms-trace diff 3 last four >out2
	cmp out1 out2
	grep -qxF '      after enrich (3 of 4) -> after price (4 of 4)' out1
	lacks -q hosts out1
	status 0 ms-trace diff first enrich four >out
	grep -q hosts out
	lacks -q cost out
	: >price
	ms-trace diff enrich price -- four >out2
	cmp out1 out2
	status 1 ms-trace diff nowhere four >out 2>err
	grep -q "four:1: the history has no stage 'nowhere'" err
}

@test "diff --patch turns one state into the other, both ways" {
	journey
	for pair in '0 4' '4 0' '2 3' '3 1' '4 4'; do
		# shellcheck disable=SC2086 # two words
		ms-trace diff --patch $pair four >patches
		lines 2 patches
		state "${pair% *}" >from
		state "${pair#* }" >to
		jq -c --slurpfile f from --slurpfile t to -n '
		    [inputs] | to_entries[] | {patch: .value,
		    from: $f[.key], to: $t[.key]}' patches >cases
		while read -r case; do
			jq -c .patch <<<"$case" >p
			jq -c '.from + {_lineage: [{op: "map", rule: ".",
			    undo: $p[0]}]}' --slurpfile p p <<<"$case" |
			    ms-trace rewind | jq -cS . >got
			jq -cS .to <<<"$case" | cmp - got
		done <cases
	done
}

# the events of the journey as record N left them
state() {
	if [ "$1" -eq 0 ]; then
		cat in
	else
		ms-trace rewind --after "$1" four | ms-trace strip
	fi
}

# --- rewind --after ---------------------------------------------------

@test "rewind --after gives what a stage left" {
	journey
	status 0 ms-trace rewind --after 3 four >out
	cmp s3 out
	status 0 ms-trace rewind --after filter four >out
	cmp s2 out
	status 0 ms-trace rewind --after last four >out
	cmp four out
	status 0 ms-trace rewind --before first four >out
	cmp in out
}

@test "rewind tells what can still be restored" {
	echo '{"a":1}' | ms-map '.a = 2' | ms-map --lineage slim '.a = 3' |
	    ms-map '.a = 4' >in
	status 1 ms-trace rewind in >out 2>err
	grep -q 'in:1: record 2 (map) .*slim.*--after 2 still can be had' err
	status 0 ms-trace rewind --after 2 in | ms-trace strip >out
	same out '{"a":3}'
}

@test "a slim record of another version or a fold can't be taken back" {
	printf '%s\n' \
	    '{"a":1,"_lineage":[{"op":"schema","from":{"schema":"o/2.json","hash":"00","was":"o/1.json"},"at":"'"$NOW"'"}]}' \
	    '{"a":2,"_lineage":[{"op":"fold","at":"'"$NOW"'"}]}' \
	    '{"a":3,"_lineage":[{"op":"schema","from":{"schema":"o.json","hash":"00"},"at":"'"$NOW"'"}]}' >in
	status 1 ms-trace rewind in >out 2>err
	grep -q 'in:1: record 1 (schema) .*slim' err
	grep -q 'in:2: record 1 (fold) .*slim' err
	same out '{"a":3}'
}

@test "rewind over a value destroyed on purpose gives null, and says so" {
	echo '{"a":1,"_lineage":[{"op":"map","rule":".","at":"'"$NOW"'","undo":[
	    {"op":"add","path":"/s","value":null,"forgotten":true}]}]}' |
	    jq -c . >in
	status 0 ms-trace rewind in >out 2>err
	same err 'ms-trace: .s was forgotten: null stands there (1 time)'
	same out '{"a":1,"s":null}'
}

@test "rewind over an undo destroyed on purpose is an error of that event" {
	echo '{"a":1,"_lineage":[{"op":"map","rule":".","at":"'"$NOW"'","forgotten":true}]}' >in
	status 1 ms-trace rewind in >out 2>err
	grep -q 'in:1: record 1 (map) .*destroyed on purpose' err
	[ ! -s out ]
}

# --- verify -----------------------------------------------------------

@test "verify finds a real journey sound, and says so" {
	journey
	status 0 ms-trace verify four >out 2>err
	same out '2 sound'
	[ ! -s err ]
	status 0 ms-trace verify --pass four >out 2>err
	cmp four out
	same err '2 sound'
}

# faulty RECORDS WHY: an event with these records is at fault for that.
faulty() {
	echo "with $1"
	printf '{"a":1,"_lineage":[%s]}\n{"a":1}\n' "$1" >in
	status 1 ms-trace verify in >out 2>err
	grep -q "^ms-trace: in:1: .*$2" err
	grep -q '^1 sound, 1 of them without a history, 1 ' out
}

@test "verify tells the record at fault" {
	at='"at":"2026-01-01T00:00:00.000000Z"'
	faulty '{}' 'record 1 (?): its "op"'
	faulty "{\"op\":\"x\",$at},{\"op\":7,$at}" 'record 2 (?): its "op"'
	faulty '{"op":"x"}' 'record 1 (x): its time is missing'
	faulty '{"op":"x","at":"yesterday"}' 'its "at" is no time'
	faulty "{\"op\":\"x\",\"stage\":1,$at}" 'its "stage"'
	faulty "{\"op\":\"x\",\"stage\":\"n\",\"rule\":[],$at}" \
	    'record 1 (x n): its "rule"'
	faulty "{\"op\":\"x\",\"id\":\"1\",$at}" 'its "id"'
	faulty "{\"op\":\"x\",\"from\":\"f\",$at}" 'its "from"'
	for fork in 1 '[1]' '[2,1]' '[0,1]' '[1,"1"]' '[1.5,2]'; do
		faulty "{\"op\":\"x\",\"fork\":$fork,$at}" 'its "fork"'
	done
	faulty "{\"op\":\"x\",\"kept\":true,$at}" 'its "kept"'
	faulty "{\"op\":\"x\",$at,\"truncated\":1}" 'its "truncated"'
	faulty "{\"op\":\"x\",$at,\"undo\":{}}" 'its "undo"'
	faulty "{\"op\":\"x\",$at,\"undo\":[],\"truncated\":true}" 'truncated'
	faulty "{\"op\":\"x\",\"op\":\"x\",$at}" 'occurs twice'
	faulty "{\"op\":\"x\",$at,\"undo\":[{\"op\":\"remove\",\"path\":\"/b\"}]}" \
	    'record 1 (x): operation 1 of its undo: path "/b" is not there'
	id='"id":"01a203b2-dffb-7000-8000-000000000001"'
	faulty "{\"op\":\"trace\",$id,$at},{\"op\":\"trace\",$id,$at}" \
	    'record 2 (trace): the event has an id already'
}

@test "verify tells times that go back" {
	echo '{"_lineage":[{"op":"x","at":"2026-01-01T00:00:00.000001Z"},' \
	    '{"op":"y","at":"2026-01-01T00:00:00.000000Z"}]}' >in
	status 1 ms-trace verify in >out 2>err
	grep -q 'record 2 (y): its time is before' err
	same out '0 sound, 1 with times out of order'
}

@test "verify takes an undo that is honestly missing for no fault" {
	printf '{"s":"%s"}\n' "$(filler 20000)" |
	    ms-map --lineage-cap 16K 'del(.s)' >in 2>err
	echo '{"a":1}' | ms-map --lineage slim '.a = 2' >>in
	status 0 ms-trace verify in >out
	same out '2 sound, 2 of them not to be taken back in full'
}

@test "verify holds events to a route" {
	journey
	status 0 ms-trace verify --route trace,filter,enrich,map:price four >out
	status 0 ms-trace verify --route trace --route trace,filter,enrich,map \
	    four >out
	for route in trace trace,filter,enrich,map:cost filter \
	    trace,filter,enrich,map,map; do
		status 1 ms-trace verify --route "$route" four >out 2>err
		grep -q 'four:1: .*route' err
		same out '0 sound, 2 off the route'
	done
	for route in '' ',' 'a,,b' a: :b 'a,'; do
		status 2 ms-trace verify --route "$route" four 2>err
	done
}

@test "verify sends what fails to --rejects, all of it" {
	journey
	for _ in $(seq 30); do echo '{"_lineage":[{}]}'; done >in
	cat four >>in
	status 1 ms-trace verify --rejects rej --pass in >out 2>err
	cmp four out
	lines 30 rej
}

# --- stats ------------------------------------------------------------

@test "stats counts events, changes and fields by stage, in their order" {
	journey
	status 0 ms-trace stats four >out
	lines 6 out
	awk 'NR > 1 { print $1 }' out | tr '\n' ' ' >order
	[ "$(cat order)" = 'trace filter enrich price OUT ' ]
	ms-trace stats --json four >out
	holds out '.events == 2 and (.stages | length == 4) and
	    (.stages[3] | .stage == "price" and .changed == 2 and
	    (.fields | map(.path) | sort) == ["/cost","/user"])'
	size=$(($(wc -c <four) - $(ms-trace strip four | wc -c)))
	holds out "(.stages | map(.bytes) | add) + 2 * 13 == $size"
}

@test "stats tells median, 99th percentile and maximum" {
	awk 'BEGIN { for (i = 1; i <= 1000; i++) printf \
	    "{\"_lineage\":[{\"op\":\"a\",\"at\":\"2026-01-01T00:00:00.000000Z\"}," \
	    "{\"op\":\"b\",\"at\":\"2026-01-01T00:00:00.%06dZ\"}]}\n", i * 100 }' \
	    >in
	ms-trace stats --json in >out
	holds out '.stages[1].micros | .count == 1000 and .max == 100000 and
	    (.median - 50000 | fabs) < 1000 and (.p99 - 99000 | fabs) < 2000 and
	    .disorder == 0'
}

@test "stats bounds what it keeps of fields and stages" {
	awk 'BEGIN { for (i = 0; i < 2000; i++) printf "{\"_lineage\":[" \
	    "{\"op\":\"map\",\"at\":\"2026-01-01T00:00:00.000000Z\",\"undo\":" \
	    "[{\"op\":\"remove\",\"path\":\"/k%d\"},{\"op\":\"remove\"," \
	    "\"path\":\"/a/%d/b\"}]},{\"op\":\"map\",\"rule\":\"%d\"," \
	    "\"at\":\"2026-01-01T00:00:00.000000Z\"}]}\n", i, i, i }' >in
	status 0 ms-trace stats --json in >out
	holds out '.stages | length == 256'
	holds out '.others == 2000 - 255'
	holds out '.stages[0].fields | length == 64 and
	    (.[0] | .path == "/a/[]/b" and .count == 2000)'
	ms-trace stats in >out
	grep -q '1,745 records of further stages' out
}

@test "stats counts what is malformed, and passes nothing over" {
	printf '%s\n' '{"a":1}' '{"_lineage":[{},{"op":1,"undo":[7,{}]}]}' >in
	status 0 ms-trace stats --json in >out
	holds out '.events == 2 and .without == 1 and .malformed == 2'
	# more events went out than came to any stage
	status 0 within 60 ms-trace stats in >out
	grep -qE '^OUT +2 +#+$' out
}

@test "stats --every passes the events and shows the table beside them" {
	journey
	status 0 ms-trace stats --every 1h four >out 2>err
	cmp four out
	grep -q '^price  *map  *2  #*  *-  *2 ' err
	three() {
		[ "$(grep -c '^STAGE' err)" -ge 3 ]
	}
	: >err
	{ cat four; eventually three; } |
	    ms-trace stats --every 20ms >out 2>>err
	cmp four out
	three
	for every in 0 -1 1x '' s nan; do
		status 2 ms-trace stats --every "$every" four 2>err
	done
}

@test "stats --every shows events before the stream ends" {
	mkfifo pipe
	ms-trace stats --every 1h <pipe >out 2>err &
	pid=$!
	exec 9>pipe
	echo '{"a":1}' >&9
	eventually test -s out
	same out '{"a":1}'
	exec 9>&-
	wait "$pid"
}

# --- traceparent ------------------------------------------------------

@test "--traceparent takes the event's trace context into its origin" {
	tp=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
	echo "{\"h\":{\"tp\":\"$tp\"}}" >in
	status 0 ms-trace --traceparent .h.tp in >out
	jq -c '._lineage[0].from' out >from
	same from "{\"source\":\"in\",\"line\":1,\"traceparent\":\"$tp\"}"
	status 0 ms-trace --traceparent /h/tp in | cmp - out
	status 2 ms-trace --traceparent 'h.tp' in 2>err
}

@test "what is no trace context is passed over and stays in the event" {
	z16=0000000000000000
	ok=0af7651916cd43dd8448eb211c80319c
	for tp in '"x"' 7 null '{}' "\"00-$z16$z16-b7ad6b7169203331-01\"" \
	    "\"00-$ok-$z16-01\"" "\"ff-$ok-b7ad6b7169203331-01\"" \
	    "\"00-$ok-b7ad6b7169203331-01-x\"" \
	    "\"00-${ok^^}-b7ad6b7169203331-01\""; do
		echo "{\"tp\":$tp}"
	done >in
	status 0 ms-trace --traceparent .tp in >out
	holds out '._lineage[0].from | has("traceparent") | not'
	ms-trace strip out | cmp in -
	echo "{\"tp\":\"cc-$ok-b7ad6b7169203331-01-what\"}" >in
	ms-trace --traceparent .tp in >out
	holds out '._lineage[0].from.traceparent == .tp'
}

# --- what all readers have in common ----------------------------------

@test "no reader lets control or bidi characters of the data through" {
	printf '{"a\\u202e":"\\u001b[2J\\u2066x","b":"\342\200\256\177"}\n' >in
	evil=$(printf 'e\033[2J\342\200\256')
	ms-trace in | ms-map -n "$evil" "# $evil
	    .[\"n\\u001b\"] = .b | del(.b)" >ev
	for sub in log 'log -p' 'log --oneline' blame diff stats verify; do
		# shellcheck disable=SC2086 # options
		status 0 ms-trace $sub ev >out
		lacks -qP '[\x00-\x08\x0b-\x1f\x7f]' out
		lacks -qP '\xe2\x80\xae|\xe2\x81\xa6' out
	done
}

@test "readers keep colours for terminals, or for --color=always" {
	journey
	for sub in log blame diff stats; do
		ms-trace "$sub" four >out
		lacks -q "$(printf '\033')" out
		ms-trace "$sub" --color=always four >out
		grep -q "$(printf '\033')\[" out
		status 2 ms-trace "$sub" --color=pink four 2>err
	done
}

@test "a huge history is read by all" {
	awk -v at="$NOW" 'BEGIN { printf "{\"a\":1,\"_lineage\":["
	    for (i = 0; i < 20000; i++) printf "%s{\"op\":\"map\",\"rule\":" \
		"\".a += 1\",\"at\":\"%s\",\"undo\":[{\"op\":\"replace\"," \
		"\"path\":\"/a\",\"value\":%d}]}", i ? "," : "", at, i
	    print "]}" }' >in
	for sub in log 'log -p' 'log --oneline' 'blame .a' diff stats verify \
	    rewind; do
		# shellcheck disable=SC2086 # options
		status 0 within 20 ms-trace $sub in >out
		[ -s out ]
	done
	same out '{"a":0}'
}

@test "readers take an event that has no member at all" {
	echo '{}' | ms-map '.' >in
	for sub in log 'log -p' 'log --oneline' blame 'blame --json' diff \
	    stats verify rewind; do
		# shellcheck disable=SC2086 # options
		status 0 ms-trace $sub in >out
	done
}

@test "--tick writes lines of time in a live stream, which count at a barrier" {
	mkfifo in
	MS_NOW=2026-11-25T18:00:00Z ms-trace --tick 5ms <in >out &
	exec 5>in
	eventually grep -q ms.time out
	# half a line is no place for one
	printf '{"a":' >&5
	n=$(wc -l <out)
	eventually reaches $((n + 1)) out
	printf '1}\n{"ms.barrier":"b","n":1}\n' >&5
	eventually grep -q ms.barrier out
	exec 5>&-
	wait $!
	jq -c 'select(has("ms.time"))' out | sort -u >ticks
	same ticks '{"ms.time":"2026-11-25T18:00:00Z"}'
	n=$(grep -n ms.barrier out | cut -d : -f 1)
	[ "$(grep ms.barrier out)" = "{\"ms.barrier\":\"b\",\"n\":$((n - 1))}" ]
	[ "$(grep -c '"a":1' out)" -eq 1 ]
}

@test "--tick closes windows of a stream in which no event comes" {
	mkfifo in
	# here the time goes on: a window of now ends
	env -u MS_NOW sh -c \
	    'ms-trace --tick 5ms | ms-fold --window 10ms ".n += 1"' \
	    <in >out &
	exec 5>in
	echo '{"a":1}' >&5
	eventually grep -q '"n":1' out
	exec 5>&-
	wait $!
	status 2 ms-trace --tick 0 </dev/null 2>err
	grep -q -e "--tick: '0' is no time as 1s" err
}

@test "--help of what reads histories names no option that does nothing there" {
	ms-trace keygen --help >out
	[ "$(grep -o -e ' --[a-z-]*' out | tr -d '\n ')" = --sign--help--version ]
	run -2 ms-trace keygen --stats k
	ms-trace verify --help >out
	lacks -e --lineage -e --no-output -e --trail -e --append -e --key-file out
	grep -q -e '--policy FILE' out && grep -q -e '--seal-key FILE' out && grep -q -e '--threads' out
	ms-trace log --help >out
	lacks -e --lineage -e --policy -e --seal-key out
	ms-trace forget --help >out
	grep -q -e '--policy FILE' out && grep -q -e '--key-file FILE' out
	ms-map --help >out
	grep -q -e '--lineage' out
}
